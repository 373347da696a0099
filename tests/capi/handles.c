/* NULL and handles of the wrong kind: every call says so, takes nothing, and changes nothing. */
#include "check_calls.h"

static check_handles none(void) {
  check_handles h;
  memset(&h, 0, sizeof(h));
  return h;
}

static check_handles same(void *pointer) {
  check_handles h;
  h.cancel = (libsched_cancel *)pointer;
  h.deque = (libsched_deque *)pointer;
  h.stealer = (libsched_stealer *)pointer;
  h.injector = (libsched_injector *)pointer;
  h.queue = (libsched_stealing_queue *)pointer;
  h.pool = (libsched_pool *)pointer;
  return h;
}

/* The objects are as check_handles_new made them. */
static void check_untouched(check_handles h) {
  uint64_t n = 0;
  CHECK_EQ(libsched_cancel_is_triggered(h.cancel), 0);
  CHECK_OK(libsched_deque_len(&n, h.deque));
  CHECK_EQ(n, 1);
  CHECK_OK(libsched_injector_len(&n, h.injector));
  CHECK_EQ(n, 1);
  CHECK_OK(libsched_stealing_queue_len(&n, h.queue, LIBSCHED_NORMAL));
  CHECK_EQ(n, 1);
  CHECK_EQ(check_priority_stats(h.pool, LIBSCHED_NORMAL).submitted, 1);
}

CASE(null_handles) { check_calls_all(none(), LIBSCHED_E_NULL); }

CASE(null_handles_beside_good_ones) {
  check_handles h = check_handles_new(0);
  check_calls_stealer(0, h.deque, LIBSCHED_E_NULL);
  check_calls_stealer(h.stealer, 0, LIBSCHED_E_NULL);
  check_calls_injector(0, h.deque, LIBSCHED_E_NULL);
  check_calls_injector(h.injector, 0, LIBSCHED_E_NULL);
  check_untouched(h);
  check_handles_unref(h);
}

