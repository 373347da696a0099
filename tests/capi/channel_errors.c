/* What the calls of dispatchers and channels refuse: each says so, takes nothing over, and changes nothing. */
#include "check_fair.h"
/* It goes first: check.h sets the feature macros. */
#include <sys/wait.h>

static int never_run(libsched_task *task, void *data) {
  (void)task;
  (void)data;
  check_fail(__FILE__, __LINE__, "a task of a call that failed was run");
  return 0;
}

static void never_finalize(libsched_task *task, int result, void *data) {
  (void)result;
  never_run(task, data);
}

static void never_discard(void *data) { never_run(0, data); }

static void check_error(int line, libsched_error *error, int want) {
  check_status(__FILE__, line, "the error's status", libsched_error_status(error), want);
  if (libsched_error_message(error)[0] == 0) check_fail(__FILE__, line, "an error has a message");
  libsched_error_free(error);
}

#define CHECK_ERROR(error, want) check_error(__LINE__, (error), (want))

static libsched_pool *pool;
static libsched_dispatcher *dispatcher;
static libsched_channel *channel;
static libsched_cancel *cancel;

static void start(void) {
  libsched_dispatcher_options options = LIBSCHED_DISPATCHER_OPTIONS_INIT;
  pool = check_pool_new(1, 0);
  options.work = never_run;
  options.finalize = never_finalize;
  options.discard = never_discard;
  dispatcher = check_dispatcher_with(pool, &options);
  channel = check_channel_new(dispatcher, 0, 0);
  CHECK_OK(libsched_cancel_create(&cancel));
}

/* They are as they were made. */
static void end(void) {
  libsched_dispatcher_stats sums = check_dispatcher_stats(dispatcher);
  libsched_channel_stats stats = check_channel_stats(channel);
  CHECK_EQ(sums.channels, 1);
  CHECK_EQ(sums.queued + sums.running + sums.done + sums.failed + sums.cancelled, 0);
  CHECK_EQ(sums.limit, 1);
  CHECK_EQ(sums.paused, 0);
  CHECK_EQ(stats.queued + stats.running + stats.turns + stats.limit + stats.paused, 0);
  libsched_channel_unref(channel);
  libsched_cancel_unref(cancel);
  check_dispatcher_end(dispatcher, LIBSCHED_DRAIN);
  check_pool_end(pool, LIBSCHED_DRAIN);
  check_fair_gone();
}

/* --- the options of a dispatcher --- */

static int create_dispatcher(const void *options) {
  libsched_dispatcher *made = (libsched_dispatcher *)UNTOUCHED;
  libsched_error *error = (libsched_error *)UNTOUCHED;
  int status =
      libsched_dispatcher_create(&made, pool, (const libsched_dispatcher_options *)options, &error);
  CHECK((status == LIBSCHED_OK) == (made != 0));
  CHECK((status == LIBSCHED_OK) == (error == 0));
  if (status != LIBSCHED_OK) CHECK_ERROR(error, status);
  libsched_dispatcher_unref(made);
  return status;
}

CASE(options_of_a_dispatcher) {
  libsched_dispatcher_options options = LIBSCHED_DISPATCHER_OPTIONS_INIT;
  int bit;
  start();
  options.work = never_run;
  options.limit = 0xffffffffu;
  check_options_struct(create_dispatcher, &options, sizeof(options));
  for (bit = 0; bit < 64; ++bit) {
    options.flags = (uint64_t)1 << bit;
    CHECK_STATUS(create_dispatcher(&options), LIBSCHED_E_FLAGS);
  }
  options.flags = 0;
  for (bit = 0; bit < 32; ++bit) {
    options.reserved = (uint32_t)1 << bit;
    CHECK_STATUS(create_dispatcher(&options), LIBSCHED_E_FLAGS);
  }
  CHECK_OK(create_dispatcher(0));
  CHECK_EQ(check_live(LIBSCHED_KIND_DISPATCHER), 1);
  end();
}

/* --- the options of a channel --- */

