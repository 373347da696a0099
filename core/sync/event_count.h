#pragma once

#include <climits>
#include <cstdint>

#include "core/sync/std_sync.h"

namespace sched {

struct EventCountOrders {
  // The announcement of a waiter and the notifier's look for one: a store-buffering pair with the condition, so both
  // sides are seq_cst, and so must be the operation that makes the condition true.
  static constexpr std::memory_order kAnnounce = std::memory_order_seq_cst;  // pairs with kLook
  static constexpr std::memory_order kLook = std::memory_order_seq_cst;      // pairs with kAnnounce
  // A waiter that reads the new epoch sees the condition that was set before it, by whichever notifier: each bump is a
  // read-modify-write and so carries on what the ones before it released.
  static constexpr std::memory_order kBump = std::memory_order_release;   // pairs with kEpoch
  static constexpr std::memory_order kEpoch = std::memory_order_acquire;  // pairs with kBump
  // Nobody learns anything from a waiter that has gone. As a read-modify-write it leaves standing what the operations
  // before it released.
  static constexpr std::memory_order kLeave = std::memory_order_relaxed;
  // A read-modify-write on both sides: whichever is second sees what the other wrote before.
  static constexpr std::memory_order kLookAfterWrites =
      std::memory_order_acq_rel;  // pairs with kAnnounce
};

// Eventcount: lets threads sleep until a condition that somebody else makes true, without a lock around the condition.
// A waiter calls prepare(), checks the condition, and then either cancel()s or wait()s. After Vyukov's eventcount and
// folly's EventCount.
template <class Sync = StdSync, class Orders = typename Sync::template Traits<EventCountOrders>>
class EventCount {
 public:
  using Key = std::uint32_t;

  Key prepare() {
    waiters_.fetch_add(1, Orders::kAnnounce);
    return epoch_.load(Orders::kEpoch);
  }

  void cancel() { waiters_.fetch_sub(1, Orders::kLeave); }

  // Returns after a notification that came since prepare(), after timeout_ns (negative: never), or early.
  void wait(Key key, std::int64_t timeout_ns) {
    Sync::wait(epoch_, key, timeout_ns);
    waiters_.fetch_sub(1, Orders::kLeave);
  }

  // The condition must have been made true by a seq_cst operation.
  void notify_one() { notify(1); }
  void notify_all() { notify(INT_MAX); }

  // Whether somebody waits, for a condition made of plain release writes: dearer than the look inside notify.
  bool has_waiters() { return waiters_.fetch_add(0, Orders::kLookAfterWrites) != 0; }

 private:
  void notify(int count) {
    if (waiters_.load(Orders::kLook) == 0) return;
    epoch_.fetch_add(1, Orders::kBump);
    Sync::wake(epoch_, count);
  }

  typename Sync::template atomic<std::uint32_t> epoch_{0};
  typename Sync::template atomic<std::uint32_t> waiters_{0};
};

}  // namespace sched
