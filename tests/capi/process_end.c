/* Ends of processes: of their own, by timeouts, by signals; and what is left behind. */
#include "check_process.h"

#define PATIENCE ((int64_t)CHECK_DEADLINE_S * 1000000000)
#define SECOND ((int64_t)1000000000)

/* Nothing of ours is left: neither running nor a zombie. */
static void check_no_child(void) {
  CHECK_EQ(waitpid(-1, 0, WNOHANG | __WALL), -1);
  CHECK_EQ(errno, ECHILD);
}

static int is_alive(int64_t pid) { return kill((pid_t)pid, 0) == 0; }

/* Shells report there what signals have ended. */
static libsched_process_options without_errors(libsched_process_options options) {
  options.stderr_to = LIBSCHED_PROCESS_NULL;
  options.stderr_queue = 0;
  return options;
}

/* A number in the next message. */
static int64_t pop_number(libsched_queue *queue) {
  static check_output out;
  CHECK(check_pop_output(&out, queue, PATIENCE));
  return atol(out.text);
}

CASE(waits_end_in_time) {
  libsched_process_options options = check_command("exec sleep 1000");
  libsched_process *process = CHECK_SPAWN(&options);
  libsched_process_result result = LIBSCHED_PROCESS_RESULT_INIT;
  libsched_cancel *cancel = 0;
  CHECK_STATUS(libsched_process_wait(&result, process, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_STATUS(libsched_process_wait(&result, process, 1000, 0), LIBSCHED_E_TIMEOUT);
  CHECK_OK(libsched_cancel_create(&cancel));
  CHECK_OK(libsched_cancel_trigger(cancel));
  CHECK_STATUS(libsched_process_wait(&result, process, 0, cancel), LIBSCHED_E_CANCELLED);
  CHECK_STATUS(libsched_process_wait(&result, process, LIBSCHED_FOREVER, cancel),
               LIBSCHED_E_CANCELLED);
  libsched_cancel_unref(cancel);
  CHECK_OK(libsched_process_kill(process, SIGKILL));
  CHECK_OK(libsched_process_wait(0, process, LIBSCHED_FOREVER, 0));
  CHECK_OK(libsched_process_wait(&result, process, 0, 0));
  CHECK_EQ(result.state, LIBSCHED_PROCESS_SIGNALED);
  CHECK_EQ(result.signal, SIGKILL);
  CHECK_EQ(result.flags, 0);
  CHECK_STATUS(libsched_process_kill(process, SIGKILL), LIBSCHED_E_STATE);
  CHECK_STATUS(libsched_process_stop(process, 0), LIBSCHED_E_STATE);
  libsched_process_unref(process);
  check_no_child();
}

static void *wait_for_end(void *data) {
  libsched_process_result result = LIBSCHED_PROCESS_RESULT_INIT;
  CHECK_OK(libsched_process_wait(&result, (libsched_process *)data, LIBSCHED_FOREVER, 0));
  CHECK_EQ(result.code, 9);
  return 0;
}

CASE(any_number_may_wait) {
  libsched_queue *queue = check_queue_bytes(1, 0);
  libsched_process_options options = check_command_into("echo; echo; exit 9", queue);
  libsched_process *process = CHECK_SPAWN(&options);
  pthread_t threads[4];
  int i;
  for (i = 0; i < 4; ++i) threads[i] = check_spawn(wait_for_end, process);
  CHECK_OUT(queue, 0, "");
  CHECK_OUT(queue, 0, "");
  for (i = 0; i < 4; ++i) check_join(threads[i]);
  CHECK_EXITED(process, 9);
  libsched_queue_unref(queue);
}

CASE(timeouts_terminate) {
  libsched_process_options options = check_command("exec sleep 1000");
  libsched_process_result result;
  options.timeout_ns = 1000000;
  result = check_end(CHECK_SPAWN(&options));
  CHECK_EQ(result.state, LIBSCHED_PROCESS_SIGNALED);
  CHECK_EQ(result.signal, SIGTERM);
  CHECK_EQ(result.flags, LIBSCHED_PROCESS_TIMED_OUT);
  check_no_child();
  options = check_command("exit 0");
  options.timeout_ns = 1000 * SECOND;
  CHECK_EXITED(CHECK_SPAWN(&options), 0);
}

/* TERM is heard first, and the grace is there for it. */
CASE(timeouts_leave_a_grace) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_process_options options = without_errors(check_command_into(
      "trap 'echo bye; exit 4' TERM; echo ready; while :; do sleep 0.01; done", queue));
  libsched_process *process;
  libsched_process_result result;
  options.timeout_ns = SECOND / 5;
  options.grace_ns = LIBSCHED_FOREVER;
  process = CHECK_SPAWN(&options);
  CHECK_OUT(queue, 0, "ready");
  result = check_end(process);
  CHECK_OUT(queue, 0, "bye");
  CHECK_EQ(result.state, LIBSCHED_PROCESS_EXITED);
  CHECK_EQ(result.code, 4);
  CHECK_EQ(result.flags, LIBSCHED_PROCESS_TIMED_OUT);
  libsched_queue_unref(queue);
}

/* A whole group that will not hear is killed: the shell, and what it has started. */
CASE(deaf_groups_are_killed) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_process_options options = check_command_into(
      "trap '' TERM; sh -c 'echo $$; exec sleep 1000' & wait; sleep 1000", queue);
  libsched_process *process;
  libsched_process_result result;
  int64_t grandchild;
  options.timeout_ns = SECOND / 5;
  options.grace_ns = SECOND / 5;
  process = CHECK_SPAWN(&options);
  grandchild = pop_number(queue);
  result = check_end(process);
  CHECK_EQ(result.signal, SIGKILL);
  CHECK_EQ(result.flags, LIBSCHED_PROCESS_TIMED_OUT);
  CHECK_UNTIL(!is_alive(grandchild));
  libsched_queue_unref(queue);
}

