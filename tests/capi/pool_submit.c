/* Submitting: every way in, every refusal, who runs a task, what it is told, and what its failure does. */
#include "check_pool.h"
/* It goes first: check.h sets the feature macros. */
#include <limits.h>

CASE(each_way_in_runs_the_task) {
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_error *error = (libsched_error *)UNTOUCHED;
  static check_job jobs[30];
  void *data[10];
  uint32_t p;
  int i;
  for (p = 0; p < LIBSCHED_PRIORITIES; ++p) {
    check_job *j = &jobs[p * 10];
    size_t accepted = 77;
    CHECK_OK(libsched_pool_submit(pool, p, check_job_run, &j[0], check_job_discard));
    CHECK_OK(libsched_pool_try_submit(pool, p, check_job_run, &j[1], check_job_discard));
    CHECK_OK(
        libsched_pool_submit_timed(pool, p, check_job_run, &j[2], check_job_discard, 0, 0, &error));
    CHECK(error == 0);
    error = (libsched_error *)UNTOUCHED;
    CHECK_OK(libsched_pool_submit_timed(pool, p, check_job_run, &j[3], 0, LIBSCHED_FOREVER, 0, 0));
    for (i = 0; i < 6; ++i) data[i] = &j[4 + i];
    CHECK_OK(libsched_pool_submit_n(&accepted, pool, p, check_job_run, data, 6, check_job_discard,
                                    0, 0, &error));
    CHECK_EQ(accepted, 6);
    CHECK(error == 0);
    error = (libsched_error *)UNTOUCHED;
  }
  check_pool_idle(pool);
  for (i = 0; i < 30; ++i) {
    CHECK_EQ(jobs[i].runs, 1);
    CHECK_EQ(jobs[i].discards, 0);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(null_user_data_and_no_discard) {
  libsched_pool *pool = check_pool_new(1, 0);
  static check_gate gate = CHECK_GATE_INIT;
  check_gate_hold(&gate, pool, 1);
  /* Discarded without a discard: forgotten, and counted. */
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, check_count_run, 0, 0));
  CHECK_STATUS(libsched_pool_shutdown(pool, LIBSCHED_CANCEL, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  check_gate_open(&gate);
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_CANCEL, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_NORMAL).cancelled, 1);
  libsched_pool_unref(pool);
}

CASE(submit_n_of_nothing) {
  libsched_pool *pool = check_pool_new(1, 0);
  size_t accepted = 77;
  CHECK_OK(
      libsched_pool_submit_n(&accepted, pool, LIBSCHED_NORMAL, check_job_run, 0, 0, 0, 0, 0, 0));
  CHECK_EQ(accepted, 0);
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_NORMAL).submitted, 0);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int never(libsched_task *task, void *data) {
  (void)task;
  (void)data;
  check_fail(__FILE__, __LINE__, "a refused task was run");
  return 0;
}

static void never_discard(void *data) {
  (void)data;
  check_fail(__FILE__, __LINE__, "user_data of a refused task was discarded");
}

/* Each way in gives the same refusal, takes nothing over, and says in words what was wrong. */
static void check_refused(libsched_pool *pool, uint32_t priority, int want) {
  libsched_error *error = 0;
  void *data[2] = {0, 0};
  size_t accepted = 77;
  CHECK_STATUS(libsched_pool_submit(pool, priority, never, 0, never_discard), want);
  CHECK_STATUS(libsched_pool_try_submit(pool, priority, never, 0, never_discard), want);
  CHECK_STATUS(libsched_pool_submit_timed(pool, priority, never, 0, never_discard, LIBSCHED_FOREVER,
                                          0, &error),
               want);
  CHECK_STATUS(libsched_error_status(error), want);
  CHECK(libsched_error_message(error)[0] != 0);
  libsched_error_free(error);
  error = 0;
  CHECK_STATUS(libsched_pool_submit_n(&accepted, pool, priority, never, data, 2, never_discard,
                                      LIBSCHED_FOREVER, 0, &error),
               want);
  CHECK(accepted == 0 || accepted == 77);
  CHECK_STATUS(libsched_error_status(error), want);
  libsched_error_free(error);
}

