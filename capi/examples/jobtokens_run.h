/*
 * How jobtokens runs a command, and what it does with signals.
 */
#ifndef JOBTOKENS_RUN_H
#define JOBTOKENS_RUN_H

#include <errno.h>
#include <fcntl.h>
#include <libsched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static libsched_jobserver *taken_from;    /* its tokens go back when a signal ends this program */
static volatile sig_atomic_t command_pid; /* 0: none is running */
static volatile sig_atomic_t ended_by;    /* the signal that was passed on to it */
static sigset_t ending_signals;           /* those that are handled here */

static void default_action(int number) {
  signal(number, SIG_DFL);
  raise(number); /* for a handler: when it returns */
}

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)context;
  if (command_pid != 0) {
    ended_by = number;
    /* A terminal has sent it to the command, too, and a second one could do harm. */
    if (info->si_code != SI_KERNEL) kill((pid_t)command_pid, number);
    return;
  }
  if (taken_from != NULL) {
    const int status = libsched_jobserver_release_all(taken_from);
    (void)status; /* nothing is left to be done about it */
  }
  default_action(number);
}

/* What whoever has started this program ignores stays ignored. */
static void handle_signals(void) {
  static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
  struct sigaction action, before;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigemptyset(&ending_signals);
  for (int i = 0; i < 3; i++) sigaddset(&ending_signals, numbers[i]);
  action.sa_mask = ending_signals;
  for (int i = 0; i < 3; i++) {
    if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
      sigaction(numbers[i], &action, NULL);
    }
  }
  signal(SIGCHLD, SIG_DFL); /* ignored, it would take the command's status away */
}

static void block_signals(void) { sigprocmask(SIG_BLOCK, &ending_signals, NULL); }
static void allow_signals(void) { sigprocmask(SIG_UNBLOCK, &ending_signals, NULL); }

static void write_text(const char *text) {
  const ssize_t written = write(STDERR_FILENO, text, strlen(text));
  (void)written;
}

/*
 * The child of a process with threads: it calls nothing that could need a lock. Signals are blocked until no handler is
 * left, since the tokens are its parent's.
 */
static void become(char **command, char **environment, int read_fd, int write_fd) {
  const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
  struct sigaction action;
  for (int i = 0; i < 3; i++) {
    if (sigaction(numbers[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN) {
      signal(numbers[i], SIG_DFL);
    }
  }
  allow_signals();
  /* Only now, so that no other child inherits them. */
  if (read_fd >= 0) fcntl(read_fd, F_SETFD, 0);
  if (write_fd >= 0) fcntl(write_fd, F_SETFD, 0);
  environ = environment;
  execvp(command[0], command);
  const int missing = errno == ENOENT;
  write_text("jobtokens: cannot run ");
  write_text(command[0]);
  write_text(missing ? ": it was not found\n" : ": it cannot be executed\n");
  _exit(missing ? 127 : 126);
}

/* To be called with signals blocked. Negative: an errno. */
static pid_t start(char **command, char **environment, int read_fd, int write_fd) {
  const pid_t child = fork();
  if (child == 0) become(command, environment, read_fd, write_fd);
  return child < 0 ? -errno : child;
}

/* Returns the status as a shell does. Signals are blocked before and after; in between they go to the command. */
static int wait_for(pid_t child) {
  siginfo_t info;
  int status = 0;
  command_pid = (sig_atomic_t)child;
  allow_signals();
  /* It is left a zombie, so that nobody else gets its number while signals are sent to it. */
  while (waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) continue;
  block_signals();
  command_pid = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

#endif
