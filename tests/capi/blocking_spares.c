/* Spare workers: how many there are, what they are called, and that no more work at a time than the pool was made for. */
#include "check_spare.h"
/* It goes first: check.h sets the feature macros. */
#include <sched.h>
#include <sys/prctl.h>

/* Who is at work, by index: tasks that run at the same time have different ones, all below max_workers. */
enum { MOST = 64 };

typedef struct crew {
  libsched_pool *pool;
  uint32_t max_workers;
  int64_t at_work[MOST];
  int64_t refused;
  check_event began;
  check_event release;
} crew;

static uint32_t come(crew *c, libsched_task *task) {
  uint32_t worker = libsched_task_worker(task);
  uint32_t current = 77;
  CHECK_LE(worker + 1, c->max_workers);
  CHECK_OK(libsched_pool_current_worker(&current, c->pool));
  CHECK_EQ(current, worker);
  CHECK_EQ(CHECK_ADD(c->at_work[worker], 1), 1);
  return worker;
}

static void leave(crew *c, uint32_t worker) { CHECK_EQ(CHECK_ADD(c->at_work[worker], -1), 0); }

static int block_in_crew(libsched_task *task, void *data) {
  crew *c = (crew *)data;
  uint32_t worker = come(c, task);
  int status = libsched_blocking_begin();
  if (status != LIBSCHED_OK) {
    CHECK_STATUS(status, LIBSCHED_E_NO_SPARE);
    CHECK_ADD(c->refused, 1);
  }
  check_event_add(&c->began, 1);
  CHECK_AWAIT(&c->release, 1);
  CHECK_STATUS(libsched_blocking_end(),
               status == LIBSCHED_OK ? LIBSCHED_OK : LIBSCHED_E_UNBALANCED);
  leave(c, worker);
  return 0;
}

static void crew_start(crew *c, uint32_t workers, uint32_t spares) {
  memset(c, 0, sizeof(*c));
  CHECK_EQ(pthread_mutex_init(&c->began.mutex, 0), 0);
  CHECK_EQ(pthread_cond_init(&c->began.changed, 0), 0);
  CHECK_EQ(pthread_mutex_init(&c->release.mutex, 0), 0);
  CHECK_EQ(pthread_cond_init(&c->release.changed, 0), 0);
  c->pool = check_pool_spares(workers, spares);
  CHECK_OK(libsched_pool_max_workers(&c->max_workers, c->pool));
  CHECK_EQ(c->max_workers, workers + spares);
}

/* n tasks are to block at once: so many of them get no spare. */
static void check_block_at_once(uint32_t workers, uint32_t spares, int n, int64_t refused) {
  crew c;
  int i;
  crew_start(&c, workers, spares);
  for (i = 0; i < n; ++i) {
    CHECK_OK(libsched_pool_submit(c.pool, (uint32_t)i % 3, block_in_crew, &c, 0));
  }
  CHECK_AWAIT(&c.began, n);
  CHECK_EQ(CHECK_GET(c.refused), refused);
  check_event_add(&c.release, 1);
  check_pool_idle(c.pool);
  check_workers_are(c.pool, (int)workers);
  check_pool_end(c.pool, LIBSCHED_DRAIN);
}

CASE(one_blocks) { check_block_at_once(1, 1, 1, 0); }
CASE(all_block_at_once) {
  int i;
  for (i = 0; i < CHECK_SCALE(10, 3); ++i) {
    check_block_at_once(1, 12, 12, 0);
    check_block_at_once(2, 12, 12, 0);
    check_block_at_once(8, 40, 40, 0);
  }
}

/* Behind the last spare: one who cannot be stood in for is told so, and every other worker goes on. */
CASE(no_spare_is_left) {
  int i;
  for (i = 0; i < CHECK_SCALE(10, 3); ++i) {
    check_block_at_once(1, 1, 2, 1);
    check_block_at_once(1, 7, 8, 1);
    check_block_at_once(2, 3, 5, 2);
    check_block_at_once(4, 5, 9, 4);
  }
}

/* The refused one keeps its worker, and only that one. */
CASE(others_go_on_beside_one_that_was_refused) {
  crew c;
  check_event ran = CHECK_EVENT_INIT;
  int i;
  crew_start(&c, 2, 1);
  for (i = 0; i < 2; ++i) {
    CHECK_OK(libsched_pool_submit(c.pool, LIBSCHED_NORMAL, block_in_crew, &c, 0));
  }
  CHECK_AWAIT(&c.began, 2);
  CHECK_EQ(CHECK_GET(c.refused), 1);
  for (i = 0; i < 30; ++i) {
    CHECK_OK(libsched_pool_submit(c.pool, (uint32_t)i % 3, check_event_run, &ran, 0));
  }
  CHECK_AWAIT(&ran, 30);
  check_event_add(&c.release, 1);
  check_pool_idle(c.pool);
  check_workers_are(c.pool, 2);
  check_pool_end(c.pool, LIBSCHED_DRAIN);
}

