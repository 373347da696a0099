/* max_capacity: any number, exact, at any position of the ring, whoever takes elements out; and a model of a deque. */
#include "check_deque.h"

static const uint64_t capacities[] = {1, 2, 3, 5, 63, 64, 65, 1000};
#define CAPACITIES (sizeof(capacities) / sizeof(capacities[0]))

/* Nothing more goes in, and the refused element is not in it. */
static void check_full(libsched_deque *deque, uint64_t capacity) {
  CHECK_EQ(check_len(deque), capacity);
  CHECK_STATUS(libsched_deque_push(deque, ITEM(0xbad)), LIBSCHED_E_FULL);
  CHECK_STATUS(libsched_deque_push(deque, ITEM(0xbad)), LIBSCHED_E_FULL);
  CHECK_EQ(check_len(deque), capacity);
}

CASE(push_stops_exactly_there) {
  uint32_t flavor;
  size_t i;
  for (flavor = LIBSCHED_FIFO; flavor <= LIBSCHED_LIFO; ++flavor) {
    for (i = 0; i < CAPACITIES; ++i) {
      libsched_deque *deque = check_deque(flavor, capacities[i]);
      int64_t n = (int64_t)capacities[i];
      int64_t k;
      check_push(deque, 1, n);
      check_full(deque, capacities[i]);
      for (k = 1; k <= n; ++k) CHECK_EQ(check_pop(deque), flavor == LIBSCHED_LIFO ? n + 1 - k : k);
      libsched_deque_unref(deque);
    }
  }
}

/* Every element that leaves makes room for exactly one, through many turns of the ring. */
CASE(each_element_taken_makes_room_for_one) {
  uint32_t flavor;
  size_t i;
  int by_stealer;
  for (flavor = LIBSCHED_FIFO; flavor <= LIBSCHED_LIFO; ++flavor) {
    for (by_stealer = 0; by_stealer <= 1; ++by_stealer) {
      for (i = 0; i < CAPACITIES; ++i) {
        libsched_deque *deque = check_deque(flavor, capacities[i]);
        libsched_stealer *stealer = check_stealer(deque);
        int64_t n = (int64_t)capacities[i];
        int64_t turn;
        check_push(deque, 1, n);
        for (turn = 0; turn < 3 * n + 3; ++turn) {
          void *out = 0;
          check_full(deque, capacities[i]);
          if (by_stealer) {
            CHECK_OK(libsched_stealer_steal(&out, stealer));
          } else {
            CHECK_OK(libsched_deque_pop(&out, deque));
          }
          check_push(deque, 100 + turn, 100 + turn);
        }
        check_full(deque, capacities[i]);
        libsched_stealer_unref(stealer);
        libsched_deque_unref(deque);
      }
    }
  }
}

CASE(shrink_keeps_the_capacity) {
  libsched_deque *deque = check_deque(LIBSCHED_FIFO, 1000);
  int round;
  for (round = 0; round < 3; ++round) {
    check_push(deque, 1, 1000);
    check_full(deque, 1000);
    while (check_len(deque) > 3) check_pop(deque);
    CHECK_OK(libsched_deque_shrink(deque));
    check_push(deque, 1, 997);
    check_full(deque, 1000);
    while (check_len(deque) > 0) check_pop(deque);
    CHECK_OK(libsched_deque_shrink(deque));
  }
  libsched_deque_unref(deque);
}

CASE(batches_fill_up_to_it) {
  libsched_deque *from = check_deque(LIBSCHED_FIFO, 0);
  libsched_deque *into = check_deque(LIBSCHED_FIFO, 5);
  libsched_stealer *stealer = check_stealer(from);
  int round;
  for (round = 0; round < 20; ++round) {
    check_push(from, 1, 100);
    CHECK_OK(libsched_stealer_steal_batch(stealer, into, 3));
    CHECK_EQ(check_len(into), 3);
    CHECK_OK(libsched_stealer_steal_batch(stealer, into, 3));
    check_full(into, 5);
    CHECK_STATUS(libsched_stealer_steal_batch(stealer, into, 1), LIBSCHED_E_FULL);
    CHECK_POPS(into, "1 2 3 4 5");
    while (check_len(from) > 0) check_pop(from);
  }
  libsched_stealer_unref(stealer);
  libsched_deque_unref(from);
  libsched_deque_unref(into);
}

/* A deque as the contract describes it: an array with the oldest element first. */
typedef struct model {
  libsched_deque *deque;
  libsched_stealer *stealer;
  uint32_t flavor;
  int64_t capacity;
  int64_t n;
  int64_t items[512];
} model;

