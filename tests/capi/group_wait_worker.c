/* Waits on workers that end early, for groups of other pools, and in pools without workers. */
#include "check_group.h"

#define MS ((int64_t)1000000)

static int give_code(libsched_task *task, void *data) {
  (void)task;
  return *(int *)data;
}

/* How many waits are open on this thread: a task that finds some is run as help. */
static __thread int open_waits;

typedef struct early {
  libsched_pool *pool;
  libsched_group *group;
  libsched_cancel *cancel;
  int64_t members;
  int64_t foreign;
  int64_t done;
} early;

static int be_member(libsched_task *task, void *data) {
  (void)task;
  CHECK_ADD(((early *)data)->members, 1);
  return 0;
}

static int be_foreign(libsched_task *task, void *data) {
  (void)task;
  CHECK_EQ(open_waits, 0);
  CHECK_ADD(((early *)data)->foreign, 1);
  return 0;
}

static int timed_wait(early *e, int64_t timeout_ns, libsched_cancel *cancel) {
  int status;
  ++open_waits;
  status = libsched_group_wait(0, e->group, 0, timeout_ns, cancel, 0);
  --open_waits;
  return status;
}

/* With a timeout nothing but the group's tasks is run meanwhile, and with a timeout of 0 nothing at all. */
static int wait_with_timeouts(libsched_task *task, void *data) {
  early *e = (early *)data;
  int64_t start;
  int i;
  (void)task;
  for (i = 0; i < 20; ++i)
    CHECK_OK(libsched_group_submit(e->group, (uint32_t)i % 3, be_member, e, 0));
  for (i = 0; i < 20; ++i)
    CHECK_OK(libsched_pool_submit(e->pool, (uint32_t)i % 3, be_foreign, e, 0));
  CHECK_OK(libsched_group_enter(e->group));
  CHECK_STATUS(timed_wait(e, 0, 0), LIBSCHED_E_TIMEOUT);
  /* There is no other worker. */
  CHECK_EQ(CHECK_GET(e->members) + CHECK_GET(e->foreign), 20 * e->done);
  start = check_now_ns();
  CHECK_STATUS(timed_wait(e, 20 * MS, 0), LIBSCHED_E_TIMEOUT);
  CHECK_LE(20 * MS, check_now_ns() - start);
  CHECK_STATUS(timed_wait(e, 1, 0), LIBSCHED_E_TIMEOUT);
  CHECK_OK(libsched_group_leave(e->group, 0));
  CHECK_OK(timed_wait(e, (int64_t)3600 * 1000 * MS, 0));
  CHECK_EQ(CHECK_GET(e->members), 20);
  CHECK_OK(timed_wait(e, 0, 0));
  CHECK_ADD(e->done, 1);
  return 0;
}

CASE(timeouts_on_a_worker) {
  early e = {0, 0, 0, 0, 0, 0};
  int round;
  e.pool = check_pool_new(1, 0);
  for (round = 1; round <= 5; ++round) {
    e.members = 0;
    e.group = check_group_new(e.pool);
    CHECK_OK(libsched_pool_submit(e.pool, LIBSCHED_NORMAL, wait_with_timeouts, &e, 0));
    check_pool_idle(e.pool);
    CHECK_EQ(e.done, round);
    CHECK_EQ(e.foreign, 20 * round);
    libsched_group_unref(e.group);
  }
  check_pool_end(e.pool, LIBSCHED_DRAIN);
}

/* The switch is triggered by a task that only a spare can run while the worker waits. */
static int trigger(libsched_task *task, void *data) {
  (void)task;
  CHECK_EQ(open_waits, 0);
  CHECK_OK(libsched_cancel_trigger(((early *)data)->cancel));
  return 0;
}

