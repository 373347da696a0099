/* Long chains on small stacks, and the most that can be ordered. */
#include "check_graph.h"

enum { kSmallStack = 256 * 1024 };

typedef struct chain {
  int64_t jobs;
  uint64_t flags;    /* of the jobs */
  uint64_t run_with; /* flags of the run */
  libsched_job_fn fn;
  libsched_job_fn first_fn;
  int32_t ran;
  int status;
  libsched_run_summary summary;
} chain;

static int count(libsched_job *job, void *data) {
  (void)job;
  CHECK_ADD(((chain *)data)->ran, 1);
  return 0;
}

static int fail(libsched_job *job, void *data) {
  (void)job;
  CHECK_ADD(((chain *)data)->ran, 1);
  return 1;
}

static void *run_chain(void *data) {
  chain *it = (chain *)data;
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function(0, it->first_fn, it);
  libsched_pool_options pool_options = LIBSCHED_POOL_OPTIONS_INIT;
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_pool *pool;
  libsched_result *result;
  uint64_t before = LIBSCHED_NO_JOB;
  int64_t i;
  pool_options.workers = 1;
  pool_options.stack_size = kSmallStack;
  pool = check_pool_with(&pool_options);
  options.flags = it->flags;
  for (i = 0; i < it->jobs; ++i) {
    uint64_t job = CHECK_ADD_JOB(graph, &options);
    if (i != 0) CHECK_DEPEND(graph, job, before);
    before = job;
    options.fn = it->fn;
  }
  how.flags = it->run_with;
  how.max_failures = LIBSCHED_KEEP_GOING;
  result = CHECK_RUN(graph, pool, &how, it->status);
  it->summary = check_summary(result);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
  return 0;
}

static void on_small_stack(chain *it) {
  pthread_attr_t attributes;
  pthread_t thread;
  CHECK_EQ(pthread_attr_init(&attributes), 0);
  CHECK_EQ(pthread_attr_setstacksize(&attributes, kSmallStack), 0);
  CHECK_EQ(pthread_create(&thread, &attributes, run_chain, it), 0);
  CHECK_EQ(pthread_join(thread, 0), 0);
  CHECK_EQ(pthread_attr_destroy(&attributes), 0);
}

static chain chain_of(libsched_job_fn first_fn, libsched_job_fn fn, uint64_t flags,
                      uint64_t run_with) {
  chain it;
  memset(&it, 0, sizeof(it));
  it.jobs = CHECK_SCALE(1000000, 50000);
  it.first_fn = first_fn;
  it.fn = fn;
  it.flags = flags;
  it.run_with = run_with;
  it.status = first_fn == fail ? LIBSCHED_E_FAILED : LIBSCHED_OK;
  return it;
}

static void check_chain(libsched_job_fn fn, uint64_t flags, uint64_t run_with) {
  chain it = chain_of(fn, fn, flags, run_with);
  on_small_stack(&it);
  CHECK_EQ(flags != 0 ? it.summary.fresh : it.summary.done, (uint64_t)it.jobs);
  if (fn != 0) CHECK_EQ(it.ran, it.jobs);
}

static void check_skipped(uint64_t run_with) {
  chain it = chain_of(fail, count, 0, run_with);
  on_small_stack(&it);
  CHECK_EQ(it.summary.skipped, (uint64_t)it.jobs - 1);
  CHECK_EQ(it.ran, 1);
}

CASE(a_chain_of_fresh_jobs) { check_chain(0, LIBSCHED_JOB_FRESH, 0); }
CASE(a_chain_of_fresh_functions) { check_chain(count, LIBSCHED_JOB_FRESH, 0); }
CASE(a_chain_of_functions) { check_chain(count, 0, 0); }
CASE(a_chain_that_is_skipped) { check_skipped(0); }
CASE(a_chain_that_computes) { check_chain(count, 0, LIBSCHED_RUN_COMPUTE); }
CASE(a_chain_that_computes_nothing) { check_chain(0, 0, LIBSCHED_RUN_COMPUTE); }
CASE(a_chain_that_computes_and_is_skipped) { check_skipped(LIBSCHED_RUN_COMPUTE); }

static int write_letter(libsched_job *job, void *data) {
  static const char letters[] = "abcdef";
  check_log_add((check_log *)data, letters[(uint32_t)libsched_job_id(job) - 1]);
  return 0;
}

/* a before c, d and e: 1 + 1 + 2 + 2 + 2, and its longest path 3. b before f: 1 + 1 + 5, and 6. */
static void check_order(uint32_t flags, const char *wanted) {
  static const uint64_t costs[6] = {1, 1, 2, 2, 2, 5};
  check_log log = {"", 0};
  libsched_graph *graph = 0;
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_job_options options = check_function(0, write_letter, &log);
  uint64_t jobs[6];
  int i;
  CHECK_OK(libsched_graph_create(&graph, flags, 0));
  for (i = 0; i < 6; ++i) {
    options.cost = costs[i];
    jobs[i] = CHECK_ADD_JOB(graph, &options);
  }
  for (i = 2; i < 6; ++i) CHECK_DEPEND(graph, jobs[i], jobs[i == 5]);
  libsched_result_unref(CHECK_RUN(graph, pool, 0, LIBSCHED_OK));
  CHECK_STR(log.text, wanted);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(the_longest_path_goes_first) { check_order(0, "bfacde"); }
CASE(the_most_work_behind_goes_first) { check_order(LIBSCHED_GRAPH_DOWNSTREAM, "abfcde"); }

/* Every job but the first two waits for the two before it, so it is no tree. */
CASE(too_many_jobs_have_no_sums) {
  enum { kJobs = 400000 };
  libsched_graph *graph = 0;
  libsched_error *error = 0;
  libsched_job_options options = LIBSCHED_JOB_OPTIONS_INIT;
  libsched_result *result = (libsched_result *)UNTOUCHED;
  uint64_t last[2] = {LIBSCHED_NO_JOB, LIBSCHED_NO_JOB};
  int i;
  CHECK_OK(libsched_graph_create(&graph, LIBSCHED_GRAPH_DOWNSTREAM, 0));
  for (i = 0; i < kJobs; ++i) {
    uint64_t job = CHECK_ADD_JOB(graph, &options);
    if (i > 1) CHECK_DEPEND(graph, job, last[0]);
    if (i > 1) CHECK_DEPEND(graph, job, last[1]);
    last[0] = last[1];
    last[1] = job;
  }
  CHECK_STATUS(libsched_graph_run(&result, graph, 0, 0, 0, &error), LIBSCHED_E_TOO_LARGE);
  CHECK(result == 0);
  CHECK(strstr(libsched_error_message(error), "400000 jobs") != 0);
  libsched_error_free(error);
  libsched_graph_unref(graph);
}

CASES = {RUN(a_chain_of_fresh_jobs),
         RUN(a_chain_of_fresh_functions),
         RUN(a_chain_of_functions),
         RUN(a_chain_that_is_skipped),
         RUN(a_chain_that_computes),
         RUN(a_chain_that_computes_nothing),
         RUN(a_chain_that_computes_and_is_skipped),
         RUN(the_longest_path_goes_first),
         RUN(the_most_work_behind_goes_first),
         RUN(too_many_jobs_have_no_sums),
         CASES_END};
