/* Caps: the most workers that run tasks of one priority at a time. */
#include "check_pool.h"

/* Caps: no more workers than that run a level, and the others stay free. */
typedef struct endless {
  check_event running;
  int64_t now;
  int64_t cap;
  int stop;
} endless;

static int run_endless(libsched_task *task, void *data) {
  endless *e = (endless *)data;
  (void)task;
  CHECK_LE(CHECK_ADD(e->now, 1), e->cap);
  check_event_add(&e->running, 1);
  while (!CHECK_GET(e->stop)) check_pause_ms(1);
  CHECK_ADD(e->now, -1);
  return 0;
}

static int tell(libsched_task *task, void *data) {
  (void)task;
  check_event_add((check_event *)data, 1);
  return 0;
}

CASE(high_starts_beside_capped_endless_low) {
  enum { W = 4 };
  static endless e = {CHECK_EVENT_INIT, 0, W - 1, 0};
  static check_event high = CHECK_EVENT_INIT;
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  libsched_pool *pool;
  int i;
  options.workers = W;
  options.low_cap = W - 1;
  pool = check_pool_with(&options);
  for (i = 0; i < W + 3; ++i)
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_LOW, run_endless, &e, 0));
  CHECK_AWAIT(&e.running, W - 1);
  for (i = 1; i <= 20; ++i) {
    CHECK_OK(libsched_pool_submit(pool, i % 2 ? LIBSCHED_HIGH : LIBSCHED_NORMAL, tell, &high, 0));
    CHECK_AWAIT(&high, i);
  }
  CHECK_EQ(CHECK_GET(e.now), W - 1);
  CHECK_SET(e.stop, 1);
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(check_event_count(&e.running), W + 3);
}

/* Each level's cap is exact under load: nobody ever counts more, and everything runs in the end. */
typedef struct counted {
  int64_t now;
  int64_t cap;
  int64_t ran;
} counted;

static int run_counted(libsched_task *task, void *data) {
  counted *c = (counted *)data;
  (void)task;
  CHECK_LE(CHECK_ADD(c->now, 1), c->cap);
  if (CHECK_ADD(c->ran, 1) % 64 == 0) check_pause_ms(1);
  CHECK_ADD(c->now, -1);
  return 0;
}

static void check_caps(uint32_t high, uint32_t normal, uint32_t low) {
  static counted c[LIBSCHED_PRIORITIES];
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  libsched_pool *pool;
  int n = CHECK_SCALE(3000, 600);
  int i;
  options.workers = 4;
  options.high_cap = high;
  options.normal_cap = normal;
  options.low_cap = low;
  memset(c, 0, sizeof(c));
  c[LIBSCHED_HIGH].cap = high ? high : 4;
  c[LIBSCHED_NORMAL].cap = normal ? normal : 4;
  c[LIBSCHED_LOW].cap = low ? low : 4;
  pool = check_pool_with(&options);
  for (i = 0; i < 3 * n; ++i)
    CHECK_OK(libsched_pool_submit(pool, (uint32_t)i % 3, run_counted, &c[i % 3], 0));
  check_pool_idle(pool);
  for (i = 0; i < 3; ++i) CHECK_EQ(c[i].ran, n);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(low_cap_is_exact) { check_caps(0, 0, 1); }
CASE(all_caps_are_exact) { check_caps(1, 2, 3); }
CASE(caps_of_one_everywhere) { check_caps(1, 1, 1); }

/* Tasks of a capped level that its own worker submits wait their turn too, and all run. */
static int submit_capped(libsched_task *task, void *data) {
  void **both = (void **)data;
  int i;
  (void)task;
  for (i = 0; i < 500; ++i) {
    CHECK_OK(libsched_pool_submit((libsched_pool *)both[0], LIBSCHED_LOW, run_counted, both[1], 0));
  }
  return 0;
}

CASE(capped_work_of_workers_runs_too) {
  static counted c = {0, 1, 0};
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  libsched_pool *pool;
  void *both[2];
  options.workers = 3;
  options.low_cap = 1;
  pool = check_pool_with(&options);
  both[0] = pool;
  both[1] = &c;
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_LOW, submit_capped, both, 0));
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_HIGH, submit_capped, both, 0));
  check_pool_idle(pool);
  CHECK_EQ(c.ran, 1000);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/*
 * A cap goes before a bound: Low work at its cap is passed over for as long as it takes, and no worker waits for it.
 */
CASE(cap_goes_before_a_bound) {
  static endless e = {CHECK_EVENT_INIT, 0, 1, 0};
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  libsched_pool *pool;
  int64_t count = 0;
  int i;
  options.workers = 2;
  options.low_cap = 1;
  options.low_bound = 2;
  pool = check_pool_with(&options);
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_LOW, run_endless, &e, 0));
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_LOW, run_endless, &e, 0));
  CHECK_AWAIT(&e.running, 1);
  for (i = 0; i < 1000; ++i)
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, check_count_run, &count, 0));
  CHECK_UNTIL(CHECK_GET(count) == 1000);
  CHECK_EQ(check_event_count(&e.running), 1);
  CHECK_SET(e.stop, 1);
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(check_event_count(&e.running), 2);
}

/*
 * A worker that has a place at a capped level while it looks around, and then takes other work, gives the place back to
 * somebody who is told: here the other work waits for the capped task, which would never start.
 */
typedef struct couple {
  check_event here;
} couple;

static int meet(libsched_task *task, void *data) {
  couple *c = (couple *)data;
  (void)task;
  check_event_add(&c->here, 1);
  CHECK_AWAIT(&c->here, 2);
  return 0;
}

CASE(free_place_is_not_forgotten) {
  static const couple fresh = {CHECK_EVENT_INIT};
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  libsched_pool *pool;
  int round;
  options.workers = 2;
  options.low_cap = 1;
  options.normal_cap = 1;
  pool = check_pool_with(&options);
  for (round = 0; round < CHECK_SCALE(10000, 1000); ++round) {
    couple c = fresh;
    uint32_t first = round % 2 ? LIBSCHED_HIGH : LIBSCHED_NORMAL;
    CHECK_OK(libsched_pool_submit(pool, first, meet, &c, 0));
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_LOW, meet, &c, 0));
    check_pool_idle(pool);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASES = {RUN(high_starts_beside_capped_endless_low),
         RUN(low_cap_is_exact),
         RUN(all_caps_are_exact),
         RUN(caps_of_one_everywhere),
         RUN(capped_work_of_workers_runs_too),
         RUN(cap_goes_before_a_bound),
         RUN(free_place_is_not_forgotten),
         CASES_END};
