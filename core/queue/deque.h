#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "core/base/cache_line.h"
#include "core/queue/deque_buffers.h"
#include "core/queue/steal.h"
#include "core/sync/std_sync.h"

namespace sched {

enum class Flavor : std::uint8_t { kFifo, kLifo };

struct DequeOrders {
  static constexpr std::memory_order kOwn =
      std::memory_order_relaxed;  // bottom, read by its only writer
  // A thief that sees the new bottom sees the slots and the buffer below it.
  static constexpr std::memory_order kPublish =
      std::memory_order_release;  // pairs with kStealBottom
  // The owner may write a slot again once it sees top above it, for the thief has read it before its CAS.
  static constexpr std::memory_order kOwnerTop = std::memory_order_acquire;  // pairs with kTake
  // The same for the FIFO owner's own take: if it overshoots, kOwnerTop reads the roll-back and no longer the CASes.
  static constexpr std::memory_order kPopFifo = std::memory_order_acquire;  // pairs with kTake
  static constexpr std::memory_order kGuess =
      std::memory_order_relaxed;  // a hint; kTake, kPopFifo or kPopTop decides
  // LIFO owner against thief: one lowers bottom and then reads top, the other reads top and then bottom. All four are
  // seq_cst, so that at least one of them sees the other. What moves top in between need not be.
  static constexpr std::memory_order kReserve =
      std::memory_order_seq_cst;  // pairs with kStealBottom
  static constexpr std::memory_order kPopTop = std::memory_order_seq_cst;    // pairs with kStealTop
  static constexpr std::memory_order kStealTop = std::memory_order_seq_cst;  // pairs with kPopTop
  static constexpr std::memory_order kStealBottom =
      std::memory_order_seq_cst;  // pairs with kReserve, kPublish
  // A take gives the slots' room back to the owner, so the thief's reading of them comes before. It need not acquire:
  // what a thief uses it knows from bottom.
  static constexpr std::memory_order kTake =
      std::memory_order_release;  // pairs with kOwnerTop, kPopFifo, kPopTop
  static constexpr std::memory_order kTakeFailed = std::memory_order_relaxed;  // nothing was taken
  // Bottom goes back up after a pop that claimed the last item or came too late. Who reads it there knows what the
  // pushes below it did, and cannot be the thief who came first.
  static constexpr std::memory_order kRestore =
      std::memory_order_release;  // pairs with kStealBottom
  // Top goes back down after a FIFO pop that found nothing. No thief can have used the value in between, and none learns
  // from top what it needs.
  static constexpr std::memory_order kRollBack = std::memory_order_relaxed;
};

// Work-stealing deque: one owner pushes and pops, thieves take the oldest item. Chase and Lev (SPAA 2005), the orders
// of Le et al. (PPoPP 2013) without fences, the contract of crossbeam-deque. core/queue/README.md has the argument.
template <class Sync = StdSync,
          std::size_t MinCapacity = Sync::template Traits<DequeSizes>::kMinCapacity,
          class Orders = typename Sync::template Traits<DequeOrders>,
          class BufferOrders = typename Sync::template Traits<DequeBufferOrders>>
class Deque {
  using Sizes = typename Sync::template Traits<DequeSizes>;
  template <class T>
  using Plain = typename Sync::template Plain<T>;

 public:
  using Index = std::int64_t;

  // max_capacity: most items held, any number; 0 = no limit. Throws std::bad_alloc.
  explicit Deque(Flavor flavor, std::uint64_t max_capacity = 0)
      : limit_(max_capacity != 0 && max_capacity < kNoLimit ? static_cast<Index>(max_capacity)
                                                            : Index{kNoLimit}),
        flavor_(flavor) {
    recheck(0, 0);
  }
  Deque(const Deque&) = delete;
  Deque& operator=(const Deque&) = delete;

  Flavor flavor() const { return flavor_; }

  // Any thread; exact when nobody else is at work.
  std::size_t size() const {
    const Index bottom = bottom_.load(Orders::kStealBottom);
    const Index top = top_.load(Orders::kStealTop);
    return bottom > top ? static_cast<std::size_t>(bottom - top) : 0;
  }

  // --- the owner's side ---

