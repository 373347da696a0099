#!/bin/sh
# cargo under our jobserver: a crate with four dependencies, each with a build script that is a job.
# shellcheck source-path=SCRIPTDIR source=support/common.inc disable=SC1091,SC2154
. "$(dirname "$0")/support/common.inc"

unset CARGO_TARGET_DIR CARGO_BUILD_TARGET CARGO_BUILD_JOBS RUSTFLAGS RUSTC_WRAPPER
CRATES="one two three four"

prepare() {
  mkdir src
  echo 'fn main() {}' >src/main.rs
  package top >Cargo.toml
  printf '[workspace]\n[dependencies]\n' >>Cargo.toml
  for crate in $CRATES; do
    echo "$crate = { path = \"$crate\" }" >>Cargo.toml
    mkdir -p "$crate/src"
    package "$crate" >"$crate/Cargo.toml"
    echo 'pub fn nothing() {}' >"$crate/src/lib.rs"
    cat >"$crate/build.rs" <<'END_OF_SCRIPT'
use std::{env, process::Command};
fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let flags = env::var("CARGO_MAKEFLAGS").unwrap_or_default();
    let command = format!("echo '{}' >>flags; exec {} $slots sleep $pause", flags, env::var("job").unwrap());
    let status = Command::new("sh").arg("-c").arg(command).current_dir(env::var("work").unwrap()).status();
    assert!(status.unwrap().success());
}
END_OF_SCRIPT
  done
}

package() {
  printf '[package]\nname = "%s"\nversion = "0.1.0"\nedition = "2018"\n' "$1"
}

# built STYLE SLOTS
built() {
  forget_jobs
  rm -rf target flags
  slots=$2 pause=0.1
  export work slots pause
  serve "$1" "$2" cargo build --offline --quiet
  expect_jobs 4 "$2"
  target/debug/top || fail "the program is not right"
}
built_in_turn() { for slots in 1 2 3; do built "$1" $slots; done; }
# What build scripts find is the jobserver that cargo has joined: ours.
expect_flags() {
  grep -e "$1" flags >/dev/null || fail "cargo has handed down: $(cat flags)"
}

case_pipe() { built_in_turn pipe; }
case_both() { built_in_turn both; }
case_broker() { built_in_turn broker; }
case_fifo() {
  cargo --version | awk '{ split($2, v, "."); exit !(v[1] == 1 && v[2] < 74) }' && {
    echo "skipped: cargo before 1.74 does not know fifos, and makes a jobserver of its own"
    exit 77
  }
  built_in_turn fifo
  expect_flags "fifo:.*/libsched-"
}

# With nothing to be done cargo takes all tokens that there are, and gives them back.
many_fresh() {
  built "$1" 4
  repeat serve "$1" 4 cargo build --offline --quiet
}
case_many_fresh_pipe() { many_fresh pipe; }
case_many_fresh_broker() { many_fresh broker; }

need cargo
prepare
"case_$1"
