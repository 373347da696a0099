# Functions for the install tests. Needs $source_dir (the repository) and $work (an empty folder of the test's own).
# shellcheck shell=sh disable=SC2154

here=$source_dir/tests/install
: "${CC:=cc}" "${CXX:=c++}"

fail() {
  echo "FAIL: $*" >&2
  exit 1
}

step() {
  echo "--- $*"
}

# lib_dir PREFIX: the folder below it that holds libsched.a
lib_dir() {
  found=$(find "$1" -name libsched.a) || return 1
  [ -n "$found" ] || fail "no libsched.a below $1"
  dirname "$found"
}

# needs_shared PROGRAM: whether it is linked to libsched.so
needs_shared() {
  readelf -d "$1" | grep -q 'NEEDED.*libsched\.so'
}

# expect_linked PROGRAM shared|static
expect_linked() {
  case $2 in
    shared)
      readelf -d "$1" | grep -q 'NEEDED.*\[libsched\.so\.0\]' || fail "$1 does not ask for libsched.so.0"
      ;;
    static)
      if needs_shared "$1"; then fail "$1 was to be static, but asks for libsched.so"; fi
      ;;
  esac
}

# by_pkg_config PREFIX shared|static PROGRAM: builds the consumer and runs it
by_pkg_config() {
  lib=$(lib_dir "$1") || exit 1
  static=
  if [ "$2" = static ]; then static=--static; fi
  # Only what the prefix holds may be found, not a libsched of the system.
  flags=$(PKG_CONFIG_LIBDIR=$lib/pkgconfig pkg-config $static --cflags --libs sched) ||
    fail "pkg-config does not find sched in $lib/pkgconfig"
  # pkg-config escapes its output for the shell, so a prefix with a space in it needs eval.
  eval "\"\$CC\" -std=c89 -pedantic-errors -Wall -Wextra -Werror -o \"\$3\" \"\$here/consumer.c\" -pthread $flags" ||
    fail "the consumer does not build with: $flags"
  expect_linked "$3" "$2"
  if [ "$2" = static ]; then "$3"; else LD_LIBRARY_PATH=$lib "$3"; fi || fail "$3 ended with status $?"
}

# by_cmake PREFIX LANGUAGE shared|static BUILD_FOLDER: the same with find_package
by_cmake() {
  case $3 in
    shared) target=libsched::libsched ;;
    static) target=libsched::static ;;
  esac
  cmake -S "$here/package" -B "$4" -DCMAKE_PREFIX_PATH="$1" -DLANGUAGE="$2" -DTARGET="$target" \
    -DCONSUMER_SOURCE="$here/consumer.c" -DCMAKE_C_COMPILER="$CC" -DCMAKE_CXX_COMPILER="$CXX" \
    -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF >"$4.log" 2>&1 || { cat "$4.log" >&2; fail "configure: $4"; }
  cmake --build "$4" >>"$4.log" 2>&1 || { cat "$4.log" >&2; fail "build: $4"; }
  expect_linked "$4/consumer" "$3"
  "$4/consumer" || fail "$4/consumer ended with status $?"
}
