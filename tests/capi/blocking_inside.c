/* What a task may do in a section: all that it may elsewhere. The spare runs what it offers to others. */
#include "check_spare.h"

/* Runs one task, which says itself that all went well, on one worker with one spare, and on more. */
typedef struct stage {
  libsched_pool *pool;
  int64_t count;
  check_event taken;
  uint32_t worker;
  int done;
} stage;

static void run_alone(libsched_task_fn fn, uint32_t workers, uint32_t spares, int rounds) {
  libsched_pool *pool = check_pool_spares(workers, spares);
  int i;
  for (i = 0; i < rounds; ++i) {
    stage s = {0, 0, CHECK_EVENT_INIT, 0, 0};
    s.pool = pool;
    CHECK_OK(libsched_pool_submit(pool, (uint32_t)i % 3, fn, &s, 0));
    check_pool_idle(pool);
    CHECK_EQ(s.done, 1);
  }
  check_workers_are(pool, (int)workers);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* Every way to submit. */
static int count_stage(libsched_task *task, void *data) {
  (void)task;
  CHECK_ADD(((stage *)data)->count, 1);
  return 0;
}

static int submit_inside(libsched_task *task, void *data) {
  stage *s = (stage *)data;
  libsched_group *group = 0;
  void *many[3];
  size_t accepted = 0;
  many[0] = many[1] = many[2] = s;
  (void)task;
  CHECK_OK(libsched_group_create(&group, s->pool, 0, 0));
  CHECK_OK(libsched_blocking_begin());
  CHECK_OK(libsched_pool_submit(s->pool, LIBSCHED_LOW, count_stage, s, 0));
  CHECK_OK(libsched_pool_try_submit(s->pool, LIBSCHED_HIGH, count_stage, s, 0));
  CHECK_OK(libsched_pool_submit_timed(s->pool, LIBSCHED_NORMAL, count_stage, s, 0, 0, 0, 0));
  CHECK_OK(libsched_pool_submit_n(&accepted, s->pool, LIBSCHED_NORMAL, count_stage, many, 3, 0, 0,
                                  0, 0));
  CHECK_EQ(accepted, 3);
  CHECK_OK(libsched_group_submit(group, LIBSCHED_LOW, count_stage, s, 0));
  CHECK_OK(libsched_group_submit(group, LIBSCHED_HIGH, count_stage, s, 0));
  CHECK_UNTIL(CHECK_GET(s->count) == 8);
  CHECK_OK(libsched_blocking_end());
  libsched_group_unref(group);
  s->done = 1;
  return 0;
}

CASE(submit_in_a_section) { run_alone(submit_inside, 1, 1, CHECK_SCALE(200, 30)); }

/* A branch that was forked before the section, or in it, is offered to the spare. */
static int branch(libsched_task *task, void *data) {
  stage *s = (stage *)data;
  s->worker = libsched_task_worker(task);
  check_event_add(&s->taken, 1);
  return 3;
}

static int fork_before(libsched_task *task, void *data) {
  stage *s = (stage *)data;
  libsched_frame frame;
  CHECK_OK(libsched_fork(&frame, branch, s));
  CHECK_OK(libsched_blocking_begin());
  CHECK_AWAIT(&s->taken, 1);
  CHECK_OK(libsched_blocking_end());
  CHECK_STATUS(libsched_join(&frame), LIBSCHED_E_FAILED);
  CHECK_EQ(frame.code, 3);
  CHECK(s->worker != libsched_task_worker(task));
  s->done = 1;
  return 0;
}

static int fork_inside(libsched_task *task, void *data) {
  stage *s = (stage *)data;
  libsched_frame frame;
  CHECK_OK(libsched_blocking_begin());
  CHECK_OK(libsched_fork(&frame, branch, s));
  CHECK_AWAIT(&s->taken, 1);
  CHECK_STATUS(libsched_join(&frame), LIBSCHED_E_FAILED);
  CHECK_OK(libsched_blocking_end());
  CHECK_EQ(frame.code, 3);
  CHECK(s->worker != libsched_task_worker(task));
  s->done = 1;
  return 0;
}

/* Also when there are many: those too that the worker had kept to itself so far. */
static int fork_many_before(libsched_task *task, void *data) {
  enum { OPEN = 100 };
  stage *s = (stage *)data;
  libsched_frame frames[OPEN];
  int i;
  (void)task;
  for (i = 0; i < OPEN; ++i) CHECK_OK(libsched_fork(&frames[i], branch, s));
  CHECK_OK(libsched_blocking_begin());
  CHECK_AWAIT(&s->taken, OPEN);
  CHECK_OK(libsched_blocking_end());
  for (i = OPEN - 1; i >= 0; --i) {
    CHECK_STATUS(libsched_join(&frames[i]), LIBSCHED_E_FAILED);
    CHECK_EQ(frames[i].code, 3);
  }
  s->done = 1;
  return 0;
}

CASE(spare_takes_all_branches_forked_before) {
  run_alone(fork_many_before, 1, 1, CHECK_SCALE(100, 10));
}
CASE(spare_takes_a_branch_forked_before) { run_alone(fork_before, 1, 1, CHECK_SCALE(300, 30)); }
CASE(spare_takes_a_branch_forked_inside) { run_alone(fork_inside, 1, 1, CHECK_SCALE(300, 30)); }

/* Every branch in a section of its own, over and over. */
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
  int status;
  if (n < 2) return n;
  first.n = n - 1;
  first.result = -1;
  status = libsched_blocking_begin();
  CHECK(status == LIBSCHED_OK || status == LIBSCHED_E_NO_SPARE);
  CHECK_OK(libsched_fork(&frame, fib_run, &first));
  second = fib_of(n - 2);
  CHECK_OK(libsched_join(&frame));
  if (status == LIBSCHED_OK) CHECK_OK(libsched_blocking_end());
  return first.result + second;
}

