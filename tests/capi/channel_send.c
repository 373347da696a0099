/* Bounds, and senders that wait for room: how each such wait ends. */
#include "check_fair.h"

static libsched_pool *pool;
static libsched_dispatcher *dispatcher;
static libsched_channel *channel;

static void start(uint32_t workers, libsched_task_fn work, uint64_t bound, uint32_t limit) {
  pool = check_pool_new(workers, 0);
  dispatcher = check_dispatcher_new(pool, work, 0);
  channel = check_channel_new(dispatcher, bound, limit);
}

static void end(void) {
  libsched_channel_unref(channel);
  check_dispatcher_end(dispatcher, LIBSCHED_DRAIN);
  check_pool_end(pool, LIBSCHED_DRAIN);
  check_fair_gone();
}

static libsched_cancel *new_cancel(void) {
  libsched_cancel *cancel = 0;
  CHECK_OK(libsched_cancel_create(&cancel));
  return cancel;
}

/* Exactly as many as the bound says wait; a refused task stays the caller's. */
CASE(bounds_are_exact) {
  static const uint64_t bounds[] = {1, 2, 3, 5, 7, 23, 24, 25, 63, 100, 1025};
  size_t k;
  for (k = 0; k < sizeof(bounds) / sizeof(bounds[0]); ++k) {
    int64_t count = 0;
    uint64_t i;
    start(LIBSCHED_NO_WORKERS, check_count_run, bounds[k], 0);
    for (i = 0; i < bounds[k]; ++i) CHECK_OK(libsched_channel_try_send(channel, &count));
    CHECK_STATUS(libsched_channel_try_send(channel, 0), LIBSCHED_E_FULL);
    CHECK_STATUS(libsched_channel_send(channel, 0, 0, 0), LIBSCHED_E_TIMEOUT);
    CHECK_EQ(check_channel_len(channel), bounds[k]);
    CHECK_OK(libsched_pool_run_one(pool));
    CHECK_EQ(check_channel_len(channel), bounds[k] - 1);
    CHECK_OK(libsched_channel_try_send(channel, &count));
    CHECK_STATUS(libsched_channel_try_send(channel, 0), LIBSCHED_E_FULL);
    check_pool_idle(pool);
    CHECK_EQ(count, bounds[k] + 1);
    end();
  }
}

CASE(no_bound_by_default) {
  int64_t count = 0;
  int i;
  start(LIBSCHED_NO_WORKERS, check_count_run, 0, 0);
  for (i = 0; i < 100000; ++i) CHECK_OK(libsched_channel_try_send(channel, &count));
  CHECK_EQ(check_channel_len(channel), 100000);
  CHECK_OK(libsched_channel_clear(0, 0, channel));
  CHECK_EQ(check_channel_len(channel), 0);
  CHECK_EQ(count, 0);
  end();
}

CASE(send_n_takes_the_first_ones) {
  void *items[10];
  int64_t counts[10];
  size_t accepted = 77;
  int i;
  memset(counts, 0, sizeof(counts));
  for (i = 0; i < 10; ++i) items[i] = &counts[i];
  start(LIBSCHED_NO_WORKERS, check_count_run, 7, 0);
  CHECK_OK(libsched_channel_send_n(&accepted, channel, items, 10, 0, 0));
  CHECK_EQ(accepted, 7);
  CHECK_STATUS(libsched_channel_send_n(&accepted, channel, items, 10, 1000000, 0),
               LIBSCHED_E_TIMEOUT);
  CHECK_EQ(accepted, 0);
  accepted = 77;
  CHECK_OK(libsched_channel_send_n(&accepted, channel, 0, 0, LIBSCHED_FOREVER, 0));
  CHECK_EQ(accepted, 0);
  check_pool_idle(pool);
  for (i = 0; i < 10; ++i) CHECK_EQ(counts[i], i < 7);
  CHECK_OK(libsched_channel_close(channel));
  CHECK_STATUS(libsched_channel_send_n(&accepted, channel, items, 10, 0, 0), LIBSCHED_E_CLOSED);
  CHECK_EQ(accepted, 0);
  end();
}

/* None is none: nothing to refuse. */
CASE(send_n_of_none_does_nothing) {
  size_t accepted = 77;
  start(1, 0, 1, 0);
  CHECK_OK(libsched_channel_send_n(&accepted, channel, 0, 0, LIBSCHED_FOREVER, 0));
  CHECK_EQ(accepted, 0);
  accepted = 77;
  CHECK_OK(libsched_channel_close(channel));
  CHECK_OK(libsched_channel_send_n(&accepted, channel, 0, 0, LIBSCHED_FOREVER, 0));
  CHECK_EQ(accepted, 0);
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, 0, 0));
  CHECK_OK(libsched_channel_send_n(&accepted, channel, 0, 0, LIBSCHED_FOREVER, 0));
  end();
}

