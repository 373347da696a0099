/*
 * The producer that waits first is passed a limited number of times. A producer whose message needs all of the byte bound
 * can be passed for as long as one byte is in the queue, so the passes can be counted.
 */
#include "check_queue.h"

enum { BOUND = 64 };

typedef struct flood {
  libsched_queue *queue;
  libsched_sender *sender;
  int way;
  int64_t begun;
  int64_t passed;
  long thread_id;
} flood;

/* The queue with one byte in it, and a producer that waits for all of the room. */
static void begin(flood *f, check_caller *large) {
  memset(f, 0, sizeof(*f));
  f->queue = check_queue_bytes(0, BOUND);
  f->sender = check_sender_new(f->queue);
  CHECK_OK(libsched_queue_push_bytes(f->queue, "a", 1));
  check_caller_init(large, CHECK_PUSH_BYTES, f->queue);
  large->size = BOUND;
  check_caller_block(large);
}

/* Passes that producer until that is refused though there is room: then the line is closed to all. */
static void pass_until_refused(flood *f) {
  int64_t end = check_now_ns() + (int64_t)CHECK_DEADLINE_S * 1000000000;
  int i = 0;
  while ((i++ % 2 ? libsched_queue_try_push_bytes(f->queue, "b", 1)
                  : libsched_sender_try_push_bytes(f->sender, "b", 1)) == LIBSCHED_OK) {
    CHECK_EQ(check_queue_pop_bytes(f->queue), 1);
    CHECK(check_now_ns() < end);
    ++f->passed;
  }
  CHECK_EQ(check_queue_len(f->queue), 1);
}

static void end(flood *f) {
  libsched_sender_unref(f->sender);
  libsched_queue_unref(f->queue);
}

/* Refused from then on, until the producer got in. */
CASE(passing_comes_to_an_end) {
  flood f;
  check_caller large;
  int i;
  begin(&f, &large);
  pass_until_refused(&f);
  printf("passed %ld times\n", (long)f.passed);
  for (i = 0; i < 5000; ++i) {
    CHECK_STATUS(libsched_queue_try_push_bytes(f.queue, "c", 1), LIBSCHED_E_FULL);
    CHECK_STATUS(libsched_sender_try_push_bytes(f.sender, "c", 1), LIBSCHED_E_FULL);
    CHECK_STATUS(libsched_queue_push_bytes_bounded(f.queue, "c", 1, 0, 0), LIBSCHED_E_TIMEOUT);
  }
  CHECK_EQ(CHECK_GET(large.done), 0);
  CHECK_EQ(check_queue_pop_bytes(f.queue), 1);
  CHECK_OK(check_caller_end(&large));
  CHECK_EQ(check_queue_pop_bytes(f.queue), BOUND);
  CHECK_OK(libsched_queue_try_push_bytes(f.queue, "c", 1));
  end(&f);
}

/* A try that found no room has passed nobody. */
CASE(refused_tries_are_no_passes) {
  flood f;
  check_caller large;
  int i;
  begin(&f, &large);
  CHECK_OK(libsched_queue_push_bytes(f.queue, "0123456789012345678901234567890123456789", 40));
  for (i = 0; i < 5000; ++i) {
    CHECK_STATUS(libsched_queue_try_push_bytes(f.queue, "0123456789012345678901234567", 28),
                 LIBSCHED_E_FULL);
    CHECK_STATUS(
        libsched_queue_push_bytes_bounded(f.queue, "0123456789012345678901234567", 28, 0, 0),
        LIBSCHED_E_TIMEOUT);
  }
  CHECK_OK(libsched_queue_try_push_bytes(f.queue, "b", 1));
  while (check_queue_len(f.queue) > 0 && !CHECK_GET(large.done)) check_queue_pop_bytes(f.queue);
  CHECK_OK(check_caller_end(&large));
  end(&f);
}

/* Who is refused by the line is told when there is no queue to get into any longer. */
CASE(closed_and_not_full_after_close) {
  int round;
  for (round = 0; round < CHECK_SCALE(50, 20); ++round) {
    flood f;
    check_caller large;
    begin(&f, &large);
    pass_until_refused(&f);
    CHECK_OK(libsched_queue_close(f.queue));
    CHECK_STATUS(libsched_queue_try_push_bytes(f.queue, "b", 1), LIBSCHED_E_CLOSED);
    CHECK_STATUS(libsched_sender_try_push_bytes(f.sender, "b", 1), LIBSCHED_E_CLOSED);
    CHECK_STATUS(libsched_queue_push_bytes_bounded(f.queue, "b", 1, 0, 0), LIBSCHED_E_CLOSED);
    CHECK_STATUS(check_caller_end(&large), LIBSCHED_E_CLOSED);
    end(&f);
  }
}

/* push passes all the same, as often as it likes. */
CASE(push_passes_without_limit) {
  flood f;
  check_caller large;
  int i;
  begin(&f, &large);
  pass_until_refused(&f);
  for (i = 0; i < 5000; ++i) {
    CHECK_OK(i % 2 ? libsched_queue_push_bytes(f.queue, "c", 1)
                   : libsched_sender_push_bytes(f.sender, "c", 1));
    CHECK_EQ(check_queue_pop_bytes(f.queue), 1);
  }
  CHECK_EQ(CHECK_GET(large.done), 0);
  CHECK_EQ(check_queue_pop_bytes(f.queue), 1);
  CHECK_OK(check_caller_end(&large));
  end(&f);
}

