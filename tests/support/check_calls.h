/**
 * Every function that takes a handle, called once: with handles that are no good each must return the same status,
 * leave its results alone and take nothing over. A new function of the API is added here and to api.c.
 */
#ifndef CHECK_CALLS_H
#define CHECK_CALLS_H

#include "check_pool.h"

typedef struct check_handles {
  libsched_cancel *cancel;
  libsched_deque *deque;
  libsched_stealer *stealer;
  libsched_injector *injector;
  libsched_stealing_queue *queue;
  libsched_pool *pool;
} check_handles;

CHECK_HELPER int check_never_run(libsched_task *task, void *data) {
  (void)task;
  (void)data;
  check_fail(__FILE__, __LINE__, "a task of a call that failed was run");
  return 0;
}

CHECK_HELPER void check_never_discard(void *data) {
  (void)data;
  check_fail(__FILE__, __LINE__, "user_data of a call that failed was discarded");
}

/** One of each object, with a few elements in the containers and a worker that has run. */
CHECK_HELPER check_handles check_handles_new(libsched_discard_fn discard) {
  check_handles h;
  libsched_deque_options deque = LIBSCHED_DEQUE_OPTIONS_INIT;
  libsched_injector_options injector = LIBSCHED_INJECTOR_OPTIONS_INIT;
  libsched_stealing_queue_options queue = LIBSCHED_STEALING_QUEUE_OPTIONS_INIT;
  int64_t count = 0;
  deque.discard = discard;
  injector.discard = discard;
  queue.discard = discard;
  queue.contexts = 2;
  CHECK_OK(libsched_cancel_create(&h.cancel));
  CHECK_OK(libsched_deque_create(&h.deque, &deque));
  CHECK_OK(libsched_stealer_create(&h.stealer, h.deque));
  CHECK_OK(libsched_injector_create(&h.injector, &injector));
  CHECK_OK(libsched_stealing_queue_create(&h.queue, &queue));
  h.pool = check_pool_new(1, 0);
  CHECK_OK(libsched_deque_push(h.deque, ITEM(1)));
  CHECK_OK(libsched_injector_push(h.injector, ITEM(1)));
  CHECK_OK(libsched_stealing_queue_submit(h.queue, LIBSCHED_NORMAL, ITEM(1)));
  CHECK_OK(libsched_pool_submit(h.pool, LIBSCHED_NORMAL, check_count_run, &count, 0));
  check_pool_idle(h.pool);
  CHECK_EQ(count, 1);
  return h;
}

CHECK_HELPER void check_handles_unref(check_handles h) {
  libsched_cancel_unref(h.cancel);
  libsched_stealer_unref(h.stealer);
  libsched_deque_unref(h.deque);
  libsched_injector_unref(h.injector);
  libsched_stealing_queue_unref(h.queue);
  libsched_pool_unref(h.pool);
}

CHECK_HELPER void check_calls_cancel(libsched_cancel *cancel, int want) {
  CHECK_STATUS(libsched_cancel_trigger(cancel), want);
  CHECK_STATUS(libsched_cancel_reset(cancel), want);
  CHECK_EQ(libsched_cancel_is_triggered(cancel), 0);
}

CHECK_HELPER void check_calls_deque(libsched_deque *deque, int want) {
  void *out = UNTOUCHED;
  uint64_t length = 77;
  libsched_stealer *stealer = (libsched_stealer *)UNTOUCHED;
  CHECK_STATUS(libsched_deque_push(deque, ITEM(2)), want);
  CHECK_STATUS(libsched_deque_pop(&out, deque), want);
  CHECK_STATUS(libsched_deque_shrink(deque), want);
  CHECK_STATUS(libsched_deque_len(&length, deque), want);
  CHECK_STATUS(libsched_stealer_create(&stealer, deque), want);
  CHECK_PTR(stealer, 0);
  CHECK_PTR(out, UNTOUCHED);
}

/** Source or destination may be the bad one; the other one is good. */
CHECK_HELPER void check_calls_stealer(libsched_stealer *stealer, libsched_deque *into, int want) {
  void *out = UNTOUCHED;
  CHECK_STATUS(libsched_stealer_steal_batch(stealer, into, 0), want);
  CHECK_STATUS(libsched_stealer_steal_batch_and_pop(&out, stealer, into, 0), want);
  CHECK_PTR(out, UNTOUCHED);
}

CHECK_HELPER void check_calls_stealer_alone(libsched_stealer *stealer, int want) {
  void *out = UNTOUCHED;
  uint64_t length = 77;
  CHECK_STATUS(libsched_stealer_steal(&out, stealer), want);
  CHECK_STATUS(libsched_stealer_len(&length, stealer), want);
  CHECK_PTR(out, UNTOUCHED);
}

