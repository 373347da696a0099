#!/bin/sh
# What crawl cannot read is named on stderr, counted as failed and makes the exit status 1; wrong usage makes it 2. The rest
# is read all the same.
# shellcheck source-path=SCRIPTDIR source=common.inc disable=SC1091,SC2154
. "$(dirname "$0")/common.inc"

crawl=$LIBSCHED_EXAMPLES/crawl
mkdir tree
printf 'a b c\n' >tree/file

# Trees that are not there, or are none.
run 1 "$crawl" missing tree "$(printf 'new\nline')" tree/file
expect_equal "the tree" "1 1 0 0 1 6" "$(crawl_counts tree)"
expect_equal "a missing tree" "0 0 0 0 0 0" "$(crawl_counts missing)"
expect_message "crawl: cannot read 'missing': No such file or directory"
expect_message "crawl: cannot read 'new\\012line': No such file or directory"
expect_message "crawl: cannot read 'tree/file': Not a directory"
expect_message "crawl: failures: 3; the totals are not complete"

# A path longer than the system takes: a name of 200 bytes in 21 directories of such names, and one file above each.
name=$(printf '%0200d' 0)
mkdir deep
printf 'x\n' >deep/file
i=0
while [ "$i" -lt 21 ]; do
  mkdir above
  mv deep "above/$name"
  printf 'x\n' >above/file
  mv above deep
  i=$((i + 1))
done
run 1 "$crawl" deep
expect_message "File name too long"
expect_equal "what can be reached" "21 21 0 0 21 42" "$(crawl_counts deep)"

# Files and directories without permission. As root: in the name of nobody.
mkdir locked bin
printf 'secret\n' >locked/file
printf 'secret\n' >tree/locked-file
chmod 000 locked tree/locked-file
if [ "$(id -u)" -ne 0 ]; then
  as_nobody=
elif command -v setpriv >/dev/null; then
  as_nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"
fi
cp "$crawl" bin/crawl
cp "$LIBSCHED_SO" bin/libsched.so.0
chmod 755 "$work" bin bin/*
if [ "${as_nobody-none}" != none ] && $as_nobody test -x "$work/bin/crawl"; then
  # shellcheck disable=SC2086 # a command and its options
  run 1 $as_nobody env LD_LIBRARY_PATH="$work/bin" "$work/bin/crawl" "$work/tree" "$work/locked"
  expect_equal "with a locked file" "2 1 1 0 1 6" "$(crawl_counts "$work/tree")"
  expect_equal "a locked directory" "0 0 0 0 0 0" "$(crawl_counts "$work/locked")"
  expect_message "crawl: cannot read '$work/tree/locked-file': Permission denied"
  expect_message "crawl: cannot read '$work/locked': Permission denied"
else
  echo "not tested: no way to be a user without permission"
fi
chmod 700 locked
rm -f tree/locked-file

# Wrong usage: nothing is read, and the message names the value and what would be right.
wrong() {
  message=$1
  shift
  run 2 "$crawl" "$@" tree
  expect_message "$message"
  expect_equal "output of wrong usage" "" "$(cat "$out")"
}
wrong "crawl: --workers '0' is not a number from 1 to 1024" --workers 0
wrong "crawl: --workers '2x' is not a number from 1 to 1024" --workers=2x
wrong "crawl: --bound '0' is not a number from 1 to 1000000" --bound 0
wrong "crawl: --bound '-1' is not a number from 1 to 1000000" --bound -1
wrong "crawl: --limit '' is not a number from 1 to 1000000" --limit ''
wrong "crawl: --limit '99999999999999999999999' is not a number from 1 to 1000000" --limit 99999999999999999999999
wrong "crawl: --cancel 'three' is none of the directories" --cancel three
wrong "crawl: --cancel 'tree/' is none of the directories" --cancel tree/
wrong "crawl: AFTER of --cancel '0' is not a number from 1" --cancel tree:0
wrong "crawl: AFTER of --cancel '' is not a number from 1" --cancel tree:
wrong "crawl: AFTER of --cancel '5x' is not a number from 1" --cancel tree:5x
wrong "crawl: --cancel 'tree:2' is one too many" --cancel tree --cancel tree:2
wrong "crawl: two directories are called 'tree'" tree
wrong "Try: crawl --help" --unknown
run 2 "$crawl"
expect_message "crawl: name the directories to read"
run 2 "$crawl" tree --bound
expect_message "Try: crawl --help"

run 0 "$crawl" --help
grep '^usage: crawl ' "$out" >/dev/null || fail "--help printed: $(cat "$out")"
for option in --workers --bound --limit --cancel --help; do
  grep -e "^  $option " "$out" >/dev/null || fail "--help does not explain $option"
done

# Counts that cannot be written are no success: to a full disk, to nobody, to nothing.
expect_no_output() {
  expect_equal "exit status, $1" 1 "$status"
  expect_message "crawl: cannot write the counts: $1"
}
if [ -c /dev/full ]; then
  status=0
  "$crawl" tree >/dev/full 2>"$err" || status=$?
  expect_no_output "No space left on device"
fi
mkfifo pipe
exec 3<>pipe
exec 4>pipe 3>&-
status=0
"$crawl" tree >&4 2>"$err" || status=$?
exec 4>&-
expect_no_output "Broken pipe"
status=0
"$crawl" tree >&- 2>"$err" || status=$?
expect_no_output "Bad file descriptor"
