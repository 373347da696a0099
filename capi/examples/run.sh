#!/bin/sh
# Builds libsched, installs it into a private prefix below build/, compiles the examples against it and
# runs them on real input: treewc and crawl must count exactly what find and wc count, and make must keep to
# the slots that it is served.
#
#     sh capi/examples/run.sh [DIRECTORY...]      (default: /usr/include /usr/share)
#
# What is missing is installed first where apt-get can do that. A second run builds only what has changed,
# and needs no network.
# shellcheck source-path=SCRIPTDIR disable=SC1091,SC2034,SC2154
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
output=$root/build/examples
bin=$output/bin
script=capi/examples/run.sh
. "$root/tests/support/steps.inc"

now() {
  date +%s.%N
}

# seconds START: how long ago that was.
seconds() {
  LC_ALL=C awk -v from="$1" -v to="$(now)" 'BEGIN { printf "%.2f", to - from }'
}

# Sets totals and took. What cannot be read is no failure here: it is missing in both counts.
count_with_treewc() {
  start=$(now)
  status=0
  totals=$("$bin/treewc" "$@" 2>"$output/treewc.err") || status=$?
  took=$(seconds "$start")
  if [ "$status" -gt 1 ] || [ -z "$totals" ]; then
    cat "$output/treewc.err" >&2
    printf 'treewc ended with status %s\n' "$status" >&2
    exit 1
  fi
}

count_with_wc() {
  start=$(now)
  # -n 1: the last line is the total; more than one file is sure to be there.
  totals=$(find "$@" -type f -print0 2>"$output/find.err" |
    LC_ALL=C wc -lwc --files0-from=- 2>"$output/wc.err" | tail -n 1)
  took=$(seconds "$start")
}

step "Looking for the compiler, CMake, Ninja, pkg-config and make"
sh "$root/tests/support/setup.sh" g++ cmake ninja-build pkg-config make
mkdir -p "$bin"

step "Building libsched (Release) and installing it in build/examples/prefix"
build_and_install ""
printf 'libsched %s\n' "$(pkg-config --modversion sched)"

step "Compiling the examples"
# shellcheck disable=SC2016 # shown as a user would type it
printf '%s\n' 'cc -O2 -o treewc treewc.c $(pkg-config --cflags --libs sched)' \
  'cc -O2 -o find_task find_task.c $(pkg-config --cflags --libs sched) -pthread' \
  'cc -O2 -o graph graph.c $(pkg-config --cflags --libs sched)' \
  'cc -O2 -o jobs jobs.c $(pkg-config --cflags --libs sched) -pthread' \
  'cc -O2 -o crawl crawl.c $(pkg-config --cflags --libs sched) -pthread' \
  'cc -O2 -o quicksort quicksort.c $(pkg-config --cflags --libs sched)' \
  'cc -O2 -o mandelbrot mandelbrot.c $(pkg-config --cflags --libs sched)' \
  'cc -O2 -o jobtokens jobtokens.c $(pkg-config --cflags --libs sched)' \
  'cc -O2 -o plugin_host plugin_host.c $(pkg-config --cflags sched) -ldl'
(
  cd "$root/capi/examples"
  # eval, because pkg-config writes for a shell: a space in a path comes with a backslash before it.
  eval "cc -O2 -o \"\$bin/treewc\" treewc.c $(pkg-config --cflags --libs sched)"
  eval "cc -O2 -o \"\$bin/find_task\" find_task.c $(pkg-config --cflags --libs sched) -pthread"
  eval "cc -O2 -o \"\$bin/graph\" graph.c $(pkg-config --cflags --libs sched)"
  eval "cc -O2 -o \"\$bin/jobs\" jobs.c $(pkg-config --cflags --libs sched) -pthread"
  eval "cc -O2 -o \"\$bin/crawl\" crawl.c $(pkg-config --cflags --libs sched) -pthread"
  eval "cc -O2 -o \"\$bin/quicksort\" quicksort.c $(pkg-config --cflags --libs sched)"
  eval "cc -O2 -o \"\$bin/mandelbrot\" mandelbrot.c $(pkg-config --cflags --libs sched)"
  eval "cc -O2 -o \"\$bin/jobtokens\" jobtokens.c $(pkg-config --cflags --libs sched)"
  eval "cc -O2 -o \"\$bin/plugin_host\" plugin_host.c $(pkg-config --cflags sched) -ldl"
)

