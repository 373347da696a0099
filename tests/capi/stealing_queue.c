/* The stealing queue on one thread: where elements are found, priorities, leftovers, limits and options. */
#include "check_sched.h"

static libsched_stealing_queue *make(uint32_t contexts) {
  libsched_stealing_queue_options options = LIBSCHED_STEALING_QUEUE_OPTIONS_INIT;
  libsched_stealing_queue *queue = 0;
  options.contexts = contexts;
  CHECK_OK(libsched_stealing_queue_create(&queue, &options));
  CHECK(queue != 0);
  return queue;
}

static void put(libsched_stealing_queue *queue, uint32_t priority, int64_t first, int64_t last) {
  for (; first <= last; ++first)
    CHECK_OK(libsched_stealing_queue_submit(queue, priority, ITEM(first)));
}

static void put_local(libsched_stealing_queue *queue, uint32_t context, uint32_t priority,
                      int64_t first, int64_t last) {
  for (; first <= last; ++first) {
    CHECK_OK(libsched_stealing_queue_submit_local(queue, context, priority, ITEM(first)));
  }
}

static int64_t take(libsched_stealing_queue *queue, uint32_t context) {
  void *out = 0;
  uint32_t priority = 77;
  CHECK_OK(libsched_stealing_queue_next(&out, &priority, queue, context));
  CHECK(priority < LIBSCHED_PRIORITIES);
  return VALUE(out);
}

static int64_t length(libsched_stealing_queue *queue, uint32_t priority) {
  uint64_t n = 0;
  CHECK_OK(libsched_stealing_queue_len(&n, queue, priority));
  return (int64_t)n;
}

static void check_empty(libsched_stealing_queue *queue, uint32_t context) {
  void *out = UNTOUCHED;
  CHECK_STATUS(libsched_stealing_queue_next(&out, 0, queue, context), LIBSCHED_E_EMPTY);
  CHECK_PTR(out, UNTOUCHED);
}

CASE(outside_elements_come_in_order) {
  uint32_t priority;
  for (priority = 0; priority < LIBSCHED_PRIORITIES; ++priority) {
    libsched_stealing_queue *queue = make(1);
    int64_t i;
    check_empty(queue, 0);
    put(queue, priority, 1, 1000);
    CHECK_EQ(length(queue, priority), 1000);
    for (i = 1; i <= 1000; ++i) CHECK_EQ(take(queue, 0), i);
    check_empty(queue, 0);
    libsched_stealing_queue_unref(queue);
  }
}

CASE(priority_is_told) {
  static const uint32_t order[] = {LIBSCHED_HIGH, LIBSCHED_NORMAL, LIBSCHED_LOW};
  libsched_stealing_queue *queue = make(2);
  int i;
  put(queue, LIBSCHED_LOW, 1, 1);
  put(queue, LIBSCHED_NORMAL, 2, 2);
  put(queue, LIBSCHED_HIGH, 3, 3);
  for (i = 0; i < 3; ++i) {
    void *out = 0;
    uint32_t priority = 77;
    CHECK_OK(libsched_stealing_queue_next(&out, &priority, queue, 1));
    CHECK_EQ(VALUE(out), 3 - i);
    CHECK_EQ(priority, order[i]);
  }
  libsched_stealing_queue_unref(queue);
}

CASE(null_elements) {
  libsched_stealing_queue *queue = make(1);
  void *out = UNTOUCHED;
  CHECK_OK(libsched_stealing_queue_submit(queue, LIBSCHED_HIGH, 0));
  CHECK_OK(libsched_stealing_queue_next(&out, 0, queue, 0));
  CHECK_PTR(out, 0);
  out = UNTOUCHED;
  CHECK_OK(libsched_stealing_queue_submit_local(queue, 0, LIBSCHED_LOW, 0));
  CHECK_OK(libsched_stealing_queue_next(&out, 0, queue, 0));
  CHECK_PTR(out, 0);
  check_empty(queue, 0);
  libsched_stealing_queue_unref(queue);
}

