/* What a process is started with, and what it tells of its end. */
#include "check_process.h"
/* It goes first: check.h sets the feature macros. */
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

CASE(exit_codes_are_told) {
  libsched_process_options options = check_command("exit 0");
  libsched_process_result result;
  int64_t before = check_now_ns();
  options.tag = 77;
  result = check_end(CHECK_SPAWN(&options));
  CHECK_EQ(result.struct_size, sizeof(result));
  CHECK_EQ(result.tag, 77);
  CHECK_EQ(result.state, LIBSCHED_PROCESS_EXITED);
  CHECK_EQ(result.code, 0);
  CHECK_EQ(result.signal, 0);
  CHECK_EQ(result.flags, 0);
  CHECK_LE(before, result.start_ns);
  CHECK_LE(result.start_ns, result.end_ns);
  CHECK_LE(result.end_ns, check_now_ns());
  CHECK(result.max_rss > 0);
  CHECK_EQ(result.bytes_read, 0);
  CHECK_EQ(result.bytes_dropped, 0);
  options = check_command("exit 42");
  CHECK_EXITED(CHECK_SPAWN(&options), 42);
  options = check_command("exit 255");
  CHECK_EXITED(CHECK_SPAWN(&options), 255);
}

CASE(signals_are_told) {
  libsched_process_options options = check_command("kill -USR1 $$");
  libsched_process_result result = check_end(CHECK_SPAWN(&options));
  CHECK_EQ(result.state, LIBSCHED_PROCESS_SIGNALED);
  CHECK_EQ(result.signal, SIGUSR1);
  CHECK_EQ(result.code, 0);
}

CASE(cpu_time_is_told) {
  libsched_process_options options =
      check_command("i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done");
  libsched_process_result result = check_end(CHECK_SPAWN(&options));
  CHECK_EQ(result.state, LIBSCHED_PROCESS_EXITED);
  CHECK(result.user_ns + result.system_ns > 0);
}

CASE(arguments_are_passed_as_they_are) {
  static const char *argv[] = {"printf", "%s|", "a b", "", "$HOME", "'", 0};
  libsched_process_options options = LIBSCHED_PROCESS_OPTIONS_INIT;
  libsched_queue *queue = check_queue_bytes(0, 0);
  options.argv = argv;
  options.stdout_to = LIBSCHED_PROCESS_QUEUE;
  options.stdout_queue = queue;
  CHECK_EXITED(CHECK_SPAWN(&options), 0);
  CHECK_OUT(queue, LIBSCHED_PROCESS_UNFINISHED, "a b||$HOME|'|");
  libsched_queue_unref(queue);
}

CASE(shell_commands_have_parameters) {
  static const char *argv[] = {"echo \"$0 $1 $2 $#\"", "one", "two words", 0};
  libsched_process_options options = check_command("");
  libsched_queue *queue = check_queue_bytes(0, 0);
  options.argv = argv;
  options.stdout_to = LIBSCHED_PROCESS_QUEUE;
  options.stdout_queue = queue;
  CHECK_EXITED(CHECK_SPAWN(&options), 0);
  CHECK_OUT(queue, 0, "/bin/sh one two words 2");
  libsched_queue_unref(queue);
}

CASE(both_streams_have_their_numbers) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_queue *errors = check_queue_bytes(0, 0);
  libsched_process_options options = check_command_into("echo out; echo err >&2", queue);
  options.stderr_queue = errors;
  options.tag = 5;
  CHECK_EXITED(CHECK_SPAWN(&options), 0);
  CHECK_EQ(check_queue_len(queue), 1);
  CHECK_OUT(queue, 0, "out");
  CHECK_ERR(errors, 0, "err");
  libsched_queue_unref(queue);
  libsched_queue_unref(errors);
}