/* The leader hears, its child does not, and has no pipe of ours: it gets its KILL all the same. */
CASE(deaf_grandchildren_are_killed) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_process_options options = check_command_into(
      "(trap '' TERM; exec sleep 1000 >/dev/null 2>&1) & echo $!; exec sleep 1000", queue);
  libsched_process *process = CHECK_SPAWN(&options);
  libsched_process_result result;
  int64_t grandchild = pop_number(queue);
  CHECK_OK(libsched_process_stop(process, 1000 * SECOND));
  result = check_end(process);
  CHECK_EQ(result.signal, SIGTERM);
  CHECK_EQ(result.flags, LIBSCHED_PROCESS_STOPPED);
  CHECK_UNTIL(!is_alive(grandchild));

  /* Or it has: then it has the grace. */
  options = without_errors(check_command_into(
      "(trap 'echo heard; sleep 0.1; echo done; exit' TERM; echo $$; while :; do sleep 0.01; done) "
      "& wait; exec sleep 1000",
      queue));
  process = CHECK_SPAWN(&options);
  pop_number(queue);
  CHECK_OK(libsched_process_stop(process, 1000 * SECOND));
  result = check_end(process);
  CHECK_EQ(result.flags, LIBSCHED_PROCESS_STOPPED);
  CHECK_OUT(queue, 0, "heard");
  CHECK_OUT(queue, 0, "done");
  check_no_child();
  libsched_queue_unref(queue);
}

CASE(stops_can_be_hastened) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_process_options options =
      without_errors(check_command_into("trap '' TERM; echo; while :; do sleep 0.01; done", queue));
  libsched_process *process = CHECK_SPAWN(&options);
  libsched_process_result result;
  CHECK_OUT(queue, 0, "");
  CHECK_OK(libsched_process_stop(process, LIBSCHED_FOREVER));
  CHECK_OK(libsched_process_stop(process, 1000 * SECOND));
  CHECK_STATUS(libsched_process_wait(0, process, 1000000, 0), LIBSCHED_E_TIMEOUT);
  CHECK_OK(libsched_process_stop(process, 0));
  result = check_end(process);
  CHECK_EQ(result.signal, SIGKILL);
  CHECK_EQ(result.flags, LIBSCHED_PROCESS_STOPPED);
  libsched_queue_unref(queue);
}