CHECK_HELPER void check_calls_injector(libsched_injector *injector, libsched_deque *into,
                                       int want) {
  void *out = UNTOUCHED;
  CHECK_STATUS(libsched_injector_steal_batch(injector, into, 0), want);
  CHECK_STATUS(libsched_injector_steal_batch_and_pop(&out, injector, into, 0), want);
  CHECK_PTR(out, UNTOUCHED);
}

CHECK_HELPER void check_calls_injector_alone(libsched_injector *injector, int want) {
  void *out = UNTOUCHED;
  void *items[2] = {0, 0};
  size_t accepted = 77;
  uint64_t length = 77;
  CHECK_STATUS(libsched_injector_push(injector, ITEM(2)), want);
  CHECK_STATUS(libsched_injector_push_n(&accepted, injector, items, 2), want);
  CHECK(accepted == 77 || accepted == 0);
  CHECK_STATUS(libsched_injector_steal(&out, injector), want);
  CHECK_STATUS(libsched_injector_len(&length, injector), want);
  CHECK_PTR(out, UNTOUCHED);
}

CHECK_HELPER void check_calls_queue(libsched_stealing_queue *queue, int want) {
  void *out = UNTOUCHED;
  uint32_t number = 77;
  uint64_t length = 77;
  CHECK_STATUS(libsched_stealing_queue_contexts(&number, queue), want);
  CHECK_STATUS(libsched_stealing_queue_submit(queue, LIBSCHED_NORMAL, ITEM(2)), want);
  CHECK_STATUS(libsched_stealing_queue_submit_local(queue, 0, LIBSCHED_NORMAL, ITEM(2)), want);
  CHECK_STATUS(libsched_stealing_queue_next(&out, &number, queue, 0), want);
  CHECK_STATUS(libsched_stealing_queue_len(&length, queue, LIBSCHED_NORMAL), want);
  CHECK_PTR(out, UNTOUCHED);
}

/** The error that a failed call left, which must tell of this status, and its end. */
CHECK_HELPER void check_error_is(const char *file, int line, libsched_error *error, int want) {
  check_status(file, line, "the error's status", libsched_error_status(error), want);
  if (libsched_error_message(error)[0] == 0) check_fail(file, line, "an error has a message");
  libsched_error_free(error);
}

#define CHECK_ERROR(error, want) check_error_is(__FILE__, __LINE__, (error), (want))

CHECK_HELPER void check_calls_pool_waits(libsched_pool *pool, libsched_cancel *cancel, int want) {
  void *data[2] = {0, 0};
  size_t accepted = 77;
  libsched_error *error = 0;
  CHECK_STATUS(libsched_pool_submit_timed(pool, LIBSCHED_NORMAL, check_never_run, data,
                                          check_never_discard, LIBSCHED_FOREVER, cancel, &error),
               want);
  CHECK_ERROR(error, want);
  CHECK_STATUS(libsched_pool_submit_n(&accepted, pool, LIBSCHED_NORMAL, check_never_run, data, 2,
                                      check_never_discard, LIBSCHED_FOREVER, cancel, &error),
               want);
  CHECK(accepted == 77 || accepted == 0);
  CHECK_ERROR(error, want);
  CHECK_STATUS(libsched_pool_wait_idle(pool, LIBSCHED_FOREVER, cancel, &error), want);
  CHECK_ERROR(error, want);
  CHECK_STATUS(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, cancel, &error),
               want);
  CHECK_ERROR(error, want);
}

CHECK_HELPER void check_calls_pool(libsched_pool *pool, int want) {
  uint32_t number = 77;
  libsched_pool_stats stats = LIBSCHED_POOL_STATS_INIT;
  CHECK_STATUS(
      libsched_pool_submit(pool, LIBSCHED_NORMAL, check_never_run, &number, check_never_discard),
      want);
  CHECK_STATUS(libsched_pool_try_submit(pool, LIBSCHED_NORMAL, check_never_run, &number,
                                        check_never_discard),
               want);
  check_calls_pool_waits(pool, 0, want);
  CHECK_STATUS(libsched_pool_shutdown(pool, LIBSCHED_CANCEL, 0, 0, 0), want);
  CHECK_STATUS(libsched_pool_run_one(pool), want);
  CHECK_STATUS(libsched_pool_get_stats(&stats, pool), want);
  CHECK_STATUS(libsched_pool_max_workers(&number, pool), want);
  CHECK_STATUS(libsched_pool_current_worker(&number, pool), want);
}

/** Every call, with every handle bad in the same way. */
CHECK_HELPER void check_calls_all(check_handles bad, int want) {
  check_calls_cancel(bad.cancel, want);
  check_calls_deque(bad.deque, want);
  check_calls_stealer(bad.stealer, bad.deque, want);
  check_calls_stealer_alone(bad.stealer, want);
  check_calls_injector(bad.injector, bad.deque, want);
  check_calls_injector_alone(bad.injector, want);
  check_calls_queue(bad.queue, want);
  check_calls_pool(bad.pool, want);
}

#endif
