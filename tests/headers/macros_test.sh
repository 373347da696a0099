#!/bin/sh
# The public headers may include only <stddef.h>, <stdint.h> and each other, and every macro that they add to those of the
# system begins with LIBSCHED_.
# Usage: macros_test.sh SOURCE_DIR WORK_DIR    (CC and CXX name the compilers)
set -eu

include=$1/capi/include
work=$2
rm -rf "$work"
mkdir -p "$work"
status=0

if grep -rnE '^[ ]*#[ ]*include' "$include" | grep -vE '<(stddef|stdint)\.h>|<libsched/[a-z_]+\.h>'; then
  echo "FAIL: a public header includes something else than <stddef.h>, <stdint.h> or <libsched/...>"
  status=1
fi

# macros LANGUAGE COMPILER < SOURCE: the names of all macros that are defined at its end
macros() {
  "$2" -x "$1" -I "$include" -dM -E - | sed -E 's/^#define ([A-Za-z0-9_]+).*/\1/' | sort -u
}

for language in c c++; do
  if [ "$language" = c ]; then compiler=${CC:-cc}; else compiler=${CXX:-c++}; fi
  printf '#include <stddef.h>\n#include <stdint.h>\n' | macros "$language" "$compiler" >"$work/system"
  printf '#include <libsched.h>\n' | macros "$language" "$compiler" >"$work/ours"
  comm -13 "$work/system" "$work/ours" >"$work/added"
  echo "$language: the headers define $(wc -l <"$work/added") macros"
  if ! grep -q '^LIBSCHED_H$' "$work/added"; then
    echo "FAIL: LIBSCHED_H is not among them, so this test sees nothing"
    status=1
  fi
  if grep -v '^LIBSCHED_' "$work/added"; then
    echo "FAIL: in $language these macros do not begin with LIBSCHED_"
    status=1
  fi
done
exit $status
