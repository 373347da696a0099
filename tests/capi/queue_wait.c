/* Calls of a message queue that wait: what ends them, and that a message stays with its producer otherwise. */
#include "check_queue.h"

#define SOME_MS ((int64_t)20000000)

/* Kinds of calls, and queues on which they wait. */
static const int kinds[] = {CHECK_PUSH, CHECK_POP, CHECK_POP_N, CHECK_PUSH_BYTES, CHECK_POP_BYTES};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static int pushes(int kind) { return kind == CHECK_PUSH || kind == CHECK_PUSH_BYTES; }

/* One that is full for calls that push and empty for those that pop. */
static libsched_queue *blocking_queue(int kind) {
  libsched_queue *queue = kind == CHECK_PUSH_BYTES || kind == CHECK_POP_BYTES
                              ? check_queue_bytes(0, 10)
                              : check_queue_new(2);
  if (kind == CHECK_PUSH) check_queue_push(queue, 1, 2);
  if (kind == CHECK_PUSH_BYTES) CHECK_OK(libsched_queue_push_bytes(queue, "0123456789", 10));
  return queue;
}

static void init(check_caller *c, int kind, libsched_queue *queue) {
  check_caller_init(c, kind, queue);
  if (kind == CHECK_PUSH_BYTES) c->size = 3;
}

/* Neither the queue nor the caller has more or less than before. */
static void check_nothing_happened(check_caller *c) {
  if (c->kind == CHECK_PUSH) CHECK_EQ(check_queue_len(c->queue), 2);
  if (c->kind == CHECK_PUSH_BYTES) {
    CHECK_EQ(check_queue_len(c->queue), 1);
    CHECK_EQ(check_queue_byte_len(c->queue), 10);
  }
  if (!pushes(c->kind)) CHECK_EQ(check_queue_len(c->queue), 0);
  CHECK_PTR(c->message, UNTOUCHED);
}

CASE(a_timeout_ends_it_and_not_too_early) {
  int k;
  for (k = 0; k < KINDS; ++k) {
    libsched_queue *queue = blocking_queue(kinds[k]);
    check_caller c;
    int64_t begin;
    init(&c, kinds[k], queue);
    c.timeout_ns = SOME_MS;
    begin = check_now_ns();
    check_caller_start(&c);
    CHECK_STATUS(check_caller_end(&c), LIBSCHED_E_TIMEOUT);
    CHECK_LE(begin + SOME_MS, check_now_ns());
    check_nothing_happened(&c);
    libsched_queue_unref(queue);
  }
}

CASE(the_longest_timeouts_are_no_short_ones) {
  static const int64_t timeouts[] = {INT64_MAX, INT64_MAX - 1, INT64_MIN, -1};
  int t;
  for (t = 0; t < 4; ++t) {
    libsched_queue *queue = check_queue_new(0);
    check_caller c;
    init(&c, CHECK_POP, queue);
    c.timeout_ns = timeouts[t];
    check_caller_block(&c);
    CHECK_EQ(CHECK_GET(c.done), 0);
    check_queue_push(queue, 5, 5);
    CHECK_OK(check_caller_end(&c));
    CHECK_EQ(VALUE(c.message), 5);
    libsched_queue_unref(queue);
  }
}

CASE(a_cancel_ends_it) {
  int k;
  for (k = 0; k < KINDS; ++k) {
    libsched_queue *queue = blocking_queue(kinds[k]);
    check_caller c[3];
    int i;
    for (i = 0; i < 3; ++i) {
      init(&c[i], kinds[k], queue);
      CHECK_OK(libsched_cancel_create(&c[i].cancel));
      check_caller_block(&c[i]);
    }
    /* The one in the middle of the line, the last, the first. */
    for (i = 1; i < 4; ++i) {
      CHECK_OK(libsched_cancel_trigger(c[i % 3].cancel));
      CHECK_STATUS(check_caller_end(&c[i % 3]), LIBSCHED_E_CANCELLED);
      check_nothing_happened(&c[i % 3]);
      libsched_cancel_unref(c[i % 3].cancel);
    }
    libsched_queue_unref(queue);
  }
}

CASE(a_triggered_switch_ends_it_at_once) {
  static const int64_t timeouts[] = {0, 1, LIBSCHED_FOREVER};
  libsched_cancel *cancel = 0;
  int k;
  CHECK_OK(libsched_cancel_create(&cancel));
  CHECK_OK(libsched_cancel_trigger(cancel));
  for (k = 0; k < 3 * KINDS; ++k) {
    libsched_queue *queue = blocking_queue(kinds[k / 3]);
    check_caller c;
    init(&c, kinds[k / 3], queue);
    c.timeout_ns = timeouts[k % 3];
    c.cancel = cancel;
    check_caller_start(&c);
    CHECK_STATUS(check_caller_end(&c), LIBSCHED_E_CANCELLED);
    check_nothing_happened(&c);
    libsched_queue_unref(queue);
  }
  libsched_cancel_unref(cancel);
}

