/* The injector between threads: each element once, and the order of each producer kept. */
#include "check_deque.h"

#define PRODUCERS 4
#define CONSUMERS 4

typedef struct shop {
  libsched_injector *injector;
  int64_t each;      /* elements per producer */
  int64_t producers; /* how many have begun; gives each its number */
  int64_t consumers;
  int64_t finished; /* producers that are done */
  int64_t taken;
  int64_t retries;
  int by_array;
  int way;
} shop;

/* Elements are 1 to PRODUCERS * each, those of one producer in a row. */
static void *produce(void *data) {
  shop *s = (shop *)data;
  int64_t first = (CHECK_ADD(s->producers, 1) - 1) * s->each + 1;
  int64_t i = 0;
  uint64_t seed = (uint64_t)first;
  while (i < s->each) {
    if (s->by_array) {
      void *items[100];
      size_t accepted = 0;
      int64_t n = check_random(&seed) % 100;
      int64_t k;
      if (n > s->each - i) n = s->each - i;
      for (k = 0; k < n; ++k) items[k] = ITEM(first + i + k);
      CHECK_OK(libsched_injector_push_n(&accepted, s->injector, items, (size_t)n));
      CHECK_EQ(accepted, n);
      i += n;
    } else {
      CHECK_OK(libsched_injector_push(s->injector, ITEM(first + i)));
      ++i;
    }
  }
  CHECK_ADD(s->finished, 1);
  return 0;
}

/* One consumer sees the elements of any one producer in the order of their pushes. */
static void look_at(shop *s, int64_t *latest, void *item) {
  int64_t producer = (VALUE(item) - 1) / s->each;
  CHECK(latest[producer] < VALUE(item));
  latest[producer] = VALUE(item);
  check_tally_see(item);
  CHECK_ADD(s->taken, 1);
}

static void *consume(void *data) {
  shop *s = (shop *)data;
  int64_t me = CHECK_ADD(s->consumers, 1) - 1;
  int way = s->way < 0 ? (int)(me % 3) : s->way;
  libsched_deque *own = check_deque(me % 2 ? LIBSCHED_LIFO : LIBSCHED_FIFO, 0);
  int64_t latest[PRODUCERS] = {0, 0, 0, 0};
  for (;;) {
    int finished = CHECK_GET(s->finished) == PRODUCERS;
    void *out = 0;
    int status;
    if (way == 0) {
      status = libsched_injector_steal(&out, s->injector);
    } else if (way == 1) {
      status = libsched_injector_steal_batch(s->injector, own, 0);
    } else {
      status = libsched_injector_steal_batch_and_pop(&out, s->injector, own, 0);
    }
    if (status == LIBSCHED_OK) {
      if (way != 1) look_at(s, latest, out);
      while (libsched_deque_pop(&out, own) == LIBSCHED_OK) look_at(s, latest, out);
    } else if (status == LIBSCHED_E_RETRY) {
      CHECK_ADD(s->retries, 1);
    } else {
      CHECK_STATUS(status, LIBSCHED_E_EMPTY);
      if (finished) break;
    }
  }
  libsched_deque_unref(own);
  return 0;
}

static void check_shop(int by_array, int way) {
  static shop s;
  pthread_t threads[PRODUCERS + CONSUMERS];
  uint64_t n = 1;
  int i;
  memset(&s, 0, sizeof(s));
  s.each = CHECK_SCALE(100000, 10000);
  s.by_array = by_array;
  s.way = way;
  CHECK_OK(libsched_injector_create(&s.injector, 0));
  check_tally_start((size_t)(PRODUCERS * s.each));
  for (i = 0; i < PRODUCERS; ++i) threads[i] = check_spawn(produce, &s);
  for (; i < PRODUCERS + CONSUMERS; ++i) threads[i] = check_spawn(consume, &s);
  for (i = 0; i < PRODUCERS + CONSUMERS; ++i) check_join(threads[i]);
  printf("%ld elements, %ld retries\n", (long)s.taken, (long)s.retries);
  CHECK_EQ(s.taken, PRODUCERS * s.each);
  CHECK_OK(libsched_injector_len(&n, s.injector));
  CHECK_EQ(n, 0);
  CHECK_TALLY();
  libsched_injector_unref(s.injector);
}

CASE(single_steals) { check_shop(0, 0); }
CASE(batch_steals) { check_shop(0, 1); }
CASE(batch_and_pops) { check_shop(0, 2); }
CASE(arrays_and_all_kinds_of_steals) { check_shop(1, -1); }

/*
 * With the order of pushes fixed by a lock, elements come out in that global order: an injector is one queue, not one
 * per producer.
 */
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static int64_t last_number;

static void *push_in_turn(void *data) {
  int i;
  for (i = 0; i < CHECK_SCALE(50000, 5000); ++i) {
    pthread_mutex_lock(&one_at_a_time);
    CHECK_OK(libsched_injector_push((libsched_injector *)data, ITEM(++last_number)));
    pthread_mutex_unlock(&one_at_a_time);
  }
  return 0;
}

CASE(order_is_global) {
  libsched_injector *injector = 0;
  pthread_t threads[PRODUCERS];
  int64_t total = (int64_t)PRODUCERS * CHECK_SCALE(50000, 5000);
  int64_t next = 1;
  int i;
  CHECK_OK(libsched_injector_create(&injector, 0));
  for (i = 0; i < PRODUCERS; ++i) threads[i] = check_spawn(push_in_turn, injector);
  while (next <= total) {
    void *out = 0;
    int status = libsched_injector_steal(&out, injector);
    if (status == LIBSCHED_OK) CHECK_EQ(VALUE(out), next++);
  }
  for (i = 0; i < PRODUCERS; ++i) check_join(threads[i]);
  libsched_injector_unref(injector);
}

/* While others work len is a recent value, not an exact one; but it never runs below zero, nor past all pushes. */
static void *watch_length(void *data) {
  shop *s = (shop *)data;
  uint64_t n = 0;
  while (CHECK_GET(s->finished) == 0) {
    CHECK_OK(libsched_injector_len(&n, s->injector));
    CHECK_LE(0, (int64_t)n);
    CHECK_LE((int64_t)n, s->each);
  }
  return 0;
}

CASE(length_stays_plausible) {
  static shop s;
  pthread_t thread;
  int64_t i;
  void *out = 0;
  s.each = CHECK_SCALE(300000, 30000);
  CHECK_OK(libsched_injector_create(&s.injector, 0));
  thread = check_spawn(watch_length, &s);
  for (i = 0; i < s.each; ++i) {
    CHECK_OK(libsched_injector_push(s.injector, ITEM(1)));
    if (i % 3 == 2) {
      while (libsched_injector_steal(&out, s.injector) == LIBSCHED_OK) {
      }
    }
  }
  CHECK_SET(s.finished, 1);
  check_join(thread);
  libsched_injector_unref(s.injector);
}

CASES = {RUN(single_steals),
         RUN(batch_steals),
         RUN(batch_and_pops),
         RUN(arrays_and_all_kinds_of_steals),
         RUN(order_is_global),
         RUN(length_stays_plausible),
         CASES_END};
