#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace model {

using ThreadId = int;
inline constexpr int kMaxThreads = 6;

// An event: the index-th of its thread, from 1.
struct Stamp {
  ThreadId thread = 0;
  std::uint32_t index = 0;
};

// How many events of each thread happen before a point: happens-before as a vector clock.
struct Clock {
  std::array<std::uint32_t, kMaxThreads> at{};

  void join(const Clock& other) {
    for (std::size_t i = 0; i < at.size(); ++i) at[i] = std::max(at[i], other.at[i]);
  }
  bool covers(Stamp event) const {
    return at[static_cast<std::size_t>(event.thread)] >= event.index;
  }
  std::uint32_t of(ThreadId thread) const { return at[static_cast<std::size_t>(thread)]; }
};

}  // namespace model
