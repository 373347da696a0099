/* Every call of a broker with arguments and handles that are no good, and in the wrong state. */
#include "check_child.h"
/* It goes first: check.h sets the feature macros. */
#include "check_fork.h"

static void check_all(libsched_broker *broker, libsched_cancel *cancel, int want) {
  libsched_broker_stats stats = LIBSCHED_BROKER_STATS_INIT;
  char **envp = (char **)UNTOUCHED;
  int read_fd = -77;
  int write_fd = -77;
  CHECK(libsched_broker_makeflags(broker) == 0);
  CHECK_STATUS(libsched_broker_envp(&envp, broker, 0), want);
  CHECK(envp == 0);
  CHECK_STATUS(libsched_broker_child_fds(&read_fd, &write_fd, broker), want);
  CHECK_EQ(read_fd, -77);
  CHECK_EQ(write_fd, -77);
  CHECK_STATUS(libsched_broker_start(broker), want);
  CHECK_STATUS(libsched_broker_wait(broker, LIBSCHED_FOREVER, cancel), want);
  CHECK_STATUS(libsched_broker_wait(broker, 0, 0), want);
  CHECK_STATUS(libsched_broker_get_stats(&stats, broker), want);
}

CASE(null_handles) {
  libsched_broker *broker = (libsched_broker *)UNTOUCHED;
  libsched_error *error = 0;
  check_all(0, 0, LIBSCHED_E_NULL);
  CHECK_PTR(libsched_broker_ref(0), 0);
  libsched_broker_unref(0);
  CHECK_STATUS(libsched_broker_create(&broker, 0, &error), LIBSCHED_E_NULL);
  CHECK(broker == 0);
  CHECK_STATUS(libsched_error_status(error), LIBSCHED_E_NULL);
  libsched_error_free(error);
}

CASE(null_results) {
  libsched_jobserver *jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, 0);
  libsched_broker *broker = check_broker_new(jobserver);
  int fd = -77;
  CHECK_STATUS(libsched_broker_create(0, jobserver, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_broker_envp(0, broker, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_broker_child_fds(0, &fd, broker), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_broker_child_fds(&fd, 0, broker), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_broker_get_stats(0, broker), LIBSCHED_E_NULL);
  CHECK_EQ(fd, -77);
  libsched_broker_stats_init(0);
  libsched_broker_unref(broker);
  libsched_jobserver_unref(jobserver);
}

CASE(handles_of_another_kind) {
  static uint64_t memory[1024];
  libsched_jobserver *jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, 0);
  libsched_broker *broker = check_broker_new(jobserver);
  libsched_broker *none = (libsched_broker *)UNTOUCHED;
  check_all((libsched_broker *)(void *)jobserver, 0, LIBSCHED_E_HANDLE);
  check_all((libsched_broker *)(void *)memory, 0, LIBSCHED_E_HANDLE);
  CHECK_STATUS(libsched_broker_create(&none, (libsched_jobserver *)(void *)broker, 0),
               LIBSCHED_E_HANDLE);
  CHECK(none == 0);
  CHECK_STATUS(libsched_broker_wait(broker, 0, (libsched_cancel *)(void *)jobserver),
               LIBSCHED_E_HANDLE);
  libsched_broker_unref(broker);
  libsched_jobserver_unref(jobserver);
}

CASE(stats_of_other_sizes) {
  libsched_jobserver *jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, 0);
  libsched_broker *broker = check_broker_new(jobserver);
  libsched_broker_stats stats = LIBSCHED_BROKER_STATS_INIT;
  libsched_broker_stats made;
  struct {
    libsched_broker_stats stats;
    unsigned char more[64];
  } longer;
  memset(&made, 0xee, sizeof(made));
  libsched_broker_stats_init(&made);
  CHECK_EQ(memcmp(&made, &stats, sizeof(made)), 0);
  stats.struct_size = sizeof(stats) - 1;
  CHECK_STATUS(libsched_broker_get_stats(&stats, broker), LIBSCHED_E_STRUCT_SHORT);
  stats.struct_size = (size_t)-1;
  CHECK_STATUS(libsched_broker_get_stats(&stats, broker), LIBSCHED_E_STRUCT_LONG);
  memset(&longer, 0xee, sizeof(longer));
  longer.stats.struct_size = sizeof(longer);
  CHECK_OK(libsched_broker_get_stats(&longer.stats, broker));
  CHECK_EQ(longer.more[63], 0);
  CHECK_EQ(longer.stats.total, 0);
  CHECK_EQ(longer.stats.reserved, 0);
  libsched_broker_unref(broker);
  libsched_jobserver_unref(jobserver);
}

CASE(without_a_jobserver_there_is_none) {
  libsched_jobserver *jobserver = check_inherit("", 0, 0);
  libsched_broker *broker = (libsched_broker *)UNTOUCHED;
  libsched_error *error = 0;
  int fds = check_fds();
  CHECK_STATUS(libsched_broker_create(&broker, jobserver, &error), LIBSCHED_E_STATE);
  CHECK(broker == 0);
  CHECK(libsched_error_message(error)[0] != 0);
  libsched_error_free(error);
  CHECK_EQ(check_fds(), fds);
  libsched_jobserver_unref(jobserver);
}

