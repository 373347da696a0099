#!/bin/sh
# Each public function's comment must say what docs.awk looks for; each file in samples/ lacks one thing, which its first
# line names, and must be refused for it.
# Usage: docs_test.sh SOURCE_DIR
set -eu

cd "$1"
status=0
awk -f tests/headers/docs.awk capi/include/libsched/*.h capi/include/*.h || status=1
for sample in tests/headers/samples/*.h; do
  expected=$(sed -n '1s|^/\* \(.*\) \*/$|\1|p' "$sample")
  if output=$(awk -f tests/headers/docs.awk "$sample"); then
    echo "FAIL: $sample is not refused"
    status=1
  elif ! printf '%s\n' "$output" | grep -qF -e ": $expected"; then
    echo "FAIL: $sample is refused, but not for \"$expected\":"
    echo "$output"
    status=1
  else
    echo "ok: refuses $expected"
  fi
done
exit $status
