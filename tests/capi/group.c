/* Groups: their tasks run, their end is waited for, and the first failure is told. */
#include "check_group.h"

static void each_priority_on(uint32_t workers) {
  libsched_pool *pool = check_pool_new(workers, 0);
  libsched_group *group = check_group_new(pool);
  check_job jobs[90];
  uint32_t i;
  memset(jobs, 0, sizeof(jobs));
  for (i = 0; i < 90; ++i)
    CHECK_OK(libsched_group_submit(group, i % 3, check_job_run, &jobs[i], check_job_discard));
  CHECK_EQ(check_group_code(group), 0);
  CHECK_EQ(check_jobs_settled(jobs, 90), 90);
  CHECK_EQ(check_group_stats(group).submitted, 90);
  CHECK_EQ(check_group_stats(group).completed, 90);
  libsched_group_unref(group);
  CHECK_EQ(check_live(LIBSCHED_KIND_GROUP), 0);
  /* They are tasks of the pool. */
  check_pool_idle(pool);
  for (i = 0; i < 3; ++i) CHECK_EQ(check_priority_stats(pool, i).completed, 30);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(each_priority_with_one_worker) { each_priority_on(1); }
CASE(each_priority_with_two_workers) { each_priority_on(2); }
CASE(each_priority_with_many_workers) { each_priority_on(16); }

CASE(wait_without_members) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_group *group = check_group_new(pool);
  libsched_error *error = (libsched_error *)UNTOUCHED;
  int code = 99;
  CHECK_OK(libsched_group_wait(&code, group, 0, 0, 0, &error));
  CHECK_EQ(code, 0);
  CHECK(error == 0);
  CHECK_EQ(check_group_code(group), 0);
  CHECK_OK(libsched_group_wait(0, group, LIBSCHED_ISOLATED, LIBSCHED_FOREVER, 0, 0));
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* Of one priority the oldest task of a group starts first; each task is known by its number. */
static int64_t started_count;
static int64_t started[600];

static int note_start(libsched_task *task, void *data) {
  int64_t at = CHECK_ADD(started_count, 1) - 1;
  (void)task;
  CHECK_LE(at, 599);
  started[at] = VALUE(data);
  return 0;
}

/* Ascending within each priority, of each source: two groups and the pool, or one group alone. */
static int source_of(int64_t i, int sources) {
  if (sources == 1) return 0;
  return i % 7 < 2 ? 2 : (int)(i % 2);
}

static void check_ascending(int64_t n, int sources) {
  int64_t last[3][LIBSCHED_PRIORITIES] = {{-1, -1, -1}, {-1, -1, -1}, {-1, -1, -1}};
  int64_t i;
  CHECK_EQ(started_count, n);
  for (i = 0; i < n; ++i) {
    int64_t *before = &last[source_of(started[i], sources)][started[i] % 3];
    CHECK_LE(*before + 1, started[i]);
    *before = started[i];
  }
}

CASE(oldest_starts_first) {
  check_gate gate = CHECK_GATE_INIT;
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_group *group = check_group_new(pool);
  int64_t i;
  started_count = 0;
  check_gate_hold(&gate, pool, 1);
  for (i = 0; i < 600; ++i)
    CHECK_OK(libsched_group_submit(group, (uint32_t)(i % 3), note_start, ITEM(i), 0));
  check_gate_open(&gate);
  CHECK_EQ(check_group_code(group), 0);
  check_ascending(600, 1);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(oldest_of_each_group_starts_first) {
  check_gate gate = CHECK_GATE_INIT;
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_group *groups[2];
  int64_t i;
  started_count = 0;
  groups[0] = check_group_new(pool);
  groups[1] = check_group_new(pool);
  check_gate_hold(&gate, pool, 1);
  for (i = 0; i < 600; ++i) {
    uint32_t p = (uint32_t)(i % 3);
    if (source_of(i, 3) == 2) {
      CHECK_OK(libsched_pool_submit(pool, p, note_start, ITEM(i), 0));
    } else {
      CHECK_OK(libsched_group_submit(groups[source_of(i, 3)], p, note_start, ITEM(i), 0));
    }
  }
  check_gate_open(&gate);
  check_pool_idle(pool);
  check_ascending(600, 3);
  for (i = 0; i < 2; ++i) {
    CHECK_EQ(check_group_code(groups[i]), 0);
    libsched_group_unref(groups[i]);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* The waiting worker takes them in that order too, whoever submitted them. */
static int submit_and_wait(libsched_task *task, void *data) {
  libsched_group *group = (libsched_group *)data;
  int64_t i;
  (void)task;
  for (i = 0; i < 600; ++i)
    CHECK_OK(libsched_group_submit(group, (uint32_t)(i % 3), note_start, ITEM(i), 0));
  return check_group_code(group);
}

CASE(waiting_worker_takes_the_oldest_first) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_group *group = check_group_new(pool);
  started_count = 0;
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_LOW, submit_and_wait, group, 0));
  check_pool_idle(pool);
  check_ascending(600, 1);
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_LOW).failed, 0);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int give_code(libsched_task *task, void *data) {
  (void)task;
  return *(int *)data;
}

