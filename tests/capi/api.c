/* The function table: complete, of the right version, and each entry is the function of its name. */
#include "check_pool.h"

/*
 * One member after another, as they stand in the header: a test that names each entry notices one that was left out,
 * and the tour below tells functions of the same type apart by what they do.
 */
CASE(every_entry_is_there) {
  const libsched_api *api = libsched_get_api(LIBSCHED_API_VERSION);
  size_t first = offsetof(libsched_api, live_objects);
  size_t n = (sizeof(libsched_api) - first) / sizeof(void (*)(void));
  size_t i;
  CHECK(api != 0);
  CHECK_EQ(api->struct_size, sizeof(libsched_api));
  CHECK_EQ(api->api_version, LIBSCHED_API_VERSION);
  CHECK_EQ(api->reserved, 0);
  CHECK_EQ(n * sizeof(void (*)(void)) + first, sizeof(libsched_api));
  for (i = 0; i < n; ++i) {
    void (*entry)(void);
    memcpy(&entry, (const unsigned char *)api + first + i * sizeof(entry), sizeof(entry));
    CHECK(entry != 0);
  }
}

CASE(table_is_static) {
  const libsched_api *api = libsched_get_api(LIBSCHED_API_VERSION);
  CHECK_PTR(libsched_get_api(LIBSCHED_API_VERSION), api);
}

CASE(other_versions_are_refused) {
  CHECK(libsched_get_api(0) == 0);
  CHECK(libsched_get_api(LIBSCHED_API_VERSION + 1) == 0);
  CHECK(libsched_get_api(0xffffffffu) == 0);
}

CASE(tour_of_statuses_and_versions) {
  const libsched_api *api = libsched_get_api(LIBSCHED_API_VERSION);
  libsched_error *error = 0;
  libsched_pool *pool = 0;
  libsched_pool_options options;
  static const uint32_t cpus[3] = {0, 0, 0xfffffff0u};
  uint64_t n = 7;
  CHECK_OK(api->live_objects(&n, LIBSCHED_KIND_CANCEL));
  CHECK_EQ(n, 0);
  CHECK_EQ(api->usable_cpus(), libsched_usable_cpus());
  CHECK_EQ(api->version(), LIBSCHED_VERSION_NUMBER);
  CHECK_STR(api->version_string(), LIBSCHED_VERSION_STRING);
  CHECK_STR(api->status_name(LIBSCHED_E_FULL), libsched_status_name(LIBSCHED_E_FULL));
  CHECK_STR(api->status_message(LIBSCHED_E_FULL), libsched_status_message(LIBSCHED_E_FULL));
  api->pool_options_init(&options);
  options.affinity = cpus;
  options.affinity_count = 3;
  CHECK_STATUS(api->pool_create(&pool, &options, &error), LIBSCHED_E_RANGE);
  CHECK_STATUS(api->error_status(error), LIBSCHED_E_RANGE);
  CHECK_EQ(api->error_errno(error), 0);
  CHECK_EQ(api->error_offset(error), libsched_error_offset(error));
  CHECK_STR(api->error_message(error), libsched_error_message(error));
  api->error_free(error);
}

CASE(tour_of_cancel) {
  const libsched_api *api = libsched_get_api(LIBSCHED_API_VERSION);
  libsched_cancel *cancel = 0;
  CHECK_OK(api->cancel_create(&cancel));
  CHECK_PTR(api->cancel_ref(cancel), cancel);
  CHECK_EQ(api->cancel_is_triggered(cancel), 0);
  CHECK_OK(api->cancel_trigger(cancel));
  CHECK_EQ(api->cancel_is_triggered(cancel), 1);
  api->cancel_unref(cancel);
  CHECK_EQ(check_live(LIBSCHED_KIND_CANCEL), 1);
  CHECK_OK(api->cancel_reset(cancel));
  CHECK_EQ(api->cancel_is_triggered(cancel), 0);
  api->cancel_unref(cancel);
  CHECK_EQ(check_live(LIBSCHED_KIND_CANCEL), 0);
}

