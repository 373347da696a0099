/* Priorities of batches: an item counts as a task for the starvation bounds, the order of the levels and the caps. */
#include "check_batch.h"

enum { LOWS = 40, NORMALS = 300, HIGHS = 3000, ALL = LOWS + NORMALS + HIGHS };

/* The order in which items and tasks start. While it grows nothing more is submitted. */
static int64_t started;
static uint8_t priorities[ALL];
static check_item items[ALL];

static void note(const check_item *item) {
  int64_t at = CHECK_ADD(started, 1) - 1;
  CHECK_LE(at, ALL - 1);
  priorities[at] = (uint8_t)item->priority;
}

static int note_task(libsched_task *task, void *data) {
  (void)task;
  note((check_item *)data);
  CHECK_ADD(((check_item *)data)->runs, 1);
  return 0;
}

static size_t note_call(libsched_task *task, void *const *data, size_t n, int *results) {
  size_t i;
  check_call(task, data, n, results);
  for (i = 0; i < n; ++i) note((check_item *)data[i]);
  for (i = 0; i < n; ++i) check_item_run(data[i], &results[i]);
  return n;
}

/* Which levels are submitted as items, the others being tasks, and whether all of them are of one batch. */
enum { LOW_ITEMS = 1, NORMAL_ITEMS = 2, HIGH_ITEMS = 4, ONE_BATCH = 8, ALL_KINDS = 16 };

static check_item *submit_level(libsched_pool *pool, libsched_batch *batch, uint32_t priority,
                                check_item *from, int n) {
  int i;
  for (i = 0; i < n; ++i) {
    from[i].priority = priority;
    if (batch == 0) CHECK_OK(libsched_pool_submit(pool, priority, note_task, &from[i], 0));
  }
  if (batch != 0) check_items_submit(batch, 0, priority, from, n, 0);
  return from + n;
}

static void run_all(uint32_t normal_bound, uint32_t low_bound, uint32_t max, int kinds, int lows,
                    int normals, int highs) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  check_gate gate = CHECK_GATE_INIT;
  libsched_pool *pool;
  libsched_batch *batches[LIBSCHED_PRIORITIES];
  check_item *next = items;
  int p;
  options.workers = 1;
  options.normal_bound = normal_bound;
  options.low_bound = low_bound;
  pool = check_pool_with(&options);
  for (p = 0; p < LIBSCHED_PRIORITIES; ++p) {
    batches[p] = p != 0 && (kinds & ONE_BATCH) != 0 ? libsched_batch_ref(batches[0])
                                                    : check_batch_new(pool, note_call, max);
  }
  started = 0;
  check_items_start(items, ALL, 0);
  check_gate_hold(&gate, pool, 1);
  next =
      submit_level(pool, kinds & LOW_ITEMS ? batches[LIBSCHED_LOW] : 0, LIBSCHED_LOW, next, lows);
  next = submit_level(pool, kinds & NORMAL_ITEMS ? batches[LIBSCHED_NORMAL] : 0, LIBSCHED_NORMAL,
                      next, normals);
  next = submit_level(pool, kinds & HIGH_ITEMS ? batches[LIBSCHED_HIGH] : 0, LIBSCHED_HIGH, next,
                      highs);
  check_gate_open(&gate);
  check_pool_idle(pool);
  CHECK_EQ(check_items_settled(items, lows + normals + highs), lows + normals + highs);
  CHECK_EQ(started, lows + normals + highs);
  for (p = 0; p < LIBSCHED_PRIORITIES; ++p) libsched_batch_unref(batches[p]);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* The longest row of starts that passed over p while tasks of p still waited. */
static int64_t longest_pass(uint32_t p, int64_t all_of_p) {
  int64_t longest = 0;
  int64_t row = 0;
  int64_t seen = 0;
  int64_t i;
  for (i = 0; i < started; ++i) {
    if (priorities[i] == p) {
      row = 0;
      ++seen;
    } else if (seen < all_of_p && ++row > longest) {
      longest = row;
    }
  }
  CHECK_EQ(seen, all_of_p);
  return longest;
}

