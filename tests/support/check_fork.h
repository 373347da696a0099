/**
 * Children of a test, by fork and by a clone system call that no atfork handler sees.
 */
#ifndef CHECK_FORK_H
#define CHECK_FORK_H

#include "check_thread.h"
/* It goes first: check.h sets the feature macros. */
#include <signal.h>
#include <sys/wait.h>

enum { BY_FORK, BY_CLONE };

/** Runs fn in a child, which must end well and in time. */
CHECK_HELPER void in_child(int how, void (*fn)(void *), void *data) {
  int status = 0;
  pid_t child;
  int64_t end = check_now_ns() + (int64_t)CHECK_DEADLINE_S * 1000000000;
  fflush(stdout);
  child = how == BY_FORK ? fork() : (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  CHECK(child >= 0);
  if (child == 0) {
    fn(data);
    check_quit(0);
  }
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (check_now_ns() > end) {
      kill(child, SIGKILL);
      check_fail(__FILE__, __LINE__, "the child came to its end in time");
    }
    check_pause_ms(1);
  }
  CHECK(WIFEXITED(status));
  CHECK_EQ(WEXITSTATUS(status), 0);
}

#endif
