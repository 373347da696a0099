/* Runs that compute. */
#include "check_graph.h"

enum { kMost = 2000, kParents = 3 };

typedef struct node {
  struct node *parents[kParents];
  int32_t runs;
  int result;
  int early;
} node;

static int check_and_count(libsched_job *job, void *data) {
  node *it = (node *)data;
  int i;
  CHECK(libsched_job_id(job) != LIBSCHED_NO_JOB);
  CHECK_PTR(libsched_job_run(job), 0);
  CHECK_OK(libsched_job_message_bounded(job, "x", 1));
  for (i = 0; i < kParents; ++i) {
    if (it->parents[i] != 0) CHECK_EQ(CHECK_GET(it->parents[i]->runs), 1);
  }
  CHECK_ADD(it->runs, 1);
  if (it->early) {
    CHECK_OK(libsched_job_signal_early(job));
    CHECK_STATUS(libsched_job_signal_early(job), LIBSCHED_E_STATE);
  }
  return it->result;
}

static libsched_run_options computing(void) {
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  how.flags = LIBSCHED_RUN_COMPUTE;
  return how;
}

typedef struct net {
  libsched_graph *graph;
  node nodes[kMost];
  uint64_t jobs[kMost];
} net;

static net *make(uint32_t seed) {
  static net it;
  int i;
  int k;
  memset(&it, 0, sizeof(it));
  it.graph = check_graph_new();
  for (i = 0; i < kMost; ++i) {
    libsched_job_options options = check_function(0, check_and_count, &it.nodes[i]);
    seed = seed * 1664525u + 1013904223u;
    it.nodes[i].early = (seed >> 16) % 5 == 0;
    options.priority = (seed >> 8) % 3;
    options.cost = (seed >> 20) % 7;
    if ((seed >> 24) % 11 == 0) options.fn = 0, it.nodes[i].runs = 1;
    it.jobs[i] = CHECK_ADD_JOB(it.graph, &options);
    for (k = 0; k < kParents && i != 0; ++k) {
      int parent;
      seed = seed * 1664525u + 1013904223u;
      parent = (int)((seed >> 8) % (uint32_t)i);
      it.nodes[i].parents[k] = &it.nodes[parent];
      CHECK_OK(libsched_graph_depend(it.graph, it.jobs[i], it.jobs[parent],
                                     (seed & 1024u) != 0 ? LIBSCHED_EARLY : LIBSCHED_FINISHED, 0));
    }
  }
  return &it;
}

