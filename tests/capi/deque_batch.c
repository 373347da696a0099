/* Batches out of a deque: how many move, in which order they come out, and what a destination may refuse. */
#include "check_deque.h"

typedef struct pair {
  libsched_deque *from;
  libsched_deque *into;
  libsched_stealer *stealer;
} pair;

/* A source that holds 1 to n, and an empty destination. */
static pair make_pair(uint32_t from, uint32_t into, int64_t n, uint64_t room) {
  pair p;
  p.from = check_deque(from, 0);
  p.into = check_deque(into, room);
  p.stealer = check_stealer(p.from);
  check_push(p.from, 1, n);
  return p;
}

static void drop_pair(pair p) {
  libsched_stealer_unref(p.stealer);
  libsched_deque_unref(p.from);
  libsched_deque_unref(p.into);
}

/* The table of orders: four elements, of which the older two move. */
static void check_order(uint32_t from, uint32_t into, const char *popped, const char *kept) {
  pair p = make_pair(from, into, 4, 0);
  CHECK_OK(libsched_stealer_steal_batch(p.stealer, p.into, 0));
  CHECK_POPS(p.into, popped);
  CHECK_POPS(p.from, kept);
  drop_pair(p);
}

CASE(fifo_to_fifo_order) { check_order(LIBSCHED_FIFO, LIBSCHED_FIFO, "1 2", "3 4"); }
CASE(lifo_to_lifo_order) { check_order(LIBSCHED_LIFO, LIBSCHED_LIFO, "2 1", "4 3"); }
CASE(fifo_to_lifo_order) { check_order(LIBSCHED_FIFO, LIBSCHED_LIFO, "1 2", "3 4"); }
CASE(lifo_to_fifo_order) { check_order(LIBSCHED_LIFO, LIBSCHED_FIFO, "2 1", "4 3"); }

/* and_pop: six elements, of which the older three are taken; one comes back, two move. */
static void check_and_pop_order(uint32_t from, uint32_t into, int64_t first, const char *popped) {
  pair p = make_pair(from, into, 6, 0);
  void *out = 0;
  CHECK_OK(libsched_stealer_steal_batch_and_pop(&out, p.stealer, p.into, 0));
  CHECK_EQ(VALUE(out), first);
  CHECK_POPS(p.into, popped);
  CHECK_POPS(p.from, from == LIBSCHED_LIFO ? "6 5 4" : "4 5 6");
  drop_pair(p);
}

CASE(fifo_to_fifo_and_pop) { check_and_pop_order(LIBSCHED_FIFO, LIBSCHED_FIFO, 1, "2 3"); }
CASE(lifo_to_lifo_and_pop) { check_and_pop_order(LIBSCHED_LIFO, LIBSCHED_LIFO, 3, "2 1"); }
CASE(fifo_to_lifo_and_pop) { check_and_pop_order(LIBSCHED_FIFO, LIBSCHED_LIFO, 1, "2 3"); }
CASE(lifo_to_fifo_and_pop) { check_and_pop_order(LIBSCHED_LIFO, LIBSCHED_FIFO, 3, "2 1"); }

/* Elements that the destination already holds keep their place in its own order. */
CASE(destination_keeps_what_it_has) {
  pair p = make_pair(LIBSCHED_FIFO, LIBSCHED_FIFO, 4, 0);
  check_push(p.into, 8, 9);
  CHECK_OK(libsched_stealer_steal_batch(p.stealer, p.into, 0));
  CHECK_POPS(p.into, "8 9 1 2");
  drop_pair(p);
  p = make_pair(LIBSCHED_FIFO, LIBSCHED_LIFO, 4, 0);
  check_push(p.into, 8, 9);
  CHECK_OK(libsched_stealer_steal_batch(p.stealer, p.into, 0));
  CHECK_POPS(p.into, "1 2 9 8");
  drop_pair(p);
}

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

