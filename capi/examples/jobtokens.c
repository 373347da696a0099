/*
 * jobtokens: both ends of GNU make's jobserver, on the command line.
 *
 *     cc -O2 -o jobtokens jobtokens.c $(pkg-config --cflags --libs sched)
 *     ./jobtokens --serve 4 -- cargo build     # four jobs at a time, of cargo and all that it starts
 *
 *     all:                                     # in a makefile, which make -j4 reads:
 *     	+./jobtokens                            # what make hands down to a recipe
 *     	+./jobtokens --take 3 --hold 1000       # three of the four jobs are this one's for a second
 *
 * A token that is taken and not given back is missing for the rest of the build. So signals that end this program give the
 * tokens back first, and the one who serves counts them at the end. Against SIGKILL there is --style broker: all that the
 * command has started shares a pipe of its own with this program, and what is not given back by the time nobody has that pipe
 * open is nobody's.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <inttypes.h>
#include <libsched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "command_line.h"
#include "jobtokens_options.h"
#include "jobtokens_run.h"

static const char *kind_name(uint32_t kind) {
  static const char *const names[] = {"none",     "pipe",        "fifo",
                                      "disabled", "unsupported", "malformed"};
  return kind < sizeof names / sizeof names[0] ? names[kind] : "unknown";
}

static void print_row(const char *name, const char *text) {
  printf("%-9s ", name);
  put_name(stdout, text[0] != 0 ? text : "-");
  putchar('\n');
}

/* The exit status of this program for a failed call. */
static int failed(const char *what, int status, libsched_error *error) {
  fprintf(stderr, "jobtokens: %s: %s\n", what,
          error != NULL ? libsched_error_message(error) : libsched_status_message(status));
  libsched_error_free(error);
  return 1;
}

/* --- the client --- */

static int show(const libsched_jobserver_info *info) {
  char jobs[16] = "";
  if (info->jobs != 0) snprintf(jobs, sizeof jobs, "%" PRIu32, info->jobs);
  print_row("variable", info->variable);
  print_row("word", info->word);
  print_row("kind", kind_name(info->kind));
  print_row("status", info->status == LIBSCHED_OK ? "used" : libsched_status_name(info->status));
  print_row("message", info->message);
  print_row("jobs", jobs);
  print_row("dry run", info->dry_run ? "yes" : "no");
  return fflush(stdout) == 0 ? 0 : failed("cannot print", -errno, NULL);
}

/* How many can be taken at all: to wait for more would be for ever. */
static uint32_t most(const libsched_jobserver_info *info, uint32_t wanted) {
  uint32_t slots = info->jobs != 0 ? info->jobs : wanted;
  if (info->status != LIBSCHED_OK) slots = 1;
  if (wanted <= slots) return wanted;
  fprintf(stderr, "jobtokens: %" PRIu32 " in place of %" PRIu32 " jobs: ", slots, wanted);
  put_name(stderr, info->status != LIBSCHED_OK ? info->message : "the jobserver has no more slots");
  fputc('\n', stderr);
  return slots;
}

static int take(libsched_jobserver *jobserver, uint64_t *tokens, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    const int status = libsched_jobserver_acquire(&tokens[i], jobserver, LIBSCHED_FOREVER, NULL);
    if (status != LIBSCHED_OK) return failed("cannot take a token", status, NULL);
  }
  fprintf(stderr, "jobtokens: took %" PRIu32 "\n", count);
  return 0;
}

static int give_back(libsched_jobserver *jobserver, const uint64_t *tokens, uint32_t count) {
  libsched_jobserver_stats stats = LIBSCHED_JOBSERVER_STATS_INIT;
  int status = LIBSCHED_OK;
  for (uint32_t i = 0; i < count && status == LIBSCHED_OK; i++) {
    status = libsched_jobserver_release(jobserver, tokens[i]);
  }
  if (status == LIBSCHED_OK) status = libsched_jobserver_get_stats(&stats, jobserver);
  if (status != LIBSCHED_OK) return failed("cannot give a token back", status, NULL);
  if (stats.lost != 0) return failed("cannot give a token back: the pool has no room", 0, NULL);
  fprintf(stderr, "jobtokens: gave %" PRIu32 " back\n", count);
  return 0;
}

static void hold(uint64_t ms) {
  struct timespec left = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
  while (nanosleep(&left, &left) != 0 && errno == EINTR) continue;
}

/* --- the server --- */

