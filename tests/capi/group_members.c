/* Members of a group that are no tasks, and what closes and completes it: enter, leave, close, on_complete, unref. */
#include "check_group.h"

/* What on_complete has been told, and by which thread. */
typedef struct witness {
  libsched_group *group;
  int64_t calls;
  int status;
  int code;
  long thread;
} witness;

static void on_complete(int status, int code, void *data) {
  witness *w = (witness *)data;
  w->status = status;
  w->code = code;
  w->thread = check_thread_id();
  CHECK_ADD(w->calls, 1);
}

static libsched_group *group_of(libsched_pool *pool, libsched_group_complete_fn fn, void *data) {
  libsched_group_options options = LIBSCHED_GROUP_OPTIONS_INIT;
  libsched_group *group = 0;
  options.on_complete = fn;
  options.user_data = data;
  CHECK_OK(libsched_group_create(&group, pool, &options, 0));
  return group;
}

static libsched_group *watched_group(libsched_pool *pool, witness *w) {
  memset(w, 0, sizeof(*w));
  w->group = group_of(pool, on_complete, w);
  return w->group;
}

static void check_told(witness *w, int64_t calls, int code) {
  CHECK_EQ(CHECK_GET(w->calls), calls);
  CHECK_EQ(w->code, code);
  CHECK_STATUS(w->status, code == 0 ? LIBSCHED_OK : LIBSCHED_E_FAILED);
}

static void check_wait(libsched_group *group, int want) {
  int code = 99;
  CHECK_STATUS(libsched_group_wait(&code, group, 0, LIBSCHED_FOREVER, 0, 0),
               want == 0 ? LIBSCHED_OK : LIBSCHED_E_FAILED);
  CHECK_EQ(code, want);
}

/* A wait ends when all that has entered has left, and not before. */
typedef struct leaver {
  libsched_group *group;
  int64_t left;
  int code;
} leaver;

static void *leave_from_a_thread(void *data) {
  leaver *l = (leaver *)data;
  CHECK_ADD(l->left, 1);
  CHECK_OK(libsched_group_leave(l->group, l->code));
  return 0;
}

