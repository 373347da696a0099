/* One deque and its stealers on one thread: order, EMPTY, lengths, life and death, options. */
#include "check_deque.h"

CASE(lifo_pops_newest_first) {
  libsched_deque *deque = check_deque(LIBSCHED_LIFO, 0);
  check_push(deque, 1, 5);
  CHECK_POPS(deque, "5 4 3 2 1");
  check_push(deque, 1, 2);
  CHECK_EQ(check_pop(deque), 2);
  check_push(deque, 3, 3);
  CHECK_POPS(deque, "3 1");
  libsched_deque_unref(deque);
}

CASE(fifo_pops_oldest_first) {
  libsched_deque *deque = check_deque(LIBSCHED_FIFO, 0);
  check_push(deque, 1, 5);
  CHECK_POPS(deque, "1 2 3 4 5");
  check_push(deque, 1, 2);
  CHECK_EQ(check_pop(deque), 1);
  check_push(deque, 3, 3);
  CHECK_POPS(deque, "2 3");
  libsched_deque_unref(deque);
}

CASE(default_flavor_is_fifo) {
  libsched_deque *deque = 0;
  CHECK_OK(libsched_deque_create(&deque, 0));
  check_push(deque, 1, 3);
  CHECK_POPS(deque, "1 2 3");
  libsched_deque_unref(deque);
}

CASE(stealers_take_the_oldest) {
  uint32_t flavor;
  for (flavor = LIBSCHED_FIFO; flavor <= LIBSCHED_LIFO; ++flavor) {
    libsched_deque *deque = check_deque(flavor, 0);
    libsched_stealer *one = check_stealer(deque);
    libsched_stealer *two = check_stealer(deque);
    void *out = 0;
    check_push(deque, 1, 5);
    CHECK_OK(libsched_stealer_steal(&out, one));
    CHECK_EQ(VALUE(out), 1);
    CHECK_OK(libsched_stealer_steal(&out, two));
    CHECK_EQ(VALUE(out), 2);
    CHECK_POPS(deque, flavor == LIBSCHED_LIFO ? "5 4 3" : "3 4 5");
    CHECK_STATUS(libsched_stealer_steal(&out, one), LIBSCHED_E_EMPTY);
    libsched_stealer_unref(one);
    libsched_stealer_unref(two);
    libsched_deque_unref(deque);
  }
}

CASE(empty_leaves_the_result_alone) {
  uint32_t flavor;
  for (flavor = LIBSCHED_FIFO; flavor <= LIBSCHED_LIFO; ++flavor) {
    libsched_deque *deque = check_deque(flavor, 0);
    libsched_stealer *stealer = check_stealer(deque);
    void *out = UNTOUCHED;
    int round;
    for (round = 0; round < 3; ++round) {
      CHECK_STATUS(libsched_deque_pop(&out, deque), LIBSCHED_E_EMPTY);
      CHECK_STATUS(libsched_stealer_steal(&out, stealer), LIBSCHED_E_EMPTY);
      CHECK_EQ(check_len(deque), 0);
      CHECK_PTR(out, UNTOUCHED);
      check_push(deque, 8, 8);
      CHECK_EQ(check_pop(deque), 8);
    }
    libsched_stealer_unref(stealer);
    libsched_deque_unref(deque);
  }
}

CASE(null_and_any_other_bits_are_elements) {
  static const uintptr_t values[] = {0, 1, 2, 3, (uintptr_t)-1, (uintptr_t)-2, (uintptr_t)1 << 63};
  uint32_t flavor;
  for (flavor = LIBSCHED_FIFO; flavor <= LIBSCHED_LIFO; ++flavor) {
    libsched_deque *deque = check_deque(flavor, 0);
    libsched_stealer *stealer = check_stealer(deque);
    size_t n = sizeof(values) / sizeof(values[0]);
    size_t i;
    for (i = 0; i < n; ++i) {
      void *out = UNTOUCHED;
      CHECK_OK(libsched_deque_push(deque, (void *)values[i]));
      CHECK_EQ(check_len(deque), 1);
      CHECK_OK(libsched_deque_pop(&out, deque));
      CHECK_PTR(out, (void *)values[i]);
      out = UNTOUCHED;
      CHECK_OK(libsched_deque_push(deque, (void *)values[i]));
      CHECK_OK(libsched_stealer_steal(&out, stealer));
      CHECK_PTR(out, (void *)values[i]);
    }
    libsched_stealer_unref(stealer);
    libsched_deque_unref(deque);
  }
}

CASE(both_ends_know_the_length) {
  libsched_deque *deque = check_deque(LIBSCHED_LIFO, 0);
  libsched_stealer *stealer = check_stealer(deque);
  uint64_t n = 0;
  int i;
  for (i = 1; i <= 200; ++i) {
    check_push(deque, i, i);
    CHECK_EQ(check_len(deque), i);
    CHECK_OK(libsched_stealer_len(&n, stealer));
    CHECK_EQ(n, i);
  }
  for (i = 199; i >= 0; --i) {
    void *out = 0;
    if (i % 2) {
      CHECK_OK(libsched_deque_pop(&out, deque));
    } else {
      CHECK_OK(libsched_stealer_steal(&out, stealer));
    }
    CHECK_EQ(check_len(deque), i);
    CHECK_OK(libsched_stealer_len(&n, stealer));
    CHECK_EQ(n, i);
  }
  libsched_stealer_unref(stealer);
  libsched_deque_unref(deque);
}

