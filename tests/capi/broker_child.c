/* Children under brokers: what they take, what they leave behind, and who is left to give it back. */
#include "check_child.h"

enum { EXPLICIT = LIBSCHED_JOBSERVER_EXPLICIT };

/* All that the pool began with is there. */
static void check_whole(libsched_jobserver *jobserver, int tokens) {
  libsched_jobserver_stats stats = check_stats(jobserver);
  CHECK_EQ(stats.available, tokens);
  CHECK_EQ(stats.held, 0);
  CHECK_EQ(stats.brokered, 0);
  CHECK_EQ(stats.outstanding, 0);
  CHECK_EQ(stats.extra, 0);
  CHECK_EQ(stats.lost, 0);
}

static void check_taken(check_family family, int taken, int rescued, int extra) {
  libsched_broker_stats stats = check_broker_stats(family.broker);
  CHECK_EQ(stats.taken, taken);
  CHECK_EQ(stats.rescued, rescued);
  CHECK_EQ(stats.extra, extra);
}

CASE(takes_and_gives) {
  int fds = check_fds();
  libsched_jobserver *jobserver = check_serve(4, LIBSCHED_JOBSERVER_PIPE, EXPLICIT);
  check_family family = check_family_start(jobserver);
  int i;
  CHECK_UNTIL(check_broker_stats(family.broker).offered == 1);
  CHECK_EQ(check_stats(jobserver).brokered, 1);
  CHECK_EQ(check_stats(jobserver).held, 0);
  CHECK_EQ(check_stats(jobserver).available, 2);
  for (i = 0; i < 3; ++i) check_child_do(family.child, CHILD_TAKE);
  CHECK_UNTIL(check_broker_stats(family.broker).taken == 3);
  CHECK_EQ(check_broker_stats(family.broker).offered, 0);
  CHECK_EQ(check_stats(jobserver).brokered, 3);
  check_no_token(jobserver);
  /* There is no fourth. */
  check_child_order(family.child, CHILD_TAKE);
  CHECK_EQ(check_child_answers(family.child, 20), 0);
  CHECK_STATUS(libsched_broker_wait(family.broker, 1, 0), LIBSCHED_E_TIMEOUT);
  check_child_kill(family.child);
  check_broker_await(family.broker);
  check_taken(family, 0, 3, 0);
  CHECK_EQ(check_broker_stats(family.broker).total, 3);
  check_whole(jobserver, 3);
  libsched_broker_unref(family.broker);
  libsched_jobserver_unref(jobserver);
  CHECK_FDS(fds);
}

CASE(gives_all_back) {
  libsched_jobserver *jobserver = check_serve(4, LIBSCHED_JOBSERVER_PIPE, EXPLICIT);
  check_family family = check_family_start(jobserver);
  int round;
  for (round = 0; round < 20; ++round) {
    int i;
    for (i = 0; i < 3; ++i) check_child_do(family.child, CHILD_TAKE);
    for (i = 0; i < 3; ++i) check_child_do(family.child, CHILD_GIVE);
  }
  CHECK_UNTIL(check_broker_stats(family.broker).taken == 0);
  CHECK_EQ(check_broker_stats(family.broker).total, 60);
  check_child_end(family.child);
  check_broker_await(family.broker);
  check_taken(family, 0, 0, 0);
  check_whole(jobserver, 3);
  libsched_broker_unref(family.broker);
  libsched_jobserver_unref(jobserver);
}

/* The pool gets the very bytes that came out of it, whatever the child has made of them. */
CASE(bytes_of_the_pool_stay) {
  check_tokens tokens = check_tokens_new("ABCD");
  libsched_jobserver *jobserver = check_inherit(tokens.makeflags, EXPLICIT, 0);
  check_family family = check_family_start(jobserver);
  check_child_do(family.child, CHILD_TAKE);
  check_child_do(family.child, CHILD_TAKE);
  check_child_do(family.child, CHILD_TAKE);
  check_child_do(family.child, CHILD_EXTRA); /* another byte than the one it took */
  check_child_do(family.child, CHILD_GIVE);
  check_family_end(family);
  libsched_jobserver_unref(jobserver);
  check_tokens_end(&tokens, "ABCD");
}

