/* Calls of batches that return early, or not for a long time: what they did not run goes on elsewhere, in order. */
#include "check_batch.h"

enum { MANY = 500 };

static check_item items[MANY];

/* The order of the starts. */
static check_item *order[MANY];
static int64_t ordered;

static void note(void *data, int *result) {
  int64_t at = CHECK_ADD(ordered, 1) - 1;
  CHECK_LE(at, MANY - 1);
  order[at] = (check_item *)data;
  check_item_run(data, result);
}

static int note_task(libsched_task *task, void *data) {
  int result = 0;
  (void)task;
  note(data, &result);
  return result;
}

/* The items from number 0 to n - 1 started in that order, whatever else started between them. */
static void check_in_order(int32_t n) {
  int32_t next = 0;
  int64_t i;
  for (i = 0; i < ordered; ++i) {
    if (order[i]->number < n) CHECK_EQ(order[i]->number, next++);
  }
  CHECK_EQ(next, n);
}

/* How many of n items a call runs: one, none for some calls, a random number. */
static int64_t nones;
static uint64_t random_state;

static size_t run_one(libsched_task *task, void *const *data, size_t n, int *results) {
  check_call(task, data, n, results);
  note(data[0], &results[0]);
  return 1;
}

static size_t run_none_at_first(libsched_task *task, void *const *data, size_t n, int *results) {
  check_call(task, data, n, results);
  if (CHECK_ADD(nones, -1) >= 0) return 0;
  CHECK_SET(nones, 3);
  return run_one(task, data, n, results);
}

static size_t run_some(libsched_task *task, void *const *data, size_t n, int *results) {
  size_t some = check_random(&random_state) % (n + 1);
  size_t i;
  check_call(task, data, n, results);
  for (i = 0; i < some; ++i) note(data[i], &results[i]);
  return some;
}

/* With one worker the rest of a call goes before what was queued behind it. */
static void check_order(libsched_batch_fn run, uint32_t max) {
  uint32_t p;
  for (p = 0; p < LIBSCHED_PRIORITIES; ++p) {
    check_gate gate = CHECK_GATE_INIT;
    libsched_pool *pool = check_pool_new(1, 0);
    libsched_batch *batch = check_batch_new(pool, run, max);
    int i;
    CHECK_SET(ordered, 0);
    CHECK_SET(nones, 2);
    random_state = p + max;
    check_items_start(items, MANY, 0);
    check_gate_hold(&gate, pool, 1);
    for (i = 0; i < MANY - 20; i += 48) {
      check_items_submit(batch, 0, p, items + i, 48, 0);
      CHECK_OK(libsched_pool_submit(pool, p, note_task, &items[MANY - 20 + i / 48], 0));
    }
    check_gate_open(&gate);
    check_pool_idle(pool);
    CHECK_EQ(check_items_settled(items, MANY - 10), MANY - 10);
    check_in_order(MANY - 20);
    check_ends(pool, p, MANY - 10 + (p == LIBSCHED_HIGH), 0, 0);
    libsched_batch_unref(batch);
    check_pool_end(pool, LIBSCHED_DRAIN);
  }
}

CASE(rest_keeps_its_place_after_one) {
  check_order(run_one, 0);
  check_order(run_one, 256);
}
CASE(rest_keeps_its_place_after_none) { check_order(run_none_at_first, 0); }
CASE(rest_keeps_its_place_after_some) {
  check_order(run_some, 0);
  check_order(run_some, 3);
}

/* What comes from outside during the call is behind the rest of it. */
static check_gate in_the_call = CHECK_GATE_INIT;
static int64_t gated;

static size_t run_one_behind_gate(libsched_task *task, void *const *data, size_t n, int *results) {
  if (CHECK_ADD(gated, 1) == 1) check_gate_run(task, &in_the_call);
  return run_one(task, data, n, results);
}