static int64_t model_take(model *m, int64_t at) {
  int64_t item = m->items[at];
  memmove(&m->items[at], &m->items[at + 1], (size_t)(m->n - at - 1) * sizeof(item));
  --m->n;
  return item;
}

static void model_start(model *m, uint32_t flavor, int64_t capacity) {
  m->deque = check_deque(flavor, (uint64_t)capacity);
  m->stealer = check_stealer(m->deque);
  m->flavor = flavor;
  m->capacity = capacity;
  m->n = 0;
}

static void model_end(model *m) {
  while (m->n > 0) {
    int64_t want = model_take(m, m->flavor == LIBSCHED_LIFO ? m->n - 1 : 0);
    CHECK_EQ(check_pop(m->deque), want);
  }
  libsched_stealer_unref(m->stealer);
  libsched_deque_unref(m->deque);
}

/* What a batch does: takes n of the oldest; into gets them so that it pops them as `from` would have. */
static void model_move(model *from, model *into, int64_t n) {
  int64_t i;
  for (i = 0; i < n; ++i) {
    int same_way = (from->flavor == LIBSCHED_LIFO) == (into->flavor == LIBSCHED_LIFO);
    into->items[into->n + i] = from->items[same_way ? i : n - 1 - i];
  }
  into->n += n;
  for (i = 0; i < n; ++i) model_take(from, 0);
}

static void model_batch(model *from, model *into, uint32_t limit) {
  int status = libsched_stealer_steal_batch(from->stealer, into->deque, limit);
  int64_t n = (from->n + 1) / 2;
  int64_t most =
      limit == 0 || limit > LIBSCHED_MAX_BATCH ? (int64_t)LIBSCHED_MAX_BATCH : (int64_t)limit;
  if (from->n == 0) {
    CHECK(status == LIBSCHED_E_EMPTY || (status == LIBSCHED_E_FULL && into->n == into->capacity));
    return;
  }
  if (into->n == into->capacity) {
    CHECK_STATUS(status, LIBSCHED_E_FULL);
    return;
  }
  CHECK_OK(status);
  if (n > most) n = most;
  if (n > into->capacity - into->n) n = into->capacity - into->n;
  model_move(from, into, n);
}

static void model_push(model *m, int64_t item) {
  int status = libsched_deque_push(m->deque, ITEM(item));
  CHECK_STATUS(status, m->n == m->capacity ? LIBSCHED_E_FULL : LIBSCHED_OK);
  if (status == LIBSCHED_OK) m->items[m->n++] = item;
}

static void model_out(model *m, int by_stealer) {
  void *out = UNTOUCHED;
  int status =
      by_stealer ? libsched_stealer_steal(&out, m->stealer) : libsched_deque_pop(&out, m->deque);
  if (m->n == 0) {
    CHECK_STATUS(status, LIBSCHED_E_EMPTY);
    CHECK_PTR(out, UNTOUCHED);
    return;
  }
  CHECK_OK(status);
  CHECK_EQ(VALUE(out), model_take(m, !by_stealer && m->flavor == LIBSCHED_LIFO ? m->n - 1 : 0));
}

CASE(any_sequence_follows_the_model) {
  static const int64_t sizes[] = {1, 2, 3, 7, 64, 300};
  uint64_t seed = 1;
  int64_t item = 0;
  int run;
  for (run = 0; run < 4 * 6 * 6; ++run) {
    static model two[2];
    int step;
    model_start(&two[0], (uint32_t)(run & 1), sizes[run / 4 % 6]);
    model_start(&two[1], (uint32_t)(run >> 1 & 1), sizes[run / 24 % 6]);
    for (step = 0; step < 2000; ++step) {
      uint32_t which = check_random(&seed) % 2;
      model *m = &two[which];
      /* Long stretches of more in than out, then of more out than in. */
      uint32_t op = check_random(&seed) % 16 + (step / 250 % 2 ? 4 : 0);
      if (op < 8) {
        model_push(m, ++item);
      } else if (op < 11) {
        model_batch(m, &two[1 - which], check_random(&seed) % 40);
      } else if (op < 18) {
        model_out(m, (int)(op & 1));
      } else {
        CHECK_OK(libsched_deque_shrink(m->deque));
      }
      CHECK_EQ(check_len(m->deque), m->n);
    }
    model_end(&two[0]);
    model_end(&two[1]);
  }
}

CASES = {RUN(push_stops_exactly_there),       RUN(each_element_taken_makes_room_for_one),
         RUN(shrink_keeps_the_capacity),      RUN(batches_fill_up_to_it),
         RUN(any_sequence_follows_the_model), CASES_END};
