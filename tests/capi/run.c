/* Runs of graphs whose jobs are functions. */
#include "check_graph.h"

typedef struct work {
  check_log log;
  int32_t at_work;
  int32_t peak;
  check_event open;
  uint64_t late;
} work;

/* A job's data: what to write into which log. */
typedef struct step {
  work *all;
  char letter;
} step;

static int write_letter(libsched_job *job, void *data) {
  const step *it = (const step *)data;
  CHECK(libsched_job_id(job) != LIBSCHED_NO_JOB);
  CHECK_EQ(libsched_job_cancelled(job), 0);
  check_log_add(&it->all->log, it->letter);
  return 0;
}

static void enter(work *all) {
  int32_t now = CHECK_ADD(all->at_work, 1);
  int32_t peak = CHECK_GET(all->peak);
  while (now > peak && !__atomic_compare_exchange_n(&all->peak, &peak, now, 0, __ATOMIC_SEQ_CST,
                                                    __ATOMIC_SEQ_CST)) {
  }
}

static int come_and_go(libsched_job *job, void *data) {
  work *all = (work *)data;
  (void)job;
  enter(all);
  sched_yield();
  CHECK_ADD(all->at_work, -1);
  return 0;
}

CASE(jobs_run_after_what_they_wait_for) {
  work all = {{"", 0}, 0, 0, CHECK_EVENT_INIT, 0};
  step steps[4];
  uint64_t jobs[4];
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_graph *graph = check_graph_new();
  libsched_result *result;
  int i;
  int round;
  for (i = 0; i < 4; ++i) {
    libsched_job_options options = check_function(0, write_letter, &steps[i]);
    steps[i].all = &all;
    steps[i].letter = (char)('a' + i);
    jobs[i] = CHECK_ADD_JOB(graph, &options);
  }
  CHECK_DEPEND(graph, jobs[0], jobs[1]);
  CHECK_DEPEND(graph, jobs[0], jobs[2]);
  CHECK_DEPEND(graph, jobs[1], jobs[3]);
  CHECK_DEPEND(graph, jobs[2], jobs[3]);
  for (round = 0; round < 3; ++round) {
    memset(&all.log, 0, sizeof(all.log));
    result = CHECK_RUN(graph, pool, 0, LIBSCHED_OK);
    CHECK_EQ(all.log.length, 4);
    CHECK_EQ(all.log.text[0], 'd');
    CHECK_EQ(all.log.text[3], 'a');
    for (i = 0; i < 4; ++i) {
      libsched_job_result one = check_result(result, jobs[i]);
      CHECK_EQ(one.state, LIBSCHED_JOB_IS_DONE);
      CHECK_EQ(one.attempts, 1);
      CHECK_LE(one.ready_ns, one.token_ns);
      CHECK_LE(one.token_ns, one.start_ns);
      CHECK_LE(one.start_ns, one.end_ns);
    }
    CHECK_LE(check_result(result, jobs[3]).end_ns, check_result(result, jobs[1]).ready_ns);
    CHECK_LE(check_summary(result).critical_path_ns, check_summary(result).makespan_ns);
    libsched_result_unref(result);
  }
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(the_longest_path_goes_first) {
  work all = {{"", 0}, 0, 0, CHECK_EVENT_INIT, 0};
  step steps[5];
  uint64_t jobs[5];
  static const uint64_t costs[5] = {1, 5, 3, 4, 1};
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_graph *graph = check_graph_new();
  int i;
  for (i = 0; i < 5; ++i) {
    libsched_job_options options = check_function(0, write_letter, &steps[i]);
    steps[i].all = &all;
    steps[i].letter = (char)('a' + i);
    options.cost = costs[i];
    if (i == 4) options.priority = LIBSCHED_HIGH;
    jobs[i] = CHECK_ADD_JOB(graph, &options);
  }
  CHECK_DEPEND(graph, jobs[3], jobs[2]); /* c and then d: 7 */
  libsched_result_unref(CHECK_RUN(graph, pool, 0, LIBSCHED_OK));
  CHECK_STR(all.log.text, "ecbda");
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(no_more_than_the_slots_are_at_work) {
  work all = {{"", 0}, 0, 0, CHECK_EVENT_INIT, 0};
  libsched_pool *pool = check_pool_new(4, 0);
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function(0, come_and_go, &all);
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_result *result;
  uint32_t limit = 0;
  int i;
  CHECK_OK(libsched_graph_limit(&limit, graph, "link", 1, 0));
  for (i = 0; i < 2000; ++i) {
    options.weight = i % 7 == 0 ? 2 : 1;
    CHECK_ADD_JOB(graph, &options);
  }
  how.slots = 3;
  result = CHECK_RUN(graph, pool, &how, LIBSCHED_OK);
  CHECK_EQ(check_summary(result).done, 2000);
  CHECK_LE(all.peak, 3);
  libsched_result_unref(result);
  libsched_graph_unref(graph);

  all.peak = 0;
  graph = check_graph_new();
  CHECK_OK(libsched_graph_limit(&limit, graph, "link", 1, 0));
  options.weight = 1;
  options.limit_class = limit;
  for (i = 0; i < 500; ++i) CHECK_ADD_JOB(graph, &options);
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_OK));
  CHECK_EQ(all.peak, 1);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(a_chain_of_a_million_fresh_jobs_ends) {
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = LIBSCHED_JOB_OPTIONS_INIT;
  libsched_result *result;
  uint64_t before = LIBSCHED_NO_JOB;
  int i;
  options.flags = LIBSCHED_JOB_FRESH;
  for (i = 0; i < CHECK_SCALE(1000000, 100000); ++i) {
    uint64_t job = CHECK_ADD_JOB(graph, &options);
    if (before != LIBSCHED_NO_JOB) CHECK_DEPEND(graph, job, before);
    before = job;
  }
  result = CHECK_RUN(graph, 0, 0, LIBSCHED_OK);
  CHECK_EQ(check_summary(result).fresh, CHECK_SCALE(1000000, 100000));
  libsched_result_unref(result);
  libsched_graph_unref(graph);
}

static int signal_and_wait(libsched_job *job, void *data) {
  work *all = (work *)data;
  CHECK_OK(libsched_job_signal_early(job));
  CHECK_STATUS(libsched_job_signal_early(job), LIBSCHED_E_STATE);
  CHECK_AWAIT(&all->open, 1);
  return 0;
}

static int open_gate(libsched_job *job, void *data) {
  (void)job;
  check_event_add(&((work *)data)->open, 1);
  return 0;
}

CASE(early_signals_let_dependents_start) {
  work all = {{"", 0}, 0, 0, CHECK_EVENT_INIT, 0};
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function("lib", signal_and_wait, &all);
  libsched_result *result;
  uint64_t lib = CHECK_ADD_JOB(graph, &options);
  uint64_t app;
  options = check_function("app", open_gate, &all);
  app = CHECK_ADD_JOB(graph, &options);
  CHECK_OK(libsched_graph_depend(graph, app, lib, LIBSCHED_EARLY, 0));
  result = CHECK_RUN(graph, pool, 0, LIBSCHED_OK);
  CHECK_LE(check_result(result, lib).early_ns, check_result(result, app).ready_ns);
  CHECK_LE(check_result(result, app).start_ns, check_result(result, lib).end_ns);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int add_more(libsched_job *job, void *data) {
  work *all = (work *)data;
  static step last;
  libsched_job_options options = check_function("late", write_letter, &last);
  libsched_dependency waits[2] = {{0, 0, LIBSCHED_FINISHED, 0}, {0, "b", LIBSCHED_FINISHED, 0}};
  last.all = all;
  last.letter = 'l';
  waits[0].job = libsched_job_id(job);
  CHECK_OK(libsched_run_add(&all->late, libsched_job_run(job), &options, waits, 2, 0));
  CHECK_STATUS(libsched_run_add(&all->late, libsched_job_run(job), &options, waits, 2, 0), -EEXIST);
  waits[0].reserved = 77;
  CHECK_STATUS(libsched_run_add(&all->late, libsched_job_run(job), &options, waits, 2, 0),
               LIBSCHED_E_FLAGS);
  waits[0].reserved = 0;
  waits[1].name = "none";
  options.name = 0;
  CHECK_STATUS(libsched_run_add(&all->late, libsched_job_run(job), &options, waits, 2, 0), -ENOENT);
  return 0;
}

CASE(running_jobs_add_others) {
  work all = {{"", 0}, 0, 0, CHECK_EVENT_INIT, 0};
  step b;
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function("a", add_more, &all);
  libsched_result *result;
  uint64_t first = 0;
  int round;
  CHECK_ADD_JOB(graph, &options);
  b.all = &all;
  b.letter = 'b';
  options = check_function("b", write_letter, &b);
  CHECK_ADD_JOB(graph, &options);
  for (round = 0; round < 2; ++round) {
    memset(&all.log, 0, sizeof(all.log));
    result = CHECK_RUN(graph, pool, 0, LIBSCHED_OK);
    CHECK_STR(all.log.text, "bl");
    CHECK_EQ(check_summary(result).done, 3);
    CHECK_STR(check_result(result, all.late).name, "late");
    CHECK(all.late != first);
    first = all.late;
    libsched_result_unref(result);
  }
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int use_own_graph(libsched_job *job, void *data) {
  uint64_t found = 0;
  (void)job;
  CHECK_STATUS(libsched_graph_find(&found, (libsched_graph *)data, "x"), LIBSCHED_E_BUSY);
  CHECK_STATUS(libsched_graph_reset((libsched_graph *)data), LIBSCHED_E_BUSY);
  return 0;
}

CASE(a_graph_that_runs_is_in_use) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function("x", use_own_graph, graph);
  CHECK_ADD_JOB(graph, &options);
  libsched_result_unref(CHECK_RUN(graph, pool, 0, LIBSCHED_OK));
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(traces_show_each_job) {
  static char text[20000];
  char path[] = "/tmp/libsched-trace-XXXXXX";
  work all = {{"", 0}, 0, 0, CHECK_EVENT_INIT, 0};
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function("say \"x\"\n", come_and_go, &all);
  libsched_result *result;
  const char *at;
  FILE *file;
  int fd = mkstemp(path);
  int count = 0;
  int i;
  CHECK(fd >= 0);
  CHECK_ADD_JOB(graph, &options);
  options.name = 0;
  for (i = 0; i < 9; ++i) CHECK_ADD_JOB(graph, &options);
  options.flags = LIBSCHED_JOB_FRESH;
  CHECK_ADD_JOB(graph, &options);
  result = CHECK_RUN(graph, pool, 0, LIBSCHED_OK);
  CHECK_OK(libsched_result_write_trace(result, path, 0));
  file = fdopen(fd, "r");
  CHECK(fread(text, 1, sizeof(text) - 1, file) != 0);
  fclose(file);
  for (at = text; (at = strstr(at, "\"ph\":\"X\"")) != 0; ++at) ++count;
  CHECK_EQ(count, 10);
  CHECK(strstr(text, "\"name\":\"say \\\"x\\\"\\u000a\"") != 0);
  CHECK(strstr(text, "\"name\":\"#10\"") != 0);
  CHECK_EQ(strncmp(text, "{\"displayTimeUnit\"", 18), 0);
  CHECK_STR(text + strlen(text) - 4, "\n]}\n");
  CHECK_STATUS(libsched_result_write_trace(result, "/nonexistent/x", 0), -ENOENT);
  CHECK_EQ(unlink(path), 0);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(a_trace_for_a_full_disk_is_an_error) {
  libsched_graph *graph = check_graph_new();
  libsched_error *error = 0;
  libsched_result *result = CHECK_RUN(graph, 0, 0, LIBSCHED_OK);
  if (access("/dev/full", W_OK) != 0) check_skip("there is no /dev/full");
  CHECK_STATUS(libsched_result_write_trace(result, "/dev/full", &error), -ENOSPC);
  CHECK(strstr(libsched_error_message(error), "/dev/full") != 0);
  libsched_error_free(error);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
}

static int add_one(libsched_job *job, void *data) {
  libsched_job_options options = LIBSCHED_JOB_OPTIONS_INIT;
  uint64_t added = 0;
  options.name = "late";
  options.user_data = data;
  options.discard = check_count_discard;
  CHECK_OK(libsched_run_add(&added, libsched_job_run(job), &options, 0, 0, 0));
  return 0;
}

CASE(reset_forgets_the_jobs_of_the_run) {
  int64_t discarded = 0;
  uint64_t found = 0;
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function("adds", add_one, &discarded);
  int round;
  CHECK_ADD_JOB(graph, &options);
  for (round = 0; round < 3; ++round) {
    libsched_result *result = CHECK_RUN(graph, pool, 0, LIBSCHED_OK);
    CHECK_EQ(check_summary(result).done, 2);
    libsched_result_unref(result);
    CHECK_OK(libsched_graph_find(&found, graph, "late"));
    CHECK_EQ(discarded, round);
    if (round == 1) continue;
    CHECK_OK(libsched_graph_reset(graph));
    CHECK_EQ(discarded, round + 1);
    CHECK_STATUS(libsched_graph_find(&found, graph, "late"), LIBSCHED_E_EMPTY);
  }
  libsched_graph_unref(graph);
  CHECK_EQ(discarded, 3);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

typedef struct holder {
  libsched_run *run;
  check_event held;
  check_event ended;
  work all;
  step letter;
} holder;

static int hold_run(libsched_job *job, void *data) {
  holder *it = (holder *)data;
  it->run = libsched_job_run(job);
  CHECK_OK(libsched_run_hold(it->run));
  check_event_add(&it->held, 1);
  return 0;
}

static void *add_from_outside(void *data) {
  holder *it = (holder *)data;
  libsched_job_options options = check_function(0, write_letter, &it->letter);
  uint64_t job = 0;
  int i;
  CHECK_AWAIT(&it->held, 1);
  for (i = 0; i < 5; ++i) {
    CHECK_OK(libsched_run_add(&job, it->run, &options, 0, 0, 0));
    CHECK_UNTIL(CHECK_GET(it->all.log.length) == i + 1);
  }
  libsched_run_release(it->run);
  return 0;
}

CASE(a_run_can_be_held_open) {
  holder it;
  check_event event = CHECK_EVENT_INIT;
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function(0, hold_run, &it);
  libsched_result *result;
  pthread_t thread;
  memset(&it, 0, sizeof(it));
  it.held = event;
  it.letter.all = &it.all;
  it.letter.letter = 'x';
  CHECK_ADD_JOB(graph, &options);
  CHECK_EQ(pthread_create(&thread, 0, add_from_outside, &it), 0);
  result = CHECK_RUN(graph, pool, 0, LIBSCHED_OK);
  CHECK_EQ(pthread_join(thread, 0), 0);
  CHECK_STR(it.all.log.text, "xxxxx");
  CHECK_EQ(check_summary(result).done, 6);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int note_end(const libsched_run_message *message, void *data) {
  if (message->kind == LIBSCHED_MESSAGE_FINISHED) check_event_add(&((holder *)data)->ended, 1);
  return 0;
}

static void *cancel_from_outside(void *data) {
  holder *it = (holder *)data;
  libsched_job_options options = check_function(0, write_letter, &it->letter);
  uint64_t job = 0;
  CHECK_AWAIT(&it->ended, 1);
  CHECK_OK(libsched_run_cancel(it->run));
  CHECK_STATUS(libsched_run_add(&job, it->run, &options, 0, 0, 0), LIBSCHED_E_CANCELLED);
  libsched_run_release(it->run);
  return 0;
}

/* Also when all its jobs have ended. */
CASE(a_held_run_can_be_cancelled) {
  holder it;
  check_event event = CHECK_EVENT_INIT;
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_graph *graph = check_graph_new();
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_job_options options = check_function(0, hold_run, &it);
  pthread_t thread;
  memset(&it, 0, sizeof(it));
  it.held = event;
  it.ended = event;
  how.handler = note_end;
  how.handler_data = &it;
  CHECK_ADD_JOB(graph, &options);
  thread = check_spawn(cancel_from_outside, &it);
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_E_CANCELLED));
  CHECK_EQ(pthread_join(thread, 0), 0);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int cancel_own_run(libsched_job *job, void *data) {
  ++*(int *)data;
  CHECK_OK(libsched_run_cancel(libsched_job_run(job)));
  return 0;
}

CASE(fresh_jobs_are_cancelled_too) {
  int calls = 0;
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function(0, cancel_own_run, &calls);
  int i;
  options.flags = LIBSCHED_JOB_FRESH;
  for (i = 0; i < 10; ++i) CHECK_ADD_JOB(graph, &options);
  libsched_result_unref(CHECK_RUN(graph, 0, 0, LIBSCHED_E_CANCELLED));
  CHECK_EQ(calls, 1);
  libsched_graph_unref(graph);
}

static int signal_at_start(const libsched_run_message *message, void *data) {
  if (message->kind != LIBSCHED_MESSAGE_STARTED) return 0;
  CHECK_OK(libsched_run_signal_early(message->run, message->job));
  check_gate_open((check_gate *)data);
  return 0;
}

/* It is at work when the handler hears of it, and begins when the pool has a worker. */
CASE(times_are_in_order_where_the_handler_signals) {
  work all = {{"", 0}, 0, 0, CHECK_EVENT_INIT, 0};
  check_gate gate = CHECK_GATE_INIT;
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_graph *graph = check_graph_new();
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_job_options options = check_function(0, come_and_go, &all);
  uint64_t job = CHECK_ADD_JOB(graph, &options);
  libsched_job_result one;
  libsched_result *result;
  check_gate_hold(&gate, pool, 1);
  how.handler = signal_at_start;
  how.handler_data = &gate;
  result = CHECK_RUN(graph, pool, &how, LIBSCHED_OK);
  one = check_result(result, job);
  CHECK_LE(one.token_ns, one.start_ns);
  CHECK_LE(one.start_ns, one.early_ns);
  CHECK_LE(one.early_ns, one.end_ns);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASES = {RUN(jobs_run_after_what_they_wait_for),
         RUN(the_longest_path_goes_first),
         RUN(no_more_than_the_slots_are_at_work),
         RUN(a_chain_of_a_million_fresh_jobs_ends),
         RUN(early_signals_let_dependents_start),
         RUN(running_jobs_add_others),
         RUN(a_graph_that_runs_is_in_use),
         RUN(traces_show_each_job),
         RUN(a_trace_for_a_full_disk_is_an_error),
         RUN(reset_forgets_the_jobs_of_the_run),
         RUN(a_run_can_be_held_open),
         RUN(a_held_run_can_be_cancelled),
         RUN(fresh_jobs_are_cancelled_too),
         RUN(times_are_in_order_where_the_handler_signals),
         CASES_END};
