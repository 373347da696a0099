/* Exactly one of fn and discard, exactly once, on every path: sixteen workers on few CPUs, and every kind of end. */
#include "check_pool.h"

enum { PRODUCERS = 8, EACH = 3000 };

/* Every path of a task ends in one of these two; a job that was refused must see neither. */
typedef struct record {
  int8_t accepted;
  int8_t runs;
  int8_t discards;
} record;

typedef struct field {
  libsched_pool *pool;
  int64_t begun;
  int64_t each;
  check_event under_way;
  record records[PRODUCERS][EACH];
} field;

static int run_record(libsched_task *task, void *data) {
  (void)task;
  CHECK_ADD(((record *)data)->runs, 1);
  return 0;
}

static void discard_record(void *data) { CHECK_ADD(((record *)data)->discards, 1); }

/* Submits until all are in, or the pool is closed; the refused record is the last that was tried. */
static void *produce(void *data) {
  field *f = (field *)data;
  int64_t me = CHECK_ADD(f->begun, 1) - 1;
  uint64_t seed = (uint64_t)me + 1;
  int64_t i = 0;
  int told = 0;
  while (i < f->each) {
    record *r = &f->records[me][i];
    uint32_t priority = check_random(&seed) % LIBSCHED_PRIORITIES;
    uint32_t kind = check_random(&seed) % 4;
    int status;
    if (!told && i >= f->each / 4) {
      told = 1;
      check_event_add(&f->under_way, 1);
    }
    if (kind == 0) {
      void *items[20];
      size_t accepted = 0;
      size_t n = 1 + check_random(&seed) % 20;
      size_t k;
      if ((int64_t)n > f->each - i) n = (size_t)(f->each - i);
      for (k = 0; k < n; ++k) items[k] = r + k;
      status = libsched_pool_submit_n(&accepted, f->pool, priority, run_record, items, n,
                                      discard_record, LIBSCHED_FOREVER, 0, 0);
      if (status == LIBSCHED_OK) {
        for (k = 0; k < accepted; ++k) r[k].accepted = 1;
        i += (int64_t)accepted;
        continue;
      }
    } else if (kind == 1) {
      status = libsched_pool_try_submit(f->pool, priority, run_record, r, discard_record);
      if (status == LIBSCHED_E_FULL) continue;
    } else if (kind == 2) {
      status =
          libsched_pool_submit_timed(f->pool, priority, run_record, r, discard_record, 50000, 0, 0);
      if (status == LIBSCHED_E_TIMEOUT) continue;
    } else {
      status = libsched_pool_submit(f->pool, priority, run_record, r, discard_record);
    }
    if (status == LIBSCHED_E_CLOSED) break;
    CHECK_OK(status);
    r->accepted = 1;
    ++i;
  }
  if (!told) check_event_add(&f->under_way, 1);
  return 0;
}

enum { DRAIN, CANCEL, DRAIN_THEN_CANCEL };

/* Producers race with a shutdown that comes when they are under way. */
static void check_race(uint32_t workers, uint64_t capacity, int end) {
  static field f;
  pthread_t threads[PRODUCERS];
  libsched_pool_stats stats;
  int64_t accepted = 0;
  int64_t runs = 0;
  int64_t discards = 0;
  int64_t counted[3] = {0, 0, 0};
  int i;
  int k;
  memset(&f.records, 0, sizeof(f.records));
  f.begun = 0;
  f.each = CHECK_SCALE(EACH, EACH / 4);
  f.under_way.count = 0;
  f.pool = check_pool_new(workers, capacity);
  for (i = 0; i < PRODUCERS; ++i) threads[i] = check_spawn(produce, &f);
  CHECK_AWAIT(&f.under_way, PRODUCERS / 2);
  if (end == DRAIN_THEN_CANCEL) {
    int status = libsched_pool_shutdown(f.pool, LIBSCHED_DRAIN, 0, 0, 0);
    CHECK(status == LIBSCHED_OK || status == LIBSCHED_E_TIMEOUT);
  }
  CHECK_OK(libsched_pool_shutdown(f.pool, end == DRAIN ? LIBSCHED_DRAIN : LIBSCHED_CANCEL,
                                  LIBSCHED_FOREVER, 0, 0));
  for (i = 0; i < PRODUCERS; ++i) check_join(threads[i]);
  for (i = 0; i < PRODUCERS; ++i) {
    for (k = 0; k < EACH; ++k) {
      record *r = &f.records[i][k];
      CHECK_EQ(CHECK_GET(r->runs) + CHECK_GET(r->discards), r->accepted);
      accepted += r->accepted;
      runs += r->runs;
      discards += r->discards;
    }
  }
  stats = check_pool_stats(f.pool);
  for (i = 0; i < LIBSCHED_PRIORITIES; ++i) {
    counted[0] += (int64_t)stats.priority[i].submitted;
    counted[1] += (int64_t)stats.priority[i].completed;
    counted[2] += (int64_t)stats.priority[i].cancelled;
    CHECK_EQ(stats.priority[i].queued + stats.priority[i].active + stats.priority[i].failed, 0);
  }
  CHECK_EQ(counted[0], accepted);
  CHECK_EQ(counted[1], runs);
  CHECK_EQ(counted[2], discards);
  if (end == DRAIN) CHECK_EQ(discards, 0);
  printf("%ld accepted, %ld run, %ld discarded\n", (long)accepted, (long)runs, (long)discards);
  libsched_pool_unref(f.pool);
}

static void check_races(uint32_t workers, uint64_t capacity) {
  int round;
  for (round = 0; round < CHECK_SCALE(12, 6); ++round) check_race(workers, capacity, round % 3);
}

