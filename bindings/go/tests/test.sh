#!/bin/sh
# Tests of the Go module: sh test.sh CASE. CMake says by the environment what they work with: LIBSCHED_GO is the go command,
# LIBSCHED_BUILD where libsched was built, LIBSCHED_WORK where the tests may write.
set -eu

module=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
root=$(CDPATH='' cd -- "$module/../.." && pwd)
prefix=$LIBSCHED_WORK/prefix
work=$LIBSCHED_WORK/$1
go=$LIBSCHED_GO

# library: where case_install has put it
library() {
  pc=$(find "$prefix" -name sched.pc)
  PKG_CONFIG_PATH=$(dirname "$pc")
  LD_LIBRARY_PATH=$(dirname "$PKG_CONFIG_PATH")${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  export PKG_CONFIG_PATH LD_LIBRARY_PATH
}

GOFLAGS=-mod=mod
GOPROXY=off
GOTOOLCHAIN=local
GOCACHE=$LIBSCHED_WORK/cache
GOPATH=$LIBSCHED_WORK/path
CGO_ENABLED=1
export GOFLAGS GOPROXY GOTOOLCHAIN GOCACHE GOPATH CGO_ENABLED

fail() {
  echo "$*" >&2
  exit 1
}

skip() {
  echo "SKIPPED: $*"
  exit 77
}

# fresh: an empty directory of the case's own
fresh() {
  rm -rf "$work"
  mkdir -p "$work"
}

# The others need it.
case_install() {
  rm -rf "$prefix"
  cmake --install "$LIBSCHED_BUILD" --prefix "$prefix" >"$LIBSCHED_WORK/install.log" || fail "$(cat "$LIBSCHED_WORK/install.log")"
  library
  cd "$module"
  "$go" build ./...
}

case_vet() {
  cd "$module"
  "$go" vet . ./examples/...
  # swigCopyString makes a pointer of a number.
  "$go" vet -unsafeptr=false ./internal/raw
}

case_format() {
  found=$("$("$go" env GOROOT)/bin/gofmt" -l "$module")
  [ -z "$found" ] || fail "gofmt -l: $found"
}

# Each exported name says what it does and since when.
case_docs() {
  cd "$module"
  awk '
    FILENAME ~ /_test\.go$/ { next }
    /^\/\// { comment = comment $0; next }
    /^(func (\([a-z]+ \*?[A-Z][A-Za-z]*(\[T\])?\) )?[A-Z]|type [A-Z]|const [A-Z]|var [A-Z])/ {
      if (comment !~ /Since *(\/\/ )?0\.[0-9]/) { print FILENAME ":" FNR ": " $0; bad = 1 }
    }
    { comment = "" }
    END { exit bad }
  ' ./*.go || fail "what these do, and since when, is not said"
}

case_test() {
  cd "$module"
  "$go" test -count=1 .
}

case_race() {
  cd "$module"
  "$go" test -race -count=1 .
}

# The race detector sees through the engine: it finds a race between two tasks, and none where a group orders them.
case_races_are_found() {
  fresh
  consumer racy
  cp "$module/tests/racy.go.txt" "$work/main.go"
  "$go" build -race -o racy .
  ./racy ordered >ordered.log 2>&1 || fail "a race where there is none: $(cat ordered.log)"
  if GORACE=exitcode=66 ./racy racing >racing.log 2>&1; then fail "the race was not found"; fi
  grep -q 'WARNING: DATA RACE' racing.log || fail "$(cat racing.log)"
}

# The committed files are what SWIG and awk make of the interface.
case_generated() {
  command -v swig >/dev/null 2>&1 || skip "no swig on this machine"
  wanted=$(sed -n 's/^ \* Version //p' "$module/internal/raw/raw.go")
  found=$(swig -version | sed -n 's/^SWIG Version //p')
  [ "$wanted" = "$found" ] || skip "the files were made by SWIG $wanted; this is $found"
  fresh
  cd "$module/internal/raw"
  swig -go -cgo -c++ -Wall -Werror "-I$root" "-I$root/capi/include" -o "$work/raw_wrap.cxx" -outdir "$work" sched_go.i
  gofmt -w "$work/raw.go"
  awk -v language=go -f "$root/bindings/common/status.awk" "$root/capi/include/libsched/status.h" >"$work/status_list.go"
  cmp "$work/raw.go" raw.go
  cmp "$work/raw_wrap.cxx" raw_wrap.cxx
  cmp "$work/status_list.go" "$module/status_list.go" || fail "run: go generate ./... in bindings/go"
}

# What C calls is declared in one file by hand; everything else is SWIG's.
case_natives() {
  cd "$module"
  found=$(grep -rl 'import "C"' --include='*.go' . | sort | tr '\n' ' ')
  [ "$found" = "./internal/raw/raw.go ./internal/raw/upcalls.go " ] || fail "import \"C\" in: $found"
  count=$(grep -c '^//export ' internal/raw/upcalls.go)
  [ "$count" -eq 8 ] || fail "$count upcalls and not 8"
}

# consumer NAME: a module outside of the tree that uses ours from where it is
consumer() {
  cd "$work"
  "$go" mod init "example.org/$1" 2>mod.log || fail "$(cat mod.log)"
  "$go" mod edit -require=libsched@v0.0.0 "-replace=libsched=$module"
}

# A module outside of the tree, without swig, and with a copy of ours that has nothing around it.
case_consumer() {
  fresh
  cp -R "$module" "$work/copy"
  mkdir "$work/bin" "$work/app"
  for tool in "$go" "${CC:-cc}" "${CXX:-c++}" pkg-config gcc g++ cc c++ as ld ar; do
    path=$(command -v "$tool") || continue
    ln -sf "$path" "$work/bin/$(basename "$tool")"
  done
  cp "$module/tests/consumer.go.txt" "$work/app/main.go"
  cd "$work/app"
  PATH=$work/bin
  if command -v swig >/dev/null 2>&1; then fail "swig is on the PATH"; fi
  "$go" mod init example.org/consumer 2>/dev/null
  "$go" mod edit -require=libsched@v0.0.0 -replace=libsched=../copy
  "$go" build -o consumer .
  output=$(./consumer)
  [ "$output" = "42" ] || fail "it says $output"
}

case_treewc() {
  fresh
  cd "$module"
  "$go" build -o "$work/treewc" ./examples/treewc
  mkdir -p "$work/tree/a/b" "$work/tree/empty"
  printf 'one two\nthree\n' >"$work/tree/a/x"
  printf '  no newline at  the end' >"$work/tree/a/b/y"
  : >"$work/tree/a/z"
  cp -R "$root/capi/include" "$work/tree/include"
  wanted=$(find "$work/tree" -type f -print0 | LC_ALL=C wc -lwc --files0-from=- | tail -n 1 | awk '{ print $1, $2, $3 }')
  found=$("$work/treewc" "$work/tree" | awk '{ print $1, $2, $3 }')
  [ "$wanted" = "$found" ] || fail "treewc counts $found, wc $wanted"
  status=0
  "$work/treewc" "$work/no-such-thing" >/dev/null 2>&1 || status=$?
  [ "$status" -eq 1 ] || fail "status $status for what is not there"
}

case_graph() {
  fresh
  cd "$module"
  "$go" build -o "$work/graph" ./examples/graph
  cd "$work"
  ./graph -j 2 out >log || fail "$(cat log)"
  grep -q '^8 jobs' log || fail "$(cat log)"
  [ "$(out/app)" = "3 and 4 make 7" ] || fail "out/app says $(out/app)"
  rm -r out
  printf 'all: ; +@./graph out\n' >Makefile
  make -s -j2 >log 2>&1 || fail "$(cat log)"
  grep -q "make's jobserver" log || fail "$(cat log)"
}

[ "$1" = install ] || library
"case_$1"
