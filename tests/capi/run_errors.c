/* Jobs that fail, are tried again, take too long or are cancelled. */
#include "check_graph.h"

static int return_it(libsched_job *job, void *data) {
  (void)job;
  return *(const int *)data;
}

static int fail_thrice(libsched_job *job, void *data) {
  (void)job;
  return CHECK_ADD(*(int32_t *)data, 1) <= 3 ? 9 : 0;
}

#ifdef __cplusplus
#include <stdexcept>

static int throw_one(libsched_job *job, void *data) {
  (void)job;
  if (data != 0) throw std::runtime_error("no such luck");
  throw 7;
}

static int hear_why(const libsched_run_message *message, void *data) {
  char *why = (char *)data;
  CHECK_LE(message->size, 99);
  if (message->kind == LIBSCHED_MESSAGE_FINISHED && message->size != 0) {
    memcpy(why, message->data, message->size);
  }
  return 0;
}
#endif

CASE(jobs_that_throw_have_failed) {
#ifdef __cplusplus
  char why[100] = "";
  libsched_graph *graph = check_graph_new();
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_job_options options = check_function("object", throw_one, 0);
  libsched_result *result;
  uint64_t jobs[2];
  jobs[0] = CHECK_ADD_JOB(graph, &options);
  options = check_function("exception", throw_one, graph);
  jobs[1] = CHECK_ADD_JOB(graph, &options);
  how.max_failures = LIBSCHED_KEEP_GOING;
  how.handler = hear_why;
  how.handler_data = why;
  result = CHECK_RUN(graph, pool, &how, LIBSCHED_E_FAILED);
  CHECK_EQ(check_result(result, jobs[0]).code, LIBSCHED_E_EXCEPTION);
  CHECK_EQ(check_result(result, jobs[1]).code, LIBSCHED_E_EXCEPTION);
  CHECK_STR(why, "no such luck");
  libsched_result_unref(result);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
#endif
}

typedef struct diamond {
  libsched_graph *graph;
  libsched_pool *pool;
  uint64_t bad, after, behind, other;
} diamond;

static const int kSeven = 7;
static const int kZero = 0;

/* bad <- after <- behind, and another one that is less urgent. */
static diamond make(void) {
  diamond it;
  libsched_job_options options = check_function("bad", return_it, (void *)&kSeven);
  it.graph = check_graph_new();
  it.pool = check_pool_new(1, 0);
  it.bad = CHECK_ADD_JOB(it.graph, &options);
  options = check_function("after", return_it, (void *)&kZero);
  it.after = CHECK_ADD_JOB(it.graph, &options);
  options.name = "behind";
  it.behind = CHECK_ADD_JOB(it.graph, &options);
  options.name = "other";
  it.other = CHECK_ADD_JOB(it.graph, &options);
  CHECK_DEPEND(it.graph, it.after, it.bad);
  CHECK_DEPEND(it.graph, it.behind, it.after);
  return it;
}

static void unmake(diamond it) {
  libsched_graph_unref(it.graph);
  check_pool_end(it.pool, LIBSCHED_DRAIN);
}

CASE(the_first_failure_ends_the_run) {
  diamond it = make();
  libsched_error *error = 0;
  libsched_result *result = 0;
  libsched_run_summary summary;
  CHECK_STATUS(libsched_graph_run(&result, it.graph, it.pool, 0, 0, &error), LIBSCHED_E_FAILED);
  CHECK(strstr(libsched_error_message(error), "1 of 4 jobs failed") != 0);
  CHECK(strstr(libsched_error_message(error), "\"bad\": code 7") != 0);
  libsched_error_free(error);
  CHECK_STATE(result, it.bad, LIBSCHED_JOB_IS_FAILED);
  CHECK_EQ(check_result(result, it.bad).code, 7);
  CHECK_STATE(result, it.other, LIBSCHED_JOB_IS_CANCELLED);
  CHECK_EQ(check_result(result, it.other).attempts, 0);
  CHECK_STATE(result, it.after, LIBSCHED_JOB_IS_SKIPPED);
  CHECK_EQ(check_result(result, it.after).blocked_by, it.bad);
  CHECK_EQ(check_result(result, it.behind).blocked_by, it.bad);
  summary = check_summary(result);
  CHECK_EQ(summary.failed, 1);
  CHECK_EQ(summary.skipped, 2);
  CHECK_EQ(summary.cancelled, 1);
  libsched_result_unref(result);
  unmake(it);
}

