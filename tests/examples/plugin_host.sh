#!/bin/sh
# A host that does not link to libsched loads it, works with it and closes it, a hundred times.
# shellcheck source-path=SCRIPTDIR source=common.inc disable=SC1091,SC2154
. "$(dirname "$0")/common.inc"

plugin_host=$LIBSCHED_EXAMPLES/plugin_host
run 0 "$plugin_host" "$LIBSCHED_SO" 100
expect_equal "the last line" "plugin_host: 100 rounds of 1000 tasks, all results correct" "$(tail -n 1 "$out")"
expect_equal "messages" "" "$(cat "$err")"

run 1 "$plugin_host" ./no-such-library.so 1
expect_message "plugin_host: cannot load the library: ./no-such-library.so"
for wrong in 0 -1 x 1x; do
  run 2 "$plugin_host" "$LIBSCHED_SO" "$wrong"
  expect_message "usage: plugin_host"
done

# The default name is searched for as the system does it.
folder=$(dirname "$LIBSCHED_SO")
if [ -e "$folder/libsched.so.0" ]; then
  run 0 env LD_LIBRARY_PATH="$folder" "$plugin_host"
fi