static int fib_inside(libsched_task *task, void *data) {
  (void)task;
  CHECK_EQ(fib_of(13), 233);
  ((stage *)data)->done = 1;
  return 0;
}

CASE(fork_and_join_in_sections) {
  run_alone(fib_inside, 1, 3, CHECK_SCALE(50, 5));
  run_alone(fib_inside, 3, 8, CHECK_SCALE(50, 5));
}

/* A loop on the pool, in a section: each index once. */
static int mark(libsched_task *task, uint64_t index, void *data) {
  (void)task;
  CHECK_ADD(((uint8_t *)data)[index], 1);
  return 0;
}

static int loop_inside(libsched_task *task, void *data) {
  stage *s = (stage *)data;
  uint8_t seen[1000];
  int code = 7;
  int i;
  (void)task;
  memset(seen, 0, sizeof(seen));
  CHECK_OK(libsched_blocking_begin());
  CHECK_OK(libsched_parallel_for(&code, s->pool, LIBSCHED_NORMAL, 0, 1000, 3, mark, seen, 0, 0));
  CHECK_OK(libsched_blocking_end());
  CHECK_EQ(code, 0);
  for (i = 0; i < 1000; ++i) CHECK_EQ(seen[i], 1);
  s->done = 1;
  return 0;
}

CASE(parallel_for_in_a_section) {
  run_alone(loop_inside, 1, 1, CHECK_SCALE(100, 10));
  run_alone(loop_inside, 3, 4, CHECK_SCALE(100, 10));
}

/* Each index blocks: the loop is as wide as the spares allow, and each of them still runs once. */
static int block_at(libsched_task *task, uint64_t index, void *data) {
  int status = libsched_blocking_begin();
  CHECK(status == LIBSCHED_OK || status == LIBSCHED_E_NO_SPARE);
  mark(task, index, data);
  if (status == LIBSCHED_OK) CHECK_OK(libsched_blocking_end());
  return 0;
}