CASE(grows_to_a_million_and_back) {
  int64_t n = CHECK_SCALE(1000000, 200000);
  uint32_t flavor;
  for (flavor = LIBSCHED_FIFO; flavor <= LIBSCHED_LIFO; ++flavor) {
    libsched_deque *deque = check_deque(flavor, 0);
    libsched_stealer *stealer = check_stealer(deque);
    void *out = 0;
    int64_t i;
    check_push(deque, 1, n);
    CHECK_EQ(check_len(deque), n);
    CHECK_OK(libsched_stealer_steal(&out, stealer));
    CHECK_EQ(VALUE(out), 1);
    for (i = 2; i <= n; ++i) {
      CHECK_EQ(check_pop(deque), flavor == LIBSCHED_LIFO ? n + 2 - i : i);
    }
    CHECK_STATUS(libsched_deque_pop(&out, deque), LIBSCHED_E_EMPTY);
    libsched_stealer_unref(stealer);
    libsched_deque_unref(deque);
  }
}

CASE(shrink_keeps_the_elements) {
  uint32_t flavor;
  for (flavor = LIBSCHED_FIFO; flavor <= LIBSCHED_LIFO; ++flavor) {
    libsched_deque *deque = check_deque(flavor, 0);
    libsched_stealer *stealer = check_stealer(deque);
    void *out = 0;
    int64_t i;
    CHECK_OK(libsched_deque_shrink(deque));
    check_push(deque, 1, 100000);
    CHECK_OK(libsched_deque_shrink(deque));
    for (i = 1; i <= 99995; ++i) {
      CHECK_OK(libsched_stealer_steal(&out, stealer));
      CHECK_EQ(VALUE(out), i);
      if (i % 9999 == 0) CHECK_OK(libsched_deque_shrink(deque));
    }
    CHECK_OK(libsched_deque_shrink(deque));
    CHECK_EQ(check_len(deque), 5);
    check_push(deque, 100001, 100001);
    CHECK_POPS(deque, flavor == LIBSCHED_LIFO ? "100001 100000 99999 99998 99997 99996"
                                              : "99996 99997 99998 99999 100000 100001");
    CHECK_OK(libsched_deque_shrink(deque));
    check_push(deque, 1, 2);
    CHECK_EQ(check_len(deque), 2);
    libsched_stealer_unref(stealer);
    libsched_deque_unref(deque);
  }
}

/* What is left goes to discard once, whether the deque or a stealer goes last; what was taken does not. */
static void check_discarded_once(int stealer_last) {
  libsched_deque_options options = LIBSCHED_DEQUE_OPTIONS_INIT;
  libsched_deque *deque = 0;
  libsched_stealer *one;
  libsched_stealer *two;
  void *out = 0;
  options.discard = check_tally_see;
  options.flavor = LIBSCHED_LIFO;
  CHECK_OK(libsched_deque_create(&deque, &options));
  one = check_stealer(deque);
  two = libsched_stealer_ref(one);
  check_tally_start(1000);
  check_push(deque, 1, 1000);
  check_tally_see(ITEM(check_pop(deque)));
  CHECK_OK(libsched_stealer_steal(&out, one));
  check_tally_see(out);
  libsched_stealer_unref(one);
  if (stealer_last) {
    libsched_deque_unref(deque);
    CHECK_EQ(check_the_tally.seen[500], 0);
    CHECK_OK(libsched_stealer_steal(&out, two));
    CHECK_EQ(VALUE(out), 2);
    check_tally_see(out);
    libsched_stealer_unref(two);
  } else {
    libsched_stealer_unref(two);
    CHECK_EQ(check_the_tally.seen[500], 0);
    libsched_deque_unref(deque);
  }
  CHECK_TALLY();
}

CASE(leftovers_are_discarded_once_by_the_deque) { check_discarded_once(0); }
CASE(leftovers_are_discarded_once_by_the_stealer) { check_discarded_once(1); }

static int64_t null_discards;
static void count_null(void *item) {
  CHECK(item == 0);
  ++null_discards;
}

CASE(null_leftovers_are_discarded_too) {
  libsched_deque_options options = LIBSCHED_DEQUE_OPTIONS_INIT;
  libsched_deque *deque = 0;
  options.discard = count_null;
  CHECK_OK(libsched_deque_create(&deque, &options));
  CHECK_OK(libsched_deque_push(deque, 0));
  CHECK_OK(libsched_deque_push(deque, 0));
  libsched_deque_unref(deque);
  CHECK_EQ(null_discards, 2);
}

