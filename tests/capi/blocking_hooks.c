/* Spare workers are workers: the same hooks, the same kind of name, the same pinning, and an end with the pool. */
#include "check_spare.h"
/* It goes first: check.h sets the feature macros. */
#include <sys/prctl.h>

enum { WORKERS = 2, SPARES = 5, ALL = WORKERS + SPARES };

typedef struct life {
  int64_t starts;
  int64_t stops;
  int64_t tasks;
  pthread_t thread;
  char name[32];
  unsigned long cpus[128];
} life;

typedef struct lives {
  life of[ALL];
  check_section section;
} lives;

static void on_start(uint32_t worker, void *data) {
  lives *l = (lives *)data;
  CHECK(worker < ALL);
  CHECK_EQ(CHECK_GET(l->of[worker].tasks), 0);
  CHECK_EQ(CHECK_ADD(l->of[worker].starts, 1), 1);
  l->of[worker].thread = pthread_self();
}

static void on_stop(uint32_t worker, void *data) {
  lives *l = (lives *)data;
  CHECK(worker < ALL);
  CHECK(pthread_equal(pthread_self(), l->of[worker].thread));
  CHECK_EQ(CHECK_GET(l->of[worker].starts), 1);
  CHECK_EQ(CHECK_ADD(l->of[worker].stops, 1), 1);
}

static int live(libsched_task *task, void *data) {
  lives *l = (lives *)data;
  uint32_t worker = libsched_task_worker(task);
  CHECK(worker < ALL);
  CHECK_EQ(CHECK_GET(l->of[worker].starts), 1);
  CHECK_EQ(CHECK_GET(l->of[worker].stops), 0);
  CHECK(pthread_equal(pthread_self(), l->of[worker].thread));
  CHECK_ADD(l->of[worker].tasks, 1);
  CHECK_EQ(prctl(PR_GET_NAME, l->of[worker].name, 0, 0, 0), 0);
  CHECK(syscall(SYS_sched_getaffinity, 0, sizeof(l->of[0].cpus), l->of[worker].cpus) > 0);
  return check_section_run(task, &l->section);
}

static libsched_pool_options options_of(lives *l) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  static const check_section fresh = CHECK_SECTION_INIT;
  memset(l, 0, sizeof(*l));
  l->section = fresh;
  options.workers = WORKERS;
  options.max_spare = SPARES;
  options.on_start = on_start;
  options.on_stop = on_stop;
  options.hook_data = l;
  return options;
}

static void block_n(libsched_pool *pool, lives *l, int n) {
  int i;
  for (i = 0; i < n; ++i) CHECK_OK(libsched_pool_submit(pool, (uint32_t)i % 3, live, l, 0));
  CHECK_AWAIT(&l->section.inside, n);
}

/* Each worker that blocked had its start hook, and with the shutdown each that started has its stop hook. */
static void check_stopped(const lives *l, int64_t at_least) {
  int64_t started = 0;
  int i;
  for (i = 0; i < ALL; ++i) {
    CHECK_EQ(CHECK_GET(l->of[i].starts), CHECK_GET(l->of[i].stops));
    started += CHECK_GET(l->of[i].starts);
  }
  CHECK_LE(at_least, started);
}

CASE(hooks_run_on_spares) {
  static lives l;
  libsched_pool_options options = options_of(&l);
  libsched_pool *pool = check_pool_with(&options);
  int i;
  block_n(pool, &l, SPARES);
  for (i = 0; i < ALL; ++i) CHECK_EQ(CHECK_GET(l.of[i].stops), 0);
  check_event_add(&l.section.release, 1);
  check_pool_idle(pool);
  /* Spares that are not needed sleep, they do not end. */
  for (i = 0; i < ALL; ++i) CHECK_EQ(CHECK_GET(l.of[i].stops), 0);
  check_pool_end(pool, LIBSCHED_DRAIN);
  check_stopped(&l, SPARES);
}

/* Their threads start when they are needed first, not with the pool. */
CASE(no_section_no_spare) {
  static lives l;
  libsched_pool_options options = options_of(&l);
  int threads = check_threads_at_rest();
  libsched_pool *pool = check_pool_with(&options);
  int64_t count = 0;
  int i;
  for (i = 0; i < 1000; ++i) {
    CHECK_OK(libsched_pool_submit(pool, (uint32_t)i % 3, check_count_run, &count, 0));
  }
  check_pool_idle(pool);
  CHECK_LE(check_threads(), threads + WORKERS);
  CHECK_LE(check_pool_stats(pool).workers, WORKERS);
  check_pool_end(pool, LIBSCHED_DRAIN);
  check_stopped(&l, 1);
}

