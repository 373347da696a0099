#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/base/cache_line.h"
#include "core/queue/injector.h"
#include "core/queue/level.h"
#include "core/queue/level_hint.h"
#include "core/queue/starvation.h"
#include "core/queue/steal.h"
#include "core/queue/stealing_context.h"
#include "core/sync/std_sync.h"

namespace sched {

struct StealingQueueOrders {
  // An item is counted before it is published. So a count happens before all that was done to the item, and a reader
  // that has learned of that reads no smaller one.
  static constexpr std::memory_order kCount = std::memory_order_relaxed;  // published by the ring
};

struct StealingQueueSizes {
  static constexpr std::size_t kRingSlots = 256;
  // Selections of which one looks outside first. Go's figure: prime, and rare enough to cost nothing.
  static constexpr std::uint32_t kOutsideFirstEvery = 61;
  // Run-next items in a row, before the ring gets its turn.
  static constexpr std::uint32_t kMaxRunNext = 3;
};

// What kinds of work a look everywhere has found.
enum class Ready : std::uint8_t { kNothing, kRunNext, kWork };

// N contexts that share items of three levels: per context a ring for each level and a run-next slot for Normal, per
// level an injector. It has no threads; a pool is this and workers. The shape is that of Echo's queue, the rings and
// the slot are Go's and Tokio's. A context is used by one thread at a time.
template <class Sync = StdSync, std::size_t Words = 2,
          std::size_t RingSlots = Sync::template Traits<StealingQueueSizes>::kRingSlots,
          class Orders = typename Sync::template Traits<StealingQueueOrders>>
class StealingQueue {
  template <class T>
  using atomic = typename Sync::template atomic<T>;
  using Counter = atomic<std::uint64_t>;
  using Context = StealingContext<Sync, Words, RingSlots>;
  using Sizes = typename Sync::template Traits<StealingQueueSizes>;

 public:
  using Item = std::array<std::uint64_t, Words>;

  struct Counts {
    std::uint64_t steals = 0;
    std::uint64_t retries = 0;
    std::uint64_t overflows = 0;
  };

  // Throws std::bad_alloc.
  StealingQueue(std::uint32_t contexts, StarvationBounds bounds, std::uint64_t seed)
      : count_(contexts), contexts_(std::make_unique<std::unique_ptr<Context>[]>(contexts)) {
    for (std::uint32_t i = 0; i < contexts; ++i) {
      contexts_[i] = std::make_unique<Context>(bounds, seed + 0x9E3779B97F4A7C15u * (i + 1), i);
    }
  }

  std::uint32_t contexts() const { return count_; }

  // From any thread.
  PushStatus submit(Level level, const Item& item) {
    const PushStatus status = injectors_[index_of(level)].push(item);
    if (status == PushStatus::kOk) hint(level).raise();
    return status;
  }

  PushStatus submit_n(Level level, const Item* items, std::size_t count, std::size_t& accepted) {
    const PushStatus status = injectors_[index_of(level)].push_n(items, count, accepted);
    if (accepted != 0) hint(level).raise();
    return status;
  }

  // By the context's thread: into its own queues, or into the shared one when they are full. *run_next says whether the
  // item has gone to an empty run-next slot, so that its own context is the one to run it.
  PushStatus submit_local(std::uint32_t context, Level level, const Item& item, bool* run_next) {
    Context& own = *contexts_[context];
    *run_next = level == Level::kNormal && own.run_next.room() != 0;
    if (*run_next || own.rings[index_of(level)].room() != 0) {
      // Counted first: as soon as it is published a thief may have it, and finish it.
      bump(own.pushed[index_of(level)]);
      push_local(own, level, item);
    } else {
      const PushStatus status = injectors_[index_of(level)].push(item);
      if (status != PushStatus::kOk) return status;
      bump(own.overflows);
    }
    hint(level).raise();
    return PushStatus::kOk;
  }

