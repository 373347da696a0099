/* Priorities of channels are the pool's: more urgent ones go first, and the others are not starved. */
#include "check_fair.h"

enum { MOST = 4000 };

static libsched_pool *pool;
static libsched_dispatcher *dispatcher;
static libsched_channel *channels[3]; /* by priority */

static void start(uint32_t workers, uint32_t limit, libsched_task_fn work) {
  int i;
  pool = check_pool_new(workers, 0);
  dispatcher = check_dispatcher_new(pool, work, limit);
  for (i = 0; i < 3; ++i) channels[i] = check_channel_prior(dispatcher, (uint32_t)i, 0);
}

static void end(void) {
  int i;
  for (i = 0; i < 3; ++i) libsched_channel_unref(channels[i]);
  check_dispatcher_end(dispatcher, LIBSCHED_DRAIN);
  check_pool_end(pool, LIBSCHED_DRAIN);
  check_fair_gone();
}

static uint32_t order[MOST];
static int ran;

static int note(libsched_task *task, void *data) {
  (void)task;
  order[ran++] = (uint32_t)VALUE(data);
  return 0;
}

static void fill(uint32_t priority, int n) {
  int i;
  for (i = 0; i < n; ++i) check_send(channels[priority], ITEM(priority));
}

/* Between two services of a level that waits, the more urgent ones have at most so many. */
static void check_gaps(uint32_t priority, int n, int most) {
  int passed = 0;
  int seen = 0;
  int i;
  for (i = 0; i < ran && seen < n; ++i) {
    if (order[i] == priority) {
      passed = 0;
      ++seen;
    } else if (order[i] != LIBSCHED_LOW) {
      CHECK_LE(++passed, most);
    }
  }
  CHECK_EQ(seen, n);
}

static void in_order(uint32_t workers) {
  int i;
  ran = 0;
  start(workers, 1, note);
  CHECK_OK(libsched_dispatcher_pause(dispatcher));
  fill(LIBSCHED_LOW, 10);
  fill(LIBSCHED_NORMAL, 100);
  fill(LIBSCHED_HIGH, 900);
  CHECK_OK(libsched_dispatcher_resume(dispatcher));
  check_pool_idle(pool);
  CHECK_EQ(ran, 1010);
  for (i = 0; i < 5; ++i) CHECK_EQ(order[i], LIBSCHED_HIGH);
  /* The pool's bounds, exactly. */
  check_gaps(LIBSCHED_NORMAL, 90, 8);
  check_gaps(LIBSCHED_LOW, 10, 64);
  end();
}

CASE(with_one_worker) { in_order(1); }
CASE(without_workers) { in_order(LIBSCHED_NO_WORKERS); }

/* A flood that never ends, at a limit below the number of workers: the others have their turns all the same. */
static int64_t high_ones;
static int64_t high_then; /* when the other one ran */
static int32_t stop;

static int go_on(libsched_task *task, void *data) {
  (void)task;
  CHECK_ADD(high_ones, 1);
  if (CHECK_GET(stop)) return 0;
  check_send_task(channels[LIBSCHED_HIGH], go_on, data);
  return 0;
}

static int note_wait(libsched_task *task, void *data) {
  (void)task;
  CHECK_SET(high_then, CHECK_GET(high_ones));
  CHECK_ADD(*(int64_t *)data, 1);
  return 0;
}

static void flood(uint32_t workers, uint32_t limit, uint32_t priority) {
  int64_t count = 0;
  int64_t worst = 0;
  int round;
  int i;
  CHECK_SET(stop, 0);
  start(workers, limit, note_wait);
  for (i = 0; i < 8; ++i) check_send_task(channels[LIBSCHED_HIGH], go_on, 0);
  for (round = 1; round <= CHECK_SCALE(200, 30); ++round) {
    int64_t before;
    check_send(channels[priority], &count);
    before = CHECK_GET(high_ones);
    CHECK_UNTIL(CHECK_GET(count) == round);
    if (high_then - before > worst) worst = high_then - before;
  }
  CHECK_SET(stop, 1);
  check_pool_idle(pool);
  /* With more than one at a time a task that has started may wait for its CPU, while others go on. */
  if (limit == 1) CHECK_LE(worst, 66);
  end();
}

CASE(a_flood_starves_nobody) {
  flood(1, 1, LIBSCHED_LOW);
  flood(1, 1, LIBSCHED_NORMAL);
  flood(2, 1, LIBSCHED_LOW);
  flood(4, 1, LIBSCHED_LOW);
  flood(16, 2, LIBSCHED_LOW);
  flood(16, 16, LIBSCHED_LOW);
  flood(16, 3, LIBSCHED_NORMAL);
}

static int send_high(libsched_task *task, void *data) {
  check_send(channels[LIBSCHED_HIGH], ITEM(LIBSCHED_HIGH));
  return note(task, data);
}

/* At the limit nobody can be called for it: who runs the others sees it. */
CASE(an_urgent_task_is_next_at_the_limit) {
  ran = 0;
  start(1, 1, note);
  CHECK_OK(libsched_dispatcher_pause(dispatcher));
  check_send_task(channels[LIBSCHED_NORMAL], send_high, ITEM(LIBSCHED_NORMAL));
  fill(LIBSCHED_NORMAL, 30);
  CHECK_OK(libsched_dispatcher_resume(dispatcher));
  check_pool_idle(pool);
  CHECK_EQ(ran, 32);
  CHECK_EQ(order[0], LIBSCHED_NORMAL);
  CHECK_EQ(order[1], LIBSCHED_HIGH);
  end();
}

static libsched_channel *narrow;

static int send_three(libsched_task *task, void *data) {
  int i;
  (void)task;
  for (i = 0; i < 3; ++i) check_send_task(narrow, check_count_run, data);
  return 0;
}

/* One that waits for room holds no place at its level, where those run that make room. */
CASE(a_sender_lends_its_place_at_a_capped_level) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  libsched_channel_options channel = LIBSCHED_CHANNEL_OPTIONS_INIT;
  int64_t count = 0;
  options.workers = 2;
  options.high_cap = 1;
  pool = check_pool_with(&options);
  dispatcher = check_dispatcher_new(pool, note, 4);
  channel.priority = LIBSCHED_HIGH;
  channel.bound = 1;
  narrow = check_channel_with(dispatcher, &channel);
  check_send_task(narrow, send_three, &count);
  CHECK_UNTIL(CHECK_GET(count) == 3);
  libsched_channel_unref(narrow);
  check_dispatcher_end(dispatcher, LIBSCHED_DRAIN);
  check_pool_end(pool, LIBSCHED_DRAIN);
  check_fair_gone();
}

CASES = {RUN(with_one_worker),
         RUN(without_workers),
         RUN(a_flood_starves_nobody),
         RUN(an_urgent_task_is_next_at_the_limit),
         RUN(a_sender_lends_its_place_at_a_capped_level),
         CASES_END};
