/**
 * Dispatchers and channels for the C tests: tasks whose every end is counted, and the order in which tasks ran.
 */
#ifndef CHECK_FAIR_H
#define CHECK_FAIR_H

#include "check_spare.h"

/** What has happened to one task: its user_data. */
typedef struct check_fate {
  int32_t works;
  int32_t finalizes;
  int32_t discards;
  int32_t result; /* what work is to return */
  int32_t told;   /* what finalize was told */
} check_fate;

enum { CHECK_FINALIZED, CHECK_CLEARED, CHECK_DROPPED };

CHECK_HELPER int check_fate_work(libsched_task *task, void *data) {
  check_fate *fate = (check_fate *)data;
  CHECK(task != 0);
  CHECK_EQ(CHECK_ADD(fate->works, 1), 1);
  CHECK_EQ(CHECK_GET(fate->finalizes) + CHECK_GET(fate->discards), 0);
  return fate->result;
}

CHECK_HELPER void check_fate_finalize(libsched_task *task, int result, void *data) {
  check_fate *fate = (check_fate *)data;
  CHECK(task != 0);
  CHECK_EQ(CHECK_GET(fate->works), 1);
  CHECK_EQ(CHECK_GET(fate->discards), 0);
  fate->told = result;
  CHECK_EQ(CHECK_ADD(fate->finalizes, 1), 1);
}

CHECK_HELPER void check_fate_discard(void *data) {
  check_fate *fate = (check_fate *)data;
  CHECK_EQ(CHECK_GET(fate->finalizes), 0);
  CHECK_EQ(CHECK_ADD(fate->discards, 1), 1);
}

/** How the task has ended; it must have. Holds for tasks with all three functions. */
CHECK_HELPER int check_fate_of(check_fate *fate) {
  CHECK_LE(CHECK_GET(fate->works), 1);
  CHECK_EQ(CHECK_GET(fate->finalizes) + CHECK_GET(fate->discards), 1);
  if (CHECK_GET(fate->works) == 0) {
    CHECK_EQ(CHECK_GET(fate->discards), 1);
    return CHECK_DROPPED;
  }
  return CHECK_GET(fate->finalizes) == 1 ? CHECK_FINALIZED : CHECK_CLEARED;
}

/** How many of n tasks have ended in that way; all must have ended. */
CHECK_HELPER int64_t check_fates(check_fate *fates, int n, int way) {
  int64_t count = 0;
  int i;
  for (i = 0; i < n; ++i) count += check_fate_of(&fates[i]) == way;
  return count;
}

CHECK_HELPER libsched_dispatcher *check_dispatcher_with(
    libsched_pool *pool, const libsched_dispatcher_options *options) {
  libsched_dispatcher *dispatcher = 0;
  libsched_error *error = (libsched_error *)UNTOUCHED;
  CHECK_OK(libsched_dispatcher_create(&dispatcher, pool, options, &error));
  CHECK(dispatcher != 0);
  CHECK(error == 0);
  return dispatcher;
}

/** One whose tasks run `work` and nothing else. */
CHECK_HELPER libsched_dispatcher *check_dispatcher_new(libsched_pool *pool, libsched_task_fn work,
                                                       uint32_t limit) {
  libsched_dispatcher_options options = LIBSCHED_DISPATCHER_OPTIONS_INIT;
  options.work = work;
  options.limit = limit;
  return check_dispatcher_with(pool, &options);
}

/** One whose tasks are given a check_fate. */
CHECK_HELPER libsched_dispatcher *check_dispatcher_fates(libsched_pool *pool, uint32_t limit) {
  libsched_dispatcher_options options = LIBSCHED_DISPATCHER_OPTIONS_INIT;
  options.work = check_fate_work;
  options.finalize = check_fate_finalize;
  options.discard = check_fate_discard;
  options.limit = limit;
  return check_dispatcher_with(pool, &options);
}

CHECK_HELPER libsched_channel *check_channel_with(libsched_dispatcher *dispatcher,
                                                  const libsched_channel_options *options) {
  libsched_channel *channel = 0;
  libsched_error *error = (libsched_error *)UNTOUCHED;
  CHECK_OK(libsched_channel_create(&channel, dispatcher, options, &error));
  CHECK(channel != 0);
  CHECK(error == 0);
  return channel;
}

/** A channel with a bound and a limit (0 = none). */
CHECK_HELPER libsched_channel *check_channel_new(libsched_dispatcher *dispatcher, uint64_t bound,
                                                 uint32_t limit) {
  libsched_channel_options options = LIBSCHED_CHANNEL_OPTIONS_INIT;
  options.bound = bound;
  options.limit = limit;
  return check_channel_with(dispatcher, &options);
}

CHECK_HELPER libsched_channel *check_channel_prior(libsched_dispatcher *dispatcher,
                                                   uint32_t priority, uint32_t weight) {
  libsched_channel_options options = LIBSCHED_CHANNEL_OPTIONS_INIT;
  options.priority = priority;
  options.weight = weight;
  return check_channel_with(dispatcher, &options);
}

CHECK_HELPER void check_send(libsched_channel *channel, void *data) {
  CHECK_OK(libsched_channel_send(channel, data, LIBSCHED_FOREVER, 0));
}

/** Tasks with functions of their own. */
CHECK_HELPER void check_send_task(libsched_channel *channel, libsched_task_fn work, void *data) {
  CHECK_OK(libsched_channel_send_task(channel, work, 0, data, 0, LIBSCHED_FOREVER, 0));
}

CHECK_HELPER int64_t check_channel_len(libsched_channel *channel) {
  uint64_t n = 77;
  CHECK_OK(libsched_channel_len(&n, channel));
  return (int64_t)n;
}

CHECK_HELPER int64_t check_in_flight(libsched_channel *channel) {
  uint64_t n = 77;
  CHECK_OK(libsched_channel_in_flight(&n, channel));
  return (int64_t)n;
}

CHECK_HELPER libsched_channel_stats check_channel_stats(libsched_channel *channel) {
  libsched_channel_stats stats = LIBSCHED_CHANNEL_STATS_INIT;
  CHECK_OK(libsched_channel_get_stats(&stats, channel));
  return stats;
}

CHECK_HELPER libsched_dispatcher_stats check_dispatcher_stats(libsched_dispatcher *dispatcher) {
  libsched_dispatcher_stats stats = LIBSCHED_DISPATCHER_STATS_INIT;
  CHECK_OK(libsched_dispatcher_get_stats(&stats, dispatcher));
  return stats;
}

/** Closes the channel for good, as far as this handle goes. */
CHECK_HELPER void check_channel_end(libsched_channel *channel) {
  CHECK_OK(libsched_channel_close(channel));
  libsched_channel_unref(channel);
}

CHECK_HELPER void check_dispatcher_end(libsched_dispatcher *dispatcher, uint32_t mode) {
  CHECK_OK(libsched_dispatcher_shutdown(dispatcher, mode, LIBSCHED_FOREVER, 0, 0));
  libsched_dispatcher_unref(dispatcher);
}

/** No handle of these kinds is left. */
CHECK_HELPER void check_fair_gone(void) {
  CHECK_EQ(check_live(LIBSCHED_KIND_DISPATCHER), 0);
  CHECK_EQ(check_live(LIBSCHED_KIND_CHANNEL), 0);
  CHECK_EQ(check_live(LIBSCHED_KIND_POOL), 0);
}

#endif
