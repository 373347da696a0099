/* The tasks of channels are the pool's, as far as its statistics, its idleness, its capacity and its caps go. */
#include "check_fair.h"

typedef struct waiter {
  libsched_pool *pool;
  uint32_t mode;
  long id;
} waiter;

static void *wait_idle(void *data) {
  waiter *w = (waiter *)data;
  CHECK_SET(w->id, check_thread_id());
  check_pool_idle(w->pool);
  return 0;
}

static void *shut_down(void *data) {
  waiter *w = (waiter *)data;
  CHECK_SET(w->id, check_thread_id());
  CHECK_OK(libsched_pool_shutdown(w->pool, w->mode, LIBSCHED_FOREVER, 0, 0));
  return 0;
}

/* What is queued keeps the pool from being idle, also while nothing of it may start. */
static void idle_on(uint32_t workers) {
  libsched_pool *pool = check_pool_new(workers, 0);
  libsched_dispatcher *dispatcher = check_dispatcher_new(pool, check_count_run, 0);
  libsched_channel *channel = check_channel_new(dispatcher, 0, 0);
  int64_t count = 0;
  int i;
  CHECK_OK(libsched_pool_wait_idle(pool, 0, 0, 0));
  for (i = 0; i < 100; ++i) check_send(channel, &count);
  check_pool_idle(pool);
  CHECK_EQ(count, 100);
  CHECK_OK(libsched_channel_pause(channel));
  check_send(channel, &count);
  CHECK_STATUS(libsched_pool_wait_idle(pool, 1000000, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_NORMAL).queued, 1);
  CHECK_OK(libsched_channel_resume(channel));
  check_pool_idle(pool);
  CHECK_EQ(count, 101);
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_NORMAL).submitted, 101);
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_NORMAL).started, 101);
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_NORMAL).completed, 101);
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_NORMAL).queued, 0);
  libsched_channel_unref(channel);
  check_dispatcher_end(dispatcher, LIBSCHED_DRAIN);
  check_pool_end(pool, LIBSCHED_DRAIN);
  check_fair_gone();
}

CASE(idle_with_one_worker) { idle_on(1); }
CASE(idle_with_many_workers) { idle_on(16); }
CASE(idle_without_workers) { idle_on(LIBSCHED_NO_WORKERS); }

/* The clear of a paused channel ends what the pool still had to do. */
static void clear_makes_idle_on(uint32_t workers) {
  libsched_pool *pool = check_pool_new(workers, 0);
  libsched_dispatcher *dispatcher = check_dispatcher_fates(pool, 0);
  libsched_channel *channel = check_channel_new(dispatcher, 0, 0);
  check_fate fates[3];
  waiter w = {0, 0, 0};
  pthread_t thread;
  uint64_t dropped = 0;
  int i;
  memset(fates, 0, sizeof(fates));
  CHECK_OK(libsched_channel_pause(channel));
  for (i = 0; i < 3; ++i) check_send(channel, &fates[i]);
  w.pool = pool;
  thread = check_spawn(wait_idle, &w);
  check_until_asleep(&w.id);
  CHECK_OK(libsched_channel_clear(&dropped, 0, channel));
  CHECK_EQ(dropped, 3);
  check_join(thread);
  CHECK_EQ(check_fates(fates, 3, CHECK_DROPPED), 3);
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_NORMAL).cancelled, 3);
  libsched_channel_unref(channel);
  check_dispatcher_end(dispatcher, LIBSCHED_DRAIN);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(clear_makes_idle_with_one_worker) { clear_makes_idle_on(1); }
CASE(clear_makes_idle_with_two_workers) { clear_makes_idle_on(2); }
CASE(clear_makes_idle_without_workers) { clear_makes_idle_on(LIBSCHED_NO_WORKERS); }

/* So does the shutdown of the dispatcher, and its last unref. */
static void end_makes_idle(int by_unref) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_dispatcher *dispatcher = check_dispatcher_fates(pool, 0);
  libsched_channel *channel = check_channel_new(dispatcher, 0, 0);
  check_fate fate = {0, 0, 0, 0, 0};
  waiter w = {0, 0, 0};
  pthread_t thread;
  CHECK_OK(libsched_dispatcher_pause(dispatcher));
  check_send(channel, &fate);
  w.pool = pool;
  thread = check_spawn(wait_idle, &w);
  check_until_asleep(&w.id);
  if (!by_unref) {
    CHECK_OK(libsched_dispatcher_shutdown(dispatcher, LIBSCHED_CANCEL, LIBSCHED_FOREVER, 0, 0));
  }
  libsched_dispatcher_unref(dispatcher);
  check_join(thread);
  CHECK_EQ(check_fate_of(&fate), CHECK_DROPPED);
  libsched_channel_unref(channel);
  check_pool_end(pool, LIBSCHED_DRAIN);
  check_fair_gone();
}

CASE(shutdown_makes_idle) { end_makes_idle(0); }
CASE(last_unref_makes_idle) { end_makes_idle(1); }

/* The pool's end waits for a discard of another thread, and goes on after it. */
static check_gate discard_gate = CHECK_GATE_INIT;

static void discard_at_the_gate(void *data) {
  (void)data;
  check_event_add(&discard_gate.entered, 1);
  CHECK_AWAIT(&discard_gate.open, 1);
}

static void *clear_it(void *data) {
  CHECK_OK(libsched_channel_clear(0, 0, (libsched_channel *)data));
  return 0;
}

