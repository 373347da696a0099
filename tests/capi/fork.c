/*
 * After fork, and after a clone system call that no atfork handler sees, the child's copies of handles are dead: every
 * call says so, unref does nothing, nothing hangs. The child may make objects of its own, and the parent notices nothing.
 */
#include "check_calls.h"
/* It goes first: check.h sets the feature macros. */
#include "check_fork.h"

/* Elements and user_data that were given up, in this process. */
static int64_t discards;
static void count_discard(void *item) {
  (void)item;
  CHECK_ADD(discards, 1);
}

static void check_dead(check_handles h) { check_calls_all(h, LIBSCHED_E_FORKED); }

/* A pool that has queued work as well: with the six handles, all that a parent may have going. */
typedef struct family {
  check_handles h;
  libsched_pool *busy;
  check_gate gate;
  check_job job;
} family;

static void family_start(family *f) {
  f->h = check_handles_new(count_discard);
  f->busy = check_pool_new(1, 1);
  check_gate_hold(&f->gate, f->busy, 1);
  CHECK_OK(libsched_pool_submit(f->busy, LIBSCHED_NORMAL, check_job_run, &f->job, count_discard));
  CHECK_OK(libsched_cancel_trigger(f->h.cancel));
}

/* The parent goes on as if nothing had happened. */
static void family_end(family *f) {
  uint64_t n = 0;
  void *out = 0;
  int64_t count = 0;
  CHECK_EQ(libsched_cancel_is_triggered(f->h.cancel), 1);
  CHECK_OK(libsched_cancel_reset(f->h.cancel));
  CHECK_OK(libsched_deque_len(&n, f->h.deque));
  CHECK_EQ(n, 1);
  CHECK_OK(libsched_stealer_steal(&out, f->h.stealer));
  CHECK_EQ(VALUE(out), 1);
  CHECK_OK(libsched_injector_steal(&out, f->h.injector));
  CHECK_EQ(VALUE(out), 1);
  CHECK_OK(libsched_stealing_queue_next(&out, 0, f->h.queue, 1));
  CHECK_EQ(VALUE(out), 1);
  CHECK_OK(libsched_pool_submit(f->h.pool, LIBSCHED_HIGH, check_count_run, &count, 0));
  check_pool_idle(f->h.pool);
  CHECK_EQ(count, 1);
  CHECK_EQ(check_priority_stats(f->h.pool, LIBSCHED_NORMAL).submitted, 1);
  CHECK_EQ(check_live(LIBSCHED_KIND_POOL), 2);
  check_gate_open(&f->gate);
  check_pool_end(f->busy, LIBSCHED_DRAIN);
  CHECK_OK(libsched_pool_shutdown(f->h.pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, 0, 0));
  check_handles_unref(f->h);
  CHECK_EQ(f->job.runs, 1);
  CHECK_EQ(discards, 0);
  CHECK_EQ(check_live(LIBSCHED_KIND_POOL), 0);
}

static void see_dead_handles(void *data) {
  family *f = (family *)data;
  check_dead(f->h);
  check_calls_pool(f->busy, LIBSCHED_E_FORKED);
}

static void unref_dead_handles(void *data) {
  family *f = (family *)data;
  int i;
  CHECK_PTR(libsched_cancel_ref(f->h.cancel), f->h.cancel);
  CHECK_PTR(libsched_deque_ref(f->h.deque), f->h.deque);
  CHECK_PTR(libsched_stealer_ref(f->h.stealer), f->h.stealer);
  CHECK_PTR(libsched_injector_ref(f->h.injector), f->h.injector);
  CHECK_PTR(libsched_stealing_queue_ref(f->h.queue), f->h.queue);
  CHECK_PTR(libsched_pool_ref(f->h.pool), f->h.pool);
  /* As often as one likes: the handles stay what they are, dead. */
  for (i = 0; i < 3; ++i) {
    check_handles_unref(f->h);
    libsched_pool_unref(f->busy);
  }
  check_dead(f->h);
  CHECK_EQ(discards, 0);
  CHECK_EQ(f->job.runs, 0);
}

static void count_own_objects(void *data) {
  libsched_cancel *cancel = 0;
  uint32_t kind;
  for (kind = LIBSCHED_KIND_CANCEL; kind <= LIBSCHED_KIND_POOL; ++kind)
    CHECK_EQ(check_live(kind), 0);
  CHECK_OK(libsched_cancel_create(&cancel));
  CHECK_EQ(check_live(LIBSCHED_KIND_CANCEL), 1);
  libsched_cancel_unref(cancel);
  libsched_cancel_unref(((family *)data)->h.cancel);
  CHECK_EQ(check_live(LIBSCHED_KIND_CANCEL), 0);
}