static int create_channel(const void *options) {
  libsched_channel *made = (libsched_channel *)UNTOUCHED;
  libsched_error *error = (libsched_error *)UNTOUCHED;
  int status =
      libsched_channel_create(&made, dispatcher, (const libsched_channel_options *)options, &error);
  CHECK((status == LIBSCHED_OK) == (made != 0));
  CHECK((status == LIBSCHED_OK) == (error == 0));
  if (status != LIBSCHED_OK) CHECK_ERROR(error, status);
  libsched_channel_unref(made);
  return status;
}

CASE(options_of_a_channel) {
  libsched_channel_options options = LIBSCHED_CHANNEL_OPTIONS_INIT;
  int bit;
  start();
  options.name = "a name";
  options.bound = (uint64_t)-1;
  options.limit = 0xffffffffu;
  options.weight = LIBSCHED_MAX_WEIGHT;
  options.priority = LIBSCHED_LOW;
  check_options_struct(create_channel, &options, sizeof(options));
  for (bit = 0; bit < 64; ++bit) {
    options.flags = (uint64_t)1 << bit;
    CHECK_STATUS(create_channel(&options), LIBSCHED_E_FLAGS);
  }
  options.flags = 0;
  for (bit = 0; bit < 32; ++bit) {
    options.reserved = (uint32_t)1 << bit;
    CHECK_STATUS(create_channel(&options), LIBSCHED_E_FLAGS);
  }
  options.reserved = 0;
  options.weight = LIBSCHED_MAX_WEIGHT + 1;
  CHECK_STATUS(create_channel(&options), LIBSCHED_E_RANGE);
  options.weight = 0xffffffffu;
  CHECK_STATUS(create_channel(&options), LIBSCHED_E_RANGE);
  options.weight = 0;
  options.priority = 3;
  CHECK_STATUS(create_channel(&options), LIBSCHED_E_RANGE);
  options.priority = 0xffffffffu;
  CHECK_STATUS(create_channel(&options), LIBSCHED_E_RANGE);
  CHECK_OK(create_channel(0));
  CHECK_EQ(check_live(LIBSCHED_KIND_CHANNEL), 1);
  end();
}

/* --- handles --- */

/* Every call with this dispatcher: each has the same trouble with it. */
static void check_dispatcher_calls(libsched_dispatcher *bad, int want) {
  libsched_channel *made = (libsched_channel *)UNTOUCHED;
  libsched_dispatcher_stats stats = LIBSCHED_DISPATCHER_STATS_INIT;
  libsched_dispatcher_stats copy = stats;
  libsched_error *error = 0;
  CHECK_STATUS(libsched_channel_create(&made, bad, 0, &error), want);
  CHECK_PTR(made, 0);
  CHECK_ERROR(error, want);
  CHECK_STATUS(libsched_dispatcher_set_limit(bad, 9), want);
  CHECK_STATUS(libsched_dispatcher_pause(bad), want);
  CHECK_STATUS(libsched_dispatcher_resume(bad), want);
  CHECK_STATUS(libsched_dispatcher_wait(bad, LIBSCHED_FOREVER, 0, &error), want);
  CHECK_ERROR(error, want);
  CHECK_STATUS(libsched_dispatcher_shutdown(bad, LIBSCHED_CANCEL, LIBSCHED_FOREVER, 0, &error),
               want);
  CHECK_ERROR(error, want);
  CHECK_STATUS(libsched_dispatcher_get_stats(&stats, bad), want);
  CHECK_EQ(memcmp(&stats, &copy, sizeof(stats)), 0);
}

static void check_channel_calls(libsched_channel *bad, int want) {
  libsched_channel_stats stats = LIBSCHED_CHANNEL_STATS_INIT;
  libsched_channel_stats copy = stats;
  uint64_t number = 77;
  void *data[2] = {0, 0};
  size_t accepted = 77;
  CHECK_PTR(libsched_channel_name(bad), 0);
  CHECK_STATUS(libsched_channel_send(bad, 0, LIBSCHED_FOREVER, 0), want);
  CHECK_STATUS(libsched_channel_try_send(bad, 0), want);
  CHECK_STATUS(libsched_channel_send_n(&accepted, bad, data, 2, LIBSCHED_FOREVER, 0), want);
  CHECK(accepted == 77 || accepted == 0);
  CHECK_STATUS(libsched_channel_send_task(bad, never_run, never_finalize, 0, never_discard,
                                          LIBSCHED_FOREVER, 0),
               want);
  CHECK_STATUS(libsched_channel_len(&number, bad), want);
  CHECK_STATUS(libsched_channel_in_flight(&number, bad), want);
  CHECK_EQ(number, 77);
  CHECK_STATUS(libsched_channel_close(bad), want);
  CHECK_STATUS(libsched_channel_clear(0, 0, bad), want);
  CHECK_STATUS(libsched_channel_pause(bad), want);
  CHECK_STATUS(libsched_channel_resume(bad), want);
  CHECK_STATUS(libsched_channel_set_limit(bad, 9), want);
  CHECK_STATUS(libsched_channel_get_stats(&stats, bad), want);
  CHECK_EQ(memcmp(&stats, &copy, sizeof(stats)), 0);
}

