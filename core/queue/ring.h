#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/cache_line.h"
#include "core/queue/steal.h"
#include "core/sync/std_sync.h"

namespace sched {

struct RingOrders {
  static constexpr std::memory_order kOwn =
      std::memory_order_relaxed;  // tail, read by its only writer
  static constexpr std::memory_order kWord =
      std::memory_order_relaxed;  // ordered by kPublish, kTail and kTake
  // seq_cst, so that of an owner that looks for sleepers after a push and a sleeper that looks for items after its
  // announcement one sees the other; and release, so that who sees the tail sees the items.
  static constexpr std::memory_order kPublish = std::memory_order_seq_cst;  // pairs with kTail
  static constexpr std::memory_order kTail = std::memory_order_seq_cst;     // pairs with kPublish
  // A taker has copied the items before head moves past them; the owner writes there only after it has seen that. No
  // acquire: what a taker must know of the items comes with the tail.
  static constexpr std::memory_order kTake = std::memory_order_release;  // pairs with kHead
  static constexpr std::memory_order kHead = std::memory_order_acquire;  // pairs with kTake
};

// Bounded FIFO of a worker: the owner pushes, the owner and thieves take, each by a CAS on head. Items of several words
// are copied before the CAS that claims them. After the local queues of Go's and Tokio's schedulers.
template <class Sync, std::size_t Words, std::size_t Capacity,
          class Orders = typename Sync::template Traits<RingOrders>>
class Ring {
  static_assert((Capacity & (Capacity - 1)) == 0);

 public:
  using Item = std::array<std::uint64_t, Words>;

  // --- the owner's side ---

  std::size_t room() {
    const std::uint64_t tail = tail_.load(Orders::kOwn);
    if (tail - known_head_ == Capacity) known_head_ = head_.load(Orders::kHead);
    return Capacity - static_cast<std::size_t>(tail - known_head_);
  }

  // False: full.
  bool push(const Item& item) {
    if (room() == 0) return false;
    push_n(&item, 1);
    return true;
  }

  // There must be room.
  void push_n(const Item* items, std::size_t count) {
    const std::uint64_t tail = tail_.load(Orders::kOwn);
    for (std::size_t i = 0; i < count; ++i) {
      auto& slot = slots_[(tail + i) % Capacity];
      for (std::size_t word = 0; word < Words; ++word)
        slot[word].store(items[i][word], Orders::kWord);
    }
    tail_.store(tail + count, Orders::kPublish);
  }

  bool pop(Item& out) {
    const std::uint64_t tail = tail_.load(Orders::kOwn);
    std::uint64_t head = head_.load(Orders::kHead);
    while (head != tail) {
      copy(head, out);
      if (head_.compare_exchange_weak(head, head + 1, Orders::kTake, Orders::kHead)) return true;
    }
    return false;
  }

  // --- any thread ---

  // Takes up to `limit` items, at most half of all rounded up, oldest first. kSuccess, kEmpty or kRetry.
  StealStatus steal(Item* out, std::size_t limit, std::size_t& taken) {
    taken = 0;
    std::uint64_t head = head_.load(Orders::kHead);
    const std::uint64_t tail = tail_.load(Orders::kTail);
    const auto length = static_cast<std::int64_t>(tail - head);
    if (length <= 0) return StealStatus::kEmpty;
    // A head so old that its slots are in use again; the CAS would find out too.
    if (length > static_cast<std::int64_t>(Capacity)) return StealStatus::kRetry;
    const std::size_t count = std::min(half(length), limit);
    for (std::size_t i = 0; i < count; ++i) copy(head + i, out[i]);
    if (!head_.compare_exchange_strong(head, head + count, Orders::kTake, Orders::kHead)) {
      return StealStatus::kRetry;
    }
    taken = count;
    return StealStatus::kSuccess;
  }

  // Takes the newest item of those that pushed() has counted, if it is the oldest too.
  bool steal_last(std::uint64_t pushed, Item& out) {
    std::uint64_t head = pushed - 1;
    copy(head, out);
    return head_.compare_exchange_strong(head, pushed, Orders::kTake, Orders::kHead);
  }

  bool empty() const { return size() == 0; }
  std::size_t size() const {
    const std::uint64_t head = head_.load(Orders::kHead);
    const auto length = static_cast<std::int64_t>(tail_.load(Orders::kTail) - head);
    return length > 0 ? std::min(static_cast<std::size_t>(length), Capacity) : 0;
  }

  // Copies the oldest item, if there is one. For statistics: each word is one that the oldest item had, but a race can
  // mix words of several items.
  bool peek(Item& out) const {
    const std::uint64_t head = head_.load(Orders::kHead);
    if (tail_.load(Orders::kTail) == head) return false;
    copy(head, out);
    return true;
  }

  // How many items were ever pushed: tells whether what is there has been there before.
  std::uint64_t pushed() const { return tail_.load(Orders::kTail); }

 private:
  void copy(std::uint64_t index, Item& out) const {
    const auto& slot = slots_[index % Capacity];
    for (std::size_t word = 0; word < Words; ++word) out[word] = slot[word].load(Orders::kWord);
  }

  alignas(kCacheLine) typename Sync::template atomic<std::uint64_t> head_{0};
  alignas(kCacheLine) typename Sync::template atomic<std::uint64_t> tail_{0};
  // The owner's: head was at least here.
  typename Sync::template Plain<std::uint64_t> known_head_{0};
  alignas(kCacheLine)
      std::array<typename Sync::template atomic<std::uint64_t>, Words> slots_[Capacity] = {};
};

}  // namespace sched
