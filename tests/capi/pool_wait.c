/* Waiting for a pool: until it is idle, never from its own tasks; and that no task waits for a worker in vain. */
#include "check_pool.h"

#define MS ((int64_t)1000000)

CASE(wait_idle_of_a_fresh_pool) {
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_error *error = (libsched_error *)UNTOUCHED;
  CHECK_OK(libsched_pool_wait_idle(pool, 0, 0, &error));
  CHECK(error == 0);
  CHECK_OK(libsched_pool_wait_idle(pool, LIBSCHED_FOREVER, 0, 0));
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* A task that submits itself again, a number of times in all. */
typedef struct repeat {
  libsched_pool *pool;
  int64_t left;
} repeat;

static int submit_again(libsched_task *task, void *data) {
  repeat *r = (repeat *)data;
  (void)task;
  if (CHECK_ADD(r->left, -1) == 0) return 0;
  return libsched_pool_submit(r->pool, LIBSCHED_NORMAL, submit_again, r, 0);
}

/* Tasks submitted meanwhile, by tasks too, are waited for. */
CASE(wait_idle_waits_for_tasks_of_tasks) {
  libsched_pool *pool = check_pool_new(2, 0);
  repeat r;
  r.pool = pool;
  r.left = 10000;
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_LOW, submit_again, &r, 0));
  check_pool_idle(pool);
  CHECK_EQ(r.left, 0);
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_NORMAL).completed, 9999);
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_LOW).completed, 1);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(wait_idle_again_and_again) {
  libsched_pool *pool = check_pool_new(2, 0);
  int64_t count = 0;
  int i;
  for (i = 1; i <= CHECK_SCALE(3000, 500); ++i) {
    CHECK_OK(libsched_pool_submit(pool, (uint32_t)i % 3, check_count_run, &count, 0));
    check_pool_idle(pool);
    CHECK_EQ(CHECK_GET(count), i);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* The timeout is neither cut short nor an end of anything. */
CASE(wait_idle_times_out) {
  static check_gate gate = CHECK_GATE_INIT;
  check_job job = {0, 0};
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_error *error = 0;
  int64_t start = check_now_ns();
  check_gate_hold(&gate, pool, 1);
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_LOW, check_job_run, &job, check_job_discard));
  CHECK_STATUS(libsched_pool_wait_idle(pool, 0, 0, &error), LIBSCHED_E_TIMEOUT);
  CHECK_STATUS(libsched_error_status(error), LIBSCHED_E_TIMEOUT);
  libsched_error_free(error);
  CHECK_STATUS(libsched_pool_wait_idle(pool, 20 * MS, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_LE(20 * MS, check_now_ns() - start);
  CHECK_STATUS(libsched_pool_wait_idle(pool, 1, 0, 0), LIBSCHED_E_TIMEOUT);
  check_gate_open(&gate);
  check_pool_idle(pool);
  CHECK_EQ(job.runs, 1);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(longest_timeout_is_for_ever) {
  libsched_pool *pool = check_pool_new(1, 0);
  int64_t count = 0;
  int64_t longest = (int64_t)(((uint64_t)1 << 63) - 1);
  CHECK_OK(
      libsched_pool_submit_timed(pool, LIBSCHED_NORMAL, check_count_run, &count, 0, longest, 0, 0));
  CHECK_OK(libsched_pool_wait_idle(pool, longest, 0, 0));
  CHECK_OK(libsched_pool_wait_idle(pool, -longest - 1, 0, 0));
  CHECK_EQ(count, 1);
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, longest, 0, 0));
  libsched_pool_unref(pool);
}

/* From one of the pool's own tasks both could only deadlock: refused, with nothing done. */
static int try_to_deadlock(libsched_task *task, void *data) {
  libsched_pool *pool = (libsched_pool *)data;
  libsched_error *error = 0;
  (void)task;
  CHECK_STATUS(libsched_pool_wait_idle(pool, 0, 0, 0), LIBSCHED_E_DEADLOCK);
  CHECK_STATUS(libsched_pool_wait_idle(pool, LIBSCHED_FOREVER, 0, &error), LIBSCHED_E_DEADLOCK);
  CHECK_STATUS(libsched_error_status(error), LIBSCHED_E_DEADLOCK);
  libsched_error_free(error);
  CHECK_STATUS(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, 0, 0),
               LIBSCHED_E_DEADLOCK);
  CHECK_STATUS(libsched_pool_shutdown(pool, LIBSCHED_CANCEL, 0, 0, &error), LIBSCHED_E_DEADLOCK);
  CHECK_STATUS(libsched_error_status(error), LIBSCHED_E_DEADLOCK);
  libsched_error_free(error);
  CHECK_EQ(libsched_task_cancelled(task), 0);
  return 0;
}

CASE(own_tasks_cannot_wait_for_the_pool) {
  libsched_pool *pool = check_pool_new(2, 0);
  int64_t count = 0;
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, try_to_deadlock, pool, 0));
  check_pool_idle(pool);
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, check_count_run, &count, 0));
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(count, 1);
}

/* Another pool's task may wait. */
static int end_other_pool(libsched_task *task, void *data) {
  libsched_pool *other = (libsched_pool *)data;
  (void)task;
  check_pool_idle(other);
  check_pool_end(other, LIBSCHED_DRAIN);
  return 0;
}

