/* Calls with a token, by a thread of the jobserver's own. */
#include "check_jobserver.h"

enum { EXPLICIT = LIBSCHED_JOBSERVER_EXPLICIT };

typedef struct calls {
  libsched_jobserver *jobserver;
  check_event called;
  check_event discarded;
  uint64_t token;
  long thread_id;
} calls;

#define CALLS_INIT \
  { 0, CHECK_EVENT_INIT, CHECK_EVENT_INIT, 0, 0 }

static void keep(uint64_t token, void *data) {
  calls *c = (calls *)data;
  CHECK(token != LIBSCHED_NO_TOKEN);
  c->token = token;
  c->thread_id = check_thread_id();
  check_event_add(&c->called, 1);
}

static void give_back(uint64_t token, void *data) {
  calls *c = (calls *)data;
  CHECK_OK(libsched_jobserver_release(c->jobserver, token));
  check_event_add(&c->called, 1);
}

static void discard(void *data) { check_event_add(&((calls *)data)->discarded, 1); }

CASE(a_call_with_a_token) {
  static calls c = CALLS_INIT;
  check_tokens tokens = check_tokens_new("");
  c.jobserver = check_inherit(tokens.makeflags, EXPLICIT, 0);
  CHECK_OK(libsched_jobserver_acquire_call(c.jobserver, keep, &c, discard));
  CHECK_EQ(check_stats(c.jobserver).waiting, 1);
  CHECK_EQ(check_event_count(&c.called), 0);
  check_tokens_add(&tokens, "A");
  CHECK_AWAIT(&c.called, 1);
  CHECK(c.thread_id != check_thread_id());
  CHECK_OK(libsched_jobserver_release(c.jobserver, c.token));
  libsched_jobserver_unref(c.jobserver);
  check_tokens_end(&tokens, "A");
  CHECK_EQ(check_event_count(&c.discarded), 0);
}

/* Each gives back what the next one waits for. */
CASE(calls_that_release) {
  enum { N = 1000 };
  static calls c = CALLS_INIT;
  int i;
  c.jobserver = check_serve(1, LIBSCHED_JOBSERVER_PIPE, 0);
  for (i = 0; i < N; ++i) {
    CHECK_OK(libsched_jobserver_acquire_call(c.jobserver, give_back, &c, discard));
  }
  CHECK_AWAIT(&c.called, N);
  libsched_jobserver_unref(c.jobserver);
  CHECK_EQ(check_event_count(&c.discarded), 0);
}

static void ask_again(uint64_t token, void *data) {
  calls *c = (calls *)data;
  uint64_t other = 77;
  CHECK_STATUS(libsched_jobserver_try_acquire(&other, c->jobserver), LIBSCHED_E_EMPTY);
  CHECK_STATUS(libsched_jobserver_acquire(&other, c->jobserver, 1, 0), LIBSCHED_E_TIMEOUT);
  if (check_event_count(&c->called) < 100) {
    CHECK_OK(libsched_jobserver_acquire_call(c->jobserver, ask_again, c, discard));
  }
  give_back(token, data);
}

CASE(calls_that_ask_again) {
  static calls c = CALLS_INIT;
  c.jobserver = check_serve(1, LIBSCHED_JOBSERVER_PIPE, 0);
  CHECK_OK(libsched_jobserver_acquire_call(c.jobserver, ask_again, &c, discard));
  CHECK_AWAIT(&c.called, 101);
  libsched_jobserver_unref(c.jobserver);
}

static void unref_it(uint64_t token, void *data) {
  calls *c = (calls *)data;
  CHECK(token != LIBSCHED_NO_TOKEN);
  libsched_jobserver_unref(c->jobserver);
  check_event_add(&c->called, 1);
}

/* The token goes back as well, and who waits is told. */
CASE(a_call_that_drops_the_last_handle) {
  static calls c = CALLS_INIT;
  check_tokens tokens = check_tokens_new("");
  int fds = check_fds();
  int threads = check_threads_at_rest();
  c.jobserver = check_inherit(tokens.makeflags, EXPLICIT, 0);
  CHECK_OK(libsched_jobserver_acquire_call(c.jobserver, unref_it, &c, discard));
  CHECK_OK(libsched_jobserver_acquire_call(c.jobserver, keep, &c, discard));
  CHECK_OK(libsched_jobserver_acquire_call(c.jobserver, keep, &c, 0));
  check_tokens_add(&tokens, "A");
  CHECK_AWAIT(&c.called, 1);
  CHECK_AWAIT(&c.discarded, 1);
  CHECK_UNTIL(check_threads() == threads);
  CHECK_FDS(fds);
  CHECK_EQ(check_event_count(&c.called), 1);
  check_tokens_end(&tokens, "A");
}