CASE(stopped_processes_hear_of_it) {
  libsched_process_options options = check_command("kill -STOP $$; exit 0");
  libsched_process *process = CHECK_SPAWN(&options);
  libsched_process_result result;
  int64_t pid = 0;
  siginfo_t info;
  CHECK_OK(libsched_process_pid(&pid, process));
  CHECK_EQ(waitid(P_PID, (id_t)pid, &info, WSTOPPED | WNOWAIT), 0);
  CHECK_OK(libsched_process_stop(process, LIBSCHED_FOREVER));
  result = check_end(process);
  CHECK_EQ(result.signal, SIGTERM);
}

CASE(signals_reach_the_group) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_process_options options = without_errors(
      check_command_into("trap 'echo usr; exit 6' USR1; sleep 1000 & echo $!; wait", queue));
  libsched_process *process = CHECK_SPAWN(&options);
  int64_t grandchild = pop_number(queue);
  CHECK_OK(libsched_process_kill(process, SIGUSR1));
  CHECK_EXITED(process, 6);
  CHECK_OUT(queue, 0, "usr");
  CHECK_UNTIL(!is_alive(grandchild));

  /* Without one they reach nobody else: neither the grandchild nor this process. */
  options = check_command_into("sleep 1000 & echo $!; exec sleep 1000", queue);
  options.flags |= LIBSCHED_PROCESS_NO_GROUP;
  options.linger_ns = 1;
  process = CHECK_SPAWN(&options);
  grandchild = pop_number(queue);
  CHECK_OK(libsched_process_stop(process, 0));
  CHECK_EQ(check_end(process).flags, LIBSCHED_PROCESS_STOPPED | LIBSCHED_PROCESS_HELD);
  CHECK(is_alive(grandchild));
  CHECK_EQ(kill((pid_t)grandchild, SIGKILL), 0);
  libsched_queue_unref(queue);
}

/* A descendant keeps the pipe: what it says within the time still comes. */
CASE(held_pipes_are_waited_for) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_process_options options =
      check_command_into("(sleep 0.1; echo late) & echo early", queue);
  libsched_process_result result;
  options.linger_ns = LIBSCHED_FOREVER;
  result = check_end(CHECK_SPAWN(&options));
  CHECK_EQ(result.flags, 0);
  CHECK_OUT(queue, 0, "early");
  CHECK_OUT(queue, 0, "late");
  libsched_queue_unref(queue);
}

CASE(held_pipes_are_given_up) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_process_options options = check_command_into("sleep 1000 & echo $!; printf half", queue);
  libsched_process_result result;
  int64_t grandchild;
  options.linger_ns = 1;
  result = check_end(CHECK_SPAWN(&options));
  CHECK_EQ(result.state, LIBSCHED_PROCESS_EXITED);
  CHECK_EQ(result.flags, LIBSCHED_PROCESS_HELD);
  grandchild = pop_number(queue);
  CHECK_OUT(queue, LIBSCHED_PROCESS_UNFINISHED, "half");
  CHECK(is_alive(grandchild));
  CHECK_EQ(kill((pid_t)grandchild, SIGKILL), 0);

  /* One that floods does not keep it open for ever either. */
  options = check_command_into("yes & echo", queue);
  options.linger_ns = SECOND / 100;
  result = check_end(CHECK_SPAWN(&options));
  CHECK_EQ(result.flags, LIBSCHED_PROCESS_HELD);
  libsched_queue_unref(queue);
}

/* The timeout holds for those that are left as well. */
CASE(timeouts_hold_while_pipes_are_held) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_process_options options = check_command_into("sleep 1000 & echo", queue);
  libsched_process_result result;
  options.linger_ns = LIBSCHED_FOREVER;
  options.timeout_ns = SECOND / 5;
  result = check_end(CHECK_SPAWN(&options));
  CHECK_EQ(result.state, LIBSCHED_PROCESS_EXITED);
  CHECK_EQ(result.flags, LIBSCHED_PROCESS_TIMED_OUT);
  libsched_queue_unref(queue);
}

