/* The message queue in one thread: order, forms, the ways out, the end of the intake, options. */
#include "check_queue.h"

#define CROWD 5000 /* several blocks of the storage */

CASE(first_in_first_out) {
  libsched_queue *queue = check_queue_new(0);
  int i;
  for (i = 0; i < CROWD; i += 2) {
    check_queue_push(queue, i, i);
    CHECK_OK(i % 4 == 0 ? libsched_queue_try_push(queue, ITEM(i + 1))
                        : libsched_queue_push_bounded(queue, ITEM(i + 1), LIBSCHED_FOREVER, 0));
  }
  CHECK_EQ(check_queue_len(queue), CROWD);
  for (i = 0; i < CROWD; ++i) CHECK_EQ(check_queue_pop(queue), i);
  CHECK_EQ(check_queue_len(queue), 0);
  libsched_queue_unref(queue);
}

CASE(order_holds_at_any_fill) {
  libsched_queue *queue = check_queue_new(0);
  int64_t pushed = 0;
  int64_t popped = 0;
  int64_t fill;
  for (fill = 0; fill < 1500; fill += 7) {
    check_queue_push(queue, pushed + 1, popped + fill + 100);
    pushed = popped + fill + 100;
    while (pushed - popped > fill) CHECK_EQ(check_queue_pop(queue), ++popped);
    CHECK_EQ(check_queue_len(queue), fill);
  }
  libsched_queue_unref(queue);
}

CASE(null_and_any_other_bits_are_messages) {
  libsched_queue *queue = check_queue_new(3);
  void *out = UNTOUCHED;
  CHECK_OK(libsched_queue_push(queue, 0));
  CHECK_OK(libsched_queue_try_push(queue, ITEM(~(uintptr_t)0)));
  CHECK_OK(libsched_queue_push_bounded(queue, ITEM((uintptr_t)1 << 63), 0, 0));
  CHECK_OK(libsched_queue_pop(&out, queue, 0, 0));
  CHECK_PTR(out, 0);
  CHECK_OK(libsched_queue_pop(&out, queue, LIBSCHED_FOREVER, 0));
  CHECK_PTR(out, ITEM(~(uintptr_t)0));
  CHECK_OK(libsched_queue_try_pop(&out, queue));
  CHECK_PTR(out, ITEM((uintptr_t)1 << 63));
  libsched_queue_unref(queue);
}

static void never_called(void *message, void *data) {
  (void)message;
  (void)data;
  check_fail(__FILE__, __LINE__, "no message, no call");
}

/* Every way out of an empty queue, which says why there is nothing. */
static void check_nothing(libsched_queue *queue, int at_once, int timed) {
  void *out = UNTOUCHED;
  size_t taken = 77;
  CHECK_STATUS(libsched_queue_try_pop(&out, queue), at_once);
  CHECK_STATUS(libsched_queue_pop(&out, queue, 0, 0), timed);
  CHECK_STATUS(libsched_queue_pop(&out, queue, 1000, 0), timed);
  CHECK_STATUS(libsched_queue_pop_n(&out, &taken, queue, 1, 0, 0), timed);
  CHECK_EQ(taken, 0);
  taken = 77;
  CHECK_STATUS(libsched_queue_pop_all(&taken, queue, never_called, 0), at_once);
  CHECK_EQ(taken, 0);
  CHECK_PTR(out, UNTOUCHED);
}

CASE(empty_is_told_from_closed) {
  libsched_queue *queue = check_queue_new(0);
  check_nothing(queue, LIBSCHED_E_EMPTY, LIBSCHED_E_TIMEOUT);
  check_queue_push(queue, 1, 1);
  CHECK_EQ(check_queue_pop(queue), 1);
  check_nothing(queue, LIBSCHED_E_EMPTY, LIBSCHED_E_TIMEOUT);
  CHECK_OK(libsched_queue_close(queue));
  check_nothing(queue, LIBSCHED_E_CLOSED, LIBSCHED_E_CLOSED);
  libsched_queue_unref(queue);
}