static void end_thread(uint64_t token, void *data) {
  give_back(token, data);
  pthread_exit(0);
}

CASE(calls_that_end_their_thread) {
  static calls c = CALLS_INIT;
  int threads = check_threads_at_rest();
  int i;
  c.jobserver = check_serve(1, LIBSCHED_JOBSERVER_PIPE, 0);
  for (i = 0; i < 20; ++i) {
    CHECK_OK(libsched_jobserver_acquire_call(c.jobserver, end_thread, &c, discard));
  }
  CHECK_AWAIT(&c.called, 20);
  libsched_jobserver_unref(c.jobserver);
  CHECK_UNTIL(check_threads() == threads);
  CHECK_EQ(check_event_count(&c.discarded), 0);
}

static void unref_and_end_thread(uint64_t token, void *data) {
  unref_it(token, data);
  pthread_exit(0);
}

static void discard_and_end_thread(void *data) {
  discard(data);
  pthread_exit(0);
}

CASE(the_last_call_ends_its_thread) {
  static calls c = CALLS_INIT;
  int threads = check_threads_at_rest();
  c.jobserver = check_serve(1, LIBSCHED_JOBSERVER_PIPE, 0);
  CHECK_OK(libsched_jobserver_acquire_call(c.jobserver, unref_and_end_thread, &c, discard));
  CHECK_AWAIT(&c.called, 1);
  CHECK_UNTIL(check_threads() == threads);
}

static void check_discards(void (*end)(libsched_jobserver *jobserver), libsched_discard_fn how) {
  static calls c = CALLS_INIT;
  int threads = check_threads_at_rest();
  libsched_jobserver *jobserver = check_serve(1, LIBSCHED_JOBSERVER_PIPE, EXPLICIT);
  int i;
  for (i = 0; i < 3; ++i) {
    CHECK_OK(libsched_jobserver_acquire_call(jobserver, keep, &c, i == 1 ? how : discard));
  }
  end(jobserver);
  CHECK_AWAIT(&c.discarded, 3);
  CHECK_UNTIL(check_threads() == threads);
  CHECK_EQ(check_event_count(&c.discarded), 3);
  CHECK_EQ(check_event_count(&c.called), 0);
}

static void by_withdraw(libsched_jobserver *jobserver) {
  uint64_t withdrawn = 77;
  CHECK_OK(libsched_jobserver_withdraw(&withdrawn, jobserver));
  CHECK_EQ(withdrawn, 3);
  libsched_jobserver_unref(jobserver);
}

static void by_unref(libsched_jobserver *jobserver) { libsched_jobserver_unref(jobserver); }

static void by_shutdown(libsched_jobserver *jobserver) {
  static calls c = CALLS_INIT;
  CHECK_OK(libsched_jobserver_shutdown(0, jobserver));
  CHECK_STATUS(libsched_jobserver_acquire_call(jobserver, keep, &c, discard), LIBSCHED_E_CLOSED);
  CHECK_EQ(check_event_count(&c.discarded), 0);
  libsched_jobserver_unref(jobserver);
}

CASE(withdraw_discards_calls) { check_discards(by_withdraw, discard); }
CASE(shutdown_discards_calls) { check_discards(by_shutdown, discard); }
CASE(last_unref_discards_calls) { check_discards(by_unref, discard); }
CASE(a_discard_that_ends_its_thread) { check_discards(by_unref, discard_and_end_thread); }

CASES = {RUN(a_call_with_a_token),
         RUN(calls_that_release),
         RUN(calls_that_ask_again),
         RUN(a_call_that_drops_the_last_handle),
         RUN(calls_that_end_their_thread),
         RUN(the_last_call_ends_its_thread),
         RUN(withdraw_discards_calls),
         RUN(shutdown_discards_calls),
         RUN(last_unref_discards_calls),
         RUN(a_discard_that_ends_its_thread),
         CASES_END};
