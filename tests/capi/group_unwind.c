/* Tasks of a group that end their thread: a failure of the group, and all goes on, also when run as help. */
#include "check_group.h"

static libsched_group *group_of(libsched_pool *pool, uint32_t flags) {
  libsched_group_options options = LIBSCHED_GROUP_OPTIONS_INIT;
  libsched_group *group = 0;
  options.flags = flags;
  CHECK_OK(libsched_group_create(&group, pool, &options, 0));
  return group;
}

static int exit_thread(libsched_task *task, void *data) {
  (void)task;
  (void)data;
  pthread_exit(0);
  return 0;
}

static int cancel_thread(libsched_task *task, void *data) {
  (void)task;
  (void)data;
  CHECK_EQ(pthread_cancel(pthread_self()), 0);
  pthread_testcancel();
  check_fail(__FILE__, __LINE__, "a thread that was cancelled went on");
  return 0;
}

/* One of the tasks ends its thread: the others run, and the group completes with that failure. */
static void unwind_on(uint32_t workers, libsched_task_fn end_thread) {
  int threads = check_threads_at_rest();
  libsched_pool *pool = check_pool_new(workers, 0);
  int round;
  for (round = 0; round < 20; ++round) {
    libsched_group *group = group_of(pool, 0);
    int64_t count = 0;
    int i;
    for (i = 0; i < 30; ++i) {
      CHECK_OK(libsched_group_submit(group, (uint32_t)i % 3,
                                     i % 10 == 4 ? end_thread : check_count_run, &count, 0));
    }
    CHECK_STATUS(check_group_code(group), LIBSCHED_E_UNWOUND);
    CHECK_EQ(count, 27);
    CHECK_EQ(check_group_stats(group).failed, 3);
    CHECK_EQ(check_group_stats(group).completed, 27);
    CHECK_OK(libsched_group_reset(group));
    CHECK_OK(libsched_group_submit(group, LIBSCHED_NORMAL, check_count_run, &count, 0));
    CHECK_EQ(check_group_code(group), 0);
    libsched_group_unref(group);
  }
  CHECK_UNTIL(check_pool_stats(pool).workers == workers);
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_UNTIL(check_threads() <= threads);
}

CASE(pthread_exit_with_one_worker) { unwind_on(1, exit_thread); }
CASE(pthread_exit_with_two_workers) { unwind_on(2, exit_thread); }
CASE(cancellation_with_one_worker) { unwind_on(1, cancel_thread); }
CASE(cancellation_with_two_workers) { unwind_on(2, cancel_thread); }

