/* Cancelling a group: what is queued is discarded, what runs is told, and nothing more is accepted. */
#include "check_group.h"

static void check_takes_nothing(libsched_group *group) {
  libsched_error *error = 0;
  void *data[2] = {0, 0};
  size_t accepted = 77;
  CHECK_STATUS(
      libsched_group_submit(group, LIBSCHED_NORMAL, check_never_run, 0, check_never_discard),
      LIBSCHED_E_CANCELLED);
  CHECK_STATUS(libsched_group_submit_timed(group, LIBSCHED_HIGH, check_never_run, 0,
                                           check_never_discard, LIBSCHED_FOREVER, 0, &error),
               LIBSCHED_E_CANCELLED);
  CHECK_STATUS(libsched_error_status(error), LIBSCHED_E_CANCELLED);
  libsched_error_free(error);
  CHECK_STATUS(libsched_group_submit_n(&accepted, group, LIBSCHED_LOW, check_never_run, data, 2,
                                       check_never_discard, 0, 0, 0),
               LIBSCHED_E_CANCELLED);
  CHECK(accepted == 0 || accepted == 77);
  CHECK_STATUS(libsched_group_enter(group), LIBSCHED_E_CANCELLED);
}

CASE(queued_tasks_are_discarded) {
  enum { N = 300 };
  static check_job jobs[N];
  static check_job others[N];
  static const check_job zero = {0, 0};
  uint32_t workers;
  for (workers = 1; workers <= 2; ++workers) {
    check_gate gate = CHECK_GATE_INIT;
    libsched_pool *pool = check_pool_new(workers, 0);
    libsched_group *group = check_group_within(0, pool, 0);
    uint32_t i;
    check_gate_hold(&gate, pool, (int)workers);
    for (i = 0; i < N; ++i) {
      jobs[i] = others[i] = zero;
      CHECK_OK(libsched_group_submit(group, i % 3, check_job_run, &jobs[i], check_job_discard));
      CHECK_OK(libsched_pool_submit(pool, i % 3, check_job_run, &others[i], check_job_discard));
    }
    /* One without a discard, which is as well discarded. */
    CHECK_OK(libsched_group_submit(group, LIBSCHED_HIGH, check_never_run, 0, 0));
    CHECK_OK(libsched_group_cancel(group));
    CHECK_OK(libsched_group_cancel(group));
    check_takes_nothing(group);
    check_gate_open(&gate);
    CHECK_STATUS(check_group_code(group), LIBSCHED_E_CANCELLED);
    CHECK_EQ(check_jobs_settled(jobs, N), 0);
    CHECK_EQ(check_group_stats(group).submitted, N + 1);
    CHECK_EQ(check_group_stats(group).cancelled, N + 1);
    CHECK_EQ(check_group_stats(group).queued + check_group_stats(group).started, 0);
    check_pool_idle(pool);
    CHECK_EQ(check_jobs_settled(others, N), N);
    for (i = 0; i < 3; ++i) {
      libsched_priority_stats p = check_priority_stats(pool, i);
      CHECK_EQ(p.cancelled, N / 3 + (i == LIBSCHED_HIGH));
      CHECK_EQ(p.submitted, p.started + p.cancelled);
    }
    libsched_group_unref(group);
    check_pool_end(pool, LIBSCHED_DRAIN);
  }
}

/* Running tasks see it, in the branches that they have forked too, and only those of the group. */
typedef struct listening {
  check_event here;
  check_event heard;
  int64_t count;
} listening;

static int hear_in_branch(libsched_task *task, void *data) {
  listening *l = (listening *)data;
  check_event_add(&l->here, 1);
  CHECK_UNTIL(libsched_task_cancelled(task));
  CHECK_ADD(l->count, 1);
  return 0;
}

static int hear_with_a_branch(libsched_task *task, void *data) {
  listening *l = (listening *)data;
  libsched_frame stolen;
  libsched_frame own;
  CHECK_EQ(libsched_task_cancelled(task), 0);
  CHECK_OK(libsched_fork(&stolen, hear_in_branch, l));
  /* The other worker has this branch now. */
  CHECK_AWAIT(&l->here, 1);
  check_event_add(&l->here, 1);
  CHECK_UNTIL(libsched_task_cancelled(task));
  CHECK_OK(libsched_fork(&own, hear_in_branch, l));
  CHECK_OK(libsched_join(&own));
  CHECK_OK(libsched_join(&stolen));
  CHECK_EQ(libsched_task_cancelled(task), 1);
  CHECK_ADD(l->count, 1);
  check_event_add(&l->heard, 1);
  return 0;
}

