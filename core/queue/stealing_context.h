#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/cache_line.h"
#include "core/base/random.h"
#include "core/queue/level.h"
#include "core/queue/ring.h"
#include "core/queue/starvation.h"
#include "core/sync/std_sync.h"

namespace sched {

struct StealingContextOrders {
  // An item is counted before it is published. So a count happens before all that was done to the item, and a reader
  // that has learned of that reads no smaller one.
  static constexpr std::memory_order kCount = std::memory_order_relaxed;  // published by the ring
  // An item that is given away is in two counts, its own and the injector's, and is subtracted after the second. Who
  // sees it subtracted sees it counted twice.
  static constexpr std::memory_order kGive = std::memory_order_release;   // pairs with kGiven
  static constexpr std::memory_order kGiven = std::memory_order_acquire;  // pairs with kGive
};

// What a stealing queue keeps for one of its contexts: local queues that other contexts steal from, and the state of the
// context's own selections.
template <class Sync, std::size_t Words, std::size_t RingSlots,
          class Orders = typename Sync::template Traits<StealingContextOrders>>
struct alignas(kCacheLine) StealingContext {
  StealingContext(StarvationBounds bounds, std::uint64_t seed, std::uint32_t number)
      : starvation(bounds), random(seed), index(number) {}

  using Counter = typename Sync::template atomic<std::uint64_t>;
  template <class T>
  using Plain = typename Sync::template Plain<T>;

  // Counters have one writer, the context's thread.
  static void bump(Counter& counter) {
    counter.store(counter.load(Orders::kCount) + 1, Orders::kCount);
  }
  static std::uint64_t read(const Counter& counter) { return counter.load(Orders::kCount); }

  // An item of the context's rings is in an injector, which has counted it again.
  void gave(Level level) {
    Counter& counter = given[index_of(level)];
    counter.store(counter.load(Orders::kCount) + 1, Orders::kGive);
  }
  std::uint64_t read_given(Level level) const {
    return given[index_of(level)].load(Orders::kGiven);
  }

  Ring<Sync, Words, RingSlots> rings[kLevels];
  Ring<Sync, Words, 1> run_next;  // the Normal item this context submitted last
  Counter pushed[kLevels] = {};
  Counter given[kLevels] = {};
  Counter steals{0};
  Counter retries{0};
  Counter overflows{0};
  // Used by the context's thread only.
  Starvation starvation;
  Random random;
  const std::uint32_t index;
  Plain<bool> kept{false};
  Plain<std::uint32_t> tick{0};
  Plain<std::uint32_t> run_next_streak{0};
  Plain<std::uint32_t> rotation{0};
  Plain<std::uint32_t> met_context{0};  // whose run-next slot was met fresh,
  Plain<std::uint64_t> met_item{0};     // and which item of it; 0 = none
};

}  // namespace sched