CASE(close_ends_the_intake_and_keeps_what_is_there) {
  libsched_queue *queue = check_queue_new(2);
  int i;
  check_queue_push(queue, 1, 3);
  for (i = 0; i < 3; ++i) {
    CHECK_OK(libsched_queue_close(queue));
    CHECK_STATUS(libsched_queue_push(queue, ITEM(9)), LIBSCHED_E_CLOSED);
    CHECK_STATUS(libsched_queue_try_push(queue, ITEM(9)), LIBSCHED_E_CLOSED);
    CHECK_STATUS(libsched_queue_push_bounded(queue, ITEM(9), 0, 0), LIBSCHED_E_CLOSED);
    CHECK_STATUS(libsched_queue_push_bounded(queue, ITEM(9), LIBSCHED_FOREVER, 0),
                 LIBSCHED_E_CLOSED);
    CHECK_EQ(check_queue_len(queue), 3 - i);
    CHECK_EQ(check_queue_pop(queue), i + 1);
  }
  check_queue_is_over(queue);
  libsched_queue_unref(queue);
}

CASE(drained_after_close_by_every_way_out) {
  libsched_queue *queue = check_queue_new(0);
  void *out[8];
  size_t taken = 77;
  int i;
  check_queue_push(queue, 1, 9);
  CHECK_OK(libsched_queue_close(queue));
  CHECK_OK(libsched_queue_pop(out, queue, LIBSCHED_FOREVER, 0));
  CHECK_EQ(VALUE(out[0]), 1);
  CHECK_OK(libsched_queue_try_pop(out, queue));
  CHECK_EQ(VALUE(out[0]), 2);
  CHECK_OK(libsched_queue_pop_n(out, &taken, queue, 3, LIBSCHED_FOREVER, 0));
  CHECK_EQ(taken, 3);
  for (i = 0; i < 3; ++i) CHECK_EQ(VALUE(out[i]), i + 3);
  CHECK_OK(libsched_queue_pop_n(out, &taken, queue, 8, LIBSCHED_FOREVER, 0));
  CHECK_EQ(taken, 4);
  for (i = 0; i < 4; ++i) CHECK_EQ(VALUE(out[i]), i + 6);
  check_queue_is_over(queue);
  libsched_queue_unref(queue);
}

CASE(pop_n_takes_what_is_there) {
  libsched_queue *queue = check_queue_new(0);
  static void *out[CROWD];
  size_t taken = 77;
  int i;
  check_queue_push(queue, 1, CROWD);
  CHECK_OK(libsched_queue_pop_n(out, &taken, queue, 1, 0, 0));
  CHECK_EQ(taken, 1);
  CHECK_EQ(VALUE(out[0]), 1);
  out[10] = UNTOUCHED;
  CHECK_OK(libsched_queue_pop_n(out, &taken, queue, 10, LIBSCHED_FOREVER, 0));
  CHECK_EQ(taken, 10);
  for (i = 0; i < 10; ++i) CHECK_EQ(VALUE(out[i]), i + 2);
  CHECK_PTR(out[10], UNTOUCHED);
  out[CROWD - 11] = UNTOUCHED;
  CHECK_OK(libsched_queue_pop_n(out, &taken, queue, CROWD, LIBSCHED_FOREVER, 0));
  CHECK_EQ(taken, CROWD - 11);
  for (i = 0; i < CROWD - 11; ++i) CHECK_EQ(VALUE(out[i]), i + 12);
  CHECK_PTR(out[CROWD - 11], UNTOUCHED);
  libsched_queue_unref(queue);
}

