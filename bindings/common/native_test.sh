#!/bin/sh
# Every downcall goes through SWIG: no file written by hand declares a native function of libsched.
# sh native_test.sh LANGUAGE FOLDER [TRAMPOLINES]
# TRAMPOLINES is how many such declarations the language needs for its upcalls (0).
set -eu

language=$1 folder=$2 allowed=${3:-0}
# What stands in a comment or a text is no declaration.
case $language in
  java) files='*.java' pattern='^[^*/"]*[[:space:]]native[[:space:]]' ;;
  go) files='*.go' pattern='^[^/]*import "C"' ;;
  csharp) files='*.cs' pattern='^[^/]*\[DllImport' ;;
  *)
    echo "native_test.sh: no language \"$language\"" >&2
    exit 2
    ;;
esac

sources=$(find "$folder" -name "$files" ! -path '*/internal/raw/*' | wc -l)
if [ "$sources" -eq 0 ]; then
  echo "There is no $files below $folder." >&2
  exit 1
fi
found=$(find "$folder" -name "$files" ! -path '*/internal/raw/*' -exec grep -nHE "$pattern" {} + || true)
count=$(printf '%s' "$found" | grep -c . || true)
if [ "$count" -ne "$allowed" ]; then
  printf '%s native declarations are written by hand, %s are allowed:\n%s\n' "$count" "$allowed" "$found" >&2
  exit 1
fi
echo "$sources files, $count native declarations"
