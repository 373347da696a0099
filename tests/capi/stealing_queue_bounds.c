/*
 * The starvation bound of the stealing queue, by counting selections: of consecutive `next` calls on one context at
 * most normal_bound pass over waiting Normal elements and at most low_bound pass over waiting Low ones; and up to the
 * bound the higher priority goes first.
 */
#include "check_sched.h"

static libsched_stealing_queue *make(uint32_t contexts, uint32_t normal_bound, uint32_t low_bound) {
  libsched_stealing_queue_options options = LIBSCHED_STEALING_QUEUE_OPTIONS_INIT;
  libsched_stealing_queue *queue = 0;
  options.contexts = contexts;
  options.normal_bound = normal_bound;
  options.low_bound = low_bound;
  CHECK_OK(libsched_stealing_queue_create(&queue, &options));
  return queue;
}

static int64_t length(libsched_stealing_queue *queue, uint32_t priority) {
  uint64_t n = 0;
  CHECK_OK(libsched_stealing_queue_len(&n, queue, priority));
  return (int64_t)n;
}

static void put(libsched_stealing_queue *queue, uint32_t priority, int n) {
  for (; n > 0; --n) CHECK_OK(libsched_stealing_queue_submit(queue, priority, ITEM(priority)));
}

/* The selections of one context. passed[p]: how many in a row did not take p though p waited. */
typedef struct watch {
  int64_t passed[LIBSCHED_PRIORITIES];
  int64_t longest[LIBSCHED_PRIORITIES];
  int64_t taken[LIBSCHED_PRIORITIES];
  /* Of the selections that took p while something higher waited, the fewest that had passed over p before. */
  int64_t earliest[LIBSCHED_PRIORITIES];
} watch;

static void watch_start(watch *w) {
  memset(w, 0, sizeof(*w));
  w->earliest[LIBSCHED_NORMAL] = 1000000;
  w->earliest[LIBSCHED_LOW] = 1000000;
}

static uint32_t select_one(watch *w, libsched_stealing_queue *queue, uint32_t context) {
  int64_t waiting[LIBSCHED_PRIORITIES];
  uint32_t taken = 77;
  void *out = 0;
  uint32_t p;
  for (p = 0; p < LIBSCHED_PRIORITIES; ++p) waiting[p] = length(queue, p);
  CHECK_OK(libsched_stealing_queue_next(&out, &taken, queue, context));
  CHECK(taken < LIBSCHED_PRIORITIES);
  CHECK_EQ(VALUE(out), taken);
  ++w->taken[taken];
  if (taken != LIBSCHED_HIGH) {
    int64_t higher =
        waiting[LIBSCHED_HIGH] + (taken == LIBSCHED_LOW ? waiting[LIBSCHED_NORMAL] : 0);
    if (higher > 0 && w->passed[taken] < w->earliest[taken]) w->earliest[taken] = w->passed[taken];
  }
  for (p = 0; p < LIBSCHED_PRIORITIES; ++p) {
    w->passed[p] = p == taken || waiting[p] == 0 ? 0 : w->passed[p] + 1;
    if (w->passed[p] > w->longest[p]) w->longest[p] = w->passed[p];
  }
  return taken;
}

/* Every `bound` selections of High are followed by one of the other level, from the first selection on. */
static void check_two_levels(uint32_t other, uint32_t normal_bound, uint32_t low_bound,
                             int64_t bound) {
  libsched_stealing_queue *queue = make(1, normal_bound, low_bound);
  watch w;
  int64_t i;
  watch_start(&w);
  put(queue, LIBSCHED_HIGH, 5);
  put(queue, other, 5);
  for (i = 0; i < 5 * (bound + 1); ++i) {
    uint32_t taken = select_one(&w, queue, 0);
    CHECK_EQ(taken, i % (bound + 1) == bound ? other : LIBSCHED_HIGH);
    put(queue, taken, 1);
  }
  CHECK_EQ(w.longest[other], bound);
  libsched_stealing_queue_unref(queue);
}

CASE(default_bound_of_normal_is_8) { check_two_levels(LIBSCHED_NORMAL, 0, 0, 8); }
CASE(default_bound_of_low_is_64) { check_two_levels(LIBSCHED_LOW, 0, 0, 64); }

CASE(any_bound_is_exact) {
  static const uint32_t bounds[] = {1, 2, 3, 5, 7, 9, 100, 1000};
  size_t i;
  for (i = 0; i < sizeof(bounds) / sizeof(bounds[0]); ++i) {
    check_two_levels(LIBSCHED_NORMAL, bounds[i], LIBSCHED_NO_BOUND, bounds[i]);
    if (bounds[i] > 1) check_two_levels(LIBSCHED_LOW, 0, bounds[i], bounds[i]);
  }
}

