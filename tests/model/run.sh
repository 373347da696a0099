#!/bin/sh
# Explores every scenario of tests/model and kills every mutant, and prints the ledger of that.
#
#   sh tests/model/run.sh [--deep] [NAME...]
#
# Without --deep: what `ctest -L model` runs, in a minute or so. With --deep: that, and then all scenarios again at their deep
# bounds and with five times as many random executions, twenty seconds at most for each; the ledger goes to
# tests/model/ledger.md. NAME: only these scenarios and groups of memory orders, and no ledger is written.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"

deep=
while [ $# -gt 0 ]; do
  case $1 in
    --deep) deep=yes ;;
    -h | --help)
      sed -n '2,/^set/ s/^# \{0,1\}//p' tests/model/run.sh
      exit 0
      ;;
    -*)
      echo "run.sh: \"$1\" is not an option" >&2
      exit 2
      ;;
    *) break ;;
  esac
  shift
done

sh tests/support/setup.sh g++ cmake ninja-build pkg-config libgtest-dev
jobs=$(nproc)
work=build/model-run
rm -rf "$work"
mkdir -p "$work"
cmake --preset release >"$work/configure.log" || { cat "$work/configure.log"; exit 1; }
cmake --build --preset release --parallel "$jobs" --target model_tests >"$work/build.log" ||
  { tail -n 100 "$work/build.log"; exit 1; }
program=$root/build/release/tests/model_tests

"$program" list | sed 's/^scenario/run/' >"$work/all"
if [ $# -gt 0 ]; then
  for name in "$@"; do
    grep " $name\$" "$work/all" || { echo "run.sh: there is no \"$name\"" >&2; exit 2; }
  done >"$work/chosen"
else
  cp "$work/all" "$work/chosen"
fi

# explore PASS OPTION...: every chosen line at once, as many at a time as there are CPUs
explore() {
  pass=$1
  shift
  mkdir -p "$work/$pass"
  start=$(date +%s)
  xargs -P "$jobs" -n 2 sh tests/model/one.sh "$program" "$work/$pass" "$*" <"$work/chosen" || failed=yes
  seconds=$(($(date +%s) - start))
}

failed=
explore default
default_seconds=$seconds
if [ "$deep" = yes ]; then
  # Mutants are killed at the default bounds.
  grep '^run ' "$work/chosen" >"$work/deep-chosen" || true
  mv "$work/deep-chosen" "$work/chosen"
  explore deep --deep --seconds 20
fi

# rows PASS KIND: the ledger's lines, without the first word
rows() {
  cat "$work/$1"/*.ledger 2>/dev/null | sort | sed -n "s/^$2	//p"
}
table() {
  awk -F '\t' -v OFS=' | ' '{ $1 = $1; print "| " $0 " |" }'
}
mutant_sum() {
  rows default mutants | awk -F '\t' '
    { killed += $2; argued += $3; all += $4; seconds += $5 }
    END { if (all) printf "| together | %d (%.1f %%) | %d | %d | %.2f |\n", killed, 100 * killed / all, argued, all, seconds }'
}
ledger() {
  cat <<LEDGER
# What the model checker has seen

Written by \`sh tests/model/run.sh --deep\`; README.md says what the columns mean.
$("$program" list | grep -c ^scenario) scenarios, $jobs CPUs; the default run took $default_seconds s of wall time, the deep one $seconds s.

## Mutants

Each memory order of the engine weakened by one step, one at a time: killed by a scenario, or argued in survivors.md.

| orders | killed | argued | all | seconds |
|---|---|---|---|---|
$(rows default mutants | table)
$(mutant_sum)

## Scenarios, default run

| scenario | strategy | bound | within it | executions | redundant | steps | seconds |
|---|---|---|---|---|---|---|---|
$(rows default scenario | table)

## Scenarios, deep run

| scenario | strategy | bound | within it | executions | redundant | steps | seconds |
|---|---|---|---|---|---|---|---|
$(rows deep scenario | table)
LEDGER
}

cat "$work"/*/*.log | grep -E '^(FAILED|replay:)|^SURVIVED' || true
if [ "$deep" = yes ] && [ $# -eq 0 ]; then
  ledger >tests/model/ledger.md
  echo "written: tests/model/ledger.md"
fi
rows default mutants | awk -F '\t' '{ k += $2; a += $3; n += $4 }
  END { if (n) printf "%d of %d mutants killed, %d argued\n", k, n, a }'
if [ -n "$failed" ]; then
  echo "FAIL: see above, and the logs in $work"
  exit 1
fi
echo "PASS: the default runs took $default_seconds s of wall time"
