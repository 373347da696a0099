/* Creating batches and submitting items: every error, the capacity, and that what is refused stays the caller's. */
#include "check_batch.h"

enum { MANY = 200 };

static check_item items[MANY];

static size_t never_run(libsched_task *task, void *const *data, size_t n, int *results) {
  (void)task;
  (void)data;
  (void)results;
  check_fail(__FILE__, __LINE__, "an item of a call that failed was run");
  return n;
}

static void never_discard(void *data) {
  (void)data;
  check_fail(__FILE__, __LINE__, "an item of a call that failed was discarded");
}

/* The error that a failed call left tells the status in words. */
static void check_error(libsched_error *error, int want) {
  CHECK_STATUS(libsched_error_status(error), want);
  CHECK(libsched_error_message(error)[0] != 0);
  libsched_error_free(error);
}

static void check_refused(libsched_pool *pool, libsched_batch_fn run, uint32_t max, int want) {
  libsched_batch *batch = (libsched_batch *)UNTOUCHED;
  libsched_error *error = 0;
  CHECK_STATUS(libsched_batch_create(&batch, pool, run, never_discard, max, &error), want);
  CHECK_PTR(batch, 0);
  check_error(error, want);
  batch = (libsched_batch *)UNTOUCHED;
  CHECK_STATUS(libsched_batch_create(&batch, pool, run, 0, max, 0), want);
  CHECK_PTR(batch, 0);
  CHECK_EQ(check_live(LIBSCHED_KIND_BATCH), 0);
}

CASE(create_says_what_is_wrong) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_cancel *cancel = 0;
  libsched_error *error = 0;
  CHECK_OK(libsched_cancel_create(&cancel));
  CHECK_STATUS(libsched_batch_create(0, pool, never_run, 0, 0, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_batch_create(0, pool, never_run, 0, 0, &error), LIBSCHED_E_NULL);
  check_error(error, LIBSCHED_E_NULL);
  check_refused(0, never_run, 0, LIBSCHED_E_NULL);
  check_refused(pool, 0, 0, LIBSCHED_E_NULL);
  check_refused(pool, never_run, LIBSCHED_MAX_BATCH_ITEMS + 1, LIBSCHED_E_RANGE);
  check_refused(pool, never_run, 0xffffffffu, LIBSCHED_E_RANGE);
  check_refused((libsched_pool *)(void *)cancel, never_run, 0, LIBSCHED_E_HANDLE);
  libsched_cancel_unref(cancel);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* One refused submit in each way, with the same status, and nothing taken over. */
static void check_no(libsched_batch *batch, libsched_group *group, uint32_t priority, int want) {
  void *data[3];
  size_t accepted = 77;
  libsched_error *error = 0;
  data[0] = data[1] = data[2] = &items[0];
  CHECK_STATUS(libsched_batch_submit(batch, group, priority, &items[0]), want);
  CHECK_STATUS(libsched_batch_submit_n(&accepted, batch, group, priority, data, 3, 0, 0, &error),
               want);
  CHECK(accepted == 77 || accepted == 0);
  check_error(error, want);
  CHECK_STATUS(
      libsched_batch_submit_n(&accepted, batch, group, priority, data, 1, LIBSCHED_FOREVER, 0, 0),
      want);
}

CASE(submit_says_what_is_wrong) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_pool *other = check_pool_new(1, 0);
  libsched_batch *batch = 0;
  libsched_group *group = 0;
  libsched_group *foreign = 0;
  libsched_group *complete = 0;
  libsched_group *cancelled = 0;
  CHECK_OK(libsched_batch_create(&batch, pool, never_run, never_discard, 0, 0));
  CHECK_OK(libsched_group_create(&group, pool, 0, 0));
  CHECK_OK(libsched_group_create(&foreign, other, 0, 0));
  CHECK_OK(libsched_group_create(&complete, pool, 0, 0));
  CHECK_OK(libsched_group_create(&cancelled, pool, 0, 0));
  CHECK_OK(libsched_group_close(complete));
  CHECK_OK(libsched_group_cancel(cancelled));
  check_no(0, 0, LIBSCHED_NORMAL, LIBSCHED_E_NULL);
  check_no(0, group, LIBSCHED_NORMAL, LIBSCHED_E_NULL);
  check_no((libsched_batch *)(void *)pool, 0, LIBSCHED_NORMAL, LIBSCHED_E_HANDLE);
  check_no((libsched_batch *)(void *)group, 0, LIBSCHED_NORMAL, LIBSCHED_E_HANDLE);
  check_no(batch, (libsched_group *)(void *)batch, LIBSCHED_NORMAL, LIBSCHED_E_HANDLE);
  check_no(batch, 0, 3, LIBSCHED_E_RANGE);
  check_no(batch, group, 0xffffffffu, LIBSCHED_E_RANGE);
  check_no(batch, foreign, LIBSCHED_NORMAL, LIBSCHED_E_RANGE);
  check_no(batch, complete, LIBSCHED_NORMAL, LIBSCHED_E_CLOSED);
  check_no(batch, cancelled, LIBSCHED_NORMAL, LIBSCHED_E_CANCELLED);
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, 0, 0));
  check_no(batch, 0, LIBSCHED_HIGH, LIBSCHED_E_CLOSED);
  check_no(batch, group, LIBSCHED_HIGH, LIBSCHED_E_CLOSED);
  libsched_pool_unref(pool);
  check_no(batch, 0, LIBSCHED_LOW, LIBSCHED_E_CLOSED);
  libsched_batch_unref(batch);
  libsched_group_unref(group);
  libsched_group_unref(foreign);
  libsched_group_unref(complete);
  libsched_group_unref(cancelled);
  check_pool_end(other, LIBSCHED_DRAIN);
  CHECK_EQ(check_live(LIBSCHED_KIND_BATCH), 0);
}

