/* The injector on one thread: order, batches, arrays, life and death, memory, options. */
#include "check_deque.h"

static libsched_injector *make(libsched_discard_fn discard) {
  libsched_injector_options options = LIBSCHED_INJECTOR_OPTIONS_INIT;
  libsched_injector *injector = 0;
  options.discard = discard;
  CHECK_OK(libsched_injector_create(&injector, &options));
  CHECK(injector != 0);
  return injector;
}

static void fill(libsched_injector *injector, int64_t first, int64_t last) {
  int64_t i;
  for (i = first; i <= last; ++i) CHECK_OK(libsched_injector_push(injector, ITEM(i)));
}

static int64_t take(libsched_injector *injector) {
  void *out = 0;
  CHECK_OK(libsched_injector_steal(&out, injector));
  return VALUE(out);
}

static int64_t length(libsched_injector *injector) {
  uint64_t n = 0;
  CHECK_OK(libsched_injector_len(&n, injector));
  return (int64_t)n;
}

CASE(oldest_first) {
  libsched_injector *injector = 0;
  int64_t i;
  CHECK_OK(libsched_injector_create(&injector, 0));
  fill(injector, 1, 1000);
  for (i = 1; i <= 1000; ++i) CHECK_EQ(take(injector), i);
  libsched_injector_unref(injector);
}

/* Never more than a few inside, through many blocks. */
CASE(order_holds_at_any_fill) {
  libsched_injector *injector = make(0);
  int64_t in = 0;
  int64_t out = 0;
  uint64_t seed = 7;
  while (in < 100000) {
    int64_t n = check_random(&seed) % 150;
    fill(injector, in + 1, in + n);
    in += n;
    CHECK_EQ(length(injector), in - out);
    for (n = check_random(&seed) % 150; n > 0 && out < in; --n) CHECK_EQ(take(injector), ++out);
    CHECK_EQ(length(injector), in - out);
  }
  while (out < in) CHECK_EQ(take(injector), ++out);
  libsched_injector_unref(injector);
}

CASE(empty_leaves_the_result_alone) {
  libsched_injector *injector = make(0);
  libsched_deque *into = check_deque(LIBSCHED_FIFO, 0);
  void *out = UNTOUCHED;
  int round;
  /* One turn leaves the ends at each place of a block, the border between two blocks included. */
  for (round = 0; round < 300; ++round) {
    CHECK_EQ(length(injector), 0);
    CHECK_STATUS(libsched_injector_steal(&out, injector), LIBSCHED_E_EMPTY);
    CHECK_STATUS(libsched_injector_steal_batch(injector, into, 0), LIBSCHED_E_EMPTY);
    CHECK_STATUS(libsched_injector_steal_batch_and_pop(&out, injector, into, 0), LIBSCHED_E_EMPTY);
    CHECK_PTR(out, UNTOUCHED);
    CHECK_EQ(check_len(into), 0);
    fill(injector, 5, 5);
    CHECK_EQ(length(injector), 1);
    CHECK_EQ(take(injector), 5);
  }
  libsched_deque_unref(into);
  libsched_injector_unref(injector);
}

CASE(null_and_any_other_bits_are_elements) {
  static const uintptr_t values[] = {0, 1, 2, (uintptr_t)-1, (uintptr_t)1 << 63};
  libsched_injector *injector = make(0);
  size_t i;
  for (i = 0; i < 5; ++i) CHECK_OK(libsched_injector_push(injector, (void *)values[i]));
  for (i = 0; i < 5; ++i) {
    void *out = UNTOUCHED;
    CHECK_OK(libsched_injector_steal(&out, injector));
    CHECK_PTR(out, (void *)values[i]);
  }
  libsched_injector_unref(injector);
}

CASE(push_n_keeps_the_order) {
  static void *items[5000];
  static const size_t sizes[] = {0, 1, 2, 62, 63, 64, 65, 1000, 5000};
  libsched_injector *injector = make(0);
  size_t k;
  int64_t i;
  for (i = 0; i < 5000; ++i) items[i] = ITEM(i + 1);
  for (k = 0; k < sizeof(sizes) / sizeof(sizes[0]); ++k) {
    size_t accepted = 77;
    fill(injector, 9, 9);
    CHECK_OK(libsched_injector_push_n(&accepted, injector, items, sizes[k]));
    CHECK_EQ(accepted, sizes[k]);
    fill(injector, 8, 8);
    CHECK_EQ(length(injector), sizes[k] + 2);
    CHECK_EQ(take(injector), 9);
    for (i = 1; i <= (int64_t)sizes[k]; ++i) CHECK_EQ(take(injector), i);
    CHECK_EQ(take(injector), 8);
  }
  libsched_injector_unref(injector);
}

