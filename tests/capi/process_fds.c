/* No descriptor, child or handle leaks: not into children, not here, and not into what other threads start. */
#include "check_fork.h"
#include "check_process.h"
/* They go first: check.h sets the feature macros. */
#include <fcntl.h>
#include <sys/resource.h>

/* The descriptors of a child, which lists them itself; the list is one more. */
static const char list_fds[] = "cd /proc/self/fd; echo *";

CASE(children_get_what_is_named) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_process_options options = check_command_into(list_fds, queue);
  static const int named[] = {300, 40, 40};
  int i;
  /* Open all over the place, and not closed on exec. */
  for (i = 20; i < 400; i += 20) CHECK_EQ(dup2(2, i), i);
  CHECK_EQ(fcntl(2, F_DUPFD_CLOEXEC, 60 + 1) >= 0, 1);
  CHECK_EXITED(CHECK_SPAWN(&options), 0);
  CHECK_OUT(queue, 0, "0 1 2 3");
  options.inherit = named;
  options.inherit_count = 3;
  CHECK_EXITED(CHECK_SPAWN(&options), 0);
  CHECK_OUT(queue, 0, "0 1 2 3 300 40");
  /* One that is closed on exec gets through too, and stays so here. */
  CHECK_EQ(fcntl(300, F_SETFD, FD_CLOEXEC), 0);
  CHECK_EXITED(CHECK_SPAWN(&options), 0);
  CHECK_OUT(queue, 0, "0 1 2 3 300 40");
  CHECK_EQ(fcntl(300, F_GETFD), FD_CLOEXEC);
  libsched_queue_unref(queue);
}

/* With as few descriptors as possible left. */
CASE(full_tables_are_an_error) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_process_options options = check_command_into("exit 0", queue);
  libsched_process *process = 0;
  int fds[100];
  struct rlimit limit;
  int n = 0;
  int kept;
  /* Whatever is made once is made. */
  CHECK_EXITED(CHECK_SPAWN(&options), 0);
  CHECK_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = 90;
  CHECK_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  while ((fds[n] = dup(2)) >= 0) ++n;
  for (kept = 0; kept < 12; ++kept) {
    int status = libsched_process_spawn(&process, &options, 0);
    if (status == LIBSCHED_OK) {
      CHECK_EXITED(process, 0);
    } else {
      CHECK_STATUS(status, -EMFILE);
      CHECK_EQ(waitpid(-1, 0, WNOHANG | __WALL), -1);
    }
    close(fds[--n]);
  }
  /* What failed attempts have opened is closed soon. */
  CHECK_UNTIL(libsched_process_spawn(&process, &options, 0) == LIBSCHED_OK);
  CHECK_EXITED(process, 0);
  libsched_queue_unref(queue);
}

CASE(nothing_is_left_open) {
  libsched_queue *queue = check_queue_bytes(1, 0);
  libsched_queue *done = check_queue_new(0);
  static const char *const missing[] = {"/no/such/program", 0};
  int fds;
  int threads = check_threads_at_rest();
  int i;
  CHECK_UNTIL(check_threads() == threads);
  fds = check_fds();
  for (i = 0; i < 30; ++i) {
    libsched_process_options options = check_command_into("echo 1; echo 2; exit 1", queue);
    libsched_process *process;
    options.done = done;
    libsched_process_unref(CHECK_SPAWN(&options));
    options.argv = missing;
    options.flags = 0;
    CHECK_STATUS(libsched_process_spawn(&process, &options, 0), -ENOENT);
    CHECK(process == 0);
  }
  for (i = 0; i < 60; ++i) {
    static check_output out;
    CHECK(check_pop_output(&out, queue, (int64_t)CHECK_DEADLINE_S * 1000000000));
  }
  for (i = 0; i < 30; ++i) {
    void *tag;
    CHECK_OK(libsched_queue_pop(&tag, done, (int64_t)CHECK_DEADLINE_S * 1000000000, 0));
  }
  CHECK_UNTIL(check_fds() == fds);
  CHECK_UNTIL(check_threads() == threads);
  CHECK_EQ(waitpid(-1, 0, WNOHANG | __WALL), -1);
  libsched_queue_unref(queue);
  libsched_queue_unref(done);
}

/* Another thread forks, and starts programs, all the time. None of them has our pipes, so each of ours has its end at once. */
static int forker_stops;

static void *fork_all_the_time(void *data) {
  while (!CHECK_GET(forker_stops)) {
    int status = 0;
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      execl("/bin/sh", "sh", "-c",
            "sleep 0.2; cd /proc/self/fd; set -- *; test \"$*\" = \"0 1 2 3\"", (char *)0);
      _exit(99);
    }
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK(WIFEXITED(status));
    CHECK_EQ(WEXITSTATUS(status), 0);
  }
  (void)data;
  return 0;
}

