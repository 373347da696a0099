/* What is left in a message queue when it dies, and callbacks that do not return. */
#include "check_queue.h"

static libsched_queue *queue_with(libsched_discard_fn discard) {
  libsched_queue_options options = LIBSCHED_QUEUE_OPTIONS_INIT;
  libsched_queue *queue = 0;
  options.discard = discard;
  CHECK_OK(libsched_queue_create(&queue, &options));
  return queue;
}

CASE(leftovers_are_discarded_once) {
  libsched_queue *queue = queue_with(check_tally_see);
  int i;
  check_tally_start(3000);
  check_queue_push(queue, 1, 3000);
  for (i = 1; i <= 1000; ++i) check_tally_see(ITEM(check_queue_pop(queue)));
  libsched_queue_unref(queue);
  CHECK_TALLY();
  CHECK_EQ(check_live(LIBSCHED_KIND_QUEUE), 0);
}

CASE(leftovers_of_a_closed_queue_too) {
  libsched_queue *queue = queue_with(check_tally_see);
  libsched_sender *sender = check_sender_new(queue);
  check_tally_start(20);
  check_queue_push(queue, 1, 10);
  for (; check_queue_len(queue) < 20;) {
    CHECK_OK(libsched_sender_push(sender, ITEM(check_queue_len(queue) + 1)));
  }
  libsched_sender_unref(sender);
  libsched_queue_unref(queue);
  CHECK_TALLY();
}

CASE(leftovers_go_with_the_last_reference_and_not_before) {
  libsched_queue *queue = queue_with(check_tally_see);
  check_tally_start(10);
  CHECK_PTR(libsched_queue_ref(queue), queue);
  check_queue_push(queue, 1, 10);
  libsched_queue_unref(queue);
  CHECK_EQ(check_queue_len(queue), 10);
  CHECK_EQ(CHECK_GET(check_the_tally.seen[1]), 0);
  libsched_queue_unref(queue);
  CHECK_TALLY();
}

/* Senders that live on keep nothing back. */
CASE(leftovers_go_while_senders_live) {
  libsched_queue *queue = queue_with(check_tally_see);
  libsched_sender *sender = check_sender_new(queue);
  check_tally_start(10);
  check_queue_push(queue, 1, 10);
  libsched_queue_unref(queue);
  CHECK_TALLY();
  CHECK_STATUS(libsched_sender_push(sender, ITEM(1)), LIBSCHED_E_CLOSED);
  libsched_sender_unref(sender);
}

CASE(leftovers_without_discard_are_forgotten) {
  libsched_queue *queue = queue_with(0);
  check_queue_push(queue, 1, 3000);
  libsched_queue_unref(queue);
  CHECK_EQ(check_live(LIBSCHED_KIND_QUEUE), 0);
}

/* Senders at work while the last reference goes: each message that was accepted comes to one end. */
typedef struct flow {
  libsched_sender *sender;
  int64_t first;
  int64_t n;
  int64_t accepted;
  int64_t *begun;
} flow;

static void *send_until_closed(void *data) {
  flow *f = (flow *)data;
  int64_t i;
  for (i = 0; i < f->n; ++i) {
    void *message = ITEM(f->first + i);
    int status = i % 3 == 0   ? libsched_sender_push(f->sender, message)
                 : i % 3 == 1 ? libsched_sender_try_push(f->sender, message)
                              : libsched_sender_push_bounded(f->sender, message, 100000, 0);
    CHECK_ADD(*f->begun, 1);
    if (status == LIBSCHED_E_FULL || status == LIBSCHED_E_TIMEOUT) {
      check_tally_see(message); /* it is ours */
      continue;
    }
    if (status == LIBSCHED_E_CLOSED) break;
    CHECK_OK(status);
  }
  for (; i < f->n; ++i) check_tally_see(ITEM(f->first + i));
  libsched_sender_unref(f->sender);
  return 0;
}

CASE(leftovers_of_senders_at_work) {
  enum { SENDERS = 4, EACH = 2000 };
  int round;
  for (round = 0; round < CHECK_SCALE(60, 15); ++round) {
    libsched_queue_options options = LIBSCHED_QUEUE_OPTIONS_INIT;
    libsched_queue *queue = 0;
    flow flows[SENDERS];
    pthread_t threads[SENDERS];
    int64_t begun = 0;
    void *out = 0;
    int i;
    options.bound = round % 5 == 0 ? 0 : 64;
    options.discard = check_tally_see;
    CHECK_OK(libsched_queue_create(&queue, &options));
    check_tally_start(SENDERS * EACH);
    for (i = 0; i < SENDERS; ++i) {
      flows[i].sender = check_sender_new(queue);
      flows[i].first = i * EACH + 1;
      flows[i].n = EACH;
      flows[i].begun = &begun;
    }
    for (i = 0; i < SENDERS; ++i) threads[i] = check_spawn(send_until_closed, &flows[i]);
    while (CHECK_GET(begun) < (round % 10) * 200) {
      if (libsched_queue_try_pop(&out, queue) == LIBSCHED_OK) check_tally_see(out);
    }
    libsched_queue_unref(queue);
    for (i = 0; i < SENDERS; ++i) check_join(threads[i]);
    CHECK_TALLY();
  }
}