CASE(push_n_of_nothing) {
  libsched_injector *injector = make(0);
  size_t accepted = 77;
  CHECK_OK(libsched_injector_push_n(&accepted, injector, 0, 0));
  CHECK_EQ(accepted, 0);
  CHECK_EQ(length(injector), 0);
  libsched_injector_unref(injector);
}

/* From an injector both flavours pop oldest first. */
static void check_order(uint32_t into_flavor) {
  libsched_injector *injector = make(0);
  libsched_deque *into = check_deque(into_flavor, 0);
  void *out = 0;
  fill(injector, 1, 4);
  CHECK_OK(libsched_injector_steal_batch(injector, into, 0));
  CHECK_POPS(into, "1 2");
  fill(injector, 5, 8);
  CHECK_OK(libsched_injector_steal_batch_and_pop(&out, injector, into, 0));
  CHECK_EQ(VALUE(out), 3);
  CHECK_POPS(into, "4 5");
  CHECK_EQ(take(injector), 6);
  libsched_injector_unref(injector);
  libsched_deque_unref(into);
}

CASE(batch_order_into_fifo) { check_order(LIBSCHED_FIFO); }
CASE(batch_order_into_lifo) { check_order(LIBSCHED_LIFO); }

/*
 * Up to half, rounded up, at most the limit, at least one. Where the elements span several blocks a batch may be
 * smaller; where they were the first ever pushed and are few, it is the half.
 */
CASE(half_rounded_up_within_the_limit) {
  static const uint32_t limits[] = {0, 1, 2, 3, 31, 32, 33, 34, 1000, 0xffffffffu};
  size_t k;
  for (k = 0; k < sizeof(limits) / sizeof(limits[0]); ++k) {
    int64_t limit = limits[k];
    int64_t n;
    for (n = 1; n <= 300; n += n < 9 ? 1 : 13) {
      int and_pop;
      for (and_pop = 0; and_pop <= 1; ++and_pop) {
        libsched_injector *injector = make(0);
        libsched_deque *into = check_deque(LIBSCHED_FIFO, 0);
        int64_t most = 32 + and_pop;
        void *out = 0;
        int64_t moved;
        if (limit != 0 && limit < most) most = limit;
        if ((n + 1) / 2 < most) most = (n + 1) / 2;
        fill(injector, 1, n);
        if (and_pop) {
          CHECK_OK(libsched_injector_steal_batch_and_pop(&out, injector, into, limits[k]));
          CHECK_EQ(VALUE(out), 1);
        } else {
          CHECK_OK(libsched_injector_steal_batch(injector, into, limits[k]));
        }
        moved = check_len(into) + and_pop;
        CHECK_LE(1, moved);
        CHECK_LE(moved, most);
        if (n <= 8) CHECK_EQ(moved, most);
        CHECK_EQ(length(injector), n - moved);
        libsched_injector_unref(injector);
        libsched_deque_unref(into);
      }
    }
  }
}

/* Batches are batches: a thousand elements do not need hundreds of calls. */
CASE(batches_drain_in_order) {
  libsched_injector *injector = make(0);
  libsched_deque *into = check_deque(LIBSCHED_FIFO, 0);
  int64_t next = 1;
  int calls = 0;
  fill(injector, 1, 1000);
  while (next <= 1000) {
    CHECK_OK(libsched_injector_steal_batch(injector, into, 0));
    ++calls;
    while (check_len(into) > 0) CHECK_EQ(check_pop(into), next++);
  }
  CHECK_LE(calls, 120);
  libsched_injector_unref(injector);
  libsched_deque_unref(into);
}

CASE(destination_without_room) {
  libsched_injector *injector = make(0);
  libsched_deque *into = check_deque(LIBSCHED_LIFO, 3);
  void *out = 0;
  fill(injector, 1, 8);
  check_push(into, 21, 23);
  CHECK_STATUS(libsched_injector_steal_batch(injector, into, 0), LIBSCHED_E_FULL);
  CHECK_EQ(length(injector), 8);
  CHECK_OK(libsched_injector_steal_batch_and_pop(&out, injector, into, 0));
  CHECK_EQ(VALUE(out), 1);
  CHECK_EQ(length(injector), 7);
  CHECK_POPS(into, "23 22 21");
  check_push(into, 21, 21);
  CHECK_OK(libsched_injector_steal_batch(injector, into, 0));
  CHECK_POPS(into, "2 3 21");
  check_push(into, 21, 22);
  CHECK_OK(libsched_injector_steal_batch_and_pop(&out, injector, into, 0));
  CHECK_EQ(VALUE(out), 4);
  CHECK_POPS(into, "5 22 21");
  CHECK_EQ(take(injector), 6);
  libsched_injector_unref(injector);
  libsched_deque_unref(into);
}