CASE(unknown_priorities) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_error *error = 0;
  check_refused(pool, LIBSCHED_PRIORITIES, LIBSCHED_E_RANGE);
  check_refused(pool, 0xffffffffu, LIBSCHED_E_RANGE);
  CHECK_STATUS(libsched_pool_submit_timed(pool, 7, never, 0, never_discard, 0, 0, &error),
               LIBSCHED_E_RANGE);
  CHECK(strstr(libsched_error_message(error), "priority") != 0);
  CHECK(strstr(libsched_error_message(error), "7") != 0);
  libsched_error_free(error);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(nothing_goes_in_after_shutdown) {
  uint32_t mode;
  for (mode = LIBSCHED_DRAIN; mode <= LIBSCHED_CANCEL; ++mode) {
    libsched_pool *pool = check_pool_new(1, 0);
    int64_t count = 0;
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, check_count_run, &count, 0));
    check_pool_idle(pool);
    CHECK_OK(libsched_pool_shutdown(pool, mode, LIBSCHED_FOREVER, 0, 0));
    check_refused(pool, LIBSCHED_HIGH, LIBSCHED_E_CLOSED);
    CHECK_EQ(check_priority_stats(pool, LIBSCHED_HIGH).submitted, 0);
    libsched_pool_unref(pool);
  }
}

/* A pool that never had a task is closed by a shutdown as well. */
CASE(nothing_goes_in_after_shutdown_of_a_fresh_pool) {
  libsched_pool *pool = check_pool_new(1, 0);
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, 0, 0));
  check_refused(pool, LIBSCHED_NORMAL, LIBSCHED_E_CLOSED);
  libsched_pool_unref(pool);
}

/* Tasks that one thread submits from outside at one priority start in that order; one worker also ends them so. */
static int64_t sequence;

static int check_turn(libsched_task *task, void *data) {
  (void)task;
  CHECK_EQ(VALUE(data), ++sequence);
  return 0;
}

CASE(outside_tasks_start_in_order) {
  libsched_pool *pool = check_pool_new(1, 0);
  uint32_t p;
  for (p = 0; p < LIBSCHED_PRIORITIES; ++p) {
    void *data[100];
    size_t accepted = 0;
    int64_t i;
    sequence = 0;
    for (i = 1; i <= 2000; ++i) CHECK_OK(libsched_pool_submit(pool, p, check_turn, ITEM(i), 0));
    for (i = 0; i < 100; ++i) data[i] = ITEM(2001 + i);
    CHECK_OK(libsched_pool_submit_n(&accepted, pool, p, check_turn, data, 100, 0, 0, 0, 0));
    CHECK_OK(libsched_pool_submit(pool, p, check_turn, ITEM(2101), 0));
    check_pool_idle(pool);
    CHECK_EQ(sequence, 2101);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* Inside a task: the worker's index is below max_workers, both calls agree on it, and no other pool claims it. */
typedef struct look {
  libsched_pool *own;
  libsched_pool *other;
  check_event arrived;
  int64_t seen[4];
} look;

static int look_around(libsched_task *task, void *data) {
  look *l = (look *)data;
  uint32_t index = 77;
  CHECK_OK(libsched_pool_current_worker(&index, l->own));
  CHECK_EQ(index, libsched_task_worker(task));
  CHECK(index < 4);
  CHECK_ADD(l->seen[index], 1);
  CHECK_EQ(libsched_task_cancelled(task), 0);
  CHECK_STATUS(libsched_pool_current_worker(&index, l->other), LIBSCHED_E_NOT_WORKER);
  check_event_add(&l->arrived, 1);
  CHECK_AWAIT(&l->arrived, 4);
  return 0;
}

CASE(each_worker_has_an_index) {
  static look l = {0, 0, CHECK_EVENT_INIT, {0, 0, 0, 0}};
  uint32_t index = 77;
  int i;
  l.own = check_pool_new(4, 0);
  l.other = check_pool_new(1, 0);
  CHECK_STATUS(libsched_pool_current_worker(&index, l.own), LIBSCHED_E_NOT_WORKER);
  CHECK_EQ(index, 77);
  for (i = 0; i < 4; ++i)
    CHECK_OK(libsched_pool_submit(l.own, LIBSCHED_NORMAL, look_around, &l, 0));
  check_pool_end(l.own, LIBSCHED_DRAIN);
  check_pool_end(l.other, LIBSCHED_DRAIN);
  for (i = 0; i < 4; ++i) CHECK_EQ(l.seen[i], 1);
}

/* One thread per worker at a time: no more than `workers` tasks run at once, and all workers are used. */
typedef struct crowd {
  int64_t now;
  int64_t most;
  check_event together;
} crowd;

static int join_crowd(libsched_task *task, void *data) {
  crowd *c = (crowd *)data;
  int64_t now = CHECK_ADD(c->now, 1);
  (void)task;
  CHECK_LE(now, 3);
  check_event_add(&c->together, 1);
  CHECK_AWAIT(&c->together, 3);
  CHECK_ADD(c->now, -1);
  return 0;
}

CASE(as_many_run_as_there_are_workers) {
  static crowd c = {0, 0, CHECK_EVENT_INIT};
  libsched_pool *pool = check_pool_new(3, 0);
  int i;
  for (i = 0; i < 300; ++i)
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, join_crowd, &c, 0));
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(check_event_count(&c.together), 300);
}

