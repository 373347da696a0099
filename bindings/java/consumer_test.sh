#!/bin/sh
# A consumer outside of the tree builds against what is installed: sh consumer_test.sh BUILD WORK DATADIR VERSION
# JAVAC and JAVA may name the tools.
set -eu

build=$1 work=$2 java_dir=$2/prefix/$3/java version=$4
rm -rf "$work"
mkdir -p "$work/module/user"
cmake --install "$build" --prefix "$work/prefix" >"$work/install.log"

for file in libsched.jar "libsched-$version.jar" "libsched-$version-sources.jar" "libsched-$version-javadoc.jar" \
  "libsched-$version.pom"; do
  [ -s "$java_dir/$file" ] || { echo "FAIL: $file is not installed" >&2; exit 1; }
done
grep -q "<version>$version</version>" "$java_dir/libsched-$version.pom"

cat >"$work/module/user/Main.java" <<'END'
package user;

import org.libsched.MessageQueue;
import org.libsched.Pool;

final class Main {
  public static void main(String[] arguments) throws Exception {
    try (Pool pool = Pool.builder().workers(2).build();
        MessageQueue<Integer> queue = new MessageQueue<>()) {
      pool.execute(() -> queue.push(6 * 7));
      System.out.println(queue.pop());
    }
  }
}
END
echo 'module user { requires org.libsched; }' >"$work/module/module-info.java"

# prints COMMAND...: it says the answer
prints() {
  answer=$("$@")
  [ "$answer" = 42 ] || { echo "FAIL: \"$answer\" by: $*" >&2; exit 1; }
}

jar=$java_dir/libsched.jar
"${JAVAC:-javac}" --release 11 -Xlint:all -Werror -d "$work/path" -cp "$jar" "$work/module/user/Main.java"
prints "${JAVA:-java}" -cp "$jar:$work/path" user.Main
"${JAVAC:-javac}" --release 11 -Xlint:all,-requires-automatic -Werror -d "$work/modules" -p "$jar" \
  "$work/module/module-info.java" "$work/module/user/Main.java"
prints "${JAVA:-java}" -p "$jar:$work/modules" -m user/user.Main