CASE(it_cancels_with_the_flag) {
  check_gate gate = CHECK_GATE_INIT;
  check_job jobs[20];
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_group *group = group_of(pool, LIBSCHED_GROUP_CANCEL_ON_FAILURE);
  int i;
  memset(jobs, 0, sizeof(jobs));
  check_gate_hold(&gate, pool, 1);
  CHECK_OK(libsched_group_submit(group, LIBSCHED_HIGH, exit_thread, 0, 0));
  for (i = 0; i < 20; ++i)
    CHECK_OK(
        libsched_group_submit(group, LIBSCHED_LOW, check_job_run, &jobs[i], check_job_discard));
  check_gate_open(&gate);
  CHECK_STATUS(check_group_code(group), LIBSCHED_E_UNWOUND);
  CHECK_EQ(check_jobs_settled(jobs, 20), 0);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/*
 * Run as help, it ends the waiting tasks below it on that stack as well: each has failed in the same way, its wait is
 * over, and the group that it waited for goes on without it.
 */
typedef struct stack {
  libsched_pool *pool;
  libsched_group *group[4]; /* the task of each waits for the next */
  int64_t told;
  int64_t count;
  uint32_t flags;
} stack;

static void count_failure(int code, const char *message, void *task_data, void *user_data) {
  (void)task_data;
  CHECK_STATUS(code, LIBSCHED_E_UNWOUND);
  CHECK(message != 0);
  CHECK_ADD(((stack *)user_data)->told, 1);
}

static stack the;

static int wait_for_next(libsched_task *task, void *data) {
  int64_t i = VALUE(data);
  int k;
  (void)task;
  if (i == 3) pthread_exit(0);
  CHECK_OK(libsched_group_submit(the.group[i + 1], LIBSCHED_NORMAL, wait_for_next, ITEM(i + 1), 0));
  for (k = 0; k < 10; ++k) {
    CHECK_OK(
        libsched_group_submit(the.group[i + 1], LIBSCHED_NORMAL, check_count_run, &the.count, 0));
  }
  CHECK_OK(libsched_group_wait(0, the.group[i + 1], the.flags, LIBSCHED_FOREVER, 0, 0));
  check_fail(__FILE__, __LINE__, "a wait returned on a stack that was unwound");
  return 0;
}

static void unwind_help(uint32_t flags, uint32_t max_spare) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  int i;
  memset(&the, 0, sizeof(the));
  the.flags = flags;
  options.workers = 1;
  options.max_spare = max_spare;
  options.on_failure = count_failure;
  options.hook_data = &the;
  the.pool = check_pool_with(&options);
  for (i = 0; i < 4; ++i) the.group[i] = group_of(the.pool, 0);
  CHECK_OK(libsched_group_submit(the.group[0], LIBSCHED_NORMAL, wait_for_next, ITEM(0), 0));
  check_pool_idle(the.pool);
  for (i = 0; i < 4; ++i) CHECK_STATUS(check_group_code(the.group[i]), LIBSCHED_E_UNWOUND);
  CHECK_EQ(the.count, 30);
  CHECK_EQ(CHECK_GET(the.told), 4);
  CHECK_EQ(check_priority_stats(the.pool, LIBSCHED_NORMAL).failed, 4);
  CHECK_EQ(check_priority_stats(the.pool, LIBSCHED_NORMAL).active, 0);
  /* The pool is as good as new. */
  CHECK_OK(libsched_group_reset(the.group[0]));
  for (i = 0; i < 20; ++i) {
    CHECK_OK(libsched_group_submit(the.group[0], (uint32_t)i % 3, check_count_run, &the.count, 0));
  }
  CHECK_EQ(check_group_code(the.group[0]), 0);
  CHECK_EQ(the.count, 50);
  for (i = 0; i < 4; ++i) libsched_group_unref(the.group[i]);
  check_pool_end(the.pool, LIBSCHED_DRAIN);
}

CASE(it_takes_the_waiters_on_its_stack_along) { unwind_help(0, 0); }
CASE(it_takes_isolated_waiters_along) { unwind_help(LIBSCHED_ISOLATED, 0); }
CASE(it_takes_waiters_along_without_a_spare) { unwind_help(0, LIBSCHED_NO_SPARE); }

/*
 * A foreign task that a waiter runs as help ends it too. The waiting task does not end before its group all the same,
 * for what the group does may lie on its stack.
 */
typedef struct foreign {
  libsched_pool *pool;
  libsched_group *group;
  int64_t count;
} foreign;

static int wait_for_a_leave(libsched_task *task, void *data) {
  foreign *f = (foreign *)data;
  int i;
  (void)task;
  CHECK_OK(libsched_pool_submit(f->pool, LIBSCHED_NORMAL, exit_thread, 0, 0));
  for (i = 0; i < 10; ++i)
    CHECK_OK(libsched_pool_submit(f->pool, (uint32_t)i % 3, check_count_run, &f->count, 0));
  CHECK_OK(libsched_group_wait(0, f->group, 0, LIBSCHED_FOREVER, 0, 0));
  check_fail(__FILE__, __LINE__, "a wait returned on a stack that was unwound");
  return 0;
}

