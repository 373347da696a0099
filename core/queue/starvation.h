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

// Counts, for one worker, the selections in a row that passed over waiting Normal and Low work, and says when one of
// them must be served.
class Starvation {
 public:
  explicit Starvation(StarvationBounds bounds) : normal_{bounds.normal}, low_{bounds.low} {}

  // The level that must be served before all others, if any. Work may not wait there after all.
  bool due(LevelMask allowed, Level& level) const {
    const bool normal_allowed = (allowed & bit_of(Level::kNormal)) != 0;
    const bool low_allowed = (allowed & bit_of(Level::kLow)) != 0;
    // Both can not be served at once: when both might be due at the next selection one goes early, Normal if it can.
    const bool both_next = low_allowed && normal_.due_after(1) && low_.due_after(1);
    if (normal_allowed && (normal_.due() || (both_next && !low_.due()))) {
      level = Level::kNormal;
      return true;
    }
    if (low_allowed && (low_.due() || both_next)) {
      level = Level::kLow;
      return true;
    }
    return false;
  }

  // Whether work of the level (Normal or Low) waited at the last selection.
  bool waits(Level level) const { return count_of(level).passed != 0; }

  // A selection of higher work, while work of the level waited.
  void passed_over(Level level) { count_of(level).pass(); }

  // The level was served, or nothing waits there.
  void reset(Level level) { count_of(level).passed = 0; }

 private:
  struct Count {
    std::uint32_t bound;
    std::uint32_t passed = 0;

    bool due() const { return due_after(0); }
    bool due_after(std::uint32_t more) const { return bound != kNoBound && passed + more >= bound; }
    void pass() {
      if (passed < bound) ++passed;
    }
  };

  Count& count_of(Level level) { return level == Level::kNormal ? normal_ : low_; }
  const Count& count_of(Level level) const { return level == Level::kNormal ? normal_ : low_; }

  Count normal_;
  Count low_;
};

}  // namespace sched
