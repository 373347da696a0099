/* GNU make and a shell under brokers: many jobs, no complaint, and nothing left behind. */
#include "check_child.h"

enum { EXPLICIT = LIBSCHED_JOBSERVER_EXPLICIT };

/* Starts `sh -c script` under a broker, with its output in a file. */
static pid_t start(libsched_broker *broker, const char *script, const char *output) {
  char *argv[4];
  char **envp = 0;
  int read_fd = -1;
  int write_fd = -1;
  pid_t pid;
  argv[0] = (char *)(uintptr_t) "sh";
  argv[1] = (char *)(uintptr_t) "-c";
  argv[2] = (char *)(uintptr_t)script;
  argv[3] = 0;
  CHECK_OK(libsched_broker_envp(&envp, broker, 0));
  CHECK_OK(libsched_broker_child_fds(&read_fd, &write_fd, broker));
  fflush(stdout);
  pid = fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    int fd = open(output, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    dup2(fd, 1);
    dup2(fd, 2);
    fcntl(read_fd, F_SETFD, 0);
    fcntl(write_fd, F_SETFD, 0);
    execve("/bin/sh", argv, envp);
    _exit(127);
  }
  CHECK_OK(libsched_broker_start(broker));
  libsched_envp_free(envp);
  return pid;
}

static int status_of(pid_t pid) {
  int status = 0;
  CHECK_EQ(waitpid(pid, &status, 0), pid);
  return status;
}

static char folder[64];
static char output[128];

static void enter_folder(void) {
  strcpy(folder, "/tmp/libsched-make-XXXXXX");
  CHECK(mkdtemp(folder) != 0);
  CHECK_EQ(chdir(folder), 0);
  sprintf(output, "%s/output", folder);
  if (system("make --version > version 2>&1") != 0) check_skip("there is no make");
}

static void leave_folder(void) {
  char command[128];
  CHECK_EQ(chdir("/"), 0);
  sprintf(command, "rm -r %s", folder);
  CHECK_EQ(system(command), 0);
}

static void write_file(const char *path, const char *text) {
  FILE *file = fopen(path, "w");
  CHECK(file != 0);
  CHECK(fputs(text, file) >= 0);
  CHECK_EQ(fclose(file), 0);
}

static void check_output_is(const char *want) {
  char text[4096];
  FILE *file = fopen(output, "r");
  size_t n;
  CHECK(file != 0);
  n = fread(text, 1, sizeof(text) - 1, file);
  text[n] = 0;
  fclose(file);
  CHECK_STR(text, want);
}

/* Each job waits until all of them run: so many at a time there must be. */
static const char together[] =
    "JOBS := 1 2 3 4\n"
    "all: $(JOBS)\n"
    "$(JOBS): ; @touch here.$@; i=0; while [ $$(ls here.* | wc -l) -lt 4 ]; do sleep 0.01; "
    "i=$$((i + 1)); [ $$i -lt 3000 ] || exit 1; done\n";

CASE(make_runs_as_many_jobs_as_there_are_slots) {
  libsched_jobserver *jobserver = check_serve(4, LIBSCHED_JOBSERVER_PIPE, EXPLICIT);
  libsched_broker *broker = check_broker_new(jobserver);
  libsched_broker_stats stats;
  enter_folder();
  write_file("Makefile", together);
  CHECK_EQ(status_of(start(broker, "exec make", output)), 0);
  check_broker_await(broker);
  check_output_is("");
  stats = check_broker_stats(broker);
  CHECK_LE(3, stats.total);
  CHECK_EQ(stats.rescued, 0);
  CHECK_EQ(stats.extra, 0);
  CHECK_EQ(check_stats(jobserver).available, 3);
  libsched_broker_unref(broker);
  libsched_jobserver_unref(jobserver);
  leave_folder();
}

/* It is killed with all of its jobs on the way: those that survive it keep the broker, and the count is whole after them. */
CASE(make_is_killed) {
  libsched_jobserver *jobserver = check_serve(4, LIBSCHED_JOBSERVER_PIPE, EXPLICIT);
  libsched_broker *broker = check_broker_new(jobserver);
  pid_t pid;
  enter_folder();
  /* With '+' the jobs have the pipe as well. */
  write_file("Makefile",
             "all: 1 2 3 4\n"
             "1 2 3 4: ; +@touch here.$@; while [ ! -e end ]; do sleep 0.01; done\n");
  pid = start(broker, "exec make", output);
  CHECK_UNTIL(access("here.1", F_OK) == 0 && access("here.2", F_OK) == 0 &&
              access("here.3", F_OK) == 0 && access("here.4", F_OK) == 0);
  CHECK_UNTIL(check_broker_stats(broker).taken == 3);
  CHECK_EQ(kill(pid, SIGKILL), 0);
  CHECK(WIFSIGNALED(status_of(pid)));
  CHECK_STATUS(libsched_broker_wait(broker, 20000000, 0), LIBSCHED_E_TIMEOUT);
  write_file("end", "");
  check_broker_await(broker);
  CHECK_EQ(check_broker_stats(broker).rescued, 3);
  CHECK_EQ(check_stats(jobserver).available, 3);
  CHECK_EQ(check_stats(jobserver).outstanding, 0);
  libsched_broker_unref(broker);
  libsched_jobserver_unref(jobserver);
  leave_folder();
}

CASE(a_shell_knows_of_it) {
  libsched_jobserver *jobserver = check_serve(4, LIBSCHED_JOBSERVER_PIPE, EXPLICIT);
  libsched_broker *broker = check_broker_new(jobserver);
  char want[80];
  enter_folder();
  sprintf(want, "%s\n", libsched_broker_makeflags(broker));
  CHECK_EQ(status_of(start(broker, "echo \"$MAKEFLAGS\"; sleep 0.01 &", output)), 0);
  check_broker_await(broker);
  check_output_is(want);
  libsched_broker_unref(broker);
  libsched_jobserver_unref(jobserver);
  leave_folder();
}

CASES = {RUN(make_runs_as_many_jobs_as_there_are_slots), RUN(make_is_killed),
         RUN(a_shell_knows_of_it), CASES_END};
