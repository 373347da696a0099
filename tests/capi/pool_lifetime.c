/* The life of pools: lazy threads, last references, a thousand lives without a trace, and an idleness that costs nothing. */
#include "check_pool.h"

CASE(create_starts_no_thread) {
  int threads = check_threads_at_rest();
  libsched_pool *pool = check_pool_new(8, 0);
  uint32_t n = 0;
  CHECK_EQ(check_threads(), threads);
  CHECK_OK(libsched_pool_max_workers(&n, pool));
  CHECK_EQ(check_pool_stats(pool).workers, 0);
  check_pool_idle(pool);
  CHECK_EQ(check_threads(), threads);
  libsched_pool_unref(pool);
  CHECK_EQ(check_live(LIBSCHED_KIND_POOL), 0);
  CHECK_EQ(check_threads(), threads);
}

CASE(first_submit_starts_threads_shutdown_ends_them) {
  int threads = check_threads_at_rest();
  libsched_pool *pool = check_pool_new(8, 0);
  int64_t count = 0;
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, check_count_run, &count, 0));
  CHECK_LE(threads + 1, check_threads());
  CHECK_LE(check_threads(), threads + 8);
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_UNTIL(check_threads() == threads);
}

/* A reference more: the first unref ends nothing. */
CASE(second_reference_keeps_the_pool_open) {
  libsched_pool *pool = check_pool_new(1, 0);
  int64_t count = 0;
  CHECK_PTR(libsched_pool_ref(pool), pool);
  libsched_pool_unref(pool);
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, check_count_run, &count, 0));
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(count, 1);
}

/* The last unref returns while a task still runs: it cancels, and waits for nothing. */
static int until_cancelled(libsched_task *task, void *data) {
  check_gate *gate = (check_gate *)data;
  check_event_add(&gate->entered, 1);
  CHECK_AWAIT(&gate->open, 1);
  CHECK_UNTIL(libsched_task_cancelled(task));
  return 0;
}

static void check_last_unref_outside(uint32_t workers) {
  check_gate gate = CHECK_GATE_INIT;
  check_job jobs[200];
  int threads = check_threads_at_rest();
  libsched_pool *pool = check_pool_new(workers, 0);
  uint32_t i;
  memset(jobs, 0, sizeof(jobs));
  for (i = 0; i < workers; ++i) {
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_HIGH, until_cancelled, &gate, 0));
    CHECK_AWAIT(&gate.entered, i + 1);
  }
  for (i = 0; i < 200; ++i) {
    CHECK_OK(libsched_pool_submit(pool, i % 3, check_job_run, &jobs[i], check_job_discard));
  }
  libsched_pool_unref(pool);
  /* Still here, and no task has been let go before this: */
  check_gate_open(&gate);
  check_until_settled(jobs, 200);
  CHECK_EQ(check_live(LIBSCHED_KIND_POOL), 0);
  CHECK_UNTIL(check_threads() == threads);
  CHECK_EQ(check_jobs_settled(jobs, 200), 0);
}

CASE(last_unref_from_outside_with_one_worker) { check_last_unref_outside(1); }
CASE(last_unref_from_outside_with_four_workers) { check_last_unref_outside(4); }

/* From a task of the pool itself: the same, and the task goes on to its end. */
typedef struct suicide {
  libsched_pool *pool;
  check_gate gate;
  int cancelled;
  check_event done;
} suicide;

static int unref_own_pool(libsched_task *task, void *data) {
  suicide *s = (suicide *)data;
  check_gate_run(task, &s->gate);
  libsched_pool_unref(s->pool);
  s->cancelled = libsched_task_cancelled(task);
  check_event_add(&s->done, 1);
  return 0;
}

