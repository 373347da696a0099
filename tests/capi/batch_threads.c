/* Batches under load from everywhere at once: each item has exactly one end. */
#include "check_batch.h"

enum { THREADS = 16, BATCHES = 3 };

typedef struct storm {
  libsched_pool *pool;
  libsched_batch *batches[BATCHES];
  libsched_group *group;
  check_item *items;
  int n; /* items of each thread */
  int64_t thread;
  int64_t zeros;
} storm;

/* Runs a part of the call, a different one each time, with results of all kinds. */
static size_t run_a_part(libsched_task *task, void *const *data, size_t n, int *results) {
  storm *s = (storm *)((check_item *)data[0])->context;
  size_t part = (size_t)((check_item *)data[n - 1])->number % (n + 1);
  size_t i;
  check_call(task, data, n, results);
  if (part == 0 && CHECK_ADD(s->zeros, 1) % 2 == 0) part = n;
  for (i = 0; i < part; ++i) {
    if (i != 0 && (libsched_task_cancelled(task) || libsched_should_yield(task))) return i;
    CHECK_EQ(((check_item *)data[i])->priority, ((check_item *)data[0])->priority);
    check_item_run(data[i], &results[i]);
  }
  return part;
}

static void *submit_from_a_thread(void *data) {
  storm *s = (storm *)data;
  int64_t thread = CHECK_ADD(s->thread, 1) - 1;
  check_item *mine = s->items + thread * s->n;
  uint64_t random = (uint64_t)thread + 1;
  int i = 0;
  while (i < s->n) {
    uint32_t draw = check_random(&random);
    int some = (int)(draw % 40) + 1;
    if (some > s->n - i) some = s->n - i;
    check_items_submit(s->batches[draw / 64 % BATCHES], draw / 1024 % 2 ? s->group : 0,
                       draw / 4096 % 3, mine + i, some, draw / 16384 % 2 != 0);
    i += some;
  }
  return 0;
}

static int64_t sum(const libsched_pool_stats *stats, int which) {
  int64_t sums[3] = {0, 0, 0};
  int p;
  for (p = 0; p < LIBSCHED_PRIORITIES; ++p) {
    sums[0] += (int64_t)stats->priority[p].completed;
    sums[1] += (int64_t)stats->priority[p].failed;
    sums[2] += (int64_t)stats->priority[p].cancelled;
    CHECK_EQ(stats->priority[p].active, 0);
    CHECK_EQ(stats->priority[p].queued, 0);
  }
  return sums[which];
}

static void start(storm *s, uint32_t workers, uint64_t capacity, int n) {
  static const uint32_t maxima[BATCHES] = {1, 7, 0};
  int i;
  memset(s, 0, sizeof(*s));
  s->pool = check_pool_new(workers, capacity);
  s->n = n;
  s->items = (check_item *)malloc((size_t)n * THREADS * sizeof(*s->items));
  CHECK(s->items != 0);
  check_items_start(s->items, n * THREADS, s);
  for (i = 0; i < BATCHES; ++i) s->batches[i] = check_batch_new(s->pool, run_a_part, maxima[i]);
  CHECK_OK(libsched_group_create(&s->group, s->pool, 0, 0));
}

static void finish(storm *s) {
  int i;
  for (i = 0; i < BATCHES; ++i) libsched_batch_unref(s->batches[i]);
  libsched_group_unref(s->group);
  libsched_pool_unref(s->pool);
  free(s->items);
}

