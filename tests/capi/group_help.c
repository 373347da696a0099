/* What a worker does while it waits for a group, what it must not do, and who stands in for it when it sleeps. */
#include "check_group.h"

/* How many waits are open on this thread: a task that finds some is run as help, on the waiters' stack. */
static __thread int open_waits;

static void wait_on_worker(libsched_group *group, uint32_t flags) {
  ++open_waits;
  CHECK_OK(libsched_group_wait(0, group, flags, LIBSCHED_FOREVER, 0, 0));
  --open_waits;
}

/* All workers wait at once, and what ends their waits is still queued, at a priority that they may not run or may. */
typedef struct standstill {
  libsched_pool *pool;
  check_event here;
  int64_t workers;
  uint32_t flags;
  uint32_t ender; /* priority of the tasks that leave */
  int ahead;      /* whether the waiters submit them, before they wait */
  int64_t ended;
} standstill;

static standstill still;

static int end_wait(libsched_task *task, void *data) {
  (void)task;
  if (still.ender != LIBSCHED_HIGH || still.flags == LIBSCHED_ISOLATED) CHECK_EQ(open_waits, 0);
  CHECK_OK(libsched_group_leave((libsched_group *)data, 0));
  return 0;
}

static int wait_with_all(libsched_task *task, void *data) {
  libsched_group *group = check_group_new(still.pool);
  (void)task;
  (void)data;
  CHECK_OK(libsched_group_enter(group));
  check_event_add(&still.here, 1);
  CHECK_AWAIT(&still.here, still.workers);
  CHECK_OK(libsched_pool_submit(still.pool, still.ender, end_wait, group, 0));
  wait_on_worker(group, still.flags);
  libsched_group_unref(group);
  CHECK_ADD(still.ended, 1);
  return 0;
}

static void stand_still(uint32_t workers, uint32_t flags, uint32_t ender) {
  static const check_event fresh = CHECK_EVENT_INIT;
  int round;
  uint32_t i;
  memset(&still, 0, sizeof(still));
  still.workers = workers;
  still.flags = flags;
  still.ender = ender;
  still.pool = check_pool_new(workers, 0);
  for (round = 1; round <= 20; ++round) {
    still.here = fresh;
    for (i = 0; i < workers; ++i)
      CHECK_OK(libsched_pool_submit(still.pool, LIBSCHED_HIGH, wait_with_all, 0, 0));
    check_pool_idle(still.pool);
    CHECK_EQ(CHECK_GET(still.ended), round * still.workers);
  }
  check_pool_end(still.pool, LIBSCHED_DRAIN);
}

static void stand_still_in_all_ways(uint32_t workers) {
  uint32_t p;
  for (p = 0; p < LIBSCHED_PRIORITIES; ++p) {
    stand_still(workers, 0, p);
    stand_still(workers, LIBSCHED_ISOLATED, p);
  }
}

CASE(one_worker_waits_for_queued_work) { stand_still_in_all_ways(1); }
CASE(two_workers_wait_for_queued_work) { stand_still_in_all_ways(2); }
CASE(many_workers_wait_for_queued_work) { stand_still_in_all_ways(16); }

/* The same, with the work submitted from outside when all of them wait. */
static libsched_group *groups[16];

static int wait_for_mine(libsched_task *task, void *data) {
  (void)task;
  check_event_add(&still.here, 1);
  CHECK_AWAIT(&still.here, still.workers);
  wait_on_worker(groups[VALUE(data)], still.flags);
  CHECK_ADD(still.ended, 1);
  return 0;
}

static void wait_for_outside(uint32_t workers, uint32_t flags) {
  static const check_event fresh = CHECK_EVENT_INIT;
  int64_t i;
  memset(&still, 0, sizeof(still));
  still.here = fresh;
  still.workers = workers;
  still.flags = flags;
  still.ender = LIBSCHED_LOW;
  still.pool = check_pool_new(workers, 0);
  for (i = 0; i < still.workers; ++i) {
    groups[i] = check_group_new(still.pool);
    CHECK_OK(libsched_group_enter(groups[i]));
    CHECK_OK(libsched_pool_submit(still.pool, LIBSCHED_NORMAL, wait_for_mine, ITEM(i), 0));
  }
  CHECK_AWAIT(&still.here, still.workers);
  for (i = 0; i < still.workers; ++i)
    CHECK_OK(libsched_pool_submit(still.pool, LIBSCHED_LOW, end_wait, groups[i], 0));
  check_pool_idle(still.pool);
  CHECK_EQ(CHECK_GET(still.ended), still.workers);
  for (i = 0; i < still.workers; ++i) libsched_group_unref(groups[i]);
  check_pool_end(still.pool, LIBSCHED_DRAIN);
}

