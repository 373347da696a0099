/* Runs with a jobserver. */
#include "check_graph.h"
/* It goes first: check.h sets the feature macros. */
#include "check_jobserver.h"

typedef struct crew {
  int32_t at_work;
  int32_t peak;
  libsched_jobserver *jobserver;
  uint64_t token;
  int waits;
} crew;

static void enter(crew *all, int32_t weight) {
  int32_t now = CHECK_ADD(all->at_work, weight);
  int32_t peak = CHECK_GET(all->peak);
  while (now > peak && !__atomic_compare_exchange_n(&all->peak, &peak, now, 0, __ATOMIC_SEQ_CST,
                                                    __ATOMIC_SEQ_CST)) {
  }
}

static int work_one(libsched_job *job, void *data) {
  (void)job;
  enter((crew *)data, 1);
  sched_yield();
  CHECK_ADD(((crew *)data)->at_work, -1);
  return 0;
}

static int work_two(libsched_job *job, void *data) {
  (void)job;
  enter((crew *)data, 2);
  sched_yield();
  CHECK_ADD(((crew *)data)->at_work, -2);
  return 0;
}

/* All tokens are where they were. */
static void check_all_back(libsched_jobserver *jobserver, uint64_t tokens) {
  libsched_jobserver_stats stats = check_stats(jobserver);
  CHECK_EQ(stats.available, tokens);
  CHECK_EQ(stats.held, 0);
  CHECK_EQ(stats.waiting, 0);
  CHECK_EQ(stats.lost, 0);
}

static void check_run_of(uint64_t flags, int heavy) {
  crew all = {0, 0, 0, 0, 0};
  libsched_pool *pool = check_pool_new(4, 0);
  libsched_graph *graph = check_graph_new();
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_job_options options = check_function(0, work_one, &all);
  libsched_result *result;
  int i;
  all.jobserver = check_serve(3, LIBSCHED_JOBSERVER_PIPE, 0);
  for (i = 0; i < CHECK_SCALE(2000, 300); ++i) {
    int two = heavy && i % 5 == 0;
    options.weight = two ? 2 : 1;
    options.fn = two ? work_two : work_one;
    CHECK_ADD_JOB(graph, &options);
  }
  how.flags = flags;
  how.jobserver = all.jobserver;
  result = CHECK_RUN(graph, pool, &how, LIBSCHED_OK);
  CHECK_LE(all.peak, 3);
  check_all_back(all.jobserver, 2);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
  libsched_jobserver_unref(all.jobserver);
}

CASE(each_job_at_work_has_a_token) { check_run_of(0, 0); }
CASE(tokens_may_be_kept) { check_run_of(LIBSCHED_RUN_KEEP_TOKENS, 0); }
CASE(jobs_may_need_several) { check_run_of(0, 1); }
CASE(jobs_may_need_several_that_are_kept) { check_run_of(LIBSCHED_RUN_KEEP_TOKENS, 1); }

CASE(fresh_jobs_need_none) {
  libsched_graph *graph = check_graph_new();
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_job_options options = LIBSCHED_JOB_OPTIONS_INIT;
  int i;
  /* There is none to be had. */
  how.jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, LIBSCHED_JOBSERVER_EXPLICIT);
  check_take(how.jobserver);
  options.flags = LIBSCHED_JOB_FRESH;
  for (i = 0; i < 10; ++i) CHECK_ADD_JOB(graph, &options);
  libsched_result_unref(CHECK_RUN(graph, 0, &how, LIBSCHED_OK));
  libsched_graph_unref(graph);
  libsched_jobserver_unref(how.jobserver);
}

static int give_when_it_waits(const libsched_run_message *message, void *data) {
  crew *all = (crew *)data;
  if (message->kind != LIBSCHED_MESSAGE_WAITS) return 0;
  CHECK_STR(message->name, "a");
  CHECK_EQ(++all->waits, 1);
  CHECK_OK(libsched_jobserver_release(all->jobserver, all->token));
  return 0;
}

