#!/bin/sh
# crawl --cancel gives up one tree midway: each of its files is stored, failed or cancelled, the program has compared that
# with the counts of the library (its exit status would be 3), and the other trees lose nothing.
# shellcheck source-path=SCRIPTDIR source=common.inc disable=SC1091,SC2154
. "$(dirname "$0")/common.inc"

crawl=$LIBSCHED_EXAMPLES/crawl

mkdir kept given-up large large/below
(cd kept && seq 1 500 | while read -r i; do echo "$i" >"$i"; done)
(cd given-up && seq 1 3000 | while read -r i; do echo "$i" >"$i"; done)

# One file at a time: exactly so many are stored. The rest of what was found is at most what the bound lets wait, and the one
# that the walker has in its hand.
for after in 1 2 100; do
  run 0 "$crawl" --workers 3 --limit 1 --bound 8 --cancel "given-up:$after" kept given-up
  # shellcheck disable=SC2046 # numbers
  set -- $(crawl_counts given-up)
  expect_equal "stored before the cancel" "$after" "$2"
  expect_equal "failed" 0 "$3"
  expect_equal "found" "$(($2 + $4))" "$1"
  [ "$1" -le "$((after + 8 + 1))" ] || fail "the bound is 8, and $1 files were found when $after were stored"
  expect_equal "the other tree" "500 500 0 0" "$(crawl_counts kept | cut -d ' ' -f 1-4)"
  # shellcheck disable=SC2046 # numbers
  set -- "$4" $(sed -n 's/^given up: given-up: \([0-9]*\) files that waited, \([0-9]*\) that .*, \([0-9]*\) found.*/\1 \2 \3/p' "$out")
  expect_equal "what became of the cancelled ones" "$1" "$(($2 + $3 + $4))"
  expect_equal "files that were being read" 0 "$3"
done

# The same with whatever happens at a time; without a number, after the first file.
round=0
while [ "$round" -lt 50 ]; do
  run 0 "$crawl" --workers 4 --limit 4 --bound 16 --cancel given-up given-up kept
  # shellcheck disable=SC2046 # numbers
  set -- $(crawl_counts given-up)
  expect_equal "found" "$(($2 + $3 + $4))" "$1"
  [ "$2" -ge 1 ] || fail "$2 files were stored before the first one was"
  [ "$1" -lt 3000 ] || fail "the walker was not stopped"
  expect_equal "the other tree" "500 500 0 0" "$(crawl_counts kept | cut -d ' ' -f 1-4)"
  round=$((round + 1))
done

# Who reads is told. The first file cannot be read to its end within the time limit; when the second one is stored it is being
# read, and none of the others, which are found later, since the limit is two.
if truncate -s 8000G large/endless 2>/dev/null; then
  mkdir large/below/below
  truncate -s 20M large/below/file
  for i in 1 2 3 4 5; do truncate -s 8000G large/below/below/$i; done
  run 0 "$crawl" --workers 8 --limit 2 --cancel large large
  expect_equal "stored" "1 0" "$(crawl_counts large | cut -d " " -f 2,3)"
  expect_equal "being read" 1 "$(grep -c ", 1 that were being read, " "$out")"
else
  echo "not tested: no file system for a large file with nothing in it"
fi

# A tree that ends before it is to be given up.
run 0 "$crawl" --cancel kept:501 kept
expect_equal "all of it" "500 500 0 0" "$(crawl_counts kept | cut -d ' ' -f 1-4)"
expect_message "crawl: not given up is 'kept': it has fewer files than --cancel says"
run 0 "$crawl" --cancel kept:500 kept
expect_equal "just enough" "500 500 0 0" "$(crawl_counts kept | cut -d ' ' -f 1-4)"
expect_equal "messages" "" "$(cat "$err")"

# A colon in a name: the whole text goes first.
mkdir a a:2
echo x >a/x
for i in 1 2 3; do echo $i >a:2/$i; done
run 0 "$crawl" --limit 1 --cancel a:2 a a:2
expect_equal "a:2 as a name" 1 "$(crawl_counts a:2 | cut -d ' ' -f 2)"
run 0 "$crawl" --limit 1 --cancel a:2:2 a a:2
expect_equal "a:2 as a name, with a number" 2 "$(crawl_counts a:2 | cut -d ' ' -f 2)"
