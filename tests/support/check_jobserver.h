/**
 * Jobservers, pools of tokens of a test's own, and calls that wait for a token on threads of their own.
 */
#ifndef CHECK_JOBSERVER_H
#define CHECK_JOBSERVER_H

#include "check_sched.h"
/* check.h, by way of check_sched.h, goes first. */
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

/** How long a call may have to wait that must not wait for ever. */
#define CHECK_PATIENCE_NS ((int64_t)CHECK_DEADLINE_S * 1000000000)

/** So many descriptors are open again: those of the reactor go when its thread has ended, a moment later. */
#define CHECK_FDS(n) CHECK_UNTIL(check_fds() == (n))

/** A pool as a parent process has it: a pipe with a byte for each token, and what a child finds in MAKEFLAGS. */
typedef struct check_tokens {
  int read_fd;
  int write_fd;
  char makeflags[64];
} check_tokens;

CHECK_HELPER void check_tokens_name(check_tokens *tokens) {
  sprintf(tokens->makeflags, " -j9 --jobserver-auth=%d,%d", tokens->read_fd, tokens->write_fd);
}

CHECK_HELPER void check_tokens_add(check_tokens *tokens, const char *bytes) {
  CHECK_EQ(write(tokens->write_fd, bytes, strlen(bytes)), (int64_t)strlen(bytes));
}

CHECK_HELPER check_tokens check_tokens_new(const char *bytes) {
  check_tokens tokens;
  int fds[2];
  CHECK_EQ(pipe(fds), 0);
  tokens.read_fd = fds[0];
  tokens.write_fd = fds[1];
  check_tokens_name(&tokens);
  check_tokens_add(&tokens, bytes);
  return tokens;
}

CHECK_HELPER int check_compare_bytes(const void *a, const void *b) {
  return *(const char *)a - *(const char *)b;
}

/** Takes the pool apart: exactly these bytes are in it, which are sorted. */
CHECK_HELPER void check_tokens_end(check_tokens *tokens, const char *bytes) {
  char left[256];
  ssize_t n = 0;
  close(tokens->write_fd);
  n = read(tokens->read_fd, left, sizeof(left) - 1);
  CHECK_LE(0, n);
  left[n] = 0;
  qsort(left, (size_t)n, 1, check_compare_bytes);
  CHECK_STR(left, bytes);
  close(tokens->read_fd);
}

/** Joins what the text names. */
CHECK_HELPER libsched_jobserver *check_inherit(const char *makeflags, uint64_t flags,
                                               uint32_t fallback) {
  libsched_jobserver_options options = LIBSCHED_JOBSERVER_OPTIONS_INIT;
  libsched_jobserver *jobserver = 0;
  libsched_error *error = (libsched_error *)UNTOUCHED;
  int status;
  options.makeflags = makeflags;
  options.flags = flags;
  options.fallback = fallback;
  status = libsched_jobserver_inherit(&jobserver, &options, &error);
  if (status != LIBSCHED_OK) check_fail(__FILE__, __LINE__, libsched_error_message(error));
  CHECK(jobserver != 0);
  CHECK(error == 0);
  return jobserver;
}

CHECK_HELPER libsched_jobserver *check_serve(uint32_t slots, uint32_t style, uint32_t flags) {
  libsched_jobserver *jobserver = 0;
  libsched_error *error = (libsched_error *)UNTOUCHED;
  int status = libsched_jobserver_serve(&jobserver, slots, style, flags, &error);
  if (status != LIBSCHED_OK) check_fail(__FILE__, __LINE__, libsched_error_message(error));
  CHECK(jobserver != 0);
  CHECK(error == 0);
  return jobserver;
}

CHECK_HELPER libsched_jobserver_stats check_stats(libsched_jobserver *jobserver) {
  libsched_jobserver_stats stats = LIBSCHED_JOBSERVER_STATS_INIT;
  CHECK_OK(libsched_jobserver_get_stats(&stats, jobserver));
  return stats;
}

CHECK_HELPER libsched_jobserver_info check_info(libsched_jobserver *jobserver) {
  libsched_jobserver_info info = LIBSCHED_JOBSERVER_INFO_INIT;
  CHECK_OK(libsched_jobserver_get_info(&info, jobserver));
  CHECK(info.variable != 0 && info.word != 0 && info.message != 0);
  return info;
}

/** A token, which must be there. */
CHECK_HELPER uint64_t check_take(libsched_jobserver *jobserver) {
  uint64_t token = LIBSCHED_NO_TOKEN;
  CHECK_OK(libsched_jobserver_try_acquire(&token, jobserver));
  CHECK(token != LIBSCHED_NO_TOKEN);
  return token;
}

/** A token that will come. */
CHECK_HELPER uint64_t check_await_token(libsched_jobserver *jobserver) {
  uint64_t token = LIBSCHED_NO_TOKEN;
  CHECK_OK(libsched_jobserver_acquire(&token, jobserver, CHECK_PATIENCE_NS, 0));
  CHECK(token != LIBSCHED_NO_TOKEN);
  return token;
}

/** There is none. */
CHECK_HELPER void check_no_token(libsched_jobserver *jobserver) {
  uint64_t token = 77;
  CHECK_STATUS(libsched_jobserver_try_acquire(&token, jobserver), LIBSCHED_E_EMPTY);
  CHECK_STATUS(libsched_jobserver_acquire(&token, jobserver, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_EQ(token, 77);
}

/** A thread that waits for a token. */
typedef struct check_taker {
  libsched_jobserver *jobserver;
  int64_t timeout_ns;
  libsched_cancel *cancel;
  uint64_t token;
  int status;
  int done;
  long thread_id;
  pthread_t thread;
} check_taker;

CHECK_HELPER void *check_taker_run(void *data) {
  check_taker *taker = (check_taker *)data;
  CHECK_SET(taker->thread_id, check_thread_id());
  taker->status =
      libsched_jobserver_acquire(&taker->token, taker->jobserver, taker->timeout_ns, taker->cancel);
  CHECK_SET(taker->done, 1);
  return 0;
}

CHECK_HELPER void check_taker_spawn(check_taker *taker, libsched_jobserver *jobserver,
                                    int64_t timeout_ns, libsched_cancel *cancel) {
  memset(taker, 0, sizeof(*taker));
  taker->jobserver = jobserver;
  taker->timeout_ns = timeout_ns;
  taker->cancel = cancel;
  taker->token = 77;
  taker->thread = check_spawn(check_taker_run, taker);
}

/** Starts one, and waits until its request stands in the line. */
CHECK_HELPER void check_taker_start(check_taker *taker, libsched_jobserver *jobserver,
                                    int64_t timeout_ns, libsched_cancel *cancel) {
  uint64_t before = check_stats(jobserver).waiting;
  check_taker_spawn(taker, jobserver, timeout_ns, cancel);
  CHECK_UNTIL(check_stats(jobserver).waiting == before + 1);
}

CHECK_HELPER int check_taker_end(check_taker *taker) {
  CHECK_UNTIL(CHECK_GET(taker->done));
  check_join(taker->thread);
  if (taker->status != LIBSCHED_OK) CHECK_EQ(taker->token, 77);
  return taker->status;
}

#endif
