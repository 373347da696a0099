/* What goes on while a handler is slow: in each case it waits, in its first message, for what must happen meanwhile. */
#include "check_graph.h"
/* It goes first: check.h sets the feature macros. */
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include "check_jobserver.h"

/* A fifo that a command holds open: a byte comes when it has begun, the end when it is gone. */
typedef struct sign {
  char folder[32];
  char path[40];
  int fd;
} sign;

static sign sign_new(void) {
  sign it;
  strcpy(it.folder, "/tmp/libsched-sign-XXXXXX");
  CHECK(mkdtemp(it.folder) != 0);
  sprintf(it.path, "%s/fifo", it.folder);
  CHECK_EQ(mkfifo(it.path, 0600), 0);
  it.fd = open(it.path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  CHECK(it.fd >= 0);
  return it;
}

static void sign_end(sign *it) {
  CHECK_EQ(close(it->fd), 0);
  CHECK_EQ(unlink(it->path), 0);
  CHECK_EQ(rmdir(it->folder), 0);
}

/* Waits for so many bytes: 1, it has begun; 0, it is gone. */
static void sign_await(sign *it, int wanted) {
  char byte;
  struct pollfd poll_for;
  poll_for.fd = it->fd;
  poll_for.events = POLLIN;
  CHECK_EQ(poll(&poll_for, 1, CHECK_DEADLINE_S * 1000), 1);
  CHECK_EQ(read(it->fd, &byte, 1), wanted);
}

typedef struct stall {
  int32_t calls;
  void (*meanwhile)(struct stall *it, const libsched_run_message *message);
  sign *command;
  libsched_cancel *cancel;
  libsched_jobserver *jobserver;
  long thread_id;
  check_event event;
  check_event begun;
  uint64_t output; /* bytes of it */
  int ended;       /* jobs */
} stall;

static int wait_meanwhile(const libsched_run_message *message, void *data) {
  stall *it = (stall *)data;
  if (message->kind == LIBSCHED_MESSAGE_STDOUT || message->kind == LIBSCHED_MESSAGE_STDERR) {
    CHECK_EQ(it->ended, 0);
    it->output += message->size;
  }
  if (message->kind == LIBSCHED_MESSAGE_FINISHED) ++it->ended;
  if (++it->calls == 1) it->meanwhile(it, message);
  return 0;
}

static libsched_run_options stalled(stall *it,
                                    void (*meanwhile)(stall *, const libsched_run_message *)) {
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  check_event event = CHECK_EVENT_INIT;
  memset(it, 0, sizeof(*it));
  it->meanwhile = meanwhile;
  it->event = event;
  it->begun = event;
  how.handler = wait_meanwhile;
  how.handler_data = it;
  how.slots = 2;
  return how;
}

/* --- what is stopped --- */

static void trigger_cancel(stall *it, const libsched_run_message *message) {
  (void)message;
  sign_await(it->command, 1);
  CHECK_OK(libsched_cancel_trigger(it->cancel));
  sign_await(it->command, 0);
}

static void cancel_run(stall *it, const libsched_run_message *message) {
  sign_await(it->command, 1);
  CHECK_OK(libsched_run_cancel(message->run));
  sign_await(it->command, 0);
}

static void let_fail(stall *it, const libsched_run_message *message) {
  (void)message;
  sign_await(it->command, 1);
  check_event_add(&it->event, 1);
  sign_await(it->command, 0);
}

static int fail_when_told(libsched_job *job, void *data) {
  (void)job;
  CHECK_AWAIT(&((stall *)data)->event, 1);
  return 3;
}

enum { kFails = 1, kDeaf = 2 };

/* A command that is stopped while the handler waits. */
static void check_stopped(void (*meanwhile)(stall *, const libsched_run_message *), int how_it_is,
                          int wanted) {
  stall it;
  sign command = sign_new();
  char text[200];
  libsched_run_options how = stalled(&it, meanwhile);
  libsched_graph *graph = check_graph_new();
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_job_options options;
  sprintf(text, "%s exec 3> %s; echo >&3; while sleep 1000 || :; do :; done",
          (how_it_is & kDeaf) != 0 ? "trap '' TERM;" : "", command.path);
  options = check_shell("command", text);
  CHECK_ADD_JOB(graph, &options);
  if ((how_it_is & kFails) != 0) {
    options = check_function("fails", fail_when_told, &it);
    CHECK_ADD_JOB(graph, &options);
    how.flags = LIBSCHED_RUN_KILL;
  }
  how.grace_ns = (how_it_is & kDeaf) != 0 ? 1000000 : CHECK_PATIENCE_NS;
  it.command = &command;
  CHECK_OK(libsched_cancel_create(&it.cancel));
  CHECK_STATUS(libsched_graph_run(0, graph, pool, &how, it.cancel, 0), wanted);
  CHECK_LE(1, it.calls);
  libsched_cancel_unref(it.cancel);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
  sign_end(&command);
}

CASE(switches_stop_commands) { check_stopped(trigger_cancel, 0, LIBSCHED_E_CANCELLED); }
CASE(switches_kill_deaf_commands) { check_stopped(trigger_cancel, kDeaf, LIBSCHED_E_CANCELLED); }
CASE(cancelled_runs_stop_commands) { check_stopped(cancel_run, 0, LIBSCHED_E_CANCELLED); }
CASE(failures_stop_commands) { check_stopped(let_fail, kFails, LIBSCHED_E_FAILED); }
CASE(failures_kill_deaf_commands) { check_stopped(let_fail, kFails | kDeaf, LIBSCHED_E_FAILED); }

/* Sends until it is told to end. */
static int flood(libsched_job *job, void *data) {
  stall *it = (stall *)data;
  char block[1000];
  int status = LIBSCHED_OK;
  memset(block, 'x', sizeof(block));
  CHECK_SET(it->thread_id, check_thread_id());
  while (status == LIBSCHED_OK) status = libsched_job_message_bounded(job, block, sizeof(block));
  CHECK_STATUS(status, LIBSCHED_E_CANCELLED);
  check_event_add(&it->event, 1);
  return 0;
}

static void trigger_and_wait(stall *it, const libsched_run_message *message) {
  (void)message;
  check_until_asleep(&it->thread_id);
  CHECK_OK(libsched_cancel_trigger(it->cancel));
  CHECK_AWAIT(&it->event, 1);
}

static void fail_and_wait(stall *it, const libsched_run_message *message) {
  (void)message;
  check_until_asleep(&it->thread_id);
  check_event_add(&it->begun, 1);
  CHECK_AWAIT(&it->event, 1);
}

static int fail_when_begun(libsched_job *job, void *data) {
  (void)job;
  CHECK_AWAIT(&((stall *)data)->begun, 1);
  return 3;
}

static void check_woken(void (*meanwhile)(stall *, const libsched_run_message *), int wanted) {
  stall it;
  libsched_run_options how = stalled(&it, meanwhile);
  libsched_graph *graph = check_graph_new();
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_job_options options = check_function("floods", flood, &it);
  CHECK_ADD_JOB(graph, &options);
  if (wanted == LIBSCHED_E_FAILED) {
    options = check_function("fails", fail_when_begun, &it);
    CHECK_ADD_JOB(graph, &options);
  }
  how.flags = LIBSCHED_RUN_KILL;
  how.message_bytes = 40000;
  CHECK_OK(libsched_cancel_create(&it.cancel));
  CHECK_STATUS(libsched_graph_run(0, graph, pool, &how, it.cancel, 0), wanted);
  CHECK_EQ(check_event_count(&it.event), 1);
  libsched_cancel_unref(it.cancel);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(switches_wake_who_waits_for_the_handler) {
  check_woken(trigger_and_wait, LIBSCHED_E_CANCELLED);
}
CASE(failures_wake_who_waits_for_the_handler) { check_woken(fail_and_wait, LIBSCHED_E_FAILED); }

static int run_until_cancelled(libsched_job *job, void *data) {
  while (!libsched_job_cancelled(job)) sched_yield();
  check_event_add(&((stall *)data)->event, 1);
  return 0;
}

static void await_event(stall *it, const libsched_run_message *message) {
  (void)message;
  CHECK_AWAIT(&it->event, 1);
}

static int tell(libsched_job *job, void *data) {
  (void)job;
  check_event_add(&((stall *)data)->event, 1);
  return 0;
}

/* A command whose time is over makes room for the next job. */
static void check_timeout(const char *command) {
  stall it;
  libsched_run_options how = stalled(&it, await_event);
  libsched_graph *graph = check_graph_new();
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_job_options options = check_shell("late", command);
  options.timeout_ns = 1000000;
  options.cost = 2;
  CHECK_ADD_JOB(graph, &options);
  options = check_function("next", tell, &it);
  CHECK_ADD_JOB(graph, &options);
  how.slots = 1;
  how.max_failures = LIBSCHED_KEEP_GOING;
  how.grace_ns = 1000000;
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_E_FAILED));
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(timeouts_stop_commands) { check_timeout("exec sleep 1000"); }
CASE(timeouts_kill_deaf_commands) {
  check_timeout("trap '' TERM; while sleep 1000 || :; do :; done");
}

CASE(functions_are_told_of_their_timeouts) {
  stall it;
  libsched_run_options how = stalled(&it, await_event);
  libsched_graph *graph = check_graph_new();
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_job_options options = check_function(0, run_until_cancelled, &it);
  options.timeout_ns = 1000000;
  CHECK_ADD_JOB(graph, &options);
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_E_FAILED));
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* --- what starts --- */