static void check_last_unref_inside(uint32_t workers) {
  suicide s = {0, CHECK_GATE_INIT, 0, CHECK_EVENT_INIT};
  check_gate others = CHECK_GATE_INIT;
  check_job jobs[200];
  int threads = check_threads_at_rest();
  uint32_t i;
  memset(jobs, 0, sizeof(jobs));
  s.pool = check_pool_new(workers, 0);
  CHECK_OK(libsched_pool_submit(s.pool, LIBSCHED_HIGH, unref_own_pool, &s, 0));
  CHECK_AWAIT(&s.gate.entered, 1);
  for (i = 1; i < workers; ++i) {
    CHECK_OK(libsched_pool_submit(s.pool, LIBSCHED_HIGH, check_gate_run, &others, 0));
    CHECK_AWAIT(&others.entered, i);
  }
  for (i = 0; i < 200; ++i) {
    CHECK_OK(libsched_pool_submit(s.pool, i % 3, check_job_run, &jobs[i], check_job_discard));
  }
  check_gate_open(&s.gate);
  CHECK_AWAIT(&s.done, 1);
  check_gate_open(&others);
  CHECK_EQ(s.cancelled, 1);
  check_until_settled(jobs, 200);
  CHECK_EQ(check_live(LIBSCHED_KIND_POOL), 0);
  CHECK_UNTIL(check_threads() == threads);
  CHECK_EQ(check_jobs_settled(jobs, 200), 0);
}

CASE(last_unref_from_a_worker) { check_last_unref_inside(1); }
CASE(last_unref_from_one_of_four_workers) { check_last_unref_inside(4); }

/* Tasks hold the references: the pool lives until the last of them lets go, on a worker or as it is discarded. */
static int run_and_let_go(libsched_task *task, void *data) {
  (void)task;
  libsched_pool_unref((libsched_pool *)data);
  return 0;
}

static void let_go(void *data) { libsched_pool_unref((libsched_pool *)data); }

CASE(tasks_hold_the_references) {
  int threads = check_threads_at_rest();
  static const check_gate fresh = CHECK_GATE_INIT;
  static check_gate gates[100];
  int round;
  for (round = 0; round < CHECK_SCALE(100, 30); ++round) {
    check_gate *gate = &gates[round];
    libsched_pool *pool = check_pool_new(2, 0);
    int i;
    *gate = fresh;
    check_gate_hold(gate, pool, 1);
    for (i = 0; i < 50; ++i) {
      CHECK_OK(libsched_pool_submit(pool, (uint32_t)i % 3, run_and_let_go, libsched_pool_ref(pool),
                                    let_go));
    }
    /* In every other round it is discard that lets go. */
    if (round % 2)
      CHECK_STATUS(libsched_pool_shutdown(pool, LIBSCHED_CANCEL, 0, 0, 0), LIBSCHED_E_TIMEOUT);
    libsched_pool_unref(pool);
    check_gate_open(gate);
    CHECK_UNTIL(check_live(LIBSCHED_KIND_POOL) == 0);
    CHECK_UNTIL(check_threads() == threads);
  }
}

/* After a shutdown that timed out the last unref settles what is left, one way or the other. */
CASE(last_unref_after_a_shutdown_that_timed_out) {
  int threads = check_threads_at_rest();
  static check_gate gates[2] = {CHECK_GATE_INIT, CHECK_GATE_INIT};
  static check_job all_jobs[2][50];
  uint32_t mode;
  for (mode = LIBSCHED_DRAIN; mode <= LIBSCHED_CANCEL; ++mode) {
    check_job *jobs = all_jobs[mode];
    libsched_pool *pool = check_pool_new(1, 0);
    int i;
    check_gate_hold(&gates[mode], pool, 1);
    for (i = 0; i < 50; ++i) {
      CHECK_OK(
          libsched_pool_submit(pool, LIBSCHED_NORMAL, check_job_run, &jobs[i], check_job_discard));
    }
    CHECK_STATUS(libsched_pool_shutdown(pool, mode, 0, 0, 0), LIBSCHED_E_TIMEOUT);
    libsched_pool_unref(pool);
    check_gate_open(&gates[mode]);
    check_until_settled(jobs, 50);
    CHECK_UNTIL(check_threads() == threads);
    CHECK_EQ(check_live(LIBSCHED_KIND_POOL), 0);
    i = (int)check_jobs_settled(jobs, 50);
    if (mode == LIBSCHED_CANCEL) CHECK_EQ(i, 0);
    printf("mode %u: %d of 50 ran\n", (unsigned)mode, i);
  }
}

