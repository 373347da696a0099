/* The start and stop hooks: on each worker, first and last of all it does, with its index and hook_data. */
#include "check_pool.h"

enum { WORKERS = 3, ROUNDS = 40 };

typedef struct worker_life {
  int64_t starts;
  int64_t stops;
  int64_t tasks;
  pthread_t thread;
} worker_life;

typedef struct lives {
  worker_life of[WORKERS];
  check_event arrived;
} lives;

static void on_start(uint32_t worker, void *data) {
  lives *l = (lives *)data;
  CHECK(worker < WORKERS);
  CHECK_EQ(CHECK_GET(l->of[worker].tasks), 0);
  CHECK_EQ(CHECK_ADD(l->of[worker].starts, 1), 1);
  l->of[worker].thread = pthread_self();
}

static void on_stop(uint32_t worker, void *data) {
  lives *l = (lives *)data;
  CHECK(worker < WORKERS);
  CHECK(pthread_equal(pthread_self(), l->of[worker].thread));
  CHECK_EQ(CHECK_GET(l->of[worker].starts), 1);
  CHECK_EQ(CHECK_ADD(l->of[worker].stops, 1), 1);
}

static int live(libsched_task *task, void *data) {
  lives *l = (lives *)data;
  worker_life *mine = &l->of[libsched_task_worker(task)];
  CHECK_EQ(CHECK_GET(mine->starts), 1);
  CHECK_EQ(CHECK_GET(mine->stops), 0);
  CHECK(pthread_equal(pthread_self(), mine->thread));
  CHECK_ADD(mine->tasks, 1);
  check_event_add(&l->arrived, 1);
  CHECK_AWAIT(&l->arrived, WORKERS);
  return 0;
}

static libsched_pool *make(lives *l) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  options.workers = WORKERS;
  options.on_start = on_start;
  options.on_stop = on_stop;
  options.hook_data = l;
  return check_pool_with(&options);
}

CASE(hooks_run_once_on_each_worker) {
  static lives l = {{{0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}}, CHECK_EVENT_INIT};
  libsched_pool *pool = make(&l);
  int i;
  for (i = 0; i < ROUNDS; ++i) CHECK_OK(libsched_pool_submit(pool, (uint32_t)i % 3, live, &l, 0));
  check_pool_idle(pool);
  for (i = 0; i < WORKERS; ++i) {
    CHECK_EQ(CHECK_GET(l.of[i].starts), 1);
    CHECK_EQ(CHECK_GET(l.of[i].stops), 0);
  }
  /* Once the shutdown has returned no hook runs any more. */
  check_pool_end(pool, LIBSCHED_DRAIN);
  for (i = 0; i < WORKERS; ++i) {
    CHECK_EQ(CHECK_GET(l.of[i].stops), 1);
    CHECK(!pthread_equal(pthread_self(), l.of[i].thread));
  }
}

CASE(no_worker_no_hook) {
  static lives l = {{{0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}}, CHECK_EVENT_INIT};
  check_pool_end(make(&l), LIBSCHED_DRAIN);
  CHECK_EQ(l.of[0].starts + l.of[1].starts + l.of[2].starts, 0);
  CHECK_EQ(l.of[0].stops + l.of[1].stops + l.of[2].stops, 0);
}

CASE(hooks_run_without_a_shutdown_too) {
  static lives l = {{{0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}}, CHECK_EVENT_INIT};
  libsched_pool *pool = make(&l);
  int i;
  for (i = 0; i < WORKERS; ++i) CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, live, &l, 0));
  CHECK_AWAIT(&l.arrived, WORKERS);
  libsched_pool_unref(pool);
  for (i = 0; i < WORKERS; ++i) CHECK_UNTIL(CHECK_GET(l.of[i].stops) == 1);
  CHECK_EQ(check_live(LIBSCHED_KIND_POOL), 0);
}

/* A hook may use the pool, as a worker may: look at it and submit, but not wait for it. */
typedef struct user {
  libsched_pool *pool;
  int64_t ran;
  check_event started;
} user;

static void use_pool(uint32_t worker, void *data) {
  user *u = (user *)data;
  (void)worker;
  CHECK_AWAIT(&u->started, 1);
  CHECK_EQ(check_priority_stats(u->pool, LIBSCHED_HIGH).failed, 0);
  CHECK_OK(libsched_pool_submit(u->pool, LIBSCHED_LOW, check_count_run, &u->ran, 0));
}

CASE(start_hook_may_submit) {
  static user u = {0, 0, CHECK_EVENT_INIT};
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  options.workers = 1;
  options.on_start = use_pool;
  options.hook_data = &u;
  u.pool = check_pool_with(&options);
  CHECK_OK(libsched_pool_submit(u.pool, LIBSCHED_NORMAL, check_count_run, &u.ran, 0));
  check_event_add(&u.started, 1);
  CHECK_UNTIL(CHECK_GET(u.ran) == 2);
  check_pool_end(u.pool, LIBSCHED_DRAIN);
}

CASES = {RUN(hooks_run_once_on_each_worker), RUN(no_worker_no_hook),
         RUN(hooks_run_without_a_shutdown_too), RUN(start_hook_may_submit), CASES_END};