CASE(forks_of_other_threads_share_nothing) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  pthread_t forkers[3];
  int i;
  for (i = 3; i < 1024; ++i) close(i); /* the test's own parent may have left some */
  for (i = 0; i < 3; ++i) forkers[i] = check_spawn(fork_all_the_time, 0);
  for (i = 0; i < CHECK_SCALE(200, 40); ++i) {
    libsched_process_options options = check_command_into(list_fds, queue);
    options.linger_ns = LIBSCHED_FOREVER;
    CHECK_EXITED(CHECK_SPAWN(&options), 0);
    CHECK_OUT(queue, 0, "0 1 2 3");
  }
  CHECK_SET(forker_stops, 1);
  for (i = 0; i < 3; ++i) check_join(forkers[i]);
  libsched_queue_unref(queue);
}

/* Many threads start processes at once. */
static void *spawn_some(void *data) {
  libsched_queue *queue = (libsched_queue *)data;
  int i;
  for (i = 0; i < CHECK_SCALE(50, 10); ++i) {
    static const char *argv[] = {"/bin/sh", "-c", "cd /proc/self/fd; echo *; exit 2", 0};
    libsched_process_options options = LIBSCHED_PROCESS_OPTIONS_INIT;
    options.argv = argv;
    options.stdout_to = LIBSCHED_PROCESS_QUEUE;
    options.stdout_queue = queue;
    options.linger_ns = LIBSCHED_FOREVER;
    CHECK_EXITED(CHECK_SPAWN(&options), 2);
  }
  return 0;
}

CASE(threads_start_processes_at_once) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  pthread_t threads[4];
  int i;
  for (i = 0; i < 4; ++i) threads[i] = check_spawn(spawn_some, queue);
  for (i = 0; i < 4; ++i) check_join(threads[i]);
  for (i = 0; i < 4 * CHECK_SCALE(50, 10); ++i) CHECK_OUT(queue, 0, "0 1 2 3");
  libsched_queue_unref(queue);
}

/* In a child that the host forks the handle is dead, and the process the parent's. */
static libsched_process *of_the_parent;

static void use_in_child(void *data) {
  libsched_process_result result = LIBSCHED_PROCESS_RESULT_INIT;
  int64_t pid = 0;
  (void)data;
  CHECK_STATUS(libsched_process_wait(&result, of_the_parent, LIBSCHED_FOREVER, 0),
               LIBSCHED_E_FORKED);
  CHECK_STATUS(libsched_process_stop(of_the_parent, 0), LIBSCHED_E_FORKED);
  CHECK_STATUS(libsched_process_kill(of_the_parent, 9), LIBSCHED_E_FORKED);
  CHECK_STATUS(libsched_process_pid(&pid, of_the_parent), LIBSCHED_E_FORKED);
  libsched_process_unref(of_the_parent);
  if (!CHECK_TSAN) {
    libsched_process_options options = check_command("exit 11");
    CHECK_EXITED(CHECK_SPAWN(&options), 11);
  }
}

CASE(handles_are_dead_after_fork) {
  libsched_process_options options = check_command("exec sleep 1000");
  options.flags |= LIBSCHED_PROCESS_KILL_ON_UNREF;
  of_the_parent = CHECK_SPAWN(&options);
  in_child(BY_FORK, use_in_child, 0);
  in_child(BY_CLONE, use_in_child, 0);
  CHECK_STATUS(libsched_process_wait(0, of_the_parent, 0, 0), LIBSCHED_E_TIMEOUT);
  libsched_process_unref(of_the_parent);
  CHECK_UNTIL(waitpid(-1, 0, WNOHANG | WNOWAIT | __WALL) == -1);
}

/* They are inherited whatever their flags are. */
CASE(standard_streams_that_are_closed_on_exec) {
  static const char *const argv[] = {"echo said", 0};
  libsched_process_options options = LIBSCHED_PROCESS_OPTIONS_INIT;
  libsched_process_result result = LIBSCHED_PROCESS_RESULT_INIT;
  libsched_process *process;
  CHECK_EQ(fcntl(1, F_SETFD, FD_CLOEXEC), 0);
  options.argv = argv;
  options.flags = LIBSCHED_PROCESS_SHELL;
  CHECK_OK(libsched_process_spawn(&process, &options, 0));
  CHECK_OK(libsched_process_wait(&result, process, LIBSCHED_FOREVER, 0));
  CHECK_EQ(result.state, LIBSCHED_PROCESS_EXITED);
  CHECK_EQ(result.code, 0);
  libsched_process_unref(process);
}

CASES = {RUN(children_get_what_is_named),
         RUN(full_tables_are_an_error),
         RUN(nothing_is_left_open),
         RUN(forks_of_other_threads_share_nothing),
         RUN(threads_start_processes_at_once),
         RUN(standard_streams_that_are_closed_on_exec),
         RUN(handles_are_dead_after_fork),
         CASES_END};
