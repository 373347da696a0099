/* Ends: of brokers before their children, of jobservers before their brokers. */
#include "check_child.h"

enum { EXPLICIT = LIBSCHED_JOBSERVER_EXPLICIT };

CASE(unref_before_start) {
  int fds = check_fds();
  libsched_jobserver *jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, 0);
  libsched_broker *broker = check_broker_new(jobserver);
  CHECK_PTR(libsched_broker_ref(broker), broker);
  libsched_broker_unref(broker);
  CHECK_EQ(check_live(LIBSCHED_KIND_BROKER), 1);
  libsched_broker_unref(broker);
  CHECK_EQ(check_live(LIBSCHED_KIND_BROKER), 0);
  CHECK_EQ(check_stats(jobserver).available, 1);
  libsched_jobserver_unref(jobserver);
  CHECK_FDS(fds);
}

/* It goes on without a handle until the child ends. */
CASE(unref_while_it_runs) {
  int fds = check_fds();
  libsched_jobserver *jobserver = check_serve(3, LIBSCHED_JOBSERVER_PIPE, EXPLICIT);
  check_family family = check_family_start(jobserver);
  check_child_do(family.child, CHILD_TAKE);
  libsched_broker_unref(family.broker);
  check_child_do(family.child, CHILD_TAKE);
  check_child_do(family.child, CHILD_GIVE);
  CHECK_UNTIL(check_stats(jobserver).brokered == 2); /* one taken, one offered */
  check_child_kill(family.child);
  CHECK_UNTIL(check_stats(jobserver).available == 2);
  CHECK_EQ(check_stats(jobserver).brokered, 0);
  libsched_jobserver_unref(jobserver);
  CHECK_FDS(fds);
}

/* The jobserver's handle goes first: the child keeps what it has, and gets no more. */
CASE(unref_of_the_jobserver) {
  int fds = check_fds();
  check_tokens tokens = check_tokens_new("ABC");
  libsched_jobserver *jobserver = check_inherit(tokens.makeflags, EXPLICIT, 0);
  check_family family = check_family_start(jobserver);
  check_child_do(family.child, CHILD_TAKE);
  check_child_do(family.child, CHILD_TAKE);
  CHECK_UNTIL(check_broker_stats(family.broker).taken == 2);
  libsched_jobserver_unref(jobserver);
  CHECK_EQ(check_broker_stats(family.broker).offered, 0);
  check_child_do(family.child, CHILD_GIVE);
  CHECK_UNTIL(check_broker_stats(family.broker).taken == 1);
  check_child_kill(family.child);
  check_broker_await(family.broker);
  CHECK_EQ(check_broker_stats(family.broker).rescued, 1);
  libsched_broker_unref(family.broker);
  check_tokens_end(&tokens, "ABC");
  CHECK_FDS(fds);
}

/* As documented: with the last handle what this process holds goes back, though a child goes on. */
CASE(held_tokens_go_back_while_a_broker_runs) {
  int available = 0;
  check_tokens tokens = check_tokens_new("ABC");
  libsched_jobserver *jobserver = check_inherit(tokens.makeflags, EXPLICIT, 0);
  check_family family = check_family_start(jobserver);
  check_child_do(family.child, CHILD_TAKE);
  CHECK_UNTIL(check_broker_stats(family.broker).offered == 1);
  check_take(jobserver);
  libsched_jobserver_unref(jobserver);
  /* All but what the child has, at once. */
  CHECK_EQ(ioctl(tokens.read_fd, FIONREAD, &available), 0);
  CHECK_EQ(available, 2);
  check_family_end(family);
  check_tokens_end(&tokens, "ABC");
}

CASE(unref_of_everything) {
  int fds = check_fds();
  check_tokens tokens = check_tokens_new("ABC");
  libsched_jobserver *jobserver = check_inherit(tokens.makeflags, 0, 0);
  check_family family = check_family_start(jobserver);
  check_child_do(family.child, CHILD_TAKE);
  libsched_jobserver_unref(jobserver);
  libsched_broker_unref(family.broker);
  check_child_kill(family.child);
  /* Nobody tells: the descriptors go when all is back. */
  CHECK_FDS(fds + 2);
  check_tokens_end(&tokens, "ABC");
}

CASE(shutdown_while_brokers_run) {
  libsched_jobserver *jobserver = check_serve(4, LIBSCHED_JOBSERVER_PIPE, EXPLICIT);
  libsched_jobserver_stats report = LIBSCHED_JOBSERVER_STATS_INIT;
  check_family family = check_family_start(jobserver);
  check_child_do(family.child, CHILD_TAKE);
  CHECK_UNTIL(check_broker_stats(family.broker).offered == 1);
  CHECK_OK(libsched_jobserver_shutdown(&report, jobserver));
  /* What was offered is back, what was taken is with the child. */
  CHECK_EQ(report.available, 2);
  CHECK_EQ(report.brokered, 1);
  CHECK_EQ(report.outstanding, 0);
  CHECK_EQ(check_broker_stats(family.broker).offered, 0);
  check_child_order(family.child, CHILD_TAKE);
  CHECK_EQ(check_child_answers(family.child, 20), 0);
  check_child_kill(family.child);
  check_broker_await(family.broker);
  CHECK_EQ(check_broker_stats(family.broker).rescued, 1);
  CHECK_OK(libsched_jobserver_shutdown(&report, jobserver));
  CHECK_EQ(report.available, 3);
  CHECK_EQ(report.brokered, 0);
  libsched_broker_unref(family.broker);
  libsched_jobserver_unref(jobserver);
}

