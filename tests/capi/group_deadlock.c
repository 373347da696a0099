/* Waits that could only wait for themselves are refused, with nothing done; waits that could not are not. */
#include "check_group.h"

static libsched_group *group_of(libsched_pool *pool, libsched_group *parent,
                                libsched_group_complete_fn fn, void *data) {
  libsched_group_options options = LIBSCHED_GROUP_OPTIONS_INIT;
  libsched_group *group = 0;
  options.parent = parent;
  options.on_complete = fn;
  options.user_data = data;
  CHECK_OK(libsched_group_create(&group, pool, &options, 0));
  return group;
}

static void check_refused(libsched_group *group) {
  libsched_error *error = 0;
  CHECK_STATUS(libsched_group_wait(0, group, 0, LIBSCHED_FOREVER, 0, &error), LIBSCHED_E_DEADLOCK);
  CHECK_STATUS(libsched_error_status(error), LIBSCHED_E_DEADLOCK);
  CHECK(libsched_error_message(error)[0] != 0);
  libsched_error_free(error);
  CHECK_STATUS(libsched_group_wait(0, group, LIBSCHED_ISOLATED, LIBSCHED_FOREVER, 0, 0),
               LIBSCHED_E_DEADLOCK);
  CHECK_STATUS(libsched_group_wait(0, group, 0, 0, 0, 0), LIBSCHED_E_DEADLOCK);
}

/* From a task of the group: refused, and the group is not closed by it. */
static int64_t refusals;

static int wait_for_own(libsched_task *task, void *data) {
  (void)task;
  check_refused((libsched_group *)data);
  CHECK_ADD(refusals, 1);
  return 0;
}

