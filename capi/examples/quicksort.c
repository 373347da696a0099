/*
 * quicksort: sorts by fork and join, and compares with qsort: the result, and the time.
 *
 *     cc -O2 -o quicksort quicksort.c $(pkg-config --cflags --libs sched)
 *     ./quicksort 10000000 4
 *
 * Each call partitions its range and forks one part: another worker may take it. Without a taker the join runs it, and
 * then the fork has cost some nanoseconds and no allocation.
 */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <libsched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SMALL = 4096, TINY = 16 };

/* What a task sorts. `depth` says how many more partitions may be bad ones. */
struct range {
  int32_t *first;
  size_t count;
  int depth;
};

static void check(int status, const char *what) {
  if (status == LIBSCHED_OK) return;
  fprintf(stderr, "quicksort: %s: %s (%s)\n", what, libsched_status_message(status),
          libsched_status_name(status));
  exit(1);
}

static int compare(const void *a, const void *b) {
  const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

static void insertion_sort(int32_t *a, size_t count) {
  size_t i, j;
  for (i = 1; i < count; ++i) {
    const int32_t value = a[i];
    for (j = i; j > 0 && a[j - 1] > value; --j) a[j] = a[j - 1];
    a[j] = value;
  }
}

static int32_t median(int32_t a, int32_t b, int32_t c) {
  if (a > b) {
    const int32_t t = a;
    a = b;
    b = t;
  }
  return c < a ? a : c > b ? b : c;
}

/* Hoare's partition: afterwards nothing in the first part is larger than anything in the second. Both are non-empty. */
static size_t partition(int32_t *a, size_t count) {
  const size_t step = count / 8;
  const int32_t pivot =
      median(median(a[0], a[step], a[2 * step]), median(a[3 * step], a[4 * step], a[5 * step]),
             median(a[6 * step], a[7 * step], a[count - 2]));
  size_t i = 0, j = count - 1;
  for (;;) {
    int32_t t;
    while (a[i] < pivot) ++i;
    while (a[j] > pivot) --j;
    if (i >= j) return i > 0 ? i : 1;
    t = a[i];
    a[i++] = a[j];
    a[j--] = t;
  }
}

static void sort_alone(int32_t *a, size_t count, int depth) {
  while (count > TINY) {
    size_t left;
    if (depth-- == 0) {
      qsort(a, count, sizeof *a, compare);
      return;
    }
    left = partition(a, count);
    sort_alone(a, left, depth);
    a += left;
    count -= left;
  }
  insertion_sort(a, count);
}

static int sort(libsched_task *task, void *user_data) {
  const struct range range = *(struct range *)user_data;
  libsched_frame frame;
  struct range left, right;
  if (range.count <= SMALL || range.depth == 0) {
    sort_alone(range.first, range.count, range.depth);
    return 0;
  }
  left = right = range;
  left.count = partition(range.first, range.count);
  right.first += left.count;
  right.count -= left.count;
  left.depth = right.depth = range.depth - 1;
  check(libsched_fork(&frame, sort, &right), "fork");
  sort(task, &left);
  check(libsched_join(&frame), "join");
  return 0;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The inputs: what makes a careless quicksort quadratic is among them. */
static const char *const kinds[] = {"random", "sorted", "reversed", "equal", "few values"};

static void fill(int32_t *a, size_t count, int kind) {
  uint64_t state = 88172645463325252u;
  size_t i;
  for (i = 0; i < count; ++i) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    a[i] = kind == 0   ? (int32_t)state
           : kind == 1 ? (int32_t)i
           : kind == 2 ? (int32_t)(count - i)
           : kind == 3 ? 7
                       : (int32_t)(state % 5);
  }
}

static int usage(void) {
  fprintf(
      stderr,
      "usage: quicksort [COUNT [WORKERS]]\n"
      "COUNT: 1 to 1000000000 numbers, else 10000000; WORKERS: 1 to 1024, else as many as CPUs\n");
  return 2;
}

/* A number from 1 to limit, or 0. */
static unsigned long number(const char *text, unsigned long limit) {
  char *end;
  const unsigned long value = strtoul(text, &end, 10);
  return *text >= '0' && *text <= '9' && *end == '\0' && value <= limit ? value : 0;
}

int main(int argc, char **argv) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  libsched_pool *pool;
  size_t count = 10000000;
  int32_t *ours, *theirs;
  int kind;
  if (argc > 3) return usage();
  if (argc > 1 && (count = number(argv[1], 1000000000)) == 0) return usage();
  if (argc > 2 && (options.workers = (uint32_t)number(argv[2], LIBSCHED_MAX_WORKERS)) == 0)
    return usage();
  ours = malloc(count * sizeof *ours);
  theirs = malloc(count * sizeof *theirs);
  if (ours == NULL || theirs == NULL) {
    fprintf(stderr, "quicksort: no memory for %zu numbers\n", count);
    return 1;
  }
  check(libsched_pool_create(&pool, &options, NULL), "create a pool");
  for (kind = 0; kind < (int)(sizeof kinds / sizeof *kinds); ++kind) {
    struct range all;
    double start, middle, end;
    fill(ours, count, kind);
    memcpy(theirs, ours, count * sizeof *ours);
    all.first = ours;
    all.count = count;
    all.depth = 64;
    start = now();
    check(libsched_pool_submit(pool, LIBSCHED_NORMAL, sort, &all, NULL), "submit");
    check(libsched_pool_wait_idle(pool, LIBSCHED_FOREVER, NULL, NULL), "wait");
    middle = now();
    qsort(theirs, count, sizeof *theirs, compare);
    end = now();
    printf("%-10s  %.3f s, qsort %.3f s: %s\n", kinds[kind], middle - start, end - middle,
           memcmp(ours, theirs, count * sizeof *ours) == 0 ? "equal" : "NOT EQUAL");
    if (memcmp(ours, theirs, count * sizeof *ours) != 0) return 1;
  }
  check(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, NULL, NULL), "shut down");
  libsched_pool_unref(pool);
  free(ours);
  free(theirs);
  return 0;
}
