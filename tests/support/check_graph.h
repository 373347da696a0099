/**
 * Graphs and runs for the C tests.
 */
#ifndef CHECK_GRAPH_H
#define CHECK_GRAPH_H

#include "check_pool.h"

CHECK_HELPER libsched_graph *check_graph_new(void) {
  libsched_graph *graph = 0;
  CHECK_OK(libsched_graph_create(&graph, 0, 0));
  CHECK(graph != 0);
  return graph;
}

CHECK_HELPER uint64_t check_graph_add(const char *file, int line, libsched_graph *graph,
                                      const libsched_job_options *options) {
  uint64_t job = LIBSCHED_NO_JOB;
  check_status(file, line, "libsched_graph_add", libsched_graph_add(&job, graph, options, 0),
               LIBSCHED_OK);
  CHECK(job != LIBSCHED_NO_JOB);
  return job;
}
#define CHECK_ADD_JOB(graph, options) check_graph_add(__FILE__, __LINE__, (graph), (options))

/** A job with a function. */
CHECK_HELPER libsched_job_options check_function(const char *name, libsched_job_fn fn, void *data) {
  libsched_job_options options = LIBSCHED_JOB_OPTIONS_INIT;
  options.name = name;
  options.fn = fn;
  options.user_data = data;
  return options;
}

/** A job that is a command of the shell. */
CHECK_HELPER libsched_job_options check_shell(const char *name, const char *command) {
  static const char *argv[16][2];
  static int next;
  libsched_job_options options = LIBSCHED_JOB_OPTIONS_INIT;
  const char **words = argv[next++ % 16];
  words[0] = command;
  options.name = name;
  options.argv = words;
  options.flags = LIBSCHED_JOB_SHELL;
  return options;
}

#define CHECK_DEPEND(graph, dependent, dependency) \
  CHECK_OK(libsched_graph_depend((graph), (dependent), (dependency), LIBSCHED_FINISHED, 0))

/** What has become of a job. */
CHECK_HELPER libsched_job_result check_result(libsched_result *result, uint64_t job) {
  libsched_job_result out = LIBSCHED_JOB_RESULT_INIT;
  CHECK_OK(libsched_result_job(&out, result, job));
  CHECK_EQ(out.job, job);
  return out;
}
#define CHECK_STATE(result, job, wanted) CHECK_EQ(check_result((result), (job)).state, (wanted))

CHECK_HELPER libsched_run_summary check_summary(libsched_result *result) {
  libsched_run_summary out = LIBSCHED_RUN_SUMMARY_INIT;
  CHECK_OK(libsched_result_get_summary(&out, result));
  CHECK_EQ(out.jobs, out.done + out.fresh + out.failed + out.skipped + out.cancelled);
  CHECK_LE(out.peak, out.slots);
  return out;
}

/** Runs a graph, and expects a status. */
CHECK_HELPER libsched_result *check_run(const char *file, int line, libsched_graph *graph,
                                        libsched_pool *pool, const libsched_run_options *options,
                                        int wanted) {
  libsched_result *result = 0;
  libsched_error *error = 0;
  int status = libsched_graph_run(&result, graph, pool, options, 0, &error);
  if (status != wanted) {
    fprintf(stderr, "%s:%d: %s\n", file, line, libsched_error_message(error));
    check_status(file, line, "libsched_graph_run", status, wanted);
  }
  libsched_error_free(error);
  CHECK(result != 0);
  CHECK_EQ(check_summary(result).status, wanted);
  return result;
}
#define CHECK_RUN(graph, pool, options, status) \
  check_run(__FILE__, __LINE__, (graph), (pool), (options), (status))

/** A log of what happens, one letter each, in order. */
typedef struct check_log {
  char text[256];
  int32_t length;
} check_log;

CHECK_HELPER void check_log_add(check_log *log, char letter) {
  int32_t at = CHECK_ADD(log->length, 1) - 1;
  CHECK_LE(at, (int32_t)sizeof(log->text) - 2);
  log->text[at] = letter;
}

#endif
