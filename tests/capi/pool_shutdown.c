/* shutdown: what it waits for, what it ends, how it times out, and what running tasks and submits see of it. */
#include "check_pool.h"

#define MS ((int64_t)1000000)

static libsched_priority_stats sums(libsched_pool *pool) {
  libsched_pool_stats stats = check_pool_stats(pool);
  libsched_priority_stats sum = stats.priority[0];
  int p;
  for (p = 1; p < LIBSCHED_PRIORITIES; ++p) {
    sum.submitted += stats.priority[p].submitted;
    sum.started += stats.priority[p].started;
    sum.completed += stats.priority[p].completed;
    sum.cancelled += stats.priority[p].cancelled;
    sum.queued += stats.priority[p].queued;
    sum.active += stats.priority[p].active;
  }
  return sum;
}

/* A pool whose one worker is held by the gate, with n jobs queued behind it. */
static libsched_pool *held_pool(check_gate *gate, check_job *jobs, int n) {
  libsched_pool *pool = check_pool_new(1, 0);
  int i;
  check_gate_hold(gate, pool, 1);
  for (i = 0; i < n; ++i) {
    CHECK_OK(
        libsched_pool_submit(pool, (uint32_t)i % 3, check_job_run, &jobs[i], check_job_discard));
  }
  return pool;
}

CASE(drain_runs_everything) {
  static check_gate gate = CHECK_GATE_INIT;
  static check_job jobs[3000];
  libsched_pool *pool = held_pool(&gate, jobs, 3000);
  CHECK_STATUS(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  check_gate_open(&gate);
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(check_jobs_settled(jobs, 3000), 3000);
  CHECK_EQ(sums(pool).completed, 3001);
  CHECK_EQ(sums(pool).cancelled, 0);
  CHECK_EQ(check_pool_stats(pool).workers, 0);
  libsched_pool_unref(pool);
}

CASE(cancel_discards_what_is_queued) {
  static check_gate gate = CHECK_GATE_INIT;
  static check_job jobs[3000];
  libsched_pool *pool = held_pool(&gate, jobs, 3000);
  CHECK_STATUS(libsched_pool_shutdown(pool, LIBSCHED_CANCEL, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  check_gate_open(&gate);
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_CANCEL, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(check_jobs_settled(jobs, 3000), 0);
  CHECK_EQ(sums(pool).completed, 1);
  CHECK_EQ(sums(pool).cancelled, 3000);
  CHECK_EQ(sums(pool).queued, 0);
  libsched_pool_unref(pool);
}

CASE(cancel_after_drain_discards_the_rest) {
  static check_gate gate = CHECK_GATE_INIT;
  static check_job jobs[100];
  libsched_pool *pool = held_pool(&gate, jobs, 100);
  CHECK_STATUS(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, 5 * MS, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_STATUS(libsched_pool_shutdown(pool, LIBSCHED_CANCEL, 5 * MS, 0, 0), LIBSCHED_E_TIMEOUT);
  check_gate_open(&gate);
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_CANCEL, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(check_jobs_settled(jobs, 100), 0);
  libsched_pool_unref(pool);
}

/* A drain cannot bring back what a cancel has given up. */
CASE(drain_after_cancel_stays_cancelled) {
  static check_gate gate = CHECK_GATE_INIT;
  static check_job jobs[100];
  libsched_pool *pool = held_pool(&gate, jobs, 100);
  CHECK_STATUS(libsched_pool_shutdown(pool, LIBSCHED_CANCEL, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_STATUS(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  check_gate_open(&gate);
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(check_jobs_settled(jobs, 100), 0);
  libsched_pool_unref(pool);
}

CASE(shutdown_again_does_no_harm) {
  libsched_pool *pool = check_pool_new(2, 0);
  int64_t count = 0;
  libsched_error *error = (libsched_error *)UNTOUCHED;
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, check_count_run, &count, 0));
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, 0, &error));
  CHECK(error == 0);
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, 0, 0));
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_CANCEL, 0, 0, 0));
  CHECK_OK(libsched_pool_wait_idle(pool, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(count, 1);
  CHECK_EQ(check_pool_stats(pool).workers, 0);
  libsched_pool_unref(pool);
}

CASE(shutdown_of_a_fresh_pool) {
  libsched_pool *pool = check_pool_new(2, 0);
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_CANCEL, 0, 0, 0));
  libsched_pool_unref(pool);
  CHECK_EQ(check_live(LIBSCHED_KIND_POOL), 0);
}

CASE(unknown_modes_change_nothing) {
  libsched_pool *pool = check_pool_new(1, 0);
  int64_t count = 0;
  libsched_error *error = 0;
  CHECK_STATUS(libsched_pool_shutdown(pool, 2, LIBSCHED_FOREVER, 0, &error), LIBSCHED_E_RANGE);
  CHECK(strstr(libsched_error_message(error), "mode") != 0);
  CHECK(strstr(libsched_error_message(error), "2") != 0);
  libsched_error_free(error);
  CHECK_STATUS(libsched_pool_shutdown(pool, 0xffffffffu, 0, 0, 0), LIBSCHED_E_RANGE);
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, check_count_run, &count, 0));
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(count, 1);
}