CASE(tasks_of_another_pool_can) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_pool *other = check_pool_new(1, 0);
  int64_t count = 0;
  int i;
  for (i = 0; i < 100; ++i)
    CHECK_OK(libsched_pool_submit(other, LIBSCHED_LOW, check_count_run, &count, 0));
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, end_other_pool, other, 0));
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(count, 100);
  CHECK_EQ(check_live(LIBSCHED_KIND_POOL), 0);
}

/* Several threads wait at once: each comes back, every time. */
typedef struct crowd {
  libsched_pool *pool;
  int64_t rounds;
  int64_t ran;
} crowd;

static void *submit_and_wait(void *data) {
  crowd *c = (crowd *)data;
  int64_t i;
  for (i = 0; i < c->rounds; ++i) {
    CHECK_OK(libsched_pool_submit(c->pool, (uint32_t)i % 3, check_count_run, &c->ran, 0));
    check_pool_idle(c->pool);
  }
  return 0;
}

CASE(several_threads_wait) {
  crowd c;
  pthread_t threads[4];
  int i;
  c.pool = check_pool_new(3, 0);
  c.rounds = CHECK_SCALE(2000, 300);
  c.ran = 0;
  for (i = 0; i < 4; ++i) threads[i] = check_spawn(submit_and_wait, &c);
  for (i = 0; i < 4; ++i) check_join(threads[i]);
  CHECK_EQ(c.ran, 4 * c.rounds);
  check_pool_end(c.pool, LIBSCHED_DRAIN);
}

/* Each thread waits for its own task alone: one wake-up that is lost, and it waits for ever. */
typedef struct pinger {
  libsched_pool *pool;
  int64_t rounds;
  check_event ran;
} pinger;

static int ping(libsched_task *task, void *data) {
  (void)task;
  check_event_add((check_event *)data, 1);
  return 0;
}

static void *ping_on(void *data) {
  pinger *p = (pinger *)data;
  int64_t i;
  for (i = 1; i <= p->rounds; ++i) {
    CHECK_OK(libsched_pool_submit(p->pool, (uint32_t)i % 3, ping, &p->ran, 0));
    CHECK_AWAIT(&p->ran, i);
  }
  return 0;
}

static void check_pings(uint32_t workers, int n) {
  pinger pingers[4];
  pthread_t threads[4];
  libsched_pool *pool = check_pool_new(workers, 0);
  static const check_event fresh = CHECK_EVENT_INIT;
  int i;
  for (i = 0; i < n; ++i) {
    pingers[i].pool = pool;
    pingers[i].rounds = CHECK_SCALE(4000, 500) / n;
    pingers[i].ran = fresh;
    threads[i] = check_spawn(ping_on, &pingers[i]);
  }
  for (i = 0; i < n; ++i) check_join(threads[i]);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(each_submit_wakes_a_worker) {
  check_pings(1, 1);
  check_pings(2, 1);
  check_pings(16, 1);
  check_pings(2, 4);
  check_pings(16, 4);
}

/* Tasks that wait for each other need a worker each, however they came to be queued on the same one. */
typedef struct meeting {
  libsched_pool *pool;
  check_event here;
  int64_t size;
  uint32_t priority;
} meeting;

static int meet(libsched_task *task, void *data) {
  meeting *m = (meeting *)data;
  (void)task;
  check_event_add(&m->here, 1);
  CHECK_AWAIT(&m->here, m->size);
  return 0;
}

static int submit_meeting(libsched_task *task, void *data) {
  meeting *m = (meeting *)data;
  int64_t i;
  (void)task;
  for (i = 0; i < m->size; ++i) CHECK_OK(libsched_pool_submit(m->pool, m->priority, meet, m, 0));
  return 0;
}

static void check_meetings(int from_worker) {
  enum { SIZE = 4 };
  static const check_event fresh = CHECK_EVENT_INIT;
  libsched_pool *pool = check_pool_new(SIZE, 0);
  int round;
  for (round = 0; round < CHECK_SCALE(300, 60); ++round) {
    meeting m;
    void *data[SIZE];
    size_t accepted = 0;
    int i;
    m.pool = pool;
    m.here = fresh;
    m.size = SIZE;
    m.priority = (uint32_t)round % 3;
    for (i = 0; i < SIZE; ++i) data[i] = &m;
    if (from_worker) {
      CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, submit_meeting, &m, 0));
    } else {
      CHECK_OK(libsched_pool_submit_n(&accepted, pool, m.priority, meet, data, SIZE, 0, 0, 0, 0));
    }
    check_pool_idle(pool);
    CHECK_EQ(check_event_count(&m.here), SIZE);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(tasks_from_outside_meet) { check_meetings(0); }
CASE(tasks_of_one_worker_meet) { check_meetings(1); }

CASES = {RUN(wait_idle_of_a_fresh_pool),   RUN(wait_idle_waits_for_tasks_of_tasks),
         RUN(wait_idle_again_and_again),   RUN(wait_idle_times_out),
         RUN(longest_timeout_is_for_ever), RUN(own_tasks_cannot_wait_for_the_pool),
         RUN(tasks_of_another_pool_can),   RUN(several_threads_wait),
         RUN(each_submit_wakes_a_worker),  RUN(tasks_from_outside_meet),
         RUN(tasks_of_one_worker_meet),    CASES_END};
