#!/bin/sh
# graph adds up what the two jobs have left, and the README shows this very program.
# shellcheck source-path=SCRIPTDIR source=common.inc disable=SC1091,SC2154
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/common.inc"

for _ in 1 2 3 4 5 6 7 8 9 10; do
  run 0 "$LIBSCHED_EXAMPLES/graph"
  expect_equal "graph" 25 "$(cat "$out")"
done

root=$here/../..
sed '1,/^ \*\/$/d' "$root/capi/examples/graph.c" >program
[ -s program ] || fail "graph.c has no comment at its head"
awk -v program=program '
  /^```/ {
    if (inside && text == wanted) found = 1
    inside = $0 == "```c"
    text = ""
    next
  }
  inside { text = text $0 "\n" }
  BEGIN { while ((getline line <program) > 0) wanted = wanted line "\n" }
  END { exit !found }
' "$root/README.md" || fail "the README has no C program that is capi/examples/graph.c without its comment"
