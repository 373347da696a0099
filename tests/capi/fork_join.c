/* Fork and join: both branches run once, whoever runs them, and their failures come back. */
#include "check_pool.h"

typedef struct fib {
  int n;
  int64_t result;
} fib;

static int64_t fib_of(int n);

static int fib_run(libsched_task *task, void *data) {
  fib *f = (fib *)data;
  (void)task;
  f->result = fib_of(f->n);
  return 0;
}

static int64_t fib_of(int n) {
  libsched_frame frame;
  fib first;
  int64_t second;
  if (n < 2) return n;
  first.n = n - 1;
  first.result = -1;
  CHECK_OK(libsched_fork(&frame, fib_run, &first));
  second = fib_of(n - 2);
  CHECK_OK(libsched_join(&frame));
  CHECK_EQ(frame.code, 0);
  return first.result + second;
}

static void fib_on(uint32_t workers, int n, int64_t expected) {
  libsched_pool *pool = check_pool_new(workers, 0);
  fib f;
  f.n = n;
  f.result = -1;
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, fib_run, &f, 0));
  check_pool_idle(pool);
  CHECK_EQ(f.result, expected);
  /* Branches are no tasks. */
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_NORMAL).completed, 1);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(fib_with_one_worker) { fib_on(1, 22, 17711); }
CASE(fib_with_two_workers) { fib_on(2, 22, 17711); }
CASE(fib_with_many_workers) { fib_on(16, 20, 6765); }

CASE(fib_in_several_tasks_at_once) {
  libsched_pool *pool = check_pool_new(4, 0);
  fib f[12];
  int i;
  for (i = 0; i < 12; ++i) {
    f[i].n = 15;
    f[i].result = -1;
    CHECK_OK(libsched_pool_submit(pool, (uint32_t)i % 3, fib_run, &f[i], 0));
  }
  check_pool_idle(pool);
  for (i = 0; i < 12; ++i) CHECK_EQ(f[i].result, 610);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* Outside of a pool the branch runs in the join. */
static int note_thread(libsched_task *task, void *data) {
  CHECK(task != 0);
  CHECK_EQ(libsched_task_cancelled(task), 0);
  CHECK_EQ(libsched_should_yield(task), 0);
  CHECK_EQ(libsched_task_worker(task), 0);
  ++*(int64_t *)data;
  return 0;
}

CASE(outside_a_pool_the_join_runs_it) {
  libsched_frame first, second;
  int64_t count = 0;
  CHECK_OK(libsched_fork(&first, note_thread, &count));
  CHECK_OK(libsched_fork(&second, note_thread, &count));
  CHECK_EQ(count, 0);
  CHECK_OK(libsched_join(&second));
  CHECK_EQ(count, 1);
  CHECK_OK(libsched_join(&first));
  CHECK_EQ(count, 2);
  CHECK_EQ(fib_of(12), 144);
}

CASE(pool_without_workers) {
  libsched_pool *pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
  fib f;
  f.n = 12;
  f.result = -1;
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, fib_run, &f, 0));
  CHECK_OK(libsched_pool_run_one(pool));
  CHECK_EQ(f.result, 144);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* A branch that another worker has taken: the other one holds it until the test lets it go. */
typedef struct taken {
  check_event entered;
  check_event open;
  uint32_t worker;
  int code;
} taken;

static int be_taken(libsched_task *task, void *data) {
  taken *t = (taken *)data;
  t->worker = libsched_task_worker(task);
  check_event_add(&t->entered, 1);
  CHECK_AWAIT(&t->open, 1);
  return t->code;
}

static int fork_and_wait_for_the_thief(libsched_task *task, void *data) {
  taken *t = (taken *)data;
  libsched_frame frame;
  uint32_t own = libsched_task_worker(task);
  int status;
  CHECK_OK(libsched_fork(&frame, be_taken, t));
  CHECK_AWAIT(&t->entered, 1);
  check_event_add(&t->open, 1);
  status = libsched_join(&frame);
  CHECK(t->worker != own);
  CHECK_STATUS(status, t->code == 0 ? LIBSCHED_OK : LIBSCHED_E_FAILED);
  CHECK_EQ(frame.code, t->code);
  return 0;
}

static void taken_with(int code) {
  libsched_pool *pool = check_pool_new(2, 0);
  int i;
  for (i = 0; i < CHECK_SCALE(500, 50); ++i) {
    taken t = {CHECK_EVENT_INIT, CHECK_EVENT_INIT, 99, 0};
    t.code = code;
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, fork_and_wait_for_the_thief, &t, 0));
    check_pool_idle(pool);
  }
  CHECK_EQ(check_priority_stats(pool, LIBSCHED_NORMAL).failed, 0);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* The thief is another worker, which was asleep: it is woken. */
CASE(idle_worker_takes_the_branch) { taken_with(0); }
CASE(failure_of_a_taken_branch) { taken_with(-5); }

static int fail_with(libsched_task *task, void *data) {
  (void)task;
  return *(int *)data;
}

static int join_failures(libsched_task *task, void *data) {
  static int codes[3] = {7, 0, -10000};
  libsched_frame frames[3];
  int i;
  (void)task;
  for (i = 0; i < 3; ++i) CHECK_OK(libsched_fork(&frames[i], fail_with, &codes[i]));
  for (i = 2; i >= 0; --i) {
    CHECK_STATUS(libsched_join(&frames[i]), codes[i] == 0 ? LIBSCHED_OK : LIBSCHED_E_FAILED);
    CHECK_EQ(frames[i].code, codes[i]);
  }
  ++*(int64_t *)data;
  return 0;
}

