#pragma once

#include <cstdint>

#include "core/base/cache_line.h"
#include "core/sync/std_sync.h"

namespace sched {

struct SlotsOrders {
  // Who gives a slot up sees who has retired before it, and can recall them.
  static constexpr std::memory_order kLeave = std::memory_order_acquire;   // pairs with kRetire
  static constexpr std::memory_order kRetire = std::memory_order_release;  // pairs with kLeave
  static constexpr std::memory_order kCount = std::memory_order_relaxed;   // orders nothing else
};

// How many workers count as working, of as many as the pool was made for. Who blocks gives its slot up, and another one may
// stand in; who goes on takes one again, whatever their number, and then the next that ends its task is one too many.
template <class Sync = StdSync, class Orders = typename Sync::template Traits<SlotsOrders>>
class Slots {
 public:
  // `most` counts the spare workers too.
  explicit Slots(std::uint32_t count, std::uint32_t most = UINT32_MAX)
      : count_(count), spares_(most > count) {}

  void take() { taken_.fetch_add(1, Orders::kCount); }
  // Returns how many are still taken.
  std::uint32_t leave() { return taken_.fetch_sub(1, Orders::kLeave) - 1; }
  // Whether that is fewer than there should be.
  bool too_few(std::uint32_t taken) const { return taken < count_; }

  bool none() const { return taken_.load(Orders::kCount) == 0; }
  bool too_many() const { return spares_ && taken_.load(Orders::kCount) > count_; }
  // Gives one up if too many are taken. The caller must have been announced as retired.
  bool retire() {
    std::uint32_t taken = taken_.load(Orders::kCount);
    while (taken > count_) {
      if (taken_.compare_exchange_weak(taken, taken - 1, Orders::kRetire, Orders::kCount)) {
        return true;
      }
    }
    return false;
  }

 private:
  const std::uint32_t count_;
  const bool spares_;
  alignas(kCacheLine) typename Sync::template atomic<std::uint32_t> taken_{0};
};

}  // namespace sched
