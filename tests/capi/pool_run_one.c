/* Pools without workers: the host's threads run the tasks, one call at a time. */
#include "check_pool.h"

CASE(runs_one_task_on_the_calling_thread) {
  libsched_pool *pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
  int threads = check_threads_at_rest();
  int64_t count = 0;
  int64_t i;
  CHECK_STATUS(libsched_pool_run_one(pool), LIBSCHED_E_EMPTY);
  for (i = 0; i < 3; ++i)
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, check_count_run, &count, 0));
  CHECK_EQ(count, 0);
  for (i = 1; i <= 3; ++i) {
    CHECK_OK(libsched_pool_run_one(pool));
    CHECK_EQ(count, i);
  }
  CHECK_STATUS(libsched_pool_run_one(pool), LIBSCHED_E_EMPTY);
  CHECK_EQ(check_pool_stats(pool).workers, 0);
  CHECK_EQ(check_threads(), threads);
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(check_threads(), threads);
}

CASE(pool_with_workers_refuses) {
  libsched_pool *pool = check_pool_new(1, 0);
  CHECK_STATUS(libsched_pool_run_one(pool), LIBSCHED_E_RANGE);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static uint32_t order[600];
static int ran;

static int note_order(libsched_task *task, void *data) {
  CHECK_EQ(libsched_task_worker(task), 0);
  order[ran++] = (uint32_t)VALUE(data);
  return 0;
}

/* The same order as with one worker: 8 High pass over Normal, then one Normal goes, and so on. */
CASE(bound_holds_between_calls) {
  libsched_pool *pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
  int i;
  for (i = 0; i < 90; ++i) {
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, note_order, ITEM(LIBSCHED_NORMAL), 0));
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_HIGH, note_order, ITEM(LIBSCHED_HIGH), 0));
  }
  for (i = 0; i < 180; ++i) CHECK_OK(libsched_pool_run_one(pool));
  for (i = 0; i < 99; ++i) CHECK_EQ(order[i], i % 9 == 8 ? LIBSCHED_NORMAL : LIBSCHED_HIGH);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

typedef struct self_feed {
  libsched_pool *pool;
  int64_t left;
} self_feed;

static int feed(libsched_task *task, void *data) {
  self_feed *f = (self_feed *)data;
  (void)task;
  if (--f->left == 0) return 0;
  return libsched_pool_submit(f->pool, (uint32_t)f->left % 3, feed, f, 0);
}

/* A wait runs the tasks itself, with those that they submit; and a timeout of 0 only looks. */
CASE(wait_idle_runs_the_tasks) {
  self_feed f;
  f.pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
  f.left = 1000;
  CHECK_OK(libsched_pool_submit(f.pool, LIBSCHED_LOW, feed, &f, 0));
  CHECK_STATUS(libsched_pool_wait_idle(f.pool, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_EQ(f.left, 1000);
  check_pool_idle(f.pool);
  CHECK_EQ(f.left, 0);
  check_pool_end(f.pool, LIBSCHED_DRAIN);
}

CASE(wait_idle_heeds_a_trigger) {
  libsched_pool *pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
  libsched_cancel *cancel = 0;
  int64_t count = 0;
  CHECK_OK(libsched_cancel_create(&cancel));
  CHECK_OK(libsched_cancel_trigger(cancel));
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, check_count_run, &count, 0));
  CHECK_STATUS(libsched_pool_wait_idle(pool, LIBSCHED_FOREVER, cancel, 0), LIBSCHED_E_CANCELLED);
  CHECK_EQ(count, 0);
  libsched_cancel_unref(cancel);
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(count, 1);
}

/* A drain has nobody else to run what was accepted. */
CASE(drain_runs_the_tasks) {
  libsched_pool *pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
  int64_t count = 0;
  int i;
  for (i = 0; i < 100; ++i)
    CHECK_OK(libsched_pool_submit(pool, (uint32_t)i % 3, check_count_run, &count, 0));
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(count, 100);
  CHECK_STATUS(libsched_pool_run_one(pool), LIBSCHED_E_CLOSED);
  libsched_pool_unref(pool);
}

