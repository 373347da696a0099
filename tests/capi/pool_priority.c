/* Priorities in a pool: the starvation bound by counting starts, the run-next slot, and should_yield. */
#include "check_pool.h"

enum { MOST = 4096 };

/*
 * Tasks write down the order in which they start. While the log grows nothing more is submitted, so a level waits as
 * long as some of its tasks have not started.
 */
typedef struct start_log {
  int64_t n;
  uint8_t priority[MOST];
} start_log;

static start_log the_log;

static int log_start(libsched_task *task, void *data) {
  int64_t at = CHECK_ADD(the_log.n, 1) - 1;
  (void)task;
  CHECK_LE(at, MOST - 1);
  the_log.priority[at] = (uint8_t)VALUE(data);
  return 0;
}

static void submit_many(libsched_pool *pool, uint32_t priority, int n) {
  for (; n > 0; --n) CHECK_OK(libsched_pool_submit(pool, priority, log_start, ITEM(priority), 0));
}

/* The longest row of starts that passed over p while tasks of p still waited. */
static int64_t longest_pass(uint32_t p, int64_t all_of_p) {
  int64_t longest = 0;
  int64_t row = 0;
  int64_t seen = 0;
  int64_t i;
  for (i = 0; i < the_log.n; ++i) {
    if (the_log.priority[i] == p) {
      row = 0;
      ++seen;
    } else if (seen < all_of_p && ++row > longest) {
      longest = row;
    }
  }
  CHECK_EQ(seen, all_of_p);
  return longest;
}

static void check_one_worker(uint32_t normal_bound, uint32_t low_bound, int64_t normal,
                             int64_t low) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  check_gate gate = CHECK_GATE_INIT;
  libsched_pool *pool;
  options.workers = 1;
  options.normal_bound = normal_bound;
  options.low_bound = low_bound;
  pool = check_pool_with(&options);
  the_log.n = 0;
  check_gate_hold(&gate, pool, 1);
  submit_many(pool, LIBSCHED_LOW, 20);
  submit_many(pool, LIBSCHED_NORMAL, 300);
  submit_many(pool, LIBSCHED_HIGH, 2000);
  check_gate_open(&gate);
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(the_log.n, 2320);
  CHECK_LE(longest_pass(LIBSCHED_NORMAL, 300), normal);
  CHECK_LE(longest_pass(LIBSCHED_LOW, 20), low);
  /* High goes first up to the bound: no start of another level before it is about to fall due. */
  CHECK_LE(normal - 1, longest_pass(LIBSCHED_NORMAL, 300));
  CHECK_LE(low - 1, longest_pass(LIBSCHED_LOW, 20));
}

CASE(default_bounds_with_one_worker) { check_one_worker(0, 0, 8, 64); }
CASE(other_bounds_with_one_worker) { check_one_worker(3, 10, 3, 10); }
CASE(smallest_bounds_with_one_worker) { check_one_worker(1, 2, 1, 2); }

CASE(exact_order_of_two_levels) {
  check_gate gate = CHECK_GATE_INIT;
  libsched_pool *pool = check_pool_new(1, 0);
  int i;
  check_gate_hold(&gate, pool, 1);
  submit_many(pool, LIBSCHED_NORMAL, 50);
  submit_many(pool, LIBSCHED_HIGH, 400);
  check_gate_open(&gate);
  check_pool_end(pool, LIBSCHED_DRAIN);
  for (i = 0; i < 450; ++i)
    CHECK_EQ(the_log.priority[i], i % 9 == 8 ? LIBSCHED_NORMAL : LIBSCHED_HIGH);
}

