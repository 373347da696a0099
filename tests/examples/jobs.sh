#!/bin/sh
# jobs runs what its file says, in order, by itself and as a client of make; what is wrong with the file is told with its line.
# shellcheck source-path=SCRIPTDIR source=common.inc disable=SC1091,SC2154
. "$(dirname "$0")/common.inc"

jobs=$LIBSCHED_EXAMPLES/jobs

run 0 "$LIBSCHED_EXAMPLES/graph"
expect_equal "graph" "[4/4] link" "$(tail -n 1 "$out")"

cat >list <<'LIST'
# app is linked from two files
app: a.o b.o ; cat a.o b.o >app; echo linked
a.o: table ; cat table >a.o
b.o: table ; echo b >b.o
table: ; echo t >table
all: app
LIST
run 0 "$jobs" -j2 -t trace.json list
expect_equal "app" "t
b" "$(cat app)"
expect_equal "the last line" "[5/5] all" "$(tail -n 1 "$out")"
expect_equal "the first line" "[1/5] table" "$(head -n 1 "$out")"
expect_equal "its output" "linked" "$(grep linked "$out")"
expect_equal "the trace" 4 "$(grep -c '"ph":"X"' trace.json)"

printf 'a: b ; true\nb: ; exit 7\nc: ; echo c\n' >fails
run 1 "$jobs" -j1 -k fails
expect_equal "keep going" "[1/3] b: exit code 7
[2/3] a: skipped
c
[3/3] c" "$(cat "$out")"
expect_message 'jobs: 1 of 3 jobs failed, the first was "b": code 7'
run 1 "$jobs" -j1 fails
expect_equal "stop" "[1/3] b: exit code 7
[2/3] a: skipped" "$(cat "$out")"

printf 'a: b\nb: a\n' >cycle
run 2 "$jobs" cycle
expect_message "a -> b -> a"
printf 'a: ; true\nno colon\n' >broken
run 2 "$jobs" broken
expect_message "broken:2: expected ':' behind the name of a job"
printf 'a b: ; true\n' >broken
run 2 "$jobs" broken
expect_message "broken:1: expected one name before ':'"
run 2 "$jobs" missing
expect_message "jobs: missing: No such file or directory"
run 2 "$jobs"
expect_message "usage: jobs"

# 300 jobs in three processes that share make's tokens, none of which is lost; make complains at its end if one is.
if ! command -v make >/dev/null; then exit 0; fi
i=0
while [ "$i" -lt 100 ]; do
  echo "n$i: $([ "$i" -lt 8 ] || echo "n$((i / 3)) n$((i - 7))") ; :"
  i=$((i + 1))
done >many
printf 'all: x y z\nx y z: ; +@"%s" many >$@.out\n' "$jobs" >makefile
run 0 make -j4 -f makefile
expect_equal "make's complaints" "" "$(cat "$err")"
for name in x y z; do
  expect_equal "jobs of $name" 100 "$(grep -c '^\[' $name.out)"
done
