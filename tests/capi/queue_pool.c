/* Tasks that wait for a message queue: they hand their place to a spare worker, as in a blocking section. */
#include "check_queue.h"
/* They go first: check.h sets the feature macros. */
#include "check_spare.h"

/* What a task waits for, and what one does that only a spare worker can run. */
typedef struct scene {
  int kind;
  libsched_queue *queue;
  libsched_sender *sender;
  int64_t timeout_ns;
  libsched_cancel *cancel;
  int want;
  int64_t done;
} scene;

static int pushes(int kind) { return kind == CHECK_PUSH || kind == CHECK_PUSH_BYTES; }

static void scene_begin(scene *s, int kind, int with_sender) {
  memset(s, 0, sizeof(*s));
  s->kind = kind;
  s->timeout_ns = LIBSCHED_FOREVER;
  s->queue = kind == CHECK_PUSH_BYTES || kind == CHECK_POP_BYTES ? check_queue_bytes(0, 10)
                                                                 : check_queue_new(1);
  if (kind == CHECK_PUSH) check_queue_push(s->queue, 1, 1);
  if (kind == CHECK_PUSH_BYTES) CHECK_OK(libsched_queue_push_bytes(s->queue, "0123456789", 10));
  if (with_sender) s->sender = check_sender_new(s->queue);
}

static void scene_end(scene *s) {
  libsched_sender_unref(s->sender);
  libsched_queue_unref(s->queue);
}

static int wait_in_task(libsched_task *task, void *data) {
  scene *s = (scene *)data;
  check_caller c;
  (void)task;
  check_caller_init(&c, s->kind, s->queue);
  c.sender = pushes(s->kind) ? s->sender : 0;
  c.message = ITEM(5);
  c.size = 5;
  c.timeout_ns = s->timeout_ns;
  c.cancel = s->cancel;
  CHECK_STATUS(pushes(s->kind) ? check_caller_push(&c) : check_caller_pop(&c), s->want);
  CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
  CHECK_ADD(s->done, 1);
  return 0;
}

static void let_go(scene *s) {
  switch (s->kind) {
    case CHECK_PUSH:
      CHECK_EQ(check_queue_pop(s->queue), 1);
      break;
    case CHECK_PUSH_BYTES:
      CHECK_EQ(check_queue_pop_bytes(s->queue), 10);
      break;
    case CHECK_POP_BYTES:
      CHECK_OK(libsched_queue_push_bytes(s->queue, "12345", 5));
      break;
    default:
      check_queue_push(s->queue, 5, 5);
  }
}

static int let_go_in_task(libsched_task *task, void *data) {
  (void)task;
  let_go((scene *)data);
  return 0;
}

CASE(one_worker_runs_the_task_that_the_first_waits_for) {
  libsched_pool *pool = check_pool_spares(1, 1);
  int round;
  for (round = 0; round < CHECK_SCALE(200, 40); ++round) {
    scene s;
    scene_begin(&s, round % 5, round % 2);
    CHECK_OK(libsched_pool_submit(pool, (uint32_t)round % 3, wait_in_task, &s, 0));
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_LOW, let_go_in_task, &s, 0));
    check_pool_idle(pool);
    CHECK_EQ(s.done, 1);
    scene_end(&s);
  }
  check_workers_are(pool, 1);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* Without a spare the task waits all the same, and another thread ends the wait. */
CASE(without_a_spare_the_worker_waits) {
  libsched_pool *pool = check_pool_spares(1, LIBSCHED_NO_SPARE);
  int kind;
  for (kind = 0; kind < 5; ++kind) {
    scene s;
    int64_t later = 0;
    scene_begin(&s, kind, 1);
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_HIGH, wait_in_task, &s, 0));
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_LOW, check_count_run, &later, 0));
    CHECK_UNTIL(check_priority_stats(pool, LIBSCHED_HIGH).active == 1);
    CHECK_EQ(CHECK_GET(later), 0);
    let_go(&s);
    check_pool_idle(pool);
    CHECK_EQ(s.done, 1);
    CHECK_EQ(later, 1);
    scene_end(&s);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int wait_in_a_section(libsched_task *task, void *data) {
  CHECK_OK(libsched_blocking_begin());
  CHECK_OK(libsched_blocking_begin());
  CHECK_OK(libsched_blocking_end());
  {
    scene *s = (scene *)data;
    void *out = 0;
    CHECK_OK(libsched_queue_pop(&out, s->queue, LIBSCHED_FOREVER, 0));
    CHECK_ADD(s->done, 1);
  }
  CHECK_OK(libsched_blocking_end());
  CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
  (void)task;
  return 0;
}

CASE(a_wait_in_a_section_needs_no_second_spare) {
  libsched_pool *pool = check_pool_spares(1, 1);
  int round;
  for (round = 0; round < 40; ++round) {
    scene s;
    scene_begin(&s, CHECK_POP, 0);
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, wait_in_a_section, &s, 0));
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, let_go_in_task, &s, 0));
    check_pool_idle(pool);
    CHECK_EQ(s.done, 1);
    scene_end(&s);
  }
  check_workers_are(pool, 1);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* Timeouts, switches and the close end a wait in a task too. */
static int close_in_task(libsched_task *task, void *data) {
  (void)task;
  CHECK_OK(libsched_queue_close(((scene *)data)->queue));
  return 0;
}

