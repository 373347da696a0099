#!/bin/sh
# crawl reads every regular file once, whatever its workers, bounds and limits: the counts are those of find and wc.
# shellcheck source-path=SCRIPTDIR source=common.inc disable=SC1091,SC2154
. "$(dirname "$0")/common.inc"

crawl=$LIBSCHED_EXAMPLES/crawl
newline='
'

# What find and wc say of a tree, as crawl_counts.
expected_counts() {
  files=$(find "$1" -type f -print0 | tr -dc '\000' | wc -c)
  wc_totals "$1" | awk -v files="$files" '{ print files, files, 0, 0, $1, $3 }'
}

mkdir -p "tree/a b/c" "tree/new${newline}line" tree/no-files other many
printf 'one\ntwo\n' >tree/file
printf 'no newline' >"tree/a b/c/file"
: >tree/empty
printf 'x\n\n\n' >"tree/new${newline}line/more${newline}lines"
printf 'hidden\n' >tree/.hidden
awk 'BEGIN { for (i = 0; i < 300000; i++) printf "%d words in a line\n", i }' >tree/large
printf 'beside\n' >other/file
(cd many && seq 1 3000 | while read -r i; do echo "$i" >"$i"; done)
# Neither is followed, and opening the fifo would hang: the test would run into its time limit.
ln -s ../other tree/link
ln -s ../other/file tree/link-to-file
ln -s . tree/loop
mkfifo tree/fifo

for options in "" "--workers 1 --bound 1 --limit 1" "--workers 7 --bound 3 --limit 16" "--workers=3 --limit=1"; do
  # shellcheck disable=SC2086 # options and numbers
  run 0 "$crawl" $options tree other many
  for tree in tree other many; do
    expect_equal "$tree, crawl $options" "$(expected_counts $tree)" "$(crawl_counts $tree)"
  done
  expect_equal "total, crawl $options" "3007 3007 0 0" "$(crawl_counts total | cut -d ' ' -f 1-4)"
  expect_equal "messages" "" "$(cat "$err")"
done

# The lines are in the order of the command line, and stay lines whatever a name has in it.
expect_equal "order" "tree other many total" "$(awk 'NR > 1 { printf "%s%s", separator, $7; separator = " " }' "$out")"
run 0 "$crawl" "tree/new${newline}line"
expect_equal "an escaped name" "1 1 0 0 3 4" "$(crawl_counts 'tree/new\012line')"

# Trees without files: an empty directory, and one with nothing but directories, links and a fifo.
mkdir empty empty/empty
ln -s ../tree empty/link
mkfifo empty/fifo
run 0 "$crawl" tree/no-files empty
expect_equal "an empty directory" "0 0 0 0 0 0" "$(crawl_counts tree/no-files)"
expect_equal "a tree without files" "0 0 0 0 0 0" "$(crawl_counts empty)"
expect_equal "the total of nothing" "0 0 0 0 0 0" "$(crawl_counts total)"

# As many trees as one likes: each has a channel and a walker.
mkdir hosts
(cd hosts && seq 1 200 | while read -r i; do mkdir "$i" && echo "$i" >"$i/file"; done)
run 0 "$crawl" --workers 2 hosts/*
expect_equal "200 trees" "200 200 0 0" "$(crawl_counts total | cut -d ' ' -f 1-4)"
