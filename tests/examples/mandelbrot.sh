#!/bin/sh
# mandelbrot draws the same picture with any number of workers, and says when it cannot write it.
# shellcheck source-path=SCRIPTDIR source=common.inc disable=SC1091,SC2154
. "$(dirname "$0")/common.inc"

mandelbrot=$LIBSCHED_EXAMPLES/mandelbrot
run 0 "$mandelbrot" one.ppm 300 1
expect_equal "size of the picture" $((15 + 3 * 300 * 200)) "$(wc -c <one.ppm)"
expect_equal "head of the picture" "P6 300 200 255" "$(head -c 15 one.ppm | tr '\n' ' ' | sed 's/ $//')"
for workers in 2 5; do
  run 0 "$mandelbrot" more.ppm 300 $workers
  cmp one.ppm more.ppm || fail "with $workers workers the picture is another one"
done
# The set is in the middle, and what is far outside is in the corner: not all of one colour.
[ "$(tail -c +16 one.ppm | od -An -v -tu1 -w3 | sort -u | wc -l)" -gt 50 ] || fail "the picture has too few colours"
run 1 "$mandelbrot" /no/such/folder/picture.ppm 16
expect_message "cannot write"
if [ -w /dev/full ]; then
  run 1 "$mandelbrot" /dev/full 300
  expect_message "cannot write"
fi
for wrong in "" "x.ppm 15" "x.ppm 20001" "x.ppm 100 0" "x.ppm 100 x"; do
  # shellcheck disable=SC2086 # one or more words
  run 2 "$mandelbrot" $wrong
  expect_message "usage: mandelbrot"
done
