/* Waits from outside the pool: any number at once, with a timeout, with a cancel switch, and none before its time. */
#include "check_group.h"

#define MS ((int64_t)1000000)

static void on_complete(int status, int code, void *data) {
  CHECK_STATUS(status, code == 0 ? LIBSCHED_OK : LIBSCHED_E_FAILED);
  CHECK_ADD(*(int64_t *)data, 1);
}

static libsched_group *counted_group(libsched_pool *pool, int64_t *completions) {
  libsched_group_options options = LIBSCHED_GROUP_OPTIONS_INIT;
  libsched_group *group = 0;
  options.on_complete = on_complete;
  options.user_data = completions;
  CHECK_OK(libsched_group_create(&group, pool, &options, 0));
  return group;
}

/* Several threads wait for one group: all of them come back, with the same code. */
typedef struct crowd {
  libsched_group *group;
  int64_t ran;
  int64_t expected;
  int code;
  uint32_t flags;
} crowd;

static void *wait_in_a_thread(void *data) {
  crowd *c = (crowd *)data;
  int code = 99;
  CHECK_STATUS(libsched_group_wait(&code, c->group, c->flags, LIBSCHED_FOREVER, 0, 0),
               c->code == 0 ? LIBSCHED_OK : LIBSCHED_E_FAILED);
  CHECK_EQ(code, c->code);
  CHECK_EQ(CHECK_GET(c->ran), c->expected);
  return 0;
}