CASE(tour_of_deque_and_stealer) {
  const libsched_api *api = libsched_get_api(LIBSCHED_API_VERSION);
  libsched_deque_options options;
  libsched_deque *deque = 0;
  libsched_deque *into = 0;
  libsched_stealer *stealer = 0;
  void *out = 0;
  uint64_t n = 0;
  int i;
  api->deque_options_init(&options);
  options.flavor = LIBSCHED_LIFO;
  CHECK_OK(api->deque_create(&deque, &options));
  CHECK_OK(api->deque_create(&into, 0));
  CHECK_OK(api->stealer_create(&stealer, deque));
  CHECK_PTR(api->deque_ref(deque), deque);
  CHECK_PTR(api->stealer_ref(stealer), stealer);
  for (i = 1; i <= 6; ++i) CHECK_OK(api->deque_push(deque, ITEM(i)));
  CHECK_OK(api->deque_pop(&out, deque));
  CHECK_EQ(VALUE(out), 6);
  CHECK_OK(api->stealer_steal(&out, stealer));
  CHECK_EQ(VALUE(out), 1);
  CHECK_OK(api->deque_len(&n, deque));
  CHECK_EQ(n, 4);
  CHECK_OK(api->stealer_steal_batch(stealer, into, 1));
  CHECK_OK(api->stealer_len(&n, stealer));
  CHECK_EQ(n, 3);
  CHECK_OK(api->stealer_steal_batch_and_pop(&out, stealer, into, 2));
  CHECK_EQ(VALUE(out), 4);
  CHECK_OK(api->deque_len(&n, into));
  CHECK_EQ(n, 2);
  CHECK_OK(api->deque_shrink(into));
  api->deque_unref(deque);
  api->stealer_unref(stealer);
  CHECK_EQ(check_live(LIBSCHED_KIND_DEQUE), 2);
  CHECK_EQ(check_live(LIBSCHED_KIND_STEALER), 1);
  api->deque_unref(deque);
  api->deque_unref(into);
  CHECK_EQ(check_live(LIBSCHED_KIND_DEQUE), 0);
  CHECK_OK(api->stealer_steal(&out, stealer));
  CHECK_EQ(VALUE(out), 5);
  api->stealer_unref(stealer);
  CHECK_EQ(check_live(LIBSCHED_KIND_STEALER), 0);
}

CASE(tour_of_injector) {
  const libsched_api *api = libsched_get_api(LIBSCHED_API_VERSION);
  libsched_injector_options options;
  libsched_injector *injector = 0;
  libsched_deque *into = 0;
  void *items[4];
  void *out = 0;
  uint64_t n = 0;
  size_t accepted = 0;
  int i;
  api->injector_options_init(&options);
  CHECK_OK(api->injector_create(&injector, &options));
  CHECK_OK(api->deque_create(&into, 0));
  CHECK_PTR(api->injector_ref(injector), injector);
  CHECK_OK(api->injector_push(injector, ITEM(1)));
  for (i = 0; i < 4; ++i) items[i] = ITEM(i + 2);
  CHECK_OK(api->injector_push_n(&accepted, injector, items, 4));
  CHECK_EQ(accepted, 4);
  CHECK_OK(api->injector_steal(&out, injector));
  CHECK_EQ(VALUE(out), 1);
  CHECK_OK(api->injector_steal_batch_and_pop(&out, injector, into, 1));
  CHECK_EQ(VALUE(out), 2);
  CHECK_OK(api->injector_steal_batch(injector, into, 1));
  CHECK_OK(api->injector_len(&n, injector));
  CHECK_EQ(n, 2);
  CHECK_OK(api->deque_pop(&out, into));
  CHECK_EQ(VALUE(out), 3);
  api->injector_unref(injector);
  CHECK_EQ(check_live(LIBSCHED_KIND_INJECTOR), 1);
  api->injector_unref(injector);
  CHECK_EQ(check_live(LIBSCHED_KIND_INJECTOR), 0);
  api->deque_unref(into);
}

