#!/bin/sh
# The worker loop on the raw objects finds every task once: the program compares with the known answers.
# shellcheck source-path=SCRIPTDIR source=common.inc disable=SC1091,SC2154
. "$(dirname "$0")/common.inc"

find_task=$LIBSCHED_EXAMPLES/find_task
for queens in 4 5 6 8 9 10 11 12; do
  for workers in 1 2 16; do
    run 0 "$find_task" "$queens" "$workers"
    expect_equal "find_task $queens $workers" correct "$(tail -n 1 "$out")"
  done
done
run 0 "$find_task" 12 4
grep '^12 queens: 14200 solutions, with 4 workers$' "$out" >/dev/null || fail "it printed: $(cat "$out")"
run 0 "$find_task"
for wrong in "3" "17" "x" "8 0" "8 1025"; do
  # shellcheck disable=SC2086 # one or two numbers
  run 2 "$find_task" $wrong
  expect_message "usage: find_task"
done
