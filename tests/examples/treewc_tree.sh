#!/bin/sh
# What treewc finds below a directory: names of all kinds, links, fifos, empty files; and --top.
# shellcheck source-path=SCRIPTDIR source=common.inc disable=SC1091,SC2154
. "$(dirname "$0")/common.inc"

newline='
'
mkdir -p tree/a/b/c tree/empty "tree/with space" "tree/new${newline}line" tree/-dash
printf 'one two\nthree\n' >tree/a/b/c/text
printf 'no newline' >"tree/with space/a file"
: >tree/empty-file
printf 'x y z\n' >"tree/new${newline}line/more${newline}lines"
printf 'a\nb\n' >tree/-dash/--top
printf 'ab\000\001\002\377cd ef' >tree/binary
printf 'hidden\n' >tree/.hidden
printf 'in a tree beside\n' >beside

# Symbolic links are not followed: to a file, to a directory, in a circle, to nothing.
ln -s ../beside tree/link-to-file
ln -s .. tree/link-up
ln -s loop tree/loop
ln -s nothing tree/dangling
# Opening a fifo that nobody writes to would hang: the test would run into its time limit.
mkfifo tree/fifo

for workers in 1 2 16; do
  expect_totals --workers "$workers" -- tree
  expect_totals --workers "$workers" --split 3 -- tree
  expect_equal "messages" "" "$(cat "$err")"
done
expect_equal "the tree" "6 13 52 total" "$(wc_totals tree)"

# Several directories, one of them twice; a file; no argument: the current directory.
expect_totals -- tree beside tree/a tree/a
dash=$(cd tree && "$treewc" -- -dash)
expect_equal "a name like an option" "$(wc_totals tree/-dash)" "$dash"
here=$(cd tree && "$treewc")
expect_equal "treewc in the directory" "$(wc_totals tree)" "$here"
here=$(cd tree/empty && "$treewc")
expect_equal "treewc in an empty directory" "0 0 0 total" "$here"

# As arguments, links and fifos are skipped, aloud, and a link with a slash is the directory.
run 0 "$treewc" tree/link-up tree/fifo
expect_equal "a link and a fifo" "0 0 0 total" "$(cat "$out")"
expect_message "treewc: skipped 'tree/link-up': a symbolic link, which is not followed"
expect_message "treewc: skipped 'tree/fifo': no directory and no regular file"
ln -s tree/a link
expect_totals -- link/

# --top K: the files with the most lines first, then by name; names stay on their line.
printf '1\n2\n3\n' >tree/x
printf '1\n2\n3\n' >tree/w
printf 'one\n' >"$(printf 'tree/a\tb\\c\033[31md\302\233e\303\274')"
run 0 "$treewc" --workers 3 --top 6 tree
cat >expected <<'END'
3 3 6 tree/w
3 3 6 tree/x
2 2 4 tree/-dash/--top
2 3 14 tree/a/b/c/text
1 1 7 tree/.hidden
END
printf '1 1 4 tree/a\\011b\\\\c\\033[31md\\302\\233e\303\274\n' >>expected
wc_totals tree >>expected
cmp expected "$out" || fail "--top 6 printed: $(cat "$out")"
run 0 "$treewc" --top 100 --workers 1 tree
mv "$out" all
grep -F '1 3 6 tree/new\012line/more\012lines' all >/dev/null || fail "no escaped newline in: $(cat all)"
expect_equal "lines printed by --top 100" "$(($(find tree -type f -print0 | tr -dc '\000' | wc -c) + 1))" "$(wc -l <all)"
run 0 "$treewc" --top=100 --workers=16 tree
cmp all "$out" || fail "--top depends on the number of workers"
run 0 "$treewc" --top 0 tree
expect_equal "--top 0" "$(wc_totals tree)" "$(cat "$out")"

# A deep tree: every level is a task of its own.
deep=deep
i=0
while [ "$i" -lt 200 ]; do
  deep=$deep/d
  i=$((i + 1))
done
mkdir -p "$deep"
printf 'deep down\n' >"$deep/file"
expect_totals -- deep
