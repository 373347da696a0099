/* Waits that leave nobody: with stacks too small for other work and no spares, one that can be given up is told so. */
#include "check_pool.h"

typedef struct pair {
  libsched_pool *pool;
  libsched_group *group;
  int64_t begun;
} pair;

/* Nothing but this worker's task ends the group, so if the pool can do nothing else the wait is refused. */
static int wait_in_vain(libsched_task *task, void *data) {
  pair *p = (pair *)data;
  (void)task;
  CHECK_OK(libsched_group_enter(p->group));
  CHECK_SET(p->begun, 1);
  CHECK_STATUS(libsched_group_wait(0, p->group, 0, LIBSCHED_FOREVER, 0, 0), LIBSCHED_E_DEADLOCK);
  CHECK_OK(libsched_group_leave(p->group, 0));
  return 0;
}

/* The join, which cannot be given up, is the last to sleep. */
static int join_it(libsched_task *task, void *data) {
  pair *p = (pair *)data;
  libsched_frame frame;
  (void)task;
  CHECK_OK(libsched_fork(&frame, wait_in_vain, p));
  CHECK_UNTIL(CHECK_GET(p->begun) == 1);
  /* Mostly long enough for the other one to sleep, which is the case that matters. */
  check_pause_ms(20);
  CHECK_OK(libsched_join(&frame));
  return 0;
}

CASE(a_join_leaves_nobody) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  pair p = {0, 0, 0};
  int round;
  options.workers = 2;
  options.max_spare = LIBSCHED_NO_SPARE;
  options.stack_size = 65536;
  p.pool = check_pool_with(&options);
  for (round = 0; round < 5; ++round) {
    CHECK_OK(libsched_group_create(&p.group, p.pool, 0, 0));
    CHECK_SET(p.begun, 0);
    CHECK_OK(libsched_pool_submit(p.pool, LIBSCHED_NORMAL, join_it, &p, 0));
    check_pool_idle(p.pool);
    libsched_group_unref(p.group);
  }
  check_pool_end(p.pool, LIBSCHED_DRAIN);
}

CASES = {RUN(a_join_leaves_nobody), CASES_END};
