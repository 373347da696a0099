#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

#include "core/base/cache_line.h"
#include "core/sync/std_sync.h"

namespace sched {

struct DequeBufferOrders {
  static constexpr std::memory_order kOwn = std::memory_order_relaxed;  // only the owner writes
  // Who sees the new view sees the items copied behind it.
  static constexpr std::memory_order kSwap = std::memory_order_release;  // pairs with kView
  static constexpr std::memory_order kView = std::memory_order_acquire;  // pairs with kSwap
  // A thief that reads a slot whose page was given back finds the view changed: the kernel orders the loss of a page
  // after the swap on every CPU, and this load keeps the look at the view behind the read.
  static constexpr std::memory_order kThiefSlot =
      std::memory_order_acquire;  // pairs with Slab::discard
  // Behind the slot by kThiefSlot, before the claim by the CAS that follows.
  static constexpr std::memory_order kCheck = std::memory_order_relaxed;
};

struct DequeSizes {
  static constexpr std::size_t kMinCapacity = 64;
  // From this size on a buffer is worth halving.
  static constexpr std::size_t kKeepBytes = 64 * 1024;
  // Pushes between two looks at whether to shrink, and such looks in a row that must find it worth it.
  static constexpr std::int64_t kRecheckEvery = 4096;
  static constexpr int kLowChecks = 512;
};

// The ring buffers of a deque, one for each power of two, made when first needed. A retired buffer gives its pages back
// but stays mapped until the deque dies: a thief that still reads it reads stale items or zeros and then finds that the
// view has changed. So thieves pay nothing for reclamation, and there are no epochs.
template <class Sync, std::size_t MinCapacity, class Orders>
class DequeBuffers {
  using Sizes = typename Sync::template Traits<DequeSizes>;
  template <class T>
  using Plain = typename Sync::template Plain<T>;

 public:
  using Index = std::int64_t;
  using Slot = typename Sync::template atomic<void*>;
  // Generation and level of a buffer. The generation makes a buffer that came into use again a different one.
  using View = std::uint64_t;

  DequeBuffers() {
    if (!slabs_[0].allocate(MinCapacity)) throw std::bad_alloc();
    own_slots_ = slabs_[0].data();
  }

  int level() const { return level_; }
  Index capacity() const { return capacity_at(level_); }
  static Index capacity_at(int level) { return static_cast<Index>(MinCapacity) << level; }

  // Small buffers are kept: halving them would save less than it costs.
  bool worth_shrinking() const {
    return level_ > 0 && (slabs_[level_].size() * sizeof(Slot) >= Sizes::kKeepBytes);
  }

  // The owner's access to the current buffer.
  Slot& own_slot(Index index) const {
    Slot* const slots = own_slots_;
    return slots[index & own_mask_];
  }

  View view() const { return view_.load(Orders::kView); }
  bool is_current(View view) const { return view_.load(Orders::kCheck) == view; }
  // A thief's access, to the buffer of a view that may be outdated: reads the items from `first` on.
  void copy(View view, Index first, void** out, std::size_t count) const {
    const int level = static_cast<int>(view & kLevelMask);
    const Slot* slots = slabs_[level].data();  // written once, before any view that names it
    const Index mask = capacity_at(level) - 1;
    for (std::size_t i = 0; i < count; ++i) {
      out[i] = slots[(first + static_cast<Index>(i)) & mask].load(Orders::kThiefSlot);
    }
  }

  // The owner moves the items [top, bottom) into the buffer of another level. False: no memory, and nothing changed.
  bool resize(int level, Index top, Index bottom) {
    if (level > kMaxLevel) return false;
    if (slabs_[level].data() == nullptr &&
        !slabs_[level].allocate(static_cast<std::size_t>(capacity_at(level)))) {
      return false;
    }
    Slot* slots = slabs_[level].data();
    const Index mask = capacity_at(level) - 1;
    for (Index index = top; index < bottom; ++index) {
      slots[index & mask].store(own_slot(index).load(Orders::kOwn), Orders::kOwn);
    }
    const int retired = level_;
    level_ = level;
    own_slots_ = slots;
    own_mask_ = mask;
    generation_ += 1;
    view_.store(generation_ << kLevelBits | static_cast<View>(level), Orders::kSwap);
    slabs_[retired].discard(0, slabs_[retired].size());
    return true;
  }

 private:
  static constexpr int kLevelBits = 8;
  static constexpr View kLevelMask = (1u << kLevelBits) - 1;
  static constexpr int kMaxLevel = 40;

  typename Sync::template atomic<View> view_{0};
  typename Sync::template Slab<Slot> slabs_[kMaxLevel + 1];
  // The owner's copy of what the view says.
  alignas(kCacheLine) Plain<Slot*> own_slots_{nullptr};
  Plain<Index> own_mask_{static_cast<Index>(MinCapacity) - 1};
  Plain<int> level_{0};
  Plain<std::uint64_t> generation_{0};
};

}  // namespace sched
