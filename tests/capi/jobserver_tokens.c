/* Tokens: the implicit slot first, the very byte back, and what is no token. */
#include "check_jobserver.h"

static int64_t waiting_bytes(int fd) {
  int n = -1;
  CHECK_EQ(ioctl(fd, FIONREAD, &n), 0);
  return n;
}

CASE(implicit_slot_is_first_and_never_written) {
  check_tokens tokens = check_tokens_new("AB");
  libsched_jobserver *jobserver = check_inherit(tokens.makeflags, 0, 0);
  uint64_t implicit = check_take(jobserver);
  uint64_t other;
  CHECK_EQ(waiting_bytes(tokens.read_fd), 2);
  CHECK_EQ(check_stats(jobserver).held, 0);
  other = check_take(jobserver);
  CHECK_EQ(waiting_bytes(tokens.read_fd), 1);
  CHECK_EQ(check_stats(jobserver).held, 1);
  CHECK_OK(libsched_jobserver_release(jobserver, implicit));
  CHECK_EQ(waiting_bytes(tokens.read_fd), 1);
  /* It is handed out again before another byte is read. */
  implicit = check_take(jobserver);
  CHECK_EQ(waiting_bytes(tokens.read_fd), 1);
  CHECK_OK(libsched_jobserver_release(jobserver, other));
  CHECK_OK(libsched_jobserver_release(jobserver, implicit));
  libsched_jobserver_unref(jobserver);
  check_tokens_end(&tokens, "AB");
}

CASE(byte_that_was_read_is_written) {
  static const char bytes[] = "ABCDEFG";
  check_tokens tokens = check_tokens_new(bytes);
  libsched_jobserver *jobserver = check_inherit(tokens.makeflags, 0, 0);
  uint64_t taken[8];
  int i;
  for (i = 0; i < 8; ++i) taken[i] = check_take(jobserver);
  check_no_token(jobserver);
  /* In another order, one at a time: the byte that comes is the one that this token was. */
  for (i = 7; i > 0; i -= 2) {
    char byte = 0;
    CHECK_OK(libsched_jobserver_release(jobserver, taken[i]));
    CHECK_EQ(read(tokens.read_fd, &byte, 1), 1);
    CHECK_EQ(byte, bytes[i - 1]);
  }
  CHECK_OK(libsched_jobserver_release(jobserver, taken[0]));
  for (i = 2; i < 8; i += 2) CHECK_OK(libsched_jobserver_release(jobserver, taken[i]));
  libsched_jobserver_unref(jobserver);
  check_tokens_end(&tokens, "BDF");
}

/* Every byte there is, 0 and 255 too. */
CASE(any_byte_is_a_token) {
  check_tokens tokens = check_tokens_new("");
  libsched_jobserver *jobserver = check_inherit(tokens.makeflags, LIBSCHED_JOBSERVER_EXPLICIT, 0);
  int i;
  for (i = 0; i < 256; ++i) {
    unsigned char byte = (unsigned char)i;
    uint64_t token;
    CHECK_EQ(write(tokens.write_fd, &byte, 1), 1);
    token = check_take(jobserver);
    check_no_token(jobserver);
    CHECK_OK(libsched_jobserver_release(jobserver, token));
    byte = (unsigned char)~i;
    CHECK_EQ(read(tokens.read_fd, &byte, 1), 1);
    CHECK_EQ(byte, i);
  }
  libsched_jobserver_unref(jobserver);
  check_tokens_end(&tokens, "");
}

CASE(explicit_never_hands_out_the_implicit_slot) {
  check_tokens tokens = check_tokens_new("A");
  libsched_jobserver *jobserver = check_inherit(tokens.makeflags, LIBSCHED_JOBSERVER_EXPLICIT, 0);
  uint64_t token = check_take(jobserver);
  CHECK_EQ(waiting_bytes(tokens.read_fd), 0);
  check_no_token(jobserver);
  CHECK_OK(libsched_jobserver_release(jobserver, token));
  libsched_jobserver_unref(jobserver);
  check_tokens_end(&tokens, "A");
}

