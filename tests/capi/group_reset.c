/* A completed group is made as new, again and again, and only a completed one. */
#include "check_group.h"

static int64_t completions;

static void count_completion(int status, int code, void *data) {
  CHECK_STATUS(status, code == 0 ? LIBSCHED_OK : LIBSCHED_E_FAILED);
  CHECK_ADD(*(int64_t *)data, 1);
}

static libsched_group *group_new(libsched_pool *pool, uint32_t flags, libsched_group *parent) {
  libsched_group_options options = LIBSCHED_GROUP_OPTIONS_INIT;
  libsched_group *group = 0;
  options.flags = flags;
  options.parent = parent;
  options.on_complete = count_completion;
  options.user_data = &completions;
  CHECK_OK(libsched_group_create(&group, pool, &options, 0));
  return group;
}

static int give_code(libsched_task *task, void *data) {
  (void)task;
  return *(int *)data;
}

static int see_no_cancel(libsched_task *task, void *data) {
  (void)data;
  return libsched_task_cancelled(task);
}

CASE(used_again_and_again) {
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_group *group = group_new(pool, 0, 0);
  int64_t count = 0;
  int64_t rounds = CHECK_SCALE(5000, 500);
  int64_t i;
  completions = 0;
  for (i = 1; i <= rounds; ++i) {
    CHECK_OK(libsched_group_submit(group, (uint32_t)(i % 3), check_count_run, &count, 0));
    CHECK_OK(libsched_group_submit(group, (uint32_t)(i % 2), check_count_run, &count, 0));
    CHECK_EQ(check_group_code(group), 0);
    CHECK_EQ(CHECK_GET(count), 2 * i);
    CHECK_EQ(CHECK_GET(completions), i);
    CHECK_STATUS(libsched_group_enter(group), LIBSCHED_E_CLOSED);
    CHECK_OK(libsched_group_reset(group));
    /* Its statistics go on. */
    CHECK_EQ(check_group_stats(group).submitted, 2 * i);
    CHECK_EQ(check_group_stats(group).completed, 2 * i);
  }
  libsched_group_unref(group);
  /* It was open: the unref has completed it once more. */
  CHECK_EQ(CHECK_GET(completions), rounds + 1);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* Neither a failure nor a cancel is left over from the life before. */
CASE(new_after_a_failure_and_after_a_cancel) {
  static int codes[2] = {0, 5};
  static const uint32_t flags[2] = {0, LIBSCHED_GROUP_CANCEL_ON_FAILURE};
  libsched_pool *pool = check_pool_new(1, 0);
  int k;
  int i;
  for (k = 0; k < 2; ++k) {
    libsched_group *group = group_new(pool, flags[k], 0);
    for (i = 0; i < 100; ++i) {
      CHECK_OK(libsched_group_submit(group, LIBSCHED_NORMAL, give_code, &codes[i % 2], 0));
      if (i % 4 == 2) CHECK_OK(libsched_group_cancel(group));
      if (i % 4 == 2) {
        int code = check_group_code(group);
        CHECK_STATUS(code, LIBSCHED_E_CANCELLED);
      } else {
        CHECK_EQ(check_group_code(group), codes[i % 2]);
      }
      CHECK_OK(libsched_group_reset(group));
      CHECK_OK(libsched_group_submit(group, LIBSCHED_NORMAL, see_no_cancel, 0, 0));
      CHECK_EQ(check_group_code(group), 0);
      CHECK_OK(libsched_group_reset(group));
    }
    libsched_group_unref(group);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* With a member, or used and not completed, it stays as it is. */
CASE(refused_before_the_completion) {
  check_gate gate = CHECK_GATE_INIT;
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_group *group = group_new(pool, 0, 0);
  completions = 0;
  CHECK_OK(libsched_group_reset(group));
  CHECK_OK(libsched_group_reset(group));
  CHECK_EQ(completions, 0);
  CHECK_OK(libsched_group_enter(group));
  CHECK_STATUS(libsched_group_reset(group), LIBSCHED_E_STATE);
  CHECK_OK(libsched_group_leave(group, 4));
  CHECK_STATUS(libsched_group_reset(group), LIBSCHED_E_STATE);
  CHECK_OK(libsched_group_submit(group, LIBSCHED_NORMAL, check_gate_run, &gate, 0));
  CHECK_AWAIT(&gate.entered, 1);
  CHECK_STATUS(libsched_group_reset(group), LIBSCHED_E_STATE);
  CHECK_OK(libsched_group_close(group));
  CHECK_STATUS(libsched_group_reset(group), LIBSCHED_E_STATE);
  check_gate_open(&gate);
  /* None of these has taken the failure away. */
  CHECK_EQ(check_group_code(group), 4);
  CHECK_OK(libsched_group_reset(group));
  CHECK_OK(libsched_group_reset(group));
  CHECK_EQ(check_group_code(group), 0);
  CHECK_EQ(CHECK_GET(completions), 2);
  libsched_group_unref(group);
  CHECK_EQ(CHECK_GET(completions), 2);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* It is a member of its parent again, which tells it when that cannot be. */
CASE(member_of_its_parent_again) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_group *parent = group_new(pool, 0, 0);
  libsched_group *group = group_new(pool, 0, parent);
  int i;
  completions = 0;
  CHECK_OK(libsched_group_enter(parent));
  CHECK_OK(libsched_group_close(parent));
  for (i = 0; i < 10; ++i) {
    CHECK_EQ(check_group_stats(parent).groups, 1);
    CHECK_EQ(check_group_code(group), 0);
    CHECK_EQ(check_group_stats(parent).groups, 0);
    CHECK_OK(libsched_group_reset(group));
  }
  CHECK_OK(libsched_group_leave(parent, 0));
  CHECK_EQ(CHECK_GET(completions), 10);
  CHECK_EQ(check_group_code(group), 0);
  CHECK_EQ(CHECK_GET(completions), 12);
  CHECK_STATUS(libsched_group_reset(group), LIBSCHED_E_CLOSED);
  CHECK_STATUS(libsched_group_enter(group), LIBSCHED_E_CLOSED);
  CHECK_OK(libsched_group_reset(parent));
  CHECK_OK(libsched_group_reset(group));
  CHECK_EQ(check_group_stats(parent).groups, 1);
  CHECK_EQ(check_group_code(group), 0);
  /* The parent's own cancel, with the group completed outside of it. */
  CHECK_OK(libsched_group_cancel(parent));
  CHECK_STATUS(libsched_group_reset(group), LIBSCHED_E_CANCELLED);
  CHECK_EQ(check_group_code(group), 0);
  CHECK_STATUS(check_group_code(parent), LIBSCHED_E_CANCELLED);
  libsched_group_unref(group);
  libsched_group_unref(parent);
  CHECK_EQ(check_live(LIBSCHED_KIND_GROUP), 0);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* A failure of a life before is the parent's for good, until that is new too. */
CASE(failure_of_an_earlier_life_is_the_parents) {
  static int code = 31;
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_group *parent = group_new(pool, 0, 0);
  libsched_group *group = group_new(pool, 0, parent);
  CHECK_OK(libsched_group_submit(group, LIBSCHED_NORMAL, give_code, &code, 0));
  CHECK_EQ(check_group_code(group), 31);
  CHECK_OK(libsched_group_reset(group));
  CHECK_EQ(check_group_code(group), 0);
  CHECK_EQ(check_group_code(parent), 31);
  CHECK_OK(libsched_group_reset(parent));
  CHECK_EQ(check_group_code(parent), 0);
  libsched_group_unref(group);
  libsched_group_unref(parent);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASES = {RUN(used_again_and_again),
         RUN(new_after_a_failure_and_after_a_cancel),
         RUN(refused_before_the_completion),
         RUN(member_of_its_parent_again),
         RUN(failure_of_an_earlier_life_is_the_parents),
         CASES_END};
