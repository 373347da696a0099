#!/bin/sh
# The examples: sh examples_test.sh JAR WORK. TreeWc counts as wc does, and Graph keeps to make's slots.
# JAVAC and JAVA may name the tools.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
jar=$1 work=$2
rm -rf "$work"
mkdir -p "$work/classes" "$work/tree/sub/sub" "$work/build"

fail() {
  echo "FAIL: $*" >&2
  exit 1
}

"${JAVAC:-javac}" --release 11 -Xlint:all -Werror -encoding UTF-8 -d "$work/classes" -cp "$jar" "$here"/examples/*.java
run() { "${JAVA:-java}" -Xcheck:jni -cp "$jar:$work/classes" "$@"; }

# --- TreeWc ---

cd "$work"
cp "$here"/examples/*.java "$here"/*.sh tree/sub
printf 'no newline, \001 \177 and \303\274' >tree/sub/sub/odd
: >tree/empty
head -c 300000 /dev/zero >tree/zeros
ln -s "$here" tree/link
expected=$(find tree -type f -print0 | LC_ALL=C wc -lwc --files0-from=- | awk 'END { $1 = $1; print }')
counted=$(run TreeWc tree) || fail "TreeWc ended with status $?"
[ "$counted" = "$expected" ] || fail "TreeWc says \"$counted\", and wc \"$expected\""
if run TreeWc tree/none >out 2>err; then fail "TreeWc counts what is not there"; fi
grep -q 'tree/none' err || fail "TreeWc does not say what is not there"

# --- Graph ---

cat >build/cc.sh <<'END'
#!/bin/sh
echo begin >>jobs
cc "$@"
status=$?
echo end >>jobs
exit $status
END
chmod +x build/cc.sh
for name in a b c d e f; do echo "int main(void) { return 0; }" >"build/$name.c"; done
printf 'all: ; +@%s -Xcheck:jni -cp "%s" Graph made a.c b.c c.c d.c e.c f.c\n' "${JAVA:-java}" "$jar:$work/classes" \
  >build/Makefile
for slots in 1 2 3; do
  rm -rf build/jobs build/made
  (cd build && CC=./cc.sh make --no-print-directory "-j$slots" all) >out 2>&1 || {
    cat out
    fail "make -j$slots"
  }
  most=$(awk '{ now += $1 == "begin" ? 1 : -1; if (now > most) most = now } END { print most + 0 }' build/jobs)
  [ "$most" -le "$slots" ] || fail "make -j$slots: $most jobs at a time"
  [ "$(wc -l <build/jobs)" -eq 24 ] || fail "make -j$slots: not twelve jobs"
  grep -q '^6 programs, [0-9]* bytes$' out || fail "Graph does not add up: $(cat out)"
  build/made/f || fail "the program is not right"
done
echo 'int main(void) { return nothing; }' >build/b.c
if (cd build && run Graph made a.c b.c) >out 2>err; then fail "Graph does not notice that cc has failed"; fi
grep -q '"compile b": exit code 1' err || fail "Graph does not name the job: $(cat err)"
