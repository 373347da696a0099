/* Tasks that end their thread, by pthread_exit or by cancellation: counted as failed, the worker replaced. */
#include "check_pool.h"

typedef struct witness {
  int64_t told;
  int64_t starts;
  int64_t stops;
  int64_t after; /* statements that ran behind the end of a thread */
} witness;

static void on_failure(int code, const char *message, void *task_data, void *user_data) {
  CHECK_STATUS(code, LIBSCHED_E_UNWOUND);
  CHECK(message != 0);
  CHECK_PTR(task_data, user_data);
  CHECK_ADD(((witness *)user_data)->told, 1);
}

static void on_start(uint32_t worker, void *data) {
  CHECK(worker < 2);
  CHECK_ADD(((witness *)data)->starts, 1);
}

static void on_stop(uint32_t worker, void *data) {
  CHECK(worker < 2);
  CHECK_ADD(((witness *)data)->stops, 1);
}

static libsched_pool *make(uint32_t workers, witness *w) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  options.workers = workers;
  options.on_start = on_start;
  options.on_stop = on_stop;
  options.on_failure = on_failure;
  options.hook_data = w;
  return check_pool_with(&options);
}

static int exit_thread(libsched_task *task, void *data) {
  (void)task;
  (void)data;
  pthread_exit(0);
  return 0;
}

static int cancel_thread(libsched_task *task, void *data) {
  (void)task;
  CHECK_EQ(pthread_cancel(pthread_self()), 0);
  pthread_testcancel();
  CHECK_ADD(((witness *)data)->after, 1);
  return 0;
}

static void check_unwound(uint32_t workers, libsched_task_fn end_thread) {
  witness w;
  int threads = check_threads_at_rest();
  libsched_pool *pool;
  libsched_priority_stats stats;
  int64_t count = 0;
  int i;
  memset(&w, 0, sizeof(w));
  pool = make(workers, &w);
  for (i = 0; i < 20; ++i) {
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, end_thread, &w, 0));
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, check_count_run, &count, 0));
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_LOW, check_count_run, &count, 0));
    if (i % 4 == 0) check_pool_idle(pool);
  }
  check_pool_idle(pool);
  CHECK_EQ(count, 40);
  CHECK_EQ(CHECK_GET(w.told), 20);
  CHECK_EQ(w.after, 0);
  stats = check_priority_stats(pool, LIBSCHED_NORMAL);
  CHECK_EQ(stats.failed, 20);
  CHECK_EQ(stats.completed, 20);
  CHECK_EQ(stats.active, 0);
  /* All the workers are there again. */
  CHECK_UNTIL(check_pool_stats(pool).workers == workers);
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_UNTIL(check_threads() <= threads);
  CHECK_EQ(CHECK_GET(w.starts), CHECK_GET(w.stops));
}

CASE(pthread_exit_with_one_worker) { check_unwound(1, exit_thread); }
CASE(pthread_exit_with_two_workers) { check_unwound(2, exit_thread); }
CASE(cancellation_with_one_worker) { check_unwound(1, cancel_thread); }
CASE(cancellation_with_two_workers) { check_unwound(2, cancel_thread); }

/* What the lost worker had queued for itself, its run-next slot included, is not lost with it. */
typedef struct heir {
  libsched_pool *pool;
  int64_t ran;
} heir;

static int submit_and_exit(libsched_task *task, void *data) {
  heir *h = (heir *)data;
  int i;
  (void)task;
  for (i = 0; i < 2000; ++i) {
    CHECK_OK(libsched_pool_submit(h->pool, (uint32_t)i % 3, check_count_run, &h->ran, 0));
  }
  pthread_exit(0);
  return 0;
}

