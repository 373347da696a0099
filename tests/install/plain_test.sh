#!/bin/sh
# A build as a packager makes it: no presets, a C++ compiler and nothing else, a library folder with a triplet. Then what
# configuring must say where libsched is part of another project and where it cannot run.
# Usage: plain_test.sh SOURCE_DIR WORK_DIR    (CC and CXX name the compilers)
set -eu

source_dir=$1
work=$2
rm -rf "$work"
mkdir -p "$work"
. "$source_dir/tests/install/support.sh"

# configure FOLDER OPTION...: the output goes to FOLDER.log
configure() {
  folder=$1
  shift
  CC=/no/c/compiler cmake -B "$folder" -DCMAKE_CXX_COMPILER="$CXX" "$@" >"$folder.log" 2>&1
}

# says FOLDER TEXT: whether configure printed it
says() {
  tr '\n' ' ' <"$1.log" | tr -s ' ' | grep -qF -e "$2" && return
  cat "$1.log" >&2
  fail "configure does not say: $2"
}

step "configure without C compiler, GoogleTest and Google Benchmark"
configure "$work/build" -S "$source_dir" -DCMAKE_DISABLE_FIND_PACKAGE_GTest=ON \
  -DCMAKE_DISABLE_FIND_PACKAGE_benchmark=ON -DCMAKE_INSTALL_LIBDIR=lib/some-triplet \
  -DCMAKE_UNITY_BUILD=ON -DCMAKE_CXX_FLAGS_RELEASE=-O0 ||
  { cat "$work/build.log" >&2; fail "configure"; }
says "$work/build" "build type Release"
says "$work/build" "tests OFF (GoogleTest was not found: Debian package libgtest-dev)"
says "$work/build" "bench OFF (Google Benchmark was not found: Debian package libbenchmark-dev)"
says "$work/build" "bindings none"

step "build"
cmake --build "$work/build" --parallel 2 >>"$work/build.log" 2>&1 || { cat "$work/build.log" >&2; fail "build"; }

step "install and use from lib/some-triplet"
cmake --install "$work/build" --prefix "$work/prefix" >>"$work/build.log" || fail "cmake --install"
[ -e "$work/prefix/lib/some-triplet/pkgconfig/sched.pc" ] || fail "sched.pc is not in lib/some-triplet/pkgconfig"
by_pkg_config "$work/prefix" shared "$work/pc"
by_cmake "$lib/cmake/libsched" CXX static "$work/cmake"

step "as part of another project"
configure "$work/sub" -S "$source_dir/tests/install/subproject" -DLIBSCHED_SOURCE="$source_dir" ||
  { cat "$work/sub.log" >&2; fail "configure"; }
says "$work/sub" "tests OFF (libsched is part of another project)"

# refused NAME TEXT OPTION...: configuring must fail and say the text
refused() {
  name=$work/refused-$1
  text=$2
  shift 2
  if configure "$name" -S "$source_dir" "$@"; then fail "configure succeeded with: $*"; fi
  says "$name" "$text"
}

step "refused where it cannot run"
refused system "this build is for FreeBSD" -DCMAKE_SYSTEM_NAME=FreeBSD
refused processor "this build is for a riscv64 processor" -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=riscv64
refused sanitizer 'LIBSCHED_SANITIZE is "memory"' -DLIBSCHED_SANITIZE=memory
refused binding 'LIBSCHED_BINDINGS names "cobol"' -DLIBSCHED_BINDINGS=cobol
if [ "$(uname -m)" = x86_64 ]; then
  refused bits "the compiler makes 32-bit code" -DCMAKE_CXX_FLAGS=-m32 -DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY
fi

echo "PASS"
