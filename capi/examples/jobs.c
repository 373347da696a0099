/*
 * jobs: runs the commands of a list, each when those that it waits for have ended, some at a time.
 *
 *     cc -O2 -o jobs jobs.c $(pkg-config --cflags --libs sched) -pthread
 *     ./jobs -j 4 list                         # four at a time, of the commands and all that they start
 *
 *     all:                                     # in a makefile, which make -j4 reads:
 *     	+./jobs list                            # make's four
 *
 * A list looks like this (jobs_list.h):
 *
 *     # name: jobs it waits for ; command
 *     main.o: ; cc -c main.c
 *     util.o: ; cc -c util.c
 *     app: main.o util.o ; cc -o app main.o util.o
 *
 * What a command prints is shown when it has ended, below its name. Commands find the jobserver in their environment, make's or
 * the one that this program serves, so that a make among them takes part.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <libsched.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command_line.h"
#include "jobs_list.h"

struct options {
  const char *list;
  const char *trace; /* a file, or NULL */
  uint32_t jobs;     /* 0: not given */
  int keep_going;
};

static const char help[] =
    "usage: jobs [-j N] [-k] [-t FILE] LIST\n"
    "\n"
    "Runs the commands of a list. Each line of it is 'name: jobs it waits for ; command'.\n"
    "\n"
    "  -j N     no more than N jobs at a time, 1 to %u (default: make's number, else that of "
    "CPUs)\n"
    "  -k       when a job fails go on with those that do not wait for it\n"
    "  -t FILE  write a trace for ui.perfetto.dev\n"
    "  -h       print this text\n"
    "\n"
    "Exit status: 0 all jobs are done, 1 a job has failed or something else has (stderr says "
    "what),\n"
    "2 wrong usage, or the list is broken: then nothing was run. SIGINT, SIGTERM and SIGHUP end "
    "the\n"
    "commands first.\n";

static void parse(struct options *options, int argc, char **argv) {
  for (int option; (option = getopt(argc, argv, "j:kt:h")) != -1;) {
    switch (option) {
      case 'j':
        options->jobs = (uint32_t)number("jobs", "-j", optarg, 1, LIBSCHED_MAX_SLOTS);
        break;
      case 'k':
        options->keep_going = 1;
        break;
      case 't':
        options->trace = optarg;
        break;
      case 'h':
        printf(help, LIBSCHED_MAX_SLOTS);
        exit(fflush(stdout) == 0 ? 0 : 1);
      default: /* getopt has said what is wrong */
        fputs("Try: jobs -h\n", stderr);
        exit(2);
    }
  }
  if (optind + 1 != argc) {
    fputs("jobs: expected one list\nTry: jobs -h\n", stderr);
    exit(2);
  }
  options->list = argv[optind];
}

/* The exit status of this program for a failed call. */
static int failed(const char *what, int status, libsched_error *error) {
  fprintf(stderr, "jobs: %s: %s\n", what,
          error != NULL ? libsched_error_message(error) : libsched_status_message(status));
  libsched_error_free(error);
  return 1;
}

/* --- signals --- */

static sigset_t ending_signals;
static int ended_by; /* read when the run is over, since the switch was triggered */

static void *wait_for_signal(void *cancel) {
  if (sigwait(&ending_signals, &ended_by) == 0) {
    const int status = libsched_cancel_trigger(cancel);
    (void)status; /* nothing else could be done */
  }
  return NULL;
}

/*
 * To be called before any thread is started, so that all of them have the signals blocked. What whoever has started this program
 * ignores stays ignored. The thread waits as long as the process lives.
 */
static int handle_signals(libsched_cancel *cancel) {
  static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
  struct sigaction before;
  pthread_t thread;
  sigemptyset(&ending_signals);
  for (int i = 0; i < 3; i++) {
    if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
      sigaddset(&ending_signals, numbers[i]);
    }
  }
  pthread_sigmask(SIG_BLOCK, &ending_signals, NULL);
  signal(SIGPIPE, SIG_IGN); /* output that nobody reads ends the run by an error */
  const int status = pthread_create(&thread, NULL, wait_for_signal, cancel);
  return status != 0 ? -status : -pthread_detach(thread);
}