/* Low goes between Normal ones by the same rule. */
CASE(low_among_normal) {
  libsched_stealing_queue *queue = make(1, 0, 10);
  watch w;
  int i;
  watch_start(&w);
  put(queue, LIBSCHED_NORMAL, 5);
  put(queue, LIBSCHED_LOW, 5);
  for (i = 0; i < 110; ++i) {
    uint32_t taken = select_one(&w, queue, 0);
    CHECK_EQ(taken, i % 11 == 10 ? LIBSCHED_LOW : LIBSCHED_NORMAL);
    put(queue, taken, 1);
  }
  libsched_stealing_queue_unref(queue);
}

/* With all three levels waiting all the time both bounds hold at once, even where both fall due together. */
static void check_three_levels(uint32_t normal_bound, uint32_t low_bound, int64_t normal,
                               int64_t low) {
  libsched_stealing_queue *queue = make(1, normal_bound, low_bound);
  watch w;
  int i;
  watch_start(&w);
  for (i = 0; i < LIBSCHED_PRIORITIES; ++i) put(queue, (uint32_t)i, 3);
  for (i = 0; i < 3000; ++i) put(queue, select_one(&w, queue, 0), 1);
  if (w.longest[LIBSCHED_NORMAL] > normal || w.longest[LIBSCHED_LOW] > low) {
    printf("bounds %ld and %ld\n", (long)normal, (long)low);
  }
  CHECK_LE(w.longest[LIBSCHED_NORMAL], normal);
  CHECK_LE(w.longest[LIBSCHED_LOW], low);
  /* Nor much earlier than need be: one selection, where the other level falls due at the same time. */
  CHECK_LE(normal - 1, w.earliest[LIBSCHED_NORMAL]);
  CHECK_LE(low - 1, w.earliest[LIBSCHED_LOW]);
  libsched_stealing_queue_unref(queue);
}

CASE(both_default_bounds_at_once) { check_three_levels(0, 0, 8, 64); }

CASE(any_two_bounds_at_once) {
  uint32_t normal;
  uint32_t low;
  for (normal = 1; normal <= 10; ++normal) {
    for (low = 2; low <= 24; ++low) check_three_levels(normal, low, normal, low);
  }
}

/* What was not waiting was not passed over: a level that comes late is not due at once. */
CASE(only_waiting_elements_are_passed_over) {
  libsched_stealing_queue *queue = make(1, 0, 0);
  watch w;
  int i;
  watch_start(&w);
  put(queue, LIBSCHED_HIGH, 500);
  for (i = 0; i < 100; ++i) CHECK_EQ(select_one(&w, queue, 0), LIBSCHED_HIGH);
  put(queue, LIBSCHED_NORMAL, 1);
  for (i = 0; i < 8; ++i) CHECK_EQ(select_one(&w, queue, 0), LIBSCHED_HIGH);
  CHECK_EQ(select_one(&w, queue, 0), LIBSCHED_NORMAL);
  for (i = 0; i < 100; ++i) CHECK_EQ(select_one(&w, queue, 0), LIBSCHED_HIGH);
  put(queue, LIBSCHED_LOW, 1);
  for (i = 0; i < 64; ++i) CHECK_EQ(select_one(&w, queue, 0), LIBSCHED_HIGH);
  CHECK_EQ(select_one(&w, queue, 0), LIBSCHED_LOW);
  libsched_stealing_queue_unref(queue);
}

CASE(no_bound_is_strict_priority) {
  libsched_stealing_queue *queue = make(1, LIBSCHED_NO_BOUND, LIBSCHED_NO_BOUND);
  watch w;
  int i;
  watch_start(&w);
  for (i = 0; i < LIBSCHED_PRIORITIES; ++i) put(queue, (uint32_t)i, 1000);
  for (i = 0; i < 1000; ++i) CHECK_EQ(select_one(&w, queue, 0), LIBSCHED_HIGH);
  for (i = 0; i < 1000; ++i) CHECK_EQ(select_one(&w, queue, 0), LIBSCHED_NORMAL);
  for (i = 0; i < 1000; ++i) CHECK_EQ(select_one(&w, queue, 0), LIBSCHED_LOW);
  libsched_stealing_queue_unref(queue);
}

