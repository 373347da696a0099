#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/cache_line.h"
#include "core/queue/steal.h"
#include "core/sync/std_sync.h"

namespace sched {

struct SplitDequeOrders {
  // The owner writes a slot again once it has seen top above it, for the thief has read it before its CAS.
  static constexpr std::memory_order kRoom = std::memory_order_acquire;  // pairs with kTake
  static constexpr std::memory_order kGuess =
      std::memory_order_relaxed;  // whether anything is left; kTake decides
  static constexpr std::memory_order kSlot =
      std::memory_order_relaxed;  // ordered by kShare and kTake
  static constexpr std::memory_order kOwn = std::memory_order_relaxed;  // read by its only writer
  // Sharing: a thief that sees the new split sees the items below it. And of an owner that shares and then looks for
  // sleepers, and a sleeper that announces itself and then looks for items, one sees the other.
  static constexpr std::memory_order kShare = std::memory_order_seq_cst;  // pairs with kSplit
  // The owner takes shared items back from the end, thieves take them from the beginning: the owner lowers the split and
  // reads top, the thief reads top and then the split, so that at least one of them sees the other.
  static constexpr std::memory_order kUnshare = std::memory_order_seq_cst;  // pairs with kSplit
  static constexpr std::memory_order kOwnerTop =
      std::memory_order_seq_cst;                                        // pairs with kTop, kTake
  static constexpr std::memory_order kTop = std::memory_order_seq_cst;  // pairs with kTake
  static constexpr std::memory_order kSplit =
      std::memory_order_seq_cst;  // pairs with kShare, kUnshare
  // No acquire: what a thief uses it knows from the split.
  static constexpr std::memory_order kTake =
      std::memory_order_release;  // pairs with kRoom, kOwnerTop
  static constexpr std::memory_order kTakeFailed = std::memory_order_relaxed;  // nothing was taken
  static constexpr std::memory_order kRestore =
      std::memory_order_relaxed;  // top is as high: nothing below can be taken any more
  // A thief has done with an item, for an owner that looks at the items no more.
  static constexpr std::memory_order kDone = std::memory_order_release;     // pairs with kAllDone
  static constexpr std::memory_order kAllDone = std::memory_order_acquire;  // pairs with kDone
};

// Bounded deque whose newest items are the owner's alone: pushing and popping them takes no synchronization. The older ones
// are shared, at least half of all, and thieves take the oldest of these. So an owner that forks and joins deep in a
// recursion pays for sharing only when it comes back to its outer levels. After Lace (van Dijk, van de Pol 2014), with
// Chase and Lev's protocol at the end of the shared part.
template <class Sync, std::size_t Capacity,
          class Orders = typename Sync::template Traits<SplitDequeOrders>>
class SplitDeque {
  static_assert((Capacity & (Capacity - 1)) == 0);

 public:
  using Index = std::int64_t;

  // --- the owner's side ---

  enum class Push : std::uint8_t { kFull, kOk, kShared };
  // kShared: thieves can take more than before.
  Push push(void* item) {
    const Index top = top_.load(Orders::kRoom);
    const Index bottom = bottom_;
    if (bottom - top >= static_cast<Index>(Capacity)) return Push::kFull;
    slot(bottom).store(item, Orders::kSlot);
    bottom_ = bottom + 1;
    const Index split = own_split_;
    if (bottom + 1 - split <= split - top) return Push::kOk;
    // More is private than shared: share half of it, rounded up.
    share(split + (bottom + 2 - split) / 2);
    return Push::kShared;
  }

  // Everything, the newest items too. True: thieves can take more than before.
  bool share_all() {
    const Index bottom = bottom_;
    if (own_split_ == bottom) return false;
    share(bottom);
    return true;
  }

  // The newest item; nullptr if there is none.
  void* pop() {
    const Index last = bottom_ - 1;
    if (last >= own_split_) {
      bottom_ = last;
      return slot(last).load(Orders::kSlot);
    }
    if (top_.load(Orders::kGuess) > last) return nullptr;
    return pop_shared(last);
  }

  // The position of the next item. What is pushed from now on lies there or above, for as long as nothing is popped that is
  // here already.
  Index end() const { return bottom_; }

  // Whether thieves have done with all that they took from there on, once the owner has met an empty deque.
  bool all_done(Index from) const {
    const Index top = top_.load(Orders::kGuess);
    for (Index i = std::max(from, top - static_cast<Index>(Capacity)); i < top; ++i) {
      const std::size_t at = index_of(i);
      const std::uint32_t done = done_[at].load(Orders::kAllDone) + own_claims_[at];
      // Otherwise a thief still has this one, or one from before in the same slot.
      if (done - lap(i) > UINT32_MAX / 2) return false;
    }
    return true;
  }

  // --- any thread ---

  // kSuccess, kEmpty or kRetry. Who has taken an item says done() of its position in the end.
  StealStatus steal(void*& out, Index& position) {
    Index top = top_.load(Orders::kTop);
    if (top >= split_.load(Orders::kSplit)) return StealStatus::kEmpty;
    void* item = slot(top).load(Orders::kSlot);
    if (!claim(top)) return StealStatus::kRetry;
    out = item;
    position = top;
    return StealStatus::kSuccess;
  }
  void done(Index position) { done_[index_of(position)].fetch_add(1, Orders::kDone); }

  // Whether there is something to steal.
  bool shares() const { return top_.load(Orders::kTop) < split_.load(Orders::kSplit); }

 private:
  static std::size_t index_of(Index position) {
    return static_cast<std::size_t>(position) % Capacity;
  }
  // How many positions up to this one share its slot.
  static std::uint32_t lap(Index position) {
    return static_cast<std::uint32_t>(static_cast<std::size_t>(position) / Capacity + 1);
  }
  typename Sync::template atomic<void*>& slot(Index position) { return slots_[index_of(position)]; }

  void share(Index split) {
    own_split_ = split;
    split_.store(split, Orders::kShare);
  }

  bool claim(Index top) {
    return top_.compare_exchange_strong(top, top + 1, Orders::kTake, Orders::kTakeFailed);
  }

  void* pop_shared(Index last) {
    split_.store(last, Orders::kUnshare);
    const Index top = top_.load(Orders::kOwnerTop);
    void* item = slot(last).load(Orders::kSlot);
    if (top < last) {
      own_split_ = last;
      bottom_ = last;
      return item;
    }
    // Thieves took all but the last one, or that too: it goes to who moves top. Then the deque is empty, at `last` + 1.
    const bool won = top == last && claim(top);
    if (won) ++own_claims_[index_of(last)];
    split_.store(last + 1, Orders::kRestore);
    return won ? item : nullptr;
  }

  alignas(kCacheLine) typename Sync::template atomic<Index> top_{0};    // thieves and owner
  alignas(kCacheLine) typename Sync::template atomic<Index> split_{0};  // written by the owner
  // The owner's own.
  alignas(kCacheLine) typename Sync::template Plain<Index> bottom_{0};
  typename Sync::template Plain<Index> own_split_{0};  // what split_ holds
  alignas(kCacheLine) std::array<typename Sync::template atomic<void*>, Capacity> slots_ = {};
  // Each position below top is counted in its slot: by the thief that has done with it, or by the owner that has moved top.
  std::array<typename Sync::template atomic<std::uint32_t>, Capacity> done_ = {};
  std::array<typename Sync::template Plain<std::uint32_t>, Capacity> own_claims_ = {};
};

}  // namespace sched