static int hear_nothing(libsched_task *task, void *data) {
  listening *l = (listening *)data;
  check_event_add(&l->here, 1);
  CHECK_AWAIT(&l->heard, 1);
  CHECK_EQ(libsched_task_cancelled(task), 0);
  return 0;
}

CASE(running_tasks_and_their_branches_see_it) {
  listening l = {CHECK_EVENT_INIT, CHECK_EVENT_INIT, 0};
  libsched_pool *pool = check_pool_new(4, 0);
  libsched_group *group = check_group_within(0, pool, 0);
  libsched_group *other = check_group_within(0, pool, 0);
  CHECK_OK(
      libsched_group_submit(group, LIBSCHED_NORMAL, hear_with_a_branch, &l, check_never_discard));
  CHECK_AWAIT(&l.here, 2);
  CHECK_OK(libsched_group_submit(other, LIBSCHED_NORMAL, hear_nothing, &l, check_never_discard));
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, hear_nothing, &l, check_never_discard));
  CHECK_AWAIT(&l.here, 4);
  CHECK_OK(libsched_group_cancel(group));
  CHECK_STATUS(check_group_code(group), LIBSCHED_E_CANCELLED);
  CHECK_EQ(l.count, 3);
  CHECK_EQ(check_group_code(other), 0);
  CHECK_EQ(check_group_stats(group).completed, 1);
  libsched_group_unref(group);
  libsched_group_unref(other);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* On a shared stack each task sees what is true of its own group. */
typedef struct shared {
  libsched_pool *pool;
  libsched_group *group;
  int64_t ran;
} shared;

static int cancel_own(libsched_task *task, void *data) {
  CHECK_EQ(libsched_task_cancelled(task), 0);
  CHECK_OK(libsched_group_cancel((libsched_group *)data));
  CHECK_EQ(libsched_task_cancelled(task), 1);
  check_takes_nothing((libsched_group *)data);
  return 0;
}

static int see_nothing(libsched_task *task, void *data) {
  CHECK_EQ(libsched_task_cancelled(task), 0);
  CHECK_ADD(((shared *)data)->ran, 1);
  return 0;
}

static int wait_for_the_cancelled(libsched_task *task, void *data) {
  shared *s = (shared *)data;
  libsched_group *inner = check_group_within(0, s->pool, 0);
  CHECK_OK(libsched_group_submit(inner, LIBSCHED_NORMAL, cancel_own, inner, 0));
  CHECK_OK(libsched_group_submit(inner, LIBSCHED_NORMAL, check_never_run, 0, 0));
  CHECK_STATUS(check_group_code(inner), LIBSCHED_E_CANCELLED);
  CHECK_EQ(libsched_task_cancelled(task), 0);
  libsched_group_unref(inner);
  /* The other way round: a task of a cancelled group waits for a group that is not inside it. */
  CHECK_OK(libsched_group_cancel(s->group));
  inner = check_group_within(0, s->pool, 0);
  CHECK_OK(libsched_group_submit(inner, LIBSCHED_NORMAL, see_nothing, s, 0));
  CHECK_EQ(check_group_code(inner), 0);
  CHECK_EQ(libsched_task_cancelled(task), 1);
  libsched_group_unref(inner);
  return 0;
}

CASE(tasks_on_one_stack_see_their_own_group) {
  shared s = {0, 0, 0};
  s.pool = check_pool_new(1, 0);
  s.group = check_group_within(0, s.pool, 0);
  CHECK_OK(libsched_group_submit(s.group, LIBSCHED_NORMAL, wait_for_the_cancelled, &s, 0));
  CHECK_STATUS(check_group_code(s.group), LIBSCHED_E_CANCELLED);
  CHECK_EQ(s.ran, 1);
  libsched_group_unref(s.group);
  check_pool_end(s.pool, LIBSCHED_DRAIN);
}

/* The code is the first failure's if there is one, whether it came before the cancel or after it. */
typedef struct failing {
  check_event go;
  check_event here;
  int code;
} failing;

static int fail_later(libsched_task *task, void *data) {
  failing *f = (failing *)data;
  (void)task;
  check_event_add(&f->here, 1);
  CHECK_AWAIT(&f->go, 1);
  return f->code;
}

