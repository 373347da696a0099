/* What the calls of groups refuse: each says so, takes nothing over, and changes nothing. */
#include "check_group.h"
/* It goes first: check.h sets the feature macros. */
#include <sys/wait.h>

static void check_error(int line, libsched_error *error, int want) {
  check_status(__FILE__, line, "the error's status", libsched_error_status(error), want);
  if (libsched_error_message(error)[0] == 0) check_fail(__FILE__, line, "an error has a message");
  libsched_error_free(error);
}

#define CHECK_ERROR(error, want) check_error(__LINE__, (error), (want))

/* Creates with these options, and gives back the status; on failure looks at the error too. */
static libsched_pool *the_pool;

static int create_and_drop(const void *options) {
  libsched_group *group = (libsched_group *)UNTOUCHED;
  libsched_error *error = (libsched_error *)UNTOUCHED;
  int status =
      libsched_group_create(&group, the_pool, (const libsched_group_options *)options, &error);
  CHECK((status == LIBSCHED_OK) == (group != 0));
  CHECK((status == LIBSCHED_OK) == (error == 0));
  if (status != LIBSCHED_OK) CHECK_ERROR(error, status);
  libsched_group_unref(group);
  return status;
}

CASE(options_struct_may_be_longer_not_shorter) {
  libsched_group_options options = LIBSCHED_GROUP_OPTIONS_INIT;
  the_pool = check_pool_new(1, 0);
  options.flags = LIBSCHED_GROUP_CANCEL_ON_FAILURE;
  check_options_struct(create_and_drop, &options, sizeof(options));
  check_pool_end(the_pool, LIBSCHED_DRAIN);
}

CASE(options_initialisers_are_one) {
  libsched_group_options options = LIBSCHED_GROUP_OPTIONS_INIT;
  libsched_group_options other;
  memset(&other, 0xaa, sizeof(other));
  libsched_group_options_init(&other);
  CHECK_EQ(memcmp(&options, &other, sizeof(options)), 0);
  CHECK_EQ(other.struct_size, sizeof(other));
  libsched_group_options_init(0);
}

CASE(unknown_flags_of_a_group) {
  libsched_group_options options = LIBSCHED_GROUP_OPTIONS_INIT;
  uint32_t bit;
  the_pool = check_pool_new(1, 0);
  for (bit = 1; bit < 32; ++bit) {
    options.flags = (uint32_t)1 << bit;
    CHECK_STATUS(create_and_drop(&options), LIBSCHED_E_FLAGS);
    options.flags |= LIBSCHED_GROUP_CANCEL_ON_FAILURE;
    CHECK_STATUS(create_and_drop(&options), LIBSCHED_E_FLAGS);
  }
  options.flags = LIBSCHED_GROUP_CANCEL_ON_FAILURE;
  CHECK_OK(create_and_drop(&options));
  CHECK_EQ(check_live(LIBSCHED_KIND_GROUP), 0);
  check_pool_end(the_pool, LIBSCHED_DRAIN);
}

CASE(parents_that_are_none) {
  libsched_group_options options = LIBSCHED_GROUP_OPTIONS_INIT;
  libsched_pool *other = check_pool_new(1, 0);
  libsched_group *foreign = check_group_new(other);
  libsched_group *parent;
  the_pool = check_pool_new(1, 0);
  parent = check_group_new(the_pool);
  options.parent = foreign;
  CHECK_STATUS(create_and_drop(&options), LIBSCHED_E_RANGE);
  CHECK_EQ(check_group_stats(foreign).groups, 0);
  options.parent = (libsched_group *)(void *)the_pool;
  CHECK_STATUS(create_and_drop(&options), LIBSCHED_E_HANDLE);
  options.parent = parent;
  CHECK_OK(create_and_drop(&options));
  CHECK_OK(libsched_group_cancel(parent));
  CHECK_STATUS(create_and_drop(&options), LIBSCHED_E_CANCELLED);
  CHECK_EQ(check_group_stats(parent).groups, 0);
  libsched_group_unref(parent);
  parent = check_group_new(the_pool);
  options.parent = parent;
  CHECK_OK(libsched_group_close(parent));
  CHECK_STATUS(create_and_drop(&options), LIBSCHED_E_CLOSED);
  CHECK_EQ(check_group_stats(parent).groups, 0);
  libsched_group_unref(parent);
  libsched_group_unref(foreign);
  check_pool_end(the_pool, LIBSCHED_DRAIN);
  check_pool_end(other, LIBSCHED_DRAIN);
}

