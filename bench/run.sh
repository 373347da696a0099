#!/bin/sh
# Builds libsched and its peers, runs all of them side by side, and prints the table of ratios.
set -eu

usage() {
  cat <<'END'
Usage: sh bench/run.sh [--quick] [--passes N] [--rows "ROW ..."]
       sh bench/run.sh --bindings [--quick] [--passes N]

Measures libsched beside crossbeam, rayon, oneTBB, moodycamel::ConcurrentQueue, the jobserver crate, a mutex
and bare system calls: every row of bench/rows.txt, one pass of each side in turn, again and again, and
prints one table of medians and ratios. On Debian 12 what is missing is installed first. All results are
left in build/bench.

  --quick      5 passes instead of 15
  --passes N   N passes
  --rows LIST  only these rows
  --bindings   what the language bindings cost, in place of the rows; left in build/bench/bindings.txt
  --help       this text

Exit status: 0 the table is complete, whether or not the targets are met; 1 a figure is missing (on a
system other than Debian 12 the peers may be missing); 2 the command line is wrong.
END
}

passes=15
bindings=
only=
while [ $# -gt 0 ]; do
  case $1 in
    --quick) passes=5 ;;
    --bindings) bindings=yes ;;
    --passes | --rows)
      if [ $# -lt 2 ]; then
        echo "bench/run.sh: $1 needs a value" >&2
        exit 2
      fi
      if [ "$1" = --rows ]; then only=$2; else passes=$2; fi
      shift
      ;;
    --help)
      usage
      exit 0
      ;;
    *)
      echo "bench/run.sh: unknown argument \"$1\"" >&2
      usage >&2
      exit 2
      ;;
  esac
  shift
done
case $passes in
  '' | *[!0-9]* | 0*)
    echo "bench/run.sh: --passes is \"$passes\"; it must be a number from 1" >&2
    exit 2
    ;;
esac

cd "$(dirname -- "$0")/.."
if [ -n "$bindings" ]; then exec sh bench/bindings.sh "$passes"; fi
out=$PWD/build/bench
rows=$PWD/bench/rows.txt
for row in $only; do
  if ! grep -q "^$row " "$rows"; then
    echo "bench/run.sh: no row \"$row\" in bench/rows.txt" >&2
    exit 2
  fi
done
mkdir -p "$out/raw"

say() {
  printf 'bench: %s\n' "$*"
}

debian_12() {
  [ -r /etc/os-release ] && grep -qx 'ID=debian' /etc/os-release &&
    grep -qx 'VERSION_ID="12"' /etc/os-release
}

# --- What is needed ---

crates=/usr/share/cargo/registry
peer_packages="libtbb-dev libconcurrentqueue-dev librust-crossbeam-deque-dev librust-crossbeam-channel-dev
librust-crossbeam-queue-dev librust-rayon-dev librust-rayon-core-dev librust-jobserver-dev"
if debian_12; then
  cargo_packages=
  cargo --version >/dev/null 2>&1 || cargo_packages="cargo rustc"
  # shellcheck disable=SC2086 # lists of words
  sh tests/support/setup.sh g++ cmake ninja-build libbenchmark-dev $peer_packages $cargo_packages
else
  say "this is not Debian 12: nothing is installed, and peers that are not here are left out"
fi

# --- Building ---

say "building libsched (Release) and the C++ peers"
cmake -S . -B "$out/cmake" -G Ninja -DCMAKE_BUILD_TYPE=Release -DLIBSCHED_BUILD_TESTS=OFF \
  -DLIBSCHED_BUILD_BENCH=ON >"$out/cmake.log" 2>&1 || {
  cat "$out/cmake.log" >&2
  exit 1
}
cmake --build "$out/cmake" >"$out/build.log" 2>&1 || {
  tail -n 50 "$out/build.log" >&2
  exit 1
}

for side in core abi; do
  if ! [ -x "$out/cmake/bench/bench_$side" ]; then
    say "FAILED: the build made no bench_$side; build/bench/cmake.log says why (Google Benchmark is needed)" >&2
    exit 1
  fi
done

