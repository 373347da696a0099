#!/bin/sh
# The frozen layout must hold, and must name every field and constant of the headers.
# Usage: layout_test.sh SOURCE_DIR    (CC names the compiler)
set -eu

source_dir=$(cd "$1" && pwd)
. "$source_dir/tests/abi/support.sh"

for file in "$source_dir"/tests/abi/layout_*.c; do
  ${CC:-cc} -std=c11 -pedantic-errors -Wall -Wextra -Werror -I "$include" -fsyntax-only "$file"
done

names=$(stripped_headers | awk -f "$source_dir/tests/abi/names.awk")
status=0
while read -r name; do
  grep -qF -e "$name" "$source_dir"/tests/abi/layout_*.c || { echo "FAIL: no layout file has a line \"$name ...\""; status=1; }
done <<NAMES
$names
NAMES
echo "$(echo "$names" | wc -l) fields and constants"
exit $status