  // What the context should work on next: kSuccess; kEmpty, when nothing whose push has finished waits; or kRetry.
  // Levels outside `allowed` are left alone. With `settled_only` another context's run-next slot is only taken from
  // when this context has met the same item there before.
  StealStatus next(std::uint32_t context, LevelMask allowed, bool settled_only, Item& out,
                   Level& level) {
    Context& own = *contexts_[context];
    ++own.tick;
    own.kept = false;
    LevelMask unasked = allowed;
    while (own.starvation.due(unasked, level)) {
      const StealStatus status = take_anywhere(own, level, out);
      if (status == StealStatus::kSuccess) return selected(own, level);
      if (status == StealStatus::kEmpty) own.starvation.reset(level);
      unasked &= ~bit_of(level);
    }
    bool retry = false;
    for (const Level here : kAllLevels) {
      if ((allowed & bit_of(here)) == 0 || !hinted(here)) continue;
      const StealStatus status = find(own, here, settled_only, out);
      if (status == StealStatus::kSuccess) {
        level = here;
        return selected(own, here);
      }
      // An item that was moved behind the search's back is found by the look that goes with the lowering.
      retry |= status == StealStatus::kRetry || lower_hint(here, settled_only);
    }
    return retry ? StealStatus::kRetry : StealStatus::kEmpty;
  }

  // Whether the context's last next() has put more items into its own ring. They were invisible on the way, so a
  // thread that looked for work meanwhile may have gone to sleep without them.
  bool kept_more(std::uint32_t context) const { return contexts_[context]->kept; }

  // Looks everywhere for work whose push has finished.
  Ready look(LevelMask allowed) {
    Ready found = Ready::kNothing;
    for (const Level level : kAllLevels) {
      if ((allowed & bit_of(level)) != 0) found = std::max(found, look_at(level));
    }
    return found;
  }

  // Whether any finished push waits. Cheaper than a look, as it trusts the hints; a push whose hint is still to be raised
  // is told of by its producer.
  bool more_waits() {
    for (const Level level : kAllLevels) {
      if (hinted(level) && look_at(level) != Ready::kNothing) return true;
    }
    return false;
  }

  // Whether work of the level may wait.
  bool hinted(Level level) const { return hints_[index_of(level)].raised(); }
  bool hinted_any() const {
    return hinted(Level::kHigh) || hinted(Level::kNormal) || hinted(Level::kLow);
  }

  // No further submit succeeds from outside.
  void close() {
    for (auto& injector : injectors_) injector.close();
  }

  // Items ever submitted to the level. Read after a count of those that are done, it is never too small.
  std::uint64_t submitted(Level level) const {
    std::uint64_t sum = injectors_[index_of(level)].pushed();
    for (std::uint32_t i = 0; i < count_; ++i) {
      sum += contexts_[i]->pushed[index_of(level)].load(Orders::kCount);
    }
    return sum;
  }

  std::size_t size(Level level) const {
    std::size_t sum = injectors_[index_of(level)].size();
    for (std::uint32_t i = 0; i < count_; ++i) {
      sum += contexts_[i]->rings[index_of(level)].size();
      if (level == Level::kNormal) sum += contexts_[i]->run_next.size();
    }
    return sum;
  }

  // Calls visit(item) for the item at the head of each of the level's queues.
  template <class Visit>
  void visit_heads(Level level, Visit visit) {
    Item item;
    if (injectors_[index_of(level)].peek(item)) visit(item);
    for (std::uint32_t i = 0; i < count_; ++i) {
      if (contexts_[i]->rings[index_of(level)].peek(item)) visit(item);
      if (level == Level::kNormal && contexts_[i]->run_next.peek(item)) visit(item);
    }
  }

  Counts counts() const {
    Counts sum;
    for (std::uint32_t i = 0; i < count_; ++i) {
      sum.steals += contexts_[i]->steals.load(Orders::kCount);
      sum.retries += contexts_[i]->retries.load(Orders::kCount);
      sum.overflows += contexts_[i]->overflows.load(Orders::kCount);
    }
    return sum;
  }

 private:
  static void bump(Counter& counter) {
    counter.store(counter.load(Orders::kCount) + 1, Orders::kCount);
  }

  // Low items are never moved in batches: they would clot in a ring, before work that comes later. Larger batches empty
  // the shared queue faster than it is worth: workers then sleep and are woken more often.
  static std::size_t batch_of(Level level) { return level == Level::kLow ? 1 : kMaxBatch / 2; }

  // There must be room. A Normal item takes the run-next slot, and the one before goes to the ring.
  void push_local(Context& own, Level level, const Item& item) {
    auto& ring = own.rings[index_of(level)];
    if (level != Level::kNormal) {
      ring.push(item);
      return;
    }
    Item before;
    if (own.run_next.pop(before)) ring.push(before);
    own.run_next.push(item);
  }

