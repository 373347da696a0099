/* Waits under caps: who sleeps with a place at a capped priority is told of work that needs it, or lets others have it. */
#include "check_pool.h"

static libsched_group *group_inside(libsched_pool *pool, libsched_group *parent) {
  libsched_group_options options = LIBSCHED_GROUP_OPTIONS_INIT;
  libsched_group *group = 0;
  options.parent = parent;
  CHECK_OK(libsched_group_create(&group, pool, &options, 0));
  return group;
}

static libsched_pool *pool_with_cap(uint32_t high, uint32_t normal, uint64_t stack_size) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  options.workers = 2;
  options.max_spare = LIBSCHED_NO_SPARE;
  options.high_cap = high;
  options.normal_cap = normal;
  options.stack_size = stack_size;
  return check_pool_with(&options);
}

typedef struct waits {
  libsched_pool *pool;
  libsched_group *outer;
  libsched_group *inner;
  libsched_cancel *cancel;
  int64_t begun;
  int64_t running;
  int64_t ran;
} waits;

static void waits_end(waits *w) {
  libsched_group_unref(w->inner);
  libsched_group_unref(w->outer);
  check_pool_end(w->pool, LIBSCHED_DRAIN);
}

static void wait_for(libsched_group *group, uint32_t flags, libsched_cancel *cancel) {
  CHECK_OK(libsched_group_wait(0, group, flags, LIBSCHED_FOREVER, cancel, 0));
}

/* The stack is too small for work on top of the waiting task, so the other worker must get its place. */
static int wait_for_one(libsched_task *task, void *data) {
  waits *w = (waits *)data;
  (void)task;
  CHECK_OK(libsched_group_submit(w->outer, LIBSCHED_NORMAL, check_count_run, &w->ran, 0));
  wait_for(w->outer, 0, 0);
  CHECK_EQ(CHECK_GET(w->ran), 1);
  return 0;
}

CASE(small_stack) {
  waits w = {0, 0, 0, 0, 0, 0, 0};
  w.pool = pool_with_cap(0, 1, 65536);
  w.outer = group_inside(w.pool, 0);
  CHECK_OK(libsched_pool_submit(w.pool, LIBSCHED_NORMAL, wait_for_one, &w, 0));
  check_pool_idle(w.pool);
  CHECK_EQ(w.ran, 1);
  waits_end(&w);
}

/* An isolated wait for a task that began before it at a lower priority, and that waits for one at the waiter's. */
static int wait_from_below(libsched_task *task, void *data) {
  waits *w = (waits *)data;
  (void)task;
  CHECK_SET(w->running, 1);
  CHECK_UNTIL(CHECK_GET(w->begun) == 1);
  CHECK_OK(libsched_group_submit(w->inner, LIBSCHED_NORMAL, check_count_run, &w->ran, 0));
  wait_for(w->inner, 0, 0);
  return 0;
}

static int wait_isolated(libsched_task *task, void *data) {
  waits *w = (waits *)data;
  (void)task;
  CHECK_SET(w->begun, 1);
  wait_for(w->outer, LIBSCHED_ISOLATED, 0);
  return 0;
}

CASE(isolated) {
  waits w = {0, 0, 0, 0, 0, 0, 0};
  w.pool = pool_with_cap(0, 1, 0);
  w.outer = group_inside(w.pool, 0);
  w.inner = group_inside(w.pool, 0);
  CHECK_OK(libsched_group_submit(w.outer, LIBSCHED_LOW, wait_from_below, &w, 0));
  CHECK_UNTIL(CHECK_GET(w.running) == 1);
  CHECK_OK(libsched_pool_submit(w.pool, LIBSCHED_NORMAL, wait_isolated, &w, 0));
  check_pool_idle(w.pool);
  CHECK_EQ(w.ran, 1);
  waits_end(&w);
}

/* A wait with a limit only sleeps. */
static int wait_with_a_switch(libsched_task *task, void *data) {
  waits *w = (waits *)data;
  (void)task;
  CHECK_ADD(w->begun, 1);
  wait_for(w->outer, 0, w->cancel);
  return 0;
}

