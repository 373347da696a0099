/* Groups inside groups: the parent completes after the child, and its failure is the parent's; at any depth. */
#include "check_group.h"

/* A group that writes down, in the order of all completions, that and how it has completed. */
typedef struct member {
  libsched_group *group;
  int64_t place; /* 0 = not yet */
  int code;
} member;

static int64_t places;

static void on_complete(int status, int code, void *data) {
  member *m = (member *)data;
  CHECK_STATUS(status, code == 0 ? LIBSCHED_OK : LIBSCHED_E_FAILED);
  CHECK_EQ(m->place, 0);
  m->code = code;
  CHECK_SET(m->place, CHECK_ADD(places, 1));
}

static void member_init(member *m, libsched_pool *pool, member *parent) {
  libsched_group_options options = LIBSCHED_GROUP_OPTIONS_INIT;
  memset(m, 0, sizeof(*m));
  options.parent = parent == 0 ? 0 : parent->group;
  options.on_complete = on_complete;
  options.user_data = m;
  CHECK_OK(libsched_group_create(&m->group, pool, &options, 0));
}

static void check_completed(member *m, int64_t place, int code) {
  CHECK_EQ(CHECK_GET(m->place), place);
  CHECK_EQ(m->code, code);
}

static uint64_t groups_in(member *m) {
  libsched_group_stats stats = LIBSCHED_GROUP_STATS_INIT;
  CHECK_OK(libsched_group_get_stats(&stats, m->group));
  return stats.groups;
}

static int give_code(libsched_task *task, void *data) {
  (void)task;
  return *(int *)data;
}

