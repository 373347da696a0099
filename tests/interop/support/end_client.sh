#!/bin/sh
# sh end_client.sh SIGNAL JOBS [waiting]: ends a client that holds tokens for so many jobs, or, of a pool of three tokens,
# waits for the last of them, which another client has.
set -eu
signal=$1
jobs=$2
: "${jobtokens:?}"

# hold NAME JOBS: the client's process is $!
hold() {
  : >"$1.log"
  env --default-signal=INT "$jobtokens" --take "$2" --hold 1000000 2>"$1.log" &
}
has_taken() {
  until grep -q '^jobtokens: took ' "$1.log"; do sleep 0.005; done
}
# threads PROCESS: it has more than one.
threads() {
  set -- "/proc/$1/task"/*
  [ $# -gt 1 ]
}
# A client's own threads sleep until there is a token.
sleeps() {
  for task in "/proc/$1/task"/*; do
    grep -q '^State:.S' "$task/status" || return 1
  done
}

if [ "${3:-}" = waiting ]; then
  hold other 2
  other=$!
  has_taken other
  jobs=$((jobs + 1))
fi
hold ended "$jobs"
ended=$!
if [ "${3:-}" = waiting ]; then
  until threads $ended && sleeps $ended; do sleep 0.01; done
else
  has_taken ended
fi
kill "-$signal" $ended
wait $ended || true
if [ "${3:-}" = waiting ]; then
  kill -TERM "$other"
  wait "$other" || true
fi
