#pragma once

#include "core/pool/group.h"
#include "handle.h"

struct libsched_group : sched::capi::Handle {
  explicit libsched_group(sched::Group* group) : Handle(LIBSCHED_KIND_GROUP), body(group) {}
  sched::Group* const body;
};

namespace sched::capi {

// LIBSCHED_OK for no group, too.
inline Status check_optional(const libsched_group* group) {
  return group == nullptr ? LIBSCHED_OK : Handle::check(group, LIBSCHED_KIND_GROUP);
}

}  // namespace sched::capi
