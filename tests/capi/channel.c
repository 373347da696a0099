/* Channels: their tasks, names, counts and ends. */
#include "check_fair.h"

static libsched_pool *pool;
static libsched_dispatcher *dispatcher;

static void start(uint32_t workers) {
  pool = check_pool_new(workers, 0);
  dispatcher = check_dispatcher_fates(pool, 0);
}

static void end(void) {
  check_dispatcher_end(dispatcher, LIBSCHED_DRAIN);
  check_pool_end(pool, LIBSCHED_DRAIN);
  check_fair_gone();
}

/* work runs the task, and finalize is told the result, in the same run. */
static libsched_task *run_of;

static int work_in_order(libsched_task *task, void *data) {
  CHECK(run_of == 0);
  run_of = task;
  CHECK_EQ(libsched_task_worker(task), 0);
  CHECK_EQ(libsched_task_cancelled(task), 0);
  return check_fate_work(task, data);
}

static void finalize_in_order(libsched_task *task, int result, void *data) {
  CHECK_PTR(run_of, task);
  check_fate_finalize(task, result, data);
  run_of = 0;
}

static void results_on(uint32_t workers) {
  libsched_dispatcher_options options = LIBSCHED_DISPATCHER_OPTIONS_INIT;
  libsched_channel *channel;
  check_fate fates[40];
  int i;
  memset(fates, 0, sizeof(fates));
  pool = check_pool_new(workers, 0);
  options.work = work_in_order;
  options.finalize = finalize_in_order;
  options.discard = check_fate_discard;
  dispatcher = check_dispatcher_with(pool, &options);
  channel = check_channel_new(dispatcher, 0, 0);
  for (i = 0; i < 40; ++i) {
    fates[i].result = i % 4 == 0 ? -i : 0;
    check_send(channel, &fates[i]);
  }
  check_pool_idle(pool);
  CHECK_EQ(check_fates(fates, 40, CHECK_FINALIZED), 40);
  for (i = 0; i < 40; ++i) CHECK_EQ(fates[i].told, fates[i].result);
  CHECK_EQ(check_channel_stats(channel).done, 31);
  CHECK_EQ(check_channel_stats(channel).failed, 9);
  CHECK_EQ(check_channel_stats(channel).turns, 40);
  libsched_channel_unref(channel);
  end();
}

CASE(results_with_one_worker) { results_on(1); }
CASE(results_without_workers) { results_on(LIBSCHED_NO_WORKERS); }

/* Tasks with functions of their own, among those of the dispatcher: in order, each by its own. */
static int own_work(libsched_task *task, void *data) { return check_fate_work(task, data) + 1; }

static void own_finalize(libsched_task *task, int result, void *data) {
  check_fate_finalize(task, result + 1, data);
}

CASE(functions_of_their_own) {
  libsched_channel *channel;
  check_fate fates[12];
  int i;
  memset(fates, 0, sizeof(fates));
  start(2);
  channel = check_channel_new(dispatcher, 0, 0);
  for (i = 0; i < 12; ++i) {
    if (i % 2 == 0)
      check_send(channel, &fates[i]);
    else
      CHECK_OK(libsched_channel_send_task(channel, own_work, i % 4 == 1 ? own_finalize : 0,
                                          &fates[i], check_fate_discard, LIBSCHED_FOREVER, 0));
  }
  check_pool_idle(pool);
  for (i = 0; i < 12; ++i) {
    CHECK_EQ(fates[i].works, 1);
    CHECK_EQ(fates[i].discards, 0);
    CHECK_EQ(fates[i].finalizes, i % 4 != 3);
    CHECK_EQ(fates[i].told, i % 4 == 1 ? 2 : 0);
  }
  libsched_channel_unref(channel);
  end();
}