CASE(pop_n_of_nothing) {
  libsched_queue *queue = check_queue_new(0);
  size_t taken = 77;
  CHECK_OK(libsched_queue_pop_n(0, &taken, queue, 0, LIBSCHED_FOREVER, 0));
  CHECK_EQ(taken, 0);
  check_queue_push(queue, 1, 1);
  taken = 77;
  CHECK_OK(libsched_queue_pop_n(0, &taken, queue, 0, LIBSCHED_FOREVER, 0));
  CHECK_EQ(taken, 0);
  CHECK_EQ(check_queue_len(queue), 1);
  CHECK_OK(libsched_queue_close(queue));
  CHECK_OK(libsched_queue_pop_n(0, &taken, queue, 0, LIBSCHED_FOREVER, 0));
  libsched_queue_unref(queue);
}

typedef struct reader {
  libsched_queue *queue;
  int64_t next;
  int64_t echoes; /* messages that the reader pushes itself */
} reader;

static void read_in_order(void *message, void *data) {
  reader *r = (reader *)data;
  CHECK_EQ(VALUE(message), r->next++);
}

CASE(pop_all_hands_all_over_in_order) {
  libsched_queue *queue = check_queue_new(0);
  reader r = {0, 1, 0};
  size_t taken = 77;
  check_queue_push(queue, 1, CROWD);
  CHECK_OK(libsched_queue_pop_all(&taken, queue, read_in_order, &r));
  CHECK_EQ(taken, CROWD);
  CHECK_EQ(r.next, CROWD + 1);
  CHECK_EQ(check_queue_len(queue), 0);
  libsched_queue_unref(queue);
}

/* It may use the queue, and does not get what it pushes: that was not there at the beginning. */
static void read_and_push(void *message, void *data) {
  reader *r = (reader *)data;
  uint64_t n = 0;
  CHECK_EQ(VALUE(message), r->next++);
  CHECK_OK(libsched_queue_push(r->queue, ITEM(1000 + VALUE(message))));
  CHECK_OK(libsched_queue_len(&n, r->queue));
  CHECK_EQ(n, 10);
}

CASE(pop_all_ends_with_what_was_there) {
  reader r = {0, 1, 0};
  size_t taken = 77;
  int i;
  r.queue = check_queue_new(0);
  check_queue_push(r.queue, 1, 10);
  CHECK_OK(libsched_queue_pop_all(&taken, r.queue, read_and_push, &r));
  CHECK_EQ(taken, 10);
  for (i = 1; i <= 10; ++i) CHECK_EQ(check_queue_pop(r.queue), 1000 + i);
  libsched_queue_unref(r.queue);
}

/* It may take messages too: then the call finds fewer. */
static void read_and_pop(void *message, void *data) {
  reader *r = (reader *)data;
  CHECK_EQ(VALUE(message), r->next++);
  CHECK_EQ(check_queue_pop(r->queue), r->next++);
}

CASE(pop_all_finds_what_its_callback_leaves) {
  reader r = {0, 1, 0};
  size_t taken = 77;
  r.queue = check_queue_new(0);
  check_queue_push(r.queue, 1, 10);
  CHECK_OK(libsched_queue_pop_all(&taken, r.queue, read_and_pop, &r));
  CHECK_EQ(taken, 5);
  CHECK_EQ(check_queue_len(r.queue), 0);
  libsched_queue_unref(r.queue);
}

static void read_and_close(void *message, void *data) {
  CHECK_OK(libsched_queue_close(((reader *)data)->queue));
  read_in_order(message, data);
}

CASE(pop_all_goes_on_when_closed) {
  reader r = {0, 1, 0};
  size_t taken = 77;
  r.queue = check_queue_new(0);
  check_queue_push(r.queue, 1, 10);
  CHECK_OK(libsched_queue_pop_all(&taken, r.queue, read_and_close, &r));
  CHECK_EQ(taken, 10);
  CHECK_STATUS(libsched_queue_pop_all(&taken, r.queue, read_in_order, &r), LIBSCHED_E_CLOSED);
  CHECK_EQ(taken, 0);
  libsched_queue_unref(r.queue);
}

