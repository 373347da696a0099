/* Waits of one pool's task for another pool: while it waits a spare worker stands in for it, as in a section. */
#include "check_spare.h"

/*
 * A task of `near`, which has one worker, waits for `far`; far's task needs an event, and that comes from a task of near
 * that only a spare can run.
 */
typedef struct pair {
  libsched_pool *near;
  libsched_pool *far;
  check_event event;
  int64_t timeout_ns;
  uint32_t flags;
  libsched_cancel *cancel;
  int from_outside;
  check_event waiting;
  int done;
} pair;

static int need_event(libsched_task *task, void *data) {
  (void)task;
  check_event_add(&((pair *)data)->waiting, 1);
  CHECK_AWAIT(&((pair *)data)->event, 1);
  return 0;
}

static void submit_event(pair *p) {
  if (p->from_outside) return;
  CHECK_OK(libsched_pool_submit(p->near, LIBSCHED_LOW, check_event_run, &p->event, 0));
}

static int wait_idle_of_far(libsched_task *task, void *data) {
  pair *p = (pair *)data;
  (void)task;
  CHECK_OK(libsched_pool_submit(p->far, LIBSCHED_NORMAL, need_event, p, 0));
  submit_event(p);
  CHECK_OK(libsched_pool_wait_idle(p->far, p->timeout_ns, p->cancel, 0));
  CHECK_EQ(check_event_count(&p->event), 1);
  CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
  p->done = 1;
  return 0;
}

static int wait_for_group_of_far(libsched_task *task, void *data) {
  pair *p = (pair *)data;
  libsched_group *group = 0;
  (void)task;
  CHECK_OK(libsched_group_create(&group, p->far, 0, 0));
  CHECK_OK(libsched_group_submit(group, LIBSCHED_NORMAL, need_event, p, 0));
  submit_event(p);
  CHECK_OK(libsched_group_wait(0, group, p->flags, p->timeout_ns, p->cancel, 0));
  CHECK_EQ(check_event_count(&p->event), 1);
  CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
  libsched_group_unref(group);
  p->done = 1;
  return 0;
}

/* The same where the task has a section open already: one spare is enough. */
static int wait_in_a_section(libsched_task *task, void *data) {
  pair *p = (pair *)data;
  CHECK_OK(libsched_blocking_begin());
  CHECK_OK(libsched_pool_submit(p->far, LIBSCHED_NORMAL, need_event, p, 0));
  submit_event(p);
  CHECK_OK(libsched_pool_wait_idle(p->far, p->timeout_ns, p->cancel, 0));
  CHECK_OK(libsched_blocking_end());
  CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
  (void)task;
  p->done = 1;
  return 0;
}

static void check_pairs(libsched_task_fn fn, uint32_t flags) {
  static const int64_t timeouts[] = {LIBSCHED_FOREVER, (int64_t)1 << 60};
  libsched_pool *near = check_pool_spares(1, 1);
  libsched_pool *far = check_pool_spares(1, LIBSCHED_NO_SPARE);
  libsched_cancel *cancel = 0;
  int i;
  CHECK_OK(libsched_cancel_create(&cancel));
  for (i = 0; i < CHECK_SCALE(200, 24); ++i) {
    pair p = {0, 0, CHECK_EVENT_INIT, 0, 0, 0, 0, CHECK_EVENT_INIT, 0};
    p.near = near;
    p.far = far;
    p.timeout_ns = timeouts[i % 2];
    p.flags = flags;
    p.cancel = i / 2 % 2 ? cancel : 0;
    p.from_outside = i / 4 % 2;
    CHECK_OK(libsched_pool_submit(near, (uint32_t)i % 3, fn, &p, 0));
    if (p.from_outside) {
      CHECK_AWAIT(&p.waiting, 1);
      CHECK_OK(libsched_pool_submit(near, LIBSCHED_LOW, check_event_run, &p.event, 0));
    }
    check_pool_idle(near);
    check_pool_idle(far);
    CHECK_EQ(p.done, 1);
  }
  check_workers_are(near, 1);
  check_workers_are(far, 1);
  libsched_cancel_unref(cancel);
  check_pool_end(near, LIBSCHED_DRAIN);
  check_pool_end(far, LIBSCHED_DRAIN);
}

CASE(wait_idle_lets_a_spare_stand_in) { check_pairs(wait_idle_of_far, 0); }
CASE(group_wait_lets_a_spare_stand_in) {
  check_pairs(wait_for_group_of_far, 0);
  check_pairs(wait_for_group_of_far, LIBSCHED_ISOLATED);
}
CASE(wait_in_a_section_needs_one_spare) { check_pairs(wait_in_a_section, 0); }

