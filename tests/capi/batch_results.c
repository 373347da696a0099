/* Results of batches: one item's fate is its own, and what a call leaves behind is what the header says. */
#include "check_batch.h"

enum { MANY = 400 };

static check_item items[MANY];

/* What the failure hook was told. */
typedef struct told {
  int64_t times;
  int code[MANY];
  char message[64];
} told;

static told the_told;

static void on_failure(int code, const char *message, void *task_data, void *user_data) {
  check_item *item = (check_item *)task_data;
  CHECK_PTR(user_data, &the_told);
  CHECK(message != 0);
  CHECK_LE(strlen(message), sizeof(the_told.message) - 1);
  strcpy(the_told.message, message);
  CHECK(item >= items && item < items + MANY);
  CHECK_EQ(the_told.code[item->number], 0);
  the_told.code[item->number] = code;
  CHECK_ADD(the_told.times, 1);
}

static libsched_pool *telling_pool(uint32_t workers) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  memset(&the_told, 0, sizeof(the_told));
  options.workers = workers;
  options.on_failure = on_failure;
  options.hook_data = &the_told;
  return check_pool_with(&options);
}

/* A result for each: done, cancelled, or one of several failures, in calls of every size. */
static int result_of(int number) {
  static const int results[] = {0,
                                7,
                                0,
                                LIBSCHED_E_CANCELLED,
                                0,
                                -5,
                                LIBSCHED_E_EXCEPTION,
                                0,
                                -2147483647 - 1,
                                LIBSCHED_E_CANCELLED};
  return results[number % 10];
}

static void check_results(uint32_t workers, uint32_t max) {
  uint32_t p;
  for (p = 0; p < LIBSCHED_PRIORITIES; ++p) {
    check_gate gate = CHECK_GATE_INIT;
    libsched_pool *pool = telling_pool(workers);
    libsched_batch *batch = check_batch_new(pool, check_items_run, max);
    int gates = workers == LIBSCHED_NO_WORKERS ? 0 : (int)workers;
    int gates_here = p == LIBSCHED_HIGH ? gates : 0;
    int i;
    check_items_start(items, MANY, 0);
    for (i = 0; i < MANY; ++i) items[i].result = result_of(i);
    check_gate_hold(&gate, pool, gates);
    check_items_submit(batch, 0, p, items, MANY, 0);
    check_gate_open(&gate);
    check_pool_idle(pool);
    /* An item that was found to be no longer wanted was in the call's hands: its discard is not called. */
    CHECK_EQ(check_items_settled(items, MANY), MANY);
    check_ends(pool, p, MANY * 4 / 10 + gates_here, MANY * 4 / 10, MANY * 2 / 10);
    CHECK_EQ(CHECK_GET(the_told.times), MANY * 4 / 10);
    CHECK_STR(the_told.message, "");
    for (i = 0; i < MANY; ++i) {
      CHECK_EQ(the_told.code[i], result_of(i) == LIBSCHED_E_CANCELLED ? 0 : result_of(i));
    }
    libsched_batch_unref(batch);
    check_pool_end(pool, LIBSCHED_DRAIN);
  }
}

CASE(each_item_has_its_own_result) {
  check_results(1, 0);
  check_results(1, 1);
  check_results(LIBSCHED_NO_WORKERS, 0);
}

