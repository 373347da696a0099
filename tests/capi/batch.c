/* Batches: each item runs once, with its own result, in its place in the order, in calls of the right size. */
#include "check_batch.h"

enum { MANY = 1000 };

static check_item items[MANY];

static void check_once(uint32_t workers, uint32_t max, int one_by_one) {
  libsched_pool *pool = check_pool_new(workers, 0);
  libsched_batch *batch = check_batch_new(pool, check_items_run, max);
  uint32_t p;
  for (p = 0; p < LIBSCHED_PRIORITIES; ++p) {
    check_items_start(items, MANY, 0);
    check_items_submit(batch, 0, p, items, MANY, one_by_one);
    check_pool_idle(pool);
    CHECK_EQ(check_items_settled(items, MANY), MANY);
    check_ends(pool, p, MANY, 0, 0);
  }
  libsched_batch_unref(batch);
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(check_live(LIBSCHED_KIND_BATCH), 0);
}

CASE(each_item_runs_once) {
  static const uint32_t maxima[] = {0, 1, 2, 33, 256};
  uint32_t workers;
  size_t i;
  for (workers = 1; workers <= 9; workers += 4) {
    for (i = 0; i < sizeof(maxima) / sizeof(*maxima); ++i) {
      check_once(workers, maxima[i], 0);
      check_once(workers, maxima[i], 1);
    }
  }
}

/* No call has more than `max`, and calls with several items do happen. */
static int64_t most;
static int64_t largest;
static int64_t calls;

static size_t measure(libsched_task *task, void *const *data, size_t n, int *results) {
  CHECK_LE(n, most);
  CHECK_ADD(calls, 1);
  if ((int64_t)n > CHECK_GET(largest)) CHECK_SET(largest, (int64_t)n);
  return check_items_run(task, data, n, results);
}

