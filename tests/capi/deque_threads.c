/* One deque and many threads: each element comes out exactly once, and owner calls that overlap say so. */
#include "check_deque.h"

/* Thieves take elements in one of the three ways until the owner is done and nothing is left. */
enum { SINGLE, BATCH, BATCH_AND_POP };

typedef struct thief {
  libsched_stealer *stealer;
  libsched_deque *own;
  int way;
  int *done;
  int64_t taken;
  int64_t retries;
} thief;

static void thief_empty_own(thief *t) {
  void *out = 0;
  while (libsched_deque_pop(&out, t->own) == LIBSCHED_OK) {
    check_tally_see(out);
    ++t->taken;
  }
}

static void *thief_run(void *data) {
  thief *t = (thief *)data;
  for (;;) {
    int done = CHECK_GET(*t->done);
    void *out = 0;
    int status;
    if (t->way == SINGLE) {
      status = libsched_stealer_steal(&out, t->stealer);
    } else if (t->way == BATCH) {
      status = libsched_stealer_steal_batch(t->stealer, t->own, 0);
    } else {
      status = libsched_stealer_steal_batch_and_pop(&out, t->stealer, t->own, 7);
    }
    if (status == LIBSCHED_OK) {
      if (t->way != BATCH) {
        check_tally_see(out);
        ++t->taken;
      }
      thief_empty_own(t);
    } else if (status == LIBSCHED_E_RETRY) {
      ++t->retries;
    } else {
      CHECK_STATUS(status, LIBSCHED_E_EMPTY);
      /* EMPTY is final once the owner has stopped: RETRY is what "perhaps" is called. */
      if (done) return 0;
    }
  }
}

/* The owner's part: pushes in bursts, pops some of them, shrinks now and then. */
static int64_t owner_run(libsched_deque *deque, int64_t n, int64_t burst) {
  int64_t popped = 0;
  int64_t next = 1;
  uint64_t seed = 42;
  while (next <= n) {
    int64_t size = 1 + check_random(&seed) % burst;
    int64_t pops = check_random(&seed) % (burst + 1);
    void *out = 0;
    for (; size > 0 && next <= n; --size) {
      int status = libsched_deque_push(deque, ITEM(next));
      if (status == LIBSCHED_E_FULL) break;
      CHECK_OK(status);
      ++next;
    }
    for (; pops > 0 && libsched_deque_pop(&out, deque) == LIBSCHED_OK; --pops) {
      check_tally_see(out);
      ++popped;
    }
    if (check_random(&seed) % 8 == 0) CHECK_OK(libsched_deque_shrink(deque));
  }
  return popped;
}

static void check_exactly_once(uint32_t flavor, uint64_t capacity, int way, int64_t burst) {
  enum { THIEVES = 3 };
  int64_t n = CHECK_SCALE(400000, 40000);
  libsched_deque *deque = check_deque(flavor, capacity);
  thief thieves[THIEVES];
  pthread_t threads[THIEVES];
  int done = 0;
  int64_t total;
  int i;
  check_tally_start((size_t)n);
  for (i = 0; i < THIEVES; ++i) {
    thieves[i].stealer = check_stealer(deque);
    thieves[i].own = check_deque(i % 2 ? LIBSCHED_LIFO : LIBSCHED_FIFO, i == 2 ? 5 : 0);
    thieves[i].way = way < 0 ? i : way;
    thieves[i].done = &done;
    thieves[i].taken = 0;
    thieves[i].retries = 0;
    threads[i] = check_spawn(thief_run, &thieves[i]);
  }
  total = owner_run(deque, n, burst);
  printf("owner %ld", (long)total);
  CHECK_SET(done, 1);
  for (i = 0; i < THIEVES; ++i) {
    check_join(threads[i]);
    total += thieves[i].taken;
    printf(", thief %ld (%ld retries)", (long)thieves[i].taken, (long)thieves[i].retries);
    libsched_stealer_unref(thieves[i].stealer);
    libsched_deque_unref(thieves[i].own);
  }
  printf("\n");
  CHECK_EQ(total, n);
  CHECK_EQ(check_len(deque), 0);
  CHECK_TALLY();
  libsched_deque_unref(deque);
}

