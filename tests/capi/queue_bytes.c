/* Queues of bytes: copies of any length, bounds in messages and in bytes. */
#include "check_queue.h"

static void fill(unsigned char *bytes, size_t size, unsigned seed) {
  size_t i;
  for (i = 0; i < size; ++i) bytes[i] = (unsigned char)(i * 7 + seed);
}

CASE(copies_go_in_and_out) {
  enum { LARGEST = 1 << 20 };
  libsched_queue *queue = check_queue_bytes(0, 0);
  unsigned char *in = (unsigned char *)malloc(LARGEST);
  unsigned char *out = (unsigned char *)malloc(LARGEST);
  size_t size;
  CHECK(in != 0 && out != 0);
  for (size = 0; size <= LARGEST; size = size * 3 / 2 + 1) {
    fill(in, size, (unsigned)size);
    CHECK_OK(libsched_queue_push_bytes(queue, in, size));
    memset(in, 0xee, size);
  }
  for (size = 0; size <= LARGEST; size = size * 3 / 2 + 1) {
    size_t got = 77;
    fill(in, size, (unsigned)size);
    memset(out, 0xdd, size + 1 <= LARGEST ? size + 1 : size);
    CHECK_OK(libsched_queue_pop_bytes(out, &got, queue, LARGEST, 0, 0));
    CHECK_EQ(got, size);
    CHECK_EQ(memcmp(in, out, size), 0);
    if (size < LARGEST) CHECK_EQ(out[size], 0xdd);
  }
  CHECK_EQ(check_queue_len(queue), 0);
  CHECK_EQ(check_queue_byte_len(queue), 0);
  free(in);
  free(out);
  libsched_queue_unref(queue);
}

CASE(an_empty_message_is_a_message) {
  libsched_queue *queue = check_queue_bytes(3, 1);
  size_t size = 77;
  char buffer[1] = {9};
  CHECK_OK(libsched_queue_push_bytes(queue, 0, 0));
  CHECK_OK(libsched_queue_try_push_bytes(queue, "", 0));
  CHECK_OK(libsched_queue_push_bytes_bounded(queue, 0, 0, 0, 0));
  CHECK_EQ(check_queue_len(queue), 3);
  CHECK_EQ(check_queue_byte_len(queue), 0);
  CHECK_STATUS(libsched_queue_try_push_bytes(queue, 0, 0), LIBSCHED_E_FULL);
  CHECK_OK(libsched_queue_try_pop_bytes(0, &size, queue, 0));
  CHECK_EQ(size, 0);
  size = 77;
  CHECK_OK(libsched_queue_pop_bytes(buffer, &size, queue, 1, LIBSCHED_FOREVER, 0));
  CHECK_EQ(size, 0);
  CHECK_EQ(buffer[0], 9);
  CHECK_EQ(check_queue_len(queue), 1);
  libsched_queue_unref(queue);
}

/* The message that does not fit says how long it is and stays, the oldest as before. */
static void check_too_small(libsched_queue *queue, size_t length) {
  char buffer[8] = {1, 1, 1, 1, 1, 1, 1, 1};
  size_t capacity;
  for (capacity = 0; capacity < length; ++capacity) {
    size_t size = 77;
    CHECK_STATUS(libsched_queue_try_pop_bytes(buffer, &size, queue, capacity), LIBSCHED_E_RANGE);
    CHECK_EQ(size, length);
    size = 77;
    CHECK_STATUS(libsched_queue_pop_bytes(buffer, &size, queue, capacity, LIBSCHED_FOREVER, 0),
                 LIBSCHED_E_RANGE);
    CHECK_EQ(size, length);
    CHECK_EQ(buffer[0], 1);
  }
  {
    size_t size = 77;
    CHECK_STATUS(libsched_queue_try_pop_bytes(0, &size, queue, 0), LIBSCHED_E_RANGE);
    CHECK_EQ(size, length);
  }
}