CASE(null_results) {
  check_handles h = check_handles_new(0);
  void *items[1] = {0};
  CHECK_STATUS(libsched_cancel_create(0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_deque_create(0, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_deque_pop(0, h.deque), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_deque_len(0, h.deque), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_stealer_create(0, h.deque), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_stealer_steal(0, h.stealer), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_stealer_steal_batch_and_pop(0, h.stealer, h.deque, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_stealer_len(0, h.stealer), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_injector_create(0, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_injector_push_n(0, h.injector, items, 1), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_injector_steal(0, h.injector), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_injector_steal_batch_and_pop(0, h.injector, h.deque, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_injector_len(0, h.injector), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_stealing_queue_create(0, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_stealing_queue_contexts(0, h.queue), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_stealing_queue_next(0, 0, h.queue, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_stealing_queue_len(0, h.queue, LIBSCHED_NORMAL), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_pool_create(0, 0, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_pool_get_stats(0, h.pool), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_pool_max_workers(0, h.pool), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_pool_current_worker(0, h.pool), LIBSCHED_E_NULL);
  check_untouched(h);
  check_handles_unref(h);
}

CASE(null_functions_and_arrays) {
  check_handles h = check_handles_new(0);
  size_t accepted = 0;
  void *data[1] = {0};
  CHECK_STATUS(libsched_pool_submit(h.pool, LIBSCHED_NORMAL, 0, 0, check_never_discard),
               LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_pool_try_submit(h.pool, LIBSCHED_NORMAL, 0, 0, check_never_discard),
               LIBSCHED_E_NULL);
  CHECK_STATUS(
      libsched_pool_submit_timed(h.pool, LIBSCHED_NORMAL, 0, 0, check_never_discard, 0, 0, 0),
      LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_pool_submit_n(&accepted, h.pool, LIBSCHED_NORMAL, 0, data, 1,
                                      check_never_discard, 0, 0, 0),
               LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_pool_submit_n(&accepted, h.pool, LIBSCHED_NORMAL, check_never_run, 0, 1,
                                      check_never_discard, 0, 0, 0),
               LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_pool_submit_n(0, h.pool, LIBSCHED_NORMAL, check_never_run, data, 1,
                                      check_never_discard, 0, 0, 0),
               LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_injector_push_n(&accepted, h.injector, 0, 1), LIBSCHED_E_NULL);
  check_untouched(h);
  check_handles_unref(h);
}

CASE(null_is_fine_for_ref_and_unref) {
  CHECK_PTR(libsched_cancel_ref(0), 0);
  CHECK_PTR(libsched_deque_ref(0), 0);
  CHECK_PTR(libsched_stealer_ref(0), 0);
  CHECK_PTR(libsched_injector_ref(0), 0);
  CHECK_PTR(libsched_stealing_queue_ref(0), 0);
  CHECK_PTR(libsched_pool_ref(0), 0);
  check_handles_unref(none());
}

/* Each of the six kinds, wherever another one belongs. */
CASE(handles_of_another_kind) {
  check_handles h = check_handles_new(0);
  check_handles bad;
  bad = same(h.cancel);
  bad.cancel = (libsched_cancel *)(void *)h.pool;
  check_calls_all(bad, LIBSCHED_E_HANDLE);
  bad = same(h.deque);
  bad.deque = (libsched_deque *)(void *)h.stealer;
  check_calls_all(bad, LIBSCHED_E_HANDLE);
  bad = same(h.stealer);
  bad.stealer = (libsched_stealer *)(void *)h.deque;
  check_calls_all(bad, LIBSCHED_E_HANDLE);
  bad = same(h.injector);
  bad.injector = (libsched_injector *)(void *)h.queue;
  check_calls_all(bad, LIBSCHED_E_HANDLE);
  bad = same(h.queue);
  bad.queue = (libsched_stealing_queue *)(void *)h.injector;
  check_calls_all(bad, LIBSCHED_E_HANDLE);
  bad = same(h.pool);
  bad.pool = (libsched_pool *)(void *)h.cancel;
  check_calls_all(bad, LIBSCHED_E_HANDLE);
  check_untouched(h);
  check_handles_unref(h);
}

CASE(handles_of_another_kind_beside_good_ones) {
  check_handles h = check_handles_new(0);
  libsched_pool *pool = check_pool_new(1, 1);
  check_calls_stealer((libsched_stealer *)(void *)h.injector, h.deque, LIBSCHED_E_HANDLE);
  check_calls_stealer(h.stealer, (libsched_deque *)(void *)h.stealer, LIBSCHED_E_HANDLE);
  check_calls_injector((libsched_injector *)(void *)h.stealer, h.deque, LIBSCHED_E_HANDLE);
  check_calls_injector(h.injector, (libsched_deque *)(void *)h.stealer, LIBSCHED_E_HANDLE);
  /* A cancel switch that is none: the shutdown among these calls must not have closed the intake. */
  check_calls_pool_waits(pool, (libsched_cancel *)(void *)h.deque, LIBSCHED_E_HANDLE);
  {
    int64_t ran = 0;
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, check_count_run, &ran, 0));
    check_pool_end(pool, LIBSCHED_DRAIN);
    CHECK_EQ(ran, 1);
  }
  check_untouched(h);
  check_handles_unref(h);
}

CASE(memory_that_is_no_handle) {
  static uint64_t memory[1024];
  check_calls_all(same(memory), LIBSCHED_E_HANDLE);
  memset(memory, 0xff, sizeof(memory));
  check_calls_all(same(memory), LIBSCHED_E_HANDLE);
}

/* A reference keeps an object usable after the creator has let go; the last unref ends it. */
CASE(references_keep_objects_alive) {
  check_handles h = check_handles_new(0);
  CHECK_PTR(libsched_cancel_ref(h.cancel), h.cancel);
  CHECK_PTR(libsched_deque_ref(h.deque), h.deque);
  CHECK_PTR(libsched_stealer_ref(h.stealer), h.stealer);
  CHECK_PTR(libsched_injector_ref(h.injector), h.injector);
  CHECK_PTR(libsched_stealing_queue_ref(h.queue), h.queue);
  CHECK_PTR(libsched_pool_ref(h.pool), h.pool);
  check_handles_unref(h);
  check_untouched(h);
  CHECK_OK(libsched_pool_shutdown(h.pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, 0, 0));
  check_handles_unref(h);
  {
    uint32_t kind;
    for (kind = LIBSCHED_KIND_CANCEL; kind <= LIBSCHED_KIND_CHANNEL; ++kind)
      CHECK_EQ(check_live(kind), 0);
  }
}

CASES = {RUN(null_handles),
         RUN(null_handles_beside_good_ones),
         RUN(null_results),
         RUN(null_functions_and_arrays),
         RUN(null_is_fine_for_ref_and_unref),
         RUN(handles_of_another_kind),
         RUN(handles_of_another_kind_beside_good_ones),
         RUN(memory_that_is_no_handle),
         RUN(references_keep_objects_alive),
         CASES_END};
