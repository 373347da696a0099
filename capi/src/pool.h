#pragma once

#include "cancel.h"
#include "core/pool/pool.h"
#include "handle.h"

struct libsched_pool : sched::capi::Handle {
  explicit libsched_pool(sched::Pool* pool) : Handle(LIBSCHED_KIND_POOL), body(pool) {}
  sched::Pool* const body;
};

namespace sched::capi {

// How a call with these two arguments waits.
inline Pool::Waiting waiting_of(std::int64_t timeout_ns, libsched_cancel* cancel) {
  Pool::Waiting waiting;
  waiting.timeout_ns = timeout_ns;
  waiting.cancel = body_of(cancel);
  return waiting;
}

// Both the handle and the optional switch of a call that may block.
inline Status check_both(const libsched_pool* pool, const libsched_cancel* cancel) {
  const Status status = Handle::check(pool, LIBSCHED_KIND_POOL);
  return status != LIBSCHED_OK ? status : check_cancel(cancel);
}

}  // namespace sched::capi