# Copied, so that cargo's lock file and settings stay out of the source tree. A CARGO_HOME of its own keeps the
# user's settings, such as another replacement of crates.io, out of the build.
build_rust() {
  mkdir -p "$out/rust/.cargo" "$out/rust/src"
  cp -p bench/peers/Cargo.toml "$out/rust/"
  cp -p bench/peers/src/*.rs "$out/rust/src/"
  cat >"$out/rust/.cargo/config.toml" <<END
[source.crates-io]
replace-with = "packaged"
[source.packaged]
directory = "$crates"
END
  (cd "$out/rust" && CARGO_HOME="$out/cargo" cargo build --release --offline --target-dir "$out/rust/target") \
    >"$out/rust.log" 2>&1
}

if ! cargo --version >/dev/null 2>&1; then
  say "no cargo: the columns crossbeam, rayon and jobserver stay empty"
elif ! [ -d "$crates" ]; then
  say "no packaged crates in $crates: the columns crossbeam, rayon and jobserver stay empty"
else
  say "building the Rust peers"
  if ! build_rust; then
    say "the Rust peers cannot be built, so the columns crossbeam, rayon and jobserver stay empty:"
    tail -n 20 "$out/rust.log"
    rm -f "$out/rust/target/release/rust-peers"
  fi
fi

# --- Running ---

# Sets `program` to the one of a side and `name` to what it calls the row; fails if the program is not there.
locate() { # row side
  column=${2%%/*}
  name=$1${2#"$column"}
  case $column in
    crossbeam | rayon | jobserver) program=$out/rust/target/release/rust-peers ;;
    *) program=$out/cmake/bench/bench_$column ;;
  esac
  [ -x "$program" ]
}

# The figures of one pass go to stdout as "value X" and "p99 X".
run_program() { # column program name
  case $1 in
    crossbeam | rayon | jobserver) timeout 60 "$2" "$1" "$3" ;;
    *)
      timeout 60 "$2" --benchmark_filter="^$3/" --benchmark_format=json |
        awk '/^ *"(value|p99)":/ { gsub(/[",:]/, ""); print $1, $2 }'
      ;;
  esac
}

run_pass() { # row side pass: into a file of its own
  raw=$out/raw/$1.$(echo "$2" | tr / -).$3
  locate "$1" "$2" || return 0
  run_program "$column" "$program" "$name" >"$raw" 2>"$raw.err" || true
}

collect_pass() { # row side pass
  raw=$out/raw/$1.$(echo "$2" | tr / -).$3
  locate "$1" "$2" || return 0
  if grep -q '^value ' "$raw"; then
    awk -v row="$1" -v side="$2" '
      $1 == "value" { print row, side, $2 }
      $1 == "p99" { print row "-p99", side, $2 }' "$raw" >>"$out/passes.txt"
  else
    failures=$((failures + 1))
    printf '\n'
    say "$1, $2, pass $3 failed:"
    cat "$raw.err"
  fi
}

# Each pass begins with another side: who comes after whom matters, if only for the state of the kernel's free pages.
run_row() { # row side...
  row=$1
  shift
  printf '%-16s' "$row"
  pass=1
  while [ "$pass" -le "$passes" ]; do
    if [ "$row" = idle ]; then
      # Processes that do nothing do not disturb each other: all sides idle at the same time.
      pids=
      for side in "$@"; do
        run_pass "$row" "$side" "$pass" &
        pids="$pids $!"
      done
      for pid in $pids; do wait "$pid"; done
    else
      for side in "$@"; do run_pass "$row" "$side" "$pass"; done
    fi
    for side in "$@"; do collect_pass "$row" "$side" "$pass"; done
    printf ' %d' "$pass"
    pass=$((pass + 1))
    first=$1
    shift
    set -- "$@" "$first"
  done
  printf '\n'
}

wants() { # row
  [ -z "$only" ] && return 0
  for picked in $only; do
    if [ "$picked" = "$1" ] || [ "$picked" = "$1-p99" ]; then return 0; fi
  done
  return 1
}

load() {
  cut -d' ' -f1 /proc/loadavg
}

: >"$out/passes.txt"
rm -f "$out/raw/"*
failures=0
load_before=$(load)
say "running $passes passes of each side, in turn"
while read -r row _ sides _ <&3; do
  case $row in '' | '#'* | *-p99) continue ;; esac
  wants "$row" || continue
  # shellcheck disable=SC2046 # a list of words
  run_row "$row" $(echo "$sides" | tr , ' ')
done 3<"$rows"

# --- The table ---

status=0
{
  echo
  echo "$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1), $(nproc) CPUs, Linux $(uname -r)," \
    "load average $load_before before and $(load) after"
  if command -v dpkg-query >/dev/null 2>&1; then
    # shellcheck disable=SC2086 # a list of words
    dpkg-query -W -f '${Package} ${Version}\n' g++ $peer_packages 2>/dev/null | paste -sd';' | sed 's/;/; /g'
  fi
  if cargo --version >/dev/null 2>&1; then rustc --version || true; fi
  echo
  echo "Medians of $passes interleaved passes; in brackets the distance between the quartiles, in % of the median."
  echo
} >"$out/table.txt"
awk -f bench/table.awk -v only="$only" "$rows" "$out/passes.txt" >>"$out/table.txt" || status=$?
cat "$out/table.txt"

if [ "$status" -ne 0 ] && [ "$status" -ne 3 ]; then
  say "the table could not be made (awk ended with $status)"
  exit 1
fi
if [ "$failures" -gt 0 ]; then
  say "FAILED: $failures passes failed"
  exit 1
fi
if [ "$status" -eq 3 ]; then
  if debian_12; then
    say "FAILED: figures are missing"
    exit 1
  fi
  say "figures are missing, which is no failure on this system"
fi
say "done: build/bench/table.txt"
