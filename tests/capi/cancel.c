/* Cancel switches: what they are by themselves, and that they end every kind of wait with nothing taken. */
#include "check_pool.h"

CASE(fresh_switch_is_off) {
  libsched_cancel *cancel = 0;
  CHECK_OK(libsched_cancel_create(&cancel));
  CHECK(cancel != 0);
  CHECK_EQ(libsched_cancel_is_triggered(cancel), 0);
  libsched_cancel_unref(cancel);
}

CASE(trigger_and_reset) {
  libsched_cancel *cancel = 0;
  int round;
  CHECK_OK(libsched_cancel_create(&cancel));
  CHECK_OK(libsched_cancel_reset(cancel));
  CHECK_EQ(libsched_cancel_is_triggered(cancel), 0);
  for (round = 0; round < 3; ++round) {
    CHECK_OK(libsched_cancel_trigger(cancel));
    CHECK_EQ(libsched_cancel_is_triggered(cancel), 1);
    CHECK_OK(libsched_cancel_trigger(cancel));
    CHECK_EQ(libsched_cancel_is_triggered(cancel), 1);
    CHECK_OK(libsched_cancel_reset(cancel));
    CHECK_EQ(libsched_cancel_is_triggered(cancel), 0);
    CHECK_OK(libsched_cancel_reset(cancel));
    CHECK_EQ(libsched_cancel_is_triggered(cancel), 0);
  }
  libsched_cancel_unref(cancel);
}

CASE(null_is_never_triggered) { CHECK_EQ(libsched_cancel_is_triggered(0), 0); }

/* What a blocked call waits for. */
enum { SUBMIT_TIMED, SUBMIT_N, WAIT_IDLE, SHUTDOWN_DRAIN, SHUTDOWN_CANCEL };

/* A pool of one worker that is held by a gate, with its capacity of one used up: every blocking call blocks. */
typedef struct scene {
  check_gate gate;
  libsched_pool *pool;
  libsched_cancel *cancel;
  check_job queued;
  check_job waiting;
  int kind;
  int64_t timeout_ns;
  long thread;
  int status;
  int error_status;
  size_t accepted;
} scene;

#define SCENE_INIT \
  { CHECK_GATE_INIT, 0, 0, {0, 0}, {0, 0}, 0, LIBSCHED_FOREVER, 0, 1, 1, 99 }

static void scene_start(scene *s) {
  s->pool = check_pool_new(1, 1);
  CHECK_OK(libsched_cancel_create(&s->cancel));
  check_gate_hold(&s->gate, s->pool, 1);
  CHECK_OK(
      libsched_pool_submit(s->pool, LIBSCHED_NORMAL, check_job_run, &s->queued, check_job_discard));
}

static void scene_call(scene *s, int kind) {
  void *data[1];
  libsched_error *error = 0;
  data[0] = &s->waiting;
  switch (kind) {
    case SUBMIT_TIMED:
      s->status = libsched_pool_submit_timed(s->pool, LIBSCHED_NORMAL, check_job_run, &s->waiting,
                                             check_job_discard, s->timeout_ns, s->cancel, &error);
      break;
    case SUBMIT_N:
      s->status =
          libsched_pool_submit_n(&s->accepted, s->pool, LIBSCHED_NORMAL, check_job_run, data, 1,
                                 check_job_discard, s->timeout_ns, s->cancel, &error);
      break;
    case WAIT_IDLE:
      s->status = libsched_pool_wait_idle(s->pool, s->timeout_ns, s->cancel, &error);
      break;
    case SHUTDOWN_DRAIN:
      s->status = libsched_pool_shutdown(s->pool, LIBSCHED_DRAIN, s->timeout_ns, s->cancel, &error);
      break;
    default:
      s->status =
          libsched_pool_shutdown(s->pool, LIBSCHED_CANCEL, s->timeout_ns, s->cancel, &error);
      break;
  }
  s->error_status = libsched_error_status(error);
  libsched_error_free(error);
}

static void *scene_thread(void *data) {
  scene *s = (scene *)data;
  CHECK_SET(s->thread, check_thread_id());
  scene_call(s, s->kind);
  return 0;
}

static void scene_end(scene *s) {
  check_gate_open(&s->gate);
  check_pool_end(s->pool, LIBSCHED_DRAIN);
  libsched_cancel_unref(s->cancel);
  CHECK_EQ(s->queued.runs + s->queued.discards, 1);
}

