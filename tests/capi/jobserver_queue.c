/* Tokens that come into a queue. */
#include "check_jobserver.h"
/* It goes first: check.h sets the feature macros. */
#include "check_queue.h"

enum { EXPLICIT = LIBSCHED_JOBSERVER_EXPLICIT };

static uint64_t pop_token(libsched_queue *queue) {
  void *out = UNTOUCHED;
  CHECK_OK(libsched_queue_pop(&out, queue, CHECK_PATIENCE_NS, 0));
  return (uint64_t)(uintptr_t)out;
}

CASE(tokens_come_into_a_queue) {
  check_tokens tokens = check_tokens_new("");
  libsched_jobserver *jobserver = check_inherit(tokens.makeflags, 0, 0);
  libsched_queue *queue = check_queue_new(0);
  uint64_t implicit;
  uint64_t token;
  int i;
  for (i = 0; i < 3; ++i) CHECK_OK(libsched_jobserver_acquire_into(jobserver, queue));
  implicit = pop_token(queue);
  CHECK_EQ(check_queue_len(queue), 0);
  CHECK_EQ(check_stats(jobserver).waiting, 2);
  check_tokens_add(&tokens, "A");
  token = pop_token(queue);
  CHECK_EQ(check_stats(jobserver).held, 1);
  CHECK_OK(libsched_jobserver_release(jobserver, implicit));
  implicit = pop_token(queue);
  CHECK_OK(libsched_jobserver_release(jobserver, token));
  CHECK_OK(libsched_jobserver_release(jobserver, implicit));
  CHECK_EQ(check_queue_len(queue), 0);
  libsched_queue_unref(queue);
  libsched_jobserver_unref(jobserver);
  check_tokens_end(&tokens, "A");
}

/* A queue that is full takes it anyway: a token is never held up. */
CASE(bound_of_the_queue_does_not_hold_up_a_token) {
  libsched_jobserver *jobserver = check_serve(3, LIBSCHED_JOBSERVER_PIPE, 0);
  libsched_queue *queue = check_queue_new(1);
  int i;
  for (i = 0; i < 3; ++i) CHECK_OK(libsched_jobserver_acquire_into(jobserver, queue));
  CHECK_EQ(check_queue_len(queue), 3);
  libsched_queue_unref(queue);
  libsched_jobserver_unref(jobserver);
}

CASE(a_closed_queue_gives_the_token_back) {
  libsched_jobserver *jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, EXPLICIT);
  libsched_queue *queue = check_queue_new(0);
  uint64_t token = check_take(jobserver);
  check_taker taker;
  CHECK_OK(libsched_jobserver_acquire_into(jobserver, queue));
  check_taker_start(&taker, jobserver, LIBSCHED_FOREVER, 0);
  CHECK_OK(libsched_queue_close(queue));
  CHECK_OK(libsched_jobserver_release(jobserver, token));
  /* The next in the line has it. */
  CHECK_OK(check_taker_end(&taker));
  CHECK_EQ(check_stats(jobserver).waiting, 0);
  CHECK_OK(libsched_jobserver_release(jobserver, taker.token));
  CHECK_OK(libsched_jobserver_acquire_into(jobserver, queue));
  CHECK_EQ(check_stats(jobserver).available, 1);
  CHECK_EQ(check_stats(jobserver).held, 0);
  libsched_queue_unref(queue);
  libsched_jobserver_unref(jobserver);
}

/* The request keeps the queue: its handle may go first. */
CASE(a_queue_without_a_handle) {
  check_tokens tokens = check_tokens_new("");
  libsched_jobserver *jobserver = check_inherit(tokens.makeflags, EXPLICIT, 0);
  libsched_queue *queue = check_queue_new(0);
  CHECK_OK(libsched_jobserver_acquire_into(jobserver, queue));
  libsched_queue_unref(queue);
  check_tokens_add(&tokens, "A");
  CHECK_UNTIL(check_stats(jobserver).waiting == 0);
  libsched_jobserver_unref(jobserver);
  check_tokens_end(&tokens, "A");
}

static void check_end(void (*end)(libsched_jobserver *jobserver)) {
  libsched_jobserver *jobserver = check_serve(1, LIBSCHED_JOBSERVER_PIPE, EXPLICIT);
  libsched_queue *queue = check_queue_new(0);
  int i;
  for (i = 0; i < 3; ++i) CHECK_OK(libsched_jobserver_acquire_into(jobserver, queue));
  end(jobserver);
  for (i = 0; i < 3; ++i) CHECK_EQ(pop_token(queue), LIBSCHED_NO_TOKEN);
  CHECK_EQ(check_queue_len(queue), 0);
  libsched_queue_unref(queue);
}

static void by_withdraw(libsched_jobserver *jobserver) {
  uint64_t withdrawn = 77;
  CHECK_OK(libsched_jobserver_withdraw(&withdrawn, jobserver));
  CHECK_EQ(withdrawn, 3);
  libsched_jobserver_unref(jobserver);
}

static void by_shutdown(libsched_jobserver *jobserver) {
  libsched_queue *queue = check_queue_new(0);
  CHECK_OK(libsched_jobserver_shutdown(0, jobserver));
  CHECK_STATUS(libsched_jobserver_acquire_into(jobserver, queue), LIBSCHED_E_CLOSED);
  CHECK_EQ(check_queue_len(queue), 0);
  libsched_queue_unref(queue);
  libsched_jobserver_unref(jobserver);
}

static void by_unref(libsched_jobserver *jobserver) { libsched_jobserver_unref(jobserver); }

CASE(withdraw_tells_the_queue) { check_end(by_withdraw); }
CASE(shutdown_tells_the_queue) { check_end(by_shutdown); }
CASE(last_unref_tells_the_queue) { check_end(by_unref); }

CASE(a_queue_of_bytes_is_refused) {
  libsched_jobserver *jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, 0);
  libsched_queue *bytes = check_queue_bytes(0, 0);
  CHECK_STATUS(libsched_jobserver_acquire_into(jobserver, bytes), LIBSCHED_E_STATE);
  libsched_queue_unref(bytes);
  libsched_jobserver_unref(jobserver);
}

CASES = {RUN(tokens_come_into_a_queue),
         RUN(bound_of_the_queue_does_not_hold_up_a_token),
         RUN(a_closed_queue_gives_the_token_back),
         RUN(a_queue_without_a_handle),
         RUN(withdraw_tells_the_queue),
         RUN(shutdown_tells_the_queue),
         RUN(last_unref_tells_the_queue),
         RUN(a_queue_of_bytes_is_refused),
         CASES_END};