/* The batch outlives its pool, whose last reference went without a shutdown. */
CASE(submit_after_the_last_unref_of_the_pool) {
  uint32_t workers;
  for (workers = 1; workers <= 2; ++workers) {
    libsched_pool *pool = check_pool_new(workers, 0);
    libsched_batch *batch = check_batch_new(pool, check_items_run, 0);
    if (workers == 2) {
      check_items_start(items, MANY, 0);
      check_items_submit(batch, 0, LIBSCHED_NORMAL, items, MANY, 0);
    }
    libsched_pool_unref(pool);
    CHECK_STATUS(libsched_batch_submit(batch, 0, LIBSCHED_NORMAL, &items[0]), LIBSCHED_E_CLOSED);
    if (workers == 2) CHECK_UNTIL(check_items_done(items, MANY) == MANY);
    libsched_batch_unref(batch);
  }
  check_items_settled(items, MANY);
}

CASE(arguments_of_submit_n) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_batch *batch = 0;
  libsched_deque *deque = 0;
  void *data[2];
  size_t accepted = 77;
  libsched_error *error = 0;
  data[0] = data[1] = &items[0];
  CHECK_OK(libsched_deque_create(&deque, 0));
  CHECK_OK(libsched_batch_create(&batch, pool, never_run, never_discard, 0, 0));
  CHECK_STATUS(libsched_batch_submit_n(0, batch, 0, LIBSCHED_NORMAL, data, 2, 0, 0, 0),
               LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_batch_submit_n(&accepted, batch, 0, LIBSCHED_NORMAL, 0, 2, 0, 0, &error),
               LIBSCHED_E_NULL);
  check_error(error, LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_batch_submit_n(&accepted, batch, 0, LIBSCHED_NORMAL, data, 2, 0,
                                       (libsched_cancel *)(void *)deque, &error),
               LIBSCHED_E_HANDLE);
  check_error(error, LIBSCHED_E_HANDLE);
  /* None at all is no error, with and without a pointer. */
  accepted = 77;
  error = (libsched_error *)UNTOUCHED;
  CHECK_OK(libsched_batch_submit_n(&accepted, batch, 0, LIBSCHED_NORMAL, 0, 0, 0, 0, &error));
  CHECK_EQ(accepted, 0);
  CHECK(error == 0);
  accepted = 77;
  CHECK_OK(
      libsched_batch_submit_n(&accepted, batch, 0, LIBSCHED_LOW, data, 0, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(accepted, 0);
  libsched_batch_unref(batch);
  libsched_deque_unref(deque);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* NULL is a user_data like any other. */
static int64_t nulls;

static size_t count_nulls(libsched_task *task, void *const *data, size_t n, int *results) {
  size_t i;
  (void)task;
  for (i = 0; i < n; ++i) {
    CHECK_PTR(data[i], 0);
    CHECK_EQ(results[i], 0);
    CHECK_ADD(nulls, 1);
  }
  return n;
}

CASE(user_data_may_be_null) {
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_batch *batch = 0;
  void *data[10];
  size_t accepted = 0;
  memset(data, 0, sizeof(data));
  CHECK_OK(libsched_batch_create(&batch, pool, count_nulls, 0, 3, 0));
  CHECK_OK(libsched_batch_submit(batch, 0, LIBSCHED_HIGH, 0));
  CHECK_OK(libsched_batch_submit_n(&accepted, batch, 0, LIBSCHED_HIGH, data, 10, 0, 0, 0));
  check_pool_idle(pool);
  CHECK_EQ(nulls, 11);
  libsched_batch_unref(batch);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* A full pool: as many as fit, the first ones; then what ended the wait. */
static size_t submit_some(libsched_batch *batch, libsched_group *group, int from, int n,
                          int64_t timeout_ns, libsched_cancel *cancel, int want) {
  void *data[MANY];
  size_t accepted = 77;
  libsched_error *error = 0;
  int i;
  for (i = 0; i < n; ++i) data[i] = &items[from + i];
  CHECK_STATUS(libsched_batch_submit_n(&accepted, batch, group, LIBSCHED_NORMAL, data, (size_t)n,
                                       timeout_ns, cancel, &error),
               want);
  if (want == LIBSCHED_OK) {
    CHECK(error == 0);
    return accepted;
  }
  CHECK_EQ(accepted, 0);
  check_error(error, want);
  return 0;
}

static void check_full(int with_group) {
  libsched_pool *pool = check_pool_new(1, 8);
  libsched_batch *batch = check_batch_new(pool, check_items_run, 3);
  libsched_group *group = 0;
  libsched_cancel *cancel = 0;
  check_gate gate = CHECK_GATE_INIT;
  int64_t start;
  if (with_group) CHECK_OK(libsched_group_create(&group, pool, 0, 0));
  CHECK_OK(libsched_cancel_create(&cancel));
  CHECK_OK(libsched_cancel_trigger(cancel));
  check_items_start(items, MANY, 0);
  check_gate_hold(&gate, pool, 1);
  CHECK_EQ(submit_some(batch, group, 0, 5, 0, 0, LIBSCHED_OK), 5);
  CHECK_EQ(submit_some(batch, group, 5, 5, 0, 0, LIBSCHED_OK), 3);
  submit_some(batch, group, 10, 5, 0, 0, LIBSCHED_E_TIMEOUT);
  start = check_now_ns();
  submit_some(batch, group, 10, 5, 5000000, 0, LIBSCHED_E_TIMEOUT);
  CHECK_LE(5000000, check_now_ns() - start);
  submit_some(batch, group, 10, 5, LIBSCHED_FOREVER, cancel, LIBSCHED_E_CANCELLED);
  check_gate_open(&gate);
  check_pool_idle(pool);
  CHECK_EQ(check_items_settled(items, 8), 8);
  CHECK_EQ(check_items_done(items + 8, MANY - 8), 0);
  /* The cancel switch is not looked at where there is room; with time to wait all of them go in. */
  CHECK_EQ(submit_some(batch, group, 8, 8, LIBSCHED_FOREVER, cancel, LIBSCHED_OK), 8);
  CHECK_EQ(submit_some(batch, group, 16, MANY - 16, LIBSCHED_FOREVER, 0, LIBSCHED_OK), MANY - 16);
  check_pool_idle(pool);
  CHECK_EQ(check_items_settled(items, MANY), MANY);
  CHECK_EQ(check_pool_stats(pool).exceeded, 0);
  libsched_cancel_unref(cancel);
  libsched_batch_unref(batch);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(full_pool_takes_what_fits) { check_full(0); }
CASE(full_pool_takes_what_fits_for_a_group) { check_full(1); }

/* A submit that waits for room: ended by room, a cancel, the pool's end or the group's. */
typedef struct waiting {
  libsched_batch *batch;
  libsched_group *group;
  libsched_cancel *cancel;
  int many;
  long thread;
  int status;
  size_t accepted;
} waiting;

static void *submit_and_wait(void *data) {
  waiting *w = (waiting *)data;
  CHECK_SET(w->thread, check_thread_id());
  if (w->many) {
    void *three[3];
    three[0] = &items[10];
    three[1] = &items[11];
    three[2] = &items[12];
    w->status = libsched_batch_submit_n(&w->accepted, w->batch, w->group, LIBSCHED_NORMAL, three, 3,
                                        LIBSCHED_FOREVER, w->cancel, 0);
  } else {
    w->status = libsched_batch_submit(w->batch, w->group, LIBSCHED_NORMAL, &items[10]);
    w->accepted = w->status == LIBSCHED_OK;
  }
  return 0;
}

typedef enum ending { BY_ROOM, BY_CANCEL, BY_SHUTDOWN, BY_GROUP } ending;

static void check_waiting(ending end, int many, size_t accepted, int status) {
  libsched_pool *pool = check_pool_new(1, 4);
  check_gate gate = CHECK_GATE_INIT;
  waiting w = {0, 0, 0, 0, 0, 0, 77};
  pthread_t thread;
  check_items_start(items, MANY, 0);
  w.batch = check_batch_new(pool, check_items_run, 0);
  w.many = many;
  CHECK_OK(libsched_group_create(&w.group, pool, 0, 0));
  CHECK_OK(libsched_cancel_create(&w.cancel));
  check_gate_hold(&gate, pool, 1);
  check_items_submit(w.batch, 0, LIBSCHED_NORMAL, items, 4, 0);
  thread = check_spawn(submit_and_wait, &w);
  check_until_asleep(&w.thread);
  if (end == BY_ROOM) check_gate_open(&gate);
  if (end == BY_CANCEL) CHECK_OK(libsched_cancel_trigger(w.cancel));
  if (end == BY_SHUTDOWN) {
    CHECK_STATUS(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  }
  if (end == BY_GROUP) {
    CHECK_OK(libsched_group_cancel(w.group));
    check_gate_open(&gate);
  }
  check_join(thread);
  CHECK_STATUS(w.status, status);
  CHECK_EQ(w.accepted, accepted);
  if (end == BY_CANCEL || end == BY_SHUTDOWN) check_gate_open(&gate);
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(check_items_settled(items, 4), 4);
  CHECK_EQ(check_items_done(items + 10, 3), (int64_t)accepted);
  libsched_batch_unref(w.batch);
  libsched_group_unref(w.group);
  libsched_cancel_unref(w.cancel);
  libsched_pool_unref(pool);
}

CASE(waiting_submit_gets_room) {
  check_waiting(BY_ROOM, 0, 1, LIBSCHED_OK);
  check_waiting(BY_ROOM, 1, 3, LIBSCHED_OK);
}
CASE(waiting_submit_is_cancelled) { check_waiting(BY_CANCEL, 1, 0, LIBSCHED_E_CANCELLED); }
CASE(waiting_submit_ends_with_the_pool) {
  check_waiting(BY_SHUTDOWN, 0, 0, LIBSCHED_E_CLOSED);
  check_waiting(BY_SHUTDOWN, 1, 0, LIBSCHED_E_CLOSED);
}
CASE(waiting_submit_ends_with_its_group) {
  check_waiting(BY_GROUP, 0, 0, LIBSCHED_E_CANCELLED);
  check_waiting(BY_GROUP, 1, 0, LIBSCHED_E_CANCELLED);
}

/* A worker of the pool never waits: it exceeds the capacity, or is refused if the pool was made so. */
typedef struct inside {
  libsched_batch *batch;
  int full;
  int done;
} inside;

static int submit_inside(libsched_task *task, void *data) {
  inside *in = (inside *)data;
  void *many[10];
  size_t accepted = 77;
  int i;
  (void)task;
  for (i = 0; i < 10; ++i) many[i] = &items[i];
  CHECK_OK(libsched_batch_submit_n(&accepted, in->batch, 0, LIBSCHED_NORMAL, many, 10,
                                   LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(accepted, in->full ? 4 : 10);
  if (in->full) {
    CHECK_STATUS(libsched_batch_submit(in->batch, 0, LIBSCHED_HIGH, &items[20]), LIBSCHED_E_FULL);
    CHECK_STATUS(libsched_batch_submit_n(&accepted, in->batch, 0, LIBSCHED_LOW, many, 10,
                                         LIBSCHED_FOREVER, 0, 0),
                 LIBSCHED_E_FULL);
    CHECK_EQ(accepted, 0);
  } else {
    CHECK_OK(libsched_batch_submit(in->batch, 0, LIBSCHED_HIGH, &items[20]));
  }
  in->done = 1;
  return 0;
}

CASE(worker_at_a_full_pool) {
  int full;
  for (full = 0; full <= 1; ++full) {
    libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
    libsched_pool *pool;
    inside in = {0, 0, 0};
    options.workers = 1;
    options.capacity = 4;
    options.flags = full ? LIBSCHED_POOL_WORKER_FULL : 0;
    pool = check_pool_with(&options);
    in.batch = check_batch_new(pool, check_items_run, 0);
    in.full = full;
    check_items_start(items, MANY, 0);
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, submit_inside, &in, 0));
    check_pool_idle(pool);
    CHECK_EQ(in.done, 1);
    CHECK_EQ(check_items_settled(items, full ? 4 : 10), full ? 4 : 10);
    CHECK_EQ(items[20].runs, !full);
    CHECK_EQ(check_pool_stats(pool).exceeded, full ? 0 : 7);
    libsched_batch_unref(in.batch);
    check_pool_end(pool, LIBSCHED_DRAIN);
  }
}

CASES = {RUN(create_says_what_is_wrong),
         RUN(submit_says_what_is_wrong),
         RUN(submit_after_the_last_unref_of_the_pool),
         RUN(arguments_of_submit_n),
         RUN(user_data_may_be_null),
         RUN(full_pool_takes_what_fits),
         RUN(full_pool_takes_what_fits_for_a_group),
         RUN(waiting_submit_gets_room),
         RUN(waiting_submit_is_cancelled),
         RUN(waiting_submit_ends_with_the_pool),
         RUN(waiting_submit_ends_with_its_group),
         RUN(worker_at_a_full_pool),
         CASES_END};