static int wait_with_switch(libsched_task *task, void *data) {
  early *e = (early *)data;
  (void)task;
  CHECK_OK(libsched_pool_submit(e->pool, LIBSCHED_HIGH, trigger, e, 0));
  CHECK_STATUS(timed_wait(e, LIBSCHED_FOREVER, e->cancel), LIBSCHED_E_CANCELLED);
  CHECK_STATUS(timed_wait(e, LIBSCHED_FOREVER, e->cancel), LIBSCHED_E_CANCELLED);
  CHECK_OK(libsched_cancel_reset(e->cancel));
  CHECK_OK(libsched_pool_submit(e->pool, LIBSCHED_LOW, trigger, e, 0));
  CHECK_STATUS(timed_wait(e, (int64_t)3600 * 1000 * MS, e->cancel), LIBSCHED_E_CANCELLED);
  /* The group goes on, and the switch does not matter to a wait that need not wait. */
  CHECK_OK(libsched_group_submit(e->group, LIBSCHED_LOW, be_member, e, 0));
  CHECK_OK(libsched_group_leave(e->group, 0));
  CHECK_EQ(check_group_code(e->group), 0);
  CHECK_EQ(CHECK_GET(e->members), 1);
  CHECK_OK(timed_wait(e, LIBSCHED_FOREVER, e->cancel));
  CHECK_ADD(e->done, 1);
  return 0;
}

CASE(switch_on_a_worker) {
  uint32_t workers;
  for (workers = 1; workers <= 2; ++workers) {
    early e = {0, 0, 0, 0, 0, 0};
    e.pool = check_pool_new(workers, 0);
    e.group = check_group_new(e.pool);
    CHECK_OK(libsched_group_enter(e.group));
    CHECK_OK(libsched_cancel_create(&e.cancel));
    CHECK_OK(libsched_pool_submit(e.pool, LIBSCHED_NORMAL, wait_with_switch, &e, 0));
    check_pool_idle(e.pool);
    CHECK_EQ(e.done, 1);
    libsched_group_unref(e.group);
    libsched_cancel_unref(e.cancel);
    check_pool_end(e.pool, LIBSCHED_DRAIN);
  }
}

/* For a group of another pool a worker waits as any thread does. */
typedef struct neighbours {
  libsched_pool *pool[2];
  libsched_group *group[2];
  int depth;
  int64_t ran;
} neighbours;

static int count_neighbour(libsched_task *task, void *data) {
  uint32_t worker = 99;
  neighbours *n = (neighbours *)data;
  (void)task;
  CHECK_STATUS(libsched_pool_current_worker(&worker, n->pool[0]), LIBSCHED_E_NOT_WORKER);
  CHECK_OK(libsched_pool_current_worker(&worker, n->pool[1]));
  CHECK_ADD(n->ran, 1);
  return 0;
}

static int wait_next_door(libsched_task *task, void *data) {
  neighbours *n = (neighbours *)data;
  libsched_group *group = check_group_new(n->pool[1]);
  int i;
  (void)task;
  for (i = 0; i < 30; ++i)
    CHECK_OK(libsched_group_submit(group, (uint32_t)i % 3, count_neighbour, n, 0));
  CHECK_EQ(check_group_code(group), 0);
  libsched_group_unref(group);
  return 0;
}

CASE(group_of_another_pool) {
  neighbours n = {{0, 0}, {0, 0}, 0, 0};
  int i;
  for (i = 0; i < 2; ++i) n.pool[i] = check_pool_new(1, 0);
  for (i = 0; i < 10; ++i)
    CHECK_OK(libsched_pool_submit(n.pool[0], (uint32_t)i % 3, wait_next_door, &n, 0));
  check_pool_idle(n.pool[0]);
  CHECK_EQ(n.ran, 300);
  for (i = 0; i < 2; ++i) check_pool_end(n.pool[i], LIBSCHED_DRAIN);
}

/* Two pools that wait for each other: who waits says that it blocks, so a spare serves the tasks that come back. */
static int wait_to_and_fro(libsched_task *task, void *data) {
  neighbours *n = (neighbours *)data;
  int depth = CHECK_ADD(n->depth, 1);
  libsched_group *group;
  (void)task;
  if (depth >= 40) return 8;
  group = check_group_new(n->pool[depth % 2]);
  CHECK_OK(libsched_group_submit(group, LIBSCHED_NORMAL, wait_to_and_fro, n, 0));
  CHECK_OK(libsched_blocking_begin());
  CHECK_EQ(check_group_code(group), 8);
  CHECK_OK(libsched_blocking_end());
  libsched_group_unref(group);
  return 8;
}

