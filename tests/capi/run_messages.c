/* What the caller's thread is told, and when. */
#include "check_graph.h"

typedef struct listener {
  pthread_t thread;
  int32_t calls;
  uint32_t kinds[10];
  int stop_at; /* fail at this call; 0 = never */
  char text[400];
  check_event first;
  check_event go_on;
  int waits;
  uint64_t last_ended;
} listener;

static void listener_init(listener *it) {
  check_event event = CHECK_EVENT_INIT;
  memset(it, 0, sizeof(*it));
  it->thread = pthread_self();
  it->first = event;
  it->go_on = event;
}

static int listen(const libsched_run_message *message, void *data) {
  listener *it = (listener *)data;
  CHECK(pthread_equal(it->thread, pthread_self()));
  CHECK_EQ(message->struct_size, sizeof(*message));
  CHECK_LE(message->kind, 9);
  ++it->kinds[message->kind];
  CHECK_LE(it->last_ended, message->ended);
  it->last_ended = message->ended;
  CHECK_LE(message->ended, message->total);
  if (message->kind == LIBSCHED_MESSAGE_OWN) {
    CHECK_LE(strlen(it->text) + message->size, sizeof(it->text) - 1);
    if (message->size != 0) strncat(it->text, (const char *)message->data, message->size);
  }
  if (++it->calls == 1 && it->waits) {
    check_event_add(&it->first, 1);
    CHECK_AWAIT(&it->go_on, 1);
  }
  return it->calls == it->stop_at ? 4711 : 0;
}

static libsched_run_options listened(listener *it) {
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  listener_init(it);
  how.handler = listen;
  how.handler_data = it;
  return how;
}

static int say_name(libsched_job *job, void *data) {
  const char *name = (const char *)data;
  CHECK_OK(libsched_job_message(job, name, strlen(name)));
  CHECK_OK(libsched_job_message_bounded(job, "+", 1));
  CHECK_OK(libsched_job_message(job, 0, 0));
  return 0;
}

CASE(messages_come_in_order_in_the_callers_thread) {
  static char names[3][2] = {"a", "b", "c"};
  listener it;
  libsched_run_options how = listened(&it);
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_graph *graph = check_graph_new();
  uint64_t before = LIBSCHED_NO_JOB;
  int i;
  for (i = 0; i < 3; ++i) {
    libsched_job_options options = check_function(names[i], say_name, names[i]);
    uint64_t job;
    if (i == 1) options.flags = LIBSCHED_JOB_FRESH;
    job = CHECK_ADD_JOB(graph, &options);
    if (i != 0) CHECK_DEPEND(graph, job, before);
    before = job;
  }
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_OK));
  CHECK_EQ(it.kinds[LIBSCHED_MESSAGE_STARTED], 2);
  CHECK_EQ(it.kinds[LIBSCHED_MESSAGE_FINISHED], 3);
  CHECK_EQ(it.kinds[LIBSCHED_MESSAGE_OWN], 9);
  CHECK_STR(it.text, "a+b+c+");
  CHECK_EQ(it.last_ended, 3);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int go_on(libsched_job *job, void *data) {
  (void)job;
  check_event_add(&((listener *)data)->go_on, 1);
  return 0;
}

CASE(all_jobs_run_while_the_first_message_is_handled) {
  listener it;
  libsched_run_options how = listened(&it);
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function(0, say_name, (void *)"");
  uint64_t before = CHECK_ADD_JOB(graph, &options);
  int i;
  it.waits = 1;
  for (i = 0; i < 50; ++i) {
    uint64_t job;
    if (i == 49) options = check_function("last", go_on, &it);
    job = CHECK_ADD_JOB(graph, &options);
    CHECK_DEPEND(graph, job, before);
    before = job;
  }
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_OK));
  CHECK_EQ(it.kinds[LIBSCHED_MESSAGE_FINISHED], 51);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int32_t blocked_status;

/* Sends until it is told to end; then the handler may go on. */
static int flood(libsched_job *job, void *data) {
  char block[1000];
  int status;
  memset(block, 'x', sizeof(block));
  (void)data;
  do {
    status = libsched_job_message_bounded(job, block, sizeof(block));
  } while (status == LIBSCHED_OK);
  CHECK_ADD(blocked_status, status);
  CHECK_EQ(libsched_job_cancelled(job), 1);
  return 1;
}