CASE(local_elements_come_first_within_the_priority) {
  uint32_t priority;
  for (priority = 0; priority < LIBSCHED_PRIORITIES; ++priority) {
    libsched_stealing_queue *queue = make(2);
    put(queue, priority, 1, 2);
    put_local(queue, 0, priority, 10, 10);
    CHECK_EQ(take(queue, 0), 10);
    CHECK_EQ(take(queue, 0), 1);
    put_local(queue, 1, priority, 11, 11);
    CHECK_EQ(take(queue, 1), 11);
    CHECK_EQ(length(queue, priority), 1);
    libsched_stealing_queue_unref(queue);
  }
}

/* High goes first wherever it is: shared, in another context's queue, or come later than a batch of Normal. */
CASE(high_anywhere_goes_before_local_work) {
  uint32_t lower;
  for (lower = LIBSCHED_NORMAL; lower <= LIBSCHED_LOW; lower += 2) {
    libsched_stealing_queue *queue = make(4);
    put_local(queue, 0, lower, 1, 50);
    put(queue, lower, 51, 100);
    put(queue, LIBSCHED_HIGH, 1001, 1001);
    CHECK_EQ(take(queue, 0), 1001);
    put_local(queue, 3, LIBSCHED_HIGH, 1002, 1002);
    CHECK_EQ(take(queue, 0), 1002);
    CHECK_LE(take(queue, 0), 100);
    CHECK_LE(take(queue, 2), 100);
    put(queue, LIBSCHED_HIGH, 1003, 1003);
    CHECK_EQ(take(queue, 2), 1003);
    put_local(queue, 2, LIBSCHED_HIGH, 1004, 1004);
    CHECK_EQ(take(queue, 0), 1004);
    CHECK_EQ(length(queue, LIBSCHED_HIGH), 0);
    CHECK_EQ(length(queue, lower), 98);
    libsched_stealing_queue_unref(queue);
  }
}

CASE(normal_anywhere_goes_before_low) {
  libsched_stealing_queue *queue = make(4);
  put_local(queue, 0, LIBSCHED_LOW, 1, 50);
  put(queue, LIBSCHED_NORMAL, 1001, 1001);
  CHECK_EQ(take(queue, 0), 1001);
  put_local(queue, 3, LIBSCHED_NORMAL, 1002, 1002);
  CHECK_EQ(take(queue, 0), 1002);
  CHECK_LE(take(queue, 0), 50);
  libsched_stealing_queue_unref(queue);
}

/* What one context was given, any other one finds; so does the last of many. */
CASE(contexts_take_from_each_other) {
  enum { CONTEXTS = 16 };
  libsched_stealing_queue *queue = make(CONTEXTS);
  uint32_t from;
  uint32_t to;
  uint32_t priority;
  for (from = 0; from < CONTEXTS; ++from) {
    for (to = 0; to < CONTEXTS; ++to) {
      for (priority = 0; priority < LIBSCHED_PRIORITIES; ++priority) {
        put_local(queue, from, priority, 5, 5);
        CHECK_EQ(take(queue, to), 5);
      }
    }
    check_empty(queue, from);
  }
  libsched_stealing_queue_unref(queue);
}

/* More than any local ring holds: all come out, by the context itself or by another one. */
CASE(overflow_loses_nothing) {
  uint32_t by;
  for (by = 0; by < 2; ++by) {
    enum { EACH = 10000 };
    libsched_stealing_queue *queue = make(2);
    int64_t i;
    check_tally_start(3 * EACH);
    put_local(queue, 0, LIBSCHED_NORMAL, 1, EACH);
    put_local(queue, 0, LIBSCHED_HIGH, EACH + 1, 2 * EACH);
    put_local(queue, 0, LIBSCHED_LOW, 2 * EACH + 1, 3 * EACH);
    CHECK_EQ(length(queue, LIBSCHED_NORMAL), EACH);
    CHECK_EQ(length(queue, LIBSCHED_HIGH), EACH);
    CHECK_EQ(length(queue, LIBSCHED_LOW), EACH);
    for (i = 0; i < 3 * EACH; ++i) check_tally_see(ITEM(take(queue, by)));
    check_empty(queue, 0);
    check_empty(queue, 1);
    CHECK_TALLY();
    libsched_stealing_queue_unref(queue);
  }
}

