#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/cache_line.h"
#include "core/queue/context_table.h"
#include "core/queue/injector.h"
#include "core/queue/level.h"
#include "core/queue/level_hint.h"
#include "core/queue/starvation.h"
#include "core/queue/steal.h"
#include "core/queue/stealing_context.h"
#include "core/sync/std_sync.h"

namespace sched {

struct StealingQueueSizes {
  static constexpr std::size_t kRingSlots = 256;
  // Selections of which one looks outside first. Go's figure: prime, and rare enough to cost nothing.
  static constexpr std::uint32_t kOutsideFirstEvery = 61;
  // Run-next items in a row, before the ring gets its turn.
  static constexpr std::uint32_t kMaxRunNext = 3;
};

// N contexts that share items of three levels: per context a ring for each level and a run-next slot for Normal, per
// level an injector. It has no threads; a pool is this and workers. The shape is that of Echo's queue, the rings and
// the slot are Go's and Tokio's. A context is used by one thread at a time.
template <class Sync = StdSync, std::size_t Words = 2,
          std::size_t RingSlots = Sync::template Traits<StealingQueueSizes>::kRingSlots>
class StealingQueue {
  using Contexts = ContextTable<Sync, Words, RingSlots>;
  using Context = typename Contexts::Context;
  using Sizes = typename Sync::template Traits<StealingQueueSizes>;

 public:
  using Item = std::array<std::uint64_t, Words>;

  using Counts = StealingCounts;

  // Throws std::bad_alloc.
  StealingQueue(std::uint32_t contexts, StarvationBounds bounds, std::uint64_t seed)
      : StealingQueue(contexts, contexts, bounds, seed) {}
  // One that can have up to max_contexts.
  StealingQueue(std::uint32_t contexts, std::uint32_t max_contexts, StarvationBounds bounds,
                std::uint64_t seed)
      : contexts_(contexts, max_contexts, bounds, seed) {}

  std::uint32_t contexts() const { return contexts_.size(); }

  // One more context, while others are at work; returns its index. One caller at a time, and no more than the queue can
  // have. Throws std::bad_alloc, and then nothing has changed.
  std::uint32_t add_context() { return contexts_.add(); }

  // From any thread.
  PushStatus submit(Level level, const Item& item) {
    const PushStatus status = injectors_[index_of(level)].push(item);
    if (status == PushStatus::kOk) hint(level).raise();
    return status;
  }

  // The same, also after close().
  PushStatus submit_owed(Level level, const Item& item) {
    const PushStatus status = injectors_[index_of(level)].push_owed(item);
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
    Context& own = contexts_[context];
    *run_next = level == Level::kNormal && own.run_next.room() != 0;
    if (*run_next || own.rings[index_of(level)].room() != 0) {
      // Counted first: as soon as it is published a thief may have it, and finish it.
      Context::bump(own.pushed[index_of(level)]);
      push_local(own, level, item);
    } else {
      const PushStatus status = injectors_[index_of(level)].push(item);
      if (status != PushStatus::kOk) return status;
      Context::bump(own.overflows);
    }
    hint(level).raise();
    return PushStatus::kOk;
  }

