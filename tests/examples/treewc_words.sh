#!/bin/sh
# treewc counts as wc does: all byte values, alone and between others, whole files and files cut into
# pieces at every place.
# shellcheck source-path=SCRIPTDIR source=common.inc disable=SC1091,SC2154
. "$(dirname "$0")/common.inc"

# Compares each file, not only the total: treewc lists all of them when there are no more than K.
expect_each() {
  directory=$1
  shift
  (cd "$directory" && wc -lwc ./*) | awk '{ print $1, $2, $3, $4 }' | sort >"$work/expected"
  (cd "$directory" && "$treewc" --top 10000 "$@" .) | sort >"$work/actual"
  cmp "$work/expected" "$work/actual" || {
    diff "$work/expected" "$work/actual" | head >&2 || true
    fail "treewc $* and wc differ"
  }
}

# Each of the 256 byte values: alone, twice, and beside and between letters and spaces.
mkdir bytes
value=0
while [ "$value" -lt 256 ]; do
  byte="\\$(printf %03o "$value")"
  i=0
  for text in "$byte" "$byte$byte" "a$byte" "${byte}a" "a${byte}b" " $byte " "a $byte b"; do
    # shellcheck disable=SC2059 # the text is made of escapes
    printf "$text" >"bytes/$value-$i"
    i=$((i + 1))
  done
  value=$((value + 1))
done
expect_each bytes
expect_each bytes --split 1
expect_each bytes --split 2 --workers 16

# A letter, a space, a newline and two bytes that neither begin nor end a word (one with the top bit):
# all strings of up to four of them, each as a file.
mkdir strings
awk 'BEGIN {
  split("a s n z h", c, " ")
  previous[0] = ""; count = 1
  for (length_ = 1; length_ <= 4; length_++) {
    k = 0
    for (i = 0; i < count; i++) for (j = 1; j <= 5; j++) next_[k++] = previous[i] c[j]
    count = k
    for (i = 0; i < k; i++) { previous[i] = next_[i]; print next_[i] }
  }
}' >list
while read -r name; do
  printf %s "$name" | tr 'asnzh' 'a \n\000\200' >"strings/$name"
done <list
expect_each strings
for split in 1 2 3; do expect_each strings --split "$split"; done

# The same strings in one file, which is cut at every place and into pieces of many sizes. Long runs of
# each byte reach across whole pieces and across the blocks in which bytes are counted.
mkdir one
tr -d '\n' <list | tr 'asnzh' 'a \n\000\200' >one/file
for letter in a s n z h a z s z a h a s; do
  head -c 3000 /dev/zero | tr '\000' "$letter" | tr 'asnzh' 'a \n\000\200'
done >>one/file
for split in 1 2 3 4 5 6 7 8 9 10 11 13 16 17 31 64 100 255 1000 2040 2041 100000; do
  expect_totals --split "$split" -- one
  expect_totals --split "$split" --workers 1 -- one
done

# All pairs of bytes.
mkdir pairs
awk 'BEGIN { for (i = 0; i < 256; i++) for (j = 0; j < 256; j++) printf "\\%03o\\%03o", i, j }' |
  while IFS= read -r escapes || [ -n "$escapes" ]; do
    # shellcheck disable=SC2059 # the text is made of escapes
    printf "$escapes"
  done >pairs/file
expect_equal "size of the file with all pairs" 131072 "$(wc -c <pairs/file)"
for split in 1000000 3 4096; do expect_totals --split "$split" -- pairs; done

# Larger than a buffer, with a word across every border of a buffer and of a piece.
mkdir large
head -c 9000000 /dev/zero | tr '\000' x >large/one-word
awk 'BEGIN { for (i = 0; i < 300000; i++) printf "%d words\tin a line\n", i }' >large/lines
for workers in 1 2 16; do
  expect_totals --workers "$workers" -- large
  expect_totals --workers "$workers" --split 65537 -- large
done
