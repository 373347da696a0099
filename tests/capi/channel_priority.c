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
  int last = -1;
  int seen = 0;
  int i;
  for (i = 0; i < ran && seen < n; ++i) {
    if (order[i] != priority) continue;
    CHECK_LE(i - last - 1, most);
    last = i;
    ++seen;
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
  /* A worker passes over Normal 8 times and over Low 64 times, and a row that has begun may end. */
  check_gaps(LIBSCHED_NORMAL, 90, 9);
  check_gaps(LIBSCHED_LOW, 10, 80);
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
  /* With several workers the one that has taken the call for this level may wait for its CPU meanwhile. */
  if (workers == 1) CHECK_LE(worst, 80);
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

CASES = {RUN(with_one_worker), RUN(without_workers), RUN(a_flood_starves_nobody), CASES_END};