CASE(tour_of_stealing_queue) {
  const libsched_api *api = libsched_get_api(LIBSCHED_API_VERSION);
  libsched_stealing_queue_options options;
  libsched_stealing_queue *queue = 0;
  void *out = 0;
  uint32_t number = 0;
  uint64_t n = 0;
  api->stealing_queue_options_init(&options);
  options.contexts = 3;
  CHECK_OK(api->stealing_queue_create(&queue, &options));
  CHECK_PTR(api->stealing_queue_ref(queue), queue);
  CHECK_OK(api->stealing_queue_contexts(&number, queue));
  CHECK_EQ(number, 3);
  CHECK_OK(api->stealing_queue_submit(queue, LIBSCHED_LOW, ITEM(1)));
  CHECK_OK(api->stealing_queue_submit_local(queue, 2, LIBSCHED_LOW, ITEM(2)));
  CHECK_OK(api->stealing_queue_len(&n, queue, LIBSCHED_LOW));
  CHECK_EQ(n, 2);
  CHECK_OK(api->stealing_queue_next(&out, &number, queue, 2));
  CHECK_EQ(VALUE(out), 2);
  CHECK_EQ(number, LIBSCHED_LOW);
  api->stealing_queue_unref(queue);
  CHECK_EQ(check_live(LIBSCHED_KIND_STEALING_QUEUE), 1);
  api->stealing_queue_unref(queue);
  CHECK_EQ(check_live(LIBSCHED_KIND_STEALING_QUEUE), 0);
}

static void count_message(void *message, void *data) {
  CHECK(message != 0);
  ++*(int64_t *)data;
}

CASE(tour_of_queue) {
  const libsched_api *api = libsched_get_api(LIBSCHED_API_VERSION);
  libsched_queue_options options;
  libsched_queue *queue = 0;
  void *out[4];
  uint64_t n = 0;
  uint32_t state = 77;
  size_t taken = 0;
  int64_t count = 0;
  int fd = -1;
  int i;
  api->queue_options_init(&options);
  options.bound = 2;
  CHECK_OK(api->queue_create(&queue, &options));
  CHECK_PTR(api->queue_ref(queue), queue);
  CHECK_OK(api->queue_poll_fd(&fd, queue));
  CHECK_OK(api->queue_poll_arm(&state, queue));
  CHECK_EQ(state, LIBSCHED_QUEUE_ARMED);
  CHECK_OK(api->queue_try_push(queue, ITEM(1)));
  CHECK_OK(api->queue_push_bounded(queue, ITEM(2), 0, 0));
  CHECK_STATUS(api->queue_try_push(queue, ITEM(9)), LIBSCHED_E_FULL);
  CHECK_STATUS(api->queue_push_bounded(queue, ITEM(9), 0, 0), LIBSCHED_E_TIMEOUT);
  for (i = 3; i <= 8; ++i) CHECK_OK(api->queue_push(queue, ITEM(i)));
  CHECK_OK(api->queue_len(&n, queue));
  CHECK_EQ(n, 8);
  CHECK_STATUS(api->queue_byte_len(&n, queue), LIBSCHED_E_STATE);
  CHECK_OK(api->queue_pop(out, queue, 0, 0));
  CHECK_EQ(VALUE(out[0]), 1);
  CHECK_OK(api->queue_try_pop(out, queue));
  CHECK_EQ(VALUE(out[0]), 2);
  CHECK_OK(api->queue_pop_n(out, &taken, queue, 4, 0, 0));
  CHECK_EQ(taken, 4);
  CHECK_EQ(VALUE(out[3]), 6);
  CHECK_OK(api->queue_pop_all(&taken, queue, count_message, &count));
  CHECK_EQ(taken, 2);
  CHECK_EQ(count, 2);
  CHECK_OK(api->queue_close(queue));
  CHECK_STATUS(api->queue_try_pop(out, queue), LIBSCHED_E_CLOSED);
  api->queue_unref(queue);
  CHECK_EQ(check_live(LIBSCHED_KIND_QUEUE), 1);
  api->queue_unref(queue);
  CHECK_EQ(check_live(LIBSCHED_KIND_QUEUE), 0);
}