/* Closed, but not empty: the host may go on as before. */
CASE(host_may_drain_by_itself) {
  libsched_pool *pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
  int64_t count = 0;
  int i;
  for (i = 0; i < 10; ++i)
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, check_count_run, &count, 0));
  CHECK_STATUS(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_EQ(count, 0);
  for (i = 0; i < 10; ++i) CHECK_OK(libsched_pool_run_one(pool));
  CHECK_STATUS(libsched_pool_run_one(pool), LIBSCHED_E_CLOSED);
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, 0, 0, 0));
  CHECK_EQ(count, 10);
  libsched_pool_unref(pool);
}

CASE(cancel_discards_at_once) {
  libsched_pool *pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
  check_job jobs[100];
  int i;
  memset(jobs, 0, sizeof(jobs));
  for (i = 0; i < 100; ++i) {
    CHECK_OK(
        libsched_pool_submit(pool, (uint32_t)i % 3, check_job_run, &jobs[i], check_job_discard));
  }
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_CANCEL, 0, 0, 0));
  CHECK_EQ(check_jobs_settled(jobs, 100), 0);
  CHECK_STATUS(libsched_pool_run_one(pool), LIBSCHED_E_CLOSED);
  libsched_pool_unref(pool);
}

CASE(last_unref_discards_at_once) {
  libsched_pool *pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
  check_job jobs[100];
  int i;
  memset(jobs, 0, sizeof(jobs));
  for (i = 0; i < 100; ++i) {
    CHECK_OK(
        libsched_pool_submit(pool, (uint32_t)i % 3, check_job_run, &jobs[i], check_job_discard));
  }
  for (i = 0; i < 10; ++i) CHECK_OK(libsched_pool_run_one(pool));
  libsched_pool_unref(pool);
  CHECK_EQ(check_jobs_settled(jobs, 100), 10);
  CHECK_EQ(check_live(LIBSCHED_KIND_POOL), 0);
}

/* A task may drop the last reference, and may not wait for its own pool. */
static int unref_own_pool(libsched_task *task, void *data) {
  (void)task;
  libsched_pool_unref((libsched_pool *)data);
  return 0;
}

CASE(last_unref_inside_a_task) {
  libsched_pool *pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
  check_job job = {0, 0};
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_HIGH, unref_own_pool, pool, 0));
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, check_job_run, &job, check_job_discard));
  CHECK_OK(libsched_pool_run_one(pool));
  CHECK_EQ(job.discards, 1);
  CHECK_EQ(check_live(LIBSCHED_KIND_POOL), 0);
}

static int wait_for_own_pool(libsched_task *task, void *data) {
  (void)task;
  CHECK_STATUS(libsched_pool_wait_idle((libsched_pool *)data, LIBSCHED_FOREVER, 0, 0),
               LIBSCHED_E_DEADLOCK);
  CHECK_STATUS(libsched_pool_shutdown((libsched_pool *)data, LIBSCHED_DRAIN, 0, 0, 0),
               LIBSCHED_E_DEADLOCK);
  return 0;
}

CASE(tasks_cannot_wait_for_their_pool) {
  libsched_pool *pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_HIGH, wait_for_own_pool, pool, 0));
  CHECK_OK(libsched_pool_run_one(pool));
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_HIGH, wait_for_own_pool, pool, 0));
  check_pool_idle(pool);
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_HIGH).completed, 2);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int told;

static int fail_with_five(libsched_task *task, void *data) {
  (void)task;
  (void)data;
  return 5;
}

static void on_failure(int code, const char *message, void *task_data, void *user_data) {
  CHECK_EQ(code, 5);
  CHECK_STR(message, "");
  CHECK_PTR(task_data, &told);
  CHECK_PTR(user_data, order);
  ++told;
}