/* New objects beside the dead ones, in the same calls too. */
static void make_containers(void *data) {
  family *f = (family *)data;
  libsched_deque *deque = 0;
  libsched_stealer *stealer = 0;
  libsched_injector *injector = 0;
  libsched_stealing_queue *queue = 0;
  libsched_pool *pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
  int64_t count = 0;
  void *out = 0;
  CHECK_OK(libsched_deque_create(&deque, 0));
  CHECK_OK(libsched_stealer_create(&stealer, deque));
  CHECK_OK(libsched_injector_create(&injector, 0));
  CHECK_OK(libsched_stealing_queue_create(&queue, 0));
  CHECK_OK(libsched_deque_push(deque, ITEM(5)));
  CHECK_OK(libsched_injector_push(injector, ITEM(6)));
  CHECK_OK(libsched_stealing_queue_submit(queue, LIBSCHED_LOW, ITEM(7)));
  check_calls_stealer(stealer, f->h.deque, LIBSCHED_E_FORKED);
  check_calls_stealer(f->h.stealer, deque, LIBSCHED_E_FORKED);
  check_calls_injector(injector, f->h.deque, LIBSCHED_E_FORKED);
  check_calls_injector(f->h.injector, deque, LIBSCHED_E_FORKED);
  check_calls_pool_waits(pool, f->h.cancel, LIBSCHED_E_FORKED);
  CHECK_OK(libsched_stealer_steal(&out, stealer));
  CHECK_EQ(VALUE(out), 5);
  CHECK_OK(libsched_injector_steal_batch_and_pop(&out, injector, deque, 0));
  CHECK_EQ(VALUE(out), 6);
  CHECK_OK(libsched_stealing_queue_next(&out, 0, queue, 0));
  CHECK_EQ(VALUE(out), 7);
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, check_count_run, &count, 0));
  CHECK_OK(libsched_pool_run_one(pool));
  CHECK_EQ(count, 1);
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, 0, 0));
  libsched_pool_unref(pool);
  libsched_stealer_unref(stealer);
  libsched_deque_unref(deque);
  libsched_injector_unref(injector);
  libsched_stealing_queue_unref(queue);
  CHECK_EQ(check_live(LIBSCHED_KIND_DEQUE), 0);
  check_dead(f->h);
}

static void make_pool(void *data) {
  libsched_pool *pool = check_pool_new(3, 0);
  int64_t count = 0;
  int i;
  for (i = 0; i < 1000; ++i)
    CHECK_OK(libsched_pool_submit(pool, (uint32_t)i % 3, check_count_run, &count, 0));
  check_pool_idle(pool);
  CHECK_EQ(count, 1000);
  check_calls_pool(((family *)data)->h.pool, LIBSCHED_E_FORKED);
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(check_live(LIBSCHED_KIND_POOL), 0);
}

static void see_dead_handles_alone(void *data) { check_dead(((family *)data)->h); }

/* What a child made is as dead in its own child, and lives on in itself. */
static void make_grandchild(void *data) {
  static family own;
  (void)data;
  own.h = check_handles_new(count_discard);
  in_child(BY_FORK, see_dead_handles_alone, &own);
  in_child(BY_CLONE, see_dead_handles_alone, &own);
  CHECK_OK(libsched_deque_push(own.h.deque, ITEM(2)));
  CHECK_OK(libsched_pool_shutdown(own.h.pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, 0, 0));
  check_handles_unref(own.h);
  /* Two in the deque, and one in each of the other two. */
  CHECK_EQ(discards, 4);
}

static void with_family(int how, void (*fn)(void *)) {
  static family f;
  static const check_gate gate = CHECK_GATE_INIT;
  f.gate = gate;
  family_start(&f);
  in_child(how, fn, &f);
  family_end(&f);
}

CASE(fork_kills_the_handles) { with_family(BY_FORK, see_dead_handles); }
CASE(clone_kills_the_handles) { with_family(BY_CLONE, see_dead_handles); }
CASE(unref_does_nothing_after_fork) { with_family(BY_FORK, unref_dead_handles); }
CASE(unref_does_nothing_after_clone) { with_family(BY_CLONE, unref_dead_handles); }
CASE(child_counts_its_own_objects) { with_family(BY_FORK, count_own_objects); }
CASE(child_of_clone_counts_its_own_objects) { with_family(BY_CLONE, count_own_objects); }
CASE(child_makes_containers) { with_family(BY_FORK, make_containers); }
CASE(child_of_clone_makes_containers) { with_family(BY_CLONE, make_containers); }

