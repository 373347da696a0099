#!/bin/sh
# quicksort sorts every kind of input as qsort does: the program compares.
# shellcheck source-path=SCRIPTDIR source=common.inc disable=SC1091,SC2154
. "$(dirname "$0")/common.inc"

quicksort=$LIBSCHED_EXAMPLES/quicksort
for count in 1 2 3 16 17 1000 4097 300000; do
  for workers in 1 2 7; do
    run 0 "$quicksort" "$count" "$workers"
    expect_equal "quicksort $count $workers" 5 "$(grep -c ': equal$' "$out")"
  done
done
run 0 "$quicksort"
expect_equal "quicksort" 5 "$(grep -c ': equal$' "$out")"
for wrong in "0" "x" "5 0" "5 1025" "1000000001" "1 2 3"; do
  # shellcheck disable=SC2086 # one or more numbers
  run 2 "$quicksort" $wrong
  expect_message "usage: quicksort"
done
