/* Message queues between threads: each message once, the order of each producer kept, also over all producers. */
#include "check_queue.h"

enum { PRODUCERS = 4, CONSUMERS = 4 };

typedef struct shop {
  libsched_queue *queue;
  libsched_sender *senders[PRODUCERS];
  int bytes;
  int64_t each; /* messages per producer, those of one in a row */
  int64_t producers;
  int64_t consumers;
  int64_t taken;
} shop;

static int push(shop *s, int64_t me, int way, int64_t message) {
  libsched_sender *sender = s->senders[me];
  if (s->bytes) {
    /* So many bytes that each length occurs, with the number in front. */
    char text[40];
    size_t size = sizeof(message) + (size_t)(message % 32);
    memset(text, (int)(message & 127), sizeof(text));
    memcpy(text, &message, sizeof(message));
    if (way == 0) return libsched_sender_push_bytes(sender, text, size);
    if (way == 1) return libsched_sender_try_push_bytes(sender, text, size);
    return libsched_sender_push_bytes_bounded(sender, text, size, LIBSCHED_FOREVER, 0);
  }
  if (way == 0) return libsched_sender_push(sender, ITEM(message));
  if (way == 1) return libsched_sender_try_push(sender, ITEM(message));
  return libsched_sender_push_bounded(sender, ITEM(message), LIBSCHED_FOREVER, 0);
}

static void *produce(void *data) {
  shop *s = (shop *)data;
  int64_t me = CHECK_ADD(s->producers, 1) - 1;
  uint64_t seed = (uint64_t)me + 1;
  int64_t i;
  for (i = 1; i <= s->each; ++i) {
    int way = (int)(check_random(&seed) % 8);
    int status;
    while ((status = push(s, me, way > 2 ? 2 : way, me * s->each + i)) == LIBSCHED_E_FULL) {
      sched_yield();
    }
    CHECK_OK(status);
  }
  libsched_sender_unref(s->senders[me]);
  return 0;
}

/* One consumer sees the messages of any one producer in the order of their pushes. */
typedef struct reader {
  shop *s;
  int64_t latest[PRODUCERS];
} reader;

static void read_one(void *message, void *data) {
  reader *r = (reader *)data;
  int64_t producer = (VALUE(message) - 1) / r->s->each;
  CHECK(r->latest[producer] < VALUE(message));
  r->latest[producer] = VALUE(message);
  check_tally_see(message);
  CHECK_ADD(r->s->taken, 1);
}

static int read_bytes(reader *r, int wait) {
  char text[40];
  size_t size = 0;
  size_t capacity = wait ? sizeof(text) : sizeof(text) / 2;
  int64_t message = 0;
  size_t i;
  int status =
      wait ? libsched_queue_pop_bytes(text, &size, r->s->queue, capacity, LIBSCHED_FOREVER, 0)
           : libsched_queue_try_pop_bytes(text, &size, r->s->queue, capacity);
  if (status == LIBSCHED_E_RANGE) CHECK_LE(capacity + 1, size);
  if (status != LIBSCHED_OK) return status;
  memcpy(&message, text, sizeof(message));
  CHECK_EQ(size, sizeof(message) + (size_t)(message % 32));
  for (i = sizeof(message); i < size; ++i) CHECK_EQ(text[i], (char)(message & 127));
  read_one(ITEM(message), r);
  return status;
}

static int read_some(reader *r, unsigned way) {
  void *out[50];
  size_t taken = 0;
  size_t i;
  int status;
  switch (way) {
    case 0:
      status = libsched_queue_try_pop(out, r->s->queue);
      taken = status == LIBSCHED_OK;
      break;
    case 1:
      return libsched_queue_pop_all(&taken, r->s->queue, read_one, r);
    case 2:
      status = libsched_queue_pop_n(out, &taken, r->s->queue, 50, LIBSCHED_FOREVER, 0);
      break;
    default:
      status = libsched_queue_pop(out, r->s->queue, LIBSCHED_FOREVER, 0);
      taken = status == LIBSCHED_OK;
  }
  for (i = 0; i < taken; ++i) read_one(out[i], r);
  return status;
}

static void *consume(void *data) {
  shop *s = (shop *)data;
  reader r;
  uint64_t seed = (uint64_t)CHECK_ADD(s->consumers, 1) + 100;
  int status = LIBSCHED_OK;
  memset(&r, 0, sizeof(r));
  r.s = s;
  while (status != LIBSCHED_E_CLOSED) {
    unsigned way = check_random(&seed) % 8;
    status = s->bytes ? read_bytes(&r, way != 0) : read_some(&r, way);
    CHECK(status == LIBSCHED_OK || status == LIBSCHED_E_EMPTY || status == LIBSCHED_E_CLOSED ||
          status == LIBSCHED_E_RANGE);
  }
  return 0;
}

