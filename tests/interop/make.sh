#!/bin/sh
# GNU make with our jobserver: as many recipes at a time as there are slots and not one more, no complaint, all tokens back.
# shellcheck source-path=SCRIPTDIR source=support/common.inc disable=SC1091,SC2154
. "$(dirname "$0")/support/common.inc"

make='make'

# Jobs whose meeting lasts a moment, so that one too many would come into it.
write_makefiles() {
  cat >flat.mk <<'MAKEFILE'
jobs := 1 2 3 4 5 6 7 8 9
.PHONY: all $(jobs)
all: $(jobs)
$(jobs): ; @$(job) $(slots) $(work)
MAKEFILE
  cat >nested.mk <<'MAKEFILE'
.PHONY: all 1 2 3
all: 1 2 3
1: ; @$(MAKE) --no-print-directory -f flat.mk 1 2 3 4
2: ; +@$(MAKE) --no-print-directory -f flat.mk 5 6 7
3: ; @$(job) $(slots) $(work)
MAKEFILE
}
write_makefiles

# parallel STYLE SLOTS
parallel() {
  forget_jobs
  serve "$1" "$2" "$make" -f flat.mk "slots=$2" "work=sleep 0.1"
  expect_jobs 9 "$2"
}

# nested STYLE SLOTS
nested() {
  forget_jobs
  serve "$1" "$2" "$make" -f nested.mk "slots=$2" "work=sleep 0.1"
  expect_jobs 8 "$2"
}
# The same without a pause, to be repeated.
quick() {
  forget_jobs
  serve "$1" 3 "$make" -f flat.mk slots=3 1 2 3 4 5
  expect_jobs 5 3
}
quick_nested() {
  forget_jobs
  serve "$1" 3 "$make" -f nested.mk slots=3
  expect_jobs 8 3
}

case_parallel_pipe() { for slots in 1 2 3 8; do parallel pipe $slots; done; }
case_parallel_both() { for slots in 1 2 3 8; do parallel both $slots; done; }
case_parallel_broker() { for slots in 1 2 3 8; do parallel broker $slots; done; }
case_nested_pipe() { for slots in 1 2 3 7; do nested pipe $slots; done; }
case_nested_both() { for slots in 1 2 3 7; do nested both $slots; done; }
case_nested_broker() { for slots in 1 2 3 7; do nested broker $slots; done; }
case_many_pipe() { repeat quick pipe; }
case_many_both() { repeat quick both; }
case_many_broker() { repeat quick broker; }
case_many_nested_pipe() { repeat quick_nested pipe; }
case_many_nested_broker() { repeat quick_nested broker; }

# A recipe that fails while others run, and a sub-make with a -j of its own: it says so, and leaves the pool alone.
case_failure() {
  cat >failure.mk <<'MAKEFILE'
.PHONY: all bad good
all: bad good
bad: ; @$(job) 2 false
good: ; @$(job) 2 true
MAKEFILE
  for style in pipe both broker; do
    forget_jobs
    run 2 "$jobtokens" --serve 2 --style $style -- "$make" -f failure.mk
    expect_whole 2
    expect_jobs 2 2
    forget_jobs
    run 0 "$jobtokens" --serve 2 --style $style -- "$make" -j3 -f flat.mk slots=3
    expect_whole 2
    expect_message "-j3 forced in submake"
    expect_jobs 9 3
  done
}

# Two signals kill a make that holds tokens. They are lost, and the report says so, unless a broker knows of them.
no_jobs() { [ -z "$(ls running)" ]; }
two_sigints() {
  forget_jobs
  rm -f go
  run 0 "$jobtokens" --serve 3 --style "$1" -- sh "$here/support/two_sigints.sh" "$make"
  wait_until no_jobs
  expect_equal "jobs" 3 "$(wc -l <seen)"
}
two_sigints_broker() {
  two_sigints broker
  expect_whole 3
  grep "broker: 2 taken, [12] of them rescued, 0 extra$" "$err" >/dev/null || fail "the broker says: $(cat "$err")"
}
case_two_sigints_broker() { two_sigints_broker; }
case_many_two_sigints_broker() { repeat two_sigints_broker; }
case_two_sigints_pipe() {
  two_sigints pipe
  grep -e " 1 of 2 tokens are back, 1 missing, 0 extra$" -e " 0 of 2 tokens are back, 2 missing, 0 extra$" "$err" >/dev/null ||
    fail "the report is: $(cat "$err")"
}

# From 4.4 on make knows fifos, and all that it starts can join. LIBSCHED_TEST_MAKE names one where the system's is older.
newer() {
  make=${LIBSCHED_TEST_MAKE:-make}
  need "$make"
  "$make" --version | awk 'NR == 1 { split($3, v, "."); exit !(v[1] > 4 || v[1] == 4 && v[2] >= 4) }' && return
  [ -z "${LIBSCHED_TEST_MAKE:-}" ] || fail "LIBSCHED_TEST_MAKE is older than 4.4: $("$make" --version | head -n 1)"
  echo "skipped: make is older than 4.4, and LIBSCHED_TEST_MAKE names no other"
  exit 77
}
case_newer_parallel() {
  newer
  for style in fifo pipe both broker; do
    for slots in 1 2 3 8; do parallel "$style" $slots; done
  done
}
case_newer_nested() {
  newer
  for style in fifo pipe both broker; do
    for slots in 1 2 3 7; do nested "$style" $slots; done
  done
}
case_newer_many_fifo() {
  newer
  repeat quick fifo
}
case_newer_two_sigints() {
  newer
  two_sigints_broker
}

need make
"case_$1"
