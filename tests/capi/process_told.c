/* Who is told of ends, and what becomes of those that somebody else takes, or nobody waits for. */
#include "check_process.h"

#define SECOND ((int64_t)1000000000)

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
    CHECK_OK(libsched_queue_pop(&tag, done, CHECK_PATIENCE, 0));
    CHECK_LE(VALUE(tag), 19);
    CHECK_EQ(seen[VALUE(tag)], 0);
    seen[VALUE(tag)] = 1;
    CHECK_OK(libsched_process_wait(0, processes[VALUE(tag)], 0, 0));
    CHECK_EXITED(processes[VALUE(tag)], 5);
  }
  CHECK_EQ(check_queue_len(done), 0);
  libsched_queue_unref(done);
}

/* Who waits looks for the end itself, and when it gives up somebody else does. */
CASE(ends_are_told_after_waits_in_vain) {
  libsched_queue *done = check_queue_new(0);
  libsched_process_options options = check_command("read line; exit 6");
  libsched_process *process;
  void *tag = 0;
  int ends[2];
  int input;
  CHECK_EQ(pipe(ends), 0);
  CHECK_LE(0, input = dup(0));
  CHECK_EQ(dup2(ends[0], 0), 0);
  options.flags |= LIBSCHED_PROCESS_STDIN;
  options.done = done;
  options.tag = 9;
  process = CHECK_SPAWN(&options);
  CHECK_EQ(dup2(input, 0), 0);
  CHECK_STATUS(libsched_process_wait(0, process, 1, 0), LIBSCHED_E_TIMEOUT);
  CHECK_STATUS(libsched_process_wait(0, process, 5000000, 0), LIBSCHED_E_TIMEOUT);
  CHECK_EQ(write(ends[1], "\n", 1), 1);
  CHECK_OK(libsched_queue_pop(&tag, done, CHECK_PATIENCE, 0));
  CHECK_EQ(VALUE(tag), 9);
  CHECK_EXITED(process, 6);
  close(input);
  close(ends[0]);
  close(ends[1]);
  libsched_queue_unref(done);
  check_no_child();
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
  CHECK_OK(libsched_queue_pop(&tag, done, CHECK_PATIENCE, 0));
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
    CHECK_OK(libsched_queue_pop(&tag, done, CHECK_PATIENCE, 0));
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
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, CHECK_PATIENCE, 0, 0));
  libsched_pool_unref(pool);
}

CASES = {RUN(ends_are_told_by_a_queue),
         RUN(ends_are_told_after_waits_in_vain),
         RUN(handles_may_go_first),
         RUN(ends_are_noticed_where_sigchld_is_ignored),
         RUN(ends_are_noticed_where_somebody_takes_them),
         RUN(failed_starts_raise_no_sigchld),
         RUN(workers_wait_too),
         CASES_END};