CASE(no_bound_is_strict_priority) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  check_gate gate = CHECK_GATE_INIT;
  libsched_pool *pool;
  int i;
  options.workers = 1;
  options.normal_bound = LIBSCHED_NO_BOUND;
  options.low_bound = LIBSCHED_NO_BOUND;
  pool = check_pool_with(&options);
  check_gate_hold(&gate, pool, 1);
  submit_many(pool, LIBSCHED_LOW, 100);
  submit_many(pool, LIBSCHED_NORMAL, 500);
  submit_many(pool, LIBSCHED_HIGH, 500);
  check_gate_open(&gate);
  check_pool_end(pool, LIBSCHED_DRAIN);
  for (i = 0; i < 1100; ++i) {
    CHECK_EQ(the_log.priority[i], i < 500    ? LIBSCHED_HIGH
                                  : i < 1000 ? LIBSCHED_NORMAL
                                             : LIBSCHED_LOW);
  }
}

/*
 * Sixteen workers: each one's own selections keep the bound. A level surely waited when a task was selected if more of
 * its tasks had not started by then than the workers together may have in hand: one each, and a batch on its way.
 */
enum { WORKERS = 16, NORMALS = 3000, LOWS = 1000, IN_HAND = WORKERS * 34 };

typedef struct worker_log {
  int64_t passed[LIBSCHED_PRIORITIES];
  int64_t longest[LIBSCHED_PRIORITIES];
} worker_log;

static worker_log worker_logs[WORKERS];
static int64_t not_started[LIBSCHED_PRIORITIES];

static int log_by_worker(libsched_task *task, void *data) {
  worker_log *log = &worker_logs[libsched_task_worker(task)];
  uint32_t mine = (uint32_t)VALUE(data);
  uint32_t p;
  CHECK_ADD(not_started[mine], -1);
  for (p = LIBSCHED_NORMAL; p < LIBSCHED_PRIORITIES; ++p) {
    if (p == mine || CHECK_GET(not_started[p]) <= IN_HAND) {
      log->passed[p] = 0;
    } else if (++log->passed[p] > log->longest[p]) {
      log->longest[p] = log->passed[p];
    }
  }
  return 0;
}

CASE(default_bounds_with_16_workers) {
  static check_gate gate = CHECK_GATE_INIT;
  libsched_pool *pool = check_pool_new(WORKERS, 0);
  int64_t reached = 0;
  int i;
  check_gate_hold(&gate, pool, WORKERS);
  not_started[LIBSCHED_NORMAL] = NORMALS;
  not_started[LIBSCHED_LOW] = LOWS;
  for (i = 0; i < 30000; ++i) {
    if (i < NORMALS)
      CHECK_OK(
          libsched_pool_submit(pool, LIBSCHED_NORMAL, log_by_worker, ITEM(LIBSCHED_NORMAL), 0));
    if (i < LOWS)
      CHECK_OK(libsched_pool_submit(pool, LIBSCHED_LOW, log_by_worker, ITEM(LIBSCHED_LOW), 0));
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_HIGH, log_by_worker, ITEM(LIBSCHED_HIGH), 0));
  }
  check_gate_open(&gate);
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(not_started[LIBSCHED_NORMAL], 0);
  CHECK_EQ(not_started[LIBSCHED_LOW], 0);
  for (i = 0; i < WORKERS; ++i) {
    CHECK_LE(worker_logs[i].longest[LIBSCHED_NORMAL], 8);
    CHECK_LE(worker_logs[i].longest[LIBSCHED_LOW], 64);
    if (worker_logs[i].longest[LIBSCHED_NORMAL] > reached)
      reached = worker_logs[i].longest[LIBSCHED_NORMAL];
  }
  /* Without this a pool that ignores priorities would pass. */
  CHECK_LE(7, reached);
}

/* High goes before what a worker has queued for itself, and before what it has taken in a batch. */
typedef struct local_queue {
  libsched_pool *pool;
  check_gate gate;
  int64_t lows_before_high;
  int64_t lows;
  int high_ran;
} local_queue;

static int local_low(libsched_task *task, void *data) {
  local_queue *q = (local_queue *)data;
  (void)task;
  CHECK_ADD(q->lows, 1);
  return 0;
}

static int global_high(libsched_task *task, void *data) {
  local_queue *q = (local_queue *)data;
  (void)task;
  q->lows_before_high = CHECK_GET(q->lows);
  q->high_ran = 1;
  return 0;
}

