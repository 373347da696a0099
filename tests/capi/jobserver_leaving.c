/*
 * release_all while a thread waits for a token: what goes back is for other processes.
 */
#include "check_thread.h"
/* It goes first: check.h sets the feature macros. */
#include <libsched.h>

typedef struct waiter {
  libsched_jobserver *jobserver;
  long id;
  int status;
} waiter;

static void *wait_for_token(void *data) {
  waiter *self = (waiter *)data;
  uint64_t token = LIBSCHED_NO_TOKEN;
  CHECK_SET(self->id, check_thread_id());
  self->status = libsched_jobserver_acquire(&token, self->jobserver, LIBSCHED_FOREVER, 0);
  return 0;
}

static void leave_while_one_waits(uint32_t style) {
  libsched_jobserver_stats stats = LIBSCHED_JOBSERVER_STATS_INIT;
  waiter waiting = {0, 0, 0};
  pthread_t thread;
  uint64_t token;
  int i;
  CHECK_EQ(libsched_jobserver_serve(&waiting.jobserver, 4, style, 0, 0), LIBSCHED_OK);
  for (i = 0; i < 4; ++i) {
    CHECK_EQ(libsched_jobserver_acquire(&token, waiting.jobserver, 0, 0), LIBSCHED_OK);
  }
  thread = check_spawn(wait_for_token, &waiting);
  check_until_asleep(&waiting.id);
  CHECK_EQ(libsched_jobserver_release_all(waiting.jobserver), LIBSCHED_OK);
  check_join(thread);
  CHECK_EQ(waiting.status, LIBSCHED_E_CLOSED);
  CHECK_EQ(libsched_jobserver_try_acquire(&token, waiting.jobserver), LIBSCHED_E_CLOSED);
  CHECK_EQ(libsched_jobserver_get_stats(&stats, waiting.jobserver), LIBSCHED_OK);
  CHECK_EQ(stats.available, 3);
  CHECK_EQ(stats.held, 0);
  CHECK_EQ(stats.waiting, 0);
  libsched_jobserver_unref(waiting.jobserver);
}

CASE(pipe_is_left_alone) { leave_while_one_waits(LIBSCHED_JOBSERVER_PIPE); }
CASE(fifo_is_left_alone) { leave_while_one_waits(LIBSCHED_JOBSERVER_FIFO); }

CASES = {RUN(pipe_is_left_alone), RUN(fifo_is_left_alone), CASES_END};