CASE(merged_streams_keep_their_order) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_process_options options =
      check_command_into("echo 1; echo 2 >&2; echo 3; echo 4 >&2", queue);
  options.stderr_to = LIBSCHED_PROCESS_MERGE;
  options.stderr_queue = 0;
  CHECK_EXITED(CHECK_SPAWN(&options), 0);
  CHECK_OUT(queue, 0, "1");
  CHECK_OUT(queue, 0, "2");
  CHECK_OUT(queue, 0, "3");
  CHECK_OUT(queue, 0, "4");
  CHECK_EQ(check_queue_len(queue), 0);
  libsched_queue_unref(queue);
}

/* Where each descriptor of a child leads to. */
CASE(streams_lead_where_they_should) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_process_options options =
      check_command_into("readlink /proc/$$/fd/0 /proc/$$/fd/2", queue);
  options.stderr_to = LIBSCHED_PROCESS_NULL;
  options.stderr_queue = 0;
  CHECK_EXITED(CHECK_SPAWN(&options), 0);
  CHECK_OUT(queue, 0, "/dev/null");
  CHECK_OUT(queue, 0, "/dev/null");

  options = check_command_into(
      "a=$(readlink /proc/$$/fd/1); b=$(readlink /proc/$$/fd/2); echo $a $b >&9", queue);
  options.stdout_to = LIBSCHED_PROCESS_NULL;
  options.stdout_queue = 0;
  options.stderr_to = LIBSCHED_PROCESS_MERGE;
  options.stderr_queue = 0;
  {
    int fds[2];
    int nine = 9;
    char text[64];
    ssize_t size;
    CHECK_EQ(pipe(fds), 0);
    CHECK_EQ(fcntl(fds[1], F_DUPFD, nine), nine);
    options.inherit = &nine;
    options.inherit_count = 1;
    CHECK_EXITED(CHECK_SPAWN(&options), 0);
    size = read(fds[0], text, sizeof(text));
    CHECK_EQ(size, 20);
    CHECK_EQ(memcmp(text, "/dev/null /dev/null\n", 20), 0);
  }
  libsched_queue_unref(queue);
}

CASE(stdin_can_be_inherited) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_process_options options = check_command_into("cat", queue);
  int fds[2];
  CHECK_EQ(pipe(fds), 0);
  CHECK_EQ(dup2(fds[0], 0), 0);
  CHECK_EQ(write(fds[1], "given\n", 6), 6);
  close(fds[1]);
  CHECK_EXITED(CHECK_SPAWN(&options), 0);
  CHECK_EQ(check_queue_len(queue), 0);
  options.flags |= LIBSCHED_PROCESS_STDIN;
  CHECK_EXITED(CHECK_SPAWN(&options), 0);
  CHECK_OUT(queue, 0, "given");
  libsched_queue_unref(queue);
}

CASE(environment_is_what_was_asked_for) {
  static const char *const envp[] = {"A=1", "B=2", "ABC=3", 0};
  static const char *const set[] = {"B=two", "C=", "C=three", 0};
  static const char *const unset[] = {"A", 0};
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_process_options options = check_command_into("exec env", queue);
  setenv("PROCESS_TEST", "inherited", 1);
  options = check_command_into("echo $PROCESS_TEST", queue);
  CHECK_EXITED(CHECK_SPAWN(&options), 0);
  CHECK_OUT(queue, 0, "inherited");
  options.env_unset = unset;
  CHECK_EXITED(CHECK_SPAWN(&options), 0);
  CHECK_OUT(queue, 0, "inherited");

  options = check_command_into("echo \"${A-no} $B ${C-no} $ABC ${PROCESS_TEST-no}\"", queue);
  options.envp = envp;
  CHECK_EXITED(CHECK_SPAWN(&options), 0);
  CHECK_OUT(queue, 0, "1 2 no 3 no");
  options.env_set = set;
  options.env_unset = unset;
  CHECK_EXITED(CHECK_SPAWN(&options), 0);
  CHECK_OUT(queue, 0, "no two three 3 no");
  libsched_queue_unref(queue);
}

