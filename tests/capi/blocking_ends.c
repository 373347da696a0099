/* Ends in the middle of sections: of the task by force, of the pool by a shutdown, and of the last reference. */
#include "check_spare.h"

static int exit_inside(libsched_task *task, void *data) {
  (void)task;
  CHECK_OK(libsched_blocking_begin());
  if (data != 0) CHECK_OK(libsched_blocking_begin());
  pthread_exit(0);
  return 0;
}

static int cancel_inside(libsched_task *task, void *data) {
  (void)task;
  (void)data;
  CHECK_OK(libsched_blocking_begin());
  CHECK_EQ(pthread_cancel(pthread_self()), 0);
  pthread_testcancel();
  return 0;
}

#ifdef __cplusplus
static int throw_inside(libsched_task *task, void *data) {
  (void)task;
  (void)data;
  CHECK_OK(libsched_blocking_begin());
  throw 7;
}
#endif

/* On the thread that such a task leaves, or that replaces it, no section is open. */
static int nothing_to_end(libsched_task *task, void *data) {
  (void)task;
  CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
  CHECK_ADD(*(int64_t *)data, 1);
  return 0;
}

static void count_hook(uint32_t worker, void *data) {
  CHECK(worker < 2);
  CHECK_ADD(((int64_t *)data)[worker], 1);
}

static void check_forced(libsched_task_fn end) {
  int threads = check_threads_at_rest();
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  int64_t hooks[2] = {0, 0};
  int64_t count = 0;
  libsched_pool *pool;
  int i;
  options.workers = 1;
  options.max_spare = 1;
  options.on_start = count_hook;
  options.hook_data = hooks;
  pool = check_pool_with(&options);
  for (i = 0; i < 40; ++i) {
    /* One section at a time: two might need two spares. */
    CHECK_OK(libsched_pool_submit(pool, (uint32_t)i % 3, end, i % 2 ? pool : 0, 0));
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, nothing_to_end, &count, 0));
    check_pool_idle(pool);
  }
  CHECK_EQ(count, 40);
  {
    libsched_pool_stats stats = check_pool_stats(pool);
    CHECK_EQ(stats.priority[0].failed + stats.priority[1].failed + stats.priority[2].failed, 40);
    CHECK_EQ(stats.priority[0].active + stats.priority[1].active + stats.priority[2].active, 0);
  }
  check_workers_are(pool, 1);
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_LE(1, hooks[0] + hooks[1]);
  CHECK_UNTIL(check_threads() <= threads);
}

CASE(pthread_exit_ends_a_section) { check_forced(exit_inside); }
CASE(cancellation_ends_a_section) { check_forced(cancel_inside); }

/* In C, which cannot throw, once more by pthread_exit. */
CASE(exception_ends_a_section) {
#ifdef __cplusplus
  check_forced(throw_inside);
#else
  check_forced(exit_inside);
#endif
}

/* The ends of several threads at once, each with a spare in its place. */
typedef struct leap {
  check_event inside;
  check_event release;
} leap;

static int exit_together(libsched_task *task, void *data) {
  leap *l = (leap *)data;
  (void)task;
  CHECK_OK(libsched_blocking_begin());
  check_event_add(&l->inside, 1);
  CHECK_AWAIT(&l->release, 1);
  pthread_exit(0);
  return 0;
}