step "find_task: a work-stealing loop on deques and an injector"
"$bin/find_task"

step "quicksort: fork and join, against qsort"
"$bin/quicksort"

step "graph: jobs that wait for others"
"$bin/graph"

# Each test is compiled and linked by two jobs. The list is shell: what pkg-config prints is quoted for that, and $root is left to it.
step "jobs: compiles and links C tests of libsched, from a list"
tests=$output/tests
rm -rf "$tests"
mkdir "$tests"
export root bin
names=
for source in "$root"/tests/capi/graph*.c "$root"/tests/capi/run*.c "$root"/tests/capi/process*.c "$root"/tests/capi/queue*.c; do
  name=$(basename "$source" .c)
  names="$names $name"
  # shellcheck disable=SC2016
  printf '%s.o: ; cc -c -o made/%s.o %s -I "$root/tests/support" "$root/tests/capi/%s.c"\n' \
    "$name" "$name" "$(pkg-config --cflags sched)" "$name"
  printf '%s: %s.o ; cc -o made/%s made/%s.o %s -pthread -ldl\n' \
    "$name" "$name" "$name" "$name" "$(pkg-config --libs sched)"
done >"$tests/list"
echo "all:$names" >>"$tests/list"
# shellcheck disable=SC2016
printf 'all: ; +@"$$bin/jobs" list\n' >"$tests/Makefile"

# build_tests COMMAND...: all of them anew.
build_tests() {
  rm -rf "$tests/made"
  mkdir "$tests/made"
  start=$(now)
  if ! (cd "$tests" && "$@") >"$log" 2>&1; then
    tail -n 50 "$log" >&2
    exit 1
  fi
  took=$(seconds "$start")
  printf '%s   (%s s)\n' "$(tail -n 1 "$log")" "$took"
}
echo '$ jobs -j 2 list'
build_tests "$bin/jobs" -j 2 list
# shellcheck disable=SC2016
echo '$ make -s -j2      # all: ; +jobs list'
build_tests make -s -j2
"$tests/made/graph" cycles_are_told_by_their_names

# jobs_fails STATUS ARGUMENT...: shows what jobs says of the list on stdin.
jobs_fails() {
  wanted=$1
  shift
  sed "s/^/    /" >"$tests/wrong"
  cat "$tests/wrong"
  status=0
  (cd "$tests" && "$bin/jobs" "$@" wrong) 2>&1 || status=$?
  if [ "$status" -ne "$wanted" ]; then
    printf 'jobs ended with status %s in place of %s\n' "$status" "$wanted" >&2
    exit 1
  fi
}
step "jobs: a list that is broken, and commands that fail"
jobs_fails 2 <<'LIST'
app: main.o util.o ; cc -o app main.o util.o
main.o ; cc -c main.c
util.o: ;
LIST
jobs_fails 2 <<'LIST'
app: main.o
main.o: header ; cc -c main.c
header: app ; ./app --header
LIST
jobs_fails 1 -k -j 1 <<'LIST'
main.o: ; echo 'int main(void) { return x; }' | cc -x c -c -o main.o -
app: main.o ; cc -o app main.o
docs: ; echo written
LIST

step "mandelbrot: a parallel loop"
"$bin/mandelbrot" "$output/mandelbrot.ppm"
printf 'The picture: %s\n' "$output/mandelbrot.ppm"

step "plugin_host: dlopen, work, dlclose, 100 times"
"$bin/plugin_host" libsched.so.0 100