CASE(rest_goes_before_what_came_meanwhile) {
  check_gate gate = CHECK_GATE_INIT;
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_batch *batch = check_batch_new(pool, run_one_behind_gate, 0);
  CHECK_SET(ordered, 0);
  check_items_start(items, 100, 0);
  check_gate_hold(&gate, pool, 1);
  check_items_submit(batch, 0, LIBSCHED_NORMAL, items, 50, 0);
  check_gate_open(&gate);
  CHECK_AWAIT(&in_the_call.entered, 1);
  check_items_submit(batch, 0, LIBSCHED_NORMAL, items + 50, 49, 0);
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, note_task, &items[99], 0));
  check_gate_open(&in_the_call);
  check_pool_idle(pool);
  CHECK_EQ(ordered, 100);
  check_in_order(99);
  libsched_batch_unref(batch);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* Nothing is lost or doubled with many workers either, which take the rest from each other. */
static size_t run_in_turn(libsched_task *task, void *const *data, size_t n, int *results) {
  size_t some = (size_t)((check_item *)data[0])->number % (n + 1);
  size_t i;
  check_call(task, data, n, results);
  if (some == 0 && CHECK_ADD(nones, 1) % 3 == 0) some = 1;
  for (i = 0; i < some; ++i) check_item_run(data[i], &results[i]);
  return some;
}

