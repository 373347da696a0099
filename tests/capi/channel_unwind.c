/* Tasks of channels that fail: by their result, by an exception, or with their thread. Each gives its place back. */
#include "check_fair.h"

static libsched_pool *pool;
static libsched_dispatcher *dispatcher;
static libsched_channel *channel;
static int64_t told[3];

enum { BY_CODE, BY_EXCEPTION, BY_UNWINDING };

static void on_failure(int code, const char *message, void *task_data, void *user_data) {
  CHECK_PTR(user_data, told);
  CHECK(message != 0);
  (void)task_data;
  if (code == LIBSCHED_E_EXCEPTION) {
    CHECK_ADD(told[BY_EXCEPTION], 1);
  } else if (code == LIBSCHED_E_UNWOUND) {
    CHECK_ADD(told[BY_UNWINDING], 1);
  } else {
    CHECK_EQ(code, 5);
    CHECK_ADD(told[BY_CODE], 1);
  }
}

/* At a limit of 1, so that a place that were not given back would be the last. */
static void start(uint32_t workers) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  options.workers = workers;
  options.on_failure = on_failure;
  options.hook_data = told;
  memset(told, 0, sizeof(told));
  pool = check_pool_with(&options);
  dispatcher = check_dispatcher_fates(pool, 1);
  channel = check_channel_new(dispatcher, 0, 1);
}

static void end(void) {
  libsched_channel_unref(channel);
  check_dispatcher_end(dispatcher, LIBSCHED_DRAIN);
  check_pool_end(pool, LIBSCHED_DRAIN);
  check_fair_gone();
}

static void send_all(libsched_task_fn work, libsched_finalize_fn finalize, void *data,
                     libsched_discard_fn discard) {
  CHECK_OK(libsched_channel_send_task(channel, work, finalize, data, discard, LIBSCHED_FOREVER, 0));
}

static void check_counts(uint64_t done, uint64_t failed, uint64_t cancelled) {
  libsched_channel_stats stats = check_channel_stats(channel);
  libsched_dispatcher_stats sums = check_dispatcher_stats(dispatcher);
  CHECK_EQ(stats.done, done);
  CHECK_EQ(stats.failed, failed);
  CHECK_EQ(stats.cancelled, cancelled);
  CHECK_EQ(sums.done, done);
  CHECK_EQ(sums.failed, failed);
  CHECK_EQ(sums.cancelled, cancelled);
  CHECK_EQ(stats.running + stats.queued, 0);
  CHECK_EQ(sums.running + sums.queued, 0);
}

static void codes_on(uint32_t workers) {
  check_fate fates[30];
  int i;
  memset(fates, 0, sizeof(fates));
  start(workers);
  for (i = 0; i < 30; ++i) {
    fates[i].result = i % 3 == 0 ? 5 : 0;
    check_send(channel, &fates[i]);
  }
  check_pool_idle(pool);
  CHECK_EQ(check_fates(fates, 30, CHECK_FINALIZED), 30);
  for (i = 0; i < 30; ++i) CHECK_EQ(fates[i].told, fates[i].result);
  check_counts(20, 10, 0);
  CHECK_EQ(told[BY_CODE], 10);
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_NORMAL).failed, 10);
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_NORMAL).completed, 20);
  end();
}

CASE(codes_with_one_worker) { codes_on(1); }
CASE(codes_without_workers) { codes_on(LIBSCHED_NO_WORKERS); }

#ifdef __cplusplus
static int throw_it(libsched_task *task, void *data) {
  check_fate_work(task, data);
  throw 3;
}

static void throw_in_finalize(libsched_task *task, int result, void *data) {
  check_fate_finalize(task, result, data);
  throw 4;
}

static void throw_in_discard(void *data) {
  check_fate_discard(data);
  throw 5;
}

