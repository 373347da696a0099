#!/bin/sh
# Builds libsched and its Java bindings, installs them into a private prefix below build/, compiles the examples against
# the installed jar and runs them on real input: TreeWc must count exactly what find and wc count, and Graph builds the C
# examples under make's jobserver.
#
#     sh bindings/java/run.sh [DIRECTORY...]      (default: /usr/include /usr/share)
#
# What is missing is installed first where apt-get can do that. A second run builds only what has changed, and needs no
# network.
# shellcheck source-path=SCRIPTDIR disable=SC1091,SC2034,SC2154
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
output=$root/build/java
classes=$output/classes
script=bindings/java/run.sh
. "$root/tests/support/steps.inc"

step "Looking for the compiler, CMake, Ninja, pkg-config, make, SWIG and a JDK"
jdk=
command -v javac >/dev/null 2>&1 || jdk=default-jdk-headless
# shellcheck disable=SC2086 # one word or none
sh "$root/tests/support/setup.sh" g++ cmake ninja-build pkg-config make swig $jdk

step "Building libsched with LIBSCHED_BINDINGS=java (Release) and installing it in build/java/prefix"
build_and_install java
jar=$prefix/share/java/libsched.jar
# The virtual machine decodes the names of files by it.
LC_ALL=C.UTF-8
export LC_ALL

step "Compiling the examples"
printf '%s\n' 'javac -cp libsched.jar TreeWc.java Graph.java'
quietly javac --release 11 -encoding UTF-8 -d "$classes" -cp "$jar" "$root"/bindings/java/examples/*.java

[ $# -gt 0 ] || set -- /usr/include /usr/share
step "TreeWc: $*"
counted=$(java -cp "$jar:$classes" TreeWc "$@" 2>"$output/treewc.err") || {
  # What cannot be read is missing in both counts.
  if [ -z "$counted" ]; then
    cat "$output/treewc.err" >&2
    exit 1
  fi
}
printf 'TreeWc    %s\n' "$counted"
expected=$(find "$@" -type f -print0 2>"$output/find.err" | LC_ALL=C wc -lwc --files0-from=- 2>"$output/wc.err" |
  awk 'END { $1 = $1; print }')
printf 'find, wc  %s\n' "$expected"
if [ "$counted" != "$expected" ]; then
  echo "They differ. Has something changed meanwhile?" >&2
  exit 1
fi

step "Graph: builds the C examples under make -j2"
made=$output/made
rm -rf "$made"
mkdir -p "$made"
# shellcheck disable=SC2016 # for make
printf 'all: ; +@java -cp "%s" Graph made %s/capi/examples/*.c\n' "$jar:$classes" "$root" >"$made/Makefile"
CFLAGS="-O2 $(pkg-config --cflags sched)"
LDLIBS="$(pkg-config --libs sched) -pthread -ldl"
export CFLAGS LDLIBS
(cd "$made" && make --no-print-directory -j2)
"$made/made/graph"