CASE(a_killed_child) {
  libsched_jobserver *jobserver = check_serve(8, LIBSCHED_JOBSERVER_PIPE, EXPLICIT);
  int round;
  for (round = 0; round < CHECK_SCALE(50, 10); ++round) {
    check_family family = check_family_start(jobserver);
    int i;
    for (i = 0; i < round % 8; ++i) check_child_do(family.child, CHILD_TAKE);
    check_child_kill(family.child);
    check_broker_await(family.broker);
    check_taken(family, 0, round % 8, 0);
    check_whole(jobserver, 7);
    libsched_broker_unref(family.broker);
  }
  libsched_jobserver_unref(jobserver);
}

/* Its tokens come at once to who waits for one. */
CASE(a_killed_child_frees_who_waits) {
  libsched_jobserver *jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, EXPLICIT);
  check_family family = check_family_start(jobserver);
  check_taker taker;
  check_child_do(family.child, CHILD_TAKE);
  CHECK_UNTIL(check_broker_stats(family.broker).taken == 1);
  memset(&taker, 0, sizeof(taker));
  check_taker_spawn(&taker, jobserver, LIBSCHED_FOREVER, 0);
  check_until_asleep(&taker.thread_id);
  check_child_kill(family.child);
  CHECK_OK(check_taker_end(&taker));
  check_broker_await(family.broker);
  libsched_broker_unref(family.broker);
  libsched_jobserver_unref(jobserver);
}

/* The child's child has the tokens, and keeps them. */
CASE(a_grandchild_that_outlives_the_child) {
  libsched_jobserver *jobserver = check_serve(4, LIBSCHED_JOBSERVER_PIPE, EXPLICIT);
  check_family family = check_family_start(jobserver);
  check_child_do(family.child, CHILD_TAKE);
  check_child_do(family.child, CHILD_TAKE);
  check_child_do(family.child, CHILD_ORPHAN);
  check_child_reap(family.child);
  CHECK_UNTIL(check_broker_stats(family.broker).taken == 2);
  CHECK_STATUS(libsched_broker_wait(family.broker, 20000000, 0), LIBSCHED_E_TIMEOUT);
  CHECK_EQ(check_broker_stats(family.broker).over, 0);
  CHECK_LE(2, check_stats(jobserver).brokered);
  /* It goes on as any child. */
  check_child_do(family.child, CHILD_GIVE);
  CHECK_UNTIL(check_broker_stats(family.broker).taken == 1);
  close(family.child.control);
  check_broker_await(family.broker);
  check_taken(family, 0, 1, 0);
  check_whole(jobserver, 3);
  libsched_broker_unref(family.broker);
  libsched_jobserver_unref(jobserver);
}

CASE(extra_tokens_are_dropped) {
  libsched_jobserver *jobserver = check_serve(3, LIBSCHED_JOBSERVER_PIPE, EXPLICIT);
  check_family family = check_family_start(jobserver);
  int i;
  for (i = 0; i < 5; ++i) check_child_do(family.child, CHILD_EXTRA);
  CHECK_UNTIL(check_broker_stats(family.broker).extra == 5);
  check_child_do(family.child, CHILD_TAKE);
  check_child_do(family.child, CHILD_GIVE);
  check_child_end(family.child);
  check_broker_await(family.broker);
  check_taken(family, 0, 0, 5);
  check_whole(jobserver, 2);
  libsched_broker_unref(family.broker);
  libsched_jobserver_unref(jobserver);
}

