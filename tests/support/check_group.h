/**
 * Groups for the C tests.
 */
#ifndef CHECK_GROUP_H
#define CHECK_GROUP_H

#include "check_pool.h"

CHECK_HELPER libsched_group *check_group_new(libsched_pool *pool) {
  libsched_group *group = 0;
  CHECK_OK(libsched_group_create(&group, pool, 0, 0));
  CHECK(group != 0);
  return group;
}

CHECK_HELPER libsched_group *check_group_within(libsched_group *parent, libsched_pool *pool,
                                                uint32_t flags) {
  libsched_group_options options = LIBSCHED_GROUP_OPTIONS_INIT;
  libsched_group *group = 0;
  options.flags = flags;
  options.parent = parent;
  CHECK_OK(libsched_group_create(&group, pool, &options, 0));
  return group;
}

/** Waits for ever, for the code; the status must go with it. */
CHECK_HELPER int check_group_code(libsched_group *group) {
  int code = 99;
  int status = libsched_group_wait(&code, group, 0, LIBSCHED_FOREVER, 0, 0);
  CHECK_STATUS(status, code == 0 ? LIBSCHED_OK : LIBSCHED_E_FAILED);
  return code;
}

/** A picture of the group; the two sums that the header promises hold in each. */
CHECK_HELPER libsched_group_stats check_group_stats(libsched_group *group) {
  libsched_group_stats stats = LIBSCHED_GROUP_STATS_INIT;
  CHECK_OK(libsched_group_get_stats(&stats, group));
  CHECK_EQ(stats.submitted, stats.started + stats.cancelled + stats.queued);
  CHECK_EQ(stats.started, stats.completed + stats.failed + stats.active);
  return stats;
}

/** For tasks that are refused, or cancelled before they run. */
CHECK_HELPER int check_never_run(libsched_task *task, void *data) {
  (void)task;
  (void)data;
  check_fail(__FILE__, __LINE__, "a task that must not run was run");
  return 0;
}

/** For tasks that run, and those that are refused. */
CHECK_HELPER void check_never_discard(void *data) {
  (void)data;
  check_fail(__FILE__, __LINE__, "user_data that must be left alone was discarded");
}

#endif
