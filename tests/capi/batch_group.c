/* Batches in groups: items are members as tasks are, with a wait for them, a first failure, and a cancel. */
#include "check_batch.h"

enum { MANY = 300 };

static check_item items[MANY];

static libsched_group *group_of(libsched_pool *pool, uint32_t flags) {
  libsched_group_options options = LIBSCHED_GROUP_OPTIONS_INIT;
  libsched_group *group = 0;
  options.flags = flags;
  CHECK_OK(libsched_group_create(&group, pool, &options, 0));
  return group;
}

static int wait_for(libsched_group *group, int *code) {
  return libsched_group_wait(code, group, 0, LIBSCHED_FOREVER, 0, 0);
}

static void check_group_ends(libsched_group *group, int64_t completed, int64_t failed,
                             int64_t cancelled) {
  libsched_group_stats stats = LIBSCHED_GROUP_STATS_INIT;
  CHECK_OK(libsched_group_get_stats(&stats, group));
  CHECK_EQ(stats.completed, completed);
  CHECK_EQ(stats.failed, failed);
  CHECK_EQ(stats.cancelled, cancelled);
  CHECK_EQ(stats.started, completed + failed);
  CHECK_EQ(stats.submitted, completed + failed + cancelled);
  CHECK_EQ(stats.queued, 0);
  CHECK_EQ(stats.active, 0);
}

