/* Every call of a jobserver with arguments and handles that are no good. */
#include "check_jobserver.h"
/* It goes first: check.h sets the feature macros. */
#include "check_fork.h"
#include "check_queue.h"

static void never_call(uint64_t token, void *data) {
  (void)token;
  (void)data;
  check_fail(__FILE__, __LINE__, "a call that failed was made");
}

static void never_discard(void *data) {
  (void)data;
  check_fail(__FILE__, __LINE__, "user_data of a call that failed was discarded");
}

/* With a queue of tokens, which is taken for a queue of bytes if it is no good. */
static void check_all(libsched_jobserver *jobserver, libsched_queue *queue, libsched_cancel *cancel,
                      uint64_t held, int want) {
  uint64_t token = 77;
  uint64_t withdrawn = 77;
  libsched_jobserver_info info = LIBSCHED_JOBSERVER_INFO_INIT;
  libsched_jobserver_stats stats = LIBSCHED_JOBSERVER_STATS_INIT;
  char **envp = (char **)UNTOUCHED;
  int read_fd = -77;
  int write_fd = -77;
  CHECK_STATUS(libsched_jobserver_acquire(&token, jobserver, LIBSCHED_FOREVER, cancel), want);
  CHECK_STATUS(libsched_jobserver_acquire(&token, jobserver, 0, 0), want);
  CHECK_STATUS(libsched_jobserver_try_acquire(&token, jobserver), want);
  CHECK_EQ(token, 77);
  CHECK_STATUS(libsched_jobserver_acquire_into(jobserver, queue), want);
  CHECK_STATUS(libsched_jobserver_acquire_call(jobserver, never_call, 0, never_discard), want);
  CHECK_STATUS(libsched_jobserver_withdraw(&withdrawn, jobserver), want);
  CHECK(withdrawn == 0);
  CHECK_STATUS(libsched_jobserver_release(jobserver, held), want);
  CHECK_STATUS(libsched_jobserver_release_all(jobserver), want);
  CHECK_STATUS(libsched_jobserver_get_info(&info, jobserver), want);
  CHECK_STATUS(libsched_jobserver_get_stats(&stats, jobserver), want);
  CHECK_STATUS(libsched_jobserver_shutdown(0, jobserver), want);
  CHECK_STATUS(libsched_jobserver_shutdown(&stats, jobserver), want);
  CHECK_EQ(stats.struct_size, sizeof(stats));
  CHECK_EQ(stats.slots, 0);
  CHECK(libsched_jobserver_makeflags(jobserver) == 0);
  CHECK_STATUS(libsched_jobserver_envp(&envp, jobserver, 0), want);
  CHECK(envp == 0);
  CHECK_STATUS(libsched_jobserver_child_fds(&read_fd, &write_fd, jobserver), want);
  CHECK_EQ(read_fd, -77);
  CHECK_EQ(write_fd, -77);
}

CASE(null_handles) {
  libsched_queue *queue = check_queue_new(0);
  check_all(0, queue, 0, 77, LIBSCHED_E_NULL);
  CHECK_PTR(libsched_jobserver_ref(0), 0);
  libsched_jobserver_unref(0);
  libsched_queue_unref(queue);
}

