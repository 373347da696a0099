#!/bin/sh
# Rules about the source that the compiler does not check. Fails and names each line that breaks one.
# Usage: lint.sh orders|fences|layers|system|atomics|names ROOT
#        lint.sh paths BUILD_DIR    (which has a compile_commands.json)
set -eu

check=$1
here=$(cd "$(dirname "$0")" && pwd)
cd "$2"
needed=core
if [ "$check" = paths ]; then needed=compile_commands.json; fi
if [ ! -e "$needed" ]; then
  echo "$PWD has no $needed" >&2
  exit 2
fi

# code FOLDER... : "file:line:code" of all C and C++ below the folders, without comments and strings
code() {
  find "$@" \( -path tests/lint -o -name build \) -prune -o -type f \
    \( -name '*.h' -o -name '*.c' -o -name '*.cc' -o -name '*.cpp' \) \
    -exec awk -v keep_strings="${keep_strings:-}" -f "$here/../support/strip.awk" {} +
}

# present FOLDER... : those of the folders that are there
present() {
  for folder in "$@"; do
    if [ -d "$folder" ]; then echo "$folder"; fi
  done
}

# matching REGEX: lines whose code matches it
matching() {
  grep -E "^[^:]*:[0-9]+:.*$1" || true
}

case $check in
  orders)
    rule="A memory order is a named constant in a struct whose name ends in Orders, and is taken through Sync::Traits, so that
tests can replace it."
    found=$(code core | awk -f "$here/orders.awk"
      code core | matching '[A-Za-z0-9_]+Orders[ ]*::')
    ;;
  fences)
    rule="No fences: ThreadSanitizer does not know them and would report correct code."
    # shellcheck disable=SC2046
    found=$(code $(present core capi tests bench bindings) |
      matching '(atomic_thread_fence|atomic_signal_fence|__sync_synchronize)')
    ;;
  layers)
    rule="Includes go one way: base <- sys <- sync <- queue <- pool <- fair <- capi/src; sync <- jobserver <- process, and pool <- process."
    # shellcheck disable=SC2046
    found=$(keep_strings=1 && code $(present core capi/src) | awk -f "$here/layers.awk")
    ;;
  system)
    rule="Only core/sys talks to the system; the rest goes through its table, which tests replace."
    headers='(sys/[a-z_]+|linux/[a-z_]+|unistd|pthread|fcntl|dlfcn|sched|signal|poll|spawn|dirent|time)\.h'
    found=$(code core | grep -v '^core/sys/' | matching "(#[ 	]*include[ 	]*<$headers>|[^A-Za-z0-9_]syscall[ ]*\()")
    ;;
  atomics)
    rule="Lock-free code takes its atomics from the Sync policy (Sync::atomic), so that a model checker can run it."
    found=$(code core | grep -E '^core/(sync|queue|pool)/' | grep -v '^core/sync/std_sync\.h:' |
      matching '(std *:: *atomic|__atomic_[a-z]|__sync_[a-z])')
    ;;
  names)
    rule="A file named sched.h takes the place of the system's <sched.h>, and then <pthread.h> does not compile."
    found=$(find . \( -path ./build -o -path ./.git -o -path ./tests/lint \) -prune -o -name sched.h -print)
    ;;
  paths)
    rule="core/ is never on an include path: its folders would stand before the system's headers."
    found=$(grep -nE -e '-(I|isystem|iquote) ?[^ ]*/core/?[\\" ]' compile_commands.json || true)
    ;;
  *)
    echo "unknown check \"$check\"" >&2
    exit 2
    ;;
esac

if [ -n "$found" ]; then
  printf '%s\n\n%s\n' "$found" "$rule"
  exit 1
fi
echo "$check: nothing found in $PWD"
