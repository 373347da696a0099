/* How dispatchers end: shut down in either mode, with their pool, or by their last handle. */
#include "check_fair.h"

enum { MOST = 40 };

static libsched_pool *pool;
static libsched_dispatcher *dispatcher;
static libsched_channel *channel;
static check_fate held;
static check_fate waits[MOST];
static check_event entered = CHECK_EVENT_INIT;
static check_event open_now = CHECK_EVENT_INIT;
static int64_t saw_cancelled;

static int work_at_the_gate(libsched_task *task, void *data) {
  int result = check_fate_work(task, data);
  check_event_add(&entered, 1);
  CHECK_AWAIT(&open_now, 1);
  CHECK_ADD(saw_cancelled, libsched_task_cancelled(task));
  return result;
}

/* One task is held in work, and n wait in its channel. */
static void start(uint32_t workers, int n) {
  int i;
  pool = check_pool_new(workers, 0);
  dispatcher = check_dispatcher_fates(pool, 1);
  channel = check_channel_new(dispatcher, 0, 0);
  CHECK_OK(libsched_channel_send_task(channel, work_at_the_gate, check_fate_finalize, &held,
                                      check_fate_discard, LIBSCHED_FOREVER, 0));
  CHECK_AWAIT(&entered, 1);
  for (i = 0; i < n; ++i) check_send(channel, &waits[i]);
}

static void check_closed(void) {
  libsched_channel *other = (libsched_channel *)UNTOUCHED;
  libsched_error *error = 0;
  size_t accepted = 77;
  void *item = 0;
  CHECK_STATUS(libsched_channel_send(channel, 0, LIBSCHED_FOREVER, 0), LIBSCHED_E_CLOSED);
  CHECK_STATUS(libsched_channel_try_send(channel, 0), LIBSCHED_E_CLOSED);
  CHECK_STATUS(libsched_channel_send_n(&accepted, channel, &item, 1, LIBSCHED_FOREVER, 0),
               LIBSCHED_E_CLOSED);
  CHECK_EQ(accepted, 0);
  CHECK_STATUS(libsched_channel_send_task(channel, check_fate_work, 0, 0, check_fate_discard,
                                          LIBSCHED_FOREVER, 0),
               LIBSCHED_E_CLOSED);
  CHECK_STATUS(libsched_channel_pause(channel), LIBSCHED_E_CLOSED);
  CHECK_OK(libsched_channel_resume(channel));
  if (dispatcher == 0) return;
  CHECK_STATUS(libsched_channel_create(&other, dispatcher, 0, &error), LIBSCHED_E_CLOSED);
  CHECK_PTR(other, 0);
  CHECK_STATUS(libsched_error_status(error), LIBSCHED_E_CLOSED);
  CHECK(libsched_error_message(error)[0] != 0);
  libsched_error_free(error);
  CHECK_STATUS(libsched_dispatcher_pause(dispatcher), LIBSCHED_E_CLOSED);
  CHECK_OK(libsched_dispatcher_resume(dispatcher));
}

static void end(void) {
  libsched_channel_unref(channel);
  libsched_dispatcher_unref(dispatcher);
  check_pool_end(pool, LIBSCHED_DRAIN);
  check_fair_gone();
}

