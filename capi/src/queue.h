#pragma once

#include "core/pool/blocking.h"
#include "core/queue/shared_message_queue.h"
#include "handle.h"

namespace sched::capi {

using Queue = SharedMessageQueue<Blocking>;

}  // namespace sched::capi

struct libsched_queue : sched::capi::Handle {
  static constexpr uint32_t kKind = LIBSCHED_KIND_QUEUE;
  explicit libsched_queue(sched::capi::Queue* queue) : Handle(kKind), body(queue) {}
  sched::capi::Queue* const body;
};

namespace sched::capi {

// LIBSCHED_OK for a queue whose messages are of that form, else LIBSCHED_E_STATE, or what is wrong with the handle.
inline Status check_queue(const libsched_queue* queue, bool bytes) {
  if (const Status status = Handle::check(queue, libsched_queue::kKind)) return status;
  return queue->body->holds_bytes() == bytes ? LIBSCHED_OK : LIBSCHED_E_STATE;
}

}  // namespace sched::capi