CASE(nothing_is_lost_on_many_workers) {
  libsched_pool *pool = check_pool_new(6, 0);
  libsched_batch *batch = check_batch_new(pool, run_in_turn, 20);
  int64_t ran = 0;
  int round;
  for (round = 0; round < CHECK_SCALE(100, 10); ++round) {
    check_items_start(items, MANY, 0);
    check_items_submit(batch, 0, (uint32_t)round % 3, items, MANY, round % 2);
    check_pool_idle(pool);
    ran += check_items_settled(items, MANY);
  }
  CHECK_EQ(ran, (int64_t)MANY * CHECK_SCALE(100, 10));
  libsched_batch_unref(batch);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* A call gives way: it sees that something more urgent waits, returns, and that goes before its rest. */
static check_event first_call = CHECK_EVENT_INIT;

static size_t run_until_it_should_yield(libsched_task *task, void *const *data, size_t n,
                                        int *results) {
  size_t i;
  check_call(task, data, n, results);
  for (i = 0; i < n; ++i) {
    if (i != 0 && libsched_should_yield(task)) return i;
    if (CHECK_GET(ordered) == 0) {
      CHECK_EQ(libsched_should_yield(task), 0);
      check_event_add(&first_call, 1);
      CHECK_UNTIL(libsched_should_yield(task));
    }
    note(data[i], &results[i]);
  }
  return n;
}

static void check_yield(uint32_t running, uint32_t waiting) {
  check_gate gate = CHECK_GATE_INIT;
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_batch *batch = check_batch_new(pool, run_until_it_should_yield, 0);
  int64_t calls = check_event_count(&first_call);
  int i;
  CHECK_SET(ordered, 0);
  check_items_start(items, MANY, 0);
  check_gate_hold(&gate, pool, 1);
  check_items_submit(batch, 0, running, items, 40, 0);
  check_gate_open(&gate);
  CHECK_AWAIT(&first_call, calls + 1);
  CHECK_OK(libsched_pool_submit(pool, waiting, note_task, &items[40], 0));
  check_pool_idle(pool);
  CHECK_EQ(check_items_settled(items, 41), 41);
  CHECK_PTR(order[0], &items[0]);
  CHECK_PTR(order[1], &items[40]);
  for (i = 2; i < 41; ++i) CHECK_PTR(order[i], &items[i - 1]);
  libsched_batch_unref(batch);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(call_yields_to_what_is_more_urgent) {
  int round;
  for (round = 0; round < 20; ++round) {
    check_yield(LIBSCHED_LOW, LIBSCHED_HIGH);
    check_yield(LIBSCHED_NORMAL, LIBSCHED_HIGH);
    check_yield(LIBSCHED_LOW, LIBSCHED_NORMAL);
  }
}

/* What is more urgent may be an item of the same batch. */
CASE(call_yields_to_its_own_batch) {
  check_gate gate = CHECK_GATE_INIT;
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_batch *batch = check_batch_new(pool, run_until_it_should_yield, 0);
  int64_t calls = check_event_count(&first_call);
  CHECK_SET(ordered, 0);
  check_items_start(items, MANY, 0);
  check_gate_hold(&gate, pool, 1);
  check_items_submit(batch, 0, LIBSCHED_LOW, items, 40, 0);
  check_gate_open(&gate);
  CHECK_AWAIT(&first_call, calls + 1);
  check_items_submit(batch, 0, LIBSCHED_HIGH, items + 40, 1, 1);
  check_pool_idle(pool);
  CHECK_EQ(check_items_settled(items, 41), 41);
  CHECK_PTR(order[0], &items[0]);
  CHECK_PTR(order[1], &items[40]);
  libsched_batch_unref(batch);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/*
 * One slow item: its call holds it alone, or with what came in the same call, until everything else has run. A call that
 * meets it behind others returns before it; so what those calls gave back lies with the worker that is about to be slow.
 */
static int32_t slow_number;
static int64_t finished;
static int blocking;

static size_t run_with_a_slow_one(libsched_task *task, void *const *data, size_t n, int *results) {
  size_t i;
  check_call(task, data, n, results);
  for (i = 0; i < n; ++i) {
    if (((check_item *)data[i])->number == slow_number) {
      if (i != 0) return i;
      if (blocking) CHECK_OK(libsched_blocking_begin());
      CHECK_UNTIL(CHECK_GET(finished) >= MANY - (int64_t)n);
    }
    check_item_run(data[i], &results[i]);
    CHECK_ADD(finished, 1);
  }
  return n;
}

/* With `blocking` the section is left open too: the return of the call ends it. */
static void check_slow(uint32_t workers, uint32_t spares, uint32_t max) {
  int round;
  for (round = 0; round < CHECK_SCALE(30, 6); ++round) {
    libsched_pool *pool = check_pool_spares(workers, spares);
    libsched_batch *batch = check_batch_new(pool, run_with_a_slow_one, max);
    check_gate gate = CHECK_GATE_INIT;
    CHECK_SET(finished, 0);
    slow_number = (int32_t)(round * 37 % MANY);
    check_items_start(items, MANY, 0);
    check_gate_hold(&gate, pool, (int)workers);
    check_items_submit(batch, 0, (uint32_t)round % 3, items, MANY, 0);
    check_gate_open(&gate);
    check_pool_idle(pool);
    CHECK_EQ(check_items_settled(items, MANY), MANY);
    check_workers_are(pool, (int)workers);
    libsched_batch_unref(batch);
    check_pool_end(pool, LIBSCHED_DRAIN);
  }
}

CASE(others_do_not_wait_for_a_slow_item) {
  blocking = 0;
  check_slow(2, LIBSCHED_NO_SPARE, 1);
  check_slow(2, LIBSCHED_NO_SPARE, 0);
  check_slow(2, LIBSCHED_NO_SPARE, 256);
  check_slow(4, LIBSCHED_NO_SPARE, 64);
}

CASE(spare_runs_the_others_beside_a_call_that_blocks) {
  blocking = 1;
  check_slow(1, 1, 1);
  check_slow(1, 1, 0);
  check_slow(2, 1, 256);
}

/* What goes back to the queue counts for the capacity as before: no place is lost, and none gained. */
CASE(capacity_is_exact_after_early_returns) {
  enum { CAPACITY = 40 };
  libsched_pool *pool = check_pool_new(1, CAPACITY);
  libsched_batch *batch = check_batch_new(pool, run_some, 16);
  int round;
  random_state = 99;
  for (round = 0; round < 40; ++round) {
    check_gate gate = CHECK_GATE_INIT;
    void *data[CAPACITY + 5];
    size_t accepted = 77;
    int i;
    CHECK_SET(ordered, 0);
    check_items_start(items, CAPACITY + 5, 0);
    for (i = 0; i < CAPACITY + 5; ++i) data[i] = &items[i];
    check_gate_hold(&gate, pool, 1);
    CHECK_OK(libsched_batch_submit_n(&accepted, batch, 0, (uint32_t)round % 3, data, CAPACITY + 5,
                                     0, 0, 0));
    CHECK_EQ(accepted, CAPACITY);
    CHECK_STATUS(libsched_pool_try_submit(pool, LIBSCHED_HIGH, note_task, &items[CAPACITY], 0),
                 LIBSCHED_E_FULL);
    check_gate_open(&gate);
    check_pool_idle(pool);
    CHECK_EQ(check_items_settled(items, CAPACITY), CAPACITY);
    CHECK_EQ(check_items_done(items + CAPACITY, 5), 0);
  }
  libsched_batch_unref(batch);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* A shutdown that cancels finds a call at work: it is told, and its rest is discarded with what was queued. */
static size_t run_one_and_wait_for_the_end(libsched_task *task, void *const *data, size_t n,
                                           int *results) {
  check_call(task, data, n, results);
  CHECK_EQ(libsched_task_cancelled(task), 0);
  check_gate_run(task, &in_the_call);
  CHECK_UNTIL(libsched_task_cancelled(task));
  note(data[0], &results[0]);
  return 1;
}

CASE(cancelled_pool_discards_the_rest_of_a_call) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_batch *batch = check_batch_new(pool, run_one_and_wait_for_the_end, 0);
  check_gate gate = CHECK_GATE_INIT;
  check_items_start(items, MANY, 0);
  check_gate_hold(&gate, pool, 1);
  check_items_submit(batch, 0, LIBSCHED_NORMAL, items, MANY, 0);
  check_gate_open(&gate);
  CHECK_AWAIT(&in_the_call.entered, 1);
  CHECK_STATUS(libsched_pool_shutdown(pool, LIBSCHED_CANCEL, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  check_gate_open(&in_the_call);
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_CANCEL, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(check_items_settled(items, MANY), 1);
  CHECK_EQ(items[0].runs, 1);
  check_ends(pool, LIBSCHED_NORMAL, 1, 0, MANY - 1);
  libsched_batch_unref(batch);
  libsched_pool_unref(pool);
}

/* One that drains runs the rest too, however often it is given back. */
CASE(drained_pool_runs_the_rest_of_calls) {
  uint32_t workers;
  for (workers = 1; workers <= 3; ++workers) {
    libsched_pool *pool = check_pool_new(workers, 0);
    libsched_batch *batch = check_batch_new(pool, run_in_turn, 0);
    check_items_start(items, MANY, 0);
    check_items_submit(batch, 0, LIBSCHED_LOW, items, MANY, 0);
    libsched_batch_unref(batch);
    check_pool_end(pool, LIBSCHED_DRAIN);
    CHECK_EQ(check_items_settled(items, MANY), MANY);
  }
}

/* Without workers a call of the host that runs none leaves all of it to the next. */
CASE(early_returns_on_a_host_thread) {
  libsched_pool *pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
  libsched_batch *batch = check_batch_new(pool, run_none_at_first, 8);
  int i;
  CHECK_SET(ordered, 0);
  CHECK_SET(nones, 2);
  check_items_start(items, 30, 0);
  check_items_submit(batch, 0, LIBSCHED_HIGH, items, 30, 0);
  for (i = 0; i < 3; ++i) {
    int status = libsched_pool_run_one(pool);
    CHECK_OK(status);
    CHECK_EQ(CHECK_GET(ordered), i / 2);
    CHECK_EQ(check_priority_stats(pool, LIBSCHED_HIGH).queued, 30 - i / 2);
  }
  check_pool_idle(pool);
  for (i = 0; i < 30; ++i) CHECK_PTR(order[i], &items[i]);
  check_ends(pool, LIBSCHED_HIGH, 30, 0, 0);
  libsched_batch_unref(batch);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASES = {RUN(rest_keeps_its_place_after_one),
         RUN(rest_keeps_its_place_after_none),
         RUN(rest_keeps_its_place_after_some),
         RUN(rest_goes_before_what_came_meanwhile),
         RUN(nothing_is_lost_on_many_workers),
         RUN(call_yields_to_what_is_more_urgent),
         RUN(call_yields_to_its_own_batch),
         RUN(others_do_not_wait_for_a_slow_item),
         RUN(spare_runs_the_others_beside_a_call_that_blocks),
         RUN(capacity_is_exact_after_early_returns),
         RUN(cancelled_pool_discards_the_rest_of_a_call),
         RUN(drained_pool_runs_the_rest_of_calls),
         RUN(early_returns_on_a_host_thread),
         CASES_END};
