#!/bin/sh
# Builds libsched and runs its tests.
#
#   sh tests/run.sh [-R REGEX] [PRESET...]
#
# Presets: release (every test), asan-ubsan and tsan (unit, capi, stress and interop tests, the
# latter with less of cargo), dev (every test, with assertions). Without one: release, asan-ubsan and tsan.
# -R runs only the tests whose name matches, as ctest has it.
# Everything is built below build/; a second run builds what has changed and needs no network.
# A skipped test is a failure unless tests/allowed_skips.txt names it.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"

usage() {
  sed -n '2,/^set/ s/^# \{0,1\}//p' tests/run.sh
}

filter=
presets=
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help)
      usage
      exit 0
      ;;
    -R)
      [ $# -ge 2 ] || { echo "run.sh: -R needs a regular expression" >&2; exit 2; }
      filter=$2
      shift
      ;;
    release | asan-ubsan | tsan | dev) presets="${presets:+$presets }$1" ;;
    *)
      echo "run.sh: \"$1\" is neither an option nor a preset" >&2
      usage >&2
      exit 2
      ;;
  esac
  shift
done
: "${presets:=release asan-ubsan tsan}"

jobs=$(nproc)
logs=build/run
mkdir -p "$logs"
passed=0
failed=0
skipped=0
troubles=

trouble() {
  troubles="$troubles
  $1"
  echo "    FAIL: $1"
}

# logged LOG COMMAND...: shows the output only if the command fails
logged() {
  log=$1
  shift
  "$@" >"$log" 2>&1 && return
  tail -n 200 "$log"
  return 1
}

# results JUNIT_FILE: "status name" of each test; a test that ctest could not start counts as failed
results() {
  awk '
    /<testcase / {
      name = $0; sub(/.*<testcase name="/, "", name); sub(/".*/, "", name)
      gsub(/&lt;/, "<", name); gsub(/&gt;/, ">", name); gsub(/&quot;/, "\"", name); gsub(/&amp;/, "\\&", name)
      status = $0; sub(/.* status="/, "", status); sub(/".*/, "", status)
      if (status == "run") print "passed " name
      else if (status != "notrun") print "failed " name
    }
    status == "notrun" && /<skipped / { print (/SKIP_/ ? "skipped " : "failed ") name; status = "" }
  ' "$1"
}

# test_preset PRESET
test_preset() {
  preset=$1
  start=$(date +%s)
  echo "==> $preset: configure"
  logged "$logs/$preset-configure.log" cmake --preset "$preset" || { trouble "$preset does not configure"; return; }
  echo "==> $preset: build, $jobs at a time"
  logged "$logs/$preset-build.log" cmake --build --preset "$preset" --parallel "$jobs" ||
    { trouble "$preset does not build"; return; }

  # Most tests wait for something now and then.
  set -- ctest --preset "$preset" --parallel $((jobs + 1)) --output-junit "$root/$logs/$preset.xml"
  if [ -n "$filter" ]; then set -- "$@" --no-tests=ignore -R "$filter"; fi
  # The sanitizers' runtimes do not start where the kernel spreads addresses more widely than they know.
  case $preset in
    asan-ubsan | tsan) if setarch -R true 2>/dev/null; then set -- setarch -R "$@"; fi ;;
  esac
  echo "==> $preset: test"
  rm -f "$logs/$preset.xml"
  ended_well=yes
  "$@" >"$logs/$preset-test.log" 2>&1 || ended_well=no
  if [ ! -f "$logs/$preset.xml" ]; then
    tail -n 50 "$logs/$preset-test.log"
    trouble "ctest has not run for $preset"
    return
  fi
  results "$logs/$preset.xml" >"$logs/$preset-results"
  if grep -q '^failed ' "$logs/$preset-results"; then
    grep -vE '^ +Start +[0-9]+:|^ *[0-9]+/[0-9]+ Test.*(Passed|\*\*\*Skipped)' "$logs/$preset-test.log" || true
  fi
  count
  echo "    $preset: $p passed, $f failed, $s skipped, $(($(date +%s) - start)) s"
  if [ $ended_well = no ] && [ "$f" -eq 0 ]; then trouble "ctest reports a failure: see $logs/$preset-test.log"; fi
}

# count: adds the results of $preset to the totals
count() {
  p=$(grep -c '^passed ' "$logs/$preset-results" || true)
  f=$(grep -c '^failed ' "$logs/$preset-results" || true)
  s=$(grep -c '^skipped ' "$logs/$preset-results" || true)
  passed=$((passed + p))
  failed=$((failed + f))
  skipped=$((skipped + s))
  sed -n 's/^failed //p' "$logs/$preset-results" >"$logs/names"
  while read -r name; do trouble "$preset: $name"; done <"$logs/names"
  sed -n 's/^skipped //p' "$logs/$preset-results" >"$logs/names"
  while read -r name; do
    may_skip "$name" || trouble "$preset: $name was skipped, and tests/allowed_skips.txt does not name it"
  done <"$logs/names"
}

# may_skip NAME: whether tests/allowed_skips.txt names the test for $preset
may_skip() {
  while read -r where pattern; do
    case ,$where, in
      *",$preset,"* | ,any,)
        # shellcheck disable=SC2254
        case $1 in $pattern) return 0 ;; esac
        ;;
    esac
  done <tests/allowed_skips.txt
  return 1
}

echo "==> set up"
jdk=
command -v javac >/dev/null 2>&1 || jdk=default-jdk-headless
# shellcheck disable=SC2086 # one word or none
sh tests/support/setup.sh g++ cmake ninja-build pkg-config libgtest-dev nlohmann-json3-dev make gcc cargo swig $jdk junit5 golang-go \
  mono-mcs mono-runtime libmono-system-core4.0-cil

for preset in $presets; do test_preset "$preset"; done

echo
if [ -n "$troubles" ]; then echo "What went wrong:$troubles"; fi
echo "$passed passed, $failed failed, $skipped skipped"
what="all tests"
if [ -n "$filter" ]; then what="the tests that match \"$filter\""; fi
if [ -n "$troubles" ] || [ "$passed" -eq 0 ]; then
  echo "FAIL: see above ($what, $presets)"
  exit 1
fi
echo "PASS: $what have passed ($presets)"