/* Failures: told once each to on_failure, on the same worker, before anything else happens there. */
typedef struct failure {
  int code;
  int told;
  pthread_t thread;
  uint64_t order;
} failure;

static int hook_word;

static int fail_with_code(libsched_task *task, void *data) {
  failure *f = (failure *)data;
  (void)task;
  f->thread = pthread_self();
  return f->code;
}

static void on_failure(int code, const char *message, void *task_data, void *user_data) {
  failure *f = (failure *)task_data;
  CHECK_EQ(code, f->code);
  CHECK_STR(message, "");
  CHECK_PTR(user_data, &hook_word);
  CHECK(pthread_equal(pthread_self(), f->thread));
  CHECK_ADD(f->told, 1);
}

CASE(failures_are_told_and_counted) {
  static failure failures[9];
  static const int codes[9] = {1, -1, 0, 42, -10001, 0, INT_MAX, INT_MIN, 0};
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  libsched_pool *pool;
  uint32_t p;
  int i;
  options.workers = 2;
  options.on_failure = on_failure;
  options.hook_data = &hook_word;
  pool = check_pool_with(&options);
  for (i = 0; i < 9; ++i) {
    failures[i].code = codes[i];
    CHECK_OK(
        libsched_pool_submit(pool, (uint32_t)i % 3, fail_with_code, &failures[i], never_discard));
  }
  check_pool_idle(pool);
  for (i = 0; i < 9; ++i) CHECK_EQ(CHECK_GET(failures[i].told), codes[i] != 0);
  for (p = 0; p < LIBSCHED_PRIORITIES; ++p) {
    int64_t failed = (codes[p] != 0) + (codes[p + 3] != 0) + (codes[p + 6] != 0);
    libsched_priority_stats stats = check_priority_stats(pool, p);
    CHECK_EQ(stats.failed, failed);
    CHECK_EQ(stats.completed, 3 - failed);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* Ten thousand failures leave the pool whole, with the same workers. */
static int fail_always(libsched_task *task, void *data) {
  (void)task;
  CHECK_ADD(*(int64_t *)data, 1);
  return 7;
}

CASE(failing_tasks_leave_the_pool_whole) {
  libsched_pool *pool = check_pool_new(2, 0);
  int64_t failed = 0;
  int64_t done = 0;
  int i;
  for (i = 0; i < 10000; ++i) {
    CHECK_OK(libsched_pool_submit(pool, (uint32_t)i % 3, fail_always, &failed, 0));
  }
  for (i = 0; i < 100; ++i)
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, check_count_run, &done, 0));
  check_pool_idle(pool);
  CHECK_EQ(failed, 10000);
  CHECK_EQ(done, 100);
  CHECK_EQ(check_pool_stats(pool).workers, 2);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* A task may submit to its own pool and to another one, and hold references. */
typedef struct chain {
  libsched_pool *pools[2];
  int64_t left;
  check_event done;
} chain;

static int next_link(libsched_task *task, void *data) {
  chain *c = (chain *)data;
  int64_t left = CHECK_ADD(c->left, -1);
  (void)task;
  if (left <= 0) {
    check_event_add(&c->done, 1);
    return 0;
  }
  return libsched_pool_submit(c->pools[left % 2], (uint32_t)left % 3, next_link, c, 0);
}

CASE(tasks_submit_to_both_pools) {
  static chain c = {{0, 0}, 20000, CHECK_EVENT_INIT};
  uint32_t p;
  int i;
  c.pools[0] = check_pool_new(2, 0);
  c.pools[1] = check_pool_new(1, 0);
  CHECK_OK(libsched_pool_submit(c.pools[0], LIBSCHED_NORMAL, next_link, &c, 0));
  CHECK_AWAIT(&c.done, 1);
  for (i = 0; i < 2; ++i) {
    check_pool_idle(c.pools[i]);
    for (p = 0; p < LIBSCHED_PRIORITIES; ++p)
      CHECK_EQ(check_priority_stats(c.pools[i], p).failed, 0);
    check_pool_end(c.pools[i], LIBSCHED_DRAIN);
  }
}

CASES = {RUN(each_way_in_runs_the_task),
         RUN(null_user_data_and_no_discard),
         RUN(submit_n_of_nothing),
         RUN(unknown_priorities),
         RUN(nothing_goes_in_after_shutdown),
         RUN(nothing_goes_in_after_shutdown_of_a_fresh_pool),
         RUN(outside_tasks_start_in_order),
         RUN(each_worker_has_an_index),
         RUN(as_many_run_as_there_are_workers),
         RUN(failures_are_told_and_counted),
         RUN(failing_tasks_leave_the_pool_whole),
         RUN(tasks_submit_to_both_pools),
         CASES_END};