/* When the command has ended: all that it has started must have let go of the pipes. Signals end this, and the program. */
static int finish(libsched_broker *broker) {
  libsched_broker_stats stats = LIBSCHED_BROKER_STATS_INIT;
  allow_signals();
  int status = libsched_broker_wait(broker, 1000000000, NULL);
  if (status == LIBSCHED_E_TIMEOUT) {
    fputs("jobtokens: the command has ended; what it has left running has not\n", stderr);
    status = libsched_broker_wait(broker, LIBSCHED_FOREVER, NULL);
  }
  block_signals();
  if (status == LIBSCHED_OK) status = libsched_broker_get_stats(&stats, broker);
  if (status != LIBSCHED_OK) return status;
  fprintf(stderr,
          "jobtokens: broker: %" PRIu64 " taken, %" PRIu64 " of them rescued, %" PRIu64 " extra\n",
          stats.total, stats.rescued, stats.extra);
  return LIBSCHED_OK;
}

/* Runs the command; *result receives its exit status. */
static int run(char **command, libsched_jobserver *server, libsched_broker *broker, int *result) {
  char **environment = NULL;
  int read_fd = -1, write_fd = -1, status;
  if (broker != NULL) {
    status = libsched_broker_envp(&environment, broker, NULL);
    if (status == LIBSCHED_OK) status = libsched_broker_child_fds(&read_fd, &write_fd, broker);
  } else {
    status = libsched_jobserver_envp(&environment, server, NULL);
    if (status == LIBSCHED_OK) status = libsched_jobserver_child_fds(&read_fd, &write_fd, server);
  }
  const pid_t child =
      status == LIBSCHED_OK ? start(command, environment, read_fd, write_fd) : status;
  libsched_envp_free(environment);
  if (child < 0) return (int)child;
  if (broker != NULL) status = libsched_broker_start(broker);
  *result = wait_for(child);
  return broker != NULL && status == LIBSCHED_OK ? finish(broker) : status;
}

/* Signals are blocked but where they may end the program, so that the fifo is removed. */
static int serve(const struct options *options) {
  libsched_jobserver_stats tokens = LIBSCHED_JOBSERVER_STATS_INIT;
  libsched_jobserver *server = NULL;
  libsched_broker *broker = NULL;
  libsched_error *error = NULL;
  int result = 1;
  block_signals();
  /* EXPLICIT: the command is the job that this process may run without a token. */
  int status = libsched_jobserver_serve(&server, options->serve, options->style,
                                        LIBSCHED_JOBSERVER_EXPLICIT, &error);
  if (status == LIBSCHED_OK && options->broker) {
    status = libsched_broker_create(&broker, server, &error);
  }
  if (status == LIBSCHED_OK) status = run(options->command, server, broker, &result);
  libsched_broker_unref(broker);
  if (status == LIBSCHED_OK) status = libsched_jobserver_shutdown(&tokens, server);
  libsched_jobserver_unref(server);
  if (status == LIBSCHED_OK) {
    fprintf(stderr,
            "jobtokens: %" PRIu64 " slots: %" PRIu64 " of %" PRIu64 " tokens are back, %" PRIu64
            " missing, %" PRIu64 " extra\n",
            tokens.slots, tokens.available, tokens.slots - 1, tokens.outstanding, tokens.extra);
  }
  allow_signals();
  return status == LIBSCHED_OK ? result : failed("cannot serve", status, error);
}

/* --- both --- */

static int use_inherited(const struct options *options, libsched_jobserver *jobserver) {
  libsched_jobserver_info info = LIBSCHED_JOBSERVER_INFO_INIT;
  const int status = libsched_jobserver_get_info(&info, jobserver);
  if (status != LIBSCHED_OK) return failed("cannot tell what was found", status, NULL);
  if (options->take == 0) return show(&info);
  const uint32_t count = most(&info, options->take);
  uint64_t *tokens = calloc(count, sizeof *tokens);
  if (tokens == NULL) return failed("cannot begin", -ENOMEM, NULL);
  int result = take(jobserver, tokens, count);
  if (result == 0) {
    if (options->serve != 0) {
      result = serve(options);
    } else {
      hold(options->hold_ms);
    }
    const int given_back = give_back(jobserver, tokens, count);
    if (result == 0) result = given_back;
  }
  free(tokens);
  return result;
}

int main(int argc, char **argv) {
  struct options options = {0};
  libsched_error *error = NULL;
  int result;
  parse(&options, argc, argv);
  handle_signals();
  if (options.serve != 0 && options.take == 0) {
    result = serve(&options);
  } else {
    const int status = libsched_jobserver_inherit(&taken_from, NULL, &error);
    if (status != LIBSCHED_OK) return failed("cannot look for a jobserver", status, error);
    result = use_inherited(&options, taken_from);
    block_signals(); /* no handler uses it any more */
    libsched_jobserver_unref(taken_from);
    taken_from = NULL;
    allow_signals();
  }
  if (ended_by != 0) default_action(ended_by);
  return result;
}
