/* Waiting for a token: in order, until a time, until it is cancelled, withdrawn or over. */
#include "check_jobserver.h"
/* It goes first: check.h sets the feature macros. */
#include "check_spare.h"

enum { EXPLICIT = LIBSCHED_JOBSERVER_EXPLICIT };

CASE(waits_for_a_token_of_this_process) {
  libsched_jobserver *jobserver = check_serve(1, LIBSCHED_JOBSERVER_PIPE, 0);
  uint64_t token = check_take(jobserver);
  check_taker taker;
  check_taker_start(&taker, jobserver, LIBSCHED_FOREVER, 0);
  CHECK_OK(libsched_jobserver_release(jobserver, token));
  CHECK_OK(check_taker_end(&taker));
  CHECK(taker.token != token);
  CHECK_OK(libsched_jobserver_release(jobserver, taker.token));
  libsched_jobserver_unref(jobserver);
}

CASE(waits_for_a_token_of_another_process) {
  check_tokens tokens = check_tokens_new("");
  libsched_jobserver *jobserver = check_inherit(tokens.makeflags, EXPLICIT, 0);
  check_taker taker;
  check_taker_start(&taker, jobserver, LIBSCHED_FOREVER, 0);
  check_tokens_add(&tokens, "Z");
  CHECK_OK(check_taker_end(&taker));
  CHECK_OK(libsched_jobserver_release(jobserver, taker.token));
  libsched_jobserver_unref(jobserver);
  check_tokens_end(&tokens, "Z");
}

/* Again and again: nothing is told more than once, and nothing is forgotten. */
CASE(many_tokens_of_another_process) {
  check_tokens tokens = check_tokens_new("");
  libsched_jobserver *jobserver = check_inherit(tokens.makeflags, EXPLICIT, 0);
  int i;
  for (i = 0; i < CHECK_SCALE(300, 50); ++i) {
    check_taker taker;
    char byte = 0;
    check_taker_start(&taker, jobserver, LIBSCHED_FOREVER, 0);
    check_tokens_add(&tokens, "Z");
    CHECK_OK(check_taker_end(&taker));
    CHECK_OK(libsched_jobserver_release(jobserver, taker.token));
    CHECK_EQ(read(tokens.read_fd, &byte, 1), 1);
  }
  libsched_jobserver_unref(jobserver);
  check_tokens_end(&tokens, "");
}

CASE(who_came_first_is_served_first) {
  enum { N = 6 };
  check_tokens tokens = check_tokens_new("");
  libsched_jobserver *jobserver = check_inherit(tokens.makeflags, EXPLICIT, 0);
  check_taker takers[N];
  int i;
  for (i = 0; i < N; ++i) check_taker_start(&takers[i], jobserver, LIBSCHED_FOREVER, 0);
  for (i = 0; i < N; ++i) {
    int k;
    check_tokens_add(&tokens, "Z");
    CHECK_OK(check_taker_end(&takers[i]));
    for (k = i + 1; k < N; ++k) CHECK_EQ(CHECK_GET(takers[k].done), 0);
    CHECK_EQ(check_stats(jobserver).waiting, N - 1 - i);
  }
  libsched_jobserver_unref(jobserver);
  check_tokens_end(&tokens, "ZZZZZZ");
}

/* Who does not wait must not go before those who do. */
CASE(try_does_not_jump_the_line) {
  libsched_jobserver *jobserver = check_serve(1, LIBSCHED_JOBSERVER_PIPE, 0);
  uint64_t token = check_take(jobserver);
  check_taker taker;
  int i;
  check_taker_start(&taker, jobserver, LIBSCHED_FOREVER, 0);
  for (i = 0; i < 100; ++i) check_no_token(jobserver);
  CHECK_OK(libsched_jobserver_release(jobserver, token));
  check_no_token(jobserver);
  CHECK_OK(check_taker_end(&taker));
  libsched_jobserver_unref(jobserver);
}

