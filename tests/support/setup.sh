#!/bin/sh
# Makes sure that Debian packages are there: sh tests/support/setup.sh PACKAGE...
# Installs what is missing by apt-get, as root or through sudo. With nothing missing it does nothing and needs no network.
# Where it cannot install it says what is needed and fails. LIBSCHED_SKIP_SETUP=1 leaves all of it to you.
set -eu

if [ "${LIBSCHED_SKIP_SETUP:-}" = 1 ]; then exit 0; fi

# present PACKAGE: installed as a package, or a command of that name is there from elsewhere
present() {
  case $(dpkg-query -W -f '${Status}' "$1" 2>/dev/null) in
    *" installed") return 0 ;;
  esac
  command -v "$1" >/dev/null 2>&1
}

# cannot REASON
cannot() {
  {
    echo "setup: these are needed and were not found:$missing"
    echo "setup: $1"
    echo "setup: Install them (the names are Debian 12's), then run this again; on a system without Debian's package"
    echo "setup: manager set LIBSCHED_SKIP_SETUP=1 as well, to say that they are there."
  } >&2
  exit 1
}

missing=
for package in "$@"; do
  present "$package" || missing="$missing $package"
done
if [ -z "$missing" ]; then exit 0; fi

if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then
  cannot "They cannot be installed from here: this system has no apt-get."
fi
if [ "$(id -u)" -eq 0 ]; then
  as_root=
elif ! command -v sudo >/dev/null 2>&1; then
  cannot "They cannot be installed from here: that takes root or sudo."
elif sudo -n true 2>/dev/null; then
  as_root="sudo -n"
elif [ -t 0 ]; then
  as_root=sudo # it asks for the password
else
  cannot "They cannot be installed from here: sudo asks for a password and there is no terminal."
fi

echo "setup: installing$missing"
# The lists of packages may be good enough even if they cannot be brought up to date.
$as_root apt-get -q update || echo "setup: apt-get update has failed, going on"
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install $missing ||
  cannot "apt-get has failed: see above."