/* Every call, with this group: each has the same trouble with it. */
static void check_calls(libsched_group *bad, int want) {
  libsched_error *error = (libsched_error *)UNTOUCHED;
  libsched_group_stats stats = LIBSCHED_GROUP_STATS_INIT;
  libsched_group_stats copy = stats;
  void *data[2] = {0, 0};
  size_t accepted = 77;
  int code = 99;
  CHECK_STATUS(libsched_group_submit(bad, LIBSCHED_NORMAL, check_never_run, 0, check_never_discard),
               want);
  CHECK_STATUS(libsched_group_submit_timed(bad, LIBSCHED_NORMAL, check_never_run, 0,
                                           check_never_discard, LIBSCHED_FOREVER, 0, &error),
               want);
  CHECK_ERROR(error, want);
  CHECK_STATUS(libsched_group_submit_n(&accepted, bad, LIBSCHED_NORMAL, check_never_run, data, 2,
                                       check_never_discard, LIBSCHED_FOREVER, 0, &error),
               want);
  CHECK_ERROR(error, want);
  CHECK(accepted == 77 || accepted == 0);
  CHECK_STATUS(libsched_group_enter(bad), want);
  CHECK_STATUS(libsched_group_leave(bad, 0), want);
  CHECK_STATUS(libsched_group_close(bad), want);
  CHECK_STATUS(libsched_group_wait(&code, bad, 0, LIBSCHED_FOREVER, 0, &error), want);
  CHECK_ERROR(error, want);
  CHECK_STATUS(libsched_group_wait(0, bad, LIBSCHED_ISOLATED, 0, 0, 0), want);
  CHECK_STATUS(libsched_group_cancel(bad), want);
  CHECK_STATUS(libsched_group_reset(bad), want);
  CHECK_STATUS(libsched_group_get_stats(&stats, bad), want);
  CHECK_EQ(memcmp(&stats, &copy, sizeof(stats)), 0);
}

CASE(null_handles) {
  libsched_group *group = (libsched_group *)UNTOUCHED;
  libsched_error *error = 0;
  check_calls(0, LIBSCHED_E_NULL);
  CHECK_PTR(libsched_group_ref(0), 0);
  libsched_group_unref(0);
  CHECK_STATUS(libsched_group_create(&group, 0, 0, &error), LIBSCHED_E_NULL);
  CHECK_PTR(group, 0);
  CHECK_ERROR(error, LIBSCHED_E_NULL);
}

