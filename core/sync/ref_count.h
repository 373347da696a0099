#pragma once

#include <cstdint>

#include "core/sync/std_sync.h"

namespace sched {

struct RefCountOrders {
  static constexpr std::memory_order kAdd =
      std::memory_order_relaxed;  // the caller's own reference keeps it alive
  // The last drop sees everything the others did before theirs.
  static constexpr std::memory_order kDrop = std::memory_order_acq_rel;  // pairs with itself
};

// How many hold an object; born with one.
template <class Sync = StdSync, class Orders = typename Sync::template Traits<RefCountOrders>>
class RefCount {
 public:
  void add(std::uint32_t more = 1) { count_.fetch_add(more, Orders::kAdd); }
  // False: the last one has dropped it.
  bool add_unless_gone() {
    std::uint32_t count = count_.load(Orders::kAdd);
    while (count != 0 && !count_.compare_exchange_weak(count, count + 1, Orders::kAdd)) {
    }
    return count != 0;
  }
  // True for exactly one caller, after which the object is its own to destroy.
  bool drop(std::uint32_t fewer = 1) { return count_.fetch_sub(fewer, Orders::kDrop) == fewer; }

 private:
  typename Sync::template atomic<std::uint32_t> count_{1};
};

}  // namespace sched