/* All that was accepted runs, also what is paused in either way. */
CASE(drain_runs_what_is_queued) {
  libsched_channel *paused;
  check_fate more[3];
  int i;
  memset(more, 0, sizeof(more));
  start(1, MOST);
  paused = check_channel_new(dispatcher, 0, 0);
  CHECK_OK(libsched_channel_pause(paused));
  for (i = 0; i < 3; ++i) check_send(paused, &more[i]);
  CHECK_OK(libsched_dispatcher_pause(dispatcher));
  CHECK_STATUS(libsched_dispatcher_shutdown(dispatcher, LIBSCHED_DRAIN, 0, 0, 0),
               LIBSCHED_E_TIMEOUT);
  check_closed();
  CHECK_EQ(check_dispatcher_stats(dispatcher).paused, 0);
  CHECK_EQ(check_channel_stats(paused).paused, 0);
  CHECK_EQ(check_dispatcher_stats(dispatcher).channels, 2);
  check_event_add(&open_now, 1);
  CHECK_OK(libsched_dispatcher_shutdown(dispatcher, LIBSCHED_DRAIN, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(check_fate_of(&held), CHECK_FINALIZED);
  CHECK_EQ(check_fates(waits, MOST, CHECK_FINALIZED), MOST);
  CHECK_EQ(check_fates(more, 3, CHECK_FINALIZED), 3);
  CHECK_EQ(check_dispatcher_stats(dispatcher).done, MOST + 4);
  CHECK_EQ(check_dispatcher_stats(dispatcher).channels, 0);
  CHECK_OK(libsched_dispatcher_shutdown(dispatcher, LIBSCHED_CANCEL, 0, 0, 0));
  CHECK_EQ(saw_cancelled, 0);
  libsched_channel_unref(paused);
  end();
}

CASE(cancel_clears_the_channels) {
  libsched_error *error = 0;
  start(1, MOST);
  CHECK_STATUS(libsched_dispatcher_shutdown(dispatcher, LIBSCHED_CANCEL, 1000000, 0, &error),
               LIBSCHED_E_TIMEOUT);
  CHECK_STATUS(libsched_error_status(error), LIBSCHED_E_TIMEOUT);
  CHECK(strstr(libsched_error_message(error), "0 tasks wait and 1 run") != 0);
  libsched_error_free(error);
  CHECK_EQ(check_fates(waits, MOST, CHECK_DROPPED), MOST);
  check_closed();
  check_event_add(&open_now, 1);
  CHECK_OK(libsched_dispatcher_shutdown(dispatcher, LIBSCHED_CANCEL, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(check_fate_of(&held), CHECK_CLEARED);
  CHECK_EQ(saw_cancelled, 1);
  CHECK_EQ(check_dispatcher_stats(dispatcher).cancelled, MOST + 1);
  end();
}

/* First the one mode, and then, when it takes too long, the other one. */
CASE(drain_and_then_cancel) {
  libsched_cancel *cancel = 0;
  CHECK_OK(libsched_cancel_create(&cancel));
  CHECK_OK(libsched_cancel_trigger(cancel));
  start(1, MOST);
  CHECK_STATUS(
      libsched_dispatcher_shutdown(dispatcher, LIBSCHED_DRAIN, LIBSCHED_FOREVER, cancel, 0),
      LIBSCHED_E_CANCELLED);
  check_closed();
  CHECK_EQ(check_channel_len(channel), MOST);
  CHECK_STATUS(libsched_dispatcher_shutdown(dispatcher, LIBSCHED_CANCEL, 0, 0, 0),
               LIBSCHED_E_TIMEOUT);
  CHECK_EQ(check_fates(waits, MOST, CHECK_DROPPED), MOST);
  check_event_add(&open_now, 1);
  CHECK_OK(libsched_dispatcher_wait(dispatcher, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(check_fate_of(&held), CHECK_CLEARED);
  libsched_cancel_unref(cancel);
  end();
}

CASE(cancel_and_then_drain) {
  start(1, MOST);
  CHECK_STATUS(libsched_dispatcher_shutdown(dispatcher, LIBSCHED_CANCEL, 0, 0, 0),
               LIBSCHED_E_TIMEOUT);
  check_event_add(&open_now, 1);
  CHECK_OK(libsched_dispatcher_shutdown(dispatcher, LIBSCHED_DRAIN, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(check_fate_of(&held), CHECK_CLEARED);
  CHECK_EQ(check_fates(waits, MOST, CHECK_DROPPED), MOST);
  end();
}

/* Closed channels that still have tasks are cleared too. */
CASE(cancel_clears_what_was_closed) {
  start(1, MOST);
  libsched_channel_unref(channel);
  channel = 0;
  CHECK_STATUS(libsched_dispatcher_shutdown(dispatcher, LIBSCHED_CANCEL, 0, 0, 0),
               LIBSCHED_E_TIMEOUT);
  CHECK_EQ(check_fates(waits, MOST, CHECK_DROPPED), MOST);
  check_event_add(&open_now, 1);
  CHECK_OK(libsched_dispatcher_wait(dispatcher, LIBSCHED_FOREVER, 0, 0));
  end();
}

CASE(modes_are_checked) {
  libsched_error *error = 0;
  pool = check_pool_new(1, 0);
  dispatcher = check_dispatcher_fates(pool, 0);
  CHECK_STATUS(libsched_dispatcher_shutdown(dispatcher, 2, LIBSCHED_FOREVER, 0, &error),
               LIBSCHED_E_RANGE);
  CHECK_STATUS(libsched_error_status(error), LIBSCHED_E_RANGE);
  libsched_error_free(error);
  channel = check_channel_new(dispatcher, 0, 0);
  CHECK_OK(libsched_channel_close(channel));
  end();
}

static void without_workers(uint32_t mode) {
  int i;
  pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
  dispatcher = check_dispatcher_fates(pool, 0);
  channel = check_channel_new(dispatcher, 0, 0);
  for (i = 0; i < MOST; ++i) check_send(channel, &waits[i]);
  CHECK_OK(libsched_dispatcher_shutdown(dispatcher, mode, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(check_fates(waits, MOST, mode == LIBSCHED_DRAIN ? CHECK_FINALIZED : CHECK_DROPPED),
           MOST);
  end();
}

CASE(drain_without_workers) { without_workers(LIBSCHED_DRAIN); }
CASE(cancel_without_workers) { without_workers(LIBSCHED_CANCEL); }

/* --- with the pool --- */

CASE(pool_drain_runs_what_is_queued) {
  libsched_dispatcher *other = 0;
  libsched_error *error = 0;
  start(2, MOST);
  CHECK_OK(libsched_channel_pause(channel));
  CHECK_STATUS(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  check_closed();
  CHECK_STATUS(libsched_dispatcher_create(&other, pool, 0, &error), LIBSCHED_E_CLOSED);
  CHECK_PTR(other, 0);
  CHECK_STATUS(libsched_error_status(error), LIBSCHED_E_CLOSED);
  libsched_error_free(error);
  check_event_add(&open_now, 1);
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(check_fate_of(&held), CHECK_FINALIZED);
  CHECK_EQ(check_fates(waits, MOST, CHECK_FINALIZED), MOST);
  CHECK_OK(libsched_dispatcher_wait(dispatcher, 0, 0, 0));
  check_closed();
  end();
}

CASE(pool_cancel_discards_what_is_queued) {
  start(2, MOST);
  CHECK_STATUS(libsched_pool_shutdown(pool, LIBSCHED_CANCEL, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_EQ(check_fates(waits, MOST, CHECK_DROPPED), MOST);
  check_closed();
  check_event_add(&open_now, 1);
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_CANCEL, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(check_fate_of(&held), CHECK_CLEARED);
  CHECK_EQ(saw_cancelled, 1);
  CHECK_OK(libsched_dispatcher_wait(dispatcher, 0, 0, 0));
  end();
}

CASE(pool_drain_and_then_cancel) {
  start(1, MOST);
  CHECK_STATUS(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_STATUS(libsched_pool_shutdown(pool, LIBSCHED_CANCEL, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  check_event_add(&open_now, 1);
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_CANCEL, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(check_fate_of(&held), CHECK_CLEARED);
  CHECK_EQ(check_fates(waits, MOST, CHECK_DROPPED), MOST);
  end();
}

/* The last handle of the pool goes, and later those of dispatcher and channel, in either order. */
static void pool_unref(int channel_first) {
  start(1, MOST);
  libsched_pool_unref(pool);
  CHECK_EQ(check_fates(waits, MOST, CHECK_DROPPED), MOST);
  check_closed();
  check_event_add(&open_now, 1);
  CHECK_OK(libsched_dispatcher_wait(dispatcher, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(check_fate_of(&held), CHECK_CLEARED);
  CHECK_OK(libsched_channel_clear(0, 0, channel));
  CHECK_OK(libsched_channel_set_limit(channel, 3));
  CHECK_OK(libsched_dispatcher_set_limit(dispatcher, 3));
  if (channel_first) libsched_channel_unref(channel);
  libsched_dispatcher_unref(dispatcher);
  if (!channel_first) {
    dispatcher = 0;
    check_closed();
    libsched_channel_unref(channel);
  }
  check_fair_gone();
}

CASE(pool_unref_then_channel) { pool_unref(1); }
CASE(pool_unref_then_dispatcher) { pool_unref(0); }

CASE(pool_unref_without_workers) {
  int i;
  pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
  dispatcher = check_dispatcher_fates(pool, 0);
  channel = check_channel_new(dispatcher, 0, 0);
  for (i = 0; i < MOST; ++i) check_send(channel, &waits[i]);
  libsched_pool_unref(pool);
  CHECK_EQ(check_fates(waits, MOST, CHECK_DROPPED), MOST);
  libsched_channel_unref(channel);
  libsched_dispatcher_unref(dispatcher);
  check_fair_gone();
}

/* --- by the last handle --- */

CASE(last_unref_clears_and_does_not_wait) {
  start(1, MOST);
  CHECK_PTR(libsched_dispatcher_ref(dispatcher), dispatcher);
  libsched_dispatcher_unref(dispatcher);
  CHECK_EQ(check_channel_len(channel), MOST);
  libsched_dispatcher_unref(dispatcher);
  dispatcher = 0;
  CHECK_EQ(check_fates(waits, MOST, CHECK_DROPPED), MOST);
  CHECK_EQ(held.discards, 0);
  check_closed();
  check_event_add(&open_now, 1);
  check_pool_idle(pool);
  CHECK_EQ(check_fate_of(&held), CHECK_CLEARED);
  CHECK_EQ(check_channel_stats(channel).cancelled, MOST + 1);
  end();
}

/* By a task of its own; the channel's by a task of that channel. */
static int drop_both(libsched_task *task, void *data) {
  check_fate_work(task, data);
  libsched_channel_unref(channel);
  libsched_dispatcher_unref(dispatcher);
  CHECK_EQ(libsched_task_cancelled(task), 1);
  return 0;
}

static void unref_inside(uint32_t workers) {
  int i;
  pool = check_pool_new(workers, 0);
  dispatcher = check_dispatcher_fates(pool, 1);
  channel = check_channel_new(dispatcher, 0, 0);
  CHECK_OK(libsched_dispatcher_pause(dispatcher));
  CHECK_OK(libsched_channel_send_task(channel, drop_both, check_fate_finalize, &held,
                                      check_fate_discard, LIBSCHED_FOREVER, 0));
  for (i = 0; i < MOST; ++i) check_send(channel, &waits[i]);
  CHECK_OK(libsched_dispatcher_resume(dispatcher));
  check_pool_idle(pool);
  CHECK_EQ(check_fate_of(&held), CHECK_CLEARED);
  CHECK_EQ(check_fates(waits, MOST, CHECK_DROPPED), MOST);
  check_pool_end(pool, LIBSCHED_DRAIN);
  check_fair_gone();
}

CASE(last_unref_inside_a_task) { unref_inside(1); }
CASE(last_unref_inside_a_task_without_workers) { unref_inside(LIBSCHED_NO_WORKERS); }

/* An idle one may go at any time, before its pool or after. */
CASE(of_idle_ones) {
  int order;
  for (order = 0; order < 4; ++order) {
    pool = check_pool_new(order < 2 ? 1 : LIBSCHED_NO_WORKERS, 0);
    dispatcher = check_dispatcher_fates(pool, 0);
    if (order % 2 == 0) libsched_pool_unref(pool);
    libsched_dispatcher_unref(dispatcher);
    if (order % 2 != 0) libsched_pool_unref(pool);
    check_fair_gone();
  }
}

CASES = {RUN(drain_runs_what_is_queued),
         RUN(cancel_clears_the_channels),
         RUN(drain_and_then_cancel),
         RUN(cancel_and_then_drain),
         RUN(cancel_clears_what_was_closed),
         RUN(modes_are_checked),
         RUN(drain_without_workers),
         RUN(cancel_without_workers),
         RUN(pool_drain_runs_what_is_queued),
         RUN(pool_cancel_discards_what_is_queued),
         RUN(pool_drain_and_then_cancel),
         RUN(pool_unref_then_channel),
         RUN(pool_unref_then_dispatcher),
         RUN(pool_unref_without_workers),
         RUN(last_unref_clears_and_does_not_wait),
         RUN(last_unref_inside_a_task),
         RUN(last_unref_inside_a_task_without_workers),
         RUN(of_idle_ones),
         CASES_END};