/* The PATH that counts is that of this process, and a relative name is one below the child's own directory. */
CASE(programs_are_found) {
  static const char *argv[] = {"found", 0};
  static const char *const path[] = {"PATH=/nowhere", 0};
  char folder[] = "/tmp/libsched-process-XXXXXX";
  char command[256];
  libsched_process_options options = LIBSCHED_PROCESS_OPTIONS_INIT;
  CHECK(mkdtemp(folder) != 0);
  sprintf(command,
          "cd %s && mkdir a b c && printf '#!/bin/sh\\nexit 7' >c/found && chmod +x c/found && "
          ">b/found",
          folder);
  CHECK_EQ(system(command), 0);
  options.argv = argv;
  options.envp = path;
  CHECK_REFUSED(&options, -ENOENT, "exec: found:", "No such file");
  sprintf(command, "%s/a:%s/b", folder, folder);
  setenv("PATH", command, 1);
  CHECK_REFUSED(&options, -EACCES, "exec: /tmp/", "/b/found: Permission denied");
  sprintf(command, "%s/a:%s/none:%s/b:%s/c", folder, folder, folder, folder);
  setenv("PATH", command, 1);
  CHECK_EXITED(CHECK_SPAWN(&options), 7);

  argv[0] = "c/found";
  options.cwd = folder;
  CHECK_EXITED(CHECK_SPAWN(&options), 7);
  argv[0] = "found";
  setenv("PATH", "c", 1);
  CHECK_EXITED(CHECK_SPAWN(&options), 7);
  sprintf(command, "/bin/rm -r %s", folder);
  CHECK_EQ(system(command), 0);
}

CASE(what_cannot_be_run_is_refused) {
  static const char *argv[] = {"/no/such/program", 0};
  char script[] = "/tmp/libsched-script-XXXXXX";
  int fd = mkstemp(script);
  libsched_process_options options = LIBSCHED_PROCESS_OPTIONS_INIT;
  options.argv = argv;
  CHECK_REFUSED(&options, -ENOENT, "exec: /no/such/program:", "No such file");
  argv[0] = "/tmp";
  CHECK_REFUSED(&options, -EACCES, "exec: /tmp:", "Permission denied");
  argv[0] = "";
  CHECK_REFUSED(&options, -ENOENT, "exec: :", "No such file");
  argv[0] = "/etc/passwd/x";
  CHECK_REFUSED(&options, -ENOTDIR, "exec: /etc/passwd/x:", "Not a directory");
  CHECK(fd >= 0);
  CHECK_EQ(write(fd, "exit 0\n", 7), 7);
  CHECK_EQ(fchmod(fd, 0755), 0);
  close(fd);
  argv[0] = script;
  CHECK_REFUSED(&options, -ENOEXEC, "exec: /tmp/libsched-script-", "Exec format error");
  unlink(script);
}

CASE(directories_that_cannot_be_entered_are_refused) {
  libsched_process_options options = check_command("exit 0");
  libsched_queue *queue = check_queue_bytes(0, 0);
  options.cwd = "/no/such/directory";
  CHECK_REFUSED(&options, -ENOENT, "chdir: /no/such/directory:", "No such file");
  options.cwd = "/etc/passwd";
  CHECK_REFUSED(&options, -ENOTDIR, "chdir: /etc/passwd:", "Not a directory");
  options = check_command_into("pwd", queue);
  options.cwd = "/usr/bin";
  CHECK_EXITED(CHECK_SPAWN(&options), 0);
  CHECK_OUT(queue, 0, "/usr/bin");
  libsched_queue_unref(queue);
}

CASE(limits_are_set) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_process_options options =
      check_command_into("ulimit -St; ulimit -v; ulimit -n; ulimit -c", queue);
  struct rlimit core;
  CHECK_EQ(getrlimit(RLIMIT_CORE, &core), 0);
  options.cpu_seconds = 100;
  options.memory_bytes = (uint64_t)1 << 32;
  options.open_files = 50;
  options.core_bytes = LIBSCHED_PROCESS_NO_CORE;
  CHECK_EXITED(CHECK_SPAWN(&options), 0);
  CHECK_OUT(queue, 0, "100");
  CHECK_OUT(queue, 0, "4194304");
  CHECK_OUT(queue, 0, "50");
  CHECK_OUT(queue, 0, "0");
  libsched_queue_unref(queue);
}

