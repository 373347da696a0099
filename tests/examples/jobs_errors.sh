#!/bin/sh
# A broken list is told by file, line, and what was expected; the exit status is 2, and nothing is run.
# shellcheck source-path=SCRIPTDIR source=common.inc disable=SC1091,SC2154,SC2016
. "$(dirname "$0")/common.inc"

jobs=$LIBSCHED_EXAMPLES/jobs
unset MAKEFLAGS MFLAGS CARGO_MAKEFLAGS

# broken MESSAGES: the list on stdin is refused with these lines.
broken() {
  { echo 'first: ; : >was-run' && cat; } >list
  run 2 "$jobs" -j2 list
  expect_equal "messages" "$1" "$(cat "$err")"
  expect_equal "output" "" "$(cat "$out")"
  [ ! -e was-run ] || fail "the first job was run"
}

# All wrong lines are told.
broken "list:2: expected 'name: jobs it waits for ; command', found no ':' behind a name
list:3: expected a name before ':'
list:5: expected one name before ':', found several words
list:6: expected a command behind ';', or no ';'
list:7: expected 'name: jobs it waits for ; command', found no ':' behind a name" <<'LIST'
a
: first

a b: first
c: first ; 
	cc -c x.c ; echo a:b
LIST
printf 'a\0: b\n' | broken "list:2: expected text, found a byte 0"

broken 'list:3: "b" depends on "lib", and no job is named "lib"' <<'LIST'
a: b
b: first lib ; echo b
LIST
broken 'list:4: two jobs are named "a"' <<'LIST'
a: first ; echo a
# a: as well
a: b
b:
LIST
broken 'list:3: a cycle of dependencies: a -> b -> c -> a' <<'LIST'
before:
a: before b ; echo a
c: a ; echo c
b: c ; echo b
behind: a
LIST
broken 'list:2: a cycle of dependencies: self -> self' <<'LIST'
self: self
LIST
broken 'list:2: "\033[2J" depends on "\302\233", and no job is named "\302\233"' <<LIST
$(printf '\033[2J: \302\233')
LIST

run 1 "$jobs" missing
expect_message "jobs: cannot read missing: No such file or directory"
run 1 "$jobs" "$work"
expect_message "jobs: cannot read $work: Is a directory"

# wrong MESSAGE ARGUMENT...
wrong() {
  message=$1
  shift
  run 2 "$jobs" "$@"
  expect_message "$message"
  expect_equal "output of wrong usage" "" "$(cat "$out")"
}
echo 'a: ; echo a' >list
wrong "jobs: -j '0' is not a number from 1 to 4096" -j0 list
wrong "jobs: -j '4097' is not a number from 1 to 4096" -j 4097 list
wrong "jobs: -j '2x' is not a number from 1 to 4096" -j 2x list
wrong "jobs: expected one list" -k
wrong "jobs: expected one list" list list
wrong "Try: jobs -h" -x list
wrong "Try: jobs -h" -j
run 0 "$jobs" -h
for option in -j -k -t -h; do
  grep -e "^  $option " "$out" >/dev/null || fail "-h does not explain $option"
done

run 1 "$jobs" -t missing/trace list
expect_message "jobs: cannot write the trace: "
if [ -c /dev/full ]; then
  status=0
  "$jobs" list >/dev/full 2>"$err" || status=$?
  expect_equal "status with a full disk" 1 "$status"
  expect_message "jobs: not all of it could be printed"
fi
