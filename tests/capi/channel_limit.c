/*
 * Limits: never more tasks run than the limit in force, counted inside of them, and as many as it says do.
 *
 * Tasks that are counted here have started in the dispatcher before, and end there later. So what holds for its count holds
 * for this one: a raised limit is a ceiling from before the call on, a lowered one as soon as the call has returned and the
 * running number has come down to it.
 */
#include "check_fair.h"

enum { CHANNELS = 3, WORKERS = 16 };

typedef struct counted {
  pthread_mutex_t mutex;
  int64_t running;
  int64_t ceiling;
} counted;

static counted all;
static counted each[CHANNELS];
static int64_t ended;

static void counted_start(counted *c, int64_t ceiling) {
  memset(c, 0, sizeof(*c));
  pthread_mutex_init(&c->mutex, 0);
  c->ceiling = ceiling;
}

static void counted_add(counted *c, int n) {
  pthread_mutex_lock(&c->mutex);
  c->running += n;
  CHECK_LE(c->running, c->ceiling);
  pthread_mutex_unlock(&c->mutex);
}

static void set_ceiling(counted *c, int64_t ceiling) {
  pthread_mutex_lock(&c->mutex);
  CHECK_LE(c->running, ceiling);
  c->ceiling = ceiling;
  pthread_mutex_unlock(&c->mutex);
}

static int count_it(libsched_task *task, void *data) {
  counted *own = (counted *)data;
  (void)task;
  counted_add(&all, 1);
  counted_add(own, 1);
  if (CHECK_ADD(ended, 1) % 4 == 0) check_pause_ms(0);
  counted_add(own, -1);
  counted_add(&all, -1);
  return 0;
}

static libsched_pool *pool;
static libsched_dispatcher *dispatcher;
static libsched_channel *channels[CHANNELS];

static int64_t running_of(int channel) {
  return channel < 0 ? (int64_t)check_dispatcher_stats(dispatcher).running
                     : check_in_flight(channels[channel]);
}

static void change(int channel, uint32_t limit) {
  counted *c = channel < 0 ? &all : &each[channel];
  int raised = limit > c->ceiling;
  int64_t running;
  if (raised) set_ceiling(c, limit);
  if (channel < 0)
    CHECK_OK(libsched_dispatcher_set_limit(dispatcher, limit));
  else
    CHECK_OK(libsched_channel_set_limit(channels[channel], limit));
  if (raised) return;
  do {
    running = running_of(channel);
    set_ceiling(c, running > limit ? running : limit);
  } while (running > limit);
}

static int32_t stop;

static void *change_limits(void *data) {
  uint64_t seed = 11;
  (void)data;
  while (!CHECK_GET(stop)) {
    int channel = (int)(check_random(&seed) % (CHANNELS + 1)) - 1;
    change(channel, 1 + check_random(&seed) % (channel < 0 ? WORKERS : 6));
    if (check_random(&seed) % 16 == 0) check_pause_ms(1);
  }
  return 0;
}