CASE(failures_are_told_and_counted) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  libsched_pool *pool;
  int64_t count = 0;
  options.workers = LIBSCHED_NO_WORKERS;
  options.on_failure = on_failure;
  options.hook_data = order;
  pool = check_pool_with(&options);
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_LOW, fail_with_five, &told, 0));
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_LOW, check_count_run, &count, 0));
  /* A task's failure is not one of the call that runs it. */
  CHECK_OK(libsched_pool_run_one(pool));
  CHECK_EQ(told, 1);
  CHECK_OK(libsched_pool_run_one(pool));
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_LOW).failed, 1);
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_LOW).completed, 1);
  CHECK_EQ(count, 1);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(capacity_counts_here_too) {
  libsched_pool *pool = check_pool_new(LIBSCHED_NO_WORKERS, 2);
  int64_t count = 0;
  CHECK_OK(libsched_pool_try_submit(pool, LIBSCHED_NORMAL, check_count_run, &count, 0));
  CHECK_OK(libsched_pool_try_submit(pool, LIBSCHED_HIGH, check_count_run, &count, 0));
  CHECK_STATUS(libsched_pool_try_submit(pool, LIBSCHED_LOW, check_count_run, &count, 0),
               LIBSCHED_E_FULL);
  CHECK_STATUS(
      libsched_pool_submit_timed(pool, LIBSCHED_LOW, check_count_run, &count, 0, 1000000, 0, 0),
      LIBSCHED_E_TIMEOUT);
  CHECK_OK(libsched_pool_run_one(pool));
  CHECK_OK(libsched_pool_try_submit(pool, LIBSCHED_LOW, check_count_run, &count, 0));
  CHECK_STATUS(libsched_pool_try_submit(pool, LIBSCHED_LOW, check_count_run, &count, 0),
               LIBSCHED_E_FULL);
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(count, 3);
}

/* Several threads drive one pool. */
typedef struct drivers {
  libsched_pool *pool;
  int closed;
} drivers;

static void *drive(void *data) {
  drivers *d = (drivers *)data;
  for (;;) {
    int closed = CHECK_GET(d->closed);
    int status = libsched_pool_run_one(d->pool);
    CHECK(status == LIBSCHED_OK || status == LIBSCHED_E_EMPTY);
    if (status == LIBSCHED_E_EMPTY && closed) return 0;
  }
}

CASE(several_threads_drive) {
  static check_job jobs[20000];
  drivers d;
  pthread_t threads[3];
  int n = CHECK_SCALE(20000, 4000);
  int i;
  d.pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
  d.closed = 0;
  for (i = 0; i < 3; ++i) threads[i] = check_spawn(drive, &d);
  for (i = 0; i < n; ++i) {
    CHECK_OK(
        libsched_pool_submit(d.pool, (uint32_t)i % 3, check_job_run, &jobs[i], check_job_discard));
  }
  CHECK_SET(d.closed, 1);
  for (i = 0; i < 3; ++i) check_join(threads[i]);
  check_pool_idle(d.pool);
  CHECK_EQ(check_jobs_settled(jobs, (size_t)n), n);
  check_pool_end(d.pool, LIBSCHED_DRAIN);
}

CASES = {RUN(runs_one_task_on_the_calling_thread),
         RUN(pool_with_workers_refuses),
         RUN(bound_holds_between_calls),
         RUN(wait_idle_runs_the_tasks),
         RUN(wait_idle_heeds_a_trigger),
         RUN(drain_runs_the_tasks),
         RUN(host_may_drain_by_itself),
         RUN(cancel_discards_at_once),
         RUN(last_unref_discards_at_once),
         RUN(last_unref_inside_a_task),
         RUN(tasks_cannot_wait_for_their_pool),
         RUN(failures_are_told_and_counted),
         RUN(capacity_counts_here_too),
         RUN(several_threads_drive),
         CASES_END};