CASE(null_handles) {
  libsched_dispatcher *made = (libsched_dispatcher *)UNTOUCHED;
  libsched_error *error = 0;
  check_dispatcher_calls(0, LIBSCHED_E_NULL);
  check_channel_calls(0, LIBSCHED_E_NULL);
  CHECK_PTR(libsched_dispatcher_ref(0), 0);
  CHECK_PTR(libsched_channel_ref(0), 0);
  libsched_dispatcher_unref(0);
  libsched_channel_unref(0);
  CHECK_STATUS(libsched_dispatcher_create(&made, 0, 0, &error), LIBSCHED_E_NULL);
  CHECK_PTR(made, 0);
  CHECK_ERROR(error, LIBSCHED_E_NULL);
}

CASE(handles_of_another_kind) {
  static uint64_t memory[1024];
  libsched_dispatcher *made = (libsched_dispatcher *)UNTOUCHED;
  int round;
  start();
  check_dispatcher_calls((libsched_dispatcher *)(void *)channel, LIBSCHED_E_HANDLE);
  check_dispatcher_calls((libsched_dispatcher *)(void *)pool, LIBSCHED_E_HANDLE);
  check_channel_calls((libsched_channel *)(void *)dispatcher, LIBSCHED_E_HANDLE);
  check_channel_calls((libsched_channel *)(void *)cancel, LIBSCHED_E_HANDLE);
  for (round = 0; round < 2; ++round) {
    check_dispatcher_calls((libsched_dispatcher *)(void *)memory, LIBSCHED_E_HANDLE);
    check_channel_calls((libsched_channel *)(void *)memory, LIBSCHED_E_HANDLE);
    memset(memory, 0xff, sizeof(memory));
  }
  libsched_dispatcher_unref((libsched_dispatcher *)(void *)channel);
  libsched_channel_unref((libsched_channel *)(void *)dispatcher);
  CHECK_STATUS(libsched_dispatcher_create(&made, (libsched_pool *)(void *)channel, 0, 0),
               LIBSCHED_E_HANDLE);
  CHECK_PTR(made, 0);
  end();
}