static void check_leaves(int code) {
  libsched_pool *pool = check_pool_new(2, 0);
  int round;
  for (round = 0; round < CHECK_SCALE(300, 50); ++round) {
    witness w;
    leaver l = {0, 0, 0};
    pthread_t threads[3];
    int i;
    l.group = watched_group(pool, &w);
    l.code = code;
    for (i = 0; i < 3; ++i) CHECK_OK(libsched_group_enter(l.group));
    CHECK_EQ(check_group_stats(l.group).entered, 3);
    for (i = 0; i < 3; ++i) threads[i] = check_spawn(leave_from_a_thread, &l);
    check_wait(l.group, code);
    CHECK_EQ(CHECK_GET(l.left), 3);
    check_told(&w, 1, code);
    for (i = 0; i < 3; ++i) check_join(threads[i]);
    CHECK_EQ(check_group_stats(l.group).entered, 0);
    CHECK_EQ(check_group_stats(l.group).submitted, 0);
    libsched_group_unref(l.group);
    CHECK_EQ(CHECK_GET(w.calls), 1);
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(wait_ends_when_all_have_left) { check_leaves(0); }
CASE(leave_may_fail) { check_leaves(-42); }

CASE(first_failure_of_leaves_is_kept) {
  static const int codes[] = {0, 8, 0, -9};
  libsched_pool *pool = check_pool_new(1, 0);
  witness w;
  libsched_group *group = watched_group(pool, &w);
  int i;
  for (i = 0; i < 4; ++i) CHECK_OK(libsched_group_enter(group));
  CHECK_OK(libsched_group_close(group));
  for (i = 0; i < 4; ++i) {
    CHECK_EQ(w.calls, 0);
    CHECK_OK(libsched_group_leave(group, codes[i]));
  }
  check_told(&w, 1, 8);
  CHECK_EQ(w.thread, check_thread_id());
  check_wait(group, 8);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* A leave that nothing has entered for is refused, whatever other members there are. */
CASE(leave_without_enter) {
  check_gate gate = CHECK_GATE_INIT;
  libsched_pool *pool = check_pool_new(1, 0);
  witness w;
  libsched_group *group = watched_group(pool, &w);
  CHECK_STATUS(libsched_group_leave(group, 0), LIBSCHED_E_UNBALANCED);
  CHECK_STATUS(libsched_group_leave(group, 7), LIBSCHED_E_UNBALANCED);
  CHECK_OK(libsched_group_submit(group, LIBSCHED_NORMAL, check_gate_run, &gate, 0));
  CHECK_AWAIT(&gate.entered, 1);
  CHECK_STATUS(libsched_group_leave(group, 7), LIBSCHED_E_UNBALANCED);
  CHECK_OK(libsched_group_enter(group));
  CHECK_OK(libsched_group_leave(group, 0));
  CHECK_STATUS(libsched_group_leave(group, 7), LIBSCHED_E_UNBALANCED);
  CHECK_OK(libsched_group_close(group));
  CHECK_EQ(CHECK_GET(w.calls), 0);
  check_gate_open(&gate);
  check_wait(group, 0);
  CHECK_STATUS(libsched_group_leave(group, 7), LIBSCHED_E_UNBALANCED);
  check_wait(group, 0);
  check_told(&w, 1, 0);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(enter_into_a_closed_group) {
  libsched_pool *pool = check_pool_new(1, 0);
  witness w;
  libsched_group *group = watched_group(pool, &w);
  int i;
  CHECK_OK(libsched_group_enter(group));
  CHECK_OK(libsched_group_close(group));
  /* It has a member, so it takes more; they may come and go. */
  for (i = 0; i < 1000; ++i) CHECK_OK(libsched_group_enter(group));
  for (i = 0; i < 1000; ++i) CHECK_OK(libsched_group_leave(group, 0));
  CHECK_EQ(w.calls, 0);
  CHECK_OK(libsched_group_leave(group, 0));
  check_told(&w, 1, 0);
  CHECK_STATUS(libsched_group_enter(group), LIBSCHED_E_CLOSED);
  CHECK_EQ(check_group_stats(group).entered, 0);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* An open group does not complete, however often its last member goes. */
CASE(open_group_does_not_complete) {
  libsched_pool *pool = check_pool_new(2, 0);
  witness w;
  libsched_group *group = watched_group(pool, &w);
  int64_t count = 0;
  int i;
  for (i = 0; i < 100; ++i) {
    CHECK_OK(libsched_group_enter(group));
    CHECK_OK(libsched_group_leave(group, 0));
    CHECK_OK(libsched_group_submit(group, LIBSCHED_NORMAL, check_count_run, &count, 0));
    check_pool_idle(pool);
  }
  CHECK_EQ(CHECK_GET(w.calls), 0);
  CHECK_OK(libsched_group_close(group));
  check_told(&w, 1, 0);
  CHECK_EQ(w.thread, check_thread_id());
  CHECK_OK(libsched_group_close(group));
  check_wait(group, 0);
  libsched_group_unref(group);
  CHECK_EQ(w.calls, 1);
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(count, 100);
}

/* The thread that ends the last member of a closed group calls on_complete. */
typedef struct last_one {
  check_gate gate;
  long thread;
} last_one;

static int be_the_last(libsched_task *task, void *data) {
  last_one *l = (last_one *)data;
  l->thread = check_thread_id();
  check_gate_run(task, &l->gate);
  return 6;
}

CASE(last_task_completes_a_closed_group) {
  last_one l = {CHECK_GATE_INIT, 0};
  libsched_pool *pool = check_pool_new(2, 0);
  witness w;
  libsched_group *group = watched_group(pool, &w);
  CHECK_OK(libsched_group_submit(group, LIBSCHED_NORMAL, be_the_last, &l, 0));
  CHECK_AWAIT(&l.gate.entered, 1);
  CHECK_OK(libsched_group_close(group));
  CHECK_EQ(CHECK_GET(w.calls), 0);
  check_gate_open(&l.gate);
  check_wait(group, 6);
  check_told(&w, 1, 6);
  CHECK_EQ(w.thread, l.thread);
  libsched_group_unref(group);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* In on_complete the group takes no members and cannot be reset, and no lock is held. */
static void use_in_callback(int status, int code, void *data) {
  witness *w = (witness *)data;
  libsched_group_stats stats = check_group_stats(w->group);
  CHECK_EQ(stats.submitted, 1);
  CHECK_EQ(stats.completed, 1);
  CHECK_EQ(stats.entered, 0);
  CHECK_STATUS(libsched_group_enter(w->group), LIBSCHED_E_CLOSED);
  CHECK_STATUS(libsched_group_leave(w->group, 5), LIBSCHED_E_UNBALANCED);
  CHECK_STATUS(
      libsched_group_submit(w->group, LIBSCHED_HIGH, check_never_run, 0, check_never_discard),
      LIBSCHED_E_CLOSED);
  CHECK_STATUS(libsched_group_reset(w->group), LIBSCHED_E_STATE);
  CHECK_OK(libsched_group_close(w->group));
  CHECK_OK(libsched_group_cancel(w->group));
  libsched_group_unref(libsched_group_ref(w->group));
  on_complete(status, code, w);
}

CASE(on_complete_may_use_the_group) {
  libsched_pool *pool = check_pool_new(1, 0);
  int64_t count = 0;
  witness w;
  memset(&w, 0, sizeof(w));
  w.group = group_of(pool, use_in_callback, &w);
  CHECK_OK(libsched_group_submit(w.group, LIBSCHED_NORMAL, check_count_run, &count, 0));
  check_wait(w.group, 0);
  check_told(&w, 1, 0);
  libsched_group_unref(w.group);
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(count, 1);
}

/* Started and forgotten: the last reference goes in on_complete. */
static void let_go(int status, int code, void *data) {
  witness *w = (witness *)data;
  libsched_group_unref(w->group);
  on_complete(status, code, w);
}

CASE(on_complete_may_drop_the_last_reference) {
  enum { N = 200 };
  static witness w[N];
  check_gate gate = CHECK_GATE_INIT;
  libsched_pool *pool = check_pool_new(2, 0);
  int64_t count = 0;
  int i;
  check_gate_hold(&gate, pool, 2);
  for (i = 0; i < N; ++i) {
    w[i].group = group_of(pool, let_go, &w[i]);
    CHECK_OK(libsched_group_enter(w[i].group));
    CHECK_OK(libsched_group_submit(w[i].group, LIBSCHED_LOW, check_count_run, &count, 0));
    CHECK_OK(libsched_group_close(w[i].group));
    CHECK_OK(libsched_group_leave(w[i].group, 3));
  }
  check_gate_open(&gate);
  for (i = 0; i < N; ++i) CHECK_UNTIL(CHECK_GET(w[i].calls) == 1);
  for (i = 0; i < N; ++i) check_told(&w[i], 1, 3);
  CHECK_EQ(check_live(LIBSCHED_KIND_GROUP), 0);
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(count, N);
}

/* The last unref closes. */
CASE(unref_completes_a_group_without_members) {
  libsched_pool *pool = check_pool_new(1, 0);
  witness w;
  libsched_group *group = watched_group(pool, &w);
  CHECK_PTR(libsched_group_ref(group), group);
  libsched_group_unref(group);
  CHECK_EQ(w.calls, 0);
  CHECK_OK(libsched_group_enter(group));
  CHECK_OK(libsched_group_leave(group, 11));
  libsched_group_unref(group);
  check_told(&w, 1, 11);
  CHECK_EQ(w.thread, check_thread_id());
  CHECK_EQ(check_live(LIBSCHED_KIND_GROUP), 0);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(tasks_go_on_after_the_last_unref) {
  check_gate gate = CHECK_GATE_INIT;
  check_job jobs[20];
  libsched_pool *pool = check_pool_new(1, 0);
  witness w;
  libsched_group *group = watched_group(pool, &w);
  int i;
  memset(jobs, 0, sizeof(jobs));
  CHECK_OK(libsched_group_submit(group, LIBSCHED_NORMAL, check_gate_run, &gate, 0));
  for (i = 0; i < 20; ++i) {
    CHECK_OK(
        libsched_group_submit(group, LIBSCHED_LOW, check_job_run, &jobs[i], check_job_discard));
  }
  CHECK_AWAIT(&gate.entered, 1);
  libsched_group_unref(group);
  CHECK_EQ(check_live(LIBSCHED_KIND_GROUP), 0);
  CHECK_EQ(CHECK_GET(w.calls), 0);
  check_gate_open(&gate);
  check_pool_idle(pool);
  CHECK_EQ(check_jobs_settled(jobs, 20), 20);
  CHECK_UNTIL(CHECK_GET(w.calls) == 1);
  check_told(&w, 1, 0);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* A task of the group holds its last reference. */
typedef struct holder {
  libsched_group *group;
  check_gate gate;
  int64_t count;
} holder;

static int unref_own(libsched_task *task, void *data) {
  holder *h = (holder *)data;
  int i;
  check_gate_run(task, &h->gate);
  for (i = 0; i < 10; ++i)
    CHECK_OK(libsched_group_submit(h->group, LIBSCHED_NORMAL, check_count_run, &h->count, 0));
  libsched_group_unref(h->group);
  return 0;
}

CASE(task_drops_the_last_reference) {
  libsched_pool *pool = check_pool_new(2, 0);
  int round;
  for (round = 0; round < 200; ++round) {
    holder h = {0, CHECK_GATE_INIT, 0};
    witness w;
    h.group = watched_group(pool, &w);
    CHECK_OK(libsched_group_submit(h.group, LIBSCHED_HIGH, unref_own, &h, 0));
    CHECK_AWAIT(&h.gate.entered, 1);
    check_gate_open(&h.gate);
    CHECK_UNTIL(CHECK_GET(w.calls) == 1);
    CHECK_EQ(CHECK_GET(h.count), 10);
    check_pool_idle(pool);
    check_told(&w, 1, 0);
  }
  CHECK_EQ(check_live(LIBSCHED_KIND_GROUP), 0);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASES = {RUN(wait_ends_when_all_have_left),
         RUN(leave_may_fail),
         RUN(first_failure_of_leaves_is_kept),
         RUN(leave_without_enter),
         RUN(enter_into_a_closed_group),
         RUN(open_group_does_not_complete),
         RUN(last_task_completes_a_closed_group),
         RUN(on_complete_may_use_the_group),
         RUN(on_complete_may_drop_the_last_reference),
         RUN(unref_completes_a_group_without_members),
         RUN(tasks_go_on_after_the_last_unref),
         RUN(task_drops_the_last_reference),
         CASES_END};