CASE(foreign_help_ends_its_waiter) {
  foreign f = {0, 0, 0};
  libsched_pool *pool = check_pool_new(1, 0);
  uint64_t round;
  f.pool = pool;
  f.group = group_of(pool, 0);
  for (round = 1; round <= 20; ++round) {
    CHECK_OK(libsched_group_enter(f.group));
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, wait_for_a_leave, &f, 0));
    CHECK_UNTIL(check_priority_stats(pool, LIBSCHED_NORMAL).failed >= 2 * round - 1);
    /* The other tasks run meanwhile. */
    CHECK_UNTIL(CHECK_GET(f.count) == (int64_t)(10 * round));
    CHECK_STATUS(libsched_group_wait(0, f.group, 0, 0, 0, 0), LIBSCHED_E_TIMEOUT);
    CHECK_EQ(check_priority_stats(pool, LIBSCHED_NORMAL).failed, 2 * round - 1);
    CHECK_OK(libsched_group_leave(f.group, 0));
    check_pool_idle(pool);
    CHECK_EQ(check_priority_stats(pool, LIBSCHED_NORMAL).failed, 2 * round);
    CHECK_EQ(check_group_code(f.group), 0);
    CHECK_OK(libsched_group_reset(f.group));
  }
  libsched_group_unref(f.group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* A wait that may end before its group does not hold the end of its thread up either. */
static int wait_an_hour(libsched_task *task, void *data) {
  libsched_group *group = (libsched_group *)data;
  (void)task;
  CHECK_OK(libsched_group_submit(group, LIBSCHED_NORMAL, exit_thread, 0, 0));
  CHECK_OK(libsched_group_wait(0, group, 0, (int64_t)3600000 * 1000000, 0, 0));
  check_fail(__FILE__, __LINE__, "a wait returned on a stack that was unwound");
  return 0;
}

CASE(a_limited_wait_ends_with_its_thread) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_group *group = group_of(pool, 0);
  CHECK_OK(libsched_group_enter(group));
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, wait_an_hour, group, 0));
  check_pool_idle(pool);
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_NORMAL).failed, 2);
  CHECK_OK(libsched_group_leave(group, 0));
  CHECK_STATUS(check_group_code(group), LIBSCHED_E_UNWOUND);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/*
 * Branches lie on the stack that goes, and others may have them. But a worker that waits runs its own ones too, and these
 * do not end before the wait above them.
 */
typedef struct branches {
  libsched_pool *pool;
  libsched_group *group;
  libsched_group *inner;
  int64_t exited;
  int64_t begun;
  int64_t inner_begun;
  int64_t joined;
} branches;

static int exit_and_tell(libsched_task *task, void *data) {
  CHECK_SET(((branches *)data)->exited, 1);
  return exit_thread(task, 0);
}

static void wait_for_the_exit(branches *b) {
  b->inner = group_of(b->pool, 0);
  CHECK_OK(libsched_group_submit(b->inner, LIBSCHED_NORMAL, exit_and_tell, b, 0));
  CHECK_OK(libsched_group_wait(0, b->inner, LIBSCHED_ISOLATED, LIBSCHED_FOREVER, 0, 0));
  check_fail(__FILE__, __LINE__, "a wait returned on a stack that was unwound");
}

static int own_branch(libsched_task *task, void *data) {
  branches *b = (branches *)data;
  (void)task;
  CHECK_OK(libsched_group_leave(b->group, 0));
  wait_for_the_exit(b);
  return 0;
}

static int fork_and_wait(libsched_task *task, void *data) {
  branches *b = (branches *)data;
  libsched_frame frame;
  (void)task;
  CHECK_OK(libsched_fork(&frame, own_branch, b));
  CHECK_OK(libsched_group_wait(0, b->group, 0, LIBSCHED_FOREVER, 0, 0));
  check_fail(__FILE__, __LINE__, "a wait returned on a stack that was unwound");
  return libsched_join(&frame);
}

CASE(it_ends_in_a_branch_of_its_own_thread) {
  branches b = {0, 0, 0, 0, 0, 0, 0};
  b.pool = check_pool_new(1, 0);
  b.group = group_of(b.pool, 0);
  CHECK_OK(libsched_group_enter(b.group));
  CHECK_OK(libsched_pool_submit(b.pool, LIBSCHED_NORMAL, fork_and_wait, &b, 0));
  check_pool_idle(b.pool);
  CHECK_EQ(check_priority_stats(b.pool, LIBSCHED_NORMAL).failed, 2);
  libsched_group_unref(b.inner);
  libsched_group_unref(b.group);
  check_pool_end(b.pool, LIBSCHED_DRAIN);
}