/* One life: create, use, shut down. Fast and slow tasks, and now and then none at all. */
static void live_once(int round, int64_t *count) {
  libsched_pool *pool = check_pool_new(2, round % 3 ? 0 : 4);
  int i;
  for (i = 0; i < round % 11; ++i) {
    CHECK_OK(
        libsched_pool_submit(pool, (uint32_t)i % 3, check_count_run, count, check_count_discard));
  }
  if (round % 5 == 0) check_pool_idle(pool);
  check_pool_end(pool, round % 2 ? LIBSCHED_DRAIN : LIBSCHED_CANCEL);
}

CASE(thousand_lives_leave_no_trace) {
  int64_t count = 0;
  int64_t want = 0;
  int threads = check_threads_at_rest();
  int fds;
  int64_t resident = 0;
  int64_t mapped = 0;
  int rounds = CHECK_SCALE(1000, 200);
  int round;
  live_once(10, &count);
  want += 10;
  fds = check_fds();
  for (round = 0; round < rounds; ++round) {
    live_once(round, &count);
    want += round % 11;
    if (round == rounds / 5) {
      resident = check_resident();
      mapped = check_mapped();
    }
  }
  CHECK_EQ(count, want);
  CHECK_EQ(check_live(LIBSCHED_KIND_POOL), 0);
  CHECK_UNTIL(check_threads() <= threads);
  CHECK_EQ(check_fds(), fds);
  if (!CHECK_SANITIZED) {
    CHECK_LE(check_resident(), resident + ((int64_t)1 << 20));
    CHECK_LE(check_mapped(), mapped + ((int64_t)64 << 20));
  }
}

/* The same with nothing but an unref at the end: each pool winds itself up. */
CASE(many_lives_without_shutdown_leave_no_trace) {
  static check_job jobs[200 * 10];
  int threads = check_threads_at_rest();
  int fds = check_fds();
  int round;
  int i;
  for (round = 0; round < 200; ++round) {
    libsched_pool *pool = check_pool_new(2, 0);
    for (i = 0; i < 10; ++i) {
      CHECK_OK(libsched_pool_submit(pool, (uint32_t)i % 3, check_job_run, &jobs[round * 10 + i],
                                    check_job_discard));
    }
    libsched_pool_unref(pool);
  }
  CHECK_EQ(check_live(LIBSCHED_KIND_POOL), 0);
  CHECK_UNTIL(check_threads() <= threads);
  CHECK_EQ(check_fds(), fds);
  printf("%ld of 2000 ran\n", (long)check_jobs_settled(jobs, 2000));
}

/* Containers take address space: a thousand lives give it back. */
CASE(containers_leave_no_trace) {
  int64_t resident = 0;
  int64_t mapped = 0;
  int round;
  for (round = 0; round < 1000; ++round) {
    libsched_deque *deque = 0;
    libsched_injector *injector = 0;
    libsched_stealing_queue *queue = 0;
    int i;
    CHECK_OK(libsched_deque_create(&deque, 0));
    CHECK_OK(libsched_injector_create(&injector, 0));
    CHECK_OK(libsched_stealing_queue_create(&queue, 0));
    for (i = 0; i < 100; ++i) {
      CHECK_OK(libsched_deque_push(deque, 0));
      CHECK_OK(libsched_injector_push(injector, 0));
      CHECK_OK(libsched_stealing_queue_submit(queue, LIBSCHED_LOW, 0));
    }
    libsched_deque_unref(deque);
    libsched_injector_unref(injector);
    libsched_stealing_queue_unref(queue);
    if (round == 200) {
      resident = check_resident();
      mapped = check_mapped();
    }
  }
  if (!CHECK_SANITIZED) {
    CHECK_LE(check_resident(), resident + ((int64_t)1 << 20));
    CHECK_LE(check_mapped(), mapped + ((int64_t)64 << 20));
  }
}