/* A switch ends waits, not calls that need not wait. */
CASE(a_triggered_switch_does_not_matter_without_a_wait) {
  libsched_queue *queue = check_queue_new(1);
  libsched_cancel *cancel = 0;
  void *out = 0;
  size_t taken = 0;
  CHECK_OK(libsched_cancel_create(&cancel));
  CHECK_OK(libsched_cancel_trigger(cancel));
  CHECK_OK(libsched_queue_push_bounded(queue, ITEM(1), LIBSCHED_FOREVER, cancel));
  CHECK_OK(libsched_queue_pop(&out, queue, LIBSCHED_FOREVER, cancel));
  CHECK_EQ(VALUE(out), 1);
  CHECK_OK(libsched_queue_push_bounded(queue, ITEM(2), 0, cancel));
  CHECK_OK(libsched_queue_pop_n(&out, &taken, queue, 1, 0, cancel));
  CHECK_EQ(VALUE(out), 2);
  CHECK_OK(libsched_queue_close(queue));
  CHECK_STATUS(libsched_queue_push_bounded(queue, ITEM(3), LIBSCHED_FOREVER, cancel),
               LIBSCHED_E_CLOSED);
  CHECK_STATUS(libsched_queue_pop(&out, queue, LIBSCHED_FOREVER, cancel), LIBSCHED_E_CLOSED);
  libsched_cancel_unref(cancel);
  libsched_queue_unref(queue);
}

/* Who leaves the line without what it waited for leaves that to the next. */
static void check_the_next_is_served(int kind, int by_cancel) {
  libsched_queue *queue = blocking_queue(kind);
  check_caller c[3];
  int64_t want = check_queue_len(queue);
  libsched_cancel *cancel = 0;
  int round;
  CHECK_OK(libsched_cancel_create(&cancel));
  for (round = 0; round < CHECK_SCALE(50, 15); ++round) {
    int ended = 0;
    int i;
    for (i = 0; i < 3; ++i) {
      init(&c[i], kind, queue);
      if (i < 2 && by_cancel) c[i].cancel = cancel;
      if (i < 2 && !by_cancel) c[i].timeout_ns = 1000000 * (round % 5);
      check_caller_start(&c[i]);
    }
    if (by_cancel && round % 2) check_until_asleep(&c[2].thread_id);
    /* The two may be told of it just when they give up. */
    if (by_cancel && round % 3 == 0) CHECK_OK(libsched_cancel_trigger(cancel));
    for (i = 0; i < 3 && !CHECK_GET(c[2].done); ++i) {
      if (kind == CHECK_PUSH) {
        check_queue_pop(queue);
      } else {
        check_queue_push(queue, 7, 7);
      }
      if (by_cancel && i == 0) CHECK_OK(libsched_cancel_trigger(cancel));
      /* Whoever is served, it is one of them; or all are gone already. */
      CHECK_UNTIL(check_queue_len(queue) == want || CHECK_GET(c[2].done));
    }
    for (i = 0; i < 3; ++i) ended += check_caller_end(&c[i]) == LIBSCHED_OK;
    CHECK_OK(c[2].status);
    CHECK_LE(1, ended);
    while (check_queue_len(queue) < want) check_queue_push(queue, 1, 1);
    while (check_queue_len(queue) > want) check_queue_pop(queue);
    CHECK_OK(libsched_cancel_reset(cancel));
  }
  libsched_cancel_unref(cancel);
  libsched_queue_unref(queue);
}

CASE(producers_that_give_up_leave_room_to_the_next) { check_the_next_is_served(CHECK_PUSH, 0); }
CASE(cancelled_producers_leave_room_to_the_next) { check_the_next_is_served(CHECK_PUSH, 1); }
CASE(consumers_that_give_up_leave_it_to_the_next) { check_the_next_is_served(CHECK_POP, 0); }
CASE(cancelled_consumers_leave_it_to_the_next) { check_the_next_is_served(CHECK_POP, 1); }

/* Each message wakes one of those that wait, until all have one. */
CASE(each_message_ends_one_wait) {
  enum { WAITING = 8 };
  libsched_queue *queue = check_queue_new(0);
  check_caller consumers[WAITING];
  int64_t returned = 0;
  int i;
  for (i = 0; i < WAITING; ++i) {
    check_caller_init(&consumers[i], i % 2 ? CHECK_POP : CHECK_POP_N, queue);
    consumers[i].returned = &returned;
    check_caller_block(&consumers[i]);
  }
  for (i = 0; i < WAITING / 2; ++i) {
    CHECK_EQ(CHECK_GET(returned), i);
    check_queue_push(queue, i + 1, i + 1);
    CHECK_UNTIL(CHECK_GET(returned) == i + 1);
  }
  /* And several at once, where each sees to the next. */
  check_queue_push(queue, i + 1, WAITING);
  check_tally_start(WAITING);
  for (i = 0; i < WAITING; ++i) {
    CHECK_OK(check_caller_end(&consumers[i]));
    check_tally_see(consumers[i].message);
  }
  CHECK_TALLY();
  libsched_queue_unref(queue);
}