CASE(a_buffer_that_is_too_small) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  char buffer[8];
  size_t size = 77;
  CHECK_OK(libsched_queue_push_bytes(queue, "abcde", 5));
  CHECK_OK(libsched_queue_push_bytes(queue, "x", 1));
  check_too_small(queue, 5);
  CHECK_EQ(check_queue_len(queue), 2);
  CHECK_EQ(check_queue_byte_len(queue), 6);
  CHECK_OK(libsched_queue_close(queue));
  check_too_small(queue, 5);
  CHECK_OK(libsched_queue_try_pop_bytes(buffer, &size, queue, 5));
  CHECK_EQ(memcmp(buffer, "abcde", 5), 0);
  CHECK_OK(libsched_queue_try_pop_bytes(buffer, &size, queue, 1));
  CHECK_EQ(size, 1);
  CHECK_STATUS(libsched_queue_try_pop_bytes(buffer, &size, queue, 0), LIBSCHED_E_CLOSED);
  libsched_queue_unref(queue);
}

/* Who waits gets the same answer, and leaves the message to the others that wait. */
static void *wait_with_small_buffer(void *data) {
  check_caller *c = (check_caller *)data;
  char buffer[2];
  CHECK_SET(c->thread_id, check_thread_id());
  CHECK_STATUS(
      libsched_queue_pop_bytes(buffer, &c->size, c->queue, sizeof(buffer), LIBSCHED_FOREVER, 0),
      LIBSCHED_E_RANGE);
  CHECK_EQ(c->size, 5);
  CHECK_SET(c->done, 1);
  return 0;
}

CASE(small_buffers_that_wait) {
  int round;
  for (round = 0; round < CHECK_SCALE(50, 10); ++round) {
    libsched_queue *queue = check_queue_bytes(0, 0);
    check_caller small[3];
    check_caller large;
    int i;
    for (i = 0; i < 3; ++i) {
      check_caller_init(&small[i], CHECK_POP_BYTES, queue);
      small[i].thread = check_spawn(wait_with_small_buffer, &small[i]);
    }
    if (round % 2) {
      for (i = 0; i < 3; ++i) check_until_asleep(&small[i].thread_id);
    }
    CHECK_OK(libsched_queue_push_bytes(queue, "abcde", 5));
    for (i = 0; i < 3; ++i) check_caller_end(&small[i]);
    check_caller_init(&large, CHECK_POP_BYTES, queue);
    check_caller_start(&large);
    CHECK_OK(check_caller_end(&large));
    CHECK_EQ(large.size, 5);
    libsched_queue_unref(queue);
  }
}