/* With more than there is room for, it waits as long as it may; all come in the end, in order. */
static int64_t next_number;

static int in_order(libsched_task *task, void *data) {
  (void)task;
  CHECK_EQ(VALUE(data), next_number);
  ++next_number;
  return 0;
}

CASE(send_n_waits_for_room) {
  static void *items[1000];
  size_t accepted = 0;
  int i;
  for (i = 0; i < 1000; ++i) items[i] = ITEM(i);
  start(2, in_order, 3, 1);
  CHECK_OK(libsched_channel_send_n(&accepted, channel, items, 1000, LIBSCHED_FOREVER, 0));
  CHECK_EQ(accepted, 1000);
  check_pool_idle(pool);
  CHECK_EQ(next_number, 1000);
  end();
}

/* A sender in its own thread, at a full channel. */
typedef struct sender {
  libsched_cancel *cancel;
  int64_t timeout_ns;
  int64_t *count;
  long id;
  int status;
} sender;

static void *send_it(void *data) {
  sender *s = (sender *)data;
  CHECK_SET(s->id, check_thread_id());
  s->status = libsched_channel_send(channel, s->count, s->timeout_ns, s->cancel);
  return 0;
}

enum { BY_ROOM, BY_CLEAR, BY_CLOSE, BY_CANCEL, BY_SHUTDOWN, BY_POOL };

static void sender_ends(int by, int want) {
  sender s = {0, LIBSCHED_FOREVER, 0, 0, 77};
  int64_t count = 0;
  pthread_t thread;
  start(LIBSCHED_NO_WORKERS, check_count_run, 1, 0);
  s.cancel = new_cancel();
  s.count = &count;
  check_send(channel, &count);
  thread = check_spawn(send_it, &s);
  check_until_asleep(&s.id);
  if (by == BY_ROOM) CHECK_OK(libsched_pool_run_one(pool));
  if (by == BY_CLEAR) CHECK_OK(libsched_channel_clear(0, 0, channel));
  if (by == BY_CLOSE) CHECK_OK(libsched_channel_close(channel));
  if (by == BY_CANCEL) CHECK_OK(libsched_cancel_trigger(s.cancel));
  if (by == BY_SHUTDOWN)
    CHECK_OK(libsched_dispatcher_shutdown(dispatcher, LIBSCHED_CANCEL, LIBSCHED_FOREVER, 0, 0));
  if (by == BY_POOL)
    CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_CANCEL, LIBSCHED_FOREVER, 0, 0));
  check_join(thread);
  CHECK_STATUS(s.status, want);
  libsched_cancel_unref(s.cancel);
  end();
  CHECK_EQ(count, by == BY_ROOM ? 2 : by == BY_CLEAR || by == BY_CLOSE || by == BY_CANCEL);
}

CASE(a_sender_goes_on_when_there_is_room) { sender_ends(BY_ROOM, LIBSCHED_OK); }
CASE(a_sender_goes_on_after_a_clear) { sender_ends(BY_CLEAR, LIBSCHED_OK); }
CASE(a_sender_ends_with_the_channel) { sender_ends(BY_CLOSE, LIBSCHED_E_CLOSED); }
CASE(a_sender_ends_by_its_cancel) { sender_ends(BY_CANCEL, LIBSCHED_E_CANCELLED); }
CASE(a_sender_ends_with_the_dispatcher) { sender_ends(BY_SHUTDOWN, LIBSCHED_E_CLOSED); }
CASE(a_sender_ends_with_the_pool) { sender_ends(BY_POOL, LIBSCHED_E_CLOSED); }

CASE(a_timeout_is_waited_for) {
  int64_t count = 0;
  int64_t begin;
  libsched_cancel *cancel = new_cancel();
  start(LIBSCHED_NO_WORKERS, check_count_run, 1, 0);
  check_send(channel, &count);
  begin = check_now_ns();
  CHECK_STATUS(libsched_channel_send(channel, &count, 20000000, 0), LIBSCHED_E_TIMEOUT);
  CHECK_LE(20000000, check_now_ns() - begin);
  CHECK_OK(libsched_cancel_trigger(cancel));
  CHECK_STATUS(libsched_channel_send(channel, &count, LIBSCHED_FOREVER, cancel),
               LIBSCHED_E_CANCELLED);
  CHECK_STATUS(libsched_channel_send_task(channel, check_count_run, 0, &count, check_count_discard,
                                          LIBSCHED_FOREVER, cancel),
               LIBSCHED_E_CANCELLED);
  check_pool_idle(pool);
  CHECK_EQ(count, 1);
  libsched_cancel_unref(cancel);
  end();
}