static int refused_always(libsched_task *task, void *data) {
  (void)task;
  CHECK_STATUS(libsched_blocking_begin(), LIBSCHED_E_NO_SPARE);
  CHECK_STATUS(libsched_blocking_begin(), LIBSCHED_E_NO_SPARE);
  CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
  CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
  CHECK_STATUS(libsched_blocking_begin(), LIBSCHED_E_NO_SPARE);
  check_event_add((check_event *)data, 1);
  return 0;
}

CASE(pool_without_spares_refuses) {
  uint32_t workers;
  for (workers = 1; workers <= 3; ++workers) {
    libsched_pool *pool = check_pool_spares(workers, LIBSCHED_NO_SPARE);
    check_event ran = CHECK_EVENT_INIT;
    uint32_t max_workers = 77;
    int i;
    CHECK_OK(libsched_pool_max_workers(&max_workers, pool));
    CHECK_EQ(max_workers, workers);
    for (i = 0; i < 300; ++i) {
      CHECK_OK(libsched_pool_submit(pool, (uint32_t)i % 3, refused_always, &ran, 0));
    }
    check_pool_idle(pool);
    CHECK_EQ(check_event_count(&ran), 300);
    CHECK_LE(check_pool_stats(pool).workers, workers);
    check_workers_are(pool, (int)workers);
    check_pool_end(pool, LIBSCHED_DRAIN);
  }
}

/* A section that ends gives its spare back: the same few threads do for any number of sections after each other. */
static int many_sections(libsched_task *task, void *data) {
  int i;
  (void)task;
  for (i = 0; i < 100; ++i) {
    CHECK_OK(libsched_blocking_begin());
    if (i % 10 == 0) sched_yield();
    CHECK_OK(libsched_blocking_end());
  }
  check_event_add((check_event *)data, 1);
  return 0;
}

CASE(sections_after_each_other_share_a_spare) {
  libsched_pool *pool = check_pool_spares(1, 50);
  check_event ran = CHECK_EVENT_INIT;
  int i;
  for (i = 1; i <= 100; ++i) {
    CHECK_OK(libsched_pool_submit(pool, (uint32_t)i % 3, many_sections, &ran, 0));
    check_pool_idle(pool);
    CHECK_EQ(check_event_count(&ran), i);
  }
  CHECK_LE(check_pool_stats(pool).workers, 2);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* The end does not wait for a place, nor does the next begin, though the spare holds the only one all the time. */
typedef struct returner {
  check_section section;
  int64_t pairs;
} returner;

static int come_back_again_and_again(libsched_task *task, void *data) {
  returner *r = (returner *)data;
  int i;
  check_section_run(task, &r->section);
  for (i = 0; i < 1000; ++i) {
    CHECK_OK(libsched_blocking_begin());
    CHECK_OK(libsched_blocking_end());
    CHECK_ADD(r->pairs, 1);
  }
  return 0;
}

CASE(end_goes_on_beside_a_busy_spare) {
  libsched_pool *pool = check_pool_spares(1, 1);
  int round;
  for (round = 0; round < 20; ++round) {
    returner r = {CHECK_SECTION_INIT, 0};
    check_gate gate = CHECK_GATE_INIT;
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, come_back_again_and_again, &r, 0));
    CHECK_AWAIT(&r.section.inside, 1);
    check_gate_hold(&gate, pool, 1);
    check_event_add(&r.section.release, 1);
    CHECK_UNTIL(CHECK_GET(r.pairs) == 1000);
    check_gate_open(&gate);
    check_pool_idle(pool);
  }
  check_workers_are(pool, 1);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* One worker too many: the next that ends its task sleeps, and what is queued waits for the other. */
typedef struct surplus {
  check_gate gate;
  int64_t left;
  int64_t early;
} surplus;

static int be_the_one_that_works(libsched_task *task, void *data) {
  surplus *s = (surplus *)data;
  check_gate_run(task, &s->gate);
  CHECK_SET(s->left, 1);
  return 0;
}

static int come_after_it(libsched_task *task, void *data) {
  surplus *s = (surplus *)data;
  (void)task;
  if (CHECK_GET(s->left) == 0) CHECK_ADD(s->early, 1);
  return 0;
}

