/* Random graphs that compute, with failures, retries, early signals, cancels and jobs that do nothing, against a plain walk over the
 * graph. A case that fails says the seed; with it in the variable SEED that graph alone runs again. */
#include "check_graph.h"

enum { kMostJobs = 200, kMostParents = 4 };

typedef struct one_job {
  int parents[kMostParents];
  int early[kMostParents]; /* how it waits for each */
  int parent_count;
  uint64_t id;
  int kind;          /* 0: function, 1: fresh, 2: nothing */
  int fails;         /* so many tries */
  uint32_t retries;  /* after that many it is given up */
  int signals_in;    /* this try; 0: none */
  int32_t runs;      /* what has become of it */
  int32_t at_work;   /* the same */
  int32_t succeeded; /* the same */
  int32_t signalled; /* the same */
  struct world *all;
} one_job;

typedef struct world {
  one_job jobs[kMostJobs];
  int count;
  char behind[kMostJobs][kMostJobs]; /* the first waits for the second, directly or not */
  libsched_cancel *cancel;
  int cancels_at; /* so many calls */
  int32_t calls;
  uint32_t state;
  uint32_t seed;
} world;

static uint32_t next(world *all, uint32_t below) {
  all->state = all->state * 1664525u + 1013904223u;
  return (all->state >> 10) % below;
}