/* Two workers, each with a branch of the other's: the outer branch waits for the inner one, which ends with its thread. */
static int inner_branch(libsched_task *task, void *data) {
  branches *b = (branches *)data;
  (void)task;
  CHECK_SET(b->inner_begun, 1);
  wait_for_the_exit(b);
  return 0;
}

static int outer_branch(libsched_task *task, void *data) {
  branches *b = (branches *)data;
  libsched_frame frame;
  (void)task;
  CHECK_OK(libsched_fork(&frame, inner_branch, b));
  CHECK_SET(b->begun, 1);
  CHECK_UNTIL(CHECK_GET(b->inner_begun) == 1);
  CHECK_UNTIL(CHECK_GET(b->exited) == 1);
  CHECK_STATUS(libsched_join(&frame), LIBSCHED_E_FAILED);
  CHECK_STATUS(frame.code, LIBSCHED_E_UNWOUND);
  CHECK_ADD(b->joined, 1);
  return 0;
}

static int fork_and_join(libsched_task *task, void *data) {
  branches *b = (branches *)data;
  libsched_frame frame;
  (void)task;
  CHECK_OK(libsched_fork(&frame, outer_branch, b));
  CHECK_UNTIL(CHECK_GET(b->begun) == 1);
  CHECK_OK(libsched_join(&frame));
  check_fail(__FILE__, __LINE__, "a join returned on a stack that was unwound");
  return 0;
}

CASE(it_ends_above_a_join_of_what_waits_for_it) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  int round;
  options.workers = 2;
  options.max_spare = LIBSCHED_NO_SPARE;
  for (round = 0; round < 10; ++round) {
    branches b = {0, 0, 0, 0, 0, 0, 0};
    b.pool = check_pool_with(&options);
    CHECK_OK(libsched_pool_submit(b.pool, LIBSCHED_NORMAL, fork_and_join, &b, 0));
    check_pool_idle(b.pool);
    CHECK_EQ(b.joined, 1);
    libsched_group_unref(b.inner);
    CHECK_EQ(check_priority_stats(b.pool, LIBSCHED_NORMAL).failed, 2);
    check_pool_end(b.pool, LIBSCHED_DRAIN);
  }
}

/*
 * One thread ends above a join of a branch, whose thread is ending too and waits for its group's last task: nobody would be
 * left to run that, so it is not waited for.
 */
static int exit_after_the_other(libsched_task *task, void *data) {
  branches *b = (branches *)data;
  CHECK_SET(b->begun, 2);
  CHECK_UNTIL(CHECK_GET(b->exited) == 1);
  /* Mostly long enough for the other one to wait, which is the case that matters. */
  check_pause_ms(20);
  return exit_thread(task, 0);
}

static int end_before_the_last(libsched_task *task, void *data) {
  branches *b = (branches *)data;
  (void)task;
  b->inner = group_of(b->pool, 0);
  CHECK_SET(b->begun, 1);
  CHECK_UNTIL(CHECK_GET(b->begun) == 2);
  CHECK_OK(libsched_group_submit(b->inner, LIBSCHED_NORMAL, exit_and_tell, b, 0));
  CHECK_OK(libsched_group_submit(b->inner, LIBSCHED_NORMAL, check_count_run, &b->joined, 0));
  CHECK_OK(libsched_group_wait(0, b->inner, LIBSCHED_ISOLATED, LIBSCHED_FOREVER, 0, 0));
  check_fail(__FILE__, __LINE__, "a wait returned on a stack that was unwound");
  return 0;
}

