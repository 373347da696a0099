/* Threads that submit, cancel, wait, close and reset at once: each accepted task has one fate, each wait an end. */
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

/* What all threads of a round share. */
typedef struct crowd {
  libsched_pool *pool;
  libsched_group *group;
  int64_t accepted;
  int64_t runs;
  int64_t discards;
  int64_t completions;
} crowd;

static int run(libsched_task *task, void *data) {
  (void)task;
  CHECK_ADD(((crowd *)data)->runs, 1);
  return 0;
}

static void discard(void *data) { CHECK_ADD(((crowd *)data)->discards, 1); }

static void on_complete(int status, int code, void *data) {
  CHECK_STATUS(status, code == 0 ? LIBSCHED_OK : LIBSCHED_E_FAILED);
  CHECK_ADD(((crowd *)data)->completions, 1);
}

/* Accepted or refused for one of the two reasons that there may be. */
static int settle(crowd *c, int status, int64_t n) {
  if (status == LIBSCHED_OK) {
    CHECK_ADD(c->accepted, n);
    return 1;
  }
  CHECK(status == LIBSCHED_E_CANCELLED || status == LIBSCHED_E_CLOSED);
  return 0;
}

static void *submit_until_refused(void *data) {
  crowd *c = (crowd *)data;
  void *items[5];
  size_t accepted = 0;
  uint32_t i;
  for (i = 0; i < 5; ++i) items[i] = c;
  for (i = 0;; ++i) {
    if (i % 8 == 7) {
      int status = libsched_group_submit_n(&accepted, c->group, i % 3, run, items, 5, discard,
                                           LIBSCHED_FOREVER, 0, 0);
      if (!settle(c, status, (int64_t)accepted)) return 0;
    } else {
      if (!settle(c, libsched_group_submit(c->group, i % 3, run, c, discard), 1)) return 0;
    }
  }
}

static void *wait_for_it(void *data) {
  crowd *c = (crowd *)data;
  int code = 99;
  CHECK_STATUS(libsched_group_wait(&code, c->group, 0, LIBSCHED_FOREVER, 0, 0), LIBSCHED_E_FAILED);
  CHECK_STATUS(code, LIBSCHED_E_CANCELLED);
  CHECK_EQ(CHECK_GET(c->completions), 1);
  CHECK_EQ(check_group_stats(c->group).queued + check_group_stats(c->group).active, 0);
  return 0;
}

/* Two threads submit for ever, two wait, and a cancel ends it all. */
static void cancel_on(uint32_t workers, uint64_t capacity) {
  libsched_pool *pool = check_pool_new(workers, capacity);
  int round;
  for (round = 0; round < CHECK_SCALE(300, 40); ++round) {
    crowd c;
    pthread_t threads[4];
    int i;
    memset(&c, 0, sizeof(c));
    c.group = group_of(pool, 0, on_complete, &c);
    /* Until the cancel it must not complete, though the waits close it. */
    CHECK_OK(libsched_group_enter(c.group));
    for (i = 0; i < 4; ++i)
      threads[i] = check_spawn(i % 2 ? wait_for_it : submit_until_refused, &c);
    CHECK_UNTIL(CHECK_GET(c.accepted) > round % 50);
    CHECK_OK(libsched_group_cancel(c.group));
    CHECK_OK(libsched_group_leave(c.group, 0));
    for (i = 0; i < 4; ++i) check_join(threads[i]);
    CHECK_EQ(CHECK_GET(c.runs) + CHECK_GET(c.discards), c.accepted);
    CHECK_EQ(check_group_stats(c.group).submitted, c.accepted);
    CHECK_EQ(check_group_stats(c.group).cancelled, c.discards);
    CHECK_EQ(check_group_stats(c.group).completed, c.runs);
    libsched_group_unref(c.group);
    CHECK_EQ(c.completions, 1);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(cancel_against_submits_with_one_worker) { cancel_on(1, 0); }
CASE(cancel_against_submits_with_two_workers) { cancel_on(2, 0); }
CASE(cancel_against_submits_at_a_capacity) {
  cancel_on(1, 1);
  cancel_on(2, 3);
}

/* A waiting worker that runs the tasks itself, with the cancel from outside. */
static int wait_on_a_worker(libsched_task *task, void *data) {
  crowd *c = (crowd *)data;
  (void)task;
  wait_for_it(c);
  CHECK_EQ(CHECK_GET(c->runs) + CHECK_GET(c->discards),
           (int64_t)check_group_stats(c->group).submitted);
  return 0;
}

CASE(cancel_against_a_waiting_worker) {
  libsched_pool *pool = check_pool_new(2, 0);
  int round;
  for (round = 0; round < CHECK_SCALE(300, 40); ++round) {
    crowd c;
    pthread_t thread;
    memset(&c, 0, sizeof(c));
    c.group = group_of(pool, 0, on_complete, &c);
    CHECK_OK(libsched_group_enter(c.group));
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, wait_on_a_worker, &c, 0));
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_HIGH, wait_on_a_worker, &c, 0));
    thread = check_spawn(submit_until_refused, &c);
    CHECK_UNTIL(CHECK_GET(c.accepted) > round % 50);
    CHECK_OK(libsched_group_cancel(c.group));
    CHECK_OK(libsched_group_leave(c.group, 0));
    check_join(thread);
    check_pool_idle(pool);
    CHECK_EQ(c.runs + c.discards, c.accepted);
    libsched_group_unref(c.group);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* A pool that is shut down in the middle: the same, with the groups that tasks make. */
