/* Runs of graphs whose jobs are commands. */
#include "check_graph.h"
/* It goes first: check.h sets the feature macros. */
#include <signal.h>

typedef struct heard {
  char text[2000];
  int again;
  char why[200];
} heard;

static int hear(const libsched_run_message *message, void *data) {
  heard *it = (heard *)data;
  size_t at = strlen(it->text);
  CHECK_LE(at + message->size + 20, sizeof(it->text));
  if (message->kind == LIBSCHED_MESSAGE_STDOUT || message->kind == LIBSCHED_MESSAGE_STDERR) {
    sprintf(it->text + at, "%s%s%.*s ", message->name,
            message->kind == LIBSCHED_MESSAGE_STDOUT ? ":" : "!", (int)message->size,
            (const char *)message->data);
  }
  if (message->kind == LIBSCHED_MESSAGE_FINISHED && message->size != 0) {
    CHECK_LE(message->size, sizeof(it->why) - 1);
    memcpy(it->why, message->data, message->size);
  }
  if (message->kind == LIBSCHED_MESSAGE_AGAIN) ++it->again;
  if (message->size == 5 && memcmp(message->data, "early", 5) == 0) {
    CHECK_OK(libsched_run_signal_early(message->run, message->job));
  }
  return 0;
}

static libsched_run_options heard_by(heard *it) {
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  memset(it, 0, sizeof(*it));
  how.handler = hear;
  how.handler_data = it;
  how.slots = 2;
  return how;
}

CASE(commands_run_in_order_and_are_heard) {
  heard it;
  libsched_run_options how = heard_by(&it);
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_shell("a", "echo one; echo two >&2");
  libsched_result *result;
  uint64_t a = CHECK_ADD_JOB(graph, &options);
  uint64_t b;
  options = check_shell("b", "printf three");
  b = CHECK_ADD_JOB(graph, &options);
  CHECK_DEPEND(graph, b, a);
  result = CHECK_RUN(graph, 0, &how, LIBSCHED_OK);
  CHECK(strstr(it.text, "a:one ") != 0);
  CHECK(strstr(it.text, "a!two ") != 0);
  CHECK_STR(strstr(it.text, "b"), "b:three ");
  CHECK_EQ(check_summary(result).done, 2);
  CHECK_LE(check_result(result, a).end_ns, check_result(result, b).start_ns);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
}

CASE(output_is_grouped_by_job) {
  heard it;
  libsched_run_options how = heard_by(&it);
  libsched_graph *graph = check_graph_new();
  libsched_job_options options;
  int i;
  how.output = LIBSCHED_OUTPUT_GROUP;
  options = check_shell("a", "for i in 1 2 3 4 5 6 7 8 9; do echo $i; sleep 0.01; done");
  CHECK_ADD_JOB(graph, &options);
  options.name = "b";
  CHECK_ADD_JOB(graph, &options);
  for (i = 0; i < 2; ++i) {
    libsched_result_unref(CHECK_RUN(graph, 0, &how, LIBSCHED_OK));
    CHECK(strstr(it.text, "a:1 a:2 a:3 a:4 a:5 a:6 a:7 a:8 a:9 ") != 0);
    CHECK(strstr(it.text, "b:1 b:2 b:3 b:4 b:5 b:6 b:7 b:8 b:9 ") != 0);
    memset(it.text, 0, sizeof(it.text));
  }
  how.group_bytes = 1; /* nothing fits */
  libsched_result_unref(CHECK_RUN(graph, 0, &how, LIBSCHED_OK));
  CHECK_EQ(strlen(it.text), 18 * 4);
  libsched_graph_unref(graph);
}

CASE(commands_that_fail_are_told_of) {
  static const char *missing[] = {"/nonexistent/program", 0};
  heard it;
  libsched_run_options how = heard_by(&it);
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_shell("code", "exit 3");
  libsched_result *result;
  uint64_t jobs[4];
  options.retries = 1;
  jobs[0] = CHECK_ADD_JOB(graph, &options);
  options = check_shell("signal", "kill -9 $$");
  jobs[1] = CHECK_ADD_JOB(graph, &options);
  options = check_shell("time", "sleep 100");
  options.timeout_ns = 20000000;
  jobs[2] = CHECK_ADD_JOB(graph, &options);
  options = check_shell("none", "");
  options.flags = 0;
  options.argv = missing;
  jobs[3] = CHECK_ADD_JOB(graph, &options);
  how.max_failures = LIBSCHED_KEEP_GOING;
  result = CHECK_RUN(graph, 0, &how, LIBSCHED_E_FAILED);
  CHECK_EQ(check_summary(result).failed, 4);
  CHECK_EQ(check_result(result, jobs[0]).code, 3);
  CHECK_EQ(check_result(result, jobs[0]).attempts, 2);
  CHECK_EQ(it.again, 1);
  CHECK_EQ(check_result(result, jobs[1]).signal, SIGKILL);
  CHECK_EQ(check_result(result, jobs[2]).code, LIBSCHED_E_TIMEOUT);
  CHECK_EQ(check_result(result, jobs[3]).code, -ENOENT);
  CHECK(strstr(it.why, "/nonexistent/program") != 0);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
}