CASE(the_run_keeps_going_if_asked_to) {
  diamond it = make();
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_result *result;
  how.max_failures = LIBSCHED_KEEP_GOING;
  result = CHECK_RUN(it.graph, it.pool, &how, LIBSCHED_E_FAILED);
  CHECK_STATE(result, it.other, LIBSCHED_JOB_IS_DONE);
  CHECK_STATE(result, it.behind, LIBSCHED_JOB_IS_SKIPPED);
  libsched_result_unref(result);
  unmake(it);
}

CASE(failures_are_counted) {
  libsched_graph *graph = check_graph_new();
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_job_options options = check_function(0, return_it, (void *)&kSeven);
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_result *result;
  int i;
  for (i = 0; i < 10; ++i) CHECK_ADD_JOB(graph, &options);
  how.max_failures = 4;
  result = CHECK_RUN(graph, pool, &how, LIBSCHED_E_FAILED);
  CHECK_EQ(check_summary(result).failed, 4);
  CHECK_EQ(check_summary(result).cancelled, 6);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(jobs_are_tried_again) {
  int32_t tries = 0;
  libsched_graph *graph = check_graph_new();
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_job_options options = check_function(0, fail_thrice, &tries);
  libsched_result *result;
  uint64_t job;
  options.retries = 3;
  job = CHECK_ADD_JOB(graph, &options);
  result = CHECK_RUN(graph, pool, 0, LIBSCHED_OK);
  CHECK_EQ(check_result(result, job).attempts, 4);
  CHECK_STATE(result, job, LIBSCHED_JOB_IS_DONE);
  CHECK_EQ(check_result(result, job).code, 0);
  libsched_result_unref(result);
  libsched_graph_unref(graph);

  tries = 0;
  graph = check_graph_new();
  options.retries = 2;
  job = CHECK_ADD_JOB(graph, &options);
  result = CHECK_RUN(graph, pool, 0, LIBSCHED_E_FAILED);
  CHECK_EQ(check_result(result, job).attempts, 3);
  CHECK_EQ(check_result(result, job).code, 9);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

typedef struct early_one {
  check_event taken;
} early_one;

static int signal_and_fail(libsched_job *job, void *data) {
  CHECK_OK(libsched_job_signal_early(job));
  CHECK_AWAIT(&((early_one *)data)->taken, 1);
  return 5;
}

static int take_signal(libsched_job *job, void *data) {
  (void)job;
  check_event_add(&((early_one *)data)->taken, 1);
  return 0;
}

CASE(a_job_that_fails_after_its_signal_taints) {
  early_one it = {CHECK_EVENT_INIT};
  libsched_graph *graph = check_graph_new();
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_job_options options = check_function("lib", signal_and_fail, &it);
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_result *result;
  uint64_t lib;
  uint64_t user;
  uint64_t app;
  options.retries = 4; /* not after the signal */
  lib = CHECK_ADD_JOB(graph, &options);
  options = check_function("user", take_signal, &it);
  user = CHECK_ADD_JOB(graph, &options);
  options = check_function("app", take_signal, &it);
  app = CHECK_ADD_JOB(graph, &options);
  CHECK_OK(libsched_graph_depend(graph, user, lib, LIBSCHED_EARLY, 0));
  CHECK_DEPEND(graph, app, user);
  CHECK_DEPEND(graph, app, lib);
  how.max_failures = LIBSCHED_KEEP_GOING;
  result = CHECK_RUN(graph, pool, &how, LIBSCHED_E_FAILED);
  CHECK_EQ(check_result(result, lib).attempts, 1);
  CHECK_STATE(result, lib, LIBSCHED_JOB_IS_FAILED);
  CHECK_STATE(result, user, LIBSCHED_JOB_IS_DONE);
  CHECK_EQ(check_result(result, user).tainted, 1);
  CHECK_EQ(check_result(result, user).blocked_by, lib);
  CHECK_STATE(result, app, LIBSCHED_JOB_IS_SKIPPED);
  CHECK_EQ(check_summary(result).tainted, 1);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int wait_for_the_end(libsched_job *job, void *data) {
  if (data != 0) check_event_add((check_event *)data, 1);
  while (!libsched_job_cancelled(job)) sched_yield();
  return 0;
}

CASE(functions_are_told_that_their_time_is_over) {
  libsched_graph *graph = check_graph_new();
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_job_options options = check_function(0, wait_for_the_end, 0);
  libsched_result *result;
  uint64_t job;
  options.timeout_ns = 1000000;
  options.retries = 1;
  job = CHECK_ADD_JOB(graph, &options);
  result = CHECK_RUN(graph, pool, 0, LIBSCHED_E_FAILED);
  CHECK_EQ(check_result(result, job).code, LIBSCHED_E_TIMEOUT);
  CHECK_EQ(check_result(result, job).attempts, 2);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int fail_when_entered(libsched_job *job, void *data) {
  (void)job;
  CHECK_AWAIT((check_event *)data, 1);
  return 3;
}

static int fail_cancelled(libsched_job *job, void *data) {
  check_event_add((check_event *)data, 1);
  while (!libsched_job_cancelled(job)) sched_yield();
  return 1;
}

CASE(the_others_are_stopped_if_asked_to) {
  check_event entered = CHECK_EVENT_INIT;
  libsched_graph *graph = check_graph_new();
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_job_options options = check_function("fails", fail_when_entered, &entered);
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_result *result;
  uint64_t fails = CHECK_ADD_JOB(graph, &options);
  uint64_t stopped;
  options = check_function("stopped", fail_cancelled, &entered);
  stopped = CHECK_ADD_JOB(graph, &options);
  how.flags = LIBSCHED_RUN_KILL;
  result = CHECK_RUN(graph, pool, &how, LIBSCHED_E_FAILED);
  CHECK_STATE(result, fails, LIBSCHED_JOB_IS_FAILED);
  CHECK_STATE(result, stopped, LIBSCHED_JOB_IS_CANCELLED);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

typedef struct late_failure {
  check_event failed;
  int again;
} late_failure;

static int hear_failure(const libsched_run_message *message, void *data) {
  late_failure *it = (late_failure *)data;
  it->again += message->kind == LIBSCHED_MESSAGE_AGAIN;
  if (message->kind == LIBSCHED_MESSAGE_FINISHED && strcmp(message->name, "first") == 0) {
    check_event_add(&it->failed, 1);
  }
  return 0;
}

static int fail_late(libsched_job *job, void *data) {
  (void)job;
  CHECK_AWAIT(&((late_failure *)data)->failed, 1);
  return 4;
}

static int succeed_late(libsched_job *job, void *data) {
  (void)job;
  CHECK_AWAIT(&((late_failure *)data)->failed, 1);
  return 0;
}

static int count_call(libsched_job *job, void *data) {
  (void)job;
  ++((late_failure *)data)->again;
  return 0;
}

CASE(a_run_that_is_ending_finishes_no_fresh_jobs) {
  late_failure it;
  check_event event = CHECK_EVENT_INIT;
  libsched_graph *graph = check_graph_new();
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_job_options options = check_function("first", return_it, (void *)&kSeven);
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_result *result;
  uint64_t late;
  uint64_t fresh;
  memset(&it, 0, sizeof(it));
  it.failed = event;
  CHECK_ADD_JOB(graph, &options);
  options = check_function("late", succeed_late, &it);
  late = CHECK_ADD_JOB(graph, &options);
  options = check_function("fresh", count_call, &it);
  options.flags = LIBSCHED_JOB_FRESH;
  fresh = CHECK_ADD_JOB(graph, &options);
  CHECK_DEPEND(graph, fresh, late);
  how.handler = hear_failure;
  how.handler_data = &it;
  result = CHECK_RUN(graph, pool, &how, LIBSCHED_E_FAILED);
  CHECK_STATE(result, late, LIBSCHED_JOB_IS_DONE);
  CHECK_STATE(result, fresh, LIBSCHED_JOB_IS_CANCELLED);
  CHECK_EQ(it.again, 0);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(a_run_that_is_ending_tries_nothing_again) {
  late_failure it;
  check_event event = CHECK_EVENT_INIT;
  libsched_graph *graph = check_graph_new();
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_job_options options = check_function("first", return_it, (void *)&kSeven);
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_result *result;
  uint64_t late;
  memset(&it, 0, sizeof(it));
  it.failed = event;
  CHECK_ADD_JOB(graph, &options);
  options = check_function("late", fail_late, &it);
  options.retries = 9;
  late = CHECK_ADD_JOB(graph, &options);
  how.handler = hear_failure;
  how.handler_data = &it;
  result = CHECK_RUN(graph, pool, &how, LIBSCHED_E_FAILED);
  CHECK_STATE(result, late, LIBSCHED_JOB_IS_FAILED);
  CHECK_EQ(check_result(result, late).attempts, 1);
  CHECK_EQ(it.again, 0);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

typedef struct canceller {
  libsched_cancel *cancel;
  check_event entered;
} canceller;

static void *cancel_when_entered(void *data) {
  canceller *it = (canceller *)data;
  CHECK_AWAIT(&it->entered, 1);
  CHECK_OK(libsched_cancel_trigger(it->cancel));
  return 0;
}

CASE(any_thread_may_cancel) {
  canceller it = {0, CHECK_EVENT_INIT};
  libsched_graph *graph = check_graph_new();
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_job_options options = check_function(0, wait_for_the_end, &it.entered);
  libsched_result *result = 0;
  pthread_t thread;
  uint64_t job = CHECK_ADD_JOB(graph, &options);
  CHECK_ADD_JOB(graph, &options);
  CHECK_OK(libsched_cancel_create(&it.cancel));
  CHECK_EQ(pthread_create(&thread, 0, cancel_when_entered, &it), 0);
  CHECK_STATUS(libsched_graph_run(&result, graph, pool, 0, it.cancel, 0), LIBSCHED_E_CANCELLED);
  CHECK_EQ(pthread_join(thread, 0), 0);
  CHECK_STATE(result, job, LIBSCHED_JOB_IS_DONE);
  CHECK_EQ(check_summary(result).cancelled, 1);
  libsched_result_unref(result);
  CHECK_STATUS(libsched_graph_run(&result, graph, pool, 0, it.cancel, 0), LIBSCHED_E_CANCELLED);
  CHECK_EQ(check_summary(result).cancelled, 2);
  libsched_result_unref(result);
  libsched_cancel_unref(it.cancel);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(a_pool_that_is_shut_down_ends_the_run) {
  libsched_graph *graph = check_graph_new();
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_job_options options = check_function(0, wait_for_the_end, 0);
  libsched_result *result;
  int i;
  for (i = 0; i < 1000; ++i) CHECK_ADD_JOB(graph, &options);
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, 0, 0));
  result = CHECK_RUN(graph, pool, 0, LIBSCHED_E_CLOSED);
  CHECK_EQ(check_summary(result).cancelled, 1000);
  libsched_result_unref(result);
  libsched_pool_unref(pool);
  libsched_graph_unref(graph);
}

typedef struct crowd {
  check_event failed;
} crowd;

static int wait_for_failure(libsched_job *job, void *data) {
  (void)job;
  CHECK_AWAIT(&((crowd *)data)->failed, 1);
  return 0;
}

static int signal_then_fail(libsched_job *job, void *data) {
  (void)data;
  CHECK_OK(libsched_job_signal_early(job));
  return 1;
}

static int tell_failure(const libsched_run_message *message, void *data) {
  if (message->state == LIBSCHED_JOB_IS_FAILED) check_event_add(&((crowd *)data)->failed, 1);
  return 0;
}

/* One that waits for its class and is skipped meanwhile leaves its turn to the next one. */
CASE(skipped_jobs_hold_up_no_class) {
  crowd it = {CHECK_EVENT_INIT};
  libsched_graph *graph = check_graph_new();
  libsched_pool *pool = check_pool_new(3, 0);
  libsched_job_options options = check_function("first", wait_for_failure, &it);
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_result *result;
  uint64_t fails;
  uint64_t skipped;
  uint32_t limit = 0;
  CHECK_OK(libsched_graph_limit(&limit, graph, "one", 1, 0));
  options.limit_class = limit;
  options.cost = 100;
  CHECK_ADD_JOB(graph, &options);
  options = check_function("fails", signal_then_fail, &it);
  options.cost = 90;
  fails = CHECK_ADD_JOB(graph, &options);
  options = check_function("skipped", return_it, (void *)&kZero);
  options.limit_class = limit;
  options.cost = 50;
  skipped = CHECK_ADD_JOB(graph, &options);
  options.name = "next";
  options.cost = 1;
  CHECK_ADD_JOB(graph, &options);
  CHECK_OK(libsched_graph_depend(graph, skipped, fails, LIBSCHED_EARLY, 0));
  how.max_failures = LIBSCHED_KEEP_GOING;
  how.slots = 2;
  how.handler = tell_failure;
  how.handler_data = &it;
  result = CHECK_RUN(graph, pool, &how, LIBSCHED_E_FAILED);
  CHECK_STATE(result, skipped, LIBSCHED_JOB_IS_SKIPPED);
  CHECK_EQ(check_summary(result).done, 2);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

typedef struct second_try {
  int tries;
  check_event refused;
} second_try;

static int wait_until_refused(libsched_job *job, void *data) {
  (void)job;
  CHECK_AWAIT(&((second_try *)data)->refused, 1);
  return 0;
}

/* The first time it adds one that goes before its next try. */
static int fail_and_add(libsched_job *job, void *data) {
  second_try *it = (second_try *)data;
  libsched_job_options options = check_function("urgent", wait_until_refused, it);
  uint64_t added = 0;
  if (++it->tries != 1) return 1;
  options.priority = LIBSCHED_HIGH;
  CHECK_OK(libsched_run_add(&added, libsched_job_run(job), &options, 0, 0, 0));
  return 1;
}

static int signal_for_it(const libsched_run_message *message, void *data) {
  second_try *it = (second_try *)data;
  if (message->kind != LIBSCHED_MESSAGE_AGAIN || check_event_count(&it->refused) != 0) return 0;
  CHECK_STATUS(libsched_run_signal_early(message->run, message->job), LIBSCHED_E_STATE);
  check_event_add(&it->refused, 1);
  return 0;
}

CASE(jobs_that_are_to_be_tried_again_do_not_signal) {
  second_try it = {0, CHECK_EVENT_INIT};
  libsched_graph *graph = check_graph_new();
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_job_options options = check_function("fails", fail_and_add, &it);
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  options.retries = 3;
  CHECK_ADD_JOB(graph, &options);
  how.slots = 1;
  how.handler = signal_for_it;
  how.handler_data = &it;
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_E_FAILED));
  CHECK_EQ(it.tries, 4);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASES = {RUN(the_first_failure_ends_the_run),
         RUN(the_run_keeps_going_if_asked_to),
         RUN(jobs_that_throw_have_failed),
         RUN(a_run_that_is_ending_finishes_no_fresh_jobs),
         RUN(a_run_that_is_ending_tries_nothing_again),
         RUN(failures_are_counted),
         RUN(jobs_are_tried_again),
         RUN(a_job_that_fails_after_its_signal_taints),
         RUN(functions_are_told_that_their_time_is_over),
         RUN(the_others_are_stopped_if_asked_to),
         RUN(any_thread_may_cancel),
         RUN(a_pool_that_is_shut_down_ends_the_run),
         RUN(skipped_jobs_hold_up_no_class),
         RUN(jobs_that_are_to_be_tried_again_do_not_signal),
         CASES_END};