CASE(tour_of_queue_of_bytes_and_senders) {
  const libsched_api *api = libsched_get_api(LIBSCHED_API_VERSION);
  libsched_queue_options options;
  libsched_queue *queue = 0;
  libsched_queue *bytes = 0;
  libsched_sender *sender = 0;
  libsched_sender *byte_sender = 0;
  char buffer[8];
  uint64_t n = 0;
  size_t size = 0;
  size_t i;
  api->queue_options_init(&options);
  options.bound = 2;
  CHECK_OK(api->queue_create(&queue, &options));
  options.bound = 0;
  options.flags = LIBSCHED_QUEUE_BYTES;
  options.byte_bound = 10;
  CHECK_OK(api->queue_create(&bytes, &options));
  CHECK_OK(api->sender_create(&sender, queue));
  CHECK_OK(api->sender_create(&byte_sender, bytes));
  CHECK_PTR(api->sender_ref(sender), sender);
  CHECK_OK(api->sender_try_push(sender, ITEM(1)));
  CHECK_OK(api->sender_push_bounded(sender, ITEM(2), 0, 0));
  CHECK_STATUS(api->sender_try_push(sender, ITEM(9)), LIBSCHED_E_FULL);
  CHECK_STATUS(api->sender_push_bounded(sender, ITEM(9), 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_OK(api->sender_push(sender, ITEM(3)));
  CHECK_OK(api->queue_try_push_bytes(bytes, "a", 1));
  CHECK_OK(api->queue_push_bytes_bounded(bytes, "ab", 2, 0, 0));
  CHECK_OK(api->sender_try_push_bytes(byte_sender, "abc", 3));
  CHECK_OK(api->sender_push_bytes_bounded(byte_sender, "abcd", 4, 0, 0));
  CHECK_STATUS(api->queue_try_push_bytes(bytes, "a", 1), LIBSCHED_E_FULL);
  CHECK_STATUS(api->queue_push_bytes_bounded(bytes, "a", 1, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_STATUS(api->sender_try_push_bytes(byte_sender, "a", 1), LIBSCHED_E_FULL);
  CHECK_STATUS(api->sender_push_bytes_bounded(byte_sender, "a", 1, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_OK(api->queue_push_bytes(bytes, "abcde", 5));
  CHECK_OK(api->sender_push_bytes(byte_sender, "abcdef", 6));
  CHECK_OK(api->queue_byte_len(&n, bytes));
  CHECK_EQ(n, 21);
  for (i = 1; i <= 6; ++i) {
    CHECK_OK(i % 2 ? api->queue_pop_bytes(buffer, &size, bytes, 8, 0, 0)
                   : api->queue_try_pop_bytes(buffer, &size, bytes, 8));
    CHECK_EQ(size, i);
  }
  CHECK_STATUS(api->queue_pop_bytes(buffer, &size, bytes, 8, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_STATUS(api->queue_try_pop_bytes(buffer, &size, bytes, 8), LIBSCHED_E_EMPTY);
  api->sender_unref(byte_sender);
  api->sender_unref(sender);
  CHECK_OK(api->queue_push(queue, ITEM(4)));
  api->sender_unref(sender);
  CHECK_STATUS(api->queue_push(queue, ITEM(5)), LIBSCHED_E_CLOSED);
  CHECK_EQ(check_live(LIBSCHED_KIND_SENDER), 0);
  api->queue_unref(bytes);
  api->queue_unref(queue);
  CHECK_EQ(check_live(LIBSCHED_KIND_QUEUE), 0);
}

typedef struct look {
  libsched_pool *pool;
  uint32_t worker;
  int64_t ran;
} look;

/* A Low task that a High one comes to wait for: it should yield, and is not cancelled. */
static int look_at_task(libsched_task *task, void *data) {
  const libsched_api *api = libsched_get_api(LIBSCHED_API_VERSION);
  look *l = (look *)data;
  CHECK_OK(api->pool_submit(l->pool, LIBSCHED_HIGH, check_count_run, &l->ran, 0));
  CHECK_EQ(api->task_cancelled(task), 0);
  CHECK_EQ(api->should_yield(task), 1);
  l->worker = api->task_worker(task);
  return 0;
}

CASE(tour_of_pool_without_workers) {
  const libsched_api *api = libsched_get_api(LIBSCHED_API_VERSION);
  libsched_pool_options options;
  libsched_pool_stats stats;
  libsched_pool *pool = 0;
  check_job jobs[7];
  void *data[2];
  look l = {0, 99, 0};
  uint32_t worker = 99;
  size_t accepted = 0;
  int i;
  memset(jobs, 0, sizeof(jobs));
  api->pool_options_init(&options);
  options.workers = LIBSCHED_NO_WORKERS;
  options.capacity = 6;
  CHECK_OK(api->pool_create(&pool, &options, 0));
  CHECK_PTR(api->pool_ref(pool), pool);
  l.pool = pool;
  CHECK_OK(api->pool_submit(pool, LIBSCHED_LOW, look_at_task, &l, 0));
  CHECK_OK(api->pool_run_one(pool));
  CHECK_EQ(l.worker, 0);
  CHECK_OK(api->pool_run_one(pool));
  CHECK_EQ(l.ran, 1);
  CHECK_OK(api->pool_try_submit(pool, LIBSCHED_NORMAL, check_job_run, &jobs[0], check_job_discard));
  CHECK_OK(api->pool_submit_timed(pool, LIBSCHED_NORMAL, check_job_run, &jobs[1], check_job_discard,
                                  0, 0, 0));
  data[0] = &jobs[2];
  data[1] = &jobs[3];
  CHECK_OK(api->pool_submit_n(&accepted, pool, LIBSCHED_NORMAL, check_job_run, data, 2,
                              check_job_discard, 0, 0, 0));
  CHECK_EQ(accepted, 2);
  for (i = 4; i < 6; ++i) {
    CHECK_OK(api->pool_submit(pool, LIBSCHED_NORMAL, check_job_run, &jobs[i], check_job_discard));
  }
  /* At the capacity the two ways in differ. */
  CHECK_STATUS(
      api->pool_try_submit(pool, LIBSCHED_NORMAL, check_job_run, &jobs[6], check_job_discard),
      LIBSCHED_E_FULL);
  CHECK_STATUS(api->pool_submit_timed(pool, LIBSCHED_NORMAL, check_job_run, &jobs[6],
                                      check_job_discard, 0, 0, 0),
               LIBSCHED_E_TIMEOUT);
  CHECK_STATUS(api->pool_wait_idle(pool, 0, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_OK(api->pool_wait_idle(pool, LIBSCHED_FOREVER, 0, 0));
  for (i = 0; i < 6; ++i) CHECK_EQ(jobs[i].runs, 1);
  CHECK_OK(api->pool_max_workers(&worker, pool));
  CHECK_EQ(worker, 0);
  CHECK_STATUS(api->pool_current_worker(&worker, pool), LIBSCHED_E_NOT_WORKER);
  CHECK_OK(api->pool_try_submit(pool, LIBSCHED_LOW, check_job_run, &jobs[6], check_job_discard));
  CHECK_OK(api->pool_shutdown(pool, LIBSCHED_CANCEL, LIBSCHED_FOREVER, 0, 0));
  CHECK_EQ(jobs[6].discards, 1);
  api->pool_stats_init(&stats);
  CHECK_OK(api->pool_get_stats(&stats, pool));
  CHECK_EQ(stats.priority[LIBSCHED_HIGH].completed, 1);
  CHECK_EQ(stats.priority[LIBSCHED_NORMAL].completed, 6);
  CHECK_EQ(stats.priority[LIBSCHED_LOW].cancelled, 1);
  api->pool_unref(pool);
  CHECK_EQ(check_live(LIBSCHED_KIND_POOL), 1);
  api->pool_unref(pool);
  CHECK_EQ(check_live(LIBSCHED_KIND_POOL), 0);
}

CASES = {RUN(every_entry_is_there),
         RUN(table_is_static),
         RUN(other_versions_are_refused),
         RUN(tour_of_statuses_and_versions),
         RUN(tour_of_cancel),
         RUN(tour_of_deque_and_stealer),
         RUN(tour_of_injector),
         RUN(tour_of_stealing_queue),
         RUN(tour_of_queue),
         RUN(tour_of_queue_of_bytes_and_senders),
         RUN(tour_of_pool_without_workers),
         CASES_END};
