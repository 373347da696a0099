/* What a run takes of its pool: workers for functions, and nothing from others. */
#include "check_graph.h"

typedef struct work {
  libsched_pool *pool; /* where the caller's task is */
  libsched_graph *graph;
  int32_t at_work;
  int32_t peak;
  int32_t ended;
  check_event entered;
  check_event open;
} work;

static const work IDLE = {0, 0, 0, 0, 0, CHECK_EVENT_INIT, CHECK_EVENT_INIT};

static void enter(work *all) {
  int32_t now = CHECK_ADD(all->at_work, 1);
  int32_t peak = CHECK_GET(all->peak);
  while (now > peak && !__atomic_compare_exchange_n(&all->peak, &peak, now, 0, __ATOMIC_SEQ_CST,
                                                    __ATOMIC_SEQ_CST)) {
  }
}

static void leave(work *all) {
  CHECK_ADD(all->at_work, -1);
  CHECK_ADD(all->ended, 1);
}

static int come_and_go(libsched_job *job, void *data) {
  (void)job;
  enter((work *)data);
  leave((work *)data);
  return 0;
}

static int run_again(libsched_task *task, void *data) {
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function(0, come_and_go, data);
  libsched_result *result = 0;
  (void)task;
  CHECK_ADD_JOB(graph, &options);
  CHECK_STATUS(libsched_graph_run(&result, graph, ((libsched_pool **)data)[0], 0, 0, 0),
               LIBSCHED_E_DEADLOCK);
  CHECK(result == 0);
  libsched_graph_unref(graph);
  return 0;
}

CASE(workers_of_the_pool_are_refused) {
  libsched_pool *pool = check_pool_new(2, 0);
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, run_again, &pool, 0));
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(functions_need_a_pool) {
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function(0, come_and_go, 0);
  libsched_result *result = (libsched_result *)UNTOUCHED;
  CHECK_ADD_JOB(graph, &options);
  CHECK_STATUS(libsched_graph_run(&result, graph, 0, 0, 0, 0), LIBSCHED_E_NULL);
  CHECK(result == 0);
  libsched_graph_unref(graph);
}

CASE(a_pool_without_workers_is_driven_by_the_caller) {
  work all = IDLE;
  libsched_pool *pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function(0, come_and_go, &all);
  int i;
  for (i = 0; i < 20; ++i) CHECK_ADD_JOB(graph, &options);
  libsched_result_unref(CHECK_RUN(graph, pool, 0, LIBSCHED_OK));
  CHECK_EQ(all.peak, 1);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(a_pool_that_is_full_is_waited_for) {
  work all = IDLE;
  check_gate gate = CHECK_GATE_INIT;
  libsched_pool *pool = check_pool_new(1, 1);
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function(0, come_and_go, &all);
  int64_t other = 0;
  int i;
  for (i = 0; i < 20; ++i) CHECK_ADD_JOB(graph, &options);
  check_gate_hold(&gate, pool, 1);
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, check_count_run, &other, 0));
  check_gate_open(&gate);
  libsched_result_unref(CHECK_RUN(graph, pool, 0, LIBSCHED_OK));
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int hold_worker(libsched_job *job, void *data) {
  work *all = (work *)data;
  (void)job;
  enter(all);
  CHECK_AWAIT(&all->open, 1);
  leave(all);
  return 0;
}

static int open_when_finished(const libsched_run_message *message, void *data) {
  if (message->kind == LIBSCHED_MESSAGE_FINISHED && strcmp(message->name, "command") == 0) {
    check_event_add(&((work *)data)->open, 1);
  }
  return 0;
}

/* The command is less urgent than functions which have a slot, but no worker. */
CASE(functions_need_a_worker_and_commands_none) {
  work all = IDLE;
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function(0, hold_worker, &all);
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_result *result;
  int i;
  options.cost = 9;
  for (i = 0; i < 3; ++i) CHECK_ADD_JOB(graph, &options);
  options = check_shell("command", ":");
  CHECK_ADD_JOB(graph, &options);
  how.slots = 2;
  how.handler = open_when_finished;
  how.handler_data = &all;
  result = CHECK_RUN(graph, pool, &how, LIBSCHED_OK);
  CHECK_EQ(all.peak, 1);
  CHECK_EQ(check_summary(result).done, 4);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int wait_for_open(libsched_job *job, void *data) {
  (void)job;
  check_event_add(&((work *)data)->entered, 1);
  CHECK_AWAIT(&((work *)data)->open, 1);
  return 0;
}

static int open_elsewhere(libsched_task *task, void *data) {
  (void)task;
  check_event_add(&((work *)data)->open, 1);
  return 0;
}

static int run_on_other(libsched_task *task, void *data) {
  work *it = (work *)data;
  libsched_pool *other = check_pool_new(1, 0);
  (void)task;
  libsched_result_unref(CHECK_RUN(it->graph, other, 0, LIBSCHED_OK));
  check_pool_end(other, LIBSCHED_DRAIN);
  return 0;
}

CASE(a_worker_of_another_pool_hands_on_its_place) {
  work it = IDLE;
  libsched_job_options options = check_function(0, wait_for_open, &it);
  it.pool = check_pool_new(1, 0);
  it.graph = check_graph_new();
  CHECK_ADD_JOB(it.graph, &options);
  CHECK_OK(libsched_pool_submit(it.pool, LIBSCHED_NORMAL, run_on_other, &it, 0));
  CHECK_AWAIT(&it.entered, 1);
  CHECK_OK(libsched_pool_submit(it.pool, LIBSCHED_NORMAL, open_elsewhere, &it, 0));
  check_pool_end(it.pool, LIBSCHED_DRAIN);
  libsched_graph_unref(it.graph);
}

static int submit_again(libsched_task *task, void *data) {
  work *all = (work *)data;
  (void)task;
  if (CHECK_GET(all->ended) != 0) return 0; /* the job has run */
  CHECK_OK(libsched_pool_submit(all->pool, LIBSCHED_NORMAL, submit_again, all, 0));
  return 0;
}

/* Also one that is always there, until the job has run. */
CASE(tasks_of_others_hold_up_no_job) {
  work all = IDLE;
  libsched_pool *pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function(0, come_and_go, &all);
  int64_t count = 0;
  all.pool = pool;
  CHECK_ADD_JOB(graph, &options);
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, check_count_run, &count, 0));
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, submit_again, &all, 0));
  libsched_result_unref(CHECK_RUN(graph, pool, 0, LIBSCHED_OK));
  CHECK_EQ(all.ended, 1);
  CHECK_EQ(count, 1);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASES = {RUN(workers_of_the_pool_are_refused),
         RUN(functions_need_a_pool),
         RUN(a_pool_without_workers_is_driven_by_the_caller),
         RUN(a_pool_that_is_full_is_waited_for),
         RUN(functions_need_a_worker_and_commands_none),
         RUN(a_worker_of_another_pool_hands_on_its_place),
         RUN(tasks_of_others_hold_up_no_job),
         CASES_END};