/* Many threads shut down at once, with either mode: all come back, each job is settled. */
static void *shut_down(void *data) {
  uint32_t mode = check_thread_id() % 2 ? LIBSCHED_DRAIN : LIBSCHED_CANCEL;
  CHECK_OK(libsched_pool_shutdown((libsched_pool *)data, mode, LIBSCHED_FOREVER, 0, 0));
  return 0;
}

CASE(several_threads_shut_down) {
  int round;
  for (round = 0; round < CHECK_SCALE(100, 30); ++round) {
    check_job jobs[50];
    pthread_t threads[4];
    libsched_pool *pool = check_pool_new(2, 0);
    int i;
    memset(jobs, 0, sizeof(jobs));
    for (i = 0; i < 50; ++i) {
      CHECK_OK(
          libsched_pool_submit(pool, LIBSCHED_NORMAL, check_job_run, &jobs[i], check_job_discard));
    }
    for (i = 0; i < 4; ++i) threads[i] = check_spawn(shut_down, pool);
    for (i = 0; i < 4; ++i) check_join(threads[i]);
    check_jobs_settled(jobs, 50);
    libsched_pool_unref(pool);
  }
}

/* A drain runs what was accepted; what tasks would add to it meets a closed intake. */
typedef struct late {
  check_gate gate;
  libsched_pool *pool;
  int status;
} late;

static int submit_late(libsched_task *task, void *data) {
  late *l = (late *)data;
  check_gate_run(task, &l->gate);
  l->status = libsched_pool_submit(l->pool, LIBSCHED_NORMAL, check_count_run, 0, 0);
  return 0;
}

CASE(draining_pool_takes_nothing_from_its_tasks) {
  static late l = {CHECK_GATE_INIT, 0, 1};
  l.pool = check_pool_new(1, 0);
  CHECK_OK(libsched_pool_submit(l.pool, LIBSCHED_NORMAL, submit_late, &l, 0));
  CHECK_AWAIT(&l.gate.entered, 1);
  CHECK_STATUS(libsched_pool_shutdown(l.pool, LIBSCHED_DRAIN, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  check_gate_open(&l.gate);
  CHECK_OK(libsched_pool_shutdown(l.pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, 0, 0));
  CHECK_STATUS(l.status, LIBSCHED_E_CLOSED);
  libsched_pool_unref(l.pool);
}

/* Running tasks hear of a cancel, and only of a cancel. */
static int hear_the_cancel(libsched_task *task, void *data) {
  CHECK_EQ(libsched_task_cancelled(task), 0);
  check_event_add((check_event *)data, 1);
  CHECK_UNTIL(libsched_task_cancelled(task));
  CHECK_EQ(libsched_task_cancelled(task), 1);
  return 0;
}

CASE(running_tasks_hear_of_a_cancel) {
  static check_event listening = CHECK_EVENT_INIT;
  libsched_pool *pool = check_pool_new(2, 0);
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, hear_the_cancel, &listening, 0));
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_HIGH, hear_the_cancel, &listening, 0));
  CHECK_AWAIT(&listening, 2);
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_CANCEL, LIBSCHED_FOREVER, 0, 0));
  libsched_pool_unref(pool);
}

static int hear_no_drain(libsched_task *task, void *data) {
  check_gate_run(task, data);
  CHECK_EQ(libsched_task_cancelled(task), 0);
  return 0;
}

CASE(running_tasks_hear_nothing_of_a_drain) {
  static check_gate gate = CHECK_GATE_INIT;
  libsched_pool *pool = check_pool_new(1, 0);
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, hear_no_drain, &gate, 0));
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, hear_no_drain, &gate, 0));
  CHECK_AWAIT(&gate.entered, 1);
  CHECK_STATUS(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  check_gate_open(&gate);
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(check_event_count(&gate.entered), 2);
}

/* A wait for idle ends with the pool. */
static void *wait_for_idle(void *data) {
  CHECK_OK(libsched_pool_wait_idle((libsched_pool *)data, LIBSCHED_FOREVER, 0, 0));
  return 0;
}

CASE(shutdown_ends_waits_for_idle) {
  static check_gate gate = CHECK_GATE_INIT;
  static check_job jobs[20];
  libsched_pool *pool = held_pool(&gate, jobs, 20);
  pthread_t thread = check_spawn(wait_for_idle, pool);
  CHECK_STATUS(libsched_pool_shutdown(pool, LIBSCHED_CANCEL, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  check_gate_open(&gate);
  check_join(thread);
  check_pool_end(pool, LIBSCHED_CANCEL);
  CHECK_EQ(check_jobs_settled(jobs, 20), 0);
}

CASES = {RUN(drain_runs_everything),
         RUN(cancel_discards_what_is_queued),
         RUN(cancel_after_drain_discards_the_rest),
         RUN(drain_after_cancel_stays_cancelled),
         RUN(shutdown_again_does_no_harm),
         RUN(shutdown_of_a_fresh_pool),
         RUN(unknown_modes_change_nothing),
         RUN(several_threads_shut_down),
         RUN(draining_pool_takes_nothing_from_its_tasks),
         RUN(running_tasks_hear_of_a_cancel),
         RUN(running_tasks_hear_nothing_of_a_drain),
         RUN(shutdown_ends_waits_for_idle),
         CASES_END};