CASE(cpu_time_is_limited) {
  libsched_process_options options = check_command("while :; do :; done");
  libsched_process_result result;
  options.cpu_seconds = 1;
  result = check_end(CHECK_SPAWN(&options));
  CHECK_EQ(result.state, LIBSCHED_PROCESS_SIGNALED);
  CHECK_EQ(result.signal, SIGXCPU);
}

/* Handlers, blocked signals and what a host ignores for itself do not reach the child; what it was told to ignore does. */
static void nothing(int signal) { (void)signal; }

CASE(signals_are_as_a_program_expects) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  static const char *argv[] = {"sed", "-n", "/^Sig[BIC]/p", "/proc/self/status", 0};
  libsched_process_options options = check_command_into("", queue);
  sigset_t all;
  sigset_t after;
  options.argv = argv;
  options.flags = 0;
  signal(SIGHUP, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
  signal(SIGUSR1, nothing);
  signal(SIGCHLD, SIG_IGN);
  sigfillset(&all);
  sigdelset(&all, SIGALRM);
  CHECK_EQ(pthread_sigmask(SIG_SETMASK, &all, 0), 0);
  check_end(CHECK_SPAWN(&options));
  CHECK_OUT(queue, 0, "SigBlk:\t0000000000000000");
  CHECK_OUT(queue, 0, "SigIgn:\t0000000000000001");
  CHECK_OUT(queue, 0, "SigCgt:\t0000000000000000");
  CHECK_EQ(pthread_sigmask(SIG_SETMASK, 0, &after), 0);
  CHECK(sigismember(&after, SIGUSR2) && !sigismember(&after, SIGALRM));
  libsched_queue_unref(queue);
}

CASE(groups_are_their_own) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_process_options options =
      check_command_into("read -r a b c d group rest </proc/$$/stat; echo $group", queue);
  libsched_process *process = CHECK_SPAWN(&options);
  char text[32];
  int64_t pid = 0;
  CHECK_OK(libsched_process_pid(&pid, process));
  CHECK_EXITED(process, 0);
  sprintf(text, "%ld", (long)pid);
  CHECK_OUT(queue, 0, text);
  options.flags |= LIBSCHED_PROCESS_NO_GROUP;
  CHECK_EXITED(CHECK_SPAWN(&options), 0);
  sprintf(text, "%ld", (long)getpgrp());
  CHECK_OUT(queue, 0, text);
  libsched_queue_unref(queue);
}

/* A host that has closed its standard descriptors gets ours in their place. */
CASE(closed_standard_descriptors_do_no_harm) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_process_options options = check_command_into("echo out; echo err >&2", queue);
  int saved = fcntl(2, F_DUPFD_CLOEXEC, 10);
  close(0);
  close(1);
  close(2);
  CHECK_EXITED(CHECK_SPAWN(&options), 0);
  CHECK_EQ(dup2(saved, 2), 2);
  CHECK_EQ(check_queue_len(queue), 2);
  libsched_queue_unref(queue);
}

CASES = {RUN(exit_codes_are_told),
         RUN(signals_are_told),
         RUN(cpu_time_is_told),
         RUN(arguments_are_passed_as_they_are),
         RUN(shell_commands_have_parameters),
         RUN(both_streams_have_their_numbers),
         RUN(merged_streams_keep_their_order),
         RUN(streams_lead_where_they_should),
         RUN(stdin_can_be_inherited),
         RUN(environment_is_what_was_asked_for),
         RUN(programs_are_found),
         RUN(what_cannot_be_run_is_refused),
         RUN(directories_that_cannot_be_entered_are_refused),
         RUN(limits_are_set),
         RUN(cpu_time_is_limited),
         RUN(signals_are_as_a_program_expects),
         RUN(groups_are_their_own),
         RUN(closed_standard_descriptors_do_no_harm),
         CASES_END};
