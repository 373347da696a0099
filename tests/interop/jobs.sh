#!/bin/sh
# jobs under make, as its client; as the one that make gets its tokens from; and below itself: as many commands at a time as the
# outermost was told and not one more, no complaint, all tokens back.
# shellcheck source-path=SCRIPTDIR source=support/common.inc disable=SC1091,SC2154
. "$(dirname "$0")/support/common.inc"

jobs=$LIBSCHED_EXAMPLES/jobs
meeting=3
export jobs meeting

# As many meet as "$meeting" says when they run.
write_lists() {
  for i in 1 2 3 4 5 6 7 8 9; do echo "$i: ; $job \$meeting true"; done >flat
  for i in 1 2 3; do echo "$i: ; $job \$meeting true"; done >three
  {
    # shellcheck disable=SC2016
    echo 'inner: ; "$jobs" flat'
    cat three
  } >nested
  {
    echo 'make: ; make --no-print-directory -f list.mk others'
    cat three
  } >server
  cat >list.mk <<'MAKEFILE'
.PHONY: client bounded kept several others 1 2 3 4
client: ; +@"$(jobs)" $(list)
bounded: ; +@"$(jobs)" -j1 $(list)
kept: ; @"$(jobs)" $(list)
several: client others
others: 1 2 3 4
1 2 3 4: ; @$(job) $(meeting) true
MAKEFILE
}
write_lists

# under_make COUNT TARGET LIST: make with that target runs so many jobs.
under_make() {
  for style in pipe broker; do
    for meeting in 1 2 3 8; do
      forget_jobs
      serve "$style" "$meeting" make -f list.mk "$2" "list=$3"
      expect_jobs "$1" "$meeting"
    done
  done
}

case_client() { under_make 9 client flat; }
case_client_beside_others() { under_make 13 several flat; }
case_nested() { under_make 12 client nested; }

# Several of them take from the same pool, in the order of their lists.
case_shared() {
  i=0
  while [ "$i" -lt 100 ]; do
    echo "n$i: $([ "$i" -lt 8 ] || echo "n$((i / 3)) n$((i - 7))") ; :"
    i=$((i + 1))
  done >many
  printf '.PHONY: all x y z\nall: x y z\nx y z: ; +@"%s" many >$@.out\n' "$jobs" >shared.mk
  for style in pipe broker; do
    serve "$style" 4 make -f shared.mk
    for name in x y z; do expect_equal "jobs of $name" 100 "$(grep -c '^\[' $name.out)"; done
  done
}

case_server() {
  for meeting in 1 2 3 7; do
    forget_jobs
    run 0 "$jobs" -j $meeting server
    expect_jobs 7 $meeting
    expect_equal "complaints" "" "$(cat "$err")"
  done
}

# -j below make is a bound, which takes nothing from make's.
case_bounded() {
  forget_jobs
  meeting=1
  serve pipe 3 make -f list.mk bounded list=flat
  expect_jobs 9 1
}

# Without '+' make keeps its tokens.
case_kept() {
  forget_jobs
  meeting=1
  run 0 make -j3 -f list.mk kept list=flat
  expect_jobs 9 1
  expect_message "jobs: one job at a time: "
  expect_message "add '+' before the command"
}

case_dry_run() {
  forget_jobs
  run 0 make -n -j3 -f list.mk client list=flat
  [ ! -e seen ] || fail "make -n has run $(wc -l <seen) jobs"
}

# What ends early leaves no token behind.
case_failure() {
  { cat three && echo 'bad: ; exit 7'; } >failure
  for style in pipe broker; do
    forget_jobs
    run 2 "$jobtokens" --serve 3 --style $style -- make -f list.mk client list=failure
    expect_message "jobs: bad failed: exit status 7"
    expect_whole 3
  done
}
case_signal() {
  waits="while [ -d running ]; do sleep 0.01; done"
  { cat three && echo "end: 1 2 3 ; kill -TERM \$PPID; $waits" && echo "long: ; $waits"; } >signal
  for style in pipe broker; do
    forget_jobs
    run 143 "$jobtokens" --serve 3 --style $style -- "$jobs" signal
    expect_whole 3
    expect_jobs 3 3
  done
}
many_runs() {
  forget_jobs
  serve pipe 3 make -f list.mk several list=nested
  expect_jobs 16 3
}
case_many() { repeat many_runs; }

need make
"case_$1"
