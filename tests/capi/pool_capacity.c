/* Pools with a capacity: exact, with backpressure outside, and never a wait on an own worker. */
#include "check_pool.h"

#define MS ((int64_t)1000000)

static void never_discard(void *data) {
  (void)data;
  check_fail(__FILE__, __LINE__, "user_data of a refused task was discarded");
}

static int try_count(libsched_pool *pool, int64_t *count) {
  return libsched_pool_try_submit(pool, LIBSCHED_NORMAL, check_count_run, count, never_discard);
}

/* Exactly `capacity` tasks wait: the running one does not count, whatever the priorities are. */
CASE(capacity_is_exact) {
  static const uint64_t capacities[] = {1, 2, 3, 5, 100, 1000};
  size_t k;
  for (k = 0; k < sizeof(capacities) / sizeof(capacities[0]); ++k) {
    check_gate gate = CHECK_GATE_INIT;
    libsched_pool *pool = check_pool_new(1, capacities[k]);
    int64_t count = 0;
    int64_t n = (int64_t)capacities[k];
    int64_t i;
    check_gate_hold(&gate, pool, 1);
    for (i = 0; i < n; ++i) {
      CHECK_OK(libsched_pool_try_submit(pool, (uint32_t)i % 3, check_count_run, &count, 0));
    }
    CHECK_STATUS(try_count(pool, &count), LIBSCHED_E_FULL);
    CHECK_STATUS(
        libsched_pool_try_submit(pool, LIBSCHED_HIGH, check_count_run, &count, never_discard),
        LIBSCHED_E_FULL);
    check_gate_open(&gate);
    check_pool_idle(pool);
    CHECK_EQ(count, n);
    /* As many again: nothing of the capacity was lost. */
    for (i = 0; i < n; ++i)
      CHECK_OK(libsched_pool_submit(pool, LIBSCHED_LOW, check_count_run, &count, 0));
    check_pool_idle(pool);
    CHECK_EQ(count, 2 * n);
    CHECK_EQ(check_pool_stats(pool).exceeded, 0);
    check_pool_end(pool, LIBSCHED_DRAIN);
  }
}

CASE(timeouts_at_a_full_pool) {
  static check_gate gate = CHECK_GATE_INIT;
  libsched_pool *pool = check_pool_new(1, 1);
  libsched_error *error = 0;
  void *data[2] = {0, 0};
  size_t accepted = 77;
  int64_t count = 0;
  int64_t start;
  check_gate_hold(&gate, pool, 1);
  CHECK_OK(try_count(pool, &count));
  start = check_now_ns();
  CHECK_STATUS(libsched_pool_submit_timed(pool, LIBSCHED_NORMAL, check_count_run, &count,
                                          never_discard, 0, 0, &error),
               LIBSCHED_E_TIMEOUT);
  CHECK_STATUS(libsched_error_status(error), LIBSCHED_E_TIMEOUT);
  CHECK(libsched_error_message(error)[0] != 0);
  libsched_error_free(error);
  CHECK_STATUS(libsched_pool_submit_timed(pool, LIBSCHED_HIGH, check_count_run, &count,
                                          never_discard, 20 * MS, 0, 0),
               LIBSCHED_E_TIMEOUT);
  CHECK_LE(20 * MS, check_now_ns() - start);
  CHECK_STATUS(libsched_pool_submit_n(&accepted, pool, LIBSCHED_NORMAL, check_count_run, data, 2,
                                      never_discard, 0, 0, 0),
               LIBSCHED_E_TIMEOUT);
  CHECK(accepted == 0 || accepted == 77);
  CHECK_STATUS(libsched_pool_submit_n(&accepted, pool, LIBSCHED_NORMAL, check_count_run, data, 2,
                                      never_discard, 5 * MS, 0, 0),
               LIBSCHED_E_TIMEOUT);
  check_gate_open(&gate);
  check_pool_idle(pool);
  CHECK_EQ(count, 1);
  CHECK_OK(libsched_pool_submit_timed(pool, LIBSCHED_NORMAL, check_count_run, &count, 0, 0, 0, 0));
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(count, 2);
}