static int submit_more(libsched_task *task, void *data) {
  crowd *c = (crowd *)data;
  libsched_group *inner = group_of(c->pool, 0, 0, 0);
  int i;
  (void)task;
  for (i = 0; i < 5; ++i)
    settle(c, libsched_group_submit(inner, (uint32_t)i % 3, run, c, discard), 1);
  i = libsched_group_wait(0, inner, 0, LIBSCHED_FOREVER, 0, 0);
  CHECK_STATUS(i, check_group_stats(inner).cancelled == 0 ? LIBSCHED_OK : LIBSCHED_E_FAILED);
  CHECK_EQ(check_group_stats(inner).queued + check_group_stats(inner).active, 0);
  libsched_group_unref(inner);
  CHECK_ADD(c->runs, 1);
  return 0;
}

static void *submit_until_closed(void *data) {
  crowd *c = (crowd *)data;
  while (settle(c, libsched_group_submit(c->group, LIBSCHED_NORMAL, submit_more, c, discard), 1)) {
  }
  return 0;
}

static void shut_down_amid(uint32_t workers, uint32_t mode) {
  int round;
  for (round = 0; round < CHECK_SCALE(40, 15); ++round) {
    crowd c;
    pthread_t threads[2];
    int i;
    memset(&c, 0, sizeof(c));
    c.pool = check_pool_new(workers, 0);
    c.group = group_of(c.pool, 0, on_complete, &c);
    for (i = 0; i < 2; ++i) threads[i] = check_spawn(submit_until_closed, &c);
    CHECK_UNTIL(CHECK_GET(c.accepted) > round % 50);
    CHECK_OK(libsched_pool_shutdown(c.pool, mode, LIBSCHED_FOREVER, 0, 0));
    for (i = 0; i < 2; ++i) check_join(threads[i]);
    CHECK_EQ(c.runs + c.discards, c.accepted);
    if (mode == LIBSCHED_DRAIN) CHECK_EQ(c.discards, 0);
    CHECK_STATUS(libsched_group_wait(0, c.group, 0, 0, 0, 0),
                 check_group_stats(c.group).cancelled == 0 ? LIBSCHED_OK : LIBSCHED_E_FAILED);
    CHECK_EQ(c.completions, 1);
    libsched_group_unref(c.group);
    libsched_pool_unref(c.pool);
  }
}

CASE(drain_against_submits) {
  shut_down_amid(1, LIBSCHED_DRAIN);
  shut_down_amid(2, LIBSCHED_DRAIN);
}

CASE(pool_cancel_against_submits) {
  shut_down_amid(1, LIBSCHED_CANCEL);
  shut_down_amid(3, LIBSCHED_CANCEL);
}

/* Everything at once, on one group that is reset again and again. */
static int run_and_wait_inside(libsched_task *task, void *data) {
  crowd *c = (crowd *)data;
  libsched_group_options options = LIBSCHED_GROUP_OPTIONS_INIT;
  libsched_group *inner = 0;
  int status;
  (void)task;
  options.parent = c->group;
  status = libsched_group_create(&inner, c->pool, &options, 0);
  if (status == LIBSCHED_OK) {
    settle(c, libsched_group_submit(inner, LIBSCHED_LOW, run, c, discard), 1);
    status = libsched_group_wait(0, inner, 0, LIBSCHED_FOREVER, 0, 0);
    CHECK(status == LIBSCHED_OK || status == LIBSCHED_E_FAILED);
    libsched_group_unref(inner);
  } else {
    CHECK_STATUS(status, LIBSCHED_E_CANCELLED);
  }
  CHECK_ADD(c->runs, 1);
  return 0;
}

