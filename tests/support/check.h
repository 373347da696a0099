/**
 * The harness of the C tests: cases, checks and the exit status, nothing else.
 *
 * A test file defines cases, each on a line of its own, and ends with the table of them:
 *
 *     CASE(pops_newest_first) {
 *       CHECK_EQ(1 + 1, 2);
 *     }
 *
 *     CASES = {RUN(pops_newest_first), CASES_END};
 *
 * The program runs the cases named on its command line, and lists all of them without one. Exit status: 0 passed,
 * 1 failed, 2 unknown case, 77 skipped. A case that the table lacks is an unused static function, which -Werror
 * refuses, and an unknown case when it is asked for by name: none can be forgotten in silence.
 *
 * Everything here is C89 with <stdint.h>, and C++. Include this file before any other.
 */
#ifndef CHECK_H
#define CHECK_H

#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1
#endif

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define CHECK_ASAN 1
#endif
#if defined(__SANITIZE_THREAD__)
#define CHECK_TSAN 1
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CHECK_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define CHECK_TSAN 1
#endif
#endif
#ifndef CHECK_ASAN
#define CHECK_ASAN 0
#endif
#ifndef CHECK_TSAN
#define CHECK_TSAN 0
#endif
#define CHECK_SANITIZED (CHECK_ASAN || CHECK_TSAN)

/** A count for a stress loop: the full one, or the smaller one under a sanitizer. */
#define CHECK_SCALE(full, sanitized) (CHECK_SANITIZED ? (sanitized) : (full))

/** For functions of the support headers that not every test file uses. */
#define CHECK_HELPER static __attribute__((unused))

typedef struct check_case {
  const char *name;
  void (*run)(void);
} check_case;

extern const check_case check_cases[];

#define CASE(name) static void case_##name(void)
#define CASES const check_case check_cases[]
#define RUN(name) \
  { #name, case_##name }
#define CASES_END \
  { 0, 0 }

/** Leaves at once: a failed check may stand on any thread, with others in the middle of their work. */
CHECK_HELPER void check_quit(int status) {
  fflush(stdout);
  fflush(stderr);
  _exit(status);
}

CHECK_HELPER void check_fail(const char *file, int line, const char *text) {
  fprintf(stderr, "%s:%d: check failed: %s\n", file, line, text);
  check_quit(1);
}

CHECK_HELPER void check_eq(const char *file, int line, const char *left_text, int64_t left,
                           const char *right_text, int64_t right) {
  if (left != right) {
    fprintf(stderr, "%s:%d: check failed: %s == %s, but %ld != %ld\n", file, line, left_text,
            right_text, (long)left, (long)right);
    check_quit(1);
  }
}

/** left <= right, with both values in the failure. */
CHECK_HELPER void check_le(const char *file, int line, const char *left_text, int64_t left,
                           const char *right_text, int64_t right) {
  if (left > right) {
    fprintf(stderr, "%s:%d: check failed: %s <= %s, but %ld > %ld\n", file, line, left_text,
            right_text, (long)left, (long)right);
    check_quit(1);
  }
}

CHECK_HELPER void check_ptr(const char *file, int line, const char *left_text, const void *left,
                            const char *right_text, const void *right) {
  if (left != right) {
    fprintf(stderr, "%s:%d: check failed: %s == %s, but %p != %p\n", file, line, left_text,
            right_text, left, right);
    check_quit(1);
  }
}

CHECK_HELPER void check_str(const char *file, int line, const char *left_text, const char *left,
                            const char *right_text, const char *right) {
  if (left == 0 || right == 0 || strcmp(left, right) != 0) {
    fprintf(stderr, "%s:%d: check failed: %s == %s, but \"%s\" != \"%s\"\n", file, line, left_text,
            right_text, left ? left : "(null)", right ? right : "(null)");
    check_quit(1);
  }
}

#define CHECK(cond)                                     \
  do {                                                  \
    if (!(cond)) check_fail(__FILE__, __LINE__, #cond); \
  } while (0)
#define CHECK_EQ(a, b) check_eq(__FILE__, __LINE__, #a, (int64_t)(a), #b, (int64_t)(b))
#define CHECK_LE(a, b) check_le(__FILE__, __LINE__, #a, (int64_t)(a), #b, (int64_t)(b))
#define CHECK_PTR(a, b) check_ptr(__FILE__, __LINE__, #a, (const void *)(a), #b, (const void *)(b))
#define CHECK_STR(a, b) check_str(__FILE__, __LINE__, #a, (a), #b, (b))

/** Ends the case as skipped. CI fails on a skip that its list does not allow. */
CHECK_HELPER void check_skip(const char *why) {
  printf("skipped: %s\n", why);
  check_quit(77);
}

int main(int argc, char **argv) {
  int i;
  const check_case *c;
  if (argc < 2) {
    for (c = check_cases; c->name != 0; ++c) printf("%s\n", c->name);
    return 0;
  }
  for (i = 1; i < argc; ++i) {
    for (c = check_cases; c->name != 0 && strcmp(c->name, argv[i]) != 0; ++c) {
    }
    if (c->name == 0) {
      fprintf(stderr, "unknown case '%s': it is not in the table CASES of this program\n", argv[i]);
      return 2;
    }
    c->run();
  }
  return 0;
}

#endif
