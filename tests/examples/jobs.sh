#!/bin/sh
# jobs runs the commands of a list in order, some at a time, shows their output job by job, and says what failed and what was
# skipped for it. What it does under make is tested in tests/interop.
# shellcheck source-path=SCRIPTDIR source=common.inc disable=SC1091,SC2154,SC2016
. "$(dirname "$0")/common.inc"

jobs=$LIBSCHED_EXAMPLES/jobs
unset MAKEFLAGS MFLAGS CARGO_MAKEFLAGS

# Order, comments, blanks, jobs without a command, and without dependencies.
cat >list <<'LIST'
# A house.
house: roof garden
  roof:walls ; echo roof >>built

walls : floor floor; echo walls >>built
garden:floor;echo garden: '#;' >>built
	# What comes first may come last.
floor: ; echo floor >>built
LIST
for count in 1 2 7; do
  rm -f built
  run 0 "$jobs" -j $count list
  expect_equal "the first" floor "$(head -n 1 built)"
  expect_equal "all" "floor garden: #; roof walls" "$(sort built | xargs)"
  expect_equal "walls before the roof" "walls roof" "$(grep -e walls -e roof built | xargs)"
  expect_equal "the first line" "[1/5] floor" "$(head -n 1 "$out")"
  expect_equal "the last line" "[5/5] house" "$(tail -n 1 "$out")"
  expect_equal "stderr" "" "$(cat "$err")"
done

# No more than -j says, and as many: all wait for each other.
{
  echo 'mkdir: ; mkdir met'
  for i in 1 2 3; do echo "$i: mkdir ; : >met/$i; until [ -e met/1 ] && [ -e met/2 ] && [ -e met/3 ]; do sleep 0.01; done"; done
} >meeting
run 0 "$jobs" -j3 meeting
{
  for i in 1 2 3 4 5 6 7 8 9; do echo "$i: ; mkdir only && rmdir only"; done
} >alone
run 0 "$jobs" -j1 alone

# Output comes below the name of its job, with the newline that it lacks, and whole.
cat >list <<'LIST'
a: ; for i in 1 2 3; do until [ -e b$i ]; do sleep 0.005; done; echo a$i; : >a$i; done
b: ; for i in 1 2 3; do : >b$i; until [ -e a$i ]; do sleep 0.005; done; echo b$i; done
c: a b ; printf 'no newline'
d: c ; echo out; echo err >&2
e: d ; head -c 100000 /dev/zero | tr '\0' x
LIST
run 0 "$jobs" -j2 list
grep -v -e '^\[' "$out" | cut -c 1-10 | xargs >text
case $(cat text) in
  "a1 a2 a3 b1 b2 b3 no newline out xxxxxxxxxx" | "b1 b2 b3 a1 a2 a3 no newline out xxxxxxxxxx") ;;
  *) fail "not grouped: $(cat text)" ;;
esac
expect_equal "stderr" err "$(cat "$err")"
expect_equal "a long line" 100000 "$(tail -n 1 "$out" | tr -d '\n' | wc -c)"
expect_equal "names" "[3/5] c [4/5] d [5/5] e" "$(grep -e '^\[[345]' "$out" | xargs)"

# A failure: what waits for it is skipped, and by default nothing else starts.
cat >list <<'LIST'
bad: ; echo said; exit 3
app: bad ; echo never
test: app ; echo never
good: ; echo good
LIST
run 1 "$jobs" -j1 list
expect_equal "output" "[1/4] bad said" "$(xargs <"$out")"
expect_message "jobs: bad failed: exit status 3"
expect_message "jobs: skipped app, since bad failed"
expect_message "jobs: skipped test, since bad failed"
expect_message "jobs: of 4 jobs 0 done, 1 failed, 2 skipped, 1 given up"
for count in 1 2; do
  run 1 "$jobs" -k -j $count list
  expect_equal "good was run" 1 "$(grep -c '^good$' "$out")"
  expect_equal "what was skipped" 2 "$(grep -c '^jobs: skipped ' "$err")"
  expect_message "jobs: of 4 jobs 1 done, 1 failed, 2 skipped, 0 given up"
done
printf 'killed: ; kill -KILL $$\nmissing: ; ./no-such-program\n' >list
run 1 "$jobs" -k list
expect_message "jobs: killed was ended by signal 9"
expect_message "jobs: missing failed: exit status 127"

# Commands find the jobserver.
echo 'a: ; echo "$MAKEFLAGS"' >list
run 0 "$jobs" -j3 list
case $(tail -n 1 "$out") in
  " -j3 --jobserver-auth="*) ;;
  *) fail "no jobserver of 3: $(cat "$out")" ;;
esac

# Signals end the commands, and then the program.
echo 'a: ; trap "echo trapped; : >ended; exit 5" TERM; : >ready; while [ -e list ]; do sleep 0.01; done' >list
for signal in TERM HUP INT; do
  env --default-signal=INT "$jobs" -j2 list >"$out" 2>"$err" &
  until [ -e ready ]; do sleep 0.005; done
  kill -$signal $!
  status=0
  wait $! || status=$?
  [ "$status" -gt 128 ] || fail "SIG$signal: exit status $status"
  [ -e ended ] || fail "SIG$signal did not end the command"
  expect_message "jobs: of 1 jobs 0 done, 0 failed, 0 skipped, 1 given up"
  rm ready ended
done

# The end of a line is no part of its command, as DOS has it either; a carriage return within is.
printf 'a: ; echo "1\r2" >said; echo 3 >>said\r\n' >list
run 0 "$jobs" list
expect_equal "what was said" "1 2 3" "$(tr '\r' ' ' <said | xargs)"

echo 'a: ; echo a' >list
run 0 "$jobs" -t trace.json list
grep '"name":"a"' trace.json >/dev/null || fail "the trace does not name the job"
: >empty
run 0 "$jobs" empty
expect_equal "output of nothing" "" "$(cat "$out")"
