#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/cache_line.h"
#include "core/base/random.h"
#include "core/queue/level.h"
#include "core/queue/ring.h"
#include "core/queue/starvation.h"

namespace sched {

// What a stealing queue keeps for one of its contexts: local queues that other contexts steal from, and the state of the
// context's own selections.
template <class Sync, std::size_t Words, std::size_t RingSlots>
struct alignas(kCacheLine) StealingContext {
  StealingContext(StarvationBounds bounds, std::uint64_t seed, std::uint32_t number)
      : starvation(bounds), random(seed), index(number) {}

  using Counter = typename Sync::template atomic<std::uint64_t>;
  template <class T>
  using Plain = typename Sync::template Plain<T>;

  Ring<Sync, Words, RingSlots> rings[kLevels];
  Ring<Sync, Words, 1> run_next;  // the Normal item this context submitted last
  Counter pushed[kLevels] = {};
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
