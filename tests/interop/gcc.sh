#!/bin/sh
# gcc -flto=jobserver, which compiles the parts of a program under our jobserver when it links them.
# shellcheck source-path=SCRIPTDIR source=support/common.inc disable=SC1091,SC2154
. "$(dirname "$0")/support/common.inc"

PARTS=6

# A program of several parts, and a compiler in ./tools that makes a job of each.
prepare() {
  mkdir tools
  echo "int main(void) { return 0" >main.c
  part=1
  while [ $part -le $PARTS ]; do
    echo "int part_$part(int x); __attribute__((noipa)) int part_$part(int x) { return x * $part; }" >part_$part.c
    sed -i "1i int part_$part(int);" main.c
    echo "+ part_$part(0)" >>main.c
    part=$((part + 1))
  done
  echo "; }" >>main.c
  gcc -O2 -flto -c ./*.c || fail "gcc does not compile for -flto"
  lto1=$(gcc -print-prog-name=lto1)
  cat >tools/lto1 <<END_OF_TOOL
#!/bin/sh
for argument in "\$@"; do
  if [ "\$argument" = -fltrans ]; then exec \$job \$slots sh -c '"\$@" && sleep \$pause' job "$lto1" "\$@"; fi
done
exec "$lto1" "\$@"
END_OF_TOOL
  chmod +x tools/lto1
}

# linked STYLE SLOTS PAUSE
linked() {
  forget_jobs
  rm -f program
  slots=$2 pause=$3
  export slots pause
  serve "$1" "$2" gcc -O2 -flto=jobserver -flto-partition=1to1 -Btools/ ./*.o -o program
  expect_jobs $((PARTS + 1)) "$2"
  ./program || fail "the program is not right"
}

case_lto_pipe() { for slots in 1 2 3 7; do linked pipe $slots 0.1; done; }
case_lto_broker() { for slots in 1 2 3 7; do linked broker $slots 0.1; done; }
case_many_lto_broker() {
  runs=$(((runs + 3) / 4)) # it is not a quick one
  repeat linked broker 3 0
}

need gcc
need make
prepare
"case_$1"