/* A discard may use the library; the queue it comes from is closed. */
static libsched_queue *other;
static libsched_sender *own;

static void pass_on(void *message) {
  CHECK_OK(libsched_queue_push(other, message));
  CHECK_STATUS(libsched_sender_push(own, message), LIBSCHED_E_CLOSED);
}

CASE(discard_may_use_the_library) {
  libsched_queue *queue = queue_with(pass_on);
  int i;
  other = check_queue_new(0);
  own = check_sender_new(queue);
  check_queue_push(queue, 1, 100);
  libsched_queue_unref(queue);
  for (i = 1; i <= 100; ++i) CHECK_EQ(check_queue_pop(other), i);
  libsched_sender_unref(own);
  libsched_queue_unref(other);
}

/* --- callbacks that do not return: in C, which cannot throw, they end their thread --- */

static int64_t seen;

static void leave(void *message) {
  check_tally_see(message);
  CHECK_ADD(seen, 1);
  if (VALUE(message) % 3 != 0) return;
#ifdef __cplusplus
  throw 7;
#else
  if (VALUE(message) == 3) pthread_exit(0);
#endif
}

static void *unref_queue(void *queue) {
  libsched_queue_unref((libsched_queue *)queue);
  return 0;
}

static void *unref_sender(void *sender) {
  libsched_sender_unref((libsched_sender *)sender);
  return 0;
}

CASE(discards_that_do_not_return) {
  int with_sender;
  for (with_sender = 0; with_sender < 2; ++with_sender) {
    libsched_queue *queue = queue_with(leave);
    libsched_sender *sender = with_sender ? check_sender_new(queue) : 0;
    check_tally_start(10);
    check_queue_push(queue, 1, 10);
    check_join(check_spawn(unref_queue, queue));
    check_join(check_spawn(unref_sender, sender));
    CHECK_TALLY();
    CHECK_EQ(check_live(LIBSCHED_KIND_QUEUE), 0);
    CHECK_EQ(check_live(LIBSCHED_KIND_SENDER), 0);
  }
}

static void leave_by_force(void *message) {
  check_tally_see(message);
  if (VALUE(message) == 3) pthread_exit(0);
}

/* The others are discarded all the same, in C++ as well. */
CASE(a_discard_that_ends_its_thread) {
  libsched_queue *queue = queue_with(leave_by_force);
  check_tally_start(10);
  check_queue_push(queue, 1, 10);
  check_join(check_spawn(unref_queue, queue));
  CHECK_TALLY();
  CHECK_EQ(check_live(LIBSCHED_KIND_QUEUE), 0);
}

static size_t taken;

static void leave_at_three(void *message, void *data) {
  (void)data;
  leave(message);
}

static void *pop_all(void *queue) {
  CHECK_STATUS(libsched_queue_pop_all(&taken, (libsched_queue *)queue, leave_at_three, 0),
               LIBSCHED_E_EXCEPTION);
#ifndef __cplusplus
  check_fail(__FILE__, __LINE__, "a call returned on a thread that was ended");
#endif
  return 0;
}

/* What comes after it stays in the queue. */
CASE(pop_all_whose_callback_does_not_return) {
  libsched_queue *queue = check_queue_new(8);
  int i;
  check_tally_start(8);
  check_queue_push(queue, 1, 8);
  seen = 0;
  check_join(check_spawn(pop_all, queue));
  CHECK_EQ(seen, 3);
  CHECK_EQ(check_queue_len(queue), 5);
#ifdef __cplusplus
  CHECK_EQ(taken, 3);
#endif
  for (i = 4; i <= 8; ++i) {
    CHECK_EQ(check_queue_pop(queue), i);
    check_tally_see(ITEM(i));
  }
  CHECK_TALLY();
  CHECK_OK(libsched_queue_try_push(queue, ITEM(1)));
  libsched_queue_unref(queue);
}

CASES = {RUN(leftovers_are_discarded_once),
         RUN(leftovers_of_a_closed_queue_too),
         RUN(leftovers_go_with_the_last_reference_and_not_before),
         RUN(leftovers_go_while_senders_live),
         RUN(leftovers_without_discard_are_forgotten),
         RUN(leftovers_of_senders_at_work),
         RUN(discard_may_use_the_library),
         RUN(discards_that_do_not_return),
         RUN(a_discard_that_ends_its_thread),
         RUN(pop_all_whose_callback_does_not_return),
         CASES_END};
