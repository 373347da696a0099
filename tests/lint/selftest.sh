#!/bin/sh
# Shows that each check of lint.sh can fail: samples/<check>/good must pass and every samples/<check>/bad-* must not.
# Usage: selftest.sh WORK_DIR
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=$1
rm -rf "$work"
mkdir -p "$work"
cp -R "$here/samples/." "$work"
# These are made here, for even as samples such files would break the rule in the repository itself.
mkdir -p "$work/names/good/core" "$work/names/bad-name/core/sys"
: >"$work/names/good/core/sched_base.h"
: >"$work/names/bad-name/core/sys/sched.h"

status=0
for check in orders fences layers system atomics names paths; do
  for sample in "$work/$check/good" "$work/$check"/bad-*; do
    case $sample in
      */good) expected=0 ;;
      *) expected=1 ;;
    esac
    code=0
    output=$(sh "$here/lint.sh" "$check" "$sample" 2>&1) || code=$?
    if [ "$code" -eq "$expected" ]; then
      echo "ok: $check/$(basename "$sample")"
    else
      echo "FAIL: lint.sh $check ended with $code, not $expected, on $sample:"
      echo "$output"
      status=1
    fi
  done
done
exit $status