CASE(null_results_and_arguments) {
  libsched_jobserver *jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, 0);
  libsched_queue *queue = check_queue_new(0);
  libsched_error *error = (libsched_error *)UNTOUCHED;
  int fd = -77;
  CHECK_STATUS(libsched_jobserver_inherit(0, 0, &error), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_error_status(error), LIBSCHED_E_NULL);
  libsched_error_free(error);
  CHECK_STATUS(libsched_jobserver_inherit(0, 0, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_jobserver_serve(0, 2, LIBSCHED_JOBSERVER_PIPE, 0, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_jobserver_acquire(0, jobserver, 0, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_jobserver_try_acquire(0, jobserver), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_jobserver_acquire_into(jobserver, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_jobserver_acquire_into(0, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_jobserver_acquire_call(jobserver, 0, 0, never_discard), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_jobserver_get_info(0, jobserver), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_jobserver_get_stats(0, jobserver), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_jobserver_envp(0, jobserver, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_jobserver_child_fds(0, &fd, jobserver), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_jobserver_child_fds(&fd, 0, jobserver), LIBSCHED_E_NULL);
  CHECK_EQ(fd, -77);
  libsched_jobserver_options_init(0);
  libsched_jobserver_info_init(0);
  libsched_jobserver_stats_init(0);
  CHECK_EQ(check_stats(jobserver).available, 1);
  libsched_queue_unref(queue);
  libsched_jobserver_unref(jobserver);
}

CASE(handles_of_another_kind) {
  static uint64_t memory[1024];
  libsched_queue *queue = check_queue_new(0);
  libsched_cancel *cancel = 0;
  libsched_jobserver *jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, 0);
  uint64_t token = 77;
  CHECK_OK(libsched_cancel_create(&cancel));
  check_all((libsched_jobserver *)(void *)queue, queue, cancel, 77, LIBSCHED_E_HANDLE);
  check_all((libsched_jobserver *)(void *)memory, queue, cancel, 77, LIBSCHED_E_HANDLE);
  CHECK_STATUS(libsched_jobserver_acquire_into(jobserver, (libsched_queue *)(void *)cancel),
               LIBSCHED_E_HANDLE);
  CHECK_STATUS(libsched_jobserver_acquire(&token, jobserver, 0, (libsched_cancel *)(void *)queue),
               LIBSCHED_E_HANDLE);
  CHECK_EQ(token, 77);
  CHECK_EQ(check_stats(jobserver).available, 1);
  libsched_cancel_unref(cancel);
  libsched_queue_unref(queue);
  libsched_jobserver_unref(jobserver);
}

/* --- structs --- */

static int inherit_with(const void *options) {
  libsched_jobserver *jobserver = (libsched_jobserver *)UNTOUCHED;
  int status =
      libsched_jobserver_inherit(&jobserver, (const libsched_jobserver_options *)options, 0);
  CHECK_EQ(status == LIBSCHED_OK, jobserver != 0);
  libsched_jobserver_unref(jobserver);
  return status;
}

static libsched_jobserver *the_jobserver;

static int get_info(const void *info) {
  return libsched_jobserver_get_info((libsched_jobserver_info *)(uintptr_t)info, the_jobserver);
}

static int get_stats(const void *stats) {
  return libsched_jobserver_get_stats((libsched_jobserver_stats *)(uintptr_t)stats, the_jobserver);
}

static int shut_down(const void *stats) {
  return libsched_jobserver_shutdown((libsched_jobserver_stats *)(uintptr_t)stats, the_jobserver);
}

/* Output structs: what is beyond this version's end is made zero. */
static void check_output(check_create_fn call, size_t size) {
  unsigned char bytes[512];
  size_t given;
  memset(bytes, 0xee, sizeof(bytes));
  given = size - 1;
  memcpy(bytes, &given, sizeof(given));
  CHECK_STATUS(call(bytes), LIBSCHED_E_STRUCT_SHORT);
  CHECK_EQ(bytes[sizeof(given)], 0xee);
  given = (size_t)1 << 40;
  memcpy(bytes, &given, sizeof(given));
  CHECK_STATUS(call(bytes), LIBSCHED_E_STRUCT_LONG);
  given = size + 64;
  memcpy(bytes, &given, sizeof(given));
  CHECK_OK(call(bytes));
  CHECK_EQ(bytes[size], 0);
  CHECK_EQ(bytes[size + 63], 0);
  CHECK_EQ(bytes[size + 64], 0xee);
}

CASE(structs_of_other_sizes) {
  libsched_jobserver_options options = LIBSCHED_JOBSERVER_OPTIONS_INIT;
  libsched_jobserver_options made;
  libsched_jobserver_info info = LIBSCHED_JOBSERVER_INFO_INIT;
  libsched_jobserver_info made_info;
  libsched_jobserver_stats stats = LIBSCHED_JOBSERVER_STATS_INIT;
  libsched_jobserver_stats made_stats;
  memset(&made, 0xee, sizeof(made));
  libsched_jobserver_options_init(&made);
  CHECK_EQ(memcmp(&made, &options, sizeof(made)), 0);
  memset(&made_info, 0xee, sizeof(made_info));
  libsched_jobserver_info_init(&made_info);
  CHECK_EQ(memcmp(&made_info, &info, sizeof(info)), 0);
  memset(&made_stats, 0xee, sizeof(made_stats));
  libsched_jobserver_stats_init(&made_stats);
  CHECK_EQ(memcmp(&made_stats, &stats, sizeof(stats)), 0);
  options.makeflags = "";
  check_options_struct(inherit_with, &options, sizeof(options));
  the_jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, 0);
  check_output(get_info, sizeof(info));
  check_output(get_stats, sizeof(stats));
  /* One that cannot be filled shuts nothing down. */
  {
    size_t size = 8;
    CHECK_STATUS(shut_down(&size), LIBSCHED_E_STRUCT_SHORT);
    CHECK_OK(libsched_jobserver_release(the_jobserver, check_take(the_jobserver)));
  }
  check_output(shut_down, sizeof(stats));
  libsched_jobserver_unref(the_jobserver);
}

CASE(flags_that_are_not_defined) {
  libsched_jobserver_options options = LIBSCHED_JOBSERVER_OPTIONS_INIT;
  libsched_jobserver *jobserver = (libsched_jobserver *)UNTOUCHED;
  libsched_error *error = 0;
  int bit;
  options.makeflags = "";
  for (bit = 2; bit < 64; ++bit) {
    options.flags = (uint64_t)1 << bit;
    CHECK_STATUS(inherit_with(&options), LIBSCHED_E_FLAGS);
  }
  options.flags = LIBSCHED_JOBSERVER_LAST_WINS | LIBSCHED_JOBSERVER_EXPLICIT;
  CHECK_OK(inherit_with(&options));
  options.reserved = 1;
  CHECK_STATUS(libsched_jobserver_inherit(&jobserver, &options, &error), LIBSCHED_E_FLAGS);
  CHECK(jobserver == 0);
  CHECK(strstr(libsched_error_message(error), "reserved") != 0);
  libsched_error_free(error);
  for (bit = 0; bit < 32; ++bit) {
    uint32_t flags = (uint32_t)1 << bit;
    if (flags == LIBSCHED_JOBSERVER_EXPLICIT) continue;
    jobserver = (libsched_jobserver *)UNTOUCHED;
    CHECK_STATUS(libsched_jobserver_serve(&jobserver, 2, LIBSCHED_JOBSERVER_PIPE, flags, 0),
                 LIBSCHED_E_FLAGS);
    CHECK(jobserver == 0);
  }
}

CASE(styles_and_slots_out_of_range) {
  static const uint32_t wrong[] = {0, 3, 4, 5, 7, 0xffffffffu};
  size_t i;
  for (i = 0; i <= sizeof(wrong) / sizeof(wrong[0]); ++i) {
    libsched_jobserver *jobserver = (libsched_jobserver *)UNTOUCHED;
    libsched_error *error = 0;
    int last = i == sizeof(wrong) / sizeof(wrong[0]);
    CHECK_STATUS(libsched_jobserver_serve(&jobserver, last ? 0 : 2,
                                          last ? LIBSCHED_JOBSERVER_PIPE : wrong[i], 0, &error),
                 LIBSCHED_E_RANGE);
    CHECK(jobserver == 0);
    CHECK(strstr(libsched_error_message(error), last ? "slots" : "style") != 0);
    libsched_error_free(error);
  }
}

/* --- in a child --- */

typedef struct dead {
  libsched_jobserver *served;
  libsched_jobserver *inherited;
  libsched_queue *queue;
  uint64_t token;
} dead;

static void be_dead(void *data) {
  dead *d = (dead *)data;
  libsched_queue *queue = check_queue_new(0);
  int i;
  CHECK_EQ(check_live(LIBSCHED_KIND_JOBSERVER), 0);
  check_all(d->served, queue, 0, d->token, LIBSCHED_E_FORKED);
  check_all(d->inherited, queue, 0, d->token, LIBSCHED_E_FORKED);
  for (i = 0; i < 5; ++i) {
    libsched_jobserver_unref(d->served);
    libsched_jobserver_unref(d->inherited);
  }
  check_all(d->served, queue, 0, d->token, LIBSCHED_E_FORKED);
  libsched_queue_unref(queue);
}

static void serve_anew(void *data) {
  libsched_jobserver *jobserver = check_serve(2, LIBSCHED_JOBSERVER_FIFO, 0);
  check_taker taker;
  uint64_t implicit = check_take(jobserver);
  check_take(jobserver);
  CHECK_EQ(check_live(LIBSCHED_KIND_JOBSERVER), 1);
  check_taker_start(&taker, jobserver, LIBSCHED_FOREVER, 0);
  CHECK_OK(libsched_jobserver_release(jobserver, implicit));
  CHECK_OK(check_taker_end(&taker));
  libsched_jobserver_unref(jobserver);
  be_dead(data);
}

static void check_child(int how, void (*run)(void *)) {
  dead d;
  check_tokens tokens = check_tokens_new("AB");
  check_taker taker;
  d.served = check_serve(3, LIBSCHED_JOBSERVER_BOTH, 0);
  d.inherited = check_inherit(tokens.makeflags, LIBSCHED_JOBSERVER_EXPLICIT, 0);
  d.token = check_take(d.inherited);
  check_take(d.inherited);
  check_taker_start(&taker, d.inherited, LIBSCHED_FOREVER, 0);
  in_child(how, run, &d);
  /* Nothing has changed here. */
  CHECK_EQ(check_stats(d.served).available, 2);
  CHECK_EQ(check_stats(d.inherited).held, 2);
  CHECK_OK(libsched_jobserver_release(d.inherited, d.token));
  CHECK_OK(check_taker_end(&taker));
  libsched_jobserver_unref(d.served);
  libsched_jobserver_unref(d.inherited);
  check_tokens_end(&tokens, "AB");
}

CASE(fork_kills_the_handles) { check_child(BY_FORK, be_dead); }
CASE(clone_kills_the_handles) { check_child(BY_CLONE, be_dead); }

CASE(child_serves_anew) {
  if (CHECK_TSAN) check_skip("under ThreadSanitizer a forked child cannot start threads");
  check_child(BY_FORK, serve_anew);
}

CASE(references_keep_it_alive) {
  libsched_jobserver *jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, 0);
  CHECK_PTR(libsched_jobserver_ref(jobserver), jobserver);
  libsched_jobserver_unref(jobserver);
  CHECK_EQ(check_live(LIBSCHED_KIND_JOBSERVER), 1);
  check_take(jobserver);
  libsched_jobserver_unref(jobserver);
  CHECK_EQ(check_live(LIBSCHED_KIND_JOBSERVER), 0);
}

CASES = {RUN(null_handles),
         RUN(null_results_and_arguments),
         RUN(handles_of_another_kind),
         RUN(structs_of_other_sizes),
         RUN(flags_that_are_not_defined),
         RUN(styles_and_slots_out_of_range),
         RUN(fork_kills_the_handles),
         RUN(clone_kills_the_handles),
         RUN(child_serves_anew),
         RUN(references_keep_it_alive),
         CASES_END};