CASE(fifo_single_steals) { check_exactly_once(LIBSCHED_FIFO, 0, SINGLE, 50); }
CASE(lifo_single_steals) { check_exactly_once(LIBSCHED_LIFO, 0, SINGLE, 50); }
CASE(fifo_batch_steals) { check_exactly_once(LIBSCHED_FIFO, 0, BATCH, 50); }
CASE(lifo_batch_steals) { check_exactly_once(LIBSCHED_LIFO, 0, BATCH, 50); }
CASE(fifo_batch_and_pop) { check_exactly_once(LIBSCHED_FIFO, 0, BATCH_AND_POP, 50); }
CASE(lifo_batch_and_pop) { check_exactly_once(LIBSCHED_LIFO, 0, BATCH_AND_POP, 50); }

/* One or two elements at a time: nearly every operation is a race for the last one. */
CASE(fifo_last_element) { check_exactly_once(LIBSCHED_FIFO, 2, -1, 2); }
CASE(lifo_last_element) { check_exactly_once(LIBSCHED_LIFO, 2, -1, 2); }

/* The buffer is replaced all the time, larger and smaller, while thieves copy from it. */
CASE(fifo_grow_and_shrink) { check_exactly_once(LIBSCHED_FIFO, 0, -1, 3000); }
CASE(lifo_grow_and_shrink) { check_exactly_once(LIBSCHED_LIFO, 0, -1, 3000); }

/*
 * A thief that is interrupted in the middle of a steal wakes up to a deque that has been resized many times since, with
 * the oldest element where it was: only one thief takes from that end, and the owner works at the other one. Two more
 * threads see to the interruptions.
 */
static void *keep_busy(void *data) {
  while (!CHECK_GET(*(int *)data)) {
  }
  return 0;
}

CASE(resizes_while_a_thief_is_interrupted) {
  int64_t n = CHECK_SCALE(12000000, 600000);
  int64_t next = 1;
  int64_t popped = 0;
  int done = 0;
  thief t;
  pthread_t threads[3];
  libsched_deque *deque = check_deque(LIBSCHED_LIFO, 0);
  void *out = 0;
  int i;
  memset(&t, 0, sizeof(t));
  t.stealer = check_stealer(deque);
  t.own = check_deque(LIBSCHED_FIFO, 0);
  t.way = SINGLE;
  t.done = &done;
  check_tally_start((size_t)n);
  threads[0] = check_spawn(thief_run, &t);
  threads[1] = check_spawn(keep_busy, &done);
  threads[2] = check_spawn(keep_busy, &done);
  while (next <= n) {
    /* Up over several sizes of the buffer, and down again. */
    int64_t top = next + 5000 <= n ? next + 5000 : n + 1;
    check_push(deque, next, top - 1);
    next = top;
    for (i = 0; i < 4900 && libsched_deque_pop(&out, deque) == LIBSCHED_OK; ++i) {
      check_tally_see(out);
      ++popped;
    }
    CHECK_OK(libsched_deque_shrink(deque));
  }
  CHECK_SET(done, 1);
  for (i = 0; i < 3; ++i) check_join(threads[i]);
  printf("popped %ld, stolen %ld\n", (long)popped, (long)t.taken);
  CHECK_EQ(popped + t.taken, n);
  CHECK_TALLY();
  libsched_stealer_unref(t.stealer);
  libsched_deque_unref(t.own);
  libsched_deque_unref(deque);
}

/* The owner's side handed from thread to thread: a baton orders the calls, nothing else does. */
typedef struct relay {
  libsched_deque *deque;
  check_event turn;
  int64_t first;
} relay;