static void check_ended_by_trigger(int kind) {
  static scene the_scene = SCENE_INIT;
  scene *s = &the_scene;
  pthread_t thread;
  s->kind = kind;
  scene_start(s);
  thread = check_spawn(scene_thread, s);
  check_until_asleep(&s->thread);
  CHECK_OK(libsched_cancel_trigger(s->cancel));
  check_join(thread);
  CHECK_STATUS(s->status, LIBSCHED_E_CANCELLED);
  CHECK_STATUS(s->error_status, LIBSCHED_E_CANCELLED);
  /* Nothing was taken: the job is neither known to the pool nor ever touched. */
  CHECK_EQ(check_priority_stats(s->pool, LIBSCHED_NORMAL).submitted, 1);
  scene_end(s);
  CHECK_EQ(s->waiting.runs, 0);
  CHECK_EQ(s->waiting.discards, 0);
}

CASE(ends_submit_timed) { check_ended_by_trigger(SUBMIT_TIMED); }
CASE(ends_submit_n) { check_ended_by_trigger(SUBMIT_N); }
CASE(ends_wait_idle) { check_ended_by_trigger(WAIT_IDLE); }
CASE(ends_shutdown_drain) { check_ended_by_trigger(SHUTDOWN_DRAIN); }
CASE(ends_shutdown_cancel) { check_ended_by_trigger(SHUTDOWN_CANCEL); }

CASE(already_triggered_ends_every_wait) {
  static scene s = SCENE_INIT;
  int kind;
  scene_start(&s);
  CHECK_OK(libsched_cancel_trigger(s.cancel));
  for (kind = SUBMIT_TIMED; kind <= SHUTDOWN_CANCEL; ++kind) {
    s.status = 1;
    scene_call(&s, kind);
    CHECK_STATUS(s.status, LIBSCHED_E_CANCELLED);
    CHECK_STATUS(s.error_status, LIBSCHED_E_CANCELLED);
  }
  scene_end(&s);
  CHECK_EQ(s.waiting.runs + s.waiting.discards, 0);
}

/* A cancelled shutdown has closed the intake all the same. */
CASE(cancelled_shutdown_closes_the_intake) {
  static scene s = SCENE_INIT;
  scene_start(&s);
  CHECK_OK(libsched_cancel_trigger(s.cancel));
  scene_call(&s, SHUTDOWN_DRAIN);
  CHECK_STATUS(s.status, LIBSCHED_E_CANCELLED);
  CHECK_STATUS(
      libsched_pool_try_submit(s.pool, LIBSCHED_HIGH, check_job_run, &s.waiting, check_job_discard),
      LIBSCHED_E_CLOSED);
  scene_end(&s);
  CHECK_EQ(s.queued.runs, 1);
  CHECK_EQ(s.waiting.runs + s.waiting.discards, 0);
}

/* After a reset the switch ends nothing, until it is triggered again. */
CASE(reset_switch_is_as_good_as_new) {
  static scene s = SCENE_INIT;
  pthread_t thread;
  scene_start(&s);
  CHECK_OK(libsched_cancel_trigger(s.cancel));
  scene_call(&s, SUBMIT_TIMED);
  CHECK_STATUS(s.status, LIBSCHED_E_CANCELLED);
  CHECK_OK(libsched_cancel_reset(s.cancel));
  s.timeout_ns = 5000000;
  scene_call(&s, SUBMIT_TIMED);
  CHECK_STATUS(s.status, LIBSCHED_E_TIMEOUT);
  scene_call(&s, WAIT_IDLE);
  CHECK_STATUS(s.status, LIBSCHED_E_TIMEOUT);
  s.timeout_ns = LIBSCHED_FOREVER;
  s.kind = WAIT_IDLE;
  thread = check_spawn(scene_thread, &s);
  check_until_asleep(&s.thread);
  CHECK_OK(libsched_cancel_trigger(s.cancel));
  check_join(thread);
  CHECK_STATUS(s.status, LIBSCHED_E_CANCELLED);
  scene_end(&s);
}

/* One switch, one wait of every kind, each in a pool of its own, all ended by one trigger. */
CASE(one_switch_ends_many_waits) {
  static scene scenes[5] = {SCENE_INIT, SCENE_INIT, SCENE_INIT, SCENE_INIT, SCENE_INIT};
  pthread_t threads[5];
  int i;
  for (i = 0; i < 5; ++i) {
    scene_start(&scenes[i]);
    scenes[i].kind = i;
    if (i > 0) {
      libsched_cancel_unref(scenes[i].cancel);
      scenes[i].cancel = libsched_cancel_ref(scenes[0].cancel);
    }
  }
  for (i = 0; i < 5; ++i) threads[i] = check_spawn(scene_thread, &scenes[i]);
  for (i = 0; i < 5; ++i) check_until_asleep(&scenes[i].thread);
  CHECK_OK(libsched_cancel_trigger(scenes[0].cancel));
  for (i = 0; i < 5; ++i) {
    check_join(threads[i]);
    CHECK_STATUS(scenes[i].status, LIBSCHED_E_CANCELLED);
  }
  for (i = 0; i < 5; ++i) scene_end(&scenes[i]);
}

