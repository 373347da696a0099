#!/bin/sh
# Builds and runs a program outside of the tree against the installed jar: as a module, and by class path.
# Usage: consumer_test.sh BUILD_DIR WORK_DIR
set -eu

build=$1 work=$2
rm -rf "$work"
mkdir -p "$work/src/consumer"
DESTDIR=$work/stage cmake --install "$build" --prefix /usr >"$work/install.log"
java=$work/stage/usr/share/java
cmp "$java/libsched.jar" "$java"/libsched-[0-9].[0-9].[0-9].jar
for file in "$java"/libsched-*-sources.jar "$java"/libsched-*-javadoc.jar "$java"/libsched-*.pom; do
  [ -s "$file" ] || { echo "$file was not installed" >&2; exit 1; }
done

cat >"$work/src/module-info.java" <<'END'
module consumer {
  requires org.libsched;
}
END
cat >"$work/src/consumer/Main.java" <<'END'
package consumer;

import java.util.concurrent.Future;
import org.libsched.Pool;

public class Main {
  public static void main(String[] arguments) throws Exception {
    try (Pool pool = Pool.builder().workers(2).build()) {
      Future<Integer> answer = pool.submit(() -> 6 * 7);
      System.out.println(answer.get());
    }
  }
}
END
javac --release 11 -Xlint:all -Werror -p "$java/libsched.jar" -d "$work/module" "$work/src/module-info.java" \
  "$work/src/consumer/Main.java"
[ "$(java -p "$java/libsched.jar:$work/module" -m consumer/consumer.Main)" = 42 ]
javac --release 11 -Xlint:all -Werror -cp "$java/libsched.jar" -d "$work/classes" "$work/src/consumer/Main.java"
[ "$(java -cp "$java/libsched.jar:$work/classes" consumer.Main)" = 42 ]