  // Books a selection: which lower work it has passed over.
  StealStatus selected(Context& own, Level level) {
    for (const Level below : {Level::kNormal, Level::kLow}) {
      if (below == level || !hinted(below)) {
        own.starvation.reset(below);
      } else if (own.starvation.waits(below) || look_at(below) != Ready::kNothing) {
        own.starvation.passed_over(below);
      }
    }
    return StealStatus::kSuccess;
  }

  StealStatus find(Context& own, Level level, bool settled_only, Item& out) {
    if (own.tick % Sizes::kOutsideFirstEvery == 0 && look_outside(own, level, settled_only, out)) {
      return StealStatus::kSuccess;
    }
    if (take_own(own, level, out)) return StealStatus::kSuccess;
    const StealStatus injected = take_injected(own, level, out);
    if (injected == StealStatus::kSuccess) return injected;
    const StealStatus stolen = take_from_peers(own, level, settled_only, out);
    if (stolen == StealStatus::kSuccess) return stolen;
    const bool retry = injected == StealStatus::kRetry || stolen == StealStatus::kRetry;
    return retry ? StealStatus::kRetry : StealStatus::kEmpty;
  }

  // Now and then what others have submitted comes first, so that a context that feeds itself starves nobody: by turns
  // what is shared, and what other contexts hold. Shared items go to the ring's end, not past it, and so keep their order.
  bool look_outside(Context& own, Level level, bool settled_only, Item& out) {
    if (own.tick / Sizes::kOutsideFirstEvery % 2 == 0) {
      return take_from_peers(own, level, settled_only, out) == StealStatus::kSuccess;
    }
    auto& ring = own.rings[index_of(level)];
    const bool full = ring.room() == 0 && ring.pop(out);
    refill(own, level);
    return full;
  }

  bool take_own(Context& own, Level level, Item& out) {
    auto& ring = own.rings[index_of(level)];
    if (level == Level::kNormal) {
      if (own.run_next_streak < Sizes::kMaxRunNext && own.run_next.pop(out)) {
        ++own.run_next_streak;
        return true;
      }
      own.run_next_streak = 0;
      if (ring.pop(out)) return true;
      return own.run_next.pop(out);
    }
    return ring.pop(out);
  }

  StealStatus take_injected(Context& own, Level level, Item& out) {
    Item batch[kMaxBatch];
    std::size_t taken = 0;
    const StealStatus status = pop_share(own, level, batch, batch_limit(own, level), taken);
    return keep(own, level, status, batch, taken, out);
  }

  // Moves shared items to the end of the own ring.
  void refill(Context& own, Level level) {
    auto& ring = own.rings[index_of(level)];
    const std::size_t limit = std::min(batch_of(level), ring.room());
    Item batch[kMaxBatch];
    std::size_t taken = 0;
    if (limit != 0) pop_share(own, level, batch, limit, taken);
    if (taken != 0) put_into_ring(own, level, batch, taken);
  }

  // Items taken from elsewhere. While they were on the way the level may have been found empty.
  void put_into_ring(Context& own, Level level, const Item* items, std::size_t count) {
    own.rings[index_of(level)].push_n(items, count);
    own.kept = true;
    hint(level).raise();
  }

  // Takes one context's share of the shared items.
  StealStatus pop_share(Context& own, Level level, Item* batch, std::size_t limit,
                        std::size_t& taken) {
    auto& injector = injectors_[index_of(level)];
    const std::size_t share = injector.size() / count_ + 1;
    const StealStatus status = injector.pop_n(batch, std::min(limit, share), taken);
    if (status == StealStatus::kRetry) bump(own.retries);
    return status;
  }

  StealStatus take_from_peers(Context& own, Level level, bool settled_only, Item& out) {
    if (count_ == 1) return StealStatus::kEmpty;
    bool retry = false;
    const std::uint32_t start = own.random.below(count_);
    Item batch[kMaxBatch];
    std::size_t taken = 0;
    for (std::uint32_t i = 0; i < count_; ++i) {
      const std::uint32_t victim = (start + i) % count_;
      if (victim == own.index) continue;
      auto& ring = contexts_[victim]->rings[index_of(level)];
      StealStatus status = ring.steal(batch, batch_limit(own, level), taken);
      status = keep(own, level, status, batch, taken, out);
      if (status == StealStatus::kSuccess) {
        bump(own.steals);
        return status;
      }
      if (status == StealStatus::kRetry) bump(own.retries);
      retry |= status == StealStatus::kRetry;
    }
    if (level == Level::kNormal && take_run_next(own, start, settled_only, out)) {
      return StealStatus::kSuccess;
    }
    return retry ? StealStatus::kRetry : StealStatus::kEmpty;
  }

