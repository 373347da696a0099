/**
 * Tasks that block, and pools with spare workers for them.
 */
#ifndef CHECK_SPARE_H
#define CHECK_SPARE_H

#include "check_pool.h"

/** A pool of so many workers, with at most so many spares (0 = the default, or LIBSCHED_NO_SPARE). */
CHECK_HELPER libsched_pool *check_pool_spares(uint32_t workers, uint32_t max_spare) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  options.workers = workers;
  options.max_spare = max_spare;
  return check_pool_with(&options);
}

/** Tasks that block between a begin and an end, until the test lets all of them go. */
typedef struct check_section {
  check_event inside;
  check_event release;
} check_section;

#define CHECK_SECTION_INIT \
  { CHECK_EVENT_INIT, CHECK_EVENT_INIT }

CHECK_HELPER int check_section_run(libsched_task *task, void *data) {
  check_section *section = (check_section *)data;
  (void)task;
  CHECK_OK(libsched_blocking_begin());
  check_event_add(&section->inside, 1);
  CHECK_AWAIT(&section->release, 1);
  CHECK_OK(libsched_blocking_end());
  return 0;
}

/** Puts n tasks into the section, one after the other. */
CHECK_HELPER void check_section_hold(check_section *section, libsched_pool *pool, int n) {
  int64_t before = check_event_count(&section->inside);
  int i;
  for (i = 0; i < n; ++i) {
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, check_section_run, section, 0));
    CHECK_AWAIT(&section->inside, before + i + 1);
  }
}

/** A task that adds one to the event that it is given. */
CHECK_HELPER int check_event_run(libsched_task *task, void *data) {
  (void)task;
  check_event_add((check_event *)data, 1);
  return 0;
}

/** Tasks of which no more than `most` may overlap, and others that wait until so many of them run at the same time. */
typedef struct check_overlap {
  int64_t most;
  int64_t now;
  int64_t together;
  int64_t ended;
} check_overlap;

CHECK_HELPER int check_overlap_run(libsched_task *task, void *data) {
  check_overlap *o = (check_overlap *)data;
  (void)task;
  CHECK_LE(CHECK_ADD(o->now, 1), o->most);
  if (CHECK_GET(o->ended) % 8 == 0) check_pause_ms(1);
  CHECK_ADD(o->now, -1);
  CHECK_ADD(o->ended, 1);
  return 0;
}

CHECK_HELPER int check_together_run(libsched_task *task, void *data) {
  check_overlap *o = (check_overlap *)data;
  (void)task;
  CHECK_ADD(o->together, 1);
  CHECK_UNTIL(CHECK_GET(o->together) == o->most);
  CHECK_ADD(o->ended, 1);
  return 0;
}

/**
 * The pool has so many workers, no more and no fewer, for what is submitted here; tasks that are in sections do not count.
 * Holds when no section has ended since the pool was idle.
 */
CHECK_HELPER void check_workers_are(libsched_pool *pool, int workers) {
  check_overlap o = {0, 0, 0, 0};
  int i;
  o.most = workers;
  for (i = 0; i < 200; ++i) {
    CHECK_OK(libsched_pool_submit(pool, (uint32_t)i % 3, check_overlap_run, &o, 0));
  }
  CHECK_UNTIL(CHECK_GET(o.ended) == 200);
  for (i = 0; i < workers; ++i) {
    CHECK_OK(libsched_pool_submit(pool, (uint32_t)i % 3, check_together_run, &o, 0));
  }
  CHECK_UNTIL(CHECK_GET(o.ended) == 200 + workers);
}

#endif