static int fail_late(const libsched_run_message *message, void *data) {
  int *calls = (int *)data;
  return message->kind == LIBSCHED_MESSAGE_OWN && ++*calls == 3 ? 4711 : 0;
}

CASE(a_handler_that_fails_wakes_who_waits_for_it) {
  int calls = 0;
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function(0, flood, 0);
  libsched_result *result;
  how.handler = fail_late;
  how.handler_data = &calls;
  how.message_bytes = 40000;
  CHECK_ADD_JOB(graph, &options);
  CHECK_ADD_JOB(graph, &options);
  CHECK_ADD_JOB(graph, &options);
  blocked_status = 0;
  result = CHECK_RUN(graph, pool, &how, 4711);
  CHECK_EQ(blocked_status, 2 * LIBSCHED_E_CANCELLED);
  CHECK_EQ(check_summary(result).cancelled, 3);
  CHECK_EQ(calls, 3);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int cancel_run(const libsched_run_message *message, void *data) {
  if (message->kind == LIBSCHED_MESSAGE_OWN) CHECK_OK(libsched_run_cancel(message->run));
  (void)data;
  return 0;
}

CASE(cancel_wakes_who_waits_for_the_handler) {
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function(0, flood, 0);
  how.handler = cancel_run;
  how.message_bytes = 40000;
  CHECK_ADD_JOB(graph, &options);
  CHECK_ADD_JOB(graph, &options);
  blocked_status = 0;
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_E_CANCELLED));
  CHECK_EQ(blocked_status, 2 * LIBSCHED_E_CANCELLED);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int tell_after_cancel(libsched_job *job, void *data) {
  (void)data;
  CHECK_OK(libsched_run_cancel(libsched_job_run(job)));
  CHECK_STATUS(libsched_job_message_bounded(job, "x", 1), LIBSCHED_E_CANCELLED);
  CHECK_OK(libsched_job_message(job, "y", 1));
  return 0;
}

/* Also where there is room. */
CASE(a_run_that_is_cancelled_takes_no_bounded_messages) {
  listener it;
  libsched_run_options how = listened(&it);
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function(0, tell_after_cancel, 0);
  CHECK_ADD_JOB(graph, &options);
  CHECK_ADD_JOB(graph, &options);
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_E_CANCELLED));
  CHECK_STR(it.text, "y");
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int cancel_at_the_end(const libsched_run_message *message, void *data) {
  if (message->kind != LIBSCHED_MESSAGE_FINISHED || message->ended != 2) return 0;
  CHECK_OK(libsched_cancel_trigger((libsched_cancel *)data));
  return libsched_run_cancel(message->run);
}

CASE(a_run_that_is_done_is_not_cancelled) {
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = LIBSCHED_JOB_OPTIONS_INIT;
  libsched_cancel *cancel = 0;
  CHECK_ADD_JOB(graph, &options);
  CHECK_ADD_JOB(graph, &options);
  CHECK_OK(libsched_cancel_create(&cancel));
  how.handler = cancel_at_the_end;
  how.handler_data = cancel;
  CHECK_OK(libsched_graph_run(0, graph, 0, &how, cancel, 0));
  libsched_cancel_unref(cancel);
  libsched_graph_unref(graph);
}

/* More than fits into the bound, from the handler's own thread. */
static int tell_much(libsched_job *job, void *data) {
  char block[1000];
  int i;
  memset(block, 'y', sizeof(block));
  (void)data;
  for (i = 0; i < 100; ++i) {
    CHECK_OK(libsched_job_message_bounded(job, block, sizeof(block)));
  }
  CHECK_STATUS(libsched_job_signal_early(job), LIBSCHED_E_STATE);
  return 0;
}

static int count_messages(const libsched_run_message *message, void *data) {
  if (message->kind == LIBSCHED_MESSAGE_OWN) ++*(int *)data;
  return 0;
}

CASE(fresh_jobs_tell_the_handler_directly) {
  int calls = 0;
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function(0, tell_much, 0);
  options.flags = LIBSCHED_JOB_FRESH;
  how.handler = count_messages;
  how.handler_data = &calls;
  how.message_bytes = 40000;
  CHECK_ADD_JOB(graph, &options);
  libsched_result_unref(CHECK_RUN(graph, 0, &how, LIBSCHED_OK));
  CHECK_EQ(calls, 100);
  libsched_graph_unref(graph);
}

