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
  // True for exactly one caller, after which the object is its own to destroy.
  bool drop(std::uint32_t fewer = 1) { return count_.fetch_sub(fewer, Orders::kDrop) == fewer; }

 private:
  typename Sync::template atomic<std::uint32_t> count_{1};
};

}  // namespace sched
