/* What each message says of how far the run, and its job, has come. */
#include "check_graph.h"

typedef struct teller {
  char text[400];
} teller;

/* Writes "text/attempt:ended/total " of what jobs say, and "(ended)" when one has ended. */
static int write_progress(const libsched_run_message *message, void *data) {
  teller *it = (teller *)data;
  size_t at = strlen(it->text);
  CHECK_LE(at + message->size + 60, sizeof(it->text));
  switch (message->kind) {
    case LIBSCHED_MESSAGE_FINISHED:
      sprintf(it->text + at, "(%u) ", (unsigned)message->ended);
      break;
    case LIBSCHED_MESSAGE_OWN:
    case LIBSCHED_MESSAGE_STDOUT:
    case LIBSCHED_MESSAGE_STDERR:
      sprintf(it->text + at, "%.*s/%u:%u/%u ", (int)message->size, (const char *)message->data,
              (unsigned)message->attempt, (unsigned)message->ended, (unsigned)message->total);
      break;
    case LIBSCHED_MESSAGE_AGAIN:
      strcat(it->text, "again ");
      break;
    default:
      CHECK_LE(1, message->total);
  }
  return 0;
}

static libsched_run_options told_to(teller *it) {
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  memset(it, 0, sizeof(*it));
  how.handler = write_progress;
  how.handler_data = it;
  how.slots = 1;
  return how;
}

static void check_commands(uint32_t output) {
  teller it;
  libsched_run_options how = told_to(&it);
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_shell("a", "echo a");
  uint64_t a = CHECK_ADD_JOB(graph, &options);
  uint64_t b;
  options = check_shell("b", "echo b >&2; exit 1");
  options.retries = 1;
  b = CHECK_ADD_JOB(graph, &options);
  CHECK_DEPEND(graph, b, a);
  how.output = output;
  libsched_result_unref(CHECK_RUN(graph, 0, &how, LIBSCHED_E_FAILED));
  CHECK_STR(it.text, "a/1:0/2 (1) b/1:1/2 again b/2:1/2 (2) ");
  libsched_graph_unref(graph);
}

CASE(output_of_commands_tells_of_it) { check_commands(LIBSCHED_OUTPUT_STREAM); }
CASE(grouped_output_tells_of_it) { check_commands(LIBSCHED_OUTPUT_GROUP); }

/* Says something before and after it has added a job; fails at first. */
static int say_and_add(libsched_job *job, void *data) {
  libsched_job_options options = LIBSCHED_JOB_OPTIONS_INIT;
  uint64_t added = 0;
  int tries = ++*(int *)data;
  CHECK_OK(libsched_job_message(job, "x", 1));
  CHECK_OK(libsched_run_add(&added, libsched_job_run(job), &options, 0, 0, 0));
  CHECK_OK(libsched_job_message_bounded(job, "y", 1));
  return tries == 1 ? 5 : 0;
}

static int say_directly(libsched_job *job, void *data) {
  CHECK_OK(libsched_job_message(job, "f", 1));
  CHECK_OK(libsched_job_message_bounded(job, "g", 1));
  (void)data;
  return 0;
}

CASE(messages_of_jobs_tell_of_it) {
  teller it;
  int tries = 0;
  libsched_run_options how = told_to(&it);
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function("fresh", say_directly, 0);
  uint64_t fresh;
  uint64_t adds;
  options.flags = LIBSCHED_JOB_FRESH;
  fresh = CHECK_ADD_JOB(graph, &options);
  options = check_function("adds", say_and_add, &tries);
  options.retries = 1;
  adds = CHECK_ADD_JOB(graph, &options);
  CHECK_DEPEND(graph, adds, fresh);
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_OK));
  CHECK_STR(it.text, "f/0:0/2 g/0:0/2 (1) x/1:1/2 (2) y/1:2/3 again x/2:2/3 (3) y/2:3/4 (4) ");
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASES = {RUN(output_of_commands_tells_of_it), RUN(grouped_output_tells_of_it),
         RUN(messages_of_jobs_tell_of_it), CASES_END};
