/*
 * graph: two jobs that may run at the same time, and a third one that waits for both.
 *
 *     cc -O2 -o graph graph.c $(pkg-config --cflags --libs sched)
 */
#include <libsched.h>
#include <stdio.h>

static int square(libsched_job *job, void *user_data) {
  long *number = user_data;
  (void)job;
  *number *= *number;
  return 0; /* done; anything else would count as failed, and nothing that waits for it would start */
}

static int print_sum(libsched_job *job, void *user_data) {
  const long *numbers = user_data;
  (void)job;
  return printf("%ld\n", numbers[0] + numbers[1]) < 0;
}

int main(void) {
  libsched_pool *pool = NULL;
  libsched_graph *graph = NULL;
  libsched_job_options options = LIBSCHED_JOB_OPTIONS_INIT;
  uint64_t squares[2], sum;
  long numbers[2] = {3, 4};
  int i, status = libsched_pool_create(&pool, NULL, NULL);
  if (status == LIBSCHED_OK) status = libsched_graph_create(&graph, 0, NULL);
  options.fn = print_sum;
  options.user_data = numbers;
  if (status == LIBSCHED_OK) status = libsched_graph_add(&sum, graph, &options, NULL);
  options.fn = square;
  for (i = 0; status == LIBSCHED_OK && i < 2; ++i) {
    options.user_data = &numbers[i];
    status = libsched_graph_add(&squares[i], graph, &options, NULL);
    if (status == LIBSCHED_OK)
      status = libsched_graph_depend(graph, sum, squares[i], LIBSCHED_FINISHED, NULL);
  }
  if (status == LIBSCHED_OK) status = libsched_graph_run(NULL, graph, pool, NULL, NULL, NULL);
  if (status != LIBSCHED_OK) fprintf(stderr, "graph: %s\n", libsched_status_message(status));
  libsched_graph_unref(graph);
  libsched_pool_unref(pool);
  return status != LIBSCHED_OK;
}