CASE(two_pools_wait_for_each_other) {
  neighbours n = {{0, 0}, {0, 0}, 0, 0};
  int i;
  for (i = 0; i < 2; ++i) {
    n.pool[i] = check_pool_new(1, 0);
    n.group[i] = check_group_new(n.pool[i]);
  }
  CHECK_OK(libsched_group_submit(n.group[0], LIBSCHED_NORMAL, wait_to_and_fro, &n, 0));
  CHECK_EQ(check_group_code(n.group[0]), 8);
  CHECK_EQ(n.depth, 40);
  for (i = 0; i < 2; ++i) {
    libsched_group_unref(n.group[i]);
    check_pool_end(n.pool[i], LIBSCHED_DRAIN);
  }
}

/* Without workers the waiting threads run the tasks, of the group and others. */
static void *wait_in_a_thread(void *data) {
  CHECK_EQ(check_group_code((libsched_group *)data), 0);
  return 0;
}

static int leave_group(libsched_task *task, void *data) {
  (void)task;
  return libsched_group_leave((libsched_group *)data, 0);
}

CASE(pool_without_workers) {
  static int failing = 12;
  check_job jobs[30];
  libsched_pool *pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
  libsched_group *group = check_group_new(pool);
  int i;
  memset(jobs, 0, sizeof(jobs));
  for (i = 0; i < 30; ++i)
    CHECK_OK(libsched_group_submit(group, (uint32_t)i % 3, check_job_run, &jobs[i], 0));
  CHECK_EQ(check_group_code(group), 0);
  CHECK_EQ(check_jobs_settled(jobs, 30), 30);
  CHECK_OK(libsched_group_reset(group));
  /* Others too: a task that is not of the group ends its last member. */
  CHECK_OK(libsched_group_enter(group));
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_LOW, leave_group, group, 0));
  CHECK_EQ(check_group_code(group), 0);
  CHECK_OK(libsched_group_reset(group));
  /* And the group's tasks are run by run_one as any others. */
  CHECK_OK(libsched_group_submit(group, LIBSCHED_HIGH, give_code, &failing, 0));
  CHECK_OK(libsched_pool_run_one(pool));
  CHECK_STATUS(libsched_pool_run_one(pool), LIBSCHED_E_EMPTY);
  CHECK_EQ(check_group_code(group), 12);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(several_threads_wait_without_workers) {
  libsched_pool *pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
  int round;
  for (round = 0; round < CHECK_SCALE(300, 50); ++round) {
    libsched_group *group[2];
    pthread_t threads[3];
    int64_t count = 0;
    int i;
    for (i = 0; i < 2; ++i) {
      group[i] = check_group_new(pool);
      CHECK_OK(libsched_group_enter(group[i]));
    }
    for (i = 0; i < 3; ++i) threads[i] = check_spawn(wait_in_a_thread, group[i % 2]);
    for (i = 0; i < 40; ++i)
      CHECK_OK(libsched_group_submit(group[i % 2], (uint32_t)i % 3, check_count_run, &count, 0));
    /* Each is ended by a task that any of the waiting threads may run. */
    for (i = 0; i < 2; ++i)
      CHECK_OK(libsched_pool_submit(pool, LIBSCHED_LOW, leave_group, group[i], 0));
    for (i = 0; i < 3; ++i) check_join(threads[i]);
    CHECK_EQ(count, 40);
    for (i = 0; i < 2; ++i) libsched_group_unref(group[i]);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASES = {RUN(timeouts_on_a_worker),
         RUN(switch_on_a_worker),
         RUN(group_of_another_pool),
         RUN(two_pools_wait_for_each_other),
         RUN(pool_without_workers),
         RUN(several_threads_wait_without_workers),
         CASES_END};
