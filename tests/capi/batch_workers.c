/* Batches and workers: items that workers submit, wait for, and run inside one another. */
#include "check_batch.h"

enum { MANY = 1000 };

static check_item items[MANY];

/* A task that submits items to its own pool. */
typedef struct submitter {
  libsched_pool *pool;
  libsched_batch *batch;
  libsched_group *group;
  uint32_t priority;
  int one_by_one;
  uint32_t flags;
  int done;
} submitter;

static int submit_all(libsched_task *task, void *data) {
  submitter *s = (submitter *)data;
  (void)task;
  check_items_submit(s->batch, s->group, s->priority, items, MANY, s->one_by_one);
  s->done = 1;
  return 0;
}

CASE(worker_submits_items) {
  uint32_t workers;
  for (workers = 1; workers <= 3; ++workers) {
    int round;
    submitter s = {0, 0, 0, 0, 0, 0, 0};
    s.pool = check_pool_new(workers, 0);
    s.batch = check_batch_new(s.pool, check_items_run, 20);
    for (round = 0; round < 6; ++round) {
      s.priority = (uint32_t)round % 3;
      s.one_by_one = round / 3;
      check_items_start(items, MANY, 0);
      CHECK_OK(libsched_pool_submit(s.pool, LIBSCHED_LOW, submit_all, &s, 0));
      check_pool_idle(s.pool);
      CHECK_EQ(check_items_settled(items, MANY), MANY);
    }
    libsched_batch_unref(s.batch);
    check_pool_end(s.pool, LIBSCHED_DRAIN);
  }
}

/* A call that submits two items more for each of its own. */
static int64_t tree_items;
static libsched_batch *tree_batch;
static libsched_group *tree_group;

static size_t grow(libsched_task *task, void *const *data, size_t n, int *results) {
  size_t i;
  (void)task;
  for (i = 0; i < n; ++i) {
    int64_t depth = VALUE(data[i]);
    results[i] = 0;
    CHECK_ADD(tree_items, 1);
    if (depth > 1) {
      void *two[2];
      size_t accepted = 0;
      two[0] = two[1] = ITEM(depth - 1);
      if (depth % 2 == 0) {
        CHECK_OK(libsched_batch_submit_n(&accepted, tree_batch, tree_group, (uint32_t)depth % 3,
                                         two, 2, LIBSCHED_FOREVER, 0, 0));
        CHECK_EQ(accepted, 2);
      } else {
        CHECK_OK(libsched_batch_submit(tree_batch, tree_group, LIBSCHED_NORMAL, two[0]));
        CHECK_OK(libsched_batch_submit(tree_batch, tree_group, LIBSCHED_HIGH, two[1]));
      }
    }
  }
  return n;
}

