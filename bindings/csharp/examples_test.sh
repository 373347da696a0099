#!/bin/sh
# The examples on input of their own: sh examples_test.sh. What runs TreeWc, Graph and AsyncCrawl
# stands in TREEWC, GRAPH and ASYNCCRAWL.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/tree/a/b" "$work/made"
printf 'one two\nthree' >"$work/tree/a/x"
printf '\n\n  four\tfive \n' >"$work/tree/a/b/y"
: >"$work/tree/empty"
ln -s a/x "$work/tree/link"

# same WHAT EXPECTED ACTUAL
same() {
  if [ "$2" != "$3" ]; then
    printf '%s: "%s" in place of "%s"\n' "$1" "$3" "$2" >&2
    exit 1
  fi
}

expected=$(find "$work/tree" -type f -print0 | LC_ALL=C wc -lwc --files0-from=- | awk 'END { $1 = $1; print }')
# shellcheck disable=SC2086 # a command and its arguments
same TreeWc "$expected" "$($TREEWC "$work/tree" | awk '{ $1 = $1; print }')"

for name in p q; do printf 'int main(void) { return 0; }\n' >"$work/$name.c"; done
printf 'all: ; +@%s cc made p.c q.c\n' "$GRAPH" >"$work/Makefile"
(cd "$work" && make --no-print-directory -j2) >"$work/first"
same "Graph" "5 done, 0 fresh" "$(sed -n 's/^\(5 done, 0 fresh\).*/\1/p' "$work/first")"
"$work/made/p" && "$work/made/q"

printf '#include "b.h"\n#include <none.h>\n' >"$work/a.h"
printf '#include <a.h>\n#include "tree/c.h"\n' >"$work/b.h"
: >"$work/tree/c.h"
# shellcheck disable=SC2086
same AsyncCrawl "3 headers, 1 includes lead elsewhere" "$($ASYNCCRAWL "$work" a.h)"
echo "the examples say what they should"
