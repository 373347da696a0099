#!/bin/sh
# One run of the model checker, for run.sh: one.sh PROGRAM FOLDER OPTIONS KIND NAME
set -eu

program=$1
folder=$2
options=$3
kind=$4
name=$5
log=$folder/$kind.$name.log
# shellcheck disable=SC2086
if "$program" $options --ledger "$folder/$kind.$name.ledger" --survivors tests/model/survivors.md "$kind" "$name" >"$log" 2>&1
then
  tail -n 1 "$log"
else
  echo "FAILED $kind $name (ended with $?): $log"
  exit 1
fi
