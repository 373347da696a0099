/* Tasks that wait for groups of their own: as a tree, and as deep as anybody likes, whatever the workers are. */
#include "check_pool.h"

/* Fibonacci numbers: each task makes a group of two and waits for it. */
typedef struct settings {
  libsched_pool *pool;
  uint32_t flags;
  int inside;   /* whether a task's group is made inside the one that the task belongs to */
  int priority; /* all tasks have this one; -1 = each one has another */
} settings;

static settings the;

typedef struct node {
  int n;
  int64_t result;
  libsched_group *group;
} node;

static int compute(libsched_task *task, void *data) {
  node *me = (node *)data;
  node children[2];
  libsched_group_options options = LIBSCHED_GROUP_OPTIONS_INIT;
  libsched_group *group = 0;
  int i;
  (void)task;
  me->result = me->n;
  if (me->n < 2) return 0;
  if (the.inside) options.parent = me->group;
  CHECK_OK(libsched_group_create(&group, the.pool, &options, 0));
  for (i = 0; i < 2; ++i) {
    int p = the.priority >= 0 ? the.priority : (me->n + i) % 3;
    children[i].n = me->n - 1 - i;
    children[i].result = -1;
    children[i].group = group;
    CHECK_OK(libsched_group_submit(group, (uint32_t)p, compute, &children[i], 0));
  }
  CHECK_OK(libsched_group_wait(0, group, the.flags, LIBSCHED_FOREVER, 0, 0));
  libsched_group_unref(group);
  me->result = children[0].result + children[1].result;
  return 0;
}

