/*
 * The binary interface of libsched 0.1, frozen: where each field of each public struct lies, and the value of each
 * constant. A line here is never changed; what a later release appends gets a file of its own.
 */
#include <libsched.h>
#include <stddef.h>

#define FIELD(type, field, offset, size)                                                \
  _Static_assert(offsetof(type, field) == (offset), #type "." #field " has moved");     \
  _Static_assert(sizeof(((type *)0)->field) == (size), #type "." #field " has another size")
#define SIZE(type, size) _Static_assert(sizeof(type) >= (size), #type " has become smaller")
#define CONSTANT(name, value) _Static_assert((name) == (value), #name " has another value")

CONSTANT(LIBSCHED_API_VERSION, 1);
CONSTANT(LIBSCHED_FOREVER, -1);
CONSTANT(LIBSCHED_MAX_WORKERS, 1024);
CONSTANT(LIBSCHED_NORMAL, 0);
CONSTANT(LIBSCHED_HIGH, 1);
CONSTANT(LIBSCHED_LOW, 2);
CONSTANT(LIBSCHED_PRIORITIES, 3);
CONSTANT(LIBSCHED_KIND_CANCEL, 1);
CONSTANT(LIBSCHED_KIND_DEQUE, 2);
CONSTANT(LIBSCHED_KIND_STEALER, 3);
CONSTANT(LIBSCHED_KIND_INJECTOR, 4);
CONSTANT(LIBSCHED_KIND_STEALING_QUEUE, 5);
CONSTANT(LIBSCHED_KIND_POOL, 6);
CONSTANT(LIBSCHED_FIFO, 0);
CONSTANT(LIBSCHED_LIFO, 1);
CONSTANT(LIBSCHED_MAX_BATCH, 32);
CONSTANT(LIBSCHED_NO_WORKERS, 4294967295);
CONSTANT(LIBSCHED_POOL_WORKER_FULL, 1);
CONSTANT(LIBSCHED_DRAIN, 0);
CONSTANT(LIBSCHED_CANCEL, 1);
CONSTANT(LIBSCHED_OK, 0);
CONSTANT(LIBSCHED_E_CLOSED, -10000);
CONSTANT(LIBSCHED_E_CANCELLED, -10001);
CONSTANT(LIBSCHED_E_TIMEOUT, -10002);
CONSTANT(LIBSCHED_E_FULL, -10003);
CONSTANT(LIBSCHED_E_EMPTY, -10004);
CONSTANT(LIBSCHED_E_RETRY, -10005);
CONSTANT(LIBSCHED_E_BUSY, -10010);
CONSTANT(LIBSCHED_E_DEADLOCK, -10011);
CONSTANT(LIBSCHED_E_NOT_WORKER, -10012);
CONSTANT(LIBSCHED_E_FORKED, -10013);
CONSTANT(LIBSCHED_E_NULL, -10020);
CONSTANT(LIBSCHED_E_HANDLE, -10021);
CONSTANT(LIBSCHED_E_RANGE, -10022);
CONSTANT(LIBSCHED_E_FLAGS, -10023);
CONSTANT(LIBSCHED_E_STRUCT_SHORT, -10024);
CONSTANT(LIBSCHED_E_STRUCT_LONG, -10025);
CONSTANT(LIBSCHED_E_EXCEPTION, -10030);
CONSTANT(LIBSCHED_E_UNWOUND, -10031);
CONSTANT(LIBSCHED_E_FAILED, -10032);
CONSTANT(LIBSCHED_E_INTERNAL, -10090);
CONSTANT(LIBSCHED_NO_BOUND, 4294967295);

SIZE(libsched_api, 600);
FIELD(libsched_api, struct_size, 0, 8);
FIELD(libsched_api, api_version, 8, 4);
FIELD(libsched_api, reserved, 12, 4);
FIELD(libsched_api, live_objects, 16, 8);
FIELD(libsched_api, usable_cpus, 24, 8);
FIELD(libsched_api, status_name, 32, 8);
FIELD(libsched_api, status_message, 40, 8);
FIELD(libsched_api, version, 48, 8);
FIELD(libsched_api, version_string, 56, 8);
FIELD(libsched_api, error_status, 64, 8);
FIELD(libsched_api, error_errno, 72, 8);
FIELD(libsched_api, error_offset, 80, 8);
FIELD(libsched_api, error_message, 88, 8);
FIELD(libsched_api, error_free, 96, 8);
FIELD(libsched_api, cancel_create, 104, 8);
FIELD(libsched_api, cancel_ref, 112, 8);
FIELD(libsched_api, cancel_unref, 120, 8);
FIELD(libsched_api, cancel_trigger, 128, 8);
FIELD(libsched_api, cancel_reset, 136, 8);
FIELD(libsched_api, cancel_is_triggered, 144, 8);
FIELD(libsched_api, deque_options_init, 152, 8);
FIELD(libsched_api, deque_create, 160, 8);
FIELD(libsched_api, deque_ref, 168, 8);
FIELD(libsched_api, deque_unref, 176, 8);
FIELD(libsched_api, deque_push, 184, 8);
FIELD(libsched_api, deque_pop, 192, 8);
FIELD(libsched_api, deque_shrink, 200, 8);
FIELD(libsched_api, deque_len, 208, 8);
FIELD(libsched_api, stealer_create, 216, 8);
FIELD(libsched_api, stealer_ref, 224, 8);
FIELD(libsched_api, stealer_unref, 232, 8);
FIELD(libsched_api, stealer_steal, 240, 8);
FIELD(libsched_api, stealer_steal_batch, 248, 8);
FIELD(libsched_api, stealer_steal_batch_and_pop, 256, 8);
FIELD(libsched_api, stealer_len, 264, 8);
FIELD(libsched_api, injector_options_init, 272, 8);
FIELD(libsched_api, injector_create, 280, 8);
FIELD(libsched_api, injector_ref, 288, 8);
FIELD(libsched_api, injector_unref, 296, 8);
FIELD(libsched_api, injector_push, 304, 8);
FIELD(libsched_api, injector_push_n, 312, 8);
FIELD(libsched_api, injector_steal, 320, 8);
FIELD(libsched_api, injector_steal_batch, 328, 8);
FIELD(libsched_api, injector_steal_batch_and_pop, 336, 8);
FIELD(libsched_api, injector_len, 344, 8);
FIELD(libsched_api, stealing_queue_options_init, 352, 8);
FIELD(libsched_api, stealing_queue_create, 360, 8);
FIELD(libsched_api, stealing_queue_ref, 368, 8);
FIELD(libsched_api, stealing_queue_unref, 376, 8);
FIELD(libsched_api, stealing_queue_contexts, 384, 8);
FIELD(libsched_api, stealing_queue_submit, 392, 8);
FIELD(libsched_api, stealing_queue_submit_local, 400, 8);
FIELD(libsched_api, stealing_queue_next, 408, 8);
FIELD(libsched_api, stealing_queue_len, 416, 8);
FIELD(libsched_api, pool_options_init, 424, 8);
FIELD(libsched_api, pool_stats_init, 432, 8);
FIELD(libsched_api, pool_create, 440, 8);
FIELD(libsched_api, pool_ref, 448, 8);
FIELD(libsched_api, pool_unref, 456, 8);
FIELD(libsched_api, pool_submit, 464, 8);
FIELD(libsched_api, pool_try_submit, 472, 8);
FIELD(libsched_api, pool_submit_timed, 480, 8);
FIELD(libsched_api, pool_submit_n, 488, 8);
FIELD(libsched_api, pool_wait_idle, 496, 8);
FIELD(libsched_api, pool_shutdown, 504, 8);
FIELD(libsched_api, pool_run_one, 512, 8);
FIELD(libsched_api, pool_get_stats, 520, 8);
FIELD(libsched_api, pool_max_workers, 528, 8);
FIELD(libsched_api, pool_current_worker, 536, 8);
FIELD(libsched_api, task_worker, 544, 8);
FIELD(libsched_api, task_cancelled, 552, 8);
FIELD(libsched_api, should_yield, 560, 8);
FIELD(libsched_api, fork, 568, 8);
FIELD(libsched_api, join, 576, 8);
FIELD(libsched_api, parallel_for, 584, 8);
FIELD(libsched_api, parallel_for_each_chunk, 592, 8);

SIZE(libsched_deque_options, 32);
FIELD(libsched_deque_options, struct_size, 0, 8);
FIELD(libsched_deque_options, flavor, 8, 4);
FIELD(libsched_deque_options, flags, 12, 4);
FIELD(libsched_deque_options, max_capacity, 16, 8);
FIELD(libsched_deque_options, discard, 24, 8);

SIZE(libsched_injector_options, 24);
FIELD(libsched_injector_options, struct_size, 0, 8);
FIELD(libsched_injector_options, flags, 8, 8);
FIELD(libsched_injector_options, discard, 16, 8);

SIZE(libsched_pool_options, 112);
FIELD(libsched_pool_options, struct_size, 0, 8);
FIELD(libsched_pool_options, workers, 8, 4);
FIELD(libsched_pool_options, flags, 12, 4);
FIELD(libsched_pool_options, capacity, 16, 8);
FIELD(libsched_pool_options, normal_bound, 24, 4);
FIELD(libsched_pool_options, low_bound, 28, 4);
FIELD(libsched_pool_options, normal_cap, 32, 4);
FIELD(libsched_pool_options, high_cap, 36, 4);
FIELD(libsched_pool_options, low_cap, 40, 4);
FIELD(libsched_pool_options, affinity_count, 44, 4);
FIELD(libsched_pool_options, affinity, 48, 8);
FIELD(libsched_pool_options, stack_size, 56, 8);
FIELD(libsched_pool_options, seed, 64, 8);
FIELD(libsched_pool_options, name, 72, 8);
FIELD(libsched_pool_options, on_start, 80, 8);
FIELD(libsched_pool_options, on_stop, 88, 8);
FIELD(libsched_pool_options, on_failure, 96, 8);
FIELD(libsched_pool_options, hook_data, 104, 8);

SIZE(libsched_frame, 48);
FIELD(libsched_frame, code, 0, 4);
FIELD(libsched_frame, reserved0, 4, 4);
FIELD(libsched_frame, reserved, 8, 40);

SIZE(libsched_priority_stats, 64);
FIELD(libsched_priority_stats, submitted, 0, 8);
FIELD(libsched_priority_stats, started, 8, 8);
FIELD(libsched_priority_stats, completed, 16, 8);
FIELD(libsched_priority_stats, failed, 24, 8);
FIELD(libsched_priority_stats, cancelled, 32, 8);
FIELD(libsched_priority_stats, queued, 40, 8);
FIELD(libsched_priority_stats, active, 48, 8);
FIELD(libsched_priority_stats, oldest_wait_ns, 56, 8);

SIZE(libsched_pool_stats, 256);
FIELD(libsched_pool_stats, struct_size, 0, 8);
FIELD(libsched_pool_stats, workers, 8, 4);
FIELD(libsched_pool_stats, parked, 12, 4);
FIELD(libsched_pool_stats, priority, 16, 192);
FIELD(libsched_pool_stats, steals, 208, 8);
FIELD(libsched_pool_stats, retries, 216, 8);
FIELD(libsched_pool_stats, parks, 224, 8);
FIELD(libsched_pool_stats, wakes, 232, 8);
FIELD(libsched_pool_stats, overflows, 240, 8);
FIELD(libsched_pool_stats, exceeded, 248, 8);

SIZE(libsched_stealing_queue_options, 40);
FIELD(libsched_stealing_queue_options, struct_size, 0, 8);
FIELD(libsched_stealing_queue_options, contexts, 8, 4);
FIELD(libsched_stealing_queue_options, flags, 12, 4);
FIELD(libsched_stealing_queue_options, normal_bound, 16, 4);
FIELD(libsched_stealing_queue_options, low_bound, 20, 4);
FIELD(libsched_stealing_queue_options, seed, 24, 8);
FIELD(libsched_stealing_queue_options, discard, 32, 8);
