#!/bin/sh
# The README's C program, built by the README's two command lines, from nothing but the README.
#
#   sh readme_test.sh SOURCE_DIR BUILD_DIR WORK
set -eu
source_dir=$1
build=$2
work=$3
rm -rf "$work"
mkdir -p "$work"
# shellcheck source=tests/install/support.sh
. "$source_dir/tests/install/support.sh"

cmake --install "$build" --prefix "$work/prefix" >"$work/install.log" || fail "the install: $work/install.log"
cd "$work"
readme=$source_dir/README.md
awk '/^```c$/ { inside = 1; next } /^```$/ { if (inside) exit } inside' "$readme" >squares.c
[ -s squares.c ] || fail "the README has no C program"
# The commands: indented lines that begin with cc, with the lines they continue on.
awk '/^    cc / { on = 1 } on { sub(/^ +/, ""); sub(/ +#.*/, ""); print } on && !/\\$/ { on = 0 }' "$readme" >commands
[ "$(grep -c '^cc ' commands)" = 2 ] || fail "the README has other commands than this test expects: $(cat commands)"

lib=$(lib_dir "$work/prefix")
export PKG_CONFIG_LIBDIR="$lib/pkgconfig"
for kind in shared static; do
  step "$kind"
  case $kind in
    shared) sed -n '1p' commands >chosen ;;
    static) sed -n '2,$p' commands >chosen ;;
  esac
  rm -f squares
  # eval, since pkg-config escapes what the shell would take apart.
  eval "$(cat chosen)" || fail "the README's command does not build: $(cat chosen)"
  expect_linked squares "$kind"
  LD_LIBRARY_PATH=$lib ./squares >output
  printf '%s\n' 1 4 9 16 | cmp - output || fail "the README's program printed: $(cat output)"
done