CASE(spares_end_with_the_pool) {
  static lives l;
  int threads = check_threads_at_rest();
  uint32_t mode;
  for (mode = LIBSCHED_DRAIN; mode <= LIBSCHED_CANCEL; ++mode) {
    libsched_pool_options options = options_of(&l);
    libsched_pool *pool = check_pool_with(&options);
    block_n(pool, &l, SPARES);
    CHECK_LE(threads + SPARES, check_threads());
    check_event_add(&l.section.release, 1);
    check_pool_idle(pool);
    check_pool_end(pool, mode);
    CHECK_UNTIL(check_threads() <= threads);
    check_stopped(&l, SPARES);
  }
}

CASE(spares_end_after_the_last_unref) {
  static lives l;
  int threads = check_threads_at_rest();
  libsched_pool_options options = options_of(&l);
  libsched_pool *pool = check_pool_with(&options);
  block_n(pool, &l, SPARES);
  libsched_pool_unref(pool);
  CHECK_EQ(check_live(LIBSCHED_KIND_POOL), 0);
  check_event_add(&l.section.release, 1);
  CHECK_UNTIL(check_threads() <= threads);
  check_stopped(&l, SPARES);
}

CASE(spares_are_named_by_their_index) {
  static lives l;
  libsched_pool_options options = options_of(&l);
  libsched_pool *pool;
  int i;
  options.name = "count";
  pool = check_pool_with(&options);
  block_n(pool, &l, SPARES);
  check_event_add(&l.section.release, 1);
  check_pool_end(pool, LIBSCHED_DRAIN);
  for (i = 0; i < ALL; ++i) {
    char want[32];
    sprintf(want, "count-%d", i);
    if (l.of[i].tasks != 0) CHECK_STR(l.of[i].name, want);
  }
}

/* Worker i is pinned to CPU affinity[i % affinity_count], a spare too. */
CASE(spares_are_pinned) {
  static lives l;
  libsched_pool_options options = options_of(&l);
  libsched_pool *pool;
  unsigned long allowed[128];
  uint32_t cpus[2];
  uint32_t cpu;
  uint32_t n = 0;
  int i;
  memset(allowed, 0, sizeof(allowed));
  CHECK(syscall(SYS_sched_getaffinity, 0, sizeof(allowed), allowed) > 0);
  for (cpu = 0; cpu < 128 * 64 && n < 2; ++cpu) {
    if ((allowed[cpu / 64] >> (cpu % 64)) & 1) cpus[n++] = cpu;
  }
  CHECK_LE(1, n);
  options.affinity = cpus;
  options.affinity_count = n;
  pool = check_pool_with(&options);
  block_n(pool, &l, SPARES);
  check_event_add(&l.section.release, 1);
  check_pool_end(pool, LIBSCHED_DRAIN);
  for (i = 0; i < ALL; ++i) {
    uint32_t word;
    uint32_t want = cpus[(uint32_t)i % n];
    for (word = 0; l.of[i].tasks != 0 && word < 128; ++word) {
      CHECK_EQ(l.of[i].cpus[word], word == want / 64 ? (unsigned long)1 << (want % 64) : 0);
    }
  }
}

/* A section in a hook: there is no task, so whatever it says, the pool goes on and ends. */
static void block_in_hook(uint32_t worker, void *data) {
  int status = libsched_blocking_begin();
  (void)worker;
  if (status == LIBSCHED_OK) {
    CHECK_OK(libsched_blocking_end());
  } else {
    CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
  }
  CHECK_ADD(*(int64_t *)data, 1);
}

static void block_in_failure(int code, const char *message, void *task_data, void *data) {
  (void)code;
  (void)message;
  (void)task_data;
  block_in_hook(0, data);
}

static int fail(libsched_task *task, void *data) {
  (void)task;
  (void)data;
  return 5;
}

CASE(hooks_may_call_it) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  int64_t hooks = 0;
  libsched_pool *pool;
  options.workers = 1;
  options.max_spare = 2;
  options.on_start = block_in_hook;
  options.on_stop = block_in_hook;
  options.on_failure = block_in_failure;
  options.hook_data = &hooks;
  pool = check_pool_with(&options);
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, fail, 0, 0));
  check_pool_idle(pool);
  check_workers_are(pool, 1);
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_LE(3, hooks);
}

CASES = {RUN(hooks_run_on_spares),
         RUN(no_section_no_spare),
         RUN(spares_end_with_the_pool),
         RUN(spares_end_after_the_last_unref),
         RUN(spares_are_named_by_their_index),
         RUN(spares_are_pinned),
         RUN(hooks_may_call_it),
         CASES_END};