CASE(sections_in_a_parallel_for) {
  libsched_pool *pool = check_pool_spares(2, 6);
  static uint8_t seen[3000];
  int i;
  CHECK_OK(libsched_parallel_for(0, pool, LIBSCHED_LOW, 0, 3000, 1, block_at, seen, 0, 0));
  for (i = 0; i < 3000; ++i) CHECK_EQ(seen[i], 1);
  check_pool_idle(pool);
  check_workers_are(pool, 2);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* A wait for a group: with every flag and timeout, and members that do as they please with sections of their own. */
static int meddle(libsched_task *task, void *data) {
  (void)task;
  CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
  CHECK_OK(libsched_blocking_begin());
  CHECK_OK(libsched_blocking_end());
  CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
  CHECK_OK(libsched_blocking_begin());
  CHECK_ADD(((stage *)data)->count, 1);
  return 0;
}

static void wait_for_meddlers(stage *s, uint32_t flags, int64_t timeout_ns) {
  libsched_group *group = 0;
  int64_t before = CHECK_GET(s->count);
  int code = 7;
  int i;
  CHECK_OK(libsched_group_create(&group, s->pool, 0, 0));
  for (i = 0; i < 5; ++i) {
    CHECK_OK(libsched_group_submit(group, (uint32_t)i % 3, meddle, s, 0));
  }
  CHECK_OK(libsched_group_wait(&code, group, flags, timeout_ns, 0, 0));
  CHECK_EQ(code, 0);
  CHECK_EQ(CHECK_GET(s->count), before + 5);
  libsched_group_unref(group);
}

static int wait_inside(libsched_task *task, void *data) {
  stage *s = (stage *)data;
  (void)task;
  CHECK_OK(libsched_blocking_begin());
  wait_for_meddlers(s, 0, LIBSCHED_FOREVER);
  CHECK_OK(libsched_blocking_begin());
  wait_for_meddlers(s, LIBSCHED_ISOLATED, LIBSCHED_FOREVER);
  wait_for_meddlers(s, 0, (int64_t)1 << 60);
  CHECK_OK(libsched_blocking_end());
  CHECK_OK(libsched_blocking_end());
  CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
  wait_for_meddlers(s, 0, LIBSCHED_FOREVER);
  CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
  s->done = 1;
  return 0;
}

CASE(group_wait_in_a_section) {
  run_alone(wait_inside, 1, 20, CHECK_SCALE(100, 10));
  run_alone(wait_inside, 3, 20, CHECK_SCALE(100, 10));
}

/* The wait's own task needs what only another task brings, which no worker but a spare can run. */
static int need_the_event(libsched_task *task, void *data) {
  stage *s = (stage *)data;
  (void)task;
  CHECK_OK(libsched_blocking_begin());
  CHECK_AWAIT(&s->taken, 1);
  CHECK_OK(libsched_blocking_end());
  return 0;
}

static int wait_for_a_blocked_one(libsched_task *task, void *data) {
  stage *s = (stage *)data;
  libsched_group *group = 0;
  (void)task;
  CHECK_OK(libsched_group_create(&group, s->pool, 0, 0));
  CHECK_OK(libsched_group_submit(group, LIBSCHED_HIGH, need_the_event, s, 0));
  CHECK_OK(libsched_pool_submit(s->pool, LIBSCHED_LOW, check_event_run, &s->taken, 0));
  CHECK_OK(libsched_group_wait(0, group, 0, LIBSCHED_FOREVER, 0, 0));
  libsched_group_unref(group);
  s->done = 1;
  return 0;
}

CASE(member_blocks_on_the_stack_of_the_wait) {
  run_alone(wait_for_a_blocked_one, 1, 2, CHECK_SCALE(200, 20));
  run_alone(wait_for_a_blocked_one, 2, 2, CHECK_SCALE(200, 20));
}

/*
 * The only spare is held up, so nobody but the task in the section itself can run what it waits for: a worker that waits
 * for a group works meanwhile.
 */
typedef struct last_hope {
  libsched_pool *pool;
  check_event inside;
  check_event held;
  check_event release;
  int64_t ran;
} last_hope;

static int hold_the_spare(libsched_task *task, void *data) {
  last_hope *h = (last_hope *)data;
  (void)task;
  CHECK_STATUS(libsched_blocking_begin(), LIBSCHED_E_NO_SPARE);
  check_event_add(&h->held, 1);
  CHECK_AWAIT(&h->release, 1);
  return 0;
}

static int wait_while_the_spare_is_held(libsched_task *task, void *data) {
  last_hope *h = (last_hope *)data;
  libsched_group *group = 0;
  int i;
  (void)task;
  CHECK_OK(libsched_group_create(&group, h->pool, 0, 0));
  CHECK_OK(libsched_blocking_begin());
  check_event_add(&h->inside, 1);
  CHECK_AWAIT(&h->held, 1);
  for (i = 0; i < 3; ++i) {
    CHECK_OK(libsched_group_submit(group, (uint32_t)i, check_count_run, &h->ran, 0));
  }
  CHECK_OK(libsched_group_wait(0, group, 0, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(CHECK_GET(h->ran), 3);
  CHECK_OK(libsched_blocking_end());
  check_event_add(&h->release, 1);
  libsched_group_unref(group);
  return 0;
}

CASE(group_wait_in_a_section_works_itself) {
  libsched_pool *pool = check_pool_spares(1, 1);
  int round;
  for (round = 0; round < 20; ++round) {
    last_hope h = {0, CHECK_EVENT_INIT, CHECK_EVENT_INIT, CHECK_EVENT_INIT, 0};
    h.pool = pool;
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_HIGH, wait_while_the_spare_is_held, &h, 0));
    CHECK_AWAIT(&h.inside, 1);
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_HIGH, hold_the_spare, &h, 0));
    check_pool_idle(pool);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* What could only wait for itself is refused in a section too. */
static int deadlock_inside(libsched_task *task, void *data) {
  stage *s = (stage *)data;
  CHECK_OK(libsched_blocking_begin());
  CHECK_STATUS(libsched_pool_wait_idle(s->pool, LIBSCHED_FOREVER, 0, 0), LIBSCHED_E_DEADLOCK);
  CHECK_STATUS(libsched_pool_shutdown(s->pool, LIBSCHED_CANCEL, LIBSCHED_FOREVER, 0, 0),
               LIBSCHED_E_DEADLOCK);
  CHECK_EQ(libsched_task_cancelled(task), 0);
  CHECK_STATUS(libsched_pool_run_one(s->pool), LIBSCHED_E_RANGE);
  CHECK_OK(libsched_blocking_end());
  s->done = 1;
  return 0;
}

CASE(deadlocks_are_refused_in_a_section) { run_alone(deadlock_inside, 2, 1, 20); }

/* A branch may have a section, whoever runs it. */
static int block_in_branch(libsched_task *task, void *data) {
  stage *s = (stage *)data;
  CHECK_OK(libsched_blocking_begin());
  CHECK_OK(libsched_pool_submit(s->pool, LIBSCHED_LOW, count_stage, s, 0));
  CHECK_UNTIL(CHECK_GET(s->count) != 0);
  CHECK_OK(libsched_blocking_end());
  s->worker = libsched_task_worker(task);
  check_event_add(&s->taken, 1);
  return 0;
}

static int fork_a_section(libsched_task *task, void *data) {
  stage *s = (stage *)data;
  libsched_frame frame;
  (void)task;
  CHECK_OK(libsched_fork(&frame, block_in_branch, s));
  CHECK_OK(libsched_join(&frame));
  CHECK_EQ(check_event_count(&s->taken), 1);
  s->done = 1;
  return 0;
}

CASE(branch_with_a_section) {
  run_alone(fork_a_section, 1, 1, CHECK_SCALE(200, 20));
  run_alone(fork_a_section, 2, 2, CHECK_SCALE(200, 20));
}

CASES = {RUN(submit_in_a_section),
         RUN(spare_takes_a_branch_forked_before),
         RUN(spare_takes_all_branches_forked_before),
         RUN(spare_takes_a_branch_forked_inside),
         RUN(fork_and_join_in_sections),
         RUN(parallel_for_in_a_section),
         RUN(sections_in_a_parallel_for),
         RUN(group_wait_in_a_section),
         RUN(member_blocks_on_the_stack_of_the_wait),
         RUN(group_wait_in_a_section_works_itself),
         RUN(deadlocks_are_refused_in_a_section),
         RUN(branch_with_a_section),
         CASES_END};