CASE(handlers_signal_early_for_commands) {
  heard it;
  libsched_run_options how = heard_by(&it);
  libsched_graph *graph = check_graph_new();
  char path[] = "/tmp/libsched-early-XXXXXX";
  char command[200];
  libsched_job_options options;
  uint64_t lib;
  uint64_t app;
  CHECK(mkdtemp(path) != 0);
  sprintf(command, "echo early; while ! [ -e %s/x ]; do sleep 0.01; done", path);
  options = check_shell("lib", command);
  lib = CHECK_ADD_JOB(graph, &options);
  sprintf(command, "> %s/x", path);
  options = check_shell("app", command);
  app = CHECK_ADD_JOB(graph, &options);
  CHECK_OK(libsched_graph_depend(graph, app, lib, LIBSCHED_EARLY, 0));
  libsched_result_unref(CHECK_RUN(graph, 0, &how, LIBSCHED_OK));
  libsched_graph_unref(graph);
  sprintf(command, "%s/x", path);
  CHECK_EQ(unlink(command), 0);
  CHECK_EQ(rmdir(path), 0);
}

static int cancel_at_start(const libsched_run_message *message, void *data) {
  (void)data;
  return message->kind == LIBSCHED_MESSAGE_STDOUT ? libsched_run_cancel(message->run) : 0;
}

CASE(commands_at_work_are_stopped) {
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_shell("a", "echo here; sleep 1000");
  libsched_result *result;
  uint64_t job = CHECK_ADD_JOB(graph, &options);
  how.slots = 1;
  how.handler = cancel_at_start;
  options.name = "b";
  CHECK_ADD_JOB(graph, &options);
  result = CHECK_RUN(graph, 0, &how, LIBSCHED_E_CANCELLED);
  CHECK_STATE(result, job, LIBSCHED_JOB_IS_CANCELLED);
  CHECK_EQ(check_result(result, job).signal, SIGTERM);
  CHECK_EQ(check_summary(result).cancelled, 2);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
}

static int cancel_at_third(const libsched_run_message *message, void *data) {
  if (message->kind != LIBSCHED_MESSAGE_STDOUT || ++*(int *)data != 3) return 0;
  return libsched_run_cancel(message->run);
}

CASE(all_commands_at_work_are_stopped) {
  int heard_of = 0;
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_shell(0, "echo here; exec sleep 1000");
  libsched_result *result;
  int i;
  for (i = 0; i < 3; ++i) CHECK_ADD_JOB(graph, &options);
  how.slots = 3;
  how.handler = cancel_at_third;
  how.handler_data = &heard_of;
  result = CHECK_RUN(graph, 0, &how, LIBSCHED_E_CANCELLED);
  CHECK_EQ(check_summary(result).cancelled, 3);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
}

CASE(commands_are_told_where_and_with_what) {
  static const char *argv[] = {"/bin/sh", "-c", "pwd; echo $X", 0};
  static const char *envp[] = {"X=y", 0};
  heard it;
  libsched_run_options how = heard_by(&it);
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = LIBSCHED_JOB_OPTIONS_INIT;
  options.argv = argv;
  options.envp = envp;
  options.cwd = "/usr";
  CHECK_ADD_JOB(graph, &options);
  libsched_result_unref(CHECK_RUN(graph, 0, &how, LIBSCHED_OK));
  CHECK_STR(it.text, ":/usr :y ");
  libsched_graph_unref(graph);
}

CASE(many_commands_end) {
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_shell(0, ":");
  libsched_result *result;
  int i;
  for (i = 0; i < 200; ++i) CHECK_ADD_JOB(graph, &options);
  how.slots = 8;
  result = CHECK_RUN(graph, 0, &how, LIBSCHED_OK);
  CHECK_EQ(check_summary(result).done, 200);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
}

static int trigger_later(const libsched_run_message *message, void *data) {
  static int calls;
  if (message->kind == LIBSCHED_MESSAGE_STDOUT && ++calls == 100) {
    CHECK_OK(libsched_cancel_trigger((libsched_cancel *)data));
  }
  return 0;
}

CASE(commands_that_say_much_can_be_cancelled) {
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_shell("a", "exec yes");
  libsched_cancel *cancel = 0;
  CHECK_ADD_JOB(graph, &options);
  CHECK_OK(libsched_cancel_create(&cancel));
  how.handler = trigger_later;
  how.handler_data = cancel;
  CHECK_STATUS(libsched_graph_run(0, graph, 0, &how, cancel, 0), LIBSCHED_E_CANCELLED);
  libsched_cancel_unref(cancel);
  libsched_graph_unref(graph);
}

