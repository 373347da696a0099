/* Random graphs with failures, retries, early signals, weights, limits, late jobs, commands, cancels and token thieves. Each case says
 * the seed that it is at; with it in the variable SEED that graph alone runs again. */
#include "check_graph.h"
/* It goes first: check.h sets the feature macros. */
#include "check_jobserver.h"

enum { kMostJobs = 60, kLateJobs = 20, kMostParents = 4, kLimits = 2 };

typedef struct one_job {
  int parents[kMostParents];
  int early[kMostParents]; /* how it waits for each */
  int parent_count;
  uint64_t id;
  uint32_t weight;
  uint32_t limit;
  uint32_t retries;
  int fails; /* so many tries */
  int kind;  /* 0: function, 1: fresh, 2: nothing, 3: command */
  int signals;
  int adds; /* another job */
  int cancels;
  int grows; /* 1: and gives back */
  int32_t runs;
  int32_t ended;
  int32_t signalled;
  struct world *all;
} one_job;

typedef struct world {
  one_job jobs[kMostJobs + kLateJobs];
  int32_t count;
  uint32_t slots;
  uint32_t tokens; /* with the implicit one; 0: no jobserver */
  uint32_t most[kLimits];
  int32_t in_class[kLimits];
  int32_t at_work;
  libsched_jobserver *jobserver;
  int32_t thief_ends;
  uint32_t state;
  int cancelled;
} world;

static uint32_t next(world *all, uint32_t below) {
  all->state = all->state * 1664525u + 1013904223u;
  return (all->state >> 10) % below;
}

static int run_one(libsched_job *job, void *data);

static libsched_job_options describe(one_job *it) {
  static const char *commands[2][2] = {{":", 0}, {"exit 3", 0}};
  libsched_job_options options = LIBSCHED_JOB_OPTIONS_INIT;
  options.user_data = it;
  options.weight = it->weight;
  options.limit_class = it->limit;
  options.retries = it->retries;
  if (it->kind == 0) options.fn = run_one;
  if (it->kind == 1) options.flags = LIBSCHED_JOB_FRESH;
  if (it->kind == 3) {
    options.argv = commands[it->fails != 0];
    options.flags = LIBSCHED_JOB_SHELL;
  }
  return options;
}

/* Jobs that do not run functions are over when those behind them run: only functions tell when they are. */
static void check_parents(one_job *it) {
  int i;
  for (i = 0; i < it->parent_count; ++i) {
    one_job *parent = &it->all->jobs[it->parents[i]];
    if (parent->kind != 0) {
      if (parent->kind != 3) check_parents(parent);
      continue;
    }
    CHECK(CHECK_GET(parent->ended) || (it->early[i] && CHECK_GET(parent->signalled)));
  }
}

static void add_late(libsched_job *job, one_job *from) {
  world *all = from->all;
  int32_t index = CHECK_ADD(all->count, 1) - 1;
  one_job *it = &all->jobs[index];
  libsched_dependency waits[1] = {{0, 0, LIBSCHED_FINISHED, 0}};
  libsched_job_options options;
  int status;
  if (index >= kMostJobs + kLateJobs) return;
  it->all = all;
  it->parents[0] = (int)(from - all->jobs);
  it->parent_count = 1;
  it->weight = 1;
  options = describe(it);
  waits[0].job = libsched_job_id(job);
  status = libsched_run_add(&it->id, libsched_job_run(job), &options, waits, 1, 0);
  CHECK(status == LIBSCHED_OK || status == LIBSCHED_E_CANCELLED);
}

