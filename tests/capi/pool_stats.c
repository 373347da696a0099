/* The counts of a pool: exact when it is idle, true while it works, and copied into structs of other sizes. */
#include "check_pool.h"

#define MS ((int64_t)1000000)

/* The two sums that the header promises. */
static void check_sums(libsched_priority_stats s) {
  CHECK_EQ(s.submitted, s.started + s.cancelled + s.queued);
  CHECK_EQ(s.started, s.completed + s.failed + s.active);
}

static void check_all_zero(libsched_priority_stats s) {
  libsched_priority_stats zero;
  memset(&zero, 0, sizeof(zero));
  CHECK_EQ(memcmp(&s, &zero, sizeof(s)), 0);
}

CASE(fresh_pool_has_counted_nothing) {
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_pool_stats stats = check_pool_stats(pool);
  int p;
  CHECK_EQ(stats.workers, 0);
  CHECK_EQ(stats.parked, 0);
  for (p = 0; p < LIBSCHED_PRIORITIES; ++p) check_all_zero(stats.priority[p]);
  CHECK_EQ(stats.steals + stats.retries + stats.parks + stats.wakes, 0);
  CHECK_EQ(stats.overflows + stats.exceeded, 0);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int fail_every_third(libsched_task *task, void *data) {
  (void)task;
  return VALUE(data) % 3 == 0 ? (int)VALUE(data) : 0;
}

CASE(sums_hold_at_idle) {
  libsched_pool *pool = check_pool_new(3, 0);
  static const int64_t counts[LIBSCHED_PRIORITIES] = {3000, 600, 1500};
  int64_t round;
  uint32_t p;
  int64_t i;
  for (round = 1; round <= 5; ++round) {
    for (p = 0; p < LIBSCHED_PRIORITIES; ++p) {
      for (i = 1; i <= counts[p]; ++i)
        CHECK_OK(libsched_pool_submit(pool, p, fail_every_third, ITEM(i), 0));
    }
    check_pool_idle(pool);
    for (p = 0; p < LIBSCHED_PRIORITIES; ++p) {
      libsched_priority_stats s = check_priority_stats(pool, p);
      check_sums(s);
      CHECK_EQ(s.submitted, counts[p] * round);
      CHECK_EQ(s.failed, counts[p] / 3 * round);
      CHECK_EQ(s.completed, counts[p] / 3 * 2 * round);
      CHECK_EQ(s.queued + s.active + s.cancelled, 0);
      CHECK_EQ(s.oldest_wait_ns, 0);
    }
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(counts_while_tasks_wait_and_run) {
  static check_gate gate = CHECK_GATE_INIT;
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_pool_stats stats;
  int64_t ran = 0;
  int i;
  check_gate_hold(&gate, pool, 2);
  for (i = 0; i < 10; ++i)
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_LOW, check_count_run, &ran, 0));
  for (i = 0; i < 5; ++i)
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, check_count_run, &ran, 0));
  /* Nothing moves now; a count may still be a moment old. */
  CHECK_UNTIL(check_priority_stats(pool, LIBSCHED_HIGH).active == 2);
  CHECK_UNTIL(check_priority_stats(pool, LIBSCHED_LOW).queued == 10);
  CHECK_UNTIL(check_priority_stats(pool, LIBSCHED_NORMAL).queued == 5);
  stats = check_pool_stats(pool);
  CHECK_EQ(stats.workers, 2);
  CHECK_EQ(stats.priority[LIBSCHED_LOW].submitted, 10);
  CHECK_EQ(stats.priority[LIBSCHED_LOW].started, 0);
  CHECK_EQ(stats.priority[LIBSCHED_NORMAL].submitted, 5);
  CHECK_EQ(stats.priority[LIBSCHED_HIGH].queued, 0);
  for (i = 0; i < LIBSCHED_PRIORITIES; ++i) check_sums(stats.priority[i]);
  CHECK_STATUS(libsched_pool_shutdown(pool, LIBSCHED_CANCEL, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  check_gate_open(&gate);
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_CANCEL, LIBSCHED_FOREVER, 0, 0));
  stats = check_pool_stats(pool);
  CHECK_EQ(stats.workers, 0);
  CHECK_EQ(stats.parked, 0);
  for (i = 0; i < LIBSCHED_PRIORITIES; ++i) check_sums(stats.priority[i]);
  CHECK_EQ(stats.priority[LIBSCHED_LOW].cancelled, 10);
  CHECK_EQ(stats.priority[LIBSCHED_NORMAL].cancelled, 5);
  CHECK_EQ(stats.priority[LIBSCHED_HIGH].completed, 2);
  CHECK_EQ(ran, 0);
  libsched_pool_unref(pool);
}

