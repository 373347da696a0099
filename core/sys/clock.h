#pragma once

#include <cstdint>

#include "core/sys/calls.h"

namespace sched::sys {

inline std::int64_t now_ns() {
  timespec now{};
  calls.clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// A few milliseconds late, and several times cheaper than now_ns.
inline std::int64_t coarse_now_ns() {
  timespec now{};
  calls.clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// The end of a wait: a timeout counted from the moment of construction.
class Deadline {
 public:
  // timeout_ns: 0 = already over, negative = never.
  explicit Deadline(std::int64_t timeout_ns) : timeout_ns_(timeout_ns) {
    if (timeout_ns <= 0) return;
    const std::int64_t now = now_ns();
    end_ns_ = timeout_ns > INT64_MAX - now ? INT64_MAX : now + timeout_ns;
  }

  bool over() const { return timeout_ns_ >= 0 && remaining_ns() == 0; }

  // In the same terms as the constructor's argument.
  std::int64_t remaining_ns() const {
    if (timeout_ns_ <= 0) return timeout_ns_;
    const std::int64_t left = end_ns_ - now_ns();
    return left > 0 ? left : 0;
  }

 private:
  std::int64_t timeout_ns_;
  std::int64_t end_ns_ = 0;
};

}  // namespace sched::sys