static void *relay_run(void *data) {
  relay *r = (relay *)data;
  int64_t me = CHECK_ADD(r->first, 1) - 1;
  int64_t lap;
  for (lap = 0; lap < 100; ++lap) {
    CHECK_AWAIT(&r->turn, lap * 4 + me);
    check_push(r->deque, 10, 12);
    CHECK_EQ(check_pop(r->deque), 12);
    if (lap % 10 == 0) CHECK_OK(libsched_deque_shrink(r->deque));
    check_event_add(&r->turn, 1);
  }
  return 0;
}

CASE(owner_moves_between_threads) {
  static relay r = {0, CHECK_EVENT_INIT, 0};
  pthread_t threads[4];
  int i;
  r.deque = check_deque(LIBSCHED_LIFO, 0);
  for (i = 0; i < 4; ++i) threads[i] = check_spawn(relay_run, &r);
  for (i = 0; i < 4; ++i) check_join(threads[i]);
  CHECK_EQ(check_len(r.deque), 800);
  libsched_deque_unref(r.deque);
}

/* Two threads use the owner's side at will. Calls that meet another one say BUSY and have done nothing. */
typedef struct intruder {
  libsched_deque *deque;
  libsched_deque *source;
  libsched_stealer *stealer;
  int64_t *next;
  int64_t last;
  int64_t *busy;
  int *stop;
} intruder;

static void *intruder_push_and_pop(void *data) {
  intruder *in = (intruder *)data;
  while (!CHECK_GET(*in->stop)) {
    int64_t item = CHECK_ADD(*in->next, 1);
    void *out = 0;
    int status;
    if (item > in->last) return 0;
    while ((status = libsched_deque_push(in->deque, ITEM(item))) == LIBSCHED_E_BUSY) {
      CHECK_ADD(*in->busy, 1);
    }
    CHECK_OK(status);
    status = libsched_deque_pop(&out, in->deque);
    if (status == LIBSCHED_OK) check_tally_see(out);
    if (status == LIBSCHED_E_BUSY) CHECK_ADD(*in->busy, 1);
    CHECK(status == LIBSCHED_OK || status == LIBSCHED_E_BUSY || status == LIBSCHED_E_EMPTY);
  }
  return 0;
}

CASE(overlapping_owners_are_told) {
  uint32_t flavor;
  int64_t busy = 0;
  for (flavor = LIBSCHED_FIFO; flavor <= LIBSCHED_LIFO; ++flavor) {
    int64_t end = check_now_ns() + (int64_t)CHECK_DEADLINE_S * 1000000000;
    int64_t before = busy;
    /* Whether two calls meet is up to the system: rounds go on until some have. */
    while (busy < before + 10) {
      intruder in;
      pthread_t threads[2];
      void *out = 0;
      int64_t next = 0;
      int stop = 0;
      int i;
      in.deque = check_deque(flavor, 0);
      in.next = &next;
      in.last = CHECK_SCALE(200000, 20000);
      in.busy = &busy;
      in.stop = &stop;
      check_tally_start((size_t)in.last);
      for (i = 0; i < 2; ++i) threads[i] = check_spawn(intruder_push_and_pop, &in);
      for (i = 0; i < 2; ++i) check_join(threads[i]);
      while (libsched_deque_pop(&out, in.deque) == LIBSCHED_OK) check_tally_see(out);
      CHECK_TALLY();
      libsched_deque_unref(in.deque);
      CHECK(check_now_ns() < end);
    }
    printf("flavor %u: %ld calls were BUSY\n", (unsigned)flavor, (long)(busy - before));
  }
}

/* The destination of a batch counts as its owner's side too. */
static void *intruder_batch(void *data) {
  intruder *in = (intruder *)data;
  void *out = 0;
  int status;
  while (!CHECK_GET(*in->stop)) {
    status = libsched_stealer_steal_batch(in->stealer, in->deque, 3);
    if (status == LIBSCHED_E_BUSY) CHECK_ADD(*in->busy, 1);
    if (status == LIBSCHED_E_EMPTY) break;
    status = libsched_stealer_steal_batch_and_pop(&out, in->stealer, in->deque, 2);
    if (status == LIBSCHED_OK) check_tally_see(out);
    if (status == LIBSCHED_E_BUSY) CHECK_ADD(*in->busy, 1);
    if (status == LIBSCHED_E_EMPTY) break;
  }
  CHECK_SET(*in->stop, 1);
  return 0;
}

