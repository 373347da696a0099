/*
 * What treewc and crawl have in common on the command line: names that are printed safely, and numbers with limits.
 */
#ifndef COMMAND_LINE_H
#define COMMAND_LINE_H

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Writes a name so that it stays on its line and cannot command a terminal. */
static void put_name(FILE *out, const char *name) {
  for (const unsigned char *c = (const unsigned char *)name; *c != 0; c++) {
    if (*c == '\\') {
      fputs("\\\\", out);
    } else if (*c == 0xc2 && c[1] >= 0x80 && c[1] <= 0x9f) { /* a control character in UTF-8 */
      fprintf(out, "\\%03o\\%03o", *c, c[1]);
      c++;
    } else if (*c < ' ' || *c == 0x7f) {
      fprintf(out, "\\%03o", *c);
    } else {
      putc(*c, out);
    }
  }
}

/* Ends the program unless the text is a number within the limits. */
static uint64_t number(const char *program, const char *option, const char *text, uint64_t least,
                       uint64_t most) {
  char *end;
  uint64_t value;
  errno = 0;
  value = strtoull(text, &end, 10);
  if (text[0] < '0' || text[0] > '9' || *end != 0 || errno != 0 || value < least || value > most) {
    fprintf(stderr, "%s: %s '", program, option);
    put_name(stderr, text);
    fprintf(stderr, "' is not a number from %" PRIu64 " to %" PRIu64 "\n", least, most);
    exit(2);
  }
  return value;
}

#endif
