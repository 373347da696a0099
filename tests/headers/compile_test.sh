#!/bin/sh
# Compiles the public headers with one compiler as one language standard: each alone and twice, all of them in both
# orders, before and after <pthread.h> and <sched.h>, every initialiser, and the structs without hidden padding.
# Usage: compile_test.sh SOURCE_DIR WORK_DIR COMPILER STANDARD
set -eu

include=$(cd "$1/capi/include" && pwd)
work=$2
compiler=$3
standard=$4
if ! command -v "$compiler" >/dev/null 2>&1; then
  echo "skipped: there is no $compiler"
  exit 77
fi
rm -rf "$work"
mkdir -p "$work"
work=$(cd "$work" && pwd)

case $standard in
  c++*)
    suffix=cc
    language=
    ;;
  *)
    suffix=c
    language="-Wstrict-prototypes -Wc++-compat"
    ;;
esac

cd "$include"
headers=$(find libsched.h libsched -name '*.h' | sort)
# An empty translation unit is an error in C, so each gets a declaration.
unit() {
  { cat && echo 'extern int libsched_test_unit;'; } >"$work/$1.$suffix"
}

include_all() {
  for header in "$@"; do echo "#include <$header>"; done
}

count=0
for header in $headers; do
  count=$((count + 1))
  include_all "$header" "$header" | unit "alone_$count"
done
# shellcheck disable=SC2086
include_all $headers | unit all
# shellcheck disable=SC2046,SC2086
include_all $(printf '%s\n' $headers | sort -r) | unit all_reversed
include_all pthread.h sched.h libsched.h | unit after_system
include_all libsched.h sched.h pthread.h | unit before_system
{
  include_all libsched.h
  grep -rhoE '^#define LIBSCHED_[A-Z_]+_INIT' libsched | while read -r _ macro; do
    type=$(echo "$macro" | sed 's/_INIT$//' | tr '[:upper:]' '[:lower:]')
    echo "extern $type var_$type;"
    echo "$type var_$type = $macro;"
  done
} | unit initialisers
include_all libsched.h | unit padding

warnings="-pedantic-errors -Wall -Wextra -Werror $language"
# shellcheck disable=SC2086
"$compiler" -std="$standard" $warnings -I "$include" -fsyntax-only "$work"/a*."$suffix" "$work"/b*."$suffix" \
  "$work"/i*."$suffix"
# shellcheck disable=SC2086
"$compiler" -std="$standard" $warnings -Wpadded -I "$include" -fsyntax-only "$work/padding.$suffix"
echo "$compiler -std=$standard: $(find "$work" -name "*.$suffix" | wc -l) files, $count headers"