CASE(all_end_their_threads_at_once) {
  static leap l = {CHECK_EVENT_INIT, CHECK_EVENT_INIT};
  int threads = check_threads_at_rest();
  libsched_pool *pool = check_pool_spares(2, 8);
  int i;
  for (i = 0; i < 8; ++i) {
    CHECK_OK(libsched_pool_submit(pool, (uint32_t)i % 3, exit_together, &l, 0));
  }
  CHECK_AWAIT(&l.inside, 8);
  check_event_add(&l.release, 1);
  check_pool_idle(pool);
  check_workers_are(pool, 2);
  {
    static check_section section = CHECK_SECTION_INIT;
    check_section_hold(&section, pool, 8);
    check_event_add(&section.release, 1);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_UNTIL(check_threads() <= threads);
}

/* A shutdown while tasks are blocked: the spares run what is queued, or discard it, and it ends when the tasks have. */
enum { JOBS = 50 };

static void submit_jobs(libsched_pool *pool, check_job *jobs) {
  int i;
  memset(jobs, 0, JOBS * sizeof(*jobs));
  for (i = 0; i < JOBS; ++i) {
    CHECK_OK(
        libsched_pool_submit(pool, (uint32_t)i % 3, check_job_run, &jobs[i], check_job_discard));
  }
}

static void check_shutdown_around(uint32_t workers, uint32_t mode) {
  int round;
  for (round = 0; round < CHECK_SCALE(20, 5); ++round) {
    libsched_pool *pool = check_pool_spares(workers, 6);
    check_section section = CHECK_SECTION_INIT;
    check_gate gate = CHECK_GATE_INIT;
    check_job jobs[JOBS];
    check_section_hold(&section, pool, 6);
    check_gate_hold(&gate, pool, (int)workers);
    submit_jobs(pool, jobs);
    CHECK_STATUS(libsched_pool_shutdown(pool, mode, 0, 0, 0), LIBSCHED_E_TIMEOUT);
    check_gate_open(&gate);
    check_until_settled(jobs, JOBS);
    CHECK_EQ(check_jobs_settled(jobs, JOBS), mode == LIBSCHED_DRAIN ? JOBS : 0);
    CHECK_STATUS(libsched_pool_shutdown(pool, mode, 0, 0, 0), LIBSCHED_E_TIMEOUT);
    check_event_add(&section.release, 1);
    CHECK_OK(libsched_pool_shutdown(pool, mode, LIBSCHED_FOREVER, 0, 0));
    CHECK_EQ(check_priority_stats(pool, LIBSCHED_NORMAL).active, 0);
    libsched_pool_unref(pool);
  }
}

CASE(drain_around_sections) {
  check_shutdown_around(1, LIBSCHED_DRAIN);
  check_shutdown_around(3, LIBSCHED_DRAIN);
}
CASE(cancel_around_sections) {
  check_shutdown_around(1, LIBSCHED_CANCEL);
  check_shutdown_around(3, LIBSCHED_CANCEL);
}

/* A section that begins when the shutdown has: someone has to run, or discard, what it waits for. */
typedef struct late {
  check_gate gate;
  check_job jobs[JOBS];
  int done;
} late;

static int begin_late(libsched_task *task, void *data) {
  late *l = (late *)data;
  check_gate_run(task, &l->gate);
  CHECK_OK(libsched_blocking_begin());
  check_until_settled(l->jobs, JOBS);
  CHECK_OK(libsched_blocking_end());
  l->done = 1;
  return 0;
}

static void check_section_after(uint32_t mode) {
  static const check_gate fresh = CHECK_GATE_INIT;
  int round;
  for (round = 0; round < CHECK_SCALE(50, 10); ++round) {
    libsched_pool *pool = check_pool_spares(1, 1);
    late l;
    l.gate = fresh;
    l.done = 0;
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_HIGH, begin_late, &l, 0));
    CHECK_AWAIT(&l.gate.entered, 1);
    submit_jobs(pool, l.jobs);
    CHECK_STATUS(libsched_pool_shutdown(pool, mode, 0, 0, 0), LIBSCHED_E_TIMEOUT);
    check_gate_open(&l.gate);
    CHECK_OK(libsched_pool_shutdown(pool, mode, LIBSCHED_FOREVER, 0, 0));
    CHECK_EQ(check_jobs_settled(l.jobs, JOBS), mode == LIBSCHED_DRAIN ? JOBS : 0);
    CHECK_EQ(l.done, 1);
    libsched_pool_unref(pool);
  }
}

