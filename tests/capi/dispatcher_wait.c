/* libsched_dispatcher_wait: what it waits for, from where it may be called, and how it ends. */
#include "check_fair.h"

static libsched_pool *pool;
static libsched_dispatcher *dispatcher;

static void start(uint32_t workers, uint32_t limit) {
  pool = check_pool_new(workers, 0);
  dispatcher = check_dispatcher_new(pool, check_count_run, limit);
}

static void end(void) {
  libsched_dispatcher_unref(dispatcher);
  check_pool_end(pool, LIBSCHED_DRAIN);
  check_fair_gone();
}

CASE(without_channels_it_returns_at_once) {
  libsched_error *error = (libsched_error *)UNTOUCHED;
  start(1, 0);
  CHECK_OK(libsched_dispatcher_wait(dispatcher, 0, 0, &error));
  CHECK(error == 0);
  CHECK_OK(libsched_dispatcher_wait(dispatcher, LIBSCHED_FOREVER, 0, 0));
  end();
}

/* An open channel counts, also an empty one; a closed one until its last task has ended. */
static void wait_on(uint32_t workers) {
  libsched_channel *channel;
  libsched_error *error = 0;
  int64_t count = 0;
  int i;
  start(workers, 0);
  channel = check_channel_new(dispatcher, 0, 0);
  CHECK_STATUS(libsched_dispatcher_wait(dispatcher, 0, 0, &error), LIBSCHED_E_TIMEOUT);
  CHECK_STATUS(libsched_error_status(error), LIBSCHED_E_TIMEOUT);
  CHECK(strstr(libsched_error_message(error), "1 channels") != 0);
  libsched_error_free(error);
  CHECK_STATUS(libsched_dispatcher_wait(dispatcher, 1000000, 0, 0), LIBSCHED_E_TIMEOUT);
  for (i = 0; i < 100; ++i) check_send(channel, &count);
  CHECK_OK(libsched_channel_close(channel));
  CHECK_OK(libsched_dispatcher_wait(dispatcher, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(count, 100);
  CHECK_EQ(check_dispatcher_stats(dispatcher).channels, 0);
  /* It ends nothing: the next channel may come. */
  libsched_channel_unref(channel);
  channel = check_channel_new(dispatcher, 0, 0);
  check_send(channel, &count);
  libsched_channel_unref(channel);
  CHECK_OK(libsched_dispatcher_wait(dispatcher, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(count, 101);
  end();
}

CASE(with_one_worker) { wait_on(1); }
CASE(with_many_workers) { wait_on(16); }
CASE(without_workers) { wait_on(LIBSCHED_NO_WORKERS); }

CASE(a_cancel_ends_it) {
  libsched_cancel *cancel = 0;
  libsched_channel *channel;
  start(1, 0);
  channel = check_channel_new(dispatcher, 0, 0);
  CHECK_OK(libsched_cancel_create(&cancel));
  CHECK_OK(libsched_cancel_trigger(cancel));
  CHECK_STATUS(libsched_dispatcher_wait(dispatcher, LIBSCHED_FOREVER, cancel, 0),
               LIBSCHED_E_CANCELLED);
  libsched_channel_unref(channel);
  CHECK_OK(libsched_dispatcher_wait(dispatcher, LIBSCHED_FOREVER, cancel, 0));
  libsched_cancel_unref(cancel);
  end();
}

/* Several threads wait, and all are told. */
static int64_t waiting;

static void *wait_in_thread(void *data) {
  (void)data;
  CHECK_ADD(waiting, 1);
  CHECK_OK(libsched_dispatcher_wait(dispatcher, LIBSCHED_FOREVER, 0, 0));
  return 0;
}

CASE(all_that_wait_are_told) {
  int round;
  start(2, 0);
  for (round = 0; round < CHECK_SCALE(200, 30); ++round) {
    libsched_channel *channel = check_channel_new(dispatcher, 0, 0);
    pthread_t threads[3];
    int64_t count = 0;
    int i;
    CHECK_SET(waiting, 0);
    for (i = 0; i < 3; ++i) threads[i] = check_spawn(wait_in_thread, 0);
    CHECK_UNTIL(CHECK_GET(waiting) > round % 4 || CHECK_GET(waiting) == 3);
    check_send(channel, &count);
    libsched_channel_unref(channel);
    for (i = 0; i < 3; ++i) check_join(threads[i]);
    CHECK_EQ(count, 1);
  }
  end();
}

/* A clear ends tasks only when their discard functions have returned. */
static check_gate discard_gate = CHECK_GATE_INIT;

static void discard_at_the_gate(void *data) {
  (void)data;
  check_event_add(&discard_gate.entered, 1);
  CHECK_AWAIT(&discard_gate.open, 1);
}

static void *clear_it(void *data) {
  uint64_t dropped = 0;
  CHECK_OK(libsched_channel_clear(&dropped, 0, (libsched_channel *)data));
  CHECK_EQ(dropped, 1);
  return 0;
}

CASE(it_waits_for_discards) {
  libsched_channel *channel;
  pthread_t clearer;
  pthread_t waiter;
  start(1, 0);
  channel = check_channel_new(dispatcher, 0, 0);
  CHECK_OK(libsched_channel_pause(channel));
  CHECK_OK(libsched_channel_send_task(channel, check_count_run, 0, 0, discard_at_the_gate,
                                      LIBSCHED_FOREVER, 0));
  CHECK_OK(libsched_channel_close(channel));
  clearer = check_spawn(clear_it, channel);
  CHECK_AWAIT(&discard_gate.entered, 1);
  CHECK_STATUS(libsched_dispatcher_wait(dispatcher, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_STATUS(libsched_dispatcher_shutdown(dispatcher, LIBSCHED_CANCEL, 1000000, 0, 0),
               LIBSCHED_E_TIMEOUT);
  waiter = check_spawn(wait_in_thread, 0);
  check_gate_open(&discard_gate);
  check_join(waiter);
  check_join(clearer);
  CHECK_OK(libsched_dispatcher_wait(dispatcher, 0, 0, 0));
  libsched_channel_unref(channel);
  end();
}

/* From its own tasks it could only wait for itself: in work, finalize and discard, however it is nested. */
static int64_t refused;

static void check_refused(void) {
  libsched_error *error = 0;
  CHECK_STATUS(libsched_dispatcher_wait(dispatcher, 0, 0, &error), LIBSCHED_E_DEADLOCK);
  CHECK_STATUS(libsched_error_status(error), LIBSCHED_E_DEADLOCK);
  CHECK(libsched_error_message(error)[0] != 0);
  libsched_error_free(error);
  CHECK_STATUS(libsched_dispatcher_wait(dispatcher, LIBSCHED_FOREVER, 0, 0), LIBSCHED_E_DEADLOCK);
  CHECK_STATUS(libsched_dispatcher_shutdown(dispatcher, LIBSCHED_DRAIN, LIBSCHED_FOREVER, 0, 0),
               LIBSCHED_E_DEADLOCK);
  CHECK_STATUS(libsched_dispatcher_shutdown(dispatcher, LIBSCHED_CANCEL, 0, 0, &error),
               LIBSCHED_E_DEADLOCK);
  libsched_error_free(error);
  CHECK_ADD(refused, 1);
}

static int refused_in_work(libsched_task *task, void *data) {
  (void)task;
  check_refused();
  return (int)VALUE(data);
}

static void refused_in_finalize(libsched_task *task, int result, void *data) {
  (void)task;
  CHECK_EQ(result, VALUE(data));
  check_refused();
}

static void refused_in_discard(void *data) {
  (void)data;
  check_refused();
}

static int clear_own(libsched_task *task, void *data) {
  uint64_t cancelled = 0;
  CHECK_OK(libsched_channel_clear(0, &cancelled, (libsched_channel *)data));
  CHECK_EQ(cancelled, 1);
  return refused_in_work(task, 0);
}

static void own_tasks(uint32_t workers) {
  libsched_channel *channel;
  start(workers, 0);
  channel = check_channel_new(dispatcher, 0, 0);
  CHECK_OK(libsched_channel_send_task(channel, refused_in_work, refused_in_finalize, ITEM(3),
                                      refused_in_discard, LIBSCHED_FOREVER, 0));
  check_pool_idle(pool);
  CHECK_EQ(refused, 2);
  CHECK_OK(libsched_channel_send_task(channel, clear_own, refused_in_finalize, channel,
                                      refused_in_discard, LIBSCHED_FOREVER, 0));
  check_pool_idle(pool);
  CHECK_EQ(refused, 4);
  CHECK_OK(libsched_channel_pause(channel));
  CHECK_OK(libsched_channel_send_task(channel, clear_own, refused_in_finalize, channel,
                                      refused_in_discard, LIBSCHED_FOREVER, 0));
  CHECK_OK(libsched_channel_clear(0, 0, channel));
  CHECK_EQ(refused, 5);
  /* Nothing has happened by all that. */
  CHECK_OK(libsched_channel_resume(channel));
  CHECK_OK(libsched_channel_send_task(channel, refused_in_work, 0, 0, 0, LIBSCHED_FOREVER, 0));
  check_pool_idle(pool);
  CHECK_EQ(refused, 6);
  libsched_channel_unref(channel);
  CHECK_OK(libsched_dispatcher_wait(dispatcher, LIBSCHED_FOREVER, 0, 0));
  end();
}

CASE(own_tasks_with_one_worker) { own_tasks(1); }
CASE(own_tasks_without_workers) { own_tasks(LIBSCHED_NO_WORKERS); }

static int wait_idle_inside(libsched_task *task, void *data) {
  (void)task;
  CHECK_STATUS(libsched_pool_wait_idle(pool, LIBSCHED_FOREVER, 0, 0), LIBSCHED_E_DEADLOCK);
  CHECK_STATUS(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, 0, 0, 0), LIBSCHED_E_DEADLOCK);
  CHECK_ADD(*(int64_t *)data, 1);
  return 0;
}

CASE(own_tasks_cannot_wait_for_the_pool) {
  libsched_channel *channel;
  int64_t count = 0;
  start(1, 0);
  channel = check_channel_new(dispatcher, 0, 0);
  check_send_task(channel, wait_idle_inside, &count);
  libsched_channel_unref(channel);
  CHECK_OK(libsched_dispatcher_wait(dispatcher, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(count, 1);
  end();
}

/* A task of the pool that is none of the dispatcher's may wait, though it holds the only worker. */
typedef struct inside {
  libsched_channel *channel;
  int64_t count;
  int64_t done;
  uint32_t shut_down;
} inside;

static int wait_inside(libsched_task *task, void *data) {
  inside *in = (inside *)data;
  int i;
  (void)task;
  for (i = 0; i < 50; ++i) check_send(in->channel, &in->count);
  CHECK_STATUS(libsched_dispatcher_wait(dispatcher, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  if (in->shut_down) {
    CHECK_OK(libsched_dispatcher_shutdown(dispatcher, LIBSCHED_DRAIN, LIBSCHED_FOREVER, 0, 0));
  } else {
    CHECK_OK(libsched_channel_close(in->channel));
    CHECK_OK(libsched_dispatcher_wait(dispatcher, LIBSCHED_FOREVER, 0, 0));
  }
  CHECK_EQ(in->count, 50);
  CHECK_ADD(in->done, 1);
  return 0;
}

static void tasks_of_the_pool(uint32_t workers, uint32_t shut_down) {
  inside in = {0, 0, 0, 0};
  start(workers, 0);
  in.channel = check_channel_new(dispatcher, 0, 0);
  in.shut_down = shut_down;
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, wait_inside, &in, 0));
  check_pool_idle(pool);
  CHECK_EQ(in.done, 1);
  libsched_channel_unref(in.channel);
  end();
}

CASE(tasks_of_the_pool_may_wait) { tasks_of_the_pool(1, 0); }
CASE(tasks_of_the_pool_may_shut_down) { tasks_of_the_pool(1, 1); }
CASE(tasks_of_the_pool_may_wait_without_workers) { tasks_of_the_pool(LIBSCHED_NO_WORKERS, 0); }
CASE(tasks_of_the_pool_may_shut_down_without_workers) { tasks_of_the_pool(LIBSCHED_NO_WORKERS, 1); }

CASE(workers_of_another_pool_may_wait) {
  libsched_pool *other = check_pool_new(1, 0);
  inside in = {0, 0, 0, 0};
  start(1, 0);
  in.channel = check_channel_new(dispatcher, 0, 0);
  CHECK_OK(libsched_pool_submit(other, LIBSCHED_NORMAL, wait_inside, &in, 0));
  check_pool_idle(other);
  CHECK_EQ(in.done, 1);
  libsched_channel_unref(in.channel);
  check_pool_end(other, LIBSCHED_DRAIN);
  end();
}

/* So may a task of another dispatcher on the same worker; and each may wait for what the other does not need. */

CASE(tasks_of_another_dispatcher_may_wait) {
  inside in = {0, 0, 0, 0};
  libsched_dispatcher *other;
  libsched_channel *channel;
  start(1, 1);
  other = check_dispatcher_new(pool, wait_inside, 1);
  channel = check_channel_new(other, 0, 0);
  in.channel = check_channel_new(dispatcher, 0, 0);
  check_send(channel, &in);
  libsched_channel_unref(channel);
  CHECK_OK(libsched_dispatcher_wait(other, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(in.done, 1);
  libsched_dispatcher_unref(other);
  libsched_channel_unref(in.channel);
  end();
}

/* Waits inside tasks: a group's wait runs the group's tasks, also when the dispatcher is at its limit. */
static int group_inside(libsched_task *task, void *data) {
  libsched_group *group = 0;
  int64_t count = 0;
  int i;
  (void)task;
  CHECK_OK(libsched_group_create(&group, pool, 0, 0));
  for (i = 0; i < 10; ++i)
    CHECK_OK(libsched_group_submit(group, (uint32_t)i % 3, check_count_run, &count, 0));
  CHECK_OK(libsched_group_wait(0, group, 0, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(count, 10);
  libsched_group_unref(group);
  CHECK_ADD(*(int64_t *)data, 1);
  return 0;
}

static void groups_inside(uint32_t workers, uint32_t limit) {
  libsched_channel *channels[3];
  int64_t count = 0;
  int i;
  start(workers, limit);
  for (i = 0; i < 3; ++i) channels[i] = check_channel_prior(dispatcher, (uint32_t)i, 1);
  for (i = 0; i < CHECK_SCALE(600, 90); ++i) check_send_task(channels[i % 3], group_inside, &count);
  for (i = 0; i < 3; ++i) libsched_channel_unref(channels[i]);
  CHECK_OK(libsched_dispatcher_wait(dispatcher, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(count, CHECK_SCALE(600, 90));
  end();
}

CASE(groups_inside_with_one_worker) { groups_inside(1, 1); }
CASE(groups_inside_with_many_workers) { groups_inside(16, 3); }
CASE(groups_inside_without_workers) { groups_inside(LIBSCHED_NO_WORKERS, 2); }

CASES = {RUN(without_channels_it_returns_at_once),
         RUN(with_one_worker),
         RUN(with_many_workers),
         RUN(without_workers),
         RUN(a_cancel_ends_it),
         RUN(all_that_wait_are_told),
         RUN(it_waits_for_discards),
         RUN(own_tasks_with_one_worker),
         RUN(own_tasks_without_workers),
         RUN(own_tasks_cannot_wait_for_the_pool),
         RUN(tasks_of_the_pool_may_wait),
         RUN(tasks_of_the_pool_may_shut_down),
         RUN(tasks_of_the_pool_may_wait_without_workers),
         RUN(tasks_of_the_pool_may_shut_down_without_workers),
         RUN(workers_of_another_pool_may_wait),
         RUN(tasks_of_another_dispatcher_may_wait),
         RUN(groups_inside_with_one_worker),
         RUN(groups_inside_with_many_workers),
         RUN(groups_inside_without_workers),
         CASES_END};
