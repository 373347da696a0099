/*
 * Runs jobs that a file describes, a Makefile without patterns:
 *
 *     name: other names ; command
 *
 *     jobs [-j N] [-k] [-t TRACE] FILE
 *
 * With -j it runs up to N at a time, and serves a jobserver to what it starts. Without, it takes part in the jobserver of the make
 * that has started it, as one of its clients; where there is none it runs as many as there are CPUs. With -k it goes on after a
 * failure. A line that begins with # is none. What a job says is shown when it has ended.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <libsched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command_line.h"

#define BLANKS " \t\r\n"

static int fail(const char *file, long line, const char *why) {
  fprintf(stderr, "%s:%ld: %s\n", file, line, why);
  return 2;
}

static int depend(libsched_graph *graph, const char *name, char *others) {
  char *rest = others;
  char *other;
  while ((other = strtok_r(rest, BLANKS, &rest)) != NULL) {
    if (libsched_graph_depend_name(graph, name, other, LIBSCHED_FINISHED, NULL)) return 2;
  }
  return 0;
}

/* One line of the file. */
static int read_job(libsched_graph *graph, const char *file, long line, char *text) {
  libsched_job_options job = LIBSCHED_JOB_OPTIONS_INIT;
  libsched_error *error = NULL;
  const char *argv[2] = {NULL, NULL};
  uint64_t number = LIBSCHED_NO_JOB;
  char *colon = strchr(text, ':');
  char *semicolon;
  char *name;
  char *rest = NULL;
  int status;
  if (text[strspn(text, BLANKS)] == 0 || text[0] == '#') return 0;
  if (colon == NULL) return fail(file, line, "expected ':' behind the name of a job");
  semicolon = strchr(colon, ';');
  *colon = 0;
  name = strtok_r(text, BLANKS, &rest);
  if (name == NULL) return fail(file, line, "expected the name of a job before ':'");
  if (rest != NULL && rest[strspn(rest, BLANKS)] != 0) {
    return fail(file, line, "expected one name before ':'");
  }
  if (semicolon != NULL) {
    *semicolon = 0;
    argv[0] = semicolon + 1 + strspn(semicolon + 1, BLANKS);
    job.argv = argv;
    job.flags = LIBSCHED_JOB_SHELL;
  }
  job.name = name;
  status = libsched_graph_add(&number, graph, &job, &error);
  if (status == LIBSCHED_OK) status = depend(graph, name, colon + 1);
  if (status != LIBSCHED_OK) fail(file, line, libsched_error_message(error));
  libsched_error_free(error);
  return status;
}

static int read_jobs(libsched_graph *graph, const char *file) {
  FILE *in = fopen(file, "r");
  char *text = NULL;
  size_t room = 0;
  long line = 0;
  int status = 0;
  if (in == NULL) {
    fprintf(stderr, "jobs: %s: %s\n", file, strerror(errno));
    return 2;
  }
  while (status == 0 && getline(&text, &room, in) >= 0) {
    text[strcspn(text, "\r\n")] = 0;
    status = read_job(graph, file, ++line, text);
  }
  free(text);
  fclose(in);
  return status;
}

static int show(const libsched_run_message *message, void *data) {
  (void)data;
  switch (message->kind) {
    case LIBSCHED_MESSAGE_STDOUT:
    case LIBSCHED_MESSAGE_STDERR:
      fwrite(message->data, 1, message->size, stdout);
      if ((message->flags & LIBSCHED_PROCESS_CONTINUES) == 0) putchar('\n');
      break;
    case LIBSCHED_MESSAGE_FINISHED:
      printf("[%u/%u] %s", (unsigned)message->ended, (unsigned)message->total, message->name);
      if (message->state == LIBSCHED_JOB_IS_SKIPPED) printf(": skipped");
      if (message->state == LIBSCHED_JOB_IS_CANCELLED) printf(": cancelled");
      if (message->state == LIBSCHED_JOB_IS_FAILED) {
        if (message->size != 0) {
          printf(": %.*s", (int)message->size, (const char *)message->data);
        } else if (message->signal != 0) {
          printf(": killed by signal %d", (int)message->signal);
        } else {
          printf(": exit code %d", (int)message->code);
        }
      }
      putchar('\n');
      break;
    default:
      break;
  }
  return 0;
}

static int run(libsched_graph *graph, uint32_t slots, int goes_on, const char *trace) {
  libsched_run_options options = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_jobserver_options join = LIBSCHED_JOBSERVER_OPTIONS_INIT;
  libsched_jobserver *jobserver = NULL;
  libsched_result *result = NULL;
  libsched_error *error = NULL;
  int status;
  join.fallback = libsched_usable_cpus();
  status = slots != 0
               ? libsched_jobserver_serve(&jobserver, slots, LIBSCHED_JOBSERVER_PIPE, 0, &error)
               : libsched_jobserver_inherit(&jobserver, &join, &error);
  options.jobserver = jobserver;
  options.handler = show;
  options.output = LIBSCHED_OUTPUT_GROUP;
  options.slots = slots != 0 ? slots : 256; /* the tokens are the limit */
  if (goes_on) options.max_failures = LIBSCHED_KEEP_GOING;
  if (status == LIBSCHED_OK) {
    status = libsched_graph_run(&result, graph, NULL, &options, NULL, &error);
  }
  if (status == LIBSCHED_OK && trace != NULL) {
    status = libsched_result_write_trace(result, trace, &error);
  }
  if (status != LIBSCHED_OK) fprintf(stderr, "jobs: %s\n", libsched_error_message(error));
  libsched_error_free(error);
  libsched_result_unref(result);
  libsched_jobserver_unref(jobserver);
  return status == LIBSCHED_OK ? 0 : status == LIBSCHED_E_FAILED ? 1 : 2;
}

int main(int argc, char **argv) {
  libsched_graph *graph = NULL;
  const char *trace = NULL;
  uint32_t slots = 0;
  int goes_on = 0;
  int status;
  int i;
  for (i = 1; i < argc && argv[i][0] == '-'; ++i) {
    if (strcmp(argv[i], "-k") == 0) {
      goes_on = 1;
    } else if (strncmp(argv[i], "-j", 2) == 0 && argv[i][2] != 0) {
      slots = (uint32_t)number("jobs", "-j", argv[i] + 2, 1, LIBSCHED_MAX_SLOTS);
    } else if (strcmp(argv[i], "-j") == 0 && i + 1 < argc) {
      slots = (uint32_t)number("jobs", "-j", argv[++i], 1, LIBSCHED_MAX_SLOTS);
    } else if (strcmp(argv[i], "-t") == 0 && i + 1 < argc) {
      trace = argv[++i];
    } else {
      break;
    }
  }
  if (i + 1 != argc) {
    fprintf(stderr, "usage: jobs [-j N] [-k] [-t TRACE] FILE\n");
    return 2;
  }
  if (libsched_graph_create(&graph, 0, NULL) != LIBSCHED_OK) return 2;
  status = read_jobs(graph, argv[i]);
  if (status == 0) status = run(graph, slots, goes_on, trace);
  libsched_graph_unref(graph);
  return status < 0 ? 2 : status;
}