/* Without a spare the wait is a wait all the same. */
CASE(wait_without_a_spare) {
  libsched_pool *near = check_pool_spares(1, LIBSCHED_NO_SPARE);
  libsched_pool *far = check_pool_spares(1, LIBSCHED_NO_SPARE);
  int i;
  for (i = 0; i < 50; ++i) {
    pair p = {0, 0, CHECK_EVENT_INIT, LIBSCHED_FOREVER, 0, 0, 1, CHECK_EVENT_INIT, 0};
    p.near = near;
    p.far = far;
    CHECK_OK(libsched_pool_submit(near, LIBSCHED_NORMAL, wait_idle_of_far, &p, 0));
    CHECK_AWAIT(&p.waiting, 1);
    check_event_add(&p.event, 1);
    check_pool_idle(near);
    CHECK_EQ(p.done, 1);
  }
  check_pool_end(near, LIBSCHED_DRAIN);
  check_pool_end(far, LIBSCHED_DRAIN);
}

/* A wait that ends early gives the spare back, and changes nothing else. */
static int wait_in_vain(libsched_task *task, void *data) {
  pair *p = (pair *)data;
  libsched_group *group = 0;
  (void)task;
  CHECK_OK(libsched_group_create(&group, p->far, 0, 0));
  CHECK_OK(libsched_group_enter(group));
  CHECK_STATUS(libsched_group_wait(0, group, 0, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_STATUS(libsched_group_wait(0, group, 0, 1000, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_STATUS(libsched_group_wait(0, group, 0, LIBSCHED_FOREVER, p->cancel, 0),
               LIBSCHED_E_CANCELLED);
  CHECK_OK(libsched_group_leave(group, 0));
  CHECK_OK(libsched_group_wait(0, group, 0, LIBSCHED_FOREVER, 0, 0));
  libsched_group_unref(group);
  CHECK_STATUS(libsched_pool_wait_idle(p->far, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_STATUS(libsched_pool_wait_idle(p->far, 1000, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_STATUS(libsched_pool_wait_idle(p->far, LIBSCHED_FOREVER, p->cancel, 0),
               LIBSCHED_E_CANCELLED);
  CHECK_STATUS(libsched_pool_shutdown(p->near, LIBSCHED_DRAIN, 0, 0, 0), LIBSCHED_E_DEADLOCK);
  CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
  p->done = 1;
  return 0;
}

CASE(waits_that_end_early) {
  libsched_pool *near = check_pool_spares(1, 1);
  libsched_pool *far = check_pool_spares(1, 1);
  static check_gate gate = CHECK_GATE_INIT;
  libsched_cancel *cancel = 0;
  int i;
  check_gate_hold(&gate, far, 1);
  CHECK_OK(libsched_cancel_create(&cancel));
  CHECK_OK(libsched_cancel_trigger(cancel));
  for (i = 0; i < 50; ++i) {
    pair p = {0, 0, CHECK_EVENT_INIT, 0, 0, 0, 0, CHECK_EVENT_INIT, 0};
    p.near = near;
    p.far = far;
    p.cancel = cancel;
    CHECK_OK(libsched_pool_submit(near, (uint32_t)i % 3, wait_in_vain, &p, 0));
    check_pool_idle(near);
    CHECK_EQ(p.done, 1);
  }
  check_workers_are(near, 1);
  libsched_cancel_unref(cancel);
  check_gate_open(&gate);
  check_pool_end(near, LIBSCHED_DRAIN);
  check_pool_end(far, LIBSCHED_DRAIN);
}

/*
 * A task of a pool without workers, run by a task of another pool, on its worker: it may block there as any task of that
 * worker, and knows nothing of the section around it.
 */
typedef struct guest {
  libsched_pool *near;
  libsched_pool *hosted;
  check_event events;
  int in_section;
  int done;
} guest;

static int block_as_a_guest(libsched_task *task, void *data) {
  guest *g = (guest *)data;
  int64_t before = check_event_count(&g->events);
  (void)task;
  CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
  CHECK_OK(libsched_blocking_begin());
  CHECK_OK(libsched_pool_submit(g->near, LIBSCHED_LOW, check_event_run, &g->events, 0));
  CHECK_AWAIT(&g->events, before + 1);
  CHECK_OK(libsched_blocking_end());
  CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
  CHECK_OK(libsched_blocking_begin());
  return 0;
}

static int have_a_guest(libsched_task *task, void *data) {
  guest *g = (guest *)data;
  (void)task;
  if (g->in_section) CHECK_OK(libsched_blocking_begin());
  CHECK_OK(libsched_pool_run_one(g->hosted));
  if (g->in_section) {
    CHECK_OK(libsched_pool_submit(g->near, LIBSCHED_LOW, check_event_run, &g->events, 0));
    CHECK_AWAIT(&g->events, 2);
    CHECK_OK(libsched_blocking_end());
  }
  CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
  g->done = 1;
  return 0;
}

CASE(task_of_a_pool_without_workers_blocks_on_a_worker) {
  libsched_pool *near = check_pool_spares(1, 1);
  libsched_pool *hosted = check_pool_spares(LIBSCHED_NO_WORKERS, LIBSCHED_NO_SPARE);
  int i;
  for (i = 0; i < CHECK_SCALE(100, 10); ++i) {
    guest g = {0, 0, CHECK_EVENT_INIT, 0, 0};
    g.near = near;
    g.hosted = hosted;
    g.in_section = i % 2;
    CHECK_OK(libsched_pool_submit(hosted, LIBSCHED_NORMAL, block_as_a_guest, &g, 0));
    CHECK_OK(libsched_pool_submit(near, LIBSCHED_NORMAL, have_a_guest, &g, 0));
    check_pool_idle(near);
    CHECK_EQ(g.done, 1);
  }
  check_workers_are(near, 1);
  check_pool_end(near, LIBSCHED_DRAIN);
  check_pool_end(hosted, LIBSCHED_DRAIN);
}

/* Two pools of one worker each that wait for each other, to and fro: each wait takes a spare. */
typedef struct rally {
  libsched_pool *pools[2];
  int depth;
  int64_t reached;
} rally;

static int play(libsched_task *task, void *data) {
  rally *r = (rally *)data;
  rally next = *r;
  libsched_group *group = 0;
  (void)task;
  if (r->depth == 0) return 11;
  next.depth = r->depth - 1;
  next.pools[0] = r->pools[1];
  next.pools[1] = r->pools[0];
  {
    int code = 0;
    CHECK_OK(libsched_group_create(&group, next.pools[0], 0, 0));
    CHECK_OK(libsched_group_submit(group, (uint32_t)r->depth % 3, play, &next, 0));
    CHECK_STATUS(libsched_group_wait(&code, group, 0, LIBSCHED_FOREVER, 0, 0), LIBSCHED_E_FAILED);
    CHECK_EQ(code, 11);
    libsched_group_unref(group);
  }
  r->reached = next.reached + 1;
  return 11;
}

CASE(pools_that_wait_for_each_other) {
  libsched_pool *one = check_pool_spares(1, 20);
  libsched_pool *other = check_pool_spares(1, 20);
  int i;
  for (i = 0; i < CHECK_SCALE(20, 4); ++i) {
    rally r = {{0, 0}, 40, 0};
    r.pools[0] = one;
    r.pools[1] = other;
    CHECK_OK(libsched_pool_submit(one, LIBSCHED_NORMAL, play, &r, 0));
    check_pool_idle(one);
    check_pool_idle(other);
    CHECK_EQ(r.reached, 40);
  }
  check_workers_are(one, 1);
  check_workers_are(other, 1);
  check_pool_end(one, LIBSCHED_DRAIN);
  check_pool_end(other, LIBSCHED_DRAIN);
}

/* A shutdown of another pool is a wait like the others. */
static int end_far(libsched_task *task, void *data) {
  pair *p = (pair *)data;
  (void)task;
  CHECK_OK(libsched_pool_submit(p->far, LIBSCHED_NORMAL, need_event, p, 0));
  submit_event(p);
  CHECK_OK(libsched_pool_shutdown(p->far, LIBSCHED_DRAIN, p->timeout_ns, p->cancel, 0));
  CHECK_EQ(check_event_count(&p->event), 1);
  p->done = 1;
  return 0;
}

CASE(shutdown_lets_a_spare_stand_in) {
  libsched_pool *near = check_pool_spares(1, 1);
  int i;
  for (i = 0; i < CHECK_SCALE(50, 10); ++i) {
    pair p = {0, 0, CHECK_EVENT_INIT, LIBSCHED_FOREVER, 0, 0, 0, CHECK_EVENT_INIT, 0};
    p.near = near;
    p.far = check_pool_spares(1, LIBSCHED_NO_SPARE);
    CHECK_OK(libsched_pool_submit(near, LIBSCHED_NORMAL, end_far, &p, 0));
    check_pool_idle(near);
    CHECK_EQ(p.done, 1);
    libsched_pool_unref(p.far);
  }
  check_workers_are(near, 1);
  check_pool_end(near, LIBSCHED_DRAIN);
}

CASES = {RUN(wait_idle_lets_a_spare_stand_in),
         RUN(group_wait_lets_a_spare_stand_in),
         RUN(wait_in_a_section_needs_one_spare),
         RUN(wait_without_a_spare),
         RUN(waits_that_end_early),
         RUN(task_of_a_pool_without_workers_blocks_on_a_worker),
         RUN(pools_that_wait_for_each_other),
         RUN(shutdown_lets_a_spare_stand_in),
         CASES_END};