CASE(what_the_child_is_given) {
  static const char *const base[] = {"A=1", "MAKEFLAGS=x", "MFLAGS=x", "CARGO_MAKEFLAGS=x", 0};
  libsched_jobserver *jobserver = check_serve(5, LIBSCHED_JOBSERVER_PIPE, 0);
  libsched_broker *broker = check_broker_new(jobserver);
  int read_fd = -1;
  int write_fd = -1;
  char text[64];
  char **envp = 0;
  CHECK_OK(libsched_broker_child_fds(&read_fd, &write_fd, broker));
  sprintf(text, " -j5 --jobserver-auth=%d,%d", read_fd, write_fd);
  CHECK_STR(libsched_broker_makeflags(broker), text);
  CHECK_EQ(fcntl(read_fd, F_GETFD), FD_CLOEXEC);
  CHECK_EQ(fcntl(write_fd, F_GETFD), FD_CLOEXEC);
  CHECK_EQ(fcntl(read_fd, F_GETFL) & O_NONBLOCK, 0);
  CHECK_EQ(fcntl(write_fd, F_GETFL) & O_NONBLOCK, 0);
  CHECK_OK(libsched_broker_envp(&envp, broker, base));
  CHECK_STR(envp[0], "A=1");
  sprintf(text, "MAKEFLAGS= -j5 --jobserver-auth=%d,%d", read_fd, write_fd);
  CHECK_STR(envp[1], text);
  CHECK(envp[2] == 0);
  libsched_envp_free(envp);
  libsched_broker_unref(broker);
  libsched_jobserver_unref(jobserver);
}

/* What is above may not say how many slots there are. */
CASE(jobs_of_an_inherited_jobserver) {
  check_tokens tokens = check_tokens_new("A");
  char text[64];
  libsched_jobserver *jobserver;
  libsched_broker *broker;
  sprintf(text, "-j --jobserver-auth=%d,%d", tokens.read_fd, tokens.write_fd);
  jobserver = check_inherit(text, 0, 0);
  broker = check_broker_new(jobserver);
  CHECK(strstr(libsched_broker_makeflags(broker), " -j --jobserver-auth=") != 0);
  libsched_broker_unref(broker);
  libsched_jobserver_unref(jobserver);
  check_tokens_end(&tokens, "A");
}

CASE(calls_in_the_wrong_state) {
  libsched_jobserver *jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, 0);
  libsched_broker *broker = check_broker_new(jobserver);
  int read_fd = -77;
  int write_fd = -77;
  CHECK_STATUS(libsched_broker_wait(broker, LIBSCHED_FOREVER, 0), LIBSCHED_E_STATE);
  CHECK_OK(libsched_broker_start(broker));
  CHECK_STATUS(libsched_broker_start(broker), LIBSCHED_E_STATE);
  CHECK_STATUS(libsched_broker_child_fds(&read_fd, &write_fd, broker), LIBSCHED_E_STATE);
  CHECK_EQ(read_fd, -77);
  CHECK(libsched_broker_makeflags(broker) != 0);
  /* Nobody has the pipe: it is over at once. */
  check_broker_await(broker);
  CHECK_STATUS(libsched_broker_start(broker), LIBSCHED_E_STATE);
  CHECK_OK(libsched_broker_wait(broker, 0, 0));
  libsched_broker_unref(broker);
  libsched_jobserver_unref(jobserver);
}

CASE(descriptors_before_and_after) {
  int fds = check_fds();
  libsched_jobserver *jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, 0);
  int with_reactor = check_fds() + 2; /* which begins with the first one */
  int i;
  for (i = 0; i < 50; ++i) {
    libsched_broker *broker = check_broker_new(jobserver);
    if (i % 2 == 0) {
      CHECK_OK(libsched_broker_start(broker));
      check_broker_await(broker);
    }
    libsched_broker_unref(broker);
  }
  CHECK_FDS(with_reactor);
  CHECK_EQ(check_stats(jobserver).available, 1);
  CHECK_EQ(check_stats(jobserver).brokered, 0);
  CHECK_EQ(check_stats(jobserver).waiting, 0);
  libsched_jobserver_unref(jobserver);
  CHECK_FDS(fds);
}

static void be_dead(void *data) {
  check_all((libsched_broker *)data, 0, LIBSCHED_E_FORKED);
  libsched_broker_unref((libsched_broker *)data);
  libsched_broker_unref((libsched_broker *)data);
  check_all((libsched_broker *)data, 0, LIBSCHED_E_FORKED);
  CHECK_EQ(check_live(LIBSCHED_KIND_BROKER), 0);
}

CASE(fork_kills_the_handles) {
  libsched_jobserver *jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, 0);
  libsched_broker *broker = check_broker_new(jobserver);
  in_child(BY_FORK, be_dead, broker);
  CHECK_OK(libsched_broker_start(broker));
  in_child(BY_CLONE, be_dead, broker);
  check_broker_await(broker);
  libsched_broker_unref(broker);
  libsched_jobserver_unref(jobserver);
}

CASES = {RUN(null_handles),
         RUN(null_results),
         RUN(handles_of_another_kind),
         RUN(stats_of_other_sizes),
         RUN(without_a_jobserver_there_is_none),
         RUN(what_the_child_is_given),
         RUN(jobs_of_an_inherited_jobserver),
         RUN(calls_in_the_wrong_state),
         RUN(descriptors_before_and_after),
         RUN(fork_kills_the_handles),
         CASES_END};
