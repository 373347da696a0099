#!/bin/sh
# What libsched.so exports, what libsched.map names and what the headers declare must be the same; libsched.a must have all
# of it; and the shared library must have the properties that hosts rely on.
# Usage: symbols_test.sh SOURCE_DIR WORK_DIR LIBSCHED_SO LIBSCHED_A
set -eu

source_dir=$(cd "$1" && pwd)
work=$2
so=$3
archive=$4
rm -rf "$work"
mkdir -p "$work"
. "$source_dir/tests/abi/support.sh"
status=0

declarations | cut -d '|' -f 1 | sort >"$work/declared"
sed -n 's/^ *\(libsched_[a-z0-9_]*\);$/\1/p' "$source_dir/capi/libsched.map" | sort >"$work/map"
# The version's own name is a symbol too, of type A.
nm -D --defined-only "$so" | awk '$2 != "A" { print $3 }' >"$work/versioned"
sed 's/@.*//' "$work/versioned" | sort >"$work/exported"
nm --defined-only "$archive" 2>/dev/null | awk '$2 == "T" && $3 ~ /^libsched_/ { print $3 }' | sort >"$work/archive"

same "$work/declared" "the headers" "$work/map" libsched.map || status=1
same "$work/exported" libsched.so "$work/map" libsched.map || status=1
same "$work/archive" libsched.a "$work/map" libsched.map || status=1
if grep -v '@@LIBSCHED_0\.1$' "$work/versioned"; then
  echo "FAIL: these symbols of libsched.so do not have the version LIBSCHED_0.1"
  status=1
fi
if ! sed -n 's/^ *\(libsched_[a-z0-9_]*\);$/\1/p' "$source_dir/capi/libsched.map" | LC_ALL=C sort -c; then
  echo "FAIL: libsched.map is not in alphabetical order"
  status=1
fi

readelf -Wd "$so" >"$work/dynamic"
expect() {
  grep -q "$1" "$work/dynamic" || { echo "FAIL: libsched.so $2"; status=1; }
}
expect 'SONAME.*\[libsched\.so\.0\]' "has not the SONAME libsched.so.0"
expect 'FLAGS_1.*NODELETE' "is not linked with -z nodelete: workers would run on in unmapped code"
expect 'FLAGS_1.*NOW' "is not linked with -z now"
if grep -E 'NEEDED|RPATH|RUNPATH' "$work/dynamic" |
  grep -vE '\[(libc|libstdc\+\+|libc\+\+|libc\+\+abi|libgcc_s|libm|libdl|libpthread|ld-linux-[a-z0-9-]+)\.so\.[0-9]+\]'; then
  echo "FAIL: libsched.so needs more than the C and C++ libraries"
  status=1
fi
# Every shared object has one initialiser, frame_dummy of the C runtime; a second one would be a static constructor.
constructors=$(readelf -WS "$so" | sed -n 's/.*\.init_array *INIT_ARRAY *[0-9a-f]* [0-9a-f]* \([0-9a-f]*\) .*/\1/p')
if [ "$constructors" != 000008 ]; then
  echo "FAIL: libsched.so has static constructors: .init_array has 0x$constructors bytes, not 8"
  status=1
fi
[ $status -ne 0 ] || echo "$(wc -l <"$work/exported") functions"
exit $status