static void check_own(uint32_t workers) {
  libsched_pool *pool = check_pool_new(workers, 0);
  libsched_group *group = group_of(pool, 0, 0, 0);
  refusals = 0;
  CHECK_OK(libsched_group_submit(group, LIBSCHED_NORMAL, wait_for_own, group, 0));
  check_pool_idle(pool);
  CHECK_OK(libsched_group_submit(group, LIBSCHED_NORMAL, wait_for_own, group, 0));
  CHECK_EQ(check_group_code(group), 0);
  CHECK_EQ(refusals, 2);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(own_group_with_one_worker) { check_own(1); }
CASE(own_group_with_two_workers) { check_own(2); }
CASE(own_group_without_workers) { check_own(LIBSCHED_NO_WORKERS); }

/* From a task of a group inside it, at any depth; the other way round there is nothing wrong. */
typedef struct family {
  libsched_pool *pool;
  libsched_group *group[3];
  int64_t refused;
} family;

static int wait_upwards(libsched_task *task, void *data) {
  family *f = (family *)data;
  int i;
  (void)task;
  for (i = 0; i < 3; ++i) check_refused(f->group[i]);
  CHECK_ADD(f->refused, 1);
  return 0;
}

static int wait_downwards(libsched_task *task, void *data) {
  family *f = (family *)data;
  (void)task;
  CHECK_OK(libsched_group_submit(f->group[2], LIBSCHED_LOW, wait_upwards, f, 0));
  CHECK_EQ(check_group_code(f->group[2]), 0);
  CHECK_EQ(check_group_code(f->group[1]), 0);
  check_refused(f->group[0]);
  return 0;
}

static void check_family(uint32_t workers) {
  family f;
  int i;
  memset(&f, 0, sizeof(f));
  f.pool = check_pool_new(workers, 0);
  for (i = 0; i < 3; ++i) f.group[i] = group_of(f.pool, i == 0 ? 0 : f.group[i - 1], 0, 0);
  CHECK_OK(libsched_group_submit(f.group[0], LIBSCHED_NORMAL, wait_downwards, &f, 0));
  CHECK_EQ(check_group_code(f.group[0]), 0);
  CHECK_EQ(f.refused, 1);
  for (i = 0; i < 3; ++i) libsched_group_unref(f.group[i]);
  check_pool_end(f.pool, LIBSCHED_DRAIN);
}

CASE(groups_inside_each_other_with_one_worker) { check_family(1); }
CASE(groups_inside_each_other_with_two_workers) { check_family(2); }

/* On the stack of a task of the group: by a foreign task that the waiting task has taken on as help. */
static int wait_on_its_stack(libsched_task *task, void *data) {
  family *f = (family *)data;
  (void)task;
  check_refused(f->group[0]);
  CHECK_ADD(f->refused, 1);
  CHECK_OK(libsched_group_leave(f->group[1], 0));
  return 0;
}

static int wait_for_another(libsched_task *task, void *data) {
  family *f = (family *)data;
  (void)task;
  CHECK_OK(libsched_pool_submit(f->pool, LIBSCHED_NORMAL, wait_on_its_stack, f, 0));
  CHECK_EQ(check_group_code(f->group[1]), 0);
  return 0;
}

CASE(foreign_task_on_the_stack_of_a_member) {
  family f;
  memset(&f, 0, sizeof(f));
  f.pool = check_pool_new(1, 0);
  f.group[0] = group_of(f.pool, 0, 0, 0);
  f.group[1] = group_of(f.pool, 0, 0, 0);
  CHECK_OK(libsched_group_enter(f.group[1]));
  CHECK_OK(libsched_group_submit(f.group[0], LIBSCHED_NORMAL, wait_for_another, &f, 0));
  CHECK_EQ(check_group_code(f.group[0]), 0);
  CHECK_EQ(f.refused, 1);
  libsched_group_unref(f.group[0]);
  libsched_group_unref(f.group[1]);
  check_pool_end(f.pool, LIBSCHED_DRAIN);
}

/* A task of a group that is no child, run by the waiting member: two groups that wait for each other. */
static int wait_back(libsched_task *task, void *data) {
  family *f = (family *)data;
  (void)task;
  check_refused(f->group[0]);
  check_refused(f->group[1]);
  CHECK_ADD(f->refused, 1);
  return 0;
}

static int wait_forth(libsched_task *task, void *data) {
  family *f = (family *)data;
  (void)task;
  CHECK_OK(libsched_group_submit(f->group[1], LIBSCHED_NORMAL, wait_back, f, 0));
  CHECK_EQ(check_group_code(f->group[1]), 0);
  return 0;
}

CASE(groups_that_wait_for_each_other_on_one_stack) {
  family f;
  memset(&f, 0, sizeof(f));
  f.pool = check_pool_new(1, 0);
  f.group[0] = group_of(f.pool, 0, 0, 0);
  f.group[1] = group_of(f.pool, 0, 0, 0);
  CHECK_OK(libsched_group_submit(f.group[0], LIBSCHED_NORMAL, wait_forth, &f, 0));
  CHECK_EQ(check_group_code(f.group[0]), 0);
  CHECK_EQ(f.refused, 1);
  libsched_group_unref(f.group[0]);
  libsched_group_unref(f.group[1]);
  check_pool_end(f.pool, LIBSCHED_DRAIN);
}

/* From a branch that a task of the group has forked: run in the join, or by another worker. */
typedef struct forked {
  libsched_group *group;
  check_event taken;
  int64_t refused;
  int stolen;
} forked;

static int wait_in_the_branch(libsched_task *task, void *data) {
  forked *f = (forked *)data;
  (void)task;
  check_event_add(&f->taken, 1);
  check_refused(f->group);
  CHECK_ADD(f->refused, 1);
  return 0;
}

static int fork_the_wait(libsched_task *task, void *data) {
  forked *f = (forked *)data;
  libsched_frame frame;
  (void)task;
  CHECK_OK(libsched_fork(&frame, wait_in_the_branch, f));
  if (f->stolen) CHECK_AWAIT(&f->taken, 1);
  CHECK_OK(libsched_join(&frame));
  return 0;
}

static void check_forked(uint32_t workers) {
  forked f = {0, CHECK_EVENT_INIT, 0, 0};
  libsched_pool *pool = check_pool_new(workers, 0);
  f.stolen = workers > 1;
  f.group = group_of(pool, 0, 0, 0);
  CHECK_OK(libsched_group_submit(f.group, LIBSCHED_NORMAL, fork_the_wait, &f, 0));
  CHECK_EQ(check_group_code(f.group), 0);
  CHECK_EQ(f.refused, 1);
  libsched_group_unref(f.group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(branch_of_a_member_in_the_join) { check_forked(1); }
CASE(branch_of_a_member_on_another_worker) { check_forked(2); }

/* From the callbacks: on_complete of the group and of one inside it, and discard. */
typedef struct callback {
  libsched_group *group[2];
  int64_t calls;
} callback;

static void wait_in_on_complete(int status, int code, void *data) {
  callback *c = (callback *)data;
  int i;
  CHECK_STATUS(status, code == 0 ? LIBSCHED_OK : LIBSCHED_E_FAILED);
  for (i = 0; i < 2; ++i) {
    if (c->group[i] != 0) check_refused(c->group[i]);
  }
  CHECK_ADD(c->calls, 1);
}

static void check_on_complete(uint32_t workers, int by_task) {
  callback outer = {{0, 0}, 0};
  callback both = {{0, 0}, 0};
  libsched_pool *pool = check_pool_new(workers, 0);
  int64_t count = 0;
  outer.group[0] = group_of(pool, 0, wait_in_on_complete, &outer);
  both.group[0] = outer.group[0];
  both.group[1] = group_of(pool, outer.group[0], wait_in_on_complete, &both);
  if (by_task)
    CHECK_OK(libsched_group_submit(both.group[1], LIBSCHED_NORMAL, check_count_run, &count, 0));
  CHECK_OK(libsched_group_close(both.group[1]));
  CHECK_EQ(check_group_code(outer.group[0]), 0);
  CHECK_EQ(CHECK_GET(outer.calls), 1);
  CHECK_EQ(CHECK_GET(both.calls), 1);
  libsched_group_unref(both.group[1]);
  libsched_group_unref(outer.group[0]);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(on_complete_on_a_worker) { check_on_complete(1, 1); }
CASE(on_complete_on_a_worker_of_two) { check_on_complete(2, 1); }
CASE(on_complete_outside_the_pool) { check_on_complete(1, 0); }

static void wait_in_discard(void *data) {
  callback *c = (callback *)data;
  check_refused(c->group[0]);
  CHECK_ADD(c->calls, 1);
}

CASE(discard_of_a_member) {
  check_gate gate = CHECK_GATE_INIT;
  callback c = {{0, 0}, 0};
  libsched_pool *pool = check_pool_new(1, 0);
  int i;
  c.group[0] = group_of(pool, 0, 0, 0);
  check_gate_hold(&gate, pool, 1);
  for (i = 0; i < 5; ++i)
    CHECK_OK(libsched_group_submit(c.group[0], (uint32_t)i % 3, wait_for_own, &c, wait_in_discard));
  CHECK_OK(libsched_group_cancel(c.group[0]));
  check_gate_open(&gate);
  CHECK_STATUS(check_group_code(c.group[0]), LIBSCHED_E_CANCELLED);
  CHECK_EQ(CHECK_GET(c.calls), 5);
  libsched_group_unref(c.group[0]);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* The only worker may run nothing while it waits, and nobody can stand in for it. */
typedef struct alone {
  libsched_pool *pool;
  int64_t done;
} alone;

static int wait_alone(libsched_task *task, void *data) {
  alone *a = (alone *)data;
  libsched_group *group = group_of(a->pool, 0, 0, 0);
  int64_t count = 0;
  int i;
  (void)task;
  for (i = 0; i < 10; ++i)
    CHECK_OK(libsched_group_submit(group, (uint32_t)i % 3, check_count_run, &count, 0));
  CHECK_OK(libsched_group_enter(group));
  CHECK_STATUS(libsched_group_wait(0, group, LIBSCHED_ISOLATED, LIBSCHED_FOREVER, 0, 0),
               LIBSCHED_E_DEADLOCK);
  CHECK_OK(libsched_group_leave(group, 0));
  CHECK_EQ(check_group_code(group), 0);
  CHECK_EQ(count, 10);
  libsched_group_unref(group);
  CHECK_ADD(a->done, 1);
  return 0;
}

CASE(isolated_without_a_spare) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  alone a = {0, 0};
  options.workers = 1;
  options.max_spare = LIBSCHED_NO_SPARE;
  a.pool = check_pool_with(&options);
  CHECK_OK(libsched_pool_submit(a.pool, LIBSCHED_NORMAL, wait_alone, &a, 0));
  check_pool_idle(a.pool);
  CHECK_EQ(a.done, 1);
  check_pool_end(a.pool, LIBSCHED_DRAIN);
}

CASES = {RUN(own_group_with_one_worker),
         RUN(own_group_with_two_workers),
         RUN(own_group_without_workers),
         RUN(groups_inside_each_other_with_one_worker),
         RUN(groups_inside_each_other_with_two_workers),
         RUN(foreign_task_on_the_stack_of_a_member),
         RUN(groups_that_wait_for_each_other_on_one_stack),
         RUN(branch_of_a_member_in_the_join),
         RUN(branch_of_a_member_on_another_worker),
         RUN(on_complete_on_a_worker),
         RUN(on_complete_on_a_worker_of_two),
         RUN(on_complete_outside_the_pool),
         RUN(discard_of_a_member),
         RUN(isolated_without_a_spare),
         CASES_END};