static int fill_local_queue(libsched_task *task, void *data) {
  local_queue *q = (local_queue *)data;
  int i;
  for (i = 0; i < 100; ++i) {
    CHECK_OK(
        libsched_pool_submit(q->pool, i % 2 ? LIBSCHED_LOW : LIBSCHED_NORMAL, local_low, q, 0));
  }
  return check_gate_run(task, &q->gate);
}

CASE(high_from_outside_goes_before_local_work) {
  static local_queue q = {0, CHECK_GATE_INIT, -1, 0, 0};
  q.pool = check_pool_new(1, 0);
  CHECK_OK(libsched_pool_submit(q.pool, LIBSCHED_NORMAL, fill_local_queue, &q, 0));
  CHECK_AWAIT(&q.gate.entered, 1);
  CHECK_OK(libsched_pool_submit(q.pool, LIBSCHED_HIGH, global_high, &q, 0));
  check_gate_open(&q.gate);
  check_pool_end(q.pool, LIBSCHED_DRAIN);
  CHECK_EQ(q.high_ran, 1);
  CHECK_EQ(q.lows_before_high, 0);
  CHECK_EQ(q.lows, 100);
}

/* The last Normal task that a worker submits is the next to run there. */
static int64_t first_ran;

static int note_first(libsched_task *task, void *data) {
  (void)task;
  if (CHECK_GET(first_ran) == 0) CHECK_SET(first_ran, VALUE(data));
  return 0;
}

static int submit_three(libsched_task *task, void *data) {
  int i;
  (void)task;
  for (i = 1; i <= 3; ++i) {
    CHECK_OK(libsched_pool_submit((libsched_pool *)data, LIBSCHED_NORMAL, note_first, ITEM(i), 0));
  }
  return 0;
}

CASE(last_normal_task_of_a_worker_is_next) {
  libsched_pool *pool = check_pool_new(1, 0);
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, submit_three, pool, 0));
  check_pool_idle(pool);
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(first_ran, 3);
}

/* A task that submits itself for ever does not keep others of its priority from running, local or not. */
typedef struct ping {
  libsched_pool *pool;
  check_event others;
  check_event going;
  int64_t turns;
} ping;

static int ping_run(libsched_task *task, void *data) {
  ping *p = (ping *)data;
  (void)task;
  if (CHECK_ADD(p->turns, 1) == 100) check_event_add(&p->going, 1);
  if (check_event_count(&p->others) == 3) return 0;
  return libsched_pool_submit(p->pool, LIBSCHED_NORMAL, ping_run, p, 0);
}

static int other_run(libsched_task *task, void *data) {
  (void)task;
  check_event_add(&((ping *)data)->others, 1);
  return 0;
}

CASE(run_next_slot_starves_nobody) {
  static ping p = {0, CHECK_EVENT_INIT, CHECK_EVENT_INIT, 0};
  p.pool = check_pool_new(1, 0);
  CHECK_OK(libsched_pool_submit(p.pool, LIBSCHED_NORMAL, ping_run, &p, 0));
  CHECK_AWAIT(&p.going, 1);
  CHECK_OK(libsched_pool_submit(p.pool, LIBSCHED_NORMAL, other_run, &p, 0));
  CHECK_OK(libsched_pool_submit(p.pool, LIBSCHED_LOW, other_run, &p, 0));
  CHECK_OK(libsched_pool_submit(p.pool, LIBSCHED_HIGH, other_run, &p, 0));
  CHECK_AWAIT(&p.others, 3);
  check_pool_end(p.pool, LIBSCHED_CANCEL);
}

/* Nor does a task in the slot stay behind the one that put it there: another worker comes for it. */
typedef struct slot {
  libsched_pool *pool;
  check_event ran;
} slot;

static int slot_task(libsched_task *task, void *data) {
  (void)task;
  check_event_add(&((slot *)data)->ran, 1);
  return 0;
}

