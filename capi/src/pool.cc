#include "pool.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "cancel.h"
#include "guard.h"
#include "handle.h"

using sched::Level;
using sched::Pool;
using sched::PoolOptions;
using sched::Status;
using sched::capi::body_of;
using sched::capi::check_both;
using sched::capi::check_cancel;
using sched::capi::ErrorOut;
using sched::capi::Handle;
using sched::capi::read_priority;

namespace {

Status read_pool_options(const libsched_pool_options& given, PoolOptions& out,
                         sched::Error* error) {
  if ((given.flags & ~LIBSCHED_POOL_WORKER_FULL) != 0) {
    return sched::fail(error, LIBSCHED_E_FLAGS, "flags is 0x%x; only 0x%x is defined", given.flags,
                       LIBSCHED_POOL_WORKER_FULL);
  }
  if (given.reserved != 0) {
    return sched::fail(error, LIBSCHED_E_FLAGS, "reserved is 0x%x; it must be 0", given.reserved);
  }
  if (given.affinity == nullptr && given.affinity_count != 0) {
    return sched::fail(error, LIBSCHED_E_NULL, "affinity is NULL, but affinity_count is %u",
                       given.affinity_count);
  }
  if (given.workers == 0) {
    out.workers = sched::default_workers();
  } else {
    out.workers = given.workers == LIBSCHED_NO_WORKERS ? 0 : given.workers;
  }
  if (given.max_spare == 0) {
    out.max_spare = sched::kDefaultSpare;
  } else {
    out.max_spare = given.max_spare == LIBSCHED_NO_SPARE ? 0 : given.max_spare;
  }
  out.capacity = given.capacity;
  out.worker_may_exceed = (given.flags & LIBSCHED_POOL_WORKER_FULL) == 0;
  if (given.normal_bound != 0) out.bounds.normal = given.normal_bound;
  if (given.low_bound != 0) out.bounds.low = given.low_bound;
  out.caps[index_of(Level::kHigh)] = given.high_cap;
  out.caps[index_of(Level::kNormal)] = given.normal_cap;
  out.caps[index_of(Level::kLow)] = given.low_cap;
  out.stack_size = given.stack_size;
  out.seed = given.seed;
  if (given.affinity_count != 0) {
    out.affinity.assign(given.affinity, given.affinity + given.affinity_count);
  }
  if (given.name != nullptr) out.name = given.name;
  out.on_start = given.on_start;
  out.on_stop = given.on_stop;
  out.on_failure = given.on_failure;
  out.hook_data = given.hook_data;
  return out.check(error);
}

void copy_stats(const Pool::Stats& from, libsched_pool_stats& to) {
  to.workers = from.workers;
  to.parked = from.parked;
  for (const Level level : sched::kAllLevels) {
    const Pool::LevelStats& counts = from.level[index_of(level)];
    libsched_priority_stats& out = to.priority[sched::capi::priority_of(level)];
    out.submitted = counts.submitted;
    out.started = counts.started;
    out.completed = counts.completed;
    out.failed = counts.failed;
    out.cancelled = counts.cancelled;
    out.queued = counts.queued;
    out.active = counts.active;
    out.oldest_wait_ns = counts.oldest_wait_ns;
  }
  to.steals = from.queue.steals;
  to.retries = from.queue.retries;
  to.parks = from.parks;
  to.wakes = from.wakes;
  to.overflows = from.queue.overflows;
  to.exceeded = from.exceeded;
}

Status submit(libsched_pool* pool, uint32_t priority, libsched_task_fn fn, void* user_data,
              libsched_discard_fn discard, const Pool::Waiting& waiting, sched::Error* error) {
  if (fn == nullptr) return LIBSCHED_E_NULL;
  if (const Status status = Handle::check(pool, LIBSCHED_KIND_POOL)) return status;
  Level level = Level::kNormal;
  if (const Status status = read_priority(priority, level, error)) return status;
  return pool->body->submit(level, fn, user_data, discard, waiting, error);
}

}  // namespace

