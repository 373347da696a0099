#!/bin/sh
# Builds libsched, installs it into a private prefix below build/, builds the examples of the Go module against it and runs them on
# real input: treewc must count exactly what find and wc count, and a build must keep to make's slots.
#
#     sh bindings/go/run.sh [DIRECTORY...]      (default: /usr/include /usr/share/doc)
#
# What is missing is installed first where apt-get can do that. A second run builds only what has changed,
# and needs no network.
# shellcheck source-path=SCRIPTDIR disable=SC1091,SC2034,SC2154
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
output=$root/build/go
script=bindings/go/run.sh
. "$root/tests/support/steps.inc"

step "Looking for the compiler, CMake, Ninja, pkg-config, make and Go"
sh "$root/tests/support/setup.sh" g++ cmake ninja-build pkg-config make golang-go
mkdir -p "$output/bin"

step "Building libsched (Release) and installing it in build/go/prefix"
build_and_install ""
GOFLAGS=-mod=mod
GOPROXY=off
GOTOOLCHAIN=local
GOCACHE=$output/cache
export GOFLAGS GOPROXY GOTOOLCHAIN GOCACHE
printf 'libsched %s, %s\n' "$(pkg-config --modversion sched)" "$(go version)"

step "Building the examples"
(
  cd "$root/bindings/go"
  quietly go build -o "$output/bin/" ./examples/treewc ./examples/graph
)

if [ $# -eq 0 ]; then set -- /usr/include /usr/share/doc; fi
step "treewc: lines, words and bytes below $*"
# What cannot be read is no failure here: it is missing in both counts.
counted=$("$output/bin/treewc" "$@" 2>"$output/treewc.err") || [ -n "$counted" ]
wanted=$(find "$@" -type f -print0 2>"$output/find.err" |
  LC_ALL=C wc -lwc --files0-from=- 2>"$output/wc.err" | tail -n 1 | awk '{ print $1, $2, $3 }')
printf 'treewc  %s\nwc      %s\n' "$counted" "$wanted"
[ "$counted" = "$wanted" ]

step "graph: a small build under make's jobserver"
build=$output/build
rm -rf "$build"
mkdir -p "$build"
printf 'all: ; +@%s out\n' "$output/bin/graph" >"$build/Makefile"
make -s -j2 -C "$build" | tee "$output/log"
grep -q "make's jobserver" "$output/log"
[ "$("$build/out/app")" = "3 and 4 make 7" ]