/* CPU time of the whole process over one second in which nothing happens. */
static int64_t idle_second(libsched_pool *pool, uint32_t sleepers) {
  int64_t start;
  CHECK_UNTIL(check_pool_stats(pool).parked >= sleepers);
  start = check_clock_ns(CLOCK_PROCESS_CPUTIME_ID);
  check_pause_ms(1000);
  return check_clock_ns(CLOCK_PROCESS_CPUTIME_ID) - start;
}

CASE(idle_pool_uses_no_cpu) {
  libsched_pool *pool;
  int64_t count = 0;
  int i;
  if (CHECK_SANITIZED) check_skip("a sanitizer has threads of its own");
  pool = check_pool_new(4, 0);
  for (i = 0; i < 10000; ++i)
    CHECK_OK(libsched_pool_submit(pool, (uint32_t)i % 3, check_count_run, &count, 0));
  check_pool_idle(pool);
  CHECK_LE(idle_second(pool, check_pool_stats(pool).workers), 5000000);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* Nor do the others search while one of them is kept by a task that blocks, with Low work at its cap. */
CASE(idle_workers_beside_a_blocked_task_use_no_cpu) {
  static check_gate gate = CHECK_GATE_INIT;
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  libsched_pool *pool;
  int64_t count = 0;
  if (CHECK_SANITIZED) check_skip("a sanitizer has threads of its own");
  options.workers = 4;
  options.low_cap = 1;
  pool = check_pool_with(&options);
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_LOW, check_gate_run, &gate, 0));
  CHECK_AWAIT(&gate.entered, 1);
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_LOW, check_count_run, &count, 0));
  CHECK_LE(idle_second(pool, check_pool_stats(pool).workers - 1), 5000000);
  CHECK_EQ(CHECK_GET(count), 0);
  check_gate_open(&gate);
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(count, 1);
}

/* A pool inside a task of another one, to the end of its life. */
static int nest(libsched_task *task, void *data) {
  (void)task;
  live_once(10, (int64_t *)data);
  return 0;
}

CASE(pools_nest) {
  libsched_pool *pool = check_pool_new(2, 0);
  int64_t count = 0;
  int i;
  for (i = 0; i < 20; ++i) CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, nest, &count, 0));
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(count, 200);
}

/* A process may end with pools alive, idle or not: main returns, and that is all. */
CASE(process_ends_with_a_live_pool) {
  static libsched_pool *idle;
  static libsched_pool *busy;
  static check_gate gate = CHECK_GATE_INIT;
  static int64_t count;
  idle = check_pool_new(2, 0);
  busy = check_pool_new(2, 0);
  CHECK_OK(libsched_pool_submit(idle, LIBSCHED_NORMAL, check_count_run, &count, 0));
  check_pool_idle(idle);
  check_gate_hold(&gate, busy, 1);
}

CASES = {RUN(create_starts_no_thread),
         RUN(first_submit_starts_threads_shutdown_ends_them),
         RUN(second_reference_keeps_the_pool_open),
         RUN(last_unref_from_outside_with_one_worker),
         RUN(last_unref_from_outside_with_four_workers),
         RUN(last_unref_from_a_worker),
         RUN(last_unref_from_one_of_four_workers),
         RUN(tasks_hold_the_references),
         RUN(last_unref_after_a_shutdown_that_timed_out),
         RUN(thousand_lives_leave_no_trace),
         RUN(many_lives_without_shutdown_leave_no_trace),
         RUN(containers_leave_no_trace),
         RUN(idle_pool_uses_no_cpu),
         RUN(idle_workers_beside_a_blocked_task_use_no_cpu),
         RUN(pools_nest),
         RUN(process_ends_with_a_live_pool),
         CASES_END};