/* In a group that is closed from the first: as long as it has members they may submit more. */
static void check_tree(uint32_t workers) {
  enum { DEPTH = 11 };
  libsched_pool *pool = check_pool_new(workers, 0);
  int round;
  for (round = 0; round < CHECK_SCALE(10, 2); ++round) {
    CHECK_OK(libsched_batch_create(&tree_batch, pool, grow, 0, 10, 0));
    CHECK_OK(libsched_group_create(&tree_group, pool, 0, 0));
    CHECK_SET(tree_items, 0);
    CHECK_OK(libsched_group_enter(tree_group));
    CHECK_OK(libsched_batch_submit(tree_batch, tree_group, LIBSCHED_LOW, ITEM(DEPTH)));
    CHECK_OK(libsched_group_close(tree_group));
    CHECK_OK(libsched_group_leave(tree_group, 0));
    CHECK_OK(libsched_group_wait(0, tree_group, 0, LIBSCHED_FOREVER, 0, 0));
    CHECK_EQ(CHECK_GET(tree_items), (1 << DEPTH) - 1);
    libsched_group_unref(tree_group);
    libsched_batch_unref(tree_batch);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(calls_submit_more_items) {
  check_tree(1);
  check_tree(4);
  check_tree(LIBSCHED_NO_WORKERS);
}

/* A task waits for items on the pool's only worker: it runs them itself. */
static int wait_for_items(libsched_task *task, void *data) {
  submitter *s = (submitter *)data;
  int code = 7;
  (void)task;
  check_items_submit(s->batch, s->group, s->priority, items, MANY, s->one_by_one);
  CHECK_OK(libsched_group_wait(&code, s->group, s->flags, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(code, 0);
  CHECK_EQ(check_items_settled(items, MANY), MANY);
  s->done = 1;
  return 0;
}

CASE(worker_runs_the_items_that_it_waits_for) {
  uint32_t workers;
  int round;
  for (workers = 1; workers <= 3; ++workers) {
    for (round = 0; round < 36; ++round) {
      submitter s = {0, 0, 0, 0, 0, 0, 0};
      s.pool = check_pool_spares(workers, LIBSCHED_NO_SPARE);
      s.batch = check_batch_new(s.pool, check_items_run, 20);
      CHECK_OK(libsched_group_create(&s.group, s.pool, 0, 0));
      s.priority = (uint32_t)round % 3;
      s.one_by_one = round / 3 % 2;
      s.flags = round / 6 % 2 ? LIBSCHED_ISOLATED : 0;
      check_items_start(items, MANY, 0);
      CHECK_OK(libsched_pool_submit(s.pool, (uint32_t)round / 12, wait_for_items, &s, 0));
      check_pool_idle(s.pool);
      CHECK_EQ(s.done, 1);
      libsched_batch_unref(s.batch);
      libsched_group_unref(s.group);
      check_pool_end(s.pool, LIBSCHED_DRAIN);
    }
  }
}

/* An isolated wait runs items of its group and no others, though they lie side by side in one batch. */
static int64_t isolated;
static pthread_t isolated_thread;

static size_t run_isolated(libsched_task *task, void *const *data, size_t n, int *results) {
  size_t i;
  if (CHECK_GET(isolated) && pthread_equal(pthread_self(), isolated_thread)) {
    for (i = 0; i < n; ++i) CHECK_EQ(((check_item *)data[i])->number % 2, 0);
  }
  return check_items_run(task, data, n, results);
}

static int wait_isolated(libsched_task *task, void *data) {
  submitter *s = (submitter *)data;
  int i;
  (void)task;
  for (i = 0; i < MANY; ++i) {
    CHECK_OK(libsched_batch_submit(s->batch, i % 2 ? 0 : s->group, s->priority, &items[i]));
  }
  isolated_thread = pthread_self();
  CHECK_SET(isolated, 1);
  CHECK_OK(libsched_group_wait(0, s->group, LIBSCHED_ISOLATED, LIBSCHED_FOREVER, 0, 0));
  CHECK_SET(isolated, 0);
  s->done = 1;
  return 0;
}

CASE(isolated_wait_takes_no_other_items) {
  uint32_t workers;
  uint32_t p;
  for (workers = 1; workers <= 2; ++workers) {
    for (p = 0; p < 9; ++p) {
      submitter s = {0, 0, 0, 0, 0, 0, 0};
      s.pool = check_pool_new(workers, 0);
      s.batch = check_batch_new(s.pool, run_isolated, 0);
      CHECK_OK(libsched_group_create(&s.group, s.pool, 0, 0));
      s.priority = p % 3;
      check_items_start(items, MANY, 0);
      CHECK_OK(libsched_pool_submit(s.pool, p / 3, wait_isolated, &s, 0));
      check_pool_idle(s.pool);
      CHECK_EQ(s.done, 1);
      CHECK_EQ(check_items_settled(items, MANY), MANY);
      libsched_batch_unref(s.batch);
      libsched_group_unref(s.group);
      check_pool_end(s.pool, LIBSCHED_DRAIN);
    }
  }
}

/* A call that waits for items of its own batch: calls inside one another, on one stack. */
typedef struct nested {
  libsched_pool *pool;
  libsched_batch *batch;
  int depth;
  int64_t runs;
} nested;

static int64_t nested_runs;

static size_t run_nested(libsched_task *task, void *const *data, size_t n, int *results) {
  size_t i;
  (void)task;
  for (i = 0; i < n; ++i) {
    nested *outer = (nested *)data[i];
    CHECK_EQ(results[i], 0);
    CHECK_ADD(nested_runs, 1);
    if (outer->depth > 0) {
      nested inner[3];
      libsched_group *group = 0;
      int code = 0;
      int k;
      CHECK_OK(libsched_group_create(&group, outer->pool, 0, 0));
      for (k = 0; k < 3; ++k) {
        inner[k] = *outer;
        inner[k].depth = outer->depth - 1;
        CHECK_OK(libsched_batch_submit(outer->batch, group, LIBSCHED_NORMAL, &inner[k]));
      }
      CHECK_STATUS(libsched_group_wait(&code, group, LIBSCHED_ISOLATED, LIBSCHED_FOREVER, 0, 0),
                   LIBSCHED_E_FAILED);
      CHECK_EQ(code, 5);
      libsched_group_unref(group);
    }
    results[i] = 5;
  }
  return n;
}

CASE(calls_inside_calls) {
  uint32_t workers;
  for (workers = 1; workers <= 4; ++workers) {
    nested top = {0, 0, 5, 0};
    top.pool = check_pool_new(workers, 0);
    CHECK_OK(libsched_batch_create(&top.batch, top.pool, run_nested, 0, 8, 0));
    CHECK_SET(nested_runs, 0);
    CHECK_OK(libsched_batch_submit(top.batch, 0, LIBSCHED_NORMAL, &top));
    check_pool_idle(top.pool);
    CHECK_EQ(CHECK_GET(nested_runs), 1 + 3 + 9 + 27 + 81 + 243);
    check_ends(top.pool, LIBSCHED_NORMAL, 0, 364, 0);
    libsched_batch_unref(top.batch);
    check_pool_end(top.pool, LIBSCHED_DRAIN);
  }
}

/* A call may fork, loop, submit tasks and block as any task may. */
static int64_t side_work;

static int work_aside(libsched_task *task, void *data) {
  (void)task;
  (void)data;
  CHECK_ADD(side_work, 1);
  return 0;
}

static int work_at(libsched_task *task, uint64_t index, void *data) {
  (void)index;
  return work_aside(task, data);
}

static size_t do_everything(libsched_task *task, void *const *data, size_t n, int *results) {
  libsched_pool *pool = (libsched_pool *)((check_item *)data[0])->context;
  libsched_frame frame;
  size_t i;
  int status;
  check_call(task, data, n, results);
  for (i = 0; i < n; ++i) {
    CHECK_OK(libsched_fork(&frame, work_aside, 0));
    CHECK_OK(libsched_pool_submit(pool, (uint32_t)i % 3, work_aside, 0, 0));
    status = libsched_blocking_begin();
    CHECK(status == LIBSCHED_OK || status == LIBSCHED_E_NO_SPARE);
    CHECK_OK(libsched_parallel_for(0, pool, LIBSCHED_NORMAL, 0, 10, 1, work_at, 0, 0, 0));
    if (status == LIBSCHED_OK) CHECK_OK(libsched_blocking_end());
    CHECK_OK(libsched_join(&frame));
    check_item_run(data[i], &results[i]);
  }
  CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
  return n;
}

CASE(calls_do_what_tasks_do) {
  uint32_t workers;
  for (workers = 1; workers <= 3; ++workers) {
    libsched_pool *pool = check_pool_new(workers, 0);
    libsched_batch *batch = check_batch_new(pool, do_everything, 5);
    CHECK_SET(side_work, 0);
    check_items_start(items, CHECK_SCALE(MANY, 200), pool);
    check_items_submit(batch, 0, LIBSCHED_LOW, items, CHECK_SCALE(MANY, 200), 0);
    check_pool_idle(pool);
    CHECK_EQ(check_items_settled(items, CHECK_SCALE(MANY, 200)), CHECK_SCALE(MANY, 200));
    CHECK_EQ(CHECK_GET(side_work), 12 * CHECK_SCALE(MANY, 200));
    libsched_batch_unref(batch);
    check_workers_are(pool, (int)workers);
    check_pool_end(pool, LIBSCHED_DRAIN);
  }
}

CASES = {RUN(worker_submits_items),
         RUN(calls_submit_more_items),
         RUN(worker_runs_the_items_that_it_waits_for),
         RUN(isolated_wait_takes_no_other_items),
         RUN(calls_inside_calls),
         RUN(calls_do_what_tasks_do),
         CASES_END};
