#pragma once

#include <atomic>
#include <cstdint>

#include "core/sync/std_sync.h"

namespace sched {

struct UndecidedOrders {
  // A running task looks now and then, and decides nothing by it.
  static constexpr std::memory_order kLook = std::memory_order_relaxed;
  static constexpr std::memory_order kSee = std::memory_order_acquire;  // pairs with kDecide
  static constexpr std::memory_order kBegin = std::memory_order_relaxed;
  // Who clears sees what the tasks did that were faster, and a task that was cancelled what the clearer did before.
  static constexpr std::memory_order kDecide = std::memory_order_acq_rel;  // pairs with itself
};

// How each running task of a channel ends: finalized or cancelled, decided once, whatever happens at the same time. One word
// holds how many are undecided and how often the channel was cleared.
class Undecided {
  using Orders = StdSync::Traits<UndecidedOrders>;

 public:
  using Generation = std::uint32_t;

  // One more. Not at the same time as clear().
  Generation begin() { return static_cast<Generation>(word_.fetch_add(1, Orders::kBegin) >> 32); }

  // By a task that began in that generation, once. True: it is not cancelled, and never will be.
  bool decide(Generation generation) {
    std::uint64_t word = word_.load(Orders::kSee);
    do {
      if (static_cast<Generation>(word >> 32) != generation) return false;
    } while (!word_.compare_exchange_weak(word, word - 1, Orders::kDecide, Orders::kSee));
    return true;
  }

  bool cancelled(Generation generation) const {
    return static_cast<Generation>(word_.load(Orders::kLook) >> 32) != generation;
  }

  // Cancels all that are undecided; returns how many.
  std::uint32_t clear() {
    std::uint64_t word = word_.load(Orders::kLook);
    std::uint64_t next = 0;
    do {
      next = ((word >> 32) + 1) << 32;
    } while (!word_.compare_exchange_weak(word, next, Orders::kDecide, Orders::kLook));
    return static_cast<std::uint32_t>(word);
  }

 private:
  StdSync::atomic<std::uint64_t> word_{0};
};

}  // namespace sched
