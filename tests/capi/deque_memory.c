/*
 * Memory goes back: after ten million elements have been in and out, resident memory is within 1 MiB of what it was.
 * Each case looks at the full deque too, so that a measure that sees nothing does not pass.
 */
#include "check_deque.h"

#define MILLIONS 10
#define MIB ((int64_t)1 << 20)

static int64_t items(void) { return (int64_t)MILLIONS * 1000000; }

/* Everything that the measured part uses has been touched before it starts. */
static int64_t resident_before(uint32_t flavor) {
  libsched_deque *deque;
  libsched_stealer *stealer;
  void *out = 0;
  if (CHECK_SANITIZED) check_skip("a sanitizer keeps memory of its own");
  deque = check_deque(flavor, 0);
  stealer = check_stealer(deque);
  check_push(deque, 1, 1000);
  CHECK_OK(libsched_stealer_steal(&out, stealer));
  CHECK_EQ(check_pop(deque) != 0, 1);
  libsched_stealer_unref(stealer);
  libsched_deque_unref(deque);
  return check_resident();
}

static void check_full_is_seen(int64_t before) {
  CHECK_LE(before + items() * (int64_t)sizeof(void *) / 2, check_resident());
}

/* The deque is alive and has nothing in it. */
static void check_given_back(libsched_deque *deque, int64_t before) {
  int64_t after = check_resident();
  CHECK_EQ(check_len(deque), 0);
  CHECK_LE(after, before + MIB);
}

static void push_and_pop(uint32_t flavor) {
  int64_t before = resident_before(flavor);
  libsched_deque *deque = check_deque(flavor, 0);
  void *out = 0;
  check_push(deque, 1, items());
  check_full_is_seen(before);
  while (libsched_deque_pop(&out, deque) == LIBSCHED_OK) {
  }
  check_given_back(deque, before);
  libsched_deque_unref(deque);
}

CASE(fifo_pops) { push_and_pop(LIBSCHED_FIFO); }
CASE(lifo_pops) { push_and_pop(LIBSCHED_LIFO); }

/* Not only at the very end: a deque that is nearly empty for good holds nearly nothing. */
static void pops_down_to_a_few(uint32_t flavor) {
  int64_t before = resident_before(flavor);
  libsched_deque *deque = check_deque(flavor, 0);
  check_push(deque, 1, items());
  check_full_is_seen(before);
  while (check_len(deque) > 1000) check_pop(deque);
  CHECK_LE(check_resident(), before + MIB);
  libsched_deque_unref(deque);
}

CASE(fifo_pops_down_to_a_few) { pops_down_to_a_few(LIBSCHED_FIFO); }
CASE(lifo_pops_down_to_a_few) { pops_down_to_a_few(LIBSCHED_LIFO); }

/*
 * A thief cannot know when the owner is in the middle of a push, so after steals it is the owner who gives the memory
 * back: by the shrink that exists for this.
 */
CASE(steals_then_shrink) {
  int64_t before = resident_before(LIBSCHED_LIFO);
  libsched_deque *deque = check_deque(LIBSCHED_LIFO, 0);
  libsched_stealer *stealer = check_stealer(deque);
  void *out = 0;
  check_push(deque, 1, items());
  check_full_is_seen(before);
  while (libsched_stealer_steal(&out, stealer) == LIBSCHED_OK) {
  }
  CHECK_OK(libsched_deque_shrink(deque));
  check_given_back(deque, before);
  libsched_stealer_unref(stealer);
  libsched_deque_unref(deque);
}

/* The owner's ordinary life after a flood that thieves carried off: a little work, no shrink. */
static void steals_then_work(uint32_t flavor) {
  int64_t before = resident_before(flavor);
  libsched_deque *deque = check_deque(flavor, 0);
  libsched_stealer *stealer = check_stealer(deque);
  void *out = 0;
  int i;
  check_push(deque, 1, items());
  check_full_is_seen(before);
  while (libsched_stealer_steal(&out, stealer) == LIBSCHED_OK) {
  }
  for (i = 0; i < 1000; ++i) {
    check_push(deque, 1, 3);
    while (libsched_deque_pop(&out, deque) == LIBSCHED_OK) {
    }
  }
  check_given_back(deque, before);
  libsched_stealer_unref(stealer);
  libsched_deque_unref(deque);
}

CASE(fifo_steals_then_work) { steals_then_work(LIBSCHED_FIFO); }
CASE(lifo_steals_then_work) { steals_then_work(LIBSCHED_LIFO); }

static void batches(uint32_t flavor) {
  int64_t before = resident_before(flavor);
  libsched_deque *deque = check_deque(flavor, 0);
  libsched_deque *into = check_deque(flavor, 0);
  libsched_stealer *stealer = check_stealer(deque);
  void *out = 0;
  check_push(deque, 1, items());
  check_full_is_seen(before);
  while (libsched_stealer_steal_batch(stealer, into, 0) == LIBSCHED_OK) {
    while (libsched_deque_pop(&out, into) == LIBSCHED_OK) {
    }
  }
  CHECK_OK(libsched_deque_shrink(deque));
  check_given_back(deque, before);
  check_given_back(into, before);
  libsched_stealer_unref(stealer);
  libsched_deque_unref(deque);
  libsched_deque_unref(into);
}

CASE(fifo_batches) { batches(LIBSCHED_FIFO); }
CASE(lifo_batches) { batches(LIBSCHED_LIFO); }

/* The flood arrives in the destination: all ten million pile up there before they are popped. */
CASE(destination_of_batches) {
  int64_t before = resident_before(LIBSCHED_FIFO);
  libsched_deque *deque = check_deque(LIBSCHED_FIFO, 0);
  libsched_deque *into = check_deque(LIBSCHED_LIFO, 0);
  libsched_stealer *stealer = check_stealer(deque);
  void *out = 0;
  check_push(deque, 1, items());
  while (libsched_stealer_steal_batch(stealer, into, 0) == LIBSCHED_OK) {
  }
  CHECK_EQ(check_len(into), items());
  check_full_is_seen(before);
  while (libsched_deque_pop(&out, into) == LIBSCHED_OK) {
  }
  CHECK_OK(libsched_deque_shrink(deque));
  check_given_back(into, before);
  libsched_stealer_unref(stealer);
  libsched_deque_unref(deque);
  libsched_deque_unref(into);
}

CASE(death_gives_everything_back) {
  int64_t before = resident_before(LIBSCHED_LIFO);
  libsched_deque *deque = check_deque(LIBSCHED_LIFO, 0);
  check_push(deque, 1, items());
  check_full_is_seen(before);
  libsched_deque_unref(deque);
  CHECK_LE(check_resident(), before + MIB);
}

CASES = {RUN(fifo_pops),
         RUN(lifo_pops),
         RUN(fifo_pops_down_to_a_few),
         RUN(lifo_pops_down_to_a_few),
         RUN(steals_then_shrink),
         RUN(fifo_steals_then_work),
         RUN(lifo_steals_then_work),
         RUN(fifo_batches),
         RUN(lifo_batches),
         RUN(destination_of_batches),
         RUN(death_gives_everything_back),
         CASES_END};
