/* How a cancel spreads: from a failure to its group, from a group to those inside it, and not up or sideways. */
#include "check_group.h"

/* A job that fails, or not, and whose fate is counted. */
typedef struct coded_job {
  check_job job; /* first: a coded_job is discarded as a check_job */
  int code;
} coded_job;

static int run_coded(libsched_task *task, void *data) {
  coded_job *c = (coded_job *)data;
  check_job_run(task, &c->job);
  return c->code;
}

enum { N = 100 };

/* With the flag the first failure discards the rest, without it all of them run. */
static void fail_at_30(uint32_t workers, uint32_t flags) {
  static coded_job jobs[N];
  check_gate gate = CHECK_GATE_INIT;
  libsched_pool *pool = check_pool_new(workers, 0);
  libsched_group *group = check_group_within(0, pool, flags);
  int64_t ran = 0;
  int i;
  memset(jobs, 0, sizeof(jobs));
  check_gate_hold(&gate, pool, (int)workers);
  for (i = 0; i < N; ++i) {
    jobs[i].code = i == 30 ? -30 : 0;
    CHECK_OK(libsched_group_submit(group, LIBSCHED_NORMAL, run_coded, &jobs[i], check_job_discard));
  }
  check_gate_open(&gate);
  CHECK_EQ(check_group_code(group), -30);
  for (i = 0; i < N; ++i) ran += check_jobs_settled(&jobs[i].job, 1);
  CHECK_EQ(check_group_stats(group).started, ran);
  CHECK_EQ(check_group_stats(group).cancelled, N - ran);
  CHECK_EQ(check_group_stats(group).failed, 1);
  if (flags == 0) CHECK_EQ(ran, N);
  if (flags != 0 && workers == 1) CHECK_EQ(ran, 31);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(failure_cancels_with_the_flag) {
  fail_at_30(1, LIBSCHED_GROUP_CANCEL_ON_FAILURE);
  fail_at_30(2, LIBSCHED_GROUP_CANCEL_ON_FAILURE);
  fail_at_30(16, LIBSCHED_GROUP_CANCEL_ON_FAILURE);
}

CASE(failure_cancels_nothing_without_the_flag) {
  fail_at_30(1, 0);
  fail_at_30(2, 0);
}

CASE(failed_leave_cancels_with_the_flag) {
  static check_job jobs[N];
  check_gate gate = CHECK_GATE_INIT;
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_group *group = check_group_within(0, pool, LIBSCHED_GROUP_CANCEL_ON_FAILURE);
  int i;
  check_gate_hold(&gate, pool, 1);
  for (i = 0; i < 2; ++i) CHECK_OK(libsched_group_enter(group));
  for (i = 0; i < N; ++i) {
    CHECK_OK(
        libsched_group_submit(group, (uint32_t)i % 3, check_job_run, &jobs[i], check_job_discard));
  }
  CHECK_OK(libsched_group_leave(group, 0));
  CHECK_OK(libsched_group_enter(group));
  CHECK_OK(libsched_group_leave(group, 9));
  CHECK_STATUS(libsched_group_enter(group), LIBSCHED_E_CANCELLED);
  CHECK_OK(libsched_group_leave(group, 10));
  check_gate_open(&gate);
  CHECK_EQ(check_group_code(group), 9);
  CHECK_EQ(check_jobs_settled(jobs, N), 0);
  /* The flag stays, the failure does not. */
  CHECK_OK(libsched_group_reset(group));
  CHECK_OK(libsched_group_submit(group, LIBSCHED_NORMAL, check_job_run, &jobs[0], 0));
  CHECK_EQ(check_group_code(group), 0);
  CHECK_EQ(jobs[0].runs, 1);
  CHECK_OK(libsched_group_reset(group));
  CHECK_OK(libsched_group_enter(group));
  CHECK_OK(libsched_group_leave(group, 5));
  CHECK_STATUS(libsched_group_enter(group), LIBSCHED_E_CANCELLED);
  CHECK_EQ(check_group_code(group), 5);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* A running task of the group hears of the failure of another one. */
typedef struct pair {
  check_event here;
  libsched_group *group;
} pair;

static int hear(libsched_task *task, void *data) {
  check_event_add(&((pair *)data)->here, 1);
  CHECK_UNTIL(libsched_task_cancelled(task));
  return 0;
}

static int fail_beside(libsched_task *task, void *data) {
  (void)task;
  CHECK_AWAIT(&((pair *)data)->here, 1);
  return 6;
}

CASE(running_tasks_hear_of_the_failure) {
  pair p = {CHECK_EVENT_INIT, 0};
  libsched_pool *pool = check_pool_new(2, 0);
  p.group = check_group_within(0, pool, LIBSCHED_GROUP_CANCEL_ON_FAILURE);
  CHECK_OK(libsched_group_submit(p.group, LIBSCHED_NORMAL, hear, &p, 0));
  CHECK_OK(libsched_group_submit(p.group, LIBSCHED_NORMAL, fail_beside, &p, 0));
  CHECK_EQ(check_group_code(p.group), 6);
  libsched_group_unref(p.group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* Five groups: a root with two children, each with a child of its own; with queued jobs in all of them. */
typedef struct five {
  libsched_pool *pool;
  libsched_group *group[5];
  check_job jobs[5][20];
  check_gate gate;
} five;

static five tree;

static void tree_start(uint32_t flags) {
  static const check_gate fresh = CHECK_GATE_INIT;
  static const int parents[5] = {-1, 0, 0, 1, 2};
  int i;
  int k;
  memset(&tree, 0, sizeof(tree));
  tree.gate = fresh;
  tree.pool = check_pool_new(1, 0);
  for (i = 0; i < 5; ++i)
    tree.group[i] = check_group_within(i == 0 ? 0 : tree.group[parents[i]], tree.pool, flags);
  check_gate_hold(&tree.gate, tree.pool, 1);
  for (i = 0; i < 5; ++i) {
    for (k = 0; k < 20; ++k) {
      CHECK_OK(libsched_group_submit(tree.group[i], (uint32_t)k % 3, check_job_run,
                                     &tree.jobs[i][k], check_job_discard));
    }
  }
}

/* Which groups have been cancelled, as bits; the others' jobs have all run. */
static void tree_end(unsigned cancelled) {
  int i;
  for (i = 0; i < 5; ++i) {
    CHECK_STATUS(libsched_group_enter(tree.group[i]),
                 (cancelled >> i) & 1 ? LIBSCHED_E_CANCELLED : LIBSCHED_OK);
    if (!((cancelled >> i) & 1)) CHECK_OK(libsched_group_leave(tree.group[i], 0));
  }
  check_gate_open(&tree.gate);
  check_pool_idle(tree.pool);
  for (i = 4; i >= 0; --i) {
    int bit = (cancelled >> i) & 1;
    int got = check_group_code(tree.group[i]);
    if (bit) CHECK_STATUS(got, LIBSCHED_E_CANCELLED);
    /* What a group inside has suffered on its own is not its parent's. */
    if (!bit) CHECK_EQ(got, 0);
    CHECK_EQ(check_jobs_settled(tree.jobs[i], 20), bit ? 0 : 20);
    libsched_group_unref(tree.group[i]);
  }
  CHECK_EQ(check_live(LIBSCHED_KIND_GROUP), 0);
  check_pool_end(tree.pool, LIBSCHED_DRAIN);
}

CASE(cancel_goes_down_from_the_root) {
  tree_start(0);
  CHECK_OK(libsched_group_cancel(tree.group[0]));
  tree_end(31);
}

CASE(cancel_goes_neither_up_nor_sideways) {
  tree_start(0);
  CHECK_OK(libsched_group_cancel(tree.group[1]));
  tree_end(2 | 8);
}

CASE(cancel_of_a_leaf) {
  tree_start(0);
  CHECK_OK(libsched_group_cancel(tree.group[4]));
  tree_end(16);
}

/* With the flag in all of them a failure in a leaf is its ancestors' failure, and so cancels the whole tree. */
CASE(failure_below_cancels_above) {
  int i;
  tree_start(LIBSCHED_GROUP_CANCEL_ON_FAILURE);
  CHECK_OK(libsched_group_enter(tree.group[3]));
  CHECK_OK(libsched_group_leave(tree.group[3], 21));
  CHECK_STATUS(libsched_group_enter(tree.group[3]), LIBSCHED_E_CANCELLED);
  check_gate_open(&tree.gate);
  for (i = 4; i >= 0; --i) {
    int code = check_group_code(tree.group[i]);
    if (i % 2 == 1 || i == 0) CHECK_EQ(code, 21);
    check_jobs_settled(tree.jobs[i], 20);
    libsched_group_unref(tree.group[i]);
  }
  CHECK_EQ(check_jobs_settled(tree.jobs[3], 20), 0);
  check_pool_end(tree.pool, LIBSCHED_DRAIN);
}

/* A group that is made inside one that is being cancelled is refused or cancelled, and never left out. */
typedef struct maker {
  libsched_pool *pool;
  libsched_group *root;
  libsched_group *last;
  int64_t made;
} maker;

static int make_until_cancelled(libsched_task *task, void *data) {
  maker *m = (maker *)data;
  for (;;) {
    libsched_group_options options = LIBSCHED_GROUP_OPTIONS_INIT;
    libsched_group *group = 0;
    int status;
    options.parent = m->root;
    status = libsched_group_create(&group, m->pool, &options, 0);
    if (status == LIBSCHED_E_CANCELLED) break;
    CHECK_OK(status);
    libsched_group_unref(m->last);
    m->last = group;
    CHECK_ADD(m->made, 1);
  }
  CHECK_EQ(libsched_task_cancelled(task), 1);
  return 0;
}

CASE(groups_made_while_the_parent_is_cancelled) {
  libsched_pool *pool = check_pool_new(2, 0);
  int round;
  for (round = 0; round < CHECK_SCALE(200, 40); ++round) {
    maker makers[2];
    libsched_group *root = check_group_within(0, pool, 0);
    int i;
    memset(makers, 0, sizeof(makers));
    for (i = 0; i < 2; ++i) {
      makers[i].pool = pool;
      makers[i].root = root;
      CHECK_OK(libsched_group_submit(root, LIBSCHED_NORMAL, make_until_cancelled, &makers[i], 0));
    }
    for (i = 0; i < 2; ++i) CHECK_UNTIL(CHECK_GET(makers[i].made) >= round % 7 + 1);
    CHECK_OK(libsched_group_cancel(root));
    check_pool_idle(pool);
    for (i = 0; i < 2; ++i) {
      CHECK_STATUS(libsched_group_enter(makers[i].last), LIBSCHED_E_CANCELLED);
      libsched_group_unref(makers[i].last);
    }
    CHECK_STATUS(check_group_code(root), LIBSCHED_E_CANCELLED);
    CHECK_EQ(check_group_stats(root).groups, 0);
    libsched_group_unref(root);
    CHECK_EQ(check_live(LIBSCHED_KIND_GROUP), 0);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASES = {RUN(failure_cancels_with_the_flag),
         RUN(failure_cancels_nothing_without_the_flag),
         RUN(failed_leave_cancels_with_the_flag),
         RUN(running_tasks_hear_of_the_failure),
         RUN(cancel_goes_down_from_the_root),
         RUN(cancel_goes_neither_up_nor_sideways),
         RUN(cancel_of_a_leaf),
         RUN(failure_below_cancels_above),
         RUN(groups_made_while_the_parent_is_cancelled),
         CASES_END};
