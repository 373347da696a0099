#!/bin/sh
# Shows that the ABI tests can fail: breaks a copy of the headers, the map or the library in one way at a time.
# Usage: selftest.sh SOURCE_DIR WORK_DIR LIBSCHED_SO LIBSCHED_A    (CC names the compiler)
set -eu

source_dir=$(cd "$1" && pwd)
so=$3
archive=$4
rm -rf "$2"
mkdir -p "$2"
copy=$(cd "$2" && pwd)/copy
status=0

# refused WHAT TEXT FILE SED_SCRIPT TEST...: after the edit the test must fail and print the text
refused() {
  what=$1
  text=$2
  file=$3
  edit=$4
  shift 4
  rm -rf "$copy"
  mkdir -p "$copy"
  cp -R "$source_dir/capi" "$source_dir/tests" "$copy"
  before=$(cksum <"$copy/$file")
  sed -i "$edit" "$copy/$file"
  if [ "$before" = "$(cksum <"$copy/$file")" ]; then
    echo "FAIL: $what: the edit changes nothing"
    status=1
  elif output=$(sh "$source_dir/tests/abi/$1.sh" "$copy" "$copy/work" "$so" "$archive" 2>&1); then
    echo "FAIL: $what is not refused"
    status=1
  elif ! printf '%s\n' "$output" | grep -qF -e "$text"; then
    printf '%s\n' "FAIL: $what is refused, but not with \"$text\":" "$output"
    status=1
  else
    echo "ok: refuses $what"
  fi
}

deque=capi/include/libsched/deque.h
api=capi/include/libsched/api.h
refused "a symbol that the map lacks" "FAIL: in the headers, but not in libsched.map: libsched_deque_len" \
  capi/libsched.map '/libsched_deque_len;/d' symbols_test
refused "a symbol that is not declared" "FAIL: in libsched.so, but not in libsched.map: libsched_deque_push" \
  capi/libsched.map '/libsched_deque_push;/d' symbols_test
refused "a map out of order" "not in alphabetical order" \
  capi/libsched.map 's/libsched_cancel_create;/libsched_x;/; s/libsched_version;/libsched_cancel_create;/' symbols_test
refused "a table without one function" "FAIL: in the headers, but not in the table: libsched_deque_len" \
  $api '/(\*deque_len)/d' table_test
refused "a table with another type" deque_shrink \
  $api 's/int (\*deque_shrink)(libsched_deque \*deque)/int (*deque_shrink)(const libsched_deque *deque)/' table_test
refused "a field put in the middle" "has moved" \
  $deque 's/^  uint32_t flavor;/  uint64_t inserted;\n&/' layout_test
refused "a field of another size" "has another size" \
  capi/include/libsched/pool.h 's/^  uint64_t exceeded;/  uint32_t exceeded;/' layout_test
refused "a field that no layout file has" 'FIELD(libsched_deque_options, appended,' \
  $deque 's/^} libsched_deque_options;/  uint64_t appended;\n&/' layout_test
refused "a constant with another value" "LIBSCHED_LIFO has another value" \
  $deque 's/^#define LIBSCHED_LIFO 1u/#define LIBSCHED_LIFO 2u/' layout_test
refused "a constant that no layout file has" 'CONSTANT(LIBSCHED_E_NEW,' \
  capi/include/libsched/status.h 's/^  XX(E_BUSY,/  XX(E_NEW, -10009, "new") \\\n&/' layout_test
exit $status
