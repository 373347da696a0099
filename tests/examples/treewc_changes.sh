#!/bin/sh
# A tree that changes while it is counted: files and directories appear, grow, shrink, vanish and become
# something else. The totals then mean little, but every run ends, and with 0 or 1.
# shellcheck source-path=SCRIPTDIR source=common.inc disable=SC1091,SC2154
. "$(dirname "$0")/common.inc"

mkdir tree
for i in 1 2 3 4 5 6 7 8 9; do
  mkdir -p "tree/$i"
  for j in 1 2 3 4 5 6 7 8 9; do printf 'some words in a file\n' >"tree/$i/$j"; done
done

(
  while [ ! -e stop ]; do
    for i in 1 2 3 4 5 6 7 8 9; do
      : >tree/$i/1
      rm -f tree/$i/2
      mkdir tree/$i/new && printf 'x\n' >tree/$i/new/file
      mv tree/$i/3 tree/$i/4
      ln -s . tree/$i/3
      mkfifo tree/$i/2
      head -c 3000 /dev/zero >tree/$i/1
      rm -rf tree/$i/new tree/$i/2 tree/$i/3
      printf 'words again\n' >tree/$i/2
      printf 'words again\n' >tree/$i/3
    done
    : >changed
  done
) &
changer=$!
trap 'touch stop; wait "$changer" || true; clean_up' EXIT

round=0
while [ "$round" -lt 100 ] || [ ! -e changed ]; do
  for arguments in "--workers 4" "--workers 2 --split 7 --top 5"; do
    status=0
    # shellcheck disable=SC2086 # options and numbers
    "$treewc" $arguments tree >"$out" 2>"$err" || status=$?
    [ "$status" -le 1 ] || fail "treewc $arguments ended with $status: $(cat "$err")"
    [ "$status" -eq 0 ] || expect_message "the totals are not complete"
    case $(tail -n 1 "$out") in
      *" total") ;;
      *) fail "treewc $arguments printed no total" ;;
    esac
  done
  round=$((round + 1))
done
touch stop
wait "$changer"

# With the tree at rest the totals are right again.
expect_totals --split 7 -- tree
