/* A worker that waits for a group lends its tasks the priority of the waiting task. Counted in starts, not in time. */
#include "check_pool.h"

enum { MEMBERS = 64, FLOOD = 6000 };

typedef struct scene {
  libsched_pool *pool;
  libsched_group *group;
  check_gate first;  /* holds the worker that will wait */
  check_gate second; /* holds the other one */
  check_event all_members;
  uint32_t waiter;
  int late; /* whether the members are submitted when the wait has begun */
  int64_t normals;
  int64_t normals_before;
  int64_t normals_after;
  int64_t members;
} scene;

static scene the;

static int be_normal(libsched_task *task, void *data) {
  (void)task;
  (void)data;
  CHECK_ADD(the.normals, 1);
  return 0;
}

static int be_member(libsched_task *task, void *data) {
  (void)task;
  (void)data;
  if (CHECK_ADD(the.members, 1) == MEMBERS) {
    CHECK_SET(the.normals_after, CHECK_GET(the.normals));
    check_event_add(&the.all_members, 1);
  }
  return 0;
}

static void submit_members(void) {
  int i;
  for (i = 0; i < MEMBERS; ++i)
    CHECK_OK(libsched_group_submit(the.group, LIBSCHED_LOW, be_member, 0, 0));
}

/* The oldest member: the waiter runs it, so the wait has begun, and it leaves the others to the other worker. */
static int occupy_the_waiter(libsched_task *task, void *data) {
  (void)data;
  CHECK_EQ(libsched_task_worker(task), the.waiter);
  if (the.late) submit_members();
  CHECK_SET(the.normals_before, CHECK_GET(the.normals));
  check_gate_open(&the.second);
  CHECK_AWAIT(&the.all_members, 1);
  return 0;
}

static int wait_for_low(libsched_task *task, void *data) {
  int code = 99;
  (void)data;
  the.waiter = libsched_task_worker(task);
  CHECK_OK(libsched_group_submit(the.group, LIBSCHED_LOW, occupy_the_waiter, 0, 0));
  if (!the.late) submit_members();
  CHECK_OK(libsched_group_wait(&code, the.group, 0, LIBSCHED_FOREVER, 0, 0));
  return code;
}

static void flood(int late) {
  static const check_gate fresh = CHECK_GATE_INIT;
  static const check_event none = CHECK_EVENT_INIT;
  int i;
  memset(&the, 0, sizeof(the));
  the.first = fresh;
  the.second = fresh;
  the.all_members = none;
  the.late = late;
  the.pool = check_pool_new(2, 0);
  CHECK_OK(libsched_group_create(&the.group, the.pool, 0, 0));
  check_gate_hold(&the.first, the.pool, 1);
  check_gate_hold(&the.second, the.pool, 1);
  for (i = 0; i < FLOOD; ++i)
    CHECK_OK(libsched_pool_submit(the.pool, LIBSCHED_NORMAL, be_normal, 0, 0));
  CHECK_OK(libsched_pool_submit(the.pool, LIBSCHED_HIGH, wait_for_low, 0, 0));
  check_gate_open(&the.first);
  check_pool_idle(the.pool);
  CHECK_EQ(the.members, MEMBERS);
  CHECK_EQ(the.normals, FLOOD);
  CHECK_EQ(check_priority_stats(the.pool, LIBSCHED_HIGH).failed, 0);
  /* As HIGH ones they let one in nine be a NORMAL one; as LOW ones they would come one in 64. */
  CHECK_LE(the.normals_after - the.normals_before, MEMBERS / 4);
  libsched_group_unref(the.group);
  check_pool_end(the.pool, LIBSCHED_DRAIN);
}

CASE(members_are_raised_by_a_wait) { flood(0); }
CASE(later_members_are_raised_too) { flood(1); }

/* The worker that waits takes nothing below its own priority in between. */
typedef struct single {
  libsched_pool *pool;
  int64_t normals;
  int64_t members;
} single;

static single one;

static int count_normal(libsched_task *task, void *data) {
  (void)task;
  (void)data;
  ++one.normals;
  return 0;
}

static int count_member(libsched_task *task, void *data) {
  (void)task;
  CHECK_EQ(one.normals, VALUE(data));
  ++one.members;
  return 0;
}

static int wait_amid_the_flood(libsched_task *task, void *data) {
  libsched_group *group = 0;
  int64_t before = one.normals;
  int i;
  (void)task;
  (void)data;
  CHECK_OK(libsched_group_create(&group, one.pool, 0, 0));
  for (i = 0; i < 500; ++i)
    CHECK_OK(libsched_group_submit(group, LIBSCHED_LOW, count_member, ITEM(before), 0));
  CHECK_OK(libsched_group_wait(0, group, 0, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(one.normals, before);
  libsched_group_unref(group);
  return 0;
}

CASE(waiter_passes_over_lower_ones) {
  check_gate gate = CHECK_GATE_INIT;
  int i;
  memset(&one, 0, sizeof(one));
  one.pool = check_pool_new(1, 0);
  check_gate_hold(&gate, one.pool, 1);
  for (i = 0; i < 1000; ++i)
    CHECK_OK(libsched_pool_submit(one.pool, LIBSCHED_NORMAL, count_normal, 0, 0));
  CHECK_OK(libsched_pool_submit(one.pool, LIBSCHED_HIGH, wait_amid_the_flood, 0, 0));
  check_gate_open(&gate);
  check_pool_idle(one.pool);
  CHECK_EQ(one.normals, 1000);
  CHECK_EQ(one.members, 500);
  CHECK_EQ(check_priority_stats(one.pool, LIBSCHED_HIGH).failed, 0);
  check_pool_end(one.pool, LIBSCHED_DRAIN);
}

/* Raised tasks do not pass over tasks of their own group that are as important, nor get lost in the raising. */
enum { ROUNDS = 200 };

static int wait_for_mixed(libsched_task *task, void *data) {
  libsched_pool *pool = (libsched_pool *)data;
  libsched_group *group = 0;
  int64_t count = 0;
  int i;
  (void)task;
  CHECK_OK(libsched_group_create(&group, pool, 0, 0));
  for (i = 0; i < 50; ++i)
    CHECK_OK(libsched_group_submit(group, (uint32_t)i % 3, check_count_run, &count, 0));
  CHECK_OK(libsched_group_wait(0, group, (uint32_t)(i & 1), LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(CHECK_GET(count), 50);
  libsched_group_unref(group);
  return 0;
}

CASE(raising_while_others_take) {
  libsched_pool *pool = check_pool_new(4, 0);
  int round;
  for (round = 0; round < CHECK_SCALE(ROUNDS, 40); ++round) {
    int i;
    for (i = 0; i < 8; ++i)
      CHECK_OK(libsched_pool_submit(pool, (uint32_t)(round + i) % 3, wait_for_mixed, pool, 0));
    if (round % 8 == 0) check_pool_idle(pool);
  }
  check_pool_idle(pool);
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_HIGH).failed, 0);
  CHECK_EQ(check_pool_stats(pool).exceeded, 0);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASES = {RUN(members_are_raised_by_a_wait), RUN(later_members_are_raised_too),
         RUN(waiter_passes_over_lower_ones), RUN(raising_while_others_take), CASES_END};