CASE(what_is_held_goes_back_with_the_last_handle) {
  check_tokens tokens = check_tokens_new("ABC");
  libsched_jobserver *jobserver = check_inherit(tokens.makeflags, 0, 0);
  int i;
  for (i = 0; i < 3; ++i) check_take(jobserver);
  CHECK_EQ(waiting_bytes(tokens.read_fd), 1);
  libsched_jobserver_unref(jobserver);
  check_tokens_end(&tokens, "ABC");
}

/* --- what is no token --- */

CASE(stale_and_forged_tokens) {
  check_tokens tokens = check_tokens_new("AB");
  libsched_jobserver *jobserver = check_inherit(tokens.makeflags, 0, 0);
  uint64_t implicit = check_take(jobserver);
  uint64_t token = check_take(jobserver);
  uint64_t again;
  uint64_t random = 1;
  int i;
  CHECK_STATUS(libsched_jobserver_release(jobserver, LIBSCHED_NO_TOKEN), LIBSCHED_E_STALE);
  CHECK_STATUS(libsched_jobserver_release(jobserver, ~(uint64_t)0), LIBSCHED_E_STALE);
  CHECK_STATUS(libsched_jobserver_release(jobserver, token + 1), LIBSCHED_E_STALE);
  CHECK_STATUS(libsched_jobserver_release(jobserver, token + ((uint64_t)1 << 32)),
               LIBSCHED_E_STALE);
  for (i = 0; i < 10000; ++i) {
    uint64_t forged = (uint64_t)check_random(&random) << 32 | check_random(&random);
    if (forged == token || forged == implicit) continue;
    CHECK_STATUS(libsched_jobserver_release(jobserver, forged), LIBSCHED_E_STALE);
  }
  for (i = 0; i < 64; ++i) {
    uint64_t forged = (uint64_t)1 << i;
    if (forged == token || forged == implicit) continue;
    CHECK_STATUS(libsched_jobserver_release(jobserver, forged), LIBSCHED_E_STALE);
  }
  CHECK_EQ(waiting_bytes(tokens.read_fd), 1);
  CHECK_OK(libsched_jobserver_release(jobserver, token));
  CHECK_STATUS(libsched_jobserver_release(jobserver, token), LIBSCHED_E_STALE);
  CHECK_EQ(waiting_bytes(tokens.read_fd), 2);
  /* Its place is somebody else's by now. */
  again = check_take(jobserver);
  CHECK(again != token);
  CHECK_STATUS(libsched_jobserver_release(jobserver, token), LIBSCHED_E_STALE);
  CHECK_EQ(waiting_bytes(tokens.read_fd), 1);
  CHECK_OK(libsched_jobserver_release(jobserver, again));
  CHECK_OK(libsched_jobserver_release(jobserver, implicit));
  CHECK_STATUS(libsched_jobserver_release(jobserver, implicit), LIBSCHED_E_STALE);
  /* Given back twice it would be handed out twice. */
  CHECK(check_take(jobserver) != implicit);
  check_take(jobserver);
  check_take(jobserver);
  check_no_token(jobserver);
  libsched_jobserver_unref(jobserver);
  check_tokens_end(&tokens, "AB");
}

CASE(tokens_of_another_jobserver) {
  check_tokens one = check_tokens_new("A");
  check_tokens two = check_tokens_new("B");
  libsched_jobserver *first = check_inherit(one.makeflags, LIBSCHED_JOBSERVER_EXPLICIT, 0);
  libsched_jobserver *second = check_inherit(two.makeflags, LIBSCHED_JOBSERVER_EXPLICIT, 0);
  uint64_t token = check_take(first);
  CHECK_STATUS(libsched_jobserver_release(second, token), LIBSCHED_E_STALE);
  CHECK_OK(libsched_jobserver_release(first, token));
  libsched_jobserver_unref(first);
  libsched_jobserver_unref(second);
  check_tokens_end(&one, "A");
  check_tokens_end(&two, "B");
}

/* --- flags of the descriptions that are shared --- */

static void use_some(const check_tokens *tokens) {
  libsched_jobserver *jobserver = check_inherit(tokens->makeflags, LIBSCHED_JOBSERVER_EXPLICIT, 0);
  uint64_t token = check_take(jobserver);
  check_taker taker;
  check_no_token(jobserver);
  check_taker_start(&taker, jobserver, LIBSCHED_FOREVER, 0);
  CHECK_OK(libsched_jobserver_release(jobserver, token));
  CHECK_OK(check_taker_end(&taker));
  CHECK_OK(libsched_jobserver_release(jobserver, taker.token));
  libsched_jobserver_unref(jobserver);
}