/* The same with several workers, where the hook may run on several at once: only the counts. */
CASE(results_are_counted_on_many_workers) {
  libsched_pool *pool = check_pool_new(4, 0);
  libsched_batch *batch = check_batch_new(pool, check_items_run, 9);
  int round;
  for (round = 1; round <= CHECK_SCALE(50, 10); ++round) {
    int i;
    check_items_start(items, MANY, 0);
    for (i = 0; i < MANY; ++i) items[i].result = result_of(i);
    check_items_submit(batch, 0, LIBSCHED_LOW, items, MANY, round % 2);
    check_pool_idle(pool);
    CHECK_EQ(check_items_settled(items, MANY), MANY);
    check_ends(pool, LIBSCHED_LOW, round * MANY * 4 / 10, round * MANY * 4 / 10,
               round * MANY * 2 / 10);
  }
  libsched_batch_unref(batch);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* Results of items that were not run do not count, whatever they are. */
static size_t run_one_and_fill(libsched_task *task, void *const *data, size_t n, int *results) {
  size_t i;
  check_call(task, data, n, results);
  check_item_run(data[0], &results[0]);
  for (i = 1; i < n; ++i) results[i] = i % 2 ? 99 : LIBSCHED_E_CANCELLED;
  return 1;
}

CASE(results_behind_the_count_are_ignored) {
  check_gate gate = CHECK_GATE_INIT;
  libsched_pool *pool = telling_pool(1);
  libsched_batch *batch = check_batch_new(pool, run_one_and_fill, 0);
  check_items_start(items, MANY, 0);
  items[5].result = 3;
  check_gate_hold(&gate, pool, 1);
  check_items_submit(batch, 0, LIBSCHED_NORMAL, items, MANY, 0);
  check_gate_open(&gate);
  check_pool_idle(pool);
  CHECK_EQ(check_items_settled(items, MANY), MANY);
  check_ends(pool, LIBSCHED_NORMAL, MANY - 1, 1, 0);
  CHECK_EQ(the_told.times, 1);
  CHECK_EQ(the_told.code[5], 3);
  libsched_batch_unref(batch);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* More than n is n. */
static size_t run_all_and_boast(libsched_task *task, void *const *data, size_t n, int *results) {
  check_items_run(task, data, n, results);
  return ((check_item *)data[0])->number % 2 ? n + 1 : (size_t)-1;
}

CASE(more_than_n_is_n) {
  uint32_t workers;
  for (workers = 1; workers <= 3; ++workers) {
    libsched_pool *pool = check_pool_new(workers, 0);
    libsched_batch *batch = check_batch_new(pool, run_all_and_boast, 3);
    check_items_start(items, MANY, 0);
    check_items_submit(batch, 0, LIBSCHED_NORMAL, items, MANY, 0);
    check_pool_idle(pool);
    CHECK_EQ(check_items_settled(items, MANY), MANY);
    check_ends(pool, LIBSCHED_NORMAL, MANY, 0, 0);
    libsched_batch_unref(batch);
    check_pool_end(pool, LIBSCHED_DRAIN);
  }
}

/*
 * A call that is left by force fails as a whole: the items that it had run, the one at which it was left, and the rest.
 * Those are marked here by their result, for whatever it says counts no more.
 */
typedef enum how { BY_EXIT, BY_CANCELLATION, BY_OBJECT, BY_EXCEPTION } how;

#ifdef __cplusplus
#include <stdexcept>
#endif

static how the_how;
static int64_t lost;

static void leave_by_force(void) {
  if (the_how == BY_EXIT) pthread_exit(0);
  if (the_how == BY_CANCELLATION) {
    CHECK_EQ(pthread_cancel(pthread_self()), 0);
    pthread_testcancel();
  }
#ifdef __cplusplus
  if (the_how == BY_OBJECT) throw 7;
  throw std::runtime_error("no more of these");
#endif
}

/* Each call with an item that is divisible by 20 is left after the first of its items. */
static size_t run_to_the_end(libsched_task *task, void *const *data, size_t n, int *results) {
  int leave = 0;
  size_t i;
  check_call(task, data, n, results);
  for (i = 0; i < n; ++i) {
    check_item *item = (check_item *)data[i];
    leave |= item->number % 20 == 0;
    CHECK_ADD(item->runs, 1);
  }
  if (leave) {
    for (i = 0; i < n; ++i) ((check_item *)data[i])->result = 1;
    CHECK_ADD(lost, (int64_t)n);
    if (n > 1) results[1] = 55;
    leave_by_force();
    check_fail(__FILE__, __LINE__, "the call went on behind its end");
  }
  return n;
}

static void check_left(how way, int code, const char *message) {
  check_gate gate = CHECK_GATE_INIT;
  int threads = check_threads_at_rest();
  libsched_pool *pool = telling_pool(1);
  libsched_batch *batch = check_batch_new(pool, run_to_the_end, 6);
  int i;
  the_how = way;
  CHECK_SET(lost, 0);
  check_items_start(items, MANY, 0);
  check_gate_hold(&gate, pool, 1);
  check_items_submit(batch, 0, LIBSCHED_NORMAL, items, MANY, 0);
  check_gate_open(&gate);
  check_pool_idle(pool);
  CHECK_EQ(check_items_settled(items, MANY), MANY);
  CHECK_LE(MANY / 20, lost);
  check_ends(pool, LIBSCHED_NORMAL, MANY - lost, lost, 0);
  CHECK_EQ(CHECK_GET(the_told.times), lost);
  CHECK_STR(the_told.message, message);
  for (i = 0; i < MANY; ++i) CHECK_EQ(the_told.code[i], items[i].result ? code : 0);
  libsched_batch_unref(batch);
  check_workers_are(pool, 1);
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_UNTIL(check_threads() <= threads);
}

CASE(pthread_exit_fails_the_call) { check_left(BY_EXIT, LIBSCHED_E_UNWOUND, ""); }
CASE(cancellation_fails_the_call) { check_left(BY_CANCELLATION, LIBSCHED_E_UNWOUND, ""); }

/* C cannot throw; there it is pthread_exit once more. */
CASE(exception_fails_the_call) {
#ifdef __cplusplus
  check_left(BY_OBJECT, LIBSCHED_E_EXCEPTION, "");
  check_left(BY_EXCEPTION, LIBSCHED_E_EXCEPTION, "no more of these");
#else
  check_left(BY_EXIT, LIBSCHED_E_UNWOUND, "");
#endif
}

/* Without workers it is the host's thread that ends; what is queued stays. */
static void *drive(void *data) {
  int status = libsched_pool_run_one((libsched_pool *)data);
  (void)status;
  check_fail(__FILE__, __LINE__, "run_one returned though the call ended its thread");
  return 0;
}

CASE(pthread_exit_on_a_host_thread) {
  libsched_pool *pool = telling_pool(LIBSCHED_NO_WORKERS);
  libsched_batch *batch = check_batch_new(pool, run_to_the_end, 6);
  the_how = BY_EXIT;
  CHECK_SET(lost, 0);
  check_items_start(items, MANY, 0);
  check_items_submit(batch, 0, LIBSCHED_NORMAL, items, 15, 0);
  check_join(check_spawn(drive, pool));
  CHECK_LE(1, lost);
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_NORMAL).failed, lost);
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_NORMAL).active, 0);
  check_pool_idle(pool);
  CHECK_EQ(check_items_settled(items, 15), 15);
  check_ends(pool, LIBSCHED_NORMAL, 15 - lost, lost, 0);
  libsched_batch_unref(batch);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASES = {RUN(each_item_has_its_own_result),
         RUN(results_are_counted_on_many_workers),
         RUN(results_behind_the_count_are_ignored),
         RUN(more_than_n_is_n),
         RUN(pthread_exit_fails_the_call),
         RUN(cancellation_fails_the_call),
         RUN(exception_fails_the_call),
         RUN(pthread_exit_on_a_host_thread),
         CASES_END};
