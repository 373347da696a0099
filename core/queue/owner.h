#pragma once

#include "core/sync/std_sync.h"

namespace sched {

struct OwnerOrders {
  // What one owner did is seen by the next, whichever thread that is.
  static constexpr std::memory_order kEnter = std::memory_order_acquire;  // pairs with kLeave
  static constexpr std::memory_order kLeave = std::memory_order_release;  // pairs with kEnter
};

// Notices when two threads use an owner's side at the same time. A user that finds it taken must do nothing.
class OwnerFlag {
  using Orders = StdSync::Traits<OwnerOrders>;

 public:
  class Hold {
   public:
    explicit Hold(OwnerFlag& flag)
        : flag_(flag), held_(!flag.busy_.exchange(true, Orders::kEnter)) {}
    ~Hold() {
      if (held_) flag_.busy_.store(false, Orders::kLeave);
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    explicit operator bool() const { return held_; }

   private:
    OwnerFlag& flag_;
    const bool held_;
  };

 private:
  StdSync::atomic<bool> busy_{false};
};

}  // namespace sched