static void end_by(int number) {
  signal(number, SIG_DFL);
  raise(number);
  pthread_sigmask(SIG_UNBLOCK, &ending_signals, NULL);
}

/* --- what is shown --- */

struct view {
  uint64_t total;
  uint64_t count;
  uint64_t job; /* whose name was shown last */
};

static void show_name(struct view *view, const libsched_run_message *message) {
  if (view->job == message->job) return;
  view->job = message->job;
  printf("[%" PRIu64 "/%" PRIu64 "] ", ++view->count, view->total);
  put_name(stdout, message->name);
  putchar('\n');
}

static void show_failure(const libsched_run_message *message) {
  fflush(stdout);
  fputs("jobs: ", stderr);
  put_name(stderr, message->name);
  if (message->signal != 0) {
    fprintf(stderr, " was ended by signal %" PRId32 "\n", message->signal);
  } else if (message->code > 0) {
    fprintf(stderr, " failed: exit status %" PRId32 "\n", message->code);
  } else if (message->size != 0) {
    fprintf(stderr, " failed: %.*s\n", (int)message->size, (const char *)message->data);
  } else {
    fprintf(stderr, " failed: %s\n", libsched_status_message(message->code));
  }
}

/* Output comes job by job, each job's before its end. */
static int show(const libsched_run_message *message, void *user_data) {
  struct view *const view = user_data;
  const int is_stdout = message->kind == LIBSCHED_MESSAGE_STDOUT;
  if (is_stdout || message->kind == LIBSCHED_MESSAGE_STDERR) {
    FILE *const out = is_stdout ? stdout : stderr;
    show_name(view, message);
    if (!is_stdout) fflush(stdout);
    fwrite(message->data, 1, message->size, out);
    if ((message->flags & LIBSCHED_PROCESS_CONTINUES) == 0) putc('\n', out);
  } else if (message->kind == LIBSCHED_MESSAGE_FINISHED) {
    const int has_failed = message->state == LIBSCHED_JOB_IS_FAILED;
    if (has_failed || message->state == LIBSCHED_JOB_IS_DONE) show_name(view, message);
    if (has_failed) show_failure(message);
    fflush(stdout);
  }
  return ferror(stdout) ? LIBSCHED_E_CANCELLED : 0;
}

static int show_skipped(const libsched_job_result *job, libsched_result *result) {
  libsched_job_result cause = LIBSCHED_JOB_RESULT_INIT;
  const int status = libsched_result_job(&cause, result, job->blocked_by);
  if (status != LIBSCHED_OK) return status;
  fputs("jobs: skipped ", stderr);
  put_name(stderr, job->name);
  fputs(", since ", stderr);
  put_name(stderr, cause.name);
  fputs(" failed\n", stderr);
  return LIBSCHED_OK;
}

/* Of a run that was not good. */
static int show_result(libsched_result *result) {
  libsched_run_summary all = LIBSCHED_RUN_SUMMARY_INIT;
  int status = libsched_result_get_summary(&all, result);
  for (uint64_t i = 0; status == LIBSCHED_OK && i < all.jobs; i++) {
    libsched_job_result job = LIBSCHED_JOB_RESULT_INIT;
    status = libsched_result_at(&job, result, i);
    if (status == LIBSCHED_OK && job.state == LIBSCHED_JOB_IS_SKIPPED) {
      status = show_skipped(&job, result);
    }
  }
  if (status != LIBSCHED_OK) return status;
  fprintf(stderr,
          "jobs: of %" PRIu64 " jobs %" PRIu64 " done, %" PRIu64 " failed, %" PRIu64
          " skipped, %" PRIu64 " given up\n",
          all.jobs, all.done, all.failed, all.skipped, all.cancelled);
  return LIBSCHED_OK;
}

/* --- the run --- */

