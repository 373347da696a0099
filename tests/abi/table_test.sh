#!/bin/sh
# libsched_api must have an entry for each public function but libsched_get_api, under the function's name, with exactly
# its type, and nothing else.
# Usage: table_test.sh SOURCE_DIR WORK_DIR    (CC names the compiler)
set -eu

source_dir=$(cd "$1" && pwd)
work=$2
rm -rf "$work"
mkdir -p "$work"
. "$source_dir/tests/abi/support.sh"

declarations | cut -d '|' -f 1 | grep -v '^libsched_get_api$' | sort >"$work/functions"
stripped_headers | awk -f "$source_dir/tests/abi/names.awk" |
  sed -n 's/^FIELD(libsched_api, \([a-z0-9_]*\),$/libsched_\1/p' |
  grep -vE '^libsched_(struct_size|api_version|reserved)$' | sort >"$work/entries"
same "$work/functions" "the headers" "$work/entries" "the table" || exit 1

{
  echo '#include <libsched.h>'
  while read -r name; do
    entry=${name#libsched_}
    echo "_Static_assert(_Generic(((libsched_api *)0)->$entry, __typeof__(&$name): 1, default: 0), \"$entry\");"
  done <"$work/functions"
} >"$work/table.c"
${CC:-cc} -std=gnu11 -Wall -Wextra -Werror -I "$include" -fsyntax-only "$work/table.c"
echo "$(wc -l <"$work/functions") entries"
