#!/bin/sh
# Makes the jars: sh jars.sh SOURCES GENERATED WORK STEM ARCH WRAPPER LIBRARY POM
# JAVAC, JAR and JAVADOC may name the tools.
set -eu

sources=$1 generated=$2 work=$3 stem=$4 arch=$5 wrapper=$6 library=$7 pom=$8
package=org/libsched

# SWIG has no way to say that this one is not for the public.
sed -i 's/^public interface RawConstants/interface RawConstants/' "$generated/RawConstants.java"

rm -rf "$work/classes" "$work/natives" "$work/javadoc" "$work/sources"
mkdir -p "$work/classes" "$work/javadoc" "$work/sources/$package"
cp -r "$sources/." "$work/sources"
cp "$generated"/*.java "$work/sources/$package"

# A section of Blocking is opened for what it does, and never referred to: no lint "try".
"${JAVAC:-javac}" --release 11 -Xlint:all,-try -Werror -encoding UTF-8 -d "$work/classes" \
  "$work/sources/module-info.java" "$work/sources/$package"/*.java

natives=$work/natives/META-INF/native/linux-$arch
mkdir -p "$natives" "$work/natives/META-INF/maven/org.libsched/libsched"
cp "$wrapper" "$natives/libsched_java.so"
cp -L "$library" "$natives/libsched.so.0"
cp "$pom" "$work/natives/META-INF/maven/org.libsched/libsched/pom.xml"

"${JAVADOC:-javadoc}" -quiet --release 11 -Xdoclint:all -encoding UTF-8 -notimestamp -d "$work/javadoc" \
  --source-path "$work/sources" --module org.libsched >"$work/javadoc.log" 2>&1 || {
  cat "$work/javadoc.log" >&2
  exit 1
}
if grep -q 'warning:' "$work/javadoc.log"; then
  cat "$work/javadoc.log" >&2
  exit 1
fi

"${JAR:-jar}" --create --file "$stem.jar" -C "$work/classes" . -C "$work/natives" .
"${JAR:-jar}" --create --file "$stem-sources.jar" -C "$work/sources" .
"${JAR:-jar}" --create --file "$stem-javadoc.jar" -C "$work/javadoc" .
