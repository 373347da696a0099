#!/bin/sh
# What the language bindings cost: sh bench/bindings.sh PASSES. Called by run.sh --bindings, which says more.
set -eu

passes=$1
cd "$(dirname -- "$0")/.."
out=$PWD/build/bench
build=$out/bindings
mkdir -p "$out"

jdk=
command -v javac >/dev/null 2>&1 || jdk=default-jdk-headless
# shellcheck disable=SC2086 # one word or none
sh tests/support/setup.sh g++ cmake ninja-build pkg-config swig $jdk golang-go \
  mono-mcs mono-runtime libmono-system-core4.0-cil

# quietly LOG COMMAND...: shows the output only if the command fails
quietly() {
  log=$1
  shift
  "$@" >"$log" 2>&1 && return
  tail -n 50 "$log" >&2
  exit 1
}

echo "bench: building libsched and its bindings (Release)"
quietly "$out/bindings.log" cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DLIBSCHED_BUILD_TESTS=OFF \
  -DLIBSCHED_BUILD_BENCH=OFF "-DLIBSCHED_BINDINGS=java;csharp"
quietly "$out/bindings-build.log" cmake --build "$build"

jar=$(ls "$build"/bindings/java/libsched-*[0-9].jar)
rm -rf "$build/java"
quietly "$out/bindings-javac.log" javac --release 11 -d "$build/java" -cp "$jar" bindings/java/bench/org/libsched/*.java

for runtime in dotnet mono; do
  assembly=$build/bindings/csharp/$runtime
  [ -d "$assembly" ] || continue
  quietly "$out/bindings-$runtime.log" sh bindings/csharp/programs.sh $runtime "$assembly" "$build/csharp-$runtime" BorderBench \
    "$PWD/bindings/csharp/bench/BorderBench.cs"
done

quietly "$out/bindings-install.log" cmake --install "$build" --prefix "$build/prefix"
PKG_CONFIG_PATH=$(dirname "$(find "$build/prefix" -name sched.pc)")
LD_LIBRARY_PATH=$(dirname "$PKG_CONFIG_PATH")
export PKG_CONFIG_PATH LD_LIBRARY_PATH
mkdir -p "$build/go"
for go in go ${LIBSCHED_BENCH_GO:-}; do
  version=$("$go" env GOVERSION)
  (
    cd bindings/go
    GOFLAGS=-mod=mod GOPROXY=off GOTOOLCHAIN=local GOCACHE=$build/go/cache-$version
    export GOFLAGS GOPROXY GOTOOLCHAIN GOCACHE
    quietly "$out/bindings-go.log" "$go" build -o "$build/go/$version" ./bench
  )
done

{
  echo
  echo "$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1), $(nproc) CPUs, Linux $(uname -r)," \
    "load average $(cut -d' ' -f1 /proc/loadavg) before"
  java -version 2>&1 | head -n 1
  swig -version | sed -n 's/^SWIG Version/SWIG/p'
  echo
  echo "Java: 1 000 000 empty tasks, ns per task; medians of $passes interleaved passes after 10 that warm up."
  echo
  java -cp "$jar:$build/java" org.libsched.BorderBench "$passes" 10
  echo
  for runtime in dotnet mono; do
    [ -d "$build/csharp-$runtime" ] || continue
    set -- mono "$build/csharp-mono/BorderBench.exe"
    [ $runtime = mono ] || set -- dotnet "$build/csharp-dotnet/BorderBench.dll"
    echo "C# on $runtime $($1 --version | head -n 1): the same, after 5 that warm up."
    echo
    "$@" "$passes" 5
    echo
  done
  # LIBSCHED_BENCH_GO names further go commands, such as that of a newer version.
  for go in go ${LIBSCHED_BENCH_GO:-}; do
    echo "Go: ns per operation; medians of $passes interleaved passes after one that warms up."
    echo
    "$build/go/$("$go" env GOVERSION)" "$passes"
    echo
  done
  echo "load average $(cut -d' ' -f1 /proc/loadavg) after"
} | tee "$out/bindings.txt"