extern "C" {

void libsched_pool_options_init(libsched_pool_options* options) {
  sched::capi::init_options(options);
}

void libsched_pool_stats_init(libsched_pool_stats* stats) { sched::capi::init_options(stats); }

int libsched_pool_create(libsched_pool** out, const libsched_pool_options* options,
                         libsched_error** error) {
  ErrorOut details(error);
  if (out == nullptr) return details.done(LIBSCHED_E_NULL);
  *out = nullptr;
  libsched_pool_options wanted;
  if (const Status status = sched::capi::read_options(options, wanted, details.sink())) {
    return details.done(status);
  }
  return details.done(sched::capi::guarded([&] {
    PoolOptions own;
    if (const Status status = read_pool_options(wanted, own, details.sink())) return status;
    auto* pool = new Pool(std::move(own));
    *out = new (std::nothrow) libsched_pool(pool);
    if (*out != nullptr) return LIBSCHED_OK;
    pool->abandon();
    return -ENOMEM;
  }));
}

libsched_pool* libsched_pool_ref(libsched_pool* pool) {
  Handle::add(pool, LIBSCHED_KIND_POOL);
  return pool;
}

void libsched_pool_unref(libsched_pool* pool) {
  if (!Handle::drop(pool, LIBSCHED_KIND_POOL)) return;
  Pool* body = pool->body;
  delete pool;
  body->abandon();
}

int libsched_pool_submit(libsched_pool* pool, uint32_t priority, libsched_task_fn fn,
                         void* user_data, libsched_discard_fn discard) {
  return submit(pool, priority, fn, user_data, discard, Pool::Waiting{}, nullptr);
}

int libsched_pool_try_submit(libsched_pool* pool, uint32_t priority, libsched_task_fn fn,
                             void* user_data, libsched_discard_fn discard) {
  Pool::Waiting waiting;
  waiting.mode = Pool::Waiting::Mode::kTry;
  return submit(pool, priority, fn, user_data, discard, waiting, nullptr);
}

int libsched_pool_submit_timed(libsched_pool* pool, uint32_t priority, libsched_task_fn fn,
                               void* user_data, libsched_discard_fn discard, int64_t timeout_ns,
                               libsched_cancel* cancel, libsched_error** error) {
  ErrorOut details(error);
  if (const Status status = check_cancel(cancel)) return details.done(status);
  const Pool::Waiting waiting = sched::capi::waiting_of(timeout_ns, cancel);
  return details.done(submit(pool, priority, fn, user_data, discard, waiting, details.sink()));
}

int libsched_pool_submit_n(size_t* accepted, libsched_pool* pool, uint32_t priority,
                           libsched_task_fn fn, void* const* user_data, size_t n,
                           libsched_discard_fn discard, int64_t timeout_ns, libsched_cancel* cancel,
                           libsched_error** error) {
  ErrorOut details(error);
  if (accepted == nullptr) return details.done(LIBSCHED_E_NULL);
  *accepted = 0;
  if (fn == nullptr || (user_data == nullptr && n != 0)) return details.done(LIBSCHED_E_NULL);
  if (const Status status = check_both(pool, cancel)) return details.done(status);
  Level level = Level::kNormal;
  if (const Status status = read_priority(priority, level, details.sink())) {
    return details.done(status);
  }
  if (n == 0) return LIBSCHED_OK;
  const Pool::Waiting waiting = sched::capi::waiting_of(timeout_ns, cancel);
  return details.done(
      pool->body->submit_n(level, fn, user_data, n, discard, waiting, *accepted, details.sink()));
}

int libsched_pool_wait_idle(libsched_pool* pool, int64_t timeout_ns, libsched_cancel* cancel,
                            libsched_error** error) {
  ErrorOut details(error);
  if (const Status status = check_both(pool, cancel)) return details.done(status);
  return details.done(pool->body->wait_idle(timeout_ns, body_of(cancel), details.sink()));
}

int libsched_pool_shutdown(libsched_pool* pool, uint32_t mode, int64_t timeout_ns,
                           libsched_cancel* cancel, libsched_error** error) {
  ErrorOut details(error);
  if (const Status status = check_both(pool, cancel)) return details.done(status);
  if (const Status status = sched::capi::check_mode(mode, details.sink())) {
    return details.done(status);
  }
  return details.done(
      pool->body->shutdown(mode == LIBSCHED_CANCEL, timeout_ns, body_of(cancel), details.sink()));
}

int libsched_pool_run_one(libsched_pool* pool) {
  const Status status = Handle::check(pool, LIBSCHED_KIND_POOL);
  return status != LIBSCHED_OK ? status : pool->body->run_one();
}

int libsched_pool_get_stats(libsched_pool_stats* out, libsched_pool* pool) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  if (const Status status = Handle::check(pool, LIBSCHED_KIND_POOL)) return status;
  if (const Status status = sched::capi::begin_output(out)) return status;
  Pool::Stats stats;
  pool->body->stats(stats);
  copy_stats(stats, *out);
  return LIBSCHED_OK;
}

int libsched_pool_max_workers(uint32_t* out, libsched_pool* pool) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  const Status status = Handle::check(pool, LIBSCHED_KIND_POOL);
  if (status == LIBSCHED_OK) *out = pool->body->max_workers();
  return status;
}

int libsched_pool_current_worker(uint32_t* out, libsched_pool* pool) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  const Status status = Handle::check(pool, LIBSCHED_KIND_POOL);
  return status != LIBSCHED_OK ? status : pool->body->current_worker(*out);
}

uint32_t libsched_task_worker(const libsched_task* task) {
  return task != nullptr ? task->worker : 0;
}

int libsched_task_cancelled(const libsched_task* task) {
  return task != nullptr && sched::cancelled(*task);
}

int libsched_should_yield(const libsched_task* task) {
  return task != nullptr && sched::should_yield(*task);
}

}  // extern "C"