CASE(waiting_workers_and_work_from_outside) {
  static const uint32_t workers[] = {1, 2, 16};
  int i;
  for (i = 0; i < 3; ++i) {
    wait_for_outside(workers[i], 0);
    wait_for_outside(workers[i], LIBSCHED_ISOLATED);
  }
}

/* Waits inside waits, each for the task that it has submitted: one stack takes 256 of them, then a spare goes on. */
enum { LINKS = 1000 };
typedef struct links {
  libsched_pool *pool;
  libsched_group *groups[LINKS];
  int deepest;
  int64_t ended;
} links;

static links the_links;

static int wait_for_the_next(libsched_task *task, void *data) {
  int64_t i = VALUE(data);
  int depth = open_waits;
  (void)task;
  if (depth > CHECK_GET(the_links.deepest)) CHECK_SET(the_links.deepest, depth);
  if (i < LINKS - 1) {
    the_links.groups[i] = check_group_new(the_links.pool);
    CHECK_OK(libsched_group_enter(the_links.groups[i]));
    CHECK_OK(
        libsched_pool_submit(the_links.pool, LIBSCHED_NORMAL, wait_for_the_next, ITEM(i + 1), 0));
    wait_on_worker(the_links.groups[i], 0);
    libsched_group_unref(the_links.groups[i]);
  }
  CHECK_EQ(open_waits, depth);
  CHECK_ADD(the_links.ended, 1);
  if (i > 0) CHECK_OK(libsched_group_leave(the_links.groups[i - 1], 0));
  return 0;
}

CASE(waits_inside_waits) {
  uint32_t workers;
  for (workers = 1; workers <= 3; ++workers) {
    memset(&the_links, 0, sizeof(the_links));
    the_links.pool = check_pool_new(workers, 0);
    CHECK_OK(libsched_pool_submit(the_links.pool, LIBSCHED_NORMAL, wait_for_the_next, 0, 0));
    check_pool_idle(the_links.pool);
    CHECK_EQ(the_links.ended, LINKS);
    /* A single worker finds the next task at once; several share them out as it comes. */
    if (workers == 1) CHECK_EQ(the_links.deepest, 256);
    CHECK_LE(the_links.deepest, 256);
    CHECK_EQ(check_live(LIBSCHED_KIND_GROUP), 0);
    check_pool_end(the_links.pool, LIBSCHED_DRAIN);
  }
}

/* A waiter that holds a mutex: isolated, it does not run the task that needs it, and a spare does not let it starve. */
typedef struct guarded {
  libsched_pool *pool;
  libsched_group *group;
  pthread_mutex_t mutex;
  check_event blocked;
  int64_t locked;
  int64_t members;
} guarded;

static int lock_it(libsched_task *task, void *data) {
  guarded *g = (guarded *)data;
  (void)task;
  CHECK_EQ(open_waits, 0);
  check_event_add(&g->blocked, 1);
  CHECK_EQ(pthread_mutex_lock(&g->mutex), 0);
  CHECK_ADD(g->locked, 1);
  CHECK_EQ(pthread_mutex_unlock(&g->mutex), 0);
  return 0;
}

static int be_member(libsched_task *task, void *data) {
  guarded *g = (guarded *)data;
  (void)task;
  CHECK_EQ(CHECK_GET(g->locked), 0);
  CHECK_ADD(g->members, 1);
  return 0;
}

static int wait_with_the_mutex(libsched_task *task, void *data) {
  guarded *g = (guarded *)data;
  int i;
  (void)task;
  CHECK_EQ(pthread_mutex_lock(&g->mutex), 0);
  CHECK_OK(libsched_pool_submit(g->pool, LIBSCHED_HIGH, lock_it, g, 0));
  for (i = 0; i < 20; ++i)
    CHECK_OK(libsched_group_submit(g->group, (uint32_t)i % 3, be_member, g, 0));
  wait_on_worker(g->group, LIBSCHED_ISOLATED);
  CHECK_EQ(CHECK_GET(g->locked), 0);
  CHECK_EQ(CHECK_GET(g->members), 20);
  CHECK_EQ(pthread_mutex_unlock(&g->mutex), 0);
  return 0;
}

CASE(isolated_waiter_holds_a_mutex) {
  uint32_t workers;
  for (workers = 1; workers <= 2; ++workers) {
    int round;
    libsched_pool *pool = check_pool_new(workers, 0);
    for (round = 0; round < 50; ++round) {
      guarded g = {0, 0, PTHREAD_MUTEX_INITIALIZER, CHECK_EVENT_INIT, 0, 0};
      pthread_mutexattr_t kind;
      CHECK_EQ(pthread_mutexattr_init(&kind), 0);
      CHECK_EQ(pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_ERRORCHECK), 0);
      CHECK_EQ(pthread_mutex_init(&g.mutex, &kind), 0);
      g.pool = pool;
      g.group = check_group_new(pool);
      CHECK_OK(libsched_group_enter(g.group));
      CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, wait_with_the_mutex, &g, 0));
      /* The waiter sleeps, and another thread has begun what needs the mutex. */
      CHECK_AWAIT(&g.blocked, 1);
      CHECK_OK(libsched_group_leave(g.group, 0));
      check_pool_idle(pool);
      CHECK_EQ(g.locked, 1);
      libsched_group_unref(g.group);
      CHECK_EQ(pthread_mutex_destroy(&g.mutex), 0);
    }
    check_pool_end(pool, LIBSCHED_DRAIN);
  }
}

