# Functions for the ABI tests. Needs $source_dir, an absolute path.
# shellcheck shell=sh disable=SC2154

include=$source_dir/capi/include

stripped_headers() {
  find "$include" -name '*.h' -exec awk -f "$source_dir/tests/support/strip.awk" {} +
}

# declarations: "name|return type|parameters" of every public function
declarations() {
  stripped_headers | awk -f "$source_dir/tests/headers/declarations.awk"
}

# same FILE NAME FILE NAME: two sorted lists must be equal
same() {
  [ -s "$1" ] || { echo "FAIL: no function in $2"; exit 1; }
  comm -23 "$1" "$3" | sed "s|^|FAIL: in $2, but not in $4: |"
  comm -13 "$1" "$3" | sed "s|^|FAIL: in $4, but not in $2: |"
  cmp -s "$1" "$3"
}