static void fib_on(uint32_t workers, uint32_t flags, int inside, int priority) {
  node root = {CHECK_SCALE(17, 13), -1, 0};
  the.pool = check_pool_new(workers, 0);
  the.flags = flags;
  the.inside = inside;
  the.priority = priority;
  CHECK_OK(libsched_group_create(&root.group, the.pool, 0, 0));
  CHECK_OK(libsched_group_submit(root.group, LIBSCHED_NORMAL, compute, &root, 0));
  CHECK_OK(libsched_group_wait(0, root.group, 0, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(root.result, CHECK_SCALE(1597, 233));
  libsched_group_unref(root.group);
  CHECK_EQ(check_live(LIBSCHED_KIND_GROUP), 0);
  check_pool_end(the.pool, LIBSCHED_DRAIN);
}

static void fib_in_all_ways(uint32_t workers) {
  int inside;
  int priority;
  for (inside = 0; inside < 2; ++inside) {
    for (priority = -1; priority < LIBSCHED_PRIORITIES; ++priority) {
      fib_on(workers, 0, inside, priority);
      fib_on(workers, LIBSCHED_ISOLATED, inside, priority);
    }
  }
}

CASE(tree_with_one_worker) { fib_in_all_ways(1); }
CASE(tree_with_two_workers) { fib_in_all_ways(2); }
CASE(tree_with_many_workers) { fib_in_all_ways(16); }
CASE(tree_without_workers) { fib_in_all_ways(LIBSCHED_NO_WORKERS); }

/* A chain: each task waits for the next, and the failure of the last comes back through all of them. */
typedef struct depth {
  libsched_pool *pool;
  int64_t levels;
  uint32_t flags;
  int inside;
  libsched_group *groups[100000];
  int64_t ran;
} depth;

static depth deep;

static int go_deeper(libsched_task *task, void *data) {
  int64_t level = VALUE(data);
  int code = 99;
  (void)task;
  CHECK_ADD(deep.ran, 1);
  if (level == deep.levels) return 42;
  {
    libsched_group_options options = LIBSCHED_GROUP_OPTIONS_INIT;
    if (deep.inside && level > 0) options.parent = deep.groups[level - 1];
    CHECK_OK(libsched_group_create(&deep.groups[level], deep.pool, &options, 0));
  }
  CHECK_OK(
      libsched_group_submit(deep.groups[level], LIBSCHED_NORMAL, go_deeper, ITEM(level + 1), 0));
  CHECK_STATUS(libsched_group_wait(&code, deep.groups[level], deep.flags, LIBSCHED_FOREVER, 0, 0),
               LIBSCHED_E_FAILED);
  CHECK_EQ(code, 42);
  libsched_group_unref(deep.groups[level]);
  return code;
}

static void go_deep(uint32_t workers, int64_t levels, uint32_t flags, int inside) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  options.workers = workers;
  /* The frames of a sanitizer are larger, so fewer of them share a stack. */
  if (CHECK_SANITIZED) options.max_spare = 1023;
  /* ThreadSanitizer copies all of the stack each time that a mutex is locked. */
  if (CHECK_TSAN) options.stack_size = 1536 * 1024;
  deep.pool = check_pool_with(&options);
  deep.levels = levels;
  deep.flags = flags;
  deep.inside = inside;
  deep.ran = 0;
  CHECK_OK(libsched_pool_submit(deep.pool, LIBSCHED_NORMAL, go_deeper, ITEM(0), 0));
  check_pool_idle(deep.pool);
  CHECK_EQ(CHECK_GET(deep.ran), levels + 1);
  CHECK_EQ(check_priority_stats(deep.pool, LIBSCHED_NORMAL).failed, levels + 1);
  CHECK_EQ(check_live(LIBSCHED_KIND_GROUP), 0);
  check_pool_end(deep.pool, LIBSCHED_DRAIN);
}

/* Deep enough for many stacks. */
enum { DEEP = CHECK_TSAN ? 10000 : CHECK_SCALE(100000, 30000) };

CASE(deep_chain_with_one_worker) { go_deep(1, DEEP, 0, 0); }
CASE(deep_chain_with_two_workers) { go_deep(2, DEEP, 0, 0); }
CASE(deep_chain_isolated) { go_deep(1, DEEP, LIBSCHED_ISOLATED, 0); }
/* Isolated waiters do not run what the other worker has taken over: at worst each of them takes a spare. */
CASE(chain_isolated_with_two_workers) { go_deep(2, 120, LIBSCHED_ISOLATED, 0); }
CASE(chain_with_many_workers) { go_deep(16, DEEP / 5, 0, 0); }
CASE(chain_of_groups_inside_each_other) {
  go_deep(1, CHECK_SCALE(5000, 1000), 0, 1);
  go_deep(2, CHECK_SCALE(5000, 1000), 0, 1);
}
CASE(chain_without_workers) { go_deep(LIBSCHED_NO_WORKERS, 500, 0, 0); }

/* Stacks on which nothing can be run inside a wait: each wait takes a thread, up to max_spare and no further. */
typedef struct ladder {
  libsched_pool *pool;
  int64_t steps;
  int64_t refused_at;
  int64_t refused;
} ladder;

static ladder the_ladder;

static int step(libsched_task *task, void *data) {
  int64_t level = VALUE(data);
  libsched_group *group = 0;
  int status;
  (void)task;
  if (level == the_ladder.steps) return 0;
  CHECK_OK(libsched_group_create(&group, the_ladder.pool, 0, 0));
  CHECK_OK(libsched_group_submit(group, LIBSCHED_NORMAL, step, ITEM(level + 1), 0));
  status = libsched_group_wait(0, group, 0, LIBSCHED_FOREVER, 0, 0);
  if (status == LIBSCHED_E_DEADLOCK) {
    the_ladder.refused_at = level;
    CHECK_ADD(the_ladder.refused, 1);
    CHECK_OK(libsched_group_cancel(group));
  } else {
    CHECK_OK(status);
  }
  libsched_group_unref(group);
  return 0;
}

static void climb(uint32_t workers, uint32_t max_spare, int64_t steps) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  options.workers = workers;
  options.stack_size = 128 * 1024;
  options.max_spare = max_spare;
  the_ladder.pool = check_pool_with(&options);
  the_ladder.steps = steps;
  the_ladder.refused_at = -1;
  the_ladder.refused = 0;
  CHECK_OK(libsched_pool_submit(the_ladder.pool, LIBSCHED_NORMAL, step, ITEM(0), 0));
  check_pool_idle(the_ladder.pool);
  CHECK_EQ(check_priority_stats(the_ladder.pool, LIBSCHED_NORMAL).failed, 0);
  check_pool_end(the_ladder.pool, LIBSCHED_DRAIN);
}

CASE(small_stacks_take_a_spare_for_each_wait) {
  climb(1, 0, 100);
  CHECK_EQ(the_ladder.refused, 0);
  climb(3, 0, 100);
  CHECK_EQ(the_ladder.refused, 0);
}

CASE(small_stacks_run_out_of_spares) {
  climb(1, 3, 50);
  CHECK_EQ(the_ladder.refused, 1);
  CHECK_EQ(the_ladder.refused_at, 3);
  climb(2, 3, 50);
  CHECK_EQ(the_ladder.refused, 1);
  CHECK_EQ(the_ladder.refused_at, 4);
}

CASES = {RUN(tree_with_one_worker),
         RUN(tree_with_two_workers),
         RUN(tree_with_many_workers),
         RUN(tree_without_workers),
         RUN(deep_chain_with_one_worker),
         RUN(deep_chain_with_two_workers),
         RUN(deep_chain_isolated),
         RUN(chain_isolated_with_two_workers),
         RUN(chain_with_many_workers),
         RUN(chain_of_groups_inside_each_other),
         RUN(chain_without_workers),
         RUN(small_stacks_take_a_spare_for_each_wait),
         RUN(small_stacks_run_out_of_spares),
         CASES_END};