CASE(idle_workers_park_and_are_woken) {
  libsched_pool *pool = check_pool_new(2, 0);
  int64_t count = 0;
  uint64_t wakes = 0;
  int round;
  for (round = 0; round < 10; ++round) {
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, check_count_run, &count, 0));
    check_pool_idle(pool);
    CHECK_UNTIL(check_pool_stats(pool).parked == check_pool_stats(pool).workers);
    CHECK(check_pool_stats(pool).parks >= 1);
    if (round > 0) CHECK(check_pool_stats(pool).wakes > wakes);
    wakes = check_pool_stats(pool).wakes;
  }
  CHECK(check_pool_stats(pool).parks >= 10);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* Both tasks that one worker submits must run on others while it waits: they were stolen. */
typedef struct robbery {
  libsched_pool *pool;
  check_event ran;
} robbery;

static int be_stolen(libsched_task *task, void *data) {
  (void)task;
  check_event_add(&((robbery *)data)->ran, 1);
  return 0;
}

static int submit_and_wait(libsched_task *task, void *data) {
  robbery *r = (robbery *)data;
  (void)task;
  CHECK_OK(libsched_pool_submit(r->pool, LIBSCHED_NORMAL, be_stolen, r, 0));
  CHECK_OK(libsched_pool_submit(r->pool, LIBSCHED_NORMAL, be_stolen, r, 0));
  CHECK_AWAIT(&r->ran, 2);
  return 0;
}

CASE(steals_are_counted) {
  static robbery r = {0, CHECK_EVENT_INIT};
  r.pool = check_pool_new(2, 0);
  CHECK_OK(libsched_pool_submit(r.pool, LIBSCHED_NORMAL, submit_and_wait, &r, 0));
  check_pool_idle(r.pool);
  CHECK(check_pool_stats(r.pool).steals >= 1);
  check_pool_end(r.pool, LIBSCHED_DRAIN);
}

/* What one task submits beyond the worker's own queue is counted as overflow, and none of it is lost. */
typedef struct flood {
  libsched_pool *pool;
  int64_t n;
  int64_t ran;
} flood;

static int submit_flood(libsched_task *task, void *data) {
  flood *f = (flood *)data;
  int64_t i;
  (void)task;
  for (i = 0; i < f->n; ++i) {
    CHECK_OK(libsched_pool_submit(f->pool, (uint32_t)i % 3, check_count_run, &f->ran, 0));
  }
  return 0;
}

CASE(overflows_are_counted) {
  flood f;
  libsched_pool_stats stats;
  f.pool = check_pool_new(1, 0);
  f.n = 30000;
  f.ran = 0;
  CHECK_OK(libsched_pool_submit(f.pool, LIBSCHED_NORMAL, submit_flood, &f, 0));
  check_pool_idle(f.pool);
  CHECK_EQ(f.ran, 30000);
  stats = check_pool_stats(f.pool);
  CHECK(stats.overflows >= 1);
  CHECK(stats.overflows <= 30000);
  CHECK_EQ(stats.exceeded, 0);
  check_pool_end(f.pool, LIBSCHED_DRAIN);
}

/* The age of the task that has waited longest, to about 5 ms, and of that one alone. */
static void check_age(libsched_pool *pool, uint32_t p, int64_t before_submit,
                      int64_t after_submit) {
  int64_t at_least = check_now_ns() - after_submit - 20 * MS;
  int64_t age = (int64_t)check_priority_stats(pool, p).oldest_wait_ns;
  CHECK_LE(at_least, age);
  CHECK_LE(age, check_now_ns() - before_submit + 20 * MS);
}