/* pop_n waits for one and takes what there is then. */
CASE(pop_n_waits_for_the_first_only) {
  libsched_queue *queue = check_queue_new(0);
  check_caller producer;
  void *out[4];
  size_t taken = 77;
  check_caller_init(&producer, CHECK_PUSH, queue);
  producer.message = ITEM(5);
  check_caller_start(&producer);
  CHECK_OK(libsched_queue_pop_n(out, &taken, queue, 4, LIBSCHED_FOREVER, 0));
  CHECK_EQ(taken, 1);
  CHECK_EQ(VALUE(out[0]), 5);
  CHECK_OK(check_caller_end(&producer));
  libsched_queue_unref(queue);
}

/* --- close --- */

static void check_close_ends(int kind) {
  enum { WAITING = 6 };
  libsched_queue *queue = blocking_queue(kind);
  int64_t len = check_queue_len(queue);
  check_caller c[WAITING];
  int64_t returned = 0;
  int i;
  for (i = 0; i < WAITING; ++i) {
    init(&c[i], kind, queue);
    if (i % 2) c[i].timeout_ns = INT64_MAX;
    c[i].returned = &returned;
    check_caller_block(&c[i]);
  }
  CHECK_EQ(CHECK_GET(returned), 0);
  CHECK_OK(libsched_queue_close(queue));
  for (i = 0; i < WAITING; ++i) {
    CHECK_STATUS(check_caller_end(&c[i]), LIBSCHED_E_CLOSED);
    CHECK_PTR(c[i].message, UNTOUCHED);
  }
  CHECK_EQ(CHECK_GET(returned), WAITING);
  CHECK_EQ(check_queue_len(queue), len);
  libsched_queue_unref(queue);
}

CASE(close_ends_every_wait) {
  int k;
  for (k = 0; k < KINDS; ++k) check_close_ends(kinds[k]);
}

/* Not waited for: calls that are about to block while the queue is closed. */
CASE(close_while_calls_begin_to_wait) {
  int round;
  for (round = 0; round < CHECK_SCALE(300, 60); ++round) {
    int kind = kinds[round % KINDS];
    libsched_queue *queue = blocking_queue(kind);
    check_caller c[4];
    int i;
    for (i = 0; i < 4; ++i) {
      init(&c[i], kind, queue);
      check_caller_start(&c[i]);
    }
    CHECK_UNTIL(CHECK_GET(c[round % 4].thread_id) != 0);
    CHECK_OK(libsched_queue_close(queue));
    for (i = 0; i < 4; ++i) CHECK_STATUS(check_caller_end(&c[i]), LIBSCHED_E_CLOSED);
    libsched_queue_unref(queue);
  }
}

/* Messages that are there at the close go to those that wait, each to one; the others hear that there are no more. */
CASE(close_behind_messages) {
  enum { WAITING = 6 };
  int round;
  for (round = 0; round < CHECK_SCALE(50, 15); ++round) {
    libsched_queue *queue = check_queue_new(0);
    check_caller c[WAITING];
    int served = 0;
    int i;
    for (i = 0; i < WAITING; ++i) {
      init(&c[i], i % 2 ? CHECK_POP : CHECK_POP_N, queue);
      check_caller_block(&c[i]);
    }
    check_queue_push(queue, 1, 4);
    CHECK_OK(libsched_queue_close(queue));
    check_tally_start(4);
    for (i = 0; i < WAITING; ++i) {
      int status = check_caller_end(&c[i]);
      if (status == LIBSCHED_OK) {
        check_tally_see(c[i].message);
        ++served;
      } else {
        CHECK_STATUS(status, LIBSCHED_E_CLOSED);
        CHECK_PTR(c[i].message, UNTOUCHED);
      }
    }
    CHECK_EQ(served, 4);
    CHECK_TALLY();
    check_queue_is_over(queue);
    libsched_queue_unref(queue);
  }
}

CASES = {RUN(a_timeout_ends_it_and_not_too_early),
         RUN(the_longest_timeouts_are_no_short_ones),
         RUN(a_cancel_ends_it),
         RUN(a_triggered_switch_ends_it_at_once),
         RUN(a_triggered_switch_does_not_matter_without_a_wait),
         RUN(producers_that_give_up_leave_room_to_the_next),
         RUN(cancelled_producers_leave_room_to_the_next),
         RUN(consumers_that_give_up_leave_it_to_the_next),
         RUN(cancelled_consumers_leave_it_to_the_next),
         RUN(each_message_ends_one_wait),
         RUN(pop_n_waits_for_the_first_only),
         RUN(close_ends_every_wait),
         RUN(close_while_calls_begin_to_wait),
         RUN(close_behind_messages),
         CASES_END};