/* Any mix of calls on one thread: nothing is lost, nothing doubled, lengths exact, never EMPTY nor RETRY too early. */
CASE(any_sequence_keeps_the_elements) {
  enum { CONTEXTS = 5, STEPS = 60000 };
  libsched_stealing_queue *queue = make(CONTEXTS);
  int64_t held[LIBSCHED_PRIORITIES] = {0, 0, 0};
  uint64_t seed = 3;
  int64_t last = 0;
  int64_t all = 0;
  int step;
  check_tally_start(STEPS);
  for (step = 0; step < STEPS || all > 0; ++step) {
    uint32_t priority = check_random(&seed) % LIBSCHED_PRIORITIES;
    uint32_t context = check_random(&seed) % CONTEXTS;
    uint32_t op = check_random(&seed) % 8 + (step / 2000 % 2 ? 2 : 0);
    if (op < 5 && last < STEPS && step < STEPS) {
      ++last;
      if (op < 2) {
        put(queue, priority, last, last);
      } else {
        put_local(queue, context, priority, last, last);
      }
      ++held[priority];
      ++all;
    } else if (all == 0) {
      check_empty(queue, context);
    } else {
      void *out = 0;
      CHECK_OK(libsched_stealing_queue_next(&out, &priority, queue, context));
      check_tally_see(out);
      --held[priority];
      --all;
    }
    if (step % 64 == 0) {
      for (priority = 0; priority < LIBSCHED_PRIORITIES; ++priority) {
        CHECK_EQ(length(queue, priority), held[priority]);
      }
    }
  }
  while (last < STEPS) check_tally_see(ITEM(++last));
  CHECK_TALLY();
  libsched_stealing_queue_unref(queue);
}

CASE(leftovers_are_discarded_once) {
  libsched_stealing_queue_options options = LIBSCHED_STEALING_QUEUE_OPTIONS_INIT;
  libsched_stealing_queue *queue = 0;
  int64_t i;
  options.contexts = 3;
  options.discard = check_tally_see;
  CHECK_OK(libsched_stealing_queue_create(&queue, &options));
  check_tally_start(6000);
  for (i = 0; i < 3; ++i) {
    put(queue, (uint32_t)i, i * 2000 + 1, i * 2000 + 1000);
    put_local(queue, (uint32_t)i, (uint32_t)i, i * 2000 + 1001, i * 2000 + 2000);
  }
  for (i = 0; i < 500; ++i) check_tally_see(ITEM(take(queue, (uint32_t)i % 3)));
  CHECK_PTR(libsched_stealing_queue_ref(queue), queue);
  libsched_stealing_queue_unref(queue);
  CHECK_EQ(length(queue, 0) + length(queue, 1) + length(queue, 2), 5500);
  libsched_stealing_queue_unref(queue);
  CHECK_TALLY();
}

CASE(numbers_out_of_range) {
  libsched_stealing_queue *queue = make(3);
  void *out = UNTOUCHED;
  uint64_t n = 0;
  CHECK_STATUS(libsched_stealing_queue_submit(queue, LIBSCHED_PRIORITIES, 0), LIBSCHED_E_RANGE);
  CHECK_STATUS(libsched_stealing_queue_submit(queue, 0xffffffffu, 0), LIBSCHED_E_RANGE);
  CHECK_STATUS(libsched_stealing_queue_submit_local(queue, 3, 0, 0), LIBSCHED_E_RANGE);
  CHECK_STATUS(libsched_stealing_queue_submit_local(queue, 0xffffffffu, 0, 0), LIBSCHED_E_RANGE);
  CHECK_STATUS(libsched_stealing_queue_submit_local(queue, 0, LIBSCHED_PRIORITIES, 0),
               LIBSCHED_E_RANGE);
  CHECK_STATUS(libsched_stealing_queue_next(&out, 0, queue, 3), LIBSCHED_E_RANGE);
  CHECK_STATUS(libsched_stealing_queue_next(&out, 0, queue, 0xffffffffu), LIBSCHED_E_RANGE);
  CHECK_STATUS(libsched_stealing_queue_len(&n, queue, LIBSCHED_PRIORITIES), LIBSCHED_E_RANGE);
  CHECK_PTR(out, UNTOUCHED);
  CHECK_EQ(length(queue, 0) + length(queue, 1) + length(queue, 2), 0);
  libsched_stealing_queue_unref(queue);
}