static void await_end_of_command(stall *it, const libsched_run_message *message) {
  (void)message;
  sign_await(it->command, 1);
  sign_await(it->command, 0);
  CHECK_AWAIT(&it->event, 1);
}

/* A command, one behind it that is tried again, and a function behind that. */
CASE(what_becomes_ready_starts) {
  stall it;
  sign command = sign_new();
  char text[200];
  libsched_run_options how = stalled(&it, await_end_of_command);
  libsched_graph *graph = check_graph_new();
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_job_options options = check_shell("first", ":");
  uint64_t first = CHECK_ADD_JOB(graph, &options);
  uint64_t second;
  uint64_t last;
  sprintf(text, "[ -e %s/tried ] || { > %s/tried; exit 1; }; rm %s/tried; echo > %s",
          command.folder, command.folder, command.folder, command.path);
  options = check_shell("second", text);
  options.retries = 1;
  second = CHECK_ADD_JOB(graph, &options);
  options = check_function("last", tell, &it);
  last = CHECK_ADD_JOB(graph, &options);
  CHECK_DEPEND(graph, second, first);
  CHECK_DEPEND(graph, last, second);
  it.command = &command;
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_OK));
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
  sign_end(&command);
}

static void await_tokens(stall *it, const libsched_run_message *message) {
  (void)message;
  CHECK_AWAIT(&it->event, 20);
  CHECK_UNTIL(check_stats(it->jobserver).available == 2);
  CHECK_EQ(check_stats(it->jobserver).held, 0);
}