CASE(oldest_wait_is_the_age_of_the_oldest) {
  libsched_pool *pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
  int64_t count = 0;
  int64_t before[2];
  int64_t after[2];
  uint32_t p;
  for (p = 0; p < LIBSCHED_PRIORITIES; ++p) {
    CHECK_EQ(check_priority_stats(pool, p).oldest_wait_ns, 0);
    before[0] = check_now_ns();
    CHECK_OK(libsched_pool_submit(pool, p, check_count_run, &count, 0));
    after[0] = check_now_ns();
    check_pause_ms(60);
    check_age(pool, p, before[0], after[0]);
    before[1] = check_now_ns();
    CHECK_OK(libsched_pool_submit(pool, p, check_count_run, &count, 0));
    after[1] = check_now_ns();
    check_pause_ms(60);
    check_age(pool, p, before[0], after[0]);
    CHECK_OK(libsched_pool_run_one(pool));
    /* The second one is the oldest now. */
    check_age(pool, p, before[1], after[1]);
    CHECK_OK(libsched_pool_run_one(pool));
    CHECK_EQ(check_priority_stats(pool, p).oldest_wait_ns, 0);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(oldest_wait_grows_behind_a_busy_worker) {
  static check_gate gate = CHECK_GATE_INIT;
  libsched_pool *pool = check_pool_new(1, 0);
  int64_t count = 0;
  int64_t start;
  check_gate_hold(&gate, pool, 1);
  start = check_now_ns();
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_LOW, check_count_run, &count, 0));
  CHECK_UNTIL(check_priority_stats(pool, LIBSCHED_LOW).oldest_wait_ns > (uint64_t)(50 * MS));
  CHECK_LE(30 * MS, check_now_ns() - start);
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_NORMAL).oldest_wait_ns, 0);
  check_gate_open(&gate);
  check_pool_idle(pool);
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_LOW).oldest_wait_ns, 0);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* A struct that is longer than the library's is filled as far as the library knows, and zero behind that. */
CASE(stats_struct_may_be_longer) {
  struct {
    libsched_pool_stats stats;
    unsigned char tail[64];
    unsigned char behind[64];
  } longer;
  libsched_pool *pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
  int64_t count = 0;
  int i;
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, check_count_run, &count, 0));
  memset(&longer, 0xaa, sizeof(longer));
  longer.stats.struct_size = sizeof(longer.stats) + sizeof(longer.tail);
  CHECK_OK(libsched_pool_get_stats(&longer.stats, pool));
  CHECK_EQ(longer.stats.priority[LIBSCHED_NORMAL].submitted, 1);
  CHECK_EQ(longer.stats.exceeded, 0);
  for (i = 0; i < 64; ++i) {
    CHECK_EQ(longer.tail[i], 0);
    CHECK_EQ(longer.behind[i], 0xaa);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* No release has had a shorter struct than this one: such a size is a mistake, and nothing is written. */
CASE(stats_struct_may_not_be_shorter) {
  static const size_t sizes[] = {0, 1, sizeof(size_t), 16, sizeof(libsched_pool_stats) - 1};
  libsched_pool *pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
  size_t i;
  for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); ++i) {
    libsched_pool_stats stats;
    libsched_pool_stats copy;
    memset(&stats, 0xaa, sizeof(stats));
    stats.struct_size = sizes[i];
    copy = stats;
    CHECK_STATUS(libsched_pool_get_stats(&stats, pool), LIBSCHED_E_STRUCT_SHORT);
    CHECK_EQ(memcmp(&stats, &copy, sizeof(stats)), 0);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASES = {RUN(fresh_pool_has_counted_nothing),
         RUN(sums_hold_at_idle),
         RUN(counts_while_tasks_wait_and_run),
         RUN(idle_workers_park_and_are_woken),
         RUN(steals_are_counted),
         RUN(overflows_are_counted),
         RUN(oldest_wait_is_the_age_of_the_oldest),
         RUN(oldest_wait_grows_behind_a_busy_worker),
         RUN(stats_struct_may_be_longer),
         RUN(stats_struct_may_not_be_shorter),
         CASES_END};
