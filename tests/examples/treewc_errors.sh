#!/bin/sh
# What cannot be read is named on stderr and makes the exit status 1; wrong usage makes it 2. The rest is
# counted all the same.
# shellcheck source-path=SCRIPTDIR source=common.inc disable=SC1091,SC2154
. "$(dirname "$0")/common.inc"

mkdir tree
printf 'a b c\n' >tree/file

run 1 "$treewc" tree missing missing/too
expect_equal "with missing directories" "1 3 6 total" "$(cat "$out")"
expect_message "treewc: cannot read 'missing': No such file or directory"
expect_message "treewc: cannot read 'missing/too': No such file or directory"
expect_message "treewc: failures: 2; the totals are not complete"

run 1 "$treewc" "$(printf 'new\nline')"
expect_message "treewc: cannot read 'new\\012line': No such file or directory"

# A regular file that opens but does not read, for root too.
if [ -f /proc/self/mem ]; then
  run 1 "$treewc" tree /proc/self/mem
  expect_equal "with a file that gives errors" "1 3 6 total" "$(cat "$out")"
  expect_message "treewc: cannot read '/proc/self/mem': Input/output error"
fi

# A path longer than the system takes, in a tree deeper than that.
name=$(printf '%0200d' 0)
mkdir deep
printf 'x\n' >deep/file
i=0
while [ "$i" -lt 25 ]; do
  mkdir above
  mv deep "above/$name"
  printf 'x\n' >above/file
  mv above deep
  i=$((i + 1))
done
run 1 "$treewc" deep
expect_message "File name too long"
# "deep", one slash and 200 digits for each level below it, and "/file": less than 4096 bytes for 20 of them.
expect_equal "levels that can be reached" "21 21 42 total" "$(cat "$out")"

# Files and directories without permission. As root: in the name of nobody.
mkdir locked
printf 'secret\n' >locked/file
printf 'secret\n' >tree/locked-file
chmod 000 locked tree/locked-file
if [ "$(id -u)" -ne 0 ]; then
  as_nobody=
elif command -v setpriv >/dev/null; then
  as_nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"
fi
mkdir bin
cp "$treewc" bin/treewc
cp "$LIBSCHED_SO" bin/libsched.so.0
chmod 755 "$work" bin bin/*
if [ "${as_nobody-none}" != none ] && $as_nobody test -x "$work/bin/treewc"; then
  # shellcheck disable=SC2086 # a command and its options
  run 1 $as_nobody env LD_LIBRARY_PATH="$work/bin" "$work/bin/treewc" "$work/tree" "$work/locked"
  expect_equal "with locked files" "1 3 6 total" "$(cat "$out")"
  expect_message "treewc: cannot read '$work/tree/locked-file': Permission denied"
  expect_message "treewc: cannot read '$work/locked': Permission denied"
else
  echo "not tested: no way to be a user without permission"
fi
chmod 700 locked
rm -f tree/locked-file

# Wrong usage: nothing is counted, and the message names the value and what would be right.
wrong() {
  message=$1
  shift
  run 2 "$treewc" "$@" tree
  expect_message "$message"
  expect_equal "output of wrong usage" "" "$(cat "$out")"
}
wrong "treewc: --workers '0' is not a number from 1 to 1024" --workers 0
wrong "treewc: --workers '1025' is not a number from 1 to 1024" --workers 1025
wrong "treewc: --workers '-1' is not a number from 1 to 1024" --workers -1
wrong "treewc: --workers '2x' is not a number from 1 to 1024" --workers=2x
wrong "treewc: --workers '' is not a number from 1 to 1024" --workers ''
wrong "treewc: --top '10001' is not a number from 0 to 10000" --top 10001
wrong "treewc: --top '99999999999999999999999' is not a number from 0 to 10000" --top 99999999999999999999999
wrong "treewc: --split '0' is not a number from 1 to 1099511627776" --split 0
wrong "Try: treewc --help" --unknown
wrong "Try: treewc --help" -x
run 2 "$treewc" tree --top
expect_message "Try: treewc --help"

run 0 "$treewc" --help
grep '^usage: treewc ' "$out" >/dev/null || fail "--help printed: $(cat "$out")"
for option in --workers --top --split --help; do
  grep -e "^  $option " "$out" >/dev/null || fail "--help does not explain $option"
done

# Totals that cannot be written are no success.
if [ -c /dev/full ]; then
  status=0
  "$treewc" tree >/dev/full 2>"$err" || status=$?
  expect_equal "exit status with a full disk" 1 "$status"
  expect_message "treewc: cannot write the totals: No space left on device"
fi

# Many workers and few files: the soft limit is raised, and the hard one is told before work begins.
if command -v prlimit >/dev/null; then
  run 0 prlimit --nofile=40:4096 "$treewc" --workers 100 tree /usr/include
  expect_equal "with few files" "$(wc_totals tree /usr/include)" "$(cat "$out")"
  run 2 prlimit --nofile=100:100 "$treewc" --workers 100 tree
  expect_message "treewc: --workers 100 is too much: they may need 216 open files"
  expect_message "the limit here is 100 (ulimit -Hn)"
fi

# On a terminal there is a progress line, and it is gone at the end; elsewhere there is none.
run 0 "$treewc" tree
expect_equal "stderr that is no terminal" "" "$(cat "$err")"
if command -v script >/dev/null; then
  printf '\r\033[K' >expected
  script -q -e -c "'$treewc' tree >stdout" /dev/null >terminal </dev/null
  expect_equal "stdout beside a terminal" "1 3 6 total" "$(cat stdout)"
  tail -c 4 terminal | cmp - expected || fail "the progress line is not removed at the end"
fi
