#!/bin/sh
# Our client: below GNU make, which complains at its end when it misses a token or has one too many; below our own
# server below make; and ended by signals.
# shellcheck source-path=SCRIPTDIR source=support/common.inc disable=SC1091,SC2154
. "$(dirname "$0")/support/common.inc"

cat >client.mk <<'MAKEFILE'
.PHONY: inherits two lone serves
inherits: ; +@$(jobtokens)
two: first second
first second: ; +@$(jobtokens) --take 2
lone: ; @$(jobtokens) --take 3
serves: ; +@$(jobtokens) --take 3 --serve 3 --style $(style) -- $(MAKE) --no-print-directory -f client.mk inner
jobs := 1 2 3 4 5
.PHONY: inner $(jobs)
inner: $(jobs)
$(jobs): ; @$(job) 3 $(work)
MAKEFILE

# run_make STATUS ARGUMENT...: make says nothing on its own behalf.
run_make() {
  wanted_status=$1
  shift
  run "$wanted_status" make -f client.mk "$@"
  expect_equal "complaints of make" "" "$(grep -v -e '^jobtokens: ' "$err" || true)"
}

case_inherits() {
  run_make 0 -j4 inherits
  expect_equal "what make hands down" "MAKEFLAGS pipe used 4" \
    "$(awk '/^(variable|kind|status|jobs)/ { printf "%s%s", separator, $2; separator = " " }' "$out")"
  # Two makes: the first one's own pool, whoever serves it.
  for style in pipe both broker; do
    serve $style 3 make -f client.mk inherits
    grep "^status *used$" "$out" >/dev/null || fail "under $style: $(cat "$out")"
  done
}

in_make() {
  run_make 0 -j4 two
  expect_equal "clients" 2 "$(grep -c '^jobtokens: gave 2 back$' "$err")"
}
case_in_make() { in_make; }
case_many_in_make() { repeat in_make; }

# Without a + make closes the descriptors.
case_without_plus() {
  run_make 0 -j4 lone
  expect_message "jobtokens: 1 in place of 3 jobs: "
  expect_message "in the makefile, add '+' before the command"
  expect_message "jobtokens: gave 1 back"
}

serves() {
  forget_jobs
  run_make 0 -j4 serves "style=$1" "work=${2-sleep 0.1}"
  expect_whole 3
  expect_message "jobtokens: gave 3 back"
  expect_jobs 5 3
}
case_server_in_client() { for style in pipe both broker; do serves $style; done; }
case_many_server_in_client() { repeat serves pipe ""; }

# end_client SIGNAL STYLE: a client with three jobs is ended while it holds two tokens of three.
end_client() {
  run 0 "$jobtokens" --serve 4 --style "$2" -- sh "$here/support/end_client.sh" "$1" 3
}
killed_under_broker() {
  end_client KILL broker
  expect_whole 4
  expect_message "jobtokens: broker: 2 taken, 2 of them rescued, 0 extra"
}
case_killed_under_broker() { killed_under_broker; }
case_many_killed_under_broker() { repeat killed_under_broker; }
case_killed_without_broker() {
  for style in pipe fifo both; do
    end_client KILL $style
    expect_message "jobtokens: 4 slots: 1 of 3 tokens are back, 2 missing, 0 extra"
  done
}

# terminated SIGNAL: what it holds goes back before it ends.
terminated() {
  for style in pipe fifo both broker; do
    end_client "$1" $style
    expect_whole 4
    [ $style != broker ] || expect_message "jobtokens: broker: 2 taken, 0 of them rescued, 0 extra"
  done
}
case_terminated() { for signal in TERM HUP INT; do terminated $signal; done; }
case_many_terminated() { repeat terminated TERM; }

# The same, but it waits for a third token, and must not take those that it has just given back.
terminated_waiting() {
  for style in pipe fifo both broker; do
    run 0 "$jobtokens" --serve 4 --style $style -- sh "$here/support/end_client.sh" TERM 3 waiting
    expect_whole 4
    [ $style != broker ] || expect_message "0 of them rescued, 0 extra"
  done
}
# ThreadSanitizer keeps signals from a thread as long as it sleeps in a system call of its own.
needs_signals() {
  if grep -q __tsan_init "$jobtokens"; then
    echo "skipped: signals come too late under ThreadSanitizer"
    exit 77
  fi
}
case_terminated_waiting() {
  needs_signals
  terminated_waiting
}
case_many_terminated_waiting() {
  needs_signals
  repeat terminated_waiting
}

need make
"case_$1"
