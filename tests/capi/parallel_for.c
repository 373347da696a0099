/* Parallel loops: each index once, on any worker; failures and cancelling end them; nested and odd ranges. */
#include "check_pool.h"

#define NORMAL LIBSCHED_NORMAL

typedef struct marks {
  uint8_t *seen;
  uint64_t base;
  int64_t calls;
  uint64_t longest;
} marks;

static int mark(libsched_task *task, uint64_t index, void *data) {
  marks *m = (marks *)data;
  CHECK(task != 0);
  CHECK_ADD(m->seen[index - m->base], 1);
  return 0;
}

static int mark_chunk(libsched_task *task, uint64_t begin, uint64_t end, void *data) {
  marks *m = (marks *)data;
  uint64_t i;
  CHECK(begin < end);
  CHECK_ADD(m->calls, 1);
  if (m->longest != 0) CHECK_LE((int64_t)(end - begin), (int64_t)m->longest);
  for (i = begin; i < end; ++i) mark(task, i, m);
  return 0;
}

static void check_marks(marks *m, uint64_t count) {
  uint64_t i;
  for (i = 0; i < count; ++i) CHECK_EQ(m->seen[i], 1);
  free(m->seen);
}

static marks marks_of(uint64_t base, uint64_t count) {
  marks m = {0, 0, 0, 0};
  m.base = base;
  m.seen = (uint8_t *)calloc((size_t)count + 1, 1);
  CHECK(m.seen != 0);
  return m;
}