CASE(ends_are_told_by_a_queue) {
  libsched_queue *done = check_queue_new(1); /* whose bound does not hold here */
  libsched_process *processes[20];
  char seen[20] = {0};
  int i;
  for (i = 0; i < 20; ++i) {
    libsched_process_options options = check_command("exit 5");
    options.done = done;
    options.tag = (uint64_t)i;
    processes[i] = CHECK_SPAWN(&options);
  }
  for (i = 0; i < 20; ++i) {
    void *tag = UNTOUCHED;
    CHECK_OK(libsched_queue_pop(&tag, done, PATIENCE, 0));
    CHECK_LE(VALUE(tag), 19);
    CHECK_EQ(seen[VALUE(tag)], 0);
    seen[VALUE(tag)] = 1;
    CHECK_OK(libsched_process_wait(0, processes[VALUE(tag)], 0, 0));
    CHECK_EXITED(processes[VALUE(tag)], 5);
  }
  CHECK_EQ(check_queue_len(done), 0);
  libsched_queue_unref(done);
}

/* Without a handle it goes on, and leaves nothing. */
CASE(handles_may_go_first) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_queue *done = check_queue_new(0);
  libsched_process_options options = check_command_into("sleep 0.05; echo last", queue);
  void *tag = 0;
  options.done = done;
  options.tag = 3;
  libsched_process_unref(CHECK_SPAWN(&options));
  CHECK_EQ(check_live(LIBSCHED_KIND_PROCESS), 0);
  CHECK_OK(libsched_queue_pop(&tag, done, PATIENCE, 0));
  CHECK_EQ(VALUE(tag), 3);
  CHECK_OUT(queue, 0, "last");
  check_no_child();

  /* Or it is killed, with its group. */
  options = check_command_into("sleep 1000 & echo $!; wait", queue);
  options.flags |= LIBSCHED_PROCESS_KILL_ON_UNREF;
  options.done = done;
  {
    libsched_process *process = libsched_process_ref(CHECK_SPAWN(&options));
    int64_t grandchild = pop_number(queue);
    libsched_process_unref(process);
    CHECK(is_alive(grandchild));
    libsched_process_unref(process);
    CHECK_OK(libsched_queue_pop(&tag, done, PATIENCE, 0));
    CHECK_UNTIL(!is_alive(grandchild));
  }
  check_no_child();
  libsched_queue_unref(queue);
  libsched_queue_unref(done);
}

/* What the kernel drops, or somebody takes, is never taken for success. */
static int can_recall(void) {
  /* Linux 6.15: PIDFD_INFO_EXIT. Without it the status is lost. */
  int major = 0;
  int minor = 0;
  FILE *file = fopen("/proc/sys/kernel/osrelease", "r");
  CHECK(file != 0);
  CHECK_EQ(fscanf(file, "%d.%d", &major, &minor), 2);
  fclose(file);
  return major > 6 || (major == 6 && minor >= 15);
}

CASE(ends_are_noticed_where_sigchld_is_ignored) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_process_options options = check_command_into("echo out; exit 3", queue);
  libsched_process_result result;
  libsched_process *process;
  CHECK(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
  result = check_end(CHECK_SPAWN(&options));
  CHECK_OUT(queue, 0, "out");
  CHECK_EQ(result.state, can_recall() ? LIBSCHED_PROCESS_EXITED : LIBSCHED_PROCESS_UNKNOWN);
  if (can_recall()) CHECK_EQ(result.code, 3);
  options = check_command("exec sleep 1000");
  process = CHECK_SPAWN(&options);
  CHECK_OK(libsched_process_stop(process, 0));
  result = check_end(process);
  CHECK_EQ(result.state, can_recall() ? LIBSCHED_PROCESS_SIGNALED : LIBSCHED_PROCESS_UNKNOWN);
  options = check_command_into("sleep 1000 & echo; exit 3", queue);
  options.timeout_ns = SECOND / 5;
  options.linger_ns = LIBSCHED_FOREVER;
  options.grace_ns = 1;
  result = check_end(CHECK_SPAWN(&options));
  CHECK_EQ(result.flags, LIBSCHED_PROCESS_TIMED_OUT);
  libsched_queue_unref(queue);
}

static int thief_stops;

static void *wait_for_any(void *count) {
  while (!CHECK_GET(thief_stops)) {
    if (waitpid(-1, 0, WNOHANG | __WALL) > 0) CHECK_ADD(*(int *)count, 1);
  }
  return 0;
}