CASE(parent_completes_after_its_children) {
  libsched_pool *pool = check_pool_new(1, 0);
  member parent;
  member children[2];
  int i;
  places = 0;
  member_init(&parent, pool, 0);
  for (i = 0; i < 2; ++i) {
    member_init(&children[i], pool, &parent);
    CHECK_EQ(groups_in(&parent), i + 1);
    CHECK_OK(libsched_group_enter(children[i].group));
  }
  CHECK_OK(libsched_group_close(parent.group));
  CHECK_OK(libsched_group_close(children[0].group));
  CHECK_STATUS(libsched_group_wait(0, parent.group, 0, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_OK(libsched_group_leave(children[0].group, 0));
  check_completed(&children[0], 1, 0);
  CHECK_EQ(groups_in(&parent), 1);
  /* The other child has no member left, but is open. */
  CHECK_OK(libsched_group_leave(children[1].group, 0));
  CHECK_STATUS(libsched_group_wait(0, parent.group, 0, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_EQ(parent.place, 0);
  /* The last unref closes it. */
  libsched_group_unref(children[1].group);
  check_completed(&children[1], 2, 0);
  check_completed(&parent, 3, 0);
  CHECK_EQ(check_group_code(parent.group), 0);
  libsched_group_unref(children[0].group);
  libsched_group_unref(parent.group);
  CHECK_EQ(check_live(LIBSCHED_KIND_GROUP), 0);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(open_parent_does_not_complete_with_its_child) {
  libsched_pool *pool = check_pool_new(1, 0);
  member parent;
  member child;
  int i;
  places = 0;
  member_init(&parent, pool, 0);
  for (i = 0; i < 100; ++i) {
    member_init(&child, pool, &parent);
    CHECK_EQ(check_group_code(child.group), 0);
    libsched_group_unref(child.group);
    CHECK_EQ(groups_in(&parent), 0);
  }
  CHECK_EQ(parent.place, 0);
  CHECK_OK(libsched_group_close(parent.group));
  check_completed(&parent, 101, 0);
  libsched_group_unref(parent.group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* Failures go up: the first one that a group hears of is its own. */
static void check_failure(uint32_t workers, int by_leave) {
  static int code = -12;
  libsched_pool *pool = check_pool_new(workers, 0);
  member m[3];
  int i;
  places = 0;
  for (i = 0; i < 3; ++i) member_init(&m[i], pool, i == 0 ? 0 : &m[i - 1]);
  if (by_leave) {
    CHECK_OK(libsched_group_enter(m[2].group));
    CHECK_OK(libsched_group_leave(m[2].group, code));
  } else {
    CHECK_OK(libsched_group_submit(m[2].group, LIBSCHED_LOW, give_code, &code, 0));
  }
  CHECK_EQ(check_group_code(m[2].group), -12);
  CHECK_OK(libsched_group_enter(m[1].group));
  CHECK_OK(libsched_group_leave(m[1].group, 4));
  CHECK_EQ(check_group_code(m[1].group), -12);
  CHECK_EQ(check_group_code(m[0].group), -12);
  for (i = 0; i < 3; ++i) check_completed(&m[i], 3 - i, -12);
  for (i = 0; i < 3; ++i) libsched_group_unref(m[i].group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(failure_of_a_task_goes_up) { check_failure(1, 0); }
CASE(failure_of_a_task_goes_up_with_two_workers) { check_failure(2, 0); }
CASE(failure_of_a_leave_goes_up) { check_failure(1, 1); }

CASE(own_failure_before_the_childs) {
  libsched_pool *pool = check_pool_new(1, 0);
  member parent;
  member child;
  places = 0;
  member_init(&parent, pool, 0);
  member_init(&child, pool, &parent);
  CHECK_OK(libsched_group_enter(parent.group));
  CHECK_OK(libsched_group_leave(parent.group, 1));
  CHECK_OK(libsched_group_enter(child.group));
  CHECK_OK(libsched_group_leave(child.group, 2));
  CHECK_EQ(check_group_code(child.group), 2);
  CHECK_EQ(check_group_code(parent.group), 1);
  libsched_group_unref(child.group);
  libsched_group_unref(parent.group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* The parent's handle goes first: its completion still comes, after the child's. */
CASE(parent_is_unreferenced_first) {
  check_gate gate = CHECK_GATE_INIT;
  libsched_pool *pool = check_pool_new(1, 0);
  member parent;
  member child;
  int64_t count = 0;
  places = 0;
  member_init(&parent, pool, 0);
  member_init(&child, pool, &parent);
  check_gate_hold(&gate, pool, 1);
  CHECK_OK(libsched_group_submit(child.group, LIBSCHED_LOW, check_count_run, &count, 0));
  libsched_group_unref(parent.group);
  CHECK_EQ(parent.place, 0);
  libsched_group_unref(child.group);
  CHECK_EQ(check_live(LIBSCHED_KIND_GROUP), 0);
  CHECK_EQ(CHECK_GET(places), 0);
  check_gate_open(&gate);
  CHECK_UNTIL(CHECK_GET(parent.place) != 0);
  check_completed(&child, 1, 0);
  check_completed(&parent, 2, 0);
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(count, 1);
}

/* Tasks of the group make groups inside it, while it is closed and waited for. */
typedef struct grower {
  libsched_pool *pool;
  libsched_group *root;
  int64_t leaves;
} grower;

static grower the_grower;

static int make_children(libsched_task *task, void *data) {
  libsched_group *group = 0;
  libsched_group_options options = LIBSCHED_GROUP_OPTIONS_INIT;
  int64_t depth = VALUE(data);
  uint32_t i;
  (void)task;
  if (depth == 0) {
    CHECK_ADD(the_grower.leaves, 1);
    return 0;
  }
  options.parent = the_grower.root;
  CHECK_OK(libsched_group_create(&group, the_grower.pool, &options, 0));
  for (i = 0; i < 3; ++i)
    CHECK_OK(libsched_group_submit(group, i, make_children, ITEM(depth - 1), 0));
  libsched_group_unref(group);
  return 0;
}

static void grow_on(uint32_t workers) {
  libsched_pool *pool = check_pool_new(workers, 0);
  int round;
  for (round = 0; round < 10; ++round) {
    member root;
    places = 0;
    member_init(&root, pool, 0);
    the_grower.pool = pool;
    the_grower.root = root.group;
    the_grower.leaves = 0;
    CHECK_OK(libsched_group_submit(root.group, LIBSCHED_NORMAL, make_children, ITEM(6), 0));
    CHECK_EQ(check_group_code(root.group), 0);
    CHECK_EQ(CHECK_GET(the_grower.leaves), 729);
    CHECK_EQ(groups_in(&root), 0);
    check_completed(&root, 1, 0);
    libsched_group_unref(root.group);
    CHECK_EQ(check_live(LIBSCHED_KIND_GROUP), 0);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(tasks_make_groups_inside_theirs_with_one_worker) { grow_on(1); }
CASE(tasks_make_groups_inside_theirs_with_two_workers) { grow_on(2); }
CASE(tasks_make_groups_inside_theirs_with_many_workers) { grow_on(16); }

/* A chain of groups, each inside the one before: nothing that goes up or down it takes stack for each. */
enum { CHAIN = CHECK_SCALE(100000, 20000) };
static member chain[CHAIN];

static void make_chain(libsched_pool *pool) {
  int i;
  places = 0;
  for (i = 0; i < CHAIN; ++i) member_init(&chain[i], pool, i == 0 ? 0 : &chain[i - 1]);
  CHECK_OK(libsched_group_enter(chain[CHAIN - 1].group));
  for (i = 0; i < CHAIN; ++i) CHECK_OK(libsched_group_close(chain[i].group));
  CHECK_EQ(CHECK_GET(places), 0);
}

static void check_chain(int code) {
  int i;
  for (i = 0; i < CHAIN; ++i) check_completed(&chain[i], CHAIN - i, code);
}

CASE(long_chain_completes) {
  libsched_pool *pool = check_pool_new(1, 0);
  int i;
  make_chain(pool);
  CHECK_OK(libsched_group_leave(chain[CHAIN - 1].group, 77));
  check_chain(77);
  CHECK_EQ(check_group_code(chain[0].group), 77);
  for (i = 0; i < CHAIN; ++i) libsched_group_unref(chain[i].group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* All of it is freed by one call. */
CASE(long_chain_is_unreferenced_from_the_top) {
  libsched_pool *pool = check_pool_new(1, 0);
  int i;
  make_chain(pool);
  for (i = 0; i < CHAIN - 1; ++i) libsched_group_unref(chain[i].group);
  CHECK_EQ(CHECK_GET(places), 0);
  CHECK_OK(libsched_group_leave(chain[CHAIN - 1].group, 0));
  check_chain(0);
  libsched_group_unref(chain[CHAIN - 1].group);
  CHECK_EQ(check_live(LIBSCHED_KIND_GROUP), 0);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(long_chain_is_cancelled) {
  libsched_pool *pool = check_pool_new(1, 0);
  int i;
  make_chain(pool);
  CHECK_OK(libsched_group_cancel(chain[0].group));
  CHECK_STATUS(libsched_group_enter(chain[CHAIN / 2].group), LIBSCHED_E_CANCELLED);
  CHECK_STATUS(libsched_group_enter(chain[CHAIN - 1].group), LIBSCHED_E_CANCELLED);
  CHECK_EQ(CHECK_GET(places), 0);
  CHECK_OK(libsched_group_leave(chain[CHAIN - 1].group, 0));
  check_chain(LIBSCHED_E_CANCELLED);
  for (i = CHAIN - 1; i >= 0; --i) libsched_group_unref(chain[i].group);
  CHECK_EQ(check_live(LIBSCHED_KIND_GROUP), 0);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASES = {RUN(parent_completes_after_its_children),
         RUN(open_parent_does_not_complete_with_its_child),
         RUN(failure_of_a_task_goes_up),
         RUN(failure_of_a_task_goes_up_with_two_workers),
         RUN(failure_of_a_leave_goes_up),
         RUN(own_failure_before_the_childs),
         RUN(parent_is_unreferenced_first),
         RUN(tasks_make_groups_inside_theirs_with_one_worker),
         RUN(tasks_make_groups_inside_theirs_with_two_workers),
         RUN(tasks_make_groups_inside_theirs_with_many_workers),
         RUN(long_chain_completes),
         RUN(long_chain_is_unreferenced_from_the_top),
         RUN(long_chain_is_cancelled),
         CASES_END};
