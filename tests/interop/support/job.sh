#!/bin/sh
# A job of a build: sh job.sh FOLDER MEETING [COMMAND...] waits until MEETING jobs run at the same time, unless so many have
# met before, and runs the command. In FOLDER/seen it leaves a line with the number of jobs that it met.
set -eu
folder=$1
meeting=$2
shift 2

jobs_running() {
  set -- "$folder"/running/*
  running=$#
}

mkdir "$folder/running/$$"
jobs_running
until [ -e "$folder/met" ] || [ "$running" -ge "$meeting" ]; do
  [ -d "$folder/running" ] || exit 1 # the test has been given up
  sleep 0.01
  jobs_running
done
echo "$running" >>"$folder/seen" # before anybody may leave
: >"$folder/met"
status=0
"$@" || status=$?
rmdir "$folder/running/$$"
exit "$status"
