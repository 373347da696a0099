/**
 * Items of batches: each counts its runs and discards, and knows the result that it is to have.
 */
#ifndef CHECK_BATCH_H
#define CHECK_BATCH_H

#include "check_spare.h"

typedef struct check_item {
  int32_t number;
  int32_t result;
  int32_t runs;
  int32_t discards;
  uint32_t priority;
  void *context;
} check_item;

/** n items with numbers from 0 on. */
CHECK_HELPER void check_items_start(check_item *items, int n, void *context) {
  int i;
  memset(items, 0, (size_t)n * sizeof(*items));
  for (i = 0; i < n; ++i) {
    items[i].number = i;
    items[i].context = context;
  }
}

/** What holds for every call: it has items, and a fresh result for each. */
CHECK_HELPER void check_call(libsched_task *task, void *const *data, size_t n, const int *results) {
  size_t i;
  CHECK(task != 0);
  CHECK(data != 0);
  CHECK_LE(1, n);
  for (i = 0; i < n; ++i) {
    CHECK(data[i] != 0);
    CHECK_EQ(results[i], 0);
  }
}

CHECK_HELPER void check_item_run(void *data, int *result) {
  check_item *item = (check_item *)data;
  *result = item->result;
  CHECK_ADD(item->runs, 1);
}

/** A libsched_batch_fn: runs all. */
CHECK_HELPER size_t check_items_run(libsched_task *task, void *const *data, size_t n,
                                    int *results) {
  size_t i;
  check_call(task, data, n, results);
  for (i = 0; i < n; ++i) check_item_run(data[i], &results[i]);
  return n;
}

CHECK_HELPER void check_item_discard(void *data) { CHECK_ADD(((check_item *)data)->discards, 1); }

/** How many of n items ran; each was either run or discarded, once. */
CHECK_HELPER int64_t check_items_settled(check_item *items, int n) {
  int64_t ran = 0;
  int i;
  for (i = 0; i < n; ++i) {
    CHECK_EQ(CHECK_GET(items[i].runs) + CHECK_GET(items[i].discards), 1);
    ran += CHECK_GET(items[i].runs);
  }
  return ran;
}

/** How many of n items have been run or discarded so far. */
CHECK_HELPER int64_t check_items_done(check_item *items, int n) {
  int64_t done = 0;
  int i;
  for (i = 0; i < n; ++i) done += CHECK_GET(items[i].runs) + CHECK_GET(items[i].discards);
  return done;
}

CHECK_HELPER libsched_batch *check_batch_new(libsched_pool *pool, libsched_batch_fn run,
                                             uint32_t max) {
  libsched_batch *batch = 0;
  libsched_error *error = (libsched_error *)UNTOUCHED;
  CHECK_OK(libsched_batch_create(&batch, pool, run, check_item_discard, max, &error));
  CHECK(batch != 0);
  CHECK(error == 0);
  return batch;
}

/** Submits n items, in order, in the one way or the other. */
CHECK_HELPER void check_items_submit(libsched_batch *batch, libsched_group *group,
                                     uint32_t priority, check_item *items, int n, int one_by_one) {
  enum { SOME = 50 };
  void *data[SOME];
  int i = 0;
  while (i < n) {
    size_t accepted = 0;
    int some = n - i < SOME ? n - i : SOME;
    int k;
    for (k = 0; k < some; ++k) {
      items[i + k].priority = priority;
      data[k] = &items[i + k];
    }
    if (one_by_one) {
      for (k = 0; k < some; ++k) CHECK_OK(libsched_batch_submit(batch, group, priority, data[k]));
    } else {
      CHECK_OK(libsched_batch_submit_n(&accepted, batch, group, priority, data, (size_t)some,
                                       LIBSCHED_FOREVER, 0, 0));
      CHECK_EQ(accepted, some);
    }
    i += some;
  }
}

/** The pool's counts for one priority, once it is idle: nothing waits or runs, and these are the ends. */
CHECK_HELPER void check_ends(libsched_pool *pool, uint32_t priority, int64_t completed,
                             int64_t failed, int64_t cancelled) {
  libsched_priority_stats stats = check_priority_stats(pool, priority);
  CHECK_EQ(stats.completed, completed);
  CHECK_EQ(stats.failed, failed);
  CHECK_EQ(stats.cancelled, cancelled);
  CHECK_EQ(stats.active, 0);
  CHECK_EQ(stats.queued, 0);
  CHECK_EQ(stats.started, completed + failed);
  CHECK_EQ(stats.submitted, completed + failed + cancelled);
}

#endif
