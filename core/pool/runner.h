#pragma once

#include <cstdint>

#include "core/pool/counters.h"

namespace sched {

class Worker;

// Who runs tasks: a worker, or a thread that is none, in a pool without workers or after their end.
struct Runner {
  Worker* worker;  // nullptr: none
  std::uint32_t index;
  Counters& counters;
  // Whether the counters have several writers.
  bool shared() const { return worker == nullptr; }
};

}  // namespace sched
