/**
 * Child processes that take tokens from a pipe and give them back when they are told to.
 */
#ifndef CHECK_CHILD_H
#define CHECK_CHILD_H

#include "check_jobserver.h"
/* check.h, by way of check_jobserver.h, goes first. */
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

typedef struct check_child {
  pid_t pid;
  int control;
} check_child;

/** The orders that a child obeys; it answers each with a byte. */
enum {
  CHILD_TAKE = 't',  /* waits for a token: the byte */
  CHILD_GIVE = 'g',  /* the token it took last */
  CHILD_EXTRA = 'x', /* one that it has not taken */
  CHILD_ORPHAN =
      'o',          /* goes on as its own child, without it: the child's child obeys from then on */
  CHILD_CLOSE = 'c' /* has no pipe any more */
};

/** What a child does until its control is closed. */
CHECK_HELPER void check_child_obey(int control, int read_fd, int write_fd) {
  char taken[256];
  int n = 0;
  char order;
  while (read(control, &order, 1) == 1) {
    char answer = 'k';
    if (order == CHILD_TAKE) {
      if (read(read_fd, &answer, 1) != 1) answer = '!';
      taken[n++] = answer;
    } else if (order == CHILD_GIVE) {
      if (n == 0 || write(write_fd, &taken[--n], 1) != 1) answer = '!';
    } else if (order == CHILD_EXTRA) {
      if (write(write_fd, "?", 1) != 1) answer = '!';
    } else if (order == CHILD_CLOSE) {
      close(read_fd);
      close(write_fd);
    } else if (order == CHILD_ORPHAN && fork() != 0) {
      _exit(0);
    }
    if (write(control, &answer, 1) != 1) _exit(1);
  }
  _exit(0);
}

/** A child that has those two descriptors and nothing else of this process. */
CHECK_HELPER check_child check_child_start(int read_fd, int write_fd) {
  check_child child;
  int ends[2];
  CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  fflush(stdout);
  child.pid = fork();
  CHECK(child.pid >= 0);
  if (child.pid == 0) {
    int fd;
    for (fd = 3; fd < 1024; ++fd) {
      if (fd != ends[1] && fd != read_fd && fd != write_fd) close(fd);
    }
    signal(SIGPIPE, SIG_IGN);
    check_child_obey(ends[1], read_fd, write_fd);
  }
  close(ends[1]);
  child.control = ends[0];
  return child;
}

CHECK_HELPER void check_child_order(check_child child, int order) {
  char byte = (char)order;
  CHECK_EQ(send(child.control, &byte, 1, MSG_NOSIGNAL), 1);
}

/** Whether the child has answered; waits that long for it. */
CHECK_HELPER int check_child_answers(check_child child, int timeout_ms) {
  struct pollfd one;
  one.fd = child.control;
  one.events = POLLIN;
  one.revents = 0;
  return poll(&one, 1, timeout_ms) == 1;
}

CHECK_HELPER char check_child_answer(check_child child) {
  char answer = 0;
  CHECK(check_child_answers(child, CHECK_DEADLINE_S * 1000));
  CHECK_EQ(read(child.control, &answer, 1), 1);
  CHECK(answer != '!');
  return answer;
}

CHECK_HELPER char check_child_do(check_child child, int order) {
  check_child_order(child, order);
  return check_child_answer(child);
}

CHECK_HELPER void check_child_reap(check_child child) {
  int status = 0;
  CHECK_EQ(waitpid(child.pid, &status, 0), child.pid);
}

/** Lets it end, if it has not. An orphan is nobody's to wait for. */
CHECK_HELPER void check_child_end(check_child child) {
  close(child.control);
  check_child_reap(child);
}

CHECK_HELPER void check_child_kill(check_child child) {
  CHECK_EQ(kill(child.pid, SIGKILL), 0);
  check_child_end(child);
}

/** A broker of that jobserver, and its child. */
typedef struct check_family {
  libsched_broker *broker;
  check_child child;
} check_family;

CHECK_HELPER libsched_broker *check_broker_new(libsched_jobserver *jobserver) {
  libsched_broker *broker = 0;
  libsched_error *error = (libsched_error *)UNTOUCHED;
  int status = libsched_broker_create(&broker, jobserver, &error);
  if (status != LIBSCHED_OK) check_fail(__FILE__, __LINE__, libsched_error_message(error));
  CHECK(broker != 0);
  CHECK(error == 0);
  return broker;
}

CHECK_HELPER check_family check_family_start(libsched_jobserver *jobserver) {
  check_family family;
  int read_fd = -1;
  int write_fd = -1;
  family.broker = check_broker_new(jobserver);
  CHECK_OK(libsched_broker_child_fds(&read_fd, &write_fd, family.broker));
  family.child = check_child_start(read_fd, write_fd);
  CHECK_OK(libsched_broker_start(family.broker));
  return family;
}

CHECK_HELPER libsched_broker_stats check_broker_stats(libsched_broker *broker) {
  libsched_broker_stats stats = LIBSCHED_BROKER_STATS_INIT;
  CHECK_OK(libsched_broker_get_stats(&stats, broker));
  return stats;
}

CHECK_HELPER void check_broker_await(libsched_broker *broker) {
  CHECK_OK(libsched_broker_wait(broker, CHECK_PATIENCE_NS, 0));
  CHECK_EQ(check_broker_stats(broker).over, 1);
}

/** The child ends, and then the broker. */
CHECK_HELPER void check_family_end(check_family family) {
  check_child_end(family.child);
  check_broker_await(family.broker);
  libsched_broker_unref(family.broker);
}

#endif
