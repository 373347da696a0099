#pragma once

#include "core/queue/shared.h"
#include "handle.h"

struct libsched_deque : sched::capi::Handle {
  explicit libsched_deque(sched::SharedDeque* deque) : Handle(LIBSCHED_KIND_DEQUE), body(deque) {}
  sched::SharedDeque* const body;  // holds one of its references
};

namespace sched::capi {

// A batch limit of the API: 0 is the most there is.
inline std::size_t read_limit(std::uint32_t limit, std::size_t most) {
  return limit == 0 || limit > most ? most : limit;
}

}  // namespace sched::capi