CASE(empty_is_told_from_closed) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  char buffer[4];
  size_t size = 77;
  CHECK_STATUS(libsched_queue_try_pop_bytes(buffer, &size, queue, 4), LIBSCHED_E_EMPTY);
  CHECK_STATUS(libsched_queue_pop_bytes(buffer, &size, queue, 4, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_STATUS(libsched_queue_pop_bytes(buffer, &size, queue, 4, 1000, 0), LIBSCHED_E_TIMEOUT);
  CHECK_OK(libsched_queue_close(queue));
  CHECK_STATUS(libsched_queue_try_pop_bytes(buffer, &size, queue, 4), LIBSCHED_E_CLOSED);
  CHECK_STATUS(libsched_queue_pop_bytes(buffer, &size, queue, 4, LIBSCHED_FOREVER, 0),
               LIBSCHED_E_CLOSED);
  CHECK_STATUS(libsched_queue_push_bytes(queue, "a", 1), LIBSCHED_E_CLOSED);
  CHECK_STATUS(libsched_queue_try_push_bytes(queue, "a", 1), LIBSCHED_E_CLOSED);
  CHECK_STATUS(libsched_queue_push_bytes_bounded(queue, "a", 1, LIBSCHED_FOREVER, 0),
               LIBSCHED_E_CLOSED);
  CHECK_EQ(check_queue_byte_len(queue), 0);
  libsched_queue_unref(queue);
}

/* --- bounds --- */

static void check_full(libsched_queue *queue, size_t size) {
  int64_t n = check_queue_len(queue);
  int64_t bytes = check_queue_byte_len(queue);
  static const char zeros[64] = {0};
  CHECK_STATUS(libsched_queue_try_push_bytes(queue, zeros, size), LIBSCHED_E_FULL);
  CHECK_STATUS(libsched_queue_push_bytes_bounded(queue, zeros, size, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_STATUS(libsched_queue_push_bytes_bounded(queue, zeros, size, 1000, 0), LIBSCHED_E_TIMEOUT);
  CHECK_EQ(check_queue_len(queue), n);
  CHECK_EQ(check_queue_byte_len(queue), bytes);
}

CASE(the_byte_bound_is_exact) {
  libsched_queue *queue = check_queue_bytes(0, 11);
  CHECK_OK(libsched_queue_try_push_bytes(queue, "abcd", 4));
  CHECK_OK(libsched_queue_push_bytes_bounded(queue, "efgh", 4, 0, 0));
  check_full(queue, 4);
  CHECK_OK(libsched_queue_try_push_bytes(queue, "ijk", 3));
  CHECK_EQ(check_queue_byte_len(queue), 11);
  check_full(queue, 1);
  CHECK_OK(libsched_queue_try_push_bytes(queue, 0, 0));
  CHECK_EQ(check_queue_pop_bytes(queue), 4);
  CHECK_EQ(check_queue_byte_len(queue), 7);
  check_full(queue, 5);
  CHECK_OK(libsched_queue_try_push_bytes(queue, "lmno", 4));
  check_full(queue, 1);
  libsched_queue_unref(queue);
}

CASE(the_byte_bound_fits_one_of_its_size) {
  libsched_queue *queue = check_queue_bytes(0, 11);
  CHECK_OK(libsched_queue_try_push_bytes(queue, "abcdefghijk", 11));
  check_full(queue, 1);
  CHECK_EQ(check_queue_pop_bytes(queue), 11);
  CHECK_OK(libsched_queue_push_bytes_bounded(queue, "abcdefghijk", 11, 0, 0));
  libsched_queue_unref(queue);
}

CASE(larger_than_the_byte_bound) {
  libsched_queue *queue = check_queue_bytes(0, 3);
  libsched_sender *sender = check_sender_new(queue);
  CHECK_STATUS(libsched_queue_try_push_bytes(queue, "abcd", 4), LIBSCHED_E_RANGE);
  CHECK_STATUS(libsched_queue_push_bytes_bounded(queue, "abcd", 4, LIBSCHED_FOREVER, 0),
               LIBSCHED_E_RANGE);
  CHECK_STATUS(libsched_sender_try_push_bytes(sender, "abcd", 4), LIBSCHED_E_RANGE);
  CHECK_STATUS(libsched_sender_push_bytes_bounded(sender, "abcd", 4, LIBSCHED_FOREVER, 0),
               LIBSCHED_E_RANGE);
  CHECK_EQ(check_queue_len(queue), 0);
  CHECK_OK(libsched_queue_push_bytes(queue, "abcd", 4));
  CHECK_OK(libsched_sender_push_bytes(sender, "abcd", 4));
  CHECK_EQ(check_queue_byte_len(queue), 8);
  check_full(queue, 0);
  CHECK_EQ(check_queue_pop_bytes(queue), 4);
  check_full(queue, 0);
  CHECK_EQ(check_queue_pop_bytes(queue), 4);
  CHECK_OK(libsched_queue_try_push_bytes(queue, "abc", 3));
  libsched_sender_unref(sender);
  libsched_queue_unref(queue);
}

CASE(both_bounds_hold) {
  libsched_queue *queue = check_queue_bytes(3, 10);
  CHECK_OK(libsched_queue_try_push_bytes(queue, "a", 1));
  CHECK_OK(libsched_queue_try_push_bytes(queue, "b", 1));
  CHECK_OK(libsched_queue_try_push_bytes(queue, "c", 1));
  check_full(queue, 0);
  check_full(queue, 7);
  CHECK_EQ(check_queue_pop_bytes(queue), 1);
  check_full(queue, 9);
  CHECK_OK(libsched_queue_try_push_bytes(queue, "12345678", 8));
  check_full(queue, 0);
  CHECK_EQ(check_queue_pop_bytes(queue), 1);
  check_full(queue, 2);
  CHECK_OK(libsched_queue_try_push_bytes(queue, "d", 1));
  CHECK_EQ(check_queue_byte_len(queue), 10);
  libsched_queue_unref(queue);
}

/* A message of more bytes than there are is refused by the system; nothing is counted. */
CASE(no_memory) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  if (CHECK_SANITIZED) check_skip("a sanitizer ends a program that asks for so much");
  CHECK_STATUS(libsched_queue_push_bytes(queue, "a", (size_t)1 << 62), -ENOMEM);
  CHECK_STATUS(libsched_queue_try_push_bytes(queue, "a", ~(size_t)0), -ENOMEM);
  CHECK_STATUS(libsched_queue_push_bytes_bounded(queue, "a", (size_t)1 << 57, 0, 0), -ENOMEM);
  CHECK_EQ(check_queue_len(queue), 0);
  CHECK_EQ(check_queue_byte_len(queue), 0);
  libsched_queue_unref(queue);
}

/* --- by many threads --- */

typedef struct crowd {
  libsched_queue *queue;
  int64_t bytes;
  int64_t messages;
  uint64_t bound;
  uint64_t byte_bound;
  int64_t seed;
} crowd;

static void *push_until_full(void *data) {
  static const char zeros[64] = {0};
  crowd *c = (crowd *)data;
  uint64_t seed = (uint64_t)CHECK_ADD(c->seed, 1);
  size_t size = 40;
  for (;;) {
    int status;
    size_t now = size > 1 ? 1 + check_random(&seed) % size : size;
    status = libsched_queue_try_push_bytes(c->queue, zeros, now);
    if (status == LIBSCHED_OK) {
      CHECK_ADD(c->bytes, (int64_t)now);
      CHECK_ADD(c->messages, 1);
    } else {
      CHECK_STATUS(status, LIBSCHED_E_FULL);
      if (size == 1) return 0;
      size /= 2;
    }
  }
}

/* The claims of two that do not fit together may refuse both, so the last bytes are pushed alone. */
CASE(exact_under_many_producers) {
  static const uint64_t bounds[] = {1, 7, 100, 1000};
  int round;
  for (round = 0; round < CHECK_SCALE(200, 40); ++round) {
    crowd c = {0, 0, 0, 0, 0, 0};
    pthread_t threads[4];
    int i;
    c.bound = bounds[round % 4];
    c.byte_bound = round % 3 == 0 ? 0 : bounds[(round / 4) % 4] + 40;
    c.seed = round;
    c.queue = check_queue_bytes(c.bound, c.byte_bound);
    for (i = 0; i < 4; ++i) threads[i] = check_spawn(push_until_full, &c);
    for (i = 0; i < 4; ++i) check_join(threads[i]);
    push_until_full(&c);
    CHECK_EQ(check_queue_len(c.queue), c.messages);
    CHECK_EQ(check_queue_byte_len(c.queue), c.bytes);
    CHECK_LE(c.messages, (int64_t)c.bound);
    if (c.byte_bound != 0) CHECK_LE(c.bytes, (int64_t)c.byte_bound);
    CHECK(c.messages == (int64_t)c.bound || c.bytes == (int64_t)c.byte_bound);
    for (i = 0; i < c.messages; ++i) c.bytes -= check_queue_pop_bytes(c.queue);
    CHECK_EQ(c.bytes, 0);
    CHECK_EQ(check_queue_byte_len(c.queue), 0);
    libsched_queue_unref(c.queue);
  }
}

/* --- who waits for room --- */

static void block_push(check_caller *c, libsched_queue *queue, size_t size) {
  check_caller_init(c, CHECK_PUSH_BYTES, queue);
  c->size = size;
  check_caller_block(c);
}

/* It gets in with the taking that makes enough room, not before. */
CASE(a_producer_waits_for_enough_bytes) {
  libsched_queue *queue = check_queue_bytes(0, 10);
  check_caller producer;
  int i;
  for (i = 0; i < 10; ++i) CHECK_OK(libsched_queue_try_push_bytes(queue, "a", 1));
  block_push(&producer, queue, 8);
  for (i = 0; i < 7; ++i) {
    CHECK_EQ(check_queue_pop_bytes(queue), 1);
    CHECK_EQ(CHECK_GET(producer.done), 0);
  }
  CHECK_EQ(check_queue_pop_bytes(queue), 1);
  CHECK_OK(check_caller_end(&producer));
  CHECK_EQ(check_queue_byte_len(queue), 10);
  libsched_queue_unref(queue);
}

/* Several wait; the room of one taking is enough for all. */
static void check_all_get_in(size_t size, size_t past) {
  enum { WAITING = 6 };
  static const char zeros[64] = {0};
  libsched_queue *queue = check_queue_bytes(0, 12);
  check_caller producers[WAITING];
  int i;
  CHECK_OK(libsched_queue_push_bytes(queue, zeros, 12));
  CHECK_OK(libsched_queue_push_bytes(queue, zeros, past));
  for (i = 0; i < WAITING; ++i) block_push(&producers[i], queue, size);
  for (i = 0; i < WAITING; ++i) CHECK_EQ(CHECK_GET(producers[i].done), 0);
  CHECK_EQ(check_queue_pop_bytes(queue), 12);
  for (i = 0; i < WAITING; ++i) CHECK_OK(check_caller_end(&producers[i]));
  CHECK_EQ(check_queue_byte_len(queue), past + WAITING * size);
  libsched_queue_unref(queue);
}

CASE(all_get_in_that_fit) { check_all_get_in(1, 6); }
CASE(all_empty_ones_get_in_at_exactly_the_byte_bound) { check_all_get_in(0, 12); }

/* In line, behind one that is larger; when it gives up, they need not wait for the next taking. */
CASE(a_large_one_that_gives_up_lets_small_ones_in) {
  libsched_queue *queue = check_queue_bytes(0, 10);
  libsched_cancel *cancel = 0;
  check_caller large;
  check_caller small[2];
  int i;
  CHECK_OK(libsched_cancel_create(&cancel));
  CHECK_OK(libsched_queue_push_bytes(queue, "12345", 5));
  CHECK_OK(libsched_queue_push_bytes(queue, "12345", 5));
  check_caller_init(&large, CHECK_PUSH_BYTES, queue);
  large.size = 10;
  large.cancel = cancel;
  check_caller_block(&large);
  for (i = 0; i < 2; ++i) block_push(&small[i], queue, 2);
  CHECK_EQ(check_queue_pop_bytes(queue), 5);
  CHECK_OK(libsched_cancel_trigger(cancel));
  CHECK_STATUS(check_caller_end(&large), LIBSCHED_E_CANCELLED);
  for (i = 0; i < 2; ++i) CHECK_OK(check_caller_end(&small[i]));
  CHECK_EQ(check_queue_byte_len(queue), 9);
  libsched_cancel_unref(cancel);
  libsched_queue_unref(queue);
}

/* What is left when the queue dies is freed: LeakSanitizer looks. */
CASE(leftovers_are_freed) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_sender *sender = check_sender_new(queue);
  int i;
  for (i = 0; i < 1000; ++i) CHECK_OK(libsched_sender_push_bytes(sender, "abc", i % 4 ? 3 : 0));
  libsched_queue_unref(queue);
  CHECK_STATUS(libsched_sender_push_bytes(sender, "abc", 3), LIBSCHED_E_CLOSED);
  libsched_sender_unref(sender);
  CHECK_EQ(check_live(LIBSCHED_KIND_QUEUE), 0);
  CHECK_EQ(check_live(LIBSCHED_KIND_SENDER), 0);
}

CASES = {RUN(copies_go_in_and_out),
         RUN(an_empty_message_is_a_message),
         RUN(a_buffer_that_is_too_small),
         RUN(small_buffers_that_wait),
         RUN(empty_is_told_from_closed),
         RUN(the_byte_bound_is_exact),
         RUN(the_byte_bound_fits_one_of_its_size),
         RUN(larger_than_the_byte_bound),
         RUN(both_bounds_hold),
         RUN(no_memory),
         RUN(exact_under_many_producers),
         RUN(a_producer_waits_for_enough_bytes),
         RUN(all_get_in_that_fit),
         RUN(all_empty_ones_get_in_at_exactly_the_byte_bound),
         RUN(a_large_one_that_gives_up_lets_small_ones_in),
         RUN(leftovers_are_freed),
         CASES_END};