  // What the context should work on next: kSuccess; kEmpty, when nothing whose push has finished waits; or kRetry.
  // Levels outside `allowed` are left alone. With `settled_only` another context's run-next slot is only taken from
  // when this context has met the same item there before.
  StealStatus next(std::uint32_t context, LevelMask allowed, bool settled_only, Item& out,
                   Level& level) {
    Context& own = contexts_[context];
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

  // By the context's thread, after next() has selected an item of the level: how many more items of the level it may run
  // before a lower level must be served; UINT32_MAX if nothing lower may wait. For what begins to wait meanwhile the
  // caller looks at hinted().
  std::uint32_t credit(std::uint32_t context, Level level) const {
    LevelMask waiting = 0;
    for (const Level below : {Level::kNormal, Level::kLow}) {
      if (hinted(below)) waiting |= bit_of(below);
    }
    return contexts_[context].starvation.credit(level, waiting);
  }

  // By the context's thread: it has run n more items of the level, as if next() had selected them.
  void charge(std::uint32_t context, Level level, std::uint32_t n) {
    if (n != 0) book(contexts_[context], level, n);
  }

  // By the context's thread: moves all that waits in its own queues to the shared ones, oldest first. False: a shared
  // queue has refused (closed, no memory), and what is left stays. On the way an item is invisible, so whatever comes of it the
  // caller tells sleepers.
  bool give_away(std::uint32_t context) {
    Context& own = contexts_[context];
    bool all = true;
    for (const Level level : kAllLevels) {
      all &= give_away(own, level, own.rings[index_of(level)]) &&
             (level != Level::kNormal || give_away(own, level, own.run_next));
    }
    return all;
  }

  // Whether the context's last next() has put more items into its own ring. They were invisible on the way, so a
  // thread that looked for work meanwhile may have gone to sleep without them.
  bool kept_more(std::uint32_t context) const { return contexts_[context].kept; }

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

  // No further submit succeeds from outside but submit_owed().
  void close() {
    for (auto& injector : injectors_) injector.close();
  }

  // Items ever submitted to the level. Read after a count of those that are done, it is never too small; while items are
  // given away it may be too large. What was given away is read before the count in which it is a second time.
  std::uint64_t submitted(Level level) const {
    const std::uint64_t given = contexts_.given(level);
    return injectors_[index_of(level)].pushed() + contexts_.pushed(level) - given;
  }

  std::size_t size(Level level) const {
    return injectors_[index_of(level)].size() + contexts_.waiting(level);
  }

  // Calls visit(item) for the item at the head of each of the level's queues.
  template <class Visit>
  void visit_heads(Level level, Visit visit) {
    Item item;
    if (injectors_[index_of(level)].peek(item)) visit(item);
    contexts_.each([&](const Context& context) {
      if (context.rings[index_of(level)].peek(item)) visit(item);
      if (level == Level::kNormal && context.run_next.peek(item)) visit(item);
    });
  }

  Counts counts() const { return contexts_.counts(); }

 private:
  // Low items are never moved in batches: they would clot in a ring, before work that comes later. Larger batches empty
  // the shared queue faster than it is worth: workers then sleep and are woken more often.
  static std::size_t batch_of(Level level) { return level == Level::kLow ? 1 : kMaxBatch / 2; }

  // An item that is refused after all goes to the end of the queue that it came from. Nobody else pushes there, so there
  // is room.
  template <class Queue>
  bool give_away(Context& own, Level level, Queue& queue) {
    auto& injector = injectors_[index_of(level)];
    if (queue.empty()) return true;
    bool accepted = !injector.closed();
    Item item;
    while (accepted && queue.pop(item)) {
      // Subtracted before anybody can take the item: its end happens after that.
      accepted = injector.push(item, [&] { own.gave(level); }) == PushStatus::kOk;
      if (!accepted) queue.push(item);
    }
    hint(level).raise();
    return accepted;
  }

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

  StealStatus selected(Context& own, Level level) {
    book(own, level, 1);
    return StealStatus::kSuccess;
  }

  // Books selections: which lower work they have passed over.
  void book(Context& own, Level level, std::uint32_t selections) {
    for (const Level below : {Level::kNormal, Level::kLow}) {
      if (below == level || !hinted(below)) {
        own.starvation.reset(below);
      } else if (own.starvation.waits(below) || look_at(below) != Ready::kNothing) {
        own.starvation.passed_over(below, selections);
      }
    }
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
    const std::size_t share = injector.size() / contexts_.size() + 1;
    const StealStatus status = injector.pop_n(batch, std::min(limit, share), taken);
    if (status == StealStatus::kRetry) Context::bump(own.retries);
    return status;
  }

  StealStatus take_from_peers(Context& own, Level level, bool settled_only, Item& out) {
    const std::uint32_t count = contexts_.size();
    if (count == 1) return StealStatus::kEmpty;
    bool retry = false;
    const std::uint32_t start = own.random.below(count);
    Item batch[kMaxBatch];
    std::size_t taken = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t victim = (start + i) % count;
      if (victim == own.index) continue;
      auto& ring = contexts_[victim].rings[index_of(level)];
      StealStatus status = ring.steal(batch, batch_limit(own, level), taken);
      status = keep(own, level, status, batch, taken, out);
      if (status == StealStatus::kSuccess) {
        Context::bump(own.steals);
        return status;
      }
      if (status == StealStatus::kRetry) Context::bump(own.retries);
      retry |= status == StealStatus::kRetry;
    }
    if (level == Level::kNormal && take_run_next(own, count, start, settled_only, out)) {
      return StealStatus::kSuccess;
    }
    return retry ? StealStatus::kRetry : StealStatus::kEmpty;
  }

  // From another context's run-next slot, as a last resort: its owner would most likely run it next, in a warm cache.
  bool take_run_next(Context& own, std::uint32_t count, std::uint32_t start, bool settled_only,
                     Item& out) {
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t victim = (start + i) % count;
      auto& slot = contexts_[victim].run_next;
      if (victim == own.index || slot.empty()) continue;
      const std::uint64_t item = slot.pushed();
      if (settled_only && (own.met_context != victim || own.met_item != item)) {
        own.met_context = victim;
        own.met_item = item;
        continue;
      }
      if (!slot.steal_last(item, out)) continue;  // moved on: it is another item now
      Context::bump(own.steals);
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
    const std::uint32_t contexts = contexts_.size();
    const std::uint32_t sources = contexts + 1;
    const std::uint32_t start = own.rotation % sources;
    ++own.rotation;
    for (;;) {
      bool retry = false;
      bool pending = false;
      for (std::uint32_t i = 0; i < sources; ++i) {
        const std::uint32_t source = (start + i) % sources;
        const StealStatus status = source == contexts ? injectors_[index_of(level)].pop(out)
                                                      : take_from(source, level, out);
        if (status == StealStatus::kSuccess) return status;
        retry |= status == StealStatus::kRetry;
        pending |= status == StealStatus::kPending;
      }
      if (!retry) return pending ? StealStatus::kPending : StealStatus::kEmpty;
    }
  }

  // From one context's queues.
  StealStatus take_from(std::uint32_t source, Level level, Item& out) {
    std::size_t taken = 0;
    StealStatus status = contexts_[source].rings[index_of(level)].steal(&out, 1, taken);
    if (status == StealStatus::kEmpty && level == Level::kNormal) {
      status = contexts_[source].run_next.steal(&out, 1, taken);
    }
    return status;
  }

  Ready look_at(Level level) {
    return injectors_[index_of(level)].ready() ? Ready::kWork : contexts_.look(level);
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

  Contexts contexts_;
  Injector<Sync, Words, Sync::template Traits<InjectorSizes>::kBlockBytes / (8 * Words),
           typename Sync::template Traits<SleeperInjectorOrders>>
      injectors_[kLevels];
  alignas(kCacheLine) LevelHint<Sync> hints_[kLevels];
};

}  // namespace sched