static int fork_and_end(libsched_task *task, void *data) {
  branches *b = (branches *)data;
  libsched_frame frame;
  (void)task;
  CHECK_OK(libsched_fork(&frame, end_before_the_last, b));
  CHECK_UNTIL(CHECK_GET(b->begun) == 1);
  CHECK_OK(libsched_pool_submit(b->pool, LIBSCHED_NORMAL, exit_after_the_other, b, 0));
  CHECK_OK(libsched_join(&frame));
  check_fail(__FILE__, __LINE__, "a join returned on a stack that was unwound");
  return 0;
}

CASE(two_threads_end_and_one_waits_for_the_other) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  int round;
  options.workers = 2;
  options.max_spare = LIBSCHED_NO_SPARE;
  for (round = 0; round < 5; ++round) {
    branches b = {0, 0, 0, 0, 0, 0, 0};
    b.pool = check_pool_with(&options);
    CHECK_OK(libsched_pool_submit(b.pool, LIBSCHED_NORMAL, fork_and_end, &b, 0));
    check_pool_idle(b.pool);
    CHECK_EQ(b.joined, 1);
    CHECK_EQ(check_priority_stats(b.pool, LIBSCHED_NORMAL).failed, 3);
    libsched_group_unref(b.inner);
    check_pool_end(b.pool, LIBSCHED_DRAIN);
  }
}

/* A thread that has slept in a wait, with a spare in its place, may end as any other. */
static int sleep_in_the_wait(libsched_task *task, void *data) {
  (void)task;
  CHECK_OK(
      libsched_group_wait(0, (libsched_group *)data, LIBSCHED_ISOLATED, LIBSCHED_FOREVER, 0, 0));
  pthread_exit(0);
  return 0;
}

CASE(it_ends_its_thread_after_a_sleep) {
  libsched_pool *pool = check_pool_new(1, 0);
  int round;
  for (round = 1; round <= 20; ++round) {
    libsched_group *group = group_of(pool, 0);
    int64_t count = 0;
    CHECK_OK(libsched_group_enter(group));
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, sleep_in_the_wait, group, 0));
    /* A spare runs this while the other one sleeps. */
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, check_count_run, &count, 0));
    CHECK_UNTIL(CHECK_GET(count) == 1);
    CHECK_OK(libsched_group_leave(group, 0));
    check_pool_idle(pool);
    CHECK_EQ(check_priority_stats(pool, LIBSCHED_NORMAL).failed, round);
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_LOW, check_count_run, &count, 0));
    check_pool_idle(pool);
    CHECK_EQ(count, 2);
    libsched_group_unref(group);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* In a pool without workers it is the waiting thread that ends. */
static void *wait_in_a_thread(void *data) {
  int code = check_group_code((libsched_group *)data);
  (void)code;
  check_fail(__FILE__, __LINE__, "a wait returned though its thread was ended");
  return 0;
}

CASE(waiting_thread_without_workers) {
  libsched_pool *pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
  libsched_group *group = group_of(pool, 0);
  int64_t count = 0;
  CHECK_OK(libsched_group_submit(group, LIBSCHED_HIGH, exit_thread, 0, 0));
  CHECK_OK(libsched_group_submit(group, LIBSCHED_LOW, check_count_run, &count, 0));
  check_join(check_spawn(wait_in_a_thread, group));
  CHECK_STATUS(check_group_code(group), LIBSCHED_E_UNWOUND);
  CHECK_EQ(count, 1);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASES = {RUN(pthread_exit_with_one_worker),
         RUN(pthread_exit_with_two_workers),
         RUN(cancellation_with_one_worker),
         RUN(cancellation_with_two_workers),
         RUN(it_cancels_with_the_flag),
         RUN(it_takes_the_waiters_on_its_stack_along),
         RUN(it_takes_isolated_waiters_along),
         RUN(it_takes_waiters_along_without_a_spare),
         RUN(foreign_help_ends_its_waiter),
         RUN(it_ends_its_thread_after_a_sleep),
         RUN(a_limited_wait_ends_with_its_thread),
         RUN(it_ends_in_a_branch_of_its_own_thread),
         RUN(it_ends_above_a_join_of_what_waits_for_it),
         RUN(two_threads_end_and_one_waits_for_the_other),
         RUN(waiting_thread_without_workers),
         CASES_END};
