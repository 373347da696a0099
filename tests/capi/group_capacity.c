/* The capacity of a pool counts the tasks of groups: exact, with backpressure outside, and given back in every way. */
#include "check_group.h"

#define MS ((int64_t)1000000)

static int try_count(libsched_group *group, uint32_t priority, int64_t *count) {
  return libsched_group_submit_timed(group, priority, check_count_run, count, check_never_discard,
                                     0, 0, 0);
}

/* Exactly so many wait, of the group and of the pool together. */
CASE(capacity_is_exact) {
  static const int64_t capacities[] = {1, 2, 5, 100};
  size_t k;
  for (k = 0; k < sizeof(capacities) / sizeof(capacities[0]); ++k) {
    check_gate gate = CHECK_GATE_INIT;
    libsched_pool *pool = check_pool_new(1, (uint64_t)capacities[k]);
    libsched_group *group = check_group_new(pool);
    int64_t count = 0;
    int64_t i;
    check_gate_hold(&gate, pool, 1);
    for (i = 0; i < capacities[k]; ++i) {
      if (i % 3 == 1) {
        CHECK_OK(libsched_pool_try_submit(pool, LIBSCHED_LOW, check_count_run, &count, 0));
      } else {
        CHECK_OK(try_count(group, (uint32_t)(i % 2), &count));
      }
    }
    CHECK_STATUS(try_count(group, LIBSCHED_HIGH, &count), LIBSCHED_E_TIMEOUT);
    CHECK_STATUS(
        libsched_pool_try_submit(pool, LIBSCHED_HIGH, check_count_run, &count, check_never_discard),
        LIBSCHED_E_FULL);
    check_gate_open(&gate);
    check_pool_idle(pool);
    CHECK_EQ(count, capacities[k]);
    /* Nothing of it was lost. */
    for (i = 0; i < capacities[k]; ++i)
      CHECK_OK(libsched_group_submit(group, LIBSCHED_NORMAL, check_count_run, &count, 0));
    CHECK_EQ(check_group_code(group), 0);
    CHECK_EQ(count, 2 * capacities[k]);
    check_pool_idle(pool);
    CHECK_EQ(check_pool_stats(pool).exceeded, 0);
    libsched_group_unref(group);
    check_pool_end(pool, LIBSCHED_DRAIN);
  }
}

