/* Items in the statistics, and in the hook that is told of failures, at every moment and not only in the end. */
#include "check_batch.h"

enum { MANY = 200 };

static check_item items[MANY];

/* What holds of every picture of a pool that nobody else touches. */
static libsched_priority_stats look(libsched_pool *pool, uint32_t priority) {
  libsched_priority_stats stats = check_priority_stats(pool, priority);
  CHECK_EQ(stats.submitted, stats.started + stats.cancelled + stats.queued);
  CHECK_EQ(stats.started, stats.completed + stats.failed + stats.active);
  return stats;
}

/* A call that stands still after its first item, until the test lets it go and it returns. */
static check_gate in_the_call = CHECK_GATE_INIT;
static int64_t calls;
static int64_t in_first_call;

static size_t stand_still_once(libsched_task *task, void *const *data, size_t n, int *results) {
  check_call(task, data, n, results);
  if (CHECK_ADD(calls, 1) != 1) return check_items_run(task, data, n, results);
  check_item_run(data[0], &results[0]);
  CHECK_SET(in_first_call, (int64_t)n);
  check_gate_run(task, &in_the_call);
  return 1;
}

CASE(counts_while_a_call_runs) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_batch *batch = check_batch_new(pool, stand_still_once, 0);
  check_gate gate = CHECK_GATE_INIT;
  libsched_priority_stats stats;
  check_items_start(items, MANY, 0);
  check_gate_hold(&gate, pool, 1);
  check_items_submit(batch, 0, LIBSCHED_NORMAL, items, MANY, 0);
  stats = look(pool, LIBSCHED_NORMAL);
  CHECK_EQ(stats.submitted, MANY);
  CHECK_EQ(stats.queued, MANY);
  CHECK_EQ(stats.started, 0);
  /* Items that wait are waited for by the clock too. */
  CHECK_UNTIL(look(pool, LIBSCHED_NORMAL).oldest_wait_ns >= 20000000);
  check_gate_open(&gate);
  CHECK_AWAIT(&in_the_call.entered, 1);
  stats = look(pool, LIBSCHED_NORMAL);
  CHECK_EQ(stats.submitted, MANY);
  CHECK_EQ(stats.completed, 0);
  CHECK_LE(1, stats.active);
  CHECK_LE(stats.active, CHECK_GET(in_first_call));
  check_gate_open(&in_the_call);
  check_pool_idle(pool);
  check_ends(pool, LIBSCHED_NORMAL, MANY, 0, 0);
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_NORMAL).oldest_wait_ns, 0);
  CHECK_EQ(check_items_settled(items, MANY), MANY);
  libsched_batch_unref(batch);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* The hook for failures may end its thread. That is a failure of no item but the one that it was told of. */
static int64_t told;

static void end_the_thread(int code, const char *message, void *task_data, void *user_data) {
  (void)message;
  (void)user_data;
  CHECK_EQ(code, 7);
  CHECK_EQ(((check_item *)task_data)->result, 7);
  CHECK_ADD(told, 1);
  pthread_exit(0);
}

CASE(failure_hook_ends_its_thread) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  check_gate gate = CHECK_GATE_INIT;
  libsched_pool *pool;
  libsched_batch *batch;
  options.workers = 1;
  options.on_failure = end_the_thread;
  pool = check_pool_with(&options);
  batch = check_batch_new(pool, check_items_run, 0);
  check_items_start(items, MANY, 0);
  items[2].result = 7;
  check_gate_hold(&gate, pool, 1);
  check_items_submit(batch, 0, LIBSCHED_NORMAL, items, MANY, 0);
  check_gate_open(&gate);
  check_pool_idle(pool);
  CHECK_EQ(check_items_settled(items, MANY), MANY);
  CHECK_EQ(CHECK_GET(told), 1);
  check_ends(pool, LIBSCHED_NORMAL, MANY - 1, 1, 0);
  libsched_batch_unref(batch);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* A discard may end its thread as well: the others are discarded all the same. */
static int64_t discarded;

static void discard_and_exit(void *data) {
  check_item_discard(data);
  if (CHECK_ADD(discarded, 1) % 50 == 3) pthread_exit(0);
}

CASE(discard_ends_its_thread) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_batch *batch = 0;
  check_gate gate = CHECK_GATE_INIT;
  CHECK_OK(libsched_batch_create(&batch, pool, check_items_run, discard_and_exit, 0, 0));
  check_items_start(items, MANY, 0);
  check_gate_hold(&gate, pool, 1);
  check_items_submit(batch, 0, LIBSCHED_NORMAL, items, MANY, 0);
  CHECK_STATUS(libsched_pool_shutdown(pool, LIBSCHED_CANCEL, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  check_gate_open(&gate);
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_CANCEL, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(check_items_settled(items, MANY), 0);
  check_ends(pool, LIBSCHED_NORMAL, 0, 0, MANY);
  libsched_batch_unref(batch);
  libsched_pool_unref(pool);
  CHECK_EQ(check_live(LIBSCHED_KIND_BATCH), 0);
}

CASES = {RUN(counts_while_a_call_runs), RUN(failure_hook_ends_its_thread),
         RUN(discard_ends_its_thread), CASES_END};