CASE(shutdown_races_with_16_workers) { check_races(16, 0); }
CASE(shutdown_races_with_16_workers_and_capacity) { check_races(16, 10); }
CASE(shutdown_races_with_one_worker) { check_races(1, 0); }
CASE(shutdown_races_with_one_worker_and_capacity_one) { check_races(1, 1); }

/* Random trees of tasks: submits from workers and from outside, steals between all, and a drain. */
typedef struct forest {
  libsched_pool *pool;
  int64_t left;
  int64_t submitted;
  int64_t refused;
  int64_t ran;
  int64_t discarded;
} forest;

static void fell(void *data) { CHECK_ADD(((forest *)data)->discarded, 1); }

static int grow(libsched_task *task, void *data) {
  forest *f = (forest *)data;
  uint64_t seed = (uint64_t)CHECK_ADD(f->ran, 1);
  uint32_t n = check_random(&seed) % 4;
  (void)task;
  for (; n > 0; --n) {
    int status;
    if (CHECK_ADD(f->left, -1) < 0) return 0;
    status = libsched_pool_submit(f->pool, check_random(&seed) % 3, grow, f, fell);
    if (status == LIBSCHED_E_CLOSED) {
      CHECK_ADD(f->refused, 1);
    } else {
      CHECK_OK(status);
      CHECK_ADD(f->submitted, 1);
    }
  }
  return 0;
}

static void check_forest(int end) {
  int round;
  for (round = 0; round < 3; ++round) {
    forest f;
    int i;
    memset(&f, 0, sizeof(f));
    f.left = CHECK_SCALE(100000, 10000);
    f.pool = check_pool_new(16, 0);
    for (i = 0; i < 200; ++i) {
      CHECK_OK(libsched_pool_submit(f.pool, (uint32_t)i % 3, grow, &f, fell));
      CHECK_ADD(f.submitted, 1);
    }
    if (end == DRAIN) {
      check_pool_idle(f.pool);
      CHECK_EQ(f.ran, f.submitted);
      CHECK_EQ(f.refused, 0);
    }
    CHECK_OK(libsched_pool_shutdown(f.pool, end == DRAIN ? LIBSCHED_DRAIN : LIBSCHED_CANCEL,
                                    LIBSCHED_FOREVER, 0, 0));
    CHECK_EQ(f.ran + f.discarded, f.submitted);
    printf("%ld run, %ld discarded, %ld refused\n", (long)f.ran, (long)f.discarded,
           (long)f.refused);
    libsched_pool_unref(f.pool);
  }
}

/*
 * The end of a forest again and again: when wait_idle returns no task is in the middle of anything, not even in a submit
 * whose task has been stolen and has ended already.
 */
CASE(idle_means_that_all_have_ended) {
  forest f;
  int round;
  memset(&f, 0, sizeof(f));
  f.pool = check_pool_new(16, 0);
  for (round = 0; round < CHECK_SCALE(10000, 500); ++round) {
    int i;
    CHECK_SET(f.left, 100);
    for (i = 0; i < 4; ++i) {
      CHECK_OK(libsched_pool_submit(f.pool, LIBSCHED_NORMAL, grow, &f, fell));
      CHECK_ADD(f.submitted, 1);
    }
    check_pool_idle(f.pool);
    CHECK_EQ(CHECK_GET(f.ran), CHECK_GET(f.submitted));
  }
  check_pool_end(f.pool, LIBSCHED_DRAIN);
}

CASE(forests_run_to_the_end) { check_forest(DRAIN); }
CASE(forests_are_cancelled) { check_forest(CANCEL); }

/* discard runs user code as well: it may look at the pool, and is refused more work. */
typedef struct last_words {
  libsched_pool *pool;
  int64_t discards;
  int64_t refused;
} last_words;

static void speak(void *data) {
  last_words *w = (last_words *)data;
  CHECK_ADD(w->discards, 1);
  if (libsched_pool_try_submit(w->pool, LIBSCHED_NORMAL, check_count_run, data, 0) ==
      LIBSCHED_E_CLOSED) {
    CHECK_ADD(w->refused, 1);
  }
  check_pool_stats(w->pool);
}

static int not_run(libsched_task *task, void *data) {
  (void)task;
  (void)data;
  check_fail(__FILE__, __LINE__, "a task was run after the cancel");
  return 0;
}

CASE(discard_may_call_the_pool) {
  static check_gate gate = CHECK_GATE_INIT;
  last_words w = {0, 0, 0};
  int i;
  w.pool = check_pool_new(1, 0);
  check_gate_hold(&gate, w.pool, 1);
  for (i = 0; i < 100; ++i) {
    CHECK_OK(libsched_pool_submit(w.pool, (uint32_t)i % 3, not_run, &w, speak));
  }
  CHECK_STATUS(libsched_pool_shutdown(w.pool, LIBSCHED_CANCEL, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  check_gate_open(&gate);
  check_pool_end(w.pool, LIBSCHED_CANCEL);
  CHECK_EQ(w.discards, 100);
  CHECK_EQ(w.refused, 100);
}

CASES = {RUN(shutdown_races_with_16_workers),
         RUN(shutdown_races_with_16_workers_and_capacity),
         RUN(shutdown_races_with_one_worker),
         RUN(shutdown_races_with_one_worker_and_capacity_one),
         RUN(idle_means_that_all_have_ended),
         RUN(forests_run_to_the_end),
         RUN(forests_are_cancelled),
         RUN(discard_may_call_the_pool),
         CASES_END};