static void check_tokens_back(uint64_t flags) {
  stall it;
  libsched_run_options how = stalled(&it, await_tokens);
  libsched_graph *graph = check_graph_new();
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_job_options options = check_function(0, tell, &it);
  int i;
  for (i = 0; i < 20; ++i) {
    options.weight = 1 + (uint32_t)i % 2;
    CHECK_ADD_JOB(graph, &options);
  }
  how.jobserver = it.jobserver = check_serve(3, LIBSCHED_JOBSERVER_PIPE, 0);
  how.flags = flags;
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_OK));
  libsched_jobserver_unref(it.jobserver);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(tokens_go_back) { check_tokens_back(0); }
CASE(tokens_that_are_kept_go_back) { check_tokens_back(LIBSCHED_RUN_KEEP_TOKENS); }

/* --- what fills the room for messages --- */

/* A command whose output does not fit into the bound is over when it has ended. */
static void check_output(uint32_t output, const char *text, uint64_t wanted) {
  stall it;
  libsched_run_options how = stalled(&it, await_event);
  libsched_graph *graph = check_graph_new();
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_job_options options;
  uint64_t first;
  uint64_t last;
  options = check_shell("says much", text);
  first = CHECK_ADD_JOB(graph, &options);
  options = check_function("last", tell, &it);
  last = CHECK_ADD_JOB(graph, &options);
  CHECK_DEPEND(graph, last, first);
  how.output = output;
  how.message_bytes = 1;
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_OK));
  if (wanted != 0) CHECK_EQ(it.output, wanted);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* 600 lines on each stream, of 99 bytes: as much as its pipe holds. */
static const char *const say_much =
    "line=$(printf %099d 7); i=0; "
    "while [ $i -lt 600 ]; do echo $line; echo $line >&2; i=$((i + 1)); done";

CASE(output_holds_up_nobody_behind_it) {
  check_output(LIBSCHED_OUTPUT_STREAM, say_much, 2 * 600 * 99);
}
CASE(grouped_output_holds_up_nobody_behind_it) {
  check_output(LIBSCHED_OUTPUT_GROUP, say_much, 2 * 600 * 99);
}
/* What is left of it goes on writing. */
CASE(output_of_descendants_holds_up_nobody) {
  check_output(LIBSCHED_OUTPUT_STREAM, "yes & yes '' >&2 & exit 0", 0);
}

CASES = {RUN(switches_stop_commands),
         RUN(switches_kill_deaf_commands),
         RUN(cancelled_runs_stop_commands),
         RUN(failures_stop_commands),
         RUN(failures_kill_deaf_commands),
         RUN(timeouts_stop_commands),
         RUN(timeouts_kill_deaf_commands),
         RUN(switches_wake_who_waits_for_the_handler),
         RUN(failures_wake_who_waits_for_the_handler),
         RUN(functions_are_told_of_their_timeouts),
         RUN(what_becomes_ready_starts),
         RUN(tokens_go_back),
         RUN(tokens_that_are_kept_go_back),
         RUN(output_holds_up_nobody_behind_it),
         RUN(grouped_output_holds_up_nobody_behind_it),
         RUN(output_of_descendants_holds_up_nobody),
         CASES_END};