/* The calls for the other form of messages, by the queue and by a sender, do nothing. */
static void check_not_of_pointers(libsched_queue *queue, libsched_sender *sender) {
  void *out = UNTOUCHED;
  size_t taken = 77;
  CHECK_STATUS(libsched_queue_push(queue, ITEM(1)), LIBSCHED_E_STATE);
  CHECK_STATUS(libsched_queue_push_bounded(queue, ITEM(1), 0, 0), LIBSCHED_E_STATE);
  CHECK_STATUS(libsched_queue_try_push(queue, ITEM(1)), LIBSCHED_E_STATE);
  CHECK_STATUS(libsched_sender_push(sender, ITEM(1)), LIBSCHED_E_STATE);
  CHECK_STATUS(libsched_sender_push_bounded(sender, ITEM(1), 0, 0), LIBSCHED_E_STATE);
  CHECK_STATUS(libsched_sender_try_push(sender, ITEM(1)), LIBSCHED_E_STATE);
  CHECK_STATUS(libsched_queue_pop(&out, queue, 0, 0), LIBSCHED_E_STATE);
  CHECK_STATUS(libsched_queue_try_pop(&out, queue), LIBSCHED_E_STATE);
  CHECK_STATUS(libsched_queue_pop_n(&out, &taken, queue, 1, 0, 0), LIBSCHED_E_STATE);
  CHECK_STATUS(libsched_queue_pop_all(&taken, queue, never_called, 0), LIBSCHED_E_STATE);
  CHECK_PTR(out, UNTOUCHED);
}

static void check_not_of_bytes(libsched_queue *queue, libsched_sender *sender) {
  char buffer[4] = {5, 5, 5, 5};
  size_t size = 77;
  uint64_t n = 77;
  CHECK_STATUS(libsched_queue_push_bytes(queue, "a", 1), LIBSCHED_E_STATE);
  CHECK_STATUS(libsched_queue_push_bytes_bounded(queue, "a", 1, 0, 0), LIBSCHED_E_STATE);
  CHECK_STATUS(libsched_queue_try_push_bytes(queue, "a", 1), LIBSCHED_E_STATE);
  CHECK_STATUS(libsched_sender_push_bytes(sender, "a", 1), LIBSCHED_E_STATE);
  CHECK_STATUS(libsched_sender_push_bytes_bounded(sender, "a", 1, 0, 0), LIBSCHED_E_STATE);
  CHECK_STATUS(libsched_sender_try_push_bytes(sender, "a", 1), LIBSCHED_E_STATE);
  CHECK_STATUS(libsched_queue_pop_bytes(buffer, &size, queue, 4, 0, 0), LIBSCHED_E_STATE);
  CHECK_STATUS(libsched_queue_try_pop_bytes(buffer, &size, queue, 4), LIBSCHED_E_STATE);
  CHECK_STATUS(libsched_queue_byte_len(&n, queue), LIBSCHED_E_STATE);
  CHECK_EQ(n, 77);
  CHECK_EQ(buffer[0], 5);
}

CASE(the_forms_do_not_mix) {
  libsched_queue *queue = check_queue_new(0);
  libsched_queue *bytes = check_queue_bytes(0, 0);
  libsched_sender *sender = check_sender_new(queue);
  libsched_sender *byte_sender = check_sender_new(bytes);
  check_queue_push(queue, 1, 1);
  CHECK_OK(libsched_queue_push_bytes(bytes, "ab", 2));
  check_not_of_bytes(queue, sender);
  check_not_of_pointers(bytes, byte_sender);
  CHECK_EQ(check_queue_len(queue), 1);
  CHECK_EQ(check_queue_len(bytes), 1);
  CHECK_OK(libsched_queue_close(queue));
  CHECK_OK(libsched_queue_close(bytes));
  check_not_of_bytes(queue, sender);
  check_not_of_pointers(bytes, byte_sender);
  libsched_sender_unref(sender);
  libsched_sender_unref(byte_sender);
  libsched_queue_unref(queue);
  libsched_queue_unref(bytes);
}

/* --- options --- */