static void check_bounds(uint32_t normal_bound, uint32_t low_bound, int64_t normal, int64_t low) {
  static const uint32_t maxima[] = {0, 1, 256};
  int kinds;
  size_t m;
  for (kinds = 0; kinds < ALL_KINDS; ++kinds) {
    for (m = 0; m < sizeof(maxima) / sizeof(*maxima); ++m) {
      run_all(normal_bound, low_bound, maxima[m], kinds, LOWS, NORMALS, HIGHS);
      CHECK_LE(longest_pass(LIBSCHED_NORMAL, NORMALS), normal);
      CHECK_LE(longest_pass(LIBSCHED_LOW, LOWS), low);
      /* High goes first up to the bound, in calls too. */
      CHECK_LE(normal - 1, longest_pass(LIBSCHED_NORMAL, NORMALS));
      CHECK_LE(low - 1, longest_pass(LIBSCHED_LOW, LOWS));
    }
  }
}

CASE(default_bounds) { check_bounds(0, 0, 8, 64); }
CASE(other_bounds) { check_bounds(3, 10, 3, 10); }
CASE(smallest_bounds) { check_bounds(1, 2, 1, 2); }
CASE(bound_of_low_below_that_of_normal) { check_bounds(20, 7, 20, 7); }

/* The order is the one that tasks have: eight High, one Normal. */
CASE(exact_order_of_two_levels) {
  int kinds;
  for (kinds = 0; kinds < ALL_KINDS; kinds += 2) {
    int i;
    run_all(0, 0, 0, kinds, 0, 50, 400);
    for (i = 0; i < 450; ++i) {
      CHECK_EQ(priorities[i], i % 9 == 8 ? LIBSCHED_NORMAL : LIBSCHED_HIGH);
    }
  }
}

CASE(no_bound_is_strict_priority) {
  int kinds;
  for (kinds = 0; kinds < ALL_KINDS; ++kinds) {
    int i;
    run_all(LIBSCHED_NO_BOUND, LIBSCHED_NO_BOUND, 0, kinds, LOWS, NORMALS, 500);
    for (i = 0; i < 500 + NORMALS + LOWS; ++i) {
      CHECK_EQ(priorities[i], i < 500             ? LIBSCHED_HIGH
                              : i < 500 + NORMALS ? LIBSCHED_NORMAL
                                                  : LIBSCHED_LOW);
    }
  }
}

/* A cap is on workers: no more calls of that level at a time than it says. */
static int64_t at_once;

static size_t run_capped(libsched_task *task, void *const *data, size_t n, int *results) {
  CHECK_LE(CHECK_ADD(at_once, 1), 2);
  if (((check_item *)data[0])->number % 16 == 0) check_pause_ms(1);
  CHECK_ADD(at_once, -1);
  return check_items_run(task, data, n, results);
}

CASE(caps_hold_for_calls) {
  uint32_t p;
  for (p = 0; p < LIBSCHED_PRIORITIES; ++p) {
    libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
    libsched_pool *pool;
    libsched_batch *batch;
    options.workers = 5;
    if (p == LIBSCHED_NORMAL) options.normal_cap = 2;
    if (p == LIBSCHED_HIGH) options.high_cap = 2;
    if (p == LIBSCHED_LOW) options.low_cap = 2;
    pool = check_pool_with(&options);
    batch = check_batch_new(pool, run_capped, 4);
    check_items_start(items, ALL, 0);
    check_items_submit(batch, 0, p, items, CHECK_SCALE(ALL, 500), 0);
    check_pool_idle(pool);
    CHECK_EQ(check_items_settled(items, CHECK_SCALE(ALL, 500)), CHECK_SCALE(ALL, 500));
    libsched_batch_unref(batch);
    check_pool_end(pool, LIBSCHED_DRAIN);
  }
}

CASES = {RUN(default_bounds),
         RUN(other_bounds),
         RUN(smallest_bounds),
         RUN(bound_of_low_below_that_of_normal),
         RUN(exact_order_of_two_levels),
         RUN(no_bound_is_strict_priority),
         RUN(caps_hold_for_calls),
         CASES_END};