CASE(surplus_worker_sleeps_after_its_task) {
  libsched_pool *pool = check_pool_spares(1, 3);
  int round;
  for (round = 1; round <= CHECK_SCALE(50, 20); ++round) {
    check_section section = CHECK_SECTION_INIT;
    surplus s = {CHECK_GATE_INIT, 0, 0};
    int i;
    check_section_hold(&section, pool, 1);
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_HIGH, be_the_one_that_works, &s, 0));
    CHECK_AWAIT(&s.gate.entered, 1);
    for (i = 0; i < 6; ++i) {
      CHECK_OK(
          libsched_pool_submit(pool, i % 2 ? LIBSCHED_HIGH : LIBSCHED_LOW, come_after_it, &s, 0));
    }
    check_event_add(&section.release, 1);
    CHECK_UNTIL(check_priority_stats(pool, LIBSCHED_NORMAL).completed == (uint64_t)round);
    /* Long enough for a worker that does not sleep to show it. */
    check_pause_ms(2);
    check_gate_open(&s.gate);
    check_pool_idle(pool);
    CHECK_EQ(s.early, 0);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* Whatever the sections before did, with none open the pool has its workers, no more and no fewer. */
CASE(workers_are_as_before_after_sections) {
  static const int blocked[] = {1, 2, 3, 8, 20, 1, 20, 5};
  libsched_pool *pool = check_pool_spares(2, 20);
  size_t i;
  check_workers_are(pool, 2);
  for (i = 0; i < sizeof(blocked) / sizeof(*blocked); ++i) {
    check_section section = CHECK_SECTION_INIT;
    check_section_hold(&section, pool, blocked[i]);
    /* Meanwhile there are two of them as well. */
    check_workers_are(pool, 2);
    check_event_add(&section.release, 1);
    check_pool_idle(pool);
    check_workers_are(pool, 2);
  }
  CHECK_LE(check_pool_stats(pool).workers, 22);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* Thousands of sections from everywhere: no more of them open than there are spares, nothing lost, indices apart. */
enum { SPARES = 6, WORKERS = 4 };

typedef struct storm {
  crew c;
  int64_t inside;
  int64_t sections;
  int64_t tasks;
} storm;

static int short_sections(libsched_task *task, void *data) {
  storm *s = (storm *)data;
  uint32_t worker = come(&s->c, task);
  int i;
  for (i = 0; i < 3; ++i) {
    int status = libsched_blocking_begin();
    if (status == LIBSCHED_OK) {
      /* A begin that fails looks like a spare for a moment, so one more may come in; but somebody always works. */
      CHECK_LE(CHECK_ADD(s->inside, 1), SPARES + WORKERS - 1);
      CHECK_ADD(s->sections, 1);
      if (CHECK_ADD(s->tasks, 0) % 4 == 0) sched_yield();
      CHECK_ADD(s->inside, -1);
      CHECK_OK(libsched_blocking_end());
    } else {
      CHECK_STATUS(status, LIBSCHED_E_NO_SPARE);
      CHECK_STATUS(libsched_blocking_end(), LIBSCHED_E_UNBALANCED);
    }
  }
  leave(&s->c, worker);
  CHECK_ADD(s->tasks, 1);
  return 0;
}

static void *submit_storm(void *data) {
  storm *s = (storm *)data;
  int i;
  for (i = 0; i < CHECK_SCALE(5000, 500); ++i) {
    CHECK_OK(libsched_pool_submit(s->c.pool, (uint32_t)i % 3, short_sections, s, 0));
  }
  return 0;
}

CASE(thousands_of_short_sections) {
  static storm s;
  pthread_t threads[4];
  int i;
  crew_start(&s.c, WORKERS, SPARES);
  for (i = 0; i < 4; ++i) threads[i] = check_spawn(submit_storm, &s);
  for (i = 0; i < 4; ++i) check_join(threads[i]);
  check_pool_idle(s.c.pool);
  CHECK_EQ(s.tasks, 4 * CHECK_SCALE(5000, 500));
  CHECK_LE(1, s.sections);
  CHECK_LE(check_pool_stats(s.c.pool).workers, WORKERS + SPARES);
  check_workers_are(s.c.pool, WORKERS);
  check_pool_end(s.c.pool, LIBSCHED_DRAIN);
}

CASES = {RUN(one_blocks),
         RUN(all_block_at_once),
         RUN(no_spare_is_left),
         RUN(others_go_on_beside_one_that_was_refused),
         RUN(pool_without_spares_refuses),
         RUN(sections_after_each_other_share_a_spare),
         RUN(end_goes_on_beside_a_busy_spare),
         RUN(surplus_worker_sleeps_after_its_task),
         RUN(workers_are_as_before_after_sections),
         RUN(thousands_of_short_sections),
         CASES_END};