static int unref_once(const libsched_run_message *message, void *data) {
  libsched_pool **pool = (libsched_pool **)data;
  (void)message;
  libsched_pool_unref(*pool);
  *pool = 0;
  return 0;
}

static int do_nothing(libsched_job *job, void *data) {
  (void)job;
  (void)data;
  return 0;
}

CASE(the_pool_may_be_let_go_of) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_graph *graph = check_graph_new();
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_job_options options = check_shell("before", ":");
  uint64_t before = CHECK_ADD_JOB(graph, &options);
  uint64_t after;
  options = check_function("after", do_nothing, 0);
  after = CHECK_ADD_JOB(graph, &options);
  CHECK_DEPEND(graph, after, before);
  how.handler = unref_once;
  how.handler_data = &pool;
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_OK));
  CHECK_EQ(check_live(LIBSCHED_KIND_POOL), 0);
  libsched_graph_unref(graph);
}

static int open_behind_command(const libsched_run_message *message, void *data) {
  if (message->kind != LIBSCHED_MESSAGE_FINISHED || strcmp(message->name, "second") != 0) return 0;
  check_gate_open((check_gate *)data);
  return 0;
}

/* What fills the pool waits for a command. */
CASE(a_full_pool_holds_up_no_command) {
  check_gate gate = CHECK_GATE_INIT;
  int64_t count = 0;
  libsched_pool *pool = check_pool_new(1, 1);
  libsched_graph *graph = check_graph_new();
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_job_options options = check_function("function", do_nothing, 0);
  uint64_t first;
  uint64_t second;
  options.priority = LIBSCHED_HIGH;
  CHECK_ADD_JOB(graph, &options);
  options = check_shell("first", ":");
  first = CHECK_ADD_JOB(graph, &options);
  options = check_shell("second", ":");
  second = CHECK_ADD_JOB(graph, &options);
  CHECK_DEPEND(graph, second, first);
  check_gate_hold(&gate, pool, 1);
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, check_count_run, &count, 0));
  how.slots = 2;
  how.handler = open_behind_command;
  how.handler_data = &gate;
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_OK));
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int add_with_timeout(libsched_job *job, void *data) {
  libsched_job_options options = check_shell("late", ":");
  uint64_t added = 0;
  (void)data;
  options.timeout_ns = (int64_t)1000 * 1000000000;
  CHECK_OK(libsched_run_add(&added, libsched_job_run(job), &options, 0, 0, 0));
  options = check_function("function", do_nothing, 0);
  options.timeout_ns = (int64_t)1000 * 1000000000;
  CHECK_STATUS(libsched_run_add(&added, libsched_job_run(job), &options, 0, 0, 0),
               LIBSCHED_E_STATE);
  return 0;
}

CASE(commands_with_a_timeout_may_be_added) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function("adds", add_with_timeout, 0);
  libsched_result *result;
  CHECK_ADD_JOB(graph, &options);
  result = CHECK_RUN(graph, pool, 0, LIBSCHED_OK);
  CHECK_EQ(check_summary(result).done, 2);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int cancel_thread(const libsched_run_message *message, void *data) {
  (void)message;
  if (!*(int *)data) CHECK_EQ(pthread_cancel(pthread_self()), 0);
  *(int *)data = 1;
  return 0;
}

static void *run_and_be_cancelled(void *data) {
  int cancelled = 0;
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  how.handler = cancel_thread;
  how.handler_data = &cancelled;
  CHECK_OK(libsched_graph_run(0, (libsched_graph *)data, 0, &how, 0, 0));
  pthread_testcancel();
  check_fail(__FILE__, __LINE__, "the thread has ended");
  return 0;
}

/* Wherever it notices that. */
CASE(the_thread_that_runs_commands_may_be_cancelled) {
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_shell("a", ":");
  void *out = 0;
  CHECK_ADD_JOB(graph, &options);
  CHECK_EQ(pthread_join(check_spawn(run_and_be_cancelled, graph), &out), 0);
  CHECK_PTR(out, PTHREAD_CANCELED);
  libsched_result_unref(CHECK_RUN(graph, 0, 0, LIBSCHED_OK));
  libsched_graph_unref(graph);
}

CASES = {RUN(commands_run_in_order_and_are_heard),
         RUN(output_is_grouped_by_job),
         RUN(commands_that_fail_are_told_of),
         RUN(handlers_signal_early_for_commands),
         RUN(commands_at_work_are_stopped),
         RUN(all_commands_at_work_are_stopped),
         RUN(commands_are_told_where_and_with_what),
         RUN(commands_that_say_much_can_be_cancelled),
         RUN(many_commands_end),
         RUN(the_pool_may_be_let_go_of),
         RUN(a_full_pool_holds_up_no_command),
         RUN(commands_with_a_timeout_may_be_added),
         RUN(the_thread_that_runs_commands_may_be_cancelled),
         CASES_END};
