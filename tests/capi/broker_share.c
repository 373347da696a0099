/* Brokers beside each other and beside their host: nobody keeps a token that he does not use. */
#include "check_child.h"

enum { EXPLICIT = LIBSCHED_JOBSERVER_EXPLICIT };

/* One token, and a child that does not take it. */
CASE(an_offer_does_not_keep_the_host_waiting) {
  libsched_jobserver *jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, EXPLICIT);
  check_family family = check_family_start(jobserver);
  int round;
  for (round = 0; round < 5; ++round) {
    uint64_t token;
    CHECK_UNTIL(check_broker_stats(family.broker).offered == 1);
    token = check_await_token(jobserver);
    CHECK_EQ(check_broker_stats(family.broker).offered, 0);
    CHECK_EQ(check_stats(jobserver).held, 1);
    CHECK_OK(libsched_jobserver_release(jobserver, token));
  }
  /* It is offered again, and can be taken. */
  check_child_do(family.child, CHILD_TAKE);
  check_no_token(jobserver);
  check_family_end(family);
  CHECK_EQ(check_stats(jobserver).available, 1);
  libsched_jobserver_unref(jobserver);
}

/* Not even one who does not wait, once the offer has stood for its time. */
CASE(an_offer_does_not_keep_from_trying) {
  libsched_jobserver *jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, EXPLICIT);
  check_family family = check_family_start(jobserver);
  uint64_t token = 0;
  CHECK_UNTIL(check_broker_stats(family.broker).offered == 1);
  CHECK_UNTIL(libsched_jobserver_try_acquire(&token, jobserver) == LIBSCHED_OK);
  CHECK_OK(libsched_jobserver_release(jobserver, token));
  check_family_end(family);
  libsched_jobserver_unref(jobserver);
}

/* A child that waits has what it is offered before the host can take it back. */
CASE(an_offer_that_is_taken_stays_taken) {
  libsched_jobserver *jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, EXPLICIT);
  check_family family = check_family_start(jobserver);
  uint64_t token = 77;
  check_child_do(family.child, CHILD_TAKE);
  CHECK_STATUS(libsched_jobserver_acquire(&token, jobserver, 50000000, 0), LIBSCHED_E_TIMEOUT);
  CHECK_EQ(check_broker_stats(family.broker).taken, 1);
  check_family_end(family);
  libsched_jobserver_unref(jobserver);
}

CASE(an_offer_does_not_keep_other_children_waiting) {
  libsched_jobserver *jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, EXPLICIT);
  check_family lazy[3];
  check_family busy;
  int round;
  int i;
  for (i = 0; i < 3; ++i) lazy[i] = check_family_start(jobserver);
  busy = check_family_start(jobserver);
  for (round = 0; round < 3; ++round) {
    check_child_do(busy.child, CHILD_TAKE);
    check_child_do(busy.child, CHILD_GIVE);
  }
  check_family_end(busy);
  /* The others have not lost their turn. */
  for (i = 0; i < 3; ++i) {
    check_child_do(lazy[i].child, CHILD_TAKE);
    check_child_do(lazy[i].child, CHILD_GIVE);
  }
  for (i = 0; i < 3; ++i) check_family_end(lazy[i]);
  CHECK_EQ(check_stats(jobserver).available, 1);
  libsched_jobserver_unref(jobserver);
}

/* Nobody sees whether a child that has the pool itself waits. The offer stood before there was one. */
CASE(an_offer_does_not_keep_children_of_the_pool_waiting) {
  libsched_jobserver *jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, EXPLICIT);
  check_family lazy = check_family_start(jobserver);
  check_child child;
  int read_fd;
  int write_fd;
  CHECK_UNTIL(check_broker_stats(lazy.broker).offered == 1);
  CHECK_OK(libsched_jobserver_child_fds(&read_fd, &write_fd, jobserver));
  child = check_child_start(read_fd, write_fd);
  check_child_do(child, CHILD_TAKE);
  check_child_do(child, CHILD_GIVE);
  check_child_end(child);
  check_family_end(lazy);
  CHECK_EQ(check_stats(jobserver).available, 1);
  libsched_jobserver_unref(jobserver);
}