static int block_on_slot(libsched_task *task, void *data) {
  slot *s = (slot *)data;
  int64_t before = check_event_count(&s->ran);
  (void)task;
  CHECK_OK(libsched_pool_submit(s->pool, LIBSCHED_NORMAL, slot_task, s, 0));
  CHECK_AWAIT(&s->ran, before + 1);
  return 0;
}

CASE(task_behind_a_blocked_one_is_taken_over) {
  static slot s = {0, CHECK_EVENT_INIT};
  int round;
  s.pool = check_pool_new(2, 0);
  for (round = 0; round < CHECK_SCALE(300, 100); ++round) {
    CHECK_OK(libsched_pool_submit(s.pool, LIBSCHED_NORMAL, block_on_slot, &s, 0));
    check_pool_idle(s.pool);
    /* In some rounds the other worker is fast asleep when the slot is filled. */
    if (round % 10 == 0)
      CHECK_UNTIL(check_pool_stats(s.pool).parked == check_pool_stats(s.pool).workers);
  }
  check_pool_end(s.pool, LIBSCHED_DRAIN);
}

/* should_yield: something more urgent waits. */
typedef struct yielder {
  libsched_pool *pool;
  check_event started;
  check_event go_on;
  uint32_t above;
} yielder;

static int yield_run(libsched_task *task, void *data) {
  yielder *y = (yielder *)data;
  CHECK_EQ(libsched_should_yield(task), 0);
  check_event_add(&y->started, 1);
  if (y->above == LIBSCHED_PRIORITIES) {
    CHECK_AWAIT(&y->go_on, 1);
    CHECK_EQ(libsched_should_yield(task), 0);
  } else {
    CHECK_UNTIL(libsched_should_yield(task));
    CHECK_EQ(libsched_should_yield(task), 1);
  }
  return 0;
}

/* A running task of one level, a waiting one of another. above: the level that waits, if it is the more urgent. */
static void check_yield(uint32_t running, uint32_t waiting, int should) {
  yielder y = {0, CHECK_EVENT_INIT, CHECK_EVENT_INIT, 0};
  int64_t count = 0;
  y.pool = check_pool_new(1, 0);
  y.above = should ? waiting : LIBSCHED_PRIORITIES;
  CHECK_OK(libsched_pool_submit(y.pool, running, yield_run, &y, 0));
  CHECK_AWAIT(&y.started, 1);
  CHECK_OK(libsched_pool_submit(y.pool, waiting, check_count_run, &count, 0));
  check_event_add(&y.go_on, 1);
  check_pool_end(y.pool, LIBSCHED_DRAIN);
  CHECK_EQ(count, 1);
}

CASE(should_yield_to_what_is_more_urgent) {
  check_yield(LIBSCHED_LOW, LIBSCHED_NORMAL, 1);
  check_yield(LIBSCHED_LOW, LIBSCHED_HIGH, 1);
  check_yield(LIBSCHED_NORMAL, LIBSCHED_HIGH, 1);
}

CASE(should_not_yield_to_the_rest) {
  uint32_t p;
  for (p = 0; p < LIBSCHED_PRIORITIES; ++p) {
    check_yield(LIBSCHED_HIGH, p, 0);
    check_yield(p, LIBSCHED_LOW, 0);
    check_yield(p, p, 0);
  }
}

CASES = {RUN(default_bounds_with_one_worker),
         RUN(other_bounds_with_one_worker),
         RUN(smallest_bounds_with_one_worker),
         RUN(exact_order_of_two_levels),
         RUN(no_bound_is_strict_priority),
         RUN(default_bounds_with_16_workers),
         RUN(high_from_outside_goes_before_local_work),
         RUN(last_normal_task_of_a_worker_is_next),
         RUN(run_next_slot_starves_nobody),
         RUN(task_behind_a_blocked_one_is_taken_over),
         RUN(should_yield_to_what_is_more_urgent),
         RUN(should_not_yield_to_the_rest),
         CASES_END};