CASE(ends_are_noticed_where_somebody_takes_them) {
  static const char *const missing[] = {"/no/such/program", 0};
  int stolen = 0;
  pthread_t thief = check_spawn(wait_for_any, &stolen);
  int i;
  for (i = 0; i < CHECK_SCALE(200, 40) || CHECK_GET(stolen) == 0; ++i) {
    libsched_process_options options = check_command("exit 3");
    libsched_process_result result = check_end(CHECK_SPAWN(&options));
    libsched_process *process = 0;
    if (result.state != LIBSCHED_PROCESS_EXITED) {
      CHECK_EQ(result.state, LIBSCHED_PROCESS_UNKNOWN);
      CHECK(!can_recall());
    } else {
      CHECK_EQ(result.code, 3);
    }
    options.argv = missing;
    options.flags = 0;
    CHECK_STATUS(libsched_process_spawn(&process, &options, 0), -ENOENT);
  }
  CHECK_SET(thief_stops, 1);
  check_join(thief);
}

/* The host's handler hears of ends, as of those of any child, but not of programs that never began. */
static int sigchlds;

static void count_sigchld(int signal) {
  (void)signal;
  CHECK_ADD(sigchlds, 1);
}

CASE(failed_starts_raise_no_sigchld) {
  static const char *const missing[] = {"/no/such/program", 0};
  libsched_process_options options = LIBSCHED_PROCESS_OPTIONS_INIT;
  libsched_process *process = 0;
  struct sigaction action;
  memset(&action, 0, sizeof(action));
  action.sa_handler = count_sigchld;
  CHECK_EQ(sigaction(SIGCHLD, &action, 0), 0);
  options.argv = missing;
  CHECK_STATUS(libsched_process_spawn(&process, &options, 0), -ENOENT);
  CHECK_EQ(CHECK_GET(sigchlds), 0);
  check_no_child();
  options = check_command("exit 0");
  CHECK_EXITED(CHECK_SPAWN(&options), 0);
  CHECK_UNTIL(CHECK_GET(sigchlds) == 1);
}

/* A worker that waits for a process hands its place to another. */
static libsched_process *awaited;
static check_event finished = CHECK_EVENT_INIT;

static int wait_in_task(libsched_task *task, void *data) {
  (void)task;
  (void)data;
  CHECK_OK(libsched_process_wait(0, awaited, LIBSCHED_FOREVER, 0));
  check_event_add(&finished, 1);
  return 0;
}

static int end_in_task(libsched_task *task, void *data) {
  (void)task;
  (void)data;
  CHECK_OK(libsched_process_kill(awaited, SIGKILL));
  return 0;
}

CASE(workers_wait_too) {
  libsched_process_options options = check_command("exec sleep 1000");
  libsched_pool_options pool_options = LIBSCHED_POOL_OPTIONS_INIT;
  libsched_pool *pool = 0;
  pool_options.workers = 1;
  CHECK_OK(libsched_pool_create(&pool, &pool_options, 0));
  awaited = CHECK_SPAWN(&options);
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, wait_in_task, 0, 0));
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, end_in_task, 0, 0));
  CHECK_AWAIT(&finished, 1);
  check_end(awaited);
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, PATIENCE, 0, 0));
  libsched_pool_unref(pool);
}

CASES = {RUN(waits_end_in_time),
         RUN(any_number_may_wait),
         RUN(timeouts_terminate),
         RUN(timeouts_leave_a_grace),
         RUN(deaf_groups_are_killed),
         RUN(deaf_grandchildren_are_killed),
         RUN(stops_can_be_hastened),
         RUN(stopped_processes_hear_of_it),
         RUN(signals_reach_the_group),
         RUN(held_pipes_are_waited_for),
         RUN(held_pipes_are_given_up),
         RUN(timeouts_hold_while_pipes_are_held),
         RUN(ends_are_told_by_a_queue),
         RUN(handles_may_go_first),
         RUN(ends_are_noticed_where_sigchld_is_ignored),
         RUN(ends_are_noticed_where_somebody_takes_them),
         RUN(failed_starts_raise_no_sigchld),
         RUN(workers_wait_too),
         CASES_END};
