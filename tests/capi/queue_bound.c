/* The bound of a message queue: exact for any number, passed by push alone, waited for in line. */
#include "check_queue.h"

static const uint64_t bounds[] = {1, 2, 3, 7, 1000, 1025};
enum { BOUNDS = sizeof(bounds) / sizeof(bounds[0]) };

static void check_full(libsched_queue *queue) {
  int64_t n = check_queue_len(queue);
  CHECK_STATUS(libsched_queue_try_push(queue, UNTOUCHED), LIBSCHED_E_FULL);
  CHECK_STATUS(libsched_queue_push_bounded(queue, UNTOUCHED, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_STATUS(libsched_queue_push_bounded(queue, UNTOUCHED, 1000, 0), LIBSCHED_E_TIMEOUT);
  CHECK_EQ(check_queue_len(queue), n);
}

/* Again and again, so that the storage's blocks begin at every place of a fill. */
CASE(exact_in_one_thread) {
  int b;
  for (b = 0; b < BOUNDS; ++b) {
    libsched_queue *queue = check_queue_new(bounds[b]);
    int64_t bound = (int64_t)bounds[b];
    int64_t pushed = 0;
    int64_t popped = 0;
    int round;
    for (round = 0; round < 40; ++round) {
      while (pushed - popped < bound) {
        ++pushed;
        CHECK_OK(pushed % 2 ? libsched_queue_try_push(queue, ITEM(pushed))
                            : libsched_queue_push_bounded(queue, ITEM(pushed), 0, 0));
      }
      check_full(queue);
      CHECK_EQ(check_queue_pop(queue), ++popped);
      CHECK_OK(libsched_queue_try_push(queue, ITEM(++pushed)));
      check_full(queue);
      while (popped < pushed - round % bound) CHECK_EQ(check_queue_pop(queue), ++popped);
    }
    libsched_queue_unref(queue);
  }
}

CASE(push_passes_the_bound) {
  int b;
  for (b = 0; b < BOUNDS; ++b) {
    libsched_queue *queue = check_queue_new(bounds[b]);
    int64_t bound = (int64_t)bounds[b];
    int64_t i;
    check_queue_push(queue, 1, bound + 3000);
    CHECK_EQ(check_queue_len(queue), bound + 3000);
    for (i = 1; i <= 3001; ++i) {
      check_full(queue);
      CHECK_EQ(check_queue_pop(queue), i);
    }
    CHECK_OK(libsched_queue_try_push(queue, ITEM(bound + 3001)));
    check_full(queue);
    for (; i <= bound + 3001; ++i) CHECK_EQ(check_queue_pop(queue), i);
    libsched_queue_unref(queue);
  }
}

/* --- by many threads --- */

typedef struct crowd {
  libsched_queue *queue;
  libsched_sender *sender;
  int64_t bound;
  int way;
  check_event start;
  int64_t accepted;
  int64_t begun; /* takings that have begun, at most one more than were made */
  int64_t next;
  int64_t total;
} crowd;

static int push_somehow(crowd *c, int way, void *message) {
  switch (way % 4) {
    case 0:
      return libsched_queue_try_push(c->queue, message);
    case 1:
      return libsched_queue_push_bounded(c->queue, message, 0, 0);
    case 2:
      return libsched_sender_try_push(c->sender, message);
    default:
      return libsched_sender_push_bounded(c->sender, message, 1000, 0);
  }
}

static void *push_until_full(void *data) {
  crowd *c = (crowd *)data;
  int way = (int)CHECK_ADD(c->next, 1);
  CHECK_AWAIT(&c->start, 1);
  for (;;) {
    int status = push_somehow(c, way, UNTOUCHED);
    if (status != LIBSCHED_OK) {
      CHECK_STATUS(status, way % 2 == 0 ? LIBSCHED_E_FULL : LIBSCHED_E_TIMEOUT);
      return 0;
    }
    CHECK_ADD(c->accepted, 1);
  }
}

/* Nobody takes: so many are accepted, no more and no fewer. */
CASE(exact_under_many_producers) {
  int b;
  int round;
  for (b = 0; b < BOUNDS; ++b) {
    for (round = 0; round < CHECK_SCALE(40, 10); ++round) {
      crowd c = {0, 0, 0, 0, CHECK_EVENT_INIT, 0, 0, 0, 0};
      pthread_t threads[4];
      int64_t i;
      c.queue = check_queue_new(bounds[b]);
      c.sender = check_sender_new(c.queue);
      for (i = 0; i < 4; ++i) threads[i] = check_spawn(push_until_full, &c);
      check_event_add(&c.start, 1);
      for (i = 0; i < 4; ++i) check_join(threads[i]);
      CHECK_EQ(c.accepted, bounds[b]);
      CHECK_EQ(check_queue_len(c.queue), bounds[b]);
      for (i = 0; i < c.accepted; ++i) CHECK_PTR(ITEM(check_queue_pop(c.queue)), UNTOUCHED);
      libsched_sender_unref(c.sender);
      libsched_queue_unref(c.queue);
    }
  }
}

/*
 * With one taker: as many as were accepted, less the takings that have begun, are in the queue at the moment between
 * the two looks.
 */
static void *push_and_look(void *data) {
  crowd *c = (crowd *)data;
  int64_t number;
  while ((number = CHECK_ADD(c->next, 1)) <= c->total) {
    int64_t accepted;
    CHECK_OK(libsched_queue_push_bounded(c->queue, ITEM(number), LIBSCHED_FOREVER, 0));
    accepted = CHECK_ADD(c->accepted, 1);
    CHECK_LE(accepted - CHECK_GET(c->begun), c->bound);
  }
  return 0;
}

CASE(never_above_it_while_somebody_takes) {
  int b;
  for (b = 0; b < BOUNDS; ++b) {
    crowd c = {0, 0, 0, 0, CHECK_EVENT_INIT, 0, 0, 0, 0};
    pthread_t threads[4];
    void *out = 0;
    int64_t i;
    c.queue = check_queue_new(bounds[b]);
    c.bound = (int64_t)bounds[b];
    c.total = CHECK_SCALE(20000, 3000);
    check_tally_start((size_t)c.total);
    for (i = 0; i < 4; ++i) threads[i] = check_spawn(push_and_look, &c);
    for (i = 0; i < c.total; ++i) {
      CHECK_ADD(c.begun, 1);
      CHECK_OK(libsched_queue_pop(&out, c.queue, LIBSCHED_FOREVER, 0));
      check_tally_see(out);
    }
    for (i = 0; i < 4; ++i) check_join(threads[i]);
    CHECK_EQ(check_queue_len(c.queue), 0);
    CHECK_TALLY();
    libsched_queue_unref(c.queue);
  }
}

/* Producers and takers at once; then nobody takes, and it is exact again. */
static void *push_in_the_crowd(void *data) {
  crowd *c = (crowd *)data;
  int way = (int)CHECK_ADD(c->next, 1);
  int i;
  for (i = 0; i < CHECK_SCALE(20000, 2000); ++i) {
    if (push_somehow(c, way + i, UNTOUCHED) == LIBSCHED_OK) CHECK_ADD(c->accepted, 1);
  }
  return push_until_full(c);
}

static void *take_in_the_crowd(void *data) {
  crowd *c = (crowd *)data;
  void *out = 0;
  int i;
  for (i = 0; i < CHECK_SCALE(20000, 2000); ++i) {
    if (libsched_queue_try_pop(&out, c->queue) == LIBSCHED_OK) CHECK_ADD(c->begun, 1);
  }
  return 0;
}

CASE(exact_after_pushes_and_takings_at_once) {
  int b;
  for (b = 0; b < BOUNDS; ++b) {
    crowd c = {0, 0, 0, 0, CHECK_EVENT_INIT, 0, 0, 0, 0};
    pthread_t producers[3];
    pthread_t takers[2];
    int i;
    c.queue = check_queue_new(bounds[b]);
    c.sender = check_sender_new(c.queue);
    for (i = 0; i < 3; ++i) producers[i] = check_spawn(push_in_the_crowd, &c);
    for (i = 0; i < 2; ++i) takers[i] = check_spawn(take_in_the_crowd, &c);
    for (i = 0; i < 2; ++i) check_join(takers[i]);
    check_event_add(&c.start, 1);
    for (i = 0; i < 3; ++i) check_join(producers[i]);
    CHECK_EQ(c.accepted - c.begun, bounds[b]);
    CHECK_EQ(check_queue_len(c.queue), bounds[b]);
    libsched_sender_unref(c.sender);
    libsched_queue_unref(c.queue);
  }
}

/* --- who waits for room --- */

CASE(one_gets_in_for_each_that_is_taken) {
  enum { WAITING = 8 };
  libsched_queue *queue = check_queue_new(3);
  check_caller producers[WAITING];
  int64_t returned = 0;
  int i;
  check_queue_push(queue, 1, 3);
  for (i = 0; i < WAITING; ++i) {
    check_caller_init(&producers[i], CHECK_PUSH, queue);
    producers[i].message = ITEM(100 + i);
    producers[i].returned = &returned;
    check_caller_block(&producers[i]);
  }
  for (i = 0; i < WAITING; ++i) {
    CHECK_LE(CHECK_GET(returned), i);
    check_queue_pop(queue);
    CHECK_UNTIL(CHECK_GET(returned) == i + 1);
    CHECK_EQ(check_queue_len(queue), 3);
  }
  for (i = 0; i < WAITING; ++i) CHECK_OK(check_caller_end(&producers[i]));
  libsched_queue_unref(queue);
}

/* Room for several at once is used by several: whoever gets in sees to the next. */
static void check_all_get_in(int way) {
  enum { WAITING = 8 };
  libsched_queue *queue = check_queue_new(WAITING);
  check_caller producers[WAITING];
  void *out[WAITING];
  size_t taken = 0;
  int i;
  check_queue_push(queue, 1, WAITING);
  for (i = 0; i < WAITING; ++i) check_block_push(&producers[i], queue, 100 + i);
  if (way == 0) {
    CHECK_OK(libsched_queue_pop_n(out, &taken, queue, WAITING, LIBSCHED_FOREVER, 0));
    CHECK_LE(1, taken);
  }
  /* Messages that came meanwhile may be among them. */
  while (check_queue_len(queue) != WAITING || taken != WAITING) {
    if (taken < WAITING) taken += libsched_queue_try_pop(out, queue) == LIBSCHED_OK;
  }
  for (i = 0; i < WAITING; ++i) CHECK_OK(check_caller_end(&producers[i]));
  CHECK_EQ(check_queue_len(queue), WAITING);
  libsched_queue_unref(queue);
}

CASE(room_for_several_at_once) { check_all_get_in(0); }
CASE(room_for_several_one_by_one) { check_all_get_in(1); }

/* push goes on while others wait for room, and is taken in its place. */
CASE(push_passes_those_that_wait) {
  libsched_queue *queue = check_queue_new(1);
  check_caller producer;
  int i;
  check_queue_push(queue, 1, 1);
  check_block_push(&producer, queue, 5001);
  check_queue_push(queue, 2, 5000);
  CHECK_EQ(CHECK_GET(producer.done), 0);
  for (i = 1; i <= 5000; ++i) {
    CHECK_EQ(CHECK_GET(producer.done), 0);
    CHECK_EQ(check_queue_pop(queue), i);
  }
  CHECK_OK(check_caller_end(&producer));
  CHECK_EQ(check_queue_pop(queue), 5001);
  libsched_queue_unref(queue);
}

CASES = {RUN(exact_in_one_thread),
         RUN(push_passes_the_bound),
         RUN(exact_under_many_producers),
         RUN(never_above_it_while_somebody_takes),
         RUN(exact_after_pushes_and_takings_at_once),
         RUN(one_gets_in_for_each_that_is_taken),
         RUN(room_for_several_at_once),
         RUN(room_for_several_one_by_one),
         RUN(push_passes_those_that_wait),
         CASES_END};