CASE(flags_of_inherited_descriptions_stay) {
  check_tokens tokens = check_tokens_new("A");
  int flags = fcntl(tokens.read_fd, F_GETFL);
  CHECK_EQ(flags & O_NONBLOCK, 0);
  use_some(&tokens);
  CHECK_EQ(fcntl(tokens.read_fd, F_GETFL), flags);
  CHECK_EQ(fcntl(tokens.write_fd, F_GETFL) & O_NONBLOCK, 0);
  CHECK_EQ(fcntl(tokens.read_fd, F_GETFD), 0);
  check_tokens_end(&tokens, "A");
}

/* make leaves them so. */
CASE(nonblocking_descriptions_do_no_harm) {
  check_tokens tokens = check_tokens_new("A");
  CHECK_EQ(fcntl(tokens.read_fd, F_SETFL, O_NONBLOCK), 0);
  CHECK_EQ(fcntl(tokens.write_fd, F_SETFL, O_NONBLOCK), 0);
  use_some(&tokens);
  CHECK(fcntl(tokens.read_fd, F_GETFL) & O_NONBLOCK);
  CHECK(fcntl(tokens.write_fd, F_GETFL) & O_NONBLOCK);
  check_tokens_end(&tokens, "A");
}

/* --- the other end is gone --- */

/* A pool of two pipes, as a broker's: this process holds no end that would keep it from its end. */
typedef struct two_pipes {
  int feed;
  int back;
  libsched_jobserver *jobserver;
} two_pipes;

static two_pipes two_pipes_new(uint64_t flags) {
  two_pipes pipes;
  check_tokens tokens;
  int feed[2];
  int back[2];
  CHECK_EQ(pipe(feed), 0);
  CHECK_EQ(pipe(back), 0);
  tokens.read_fd = feed[0];
  tokens.write_fd = back[1];
  check_tokens_name(&tokens);
  pipes.jobserver = check_inherit(tokens.makeflags, flags, 0);
  CHECK_STATUS(check_info(pipes.jobserver).status, LIBSCHED_OK);
  pipes.feed = feed[1];
  pipes.back = back[0];
  close(feed[0]);
  close(back[1]);
  return pipes;
}

CASE(two_pipes_are_one_jobserver) {
  two_pipes pipes = two_pipes_new(LIBSCHED_JOBSERVER_EXPLICIT);
  uint64_t token;
  char byte = 0;
  check_no_token(pipes.jobserver);
  CHECK_EQ(write(pipes.feed, "Q", 1), 1);
  token = check_take(pipes.jobserver);
  CHECK_OK(libsched_jobserver_release(pipes.jobserver, token));
  CHECK_EQ(read(pipes.back, &byte, 1), 1);
  CHECK_EQ(byte, 'Q');
  check_no_token(pipes.jobserver);
  libsched_jobserver_unref(pipes.jobserver);
  CHECK_EQ(read(pipes.back, &byte, 1), 0);
  close(pipes.feed);
  close(pipes.back);
}

CASE(end_of_the_pool_is_told_once) {
  two_pipes pipes = two_pipes_new(0);
  uint64_t token = check_take(pipes.jobserver);
  uint64_t none = 77;
  close(pipes.feed);
  CHECK_STATUS(libsched_jobserver_acquire(&none, pipes.jobserver, CHECK_PATIENCE_NS, 0), -EPIPE);
  CHECK_EQ(none, 77);
  check_no_token(pipes.jobserver);
  /* There is still the implicit slot, for who waits too. */
  CHECK_OK(libsched_jobserver_release(pipes.jobserver, token));
  token = check_take(pipes.jobserver);
  {
    check_taker taker;
    check_taker_start(&taker, pipes.jobserver, LIBSCHED_FOREVER, 0);
    CHECK_OK(libsched_jobserver_release(pipes.jobserver, token));
    CHECK_OK(check_taker_end(&taker));
    CHECK_OK(libsched_jobserver_release(pipes.jobserver, taker.token));
  }
  libsched_jobserver_unref(pipes.jobserver);
  close(pipes.back);
}