CASE(start_after_shutdown) {
  libsched_jobserver *jobserver = check_serve(4, LIBSCHED_JOBSERVER_PIPE, EXPLICIT);
  check_family family;
  CHECK_OK(libsched_jobserver_shutdown(0, jobserver));
  family = check_family_start(jobserver);
  CHECK_EQ(check_broker_stats(family.broker).offered, 0);
  CHECK_EQ(check_stats(jobserver).available, 3);
  check_family_end(family);
  libsched_jobserver_unref(jobserver);
}

/* withdraw is for callers; children keep their place. */
CASE(withdraw_leaves_brokers_alone) {
  libsched_jobserver *jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, EXPLICIT);
  uint64_t token = check_take(jobserver);
  check_family family = check_family_start(jobserver);
  uint64_t withdrawn = 77;
  CHECK_OK(libsched_jobserver_withdraw(&withdrawn, jobserver));
  CHECK_EQ(withdrawn, 0);
  check_child_order(family.child, CHILD_TAKE);
  CHECK_OK(libsched_jobserver_release(jobserver, token));
  check_child_answer(family.child);
  check_family_end(family);
  libsched_jobserver_unref(jobserver);
}

/* All of it goes back, what children have too: this process dies, and could not pass it on any more. */
CASE(release_all_with_brokers) {
  check_tokens tokens = check_tokens_new("ABC");
  libsched_jobserver *jobserver = check_inherit(tokens.makeflags, EXPLICIT, 0);
  check_family family = check_family_start(jobserver);
  libsched_jobserver_stats stats;
  check_child_do(family.child, CHILD_TAKE);
  CHECK_UNTIL(check_broker_stats(family.broker).offered == 1);
  check_take(jobserver);
  CHECK_OK(libsched_jobserver_release_all(jobserver));
  stats = check_stats(jobserver);
  CHECK_EQ(stats.available, 3);
  CHECK_EQ(stats.held, 0);
  check_child_kill(family.child);
  check_broker_await(family.broker);
  CHECK_EQ(check_stats(jobserver).brokered, 0);
  CHECK_EQ(check_stats(jobserver).held, 0);
  libsched_broker_unref(family.broker);
  libsched_jobserver_unref(jobserver);
  check_tokens_end(&tokens, "ABC");
}

/* --- waiting for the end --- */

typedef struct waiter {
  libsched_broker *broker;
  libsched_cancel *cancel;
  int status;
  long thread_id;
  pthread_t thread;
} waiter;

static void *waiter_run(void *data) {
  waiter *w = (waiter *)data;
  CHECK_SET(w->thread_id, check_thread_id());
  w->status = libsched_broker_wait(w->broker, LIBSCHED_FOREVER, w->cancel);
  return 0;
}

static void waiter_start(waiter *w, libsched_broker *broker, libsched_cancel *cancel) {
  memset(w, 0, sizeof(*w));
  w->broker = broker;
  w->cancel = cancel;
  w->thread = check_spawn(waiter_run, w);
  check_until_asleep(&w->thread_id);
}

CASE(wait_ends_in_each_way) {
  libsched_jobserver *jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, EXPLICIT);
  check_family family = check_family_start(jobserver);
  libsched_cancel *cancel = 0;
  waiter cancelled;
  waiter waiters[3];
  int i;
  CHECK_OK(libsched_cancel_create(&cancel));
  CHECK_STATUS(libsched_broker_wait(family.broker, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_STATUS(libsched_broker_wait(family.broker, 1000000, cancel), LIBSCHED_E_TIMEOUT);
  waiter_start(&cancelled, family.broker, cancel);
  for (i = 0; i < 3; ++i) waiter_start(&waiters[i], family.broker, 0);
  CHECK_OK(libsched_cancel_trigger(cancel));
  check_join(cancelled.thread);
  CHECK_STATUS(cancelled.status, LIBSCHED_E_CANCELLED);
  CHECK_STATUS(libsched_broker_wait(family.broker, 0, cancel), LIBSCHED_E_CANCELLED);
  check_child_end(family.child);
  for (i = 0; i < 3; ++i) {
    check_join(waiters[i].thread);
    CHECK_OK(waiters[i].status);
  }
  CHECK_OK(libsched_broker_wait(family.broker, 0, cancel));
  libsched_cancel_unref(cancel);
  libsched_broker_unref(family.broker);
  libsched_jobserver_unref(jobserver);
}

CASES = {RUN(unref_before_start),
         RUN(unref_while_it_runs),
         RUN(unref_of_the_jobserver),
         RUN(held_tokens_go_back_while_a_broker_runs),
         RUN(unref_of_everything),
         RUN(shutdown_while_brokers_run),
         RUN(start_after_shutdown),
         RUN(withdraw_leaves_brokers_alone),
         RUN(release_all_with_brokers),
         RUN(wait_ends_in_each_way),
         CASES_END};