/* Half, rounded up, and no more than the limit: for every length, both flavours, and limits around the edges. */
CASE(half_rounded_up_within_the_limit) {
  static const uint32_t limits[] = {0, 1, 2, 3, 31, 32, 33, 34, 1000, 0x7fffffff, 0xffffffffu};
  uint32_t flavor;
  size_t k;
  for (flavor = LIBSCHED_FIFO; flavor <= LIBSCHED_LIFO; ++flavor) {
    for (k = 0; k < sizeof(limits) / sizeof(limits[0]); ++k) {
      int64_t n;
      for (n = 1; n <= 100; n += n < 9 ? 1 : 7) {
        int64_t most = limits[k] == 0 ? 32 : smaller(limits[k], 32);
        pair p = make_pair(flavor, LIBSCHED_LIFO, n, 0);
        void *out = 0;
        CHECK_OK(libsched_stealer_steal_batch(p.stealer, p.into, limits[k]));
        CHECK_EQ(check_len(p.into), smaller((n + 1) / 2, most));
        CHECK_EQ(check_len(p.from), n - check_len(p.into));
        drop_pair(p);
        most = limits[k] == 0 ? 33 : smaller(limits[k], 33);
        p = make_pair(flavor, LIBSCHED_FIFO, n, 0);
        CHECK_OK(libsched_stealer_steal_batch_and_pop(&out, p.stealer, p.into, limits[k]));
        CHECK_EQ(check_len(p.into) + 1, smaller((n + 1) / 2, most));
        CHECK_EQ(check_len(p.from), n - 1 - check_len(p.into));
        drop_pair(p);
      }
    }
  }
}

CASE(empty_source) {
  pair p = make_pair(LIBSCHED_LIFO, LIBSCHED_FIFO, 0, 0);
  void *out = UNTOUCHED;
  CHECK_STATUS(libsched_stealer_steal_batch(p.stealer, p.into, 0), LIBSCHED_E_EMPTY);
  CHECK_STATUS(libsched_stealer_steal_batch_and_pop(&out, p.stealer, p.into, 0), LIBSCHED_E_EMPTY);
  CHECK_PTR(out, UNTOUCHED);
  CHECK_EQ(check_len(p.into), 0);
  drop_pair(p);
}

CASE(null_elements_move_too) {
  pair p = make_pair(LIBSCHED_FIFO, LIBSCHED_FIFO, 0, 0);
  void *out = UNTOUCHED;
  int i;
  for (i = 0; i < 6; ++i) CHECK_OK(libsched_deque_push(p.from, 0));
  CHECK_OK(libsched_stealer_steal_batch_and_pop(&out, p.stealer, p.into, 0));
  CHECK_PTR(out, 0);
  CHECK_EQ(check_len(p.into), 2);
  CHECK_POPS(p.into, "0 0");
  drop_pair(p);
}

CASE(into_its_own_deque) {
  uint32_t flavor;
  for (flavor = LIBSCHED_FIFO; flavor <= LIBSCHED_LIFO; ++flavor) {
    libsched_deque *deque = check_deque(flavor, 4);
    libsched_stealer *stealer = check_stealer(deque);
    void *out = UNTOUCHED;
    CHECK_STATUS(libsched_stealer_steal_batch(stealer, deque, 0), LIBSCHED_E_EMPTY);
    CHECK_STATUS(libsched_stealer_steal_batch_and_pop(&out, stealer, deque, 0), LIBSCHED_E_EMPTY);
    CHECK_PTR(out, UNTOUCHED);
    check_push(deque, 1, 4);
    CHECK_OK(libsched_stealer_steal_batch(stealer, deque, 0));
    CHECK_EQ(check_len(deque), 4);
    CHECK_OK(libsched_stealer_steal_batch_and_pop(&out, stealer, deque, 3));
    CHECK_EQ(VALUE(out), flavor == LIBSCHED_LIFO ? 4 : 1);
    CHECK_POPS(deque, flavor == LIBSCHED_LIFO ? "3 2 1" : "2 3 4");
    libsched_stealer_unref(stealer);
    libsched_deque_unref(deque);
  }
}

