#pragma once

#include <algorithm>
#include <cstdint>

#include "core/queue/level.h"
#include "core/sync/std_sync.h"

namespace sched {

struct LevelCapsOrders {
  // A place that is given back, against a worker that found none and announces itself idle.
  static constexpr std::memory_order kCount =
      std::memory_order_seq_cst;  // pairs with Sleepers' announcement
};

// How many workers may run tasks of a level at a time. A worker takes a place at every capped level before it selects,
// and keeps the one of the level selected.
class LevelCaps {
  using Orders = StdSync::Traits<LevelCapsOrders>;

 public:
  explicit LevelCaps(const std::uint32_t (&caps)[kLevels]) {
    std::copy(std::begin(caps), std::end(caps), caps_);
    for (const Level level : kAllLevels) {
      if (caps_[index_of(level)] != 0) capped_ |= bit_of(level);
    }
  }

  LevelMask capped() const { return capped_; }

  // Of these levels, those at which the caller may run a task now. It holds a place at those that are capped.
  LevelMask take(LevelMask wanted = kEveryLevel) {
    LevelMask allowed = kEveryLevel & wanted & ~capped_;
    for (const Level level : kAllLevels) {
      if ((capped_ & wanted & bit_of(level)) != 0 && take_one(index_of(level))) {
        allowed |= bit_of(level);
      }
    }
    return allowed;
  }

  // The caller goes on with places that it has lent, whether there are any left or not.
  void take_again(LevelMask levels) {
    for (const Level level : kAllLevels) {
      if ((levels & capped_ & bit_of(level)) != 0) {
        active_[index_of(level)].fetch_add(1, Orders::kCount);
      }
    }
  }

  // Gives the places at these levels back.
  void give_back(LevelMask levels) {
    for (const Level level : kAllLevels) {
      if ((levels & capped_ & bit_of(level)) != 0) {
        active_[index_of(level)].fetch_sub(1, Orders::kCount);
      }
    }
  }

 private:
  bool take_one(int level) {
    std::uint32_t active = active_[level].load(Orders::kCount);
    while (active < caps_[level]) {
      if (active_[level].compare_exchange_weak(active, active + 1, Orders::kCount)) {
        return true;
      }
    }
    return false;
  }

  std::uint32_t caps_[kLevels] = {};
  LevelMask capped_ = 0;
  StdSync::atomic<std::uint32_t> active_[kLevels] = {};
};

}  // namespace sched