/* What lies with a broker was given to nobody here, whatever number it has. */
CASE(tokens_of_brokers_cannot_be_released) {
  libsched_jobserver *jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, EXPLICIT);
  uint64_t token = check_take(jobserver);
  check_family family;
  uint64_t next;
  CHECK_OK(libsched_jobserver_release(jobserver, token));
  family = check_family_start(jobserver);
  check_child_do(family.child, CHILD_TAKE);
  for (next = 0; next < 100; ++next) {
    CHECK_STATUS(libsched_jobserver_release(jobserver, token + (next << 24)), LIBSCHED_E_STALE);
  }
  CHECK_EQ(check_stats(jobserver).brokered, 1);
  check_family_end(family);
  CHECK_EQ(check_stats(jobserver).available, 1);
  libsched_jobserver_unref(jobserver);
}

/* Children that take and give as fast as they can: none of them starves. */
CASE(children_share) {
  enum { N = 3, LEAST = 10 };
  libsched_jobserver *jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, EXPLICIT);
  check_family families[N];
  int taken[N] = {0, 0, 0};
  int has[N] = {0, 0, 0};
  int i;
  int waiting = N; /* for their share; one that is slow may have to pause before it */
  for (i = 0; i < N; ++i) {
    families[i] = check_family_start(jobserver);
    check_child_order(families[i].child, CHILD_TAKE);
  }
  while (waiting > 0) {
    struct pollfd ends[N];
    for (i = 0; i < N; ++i) {
      ends[i].fd = families[i].child.control;
      ends[i].events = POLLIN;
      ends[i].revents = 0;
    }
    CHECK_LE(1, poll(ends, N, CHECK_DEADLINE_S * 1000));
    for (i = 0; i < N; ++i) {
      if (ends[i].revents == 0) continue;
      check_child_answer(families[i].child);
      has[i] = !has[i];
      if (has[i] && ++taken[i] == LEAST) --waiting;
      check_child_order(families[i].child, has[i] ? CHILD_GIVE : CHILD_TAKE);
    }
  }
  for (i = 0; i < N; ++i) check_child_kill(families[i].child);
  for (i = 0; i < N; ++i) {
    check_broker_await(families[i].broker);
    libsched_broker_unref(families[i].broker);
  }
  CHECK_EQ(check_stats(jobserver).available, 1);
  CHECK_EQ(check_stats(jobserver).outstanding, 0);
  CHECK_EQ(check_stats(jobserver).extra, 0);
  libsched_jobserver_unref(jobserver);
}

/* A child waits while its host takes and gives without end: the child is not passed over for ever. */
CASE(a_child_is_not_passed_over) {
  libsched_jobserver *jobserver = check_serve(2, LIBSCHED_JOBSERVER_PIPE, EXPLICIT);
  check_family family = check_family_start(jobserver);
  int64_t end = check_now_ns() + CHECK_PATIENCE_NS;
  uint64_t token;
  CHECK_UNTIL(check_broker_stats(family.broker).offered == 1);
  token = check_await_token(jobserver);
  check_child_order(family.child, CHILD_TAKE);
  for (;;) {
    check_taker taker;
    check_taker_spawn(&taker, jobserver, CHECK_PATIENCE_NS, 0);
    CHECK_OK(libsched_jobserver_release(jobserver, token));
    CHECK_UNTIL(CHECK_GET(taker.done) || check_child_answers(family.child, 0));
    if (check_child_answers(family.child, 0)) {
      check_child_answer(family.child);
      check_child_do(family.child, CHILD_GIVE);
      CHECK_OK(check_taker_end(&taker));
      token = taker.token;
      break;
    }
    CHECK_OK(check_taker_end(&taker));
    token = taker.token;
    CHECK(check_now_ns() < end);
  }
  CHECK_OK(libsched_jobserver_release(jobserver, token));
  check_family_end(family);
  libsched_jobserver_unref(jobserver);
}

CASES = {RUN(an_offer_does_not_keep_the_host_waiting),
         RUN(an_offer_does_not_keep_from_trying),
         RUN(an_offer_that_is_taken_stays_taken),
         RUN(an_offer_does_not_keep_other_children_waiting),
         RUN(an_offer_does_not_keep_children_of_the_pool_waiting),
         RUN(tokens_of_brokers_cannot_be_released),
         RUN(children_share),
         RUN(a_child_is_not_passed_over),
         CASES_END};