CASE(timeouts_at_a_full_pool) {
  check_gate gate = CHECK_GATE_INIT;
  libsched_pool *pool = check_pool_new(1, 3);
  libsched_group *group = check_group_new(pool);
  libsched_error *error = 0;
  libsched_cancel *cancel = 0;
  check_job jobs[8];
  void *data[8];
  size_t accepted = 77;
  int64_t start;
  int i;
  memset(jobs, 0, sizeof(jobs));
  for (i = 0; i < 8; ++i) data[i] = &jobs[i];
  CHECK_OK(libsched_cancel_create(&cancel));
  CHECK_OK(libsched_cancel_trigger(cancel));
  check_gate_hold(&gate, pool, 1);
  /* As many as fit are taken, the first ones; that is a success. */
  CHECK_OK(libsched_group_submit_n(&accepted, group, LIBSCHED_NORMAL, check_job_run, data, 8,
                                   check_never_discard, 0, 0, &error));
  CHECK_EQ(accepted, 3);
  CHECK(error == 0);
  CHECK_STATUS(libsched_group_submit_n(&accepted, group, LIBSCHED_HIGH, check_job_run, data, 8,
                                       check_never_discard, 0, 0, &error),
               LIBSCHED_E_TIMEOUT);
  CHECK_STATUS(libsched_error_status(error), LIBSCHED_E_TIMEOUT);
  libsched_error_free(error);
  start = check_now_ns();
  CHECK_STATUS(libsched_group_submit_timed(group, LIBSCHED_LOW, check_job_run, &jobs[7],
                                           check_never_discard, 20 * MS, 0, 0),
               LIBSCHED_E_TIMEOUT);
  CHECK_LE(20 * MS, check_now_ns() - start);
  CHECK_STATUS(libsched_group_submit_timed(group, LIBSCHED_LOW, check_job_run, &jobs[7],
                                           check_never_discard, LIBSCHED_FOREVER, cancel, &error),
               LIBSCHED_E_CANCELLED);
  CHECK_STATUS(libsched_error_status(error), LIBSCHED_E_CANCELLED);
  libsched_error_free(error);
  check_gate_open(&gate);
  CHECK_EQ(check_group_code(group), 0);
  for (i = 0; i < 8; ++i) CHECK_EQ(jobs[i].runs, i < 3);
  /* With time to wait, all of them go in. */
  CHECK_OK(libsched_group_reset(group));
  CHECK_OK(libsched_group_submit_n(&accepted, group, LIBSCHED_NORMAL, check_job_run, data, 8,
                                   check_never_discard, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(accepted, 8);
  CHECK_EQ(check_group_code(group), 0);
  for (i = 0; i < 8; ++i) CHECK_EQ(jobs[i].runs, i < 3 ? 2 : 1);
  libsched_cancel_unref(cancel);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* A task that waits for room holds nothing up: a cancel, the end of the group or of the pool makes it return. */
typedef struct visitor {
  libsched_group *group;
  libsched_cancel *cancel;
  long thread;
  int status;
} visitor;

static int64_t visits;

static void *visit(void *data) {
  visitor *v = (visitor *)data;
  CHECK_SET(v->thread, check_thread_id());
  CHECK_SET(v->status,
            libsched_group_submit_timed(v->group, LIBSCHED_NORMAL, check_count_run, &visits,
                                        check_never_discard, LIBSCHED_FOREVER, v->cancel, 0));
  return 0;
}

enum { BY_SWITCH, BY_GROUP, BY_DRAIN, BY_CANCEL, BY_CLOSE, BY_ROOM };

static void release(int by) {
  check_gate gate = CHECK_GATE_INIT;
  libsched_pool *pool = check_pool_new(1, 1);
  visitor v[3];
  pthread_t threads[3];
  int64_t foreign = 0;
  int i;
  static const int want[] = {LIBSCHED_E_CANCELLED, LIBSCHED_E_CANCELLED, LIBSCHED_E_CLOSED,
                             LIBSCHED_E_CLOSED,    LIBSCHED_E_CLOSED,    LIBSCHED_OK};
  visits = 0;
  check_gate_hold(&gate, pool, 1);
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_LOW, check_count_run, &foreign, 0));
  for (i = 0; i < 3; ++i) {
    v[i].group = check_group_new(pool);
    CHECK_OK(libsched_cancel_create(&v[i].cancel));
    v[i].thread = 0;
    v[i].status = 1;
    threads[i] = check_spawn(visit, &v[i]);
  }
  for (i = 0; i < 3; ++i) check_until_asleep(&v[i].thread);
  for (i = 0; i < 3; ++i) {
    if (by == BY_SWITCH) CHECK_OK(libsched_cancel_trigger(v[i].cancel));
    if (by == BY_GROUP) CHECK_OK(libsched_group_cancel(v[i].group));
    if (by == BY_CLOSE) CHECK_OK(libsched_group_close(v[i].group));
  }
  if (by == BY_DRAIN || by == BY_CANCEL) {
    CHECK_STATUS(
        libsched_pool_shutdown(pool, by == BY_DRAIN ? LIBSCHED_DRAIN : LIBSCHED_CANCEL, 0, 0, 0),
        LIBSCHED_E_TIMEOUT);
  }
  /* These three need no room to be told. */
  for (i = 0; i < 3 && (by == BY_SWITCH || by == BY_DRAIN || by == BY_CANCEL); ++i)
    CHECK_UNTIL(CHECK_GET(v[i].status) != 1);
  check_gate_open(&gate);
  for (i = 0; i < 3; ++i) {
    int code;
    check_join(threads[i]);
    CHECK_STATUS(v[i].status, want[by]);
    code = check_group_code(v[i].group);
    CHECK_STATUS(code, by == BY_GROUP ? LIBSCHED_E_CANCELLED : LIBSCHED_OK);
    libsched_cancel_unref(v[i].cancel);
    libsched_group_unref(v[i].group);
  }
  CHECK_EQ(CHECK_GET(visits), by == BY_ROOM ? 3 : 0);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(blocked_submit_gets_room) { release(BY_ROOM); }
CASE(blocked_submit_and_a_switch) { release(BY_SWITCH); }
CASE(blocked_submit_and_a_cancelled_group) { release(BY_GROUP); }
CASE(blocked_submit_and_a_completed_group) { release(BY_CLOSE); }
CASE(blocked_submit_and_a_drain) { release(BY_DRAIN); }
CASE(blocked_submit_and_a_cancelled_pool) { release(BY_CANCEL); }

/* An own worker never waits: it exceeds the capacity, or is told by the flag. */
typedef struct brood {
  libsched_group *group;
  int told;
  int64_t ran;
} brood;

static int submit_five(libsched_task *task, void *data) {
  brood *b = (brood *)data;
  void *items[2];
  size_t accepted = 77;
  int i;
  (void)task;
  CHECK_OK(try_count(b->group, LIBSCHED_NORMAL, &b->ran));
  for (i = 0; i < 2; ++i) {
    CHECK_STATUS(
        libsched_group_submit(b->group, (uint32_t)i, check_count_run, &b->ran, check_never_discard),
        b->told ? LIBSCHED_E_FULL : LIBSCHED_OK);
  }
  items[0] = items[1] = &b->ran;
  CHECK_STATUS(libsched_group_submit_n(&accepted, b->group, LIBSCHED_LOW, check_count_run, items, 2,
                                       check_never_discard, LIBSCHED_FOREVER, 0, 0),
               b->told ? LIBSCHED_E_FULL : LIBSCHED_OK);
  if (!b->told) CHECK_EQ(accepted, 2);
  return 0;
}

static void breed(uint32_t flags) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  brood b = {0, 0, 0};
  libsched_pool *pool;
  int i;
  options.workers = 1;
  options.capacity = 1;
  options.flags = flags;
  pool = check_pool_with(&options);
  b.told = flags != 0;
  b.group = check_group_new(pool);
  for (i = 1; i <= 3; ++i) {
    CHECK_OK(libsched_group_submit(b.group, LIBSCHED_NORMAL, submit_five, &b, 0));
    CHECK_EQ(check_group_code(b.group), 0);
    CHECK_EQ(b.ran, i * (b.told ? 1 : 5));
    CHECK_OK(libsched_group_reset(b.group));
    check_pool_idle(pool);
    CHECK_EQ(check_pool_stats(pool).exceeded, b.told ? 0 : i * 4);
  }
  libsched_group_unref(b.group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(own_worker_exceeds_the_capacity) { breed(0); }
CASE(own_worker_is_told_full_by_flag) { breed(LIBSCHED_POOL_WORKER_FULL); }

/* Discarded tasks give their place back, once each; so do those that a waiter runs. */
CASE(places_come_back_after_a_cancel) {
  enum { CAPACITY = 7 };
  libsched_pool *pool = check_pool_new(1, CAPACITY);
  int round;
  for (round = 0; round < 100; ++round) {
    check_gate gate = CHECK_GATE_INIT;
    check_job jobs[CAPACITY];
    libsched_group *group = check_group_new(pool);
    int64_t count = 0;
    int i;
    memset(jobs, 0, sizeof(jobs));
    check_gate_hold(&gate, pool, 1);
    for (i = 0; i < CAPACITY; ++i) {
      CHECK_OK(libsched_group_submit_timed(group, (uint32_t)i % 3, check_job_run, &jobs[i],
                                           check_job_discard, 0, 0, 0));
    }
    CHECK_OK(libsched_group_cancel(group));
    check_gate_open(&gate);
    CHECK_STATUS(check_group_code(group), LIBSCHED_E_CANCELLED);
    CHECK_EQ(check_jobs_settled(jobs, CAPACITY), 0);
    CHECK_OK(libsched_group_reset(group));
    check_pool_idle(pool);
    {
      check_gate again = CHECK_GATE_INIT;
      check_gate_hold(&again, pool, 1);
      for (i = 0; i < CAPACITY; ++i) CHECK_OK(try_count(group, (uint32_t)i % 3, &count));
      CHECK_STATUS(try_count(group, LIBSCHED_NORMAL, &count), LIBSCHED_E_TIMEOUT);
      check_gate_open(&again);
      CHECK_EQ(check_group_code(group), 0);
      CHECK_EQ(count, CAPACITY);
      check_pool_idle(pool);
    }
    libsched_group_unref(group);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASES = {RUN(capacity_is_exact),
         RUN(timeouts_at_a_full_pool),
         RUN(blocked_submit_gets_room),
         RUN(blocked_submit_and_a_switch),
         RUN(blocked_submit_and_a_cancelled_group),
         RUN(blocked_submit_and_a_completed_group),
         RUN(blocked_submit_and_a_drain),
         RUN(blocked_submit_and_a_cancelled_pool),
         RUN(own_worker_exceeds_the_capacity),
         RUN(own_worker_is_told_full_by_flag),
         RUN(places_come_back_after_a_cancel),
         CASES_END};
