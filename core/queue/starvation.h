#pragma once

#include <cstdint>

#include "core/queue/level.h"

namespace sched {

// As a bound: never forced.
inline constexpr std::uint32_t kNoBound = UINT32_MAX;

struct StarvationBounds {
  std::uint32_t normal = 8;  // most selections in a row that pass over waiting Normal work
  std::uint32_t low = 64;    // the same for Low; at least 2
};

// Counts, for one worker, the selections that pass over Normal and Low, and says when one of them must be served. A
// selection counts whether or not lower work was seen to wait: to know that would cost a look everywhere each time, and
// counting too much is on the safe side of the bound.
class Starvation {
 public:
  explicit Starvation(StarvationBounds bounds) : bounds_(bounds) {}

  // The level that must be looked at before all others, if any. Low is due one selection early: if Normal is due at
  // the same time Normal goes first, and Low, due next, still keeps its bound.
  bool due(LevelMask allowed, Level& level) const {
    if (passed_normal_ >= bounds_.normal && (allowed & bit_of(Level::kNormal)) != 0) {
      level = Level::kNormal;
      return true;
    }
    if (bounds_.low != kNoBound && passed_low_ + 1 >= bounds_.low &&
        (allowed & bit_of(Level::kLow)) != 0) {
      level = Level::kLow;
      return true;
    }
    return false;
  }

  void selected(Level level) {
    if (level == Level::kNormal) {
      passed_normal_ = 0;
    } else if (bounds_.normal != kNoBound && passed_normal_ < bounds_.normal) {
      ++passed_normal_;
    }
    if (level == Level::kLow) {
      passed_low_ = 0;
    } else if (bounds_.low != kNoBound && passed_low_ < bounds_.low) {
      ++passed_low_;
    }
  }

  // The level was looked at everywhere, and nothing waits there.
  void none_waits(Level level) {
    if (level == Level::kNormal) passed_normal_ = 0;
    if (level == Level::kLow) passed_low_ = 0;
  }

 private:
  StarvationBounds bounds_;
  std::uint32_t passed_normal_ = 0;
  std::uint32_t passed_low_ = 0;
};

}  // namespace sched