CASE(they_are_exact_while_they_change) {
  pthread_t changer;
  int n = CHECK_SCALE(60000, 9000);
  int i;
  pool = check_pool_new(WORKERS, 0);
  dispatcher = check_dispatcher_new(pool, count_it, 5);
  counted_start(&all, 5);
  for (i = 0; i < CHANNELS; ++i) {
    libsched_channel_options options = LIBSCHED_CHANNEL_OPTIONS_INIT;
    options.limit = 2;
    options.priority = (uint32_t)i;
    channels[i] = check_channel_with(dispatcher, &options);
    counted_start(&each[i], 2);
  }
  changer = check_spawn(change_limits, 0);
  for (i = 0; i < n; ++i) check_send(channels[i % CHANNELS], &each[i % CHANNELS]);
  CHECK_UNTIL(CHECK_GET(ended) == n);
  CHECK_SET(stop, 1);
  check_join(changer);
  for (i = 0; i < CHANNELS; ++i) libsched_channel_unref(channels[i]);
  check_dispatcher_end(dispatcher, LIBSCHED_DRAIN);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* As many as may run do: each waits until all of them are there. */
static check_overlap together;

static void as_many_run(uint32_t workers, uint32_t limit, uint32_t channel_limit, int want) {
  int i;
  pool = check_pool_new(workers, 0);
  dispatcher = check_dispatcher_new(pool, check_together_run, limit);
  channels[0] = check_channel_new(dispatcher, 0, channel_limit);
  memset(&together, 0, sizeof(together));
  together.most = want;
  for (i = 0; i < want; ++i) check_send(channels[0], &together);
  check_pool_idle(pool);
  CHECK_EQ(together.ended, want);
  libsched_channel_unref(channels[0]);
  check_dispatcher_end(dispatcher, LIBSCHED_DRAIN);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(as_many_run_as_may) {
  as_many_run(16, 0, 0, 16);
  as_many_run(16, 7, 0, 7);
  as_many_run(16, 0, 5, 5);
  as_many_run(4, 9, 9, 4);
}

/* The same after a limit was raised with tasks at the old one, and after a pause. */
static void raised(int of_the_channel) {
  int i;
  check_gate gate = CHECK_GATE_INIT;
  pool = check_pool_new(8, 0);
  dispatcher = check_dispatcher_new(pool, check_gate_run, of_the_channel ? 8 : 1);
  channels[0] = check_channel_new(dispatcher, 0, of_the_channel ? 1 : 0);
  for (i = 0; i < 8; ++i) check_send(channels[0], &gate);
  CHECK_AWAIT(&gate.entered, 1);
  CHECK_EQ(check_in_flight(channels[0]), 1);
  for (i = 2; i <= 8; i += 3) {
    if (of_the_channel)
      CHECK_OK(libsched_channel_set_limit(channels[0], (uint32_t)i));
    else
      CHECK_OK(libsched_dispatcher_set_limit(dispatcher, (uint32_t)i));
    CHECK_AWAIT(&gate.entered, i);
    CHECK_EQ(check_event_count(&gate.entered), i);
    CHECK_EQ(check_in_flight(channels[0]), i);
    CHECK_EQ(of_the_channel ? check_channel_stats(channels[0]).limit
                            : check_dispatcher_stats(dispatcher).limit,
             i);
  }
  check_gate_open(&gate);
  libsched_channel_unref(channels[0]);
  check_dispatcher_end(dispatcher, LIBSCHED_DRAIN);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(a_raised_limit_starts_more) { raised(0); }
CASE(a_raised_limit_of_a_channel_starts_more) { raised(1); }

/* 0 is the number of workers for the dispatcher, and none for a channel. */
CASE(the_default) {
  pool = check_pool_new(3, 0);
  dispatcher = check_dispatcher_new(pool, check_count_run, 0);
  CHECK_EQ(check_dispatcher_stats(dispatcher).limit, 3);
  CHECK_OK(libsched_dispatcher_set_limit(dispatcher, 9));
  CHECK_EQ(check_dispatcher_stats(dispatcher).limit, 9);
  CHECK_OK(libsched_dispatcher_set_limit(dispatcher, 0));
  CHECK_EQ(check_dispatcher_stats(dispatcher).limit, 3);
  channels[0] = check_channel_new(dispatcher, 0, 0);
  CHECK_EQ(check_channel_stats(channels[0]).limit, 0);
  CHECK_OK(libsched_channel_set_limit(channels[0], 2));
  CHECK_EQ(check_channel_stats(channels[0]).limit, 2);
  CHECK_OK(libsched_channel_set_limit(channels[0], 0));
  CHECK_EQ(check_channel_stats(channels[0]).limit, 0);
  libsched_channel_unref(channels[0]);
  check_dispatcher_end(dispatcher, LIBSCHED_DRAIN);
  check_pool_end(pool, LIBSCHED_DRAIN);
  pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
  dispatcher = check_dispatcher_new(pool, check_count_run, 0);
  CHECK_EQ(check_dispatcher_stats(dispatcher).limit, 1);
  check_dispatcher_end(dispatcher, LIBSCHED_DRAIN);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* A task that waits counts, whoever stands in for its worker. */
static int block_and_count(libsched_task *task, void *data) {
  CHECK_OK(libsched_blocking_begin());
  count_it(task, data);
  CHECK_OK(libsched_blocking_end());
  return 0;
}

CASE(blocked_tasks_count) {
  int n = CHECK_SCALE(2000, 300);
  int i;
  pool = check_pool_new(2, 0);
  dispatcher = check_dispatcher_new(pool, block_and_count, 3);
  channels[0] = check_channel_new(dispatcher, 0, 0);
  counted_start(&all, 3);
  counted_start(&each[0], 3);
  for (i = 0; i < n; ++i) check_send(channels[0], &each[0]);
  check_pool_idle(pool);
  CHECK_EQ(ended, n);
  libsched_channel_unref(channels[0]);
  check_dispatcher_end(dispatcher, LIBSCHED_DRAIN);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* --- pause and resume --- */

static void paused_on(uint32_t workers, int of_the_channel) {
  libsched_channel *other;
  int64_t count = 0;
  int64_t others = 0;
  int i;
  pool = check_pool_new(workers, 0);
  dispatcher = check_dispatcher_new(pool, check_count_run, 0);
  channels[0] = check_channel_new(dispatcher, 0, 0);
  other = check_channel_new(dispatcher, 0, 0);
  for (i = 0; i < 2; ++i) {
    if (of_the_channel)
      CHECK_OK(libsched_channel_pause(channels[0]));
    else
      CHECK_OK(libsched_dispatcher_pause(dispatcher));
    CHECK_EQ(check_channel_stats(channels[0]).paused, of_the_channel);
    CHECK_EQ(check_dispatcher_stats(dispatcher).paused, !of_the_channel);
  }
  for (i = 0; i < 10; ++i) {
    check_send(channels[0], &count);
    check_send(other, &others);
  }
  if (of_the_channel) {
    while (workers == LIBSCHED_NO_WORKERS && libsched_pool_run_one(pool) == LIBSCHED_OK) {
    }
    CHECK_UNTIL(CHECK_GET(others) == 10);
  } else {
    while (workers == LIBSCHED_NO_WORKERS && libsched_pool_run_one(pool) == LIBSCHED_OK) {
    }
    CHECK_EQ(CHECK_GET(others), 0);
  }
  CHECK_EQ(check_channel_len(channels[0]), 10);
  CHECK_EQ(CHECK_GET(count), 0);
  for (i = 0; i < 2; ++i) {
    if (of_the_channel)
      CHECK_OK(libsched_channel_resume(channels[0]));
    else
      CHECK_OK(libsched_dispatcher_resume(dispatcher));
  }
  check_pool_idle(pool);
  CHECK_EQ(count, 10);
  CHECK_EQ(others, 10);
  CHECK_EQ(check_channel_stats(channels[0]).paused, 0);
  CHECK_EQ(check_dispatcher_stats(dispatcher).paused, 0);
  libsched_channel_unref(other);
  libsched_channel_unref(channels[0]);
  check_dispatcher_end(dispatcher, LIBSCHED_DRAIN);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(pause_of_a_channel) {
  paused_on(1, 1);
  paused_on(16, 1);
  paused_on(LIBSCHED_NO_WORKERS, 1);
}
CASE(pause_of_a_dispatcher) {
  paused_on(1, 0);
  paused_on(16, 0);
  paused_on(LIBSCHED_NO_WORKERS, 0);
}

/* When pause has returned nothing starts; what runs goes on. */
static int64_t started;
static check_event begun = CHECK_EVENT_INIT;

static int note_start(libsched_task *task, void *data) {
  (void)task;
  (void)data;
  CHECK_ADD(started, 1);
  check_event_add(&begun, 1);
  return 0;
}

CASE(nothing_starts_after_a_pause) {
  int round;
  pool = check_pool_new(4, 0);
  dispatcher = check_dispatcher_new(pool, note_start, 0);
  channels[0] = check_channel_new(dispatcher, 0, 0);
  for (round = 0; round < CHECK_SCALE(500, 100); ++round) {
    int64_t seen;
    int i;
    for (i = 0; i < 50; ++i) check_send(channels[0], 0);
    CHECK_AWAIT(&begun, 50 * round + 1 + round % 20);
    if (round % 2 == 0)
      CHECK_OK(libsched_channel_pause(channels[0]));
    else
      CHECK_OK(libsched_dispatcher_pause(dispatcher));
    seen = (int64_t)check_channel_stats(channels[0]).turns;
    CHECK_UNTIL(check_in_flight(channels[0]) == 0);
    CHECK_EQ(check_channel_stats(channels[0]).turns, seen);
    CHECK_EQ(CHECK_GET(started), seen);
    CHECK_EQ(check_channel_len(channels[0]), 50 * (round + 1) - seen);
    CHECK_OK(libsched_channel_resume(channels[0]));
    CHECK_OK(libsched_dispatcher_resume(dispatcher));
    check_pool_idle(pool);
  }
  libsched_channel_unref(channels[0]);
  check_dispatcher_end(dispatcher, LIBSCHED_DRAIN);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASES = {RUN(they_are_exact_while_they_change),
         RUN(as_many_run_as_may),
         RUN(a_raised_limit_starts_more),
         RUN(a_raised_limit_of_a_channel_starts_more),
         RUN(the_default),
         RUN(blocked_tasks_count),
         RUN(pause_of_a_channel),
         RUN(pause_of_a_dispatcher),
         RUN(nothing_starts_after_a_pause),
         CASES_END};