static int run_one(libsched_job *job, void *data) {
  one_job *it = (one_job *)data;
  world *all = it->all;
  int32_t weight = (int32_t)(it->weight < all->slots ? it->weight : all->slots);
  int32_t most = (int32_t)all->slots;
  int32_t tries = CHECK_ADD(it->runs, 1);
  if (all->tokens != 0 && (int32_t)all->tokens < most) most = (int32_t)all->tokens;
  if (weight > most) weight = most;
  CHECK_LE(CHECK_ADD(all->at_work, weight), most);
  CHECK_LE(tries, (int32_t)it->retries + 1);
  CHECK_EQ(CHECK_GET(it->ended), 0);
  if (it->limit != 0) {
    CHECK_LE(CHECK_ADD(all->in_class[it->limit - 1], 1), (int32_t)all->most[it->limit - 1]);
  }
  check_parents(it);
  if (it->signals && tries > it->fails / 2) {
    CHECK_ADD(it->signalled, 1);
    CHECK_OK(libsched_job_signal_early(job));
  }
  if (it->grows && libsched_job_try_slots(job, 1) == LIBSCHED_OK) {
    CHECK_LE(CHECK_ADD(all->at_work, 1), most);
    sched_yield();
    CHECK_ADD(all->at_work, -1);
    if (it->grows == 1) CHECK_OK(libsched_job_release_slots(job, 1));
  }
  if (it->adds && tries == 1) add_late(job, it);
  if (it->cancels) CHECK_OK(libsched_run_cancel(libsched_job_run(job)));
  sched_yield();
  CHECK_OK(libsched_job_message(job, "x", 1));
  if (it->limit != 0) CHECK_ADD(all->in_class[it->limit - 1], -1);
  if (tries > it->fails) CHECK_ADD(it->ended, 1);
  CHECK_ADD(all->at_work, -weight);
  return tries <= it->fails ? 5 : 0;
}

static int hear(const libsched_run_message *message, void *data) {
  int64_t *ended = (int64_t *)data;
  CHECK(message->kind != 0);
  if (message->kind == LIBSCHED_MESSAGE_FINISHED) ++*ended;
  return 0;
}

static void *steal(void *data) {
  world *all = (world *)data;
  while (!CHECK_GET(all->thief_ends)) {
    uint64_t token = LIBSCHED_NO_TOKEN;
    if (libsched_jobserver_try_acquire(&token, all->jobserver) == LIBSCHED_OK) {
      sched_yield();
      CHECK_OK(libsched_jobserver_release(all->jobserver, token));
    }
    sched_yield();
  }
  return 0;
}

static libsched_graph *build(world *all, int commands) {
  libsched_graph *graph = check_graph_new();
  int i;
  int k;
  for (i = 0; i < kLimits; ++i) {
    char name[2] = "a";
    uint32_t limit = 0;
    name[0] = (char)('a' + i);
    all->most[i] = 1 + next(all, 2);
    CHECK_OK(libsched_graph_limit(&limit, graph, name, all->most[i], 0));
    CHECK_EQ(limit, i + 1);
  }
  all->count = (int32_t)(1 + next(all, kMostJobs));
  for (i = 0; i < all->count; ++i) {
    one_job *it = &all->jobs[i];
    libsched_job_options options;
    uint32_t kind = next(all, 10);
    it->all = all;
    it->kind = kind == 0 ? 1 : kind == 1 ? 2 : kind == 2 && commands ? 3 : 0;
    it->weight = next(all, 5) == 0 ? 1 + next(all, 4) : 1;
    it->limit = next(all, 3) == 0 ? 1 + next(all, kLimits) : 0;
    it->retries = next(all, 3) == 0 ? next(all, 3) : 0;
    it->fails = next(all, 20) == 0 ? (int)next(all, 4) : (int)next(all, it->retries + 1);
    if (it->kind == 1 || it->kind == 2) it->fails = 0;
    it->signals = next(all, 4) == 0;
    it->adds = next(all, 8) == 0;
    it->cancels = next(all, 400) == 0;
    it->grows = (int)next(all, 5);
    if (it->grows > 2) it->grows = 0;
    options = describe(it);
    options.priority = next(all, 3);
    options.cost = next(all, 50);
    it->id = CHECK_ADD_JOB(graph, &options);
    it->parent_count = i == 0 ? 0 : (int)next(all, kMostParents);
    for (k = 0; k < it->parent_count; ++k) {
      it->parents[k] = (int)next(all, (uint32_t)i);
      it->early[k] = (int)next(all, 2);
      CHECK_OK(libsched_graph_depend(graph, it->id, all->jobs[it->parents[k]].id,
                                     it->early[k] ? LIBSCHED_EARLY : LIBSCHED_FINISHED, 0));
    }
  }
  return graph;
}