CASE(handles_of_another_kind) {
  static uint64_t memory[1024];
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_group *group = check_group_new(pool);
  libsched_cancel *cancel = 0;
  libsched_group *out = (libsched_group *)UNTOUCHED;
  CHECK_OK(libsched_cancel_create(&cancel));
  check_calls((libsched_group *)(void *)pool, LIBSCHED_E_HANDLE);
  check_calls((libsched_group *)(void *)cancel, LIBSCHED_E_HANDLE);
  check_calls((libsched_group *)(void *)memory, LIBSCHED_E_HANDLE);
  memset(memory, 0xff, sizeof(memory));
  check_calls((libsched_group *)(void *)memory, LIBSCHED_E_HANDLE);
  CHECK_STATUS(libsched_group_create(&out, (libsched_pool *)(void *)group, 0, 0),
               LIBSCHED_E_HANDLE);
  CHECK_PTR(out, 0);
  /* And a group where a pool belongs, or a switch. */
  CHECK_STATUS(libsched_pool_wait_idle((libsched_pool *)(void *)group, 0, 0, 0), LIBSCHED_E_HANDLE);
  CHECK_STATUS(libsched_cancel_trigger((libsched_cancel *)(void *)group), LIBSCHED_E_HANDLE);
  libsched_cancel_unref(cancel);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* The group is as it was made: open, without members, without a trace of what was refused. */
static void check_untouched(libsched_group *group) {
  libsched_group_stats stats = check_group_stats(group);
  CHECK_EQ(stats.submitted + stats.entered + stats.groups, 0);
  CHECK_OK(libsched_group_enter(group));
  CHECK_OK(libsched_group_leave(group, 0));
}

CASE(bad_arguments_of_submits) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_group *group = check_group_new(pool);
  libsched_cancel *no_switch = (libsched_cancel *)(void *)pool;
  libsched_error *error = 0;
  void *data[2] = {0, 0};
  size_t accepted = 77;
  uint32_t p;
  CHECK_STATUS(libsched_group_submit(group, LIBSCHED_NORMAL, 0, 0, check_never_discard),
               LIBSCHED_E_NULL);
  CHECK_STATUS(
      libsched_group_submit_timed(group, LIBSCHED_NORMAL, 0, 0, check_never_discard, 0, 0, 0),
      LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_group_submit_n(&accepted, group, LIBSCHED_NORMAL, 0, data, 2,
                                       check_never_discard, 0, 0, 0),
               LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_group_submit_n(&accepted, group, LIBSCHED_NORMAL, check_never_run, 0, 1,
                                       check_never_discard, 0, 0, 0),
               LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_group_submit_n(0, group, LIBSCHED_NORMAL, check_never_run, data, 2,
                                       check_never_discard, 0, 0, &error),
               LIBSCHED_E_NULL);
  CHECK_ERROR(error, LIBSCHED_E_NULL);
  for (p = LIBSCHED_PRIORITIES; p != 0; p <<= 1) {
    CHECK_STATUS(libsched_group_submit(group, p, check_never_run, 0, check_never_discard),
                 LIBSCHED_E_RANGE);
    CHECK_STATUS(libsched_group_submit_timed(group, p, check_never_run, 0, check_never_discard, 0,
                                             0, &error),
                 LIBSCHED_E_RANGE);
    CHECK_ERROR(error, LIBSCHED_E_RANGE);
    CHECK_STATUS(libsched_group_submit_n(&accepted, group, p, check_never_run, data, 2,
                                         check_never_discard, 0, 0, 0),
                 LIBSCHED_E_RANGE);
  }
  CHECK_STATUS(libsched_group_submit_timed(group, LIBSCHED_LOW, check_never_run, 0,
                                           check_never_discard, 0, no_switch, 0),
               LIBSCHED_E_HANDLE);
  CHECK_STATUS(libsched_group_submit_n(&accepted, group, LIBSCHED_LOW, check_never_run, data, 2,
                                       check_never_discard, 0, no_switch, 0),
               LIBSCHED_E_HANDLE);
  CHECK(accepted == 77 || accepted == 0);
  check_untouched(group);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(bad_arguments_of_the_rest) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_group *group = check_group_new(pool);
  libsched_error *error = 0;
  uint32_t bit;
  CHECK_STATUS(libsched_group_create(0, pool, 0, &error), LIBSCHED_E_NULL);
  CHECK_ERROR(error, LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_group_get_stats(0, group), LIBSCHED_E_NULL);
  /* None of these waits has closed the group. */
  for (bit = 1; bit < 32; ++bit) {
    CHECK_STATUS(libsched_group_wait(0, group, (uint32_t)1 << bit, LIBSCHED_FOREVER, 0, &error),
                 LIBSCHED_E_FLAGS);
    CHECK_ERROR(error, LIBSCHED_E_FLAGS);
  }
  CHECK_STATUS(libsched_group_wait(0, group, 0, 0, (libsched_cancel *)(void *)pool, &error),
               LIBSCHED_E_HANDLE);
  CHECK_ERROR(error, LIBSCHED_E_HANDLE);
  check_untouched(group);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* After fork the child's copy is dead, and the parent's lives on. */
CASE(fork_kills_the_handle) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_group *group = check_group_new(pool);
  int64_t count = 0;
  int status = 0;
  pid_t child;
  CHECK_OK(libsched_group_enter(group));
  CHECK_OK(libsched_group_submit(group, LIBSCHED_NORMAL, check_count_run, &count, 0));
  check_pool_idle(pool);
  child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    libsched_group *out = (libsched_group *)UNTOUCHED;
    check_calls(group, LIBSCHED_E_FORKED);
    CHECK_STATUS(libsched_group_create(&out, pool, 0, 0), LIBSCHED_E_FORKED);
    CHECK_PTR(libsched_group_ref(group), group);
    libsched_group_unref(group);
    libsched_group_unref(group);
    CHECK_EQ(check_live(LIBSCHED_KIND_GROUP), 0);
    check_quit(0);
  }
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK(WIFEXITED(status));
  CHECK_EQ(WEXITSTATUS(status), 0);
  CHECK_EQ(check_live(LIBSCHED_KIND_GROUP), 1);
  CHECK_EQ(check_group_stats(group).entered, 1);
  CHECK_OK(libsched_group_leave(group, 0));
  CHECK_OK(libsched_group_wait(0, group, 0, LIBSCHED_FOREVER, 0, 0));
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(count, 1);
}

CASES = {RUN(options_struct_may_be_longer_not_shorter),
         RUN(options_initialisers_are_one),
         RUN(unknown_flags_of_a_group),
         RUN(parents_that_are_none),
         RUN(null_handles),
         RUN(handles_of_another_kind),
         RUN(bad_arguments_of_submits),
         RUN(bad_arguments_of_the_rest),
         RUN(fork_kills_the_handle),
         CASES_END};