static void check_sizes(uint32_t workers, uint32_t max, int64_t allowed) {
  libsched_pool *pool = check_pool_new(workers, 0);
  libsched_batch *batch = check_batch_new(pool, measure, max);
  int rounds = 0;
  most = allowed;
  do {
    check_gate gate = CHECK_GATE_INIT;
    CHECK_SET(largest, 0);
    CHECK_SET(calls, 0);
    check_items_start(items, MANY, 0);
    check_gate_hold(&gate, pool, (int)workers);
    check_items_submit(batch, 0, LIBSCHED_NORMAL, items, MANY, 0);
    check_gate_open(&gate);
    check_pool_idle(pool);
    CHECK_EQ(check_items_settled(items, MANY), MANY);
    CHECK_LE((MANY + allowed - 1) / allowed, CHECK_GET(calls));
    /* A machine that stands still in a call makes the next ones smaller, but not every time. */
    CHECK_LE(++rounds, 100);
  } while (allowed > 1 && CHECK_GET(largest) == 1);
  libsched_batch_unref(batch);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(calls_have_several_items_but_not_too_many) {
  uint32_t workers;
  for (workers = 1; workers <= 4; ++workers) {
    check_sizes(workers, 1, 1);
    check_sizes(workers, 2, 2);
    check_sizes(workers, 7, 7);
    check_sizes(workers, 0, 64);
    check_sizes(workers, 256, 256);
  }
}

/* With one worker the items of a batch start oldest first within a priority, with items of another and tasks between. */
static check_item *order[MANY];
static int64_t ordered;

static void note(check_item *item) {
  int64_t at = CHECK_ADD(ordered, 1) - 1;
  CHECK_LE(at, MANY - 1);
  order[at] = item;
  CHECK_ADD(item->runs, 1);
}

static size_t note_items(void *const *data, size_t n, int kind) {
  size_t i;
  for (i = 0; i < n; ++i) {
    check_item *item = (check_item *)data[i];
    /* A call has items of its own batch alone, all of one priority. */
    CHECK_PTR(item->context, ITEM(kind));
    CHECK_EQ(item->priority, ((check_item *)data[0])->priority);
    note(item);
  }
  return n;
}

static size_t note_one_kind(libsched_task *task, void *const *data, size_t n, int *results) {
  check_call(task, data, n, results);
  return note_items(data, n, 1);
}

static size_t note_other_kind(libsched_task *task, void *const *data, size_t n, int *results) {
  check_call(task, data, n, results);
  return note_items(data, n, 2);
}

static int note_task(libsched_task *task, void *data) {
  (void)task;
  note((check_item *)data);
  return 0;
}

/* Submits rows of items of two kinds and of tasks, from a gate on, all to a group if there is one, and runs them. */
static void run_in_rows(uint32_t priority, uint32_t workers, int grouped) {
  check_gate gate = CHECK_GATE_INIT;
  libsched_pool *pool = check_pool_new(workers, 0);
  libsched_batch *one = check_batch_new(pool, note_one_kind, 5);
  libsched_batch *other = check_batch_new(pool, note_other_kind, 0);
  libsched_group *group = 0;
  uint64_t random = 1 + priority;
  int i = 0;
  if (grouped) CHECK_OK(libsched_group_create(&group, pool, 0, 0));
  CHECK_SET(ordered, 0);
  check_items_start(items, MANY, 0);
  check_gate_hold(&gate, pool, (int)workers);
  while (i < MANY) {
    int kind = (int)(check_random(&random) % 3);
    int row = (int)(check_random(&random) % 9) + 1;
    for (; row > 0 && i < MANY; --row, ++i) {
      items[i].context = ITEM(kind);
      items[i].priority = priority;
      if (kind != 0) {
        CHECK_OK(libsched_batch_submit(kind == 1 ? one : other, group, priority, &items[i]));
      } else if (grouped) {
        CHECK_OK(libsched_group_submit(group, priority, note_task, &items[i], 0));
      } else {
        CHECK_OK(libsched_pool_submit(pool, priority, note_task, &items[i], 0));
      }
    }
  }
  check_gate_open(&gate);
  check_pool_idle(pool);
  CHECK_EQ(check_items_settled(items, MANY), MANY);
  libsched_batch_unref(one);
  libsched_batch_unref(other);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(items_of_a_batch_keep_their_order) {
  uint32_t p;
  for (p = 0; p < LIBSCHED_PRIORITIES; ++p) {
    int32_t last[3] = {-1, -1, -1};
    int i;
    run_in_rows(p, 1, 0);
    for (i = 0; i < MANY; ++i) {
      int64_t kind = VALUE(order[i]->context);
      CHECK_LE(last[kind] + 1, order[i]->number);
      last[kind] = order[i]->number;
    }
  }
}

CASE(items_keep_their_place_in_their_group) {
  uint32_t p;
  for (p = 0; p < LIBSCHED_PRIORITIES; ++p) {
    int i;
    run_in_rows(p, 1, 1);
    for (i = 0; i < MANY; ++i) CHECK_PTR(order[i], &items[i]);
  }
}

CASE(calls_do_not_mix_in_a_group) {
  uint32_t workers;
  for (workers = 1; workers <= 4; ++workers) run_in_rows(workers % 3, workers, 1);
}

/* Items of all priorities and of two kinds, on many workers: no call mixes them. */
CASE(calls_do_not_mix) {
  libsched_pool *pool = check_pool_new(4, 0);
  libsched_batch *kinds[2];
  int i;
  kinds[0] = check_batch_new(pool, note_one_kind, 0);
  kinds[1] = check_batch_new(pool, note_other_kind, 0);
  CHECK_SET(ordered, 0);
  check_items_start(items, MANY, 0);
  for (i = 0; i < MANY; ++i) {
    items[i].context = ITEM(1 + i / 6 % 2);
    items[i].priority = (uint32_t)i / 2 % 3;
    CHECK_OK(libsched_batch_submit(kinds[i / 6 % 2], 0, items[i].priority, &items[i]));
  }
  check_pool_idle(pool);
  CHECK_EQ(check_items_settled(items, MANY), MANY);
  libsched_batch_unref(kinds[0]);
  libsched_batch_unref(kinds[1]);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* The call's task is one of the worker that runs it. */
static size_t look_at_the_task(libsched_task *task, void *const *data, size_t n, int *results) {
  libsched_pool *pool = (libsched_pool *)((check_item *)data[0])->context;
  uint32_t worker = 77;
  CHECK_OK(libsched_pool_current_worker(&worker, pool));
  CHECK_EQ(libsched_task_worker(task), worker);
  CHECK_EQ(libsched_task_cancelled(task), 0);
  CHECK_STATUS(libsched_pool_wait_idle(pool, 0, 0, 0), LIBSCHED_E_DEADLOCK);
  CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
  return check_items_run(task, data, n, results);
}

CASE(call_is_a_task_of_its_worker) {
  libsched_pool *pool = check_pool_new(3, 0);
  libsched_batch *batch = check_batch_new(pool, look_at_the_task, 10);
  check_items_start(items, 300, pool);
  check_items_submit(batch, 0, LIBSCHED_LOW, items, 300, 0);
  check_pool_idle(pool);
  CHECK_EQ(check_items_settled(items, 300), 300);
  libsched_batch_unref(batch);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* References: items that were submitted run without any. */
CASE(unref_while_items_are_queued) {
  check_gate gate = CHECK_GATE_INIT;
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_batch *batch = check_batch_new(pool, check_items_run, 8);
  check_items_start(items, 300, 0);
  check_gate_hold(&gate, pool, 1);
  check_items_submit(batch, 0, LIBSCHED_NORMAL, items, 100, 0);
  CHECK_PTR(libsched_batch_ref(batch), batch);
  CHECK_EQ(check_live(LIBSCHED_KIND_BATCH), 1);
  libsched_batch_unref(batch);
  check_items_submit(batch, 0, LIBSCHED_LOW, items + 100, 100, 1);
  check_items_submit(batch, 0, LIBSCHED_HIGH, items + 200, 100, 0);
  CHECK_EQ(check_live(LIBSCHED_KIND_BATCH), 1);
  libsched_batch_unref(batch);
  CHECK_EQ(check_live(LIBSCHED_KIND_BATCH), 0);
  check_gate_open(&gate);
  check_pool_idle(pool);
  CHECK_EQ(check_items_settled(items, 300), 300);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* The last reference dropped by a call of the batch itself. */
static size_t drop_and_run(libsched_task *task, void *const *data, size_t n, int *results) {
  libsched_batch *batch = (libsched_batch *)((check_item *)data[0])->context;
  size_t i;
  for (i = 0; i < n; ++i) {
    if (((check_item *)data[i])->number == 0) libsched_batch_unref(batch);
  }
  return check_items_run(task, data, n, results);
}

CASE(unref_by_a_call) {
  libsched_pool *pool = check_pool_new(2, 0);
  int round;
  for (round = 0; round < CHECK_SCALE(200, 30); ++round) {
    check_gate gate = CHECK_GATE_INIT;
    libsched_batch *batch = check_batch_new(pool, drop_and_run, 4);
    check_items_start(items, 50, batch);
    check_gate_hold(&gate, pool, 2);
    check_items_submit(batch, 0, LIBSCHED_NORMAL, items, 50, 0);
    check_gate_open(&gate);
    check_pool_idle(pool);
    CHECK_EQ(check_items_settled(items, 50), 50);
    CHECK_EQ(check_live(LIBSCHED_KIND_BATCH), 0);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(unused_batch) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_batch *batch = check_batch_new(pool, check_items_run, 0);
  int threads = check_threads_at_rest();
  CHECK_EQ(check_pool_stats(pool).workers, 0);
  libsched_pool_unref(pool);
  CHECK_EQ(check_threads(), threads);
  libsched_batch_unref(batch);
  libsched_batch_unref(0);
  CHECK_PTR(libsched_batch_ref(0), 0);
  CHECK_EQ(check_live(LIBSCHED_KIND_BATCH), 0);
  CHECK_EQ(check_live(LIBSCHED_KIND_POOL), 0);
}

/* Without workers the host runs one call at a time. */
CASE(pool_without_workers) {
  libsched_pool *pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
  libsched_batch *batch = check_batch_new(pool, measure, 16);
  int64_t i;
  check_items_start(items, 300, 0);
  CHECK_SET(calls, 0);
  most = 16;
  check_items_submit(batch, 0, LIBSCHED_NORMAL, items, 300, 0);
  for (i = 1; check_items_done(items, 300) < 300; ++i) {
    CHECK_OK(libsched_pool_run_one(pool));
    CHECK_EQ(CHECK_GET(calls), i);
  }
  CHECK_STATUS(libsched_pool_run_one(pool), LIBSCHED_E_EMPTY);
  CHECK_EQ(check_items_settled(items, 300), 300);
  check_ends(pool, LIBSCHED_NORMAL, 300, 0, 0);
  check_items_start(items, 300, 0);
  check_items_submit(batch, 0, LIBSCHED_LOW, items, 300, 1);
  check_pool_idle(pool);
  CHECK_EQ(check_items_settled(items, 300), 300);
  check_items_start(items, 300, 0);
  check_items_submit(batch, 0, LIBSCHED_HIGH, items, 300, 1);
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_CANCEL, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(check_items_settled(items, 300), 0);
  check_ends(pool, LIBSCHED_HIGH, 0, 0, 300);
  libsched_batch_unref(batch);
  libsched_pool_unref(pool);
}

CASES = {RUN(each_item_runs_once),
         RUN(calls_have_several_items_but_not_too_many),
         RUN(items_of_a_batch_keep_their_order),
         RUN(items_keep_their_place_in_their_group),
         RUN(calls_do_not_mix_in_a_group),
         RUN(calls_do_not_mix),
         RUN(call_is_a_task_of_its_worker),
         RUN(unref_while_items_are_queued),
         RUN(unref_by_a_call),
         RUN(unused_batch),
         RUN(pool_without_workers),
         CASES_END};
