/*
 * A graph of jobs in forty lines: two commands and two functions, where each runs as soon as what it waits for is done, and as many at
 * a time as there are workers. Anything that is said appears in order, for all messages come to one function in this thread.
 */
#include <libsched.h>
#include <stdio.h>
#include <string.h>

static int generate(libsched_job *job, void *data) {
  return libsched_job_message(job, data, strlen((const char *)data)) == LIBSCHED_OK ? 0 : 1;
}

static int show(const libsched_run_message *message, void *data) {
  (void)data;
  if (message->kind == LIBSCHED_MESSAGE_STDOUT || message->kind == LIBSCHED_MESSAGE_OWN) {
    printf("%s: %.*s\n", message->name, (int)message->size, (const char *)message->data);
  } else if (message->kind == LIBSCHED_MESSAGE_FINISHED) {
    printf("[%d/%d] %s\n", (int)message->ended, (int)message->total, message->name);
  }
  return 0;
}

static int add(libsched_graph *graph, const char *name, const char *command) {
  const char *argv[2] = {command, 0};
  libsched_job_options job = LIBSCHED_JOB_OPTIONS_INIT;
  uint64_t number;
  job.name = name;
  job.flags = LIBSCHED_JOB_SHELL;
  job.argv = command != 0 ? argv : 0;
  job.fn = command != 0 ? 0 : generate;
  job.user_data = "generated";
  return libsched_graph_add(&number, graph, &job, 0);
}

int main(void) {
  libsched_graph *graph = 0;
  libsched_pool *pool = 0;
  libsched_error *error = 0;
  libsched_run_options options = LIBSCHED_RUN_OPTIONS_INIT;
  options.handler = show;
  if (libsched_pool_create(&pool, 0, 0) || libsched_graph_create(&graph, 0, 0) ||
      add(graph, "config", 0) || add(graph, "table", 0) ||
      add(graph, "compile", "echo compiling") || add(graph, "link", "echo linking") ||
      libsched_graph_depend_name(graph, "compile", "config", LIBSCHED_FINISHED, 0) ||
      libsched_graph_depend_name(graph, "compile", "table", LIBSCHED_FINISHED, 0) ||
      libsched_graph_depend_name(graph, "link", "compile", LIBSCHED_FINISHED, 0) ||
      libsched_graph_run(0, graph, pool, &options, 0, &error)) {
    fprintf(stderr, "graph: %s\n", libsched_error_message(error));
    return 1;
  }
  libsched_graph_unref(graph);
  libsched_pool_unref(pool);
  return 0;
}