CASE(queue_of_a_lost_worker_is_run) {
  uint32_t workers;
  for (workers = 1; workers <= 2; ++workers) {
    heir h = {0, 0};
    h.pool = check_pool_new(workers, 0);
    CHECK_OK(libsched_pool_submit(h.pool, LIBSCHED_NORMAL, submit_and_exit, &h, 0));
    check_pool_idle(h.pool);
    CHECK_EQ(h.ran, 2000);
    CHECK_EQ(check_priority_stats(h.pool, LIBSCHED_NORMAL).failed, 1);
    check_pool_end(h.pool, LIBSCHED_DRAIN);
  }
}

/* A worker that ends in the middle of a shutdown does not keep it from ending. */
static int exit_behind_gate(libsched_task *task, void *data) {
  check_gate_run(task, data);
  pthread_exit(0);
  return 0;
}

static void check_during_shutdown(uint32_t mode) {
  check_gate gate = CHECK_GATE_INIT;
  check_job jobs[20];
  libsched_pool *pool = check_pool_new(1, 0);
  int i;
  memset(jobs, 0, sizeof(jobs));
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_HIGH, exit_behind_gate, &gate, 0));
  CHECK_AWAIT(&gate.entered, 1);
  for (i = 0; i < 20; ++i) {
    CHECK_OK(
        libsched_pool_submit(pool, (uint32_t)i % 3, check_job_run, &jobs[i], check_job_discard));
  }
  CHECK_STATUS(libsched_pool_shutdown(pool, mode, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  check_gate_open(&gate);
  CHECK_OK(libsched_pool_shutdown(pool, mode, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(check_jobs_settled(jobs, 20), mode == LIBSCHED_DRAIN ? 20 : 0);
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_HIGH).failed, 1);
  libsched_pool_unref(pool);
}

CASE(pthread_exit_during_a_drain) { check_during_shutdown(LIBSCHED_DRAIN); }
CASE(pthread_exit_during_a_cancel) { check_during_shutdown(LIBSCHED_CANCEL); }

/* The same after the last unref: nobody waits, yet the pool winds itself up. */
CASE(pthread_exit_after_the_last_unref) {
  check_gate gate = CHECK_GATE_INIT;
  check_job jobs[20];
  int threads = check_threads_at_rest();
  libsched_pool *pool = check_pool_new(1, 0);
  int i;
  memset(jobs, 0, sizeof(jobs));
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_HIGH, exit_behind_gate, &gate, 0));
  CHECK_AWAIT(&gate.entered, 1);
  for (i = 0; i < 20; ++i) {
    CHECK_OK(
        libsched_pool_submit(pool, (uint32_t)i % 3, check_job_run, &jobs[i], check_job_discard));
  }
  libsched_pool_unref(pool);
  check_gate_open(&gate);
  CHECK_EQ(check_live(LIBSCHED_KIND_POOL), 0);
  check_until_settled(jobs, 20);
  CHECK_UNTIL(check_threads() == threads);
  CHECK_EQ(check_jobs_settled(jobs, 20), 0);
}

/* In a pool without workers it is the host's thread that ends; the pool has counted the task and lives on. */
static void *drive(void *data) {
  int status = libsched_pool_run_one((libsched_pool *)data);
  (void)status;
  check_fail(__FILE__, __LINE__, "run_one returned though the task ended its thread");
  return 0;
}

CASE(pthread_exit_on_a_host_thread) {
  libsched_pool *pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
  int64_t count = 0;
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_HIGH, exit_thread, 0, 0));
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, check_count_run, &count, 0));
  check_join(check_spawn(drive, pool));
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_HIGH).failed, 1);
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_HIGH).active, 0);
  check_pool_idle(pool);
  CHECK_EQ(count, 1);
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(check_live(LIBSCHED_KIND_POOL), 0);
}

CASES = {RUN(pthread_exit_with_one_worker),  RUN(pthread_exit_with_two_workers),
         RUN(cancellation_with_one_worker),  RUN(cancellation_with_two_workers),
         RUN(queue_of_a_lost_worker_is_run), RUN(pthread_exit_during_a_drain),
         RUN(pthread_exit_during_a_cancel),  RUN(pthread_exit_after_the_last_unref),
         RUN(pthread_exit_on_a_host_thread), CASES_END};
