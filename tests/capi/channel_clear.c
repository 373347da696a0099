/* libsched_channel_clear: what it drops and cancels, to the last task, and what it leaves alone. */
#include "check_fair.h"

enum { MOST = 64 };

static libsched_pool *pool;
static libsched_dispatcher *dispatcher;
static libsched_channel *channel;

static void start(uint32_t workers, uint32_t limit) {
  pool = check_pool_new(workers, 0);
  dispatcher = check_dispatcher_fates(pool, limit);
  channel = check_channel_new(dispatcher, 0, 0);
}

static void end(void) {
  libsched_channel_unref(channel);
  check_dispatcher_end(dispatcher, LIBSCHED_DRAIN);
  check_pool_end(pool, LIBSCHED_DRAIN);
  check_fair_gone();
}

static void check_cleared(int64_t want_dropped, int64_t want_cancelled) {
  uint64_t dropped = 77;
  uint64_t cancelled = 77;
  CHECK_OK(libsched_channel_clear(&dropped, &cancelled, channel));
  CHECK_EQ(dropped, want_dropped);
  CHECK_EQ(cancelled, want_cancelled);
}

CASE(of_an_empty_channel) {
  start(1, 0);
  check_cleared(0, 0);
  CHECK_OK(libsched_channel_clear(0, 0, channel));
  CHECK_OK(libsched_channel_close(channel));
  check_cleared(0, 0);
  end();
}

/* Tasks that are held in work: each a fate, and the gate. */
static check_event entered = CHECK_EVENT_INIT;
static check_event open_now = CHECK_EVENT_INIT;
static int64_t saw_cancelled;

static int work_at_the_gate(libsched_task *task, void *data) {
  int result = check_fate_work(task, data);
  CHECK_EQ(libsched_task_cancelled(task), 0);
  check_event_add(&entered, 1);
  CHECK_AWAIT(&open_now, 1);
  CHECK_ADD(saw_cancelled, libsched_task_cancelled(task));
  return result;
}

static void send_held(check_fate *fate) {
  CHECK_OK(libsched_channel_send_task(channel, work_at_the_gate, check_fate_finalize, fate,
                                      check_fate_discard, LIBSCHED_FOREVER, 0));
}

static void clear_on(uint32_t workers, int running, int queued) {
  check_fate held[MOST];
  check_fate waits[MOST];
  check_fate after[5];
  libsched_channel_stats stats;
  int i;
  memset(held, 0, sizeof(held));
  memset(waits, 0, sizeof(waits));
  memset(after, 0, sizeof(after));
  start(workers, 0);
  for (i = 0; i < running; ++i) send_held(&held[i]);
  CHECK_AWAIT(&entered, running);
  for (i = 0; i < queued; ++i) check_send(channel, &waits[i]);
  CHECK_EQ(check_in_flight(channel), running);
  CHECK_EQ(check_channel_len(channel), queued);
  check_cleared(queued, running);
  CHECK_EQ(check_fates(waits, queued, CHECK_DROPPED), queued);
  CHECK_EQ(check_channel_len(channel), 0);
  CHECK_EQ(check_in_flight(channel), running);
  for (i = 0; i < running; ++i) CHECK_EQ(held[i].discards, 0);
  check_cleared(0, 0); /* once is enough */
  for (i = 0; i < 5; ++i) check_send(channel, &after[i]);
  check_event_add(&open_now, 1);
  check_pool_idle(pool);
  CHECK_EQ(saw_cancelled, running);
  CHECK_EQ(check_fates(held, running, CHECK_CLEARED), running);
  CHECK_EQ(check_fates(after, 5, CHECK_FINALIZED), 5);
  stats = check_channel_stats(channel);
  CHECK_EQ(stats.cancelled, running + queued);
  CHECK_EQ(stats.done, 5);
  CHECK_EQ(stats.turns, running + 5);
  CHECK_EQ(check_dispatcher_stats(dispatcher).cancelled, running + queued);
  CHECK_EQ(check_dispatcher_stats(dispatcher).done, 5);
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_NORMAL).cancelled, queued);
  end();
}

CASE(with_one_worker) { clear_on(1, 1, 50); }
CASE(with_many_workers) { clear_on(16, 16, 60); }
CASE(of_what_runs_alone) { clear_on(4, 3, 0); }

/* A task whose finalize has begun is not cancelled any more. */
static void finalize_at_the_gate(libsched_task *task, int result, void *data) {
  check_fate_finalize(task, result, data);
  check_event_add(&entered, 1);
  CHECK_AWAIT(&open_now, 1);
  CHECK_ADD(saw_cancelled, 1);
}

