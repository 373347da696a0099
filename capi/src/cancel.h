#pragma once

#include "core/sync/cancel.h"
#include "handle.h"

struct libsched_cancel : sched::capi::Handle {
  libsched_cancel() : Handle(LIBSCHED_KIND_CANCEL) {}
  sched::CancelSwitch body;
};

namespace sched::capi {

// An optional cancel argument: NULL is fine, anything else must be a live switch.
inline Status check_cancel(const libsched_cancel* cancel) {
  return cancel == nullptr ? LIBSCHED_OK : Handle::check(cancel, LIBSCHED_KIND_CANCEL);
}

inline CancelSwitch* body_of(libsched_cancel* cancel) {
  return cancel != nullptr ? &cancel->body : nullptr;
}

}  // namespace sched::capi
