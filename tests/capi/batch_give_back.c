/* Items that a call gives back before it returns, because one of them holds it up. */
#include "check_batch.h"

enum { FEW = 20, MANY = 400 };

static check_item items[MANY];

/* The call that is held up by its first item, until the one with the highest number has run, or was discarded. */
typedef struct held_call {
  libsched_task *task;
  int32_t n;
  int32_t last;
  check_event entered;
  check_event given;
  check_event last_ended;
} held_call;

static held_call held;
static check_gate workers_held; /* they still wake when the first call has begun */

static void held_start(int32_t last) {
  const held_call fresh = {0, 0, 0, CHECK_EVENT_INIT, CHECK_EVENT_INIT, CHECK_EVENT_INIT};
  held = fresh;
  held.last = last;
}

static void run_item(void *data, int *result) {
  check_item_run(data, result);
  if (((check_item *)data)->number == CHECK_GET(held.last)) check_event_add(&held.last_ended, 1);
}

static void discard_item(void *data) {
  check_item_discard(data);
  if (((check_item *)data)->number == CHECK_GET(held.last)) check_event_add(&held.last_ended, 1);
}

static size_t run_held(libsched_task *task, void *const *data, size_t n, int *results) {
  size_t i;
  check_call(task, data, n, results);
  if (((check_item *)data[0])->number == 0) {
    held.task = task;
    held.n = (int32_t)n;
    check_event_add(&held.entered, 1);
    CHECK_AWAIT(&held.given, 1);
    CHECK_AWAIT(&held.last_ended, 1);
    check_item_run(data[0], &results[0]);
    return n; /* too many: all but the first were given back */
  }
  for (i = 0; i < n; ++i) run_item(data[i], &results[i]);
  return n;
}

static libsched_batch *held_batch(libsched_pool *pool) {
  libsched_batch *batch = 0;
  CHECK_OK(libsched_batch_create(&batch, pool, run_held, discard_item, 0, 0));
  return batch;
}

/* Queues n items while all workers are held; returns when the first call has begun, with several of them. */
static void hold_up(libsched_pool *pool, libsched_batch *batch, libsched_group *group, int workers,
                    int n) {
  const check_gate shut = CHECK_GATE_INIT;
  workers_held = shut;
  held_start(n - 1);
  check_items_start(items, n, 0);
  check_gate_hold(&workers_held, pool, workers);
  check_items_submit(batch, group, LIBSCHED_NORMAL, items, n, 0);
  check_gate_open(&workers_held);
  CHECK_AWAIT(&held.entered, 1);
  CHECK_LE(2, held.n);
}

static void give_back(void) {
  CHECK_OK(libsched_batch_give_back(held.task, 1));
  check_event_add(&held.given, 1);
}

CASE(other_workers_run_them) {
  int round;
  for (round = 0; round < CHECK_SCALE(100, 10); ++round) {
    libsched_pool *pool = check_pool_new(2, 0);
    libsched_batch *batch = held_batch(pool);
    hold_up(pool, batch, 0, 2, FEW);
    give_back();
    check_pool_idle(pool);
    CHECK_EQ(check_items_settled(items, FEW), FEW);
    check_ends(pool, LIBSCHED_NORMAL, FEW, 0, 0);
    libsched_batch_unref(batch);
    check_pool_end(pool, LIBSCHED_DRAIN);
  }
}

CASE(a_group_ends_with_them) {
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_batch *batch = held_batch(pool);
  libsched_group *group = 0;
  libsched_group_stats stats = LIBSCHED_GROUP_STATS_INIT;
  int code = 1;
  CHECK_OK(libsched_group_create(&group, pool, 0, 0));
  hold_up(pool, batch, group, 2, FEW);
  give_back();
  CHECK_OK(libsched_group_wait(&code, group, 0, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(code, 0);
  CHECK_OK(libsched_group_get_stats(&stats, group));
  CHECK_EQ(stats.started, FEW);
  CHECK_EQ(stats.completed, FEW);
  CHECK_EQ(check_items_settled(items, FEW), FEW);
  libsched_group_unref(group);
  libsched_batch_unref(batch);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* Shut down while the call is held up: what it gives back is still to be run, by those workers alone. */
CASE(a_pool_that_is_shut_down_runs_them) {
  int round;
  for (round = 0; round < CHECK_SCALE(100, 10); ++round) {
    libsched_pool *pool = check_pool_new(2, 0);
    libsched_batch *batch = held_batch(pool);
    hold_up(pool, batch, 0, 2, FEW);
    CHECK_STATUS(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, 0, 0, 0), LIBSCHED_E_TIMEOUT);
    give_back();
    CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, 0, 0));
    CHECK_EQ(check_items_settled(items, FEW), FEW);
    check_ends(pool, LIBSCHED_NORMAL, FEW, 0, 0);
    libsched_batch_unref(batch);
    check_pool_end(pool, LIBSCHED_DRAIN);
  }
}