CASE(timeout) {
  check_tokens tokens = check_tokens_new("");
  libsched_jobserver *jobserver = check_inherit(tokens.makeflags, EXPLICIT, 0);
  uint64_t token = 77;
  int64_t begin = check_now_ns();
  CHECK_STATUS(libsched_jobserver_acquire(&token, jobserver, 20000000, 0), LIBSCHED_E_TIMEOUT);
  CHECK_LE(20000000, check_now_ns() - begin);
  CHECK_STATUS(libsched_jobserver_acquire(&token, jobserver, 1, 0), LIBSCHED_E_TIMEOUT);
  CHECK_STATUS(libsched_jobserver_acquire(&token, jobserver, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_EQ(token, 77);
  CHECK_EQ(check_stats(jobserver).waiting, 0);
  /* What comes after it is nobody's. */
  check_tokens_add(&tokens, "Z");
  CHECK_OK(libsched_jobserver_release(jobserver, check_await_token(jobserver)));
  libsched_jobserver_unref(jobserver);
  check_tokens_end(&tokens, "Z");
}

CASE(longest_timeout) {
  libsched_jobserver *jobserver = check_serve(1, LIBSCHED_JOBSERVER_PIPE, 0);
  uint64_t token = check_take(jobserver);
  check_taker taker;
  check_taker_start(&taker, jobserver, (int64_t)(((uint64_t)1 << 63) - 1), 0);
  CHECK_OK(libsched_jobserver_release(jobserver, token));
  CHECK_OK(check_taker_end(&taker));
  libsched_jobserver_unref(jobserver);
}

CASE(cancel_ends_a_wait) {
  check_tokens tokens = check_tokens_new("");
  libsched_jobserver *jobserver = check_inherit(tokens.makeflags, EXPLICIT, 0);
  libsched_cancel *cancel = 0;
  check_taker cancelled;
  check_taker other;
  CHECK_OK(libsched_cancel_create(&cancel));
  check_taker_start(&cancelled, jobserver, LIBSCHED_FOREVER, cancel);
  check_taker_start(&other, jobserver, LIBSCHED_FOREVER, 0);
  check_until_asleep(&cancelled.thread_id);
  CHECK_OK(libsched_cancel_trigger(cancel));
  CHECK_STATUS(check_taker_end(&cancelled), LIBSCHED_E_CANCELLED);
  CHECK_EQ(CHECK_GET(other.done), 0);
  CHECK_EQ(check_stats(jobserver).waiting, 1);
  check_tokens_add(&tokens, "Z");
  CHECK_OK(check_taker_end(&other));
  libsched_jobserver_unref(jobserver);
  libsched_cancel_unref(cancel);
  check_tokens_end(&tokens, "Z");
}

CASE(cancelled_before) {
  libsched_jobserver *jobserver = check_serve(1, LIBSCHED_JOBSERVER_PIPE, 0);
  libsched_cancel *cancel = 0;
  uint64_t token = 77;
  CHECK_OK(libsched_cancel_create(&cancel));
  CHECK_OK(libsched_cancel_trigger(cancel));
  check_take(jobserver);
  CHECK_STATUS(libsched_jobserver_acquire(&token, jobserver, LIBSCHED_FOREVER, cancel),
               LIBSCHED_E_CANCELLED);
  CHECK_STATUS(libsched_jobserver_acquire(&token, jobserver, 0, cancel), LIBSCHED_E_CANCELLED);
  CHECK_EQ(token, 77);
  libsched_jobserver_unref(jobserver);
  libsched_cancel_unref(cancel);
}

/* A token and the end of the wait meet: it is either had or left, never lost. */
CASE(cancel_races_with_a_token) {
  check_tokens tokens = check_tokens_new("A");
  libsched_jobserver *jobserver = check_inherit(tokens.makeflags, EXPLICIT, 0);
  int round;
  for (round = 0; round < CHECK_SCALE(500, 100); ++round) {
    libsched_cancel *cancel = 0;
    check_taker taker;
    uint64_t token = check_take(jobserver);
    CHECK_OK(libsched_cancel_create(&cancel));
    if (round % 3 == 0) {
      check_taker_spawn(&taker, jobserver, 200000, cancel);
    } else {
      check_taker_start(&taker, jobserver, LIBSCHED_FOREVER, cancel);
    }
    if (round % 2 == 0) CHECK_OK(libsched_cancel_trigger(cancel));
    CHECK_OK(libsched_jobserver_release(jobserver, token));
    if (round % 2 == 1) CHECK_OK(libsched_cancel_trigger(cancel));
    if (check_taker_end(&taker) == LIBSCHED_OK) {
      CHECK_OK(libsched_jobserver_release(jobserver, taker.token));
    }
    libsched_cancel_unref(cancel);
  }
  libsched_jobserver_unref(jobserver);
  check_tokens_end(&tokens, "A");
}

CASE(withdraw_ends_all_waits) {
  check_tokens tokens = check_tokens_new("");
  libsched_jobserver *jobserver = check_inherit(tokens.makeflags, EXPLICIT, 0);
  check_taker takers[4];
  uint64_t withdrawn = 77;
  int i;
  CHECK_OK(libsched_jobserver_withdraw(&withdrawn, jobserver));
  CHECK_EQ(withdrawn, 0);
  for (i = 0; i < 4; ++i) check_taker_start(&takers[i], jobserver, LIBSCHED_FOREVER, 0);
  CHECK_OK(libsched_jobserver_withdraw(&withdrawn, jobserver));
  CHECK_EQ(withdrawn, 4);
  for (i = 0; i < 4; ++i) CHECK_STATUS(check_taker_end(&takers[i]), LIBSCHED_E_CLOSED);
  CHECK_EQ(check_stats(jobserver).waiting, 0);
  CHECK_OK(libsched_jobserver_withdraw(0, jobserver));
  /* It goes on. */
  check_tokens_add(&tokens, "Z");
  CHECK_OK(libsched_jobserver_release(jobserver, check_await_token(jobserver)));
  libsched_jobserver_unref(jobserver);
  check_tokens_end(&tokens, "Z");
}

CASE(shutdown_ends_all_waits) {
  check_tokens tokens = check_tokens_new("");
  libsched_jobserver *jobserver = check_inherit(tokens.makeflags, EXPLICIT, 0);
  check_taker takers[3];
  uint64_t token = 77;
  int i;
  for (i = 0; i < 3; ++i) check_taker_start(&takers[i], jobserver, LIBSCHED_FOREVER, 0);
  CHECK_OK(libsched_jobserver_shutdown(0, jobserver));
  for (i = 0; i < 3; ++i) CHECK_STATUS(check_taker_end(&takers[i]), LIBSCHED_E_CLOSED);
  check_tokens_add(&tokens, "Z");
  CHECK_STATUS(libsched_jobserver_try_acquire(&token, jobserver), LIBSCHED_E_CLOSED);
  CHECK_STATUS(libsched_jobserver_acquire(&token, jobserver, LIBSCHED_FOREVER, 0),
               LIBSCHED_E_CLOSED);
  CHECK_EQ(token, 77);
  libsched_jobserver_unref(jobserver);
  check_tokens_end(&tokens, "Z");
}

/* As documented: with the last reference requests that wait are told so. */
CASE(last_unref_ends_all_waits) {
  int round;
  for (round = 0; round < CHECK_SCALE(200, 50); ++round) {
    check_tokens tokens = check_tokens_new("");
    libsched_jobserver *jobserver = check_inherit(tokens.makeflags, EXPLICIT, 0);
    check_taker taker;
    check_taker_start(&taker, jobserver, LIBSCHED_FOREVER, 0);
    libsched_jobserver_unref(jobserver);
    CHECK_STATUS(check_taker_end(&taker), LIBSCHED_E_CLOSED);
    check_tokens_end(&tokens, "");
  }
}

/* --- on a worker --- */

typedef struct two_tasks {
  libsched_jobserver *jobserver;
  uint64_t token;
  check_event asks;
  check_event got;
} two_tasks;

static int take_token(libsched_task *task, void *data) {
  two_tasks *t = (two_tasks *)data;
  uint64_t token = 0;
  (void)task;
  check_event_add(&t->asks, 1);
  CHECK_OK(libsched_jobserver_acquire(&token, t->jobserver, CHECK_PATIENCE_NS, 0));
  CHECK_OK(libsched_jobserver_release(t->jobserver, token));
  check_event_add(&t->got, 1);
  return 0;
}

static int give_token(libsched_task *task, void *data) {
  two_tasks *t = (two_tasks *)data;
  (void)task;
  return libsched_jobserver_release(t->jobserver, t->token);
}

/* The pool's only worker waits for what a task behind it will release. */
CASE(a_worker_hands_on_its_place) {
  static two_tasks t = {0, 0, CHECK_EVENT_INIT, CHECK_EVENT_INIT};
  libsched_pool *pool = check_pool_spares(1, 2);
  t.jobserver = check_serve(1, LIBSCHED_JOBSERVER_PIPE, 0);
  t.token = check_take(t.jobserver);
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, take_token, &t, 0));
  CHECK_AWAIT(&t.asks, 1);
  CHECK_UNTIL(check_stats(t.jobserver).waiting == 1);
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, give_token, &t, 0));
  CHECK_AWAIT(&t.got, 1);
  check_pool_idle(pool);
  check_pool_end(pool, LIBSCHED_DRAIN);
  libsched_jobserver_unref(t.jobserver);
}

CASES = {RUN(waits_for_a_token_of_this_process),
         RUN(waits_for_a_token_of_another_process),
         RUN(many_tokens_of_another_process),
         RUN(who_came_first_is_served_first),
         RUN(try_does_not_jump_the_line),
         RUN(timeout),
         RUN(longest_timeout),
         RUN(cancel_ends_a_wait),
         RUN(cancelled_before),
         RUN(cancel_races_with_a_token),
         RUN(withdraw_ends_all_waits),
         RUN(shutdown_ends_all_waits),
         RUN(last_unref_ends_all_waits),
         RUN(a_worker_hands_on_its_place),
         CASES_END};
