#!/bin/sh
# More work than the pool's queue may hold: what does not fit is done where it is found, and nothing is
# lost. With one worker nobody takes work out meanwhile, so the queue really is full.
# shellcheck source-path=SCRIPTDIR source=common.inc disable=SC1091,SC2154
. "$(dirname "$0")/common.inc"

# Pieces: both files are cut before the first piece is counted.
mkdir pieces
head -c 60000 /dev/zero | tr '\000' 'x' >pieces/word
awk 'BEGIN { for (i = 0; i < 20000; i++) printf "x\n " }' >pieces/lines
expect_totals --split 1 --workers 1 -- pieces
expect_totals --split 1 --workers 4 -- pieces

# Files, and directories among them, in one directory.
mkdir many
(
  cd many || exit
  seq 1 66000 | xargs touch
  seq 1 300 | sed 's/^/d/' | xargs mkdir
  for directory in d*; do
    mkdir "$directory/sub"
    printf 'a file\n' >"$directory/sub/file"
  done
)
expect_totals --workers 1 -- many
expect_totals --workers 3 --top 10 -- many