static void each_index_once(uint32_t workers) {
  static const uint64_t counts[] = {1, 2, 3, 7, 64, 1000, 100001};
  static const uint64_t grains[] = {0, 1, 2, 5, 1000, UINT64_MAX};
  libsched_pool *pool = check_pool_new(workers, 0);
  size_t c, g;
  for (c = 0; c < sizeof counts / sizeof *counts; ++c) {
    for (g = 0; g < sizeof grains / sizeof *grains; ++g) {
      const uint64_t base = g * 1000;
      int code = 99;
      marks m = marks_of(base, counts[c]);
      if (CHECK_SANITIZED && counts[c] > 1000 && grains[g] < 1000) {
        free(m.seen);
        continue;
      }
      CHECK_OK(libsched_parallel_for(&code, pool, NORMAL, base, base + counts[c], grains[g], mark,
                                     &m, 0, 0));
      CHECK_EQ(code, 0);
      check_marks(&m, counts[c]);
      m = marks_of(base, counts[c]);
      m.longest = grains[g] > 100000 ? 0 : grains[g];
      CHECK_OK(libsched_parallel_for_each_chunk(0, pool, LIBSCHED_LOW, base, base + counts[c],
                                                grains[g], mark_chunk, &m, 0, 0));
      CHECK_LE(1, m.calls);
      check_marks(&m, counts[c]);
    }
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(each_index_once_with_one_worker) { each_index_once(1); }
CASE(each_index_once_with_two_workers) { each_index_once(2); }
CASE(each_index_once_with_many_workers) { each_index_once(12); }
CASE(each_index_once_without_workers) { each_index_once(LIBSCHED_NO_WORKERS); }

static int never(libsched_task *task, uint64_t index, void *data) {
  (void)task;
  (void)index;
  (void)data;
  CHECK(0);
  return 0;
}

CASE(empty_ranges) {
  libsched_pool *pool = check_pool_new(2, 0);
  CHECK_OK(libsched_parallel_for(0, pool, NORMAL, 0, 0, 0, never, 0, 0, 0));
  CHECK_OK(libsched_parallel_for(0, pool, NORMAL, 5, 5, 1, never, 0, 0, 0));
  CHECK_OK(libsched_parallel_for(0, pool, NORMAL, 5, 4, 1, never, 0, 0, 0));
  CHECK_OK(libsched_parallel_for(0, pool, NORMAL, UINT64_MAX, 0, 0, never, 0, 0, 0));
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* A range that nobody can finish: the first failure ends it. */
typedef struct bound {
  uint64_t last;
  int64_t calls;
} bound;

static int fail_soon(libsched_task *task, uint64_t begin, uint64_t end, void *data) {
  bound *b = (bound *)data;
  (void)task;
  CHECK(begin < end);
  CHECK(end <= b->last);
  return CHECK_ADD(b->calls, 1) >= 100 ? 42 : 0;
}

CASE(huge_ranges) {
  static const uint64_t ends[] = {(uint64_t)1 << 63, UINT64_MAX};
  static const uint64_t grains[] = {1, 1000000};
  libsched_pool *pool = check_pool_new(2, 0);
  int i;
  for (i = 0; i < 4; ++i) {
    bound b = {0, 0};
    int code = 0;
    b.last = ends[i % 2];
    CHECK_STATUS(libsched_parallel_for_each_chunk(&code, pool, NORMAL, 0, ends[i % 2],
                                                  grains[i / 2], fail_soon, &b, 0, 0),
                 LIBSCHED_E_FAILED);
    CHECK_EQ(code, 42);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* Chosen grain: a huge range is a few hundred chunks, and they end where it ends. */
static int add_up(libsched_task *task, uint64_t begin, uint64_t end, void *data) {
  (void)task;
  CHECK_ADD(*(uint64_t *)data, end - begin);
  return 0;
}

CASE(huge_range_with_a_chosen_grain) {
  libsched_pool *pool = check_pool_new(2, 0);
  uint64_t sum = 0;
  CHECK_OK(libsched_parallel_for_each_chunk(0, pool, NORMAL, 3, UINT64_MAX, 0, add_up, &sum, 0, 0));
  CHECK(sum == UINT64_MAX - 3);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int fail_at_7(libsched_task *task, uint64_t index, void *data) {
  (void)task;
  CHECK_ADD(*(int64_t *)data, 1);
  return index == 7 ? -77 : 0;
}

CASE(first_failure_is_told) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_error *error = 0;
  int64_t calls = 0;
  int code = 0;
  CHECK_STATUS(
      libsched_parallel_for(&code, pool, NORMAL, 0, 1000000, 1, fail_at_7, &calls, 0, &error),
      LIBSCHED_E_FAILED);
  CHECK_EQ(code, -77);
  CHECK_EQ(calls, 8);
  CHECK(strstr(libsched_error_message(error), "-77") != 0);
  libsched_error_free(error);
  CHECK_STATUS(libsched_parallel_for(0, pool, NORMAL, 7, 8, 1, fail_at_7, &calls, 0, 0),
               LIBSCHED_E_FAILED);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* Cancelling: no chunk begins afterwards, and the call waits for those that have begun. */
typedef struct cancelling {
  libsched_cancel *cancel;
  int64_t begun, ended;
} cancelling;

static int cancel_at_10(libsched_task *task, uint64_t index, void *data) {
  cancelling *c = (cancelling *)data;
  (void)task;
  (void)index;
  if (CHECK_ADD(c->begun, 1) == 10) CHECK_OK(libsched_cancel_trigger(c->cancel));
  CHECK_ADD(c->ended, 1);
  return 0;
}

static void cancelled_with(uint32_t workers) {
  libsched_pool *pool = check_pool_new(workers, 0);
  cancelling c = {0, 0, 0};
  int code = 5;
  CHECK_OK(libsched_cancel_create(&c.cancel));
  CHECK_STATUS(libsched_parallel_for(&code, pool, NORMAL, 0, (uint64_t)1 << 62, 1, cancel_at_10, &c,
                                     c.cancel, 0),
               LIBSCHED_E_CANCELLED);
  CHECK_EQ(code, 0);
  CHECK_LE(10, c.begun);
  CHECK_EQ(CHECK_GET(c.begun), CHECK_GET(c.ended));
  /* Triggered before: nothing begins. */
  CHECK_STATUS(libsched_parallel_for(0, pool, NORMAL, 0, 1000, 1, never, 0, c.cancel, 0),
               LIBSCHED_E_CANCELLED);
  libsched_cancel_unref(c.cancel);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(cancel_with_workers) { cancelled_with(3); }
CASE(cancel_without_workers) { cancelled_with(LIBSCHED_NO_WORKERS); }

/* Loops within loops, from tasks of the pool. */
typedef struct nested {
  libsched_pool *pool;
  int64_t count;
} nested;

static int innermost(libsched_task *task, uint64_t index, void *data) {
  (void)task;
  (void)index;
  CHECK_ADD(((nested *)data)->count, 1);
  return 0;
}

static int inner(libsched_task *task, uint64_t index, void *data) {
  nested *n = (nested *)data;
  (void)task;
  return libsched_parallel_for(0, n->pool, NORMAL, 0, index, 1, innermost, n, 0, 0);
}

static int outer(libsched_task *task, uint64_t index, void *data) {
  nested *n = (nested *)data;
  (void)task;
  return libsched_parallel_for(0, n->pool, NORMAL, 0, index, 0, inner, n, 0, 0);
}

static int outer_task(libsched_task *task, void *data) {
  nested *n = (nested *)data;
  (void)task;
  return libsched_parallel_for(0, n->pool, LIBSCHED_HIGH, 0, 30, 1, outer, n, 0, 0);
}

CASE(nested_loops) {
  uint32_t workers;
  for (workers = 1; workers <= 4; ++workers) {
    nested n = {0, 0};
    n.pool = check_pool_new(workers, 0);
    CHECK_OK(libsched_parallel_for(0, n.pool, NORMAL, 0, 30, 1, outer, &n, 0, 0));
    CHECK_EQ(n.count, 30 * 29 * 28 / 6);
    CHECK_OK(libsched_pool_submit(n.pool, NORMAL, outer_task, &n, 0));
    check_pool_idle(n.pool);
    CHECK_EQ(n.count, 2 * (30 * 29 * 28 / 6));
    CHECK_EQ(check_priority_stats(n.pool, NORMAL).failed, 0);
    check_pool_end(n.pool, LIBSCHED_DRAIN);
  }
}

CASE(wrong_arguments) {
  libsched_pool *pool = check_pool_new(2, 0);
  int64_t calls = 0;
  int code = 3;
  CHECK_STATUS(libsched_parallel_for(&code, pool, NORMAL, 0, 9, 1, 0, 0, 0, 0), LIBSCHED_E_NULL);
  CHECK_EQ(code, 0);
  CHECK_STATUS(libsched_parallel_for_each_chunk(0, pool, NORMAL, 0, 9, 1, 0, 0, 0, 0),
               LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_parallel_for(0, 0, NORMAL, 0, 9, 1, never, 0, 0, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_parallel_for(0, pool, 3, 0, 9, 1, never, 0, 0, 0), LIBSCHED_E_RANGE);
  CHECK_STATUS(libsched_parallel_for(0, (libsched_pool *)&calls, NORMAL, 0, 9, 1, never, 0, 0, 0),
               LIBSCHED_E_HANDLE);
  CHECK_STATUS(
      libsched_parallel_for(0, pool, NORMAL, 0, 9, 1, never, 0, (libsched_cancel *)&calls, 0),
      LIBSCHED_E_HANDLE);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* A pool that was shut down runs no loop. */
CASE(closed_pool) {
  libsched_pool *pool = check_pool_new(2, 0);
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, 0, 0));
  CHECK_STATUS(libsched_parallel_for(0, pool, NORMAL, 0, 9, 1, never, 0, 0, 0), LIBSCHED_E_CLOSED);
  libsched_pool_unref(pool);
}

/* The loop's task is discarded while the caller waits for it. */
typedef struct waiting_loop {
  libsched_pool *pool;
  int status;
} waiting_loop;

static void *loop_in_a_thread(void *data) {
  waiting_loop *w = (waiting_loop *)data;
  w->status = libsched_parallel_for(0, w->pool, LIBSCHED_LOW, 0, 9, 1, never, 0, 0, 0);
  return 0;
}

CASE(cancelled_pool) {
  static check_gate gate = CHECK_GATE_INIT;
  waiting_loop w = {0, 0};
  pthread_t thread;
  w.pool = check_pool_new(1, 0);
  check_gate_hold(&gate, w.pool, 1);
  CHECK_EQ(pthread_create(&thread, 0, loop_in_a_thread, &w), 0);
  CHECK_UNTIL(check_priority_stats(w.pool, LIBSCHED_LOW).queued == 1);
  CHECK_STATUS(libsched_pool_shutdown(w.pool, LIBSCHED_CANCEL, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  check_gate_open(&gate);
  CHECK_EQ(pthread_join(thread, 0), 0);
  CHECK_STATUS(w.status, LIBSCHED_E_CLOSED);
  check_pool_end(w.pool, LIBSCHED_CANCEL);
}

CASES = {RUN(each_index_once_with_one_worker),
         RUN(each_index_once_with_two_workers),
         RUN(each_index_once_with_many_workers),
         RUN(each_index_once_without_workers),
         RUN(empty_ranges),
         RUN(huge_ranges),
         RUN(huge_range_with_a_chosen_grain),
         RUN(first_failure_is_told),
         RUN(cancel_with_workers),
         RUN(cancel_without_workers),
         RUN(nested_loops),
         RUN(wrong_arguments),
         RUN(closed_pool),
         RUN(cancelled_pool),
         CASES_END};
