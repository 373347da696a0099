#pragma once

#include <cstddef>
#include <cstdint>

namespace sched {

enum class StealStatus : std::uint8_t {
  kSuccess,
  kEmpty,
  kRetry,    // lost a race, so somebody else made progress: try again
  kPending,  // the oldest push is under way: its producer tells when it is finished
  kFull,     // no room at the destination
  kNoMemory,
};

enum class PushStatus : std::uint8_t { kOk, kFull, kClosed, kNoMemory };

// The most items that one batch moves, as in crossbeam-deque.
inline constexpr std::size_t kMaxBatch = 32;

// Half of what is there, rounded up.
inline std::size_t half(std::int64_t length) {
  return length > 0 ? (static_cast<std::size_t>(length) + 1) / 2 : 0;
}

}  // namespace sched