CASE(failures_are_told_apart) {
  libsched_pool *pool = check_pool_new(1, 0);
  int64_t count = 0;
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, join_failures, &count, 0));
  check_pool_idle(pool);
  CHECK_EQ(count, 1);
  CHECK_EQ(join_failures(0, &count), 0);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(null_arguments) {
  libsched_frame frame;
  CHECK_STATUS(libsched_fork(0, fib_run, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_fork(&frame, 0, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_join(0), LIBSCHED_E_NULL);
}

/* More forks than the worker's deque begins with. */
static int one_more(libsched_task *task, void *data) {
  (void)task;
  CHECK_ADD(*(int64_t *)data, 1);
  return 0;
}

static int nest(libsched_task *task, int64_t *count, int depth) {
  libsched_frame frame;
  if (depth == 0) return 0;
  CHECK_OK(libsched_fork(&frame, one_more, count));
  nest(task, count, depth - 1);
  CHECK_OK(libsched_join(&frame));
  return 0;
}

static int nest_deep(libsched_task *task, void *data) { return nest(task, (int64_t *)data, 5000); }

CASE(five_thousand_forks_are_open) {
  uint32_t workers;
  for (workers = 1; workers <= 3; ++workers) {
    libsched_pool *pool = check_pool_new(workers, 0);
    int64_t count = 0;
    int i;
    for (i = 1; i <= CHECK_SCALE(40, 4); ++i) {
      CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, nest_deep, &count, 0));
      check_pool_idle(pool);
      CHECK_EQ(CHECK_GET(count), i * 5000);
    }
    check_pool_end(pool, LIBSCHED_DRAIN);
  }
}

/* A worker that waits in a join does other work meanwhile, of its own priority and above, and no other. */
typedef struct helping {
  libsched_pool *pool;
  check_event taken, open;
  uint32_t waiter;
  int64_t helped[LIBSCHED_PRIORITIES];
} helping;

static int hold(libsched_task *task, void *data) {
  helping *h = (helping *)data;
  (void)task;
  check_event_add(&h->taken, 1);
  CHECK_AWAIT(&h->open, 1);
  return 0;
}

static int help_high(libsched_task *task, void *data) {
  helping *h = (helping *)data;
  CHECK_EQ(libsched_task_worker(task), h->waiter);
  CHECK_ADD(h->helped[LIBSCHED_HIGH], 1);
  return 0;
}

/* The last to be reached: it lets the branch go. */
static int help_normal(libsched_task *task, void *data) {
  helping *h = (helping *)data;
  CHECK_EQ(libsched_task_worker(task), h->waiter);
  CHECK_ADD(h->helped[LIBSCHED_NORMAL], 1);
  CHECK_EQ(CHECK_GET(h->helped[LIBSCHED_LOW]), 0);
  check_event_add(&h->open, 1);
  return 0;
}

static int help_low(libsched_task *task, void *data) {
  (void)task;
  CHECK_ADD(((helping *)data)->helped[LIBSCHED_LOW], 1);
  return 0;
}

static int wait_with_work(libsched_task *task, void *data) {
  helping *h = (helping *)data;
  libsched_frame frame;
  h->waiter = libsched_task_worker(task);
  CHECK_OK(libsched_fork(&frame, hold, h));
  CHECK_AWAIT(&h->taken, 1);
  CHECK_OK(libsched_pool_submit(h->pool, LIBSCHED_LOW, help_low, h, 0));
  CHECK_OK(libsched_pool_submit(h->pool, LIBSCHED_NORMAL, help_normal, h, 0));
  CHECK_OK(libsched_pool_submit(h->pool, LIBSCHED_HIGH, help_high, h, 0));
  CHECK_OK(libsched_join(&frame));
  CHECK_EQ(CHECK_GET(h->helped[LIBSCHED_HIGH]), 1);
  CHECK_EQ(CHECK_GET(h->helped[LIBSCHED_NORMAL]), 1);
  return 0;
}

CASE(waiting_worker_helps) {
  libsched_pool *pool = check_pool_new(2, 0);
  int i;
  for (i = 0; i < CHECK_SCALE(300, 30); ++i) {
    helping h = {0, CHECK_EVENT_INIT, CHECK_EVENT_INIT, 0, {0, 0, 0}};
    h.pool = pool;
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, wait_with_work, &h, 0));
    check_pool_idle(pool);
    CHECK_EQ(h.helped[LIBSCHED_LOW], 1);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* Both workers wait for branches that the other one runs, and the work goes on. */
CASE(shutdown_waits_for_branches) {
  int i;
  for (i = 0; i < CHECK_SCALE(200, 20); ++i) {
    libsched_pool *pool = check_pool_new(3, 0);
    fib f[2] = {{12, -1}, {13, -1}};
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, fib_run, &f[0], 0));
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_LOW, fib_run, &f[1], 0));
    check_pool_end(pool, LIBSCHED_DRAIN);
    CHECK_EQ(f[0].result, 144);
    CHECK_EQ(f[1].result, 233);
  }
}

CASES = {RUN(fib_with_one_worker),
         RUN(fib_with_two_workers),
         RUN(fib_with_many_workers),
         RUN(fib_in_several_tasks_at_once),
         RUN(outside_a_pool_the_join_runs_it),
         RUN(pool_without_workers),
         RUN(idle_worker_takes_the_branch),
         RUN(failure_of_a_taken_branch),
         RUN(failures_are_told_apart),
         RUN(null_arguments),
         RUN(five_thousand_forks_are_open),
         RUN(waiting_worker_helps),
         RUN(shutdown_waits_for_branches),
         CASES_END};