  PushStatus push(void* item) {
    const Index bottom = bottom_.load(Orders::kOwn);
    if (bottom >= check_at_) {
      if (const PushStatus status = make_room(bottom, 1); status != PushStatus::kOk) return status;
    }
    buffers_.own_slot(bottom).store(item, Orders::kOwn);
    bottom_.store(bottom + 1, Orders::kPublish);
    return PushStatus::kOk;
  }

  // kSuccess or kEmpty.
  StealStatus pop(void*& out) { return flavor_ == Flavor::kLifo ? pop_lifo(out) : pop_fifo(out); }

  // Gives back the memory that the present items do not need.
  PushStatus shrink() {
    const Index bottom = bottom_.load(Orders::kOwn);
    return shrink_to(top_.load(Orders::kOwnerTop), bottom) ? PushStatus::kOk
                                                           : PushStatus::kNoMemory;
  }

  // Room for up to `wanted` more items, made if necessary; fewer, or 0, where the capacity or memory ends.
  std::size_t reserve(std::size_t wanted, PushStatus& status) {
    const Index bottom = bottom_.load(Orders::kOwn);
    const Index length = bottom - top_.load(Orders::kOwnerTop);
    Index room = std::min(limit_ - length, static_cast<Index>(wanted));
    status = PushStatus::kFull;
    if (room <= 0) return 0;
    status = make_room(bottom, room);
    if (status != PushStatus::kOk) room = std::min(room, buffers_.capacity() - length);
    return room > 0 ? static_cast<std::size_t>(room) : 0;
  }

  // Appends items that reserve() has made room for, so that the owner pops them in the order given.
  void append(void* const* items, std::size_t count, bool reversed) {
    const Index bottom = bottom_.load(Orders::kOwn);
    for (std::size_t i = 0; i < count; ++i) {
      buffers_.own_slot(bottom + static_cast<Index>(i))
          .store(items[reversed ? count - 1 - i : i], Orders::kOwn);
    }
    bottom_.store(bottom + static_cast<Index>(count), Orders::kPublish);
  }

  // --- the thieves' side ---

  // kSuccess, kEmpty or kRetry.
  StealStatus steal(void*& out) {
    std::size_t taken = 0;
    return take(&out, 1, taken);
  }

  // Takes up to `limit` of the oldest items, at most half of all, oldest first. One CAS where the owner takes from the
  // same end too; a LIFO owner takes from the other end without a CAS while two are left, so there each item needs one.
  StealStatus steal_some(void** out, std::size_t limit, std::size_t& taken) {
    if (flavor_ == Flavor::kFifo) return take(out, limit, taken);
    std::size_t wanted = std::min(half(static_cast<Index>(size())), limit);
    taken = 0;
    StealStatus status = StealStatus::kEmpty;
    do {
      std::size_t one = 0;
      status = take(out + taken, 1, one);
      taken += one;
    } while (status == StealStatus::kSuccess && taken < wanted);
    return taken != 0 ? StealStatus::kSuccess : status;
  }

 private:
  static constexpr Index kNoLimit = Index{1} << 62;

  StealStatus pop_lifo(void*& out) {
    const Index bottom = bottom_.load(Orders::kOwn);
    Index top = top_.load(Orders::kGuess);
    const Index last = bottom - 1;
    if (top >= bottom) return empty(bottom);
    if (top == last) {
      // The only item, as far as we see: take it as a thief does. Bottom stays, and no store-load barrier is paid.
      void* item = buffers_.own_slot(last).load(Orders::kOwn);
      if (!claim(top, top + 1))
        return StealStatus::kEmpty;  // a thief has it, and nothing was behind it
      out = item;
      return StealStatus::kSuccess;
    }
    bottom_.store(last, Orders::kReserve);
    top = top_.load(Orders::kPopTop);
    if (top < last) {
      out = buffers_.own_slot(last).load(Orders::kOwn);
      maybe_shrink(top, last);
      return StealStatus::kSuccess;
    }
    // Thieves took all but the last one, or that too: it goes to who moves top.
    void* item = buffers_.own_slot(last).load(Orders::kOwn);
    const bool won = top == last && claim(top, top + 1);
    bottom_.store(bottom, Orders::kRestore);
    if (!won) return StealStatus::kEmpty;
    out = item;
    return StealStatus::kSuccess;
  }

