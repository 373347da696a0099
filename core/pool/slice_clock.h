#pragma once

#include <cstdint>

#include "core/sys/clock.h"

namespace sched {

// The time that a call which runs several tasks has taken.
struct SliceClock {
  // About as long as other workers should have to wait for the tasks that it holds.
  static constexpr std::int64_t kEnoughNs = 50'000;

  const std::int64_t begun_ns = sys::now_ns();

  std::int64_t age_ns() const { return sys::now_ns() - begun_ns; }
  bool enough() const { return age_ns() > kEnoughNs; }
};

}  // namespace sched