/* make's jobserver, where there is one; else one for the commands. To be called before other files are opened. */
static int find_jobserver(libsched_jobserver **jobserver, libsched_jobserver_info *info,
                          struct options *options, libsched_error **error) {
  int status = libsched_jobserver_inherit(jobserver, NULL, error);
  if (status == LIBSCHED_OK) status = libsched_jobserver_get_info(info, *jobserver);
  if (status != LIBSCHED_OK) return status;
  if (info->status == LIBSCHED_OK) {
    if (options->jobs == 0) options->jobs = info->jobs;
    return LIBSCHED_OK;
  }
  if (options->jobs == 0 && info->kind == LIBSCHED_JOBSERVER_NONE) {
    options->jobs = info->jobs != 0 ? info->jobs : libsched_usable_cpus();
  } else if (options->jobs == 0) {
    fputs("jobs: one job at a time: ", stderr);
    put_name(stderr, info->message);
    putc('\n', stderr);
    options->jobs = 1;
  }
  libsched_jobserver_unref(*jobserver);
  *jobserver = NULL;
  return libsched_jobserver_serve(jobserver, options->jobs, LIBSCHED_JOBSERVER_PIPE, 0, error);
}

static int run(libsched_graph *graph, uint64_t total, const struct options *options,
               libsched_jobserver *jobserver, libsched_cancel *cancel) {
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_result *result = NULL;
  libsched_error *error = NULL;
  struct view view = {total, 0, LIBSCHED_NO_JOB};
  how.slots = options->jobs;
  how.jobserver = jobserver;
  how.max_failures = options->keep_going ? LIBSCHED_KEEP_GOING : 1;
  how.handler = show;
  how.handler_data = &view;
  how.output = LIBSCHED_OUTPUT_GROUP;
  how.group_bytes = UINT64_MAX; /* else jobs that print more than that would mix */
  const int ended = libsched_graph_run(&result, graph, NULL, &how, cancel, &error);
  int code = 0, status = LIBSCHED_OK;
  if (ended == LIBSCHED_E_FAILED || ended == LIBSCHED_E_CANCELLED) {
    code = 1;
    status = show_result(result);
  } else if (ended != LIBSCHED_OK) {
    code = failed("the run has ended", ended, error);
    error = NULL;
  }
  libsched_error_free(error);
  if (status != LIBSCHED_OK) code = failed("cannot tell how it went", status, NULL);
  if (options->trace != NULL && result != NULL) {
    status = libsched_result_write_trace(result, options->trace, &error);
    if (status != LIBSCHED_OK) code = failed("cannot write the trace", status, error);
  }
  libsched_result_unref(result);
  return code;
}

static int read_and_run(const struct options *options, const libsched_jobserver_info *info,
                        libsched_jobserver *jobserver, libsched_cancel *cancel) {
  struct list list = {options->list, NULL, 0, 0, 0, 0};
  libsched_graph *graph = NULL;
  libsched_error *error = NULL;
  int code;
  const int status = libsched_graph_create(&graph, 0, &error);
  if (status != LIBSCHED_OK) return failed("cannot begin", status, error);
  code = read_list(&list, graph);
  if (code == 0 && !info->dry_run) code = run(graph, list.count, options, jobserver, cancel);
  libsched_graph_unref(graph);
  free(list.lines);
  return code;
}

int main(int argc, char **argv) {
  struct options options = {0};
  libsched_jobserver_info info = LIBSCHED_JOBSERVER_INFO_INIT;
  libsched_jobserver *jobserver = NULL;
  libsched_cancel *cancel = NULL;
  libsched_error *error = NULL;
  parse(&options, argc, argv);
  int status = libsched_cancel_create(&cancel);
  if (status == LIBSCHED_OK) status = handle_signals(cancel);
  if (status == LIBSCHED_OK) status = find_jobserver(&jobserver, &info, &options, &error);
  if (status != LIBSCHED_OK) return failed("cannot begin", status, error);
  int code = read_and_run(&options, &info, jobserver, cancel);
  libsched_jobserver_unref(jobserver);
  if (fflush(stdout) != 0 || ferror(stdout)) {
    fputs("jobs: not all of it could be printed\n", stderr);
    code = 1;
  }
  if (libsched_cancel_is_triggered(cancel)) end_by(ended_by);
  return code;
}