/* Many senders at a small bound: never more wait than it says, and all come through. */
static void *send_many(void *data) {
  int i;
  for (i = 0; i < CHECK_SCALE(2000, 400); ++i) {
    check_send(channel, data);
    CHECK_LE(check_channel_len(channel), 3);
  }
  return 0;
}

CASE(many_senders_at_a_small_bound) {
  pthread_t threads[4];
  int64_t count = 0;
  int i;
  start(4, check_count_run, 3, 0);
  for (i = 0; i < 4; ++i) threads[i] = check_spawn(send_many, &count);
  for (i = 0; i < 4; ++i) check_join(threads[i]);
  check_pool_idle(pool);
  CHECK_EQ(count, 4 * CHECK_SCALE(2000, 400));
  end();
}

/* From a task into a full channel: served by a spare when others may run, refused when nothing could make room. */
static int64_t refused;
static int64_t accepted;
static int64_t others;
static int32_t first;

static int send_to_own(libsched_task *task, void *data) {
  int status;
  (void)task;
  if (CHECK_ADD(first, 1) != 1) {
    CHECK_ADD(others, 1);
    return 0;
  }
  CHECK_OK(libsched_channel_try_send(channel, data));
  CHECK_STATUS(libsched_channel_try_send(channel, data), LIBSCHED_E_FULL);
  CHECK_STATUS(libsched_channel_send(channel, data, 1000000, 0), LIBSCHED_E_TIMEOUT);
  status = libsched_channel_send(channel, data, LIBSCHED_FOREVER, 0);
  if (status == LIBSCHED_OK) {
    CHECK_ADD(accepted, 1);
  } else {
    CHECK_STATUS(status, LIBSCHED_E_DEADLOCK);
    CHECK_ADD(refused, 1);
  }
  return 0;
}

static void own_channel(uint32_t workers, uint32_t limit, uint32_t channel_limit) {
  pool = check_pool_new(workers, 0);
  dispatcher = check_dispatcher_new(pool, send_to_own, limit);
  channel = check_channel_new(dispatcher, 1, channel_limit);
  check_send(channel, 0);
  check_pool_idle(pool);
  CHECK_EQ(accepted + refused, 1);
  CHECK_EQ(others, accepted + 1);
  end();
}

CASE(own_channel_at_the_dispatchers_limit) {
  own_channel(1, 1, 0);
  CHECK_EQ(refused, 1);
}
CASE(own_channel_at_its_own_limit) {
  own_channel(1, 4, 1);
  CHECK_EQ(refused, 1);
}
CASE(own_channel_at_its_own_limit_of_many_workers) {
  own_channel(4, 4, 1);
  CHECK_EQ(refused, 1);
}
CASE(own_channel_without_workers) {
  own_channel(LIBSCHED_NO_WORKERS, 4, 0);
  CHECK_EQ(refused, 1);
}

/* The one that the spare runs makes room. */
static int send_until_accepted(libsched_task *task, void *data) {
  (void)task;
  if (CHECK_ADD(first, 1) == 1) {
    int i;
    for (i = 0; i < 20; ++i) CHECK_OK(libsched_channel_send(channel, data, LIBSCHED_FOREVER, 0));
  }
  CHECK_ADD(others, 1);
  return 0;
}

CASE(a_spare_makes_room) {
  pool = check_pool_new(1, 0);
  dispatcher = check_dispatcher_new(pool, send_until_accepted, 2);
  channel = check_channel_new(dispatcher, 1, 0);
  check_send(channel, 0);
  check_pool_idle(pool);
  CHECK_EQ(others, 21);
  end();
}

/* Two at a limit of two, each at a full channel: the second is refused, and its end makes room for the first. */
static check_event met = CHECK_EVENT_INIT;

static int send_when_all_run(libsched_task *task, void *data) {
  int status;
  (void)task;
  if (data == 0) return 0;
  check_event_add(&met, 1);
  CHECK_AWAIT(&met, 2);
  do {
    status = libsched_channel_send(channel, 0, LIBSCHED_FOREVER, 0);
    if (status == LIBSCHED_OK) CHECK_ADD(accepted, 1);
  } while (status == LIBSCHED_OK && CHECK_GET(accepted) < 100);
  if (status != LIBSCHED_OK) CHECK_STATUS(status, LIBSCHED_E_DEADLOCK);
  CHECK_ADD(refused, status != LIBSCHED_OK);
  return 0;
}