CASE(a_pool_that_is_cancelled_discards_them) {
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_batch *batch = held_batch(pool);
  hold_up(pool, batch, 0, 2, FEW);
  CHECK_SET(held.last, held.n - 1); /* those behind it are discarded as it is */
  CHECK_STATUS(libsched_pool_shutdown(pool, LIBSCHED_CANCEL, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  give_back();
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_CANCEL, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(check_items_settled(items, FEW),
           1 + check_priority_stats(pool, LIBSCHED_NORMAL).completed - 1);
  CHECK_EQ(CHECK_GET(items[0].runs), 1);
  CHECK_EQ(CHECK_GET(items[1].discards), 1);
  libsched_batch_unref(batch);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* They are in the pool beyond its capacity then, and submits wait until they have started again. */
CASE(they_need_no_room) {
  libsched_pool *pool = check_pool_new(2, FEW);
  libsched_batch *batch = held_batch(pool);
  int64_t count = 0;
  int i;
  hold_up(pool, batch, 0, 2, FEW);
  for (i = 0; i < FEW; ++i) {
    if (libsched_pool_try_submit(pool, LIBSCHED_NORMAL, check_count_run, &count, 0) != 0) break;
  }
  give_back();
  check_pool_idle(pool);
  CHECK_EQ(check_items_settled(items, FEW), FEW);
  CHECK_EQ(CHECK_GET(count), i);
  libsched_batch_unref(batch);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* The only worker is held up by an item that waits for later ones: a spare one runs these. */
static size_t run_waiting(libsched_task *task, void *const *data, size_t n, int *results) {
  size_t i;
  check_call(task, data, n, results);
  if (((check_item *)data[0])->number == 0 && CHECK_GET(held.n) == 0) {
    held.task = task;
    CHECK_SET(held.n, 1);
    check_event_add(&held.entered, 1);
    CHECK_AWAIT(&held.given, 1);
    CHECK_AWAIT(&held.last_ended, 1);
    check_item_run(data[0], &results[0]);
    return 1;
  }
  for (i = 0; i < n; ++i) run_item(data[i], &results[i]);
  return n;
}

CASE(a_spare_worker_stands_in) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_batch *batch = 0;
  int round;
  CHECK_OK(libsched_batch_create(&batch, pool, run_waiting, discard_item, 0, 0));
  for (round = 0; round < CHECK_SCALE(50, 10); ++round) {
    held_start(FEW - 1);
    check_items_start(items, FEW, 0);
    check_items_submit(batch, 0, LIBSCHED_NORMAL, items, FEW, 0);
    CHECK_AWAIT(&held.entered, 1);
    CHECK_OK(libsched_batch_give_back(held.task, 1));
    CHECK_OK(libsched_batch_stand_in(held.task));
    CHECK_OK(libsched_batch_stand_in(held.task));
    check_event_add(&held.given, 1);
    check_pool_idle(pool);
    CHECK_EQ(check_items_settled(items, FEW), FEW);
  }
  CHECK_LE(check_pool_stats(pool).workers, 2);
  libsched_batch_unref(batch);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(none_stands_in_without_spares) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  libsched_pool *pool;
  libsched_batch *batch;
  options.workers = 2;
  options.max_spare = LIBSCHED_NO_SPARE;
  pool = check_pool_with(&options);
  batch = held_batch(pool);
  hold_up(pool, batch, 0, 2, FEW);
  CHECK_STATUS(libsched_batch_stand_in(held.task), LIBSCHED_E_NO_SPARE);
  give_back();
  check_pool_idle(pool);
  CHECK_EQ(check_items_settled(items, FEW), FEW);
  libsched_batch_unref(batch);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* All that a call may be told by the way: what it cannot give back, a plain task, what it does not have. */
static int misuse(libsched_task *task, void *data) {
  (void)data;
  CHECK_STATUS(libsched_batch_give_back(task, 1), LIBSCHED_E_STATE);
  CHECK_STATUS(libsched_batch_stand_in(task), LIBSCHED_E_STATE);
  return 0;
}

static size_t misuse_call(libsched_task *task, void *const *data, size_t n, int *results) {
  (void)data;
  (void)results;
  CHECK_STATUS(libsched_batch_give_back(task, 0), LIBSCHED_E_RANGE);
  CHECK_OK(libsched_batch_give_back(task, n));
  CHECK_OK(libsched_batch_give_back(task, n + 1));
  return n;
}

CASE(what_can_not_be_given_back) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_batch *batch = check_batch_new(pool, misuse_call, 0);
  CHECK_STATUS(libsched_batch_give_back(0, 1), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_batch_stand_in(0), LIBSCHED_E_NULL);
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, misuse, 0, 0));
  check_items_start(items, 1, 0);
  check_items_submit(batch, 0, LIBSCHED_NORMAL, items, 1, 0);
  check_pool_idle(pool);
  check_ends(pool, LIBSCHED_NORMAL, 2, 0, 0);
  libsched_batch_unref(batch);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* Any number of calls, each of which may be robbed at any item by a thread that does nothing else. */
enum { CALLS = 8 };
typedef struct open_call {
  int32_t lock; /* of what follows: 1 while a call begins an item, or is robbed */
  libsched_task *task;
  size_t next; /* the first item that it has not begun */
  size_t end;  /* the first that it must not begin */
} open_call;

static open_call calls[CALLS];
static int32_t robbing;

static void lock_call(open_call *call) {
  int32_t free = 0;
  while (
      !__atomic_compare_exchange_n(&call->lock, &free, 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
    free = 0;
    sched_yield();
  }
}

static void unlock_call(open_call *call) { CHECK_SET(call->lock, 0); }

static size_t run_open(libsched_task *task, void *const *data, size_t n, int *results) {
  open_call *call = &calls[libsched_task_worker(task)];
  size_t i;
  check_call(task, data, n, results);
  lock_call(call);
  call->task = task;
  call->end = n;
  for (i = 0; i < call->end; ++i) {
    call->next = i + 1;
    unlock_call(call);
    check_item_run(data[i], &results[i]);
    lock_call(call);
  }
  call->task = 0;
  unlock_call(call);
  return i;
}

static void *rob(void *unused) {
  uint64_t state = 1;
  while (CHECK_GET(robbing)) {
    open_call *call = &calls[check_random(&state) % CALLS];
    lock_call(call);
    if (call->task != 0) {
      CHECK_OK(libsched_batch_give_back(call->task, call->next));
      if (call->end > call->next) call->end = call->next;
    }
    unlock_call(call);
  }
  return unused;
}

CASE(nothing_is_lost_or_run_twice) {
  int round;
  for (round = 0; round < CHECK_SCALE(60, 10); ++round) {
    libsched_pool *pool = check_pool_new(4, round % 3 == 0 ? 64 : 0);
    libsched_batch *batch = check_batch_new(pool, run_open, 0);
    pthread_t robber;
    CHECK_SET(robbing, 1);
    robber = check_spawn(rob, 0);
    check_items_start(items, MANY, 0);
    check_items_submit(batch, 0, (uint32_t)round % LIBSCHED_PRIORITIES, items, MANY, 0);
    CHECK_OK(libsched_pool_shutdown(pool, round % 4 == 3 ? LIBSCHED_CANCEL : LIBSCHED_DRAIN,
                                    LIBSCHED_FOREVER, 0, 0));
    CHECK_SET(robbing, 0);
    check_join(robber);
    if (round % 4 != 3) CHECK_EQ(check_items_settled(items, MANY), MANY);
    check_items_settled(items, MANY);
    libsched_batch_unref(batch);
    check_pool_end(pool, LIBSCHED_DRAIN);
  }
}

CASES = {RUN(other_workers_run_them),
         RUN(a_group_ends_with_them),
         RUN(a_pool_that_is_shut_down_runs_them),
         RUN(a_pool_that_is_cancelled_discards_them),
         RUN(they_need_no_room),
         RUN(a_spare_worker_stands_in),
         RUN(none_stands_in_without_spares),
         RUN(what_can_not_be_given_back),
         RUN(nothing_is_lost_or_run_twice),
         CASES_END};