/* As many as fit are taken, the first ones; that is a success. */
CASE(submit_n_takes_what_fits) {
  static check_gate gate = CHECK_GATE_INIT;
  static check_job jobs[8];
  libsched_pool *pool = check_pool_new(1, 3);
  void *data[5];
  size_t accepted = 77;
  int i;
  for (i = 0; i < 5; ++i) data[i] = &jobs[i];
  check_gate_hold(&gate, pool, 1);
  CHECK_OK(libsched_pool_submit_n(&accepted, pool, LIBSCHED_NORMAL, check_job_run, data, 5,
                                  never_discard, 0, 0, 0));
  CHECK_EQ(accepted, 3);
  check_gate_open(&gate);
  check_pool_idle(pool);
  for (i = 0; i < 5; ++i) CHECK_EQ(jobs[i].runs, i < 3);
  /* With time to wait, all of them go in. */
  CHECK_OK(libsched_pool_submit_n(&accepted, pool, LIBSCHED_NORMAL, check_job_run, data, 5, 0,
                                  LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(accepted, 5);
  check_pool_end(pool, LIBSCHED_DRAIN);
  for (i = 0; i < 5; ++i) CHECK_EQ(jobs[i].runs, i < 3 ? 2 : 1);
}

/* A worker that runs one task for each token: room appears one place at a time. */
typedef struct turnstile {
  libsched_pool *pool;
  check_event tokens;
  check_event started;
  check_event ended;
  check_event released;
  int64_t sequence;
  long threads[3];
} turnstile;

#define TURNSTILE_INIT                                                                        \
  {                                                                                           \
    0, CHECK_EVENT_INIT, CHECK_EVENT_INIT, CHECK_EVENT_INIT, CHECK_EVENT_INIT, 0, { 0, 0, 0 } \
  }

static int pass(libsched_task *task, void *data) {
  turnstile *t = (turnstile *)data;
  (void)task;
  check_event_add(&t->started, 1);
  CHECK_AWAIT(&t->tokens, check_event_count(&t->started));
  check_event_add(&t->ended, 1);
  return 0;
}

static void *submit_blocking(void *data) {
  turnstile *t = (turnstile *)data;
  int64_t me = CHECK_ADD(t->sequence, 1) - 1;
  CHECK_SET(t->threads[me], check_thread_id());
  CHECK_OK(libsched_pool_submit(t->pool, LIBSCHED_NORMAL, pass, t, never_discard));
  check_event_add(&t->released, 1);
  return 0;
}

CASE(one_place_releases_one_submit) {
  static turnstile t = TURNSTILE_INIT;
  pthread_t threads[3];
  int64_t i;
  t.pool = check_pool_new(1, 1);
  CHECK_OK(libsched_pool_submit(t.pool, LIBSCHED_NORMAL, pass, &t, 0));
  CHECK_AWAIT(&t.started, 1);
  CHECK_OK(libsched_pool_submit(t.pool, LIBSCHED_NORMAL, pass, &t, 0));
  for (i = 0; i < 3; ++i) threads[i] = check_spawn(submit_blocking, &t);
  for (i = 0; i < 3; ++i) check_until_asleep(&t.threads[i]);
  CHECK_EQ(check_event_count(&t.released), 0);
  for (i = 1; i <= 3; ++i) {
    int64_t count = 0;
    check_event_add(&t.tokens, 1);
    CHECK_AWAIT(&t.started, i + 1);
    CHECK_AWAIT(&t.released, i);
    CHECK_STATUS(try_count(t.pool, &count), LIBSCHED_E_FULL);
    CHECK_EQ(check_event_count(&t.released), i);
  }
  check_event_add(&t.tokens, 100);
  for (i = 0; i < 3; ++i) check_join(threads[i]);
  check_pool_end(t.pool, LIBSCHED_DRAIN);
  CHECK_EQ(check_event_count(&t.ended), 5);
}

/* Many producers against a small capacity: all tasks run, and never more than that many wait. */
typedef struct press {
  libsched_pool *pool;
  int64_t each;
  int64_t accepted;
  int64_t started;
  int64_t capacity;
} press;

static int count_start(libsched_task *task, void *data) {
  (void)task;
  CHECK_ADD(((press *)data)->started, 1);
  return 0;
}

static void *press_on(void *data) {
  press *p = (press *)data;
  int64_t i;
  for (i = 0; i < p->each; ++i) {
    int64_t accepted;
    CHECK_OK(libsched_pool_submit(p->pool, (uint32_t)i % 3, count_start, p, never_discard));
    accepted = CHECK_ADD(p->accepted, 1);
    /* Each of the two workers may have taken one task that has not counted itself yet. */
    CHECK_LE(accepted - CHECK_GET(p->started), p->capacity + 2);
  }
  return 0;
}

CASE(backpressure_holds_under_load) {
  static const int64_t capacities[] = {1, 2, 7};
  size_t k;
  for (k = 0; k < 3; ++k) {
    press p;
    pthread_t threads[4];
    int i;
    memset(&p, 0, sizeof(p));
    p.each = CHECK_SCALE(3000, 500);
    p.capacity = capacities[k];
    p.pool = check_pool_new(2, (uint64_t)p.capacity);
    for (i = 0; i < 4; ++i) threads[i] = check_spawn(press_on, &p);
    for (i = 0; i < 4; ++i) check_join(threads[i]);
    check_pool_end(p.pool, LIBSCHED_DRAIN);
    CHECK_EQ(p.started, 4 * p.each);
  }
}

/* An own worker never waits: it goes beyond the capacity, and that is counted. */
typedef struct brood {
  libsched_pool *pool;
  int64_t ran;
  int checked;
} brood;

static int submit_ten(libsched_task *task, void *data) {
  brood *b = (brood *)data;
  void *items[4];
  size_t accepted = 0;
  int i;
  (void)task;
  for (i = 0; i < 6; ++i)
    CHECK_OK(libsched_pool_submit(b->pool, LIBSCHED_NORMAL, check_count_run, &b->ran, 0));
  for (i = 0; i < 4; ++i) items[i] = &b->ran;
  CHECK_OK(libsched_pool_submit_n(&accepted, b->pool, LIBSCHED_LOW, check_count_run, items, 3, 0,
                                  LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(accepted, 3);
  CHECK_OK(libsched_pool_submit_timed(b->pool, LIBSCHED_HIGH, check_count_run, &b->ran, 0,
                                      LIBSCHED_FOREVER, 0, 0));
  /* try_submit keeps to the capacity here too. */
  CHECK_STATUS(try_count(b->pool, &b->ran), LIBSCHED_E_FULL);
  b->checked = 1;
  return 0;
}

CASE(own_worker_exceeds_the_capacity) {
  static brood b;
  b.pool = check_pool_new(1, 1);
  CHECK_OK(libsched_pool_submit(b.pool, LIBSCHED_NORMAL, submit_ten, &b, 0));
  check_pool_idle(b.pool);
  CHECK_EQ(b.checked, 1);
  CHECK_EQ(b.ran, 10);
  CHECK_EQ(check_pool_stats(b.pool).exceeded, 9);
  /* The capacity is what it was. */
  CHECK_OK(try_count(b.pool, &b.ran));
  check_pool_end(b.pool, LIBSCHED_DRAIN);
  CHECK_EQ(b.ran, 11);
}

/* With the flag it is told FULL instead, and nothing is taken. */
static int submit_until_full(libsched_task *task, void *data) {
  brood *b = (brood *)data;
  libsched_error *error = 0;
  void *items[2];
  size_t accepted = 77;
  (void)task;
  CHECK_OK(libsched_pool_submit(b->pool, LIBSCHED_NORMAL, check_count_run, &b->ran, 0));
  CHECK_STATUS(
      libsched_pool_submit(b->pool, LIBSCHED_HIGH, check_count_run, &b->ran, never_discard),
      LIBSCHED_E_FULL);
  CHECK_STATUS(libsched_pool_submit_timed(b->pool, LIBSCHED_LOW, check_count_run, &b->ran,
                                          never_discard, LIBSCHED_FOREVER, 0, &error),
               LIBSCHED_E_FULL);
  CHECK_STATUS(libsched_error_status(error), LIBSCHED_E_FULL);
  libsched_error_free(error);
  CHECK_STATUS(try_count(b->pool, &b->ran), LIBSCHED_E_FULL);
  items[0] = items[1] = &b->ran;
  CHECK_STATUS(libsched_pool_submit_n(&accepted, b->pool, LIBSCHED_NORMAL, check_count_run, items,
                                      2, never_discard, LIBSCHED_FOREVER, 0, 0),
               LIBSCHED_E_FULL);
  b->checked = 1;
  return 0;
}

CASE(own_worker_is_told_full_by_flag) {
  static brood b;
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  options.workers = 1;
  options.capacity = 1;
  options.flags = LIBSCHED_POOL_WORKER_FULL;
  b.pool = check_pool_with(&options);
  CHECK_OK(libsched_pool_submit(b.pool, LIBSCHED_NORMAL, submit_until_full, &b, 0));
  check_pool_idle(b.pool);
  CHECK_EQ(b.checked, 1);
  CHECK_EQ(b.ran, 1);
  CHECK_EQ(check_pool_stats(b.pool).exceeded, 0);
  check_pool_end(b.pool, LIBSCHED_DRAIN);
}

/* One worker, capacity one, every task submits two more: the tree ends, though outside submits press in as well. */
typedef struct tree {
  libsched_pool *pool;
  int64_t left;
  int64_t nodes;
} tree;

static int grow_tree(libsched_task *task, void *data) {
  tree *t = (tree *)data;
  int i;
  (void)task;
  CHECK_ADD(t->nodes, 1);
  for (i = 0; i < 2; ++i) {
    if (CHECK_ADD(t->left, -1) >= 0) {
      CHECK_OK(libsched_pool_submit(t->pool, (uint32_t)t->nodes % 3, grow_tree, t, never_discard));
    }
  }
  return 0;
}

static void *submit_from_outside(void *data) {
  tree *t = (tree *)data;
  int i;
  for (i = 0; i < 50; ++i)
    CHECK_OK(libsched_pool_submit(t->pool, LIBSCHED_NORMAL, grow_tree, t, never_discard));
  return 0;
}

CASE(recursive_submits_at_capacity_one) {
  tree t;
  pthread_t thread;
  t.pool = check_pool_new(1, 1);
  t.left = CHECK_SCALE(20000, 3000);
  t.nodes = 0;
  thread = check_spawn(submit_from_outside, &t);
  CHECK_OK(libsched_pool_submit(t.pool, LIBSCHED_LOW, grow_tree, &t, never_discard));
  check_join(thread);
  check_pool_idle(t.pool);
  CHECK_EQ(t.nodes, CHECK_SCALE(20000, 3000) + 51);
  CHECK(check_pool_stats(t.pool).exceeded >= 1);
  check_pool_end(t.pool, LIBSCHED_DRAIN);
}

/* A submit that waits for room is released by a shutdown: told CLOSED, with nothing taken. */
typedef struct visitor {
  libsched_pool *pool;
  long thread;
  int status;
} visitor;

static void *visit(void *data) {
  visitor *v = (visitor *)data;
  CHECK_SET(v->thread, check_thread_id());
  v->status = libsched_pool_submit(v->pool, LIBSCHED_NORMAL, check_count_run, 0, never_discard);
  return 0;
}

static void check_shutdown_releases(uint32_t mode) {
  check_gate gate = CHECK_GATE_INIT;
  visitor visitors[3];
  pthread_t threads[3];
  libsched_pool *pool = check_pool_new(1, 1);
  check_job job = {0, 0};
  int i;
  check_gate_hold(&gate, pool, 1);
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, check_job_run, &job, check_job_discard));
  for (i = 0; i < 3; ++i) {
    visitors[i].pool = pool;
    visitors[i].thread = 0;
    visitors[i].status = 1;
    threads[i] = check_spawn(visit, &visitors[i]);
  }
  for (i = 0; i < 3; ++i) check_until_asleep(&visitors[i].thread);
  CHECK_STATUS(libsched_pool_shutdown(pool, mode, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  for (i = 0; i < 3; ++i) {
    check_join(threads[i]);
    CHECK_STATUS(visitors[i].status, LIBSCHED_E_CLOSED);
  }
  check_gate_open(&gate);
  check_pool_end(pool, mode);
  CHECK_EQ(check_jobs_settled(&job, 1), mode == LIBSCHED_DRAIN);
}

CASE(drain_releases_waiting_submits) { check_shutdown_releases(LIBSCHED_DRAIN); }
CASE(cancel_releases_waiting_submits) { check_shutdown_releases(LIBSCHED_CANCEL); }

CASES = {RUN(capacity_is_exact),
         RUN(timeouts_at_a_full_pool),
         RUN(submit_n_takes_what_fits),
         RUN(one_place_releases_one_submit),
         RUN(backpressure_holds_under_load),
         RUN(own_worker_exceeds_the_capacity),
         RUN(own_worker_is_told_full_by_flag),
         RUN(recursive_submits_at_capacity_one),
         RUN(drain_releases_waiting_submits),
         RUN(cancel_releases_waiting_submits),
         CASES_END};