CASE(failures_come_before_the_cancel) {
  static const int codes[2] = {0, 17};
  libsched_pool *pool = check_pool_new(1, 0);
  int k;
  for (k = 0; k < 2; ++k) {
    failing f = {CHECK_EVENT_INIT, CHECK_EVENT_INIT, 0};
    libsched_group *group = check_group_within(0, pool, 0);
    f.code = codes[k];
    CHECK_OK(libsched_group_submit(group, LIBSCHED_NORMAL, fail_later, &f, 0));
    CHECK_OK(libsched_group_enter(group));
    CHECK_AWAIT(&f.here, 1);
    CHECK_OK(libsched_group_cancel(group));
    check_event_add(&f.go, 1);
    /* What has entered must leave all the same. */
    CHECK_STATUS(libsched_group_wait(0, group, 0, 1, 0, 0), LIBSCHED_E_TIMEOUT);
    check_pool_idle(pool);
    CHECK_STATUS(libsched_group_wait(0, group, 0, 0, 0, 0), LIBSCHED_E_TIMEOUT);
    CHECK_OK(libsched_group_leave(group, codes[k] == 0 ? 0 : 18));
    CHECK_EQ(check_group_code(group), codes[k] == 0 ? LIBSCHED_E_CANCELLED : 17);
    libsched_group_unref(group);
  }
  {
    libsched_group *group = check_group_within(0, pool, 0);
    CHECK_OK(libsched_group_enter(group));
    CHECK_OK(libsched_group_leave(group, 3));
    CHECK_OK(libsched_group_cancel(group));
    CHECK_EQ(check_group_code(group), 3);
    libsched_group_unref(group);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(cancelled_without_members) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_group *group = check_group_within(0, pool, 0);
  CHECK_OK(libsched_group_cancel(group));
  check_takes_nothing(group);
  CHECK_STATUS(check_group_code(group), LIBSCHED_E_CANCELLED);
  CHECK_OK(libsched_group_reset(group));
  CHECK_EQ(check_group_code(group), 0);
  /* After the completion there is nothing left to cancel. */
  CHECK_OK(libsched_group_cancel(group));
  CHECK_EQ(check_group_code(group), 0);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* discard is called without a lock: it may use the group, and the pool. */
typedef struct active {
  libsched_pool *pool;
  libsched_group *group;
  int64_t discards;
  int64_t ran;
} active;

static void use_in_discard(void *data) {
  active *a = (active *)data;
  check_takes_nothing(a->group);
  CHECK_OK(libsched_group_cancel(a->group));
  CHECK_OK(libsched_group_close(a->group));
  CHECK_STATUS(libsched_group_reset(a->group), LIBSCHED_E_STATE);
  CHECK(check_group_stats(a->group).submitted == 50);
  CHECK_OK(libsched_pool_submit(a->pool, LIBSCHED_NORMAL, check_count_run, &a->ran, 0));
  CHECK_ADD(a->discards, 1);
}

CASE(discard_may_use_the_group) {
  uint32_t workers;
  for (workers = 1; workers <= 2; ++workers) {
    check_gate gate = CHECK_GATE_INIT;
    active a = {0, 0, 0, 0};
    int i;
    a.pool = check_pool_new(workers, 0);
    a.group = check_group_within(0, a.pool, 0);
    check_gate_hold(&gate, a.pool, (int)workers);
    for (i = 0; i < 50; ++i)
      CHECK_OK(
          libsched_group_submit(a.group, (uint32_t)i % 3, check_never_run, &a, use_in_discard));
    CHECK_OK(libsched_group_cancel(a.group));
    check_gate_open(&gate);
    CHECK_STATUS(check_group_code(a.group), LIBSCHED_E_CANCELLED);
    check_pool_idle(a.pool);
    CHECK_EQ(a.discards, 50);
    CHECK_EQ(a.ran, 50);
    libsched_group_unref(a.group);
    check_pool_end(a.pool, LIBSCHED_DRAIN);
  }
}

CASES = {RUN(queued_tasks_are_discarded),
         RUN(running_tasks_and_their_branches_see_it),
         RUN(tasks_on_one_stack_see_their_own_group),
         RUN(failures_come_before_the_cancel),
         RUN(cancelled_without_members),
         RUN(discard_may_use_the_group),
         CASES_END};