/* Without a work function in the dispatcher each task must bring its own. */
CASE(dispatcher_without_work) {
  libsched_channel *channel;
  check_fate fate = {0, 0, 0, 0, 0};
  size_t accepted = 77;
  void *item = &fate;
  pool = check_pool_new(1, 0);
  dispatcher = check_dispatcher_new(pool, 0, 0);
  channel = check_channel_new(dispatcher, 0, 0);
  CHECK_STATUS(libsched_channel_send(channel, &fate, LIBSCHED_FOREVER, 0), LIBSCHED_E_STATE);
  CHECK_STATUS(libsched_channel_try_send(channel, &fate), LIBSCHED_E_STATE);
  CHECK_STATUS(libsched_channel_send_n(&accepted, channel, &item, 1, LIBSCHED_FOREVER, 0),
               LIBSCHED_E_STATE);
  CHECK_EQ(accepted, 0);
  CHECK_EQ(check_channel_len(channel), 0);
  CHECK_OK(libsched_channel_send_task(channel, check_fate_work, check_fate_finalize, &fate, 0,
                                      LIBSCHED_FOREVER, 0));
  libsched_channel_unref(channel);
  end();
  CHECK_EQ(check_fate_of(&fate), CHECK_FINALIZED);
}

/* What waits and what runs is counted, by the channel and by the dispatcher. */
CASE(counts) {
  check_gate gate = CHECK_GATE_INIT;
  libsched_channel *channels[2];
  check_fate fates[7];
  libsched_dispatcher_stats sums;
  libsched_channel_stats stats;
  int i;
  memset(fates, 0, sizeof(fates));
  start(2);
  for (i = 0; i < 2; ++i) {
    channels[i] = check_channel_new(dispatcher, 0, 0);
    check_send_task(channels[i], check_gate_run, &gate);
  }
  CHECK_AWAIT(&gate.entered, 2);
  for (i = 0; i < 7; ++i) check_send(channels[i < 5], &fates[i]);
  for (i = 0; i < 2; ++i) {
    stats = check_channel_stats(channels[i]);
    CHECK_EQ(stats.struct_size, sizeof(stats));
    CHECK_EQ(stats.queued, i == 1 ? 5 : 2);
    CHECK_EQ(stats.running, 1);
    CHECK_EQ(stats.turns, 1);
    CHECK_EQ(stats.done + stats.failed + stats.cancelled, 0);
    CHECK_EQ(check_channel_len(channels[i]), stats.queued);
    CHECK_EQ(check_in_flight(channels[i]), 1);
  }
  sums = check_dispatcher_stats(dispatcher);
  CHECK_EQ(sums.struct_size, sizeof(sums));
  CHECK_EQ(sums.channels, 2);
  CHECK_EQ(sums.queued, 7);
  CHECK_EQ(sums.running, 2);
  CHECK_EQ(sums.done + sums.failed + sums.cancelled, 0);
  CHECK_EQ(sums.limit, 2);
  CHECK_EQ(sums.paused, 0);
  /* A task that waits makes the longest wait grow. */
  CHECK_UNTIL(check_channel_stats(channels[1]).longest_wait_ns >= 20000000);
  check_gate_open(&gate);
  check_pool_idle(pool);
  CHECK_LE(20000000, check_channel_stats(channels[1]).longest_wait_ns);
  sums = check_dispatcher_stats(dispatcher);
  CHECK_EQ(sums.queued + sums.running, 0);
  CHECK_EQ(sums.done, 9);
  for (i = 0; i < 2; ++i) libsched_channel_unref(channels[i]);
  CHECK_EQ(check_dispatcher_stats(dispatcher).channels, 0);
  end();
}

/* --- names --- */

static libsched_channel *named(const char *name) {
  libsched_channel_options options = LIBSCHED_CHANNEL_OPTIONS_INIT;
  options.name = name;
  return check_channel_with(dispatcher, &options);
}

static void check_taken(const char *name) {
  libsched_channel_options options = LIBSCHED_CHANNEL_OPTIONS_INIT;
  libsched_channel *channel = (libsched_channel *)UNTOUCHED;
  libsched_error *error = 0;
  options.name = name;
  CHECK_STATUS(libsched_channel_create(&channel, dispatcher, &options, &error), -EEXIST);
  CHECK_PTR(channel, 0);
  CHECK_STATUS(libsched_error_status(error), -EEXIST);
  CHECK(strstr(libsched_error_message(error), name) != 0);
  libsched_error_free(error);
  channel = (libsched_channel *)UNTOUCHED;
  CHECK_STATUS(libsched_channel_create(&channel, dispatcher, &options, 0), -EEXIST);
  CHECK_PTR(channel, 0);
}