CASE(limited) {
  waits w = {0, 0, 0, 0, 0, 0, 0};
  int64_t round;
  w.pool = pool_with_cap(0, 1, 0);
  w.outer = group_inside(w.pool, 0);
  CHECK_OK(libsched_cancel_create(&w.cancel));
  for (round = 1; round <= 10; ++round) {
    CHECK_OK(libsched_group_enter(w.outer));
    CHECK_OK(libsched_pool_submit(w.pool, LIBSCHED_NORMAL, wait_with_a_switch, &w, 0));
    CHECK_UNTIL(CHECK_GET(w.begun) == round);
    /* Mostly long enough for it to sleep, which is the case that matters. */
    check_pause_ms(5);
    CHECK_OK(libsched_group_submit(w.outer, LIBSCHED_NORMAL, check_count_run, &w.ran, 0));
    CHECK_UNTIL(CHECK_GET(w.ran) == round);
    CHECK_OK(libsched_group_leave(w.outer, 0));
    check_pool_idle(w.pool);
    CHECK_OK(libsched_group_reset(w.outer));
  }
  libsched_cancel_unref(w.cancel);
  waits_end(&w);
}

/* Two workers sleep in waits. The one that is woken for a High task has no place there, the other one has. */
static int wait_for_the_outer(libsched_task *task, void *data) {
  (void)task;
  wait_for(((waits *)data)->outer, 0, 0);
  return 0;
}

static int leave_the_outer(libsched_task *task, void *data) {
  (void)task;
  CHECK_OK(libsched_group_leave(((waits *)data)->outer, 0));
  return 0;
}

static void wake_the_holder(uint32_t first, uint32_t second) {
  waits w = {0, 0, 0, 0, 0, 0, 0};
  w.pool = pool_with_cap(1, 0, 0);
  w.outer = group_inside(w.pool, 0);
  CHECK_OK(libsched_group_enter(w.outer));
  CHECK_OK(libsched_pool_submit(w.pool, first, wait_for_the_outer, &w, 0));
  CHECK_UNTIL(check_priority_stats(w.pool, first).active == 1);
  CHECK_OK(libsched_pool_submit(w.pool, second, wait_for_the_outer, &w, 0));
  CHECK_UNTIL(check_priority_stats(w.pool, second).active == 1);
  CHECK_UNTIL(check_pool_stats(w.pool).parked == 2);
  CHECK_OK(libsched_pool_submit(w.pool, LIBSCHED_HIGH, leave_the_outer, &w, 0));
  check_pool_idle(w.pool);
  waits_end(&w);
}

CASE(holder_waits_beside_a_low_waiter) {
  int i;
  for (i = 0; i < 5; ++i) {
    wake_the_holder(LIBSCHED_LOW, LIBSCHED_HIGH);
    wake_the_holder(LIBSCHED_HIGH, LIBSCHED_LOW);
  }
}

/* The first of a group's tasks may not be run, for it is at its cap. Those of a group inside are found all the same. */
static int hold_until_it_ran(libsched_task *task, void *data) {
  waits *w = (waits *)data;
  (void)task;
  CHECK_SET(w->running, 1);
  CHECK_UNTIL(CHECK_GET(w->ran) == 1);
  return 0;
}

static int wait_behind_the_cap(libsched_task *task, void *data) {
  waits *w = (waits *)data;
  int64_t high = 0;
  (void)task;
  CHECK_OK(libsched_group_submit(w->inner, LIBSCHED_NORMAL, check_count_run, &w->ran, 0));
  CHECK_OK(libsched_group_submit(w->outer, LIBSCHED_HIGH, check_count_run, &high, 0));
  CHECK_OK(libsched_group_close(w->inner));
  wait_for(w->outer, LIBSCHED_ISOLATED, 0);
  CHECK_EQ(CHECK_GET(high), 1);
  return 0;
}

CASE(a_group_inside_is_helped_beside_the_cap) {
  waits w = {0, 0, 0, 0, 0, 0, 0};
  w.pool = pool_with_cap(1, 0, 0);
  w.outer = group_inside(w.pool, 0);
  w.inner = group_inside(w.pool, w.outer);
  CHECK_OK(libsched_pool_submit(w.pool, LIBSCHED_HIGH, hold_until_it_ran, &w, 0));
  CHECK_UNTIL(CHECK_GET(w.running) == 1);
  CHECK_OK(libsched_pool_submit(w.pool, LIBSCHED_NORMAL, wait_behind_the_cap, &w, 0));
  check_pool_idle(w.pool);
  CHECK_EQ(w.ran, 1);
  waits_end(&w);
}

CASES = {RUN(small_stack),
         RUN(isolated),
         RUN(limited),
         RUN(holder_waits_beside_a_low_waiter),
         RUN(a_group_inside_is_helped_beside_the_cap),
         CASES_END};