CASE(section_that_begins_after_a_drain) { check_section_after(LIBSCHED_DRAIN); }
CASE(section_that_begins_after_a_cancel) { check_section_after(LIBSCHED_CANCEL); }

/* A cancel is seen in a section. */
static int block_until_cancelled(libsched_task *task, void *data) {
  CHECK_OK(libsched_blocking_begin());
  check_event_add((check_event *)data, 1);
  CHECK_UNTIL(libsched_task_cancelled(task));
  CHECK_OK(libsched_blocking_end());
  return 0;
}

CASE(cancel_is_seen_in_a_section) {
  libsched_pool *pool = check_pool_spares(1, 4);
  check_event inside = CHECK_EVENT_INIT;
  int i;
  for (i = 0; i < 4; ++i) {
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_LOW, block_until_cancelled, &inside, 0));
  }
  CHECK_AWAIT(&inside, 4);
  check_pool_end(pool, LIBSCHED_CANCEL);
}

/* The last unref cancels, and waits for no section. */
CASE(last_unref_around_sections) {
  int threads = check_threads_at_rest();
  libsched_pool *pool = check_pool_spares(1, 3);
  static check_section section = CHECK_SECTION_INIT;
  static check_event inside = CHECK_EVENT_INIT;
  check_gate gate = CHECK_GATE_INIT;
  check_job jobs[JOBS];
  check_section_hold(&section, pool, 2);
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_LOW, block_until_cancelled, &inside, 0));
  CHECK_AWAIT(&inside, 1);
  check_gate_hold(&gate, pool, 1);
  submit_jobs(pool, jobs);
  libsched_pool_unref(pool);
  CHECK_EQ(check_live(LIBSCHED_KIND_POOL), 0);
  check_gate_open(&gate);
  check_until_settled(jobs, JOBS);
  CHECK_EQ(check_jobs_settled(jobs, JOBS), 0);
  check_event_add(&section.release, 1);
  CHECK_UNTIL(check_threads() <= threads);
}

/* It may be the blocked task that drops it, once the submit that has made it has returned. */
typedef struct owner {
  libsched_pool *pool;
  check_event submitted;
  check_job jobs[JOBS];
} owner;

static int unref_inside(libsched_task *task, void *data) {
  owner *o = (owner *)data;
  submit_jobs(o->pool, o->jobs);
  CHECK_OK(libsched_blocking_begin());
  CHECK_AWAIT(&o->submitted, 1);
  libsched_pool_unref(o->pool);
  CHECK_UNTIL(libsched_task_cancelled(task));
  check_until_settled(o->jobs, JOBS);
  CHECK_OK(libsched_blocking_end());
  return 0;
}

CASE(blocked_task_drops_the_last_reference) {
  int threads = check_threads_at_rest();
  int round;
  for (round = 0; round < CHECK_SCALE(30, 5); ++round) {
    static const check_event fresh = CHECK_EVENT_INIT;
    owner o;
    o.pool = check_pool_spares(1, 1);
    o.submitted = fresh;
    CHECK_OK(libsched_pool_submit(o.pool, LIBSCHED_NORMAL, unref_inside, &o, 0));
    check_event_add(&o.submitted, 1);
    CHECK_UNTIL(check_live(LIBSCHED_KIND_POOL) == 0);
    CHECK_UNTIL(check_threads() <= threads);
    check_jobs_settled(o.jobs, JOBS);
  }
}

CASES = {RUN(pthread_exit_ends_a_section),
         RUN(cancellation_ends_a_section),
         RUN(exception_ends_a_section),
         RUN(all_end_their_threads_at_once),
         RUN(drain_around_sections),
         RUN(cancel_around_sections),
         RUN(section_that_begins_after_a_drain),
         RUN(section_that_begins_after_a_cancel),
         RUN(cancel_is_seen_in_a_section),
         RUN(last_unref_around_sections),
         RUN(blocked_task_drops_the_last_reference),
         CASES_END};