CASE(names) {
  char text[] = "example.org";
  libsched_channel *channels[4];
  int i;
  start(LIBSCHED_NO_WORKERS);
  channels[0] = named(text);
  text[0] = 'E';
  CHECK_STR(libsched_channel_name(channels[0]), "example.org");
  channels[1] = named(text);
  channels[2] = named("");
  CHECK_STR(libsched_channel_name(channels[2]), "");
  channels[3] = named(0);
  CHECK_PTR(libsched_channel_name(channels[3]), 0);
  libsched_channel_unref(named(0));
  check_taken("example.org");
  check_taken("Example.org");
  CHECK_EQ(check_dispatcher_stats(dispatcher).channels, 4);
  CHECK_EQ(check_live(LIBSCHED_KIND_CHANNEL), 4);
  for (i = 0; i < 4; ++i) libsched_channel_unref(channels[i]);
  end();
}

CASE(names_are_per_dispatcher) {
  libsched_dispatcher *first;
  libsched_channel *channel;
  libsched_channel *other;
  start(1);
  first = dispatcher;
  channel = named("a");
  dispatcher = check_dispatcher_fates(pool, 0);
  other = named("a");
  libsched_channel_unref(channel);
  libsched_channel_unref(other);
  libsched_dispatcher_unref(first);
  end();
}

/* A closed channel keeps its name until its last task has ended; then it is gone from the dispatcher. */
static int64_t finalized;
static check_gate finalize_gate = CHECK_GATE_INIT;

static int count_nothing(libsched_task *task, void *data) {
  (void)task;
  (void)data;
  return 0;
}

static void finalize_at_the_gate(libsched_task *task, int result, void *data) {
  CHECK_EQ(result, 0);
  check_gate_run(task, data);
  CHECK_ADD(finalized, 1);
}

