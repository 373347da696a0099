/* Senders: counted producers, whose last one closes the queue, and that may outlive it. */
#include "check_queue.h"

/* Every push by this sender, of either form, fails in this way. */
static void check_pushes(libsched_sender *sender, int bytes, int want) {
  if (bytes) {
    CHECK_STATUS(libsched_sender_push_bytes(sender, "ab", 2), want);
    CHECK_STATUS(libsched_sender_try_push_bytes(sender, "ab", 2), want);
    CHECK_STATUS(libsched_sender_push_bytes_bounded(sender, "ab", 2, LIBSCHED_FOREVER, 0), want);
  } else {
    CHECK_STATUS(libsched_sender_push(sender, ITEM(1)), want);
    CHECK_STATUS(libsched_sender_try_push(sender, ITEM(2)), want);
    CHECK_STATUS(libsched_sender_push_bounded(sender, ITEM(3), LIBSCHED_FOREVER, 0), want);
  }
}

CASE(a_sender_pushes_as_the_queue_does) {
  libsched_queue *queue = check_queue_new(2);
  libsched_sender *sender = check_sender_new(queue);
  CHECK_OK(libsched_sender_try_push(sender, ITEM(1)));
  CHECK_OK(libsched_sender_push_bounded(sender, ITEM(2), 0, 0));
  CHECK_STATUS(libsched_sender_try_push(sender, ITEM(9)), LIBSCHED_E_FULL);
  CHECK_STATUS(libsched_sender_push_bounded(sender, ITEM(9), 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_OK(libsched_sender_push(sender, ITEM(3)));
  CHECK_EQ(check_queue_pop(queue), 1);
  CHECK_EQ(check_queue_pop(queue), 2);
  CHECK_EQ(check_queue_pop(queue), 3);
  libsched_sender_unref(sender);
  libsched_queue_unref(queue);
}

CASE(a_sender_of_bytes_pushes_as_the_queue_does) {
  libsched_queue *queue = check_queue_bytes(0, 5);
  libsched_sender *sender = check_sender_new(queue);
  CHECK_OK(libsched_sender_try_push_bytes(sender, "abc", 3));
  CHECK_OK(libsched_sender_push_bytes_bounded(sender, "de", 2, 0, 0));
  CHECK_STATUS(libsched_sender_try_push_bytes(sender, "f", 1), LIBSCHED_E_FULL);
  CHECK_STATUS(libsched_sender_push_bytes_bounded(sender, "f", 1, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_STATUS(libsched_sender_try_push_bytes(sender, "123456", 6), LIBSCHED_E_RANGE);
  CHECK_OK(libsched_sender_push_bytes(sender, "123456", 6));
  CHECK_EQ(check_queue_byte_len(queue), 11);
  libsched_sender_unref(sender);
  libsched_queue_unref(queue);
}

CASE(the_last_sender_closes) {
  libsched_queue *queue = check_queue_new(0);
  libsched_sender *senders[5];
  int i;
  for (i = 0; i < 5; ++i) senders[i] = check_sender_new(queue);
  CHECK_EQ(check_live(LIBSCHED_KIND_SENDER), 5);
  for (i = 0; i < 5; ++i) {
    CHECK_OK(libsched_queue_push(queue, ITEM(i)));
    CHECK_OK(libsched_sender_push(senders[4], ITEM(i)));
    libsched_sender_unref(senders[i]);
  }
  CHECK_EQ(check_live(LIBSCHED_KIND_SENDER), 0);
  CHECK_STATUS(libsched_queue_push(queue, ITEM(9)), LIBSCHED_E_CLOSED);
  for (i = 0; i < 10; ++i) CHECK_EQ(check_queue_pop(queue), i / 2);
  check_queue_is_over(queue);
  libsched_queue_unref(queue);
}

CASE(one_that_comes_before_the_last_is_gone_keeps_it_open) {
  libsched_queue *queue = check_queue_new(0);
  libsched_sender *sender = check_sender_new(queue);
  int i;
  for (i = 0; i < 10; ++i) {
    libsched_sender *next = check_sender_new(queue);
    libsched_sender_unref(sender);
    sender = next;
    CHECK_OK(libsched_sender_push(sender, ITEM(i)));
  }
  CHECK_EQ(check_queue_len(queue), 10);
  libsched_sender_unref(sender);
  CHECK_STATUS(libsched_queue_push(queue, ITEM(9)), LIBSCHED_E_CLOSED);
  libsched_queue_unref(queue);
}

CASE(references_of_a_sender_count_once) {
  libsched_queue *queue = check_queue_new(0);
  libsched_sender *sender = check_sender_new(queue);
  int i;
  for (i = 0; i < 5; ++i) CHECK_PTR(libsched_sender_ref(sender), sender);
  CHECK_EQ(check_live(LIBSCHED_KIND_SENDER), 1);
  for (i = 0; i < 6; ++i) {
    CHECK_OK(libsched_queue_push(queue, ITEM(i)));
    libsched_sender_unref(sender);
  }
  CHECK_STATUS(libsched_queue_push(queue, ITEM(9)), LIBSCHED_E_CLOSED);
  libsched_queue_unref(queue);
}

CASE(references_of_the_queue_are_no_senders) {
  libsched_queue *queue = check_queue_new(0);
  int i;
  for (i = 0; i < 5; ++i) {
    CHECK_PTR(libsched_queue_ref(queue), queue);
    libsched_queue_unref(queue);
    CHECK_OK(libsched_queue_push(queue, ITEM(i)));
  }
  libsched_queue_unref(queue);
}

CASE(no_sender_of_a_closed_queue) {
  libsched_queue *queue = check_queue_new(0);
  libsched_sender *sender = (libsched_sender *)UNTOUCHED;
  check_queue_push(queue, 1, 1);
  CHECK_OK(libsched_queue_close(queue));
  CHECK_STATUS(libsched_sender_create(&sender, queue), LIBSCHED_E_CLOSED);
  CHECK_PTR(sender, 0);
  CHECK_EQ(check_live(LIBSCHED_KIND_SENDER), 0);
  libsched_queue_unref(queue);
  queue = check_queue_new(0);
  libsched_sender_unref(check_sender_new(queue));
  CHECK_STATUS(libsched_sender_create(&sender, queue), LIBSCHED_E_CLOSED);
  libsched_queue_unref(queue);
}

/* A sender of a queue that somebody else has closed. */
CASE(its_end_after_a_close) {
  libsched_queue *queue = check_queue_new(0);
  libsched_sender *sender = check_sender_new(queue);
  check_queue_push(queue, 1, 1);
  CHECK_OK(libsched_queue_close(queue));
  check_pushes(sender, 0, LIBSCHED_E_CLOSED);
  libsched_sender_unref(sender);
  CHECK_EQ(check_queue_pop(queue), 1);
  check_queue_is_over(queue);
  libsched_queue_unref(queue);
}

/* The queue's own producers may go on beside the senders, and end with them. */
CASE(the_last_sender_ends_those_that_wait) {
  libsched_queue *empty = check_queue_new(0);
  libsched_queue *full = check_queue_new(1);
  libsched_sender *senders[2];
  check_caller consumers[3];
  check_caller producers[3];
  int i;
  senders[0] = check_sender_new(empty);
  senders[1] = check_sender_new(full);
  check_queue_push(full, 1, 1);
  for (i = 0; i < 3; ++i) {
    check_block_pop(&consumers[i], empty);
    check_block_push(&producers[i], full, 100 + i);
  }
  for (i = 0; i < 2; ++i) libsched_sender_unref(senders[i]);
  for (i = 0; i < 3; ++i) {
    CHECK_STATUS(check_caller_end(&consumers[i]), LIBSCHED_E_CLOSED);
    CHECK_STATUS(check_caller_end(&producers[i]), LIBSCHED_E_CLOSED);
  }
  CHECK_EQ(check_queue_len(full), 1);
  libsched_queue_unref(empty);
  libsched_queue_unref(full);
}

/* --- the queue is gone --- */

CASE(senders_outlive_the_queue) {
  int bytes;
  for (bytes = 0; bytes < 2; ++bytes) {
    libsched_queue *queue = bytes ? check_queue_bytes(3, 4) : check_queue_new(3);
    libsched_sender *senders[3];
    int i;
    for (i = 0; i < 3; ++i) senders[i] = check_sender_new(queue);
    CHECK_PTR(libsched_queue_ref(queue), queue);
    libsched_queue_unref(queue);
    CHECK_OK(bytes ? libsched_sender_push_bytes(senders[0], "abc", 3)
                   : libsched_sender_push(senders[0], ITEM(1)));
    libsched_queue_unref(queue);
    CHECK_EQ(check_live(LIBSCHED_KIND_QUEUE), 0);
    for (i = 0; i < 3; ++i) {
      check_pushes(senders[i], bytes, LIBSCHED_E_CLOSED);
      libsched_sender_unref(senders[i]);
    }
    CHECK_EQ(check_live(LIBSCHED_KIND_SENDER), 0);
  }
}

/* What was in the queue is discarded; what those that wait wanted to push stays theirs. */
CASE(the_last_reference_ends_senders_that_wait) {
  enum { WAITING = 6 };
  libsched_queue_options options = LIBSCHED_QUEUE_OPTIONS_INIT;
  int round;
  options.bound = 2;
  options.discard = check_tally_see;
  for (round = 0; round < CHECK_SCALE(100, 20); ++round) {
    libsched_queue *queue = 0;
    libsched_sender *sender;
    check_caller producers[WAITING];
    int i;
    CHECK_OK(libsched_queue_create(&queue, &options));
    sender = check_sender_new(queue);
    check_tally_start(2);
    check_queue_push(queue, 1, 2);
    for (i = 0; i < WAITING; ++i) {
      check_caller_init(&producers[i], CHECK_PUSH, 0);
      producers[i].sender = sender;
      producers[i].message = ITEM(0); /* which the tally refuses */
      check_caller_start(&producers[i]);
    }
    if (round % 2) check_until_asleep(&producers[round % WAITING].thread_id);
    libsched_queue_unref(queue);
    for (i = 0; i < WAITING; ++i) CHECK_STATUS(check_caller_end(&producers[i]), LIBSCHED_E_CLOSED);
    CHECK_TALLY();
    libsched_sender_unref(sender);
  }
}

CASE(the_last_reference_ends_senders_of_bytes_that_wait) {
  enum { WAITING = 4 };
  libsched_queue *queue = check_queue_bytes(0, 10);
  libsched_sender *sender = check_sender_new(queue);
  check_caller producers[WAITING];
  int i;
  CHECK_OK(libsched_queue_push_bytes(queue, "0123456789", 10));
  for (i = 0; i < WAITING; ++i) {
    check_caller_init(&producers[i], CHECK_PUSH_BYTES, 0);
    producers[i].sender = sender;
    producers[i].size = 5;
    check_caller_block(&producers[i]);
  }
  libsched_queue_unref(queue);
  for (i = 0; i < WAITING; ++i) CHECK_STATUS(check_caller_end(&producers[i]), LIBSCHED_E_CLOSED);
  libsched_sender_unref(sender);
}

/*
 * A sender that is made while the last one goes: either it was in time and the queue stays open, or the queue is closed
 * and there is no sender.
 */
typedef struct change {
  libsched_sender *last;
  int64_t round;
  int64_t done;
  int64_t rounds;
} change;

static void *drop_the_last(void *data) {
  change *c = (change *)data;
  int64_t round;
  for (round = 1; round <= c->rounds; ++round) {
    while (CHECK_GET(c->round) != round) {
    }
    libsched_sender_unref(c->last);
    CHECK_SET(c->done, round);
  }
  return 0;
}

CASE(made_while_the_last_one_goes) {
  static change c;
  pthread_t thread;
  int64_t round;
  int64_t in_time = 0;
  c.rounds = CHECK_SCALE(5000, 500);
  thread = check_spawn(drop_the_last, &c);
  for (round = 1; round <= c.rounds; ++round) {
    libsched_queue *queue = check_queue_new(0);
    libsched_sender *sender = 0;
    int64_t pause = round % 64;
    int status;
    c.last = check_sender_new(queue);
    CHECK_SET(c.round, round);
    while (--pause > 0) CHECK_GET(c.done);
    status = libsched_sender_create(&sender, queue);
    CHECK_UNTIL(CHECK_GET(c.done) == round);
    if (status == LIBSCHED_OK) {
      CHECK_OK(libsched_sender_push(sender, ITEM(1)));
      ++in_time;
    } else {
      CHECK_STATUS(status, LIBSCHED_E_CLOSED);
      CHECK(sender == 0);
      CHECK_STATUS(libsched_queue_push(queue, ITEM(1)), LIBSCHED_E_CLOSED);
    }
    libsched_sender_unref(sender);
    libsched_queue_unref(queue);
  }
  printf("%ld of %ld in time\n", (long)in_time, (long)c.rounds);
  check_join(thread);
}

CASES = {RUN(a_sender_pushes_as_the_queue_does),
         RUN(a_sender_of_bytes_pushes_as_the_queue_does),
         RUN(the_last_sender_closes),
         RUN(one_that_comes_before_the_last_is_gone_keeps_it_open),
         RUN(references_of_a_sender_count_once),
         RUN(references_of_the_queue_are_no_senders),
         RUN(no_sender_of_a_closed_queue),
         RUN(its_end_after_a_close),
         RUN(the_last_sender_ends_those_that_wait),
         RUN(senders_outlive_the_queue),
         RUN(the_last_reference_ends_senders_that_wait),
         RUN(the_last_reference_ends_senders_of_bytes_that_wait),
         RUN(made_while_the_last_one_goes),
         CASES_END};
