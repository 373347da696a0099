/* How a graph is built, and what is found to be wrong with it. */
#include "check_graph.h"

static int do_nothing(libsched_job *job, void *data) {
  (void)job;
  (void)data;
  return 0;
}

static void check_refused(libsched_graph *graph, const libsched_job_options *options, int status) {
  uint64_t job = 77;
  CHECK_STATUS(libsched_graph_add(&job, graph, options, 0), status);
  CHECK_EQ(job, 77);
}

CASE(jobs_have_numbers_of_their_own) {
  libsched_graph *one = check_graph_new();
  libsched_graph *other = check_graph_new();
  libsched_job_options options = check_function("a", do_nothing, 0);
  uint64_t a = CHECK_ADD_JOB(one, &options);
  uint64_t b = CHECK_ADD_JOB(other, &options);
  uint64_t found = 0;
  CHECK(a != b);
  CHECK_OK(libsched_graph_find(&found, one, "a"));
  CHECK_EQ(found, a);
  CHECK_STATUS(libsched_graph_find(&found, one, "b"), LIBSCHED_E_EMPTY);
  CHECK_STATUS(libsched_graph_depend(one, a, b, LIBSCHED_FINISHED, 0), LIBSCHED_E_STALE);
  CHECK_STATUS(libsched_graph_depend(one, LIBSCHED_NO_JOB, a, LIBSCHED_FINISHED, 0),
               LIBSCHED_E_STALE);
  libsched_graph_unref(one);
  libsched_graph_unref(other);
}