static int trigger_in_task(libsched_task *task, void *data) {
  (void)task;
  CHECK_OK(libsched_cancel_trigger(((scene *)data)->cancel));
  return 0;
}

CASE(every_end_of_a_wait_in_a_task) {
  libsched_pool *pool = check_pool_spares(1, 1);
  int round;
  for (round = 0; round < 75; ++round) {
    scene s;
    int64_t ran = 0;
    scene_begin(&s, round % 5, round % 2);
    CHECK_OK(libsched_cancel_create(&s.cancel));
    if (round % 3 == 0) s.timeout_ns = 1000000;
    s.want = round % 3 == 0   ? LIBSCHED_E_TIMEOUT
             : round % 3 == 1 ? LIBSCHED_E_CANCELLED
                              : LIBSCHED_E_CLOSED;
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, wait_in_task, &s, 0));
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL,
                                  round % 3 == 0   ? check_count_run
                                  : round % 3 == 1 ? trigger_in_task
                                                   : close_in_task,
                                  round % 3 == 0 ? (void *)&ran : (void *)&s, 0));
    check_pool_idle(pool);
    CHECK_EQ(s.done, 1);
    libsched_cancel_unref(s.cancel);
    scene_end(&s);
  }
  check_workers_are(pool, 1);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* A call that may not wait needs no spare, and starts no thread for one. */
static int do_not_wait(libsched_task *task, void *data) {
  scene *s = (scene *)data;
  int i;
  for (i = 0; i < 100; ++i) {
    s->timeout_ns = 0;
    s->want = LIBSCHED_E_TIMEOUT;
    wait_in_task(task, data);
  }
  return 0;
}

CASE(a_call_that_may_not_wait_starts_no_spare) {
  int kind;
  for (kind = 0; kind < 5; ++kind) {
    libsched_pool *pool = check_pool_spares(1, 1);
    scene s;
    scene_begin(&s, kind, 1);
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, do_not_wait, &s, 0));
    check_pool_idle(pool);
    CHECK_EQ(s.done, 100);
    CHECK_EQ(check_pool_stats(pool).workers, 1);
    scene_end(&s);
    check_pool_end(pool, LIBSCHED_DRAIN);
  }
}

/* --- pipelines --- */

/* Many tasks on few workers, each waiting for the one before: all go on, for as many spares as may be. */
enum { STAGES = 12 };

typedef struct stage {
  libsched_queue *from;
  libsched_sender *to;
  int64_t passed;
} stage;

static int run_stage(libsched_task *task, void *data) {
  stage *s = (stage *)data;
  void *message = 0;
  (void)task;
  for (;;) {
    int status = libsched_queue_pop(&message, s->from, LIBSCHED_FOREVER, 0);
    if (status == LIBSCHED_E_CLOSED) break;
    CHECK_OK(status);
    CHECK_EQ(VALUE(message), ++s->passed);
    CHECK_OK(libsched_sender_push_bounded(s->to, message, LIBSCHED_FOREVER, 0));
  }
  libsched_sender_unref(s->to);
  return 0;
}

static void check_pipeline(uint32_t workers, uint64_t bound) {
  libsched_pool *pool = check_pool_spares(workers, STAGES);
  libsched_queue *queues[STAGES + 1];
  stage stages[STAGES];
  libsched_sender *first;
  void *message = 0;
  int64_t total = CHECK_SCALE(3000, 300);
  int64_t sent = 0;
  int64_t received = 0;
  int i;
  for (i = 0; i <= STAGES; ++i) queues[i] = check_queue_new(bound);
  first = check_sender_new(queues[0]);
  for (i = 0; i < STAGES; ++i) {
    stages[i].from = queues[i];
    stages[i].to = check_sender_new(queues[i + 1]);
    stages[i].passed = 0;
  }
  for (i = 0; i < STAGES; ++i) {
    CHECK_OK(libsched_pool_submit(pool, (uint32_t)i % 3, run_stage, &stages[i], 0));
  }
  while (received < total) {
    while (sent < total && libsched_sender_try_push(first, ITEM(sent + 1)) == LIBSCHED_OK) ++sent;
    if (sent == total && first != 0) {
      libsched_sender_unref(first);
      first = 0;
    }
    CHECK_OK(libsched_queue_pop(&message, queues[STAGES], LIBSCHED_FOREVER, 0));
    CHECK_EQ(VALUE(message), ++received);
  }
  check_pool_idle(pool);
  check_queue_is_over(queues[STAGES]);
  for (i = 0; i <= STAGES; ++i) libsched_queue_unref(queues[i]);
  check_workers_are(pool, (int)workers);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(a_pipeline_on_one_worker) { check_pipeline(1, 1); }
CASE(a_pipeline_on_two_workers) { check_pipeline(2, 7); }
CASE(a_pipeline_without_bounds) { check_pipeline(1, 0); }

CASES = {RUN(one_worker_runs_the_task_that_the_first_waits_for),
         RUN(without_a_spare_the_worker_waits),
         RUN(a_wait_in_a_section_needs_no_second_spare),
         RUN(every_end_of_a_wait_in_a_task),
         RUN(a_call_that_may_not_wait_starts_no_spare),
         RUN(a_pipeline_on_one_worker),
         RUN(a_pipeline_on_two_workers),
         RUN(a_pipeline_without_bounds),
         CASES_END};