CASE(leftovers_are_discarded_once) {
  libsched_injector *injector = make(check_tally_see);
  int64_t i;
  check_tally_start(1000);
  fill(injector, 1, 1000);
  for (i = 0; i < 300; ++i) check_tally_see(ITEM(take(injector)));
  CHECK_PTR(libsched_injector_ref(injector), injector);
  libsched_injector_unref(injector);
  CHECK_EQ(check_the_tally.seen[700], 0);
  libsched_injector_unref(injector);
  CHECK_TALLY();
  CHECK_EQ(check_live(LIBSCHED_KIND_INJECTOR), 0);
}

CASE(leftovers_without_discard_are_forgotten) {
  libsched_injector *injector = make(0);
  fill(injector, 1, 1000);
  libsched_injector_unref(injector);
  CHECK_EQ(check_live(LIBSCHED_KIND_INJECTOR), 0);
}

static int create_and_drop(const void *options) {
  libsched_injector *injector = (libsched_injector *)UNTOUCHED;
  int status = libsched_injector_create(&injector, (const libsched_injector_options *)options);
  CHECK((status == LIBSCHED_OK) == (injector != 0));
  libsched_injector_unref(injector);
  return status;
}

CASE(options_are_checked) {
  libsched_injector_options options = LIBSCHED_INJECTOR_OPTIONS_INIT;
  check_options_struct(create_and_drop, &options, sizeof(options));
  options.flags = 1;
  CHECK_STATUS(create_and_drop(&options), LIBSCHED_E_FLAGS);
  options.flags = (uint64_t)1 << 63;
  CHECK_STATUS(create_and_drop(&options), LIBSCHED_E_FLAGS);
}

/* Ten million in and out: resident memory is within 1 MiB of before. way: 0 steal, 1 batch, 2 batch and pop. */
static void memory_goes_back(int way) {
  int64_t n = 10000000;
  int64_t before;
  int64_t full;
  int64_t i;
  void *out = 0;
  libsched_injector *injector;
  libsched_deque *into;
  if (CHECK_SANITIZED) check_skip("a sanitizer keeps memory of its own");
  injector = make(0);
  into = check_deque(LIBSCHED_FIFO, 0);
  fill(injector, 1, 1000);
  for (i = 0; i < 1000; ++i) take(injector);
  check_push(into, 1, 40);
  while (check_len(into) > 0) check_pop(into);
  before = check_resident();
  fill(injector, 1, n);
  full = check_resident();
  CHECK_LE(before + n * (int64_t)sizeof(void *) / 2, full);
  i = 0;
  while (i < n) {
    if (way == 0) {
      CHECK_OK(libsched_injector_steal(&out, injector));
      ++i;
    } else if (way == 1) {
      CHECK_OK(libsched_injector_steal_batch(injector, into, 0));
    } else {
      CHECK_OK(libsched_injector_steal_batch_and_pop(&out, injector, into, 0));
      ++i;
    }
    while (way != 0 && libsched_deque_pop(&out, into) == LIBSCHED_OK) ++i;
  }
  CHECK_EQ(length(injector), 0);
  CHECK_LE(check_resident(), before + ((int64_t)1 << 20));
  libsched_injector_unref(injector);
  libsched_deque_unref(into);
}

CASE(memory_goes_back_after_steals) { memory_goes_back(0); }
CASE(memory_goes_back_after_batches) { memory_goes_back(1); }
CASE(memory_goes_back_after_batch_and_pops) { memory_goes_back(2); }

/* A short queue with a long history holds no more than a short queue. */
CASE(history_costs_no_memory) {
  int64_t before;
  int64_t i;
  libsched_injector *injector;
  if (CHECK_SANITIZED) check_skip("a sanitizer keeps memory of its own");
  injector = make(0);
  fill(injector, 1, 100);
  before = check_resident();
  for (i = 0; i < 5000000; ++i) {
    fill(injector, 1, 1);
    take(injector);
  }
  CHECK_LE(check_resident(), before + ((int64_t)1 << 20));
  libsched_injector_unref(injector);
}

CASES = {RUN(oldest_first),
         RUN(order_holds_at_any_fill),
         RUN(empty_leaves_the_result_alone),
         RUN(null_and_any_other_bits_are_elements),
         RUN(push_n_keeps_the_order),
         RUN(push_n_of_nothing),
         RUN(batch_order_into_fifo),
         RUN(batch_order_into_lifo),
         RUN(half_rounded_up_within_the_limit),
         RUN(batches_drain_in_order),
         RUN(destination_without_room),
         RUN(leftovers_are_discarded_once),
         RUN(leftovers_without_discard_are_forgotten),
         RUN(options_are_checked),
         RUN(memory_goes_back_after_steals),
         RUN(memory_goes_back_after_batches),
         RUN(memory_goes_back_after_batch_and_pops),
         RUN(history_costs_no_memory),
         CASES_END};