static void check_storm(uint32_t workers, uint64_t capacity) {
  static const int results[] = {0, 0, 5, 0, LIBSCHED_E_CANCELLED, 0, 0, -7};
  int64_t want[3] = {0, 0, 0};
  storm s;
  pthread_t threads[THREADS];
  libsched_pool_stats stats;
  int i;
  start(&s, workers, capacity, CHECK_SCALE(8000, 600));
  for (i = 0; i < s.n * THREADS; ++i) {
    int result = results[i % 8];
    s.items[i].result = result;
    ++want[result == 0 ? 0 : result == LIBSCHED_E_CANCELLED ? 2 : 1];
  }
  for (i = 0; i < THREADS; ++i) threads[i] = check_spawn(submit_from_a_thread, &s);
  for (i = 0; i < THREADS; ++i) check_join(threads[i]);
  CHECK_STATUS(libsched_group_wait(0, s.group, 0, LIBSCHED_FOREVER, 0, 0), LIBSCHED_E_FAILED);
  check_pool_idle(s.pool);
  CHECK_EQ(check_items_settled(s.items, s.n * THREADS), s.n * THREADS);
  stats = check_pool_stats(s.pool);
  for (i = 0; i < 3; ++i) CHECK_EQ(sum(&stats, i), want[i]);
  CHECK_OK(libsched_pool_shutdown(s.pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, 0, 0));
  finish(&s);
}

CASE(sixteen_threads) {
  check_storm(4, 0);
  check_storm(1, 0);
}
CASE(sixteen_threads_at_a_capacity) { check_storm(3, 50); }

/* The same with a cancel of the group, or of the pool, in the middle of it. */
static void *submit_until_refused(void *data) {
  storm *s = (storm *)data;
  int64_t thread = CHECK_ADD(s->thread, 1) - 1;
  check_item *mine = s->items + thread * s->n;
  int i;
  for (i = 0; i < s->n; ++i) {
    libsched_group *group = i % 3 ? s->group : 0;
    int status;
    mine[i].priority = (uint32_t)i % 3;
    status = libsched_batch_submit(s->batches[i % BATCHES], group, mine[i].priority, &mine[i]);
    if (status != LIBSCHED_OK) {
      CHECK(status == LIBSCHED_E_CLOSED || (status == LIBSCHED_E_CANCELLED && group != 0));
      mine[i].result = 1;
      CHECK_EQ(CHECK_GET(mine[i].runs) + CHECK_GET(mine[i].discards), 0);
    }
  }
  return 0;
}

static void check_cancel_storm(int of_pool) {
  int round;
  for (round = 0; round < CHECK_SCALE(20, 4); ++round) {
    storm s;
    pthread_t threads[THREADS];
    int64_t accepted = 0;
    int i;
    start(&s, 3, 0, CHECK_SCALE(1000, 200));
    for (i = 0; i < THREADS; ++i) threads[i] = check_spawn(submit_until_refused, &s);
    CHECK_UNTIL(check_items_done(s.items, s.n) > round);
    if (of_pool) {
      int status = libsched_pool_shutdown(s.pool, LIBSCHED_CANCEL, 0, 0, 0);
      CHECK(status == LIBSCHED_OK || status == LIBSCHED_E_TIMEOUT);
    } else {
      CHECK_OK(libsched_group_cancel(s.group));
    }
    for (i = 0; i < THREADS; ++i) check_join(threads[i]);
    check_pool_idle(s.pool);
    CHECK_OK(libsched_pool_shutdown(s.pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, 0, 0));
    for (i = 0; i < s.n * THREADS; ++i) {
      int ends = s.items[i].runs + s.items[i].discards;
      /* An item whose result is 1 was refused. */
      CHECK_EQ(ends, s.items[i].result == 0);
      accepted += ends;
    }
    {
      libsched_pool_stats stats = check_pool_stats(s.pool);
      CHECK_EQ(sum(&stats, 0) + sum(&stats, 1) + sum(&stats, 2), accepted);
    }
    finish(&s);
  }
}

CASE(group_is_cancelled_under_load) { check_cancel_storm(0); }
CASE(pool_is_cancelled_under_load) { check_cancel_storm(1); }

CASES = {RUN(sixteen_threads), RUN(sixteen_threads_at_a_capacity),
         RUN(group_is_cancelled_under_load), RUN(pool_is_cancelled_under_load), CASES_END};
