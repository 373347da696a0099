/* The stealing queue between threads: each element once, and contexts used by two threads at a time. */
#include "check_sched.h"

#define CONTEXTS 4
#define PRODUCERS 2

typedef struct arena {
  libsched_stealing_queue *queue;
  int64_t each;
  int64_t last;      /* elements submitted so far */
  int64_t producers; /* that have finished */
  int64_t contexts;  /* that have begun */
  int64_t taken;
  int64_t retries;
  int64_t busy;
  int64_t limit;
} arena;

static void *produce(void *data) {
  arena *a = (arena *)data;
  uint64_t seed = (uint64_t)CHECK_ADD(a->last, 0) + 5;
  int64_t i;
  for (i = 0; i < a->each; ++i) {
    uint32_t priority = check_random(&seed) % LIBSCHED_PRIORITIES;
    CHECK_OK(libsched_stealing_queue_submit(a->queue, priority, ITEM(CHECK_ADD(a->last, 1))));
  }
  CHECK_ADD(a->producers, 1);
  return 0;
}

/* Each element of a consumer's first half brings another one into its own queue. */
static void *consume(void *data) {
  arena *a = (arena *)data;
  uint32_t context = (uint32_t)CHECK_ADD(a->contexts, 1) - 1;
  uint64_t seed = context;
  int64_t more = a->each;
  for (;;) {
    int finished = CHECK_GET(a->producers) == PRODUCERS;
    void *out = 0;
    int status = libsched_stealing_queue_next(&out, 0, a->queue, context);
    if (status == LIBSCHED_OK) {
      check_tally_see(out);
      CHECK_ADD(a->taken, 1);
      if (more > 0) {
        uint32_t priority = check_random(&seed) % LIBSCHED_PRIORITIES;
        --more;
        CHECK_OK(libsched_stealing_queue_submit_local(a->queue, context, priority,
                                                      ITEM(CHECK_ADD(a->last, 1))));
      }
    } else if (status == LIBSCHED_E_RETRY) {
      CHECK_ADD(a->retries, 1);
    } else {
      CHECK_STATUS(status, LIBSCHED_E_EMPTY);
      if (finished) return 0;
    }
  }
}

CASE(each_element_once) {
  static arena a;
  pthread_t threads[PRODUCERS + CONTEXTS];
  libsched_stealing_queue_options options = LIBSCHED_STEALING_QUEUE_OPTIONS_INIT;
  uint32_t p;
  int i;
  a.each = CHECK_SCALE(100000, 10000);
  options.contexts = CONTEXTS;
  CHECK_OK(libsched_stealing_queue_create(&a.queue, &options));
  check_tally_start((size_t)(a.each * (PRODUCERS + CONTEXTS)));
  for (i = 0; i < CONTEXTS; ++i) threads[i] = check_spawn(consume, &a);
  for (; i < CONTEXTS + PRODUCERS; ++i) threads[i] = check_spawn(produce, &a);
  for (i = 0; i < CONTEXTS + PRODUCERS; ++i) check_join(threads[i]);
  printf("%ld elements, %ld retries\n", (long)a.taken, (long)a.retries);
  CHECK_EQ(a.taken, a.last);
  for (p = 0; p < LIBSCHED_PRIORITIES; ++p) {
    uint64_t n = 1;
    CHECK_OK(libsched_stealing_queue_len(&n, a.queue, p));
    CHECK_EQ(n, 0);
  }
  /* Elements that no consumer had the time to bring. */
  while (a.last < (int64_t)check_the_tally.n) check_tally_see(ITEM(++a.last));
  CHECK_TALLY();
  libsched_stealing_queue_unref(a.queue);
}

/* Two threads on one context: those that meet are told BUSY, and no element is lost or doubled. */
static void *intrude(void *data) {
  arena *a = (arena *)data;
  for (;;) {
    int64_t item = CHECK_ADD(a->last, 1);
    void *out = 0;
    int status;
    if (item > a->limit) return 0;
    while ((status = libsched_stealing_queue_submit_local(a->queue, 0, LIBSCHED_NORMAL,
                                                          ITEM(item))) == LIBSCHED_E_BUSY) {
      CHECK_ADD(a->busy, 1);
    }
    CHECK_OK(status);
    status = libsched_stealing_queue_next(&out, 0, a->queue, 0);
    if (status == LIBSCHED_OK) {
      check_tally_see(out);
    } else if (status == LIBSCHED_E_BUSY) {
      CHECK_ADD(a->busy, 1);
    } else {
      CHECK(status == LIBSCHED_E_EMPTY || status == LIBSCHED_E_RETRY);
    }
  }
}

CASE(overlapping_calls_are_told) {
  int64_t end = check_now_ns() + (int64_t)CHECK_DEADLINE_S * 1000000000;
  static arena a;
  while (a.busy < 10) {
    pthread_t threads[2];
    void *out = 0;
    int i;
    libsched_stealing_queue_options options = LIBSCHED_STEALING_QUEUE_OPTIONS_INIT;
    options.contexts = 2;
    a.last = 0;
    a.limit = CHECK_SCALE(100000, 10000);
    CHECK_OK(libsched_stealing_queue_create(&a.queue, &options));
    check_tally_start((size_t)a.limit);
    for (i = 0; i < 2; ++i) threads[i] = check_spawn(intrude, &a);
    for (i = 0; i < 2; ++i) check_join(threads[i]);
    while (libsched_stealing_queue_next(&out, 0, a.queue, 1) == LIBSCHED_OK) check_tally_see(out);
    CHECK_TALLY();
    libsched_stealing_queue_unref(a.queue);
    CHECK(check_now_ns() < end);
  }
  printf("%ld calls were BUSY\n", (long)a.busy);
}

CASES = {RUN(each_element_once), RUN(overlapping_calls_are_told), CASES_END};