static int create_and_drop(const void *options) {
  libsched_stealing_queue *queue = (libsched_stealing_queue *)UNTOUCHED;
  int status =
      libsched_stealing_queue_create(&queue, (const libsched_stealing_queue_options *)options);
  CHECK((status == LIBSCHED_OK) == (queue != 0));
  libsched_stealing_queue_unref(queue);
  return status;
}

CASE(options_struct_may_be_longer_not_shorter) {
  libsched_stealing_queue_options options = LIBSCHED_STEALING_QUEUE_OPTIONS_INIT;
  options.contexts = 2;
  check_options_struct(create_and_drop, &options, sizeof(options));
}

CASE(options_are_checked) {
  libsched_stealing_queue_options options = LIBSCHED_STEALING_QUEUE_OPTIONS_INIT;
  options.contexts = LIBSCHED_MAX_WORKERS + 1;
  CHECK_STATUS(create_and_drop(&options), LIBSCHED_E_RANGE);
  options.contexts = 0xffffffffu;
  CHECK_STATUS(create_and_drop(&options), LIBSCHED_E_RANGE);
  options.contexts = 2;
  options.flags = 1;
  CHECK_STATUS(create_and_drop(&options), LIBSCHED_E_FLAGS);
  options.flags = 0;
  options.low_bound = 1;
  CHECK_STATUS(create_and_drop(&options), LIBSCHED_E_RANGE);
  options.low_bound = 2;
  CHECK_OK(create_and_drop(&options));
  options.normal_bound = 1;
  CHECK_OK(create_and_drop(&options));
  options.normal_bound = LIBSCHED_NO_BOUND;
  options.low_bound = LIBSCHED_NO_BOUND;
  options.seed = (uint64_t)-1;
  CHECK_OK(create_and_drop(&options));
}

CASE(contexts_are_as_asked) {
  static const uint32_t counts[] = {1, 2, 3, 16, LIBSCHED_MAX_WORKERS};
  libsched_stealing_queue *queue;
  uint32_t n = 0;
  size_t i;
  for (i = 0; i < sizeof(counts) / sizeof(counts[0]); ++i) {
    queue = make(counts[i]);
    CHECK_OK(libsched_stealing_queue_contexts(&n, queue));
    CHECK_EQ(n, counts[i]);
    put(queue, LIBSCHED_NORMAL, 1, 1);
    CHECK_EQ(take(queue, counts[i] - 1), 1);
    libsched_stealing_queue_unref(queue);
  }
  queue = make(0);
  CHECK_OK(libsched_stealing_queue_contexts(&n, queue));
  CHECK_EQ(n, libsched_usable_cpus());
  libsched_stealing_queue_unref(queue);
}

CASES = {RUN(outside_elements_come_in_order),
         RUN(priority_is_told),
         RUN(null_elements),
         RUN(local_elements_come_first_within_the_priority),
         RUN(high_anywhere_goes_before_local_work),
         RUN(normal_anywhere_goes_before_low),
         RUN(contexts_take_from_each_other),
         RUN(overflow_loses_nothing),
         RUN(any_sequence_keeps_the_elements),
         RUN(leftovers_are_discarded_once),
         RUN(numbers_out_of_range),
         RUN(options_struct_may_be_longer_not_shorter),
         RUN(options_are_checked),
         RUN(contexts_are_as_asked),
         CASES_END};