CASE(jobs_run_once_and_after_their_parents) {
  libsched_pool *pool = check_pool_new(4, 0);
  libsched_run_options how = computing();
  uint32_t seed;
  for (seed = 1; seed <= CHECK_SCALE(20, 4); ++seed) {
    net *it = make(seed);
    libsched_result *result = CHECK_RUN(it->graph, pool, &how, LIBSCHED_OK);
    int i;
    for (i = 0; i < kMost; ++i) CHECK_EQ(it->nodes[i].runs, 1);
    CHECK_EQ(check_summary(result).done, kMost);
    libsched_result_unref(result);
    libsched_graph_unref(it->graph);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int meet(libsched_job *job, void *arrived) {
  (void)job;
  CHECK_ADD(*(int32_t *)arrived, 1);
  CHECK_UNTIL(CHECK_GET(*(int32_t *)arrived) == 2);
  return 0;
}

/* Whoever makes two jobs ready runs one of them, and it does not end before the other has begun. */
CASE(jobs_wait_for_no_other_that_is_at_work) {
  enum { kMeetings = 100 };
  static int32_t arrived[kMeetings];
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_graph *graph = check_graph_new();
  libsched_run_options how = computing();
  uint64_t last[2] = {LIBSCHED_NO_JOB, LIBSCHED_NO_JOB};
  int i;
  for (i = 0; i < kMeetings; ++i) {
    libsched_job_options options = check_function(0, meet, &arrived[i]);
    uint64_t a = CHECK_ADD_JOB(graph, &options);
    uint64_t b = CHECK_ADD_JOB(graph, &options);
    int k;
    for (k = 0; k < 2 && i != 0; ++k) {
      CHECK_DEPEND(graph, a, last[k]);
      CHECK_DEPEND(graph, b, last[k]);
    }
    last[0] = a;
    last[1] = b;
  }
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_OK));
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(a_small_pool_is_enough) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  libsched_run_options how = computing();
  net *it = make(99);
  libsched_pool *pool;
  options.workers = 2;
  options.capacity = 1;
  options.flags = LIBSCHED_POOL_WORKER_FULL;
  pool = check_pool_with(&options);
  libsched_result_unref(CHECK_RUN(it->graph, pool, &how, LIBSCHED_OK));
  libsched_graph_unref(it->graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(failures_skip_what_depends_on_them) {
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_run_options how = computing();
  libsched_result *result;
  net *it = make(7);
  int bad = 3;
  int i;
  while (it->nodes[bad].runs != 0) ++bad; /* one with a function */
  it->nodes[bad].result = 12;
  it->nodes[bad].early = 0;
  how.max_failures = LIBSCHED_KEEP_GOING;
  result = CHECK_RUN(it->graph, pool, &how, LIBSCHED_E_FAILED);
  CHECK_STATE(result, it->jobs[bad], LIBSCHED_JOB_IS_FAILED);
  CHECK_EQ(check_result(result, it->jobs[bad]).code, 12);
  CHECK_EQ(check_summary(result).failed, 1);
  CHECK_EQ(check_summary(result).cancelled, 0);
  CHECK(check_summary(result).skipped != 0);
  for (i = 0; i < kMost; ++i) {
    libsched_job_result one = check_result(result, it->jobs[i]);
    int k;
    for (k = 0; k < kParents && it->nodes[i].parents[k] != 0; ++k) {
      uint32_t parent = check_result(result, it->jobs[it->nodes[i].parents[k] - it->nodes]).state;
      if (parent == LIBSCHED_JOB_IS_DONE) continue;
      CHECK_EQ(one.state, LIBSCHED_JOB_IS_SKIPPED);
      CHECK_EQ(one.blocked_by, it->jobs[bad]);
    }
  }
  libsched_result_unref(result);
  libsched_graph_unref(it->graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* It does not matter how far the run before has come. */
CASE(a_graph_runs_again_after_any_run) {
  static int has_function[kMost];
  libsched_pool *pool = check_pool_new(3, 0);
  libsched_run_options how = computing();
  net *it = make(5);
  int round;
  int i;
  for (i = 0; i < kMost; ++i) has_function[i] = it->nodes[i].runs == 0;
  for (round = 0; round < CHECK_SCALE(60, 12); ++round) {
    int fails = round % 3 == 1;
    int bad = round * 31 % kMost;
    while (!has_function[bad]) ++bad;
    for (i = 0; i < kMost; ++i) {
      if (has_function[i]) it->nodes[i].runs = 0;
    }
    it->nodes[bad].result = fails ? 12 : 0;
    libsched_result_unref(
        CHECK_RUN(it->graph, pool, &how, fails ? LIBSCHED_E_FAILED : LIBSCHED_OK));
    it->nodes[bad].result = 0;
    for (i = 0; i < kMost && !fails; ++i) CHECK_EQ(it->nodes[i].runs, 1);
  }
  libsched_graph_unref(it->graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int end_thread(libsched_job *job, void *data) {
  (void)job;
  (void)data;
  pthread_exit(0);
}

static int count(libsched_job *job, void *data) {
  (void)job;
  CHECK_ADD(*(int32_t *)data, 1);
  return 0;
}

CASE(a_job_that_ends_its_thread_takes_no_other_along) {
  int32_t ran = 0;
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_graph *graph = check_graph_new();
  libsched_run_options how = computing();
  libsched_job_options options = check_function(0, end_thread, 0);
  libsched_result *result;
  uint64_t job = CHECK_ADD_JOB(graph, &options);
  uint64_t root;
  int i;
  options = check_function(0, count, &ran);
  root = CHECK_ADD_JOB(graph, &options);
  CHECK_DEPEND(graph, job, root);
  for (i = 0; i < 10; ++i) {
    uint64_t other = CHECK_ADD_JOB(graph, &options);
    CHECK_DEPEND(graph, other, root);
  }
  how.max_failures = LIBSCHED_KEEP_GOING;
  result = CHECK_RUN(graph, pool, &how, LIBSCHED_E_FAILED);
  CHECK_EQ(ran, 11);
  CHECK_EQ(check_result(result, job).code, LIBSCHED_E_UNWOUND);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int trigger(libsched_job *job, void *data) {
  CHECK_EQ(libsched_job_cancelled(job), 0);
  CHECK_OK(libsched_cancel_trigger((libsched_cancel *)data));
  CHECK_EQ(libsched_job_cancelled(job), 1);
  return 0;
}

CASE(runs_are_cancelled) {
  libsched_cancel *cancel = 0;
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_graph *graph = check_graph_new();
  libsched_run_options how = computing();
  libsched_job_options options;
  libsched_result *result = 0;
  uint64_t first;
  int i;
  CHECK_OK(libsched_cancel_create(&cancel));
  options = check_function(0, trigger, cancel);
  first = CHECK_ADD_JOB(graph, &options);
  for (i = 0; i < 10; ++i) CHECK_DEPEND(graph, CHECK_ADD_JOB(graph, &options), first);
  CHECK_STATUS(libsched_graph_run(&result, graph, pool, &how, cancel, 0), LIBSCHED_E_CANCELLED);
  CHECK_EQ(check_summary(result).done, 1);
  CHECK_EQ(check_summary(result).cancelled, 10);
  libsched_result_unref(result);
  libsched_cancel_unref(cancel);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(a_chain_of_a_million_ends) {
  int32_t ran = 0;
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_graph *graph = check_graph_new();
  libsched_run_options how = computing();
  libsched_job_options options = check_function(0, count, &ran);
  uint64_t before = LIBSCHED_NO_JOB;
  int i;
  for (i = 0; i < CHECK_SCALE(1000000, 100000); ++i) {
    uint64_t job = CHECK_ADD_JOB(graph, &options);
    if (before != LIBSCHED_NO_JOB) CHECK_DEPEND(graph, job, before);
    before = job;
    options.flags = i % 3 == 0 ? LIBSCHED_JOB_FRESH : 0;
    options.fn = i % 3 == 0 ? 0 : count;
  }
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_OK));
  CHECK_LE(CHECK_SCALE(1000000, 100000) / 2, ran);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int ignore(const libsched_run_message *message, void *data) {
  (void)message;
  (void)data;
  return 0;
}

CASE(what_does_not_go_with_it_is_refused) {
  int32_t ran = 0;
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_graph *graph = check_graph_new();
  libsched_run_options how = computing();
  libsched_job_options options = check_shell(0, ":");
  libsched_result *result = (libsched_result *)UNTOUCHED;
  how.handler = ignore;
  CHECK_STATUS(libsched_graph_run(&result, graph, pool, &how, 0, 0), LIBSCHED_E_STATE);
  CHECK(result == 0);
  how = computing();
  how.slots = 1;
  CHECK_STATUS(libsched_graph_run(0, graph, pool, &how, 0, 0), LIBSCHED_E_STATE);
  how = computing();
  CHECK_STATUS(libsched_graph_run(0, graph, 0, &how, 0, 0), LIBSCHED_E_STATE);
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_OK));
  libsched_graph_unref(graph);
  graph = check_graph_new();
  CHECK_ADD_JOB(graph, &options);
  CHECK_STATUS(libsched_graph_run(0, graph, pool, &how, 0, 0), LIBSCHED_E_STATE);
  libsched_graph_unref(graph);
  graph = check_graph_new();
  options = check_function(0, count, &ran);
  options.flags = LIBSCHED_JOB_FRESH;
  CHECK_ADD_JOB(graph, &options);
  CHECK_STATUS(libsched_graph_run(0, graph, pool, &how, 0, 0), LIBSCHED_E_STATE);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

typedef struct signaller {
  libsched_job *job;
  int32_t ready;
  int32_t succeeded;
} signaller;

static void *signal_with_other(void *data) {
  signaller *it = (signaller *)data;
  int status;
  CHECK_ADD(it->ready, 1);
  while (CHECK_GET(it->ready) < 2) sched_yield();
  status = libsched_job_signal_early(it->job);
  if (status == LIBSCHED_OK) {
    CHECK_ADD(it->succeeded, 1);
  } else {
    CHECK_STATUS(status, LIBSCHED_E_STATE);
  }
  return 0;
}

static int signal_by_two(libsched_job *job, void *data) {
  signaller it = {0, 0, 0};
  pthread_t thread;
  (void)data;
  it.job = job;
  thread = check_spawn(signal_with_other, &it);
  signal_with_other(&it);
  CHECK_EQ(pthread_join(thread, 0), 0);
  CHECK_EQ(it.succeeded, 1);
  return 0;
}

CASE(one_signal_of_several_counts) {
  int32_t ran = 0;
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_graph *graph = check_graph_new();
  libsched_run_options how = computing();
  libsched_job_options options;
  int i;
  for (i = 0; i < CHECK_SCALE(1000, 100); ++i) {
    uint64_t other;
    uint64_t signals;
    uint64_t child;
    options = check_function(0, count, &ran);
    other = CHECK_ADD_JOB(graph, &options);
    child = CHECK_ADD_JOB(graph, &options);
    options = check_function(0, signal_by_two, 0);
    signals = CHECK_ADD_JOB(graph, &options);
    CHECK_OK(libsched_graph_depend(graph, child, signals, LIBSCHED_EARLY, 0));
    CHECK_DEPEND(graph, child, other);
  }
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_OK));
  CHECK_EQ(ran, 2 * CHECK_SCALE(1000, 100));
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASES = {RUN(jobs_run_once_and_after_their_parents),
         RUN(jobs_wait_for_no_other_that_is_at_work),
         RUN(a_small_pool_is_enough),
         RUN(failures_skip_what_depends_on_them),
         RUN(a_graph_runs_again_after_any_run),
         RUN(a_job_that_ends_its_thread_takes_no_other_along),
         RUN(runs_are_cancelled),
         RUN(a_chain_of_a_million_ends),
         RUN(what_does_not_go_with_it_is_refused),
         RUN(one_signal_of_several_counts),
         CASES_END};
