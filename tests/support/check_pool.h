/**
 * Pools, gates and jobs for the C tests. A gate is a task that says it has started and then holds its worker until the
 * test opens it: with every worker behind a gate, a test builds up a queue whose fate it then watches.
 */
#ifndef CHECK_POOL_H
#define CHECK_POOL_H

#include "check_sched.h"

typedef struct check_gate {
  check_event entered;
  check_event open;
} check_gate;

#define CHECK_GATE_INIT \
  { CHECK_EVENT_INIT, CHECK_EVENT_INIT }

CHECK_HELPER int check_gate_run(libsched_task *task, void *data) {
  check_gate *gate = (check_gate *)data;
  (void)task;
  check_event_add(&gate->entered, 1);
  CHECK_AWAIT(&gate->open, 1);
  return 0;
}

CHECK_HELPER void check_gate_open(check_gate *gate) { check_event_add(&gate->open, 1); }

/** Puts n workers behind the gate and waits until they are. */
CHECK_HELPER void check_gate_hold(check_gate *gate, libsched_pool *pool, int n) {
  int64_t before = check_event_count(&gate->entered);
  int i;
  for (i = 0; i < n; ++i) {
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_HIGH, check_gate_run, gate, 0));
    CHECK_AWAIT(&gate->entered, before + i + 1);
  }
}

/** The user_data of a task whose fate is counted. */
typedef struct check_job {
  int32_t runs;
  int32_t discards;
} check_job;

CHECK_HELPER int check_job_run(libsched_task *task, void *data) {
  (void)task;
  CHECK_ADD(((check_job *)data)->runs, 1);
  return 0;
}

CHECK_HELPER void check_job_discard(void *data) { CHECK_ADD(((check_job *)data)->discards, 1); }

/** How many of n jobs ran; each was either run or discarded, once. */
CHECK_HELPER int64_t check_jobs_settled(check_job *jobs, size_t n) {
  size_t i;
  int64_t ran = 0;
  for (i = 0; i < n; ++i) {
    CHECK_EQ(CHECK_GET(jobs[i].runs) + CHECK_GET(jobs[i].discards), 1);
    ran += CHECK_GET(jobs[i].runs);
  }
  return ran;
}

/** Waits until each of n jobs has been run or discarded: in a pool that nobody waits for. */
CHECK_HELPER void check_until_settled(check_job *jobs, size_t n) {
  size_t i;
  for (i = 0; i < n; ++i) CHECK_UNTIL(CHECK_GET(jobs[i].runs) + CHECK_GET(jobs[i].discards) != 0);
}

/** A task that adds one to the int64_t it is given. */
CHECK_HELPER int check_count_run(libsched_task *task, void *data) {
  (void)task;
  CHECK_ADD(*(int64_t *)data, 1);
  return 0;
}

CHECK_HELPER void check_count_discard(void *data) { CHECK_ADD(*(int64_t *)data, 1); }

CHECK_HELPER libsched_pool *check_pool_with(const libsched_pool_options *options) {
  libsched_pool *pool = 0;
  libsched_error *error = 0;
  int status = libsched_pool_create(&pool, options, &error);
  if (status != LIBSCHED_OK) check_fail(__FILE__, __LINE__, libsched_error_message(error));
  CHECK(pool != 0);
  CHECK(error == 0);
  return pool;
}

/** A pool of so many workers, with a capacity (0 = none). */
CHECK_HELPER libsched_pool *check_pool_new(uint32_t workers, uint64_t capacity) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  options.workers = workers;
  options.capacity = capacity;
  return check_pool_with(&options);
}

CHECK_HELPER void check_pool_end(libsched_pool *pool, uint32_t mode) {
  CHECK_OK(libsched_pool_shutdown(pool, mode, LIBSCHED_FOREVER, 0, 0));
  libsched_pool_unref(pool);
}

CHECK_HELPER void check_pool_idle(libsched_pool *pool) {
  CHECK_OK(libsched_pool_wait_idle(pool, LIBSCHED_FOREVER, 0, 0));
}

CHECK_HELPER libsched_pool_stats check_pool_stats(libsched_pool *pool) {
  libsched_pool_stats stats = LIBSCHED_POOL_STATS_INIT;
  CHECK_OK(libsched_pool_get_stats(&stats, pool));
  return stats;
}

CHECK_HELPER libsched_priority_stats check_priority_stats(libsched_pool *pool, uint32_t priority) {
  libsched_pool_stats stats = check_pool_stats(pool);
  return stats.priority[priority];
}

#endif