static void check_wait(uint32_t workers) {
  libsched_pool *pool = check_pool_new(workers, 0);
  libsched_batch *batch = check_batch_new(pool, check_items_run, 7);
  libsched_group *group = group_of(pool, 0);
  int round;
  for (round = 1; round <= CHECK_SCALE(60, 12); ++round) {
    int code = 7;
    check_items_start(items, MANY, 0);
    check_items_submit(batch, group, (uint32_t)round % 3, items, MANY, round % 2);
    CHECK_OK(wait_for(group, &code));
    CHECK_EQ(code, 0);
    CHECK_EQ(check_items_settled(items, MANY), MANY);
    check_group_ends(group, (int64_t)MANY * round, 0, 0);
    CHECK_OK(libsched_group_reset(group));
  }
  libsched_batch_unref(batch);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(wait_waits_for_all_items) {
  check_wait(1);
  check_wait(4);
}
CASE(wait_runs_items_without_workers) { check_wait(LIBSCHED_NO_WORKERS); }

/* The first failure's code; items that were cancelled are not it, unless there is no other. */
CASE(code_of_the_first_failure) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_batch *batch = check_batch_new(pool, check_items_run, 16);
  libsched_group *group = group_of(pool, 0);
  int code = 0;
  check_items_start(items, MANY, 0);
  items[50].result = LIBSCHED_E_CANCELLED;
  items[100].result = -44;
  items[101].result = 55;
  items[200].result = 66;
  check_items_submit(batch, group, LIBSCHED_NORMAL, items, MANY, 0);
  CHECK_STATUS(wait_for(group, &code), LIBSCHED_E_FAILED);
  CHECK_EQ(code, -44);
  CHECK_EQ(check_items_settled(items, MANY), MANY);
  check_group_ends(group, MANY - 4, 3, 1);
  check_pool_idle(pool);
  check_ends(pool, LIBSCHED_NORMAL, MANY - 4, 3, 1);
  libsched_batch_unref(batch);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* It is no failure, at any rate. */
CASE(code_of_a_cancelled_item) {
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_batch *batch = check_batch_new(pool, check_items_run, 16);
  libsched_group *group = group_of(pool, 0);
  int code = 0;
  int status;
  check_items_start(items, 30, 0);
  items[20].result = LIBSCHED_E_CANCELLED;
  check_items_submit(batch, group, LIBSCHED_LOW, items, 30, 0);
  status = wait_for(group, &code);
  CHECK_STATUS(status, code == 0 ? LIBSCHED_OK : LIBSCHED_E_FAILED);
  CHECK(code == 0 || code == LIBSCHED_E_CANCELLED);
  CHECK_EQ(check_items_settled(items, 30), 30);
  check_group_ends(group, 29, 0, 1);
  libsched_batch_unref(batch);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static size_t exit_thread(libsched_task *task, void *const *data, size_t n, int *results) {
  check_items_run(task, data, n, results);
  pthread_exit(0);
  return n;
}

CASE(code_of_a_call_that_ended_its_thread) {
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_batch *batch = check_batch_new(pool, exit_thread, 16);
  libsched_group *group = group_of(pool, 0);
  int code = 0;
  check_items_start(items, 100, 0);
  check_items_submit(batch, group, LIBSCHED_HIGH, items, 100, 0);
  CHECK_STATUS(wait_for(group, &code), LIBSCHED_E_FAILED);
  CHECK_EQ(code, LIBSCHED_E_UNWOUND);
  CHECK_EQ(check_items_settled(items, 100), 100);
  check_group_ends(group, 0, 100, 0);
  libsched_batch_unref(batch);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* After its completion a group takes no item, and after its cancel neither; what is refused is not touched. */
CASE(closed_groups_take_no_items) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_batch *batch = check_batch_new(pool, check_items_run, 0);
  libsched_group *group = group_of(pool, 0);
  libsched_error *error = 0;
  size_t accepted = 77;
  void *data[2];
  check_items_start(items, 4, 0);
  data[0] = &items[1];
  data[1] = &items[2];
  check_items_submit(batch, group, LIBSCHED_NORMAL, items, 1, 1);
  CHECK_OK(wait_for(group, 0));
  CHECK_STATUS(libsched_batch_submit(batch, group, LIBSCHED_HIGH, &items[1]), LIBSCHED_E_CLOSED);
  CHECK_STATUS(libsched_batch_submit_n(&accepted, batch, group, LIBSCHED_LOW, data, 2,
                                       LIBSCHED_FOREVER, 0, &error),
               LIBSCHED_E_CLOSED);
  CHECK_EQ(accepted, 0);
  CHECK_STATUS(libsched_error_status(error), LIBSCHED_E_CLOSED);
  libsched_error_free(error);
  CHECK_OK(libsched_group_reset(group));
  check_items_submit(batch, group, LIBSCHED_NORMAL, items + 3, 1, 1);
  CHECK_OK(wait_for(group, 0));
  CHECK_OK(libsched_group_reset(group));
  CHECK_OK(libsched_group_cancel(group));
  CHECK_STATUS(libsched_batch_submit(batch, group, LIBSCHED_HIGH, &items[1]), LIBSCHED_E_CANCELLED);
  CHECK_STATUS(libsched_batch_submit_n(&accepted, batch, group, LIBSCHED_LOW, data, 2, 0, 0, 0),
               LIBSCHED_E_CANCELLED);
  check_pool_idle(pool);
  CHECK_EQ(items[0].runs + items[3].runs, 2);
  CHECK_EQ(check_items_done(items + 1, 2), 0);
  libsched_batch_unref(batch);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* A group that was cancelled: what is queued is discarded, each item once, and a call at work is told. */
static check_gate gate = CHECK_GATE_INIT;

static size_t run_one_until_cancelled(libsched_task *task, void *const *data, size_t n,
                                      int *results) {
  check_call(task, data, n, results);
  check_event_add(&gate.entered, 1);
  CHECK_UNTIL(libsched_task_cancelled(task));
  check_item_run(data[0], &results[0]);
  return 1;
}

CASE(cancel_discards_the_rest_of_a_call) {
  uint32_t workers;
  for (workers = 1; workers <= 3; ++workers) {
    libsched_pool *pool = check_pool_new(workers, 0);
    libsched_batch *batch = check_batch_new(pool, run_one_until_cancelled, 0);
    libsched_group *group = group_of(pool, 0);
    check_gate hold = CHECK_GATE_INIT;
    int64_t before = check_event_count(&gate.entered);
    int64_t ran;
    int code = 0;
    check_items_start(items, MANY, 0);
    check_gate_hold(&hold, pool, (int)workers);
    check_items_submit(batch, group, LIBSCHED_NORMAL, items, MANY, 0);
    check_gate_open(&hold);
    CHECK_AWAIT(&gate.entered, before + 1);
    CHECK_OK(libsched_group_cancel(group));
    CHECK_STATUS(wait_for(group, &code), LIBSCHED_E_FAILED);
    CHECK_EQ(code, LIBSCHED_E_CANCELLED);
    ran = check_items_settled(items, MANY);
    CHECK_LE(1, ran);
    CHECK_LE(ran, workers);
    check_group_ends(group, ran, 0, MANY - ran);
    check_pool_idle(pool);
    check_ends(pool, LIBSCHED_NORMAL, ran, 0, MANY - ran);
    libsched_batch_unref(batch);
    libsched_group_unref(group);
    check_pool_end(pool, LIBSCHED_DRAIN);
  }
}

/* Items of two groups and of none side by side: the cancel of one concerns its items alone. */
static int64_t told;

static size_t run_until_told(libsched_task *task, void *const *data, size_t n, int *results) {
  size_t i;
  check_call(task, data, n, results);
  for (i = 0; i < n; ++i) {
    if (((check_item *)data[i])->number == 0) {
      /* Its group's item is the first of a call, which is to be told then. */
      if (i != 0) return i;
      CHECK_EQ(libsched_task_cancelled(task), 0);
      check_event_add(&gate.entered, 1);
      CHECK_UNTIL(libsched_task_cancelled(task));
      CHECK_ADD(told, 1);
      check_item_run(data[0], &results[0]);
      return 1;
    }
    check_item_run(data[i], &results[i]);
  }
  return n;
}

CASE(cancel_leaves_others_alone) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_batch *batch = check_batch_new(pool, run_until_told, 0);
  libsched_group *groups[3];
  check_gate hold = CHECK_GATE_INIT;
  int64_t before = check_event_count(&gate.entered);
  int code = 0;
  int i;
  groups[0] = group_of(pool, 0);
  groups[1] = group_of(pool, 0);
  groups[2] = 0;
  check_items_start(items, MANY, 0);
  check_gate_hold(&hold, pool, 1);
  for (i = 0; i < MANY; ++i) {
    CHECK_OK(libsched_batch_submit(batch, groups[i % 3], LIBSCHED_NORMAL, &items[i]));
  }
  check_gate_open(&hold);
  CHECK_AWAIT(&gate.entered, before + 1);
  CHECK_OK(libsched_group_cancel(groups[0]));
  CHECK_STATUS(wait_for(groups[0], &code), LIBSCHED_E_FAILED);
  CHECK_EQ(code, LIBSCHED_E_CANCELLED);
  CHECK_OK(wait_for(groups[1], &code));
  CHECK_EQ(code, 0);
  check_pool_idle(pool);
  CHECK_EQ(told, 1);
  for (i = 0; i < MANY; ++i) {
    CHECK_EQ(items[i].runs + items[i].discards, 1);
    if (i % 3 != 0) CHECK_EQ(items[i].runs, 1);
  }
  check_group_ends(groups[1], MANY / 3, 0, 0);
  libsched_batch_unref(batch);
  libsched_group_unref(groups[0]);
  libsched_group_unref(groups[1]);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* Without a call at work, and with no discard either. */
CASE(cancel_discards_what_is_queued) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_batch *batch = check_batch_new(pool, check_items_run, 0);
  libsched_batch *silent = 0;
  libsched_group *group = group_of(pool, 0);
  check_gate hold = CHECK_GATE_INIT;
  int code = 0;
  CHECK_OK(libsched_batch_create(&silent, pool, check_items_run, 0, 0, 0));
  check_items_start(items, MANY, 0);
  check_gate_hold(&hold, pool, 1);
  check_items_submit(batch, group, LIBSCHED_LOW, items, 100, 0);
  check_items_submit(silent, group, LIBSCHED_LOW, items + 100, 100, 0);
  check_items_submit(batch, 0, LIBSCHED_LOW, items + 200, 100, 0);
  CHECK_OK(libsched_group_cancel(group));
  check_gate_open(&hold);
  CHECK_STATUS(wait_for(group, &code), LIBSCHED_E_FAILED);
  CHECK_EQ(code, LIBSCHED_E_CANCELLED);
  check_pool_idle(pool);
  CHECK_EQ(check_items_settled(items, 100), 0);
  CHECK_EQ(check_items_done(items + 100, 100), 0);
  CHECK_EQ(check_items_settled(items + 200, 100), 100);
  check_group_ends(group, 0, 0, 200);
  check_ends(pool, LIBSCHED_LOW, 100, 0, 200);
  libsched_batch_unref(batch);
  libsched_batch_unref(silent);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* One failure cancels the rest: the item that fails is the last of its call. */
static size_t run_to_the_failure(libsched_task *task, void *const *data, size_t n, int *results) {
  size_t i;
  check_call(task, data, n, results);
  for (i = 0; i < n; ++i) {
    check_item_run(data[i], &results[i]);
    if (results[i] != 0) return i + 1;
  }
  return n;
}

CASE(failure_cancels_the_group) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_batch *batch = check_batch_new(pool, run_to_the_failure, 0);
  libsched_group *group = group_of(pool, LIBSCHED_GROUP_CANCEL_ON_FAILURE);
  check_gate hold = CHECK_GATE_INIT;
  int code = 0;
  check_items_start(items, MANY, 0);
  items[120].result = 9;
  items[121].result = 10;
  check_gate_hold(&hold, pool, 1);
  check_items_submit(batch, group, LIBSCHED_NORMAL, items, MANY, 0);
  check_gate_open(&hold);
  CHECK_STATUS(wait_for(group, &code), LIBSCHED_E_FAILED);
  CHECK_EQ(code, 9);
  CHECK_EQ(check_items_settled(items, MANY), 121);
  check_group_ends(group, 120, 1, MANY - 121);
  libsched_batch_unref(batch);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* The last reference to a group and to a batch dropped: the items run all the same, and the group completes. */
static void on_complete(int status, int code, void *data) {
  CHECK_OK(status);
  CHECK_EQ(code, 0);
  check_event_add((check_event *)data, 1);
}

CASE(group_without_references_completes) {
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_batch *batch = check_batch_new(pool, check_items_run, 5);
  libsched_group_options options = LIBSCHED_GROUP_OPTIONS_INIT;
  libsched_group *group = 0;
  check_event complete = CHECK_EVENT_INIT;
  options.on_complete = on_complete;
  options.user_data = &complete;
  CHECK_OK(libsched_group_create(&group, pool, &options, 0));
  check_items_start(items, MANY, 0);
  check_items_submit(batch, group, LIBSCHED_NORMAL, items, MANY, 0);
  libsched_batch_unref(batch);
  libsched_group_unref(group);
  CHECK_AWAIT(&complete, 1);
  CHECK_EQ(check_items_settled(items, MANY), MANY);
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(check_event_count(&complete), 1);
}

CASES = {RUN(wait_waits_for_all_items),
         RUN(wait_runs_items_without_workers),
         RUN(code_of_the_first_failure),
         RUN(code_of_a_cancelled_item),
         RUN(code_of_a_call_that_ended_its_thread),
         RUN(closed_groups_take_no_items),
         RUN(cancel_discards_the_rest_of_a_call),
         RUN(cancel_leaves_others_alone),
         RUN(cancel_discards_what_is_queued),
         RUN(failure_cancels_the_group),
         RUN(group_without_references_completes),
         CASES_END};
