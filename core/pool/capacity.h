#pragma once

#include <cstdint>

#include "core/pool/blocking.h"
#include "core/sync/std_sync.h"

namespace sched {

struct CapacityOrders {
  // The count is the condition of an eventcount.
  static constexpr std::memory_order kCount =
      std::memory_order_seq_cst;  // pairs with EventCount's look
};

// How many tasks may wait to start, and the submitters that wait for one of them to do so. Without a limit nothing is
// counted.
class Capacity {
  using Orders = StdSync::Traits<CapacityOrders>;

 public:
  explicit Capacity(std::uint64_t limit) : limit_(limit) {}

  bool limited() const { return limit_ != 0; }

  // Takes room for up to `wanted` tasks; returns for how many.
  std::size_t take(std::size_t wanted) {
    std::uint64_t used = used_.load(Orders::kCount);
    while (used < limit_) {
      const std::uint64_t count = limit_ - used < wanted ? limit_ - used : wanted;
      if (used_.compare_exchange_weak(used, used + count, Orders::kCount)) {
        return static_cast<std::size_t>(count);
      }
    }
    return 0;
  }

  // Takes room that may not be there. True: it was not.
  bool take_anyway() { return used_.fetch_add(1, Orders::kCount) >= limit_; }

  void give_back(std::size_t count) {
    if (!limited()) return;
    used_.fetch_sub(count, Orders::kCount);
    count == 1 ? room_.notify_one() : room_.notify_all();
  }

  // Waits for room; `closed` ends the wait as well, with LIBSCHED_E_CLOSED.
  template <class Closed>
  Status wait(std::size_t wanted, std::size_t& taken, const sys::Deadline& deadline,
              CancelSwitch* cancel, Closed closed) {
    taken = 0;
    // A waiter that leaves empty-handed keeps no notification that another one needs: it has looked for room after it
    // was woken, and whoever took that room gives it back with a notification of its own.
    const Status status = wait_blocking(room_, deadline, cancel, [&] {
      if (closed()) return true;
      taken = take(wanted);
      return taken != 0;
    });
    if (status == LIBSCHED_OK && taken == 0) return LIBSCHED_E_CLOSED;
    return status;
  }

  void wake_all() { room_.notify_all(); }

 private:
  const std::uint64_t limit_;
  StdSync::atomic<std::uint64_t> used_{0};
  EventCount<StdSync> room_;
};

}  // namespace sched