static void exceptions_on(uint32_t workers) {
  check_fate fates[4];
  uint64_t dropped = 0;
  memset(fates, 0, sizeof(fates));
  start(workers);
  send_all(throw_it, check_fate_finalize, &fates[0], check_fate_discard);
  send_all(check_fate_work, throw_in_finalize, &fates[1], check_fate_discard);
  check_pool_idle(pool);
  CHECK_EQ(check_fates(fates, 2, CHECK_FINALIZED), 2);
  CHECK_EQ(fates[0].told, LIBSCHED_E_EXCEPTION);
  CHECK_EQ(fates[1].told, 0);
  check_counts(1, 1, 0);
  CHECK_EQ(told[BY_EXCEPTION], 1);
  CHECK_OK(libsched_channel_pause(channel));
  send_all(check_fate_work, check_fate_finalize, &fates[2], throw_in_discard);
  send_all(check_fate_work, check_fate_finalize, &fates[3], throw_in_discard);
  CHECK_OK(libsched_channel_clear(&dropped, 0, channel));
  CHECK_EQ(dropped, 2);
  CHECK_EQ(check_fates(fates + 2, 2, CHECK_DROPPED), 2);
  check_counts(1, 1, 2);
  end();
}
#else
static void exceptions_on(uint32_t workers) { /* C has none */
  start(workers);
  end();
}
#endif

CASE(exceptions) {
  exceptions_on(1);
  exceptions_on(LIBSCHED_NO_WORKERS);
}

/* --- threads that end --- */

static int exit_in_work(libsched_task *task, void *data) {
  check_fate_work(task, data);
  pthread_exit(0);
  return 0;
}

static void exit_in_finalize(libsched_task *task, int result, void *data) {
  check_fate_finalize(task, result, data);
  pthread_exit(0);
}

static void exit_in_discard(void *data) {
  check_fate_discard(data);
  pthread_exit(0);
}

static int clear_it(libsched_task *task, void *data) {
  uint64_t cancelled = 0;
  CHECK_OK(libsched_channel_clear(0, &cancelled, channel));
  CHECK_EQ(cancelled, 1);
  return check_fate_work(task, data);
}

static int clear_and_exit(libsched_task *task, void *data) {
  clear_it(task, data);
  pthread_exit(0);
  return 0;
}

/* A work function that ends its thread has no result: the task fails, and discard gives back what it was sent. */
static void exits_on(uint32_t workers) {
  int round;
  start(workers);
  for (round = 1; round <= 10; ++round) {
    check_fate fates[6];
    memset(fates, 0, sizeof(fates));
    send_all(exit_in_work, check_fate_finalize, &fates[0], check_fate_discard);
    send_all(check_fate_work, exit_in_finalize, &fates[1], check_fate_discard);
    check_pool_idle(pool);
    CHECK_EQ(check_fate_of(&fates[0]), CHECK_CLEARED);
    CHECK_EQ(check_fate_of(&fates[1]), CHECK_FINALIZED);
    send_all(clear_it, check_fate_finalize, &fates[2], exit_in_discard);
    check_pool_idle(pool);
    CHECK_EQ(check_fate_of(&fates[2]), CHECK_CLEARED);
    send_all(clear_and_exit, check_fate_finalize, &fates[3], check_fate_discard);
    check_pool_idle(pool);
    CHECK_EQ(check_fate_of(&fates[3]), CHECK_CLEARED);
    send_all(exit_in_work, 0, &fates[4], check_fate_discard);
    check_pool_idle(pool);
    CHECK_EQ(fates[4].works, 1);
    CHECK_EQ(fates[4].discards, 0);
    check_send(channel, &fates[5]);
    check_pool_idle(pool);
    CHECK_EQ(check_fate_of(&fates[5]), CHECK_FINALIZED);
    check_counts((uint64_t)(2 * round), (uint64_t)(2 * round), (uint64_t)(2 * round));
    CHECK_EQ(told[BY_UNWINDING], 3 * round);
  }
  CHECK_UNTIL(check_pool_stats(pool).workers == workers);
  end();
}

CASE(exits_with_one_worker) { exits_on(1); }
CASE(exits_with_many_workers) { exits_on(16); }

/* Many tasks at their limits, some of which end their thread: all the others run. */
CASE(exits_among_others) {
  static check_fate fates[2000];
  int n = CHECK_SCALE(2000, 300);
  int i;
  start(4);
  CHECK_OK(libsched_dispatcher_set_limit(dispatcher, 3));
  CHECK_OK(libsched_channel_set_limit(channel, 2));
  for (i = 0; i < n; ++i) {
    send_all(i % 10 == 3 ? exit_in_work : check_fate_work,
             i % 10 == 7 ? exit_in_finalize : check_fate_finalize, &fates[i], check_fate_discard);
  }
  check_pool_idle(pool);
  CHECK_EQ(check_fates(fates, n, CHECK_CLEARED), n / 10);
  CHECK_EQ(check_fates(fates, n, CHECK_FINALIZED), n - n / 10);
  check_counts((uint64_t)(n - n / 10), (uint64_t)n / 10, 0);
  end();
}