static void act(crowd *c, uint32_t choice, uint32_t priority) {
  int status;
  switch (choice) {
    case 0:
      CHECK_OK(libsched_group_close(c->group));
      break;
    case 1:
      status = libsched_group_wait(0, c->group, 0, LIBSCHED_FOREVER, 0, 0);
      CHECK(status == LIBSCHED_OK || status == LIBSCHED_E_FAILED);
      break;
    case 2:
      status = libsched_group_wait(0, c->group, LIBSCHED_ISOLATED, 0, 0, 0);
      CHECK(status == LIBSCHED_OK || status == LIBSCHED_E_FAILED || status == LIBSCHED_E_TIMEOUT);
      break;
    case 3:
    case 4:
    case 5:
      status = libsched_group_reset(c->group);
      CHECK(status == LIBSCHED_OK || status == LIBSCHED_E_STATE);
      break;
    case 6:
      CHECK_OK(libsched_group_cancel(c->group));
      break;
    case 7:
    case 8:
      status = libsched_group_enter(c->group);
      CHECK(status == LIBSCHED_OK || status == LIBSCHED_E_CLOSED || status == LIBSCHED_E_CANCELLED);
      if (status == LIBSCHED_OK) CHECK_OK(libsched_group_leave(c->group, priority == 0 ? 5 : 0));
      break;
    case 9:
      check_group_stats(c->group);
      libsched_group_unref(libsched_group_ref(c->group));
      break;
    case 10:
    case 11:
      settle(c, libsched_group_submit(c->group, priority, run_and_wait_inside, c, discard), 1);
      break;
    default:
      settle(c, libsched_group_submit(c->group, priority, run, c, discard), 1);
      break;
  }
}

static void *act_at_random(void *data) {
  crowd *c = (crowd *)data;
  uint64_t state = (uint64_t)check_thread_id();
  int i;
  for (i = 0; i < CHECK_SCALE(20000, 2000); ++i) {
    uint32_t choice = check_random(&state) % 20;
    act(c, choice, check_random(&state) % 3);
  }
  return 0;
}

static void act_on(uint32_t workers) {
  crowd c;
  pthread_t threads[4];
  int i;
  memset(&c, 0, sizeof(c));
  c.pool = check_pool_new(workers, 0);
  c.group = group_of(c.pool, 0, on_complete, &c);
  for (i = 0; i < 4; ++i) threads[i] = check_spawn(act_at_random, &c);
  for (i = 0; i < 4; ++i) check_join(threads[i]);
  i = libsched_group_wait(0, c.group, 0, LIBSCHED_FOREVER, 0, 0);
  CHECK(i == LIBSCHED_OK || i == LIBSCHED_E_FAILED);
  CHECK_EQ(c.runs + c.discards, c.accepted);
  CHECK_EQ(check_group_stats(c.group).queued + check_group_stats(c.group).active, 0);
  CHECK_EQ(check_group_stats(c.group).entered + check_group_stats(c.group).groups, 0);
  CHECK_LE(1, c.completions);
  libsched_group_unref(c.group);
  CHECK_EQ(check_live(LIBSCHED_KIND_GROUP), 0);
  check_pool_end(c.pool, LIBSCHED_DRAIN);
}

CASE(everything_at_once_with_one_worker) { act_on(1); }
CASE(everything_at_once_with_two_workers) { act_on(2); }
CASE(everything_at_once_with_many_workers) { act_on(16); }

CASES = {RUN(cancel_against_submits_with_one_worker),
         RUN(cancel_against_submits_with_two_workers),
         RUN(cancel_against_submits_at_a_capacity),
         RUN(cancel_against_a_waiting_worker),
         RUN(drain_against_submits),
         RUN(pool_cancel_against_submits),
         RUN(everything_at_once_with_one_worker),
         RUN(everything_at_once_with_two_workers),
         RUN(everything_at_once_with_many_workers),
         CASES_END};