CASE(finalize_that_has_begun_goes_on) {
  check_fate fate = {0, 0, 0, 6, 0};
  start(1, 0);
  CHECK_OK(libsched_channel_send_task(channel, check_fate_work, finalize_at_the_gate, &fate,
                                      check_fate_discard, LIBSCHED_FOREVER, 0));
  CHECK_AWAIT(&entered, 1);
  check_cleared(0, 0);
  check_event_add(&open_now, 1);
  check_pool_idle(pool);
  CHECK_EQ(saw_cancelled, 1);
  CHECK_EQ(check_fate_of(&fate), CHECK_FINALIZED);
  CHECK_EQ(check_channel_stats(channel).failed, 1);
  CHECK_EQ(check_channel_stats(channel).cancelled, 0);
  end();
}

/* Without a finalize function there is nothing to decide: work has been all, and discard is not called. */
CASE(tasks_without_finalize) {
  check_fate held = {0, 0, 0, 0, 0};
  check_fate waits = {0, 0, 0, 0, 0};
  start(1, 0);
  CHECK_OK(libsched_channel_send_task(channel, work_at_the_gate, 0, &held, check_fate_discard,
                                      LIBSCHED_FOREVER, 0));
  CHECK_AWAIT(&entered, 1);
  CHECK_OK(libsched_channel_send_task(channel, check_fate_work, 0, &waits, check_fate_discard,
                                      LIBSCHED_FOREVER, 0));
  check_cleared(1, 1);
  check_event_add(&open_now, 1);
  check_pool_idle(pool);
  CHECK_EQ(held.works, 1);
  CHECK_EQ(held.discards, 0);
  CHECK_EQ(waits.works, 0);
  CHECK_EQ(waits.discards, 1);
  CHECK_EQ(check_channel_stats(channel).cancelled, 2);
  end();
}

CASE(tasks_without_discard) {
  start(LIBSCHED_NO_WORKERS, 0);
  CHECK_OK(libsched_channel_send_task(channel, check_fate_work, check_fate_finalize, 0, 0,
                                      LIBSCHED_FOREVER, 0));
  check_cleared(1, 0);
  end();
}

/* Another channel is not concerned. */
CASE(others_are_left_alone) {
  check_fate fates[20];
  libsched_channel *other;
  int i;
  memset(fates, 0, sizeof(fates));
  start(LIBSCHED_NO_WORKERS, 0);
  other = check_channel_new(dispatcher, 0, 0);
  for (i = 0; i < 20; ++i) check_send(i < 10 ? channel : other, &fates[i]);
  check_cleared(10, 0);
  check_pool_idle(pool);
  CHECK_EQ(check_fates(fates, 10, CHECK_DROPPED), 10);
  CHECK_EQ(check_fates(fates + 10, 10, CHECK_FINALIZED), 10);
  libsched_channel_unref(other);
  end();
}

/* A paused channel remains paused, a closed one ends with its clear. */
CASE(it_stays_as_it_is_otherwise) {
  check_fate fates[2];
  memset(fates, 0, sizeof(fates));
  start(LIBSCHED_NO_WORKERS, 0);
  CHECK_OK(libsched_channel_pause(channel));
  check_send(channel, &fates[0]);
  check_cleared(1, 0);
  CHECK_EQ(check_channel_stats(channel).paused, 1);
  check_send(channel, &fates[1]);
  CHECK_OK(libsched_channel_close(channel));
  CHECK_EQ(check_dispatcher_stats(dispatcher).channels, 1);
  check_cleared(1, 0);
  CHECK_EQ(check_dispatcher_stats(dispatcher).channels, 0);
  CHECK_EQ(check_fates(fates, 2, CHECK_DROPPED), 2);
  end();
}

/* From inside a task of its own, which is then cancelled itself. */
static int clear_inside(libsched_task *task, void *data) {
  check_fate_work(task, data);
  CHECK_EQ(libsched_task_cancelled(task), 0);
  check_cleared(3, 1);
  CHECK_EQ(libsched_task_cancelled(task), 1);
  return 0;
}

static void inside_on(uint32_t workers) {
  check_fate fates[5];
  int i;
  memset(fates, 0, sizeof(fates));
  start(workers, 1);
  CHECK_OK(libsched_dispatcher_pause(dispatcher));
  CHECK_OK(libsched_channel_send_task(channel, clear_inside, check_fate_finalize, &fates[0],
                                      check_fate_discard, LIBSCHED_FOREVER, 0));
  for (i = 1; i < 4; ++i) check_send(channel, &fates[i]);
  CHECK_OK(libsched_dispatcher_resume(dispatcher));
  check_pool_idle(pool);
  CHECK_EQ(check_fate_of(&fates[0]), CHECK_CLEARED);
  CHECK_EQ(check_fates(fates + 1, 3, CHECK_DROPPED), 3);
  check_send(channel, &fates[4]);
  check_pool_idle(pool);
  CHECK_EQ(check_fate_of(&fates[4]), CHECK_FINALIZED);
  end();
}