static void crowd_on(uint32_t workers, uint32_t flags, int code) {
  enum { THREADS = 6 };
  libsched_pool *pool = check_pool_new(workers, 0);
  int round;
  for (round = 0; round < CHECK_SCALE(150, 20); ++round) {
    int64_t completions = 0;
    crowd c = {0, 0, 50, 0, 0};
    pthread_t threads[THREADS];
    int i;
    c.group = counted_group(pool, &completions);
    c.code = code;
    c.flags = flags;
    CHECK_OK(libsched_group_enter(c.group));
    for (i = 0; i < THREADS; ++i) threads[i] = check_spawn(wait_in_a_thread, &c);
    for (i = 0; i < 50; ++i)
      CHECK_OK(libsched_group_submit(c.group, (uint32_t)i % 3, check_count_run, &c.ran, 0));
    CHECK_OK(libsched_group_leave(c.group, code));
    for (i = 0; i < THREADS; ++i) check_join(threads[i]);
    CHECK_EQ(completions, 1);
    libsched_group_unref(c.group);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(several_threads_wait) { crowd_on(2, 0, 0); }
CASE(several_threads_wait_for_a_failure) { crowd_on(1, 0, -3); }
CASE(several_threads_wait_isolated) { crowd_on(2, LIBSCHED_ISOLATED, 0); }

/* A timeout is neither cut short nor an end of anything; but the wait has closed the group. */
CASE(waits_time_out) {
  libsched_pool *pool = check_pool_new(1, 0);
  int64_t completions = 0;
  libsched_group *group = counted_group(pool, &completions);
  libsched_error *error = 0;
  int64_t count = 0;
  int64_t start;
  CHECK_OK(libsched_group_enter(group));
  CHECK_STATUS(libsched_group_wait(0, group, 0, 0, 0, &error), LIBSCHED_E_TIMEOUT);
  CHECK_STATUS(libsched_error_status(error), LIBSCHED_E_TIMEOUT);
  libsched_error_free(error);
  start = check_now_ns();
  CHECK_STATUS(libsched_group_wait(0, group, 0, 20 * MS, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_LE(20 * MS, check_now_ns() - start);
  CHECK_STATUS(libsched_group_wait(0, group, LIBSCHED_ISOLATED, 1, 0, 0), LIBSCHED_E_TIMEOUT);
  /* It goes on, and takes more. */
  CHECK_OK(libsched_group_submit(group, LIBSCHED_NORMAL, check_count_run, &count, 0));
  check_pool_idle(pool);
  CHECK_EQ(count, 1);
  CHECK_EQ(completions, 0);
  CHECK_OK(libsched_group_leave(group, 0));
  CHECK_EQ(completions, 1);
  CHECK_OK(libsched_group_wait(0, group, 0, 0, 0, 0));
  libsched_group_unref(group);
  CHECK_EQ(completions, 1);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(longest_timeout_is_for_ever) {
  libsched_pool *pool = check_pool_new(1, 0);
  int64_t longest = (int64_t)(((uint64_t)1 << 63) - 1);
  int64_t count = 0;
  int k;
  for (k = 0; k < 2; ++k) {
    check_gate gate = CHECK_GATE_INIT;
    libsched_group *group = check_group_new(pool);
    CHECK_OK(libsched_group_submit(group, LIBSCHED_LOW, check_gate_run, &gate, 0));
    CHECK_OK(libsched_group_submit(group, LIBSCHED_LOW, check_count_run, &count, 0));
    CHECK_STATUS(libsched_group_wait(0, group, 0, MS, 0, 0), LIBSCHED_E_TIMEOUT);
    check_gate_open(&gate);
    CHECK_OK(libsched_group_wait(0, group, 0, k == 0 ? longest : -longest - 1, 0, 0));
    CHECK_EQ(CHECK_GET(count), k + 1);
    libsched_group_unref(group);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* A switch ends the wait and not the group. */
typedef struct patient {
  libsched_group *group;
  libsched_cancel *cancel;
  long thread;
  int status;
} patient;

static void *wait_with_a_switch(void *data) {
  patient *p = (patient *)data;
  CHECK_SET(p->thread, check_thread_id());
  p->status = libsched_group_wait(0, p->group, 0, LIBSCHED_FOREVER, p->cancel, 0);
  return 0;
}

CASE(switch_ends_the_wait) {
  libsched_pool *pool = check_pool_new(1, 0);
  int64_t completions = 0;
  libsched_group *group = counted_group(pool, &completions);
  libsched_error *error = 0;
  patient p = {0, 0, 0, 1};
  patient other = {0, 0, 0, 1};
  pthread_t threads[2];
  int64_t count = 0;
  CHECK_OK(libsched_cancel_create(&p.cancel));
  p.group = group;
  other.group = group;
  CHECK_OK(libsched_group_enter(group));
  threads[0] = check_spawn(wait_with_a_switch, &p);
  threads[1] = check_spawn(wait_with_a_switch, &other);
  check_until_asleep(&p.thread);
  CHECK_OK(libsched_cancel_trigger(p.cancel));
  check_join(threads[0]);
  CHECK_STATUS(p.status, LIBSCHED_E_CANCELLED);
  /* Triggered before: at once. */
  CHECK_STATUS(libsched_group_wait(0, group, 0, LIBSCHED_FOREVER, p.cancel, &error),
               LIBSCHED_E_CANCELLED);
  CHECK_STATUS(libsched_error_status(error), LIBSCHED_E_CANCELLED);
  libsched_error_free(error);
  /* The group is not cancelled, and who waits without the switch waits on. */
  CHECK_OK(libsched_group_submit(group, LIBSCHED_NORMAL, check_count_run, &count, 0));
  CHECK_EQ(completions, 0);
  CHECK_OK(libsched_group_leave(group, 0));
  check_join(threads[1]);
  CHECK_STATUS(other.status, LIBSCHED_OK);
  CHECK_EQ(count, 1);
  CHECK_EQ(completions, 1);
  /* A wait that need not wait does not look at the switch. */
  CHECK_OK(libsched_group_wait(0, group, 0, LIBSCHED_FOREVER, p.cancel, 0));
  libsched_cancel_unref(p.cancel);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* on_complete comes before the waits return: while it lasts, the group is not complete for them. */
typedef struct slow {
  check_gate gate;
  int64_t returned;
} slow;

static void be_slow(int status, int code, void *data) {
  slow *s = (slow *)data;
  CHECK_STATUS(status, LIBSCHED_E_FAILED);
  CHECK_EQ(code, 3);
  check_gate_run(0, &s->gate);
  CHECK_ADD(s->returned, 1);
}

typedef struct late {
  libsched_group *group;
  slow *callback;
} late;

static void *wait_for_the_callback(void *data) {
  late *l = (late *)data;
  CHECK_EQ(check_group_code(l->group), 3);
  CHECK_EQ(CHECK_GET(l->callback->returned), 1);
  return 0;
}

static int give_3(libsched_task *task, void *data) {
  (void)task;
  CHECK_AWAIT((check_event *)data, 1);
  return 3;
}

CASE(on_complete_comes_before_the_waits_return) {
  libsched_pool *pool = check_pool_new(2, 0);
  int round;
  for (round = 0; round < CHECK_SCALE(100, 20); ++round) {
    slow s = {CHECK_GATE_INIT, 0};
    check_event go = CHECK_EVENT_INIT;
    late l = {0, 0};
    libsched_group_options options = LIBSCHED_GROUP_OPTIONS_INIT;
    pthread_t threads[2];
    options.on_complete = be_slow;
    options.user_data = &s;
    CHECK_OK(libsched_group_create(&l.group, pool, &options, 0));
    l.callback = &s;
    CHECK_OK(libsched_group_submit(l.group, LIBSCHED_NORMAL, give_3, &go, 0));
    threads[0] = check_spawn(wait_for_the_callback, &l);
    CHECK_OK(libsched_group_close(l.group));
    check_event_add(&go, 1);
    CHECK_AWAIT(&s.gate.entered, 1);
    threads[1] = check_spawn(wait_for_the_callback, &l);
    CHECK_STATUS(libsched_group_wait(0, l.group, 0, 0, 0, 0), LIBSCHED_E_TIMEOUT);
    CHECK_STATUS(libsched_group_wait(0, l.group, 0, 1, 0, 0), LIBSCHED_E_TIMEOUT);
    CHECK_STATUS(libsched_group_reset(l.group), LIBSCHED_E_STATE);
    CHECK_STATUS(libsched_group_enter(l.group), LIBSCHED_E_CLOSED);
    check_gate_open(&s.gate);
    check_join(threads[0]);
    check_join(threads[1]);
    CHECK_OK(libsched_group_reset(l.group));
    CHECK_OK(libsched_group_submit(l.group, LIBSCHED_NORMAL, give_3, &go, 0));
    CHECK_EQ(check_group_code(l.group), 3);
    CHECK_EQ(CHECK_GET(s.returned), 2);
    libsched_group_unref(l.group);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* Each round has one task and one wait for it: one wake-up that is lost, and it waits for ever. */
typedef struct pinger {
  libsched_pool *pool;
  int64_t rounds;
  int64_t ran;
} pinger;

static void *ping_on(void *data) {
  pinger *p = (pinger *)data;
  libsched_group *group = check_group_new(p->pool);
  int64_t i;
  for (i = 1; i <= p->rounds; ++i) {
    CHECK_OK(libsched_group_submit(group, (uint32_t)(i % 3), check_count_run, &p->ran, 0));
    CHECK_EQ(check_group_code(group), 0);
    CHECK_EQ(CHECK_GET(p->ran), i);
    CHECK_OK(libsched_group_reset(group));
  }
  libsched_group_unref(group);
  return 0;
}

static void check_pings(uint32_t workers, int n) {
  pinger pingers[4];
  pthread_t threads[4];
  libsched_pool *pool = check_pool_new(workers, 0);
  int i;
  for (i = 0; i < n; ++i) {
    pingers[i].pool = pool;
    pingers[i].rounds = CHECK_SCALE(4000, 500) / n;
    pingers[i].ran = 0;
    threads[i] = check_spawn(ping_on, &pingers[i]);
  }
  for (i = 0; i < n; ++i) check_join(threads[i]);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(each_end_wakes_the_waiter) {
  check_pings(1, 1);
  check_pings(2, 1);
  check_pings(16, 1);
  check_pings(2, 4);
  check_pings(16, 4);
}

/* The same between two threads, without a task: a leave against a wait. */
typedef struct duet {
  libsched_group *group;
  check_event turn;
  int64_t rounds;
} duet;

static void *leave_each_round(void *data) {
  duet *d = (duet *)data;
  int64_t i;
  for (i = 1; i <= d->rounds; ++i) {
    CHECK_AWAIT(&d->turn, i);
    CHECK_OK(libsched_group_leave(d->group, 0));
  }
  return 0;
}

CASE(leave_against_wait) {
  duet d = {0, CHECK_EVENT_INIT, 0};
  libsched_pool *pool = check_pool_new(1, 0);
  pthread_t thread;
  int64_t i;
  d.group = check_group_new(pool);
  d.rounds = CHECK_SCALE(20000, 2000);
  thread = check_spawn(leave_each_round, &d);
  for (i = 1; i <= d.rounds; ++i) {
    CHECK_OK(libsched_group_enter(d.group));
    check_event_add(&d.turn, 1);
    CHECK_EQ(check_group_code(d.group), 0);
    CHECK_OK(libsched_group_reset(d.group));
  }
  check_join(thread);
  libsched_group_unref(d.group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASES = {RUN(several_threads_wait),
         RUN(several_threads_wait_for_a_failure),
         RUN(several_threads_wait_isolated),
         RUN(waits_time_out),
         RUN(longest_timeout_is_for_ever),
         RUN(switch_ends_the_wait),
         RUN(on_complete_comes_before_the_waits_return),
         RUN(each_end_wakes_the_waiter),
         RUN(leave_against_wait),
         CASES_END};