CASE(tokens_are_waited_for) {
  crew all = {0, 0, 0, 0, 0};
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_graph *graph = check_graph_new();
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_job_options options = check_function("a", work_one, &all);
  CHECK_ADD_JOB(graph, &options);
  all.jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, LIBSCHED_JOBSERVER_EXPLICIT);
  all.token = check_take(all.jobserver);
  how.jobserver = all.jobserver;
  how.handler = give_when_it_waits;
  how.handler_data = &all;
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_OK));
  CHECK_EQ(all.waits, 1);
  check_all_back(all.jobserver, 1);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
  libsched_jobserver_unref(all.jobserver);
}

static int cancel_when_it_waits(const libsched_run_message *message, void *data) {
  (void)data;
  return message->kind == LIBSCHED_MESSAGE_WAITS ? libsched_run_cancel(message->run) : 0;
}

CASE(a_run_that_is_cancelled_waits_for_none) {
  crew all = {0, 0, 0, 0, 0};
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_graph *graph = check_graph_new();
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_job_options options = check_function(0, work_one, &all);
  int i;
  for (i = 0; i < 10; ++i) CHECK_ADD_JOB(graph, &options);
  how.jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, LIBSCHED_JOBSERVER_EXPLICIT);
  all.token = check_take(how.jobserver);
  how.handler = cancel_when_it_waits;
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_E_CANCELLED));
  CHECK_EQ(check_stats(how.jobserver).waiting, 0);
  CHECK_OK(libsched_jobserver_release(how.jobserver, all.token));
  check_all_back(how.jobserver, 1);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
  libsched_jobserver_unref(how.jobserver);
}

static int shut_down_when_it_waits(const libsched_run_message *message, void *data) {
  crew *all = (crew *)data;
  if (message->kind == LIBSCHED_MESSAGE_WAITS) {
    CHECK_OK(libsched_jobserver_shutdown(0, all->jobserver));
  }
  return 0;
}

CASE(a_jobserver_that_is_shut_down_ends_the_run) {
  crew all = {0, 0, 0, 0, 0};
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_graph *graph = check_graph_new();
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_job_options options = check_function(0, work_one, &all);
  libsched_result *result;
  int i;
  for (i = 0; i < 10; ++i) CHECK_ADD_JOB(graph, &options);
  all.jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, LIBSCHED_JOBSERVER_EXPLICIT);
  all.token = check_take(all.jobserver);
  how.jobserver = all.jobserver;
  how.handler = shut_down_when_it_waits;
  how.handler_data = &all;
  result = CHECK_RUN(graph, pool, &how, LIBSCHED_E_CLOSED);
  CHECK_EQ(check_summary(result).cancelled, 10);
  CHECK_EQ(check_stats(all.jobserver).waiting, 0);
  CHECK_OK(libsched_jobserver_release(all.jobserver, all.token));
  CHECK_EQ(check_stats(all.jobserver).held, 0);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
  libsched_jobserver_unref(all.jobserver);
}

static int give_token(libsched_job *job, void *data) {
  crew *all = (crew *)data;
  (void)job;
  CHECK_OK(libsched_jobserver_release(all->jobserver, all->token));
  return 0;
}

CASE(who_cannot_get_all_tokens_lets_others_pass) {
  crew all = {0, 0, 0, 0, 0};
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_graph *graph = check_graph_new();
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_job_options options = check_function("heavy", work_two, &all);
  options.weight = 2;
  options.cost = 100; /* it goes first */
  CHECK_ADD_JOB(graph, &options);
  options = check_function("light", give_token, &all);
  CHECK_ADD_JOB(graph, &options);
  all.jobserver = check_serve(3, LIBSCHED_JOBSERVER_PIPE, LIBSCHED_JOBSERVER_EXPLICIT);
  all.token = check_take(all.jobserver);
  how.jobserver = all.jobserver;
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_OK));
  check_all_back(all.jobserver, 2);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
  libsched_jobserver_unref(all.jobserver);
}

static int count_clamped(const libsched_run_message *message, void *data) {
  *(int *)data += message->kind == LIBSCHED_MESSAGE_CLAMPED;
  return 0;
}