CASE(wrong_jobs_are_refused) {
  static const char *none[] = {0};
  static const char *argv[] = {"true", 0};
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function(0, do_nothing, 0);
  uint64_t job = 0;
  options.priority = 3;
  check_refused(graph, &options, LIBSCHED_E_RANGE);
  options = check_function(0, do_nothing, 0);
  options.limit_class = 1;
  check_refused(graph, &options, LIBSCHED_E_RANGE);
  options = check_function(0, do_nothing, 0);
  options.timeout_ns = -1;
  check_refused(graph, &options, LIBSCHED_E_RANGE);
  options = check_function(0, do_nothing, 0);
  options.argv = argv;
  check_refused(graph, &options, LIBSCHED_E_RANGE);
  options = check_function(0, 0, 0);
  options.argv = none;
  check_refused(graph, &options, LIBSCHED_E_NULL);
  options = check_function(0, do_nothing, 0);
  options.flags = 4;
  check_refused(graph, &options, LIBSCHED_E_FLAGS);
  check_refused(graph, 0, LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_graph_add(0, graph, &options, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_graph_add(&job, 0, &options, 0), LIBSCHED_E_NULL);
  libsched_graph_unref(graph);
}

CASE(cycles_are_told_by_their_names) {
  libsched_graph *graph = check_graph_new();
  libsched_result *result = (libsched_result *)UNTOUCHED;
  libsched_error *error = 0;
  libsched_job_options options = check_function("a", 0, 0);
  uint64_t a = CHECK_ADD_JOB(graph, &options);
  uint64_t b;
  options.name = "b";
  b = CHECK_ADD_JOB(graph, &options);
  CHECK_DEPEND(graph, a, b);
  CHECK_OK(libsched_graph_depend(graph, b, a, LIBSCHED_EARLY, 0));
  CHECK_STATUS(libsched_graph_run(&result, graph, 0, 0, 0, &error), LIBSCHED_E_CYCLE);
  CHECK(result == 0);
  CHECK(strstr(libsched_error_message(error), "a -> b -> a") != 0);
  CHECK_EQ(libsched_error_offset(error), 0);
  libsched_error_free(error);
  libsched_graph_unref(graph);
}

CASE(names_may_come_later_but_must_come) {
  libsched_graph *graph = check_graph_new();
  libsched_error *error = 0;
  libsched_job_options options = check_function("app", 0, 0);
  CHECK_OK(libsched_graph_depend_name(graph, "app", "lib", LIBSCHED_FINISHED, 0));
  options.name = 0;
  CHECK_ADD_JOB(graph, &options);
  options.name = "app";
  CHECK_ADD_JOB(graph, &options);
  CHECK_STATUS(libsched_graph_freeze(graph, &error), -ENOENT);
  CHECK(strstr(libsched_error_message(error), "\"lib\"") != 0);
  CHECK_EQ(libsched_error_offset(error), 1);
  libsched_error_free(error);
  options.name = "lib";
  CHECK_ADD_JOB(graph, &options);
  CHECK_OK(libsched_graph_freeze(graph, 0));
  CHECK_OK(libsched_graph_freeze(graph, 0));
  check_refused(graph, &options, LIBSCHED_E_STATE);
  CHECK_STATUS(libsched_graph_depend_name(graph, "lib", "new", LIBSCHED_FINISHED, 0),
               LIBSCHED_E_STATE);
  libsched_graph_unref(graph);
}

CASE(names_are_used_once) {
  libsched_graph *graph = check_graph_new();
  libsched_error *error = 0;
  libsched_job_options options = check_function("a", 0, 0);
  CHECK_ADD_JOB(graph, &options);
  options.name = "x";
  CHECK_ADD_JOB(graph, &options);
  options.name = "a";
  CHECK_ADD_JOB(graph, &options);
  CHECK_ADD_JOB(graph, &options);
  CHECK_STATUS(libsched_graph_freeze(graph, &error), -EEXIST);
  CHECK_EQ(libsched_error_offset(error), 2);
  libsched_error_free(error);
  libsched_graph_unref(graph);
}

CASE(data_is_discarded_once) {
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = LIBSCHED_JOB_OPTIONS_INIT;
  int64_t count = 0;
  int i;
  options.user_data = &count;
  options.discard = check_count_discard;
  for (i = 0; i < 10; ++i) CHECK_ADD_JOB(graph, &options);
  options.priority = 9;
  check_refused(graph, &options, LIBSCHED_E_RANGE);
  libsched_result_unref(CHECK_RUN(graph, 0, 0, LIBSCHED_OK));
  CHECK_EQ(count, 0);
  libsched_graph_ref(graph);
  libsched_graph_unref(graph);
  CHECK_EQ(count, 0);
  libsched_graph_unref(graph);
  CHECK_EQ(count, 10);
}

typedef struct leaver {
  libsched_graph *graph;
  int64_t discards;
} leaver;

static void discard_and_leave(void *data) {
  check_count_discard(&((leaver *)data)->discards);
  pthread_exit(0);
}

static void discard_one(void *data) { check_count_discard(&((leaver *)data)->discards); }

/* The second of three jobs' discards ends its thread. */
static void make_leaver(leaver *it) {
  libsched_job_options options = LIBSCHED_JOB_OPTIONS_INIT;
  int i;
  it->graph = check_graph_new();
  it->discards = 0;
  options.user_data = it;
  for (i = 0; i < 3; ++i) {
    options.discard = i == 1 ? discard_and_leave : discard_one;
    CHECK_ADD_JOB(it->graph, &options);
  }
}

static void *unref_graph(void *data) {
  libsched_graph_unref(((leaver *)data)->graph);
  check_fail(__FILE__, __LINE__, "the thread has ended");
  return 0;
}

CASE(a_discard_that_ends_its_thread_leaves_none_out) {
  leaver it;
  make_leaver(&it);
  CHECK_EQ(pthread_join(check_spawn(unref_graph, &it), 0), 0);
  CHECK_EQ(it.discards, 3);
  CHECK_EQ(check_live(LIBSCHED_KIND_GRAPH), 0);
}

static int unref_when_told(const libsched_run_message *message, void *data) {
  leaver *it = (leaver *)data;
  (void)message;
  libsched_graph_unref(it->graph);
  it->graph = 0;
  return 0;
}

static void *run_graph(void *data) {
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  how.handler = unref_when_told;
  how.handler_data = data;
  CHECK_OK(libsched_graph_run(0, ((leaver *)data)->graph, 0, &how, 0, 0));
  check_fail(__FILE__, __LINE__, "the thread has ended");
  return 0;
}

CASE(the_end_of_a_run_may_end_the_thread) {
  leaver it;
  make_leaver(&it);
  CHECK_EQ(pthread_join(check_spawn(run_graph, &it), 0), 0);
  CHECK_EQ(it.discards, 3);
  CHECK_EQ(check_live(LIBSCHED_KIND_GRAPH), 0);
}

CASES = {RUN(jobs_have_numbers_of_their_own),
         RUN(wrong_jobs_are_refused),
         RUN(cycles_are_told_by_their_names),
         RUN(names_may_come_later_but_must_come),
         RUN(names_are_used_once),
         RUN(data_is_discarded_once),
         RUN(a_discard_that_ends_its_thread_leaves_none_out),
         RUN(the_end_of_a_run_may_end_the_thread),
         CASES_END};
