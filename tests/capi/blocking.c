/* Sections in which a task blocks: what begin and end return, and that a spare worker runs what waits meanwhile. */
#include "check_spare.h"

static void begin_and_end_do_nothing_here(void) {
  int i;
  for (i = 0; i < 3; ++i) {
    CHECK_STATUS(libsched_blocking_begin(), LIBSCHED_E_NOT_WORKER);
    CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
    CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
  }
}

static int no_worker_runs_this(libsched_task *task, void *data) {
  (void)task;
  begin_and_end_do_nothing_here();
  CHECK_ADD(*(int64_t *)data, 1);
  return 0;
}

static void *on_a_thread(void *data) {
  (void)data;
  begin_and_end_do_nothing_here();
  return 0;
}

CASE(other_threads_are_no_workers) {
  libsched_pool *pool = check_pool_spares(1, 1);
  int64_t count = 0;
  begin_and_end_do_nothing_here();
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, check_count_run, &count, 0));
  check_pool_idle(pool);
  begin_and_end_do_nothing_here();
  check_join(check_spawn(on_a_thread, 0));
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(pool_without_workers_has_none) {
  libsched_pool *pool = check_pool_spares(LIBSCHED_NO_WORKERS, 4);
  int64_t count = 0;
  int threads = check_threads_at_rest();
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, no_worker_runs_this, &count, 0));
  CHECK_OK(libsched_pool_run_one(pool));
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, no_worker_runs_this, &count, 0));
  check_pool_idle(pool);
  CHECK_EQ(count, 2);
  CHECK_EQ(check_threads(), threads);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int balance(libsched_task *task, void *data) {
  (void)task;
  CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
  CHECK_OK(libsched_blocking_begin());
  CHECK_OK(libsched_blocking_end());
  CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
  CHECK_OK(libsched_blocking_begin());
  CHECK_OK(libsched_blocking_begin());
  CHECK_OK(libsched_blocking_end());
  CHECK_OK(libsched_blocking_end());
  CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
  CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
  CHECK_ADD(*(int64_t *)data, 1);
  return 0;
}

CASE(each_end_needs_its_begin) {
  uint32_t workers;
  for (workers = 1; workers <= 2; ++workers) {
    libsched_pool *pool = check_pool_spares(workers, 1);
    int64_t count = 0;
    int i;
    for (i = 0; i < CHECK_SCALE(1000, 100); ++i) {
      CHECK_OK(libsched_pool_submit(pool, (uint32_t)i % 3, balance, &count, 0));
      /* One section at a time: two might need two spares. */
      check_pool_idle(pool);
    }
    CHECK_EQ(count, CHECK_SCALE(1000, 100));
    check_pool_end(pool, LIBSCHED_DRAIN);
  }
}

/* A task that submits another one to its own worker's queue and needs it to run. */
typedef struct relay {
  libsched_pool *pool;
  check_event ran;
  uint32_t priority;
  uint32_t blocked;
  int64_t tasks;
} relay;

static int relieve(libsched_task *task, void *data) {
  relay *r = (relay *)data;
  uint32_t worker = 77;
  CHECK_OK(libsched_pool_current_worker(&worker, r->pool));
  CHECK_EQ(worker, libsched_task_worker(task));
  CHECK(worker != r->blocked);
  check_event_add(&r->ran, 1);
  return 0;
}

static void submit_relief(relay *r) {
  int64_t i;
  for (i = 0; i < r->tasks; ++i) {
    CHECK_OK(libsched_pool_submit(r->pool, r->priority, relieve, r, 0));
  }
}

static int block_after_submit(libsched_task *task, void *data) {
  relay *r = (relay *)data;
  r->blocked = libsched_task_worker(task);
  submit_relief(r);
  CHECK_OK(libsched_blocking_begin());
  CHECK_AWAIT(&r->ran, r->tasks);
  CHECK_EQ(libsched_task_worker(task), r->blocked);
  CHECK_OK(libsched_blocking_end());
  CHECK_EQ(libsched_task_worker(task), r->blocked);
  return 0;
}

static int block_before_submit(libsched_task *task, void *data) {
  relay *r = (relay *)data;
  r->blocked = libsched_task_worker(task);
  CHECK_OK(libsched_blocking_begin());
  submit_relief(r);
  CHECK_AWAIT(&r->ran, r->tasks);
  CHECK_OK(libsched_blocking_end());
  return 0;
}

/* Nested: the inner end is not the one that counts, and the inner begin needs no spare of its own. */
static int block_nested(libsched_task *task, void *data) {
  relay *r = (relay *)data;
  int i;
  r->blocked = libsched_task_worker(task);
  for (i = 0; i < 1000; ++i) CHECK_OK(libsched_blocking_begin());
  for (i = 0; i < 999; ++i) CHECK_OK(libsched_blocking_end());
  submit_relief(r);
  CHECK_AWAIT(&r->ran, r->tasks);
  CHECK_OK(libsched_blocking_end());
  CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
  return 0;
}

