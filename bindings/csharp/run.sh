#!/bin/sh
# Builds libsched and its C# bindings, installs them into a private prefix below build/, compiles the examples against what is
# installed and runs them on real input, on .NET and on Mono, whichever are there: TreeWc must count exactly what find and wc count,
# Graph builds C tests of libsched under make's jobserver, and AsyncCrawl follows the includes of its headers.
#
#     sh bindings/csharp/run.sh [DIRECTORY...]      (default: /usr/include /usr/share)
#
# What is missing is installed first where apt-get can do that.
# shellcheck source-path=SCRIPTDIR disable=SC1091,SC2034,SC2154
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
output=$root/build/csharp
script=bindings/csharp/run.sh
. "$root/tests/support/steps.inc"

step "Looking for the compiler, CMake, Ninja, pkg-config, make, SWIG and Mono"
sh "$root/tests/support/setup.sh" g++ cmake ninja-build pkg-config make swig mono-mcs mono-runtime libmono-system-core4.0-cil

step "Building libsched with LIBSCHED_BINDINGS=csharp (Release) and installing it in build/csharp/prefix"
build_and_install csharp

[ $# -gt 0 ] || set -- /usr/include /usr/share

# run_examples RUNTIME ASSEMBLY SUFFIX COMMAND...: DIRECTORY... are in the file directories
run_examples() {
  runtime=$1 assembly=$2 suffix=$3
  shift 3
  programs=$output/$runtime
  step "Compiling the examples for $runtime"
  for name in TreeWc Graph AsyncCrawl; do
    quietly sh "$root/bindings/csharp/programs.sh" "$runtime" "$assembly" "$programs/$name" "$name" \
      "$root/bindings/csharp/examples/$name.cs"
  done

  step "TreeWc on $runtime"
  counted=$(xargs -0 "$@" "$programs/TreeWc/TreeWc.$suffix" <"$output/directories" 2>"$output/treewc.err" |
    awk '{ $1 = $1; print }')
  printf 'TreeWc    %s\n' "$counted"
  printf 'find, wc  %s\n' "$expected"
  if [ "$counted" != "$expected" ]; then
    echo "They differ. Has something changed meanwhile?" >&2
    exit 1
  fi

  step "Graph on $runtime: builds C tests of libsched under make -j2"
  made=$output/made
  rm -rf "$made"
  mkdir -p "$made"
  printf '#!/bin/sh\nexec cc %s -I "%s/tests/support" "$@" %s -pthread -ldl\n' "$(pkg-config --cflags sched)" "$root" \
    "$(pkg-config --libs sched)" >"$made/compile"
  chmod +x "$made/compile"
  printf 'all: ; +@%s "%s/Graph/Graph.%s" ./compile . %s/tests/capi/graph*.c\n' "$*" "$programs" "$suffix" "$root" >"$made/Makefile"
  (cd "$made" && make --no-print-directory -j2)

  step "AsyncCrawl on $runtime: the includes of libsched's headers"
  "$@" "$programs/AsyncCrawl/AsyncCrawl.$suffix" "$prefix/include" libsched.h
}

step "Counting $* with find and wc"
printf '%s\0' "$@" >"$output/directories"
# -n 1: the last line is the total; what cannot be read is missing in both counts.
expected=$(find "$@" -type f -print0 2>"$output/find.err" | LC_ALL=C wc -lwc --files0-from=- 2>"$output/wc.err" |
  tail -n 1 | awk '{ $1 = $1; print }')
printf 'find, wc  %s\n' "$expected"

installed=$prefix/lib/libsched/csharp
cp "$prefix/lib/libsched.so.0" "$installed"
if [ -f "$installed/LibSched.dll" ]; then run_examples dotnet "$installed" dll dotnet; fi
if [ -d "$installed/mono" ]; then
  cp "$prefix/lib/libsched.so.0" "$installed/mono"
  run_examples mono "$installed/mono" exe mono
fi
