/*
 * The counting of treewc: lines, words and bytes of a run of bytes, and how to join the counts of runs that follow each
 * other, wherever they were cut.
 */
#ifndef TREEWC_COUNT_H
#define TREEWC_COUNT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct counts {
  uint64_t lines, words, bytes;
};

/* To wc a word is what lies between two spaces, if at least one of its bytes is visible. */
enum byte_class { NEUTRAL, SPACE, VISIBLE };

/* The counts of a run of bytes, and what it takes to join them to the runs before and after. */
struct tally {
  struct counts n;
  enum byte_class first; /* of the first byte that is not neutral; NEUTRAL if there is none */
  uint64_t in_word;      /* 1 if the last byte belongs to a word that was counted, else 0 */
};

static enum byte_class class_of(unsigned char c) {
  if (c == ' ' || (c >= '\t' && c <= '\r')) return SPACE;
  return c > ' ' && c < 0x7f ? VISIBLE : NEUTRAL;
}

/* The same byte eight times. */
#define EIGHT(byte) ((byte)*UINT64_C(0x0101010101010101))
#define TOP_BITS EIGHT(0x80)
#define LOW_BITS EIGHT(0x7f)
/* Sets the top bit of each byte that is at least `limit`. Bytes and limit are below 0x80. */
#define AT_LEAST(bytes, limit) ((bytes) + EIGHT(0x80 - (limit)))

/*
 * Counts n bytes. The bytes after them, up to a multiple of 8, must be there and be 0, which is
 * neutral.
 *
 * Eight bytes at a time, without a branch on their values: the answer to a question about a byte is
 * its top bit. Whether a byte lies in a word depends on all bytes before it (visible: yes, space:
 * no, neutral: as the one before). That is how a carry runs through an addition: a visible byte
 * generates it, a space stops it, a neutral byte hands it on. So one addition answers for eight
 * bytes. The first byte must be the lowest one, as it is on x86-64 and arm64.
 */
static void count(struct tally *tally, const unsigned char *at, size_t n) {
  size_t left = (n + 7) / 8;
  uint64_t carry = tally->in_word;

  for (size_t i = 0; i < n && tally->first == NEUTRAL; i++) tally->first = class_of(at[i]);
  tally->n.bytes += n;
  while (left > 0) {
    /* Each byte of these two counts for itself, and must not reach 256. */
    uint64_t lines = 0, words = 0;
    size_t now = left < 255 ? left : 255;
    left -= now;
    for (; now > 0; now--, at += 8) {
      uint64_t bytes;
      memcpy(&bytes, at, sizeof bytes);
      uint64_t low = bytes & LOW_BITS, ascii = ~bytes & TOP_BITS;
      uint64_t above_space = AT_LEAST(low, ' ' + 1);
      uint64_t control = AT_LEAST(low, '\t') & ~AT_LEAST(low, '\r' + 1);
      uint64_t space = (control | (AT_LEAST(low, ' ') & ~above_space)) & ascii;
      uint64_t visible = above_space & ~AT_LEAST(low, 0x7f) & ascii;
      uint64_t newline = ~((low ^ EIGHT('\n')) + LOW_BITS) & ascii;

      /* before: does the byte before lie in a word? Only the top bits mean something. */
      uint64_t without_carry = ~space + visible;
      uint64_t before = (without_carry + carry) ^ ~space ^ visible;
      carry = (without_carry < visible) | (carry & (without_carry == UINT64_MAX));

      words += (visible & ~before) >> 7;
      lines += newline >> 7;
    }
    for (int shift = 0; shift < 64; shift += 8) {
      tally->n.lines += lines >> shift & 0xff;
      tally->n.words += words >> shift & 0xff;
    }
  }
  tally->in_word = carry;
}

/* Appends the bytes of `next`. A word that lies across the border was counted on both sides. */
static void join(struct tally *tally, const struct tally *next) {
  tally->n.lines += next->n.lines;
  tally->n.bytes += next->n.bytes;
  tally->n.words += next->n.words - (tally->in_word && next->first == VISIBLE);
  if (next->first != NEUTRAL) tally->in_word = next->in_word;
}

#endif
