#pragma once

#include <cstdint>

#include "core/sync/std_sync.h"

namespace sched {

struct LevelHintOrders {
  // A push publishes and then looks at the hint; a lowering marks the hint and then looks for items. Seq_cst on both
  // sides, so that one of them sees the other.
  static constexpr std::memory_order kAll = std::memory_order_seq_cst;  // pairs with itself
  static constexpr std::memory_order kGuess =
      std::memory_order_relaxed;  // read again before it matters
};

// Whether a level may hold items: not raised means that no item waits whose push has finished. So "is there High work
// anywhere" is one load of a line that seldom changes.
//
// Lowering takes two steps, so that the hint is never down while an item waits: mark it, look everywhere, and take it
// down if the mark still stands. A push removes the mark; the count in the upper bits tells one mark from another.
template <class Sync, class Orders = typename Sync::template Traits<LevelHintOrders>>
class LevelHint {
 public:
  bool raised() const { return (word_.load(Orders::kAll) & kRaised) != 0; }

  // After a push.
  void raise() {
    std::uint64_t word = word_.load(Orders::kAll);
    while ((word & (kRaised | kMarked)) != kRaised) {
      if (word_.compare_exchange_weak(word, (word | kRaised) & ~kMarked, Orders::kAll)) return;
    }
  }

  // After a search that found nothing; look() says whether there is something after all.
  template <class Look>
  void lower(Look look) {
    std::uint64_t word = word_.load(Orders::kGuess);
    if ((word & (kRaised | kMarked)) != kRaised) return;  // down, or somebody else is about to
    const std::uint64_t marked = (word | kMarked) + kOneMark;
    if (!word_.compare_exchange_strong(word, marked, Orders::kAll)) return;
    std::uint64_t expected = marked;
    word_.compare_exchange_strong(expected, marked & ~(look() ? kMarked : kMarked | kRaised),
                                  Orders::kAll);
  }

 private:
  static constexpr std::uint64_t kRaised = 1;
  static constexpr std::uint64_t kMarked = 2;
  static constexpr std::uint64_t kOneMark = 4;

  typename Sync::template atomic<std::uint64_t> word_{0};
};

}  // namespace sched