CASE(one_bound_without_the_other) {
  libsched_stealing_queue *queue = make(1, LIBSCHED_NO_BOUND, 0);
  watch w;
  int i;
  watch_start(&w);
  for (i = 0; i < LIBSCHED_PRIORITIES; ++i) put(queue, (uint32_t)i, 3);
  for (i = 0; i < 65 * 10; ++i) put(queue, select_one(&w, queue, 0), 1);
  CHECK_EQ(w.taken[LIBSCHED_NORMAL], 0);
  CHECK_EQ(w.taken[LIBSCHED_LOW], 10);
  libsched_stealing_queue_unref(queue);
  queue = make(1, 4, LIBSCHED_NO_BOUND);
  watch_start(&w);
  for (i = 0; i < LIBSCHED_PRIORITIES; ++i) put(queue, (uint32_t)i, 3);
  for (i = 0; i < 5 * 100; ++i) put(queue, select_one(&w, queue, 0), 1);
  CHECK_EQ(w.taken[LIBSCHED_NORMAL], 100);
  CHECK_EQ(w.taken[LIBSCHED_LOW], 0);
  libsched_stealing_queue_unref(queue);
}

/* A level counts as waiting wherever its elements are: here, in another context's own queue only. */
static void check_found_in_another_context(uint32_t priority, int64_t bound) {
  libsched_stealing_queue *queue = make(16, 0, 0);
  watch w;
  int turn;
  watch_start(&w);
  put(queue, LIBSCHED_HIGH, 5);
  for (turn = 0; turn < 32; ++turn) {
    uint32_t elsewhere = 1 + (uint32_t)turn % 15;
    int64_t i;
    CHECK_OK(libsched_stealing_queue_submit_local(queue, elsewhere, priority, ITEM(priority)));
    for (i = 0; i < bound; ++i) put(queue, select_one(&w, queue, 0), 1);
    CHECK_EQ(select_one(&w, queue, 0), priority);
  }
  libsched_stealing_queue_unref(queue);
}

CASE(normal_in_another_context_is_found) { check_found_in_another_context(LIBSCHED_NORMAL, 8); }
CASE(low_in_another_context_is_found) { check_found_in_another_context(LIBSCHED_LOW, 64); }

/* Sixteen contexts in any order, elements shared and local, every level always waiting somewhere. */
static void check_sixteen(uint32_t normal_bound, uint32_t low_bound, int64_t normal, int64_t low) {
  enum { CONTEXTS = 16 };
  libsched_stealing_queue *queue = make(CONTEXTS, normal_bound, low_bound);
  static watch w[CONTEXTS];
  uint64_t seed = 11;
  uint32_t context;
  uint32_t p;
  int i;
  for (context = 0; context < CONTEXTS; ++context) watch_start(&w[context]);
  for (i = 0; i < CHECK_SCALE(200000, 30000); ++i) {
    for (p = 0; p < LIBSCHED_PRIORITIES; ++p) {
      int64_t n = check_random(&seed) % 30;
      if (length(queue, p) >= 3) continue;
      for (; n >= 0; --n) {
        if (check_random(&seed) % 3 == 0) {
          put(queue, p, 1);
        } else {
          CHECK_OK(libsched_stealing_queue_submit_local(queue, check_random(&seed) % CONTEXTS, p,
                                                        ITEM(p)));
        }
      }
      put(queue, p, 2);
    }
    context = check_random(&seed) % CONTEXTS;
    /* Now and then one context has all the selections. */
    if (i / 2000 % 2) context = (uint32_t)(i / 4000) % CONTEXTS;
    select_one(&w[context], queue, context);
  }
  for (context = 0; context < CONTEXTS; ++context) {
    CHECK_LE(w[context].longest[LIBSCHED_NORMAL], normal);
    CHECK_LE(w[context].longest[LIBSCHED_LOW], low);
    CHECK_LE(normal - 1, w[context].earliest[LIBSCHED_NORMAL]);
    CHECK_LE(low - 1, w[context].earliest[LIBSCHED_LOW]);
    for (p = 0; p < LIBSCHED_PRIORITIES; ++p) CHECK_LE(1, w[context].taken[p]);
  }
  libsched_stealing_queue_unref(queue);
}

CASE(default_bounds_with_16_contexts) { check_sixteen(0, 0, 8, 64); }
CASE(other_bounds_with_16_contexts) { check_sixteen(3, 7, 3, 7); }

CASES = {RUN(default_bound_of_normal_is_8),
         RUN(default_bound_of_low_is_64),
         RUN(any_bound_is_exact),
         RUN(low_among_normal),
         RUN(both_default_bounds_at_once),
         RUN(any_two_bounds_at_once),
         RUN(only_waiting_elements_are_passed_over),
         RUN(no_bound_is_strict_priority),
         RUN(one_bound_without_the_other),
         RUN(normal_in_another_context_is_found),
         RUN(low_in_another_context_is_found),
         RUN(default_bounds_with_16_contexts),
         RUN(other_bounds_with_16_contexts),
         CASES_END};