static void check_shop(int bytes, uint64_t bound) {
  static shop s;
  pthread_t threads[PRODUCERS + CONSUMERS];
  int i;
  memset(&s, 0, sizeof(s));
  s.each = CHECK_SCALE(30000, 3000);
  s.bytes = bytes;
  s.queue = bytes ? check_queue_bytes(bound, bound * 30) : check_queue_new(bound);
  if (bytes && bound == 1) {
    libsched_queue_unref(s.queue);
    s.queue = check_queue_bytes(0, 40);
  }
  for (i = 0; i < PRODUCERS; ++i) s.senders[i] = check_sender_new(s.queue);
  check_tally_start((size_t)(PRODUCERS * s.each));
  for (i = 0; i < PRODUCERS; ++i) threads[i] = check_spawn(produce, &s);
  for (; i < PRODUCERS + CONSUMERS; ++i) threads[i] = check_spawn(consume, &s);
  for (i = 0; i < PRODUCERS + CONSUMERS; ++i) check_join(threads[i]);
  CHECK_EQ(s.taken, PRODUCERS * s.each);
  CHECK_EQ(check_queue_len(s.queue), 0);
  if (bytes) CHECK_EQ(check_queue_byte_len(s.queue), 0);
  CHECK_TALLY();
  libsched_queue_unref(s.queue);
}

CASE(pointers_without_a_bound) { check_shop(0, 0); }
CASE(pointers_with_a_bound_of_1) { check_shop(0, 1); }
CASE(pointers_with_a_bound_of_100) { check_shop(0, 100); }
CASE(bytes_without_a_bound) { check_shop(1, 0); }
CASE(bytes_with_room_for_one) { check_shop(1, 1); }
CASE(bytes_with_bounds_of_100) { check_shop(1, 100); }

/* With the order of pushes fixed by a lock, messages come out in that global order. */
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static int64_t last_number;

static void *push_in_turn(void *data) {
  int i;
  for (i = 0; i < CHECK_SCALE(20000, 2000); ++i) {
    pthread_mutex_lock(&one_at_a_time);
    ++last_number;
    CHECK_OK(i % 2 ? libsched_queue_push((libsched_queue *)data, ITEM(last_number))
                   : libsched_queue_push_bounded((libsched_queue *)data, ITEM(last_number),
                                                 LIBSCHED_FOREVER, 0));
    pthread_mutex_unlock(&one_at_a_time);
  }
  return 0;
}

CASE(order_is_global) {
  libsched_queue *queue = check_queue_new(50);
  pthread_t threads[PRODUCERS];
  int64_t total = (int64_t)PRODUCERS * CHECK_SCALE(20000, 2000);
  int64_t next;
  void *out = 0;
  int i;
  for (i = 0; i < PRODUCERS; ++i) threads[i] = check_spawn(push_in_turn, queue);
  for (next = 1; next <= total; ++next) {
    CHECK_OK(libsched_queue_pop(&out, queue, LIBSCHED_FOREVER, 0));
    CHECK_EQ(VALUE(out), next);
  }
  for (i = 0; i < PRODUCERS; ++i) check_join(threads[i]);
  libsched_queue_unref(queue);
}

/* One message that goes back and forth, so that one side always sleeps or is about to. */
typedef struct court {
  libsched_queue *there;
  libsched_queue *back;
} court;

static void *return_all(void *data) {
  court *c = (court *)data;
  void *message = 0;
  while (libsched_queue_pop(&message, c->there, LIBSCHED_FOREVER, 0) == LIBSCHED_OK) {
    CHECK_OK(libsched_queue_push_bounded(c->back, message, LIBSCHED_FOREVER, 0));
  }
  return 0;
}

CASE(back_and_forth) {
  court c;
  pthread_t thread;
  void *message = 0;
  int64_t i;
  c.there = check_queue_new(1);
  c.back = check_queue_new(1);
  thread = check_spawn(return_all, &c);
  for (i = 1; i <= CHECK_SCALE(20000, 3000); ++i) {
    CHECK_OK(libsched_queue_push_bounded(c.there, ITEM(i), LIBSCHED_FOREVER, 0));
    CHECK_OK(libsched_queue_pop(&message, c.back, LIBSCHED_FOREVER, 0));
    CHECK_EQ(VALUE(message), i);
  }
  CHECK_OK(libsched_queue_close(c.there));
  check_join(thread);
  libsched_queue_unref(c.there);
  libsched_queue_unref(c.back);
}

CASES = {RUN(pointers_without_a_bound),
         RUN(pointers_with_a_bound_of_1),
         RUN(pointers_with_a_bound_of_100),
         RUN(bytes_without_a_bound),
         RUN(bytes_with_room_for_one),
         RUN(bytes_with_bounds_of_100),
         RUN(order_is_global),
         RUN(back_and_forth),
         CASES_END};