/* There are more slots than tokens. */
CASE(jobs_need_no_more_tokens_than_there_are) {
  crew all = {0, 0, 0, 0, 0};
  int clamped = 0;
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_graph *graph = check_graph_new();
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_job_options options = check_function("wide", work_two, &all);
  options.weight = 3;
  CHECK_ADD_JOB(graph, &options);
  options.name = 0;
  options.weight = 2;
  CHECK_ADD_JOB(graph, &options);
  how.slots = 8;
  how.jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, 0);
  how.handler = count_clamped;
  how.handler_data = &clamped;
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_OK));
  CHECK_EQ(clamped, 1);
  CHECK_EQ(all.peak, 2);
  check_all_back(how.jobserver, 1);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
  libsched_jobserver_unref(how.jobserver);
}

static int hear_flags(const libsched_run_message *message, void *data) {
  if (message->kind == LIBSCHED_MESSAGE_STDOUT) {
    CHECK_LE(message->size, 199);
    memcpy(data, message->data, message->size);
  }
  return 0;
}

CASE(commands_may_use_the_jobserver) {
  char heard[200] = "";
  libsched_graph *graph = check_graph_new();
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_job_options options = check_shell("a", "echo \"$MAKEFLAGS\"");
  int i;
  how.jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, 0);
  how.handler = hear_flags;
  how.handler_data = heard;
  CHECK_ADD_JOB(graph, &options);
  for (i = 0; i < 20; ++i) {
    options = check_shell(0, ":");
    CHECK_ADD_JOB(graph, &options);
  }
  libsched_result_unref(CHECK_RUN(graph, 0, &how, LIBSCHED_OK));
  CHECK_STR(heard, libsched_jobserver_makeflags(how.jobserver));
  check_all_back(how.jobserver, 1);
  libsched_graph_unref(graph);
  libsched_jobserver_unref(how.jobserver);
}

static int take_more(libsched_job *job, void *data) {
  crew *all = (crew *)data;
  CHECK_STATUS(libsched_job_release_slots(job, 1), LIBSCHED_E_RANGE);
  CHECK_STATUS(libsched_job_try_slots(job, 3), LIBSCHED_E_EMPTY); /* 4 slots, but 3 tokens */
  CHECK_STATUS(libsched_job_try_slots(job, 9), LIBSCHED_E_EMPTY);
  CHECK_EQ(check_stats(all->jobserver).available, 2);
  CHECK_OK(libsched_job_try_slots(job, 2));
  CHECK_EQ(check_stats(all->jobserver).available, 0);
  CHECK_STATUS(libsched_job_try_slots(job, 1), LIBSCHED_E_EMPTY);
  CHECK_OK(libsched_job_release_slots(job, 1));
  CHECK_UNTIL(check_stats(all->jobserver).available == 1);
  return 0;
}

CASE(jobs_may_take_more_for_a_while) {
  crew all = {0, 0, 0, 0, 0};
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_graph *graph = check_graph_new();
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_job_options options = check_function(0, take_more, &all);
  CHECK_ADD_JOB(graph, &options);
  all.jobserver = check_serve(3, LIBSCHED_JOBSERVER_PIPE, 0);
  how.slots = 4;
  how.jobserver = all.jobserver;
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_OK));
  check_all_back(all.jobserver, 2);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
  libsched_jobserver_unref(all.jobserver);
}

CASE(what_can_be_had_is_enough_where_the_number_is_unknown) {
  crew all = {0, 0, 0, 0, 0};
  int clamped = 0;
  char makeflags[64];
  check_tokens tokens = check_tokens_new("ab");
  libsched_pool *pool = check_pool_new(8, 0);
  libsched_graph *graph = check_graph_new();
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_job_options options = check_function("heavy", work_one, &all);
  options.weight = 6;
  options.cost = 100;
  CHECK_ADD_JOB(graph, &options);
  options.name = "heavy too";
  CHECK_ADD_JOB(graph, &options);
  options = check_function("light", work_one, &all);
  CHECK_ADD_JOB(graph, &options);
  sprintf(makeflags, " -j --jobserver-auth=%d,%d", tokens.read_fd, tokens.write_fd);
  how.jobserver = check_inherit(makeflags, 0, 0);
  CHECK_EQ(check_info(how.jobserver).jobs, 0);
  how.slots = 8;
  how.handler = count_clamped;
  how.handler_data = &clamped;
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_OK));
  CHECK_EQ(clamped, 2);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
  libsched_jobserver_unref(how.jobserver);
  check_tokens_end(&tokens, "ab");
}

