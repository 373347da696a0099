/* Groups and their pool: its end, by shutdown or unref, before theirs; and its caps, which count their tasks. */
#include "check_group.h"

#define MS ((int64_t)1000000)

static void on_complete(int status, int code, void *data) {
  CHECK_STATUS(status, code == 0 ? LIBSCHED_OK : LIBSCHED_E_FAILED);
  CHECK_ADD(*(int64_t *)data, 1);
}

static libsched_group *group_of(libsched_pool *pool, int64_t *completions) {
  libsched_group_options options = LIBSCHED_GROUP_OPTIONS_INIT;
  libsched_group *group = 0;
  if (completions != 0) options.on_complete = on_complete;
  options.user_data = completions;
  CHECK_OK(libsched_group_create(&group, pool, &options, 0));
  return group;
}

/* A pool that is shut down runs or discards the groups' tasks; the groups complete, and take no more tasks. */
static void *wait_in_a_thread(void *data) {
  libsched_group *group = (libsched_group *)data;
  int code = 99;
  int status = libsched_group_wait(&code, group, 0, LIBSCHED_FOREVER, 0, 0);
  CHECK_STATUS(status, code == 0 ? LIBSCHED_OK : LIBSCHED_E_FAILED);
  return 0;
}

static void shut_down(uint32_t mode, uint32_t workers) {
  static check_job jobs[3][60];
  check_gate gate = CHECK_GATE_INIT;
  libsched_pool *pool = check_pool_new(workers, 0);
  libsched_group *group[3];
  pthread_t thread;
  int64_t completions = 0;
  int want = mode == LIBSCHED_DRAIN ? 0 : LIBSCHED_E_CANCELLED;
  int i;
  int k;
  memset(jobs, 0, sizeof(jobs));
  for (i = 0; i < 3; ++i) group[i] = group_of(pool, &completions);
  check_gate_hold(&gate, pool, (int)workers);
  for (k = 0; k < 60; ++k) {
    for (i = 0; i < 3; ++i) {
      CHECK_OK(libsched_group_submit(group[i], (uint32_t)k % 3, check_job_run, &jobs[i][k],
                                     check_job_discard));
    }
  }
  thread = check_spawn(wait_in_a_thread, group[0]);
  CHECK_OK(libsched_group_enter(group[1]));
  CHECK_STATUS(libsched_pool_shutdown(pool, mode, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  for (i = 1; i < 3; ++i) {
    CHECK_STATUS(
        libsched_group_submit(group[i], LIBSCHED_NORMAL, check_never_run, 0, check_never_discard),
        LIBSCHED_E_CLOSED);
  }
  check_gate_open(&gate);
  CHECK_OK(libsched_pool_shutdown(pool, mode, LIBSCHED_FOREVER, 0, 0));
  check_join(thread);
  /* What has entered has nothing to do with the pool. */
  CHECK_STATUS(libsched_group_wait(0, group[1], 0, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_OK(libsched_group_enter(group[1]));
  for (i = 0; i < 2; ++i) CHECK_OK(libsched_group_leave(group[1], 0));
  for (i = 0; i < 3; ++i) {
    CHECK_STATUS(check_group_code(group[i]), want);
    CHECK_EQ(check_jobs_settled(jobs[i], 60), mode == LIBSCHED_DRAIN ? 60 : 0);
    CHECK_EQ(check_group_stats(group[i]).submitted, 60);
    CHECK_EQ(check_group_stats(group[i]).cancelled, mode == LIBSCHED_DRAIN ? 0 : 60);
    CHECK_OK(libsched_group_reset(group[i]));
    CHECK_STATUS(
        libsched_group_submit(group[i], LIBSCHED_LOW, check_never_run, 0, check_never_discard),
        LIBSCHED_E_CLOSED);
    CHECK_EQ(check_group_code(group[i]), 0);
    libsched_group_unref(group[i]);
  }
  CHECK_EQ(completions, 6);
  libsched_pool_unref(pool);
}

CASE(drain_runs_the_groups_tasks) {
  shut_down(LIBSCHED_DRAIN, 1);
  shut_down(LIBSCHED_DRAIN, 2);
}

CASE(cancel_discards_the_groups_tasks) {
  shut_down(LIBSCHED_CANCEL, 1);
  shut_down(LIBSCHED_CANCEL, 2);
}

CASE(shutdown_without_workers) {
  uint32_t mode;
  for (mode = LIBSCHED_DRAIN; mode <= LIBSCHED_CANCEL; ++mode) {
    check_job jobs[30];
    libsched_pool *pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
    libsched_group *group = group_of(pool, 0);
    int i;
    memset(jobs, 0, sizeof(jobs));
    for (i = 0; i < 30; ++i) {
      CHECK_OK(libsched_group_submit(group, (uint32_t)i % 3, check_job_run, &jobs[i],
                                     check_job_discard));
    }
    CHECK_OK(libsched_pool_shutdown(pool, mode, LIBSCHED_FOREVER, 0, 0));
    CHECK_EQ(check_jobs_settled(jobs, 30), mode == LIBSCHED_DRAIN ? 30 : 0);
    CHECK_STATUS(check_group_code(group),
                 mode == LIBSCHED_DRAIN ? LIBSCHED_OK : LIBSCHED_E_CANCELLED);
    libsched_group_unref(group);
    libsched_pool_unref(pool);
  }
}

/* A worker that waits when the pool is shut down: its wait ends, one way or the other, and so does the shutdown. */
typedef struct caught {
  libsched_pool *pool;
  libsched_group *group;
  check_gate gate;
  int64_t ran;
  int64_t discarded;
  int code;
} caught;

static void count_discard(void *data) { CHECK_ADD(((caught *)data)->discarded, 1); }

static int count_run(libsched_task *task, void *data) {
  (void)task;
  CHECK_ADD(((caught *)data)->ran, 1);
  return 0;
}

static int wait_through_shutdown(libsched_task *task, void *data) {
  caught *c = (caught *)data;
  int i;
  for (i = 0; i < 20; ++i)
    CHECK_OK(libsched_group_submit(c->group, (uint32_t)i % 3, count_run, c, count_discard));
  check_gate_run(task, &c->gate);
  CHECK_STATUS(
      libsched_group_submit(c->group, LIBSCHED_HIGH, check_never_run, 0, check_never_discard),
      LIBSCHED_E_CLOSED);
  c->code = check_group_code(c->group);
  CHECK_EQ(CHECK_GET(c->ran) + CHECK_GET(c->discarded), 20);
  return 0;
}

static void catch_a_waiter(uint32_t mode, uint32_t workers) {
  caught c = {0, 0, CHECK_GATE_INIT, 0, 0, 99};
  check_gate others = CHECK_GATE_INIT;
  c.pool = check_pool_new(workers, 0);
  c.group = group_of(c.pool, 0);
  check_gate_hold(&others, c.pool, (int)workers - 1);
  CHECK_OK(libsched_pool_submit(c.pool, LIBSCHED_NORMAL, wait_through_shutdown, &c, 0));
  CHECK_AWAIT(&c.gate.entered, 1);
  CHECK_STATUS(libsched_pool_shutdown(c.pool, mode, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  check_gate_open(&c.gate);
  check_gate_open(&others);
  CHECK_OK(libsched_pool_shutdown(c.pool, mode, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(c.ran, mode == LIBSCHED_DRAIN ? 20 : 0);
  CHECK_STATUS(c.code, mode == LIBSCHED_DRAIN ? LIBSCHED_OK : LIBSCHED_E_CANCELLED);
  libsched_group_unref(c.group);
  libsched_pool_unref(c.pool);
}

CASE(waiter_in_a_drain) {
  catch_a_waiter(LIBSCHED_DRAIN, 1);
  catch_a_waiter(LIBSCHED_DRAIN, 3);
}

CASE(waiter_in_a_cancel) {
  catch_a_waiter(LIBSCHED_CANCEL, 1);
  catch_a_waiter(LIBSCHED_CANCEL, 3);
}

/* The same with the waiter asleep, and its spare too: what has entered leaves when the shutdown has begun. */
static int wait_asleep(libsched_task *task, void *data) {
  caught *c = (caught *)data;
  (void)task;
  check_event_add(&c->gate.entered, 1);
  c->code = check_group_code(c->group);
  CHECK_ADD(c->ran, 1);
  return 0;
}

CASE(sleeping_waiter_is_waited_for) {
  uint32_t mode;
  for (mode = LIBSCHED_DRAIN; mode <= LIBSCHED_CANCEL; ++mode) {
    int round;
    for (round = 0; round < 30; ++round) {
      caught c = {0, 0, CHECK_GATE_INIT, 0, 0, 99};
      c.pool = check_pool_new(1, 0);
      c.group = group_of(c.pool, 0);
      CHECK_OK(libsched_group_enter(c.group));
      CHECK_OK(libsched_pool_submit(c.pool, LIBSCHED_NORMAL, wait_asleep, &c, 0));
      CHECK_AWAIT(&c.gate.entered, 1);
      CHECK_STATUS(libsched_pool_shutdown(c.pool, mode, MS * (round % 3), 0, 0),
                   LIBSCHED_E_TIMEOUT);
      CHECK_EQ(CHECK_GET(c.ran), 0);
      CHECK_OK(libsched_group_leave(c.group, 7));
      CHECK_OK(libsched_pool_shutdown(c.pool, mode, LIBSCHED_FOREVER, 0, 0));
      CHECK_EQ(c.ran, 1);
      CHECK_EQ(c.code, 7);
      libsched_group_unref(c.group);
      libsched_pool_unref(c.pool);
    }
  }
}

/* The pool's last reference goes first: what is queued is discarded, and the group can still be waited for. */
static void unref_first(uint32_t workers) {
  check_job jobs[50];
  check_gate gate = CHECK_GATE_INIT;
  int threads = check_threads_at_rest();
  libsched_pool *pool = check_pool_new(workers, 0);
  libsched_group *group = group_of(pool, 0);
  int i;
  memset(jobs, 0, sizeof(jobs));
  check_gate_hold(&gate, pool, (int)workers);
  for (i = 0; i < 50; ++i) {
    CHECK_OK(
        libsched_group_submit(group, (uint32_t)i % 3, check_job_run, &jobs[i], check_job_discard));
  }
  libsched_pool_unref(pool);
  CHECK_EQ(check_live(LIBSCHED_KIND_POOL), 0);
  CHECK_EQ(check_live(LIBSCHED_KIND_GROUP), 1);
  CHECK_STATUS(
      libsched_group_submit(group, LIBSCHED_NORMAL, check_never_run, 0, check_never_discard),
      LIBSCHED_E_CLOSED);
  check_gate_open(&gate);
  CHECK_STATUS(check_group_code(group), LIBSCHED_E_CANCELLED);
  CHECK_EQ(check_jobs_settled(jobs, 50), 0);
  CHECK_UNTIL(check_threads() == threads);
  CHECK_OK(libsched_group_reset(group));
  CHECK_OK(libsched_group_enter(group));
  CHECK_OK(libsched_group_cancel(group));
  CHECK_OK(libsched_group_leave(group, 0));
  CHECK_STATUS(check_group_code(group), LIBSCHED_E_CANCELLED);
  CHECK_EQ(check_group_stats(group).cancelled, 50);
  libsched_group_unref(group);
  CHECK_EQ(check_live(LIBSCHED_KIND_GROUP), 0);
}

CASE(pool_is_unreferenced_first) {
  unref_first(1);
  unref_first(2);
}

CASE(idle_pool_is_unreferenced_first) {
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_group *group = group_of(pool, 0);
  libsched_pool_unref(pool);
  CHECK_STATUS(
      libsched_group_submit(group, LIBSCHED_NORMAL, check_never_run, 0, check_never_discard),
      LIBSCHED_E_CLOSED);
  CHECK_EQ(check_group_code(group), 0);
  libsched_group_unref(group);
  CHECK_EQ(check_live(LIBSCHED_KIND_POOL) + check_live(LIBSCHED_KIND_GROUP), 0);
}

/* A cap counts the groups' tasks. */
typedef struct capped {
  int64_t now;
  int64_t ran;
} capped;

static int run_capped(libsched_task *task, void *data) {
  capped *c = (capped *)data;
  (void)task;
  CHECK_LE(CHECK_ADD(c->now, 1), 1);
  CHECK_ADD(c->ran, 1);
  CHECK_ADD(c->now, -1);
  return 0;
}

CASE(cap_counts_the_groups_tasks) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  libsched_pool *pool;
  libsched_group *group[2];
  capped c = {0, 0};
  int i;
  options.workers = 4;
  options.low_cap = 1;
  pool = check_pool_with(&options);
  for (i = 0; i < 2; ++i) group[i] = group_of(pool, 0);
  for (i = 0; i < 2000; ++i)
    CHECK_OK(libsched_group_submit(group[i % 2], LIBSCHED_LOW, run_capped, &c, 0));
  for (i = 0; i < 2; ++i) CHECK_EQ(check_group_code(group[i]), 0);
  CHECK_EQ(c.ran, 2000);
  for (i = 0; i < 2; ++i) libsched_group_unref(group[i]);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* A waiter that holds the only place of its level runs there what the others must leave alone. */
static int leave_it(libsched_task *task, void *data) {
  (void)task;
  return libsched_group_leave((libsched_group *)data, 0);
}

static int wait_in_place(libsched_task *task, void *data) {
  (void)task;
  return check_group_code((libsched_group *)data);
}

CASE(waiter_at_its_cap_is_woken) {
  uint32_t workers;
  for (workers = 1; workers <= 2; ++workers) {
    libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
    libsched_pool *pool;
    libsched_group *group;
    options.workers = workers;
    options.low_cap = 1;
    pool = check_pool_with(&options);
    group = group_of(pool, 0);
    CHECK_OK(libsched_group_enter(group));
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_LOW, wait_in_place, group, 0));
    CHECK_UNTIL(check_priority_stats(pool, LIBSCHED_LOW).active == 1);
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_LOW, leave_it, group, 0));
    check_pool_idle(pool);
    CHECK_EQ(check_priority_stats(pool, LIBSCHED_LOW).completed, 2);
    libsched_group_unref(group);
    check_pool_end(pool, LIBSCHED_DRAIN);
  }
}

CASES = {RUN(drain_runs_the_groups_tasks),
         RUN(cancel_discards_the_groups_tasks),
         RUN(shutdown_without_workers),
         RUN(waiter_in_a_drain),
         RUN(waiter_in_a_cancel),
         RUN(sleeping_waiter_is_waited_for),
         RUN(pool_is_unreferenced_first),
         RUN(idle_pool_is_unreferenced_first),
         RUN(cap_counts_the_groups_tasks),
         RUN(waiter_at_its_cap_is_woken),
         CASES_END};