static void end_during_a_discard(uint32_t workers, uint32_t mode) {
  libsched_pool *pool = check_pool_new(workers, 0);
  libsched_dispatcher *dispatcher = check_dispatcher_new(pool, 0, 0);
  libsched_channel *channel = check_channel_new(dispatcher, 0, 0);
  int64_t count = 0;
  waiter w = {0, 0, 0};
  pthread_t clearer;
  pthread_t ender;
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, check_count_run, &count, 0));
  check_pool_idle(pool);
  CHECK_OK(libsched_channel_pause(channel));
  CHECK_OK(libsched_channel_send_task(channel, check_count_run, 0, &count, discard_at_the_gate,
                                      LIBSCHED_FOREVER, 0));
  clearer = check_spawn(clear_it, channel);
  CHECK_AWAIT(&discard_gate.entered, 1);
  w.pool = pool;
  w.mode = mode;
  ender = check_spawn(shut_down, &w);
  check_until_asleep(&w.id);
  check_gate_open(&discard_gate);
  check_join(clearer);
  check_join(ender);
  CHECK_EQ(count, 1);
  libsched_channel_unref(channel);
  libsched_dispatcher_unref(dispatcher);
  libsched_pool_unref(pool);
  check_fair_gone();
}

CASE(drain_during_a_discard) { end_during_a_discard(1, LIBSCHED_DRAIN); }
CASE(cancel_during_a_discard) { end_during_a_discard(2, LIBSCHED_CANCEL); }
CASE(drain_during_a_discard_without_workers) {
  end_during_a_discard(LIBSCHED_NO_WORKERS, LIBSCHED_DRAIN);
}

/* The pool's capacity is for what is submitted to it. */
CASE(capacity_does_not_count_them) {
  libsched_pool *pool = check_pool_new(LIBSCHED_NO_WORKERS, 1);
  libsched_dispatcher *dispatcher = check_dispatcher_new(pool, check_count_run, 0);
  libsched_channel *channel = check_channel_new(dispatcher, 0, 0);
  int64_t count = 0;
  int i;
  for (i = 0; i < 10; ++i) CHECK_OK(libsched_channel_try_send(channel, &count));
  CHECK_OK(libsched_pool_try_submit(pool, LIBSCHED_NORMAL, check_count_run, &count, 0));
  CHECK_STATUS(libsched_pool_try_submit(pool, LIBSCHED_NORMAL, check_count_run, &count, 0),
               LIBSCHED_E_FULL);
  for (i = 0; i < 10; ++i) CHECK_OK(libsched_channel_try_send(channel, &count));
  check_pool_idle(pool);
  CHECK_EQ(count, 21);
  CHECK_OK(libsched_pool_try_submit(pool, LIBSCHED_NORMAL, check_count_run, &count, 0));
  libsched_channel_unref(channel);
  check_dispatcher_end(dispatcher, LIBSCHED_DRAIN);
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(count, 22);
}

/* One call of run_one runs one task; after a shutdown that has timed out the host may go on. */
CASE(run_one_runs_one) {
  libsched_pool *pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
  libsched_dispatcher *dispatcher = check_dispatcher_new(pool, check_count_run, 0);
  libsched_channel *channels[3];
  int64_t count = 0;
  int status;
  int i;
  for (i = 0; i < 3; ++i) channels[i] = check_channel_prior(dispatcher, (uint32_t)i, 1);
  for (i = 0; i < 20; ++i) check_send(channels[i % 3], &count);
  for (i = 1; i <= 10; ++i) {
    CHECK_OK(libsched_pool_run_one(pool));
    CHECK_EQ(count, i);
  }
  CHECK_STATUS(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_EQ(count, 10);
  do {
    status = libsched_pool_run_one(pool);
  } while (status == LIBSCHED_OK);
  CHECK_STATUS(status, LIBSCHED_E_CLOSED);
  CHECK_EQ(count, 20);
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, 0, 0, 0));
  for (i = 0; i < 3; ++i) libsched_channel_unref(channels[i]);
  libsched_dispatcher_unref(dispatcher);
  libsched_pool_unref(pool);
}

/* No more workers run tasks of a level than its cap says. */
static check_overlap low_ones;

CASE(caps_hold_for_them) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  libsched_pool *pool;
  libsched_dispatcher *dispatcher;
  libsched_channel *channels[3];
  int64_t count = 0;
  int i;
  low_ones.most = 1;
  options.workers = 4;
  options.low_cap = 1;
  pool = check_pool_with(&options);
  dispatcher = check_dispatcher_new(pool, check_overlap_run, 0);
  for (i = 0; i < 3; ++i) channels[i] = check_channel_prior(dispatcher, (uint32_t)i, 1);
  CHECK_OK(libsched_dispatcher_pause(dispatcher));
  for (i = 0; i < 100; ++i) {
    check_send(channels[LIBSCHED_LOW], &low_ones);
    check_send_task(channels[LIBSCHED_NORMAL], check_count_run, &count);
    check_send_task(channels[LIBSCHED_HIGH], check_count_run, &count);
  }
  CHECK_OK(libsched_dispatcher_resume(dispatcher));
  check_pool_idle(pool);
  CHECK_EQ(low_ones.ended, 100);
  CHECK_EQ(count, 200);
  for (i = 0; i < 3; ++i) libsched_channel_unref(channels[i]);
  check_dispatcher_end(dispatcher, LIBSCHED_DRAIN);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASES = {RUN(idle_with_one_worker),
         RUN(idle_with_many_workers),
         RUN(idle_without_workers),
         RUN(clear_makes_idle_with_one_worker),
         RUN(clear_makes_idle_with_two_workers),
         RUN(clear_makes_idle_without_workers),
         RUN(shutdown_makes_idle),
         RUN(last_unref_makes_idle),
         RUN(drain_during_a_discard),
         RUN(cancel_during_a_discard),
         RUN(drain_during_a_discard_without_workers),
         RUN(capacity_does_not_count_them),
         RUN(run_one_runs_one),
         RUN(caps_hold_for_them),
         CASES_END};