#define HOLDS(all, condition)                     \
  do {                                            \
    if (!(condition)) {                           \
      fprintf(stderr, "seed %u\n", (all)->seed);  \
      check_fail(__FILE__, __LINE__, #condition); \
    }                                             \
  } while (0)

/* What it waits for has come. Jobs without a function do not say so themselves. */
static void check_parents(one_job *it) {
  int i;
  for (i = 0; i < it->parent_count; ++i) {
    one_job *parent = &it->all->jobs[it->parents[i]];
    if (parent->kind != 0) {
      check_parents(parent);
      continue;
    }
    HOLDS(it->all, CHECK_GET(parent->succeeded) || (it->early[i] && CHECK_GET(parent->signalled)));
  }
}

static int run_one(libsched_job *job, void *data) {
  one_job *it = (one_job *)data;
  world *all = it->all;
  int32_t tries = CHECK_ADD(it->runs, 1);
  int succeeds = tries > it->fails;
  HOLDS(all, CHECK_ADD(it->at_work, 1) == 1);
  HOLDS(all, tries <= (int32_t)it->retries + 1);
  HOLDS(all, CHECK_GET(it->succeeded) == 0);
  HOLDS(all, CHECK_GET(it->signalled) == 0);
  check_parents(it);
  if (tries == it->signals_in) {
    CHECK_SET(it->signalled, 1);
    CHECK_OK(libsched_job_signal_early(job));
  }
  if (CHECK_ADD(all->calls, 1) == all->cancels_at) CHECK_OK(libsched_cancel_trigger(all->cancel));
  if (it->id % 3 == 0) sched_yield();
  CHECK_SET(it->succeeded, succeeds);
  CHECK_ADD(it->at_work, -1);
  return succeeds ? 0 : 5;
}

static libsched_graph *build(world *all) {
  libsched_graph *graph = check_graph_new();
  int k;
  int i;
  int far;
  all->count = (int)(1 + next(all, kMostJobs));
  for (i = 0; i < all->count; ++i) {
    one_job *it = &all->jobs[i];
    libsched_job_options options = check_function(0, run_one, it);
    it->all = all;
    it->kind = next(all, 8) == 0 ? 1 + (int)next(all, 2) : 0;
    it->retries = next(all, 4) == 0 ? next(all, 3) : 0;
    it->fails = (int)(next(all, 30) == 0 ? next(all, 4) : next(all, it->retries + 1));
    it->signals_in = next(all, 4) == 0 ? (int)(1 + next(all, it->retries + 1)) : 0;
    options.retries = it->retries;
    options.priority = next(all, 3);
    options.cost = next(all, 9);
    if (it->kind != 0) options.fn = 0;
    if (it->kind == 1) options.flags = LIBSCHED_JOB_FRESH;
    it->id = CHECK_ADD_JOB(graph, &options);
    it->parent_count = i == 0 ? 0 : (int)next(all, kMostParents);
    for (k = 0; k < it->parent_count; ++k) {
      int parent = it->parents[k] =
          next(all, 2) ? (int)next(all, (uint32_t)i) : i - 1 - (int)next(all, i < 5 ? 1 : 5);
      it->early[k] = next(all, 3) == 0;
      all->behind[i][parent] = 1;
      for (far = 0; far < parent; ++far) all->behind[i][far] |= all->behind[parent][far];
      CHECK_OK(libsched_graph_depend(graph, it->id, all->jobs[parent].id,
                                     it->early[k] ? LIBSCHED_EARLY : LIBSCHED_FINISHED, 0));
    }
  }
  return graph;
}

/* What it waits for did not come, whatever the others did. */
static int is_held_up(const one_job *it, const uint32_t *states) {
  int i;
  for (i = 0; i < it->parent_count; ++i) {
    const one_job *parent = &it->all->jobs[it->parents[i]];
    uint32_t state = states[it->parents[i]];
    if (state == LIBSCHED_JOB_IS_DONE || state == LIBSCHED_JOB_IS_FRESH) continue;
    if (!it->early[i] || !parent->signalled) return 1;
  }
  return 0;
}

static void check_one(world *all, int i, const libsched_job_result *one, const uint32_t *states,
                      int keeps_going) {
  const one_job *it = &all->jobs[i];
  int blocked = 0;
  int far;
  HOLDS(all, one->attempts == (uint32_t)it->runs);
  for (far = 0; far < i; ++far) {
    blocked |= all->behind[i][far] && states[far] == LIBSCHED_JOB_IS_FAILED;
    if (one->blocked_by == all->jobs[far].id) {
      HOLDS(all, all->behind[i][far] && states[far] == LIBSCHED_JOB_IS_FAILED);
    }
  }
  HOLDS(all, blocked == (one->blocked_by != LIBSCHED_NO_JOB));
  switch (one->state) {
    case LIBSCHED_JOB_IS_DONE:
    case LIBSCHED_JOB_IS_FRESH:
      HOLDS(all, (one->state == LIBSCHED_JOB_IS_FRESH) == (it->kind == 1));
      HOLDS(all, it->kind != 0 || it->succeeded);
      HOLDS(all, one->code == 0);
      HOLDS(all, !is_held_up(it, states));
      HOLDS(all, one->tainted == (uint32_t)blocked);
      break;
    case LIBSCHED_JOB_IS_FAILED:
      HOLDS(all, it->runs != 0 && !it->succeeded && one->code == 5);
      HOLDS(all, !keeps_going || it->signalled || it->runs == (int32_t)it->retries + 1);
      HOLDS(all, !is_held_up(it, states));
      break;
    case LIBSCHED_JOB_IS_SKIPPED:
      HOLDS(all, it->runs == 0 && blocked);
      break;
    default:
      HOLDS(all, one->state == LIBSCHED_JOB_IS_CANCELLED);
      HOLDS(all, it->runs == 0 && !blocked && !keeps_going);
  }
}

/* `failures` says when the run ends; `cancels`: it is cancelled by one of its jobs. */
static void run_world(uint32_t seed, uint32_t max_failures, int cancels) {
  static world all;
  static uint32_t states[kMostJobs];
  static libsched_job_result results[kMostJobs];
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_run_summary summary;
  libsched_result *result = 0;
  libsched_graph *graph;
  libsched_pool *pool;
  int status;
  int i;
  memset(&all, 0, sizeof(all));
  all.seed = seed;
  all.state = seed * 2654435761u;
  pool = check_pool_new(1 + next(&all, 4), 0);
  graph = build(&all);
  CHECK_OK(libsched_cancel_create(&all.cancel));
  if (cancels) all.cancels_at = (int)(1 + next(&all, (uint32_t)all.count));
  how.flags = LIBSCHED_RUN_COMPUTE | (next(&all, 2) ? LIBSCHED_RUN_KILL : 0);
  how.max_failures = max_failures;
  status = libsched_graph_run(&result, graph, pool, &how, all.cancel, 0);
  HOLDS(&all, result != 0);
  summary = check_summary(result);
  HOLDS(&all, (status == LIBSCHED_E_FAILED) == (summary.failed != 0));
  if (status == LIBSCHED_OK) HOLDS(&all, summary.jobs == summary.done + summary.fresh);
  if (status == LIBSCHED_E_CANCELLED) HOLDS(&all, cancels && summary.cancelled != 0);
  for (i = 0; i < all.count; ++i) {
    results[i] = check_result(result, all.jobs[i].id);
    states[i] = results[i].state;
  }
  for (i = 0; i < all.count; ++i) {
    check_one(&all, i, &results[i], states, max_failures == LIBSCHED_KEEP_GOING && !cancels);
  }
  libsched_result_unref(result);
  libsched_cancel_unref(all.cancel);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static void run_worlds(uint32_t max_failures, int cancels) {
  const char *wanted = getenv("SEED");
  uint32_t seed;
  if (wanted != 0) {
    run_world((uint32_t)strtoul(wanted, 0, 10), max_failures, cancels);
    return;
  }
  for (seed = 1; seed <= CHECK_SCALE(2000, 200); ++seed) run_world(seed, max_failures, cancels);
}

CASE(runs_that_keep_going) { run_worlds(LIBSCHED_KEEP_GOING, 0); }
CASE(runs_that_end_at_a_failure) { run_worlds(1, 0); }
CASE(runs_that_end_at_the_third) { run_worlds(3, 0); }
CASE(runs_that_are_cancelled) { run_worlds(LIBSCHED_KEEP_GOING, 1); }

CASES = {RUN(runs_that_keep_going), RUN(runs_that_end_at_a_failure),
         RUN(runs_that_end_at_the_third), RUN(runs_that_are_cancelled), CASES_END};
