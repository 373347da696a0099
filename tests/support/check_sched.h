/**
 * Checks that know libsched: statuses by name, live handles, elements, and the rules of options structs.
 */
#ifndef CHECK_SCHED_H
#define CHECK_SCHED_H

#include "check_thread.h"
/* check.h, by way of check_thread.h, goes first. */
#include <libsched.h>
#include <sys/mman.h>

CHECK_HELPER void check_status(const char *file, int line, const char *text, int got, int want) {
  if (got != want) {
    fprintf(stderr, "%s:%d: check failed: %s is %s (%d), not %s (%d)\n", file, line, text,
            libsched_status_name(got), got, libsched_status_name(want), want);
    check_quit(1);
  }
}

/** The call returned this status. */
#define CHECK_STATUS(call, want) check_status(__FILE__, __LINE__, #call, (call), (want))
#define CHECK_OK(call) CHECK_STATUS(call, LIBSCHED_OK)

CHECK_HELPER int64_t check_live(uint32_t kind) {
  uint64_t n = 0;
  CHECK_OK(libsched_live_objects(&n, kind));
  return (int64_t)n;
}

/** Elements are small numbers in the place of pointers. */
#define ITEM(n) ((void *)(uintptr_t)(n))
#define VALUE(item) ((int64_t)(uintptr_t)(item))

/** What an `out` parameter holds before a call that must leave it alone. */
#define UNTOUCHED ITEM(0xabcdef)

/** Counts how often each element 1 to n was seen, from any thread. */
typedef struct check_tally {
  size_t n;
  uint8_t *seen;
} check_tally;

static check_tally check_the_tally;

CHECK_HELPER void check_tally_start(size_t n) {
  free(check_the_tally.seen);
  check_the_tally.n = n;
  check_the_tally.seen = (uint8_t *)calloc(n + 1, 1);
  CHECK(check_the_tally.seen != 0);
}

/** Also a libsched_discard_fn. */
CHECK_HELPER void check_tally_see(void *item) {
  CHECK_LE(1, VALUE(item));
  CHECK_LE(VALUE(item), check_the_tally.n);
  CHECK_ADD(check_the_tally.seen[VALUE(item)], 1);
}

CHECK_HELPER void check_tally_end(const char *file, int line) {
  size_t i;
  for (i = 1; i <= check_the_tally.n; ++i) {
    if (CHECK_GET(check_the_tally.seen[i]) != 1) {
      fprintf(stderr, "%s:%d: element %lu of %lu was seen %d times, not once\n", file, line,
              (unsigned long)i, (unsigned long)check_the_tally.n,
              (int)CHECK_GET(check_the_tally.seen[i]));
      check_quit(1);
    }
  }
  free(check_the_tally.seen);
  check_the_tally.seen = 0;
}

/** Every element was seen exactly once. */
#define CHECK_TALLY() check_tally_end(__FILE__, __LINE__)

/** Creates an object from options of some type, gives it back at once, and returns the status of the creation. */
typedef int (*check_create_fn)(const void *options);

/** The rules for struct_size, which every options struct follows. `options` holds valid ones of `size` bytes. */
CHECK_HELPER void check_options_struct(check_create_fn create, const void *options, size_t size) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  size_t sizes[3];
  size_t i;
  unsigned char *pages = (unsigned char *)mmap(0, 2 * page, PROT_READ | PROT_WRITE,
                                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  unsigned char *at;
  CHECK((void *)pages != MAP_FAILED);
  CHECK_EQ(mprotect(pages + page, page, PROT_NONE), 0);

  /* The right size, with nothing readable behind it. */
  at = pages + page - size;
  memcpy(at, options, size);
  CHECK_OK(create(at));

  /* Too short, with nothing readable behind what there is. */
  sizes[0] = 0;
  sizes[1] = sizeof(size_t);
  sizes[2] = size - sizeof(size_t);
  for (i = 0; i < 3; ++i) {
    size_t there = sizes[i] < sizeof(size_t) ? sizeof(size_t) : sizes[i];
    at = pages + page - there;
    memcpy(at, options, there);
    memcpy(at, &sizes[i], sizeof(size_t));
    CHECK_STATUS(create(at), LIBSCHED_E_STRUCT_SHORT);
  }
  sizes[0] = size - 1;
  at = pages + page - size;
  memcpy(at, options, size);
  memcpy(at, &sizes[0], sizeof(size_t));
  CHECK_STATUS(create(at), LIBSCHED_E_STRUCT_SHORT);

  /* Longer: known fields as before, the rest must be zero. */
  sizes[0] = size + 64;
  at = pages + page - sizes[0];
  memset(at, 0, sizes[0]);
  memcpy(at, options, size);
  memcpy(at, &sizes[0], sizeof(size_t));
  CHECK_OK(create(at));
  at[size] = 1;
  CHECK_STATUS(create(at), LIBSCHED_E_STRUCT_LONG);
  at[size] = 0;
  at[size + 63] = 0x80;
  CHECK_STATUS(create(at), LIBSCHED_E_STRUCT_LONG);
  at[size + 63] = 0;
  CHECK_OK(create(at));

  /* A length that cannot be one, before a page that cannot be read. */
  sizes[0] = (size_t)-1;
  memcpy(at, &sizes[0], sizeof(size_t));
  CHECK_STATUS(create(at), LIBSCHED_E_STRUCT_LONG);
  CHECK_EQ(munmap(pages, 2 * page), 0);
}

#endif