static int create_from(const void *options) {
  libsched_queue *queue = (libsched_queue *)UNTOUCHED;
  int status = libsched_queue_create(&queue, (const libsched_queue_options *)options);
  CHECK_EQ(queue != 0, status == LIBSCHED_OK);
  libsched_queue_unref(queue);
  return status;
}

CASE(options_are_checked) {
  libsched_queue_options options = LIBSCHED_QUEUE_OPTIONS_INIT;
  check_options_struct(create_from, &options, sizeof(options));
  options.bound = ~(uint64_t)0;
  CHECK_OK(create_from(&options));
  options.discard = check_tally_see;
  CHECK_OK(create_from(&options));
  options.flags = LIBSCHED_QUEUE_BYTES;
  CHECK_STATUS(create_from(&options), LIBSCHED_E_RANGE);
  options.discard = 0;
  CHECK_OK(create_from(&options));
  options.byte_bound = ~(uint64_t)0;
  CHECK_OK(create_from(&options));
  options.flags = 0;
  CHECK_STATUS(create_from(&options), LIBSCHED_E_RANGE);
  CHECK_EQ(check_live(LIBSCHED_KIND_QUEUE), 0);
}

CASE(unknown_flags_are_refused) {
  libsched_queue_options options = LIBSCHED_QUEUE_OPTIONS_INIT;
  int bit;
  for (bit = 1; bit < 64; ++bit) {
    options.flags = (uint64_t)1 << bit;
    CHECK_STATUS(create_from(&options), LIBSCHED_E_FLAGS);
    options.flags |= LIBSCHED_QUEUE_BYTES;
    CHECK_STATUS(create_from(&options), LIBSCHED_E_FLAGS);
  }
  CHECK_EQ(check_live(LIBSCHED_KIND_QUEUE), 0);
}

CASE(without_options_pointers_without_a_bound) {
  libsched_queue *queue = 0;
  int i;
  CHECK_OK(libsched_queue_create(&queue, 0));
  for (i = 1; i <= CROWD; ++i) CHECK_OK(libsched_queue_try_push(queue, ITEM(i)));
  for (; i <= 2 * CROWD; ++i) CHECK_OK(libsched_queue_push_bounded(queue, ITEM(i), 0, 0));
  CHECK_EQ(check_queue_len(queue), 2 * CROWD);
  libsched_queue_unref(queue);
}

/* A queue that is never long needs no more memory, however much has passed through it. */
CASE(history_costs_no_memory) {
  libsched_queue *queue = check_queue_new(0);
  int64_t before;
  int64_t i;
  if (CHECK_SANITIZED) check_skip("a sanitizer keeps memory of its own");
  check_queue_push(queue, 1, CROWD);
  for (i = 1; i <= CROWD; ++i) CHECK_EQ(check_queue_pop(queue), i);
  before = check_resident();
  for (i = 1; i <= 2000000; ++i) {
    check_queue_push(queue, i, i);
    CHECK_EQ(check_queue_pop(queue), i);
  }
  CHECK_LE(check_resident(), before + (1 << 20));
  libsched_queue_unref(queue);
}

CASES = {RUN(first_in_first_out),
         RUN(order_holds_at_any_fill),
         RUN(null_and_any_other_bits_are_messages),
         RUN(empty_is_told_from_closed),
         RUN(close_ends_the_intake_and_keeps_what_is_there),
         RUN(drained_after_close_by_every_way_out),
         RUN(pop_n_takes_what_is_there),
         RUN(pop_n_of_nothing),
         RUN(pop_all_hands_all_over_in_order),
         RUN(pop_all_ends_with_what_was_there),
         RUN(pop_all_finds_what_its_callback_leaves),
         RUN(pop_all_goes_on_when_closed),
         RUN(the_forms_do_not_mix),
         RUN(options_are_checked),
         RUN(unknown_flags_are_refused),
         RUN(without_options_pointers_without_a_bound),
         RUN(history_costs_no_memory),
         CASES_END};