CASE(leftovers_without_discard_are_forgotten) {
  libsched_deque *deque = check_deque(LIBSCHED_LIFO, 0);
  check_push(deque, 1, 1000);
  libsched_deque_unref(deque);
  CHECK_EQ(check_live(LIBSCHED_KIND_DEQUE), 0);
}

/* discard may use the library: no lock is held, and the dying deque is out of reach. */
static libsched_injector *refuge;
static void flee(void *item) { CHECK_OK(libsched_injector_push(refuge, item)); }

CASE(discard_may_call_the_library) {
  libsched_deque_options options = LIBSCHED_DEQUE_OPTIONS_INIT;
  libsched_deque *deque = 0;
  uint64_t n = 0;
  CHECK_OK(libsched_injector_create(&refuge, 0));
  options.discard = flee;
  CHECK_OK(libsched_deque_create(&deque, &options));
  check_push(deque, 1, 100);
  libsched_deque_unref(deque);
  CHECK_OK(libsched_injector_len(&n, refuge));
  CHECK_EQ(n, 100);
  libsched_injector_unref(refuge);
}

/* A stealer of a deque whose owner's handle is gone is a deque that nobody pushes to any more. */
CASE(stealer_outlives_the_deque) {
  libsched_deque *deque = check_deque(LIBSCHED_FIFO, 0);
  libsched_deque *into = check_deque(LIBSCHED_FIFO, 0);
  libsched_stealer *stealer = check_stealer(deque);
  void *out = 0;
  uint64_t n = 0;
  check_push(deque, 1, 4);
  libsched_deque_unref(deque);
  CHECK_OK(libsched_stealer_len(&n, stealer));
  CHECK_EQ(n, 4);
  CHECK_OK(libsched_stealer_steal_batch(stealer, into, 0));
  CHECK_POPS(into, "1 2");
  CHECK_OK(libsched_stealer_steal_batch_and_pop(&out, stealer, into, 0));
  CHECK_EQ(VALUE(out), 3);
  CHECK_OK(libsched_stealer_steal(&out, stealer));
  CHECK_EQ(VALUE(out), 4);
  CHECK_STATUS(libsched_stealer_steal(&out, stealer), LIBSCHED_E_EMPTY);
  libsched_stealer_unref(stealer);
  libsched_deque_unref(into);
}

static int create_and_drop(const void *options) {
  libsched_deque *deque = (libsched_deque *)UNTOUCHED;
  int status = libsched_deque_create(&deque, (const libsched_deque_options *)options);
  CHECK((status == LIBSCHED_OK) == (deque != 0));
  libsched_deque_unref(deque);
  return status;
}

CASE(options_struct_may_be_longer_not_shorter) {
  libsched_deque_options options = LIBSCHED_DEQUE_OPTIONS_INIT;
  options.flavor = LIBSCHED_LIFO;
  options.max_capacity = 3;
  check_options_struct(create_and_drop, &options, sizeof(options));
}

CASE(options_out_of_range) {
  libsched_deque_options options = LIBSCHED_DEQUE_OPTIONS_INIT;
  options.flavor = 2;
  CHECK_STATUS(create_and_drop(&options), LIBSCHED_E_RANGE);
  options.flavor = 0xffffffffu;
  CHECK_STATUS(create_and_drop(&options), LIBSCHED_E_RANGE);
  options.flavor = LIBSCHED_LIFO;
  options.flags = 1;
  CHECK_STATUS(create_and_drop(&options), LIBSCHED_E_FLAGS);
  options.flags = 0x80000000u;
  CHECK_STATUS(create_and_drop(&options), LIBSCHED_E_FLAGS);
  options.flags = 0;
  options.max_capacity = ((uint64_t)1 << 40) + 1;
  CHECK_STATUS(create_and_drop(&options), LIBSCHED_E_RANGE);
  options.max_capacity = (uint64_t)-1;
  CHECK_STATUS(create_and_drop(&options), LIBSCHED_E_RANGE);
  options.max_capacity = (uint64_t)1 << 40;
  CHECK_OK(create_and_drop(&options));
  options.max_capacity = 1;
  CHECK_OK(create_and_drop(&options));
}

CASES = {RUN(lifo_pops_newest_first),
         RUN(fifo_pops_oldest_first),
         RUN(default_flavor_is_fifo),
         RUN(stealers_take_the_oldest),
         RUN(empty_leaves_the_result_alone),
         RUN(null_and_any_other_bits_are_elements),
         RUN(both_ends_know_the_length),
         RUN(grows_to_a_million_and_back),
         RUN(shrink_keeps_the_elements),
         RUN(leftovers_are_discarded_once_by_the_deque),
         RUN(leftovers_are_discarded_once_by_the_stealer),
         RUN(null_leftovers_are_discarded_too),
         RUN(leftovers_without_discard_are_forgotten),
         RUN(discard_may_call_the_library),
         RUN(stealer_outlives_the_deque),
         RUN(options_struct_may_be_longer_not_shorter),
         RUN(options_out_of_range),
         CASES_END};
