#pragma once

#include <cstdint>

#include "core/base/cache_line.h"
#include "core/queue/level.h"
#include "core/sync/std_sync.h"

namespace sched {

struct CounterOrders {
  static constexpr std::memory_order kOwn =
      std::memory_order_relaxed;  // the single writer's own read
  // A reader that sees a task counted as ended sees all that the task did, and all that it submitted.
  static constexpr std::memory_order kCount = std::memory_order_release;  // pairs with kRead
  static constexpr std::memory_order kRead = std::memory_order_acquire;   // pairs with kCount
};

// A count with one writer, or with several if it is `shared`, which is dearer.
class Counter {
  using Orders = StdSync::Traits<CounterOrders>;

 public:
  void add(bool shared, std::uint64_t count = 1) {
    if (shared) {
      value_.fetch_add(count, Orders::kCount);
    } else {
      value_.store(value_.load(Orders::kOwn) + count, Orders::kCount);
    }
  }
  std::uint64_t get() const { return value_.load(Orders::kRead); }

 private:
  StdSync::atomic<std::uint64_t> value_{0};
};

// What one worker has done, on lines of its own: nothing is shared per task.
struct alignas(kCacheLine) Counters {
  struct PerLevel {
    Counter started;
    Counter completed;
    Counter failed;
    Counter cancelled;
    // Of groups: tasks that were added, tickets that went into the pool's queues, and tickets that were used up.
    Counter grouped;
    Counter tickets;
    Counter tickets_ended;
  };
  PerLevel level[kLevels];
  Counter parks;
  Counter wakes;
};

}  // namespace sched