CASE(inside_a_task) { inside_on(1); }
CASE(inside_a_task_without_workers) { inside_on(LIBSCHED_NO_WORKERS); }

/* From a discard function, which may also send again. */
static int64_t again;

static void discard_and_send(void *data) {
  if (CHECK_ADD(again, 1) > 10) return;
  CHECK_OK(libsched_channel_send_task(channel, check_fate_work, 0, data, discard_and_send,
                                      LIBSCHED_FOREVER, 0));
  if (CHECK_GET(again) == 10) check_cleared(1, 0);
}

CASE(inside_a_discard) {
  int i;
  start(LIBSCHED_NO_WORKERS, 0);
  CHECK_OK(libsched_channel_send_task(channel, check_fate_work, 0, 0, discard_and_send,
                                      LIBSCHED_FOREVER, 0));
  for (i = 0; i < 10; ++i) check_cleared(1, 0);
  CHECK_EQ(again, 11);
  check_cleared(0, 0);
  end();
}

/* By two threads at once, against tasks that run and are sent: the sums are exact, for each task its one end. */
static uint64_t sum_dropped;
static uint64_t sum_cancelled;
static int32_t stop;

static void *clear_again_and_again(void *data) {
  (void)data;
  while (!CHECK_GET(stop)) {
    uint64_t dropped = 0;
    uint64_t cancelled = 0;
    CHECK_OK(libsched_channel_clear(&dropped, &cancelled, channel));
    CHECK_ADD(sum_dropped, dropped);
    CHECK_ADD(sum_cancelled, cancelled);
  }
  return 0;
}

static void at_once(uint32_t workers, int clearers) {
  int n = CHECK_SCALE(20000, 4000);
  check_fate *fates = (check_fate *)calloc((size_t)n, sizeof(check_fate));
  pthread_t threads[3];
  int64_t dropped;
  int64_t cancelled;
  int i;
  CHECK(fates != 0);
  start(workers, 0);
  for (i = 0; i < clearers; ++i) threads[i] = check_spawn(clear_again_and_again, 0);
  for (i = 0; i < n; ++i) {
    fates[i].result = i % 5 == 0 ? 5 : 0;
    check_send(channel, &fates[i]);
    if (i % 64 == 0) check_pause_ms(i % 640 == 0);
  }
  check_pool_idle(pool);
  CHECK_SET(stop, 1);
  for (i = 0; i < clearers; ++i) check_join(threads[i]);
  dropped = check_fates(fates, n, CHECK_DROPPED);
  cancelled = check_fates(fates, n, CHECK_CLEARED);
  CHECK_EQ(dropped, sum_dropped);
  CHECK_EQ(cancelled, sum_cancelled);
  CHECK_EQ(check_channel_stats(channel).cancelled, dropped + cancelled);
  CHECK_EQ(check_channel_stats(channel).done + check_channel_stats(channel).failed,
           n - dropped - cancelled);
  CHECK_EQ(check_channel_stats(channel).turns, n - dropped);
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_NORMAL).cancelled, dropped);
  free(fates);
  end();
}

CASE(by_two_threads_with_one_worker) { at_once(1, 2); }
CASE(by_two_threads_with_two_workers) { at_once(2, 2); }
CASE(by_two_threads_with_many_workers) { at_once(16, 2); }

/* The discard functions have returned when clear does, whoever else clears. */
CASE(discards_come_before_its_end) {
  check_fate fates[MOST];
  int round;
  start(2, 0);
  for (round = 0; round < CHECK_SCALE(300, 50); ++round) {
    int64_t ended = 0;
    int i;
    memset(fates, 0, sizeof(fates));
    for (i = 0; i < MOST; ++i) check_send(channel, &fates[i]);
    CHECK_OK(libsched_channel_pause(channel));
    CHECK_OK(libsched_channel_clear(0, 0, channel));
    CHECK_UNTIL(check_in_flight(channel) == 0);
    for (i = 0; i < MOST; ++i) ended += check_fate_of(&fates[i]) <= CHECK_DROPPED;
    CHECK_EQ(ended, MOST);
    CHECK_OK(libsched_channel_resume(channel));
  }
  end();
}

CASES = {RUN(of_an_empty_channel),
         RUN(with_one_worker),
         RUN(with_many_workers),
         RUN(of_what_runs_alone),
         RUN(finalize_that_has_begun_goes_on),
         RUN(tasks_without_finalize),
         RUN(tasks_without_discard),
         RUN(others_are_left_alone),
         RUN(it_stays_as_it_is_otherwise),
         RUN(inside_a_task),
         RUN(inside_a_task_without_workers),
         RUN(inside_a_discard),
         RUN(by_two_threads_with_one_worker),
         RUN(by_two_threads_with_two_workers),
         RUN(by_two_threads_with_many_workers),
         RUN(discards_come_before_its_end),
         CASES_END};
