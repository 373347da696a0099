#pragma once

#include <algorithm>
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

  // How many more selections of the level may follow the last one before one of the lower levels in `waiting` must be
  // served; kNoBound if there is none. Whatever begins to wait meanwhile, no level of these is served late.
  std::uint32_t credit(Level level, LevelMask waiting) const {
    const bool low_waits = level != Level::kLow && (waiting & bit_of(Level::kLow)) != 0;
    if (level != Level::kHigh) return low_waits ? low_.left() : kNoBound;
    const bool normal_waits = (waiting & bit_of(Level::kNormal)) != 0;
    if (normal_waits && low_waits) return before_both(normal_.left(), low_.left());
    if (normal_waits) return before_other(normal_.left(), low_.bound);
    return low_waits ? before_other(low_.left(), normal_.bound) : kNoBound;
  }

  // Whether work of the level (Normal or Low) waited at the last selection.
  bool waits(Level level) const { return count_of(level).passed != 0; }

  // Selections of higher work, while work of the level waited.
  void passed_over(Level level, std::uint32_t selections = 1) { count_of(level).pass(selections); }

  // The level was served, or nothing waits there.
  void reset(Level level) { count_of(level).passed = 0; }

 private:
  struct Count {
    std::uint32_t bound;
    std::uint32_t passed = 0;

    bool due() const { return due_after(0); }
    bool due_after(std::uint32_t more) const { return bound != kNoBound && passed + more >= bound; }
    std::uint32_t left() const { return bound == kNoBound ? kNoBound : bound - passed; }
    void pass(std::uint32_t selections) { passed += std::min(selections, bound - passed); }
  };

  // Two levels that wait. Both can not be served at once, so one goes early if they would be due together.
  static std::uint32_t before_both(std::uint32_t one, std::uint32_t other) {
    return one == other ? one_less(one) : std::min(one, other);
  }
  // One that waits, and one that may begin to at once, and then be due after `bound` selections.
  static std::uint32_t before_other(std::uint32_t one, std::uint32_t bound) {
    return one >= bound ? one_less(one) : one;
  }
  static std::uint32_t one_less(std::uint32_t left) {
    return left == 0 || left == kNoBound ? left : left - 1;
  }

  Count& count_of(Level level) { return level == Level::kNormal ? normal_ : low_; }
  const Count& count_of(Level level) const { return level == Level::kNormal ? normal_ : low_; }

  Count normal_;
  Count low_;
};

}  // namespace sched