step "jobtokens: GNU make under our jobserver"
demo=$output/make
rm -rf "$demo"
mkdir -p "$demo/running"
cat >"$demo/Makefile" <<'END_OF_MAKEFILE'
jobs := 1 2 3 4 5 6 7 8 9
all: inherited $(jobs)
inherited: ; +@jobtokens
$(jobs): ; @mkdir running/$@ && ls running | wc -l >>seen && sleep 0.2 && rmdir running/$@
END_OF_MAKEFILE
printf '$ jobtokens --serve 3 -- make\n'
(
  cd "$demo"
  unset MAKEFLAGS MFLAGS CARGO_MAKEFLAGS MAKELEVEL
  PATH=$bin:$PATH jobtokens --serve 3 -- make 2>report
) || {
  cat "$demo/report" >&2
  exit 1
}
cat "$demo/report"
most=$(sort -n "$demo/seen" | tail -n 1)
printf '\n%s recipes, at most %s at a time.\n' "$(wc -l <"$demo/seen")" "$most"
if [ "$most" -gt 3 ] || ! grep '2 of 2 tokens are back, 0 missing, 0 extra' "$demo/report" >"$log"; then
  echo "NOT RIGHT: three slots were served, and both tokens should be back." >&2
  exit 1
fi

step "treewc: lines, words and bytes of whole directory trees"
if [ $# -eq 0 ]; then
  set -- /usr/include /usr/share
fi
for directory in "$@"; do
  shift
  if [ -d "$directory" ]; then
    set -- "$@" "$directory"
  else
    printf 'There is no directory %s here: left out.\n' "$directory"
  fi
done
if [ $# -eq 0 ]; then
  echo "There is nothing to count: name a directory." >&2
  exit 2
fi

printf 'Counting all files below %s\n\n' "$*"
count_with_treewc "$@"
printf 'treewc, first:  %s  (%s s; the files may have to come from the disk)\n' "$totals" "$took"
round=1
while :; do
  count_with_treewc "$@"
  treewc_totals=$totals treewc_took=$took
  printf 'treewc, again:  %s  (%s s)\n' "$treewc_totals" "$treewc_took"
  count_with_wc "$@"
  printf 'find | wc:      %s  (%s s)\n' "$totals" "$took"
  [ "$totals" != "$treewc_totals" ] || break
  wc_totals=$totals
  count_with_treewc "$@"
  if [ "$totals" = "$treewc_totals" ] || [ "$round" -eq 3 ]; then
    printf '\nNOT EQUAL: treewc counts %s, wc counts %s.\n' "$treewc_totals" "$wc_totals" >&2
    exit 1
  fi
  echo "Somebody changed these directories meanwhile; once more."
  round=$((round + 1))
done
if [ -s "$output/treewc.err" ]; then
  printf 'Neither could read everything; treewc says:\n'
  tail -n 5 "$output/treewc.err"
fi
LC_ALL=C awk -v a="$treewc_took" -v b="$took" 'BEGIN {
  printf "\nEQUAL: the three totals are the same. treewc took %.2f of the time of find and wc.\n", a / b
}'

# crawl ARGUMENT...: sets counts to the total, "found stored failed cancelled lines bytes". What cannot be read is no
# failure.
crawl() {
  status=0
  "$bin/crawl" "$@" >"$output/crawl.out" 2>"$output/crawl.err" || status=$?
  counts=$(awk '$7 == "total" { print $1, $2, $3, $4, $5, $6 }' "$output/crawl.out" | tail -n 1)
  if [ "$status" -gt 1 ] || [ -z "$counts" ]; then
    cat "$output/crawl.out" "$output/crawl.err" >&2
    printf 'crawl ended with status %s\n' "$status" >&2
    exit 1
  fi
  cat "$output/crawl.out"
}

step "crawl: the same trees by turns, each a channel with a bound and a limit"
round=1
while :; do
  crawl "$@"
  count_with_wc "$@"
  wc_totals=$(echo "$totals" | awk '{ print $1, $3 }')
  crawl_totals=${counts#* * * * }
  [ "$wc_totals" != "$crawl_totals" ] || break
  if [ "$round" -eq 3 ]; then
    printf '\nNOT EQUAL: crawl counts %s, wc counts %s.\n' "$crawl_totals" "$wc_totals" >&2
    exit 1
  fi
  echo "Somebody changed these directories meanwhile; once more."
  round=$((round + 1))
done
printf '\nEQUAL: lines and bytes are those of find and wc.\n'

step "crawl --cancel: the first tree is given up after 100 files"
crawl --cancel "$1:100" "$@"
echo "$counts" | awk '$1 != $2 + $3 + $4 { exit 1 }' || {
  echo "NOT EQUAL: the counts do not add up." >&2
  exit 1
}
printf '\nEQUAL: each file that was found was stored, failed or cancelled.\n'