CASE(null_arguments) {
  libsched_error *error = 0;
  size_t accepted = 77;
  void *data = 0;
  start();
  CHECK_STATUS(libsched_dispatcher_create(0, pool, 0, &error), LIBSCHED_E_NULL);
  CHECK_ERROR(error, LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_channel_create(0, dispatcher, 0, &error), LIBSCHED_E_NULL);
  CHECK_ERROR(error, LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_dispatcher_get_stats(0, dispatcher), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_channel_get_stats(0, channel), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_channel_len(0, channel), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_channel_in_flight(0, channel), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_channel_send_n(0, channel, &data, 1, LIBSCHED_FOREVER, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_channel_send_n(&accepted, channel, 0, 1, LIBSCHED_FOREVER, 0),
               LIBSCHED_E_NULL);
  CHECK_EQ(accepted, 0);
  CHECK_STATUS(
      libsched_channel_send_task(channel, 0, never_finalize, 0, never_discard, LIBSCHED_FOREVER, 0),
      LIBSCHED_E_NULL);
  end();
}

/* A switch that is none, though the wait would not need it. */
CASE(bad_switches) {
  libsched_cancel *bad;
  libsched_error *error = 0;
  size_t accepted = 77;
  void *data = 0;
  start();
  bad = (libsched_cancel *)(void *)pool;
  CHECK_STATUS(libsched_dispatcher_wait(dispatcher, 0, bad, &error), LIBSCHED_E_HANDLE);
  CHECK_ERROR(error, LIBSCHED_E_HANDLE);
  CHECK_STATUS(libsched_dispatcher_shutdown(dispatcher, LIBSCHED_DRAIN, 0, bad, &error),
               LIBSCHED_E_HANDLE);
  CHECK_ERROR(error, LIBSCHED_E_HANDLE);
  CHECK_STATUS(libsched_channel_send(channel, 0, 0, bad), LIBSCHED_E_HANDLE);
  CHECK_STATUS(libsched_channel_send_n(&accepted, channel, &data, 1, 0, bad), LIBSCHED_E_HANDLE);
  CHECK_STATUS(libsched_channel_send_task(channel, never_run, 0, 0, never_discard, 0, bad),
               LIBSCHED_E_HANDLE);
  end();
}

/* --- output structs --- */

CASE(output_structs) {
  struct {
    libsched_dispatcher_stats stats;
    unsigned char more[64];
  } sums;
  struct {
    libsched_channel_stats stats;
    unsigned char more[64];
  } counts;
  int i;
  start();
  memset(&sums, 0xaa, sizeof(sums));
  memset(&counts, 0xaa, sizeof(counts));
  sums.stats.struct_size = sizeof(sums.stats) - 1;
  counts.stats.struct_size = sizeof(counts.stats) - 1;
  CHECK_STATUS(libsched_dispatcher_get_stats(&sums.stats, dispatcher), LIBSCHED_E_STRUCT_SHORT);
  CHECK_STATUS(libsched_channel_get_stats(&counts.stats, channel), LIBSCHED_E_STRUCT_SHORT);
  sums.stats.struct_size = counts.stats.struct_size = (size_t)-1;
  CHECK_STATUS(libsched_dispatcher_get_stats(&sums.stats, dispatcher), LIBSCHED_E_STRUCT_LONG);
  CHECK_STATUS(libsched_channel_get_stats(&counts.stats, channel), LIBSCHED_E_STRUCT_LONG);
  sums.stats.struct_size = sizeof(sums);
  counts.stats.struct_size = sizeof(counts);
  CHECK_OK(libsched_dispatcher_get_stats(&sums.stats, dispatcher));
  CHECK_OK(libsched_channel_get_stats(&counts.stats, channel));
  CHECK_EQ(sums.stats.struct_size, sizeof(sums));
  CHECK_EQ(counts.stats.struct_size, sizeof(counts));
  CHECK_EQ(sums.stats.channels, 1);
  CHECK_EQ(counts.stats.turns, 0);
  for (i = 0; i < 64; ++i) CHECK_EQ(sums.more[i] | counts.more[i], 0);
  end();
}

/* --- fork --- */

/* After fork the child's copies are dead, and the parent's live on. */
CASE(fork_kills_the_handles) {
  libsched_dispatcher *made = (libsched_dispatcher *)UNTOUCHED;
  int status = 0;
  pid_t child;
  start();
  fflush(stdout);
  child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    check_dispatcher_calls(dispatcher, LIBSCHED_E_FORKED);
    check_channel_calls(channel, LIBSCHED_E_FORKED);
    CHECK_STATUS(libsched_dispatcher_create(&made, pool, 0, 0), LIBSCHED_E_FORKED);
    CHECK_PTR(libsched_dispatcher_ref(dispatcher), dispatcher);
    CHECK_PTR(libsched_channel_ref(channel), channel);
    libsched_channel_unref(channel);
    libsched_channel_unref(channel);
    libsched_dispatcher_unref(dispatcher);
    libsched_dispatcher_unref(dispatcher);
    check_quit(0);
  }
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK(WIFEXITED(status));
  CHECK_EQ(WEXITSTATUS(status), 0);
  end();
}

CASES = {RUN(options_of_a_dispatcher), RUN(options_of_a_channel),   RUN(null_handles),
         RUN(handles_of_another_kind), RUN(null_arguments),         RUN(bad_switches),
         RUN(output_structs),          RUN(fork_kills_the_handles), CASES_END};
