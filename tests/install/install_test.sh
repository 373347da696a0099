#!/bin/sh
# Installs a finished build and builds programs against it in each way that the README names.
# Usage: install_test.sh SOURCE_DIR BUILD_DIR WORK_DIR    (CC and CXX name the compilers)
set -eu

source_dir=$1
build_dir=$2
work=$3
rm -rf "$work"
mkdir -p "$work"
. "$source_dir/tests/install/support.sh"

step "install into a prefix"
prefix=$work/prefix
cmake --install "$build_dir" --prefix "$prefix" >"$work/install.log" || fail "cmake --install"
lib=$(lib_dir "$prefix")
for file in "$prefix/include/libsched.h" "$lib/libsched.so" "$lib/libsched.so.0" "$lib/libsched.so.0.1.0" \
  "$lib/pkgconfig/sched.pc" "$lib/cmake/libsched/libschedConfig.cmake" \
  "$prefix/share/licenses/libsched/LICENSE"; do
  [ -e "$file" ] || fail "$file was not installed"
done
(cd "$source_dir/capi/include" && find . -name '*.h' | sort) >"$work/headers.expected"
(cd "$prefix/include" && find . -type f | sort) >"$work/headers.installed"
diff "$work/headers.expected" "$work/headers.installed" || fail "the installed headers are not the public ones"
if grep -rn "$prefix\|$source_dir\|$build_dir" "$lib/pkgconfig" "$lib/cmake"; then
  fail "installed files name folders of this machine"
fi

step "the versions agree"
version=$(sed -n 's/^#define LIBSCHED_VERSION_STRING "\(.*\)"/\1/p' "$prefix/include/libsched/version.h")
pc_version=$(PKG_CONFIG_LIBDIR=$lib/pkgconfig pkg-config --modversion sched)
[ "$version" = "$pc_version" ] || fail "version.h says $version, sched.pc says $pc_version"
grep -q "PACKAGE_VERSION \"$version\"" "$lib/cmake/libsched/libschedConfigVersion.cmake" ||
  fail "version.h says $version, the CMake package another one"

step "pkg-config, shared"
by_pkg_config "$prefix" shared "$work/pc-shared"

step "pkg-config --static, with libsched.a alone in the prefix"
cp -R "$prefix" "$work/static-only"
find "$work/static-only" -name 'libsched.so*' -exec rm {} +
by_pkg_config "$work/static-only" static "$work/pc-static"

step "find_package in C and in C++, shared and static"
for language in C CXX; do
  for kind in shared static; do
    by_cmake "$prefix" $language $kind "$work/cmake-$language-$kind"
  done
done

step "DESTDIR"
DESTDIR=$work/stage cmake --install "$build_dir" --prefix /opt/libsched >"$work/destdir.log" ||
  fail "cmake --install with DESTDIR"
[ -e "$work/stage/opt/libsched/include/libsched.h" ] || fail "DESTDIR was not put before the prefix"
by_pkg_config "$work/stage/opt/libsched" shared "$work/pc-destdir"

step "a moved prefix, with a space in its name"
mv "$prefix" "$work/moved prefix"
by_pkg_config "$work/moved prefix" shared "$work/pc-moved"
by_cmake "$work/moved prefix" C shared "$work/cmake-moved"

echo "PASS"