/* In a pool without workers it is the thread of the host that ends. */
static void *run_one_task(void *data) {
  int status = libsched_pool_run_one(pool);
  (void)status;
  (void)data;
  check_fail(__FILE__, __LINE__, "a call returned on a stack that was unwound");
  return 0;
}

CASE(exits_without_workers) {
  check_fate fates[2];
  memset(fates, 0, sizeof(fates));
  start(LIBSCHED_NO_WORKERS);
  send_all(exit_in_work, check_fate_finalize, &fates[0], check_fate_discard);
  check_send(channel, &fates[1]);
  check_join(check_spawn(run_one_task, 0));
  check_pool_idle(pool);
  CHECK_EQ(check_fate_of(&fates[0]), CHECK_CLEARED);
  CHECK_EQ(check_fate_of(&fates[1]), CHECK_FINALIZED);
  check_counts(1, 1, 0);
  end();
}

/* A discard that ends the thread that clears: the others are discarded all the same, and the dispatcher goes on. */
static void *clear_in_thread(void *data) {
  CHECK_OK(libsched_channel_clear(0, 0, channel));
  (void)data;
  check_fail(__FILE__, __LINE__, "a call returned on a stack that was unwound");
  return 0;
}

static void *shut_down_in_thread(void *data) {
  CHECK_OK(libsched_dispatcher_shutdown(dispatcher, LIBSCHED_CANCEL, LIBSCHED_FOREVER, 0, 0));
  (void)data;
  check_fail(__FILE__, __LINE__, "a call returned on a stack that was unwound");
  return 0;
}

static void *unref_in_thread(void *data) {
  libsched_dispatcher_unref(dispatcher);
  (void)data;
  check_fail(__FILE__, __LINE__, "a call returned on a stack that was unwound");
  return 0;
}

CASE(exits_in_a_clear) {
  check_fate fates[60];
  check_fate after = {0, 0, 0, 0, 0};
  int which;
  int i;
  for (which = 0; which < 60; which += 29) {
    memset(fates, 0, sizeof(fates));
    start(1);
    CHECK_OK(libsched_channel_pause(channel));
    for (i = 0; i < 60; ++i)
      send_all(check_fate_work, check_fate_finalize, &fates[i],
               i == which ? exit_in_discard : check_fate_discard);
    check_join(check_spawn(clear_in_thread, 0));
    CHECK_EQ(check_fates(fates, 60, CHECK_DROPPED), 60);
    check_counts(0, 0, 60);
    check_pool_idle(pool);
    memset(&after, 0, sizeof(after));
    CHECK_OK(libsched_channel_resume(channel));
    check_send(channel, &after);
    check_pool_idle(pool);
    CHECK_EQ(check_fate_of(&after), CHECK_FINALIZED);
    end();
  }
}

CASE(exits_in_a_shutdown) {
  check_fate fates[3];
  int i;
  memset(fates, 0, sizeof(fates));
  start(1);
  CHECK_OK(libsched_channel_pause(channel));
  for (i = 0; i < 3; ++i)
    send_all(check_fate_work, 0, &fates[i], i == 1 ? exit_in_discard : check_fate_discard);
  check_join(check_spawn(shut_down_in_thread, 0));
  CHECK_EQ(check_fates(fates, 3, CHECK_DROPPED), 3);
  end();
}

CASE(exits_in_the_last_unref) {
  check_fate fates[3];
  int i;
  memset(fates, 0, sizeof(fates));
  start(1);
  CHECK_OK(libsched_channel_pause(channel));
  for (i = 0; i < 3; ++i)
    send_all(check_fate_work, 0, &fates[i], i == 1 ? exit_in_discard : check_fate_discard);
  check_join(check_spawn(unref_in_thread, 0));
  CHECK_EQ(check_fates(fates, 3, CHECK_DROPPED), 3);
  libsched_channel_unref(channel);
  check_pool_end(pool, LIBSCHED_DRAIN);
  check_fair_gone();
}

CASES = {RUN(codes_with_one_worker),
         RUN(codes_without_workers),
         RUN(exceptions),
         RUN(exits_with_one_worker),
         RUN(exits_with_many_workers),
         RUN(exits_among_others),
         RUN(exits_without_workers),
         RUN(exits_in_a_clear),
         RUN(exits_in_a_shutdown),
         RUN(exits_in_the_last_unref),
         CASES_END};