CASE(end_of_the_pool_reaches_one_who_waits) {
  two_pipes pipes = two_pipes_new(0);
  check_taker first;
  check_taker second;
  uint64_t token = check_take(pipes.jobserver);
  check_taker_start(&first, pipes.jobserver, LIBSCHED_FOREVER, 0);
  check_taker_start(&second, pipes.jobserver, LIBSCHED_FOREVER, 0);
  close(pipes.feed);
  CHECK_STATUS(check_taker_end(&first), -EPIPE);
  CHECK_EQ(CHECK_GET(second.done), 0);
  CHECK_OK(libsched_jobserver_release(pipes.jobserver, token));
  CHECK_OK(check_taker_end(&second));
  libsched_jobserver_unref(pipes.jobserver);
  close(pipes.back);
}

/* Without the implicit slot nothing is left, and nobody may wait for it. */
CASE(end_of_the_pool_with_explicit_tokens) {
  two_pipes pipes = two_pipes_new(LIBSCHED_JOBSERVER_EXPLICIT);
  uint64_t none = 77;
  int i;
  close(pipes.feed);
  for (i = 0; i < 3; ++i) {
    CHECK_STATUS(libsched_jobserver_acquire(&none, pipes.jobserver, LIBSCHED_FOREVER, 0), -EPIPE);
  }
  CHECK_EQ(none, 77);
  libsched_jobserver_unref(pipes.jobserver);
  close(pipes.back);
}

/* SIGPIPE, whose default is the end of the process, does not come. */
CASE(tokens_that_nobody_takes_back) {
  two_pipes pipes = two_pipes_new(LIBSCHED_JOBSERVER_EXPLICIT);
  uint64_t token;
  sigset_t pending;
  signal(SIGPIPE, SIG_DFL);
  CHECK_EQ(write(pipes.feed, "AB", 2), 2);
  token = check_take(pipes.jobserver);
  check_take(pipes.jobserver);
  close(pipes.back);
  CHECK_OK(libsched_jobserver_release(pipes.jobserver, token));
  CHECK_EQ(check_stats(pipes.jobserver).lost, 1);
  CHECK_STATUS(libsched_jobserver_release(pipes.jobserver, token), LIBSCHED_E_STALE);
  CHECK_EQ(sigpending(&pending), 0);
  CHECK_EQ(sigismember(&pending, SIGPIPE), 0);
  libsched_jobserver_unref(pipes.jobserver);
  close(pipes.feed);
}

/* One that the host has pending and blocked stays so. */
CASE(a_pending_sigpipe_is_the_hosts) {
  two_pipes pipes = two_pipes_new(LIBSCHED_JOBSERVER_EXPLICIT);
  sigset_t set;
  sigset_t pending;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  CHECK_EQ(pthread_sigmask(SIG_BLOCK, &set, 0), 0);
  CHECK_EQ(raise(SIGPIPE), 0);
  CHECK_EQ(write(pipes.feed, "A", 1), 1);
  close(pipes.back);
  CHECK_OK(libsched_jobserver_release(pipes.jobserver, check_take(pipes.jobserver)));
  CHECK_EQ(sigpending(&pending), 0);
  CHECK_EQ(sigismember(&pending, SIGPIPE), 1);
  libsched_jobserver_unref(pipes.jobserver);
  close(pipes.feed);
}

CASES = {RUN(implicit_slot_is_first_and_never_written),
         RUN(byte_that_was_read_is_written),
         RUN(any_byte_is_a_token),
         RUN(explicit_never_hands_out_the_implicit_slot),
         RUN(what_is_held_goes_back_with_the_last_handle),
         RUN(stale_and_forged_tokens),
         RUN(tokens_of_another_jobserver),
         RUN(flags_of_inherited_descriptions_stay),
         RUN(nonblocking_descriptions_do_no_harm),
         RUN(two_pipes_are_one_jobserver),
         RUN(end_of_the_pool_is_told_once),
         RUN(end_of_the_pool_reaches_one_who_waits),
         RUN(end_of_the_pool_with_explicit_tokens),
         RUN(tokens_that_nobody_takes_back),
         RUN(a_pending_sigpipe_is_the_hosts),
         CASES_END};