static int tell_of_wait(const libsched_run_message *message, void *data) {
  if (message->kind == LIBSCHED_MESSAGE_WAITS) check_event_add((check_event *)data, 1);
  return 0;
}

typedef struct rival {
  libsched_jobserver *jobserver;
  check_event waits;
  uint64_t tokens[3];
} rival;

/* Has one of three tokens, and gives all back when it has had all. */
static void *take_all_when_it_waits(void *data) {
  rival *it = (rival *)data;
  int i;
  CHECK_AWAIT(&it->waits, 1);
  for (i = 1; i < 3; ++i) it->tokens[i] = check_await_token(it->jobserver);
  for (i = 0; i < 3; ++i) CHECK_OK(libsched_jobserver_release(it->jobserver, it->tokens[i]));
  return 0;
}

CASE(who_waits_with_many_others_holds_no_token) {
  rival it = {0, CHECK_EVENT_INIT, {0, 0, 0}};
  crew all = {0, 0, 0, 0, 0};
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_graph *graph = check_graph_new();
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_job_options options = check_function(0, work_one, &all);
  pthread_t thread;
  int i;
  options.weight = 3;
  for (i = 0; i < 30; ++i) CHECK_ADD_JOB(graph, &options);
  it.jobserver = check_serve(4, LIBSCHED_JOBSERVER_PIPE, LIBSCHED_JOBSERVER_EXPLICIT);
  it.tokens[0] = check_take(it.jobserver);
  thread = check_spawn(take_all_when_it_waits, &it);
  how.slots = 3;
  how.jobserver = it.jobserver;
  how.handler = tell_of_wait;
  how.handler_data = &it.waits;
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_OK));
  CHECK_EQ(pthread_join(thread, 0), 0);
  check_all_back(it.jobserver, 3);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
  libsched_jobserver_unref(it.jobserver);
}

static int give_two(libsched_job *job, void *data) {
  rival *it = (rival *)data;
  (void)job;
  CHECK_OK(libsched_jobserver_release(it->jobserver, it->tokens[0]));
  CHECK_OK(libsched_jobserver_release(it->jobserver, it->tokens[1]));
  return 0;
}

CASE(who_needs_fewer_has_its_turn) {
  rival it = {0, CHECK_EVENT_INIT, {0, 0, 0}};
  crew all = {0, 0, 0, 0, 0};
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_graph *graph = check_graph_new();
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_job_options options = check_function(0, work_one, &all);
  int i;
  options.weight = 4;
  options.cost = 100; /* they go first */
  for (i = 0; i < 3; ++i) CHECK_ADD_JOB(graph, &options);
  options = check_function(0, give_two, &it);
  options.weight = 2;
  CHECK_ADD_JOB(graph, &options);
  it.jobserver = check_serve(5, LIBSCHED_JOBSERVER_PIPE, LIBSCHED_JOBSERVER_EXPLICIT);
  for (i = 0; i < 2; ++i) it.tokens[i] = check_take(it.jobserver);
  how.slots = 4;
  how.jobserver = it.jobserver;
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_OK));
  check_all_back(it.jobserver, 4);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
  libsched_jobserver_unref(it.jobserver);
}

CASES = {RUN(each_job_at_work_has_a_token),
         RUN(tokens_may_be_kept),
         RUN(jobs_may_need_several),
         RUN(jobs_may_need_several_that_are_kept),
         RUN(fresh_jobs_need_none),
         RUN(tokens_are_waited_for),
         RUN(a_run_that_is_cancelled_waits_for_none),
         RUN(a_jobserver_that_is_shut_down_ends_the_run),
         RUN(who_cannot_get_all_tokens_lets_others_pass),
         RUN(jobs_need_no_more_tokens_than_there_are),
         RUN(commands_may_use_the_jobserver),
         RUN(jobs_may_take_more_for_a_while),
         RUN(what_can_be_had_is_enough_where_the_number_is_unknown),
         RUN(who_waits_with_many_others_holds_no_token),
         RUN(who_needs_fewer_has_its_turn),
         CASES_END};
