/* Runs whose commands are clients of a jobserver: the run's own one, or each a broker of it. */
#include "check_graph.h"
/* It goes first: check.h sets the feature macros. */
#include "check_jobserver.h"

/* The command `script` in a run of its own; `jobserver` is still what it was before. */
static void run_script(const char *script, libsched_jobserver *jobserver, uint64_t flags,
                       int wanted, int32_t signal) {
  libsched_graph *graph = check_graph_new();
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_job_options options = check_shell("a", script);
  libsched_result *result;
  uint64_t job;
  options.timeout_ns = CHECK_PATIENCE_NS;
  job = CHECK_ADD_JOB(graph, &options);
  how.flags = flags;
  how.slots = 3;
  how.jobserver = jobserver;
  result = CHECK_RUN(graph, 0, &how, wanted);
  CHECK_EQ(check_result(result, job).signal, signal);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
}

/* Takes a token beside that of its job, and is killed. */
static const char *const take_and_die =
    "auth=${MAKEFLAGS##*--jobserver-auth=}; auth=${auth%% *}; "
    "dd bs=1 count=1 of=/dev/null < /dev/fd/${auth%%,*} 2> /dev/null && kill -9 $$";

CASE(tokens_of_a_killed_command_are_back) {
  libsched_jobserver *jobserver = check_serve(3, LIBSCHED_JOBSERVER_PIPE, 0);
  run_script(take_and_die, jobserver, LIBSCHED_RUN_BROKERS, LIBSCHED_E_FAILED, SIGKILL);
  CHECK_UNTIL(check_stats(jobserver).available == 2);
  CHECK_EQ(check_stats(jobserver).brokered, 0);
  CHECK_EQ(check_stats(jobserver).held, 0);
  libsched_jobserver_unref(jobserver);
}

CASE(tokens_are_lost_with_a_command_without_a_broker) {
  libsched_jobserver *jobserver = check_serve(3, LIBSCHED_JOBSERVER_PIPE, 0);
  run_script(take_and_die, jobserver, 0, LIBSCHED_E_FAILED, SIGKILL);
  CHECK_EQ(check_stats(jobserver).available, 1);
  libsched_jobserver_unref(jobserver);
}

/* Two jobs of which neither ends before the other has begun: make has to get a token for one of them. */
static const char *const make_two =
    "dir=$(mktemp -d) && mkfifo \"$dir/gate\" || exit 1; "
    "printf 'all: a b\\na:\\n\\t@read x < %s/gate\\nb:\\n\\t@echo x > %s/gate\\n' "
    "\"$dir\" \"$dir\" | make -f - all; code=$?; rm -r \"$dir\"; exit $code";

static void check_make(uint64_t flags) {
  libsched_jobserver *jobserver;
  if (system("make --version > /dev/null 2>&1") != 0) check_skip("there is no make");
  jobserver = check_serve(3, LIBSCHED_JOBSERVER_PIPE, 0);
  run_script(make_two, jobserver, flags, LIBSCHED_OK, 0);
  CHECK_UNTIL(check_stats(jobserver).available == 2);
  CHECK_EQ(check_stats(jobserver).brokered, 0);
  libsched_jobserver_unref(jobserver);
}

CASE(makes_join_the_jobserver) { check_make(0); }
CASE(makes_join_brokers) { check_make(LIBSCHED_RUN_BROKERS); }

static int hear(const libsched_run_message *message, void *data) {
  char *heard = (char *)data;
  if (message->kind == LIBSCHED_MESSAGE_STDOUT) {
    CHECK_LE(message->size, 99);
    memcpy(heard, message->data, message->size);
    heard[message->size] = 0;
  }
  return 0;
}

CASE(each_command_has_one_of_its_own) {
  char heard[100] = "";
  libsched_jobserver *jobserver = check_serve(3, LIBSCHED_JOBSERVER_PIPE, 0);
  libsched_graph *graph = check_graph_new();
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_job_options options = check_shell("a", "echo \"$MAKEFLAGS\"");
  CHECK_ADD_JOB(graph, &options);
  how.flags = LIBSCHED_RUN_BROKERS;
  how.jobserver = jobserver;
  how.handler = hear;
  how.handler_data = heard;
  libsched_result_unref(CHECK_RUN(graph, 0, &how, LIBSCHED_OK));
  CHECK(strstr(heard, "--jobserver-auth=") != 0);
  CHECK(strcmp(heard, libsched_jobserver_makeflags(jobserver)) != 0);
  libsched_graph_unref(graph);
  libsched_jobserver_unref(jobserver);
}

CASE(commands_run_where_there_is_no_jobserver) {
  libsched_jobserver *jobserver = check_inherit("", 0, 0);
  run_script(":", jobserver, LIBSCHED_RUN_BROKERS, LIBSCHED_OK, 0);
  libsched_jobserver_unref(jobserver);
}

CASE(brokers_need_a_jobserver) {
  libsched_graph *graph = check_graph_new();
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_result *result = (libsched_result *)UNTOUCHED;
  how.flags = LIBSCHED_RUN_BROKERS;
  CHECK_STATUS(libsched_graph_run(&result, graph, 0, &how, 0, 0), LIBSCHED_E_NULL);
  CHECK(result == 0);
  libsched_graph_unref(graph);
}

CASES = {RUN(tokens_of_a_killed_command_are_back),
         RUN(tokens_are_lost_with_a_command_without_a_broker),
         RUN(makes_join_the_jobserver),
         RUN(makes_join_brokers),
         RUN(each_command_has_one_of_its_own),
         RUN(commands_run_where_there_is_no_jobserver),
         RUN(brokers_need_a_jobserver),
         CASES_END};