/* A producer that gives up opens the line again: nobody waits who was passed. */
CASE(a_producer_that_gives_up_opens_the_line) {
  flood f;
  check_caller large;
  libsched_cancel *cancel = 0;
  CHECK_OK(libsched_cancel_create(&cancel));
  memset(&f, 0, sizeof(f));
  f.queue = check_queue_bytes(0, BOUND);
  f.sender = check_sender_new(f.queue);
  CHECK_OK(libsched_queue_push_bytes(f.queue, "a", 1));
  check_caller_init(&large, CHECK_PUSH_BYTES, f.queue);
  large.size = BOUND;
  large.cancel = cancel;
  check_caller_block(&large);
  pass_until_refused(&f);
  CHECK_OK(libsched_cancel_trigger(cancel));
  CHECK_STATUS(check_caller_end(&large), LIBSCHED_E_CANCELLED);
  CHECK_OK(libsched_queue_try_push_bytes(f.queue, "b", 1));
  CHECK_OK(libsched_queue_push_bytes_bounded(f.queue, "b", 1, 0, 0));
  libsched_cancel_unref(cancel);
  end(&f);
}

/* Others that wait stand behind it: none of them gets in before. */
CASE(those_that_wait_stand_in_line) {
  enum { OTHERS = 5 };
  flood f;
  check_caller large;
  check_caller others[OTHERS];
  int i;
  begin(&f, &large);
  pass_until_refused(&f);
  for (i = 0; i < OTHERS; ++i) {
    check_caller_init(&others[i], CHECK_PUSH_BYTES, f.queue);
    others[i].size = (size_t)i + 1;
    check_caller_block(&others[i]);
  }
  CHECK_EQ(check_queue_len(f.queue), 1);
  CHECK_EQ(check_queue_pop_bytes(f.queue), 1);
  CHECK_OK(check_caller_end(&large));
  CHECK_EQ(check_queue_len(f.queue), 1);
  CHECK_EQ(check_queue_pop_bytes(f.queue), BOUND);
  for (i = 0; i < OTHERS; ++i) CHECK_OK(check_caller_end(&others[i]));
  CHECK_EQ(check_queue_byte_len(f.queue), OTHERS * (OTHERS + 1) / 2);
  end(&f);
}

/*
 * Several threads flood at once, by all ways. Once passing is refused, what they get in is what was under way: at most
 * one each. Those that wait do not count as passes, they come after.
 */
static void *flood_by_try_push(void *data) {
  flood *f = (flood *)data;
  CHECK_ADD(f->begun, 1);
  for (;;) {
    int status = libsched_queue_try_push_bytes(f->queue, "b", 1);
    if (status == LIBSCHED_OK) CHECK_ADD(f->passed, 1);
    if (status == LIBSCHED_E_CLOSED) return 0;
    sched_yield();
  }
}

static void *flood_by_push_bounded(void *data) {
  flood *f = (flood *)data;
  CHECK_ADD(f->begun, 1);
  for (;;) {
    int status = libsched_queue_push_bytes_bounded(f->queue, "b", 1, LIBSCHED_FOREVER, 0);
    if (status == LIBSCHED_E_CLOSED) return 0;
    CHECK_OK(status);
    CHECK_ADD(f->passed, 1);
  }
}

static void check_flood(void *(*run)(void *)) {
  enum { FLOODERS = 4 };
  flood f;
  check_caller large;
  pthread_t threads[FLOODERS];
  char buffer[BOUND];
  size_t size = 0;
  int64_t before;
  int i;
  begin(&f, &large);
  /* Those that may come to wait must not come to stand before it. */
  if (run == flood_by_push_bounded) pass_until_refused(&f);
  for (i = 0; i < FLOODERS; ++i) threads[i] = check_spawn(run, &f);
  /* Nothing but the last byte is left, and nobody may add to it. */
  CHECK_UNTIL(CHECK_GET(f.begun) == FLOODERS);
  for (;;) {
    while (check_queue_len(f.queue) > 1) check_queue_pop_bytes(f.queue);
    if (libsched_queue_try_push_bytes(f.queue, "b", 1) == LIBSCHED_E_FULL &&
        check_queue_byte_len(f.queue) < BOUND / 2) {
      break;
    }
  }
  before = check_queue_len(f.queue);
  for (i = 0; size != BOUND; ++i) {
    CHECK_LE(i, before + FLOODERS);
    CHECK_OK(libsched_queue_pop_bytes(buffer, &size, f.queue, sizeof(buffer), LIBSCHED_FOREVER, 0));
  }
  CHECK_OK(check_caller_end(&large));
  CHECK_OK(libsched_queue_close(f.queue));
  for (i = 0; i < FLOODERS; ++i) check_join(threads[i]);
  end(&f);
}

CASE(flooded_by_try_push) {
  int i;
  for (i = 0; i < CHECK_SCALE(20, 5); ++i) check_flood(flood_by_try_push);
}
CASE(flooded_by_push_bounded) {
  int i;
  for (i = 0; i < CHECK_SCALE(20, 5); ++i) check_flood(flood_by_push_bounded);
}

CASES = {RUN(passing_comes_to_an_end),
         RUN(refused_tries_are_no_passes),
         RUN(closed_and_not_full_after_close),
         RUN(push_passes_without_limit),
         RUN(a_producer_that_gives_up_opens_the_line),
         RUN(those_that_wait_stand_in_line),
         RUN(flooded_by_try_push),
         RUN(flooded_by_push_bounded),
         CASES_END};