/* The switch that a call waits on is not the only reference to drop, nor the last thing to go. */
CASE(references_in_any_order) {
  static scene s = SCENE_INIT;
  libsched_cancel *second;
  pthread_t thread;
  scene_start(&s);
  second = libsched_cancel_ref(s.cancel);
  s.kind = WAIT_IDLE;
  thread = check_spawn(scene_thread, &s);
  check_until_asleep(&s.thread);
  libsched_cancel_unref(second);
  CHECK_EQ(check_live(LIBSCHED_KIND_CANCEL), 1);
  CHECK_OK(libsched_cancel_trigger(s.cancel));
  check_join(thread);
  CHECK_STATUS(s.status, LIBSCHED_E_CANCELLED);
  second = libsched_cancel_ref(s.cancel);
  scene_end(&s);
  CHECK_EQ(libsched_cancel_is_triggered(second), 1);
  CHECK_OK(libsched_cancel_reset(second));
  libsched_cancel_unref(second);
  CHECK_EQ(check_live(LIBSCHED_KIND_CANCEL), 0);
}

static int trigger_task(libsched_task *task, void *data) {
  scene *s = (scene *)data;
  (void)task;
  check_until_asleep(&s->thread);
  return libsched_cancel_trigger(s->cancel);
}

CASE(triggered_by_a_task_of_the_pool) {
  static scene s = SCENE_INIT;
  s.kind = WAIT_IDLE;
  s.pool = check_pool_new(1, 0);
  CHECK_OK(libsched_cancel_create(&s.cancel));
  CHECK_OK(libsched_pool_submit(s.pool, LIBSCHED_NORMAL, trigger_task, &s, 0));
  CHECK_OK(libsched_pool_submit(s.pool, LIBSCHED_NORMAL, check_gate_run, &s.gate, 0));
  scene_thread(&s);
  CHECK_STATUS(s.status, LIBSCHED_E_CANCELLED);
  CHECK_OK(
      libsched_pool_submit(s.pool, LIBSCHED_NORMAL, check_job_run, &s.queued, check_job_discard));
  scene_end(&s);
}

/* Trigger and room at the same moment: the submit was accepted and the job runs, or it was not and it never does. */
CASE(trigger_against_room) {
  int round;
  int taken = 0;
  int rounds = CHECK_SCALE(300, 60);
  for (round = 0; round < rounds; ++round) {
    scene s = SCENE_INIT;
    pthread_t thread;
    scene_start(&s);
    s.kind = SUBMIT_TIMED;
    thread = check_spawn(scene_thread, &s);
    if (round % 2) check_until_asleep(&s.thread);
    if (round % 3) check_gate_open(&s.gate);
    CHECK_OK(libsched_cancel_trigger(s.cancel));
    check_join(thread);
    if (s.status != LIBSCHED_OK) CHECK_STATUS(s.status, LIBSCHED_E_CANCELLED);
    CHECK_STATUS(s.error_status, s.status);
    scene_end(&s);
    CHECK_EQ(s.waiting.discards, 0);
    CHECK_EQ(s.waiting.runs, s.status == LIBSCHED_OK);
    taken += s.status == LIBSCHED_OK;
  }
  printf("taken %d, cancelled %d\n", taken, rounds - taken);
}

CASES = {RUN(fresh_switch_is_off),
         RUN(trigger_and_reset),
         RUN(null_is_never_triggered),
         RUN(ends_submit_timed),
         RUN(ends_submit_n),
         RUN(ends_wait_idle),
         RUN(ends_shutdown_drain),
         RUN(ends_shutdown_cancel),
         RUN(already_triggered_ends_every_wait),
         RUN(cancelled_shutdown_closes_the_intake),
         RUN(reset_switch_is_as_good_as_new),
         RUN(one_switch_ends_many_waits),
         RUN(references_in_any_order),
         RUN(triggered_by_a_task_of_the_pool),
         RUN(trigger_against_room),
         CASES_END};