CASE(close_then_drain_then_gone) {
  libsched_channel *channel;
  libsched_channel *again;
  check_fate fate = {0, 0, 0, 0, 0};
  start(1);
  channel = named("host");
  CHECK_OK(libsched_channel_send_task(channel, count_nothing, finalize_at_the_gate, &finalize_gate,
                                      0, LIBSCHED_FOREVER, 0));
  CHECK_AWAIT(&finalize_gate.entered, 1);
  check_send(channel, &fate);
  CHECK_OK(libsched_channel_close(channel));
  CHECK_OK(libsched_channel_close(channel));
  CHECK_STATUS(libsched_channel_try_send(channel, 0), LIBSCHED_E_CLOSED);
  check_taken("host");
  CHECK_EQ(check_dispatcher_stats(dispatcher).channels, 1);
  check_gate_open(&finalize_gate);
  CHECK_OK(libsched_dispatcher_wait(dispatcher, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(finalized, 1);
  CHECK_EQ(check_fate_of(&fate), CHECK_FINALIZED);
  CHECK_EQ(check_dispatcher_stats(dispatcher).channels, 0);
  again = named("host");
  CHECK_STR(libsched_channel_name(channel), "host");
  CHECK_STATUS(libsched_channel_try_send(channel, 0), LIBSCHED_E_CLOSED);
  CHECK_OK(libsched_channel_pause(channel));
  CHECK_OK(libsched_channel_resume(channel));
  CHECK_OK(libsched_channel_set_limit(channel, 2));
  CHECK_EQ(check_channel_stats(channel).turns, 2);
  libsched_channel_unref(channel);
  libsched_channel_unref(again);
  end();
}

/* So does one of which nothing waits, while a task of it runs. */
CASE(a_running_task_keeps_its_channel) {
  check_gate gate = CHECK_GATE_INIT;
  libsched_channel *channel;
  start(1);
  channel = named("host");
  check_send_task(channel, check_gate_run, &gate);
  CHECK_AWAIT(&gate.entered, 1);
  CHECK_OK(libsched_channel_close(channel));
  CHECK_OK(libsched_channel_clear(0, 0, channel));
  CHECK_EQ(check_dispatcher_stats(dispatcher).channels, 1);
  check_taken("host");
  CHECK_STATUS(libsched_dispatcher_wait(dispatcher, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  libsched_channel_unref(channel);
  CHECK_EQ(check_dispatcher_stats(dispatcher).channels, 1);
  check_gate_open(&gate);
  CHECK_OK(libsched_dispatcher_wait(dispatcher, LIBSCHED_FOREVER, 0, 0));
  end();
}

/* The last reference closes, and resumes, since nobody could any more; what is queued runs. */
static void last_unref(uint32_t workers) {
  libsched_channel *channel;
  check_fate fates[5];
  int i;
  memset(fates, 0, sizeof(fates));
  start(workers);
  channel = named("x");
  CHECK_OK(libsched_channel_pause(channel));
  for (i = 0; i < 5; ++i) check_send(channel, &fates[i]);
  CHECK_PTR(libsched_channel_ref(channel), channel);
  libsched_channel_unref(channel);
  CHECK_EQ(check_channel_stats(channel).paused, 1);
  libsched_channel_unref(channel);
  CHECK_EQ(check_live(LIBSCHED_KIND_CHANNEL), 0);
  CHECK_OK(libsched_dispatcher_wait(dispatcher, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(check_fates(fates, 5, CHECK_FINALIZED), 5);
  libsched_channel_unref(named("x"));
  end();
}

CASE(last_unref_closes_and_resumes) { last_unref(1); }
CASE(last_unref_closes_and_resumes_without_workers) { last_unref(LIBSCHED_NO_WORKERS); }

/* Closed and paused by its user, it waits to be resumed. */
CASE(a_closed_channel_may_be_paused) {
  libsched_channel *channel;
  check_fate fate = {0, 0, 0, 0, 0};
  start(1);
  channel = named("x");
  CHECK_OK(libsched_channel_pause(channel));
  check_send(channel, &fate);
  CHECK_OK(libsched_channel_close(channel));
  CHECK_STATUS(libsched_dispatcher_wait(dispatcher, 1000000, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_EQ(fate.works, 0);
  CHECK_OK(libsched_channel_resume(channel));
  CHECK_OK(libsched_dispatcher_wait(dispatcher, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(check_fate_of(&fate), CHECK_FINALIZED);
  libsched_channel_unref(channel);
  end();
}

/* Many channels, of which many come and go. */
CASE(many_channels) {
  enum { N = 3000 };
  static libsched_channel *channels[N];
  static check_fate fates[N];
  char name[32];
  int n = CHECK_SCALE(N, 500);
  int i;
  start(4);
  for (i = 0; i < n; ++i) {
    sprintf(name, "channel %d", i);
    channels[i] = named(name);
    check_send(channels[i], &fates[i]);
    if (i >= 100) libsched_channel_unref(channels[i - 100]);
  }
  for (i = n - 100; i < n; ++i) libsched_channel_unref(channels[i]);
  CHECK_OK(libsched_dispatcher_wait(dispatcher, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(check_fates(fates, n, CHECK_FINALIZED), n);
  CHECK_EQ(check_dispatcher_stats(dispatcher).done, n);
  end();
}

CASES = {RUN(results_with_one_worker),
         RUN(results_without_workers),
         RUN(functions_of_their_own),
         RUN(dispatcher_without_work),
         RUN(counts),
         RUN(names),
         RUN(names_are_per_dispatcher),
         RUN(close_then_drain_then_gone),
         RUN(a_running_task_keeps_its_channel),
         RUN(last_unref_closes_and_resumes),
         RUN(last_unref_closes_and_resumes_without_workers),
         RUN(a_closed_channel_may_be_paused),
         RUN(many_channels),
         CASES_END};
