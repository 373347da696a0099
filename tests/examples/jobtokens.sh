#!/bin/sh
# jobtokens without any make: what it finds in its environment, what it takes and serves, its exit status, wrong usage.
# What make, gcc and cargo do with it is tested in tests/interop.
# shellcheck source-path=SCRIPTDIR source=common.inc disable=SC1091,SC2154,SC2016
. "$(dirname "$0")/common.inc"

jobtokens=$LIBSCHED_EXAMPLES/jobtokens
unset MAKEFLAGS MFLAGS CARGO_MAKEFLAGS
mkdir private
export TMPDIR="$work/private"

# expect_row NAME TEXT
expect_row() {
  expect_equal "row $1" "$2" "$(sed -n "s/^$1  *//p" "$out")"
}

run 0 "$jobtokens"
expect_row variable -
expect_row kind none
expect_row status LIBSCHED_E_EMPTY
expect_row message "no jobserver is named"
run 0 env MAKEFLAGS="n -j7 --jobserver-auth=fifo:$work/missing -- X=1" "$jobtokens"
expect_row variable MAKEFLAGS
expect_row word "--jobserver-auth=fifo:$work/missing"
expect_row kind fifo
expect_row message "$work/missing cannot be opened: No such file or directory"
expect_row jobs 7
expect_row "dry run" yes
run 0 env MAKEFLAGS=" -j3 --jobserver-auth=-2,-2" "$jobtokens"
expect_row kind disabled
run 0 env CARGO_MAKEFLAGS="--jobserver-auth=3$(printf '\033')" "$jobtokens"
expect_row variable CARGO_MAKEFLAGS
expect_row word "--jobserver-auth=3\\033"
expect_row kind unsupported
run 0 env MAKEFLAGS="--jobserver-fds=3," "$jobtokens"
expect_row kind malformed

# Without a jobserver there is the one job that each process may run.
run 0 "$jobtokens" --take 3 --hold 1
expect_message "jobtokens: 1 in place of 3 jobs: no jobserver is named"
expect_message "jobtokens: took 1"
expect_message "jobtokens: gave 1 back"

# Below a server: as many jobs as there are slots, one after the other and in two processes at a time.
for style in pipe fifo both broker; do
  run 0 "$jobtokens" --serve 5 --style $style -- sh -c '
    "$1" --take 5 && "$1" --take 9 && { "$1" --take 3 & "$1" --take 3; wait $!; }' sh "$jobtokens"
  expect_message "jobtokens: 5 in place of 9 jobs: the jobserver has no more slots"
  expect_equal "clients, $style" "1 3 3 5 5" "$(
    { echo "jobtokens: gave 1 back"; cat "$err"; } | sed -n 's/^jobtokens: gave \(.*\) back$/\1/p' | sort -n | xargs)"
  expect_message "jobtokens: 5 slots: 4 of 4 tokens are back, 0 missing, 0 extra"
  run 0 "$jobtokens" --serve 2 --style $style -- "$jobtokens"
  expect_row status used
  expect_row jobs 2
done

# The report names tokens that are missing, and those that were never taken.
run 0 "$jobtokens" --serve 4 --style both -- sh -c '
  fds=${MAKEFLAGS##*=}; eval "dd bs=1 count=2 of=taken <&${fds%,*}"' 2>/dev/null
expect_message "jobtokens: 4 slots: 1 of 3 tokens are back, 2 missing, 0 extra"
run 0 "$jobtokens" --serve 4 -- sh -c 'fds=${MAKEFLAGS##*=}; eval "printf ++ >&${fds#*,}"'
expect_message "jobtokens: 4 slots: 5 of 3 tokens are back, 0 missing, 2 extra"

# The exit status is the command's, which gets its arguments, its input, and signals as they were.
for wanted in 0 1 77 255; do run $wanted "$jobtokens" --serve 1 -- sh -c "exit $wanted"; done
run 137 "$jobtokens" --serve 1 -- sh -c 'kill -KILL $$'
run 127 "$jobtokens" --serve 1 -- ./no-such-command
expect_message "jobtokens: cannot run ./no-such-command: it was not found"
run 126 "$jobtokens" --serve 1 -- /
expect_message "jobtokens: cannot run /: it cannot be executed"
run 0 "$jobtokens" --serve 1 printf '%s|' "a b" "" --take
expect_equal "arguments" "a b||--take|" "$(cat "$out")"
expect_equal "input" text "$(echo text | "$jobtokens" --serve 1 -- cat 2>/dev/null)"
run 0 env --ignore-signal=INT "$jobtokens" --serve 1 -- sh -c 'kill -INT $$'
run 130 env --default-signal=INT "$jobtokens" --serve 1 -- sh -c 'kill -INT $$'

# A signal to the server is the command's, and no file is left.
for style in pipe fifo both broker; do
  for signal in TERM HUP INT; do
    env --default-signal=INT "$jobtokens" --serve 2 --style $style -- \
      sh -c 'trap "exit 5" TERM HUP INT; : >ready; while :; do sleep 0.01; done' 2>"$err" &
    until [ -e ready ]; do sleep 0.005; done
    rm ready
    kill -$signal $!
    status=0
    wait $! || status=$?
    [ "$status" -gt 128 ] || fail "the server has ended with status $status"
    expect_message "jobtokens: 2 slots: 1 of 1 tokens are back, 0 missing, 0 extra"
    expect_equal "files that are left" "" "$(ls private)"
  done
done

# Wrong usage: no command is run, and the message names the value and what would be right.
wrong() {
  message=$1
  shift
  run 2 "$jobtokens" "$@"
  expect_message "$message"
  expect_equal "output of wrong usage" "" "$(cat "$out")"
}
wrong "jobtokens: --take '0' is not a number from 1 to 65536" --take 0
wrong "jobtokens: --hold '-1' is not a number from 0 to 86400000" --take 1 --hold -1
wrong "jobtokens: --serve '4x' is not a number from 1 to 65536" --serve 4x -- echo run
wrong "jobtokens: --style 'pipes' is not pipe, fifo, both or broker" --serve 4 --style pipes -- echo run
wrong "jobtokens: --serve needs a command to serve" --serve 4
wrong "jobtokens: a command is only run with --serve N" echo run
wrong "jobtokens: --style goes with --serve" --style pipe
wrong "jobtokens: --hold goes with --take" --hold 1
wrong "jobtokens: --hold does not go with --serve" --take 1 --hold 1 --serve 2 -- echo run
wrong "Try: jobtokens --help" --unknown

run 0 "$jobtokens" --help
for option in --take --hold --serve --style --help; do
  grep -e "^  $option " "$out" >/dev/null || fail "--help does not explain $option"
done
if [ -c /dev/full ]; then
  status=0
  "$jobtokens" >/dev/full 2>"$err" || status=$?
  expect_equal "status with a full disk" 1 "$status"
fi