CASE(two_that_wait_for_each_other) {
  pool = check_pool_new(2, 0);
  dispatcher = check_dispatcher_new(pool, send_when_all_run, 2);
  channel = check_channel_new(dispatcher, 2, 0);
  check_send(channel, ITEM(1));
  check_send(channel, ITEM(1));
  check_pool_idle(pool);
  CHECK_EQ(refused, 1);
  CHECK_LE(100, accepted);
  end();
}

/* One that runs on the stack of another one holds that one up too. */
static int send_nested(libsched_task *task, void *data) {
  (void)task;
  (void)data;
  CHECK_OK(libsched_channel_try_send(channel, 0));
  CHECK_STATUS(libsched_channel_send(channel, 0, LIBSCHED_FOREVER, 0), LIBSCHED_E_DEADLOCK);
  CHECK_ADD(refused, 1);
  return 0;
}

static int work_of_none(libsched_task *task, void *data) {
  (void)task;
  (void)data;
  return 0;
}

static int drive_inside(libsched_task *task, void *data) {
  libsched_channel *inner = (libsched_channel *)data;
  (void)task;
  CHECK_OK(libsched_channel_send_task(inner, send_nested, 0, 0, 0, LIBSCHED_FOREVER, 0));
  CHECK_UNTIL(CHECK_GET(refused) == 1 || libsched_pool_run_one(pool) != LIBSCHED_OK);
  CHECK_EQ(refused, 1);
  return 0;
}

CASE(nested_without_workers) {
  libsched_channel *inner;
  start(LIBSCHED_NO_WORKERS, work_of_none, 1, 0);
  libsched_dispatcher_unref(dispatcher);
  libsched_channel_unref(channel);
  dispatcher = check_dispatcher_new(pool, work_of_none, 2);
  channel = check_channel_new(dispatcher, 1, 0);
  inner = check_channel_new(dispatcher, 0, 0);
  CHECK_OK(libsched_channel_send_task(inner, drive_inside, 0, inner, 0, LIBSCHED_FOREVER, 0));
  check_pool_idle(pool);
  CHECK_EQ(refused, 1);
  libsched_channel_unref(inner);
  end();
}

/* On a worker: a group's wait runs a task of the dispatcher on the stack of another one. */
static libsched_group *group;

static int leave_group(libsched_task *task, int status) {
  (void)task;
  CHECK_STATUS(status, LIBSCHED_E_DEADLOCK);
  CHECK_ADD(refused, 1);
  CHECK_OK(libsched_group_leave(group, 0));
  return 0;
}

static int fill_and_send(libsched_task *task, void *data) {
  (void)data;
  CHECK_OK(libsched_channel_try_send(channel, 0));
  return leave_group(task, libsched_channel_send(channel, 0, LIBSCHED_FOREVER, 0));
}

static int wait_for_group(libsched_task *task, void *data) {
  (void)task;
  check_send_task((libsched_channel *)data, fill_and_send, 0);
  CHECK_OK(libsched_group_wait(0, group, 0, LIBSCHED_FOREVER, 0, 0));
  return 0;
}

CASE(nested_on_a_worker) {
  libsched_channel *inner;
  pool = check_pool_new(1, 0);
  dispatcher = check_dispatcher_new(pool, work_of_none, 2);
  channel = check_channel_new(dispatcher, 1, 0);
  inner = check_channel_new(dispatcher, 0, 0);
  CHECK_OK(libsched_group_create(&group, pool, 0, 0));
  CHECK_OK(libsched_group_enter(group));
  check_send_task(inner, wait_for_group, inner);
  check_pool_idle(pool);
  CHECK_EQ(refused, 1);
  libsched_group_unref(group);
  libsched_channel_unref(inner);
  end();
}

CASES = {RUN(bounds_are_exact),
         RUN(no_bound_by_default),
         RUN(send_n_takes_the_first_ones),
         RUN(send_n_of_none_does_nothing),
         RUN(send_n_waits_for_room),
         RUN(a_sender_goes_on_when_there_is_room),
         RUN(a_sender_goes_on_after_a_clear),
         RUN(a_sender_ends_with_the_channel),
         RUN(a_sender_ends_by_its_cancel),
         RUN(a_sender_ends_with_the_dispatcher),
         RUN(a_sender_ends_with_the_pool),
         RUN(a_timeout_is_waited_for),
         RUN(many_senders_at_a_small_bound),
         RUN(own_channel_at_the_dispatchers_limit),
         RUN(own_channel_at_its_own_limit),
         RUN(own_channel_at_its_own_limit_of_many_workers),
         RUN(own_channel_without_workers),
         RUN(a_spare_makes_room),
         RUN(two_that_wait_for_each_other),
         RUN(nested_without_workers),
         RUN(nested_on_a_worker),
         CASES_END};
