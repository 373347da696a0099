#!/bin/sh
# sh two_sigints.sh MAKE: runs a make with three jobs that only end when there is a file go, and sends it SIGINT twice. In the
# handler of the first one make waits for the jobs; as soon as it has seen the end of one it takes the second signal, and dies
# with the tokens of the others.
set -eu

cat >signals.mk <<'MAKEFILE'
.PHONY: all 1 2 3
all: 1 2 3
1 2 3: ; @$(job) 3 sh -c 'until [ -e go ] || [ ! -d running ]; do sleep 0.01; done'
MAKEFILE

# catches_sigint PROCESS: one that has ended catches nothing.
catches_sigint() {
  mask=$(sed -n 's/^SigCgt:.*\(.\)$/\1/p' "/proc/$1/status" 2>/dev/null) || return 1
  case $mask in [2367abefABEF]) return 0 ;; *) return 1 ;; esac # SIGINT is the second bit
}

env --default-signal=INT "$1" -f signals.mk 2>/dev/null & # a shell has what it does not wait for ignore SIGINT
make=$!
until [ -e met ] && catches_sigint "$make"; do sleep 0.005; done
kill -INT "$make"
sleep 0.02
while catches_sigint "$make"; do sleep 0.005; done # it is in the handler
kill -INT "$make"
: >go
wait "$make" || exit 0
echo "make has ended well in spite of two signals" >&2
exit 1