static void check_end_of(world *all, libsched_result *result, int status, uint32_t max_failures) {
  libsched_run_summary summary = check_summary(result);
  uint64_t i;
  CHECK_EQ(all->at_work, 0);
  if (status == LIBSCHED_OK) CHECK_EQ(summary.jobs, summary.done + summary.fresh);
  if (status == LIBSCHED_E_FAILED && max_failures == LIBSCHED_KEEP_GOING) {
    CHECK_EQ(summary.cancelled, 0);
  }
  if (status == LIBSCHED_E_FAILED) CHECK(summary.failed != 0);
  for (i = 0; i < summary.jobs; ++i) {
    libsched_job_result one = LIBSCHED_JOB_RESULT_INIT;
    CHECK_OK(libsched_result_at(&one, result, i));
    if (one.state == LIBSCHED_JOB_IS_DONE) CHECK_EQ(one.code, 0);
    if (one.state == LIBSCHED_JOB_IS_FAILED) CHECK(one.code != 0);
    if (one.state == LIBSCHED_JOB_IS_SKIPPED) {
      CHECK_EQ(check_result(result, one.blocked_by).state, LIBSCHED_JOB_IS_FAILED);
    }
  }
}

static void run_world(uint32_t seed, int commands) {
  static world all;
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_graph *graph;
  libsched_result *result = 0;
  libsched_pool *pool;
  pthread_t thief;
  int64_t ended = 0;
  int steals;
  int status;
  printf("seed %u\n", seed);
  fflush(stdout);
  memset(&all, 0, sizeof(all));
  all.state = seed * 2654435761u;
  pool = check_pool_new(1 + next(&all, 3), 0);
  graph = build(&all, commands);
  all.slots = how.slots = 1 + next(&all, 4);
  how.max_failures = next(&all, 3) == 0 ? 0 : next(&all, 2) ? LIBSCHED_KEEP_GOING : 2;
  if (next(&all, 3) == 0) how.flags |= LIBSCHED_RUN_KILL;
  if (next(&all, 2) == 0) how.flags |= LIBSCHED_RUN_KEEP_TOKENS;
  if (next(&all, 2) == 0) {
    how.handler = hear;
    how.handler_data = &ended;
  }
  if (next(&all, 2) == 0) {
    all.tokens = 1 + next(&all, 4);
    all.jobserver = check_serve(all.tokens, LIBSCHED_JOBSERVER_PIPE, 0);
    how.jobserver = all.jobserver;
  }
  steals = all.jobserver != 0 && next(&all, 2) == 0;
  if (steals) CHECK_EQ(pthread_create(&thief, 0, steal, &all), 0);
  status = libsched_graph_run(&result, graph, pool, &how, 0, 0);
  CHECK(status == LIBSCHED_OK || status == LIBSCHED_E_FAILED || status == LIBSCHED_E_CANCELLED);
  CHECK(result != 0);
  check_end_of(&all, result, status, how.max_failures);
  if (how.handler != 0 && status == LIBSCHED_OK) CHECK_EQ(ended, check_summary(result).jobs);
  CHECK_ADD(all.thief_ends, 1);
  if (steals) CHECK_EQ(pthread_join(thief, 0), 0);
  if (all.jobserver != 0) {
    libsched_jobserver_stats stats = check_stats(all.jobserver);
    CHECK_EQ(stats.available, all.tokens - 1);
    CHECK_EQ(stats.held, 0);
    CHECK_EQ(stats.waiting, 0);
    libsched_jobserver_unref(all.jobserver);
  }
  libsched_result_unref(result);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static void run_worlds(uint32_t first, uint32_t count, int commands) {
  const char *wanted = getenv("SEED");
  uint32_t seed;
  if (wanted != 0) {
    run_world((uint32_t)strtoul(wanted, 0, 10), commands);
    return;
  }
  for (seed = first; seed < first + count; ++seed) run_world(seed, commands);
}

CASE(random_graphs_of_functions_hold_what_is_promised) { run_worlds(1, CHECK_SCALE(600, 60), 0); }
CASE(a_graph_that_once_did_not_end_does) { run_worlds(114051, 1, 0); }
CASE(random_graphs_with_commands_hold_what_is_promised) {
  run_worlds(5000, CHECK_SCALE(60, 10), 1);
}

CASES = {RUN(random_graphs_of_functions_hold_what_is_promised),
         RUN(a_graph_that_once_did_not_end_does),
         RUN(random_graphs_with_commands_hold_what_is_promised), CASES_END};