/* The pipe counts, not the process. */
CASE(a_child_that_closes_the_pipe) {
  libsched_jobserver *jobserver = check_serve(3, LIBSCHED_JOBSERVER_PIPE, EXPLICIT);
  check_family family = check_family_start(jobserver);
  check_child_do(family.child, CHILD_TAKE);
  check_child_do(family.child, CHILD_CLOSE);
  check_broker_await(family.broker);
  check_taken(family, 0, 1, 0);
  check_whole(jobserver, 2);
  check_child_end(family.child);
  libsched_broker_unref(family.broker);
  libsched_jobserver_unref(jobserver);
}

/* This process' own slot is one that a child can have, and comes back as what it was. */
CASE(the_implicit_slot) {
  libsched_jobserver *jobserver = check_serve(1, LIBSCHED_JOBSERVER_PIPE, 0);
  check_family family = check_family_start(jobserver);
  check_child_do(family.child, CHILD_TAKE);
  check_no_token(jobserver);
  CHECK_EQ(check_stats(jobserver).brokered, 0);
  check_child_do(family.child, CHILD_GIVE);
  check_family_end(family);
  check_whole(jobserver, 0);
  check_take(jobserver);
  libsched_jobserver_unref(jobserver);
}

/* A jobserver whose tokens come from a broker, two levels of them. */
CASE(brokers_below_brokers) {
  libsched_jobserver *top = check_serve(4, LIBSCHED_JOBSERVER_PIPE, EXPLICIT);
  libsched_broker *broker = check_broker_new(top);
  libsched_jobserver *middle = check_inherit(libsched_broker_makeflags(broker), EXPLICIT, 0);
  check_family family;
  int i;
  CHECK_STATUS(check_info(middle).status, LIBSCHED_OK);
  CHECK_OK(libsched_broker_start(broker));
  family = check_family_start(middle);
  for (i = 0; i < 3; ++i) check_child_do(family.child, CHILD_TAKE);
  CHECK_UNTIL(check_broker_stats(broker).taken == 3);
  CHECK_EQ(check_stats(middle).brokered, 3);
  check_child_kill(family.child);
  check_broker_await(family.broker);
  CHECK_UNTIL(check_broker_stats(broker).taken == 0);
  libsched_broker_unref(family.broker);
  /* It is this process that has the pipe open, until the jobserver in the middle has gone. */
  CHECK_EQ(check_broker_stats(broker).over, 0);
  libsched_jobserver_unref(middle);
  check_broker_await(broker);
  libsched_broker_unref(broker);
  check_whole(top, 3);
  libsched_jobserver_unref(top);
}

/* The end of the pool above is told to who waits here, though brokers wait as well. */
CASE(end_of_the_pool_above) {
  int feed[2];
  int back[2];
  check_tokens above;
  libsched_jobserver *jobserver;
  check_family family;
  uint64_t implicit;
  uint64_t token = 77;
  CHECK_EQ(pipe(feed), 0);
  CHECK_EQ(pipe(back), 0);
  above.read_fd = feed[0];
  above.write_fd = back[1];
  check_tokens_name(&above);
  jobserver = check_inherit(above.makeflags, 0, 0);
  implicit = check_take(jobserver);
  family = check_family_start(jobserver);
  close(feed[1]);
  /* Told once: to the caller, and not to the broker. */
  CHECK_STATUS(libsched_jobserver_acquire(&token, jobserver, CHECK_PATIENCE_NS, 0), -EPIPE);
  CHECK_OK(libsched_jobserver_release(jobserver, implicit));
  check_family_end(family);
  CHECK_OK(libsched_jobserver_release(jobserver, check_await_token(jobserver)));
  libsched_jobserver_unref(jobserver);
  close(feed[0]);
  close(back[0]);
  close(back[1]);
}

CASES = {RUN(takes_and_gives),
         RUN(gives_all_back),
         RUN(bytes_of_the_pool_stay),
         RUN(a_killed_child),
         RUN(a_killed_child_frees_who_waits),
         RUN(a_grandchild_that_outlives_the_child),
         RUN(extra_tokens_are_dropped),
         RUN(a_child_that_closes_the_pipe),
         RUN(the_implicit_slot),
         RUN(brokers_below_brokers),
         RUN(end_of_the_pool_above),
         CASES_END};