/* The branches that a worker has forked and not joined are seen by others while it waits, the newest too. */
enum { BRANCHES = 9 };

typedef struct tree {
  libsched_pool *pool;
  libsched_group *group;
  uint32_t flags;
  int64_t ended;
} tree;

static int branch_leaves(libsched_task *task, void *data) {
  (void)task;
  CHECK_OK(libsched_group_leave(((tree *)data)->group, 0));
  return 0;
}

static int fork_and_wait(libsched_task *task, void *data) {
  tree *t = (tree *)data;
  libsched_frame frames[BRANCHES];
  int i;
  (void)task;
  t->group = check_group_new(t->pool);
  for (i = 0; i < BRANCHES; ++i) CHECK_OK(libsched_group_enter(t->group));
  for (i = 0; i < BRANCHES; ++i) CHECK_OK(libsched_fork(&frames[i], branch_leaves, t));
  wait_on_worker(t->group, t->flags);
  for (i = BRANCHES - 1; i >= 0; --i) CHECK_OK(libsched_join(&frames[i]));
  libsched_group_unref(t->group);
  CHECK_ADD(t->ended, 1);
  return 0;
}

static void fork_on(uint32_t workers, uint32_t flags) {
  tree t = {0, 0, 0, 0};
  int i;
  t.pool = check_pool_new(workers, 0);
  t.flags = flags;
  for (i = 1; i <= 50; ++i) {
    CHECK_OK(libsched_pool_submit(t.pool, LIBSCHED_NORMAL, fork_and_wait, &t, 0));
    check_pool_idle(t.pool);
    CHECK_EQ(t.ended, i);
  }
  check_pool_end(t.pool, LIBSCHED_DRAIN);
}

CASE(branches_of_a_waiter_run) {
  fork_on(1, 0);
  fork_on(2, 0);
}

CASE(branches_of_an_isolated_waiter_run) {
  fork_on(1, LIBSCHED_ISOLATED);
  fork_on(2, LIBSCHED_ISOLATED);
}

/* A waiter finds the tasks of groups inside its own, though it may run nothing else and nobody stands in for it. */
typedef struct inner {
  libsched_pool *pool;
  int64_t ran;
  int64_t ended;
} inner;

static int wait_for_the_inmost(libsched_task *task, void *data) {
  enum { DEPTH = 100 };
  inner *in = (inner *)data;
  libsched_group *chain[DEPTH];
  libsched_group_options options = LIBSCHED_GROUP_OPTIONS_INIT;
  int i;
  (void)task;
  for (i = 0; i < DEPTH; ++i) {
    options.parent = i == 0 ? 0 : chain[i - 1];
    CHECK_OK(libsched_group_create(&chain[i], in->pool, &options, 0));
  }
  CHECK_OK(libsched_group_submit(chain[DEPTH - 1], LIBSCHED_LOW, check_count_run, &in->ran, 0));
  CHECK_OK(libsched_group_submit(chain[1], LIBSCHED_LOW, check_count_run, &in->ran, 0));
  for (i = 1; i < DEPTH; ++i) libsched_group_unref(chain[i]);
  wait_on_worker(chain[0], LIBSCHED_ISOLATED);
  CHECK_EQ(CHECK_GET(in->ran), 2);
  libsched_group_unref(chain[0]);
  CHECK_ADD(in->ended, 1);
  return 0;
}

CASE(waiter_runs_tasks_of_groups_inside) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  inner in = {0, 0, 0};
  options.workers = 1;
  options.max_spare = LIBSCHED_NO_SPARE;
  in.pool = check_pool_with(&options);
  CHECK_OK(libsched_pool_submit(in.pool, LIBSCHED_NORMAL, wait_for_the_inmost, &in, 0));
  check_pool_idle(in.pool);
  CHECK_EQ(in.ended, 1);
  check_pool_end(in.pool, LIBSCHED_DRAIN);
}

CASES = {RUN(one_worker_waits_for_queued_work),
         RUN(two_workers_wait_for_queued_work),
         RUN(many_workers_wait_for_queued_work),
         RUN(waiting_workers_and_work_from_outside),
         RUN(waits_inside_waits),
         RUN(isolated_waiter_holds_a_mutex),
         RUN(branches_of_a_waiter_run),
         RUN(branches_of_an_isolated_waiter_run),
         RUN(waiter_runs_tasks_of_groups_inside),
         CASES_END};
