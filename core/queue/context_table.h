#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/queue/level.h"
#include "core/queue/starvation.h"
#include "core/queue/stealing_context.h"
#include "core/sync/std_sync.h"

namespace sched {

// What kinds of work a look everywhere has found.
enum class Ready : std::uint8_t { kNothing, kRunNext, kWork };

struct StealingCounts {
  std::uint64_t steals = 0;
  std::uint64_t retries = 0;
  std::uint64_t overflows = 0;
};

struct ContextTableOrders {
  // Seq_cst, so that of a thread that adds a context, has something pushed into it and then looks for sleepers, and a
  // sleeper that announces itself and then looks through all contexts, one sees the other. And who sees the number sees
  // the contexts.
  static constexpr std::memory_order kAdd = std::memory_order_seq_cst;   // pairs with kSize
  static constexpr std::memory_order kSize = std::memory_order_seq_cst;  // pairs with kAdd
};

// The contexts of a stealing queue, and what is asked of all of them together. More are added while others are at work;
// none goes before the table.
template <class Sync, std::size_t Words, std::size_t RingSlots,
          class Orders = typename Sync::template Traits<ContextTableOrders>>
class ContextTable {
 public:
  using Context = StealingContext<Sync, Words, RingSlots>;

  // Throws std::bad_alloc.
  ContextTable(std::uint32_t contexts, std::uint32_t max_contexts, StarvationBounds bounds,
               std::uint64_t seed)
      : contexts_(std::make_unique<std::unique_ptr<Context>[]>(max_contexts)),
        bounds_(bounds),
        seed_(seed) {
    while (size() < contexts) add();
  }

  // To be read once for a walk over all: it may grow meanwhile.
  std::uint32_t size() const { return size_.load(Orders::kSize); }

  Context& operator[](std::uint32_t index) { return *contexts_[index]; }
  const Context& operator[](std::uint32_t index) const { return *contexts_[index]; }

  // One caller at a time; there must be room. Throws std::bad_alloc, and then nothing has changed.
  std::uint32_t add() {
    const std::uint32_t index = size();
    contexts_[index] =
        std::make_unique<Context>(bounds_, seed_ + 0x9E3779B97F4A7C15u * (index + 1), index);
    size_.store(index + 1, Orders::kAdd);
    return index;
  }

  // Calls visit(context) for each.
  template <class Visit>
  void each(Visit visit) const {
    const std::uint32_t count = size();
    for (std::uint32_t i = 0; i < count; ++i) visit(*contexts_[i]);
  }

  std::uint64_t pushed(Level level) const {
    std::uint64_t sum = 0;
    each([&](const Context& context) { sum += Context::read(context.pushed[index_of(level)]); });
    return sum;
  }
  std::uint64_t given(Level level) const {
    std::uint64_t sum = 0;
    each([&](const Context& context) { sum += context.read_given(level); });
    return sum;
  }
  std::size_t waiting(Level level) const {
    std::size_t sum = 0;
    each([&](const Context& context) {
      sum += context.rings[index_of(level)].size();
      if (level == Level::kNormal) sum += context.run_next.size();
    });
    return sum;
  }
  StealingCounts counts() const {
    StealingCounts sum;
    each([&](const Context& context) {
      sum.steals += Context::read(context.steals);
      sum.retries += Context::read(context.retries);
      sum.overflows += Context::read(context.overflows);
    });
    return sum;
  }

  Ready look(Level level) const {
    const std::uint32_t count = size();
    Ready found = Ready::kNothing;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (!contexts_[i]->rings[index_of(level)].empty()) return Ready::kWork;
      if (level == Level::kNormal && !contexts_[i]->run_next.empty()) found = Ready::kRunNext;
    }
    return found;
  }

 private:
  typename Sync::template atomic<std::uint32_t> size_{0};
  const std::unique_ptr<std::unique_ptr<Context>[]> contexts_;
  const StarvationBounds bounds_;
  const std::uint64_t seed_;
};

}  // namespace sched