static void check_relay(libsched_task_fn block, int64_t tasks) {
  static const check_event fresh = CHECK_EVENT_INIT;
  libsched_pool *pool = check_pool_spares(1, 1);
  int i;
  for (i = 0; i < CHECK_SCALE(300, 30); ++i) {
    relay r;
    r.pool = pool;
    r.ran = fresh;
    r.priority = (uint32_t)i % 3;
    r.blocked = 99;
    r.tasks = tasks;
    CHECK_OK(libsched_pool_submit(pool, (uint32_t)i / 3 % 3, block, &r, 0));
    check_pool_idle(pool);
    CHECK_EQ(check_event_count(&r.ran), tasks);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(spare_runs_what_the_task_had_queued) { check_relay(block_after_submit, 1); }
CASE(spare_runs_all_that_the_task_had_queued) { check_relay(block_after_submit, 1000); }
CASE(spare_runs_what_the_task_queues_inside) { check_relay(block_before_submit, 1); }
CASE(spare_runs_all_that_the_task_queues_inside) { check_relay(block_before_submit, 1000); }
CASE(inner_pairs_do_not_count) { check_relay(block_nested, 2); }

CASE(spare_runs_what_comes_from_outside) {
  libsched_pool *pool = check_pool_spares(1, 1);
  int i;
  for (i = 0; i < CHECK_SCALE(300, 30); ++i) {
    check_section section = CHECK_SECTION_INIT;
    check_section_hold(&section, pool, 1);
    CHECK_STATUS(libsched_pool_wait_idle(pool, 0, 0, 0), LIBSCHED_E_TIMEOUT);
    CHECK_OK(libsched_pool_submit(pool, (uint32_t)i % 3, check_event_run, &section.release, 0));
    check_pool_idle(pool);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* Tasks that the worker took over in one go with the one that blocks. */
static int block_until_the_rest_ran(libsched_task *task, void *data) {
  check_event *ran = (check_event *)data;
  (void)task;
  CHECK_OK(libsched_blocking_begin());
  CHECK_AWAIT(ran, 99);
  CHECK_OK(libsched_blocking_end());
  return 0;
}

CASE(spare_runs_what_the_worker_had_taken) {
  libsched_pool *pool = check_pool_spares(1, 1);
  int round;
  for (round = 0; round < 30; ++round) {
    check_gate gate = CHECK_GATE_INIT;
    check_event ran = CHECK_EVENT_INIT;
    uint32_t priority = (uint32_t)round % 3;
    int i;
    check_gate_hold(&gate, pool, 1);
    CHECK_OK(libsched_pool_submit(pool, priority, block_until_the_rest_ran, &ran, 0));
    for (i = 0; i < 99; ++i) {
      CHECK_OK(libsched_pool_submit(pool, priority, check_event_run, &ran, 0));
    }
    check_gate_open(&gate);
    check_pool_idle(pool);
    CHECK_EQ(check_event_count(&ran), 99);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* A task that returns inside its section has ended it: the next one has its spare, and nothing to end. */
static int return_inside(libsched_task *task, void *data) {
  check_event *ran = (check_event *)data;
  (void)task;
  CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
  CHECK_OK(libsched_blocking_begin());
  if (check_event_count(ran) % 2 != 0) CHECK_OK(libsched_blocking_begin());
  check_event_add(ran, 1);
  return 0;
}

CASE(return_ends_a_section) {
  libsched_pool *pool = check_pool_spares(1, 1);
  check_event ran = CHECK_EVENT_INIT;
  int64_t count = 0;
  int i;
  for (i = 1; i <= CHECK_SCALE(2000, 200); ++i) {
    CHECK_OK(libsched_pool_submit(pool, (uint32_t)i % 3, return_inside, &ran, 0));
    check_pool_idle(pool);
  }
  CHECK_EQ(check_event_count(&ran), CHECK_SCALE(2000, 200));
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, balance, &count, 0));
  check_pool_idle(pool);
  CHECK_EQ(count, 1);
  check_workers_are(pool, 1);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* Nobody else can end a task's section: no other thread, and no other task. */
static int end_nothing(libsched_task *task, void *data) {
  (void)task;
  CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
  check_event_add((check_event *)data, 1);
  return 0;
}

CASE(others_cannot_end_it) {
  libsched_pool *pool = check_pool_spares(1, 2);
  check_section section = CHECK_SECTION_INIT;
  check_event tried = CHECK_EVENT_INIT;
  int i;
  check_section_hold(&section, pool, 2);
  CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
  for (i = 0; i < 20; ++i) {
    CHECK_OK(libsched_pool_submit(pool, (uint32_t)i % 3, end_nothing, &tried, 0));
  }
  CHECK_AWAIT(&tried, 20);
  check_event_add(&section.release, 1);
  check_pool_idle(pool);
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_NORMAL).failed, 0);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* A task in a section is one that runs, in the counts too. */
CASE(blocked_tasks_are_active) {
  libsched_pool *pool = check_pool_spares(2, 8);
  check_section section = CHECK_SECTION_INIT;
  libsched_priority_stats stats;
  check_section_hold(&section, pool, 8);
  CHECK_UNTIL(check_priority_stats(pool, LIBSCHED_NORMAL).active == 8);
  check_event_add(&section.release, 1);
  check_pool_idle(pool);
  stats = check_priority_stats(pool, LIBSCHED_NORMAL);
  CHECK_EQ(stats.submitted, 8);
  CHECK_EQ(stats.started, 8);
  CHECK_EQ(stats.completed, 8);
  CHECK_EQ(stats.active, 0);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASES = {RUN(other_threads_are_no_workers),
         RUN(pool_without_workers_has_none),
         RUN(each_end_needs_its_begin),
         RUN(spare_runs_what_the_task_had_queued),
         RUN(spare_runs_all_that_the_task_had_queued),
         RUN(spare_runs_what_the_task_queues_inside),
         RUN(spare_runs_all_that_the_task_queues_inside),
         RUN(inner_pairs_do_not_count),
         RUN(spare_runs_what_comes_from_outside),
         RUN(spare_runs_what_the_worker_had_taken),
         RUN(return_ends_a_section),
         RUN(others_cannot_end_it),
         RUN(blocked_tasks_are_active),
         CASES_END};