CASE(full_destination_takes_nothing) {
  uint32_t flavor;
  for (flavor = LIBSCHED_FIFO; flavor <= LIBSCHED_LIFO; ++flavor) {
    pair p = make_pair(flavor, LIBSCHED_FIFO, 8, 3);
    void *out = 0;
    check_push(p.into, 21, 23);
    CHECK_STATUS(libsched_stealer_steal_batch(p.stealer, p.into, 0), LIBSCHED_E_FULL);
    CHECK_EQ(check_len(p.from), 8);
    /* and_pop needs no room for the one that it returns: a batch of one, the oldest. */
    CHECK_OK(libsched_stealer_steal_batch_and_pop(&out, p.stealer, p.into, 0));
    CHECK_EQ(VALUE(out), 1);
    CHECK_EQ(check_len(p.from), 7);
    CHECK_POPS(p.into, "21 22 23");
    drop_pair(p);
  }
}

CASE(destination_takes_what_it_has_room_for) {
  uint32_t flavor;
  for (flavor = LIBSCHED_FIFO; flavor <= LIBSCHED_LIFO; ++flavor) {
    pair p = make_pair(flavor, LIBSCHED_FIFO, 8, 3);
    void *out = 0;
    check_push(p.into, 21, 21);
    CHECK_OK(libsched_stealer_steal_batch(p.stealer, p.into, 0));
    CHECK_EQ(check_len(p.from), 6);
    CHECK_POPS(p.into, flavor == LIBSCHED_LIFO ? "21 2 1" : "21 1 2");
    check_push(p.into, 21, 22);
    CHECK_OK(libsched_stealer_steal_batch_and_pop(&out, p.stealer, p.into, 0));
    CHECK_EQ(VALUE(out), flavor == LIBSCHED_LIFO ? 4 : 3);
    CHECK_EQ(check_len(p.from), 4);
    CHECK_POPS(p.into, flavor == LIBSCHED_LIFO ? "21 22 3" : "21 22 4");
    drop_pair(p);
  }
}

CASE(empty_source_and_full_destination) {
  pair p = make_pair(LIBSCHED_FIFO, LIBSCHED_FIFO, 0, 1);
  void *out = UNTOUCHED;
  int status;
  check_push(p.into, 21, 21);
  status = libsched_stealer_steal_batch(p.stealer, p.into, 0);
  CHECK(status == LIBSCHED_E_EMPTY || status == LIBSCHED_E_FULL);
  CHECK_STATUS(libsched_stealer_steal_batch_and_pop(&out, p.stealer, p.into, 0), LIBSCHED_E_EMPTY);
  CHECK_PTR(out, UNTOUCHED);
  CHECK_POPS(p.into, "21");
  drop_pair(p);
}

/* A destination that has to grow, from any position of its ring. */
CASE(batches_add_up_without_loss) {
  int64_t n = 20000;
  uint32_t from;
  uint32_t into;
  for (from = LIBSCHED_FIFO; from <= LIBSCHED_LIFO; ++from) {
    for (into = LIBSCHED_FIFO; into <= LIBSCHED_LIFO; ++into) {
      pair p = make_pair(from, into, n, 0);
      int64_t i;
      check_tally_start((size_t)n);
      while (libsched_stealer_steal_batch(p.stealer, p.into, 0) == LIBSCHED_OK) {
        CHECK_EQ(check_len(p.from) + check_len(p.into), n);
      }
      CHECK_EQ(check_len(p.from), 0);
      for (i = 0; i < n; ++i) check_tally_see(ITEM(check_pop(p.into)));
      CHECK_TALLY();
      drop_pair(p);
    }
  }
}

CASES = {RUN(fifo_to_fifo_order),
         RUN(lifo_to_lifo_order),
         RUN(fifo_to_lifo_order),
         RUN(lifo_to_fifo_order),
         RUN(fifo_to_fifo_and_pop),
         RUN(lifo_to_lifo_and_pop),
         RUN(fifo_to_lifo_and_pop),
         RUN(lifo_to_fifo_and_pop),
         RUN(destination_keeps_what_it_has),
         RUN(half_rounded_up_within_the_limit),
         RUN(empty_source),
         RUN(null_elements_move_too),
         RUN(into_its_own_deque),
         RUN(full_destination_takes_nothing),
         RUN(destination_takes_what_it_has_room_for),
         RUN(empty_source_and_full_destination),
         RUN(batches_add_up_without_loss),
         CASES_END};