  // From another context's run-next slot, as a last resort: its owner would most likely run it next, in a warm cache.
  bool take_run_next(Context& own, std::uint32_t start, bool settled_only, Item& out) {
    for (std::uint32_t i = 0; i < count_; ++i) {
      const std::uint32_t victim = (start + i) % count_;
      auto& slot = contexts_[victim]->run_next;
      if (victim == own.index || slot.empty()) continue;
      const std::uint64_t item = slot.pushed();
      if (settled_only && (own.met_context != victim || own.met_item != item)) {
        own.met_context = victim;
        own.met_item = item;
        continue;
      }
      if (!slot.steal_last(item, out)) continue;  // moved on: it is another item now
      bump(own.steals);
      return true;
    }
    return false;
  }

  // Returns the first item of a batch and keeps the rest in the own ring.
  StealStatus keep(Context& own, Level level, StealStatus status, const Item* batch,
                   std::size_t taken, Item& out) {
    if (status != StealStatus::kSuccess) return status;
    out = batch[0];
    if (taken > 1) put_into_ring(own, level, batch + 1, taken - 1);
    return status;
  }

  std::size_t batch_limit(Context& own, Level level) {
    return std::min(batch_of(level), own.rings[index_of(level)].room() + 1);
  }

  // One item of the level, wherever it waits: every source is asked, in rotation, until all are empty. kPending: finished
  // items may wait behind an unfinished one.
  StealStatus take_anywhere(Context& own, Level level, Item& out) {
    const std::uint32_t sources = count_ + 1;
    const std::uint32_t start = own.rotation % sources;
    ++own.rotation;
    for (;;) {
      bool retry = false;
      bool pending = false;
      for (std::uint32_t i = 0; i < sources; ++i) {
        const StealStatus status = take_one(level, (start + i) % sources, out);
        if (status == StealStatus::kSuccess) return status;
        retry |= status == StealStatus::kRetry;
        pending |= status == StealStatus::kPending;
      }
      if (!retry) return pending ? StealStatus::kPending : StealStatus::kEmpty;
    }
  }

  // From one source: the injector, or one context's queues.
  StealStatus take_one(Level level, std::uint32_t source, Item& out) {
    if (source == count_) return injectors_[index_of(level)].pop(out);
    std::size_t taken = 0;
    StealStatus status = contexts_[source]->rings[index_of(level)].steal(&out, 1, taken);
    if (status == StealStatus::kEmpty && level == Level::kNormal) {
      status = contexts_[source]->run_next.steal(&out, 1, taken);
    }
    return status;
  }

  Ready look_at(Level level) {
    if (injectors_[index_of(level)].ready()) return Ready::kWork;
    Ready found = Ready::kNothing;
    for (std::uint32_t i = 0; i < count_; ++i) {
      if (!contexts_[i]->rings[index_of(level)].empty()) return Ready::kWork;
      if (level == Level::kNormal && !contexts_[i]->run_next.empty()) found = Ready::kRunNext;
    }
    return found;
  }

  LevelHint<Sync>& hint(Level level) { return hints_[index_of(level)]; }

  // After a search that found nothing. True: there is something to take after all.
  bool lower_hint(Level level, bool settled_only) {
    const Ready found = look_at(level);
    if (found == Ready::kNothing) {
      hint(level).lower([&] { return look_at(level) != Ready::kNothing; });
    }
    return found == Ready::kWork || (found == Ready::kRunNext && !settled_only);
  }

  const std::uint32_t count_;
  const std::unique_ptr<std::unique_ptr<Context>[]> contexts_;
  Injector<Sync, Words, Sync::template Traits<InjectorSizes>::kBlockBytes / (8 * Words),
           typename Sync::template Traits<SleeperInjectorOrders>>
      injectors_[kLevels];
  alignas(kCacheLine) LevelHint<Sync> hints_[kLevels];
};

}  // namespace sched