CASE(busy_destination_is_told) {
  int64_t busy = 0;
  int64_t end = check_now_ns() + (int64_t)CHECK_DEADLINE_S * 1000000000;
  while (busy < 10) {
    int64_t n = CHECK_SCALE(200000, 20000);
    intruder in;
    pthread_t thread;
    void *out = 0;
    int64_t next = 0;
    int64_t meetings = 0;
    int stop = 0;
    in.deque = check_deque(LIBSCHED_FIFO, 0);
    in.source = check_deque(LIBSCHED_LIFO, 0);
    in.stealer = check_stealer(in.source);
    in.next = &next;
    in.last = n;
    in.busy = &busy;
    in.stop = &stop;
    check_tally_start((size_t)n);
    check_push(in.source, 1, n);
    thread = check_spawn(intruder_batch, &in);
    while (!CHECK_GET(stop)) {
      int status = libsched_deque_pop(&out, in.deque);
      if (status == LIBSCHED_OK) check_tally_see(out);
      meetings += status == LIBSCHED_E_BUSY;
    }
    check_join(thread);
    while (libsched_deque_pop(&out, in.deque) == LIBSCHED_OK) check_tally_see(out);
    while (libsched_deque_pop(&out, in.source) == LIBSCHED_OK) check_tally_see(out);
    CHECK_TALLY();
    libsched_stealer_unref(in.stealer);
    libsched_deque_unref(in.source);
    libsched_deque_unref(in.deque);
    CHECK(check_now_ns() < end);
    printf("batch BUSY %ld so far, pop BUSY %ld\n", (long)busy, (long)meetings);
  }
}

/* Whoever drops the last handle, on whichever thread: what is left is discarded once. */
static void *drop_stealer(void *data) {
  libsched_stealer *stealer = (libsched_stealer *)data;
  void *out = 0;
  int i;
  for (i = 0; i < 20; ++i) {
    if (libsched_stealer_steal(&out, stealer) == LIBSCHED_OK) check_tally_see(out);
  }
  libsched_stealer_unref(stealer);
  return 0;
}

CASE(last_handle_goes_on_any_thread) {
  int round;
  for (round = 0; round < CHECK_SCALE(300, 50); ++round) {
    libsched_deque_options options = LIBSCHED_DEQUE_OPTIONS_INIT;
    libsched_deque *deque = 0;
    pthread_t threads[3];
    int i;
    options.discard = check_tally_see;
    options.flavor = (uint32_t)(round % 2);
    CHECK_OK(libsched_deque_create(&deque, &options));
    check_tally_start(100);
    check_push(deque, 1, 100);
    for (i = 0; i < 3; ++i) threads[i] = check_spawn(drop_stealer, check_stealer(deque));
    libsched_deque_unref(deque);
    for (i = 0; i < 3; ++i) check_join(threads[i]);
    CHECK_TALLY();
  }
  CHECK_EQ(check_live(LIBSCHED_KIND_DEQUE), 0);
  CHECK_EQ(check_live(LIBSCHED_KIND_STEALER), 0);
}

CASES = {RUN(fifo_single_steals),
         RUN(lifo_single_steals),
         RUN(fifo_batch_steals),
         RUN(lifo_batch_steals),
         RUN(fifo_batch_and_pop),
         RUN(lifo_batch_and_pop),
         RUN(fifo_last_element),
         RUN(lifo_last_element),
         RUN(fifo_grow_and_shrink),
         RUN(lifo_grow_and_shrink),
         RUN(resizes_while_a_thief_is_interrupted),
         RUN(owner_moves_between_threads),
         RUN(overlapping_owners_are_told),
         RUN(busy_destination_is_told),
         RUN(last_handle_goes_on_any_thread),
         CASES_END};