  StealStatus pop_fifo(void*& out) {
    const Index bottom = bottom_.load(Orders::kOwn);
    if (top_.load(Orders::kGuess) >= bottom) return empty(bottom);
    const Index top = top_.fetch_add(1, Orders::kPopFifo);
    if (top >= bottom) {
      top_.store(top, Orders::kRollBack);
      return empty(bottom);
    }
    out = buffers_.own_slot(top).load(Orders::kOwn);
    maybe_shrink(top + 1, bottom);
    return StealStatus::kSuccess;
  }

  // Takes up to `limit` items, at most half, by one CAS. For a LIFO deque `limit` must be 1.
  StealStatus take(void** out, std::size_t limit, std::size_t& taken) {
    taken = 0;
    Index top = top_.load(Orders::kStealTop);
    const Index bottom = bottom_.load(Orders::kStealBottom);
    if (top >= bottom) return StealStatus::kEmpty;
    const std::size_t count = std::min(half(bottom - top), limit);
    const auto view = buffers_.view();
    buffers_.copy(view, top, out, count);
    // The buffer is looked at again for what was read from it: a retired one may have given its pages back.
    if (!buffers_.is_current(view) || !claim(top, top + static_cast<Index>(count))) {
      return StealStatus::kRetry;
    }
    taken = count;
    return StealStatus::kSuccess;
  }

  bool claim(Index from, Index to) {
    return top_.compare_exchange_strong(from, to, Orders::kTake, Orders::kTakeFailed);
  }

  // Room for `count` items above `bottom`, or kFull, or kNoMemory.
  PushStatus make_room(Index bottom, Index count) {
    const Index top = top_.load(Orders::kOwnerTop);
    const Index length = bottom - top;
    if (length + count > limit_) return PushStatus::kFull;
    int level = buffers_.level();
    while (buffers_.capacity_at(level) < length + count) ++level;
    if (level != buffers_.level() && !buffers_.resize(level, top, bottom)) {
      return PushStatus::kNoMemory;
    }
    // An owner that pushes while thieves take sees its backlog swing: only one that stays low is worth a smaller buffer.
    low_checks_ = length <= shrink_at_ ? low_checks_ + 1 : 0;
    if (low_checks_ == Sizes::kLowChecks) {
      low_checks_ = 0;
      maybe_shrink(top, bottom);
    }
    recheck(top, bottom);
    return PushStatus::kOk;
  }

  // Half the memory when three quarters of it are unused, so that growing and shrinking cannot alternate. A failure is
  // no harm: the larger buffer stays.
  void maybe_shrink(Index top, Index bottom) {
    if (bottom - top > shrink_at_) [[likely]]
      return;
    if (buffers_.resize(buffers_.level() - 1, top, bottom)) recheck(top, bottom);
  }

  // An empty deque needs the smallest buffer only; nobody may push for long.
  StealStatus empty(Index bottom) {
    if (shrink_at_ >= 0) shrink_to(top_.load(Orders::kOwnerTop), bottom);
    return StealStatus::kEmpty;
  }

  // Into the smallest buffer in which twice the present items fit. False: no memory, and nothing changed.
  bool shrink_to(Index top, Index bottom) {
    int level = buffers_.level();
    while (level > 0 && (bottom - top) * 4 <= buffers_.capacity_at(level)) --level;
    if (level == buffers_.level()) return true;
    if (!buffers_.resize(level, top, bottom)) return false;
    recheck(top, bottom);
    return true;
  }

  void recheck(Index top, Index bottom) {
    const Index room = std::min(buffers_.capacity(), limit_);
    check_at_ = std::min(top + room, bottom + Sizes::kRecheckEvery);
    shrink_at_ = buffers_.worth_shrinking() ? buffers_.capacity() / 4 : -1;
  }

  alignas(kCacheLine) typename Sync::template atomic<Index> top_{0};     // thieves and owner
  alignas(kCacheLine) typename Sync::template atomic<Index> bottom_{0};  // written by the owner
  alignas(kCacheLine) DequeBuffers<Sync, MinCapacity, BufferOrders> buffers_;
  // The owner's own.
  alignas(kCacheLine) Plain<Index> check_at_{0};  // a push at this index must look at top again
  Plain<int> low_checks_{0};
  Plain<Index> shrink_at_{-1};  // at this length the buffer is worth halving; -1 = never
  const Index limit_;
  const Flavor flavor_;
};

}  // namespace sched