/* Of several failures the first one counts, and later waits are told of the same. */
CASE(first_failure_is_kept) {
  static int codes[] = {0, -7, 0, 9, LIBSCHED_E_CANCELLED, 8};
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_group *group = check_group_new(pool);
  libsched_error *error = 0;
  libsched_group_stats stats;
  int code = 99;
  int i;
  for (i = 0; i < 6; ++i)
    CHECK_OK(
        libsched_group_submit(group, LIBSCHED_NORMAL, give_code, &codes[i], check_never_discard));
  CHECK_STATUS(libsched_group_wait(&code, group, 0, LIBSCHED_FOREVER, 0, &error),
               LIBSCHED_E_FAILED);
  CHECK_EQ(code, -7);
  CHECK_STATUS(libsched_error_status(error), LIBSCHED_E_FAILED);
  CHECK(libsched_error_message(error)[0] != 0);
  libsched_error_free(error);
  CHECK_EQ(check_group_code(group), -7);
  CHECK_STATUS(libsched_group_wait(0, group, 0, 0, 0, 0), LIBSCHED_E_FAILED);
  stats = check_group_stats(group);
  CHECK_EQ(stats.failed, 4);
  CHECK_EQ(stats.completed, 2);
  CHECK_EQ(stats.submitted, 6);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(any_number_but_0_is_a_failure) {
  static int codes[] = {1, -1, 2147483647, -2147483647 - 1, LIBSCHED_E_CLOSED, LIBSCHED_E_FAILED};
  libsched_pool *pool = check_pool_new(2, 0);
  int i;
  for (i = 0; i < 6; ++i) {
    libsched_group *group = check_group_new(pool);
    CHECK_OK(libsched_group_submit(group, LIBSCHED_LOW, give_code, &codes[i], check_never_discard));
    CHECK_EQ(check_group_code(group), codes[i]);
    libsched_group_unref(group);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* The pool's hook is told of a failure in a group as of any other. */
static int64_t told;
static int failing = 5;

static void on_failure(int code, const char *message, void *task_data, void *user_data) {
  CHECK_EQ(code, 5);
  CHECK_STR(message, "");
  CHECK_PTR(task_data, &failing);
  CHECK_PTR(user_data, &told);
  CHECK_ADD(told, 1);
}

CASE(failure_hook_is_told) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  libsched_pool *pool;
  libsched_group *group;
  options.workers = 2;
  options.on_failure = on_failure;
  options.hook_data = &told;
  pool = check_pool_with(&options);
  group = check_group_new(pool);
  CHECK_OK(libsched_group_submit(group, LIBSCHED_NORMAL, give_code, &failing, 0));
  CHECK_EQ(check_group_code(group), 5);
  check_pool_idle(pool);
  CHECK_EQ(CHECK_GET(told), 1);
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_NORMAL).failed, 1);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(submit_n_takes_all) {
  enum { N = 1000 };
  static check_job jobs[N];
  static void *data[N];
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_group *group = check_group_new(pool);
  libsched_error *error = (libsched_error *)UNTOUCHED;
  size_t accepted = 77;
  int i;
  for (i = 0; i < N; ++i) data[i] = &jobs[i];
  CHECK_OK(libsched_group_submit_n(&accepted, group, LIBSCHED_NORMAL, check_never_run, 0, 0,
                                   check_never_discard, 0, 0, &error));
  CHECK_EQ(accepted, 0);
  CHECK(error == 0);
  CHECK_OK(libsched_group_submit_n(&accepted, group, LIBSCHED_HIGH, check_job_run, data, N,
                                   check_job_discard, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(accepted, N);
  CHECK_EQ(check_group_code(group), 0);
  CHECK_EQ(check_jobs_settled(jobs, N), N);
  CHECK_EQ(check_group_stats(group).submitted, N);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* After the completion nothing is accepted, and nothing of what was refused is called. */
CASE(completed_group_is_closed) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_group *group = check_group_new(pool);
  libsched_error *error = 0;
  void *data[2] = {0, 0};
  size_t accepted = 77;
  int64_t count = 0;
  CHECK_OK(libsched_group_submit(group, LIBSCHED_NORMAL, check_count_run, &count, 0));
  CHECK_EQ(check_group_code(group), 0);
  CHECK_STATUS(libsched_group_submit(group, LIBSCHED_HIGH, check_never_run, 0, check_never_discard),
               LIBSCHED_E_CLOSED);
  CHECK_STATUS(libsched_group_submit_timed(group, LIBSCHED_LOW, check_never_run, 0,
                                           check_never_discard, LIBSCHED_FOREVER, 0, &error),
               LIBSCHED_E_CLOSED);
  CHECK_STATUS(libsched_error_status(error), LIBSCHED_E_CLOSED);
  libsched_error_free(error);
  CHECK_STATUS(libsched_group_submit_n(&accepted, group, LIBSCHED_NORMAL, check_never_run, data, 2,
                                       check_never_discard, LIBSCHED_FOREVER, 0, &error),
               LIBSCHED_E_CLOSED);
  CHECK(accepted == 0 || accepted == 77);
  libsched_error_free(error);
  CHECK_STATUS(libsched_group_enter(group), LIBSCHED_E_CLOSED);
  check_pool_idle(pool);
  CHECK_EQ(check_group_stats(group).submitted, 1);
  CHECK_EQ(check_group_stats(group).entered, 0);
  CHECK_EQ(check_group_code(group), 0);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(count, 1);
}

/* Closed, but not complete: its tasks may add to it. */
typedef struct brood {
  libsched_group *group;
  int64_t left;
  int64_t ran;
} brood;

static int breed(libsched_task *task, void *data) {
  brood *b = (brood *)data;
  int i;
  (void)task;
  for (i = 0; i < 2; ++i) {
    int64_t left = CHECK_ADD(b->left, -1);
    if (left >= 0)
      CHECK_OK(
          libsched_group_submit(b->group, (uint32_t)(left % 3), breed, b, check_never_discard));
  }
  CHECK_ADD(b->ran, 1);
  return 0;
}

static void breed_on(uint32_t workers) {
  int round;
  libsched_pool *pool = check_pool_new(workers, 0);
  for (round = 0; round < 20; ++round) {
    brood b = {0, 500, 0};
    check_gate gate = CHECK_GATE_INIT;
    b.group = check_group_new(pool);
    CHECK_OK(libsched_group_submit(b.group, LIBSCHED_NORMAL, check_gate_run, &gate, 0));
    CHECK_OK(libsched_group_close(b.group));
    /* Closed with a member, it takes tasks of others too. */
    CHECK_OK(libsched_group_submit(b.group, LIBSCHED_NORMAL, breed, &b, check_never_discard));
    check_gate_open(&gate);
    CHECK_EQ(check_group_code(b.group), 0);
    CHECK_EQ(CHECK_GET(b.ran), 501);
    libsched_group_unref(b.group);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(tasks_add_to_a_closed_group_with_one_worker) { breed_on(1); }
CASE(tasks_add_to_a_closed_group_with_two_workers) { breed_on(2); }
CASE(tasks_add_to_a_closed_group_with_many_workers) { breed_on(16); }

CASES = {RUN(each_priority_with_one_worker),
         RUN(each_priority_with_two_workers),
         RUN(each_priority_with_many_workers),
         RUN(wait_without_members),
         RUN(oldest_starts_first),
         RUN(oldest_of_each_group_starts_first),
         RUN(waiting_worker_takes_the_oldest_first),
         RUN(first_failure_is_kept),
         RUN(any_number_but_0_is_a_failure),
         RUN(failure_hook_is_told),
         RUN(submit_n_takes_all),
         RUN(completed_group_is_closed),
         RUN(tasks_add_to_a_closed_group_with_one_worker),
         RUN(tasks_add_to_a_closed_group_with_two_workers),
         RUN(tasks_add_to_a_closed_group_with_many_workers),
         CASES_END};