static void skip_under_tsan(void) {
  if (CHECK_TSAN) check_skip("under ThreadSanitizer a forked child cannot start threads");
}

CASE(child_makes_a_pool) {
  skip_under_tsan();
  with_family(BY_FORK, make_pool);
}

CASE(child_of_clone_makes_a_pool) {
  skip_under_tsan();
  with_family(BY_CLONE, make_pool);
}

CASE(grandchild) {
  skip_under_tsan();
  with_family(BY_FORK, make_grandchild);
}

/* A task forks; in the child it is still inside the call, with a dead pool around it. */
static void see_dead_pool_in_task(void *data) {
  family *f = (family *)data;
  check_calls_pool(f->busy, LIBSCHED_E_FORKED);
  libsched_pool_unref(f->busy);
}

static int fork_in_task(libsched_task *task, void *data) {
  in_child(BY_FORK, see_dead_pool_in_task, data);
  in_child(BY_CLONE, see_dead_pool_in_task, data);
  return libsched_task_cancelled(task);
}

CASE(task_may_fork) {
  static family f;
  f.busy = check_pool_new(2, 0);
  CHECK_OK(libsched_pool_submit(f.busy, LIBSCHED_NORMAL, fork_in_task, &f, 0));
  check_pool_idle(f.busy);
  CHECK_EQ(check_priority_stats(f.busy, LIBSCHED_NORMAL).completed, 1);
  check_pool_end(f.busy, LIBSCHED_DRAIN);
}

/* Forks while the workers are in full flight: no child hangs on what a worker held at that moment. */
static void use_library(void *data) {
  libsched_pool *pool = 0;
  libsched_pool_stats stats = LIBSCHED_POOL_STATS_INIT;
  CHECK_STATUS(libsched_pool_submit((libsched_pool *)data, LIBSCHED_NORMAL, check_never_run, 0,
                                    check_never_discard),
               LIBSCHED_E_FORKED);
  CHECK_STATUS(libsched_pool_get_stats(&stats, (libsched_pool *)data), LIBSCHED_E_FORKED);
  libsched_pool_unref((libsched_pool *)data);
  CHECK_OK(libsched_pool_create(&pool, 0, 0));
  CHECK_OK(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, 0, 0));
  libsched_pool_unref(pool);
}

typedef struct flight {
  libsched_pool *pool;
  int stop;
  int64_t ran;
} flight;

static int fly(libsched_task *task, void *data) {
  flight *f = (flight *)data;
  (void)task;
  CHECK_ADD(f->ran, 1);
  if (CHECK_GET(f->stop)) return 0;
  return libsched_pool_submit(f->pool, (uint32_t)CHECK_GET(f->ran) % 3, fly, f, 0);
}

CASE(fork_while_workers_work) {
  static flight f;
  int round;
  int i;
  f.pool = check_pool_new(4, 0);
  for (i = 0; i < 8; ++i) CHECK_OK(libsched_pool_submit(f.pool, LIBSCHED_NORMAL, fly, &f, 0));
  for (round = 0; round < CHECK_SCALE(50, 10); ++round) {
    int64_t ran = CHECK_GET(f.ran);
    in_child(BY_FORK, use_library, f.pool);
    CHECK_UNTIL(CHECK_GET(f.ran) > ran);
  }
  CHECK_SET(f.stop, 1);
  check_pool_idle(f.pool);
  check_pool_end(f.pool, LIBSCHED_DRAIN);
}

/* A library that the parent has never called is used by the child first, and by the parent after. */
static void first_use(void *data) {
  family *f = (family *)data;
  libsched_deque *deque = 0;
  CHECK_OK(libsched_deque_create(&deque, 0));
  CHECK_OK(libsched_deque_push(deque, f));
  libsched_deque_unref(deque);
}

CASE(child_may_be_the_first_user) {
  static family f;
  in_child(BY_FORK, first_use, &f);
  in_child(BY_CLONE, first_use, &f);
  first_use(&f);
  in_child(BY_FORK, first_use, &f);
}

CASES = {RUN(fork_kills_the_handles),
         RUN(clone_kills_the_handles),
         RUN(unref_does_nothing_after_fork),
         RUN(unref_does_nothing_after_clone),
         RUN(child_counts_its_own_objects),
         RUN(child_of_clone_counts_its_own_objects),
         RUN(child_makes_containers),
         RUN(child_of_clone_makes_containers),
         RUN(child_makes_a_pool),
         RUN(child_of_clone_makes_a_pool),
         RUN(grandchild),
         RUN(task_may_fork),
         RUN(fork_while_workers_work),
         RUN(child_may_be_the_first_user),
         CASES_END};
