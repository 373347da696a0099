/* The counts of a group: exact at each moment, all of one moment, and copied into structs of other sizes. */
#include "check_group.h"

static int give_code(libsched_task *task, void *data) {
  (void)task;
  return *(int *)data;
}

/* Every count, at moments at which nothing moves. */
static void check_counts(libsched_group *group, int64_t queued, int64_t active, int64_t entered,
                         int64_t groups) {
  libsched_group_stats stats = check_group_stats(group);
  CHECK_EQ(stats.queued, queued);
  CHECK_EQ(stats.active, active);
  CHECK_EQ(stats.entered, entered);
  CHECK_EQ(stats.groups, groups);
}

CASE(stats_of_each_moment) {
  static int codes[] = {0, 3, 0};
  check_gate gate = CHECK_GATE_INIT;
  libsched_group_options options = LIBSCHED_GROUP_OPTIONS_INIT;
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_group *group = check_group_new(pool);
  libsched_group *inner = 0;
  int i;
  check_counts(group, 0, 0, 0, 0);
  CHECK_EQ(check_group_stats(group).submitted, 0);
  CHECK_OK(libsched_group_submit(group, LIBSCHED_HIGH, check_gate_run, &gate, 0));
  CHECK_AWAIT(&gate.entered, 1);
  check_counts(group, 0, 1, 0, 0);
  for (i = 0; i < 3; ++i) {
    CHECK_OK(libsched_group_submit(group, (uint32_t)i, give_code, &codes[i], 0));
    CHECK_OK(libsched_group_enter(group));
    check_counts(group, i + 1, 1, i + 1, 0);
  }
  options.parent = group;
  CHECK_OK(libsched_group_create(&inner, pool, &options, 0));
  CHECK_OK(libsched_group_submit(inner, LIBSCHED_LOW, give_code, &codes[0], 0));
  check_counts(group, 3, 1, 3, 1);
  check_counts(inner, 1, 0, 0, 0);
  check_gate_open(&gate);
  check_pool_idle(pool);
  check_counts(group, 0, 0, 3, 1);
  CHECK_EQ(check_group_stats(group).completed, 3);
  CHECK_EQ(check_group_stats(group).failed, 1);
  CHECK_OK(libsched_group_close(inner));
  check_counts(group, 0, 0, 3, 0);
  for (i = 2; i >= 0; --i) {
    CHECK_OK(libsched_group_leave(group, 0));
    check_counts(group, 0, 0, i, 0);
  }
  CHECK_EQ(check_group_code(group), 3);
  CHECK_EQ(check_group_stats(group).submitted, 4);
  CHECK_EQ(check_group_stats(group).cancelled, 0);
  libsched_group_unref(inner);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* The sums hold in each picture, also in one that is taken while everything moves. */
typedef struct watched {
  libsched_group *group;
  int done;
} watched;

static void *watch(void *data) {
  watched *w = (watched *)data;
  uint64_t submitted = 0;
  uint64_t started_before = 0;
  while (!CHECK_GET(w->done)) {
    libsched_group_stats stats = check_group_stats(w->group);
    CHECK(stats.submitted >= submitted);
    CHECK(stats.started >= started_before);
    submitted = stats.submitted;
    started_before = stats.started;
  }
  return 0;
}

CASE(sums_hold_while_tasks_run) {
  static int codes[] = {0, 1, 0};
  libsched_pool *pool = check_pool_new(2, 0);
  watched w = {0, 0};
  pthread_t thread;
  int64_t n = CHECK_SCALE(60000, 6000);
  int64_t i;
  w.group = check_group_new(pool);
  thread = check_spawn(watch, &w);
  for (i = 0; i < n; ++i)
    CHECK_OK(libsched_group_submit(w.group, (uint32_t)(i % 3), give_code, &codes[i % 3], 0));
  CHECK_UNTIL(check_group_stats(w.group).failed > 0);
  CHECK_OK(libsched_group_cancel(w.group));
  CHECK_EQ(check_group_code(w.group), 1);
  CHECK_SET(w.done, 1);
  check_join(thread);
  CHECK_EQ(check_group_stats(w.group).submitted, n);
  CHECK_EQ(check_group_stats(w.group).queued + check_group_stats(w.group).active, 0);
  libsched_group_unref(w.group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* A struct that is longer than the library's is filled as far as the library knows, and zero behind that. */
CASE(stats_struct_may_be_longer) {
  struct {
    libsched_group_stats stats;
    unsigned char tail[64];
    unsigned char behind[64];
  } longer;
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_group *group = check_group_new(pool);
  int i;
  CHECK_OK(libsched_group_enter(group));
  memset(&longer, 0xaa, sizeof(longer));
  longer.stats.struct_size = sizeof(longer.stats) + sizeof(longer.tail);
  CHECK_OK(libsched_group_get_stats(&longer.stats, group));
  CHECK_EQ(longer.stats.entered, 1);
  CHECK_EQ(longer.stats.submitted + longer.stats.groups, 0);
  for (i = 0; i < 64; ++i) {
    CHECK_EQ(longer.tail[i], 0);
    CHECK_EQ(longer.behind[i], 0xaa);
  }
  longer.stats.struct_size = 4097;
  CHECK_STATUS(libsched_group_get_stats(&longer.stats, group), LIBSCHED_E_STRUCT_LONG);
  CHECK_EQ(longer.behind[0], 0xaa);
  CHECK_OK(libsched_group_leave(group, 0));
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(stats_struct_may_not_be_shorter) {
  static const size_t sizes[] = {0, 1, sizeof(size_t), 16, sizeof(libsched_group_stats) - 1};
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_group *group = check_group_new(pool);
  size_t i;
  for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); ++i) {
    libsched_group_stats stats;
    libsched_group_stats copy;
    memset(&stats, 0xaa, sizeof(stats));
    stats.struct_size = sizes[i];
    copy = stats;
    CHECK_STATUS(libsched_group_get_stats(&stats, group), LIBSCHED_E_STRUCT_SHORT);
    CHECK_EQ(memcmp(&stats, &copy, sizeof(stats)), 0);
  }
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(initialisers_are_one) {
  libsched_group_stats stats = LIBSCHED_GROUP_STATS_INIT;
  libsched_group_stats other;
  memset(&other, 0xaa, sizeof(other));
  libsched_group_stats_init(&other);
  CHECK_EQ(memcmp(&stats, &other, sizeof(stats)), 0);
  CHECK_EQ(other.struct_size, sizeof(other));
  libsched_group_stats_init(0);
}

CASES = {RUN(stats_of_each_moment),       RUN(sums_hold_while_tasks_run),
         RUN(stats_struct_may_be_longer), RUN(stats_struct_may_not_be_shorter),
         RUN(initialisers_are_one),       CASES_END};