static int add_fresh(libsched_job *job, void *data) {
  libsched_job_options options = LIBSCHED_JOB_OPTIONS_INIT;
  uint64_t added = 0;
  options.flags = LIBSCHED_JOB_FRESH;
  options.user_data = data;
  if (++*(int *)data < 100) options.fn = add_fresh;
  CHECK_OK(libsched_run_add(&added, libsched_job_run(job), &options, 0, 0, 0));
  return 0;
}

/* The run is not over as long as one of their functions is to be called. */
CASE(fresh_jobs_add_others) {
  int calls = 0;
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function(0, add_fresh, &calls);
  libsched_result *result;
  options.flags = LIBSCHED_JOB_FRESH;
  CHECK_ADD_JOB(graph, &options);
  result = CHECK_RUN(graph, 0, 0, LIBSCHED_OK);
  CHECK_EQ(calls, 100);
  CHECK_EQ(check_summary(result).fresh, 101);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
}

static int throw_up(libsched_job *job, void *data) {
  (void)job;
  (void)data;
  pthread_exit(0);
}

CASE(a_job_that_ends_its_thread_has_failed) {
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function(0, throw_up, 0);
  libsched_result *result;
  uint64_t job = CHECK_ADD_JOB(graph, &options);
  result = CHECK_RUN(graph, pool, 0, LIBSCHED_E_FAILED);
  CHECK_EQ(check_result(result, job).code, LIBSCHED_E_UNWOUND);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int say_z(libsched_job *job, void *data) {
  (void)data;
  CHECK_OK(libsched_job_message(job, "z", 1));
  return 0;
}

static int leave(const libsched_run_message *message, void *data) {
  (void)message;
  (void)data;
  pthread_exit(0);
}

static void *run_and_leave(void *data) {
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  how.handler = leave;
  CHECK_STATUS(libsched_graph_run(0, (libsched_graph *)((void **)data)[0],
                                  (libsched_pool *)((void **)data)[1], &how, 0, 0),
               LIBSCHED_OK);
  check_fail(__FILE__, __LINE__, "the thread has ended");
  return 0;
}

CASE(a_handler_that_ends_its_thread_leaves_nothing_at_work) {
  libsched_pool *pool = check_pool_new(2, 0);
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function(0, say_z, 0);
  void *both[2];
  pthread_t thread;
  int i;
  for (i = 0; i < 20; ++i) CHECK_ADD_JOB(graph, &options);
  both[0] = graph;
  both[1] = pool;
  CHECK_EQ(pthread_create(&thread, 0, run_and_leave, both), 0);
  CHECK_EQ(pthread_join(thread, 0), 0);
  libsched_result_unref(CHECK_RUN(graph, pool, 0, LIBSCHED_OK));
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(too_many_slots_are_told_of) {
  listener it;
  libsched_run_options how = listened(&it);
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function("wide", say_name, (void *)"w");
  libsched_result *result;
  how.slots = 2;
  options.weight = 3;
  CHECK_ADD_JOB(graph, &options);
  options.name = "fits";
  options.weight = 2;
  CHECK_ADD_JOB(graph, &options);
  result = CHECK_RUN(graph, pool, &how, LIBSCHED_OK);
  CHECK_EQ(it.kinds[LIBSCHED_MESSAGE_CLAMPED], 1);
  CHECK_EQ(check_summary(result).peak, 1);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

/* More than the bound, by a job in the thread that takes the messages. */
static int signal_and_tell(libsched_job *job, void *data) {
  char block[1000];
  int i;
  (void)data;
  memset(block, 'z', sizeof(block));
  CHECK_OK(libsched_job_signal_early(job));
  for (i = 0; i < 100; ++i) CHECK_OK(libsched_job_message_bounded(job, block, sizeof(block)));
  return 0;
}

static int log_kind(const libsched_run_message *message, void *data) {
  static const char letters[] = "012se.aowc";
  char *text = (char *)data;
  size_t length = strlen(text);
  char letter = letters[message->kind];
  if (length == 0 || text[length - 1] != letter) text[length] = letter;
  return 0;
}

CASE(what_a_job_says_comes_in_order_without_workers) {
  char text[20] = "";
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_pool *pool = check_pool_new(LIBSCHED_NO_WORKERS, 0);
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function(0, signal_and_tell, 0);
  how.slots = 1;
  how.message_bytes = 40000;
  how.handler = log_kind;
  how.handler_data = text;
  CHECK_ADD_JOB(graph, &options);
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_OK));
  CHECK_STR(text, "seo.");
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int tell_too_much(libsched_job *job, void *data) {
  CHECK_STATUS(libsched_job_message(job, data, SIZE_MAX), -ENOMEM);
  CHECK_STATUS(libsched_job_message(job, data, SIZE_MAX - 8), -ENOMEM);
  CHECK_STATUS(libsched_job_message_bounded(job, data, SIZE_MAX / 2), -ENOMEM);
  return 0;
}

CASE(messages_that_fit_into_no_memory_are_refused) {
  int calls = 0;
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function(0, tell_too_much, &calls);
  how.handler = count_messages;
  how.handler_data = &calls;
  CHECK_ADD_JOB(graph, &options);
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_OK));
  CHECK_EQ(calls, 0);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int tell_when_cancelled(libsched_job *job, void *data) {
  (void)data;
  CHECK_OK(libsched_job_message_bounded(job, "x", 1));
  CHECK_OK(libsched_run_cancel(libsched_job_run(job)));
  CHECK_STATUS(libsched_job_message_bounded(job, "x", 1), LIBSCHED_E_CANCELLED);
  return 0;
}

CASE(nothing_is_told_in_a_run_that_is_cancelled) {
  int calls = 0;
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_pool *pool = check_pool_new(1, 0);
  libsched_graph *graph = check_graph_new();
  libsched_job_options options = check_function(0, tell_when_cancelled, 0);
  how.handler = count_messages;
  how.handler_data = &calls;
  CHECK_ADD_JOB(graph, &options);
  libsched_result_unref(CHECK_RUN(graph, pool, &how, LIBSCHED_E_CANCELLED));
  CHECK_EQ(calls, 1);
  libsched_graph_unref(graph);
  check_pool_end(pool, LIBSCHED_DRAIN);
}

static int return_seven(libsched_job *job, void *data) {
  (void)job;
  (void)data;
  return 7;
}

CASE(what_a_fresh_jobs_function_returns_ends_the_run) {
  libsched_error *error = 0;
  libsched_result *result = 0;
  libsched_graph *graph = check_graph_new();
  libsched_run_options how = LIBSCHED_RUN_OPTIONS_INIT;
  libsched_job_options options = check_function(0, return_seven, 0);
  uint64_t job;
  options.flags = LIBSCHED_JOB_FRESH;
  job = CHECK_ADD_JOB(graph, &options);
  how.max_failures = LIBSCHED_KEEP_GOING;
  CHECK_STATUS(libsched_graph_run(&result, graph, 0, &how, 0, &error), 7);
  CHECK(strstr(libsched_error_message(error), "fresh job") != 0);
  CHECK_STATE(result, job, LIBSCHED_JOB_IS_FRESH);
  libsched_error_free(error);
  libsched_result_unref(result);
  libsched_graph_unref(graph);
}

CASES = {RUN(messages_come_in_order_in_the_callers_thread),
         RUN(all_jobs_run_while_the_first_message_is_handled),
         RUN(a_handler_that_fails_wakes_who_waits_for_it),
         RUN(cancel_wakes_who_waits_for_the_handler),
         RUN(a_run_that_is_cancelled_takes_no_bounded_messages),
         RUN(fresh_jobs_tell_the_handler_directly),
         RUN(fresh_jobs_add_others),
         RUN(a_run_that_is_done_is_not_cancelled),
         RUN(a_job_that_ends_its_thread_has_failed),
         RUN(a_handler_that_ends_its_thread_leaves_nothing_at_work),
         RUN(too_many_slots_are_told_of),
         RUN(what_a_job_says_comes_in_order_without_workers),
         RUN(messages_that_fit_into_no_memory_are_refused),
         RUN(nothing_is_told_in_a_run_that_is_cancelled),
         RUN(what_a_fresh_jobs_function_returns_ends_the_run),
         CASES_END};
