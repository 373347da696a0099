#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <new>

#include "core/base/cache_line.h"
#include "core/queue/block_pool.h"
#include "core/queue/steal.h"
#include "core/sync/std_sync.h"

namespace sched {

struct InjectorOrders {
  // Who reads an index or a block word sees what made it so: the block behind it as it is in this use, the words that
  // takers have copied before head moved on, and, by the number of its uses, what came before a block was put back.
  static constexpr std::memory_order kRead =
      std::memory_order_acquire;  // pairs with kTake, kAdvance, BlockPoolOrders::kUse
  static constexpr std::memory_order kTake = std::memory_order_release;     // pairs with kRead
  static constexpr std::memory_order kAdvance = std::memory_order_release;  // pairs with kRead
  // The tail is a number and no more: blocks come by kAdvance, items by kPublish.
  static constexpr std::memory_order kTail = std::memory_order_relaxed;   // coherence is enough
  static constexpr std::memory_order kClaim = std::memory_order_relaxed;  // its order of changes is
  static constexpr std::memory_order kClose = std::memory_order_relaxed;  // its order of changes is
  static constexpr std::memory_order kFailed = std::memory_order_relaxed;   // all is read again
  static constexpr std::memory_order kSeen = std::memory_order_relaxed;     // a number: see room()
  static constexpr std::memory_order kPrepare = std::memory_order_relaxed;  // published by kAdvance
  static constexpr std::memory_order kWord =
      std::memory_order_relaxed;  // ordered by kPublish, kMark and kTake
  // Who sees the mark sees the words before it.
  static constexpr std::memory_order kPublish = std::memory_order_release;  // pairs with kMark
  static constexpr std::memory_order kMark = std::memory_order_acquire;     // pairs with kPublish
};

// For users that put a thread to sleep after finding nothing: publishing and looking are seq_cst, so that of a producer
// that looks for sleepers after its push and a sleeper that looks for items after its announcement one sees the other.
// A look that finds nothing ends at an unfinished slot or at a block without a next one: it is for the marks and the
// links, among the words of blocks, that the orders are so strong. Who has linked a block will look for sleepers too.
struct SleeperInjectorOrders : InjectorOrders {
  static constexpr std::memory_order kRead = std::memory_order_seq_cst;     // pairs with kAdvance
  static constexpr std::memory_order kAdvance = std::memory_order_seq_cst;  // pairs with kRead
  static constexpr std::memory_order kPublish = std::memory_order_seq_cst;  // pairs with kMark
  static constexpr std::memory_order kMark = std::memory_order_seq_cst;     // pairs with kPublish
};

struct InjectorSizes {
  // Two pages: large enough that the few bytes known of each block do not count, small enough for a short queue.
  static constexpr std::size_t kBlockBytes = 8192;
};

// Unbounded FIFO for any number of producers and consumers, in linked blocks. A consumer looks at a slot and copies it
// before its CAS on head: after that it touches the block no more, so blocks can be reused at once, and neither
// a stalled producer nor a stalled consumer makes another thread wait. core/queue/README.md has the argument.
//
// An item is Words words; the lowest 8 bits of the last one belong to the injector (the mark of its slot).
template <class Sync = StdSync, std::size_t Words = 2,
          std::size_t BlockSlots = Sync::template Traits<InjectorSizes>::kBlockBytes / (8 * Words),
          class Orders = typename Sync::template Traits<InjectorOrders>>
class Injector {
  template <class T>
  using atomic = typename Sync::template atomic<T>;

 public:
  using Item = std::array<std::uint64_t, Words>;

  // Throws std::bad_alloc.
  Injector() {
    const Number first = blocks_.take();
    if (first == Blocks::kNone) throw std::bad_alloc();
    blocks_.header(first).next.store(pack(0, Blocks::kNone), Orders::kPrepare);
    head_block_.store(pack(0, first), Orders::kPrepare);
    tail_block_.store(pack(0, first), Orders::kPrepare);
  }

  PushStatus push(const Item& item) {
    return push(item, [] {});
  }

  // Calls claimed() when the push can fail no more and the item can not be taken yet.
  template <class Claimed>
  PushStatus push(const Item& item, Claimed claimed) {
    Claim claim;
    const PushStatus status = claim_slots(1, claim);
    if (status != PushStatus::kOk) return status;
    claimed();
    publish(*claim.slots, item, claim.mark);
    return status;
  }

  // The same with at most `bound` items in the queue after it; kFull: there were as many, or more, at a moment of the call.
  PushStatus push_within(std::uint64_t bound, const Item& item) {
    Claim claim;
    const PushStatus status =
        claim_slots(1, claim, [&](std::uint64_t tail) { return room(tail, bound); });
    if (status == PushStatus::kOk) publish(*claim.slots, item, claim.mark);
    return status;
  }

  // Also after close(). For who knows that somebody still takes.
  PushStatus push_owed(const Item& item) {
    Claim claim;
    const PushStatus status = claim_slots(
        1, claim, [](std::uint64_t) { return ~std::uint64_t{0}; }, true);
    if (status == PushStatus::kOk) publish(*claim.slots, item, claim.mark);
    return status;
  }

  // In order, with items of other producers between them. Not all are accepted if memory ends or the intake is closed.
  PushStatus push_n(const Item* items, std::size_t count, std::size_t& accepted) {
    accepted = 0;
    while (accepted < count) {
      Claim claim;
      const PushStatus status = claim_slots(count - accepted, claim);
      if (status != PushStatus::kOk) return status;
      for (std::size_t i = 0; i < claim.count; ++i) {
        publish(claim.slots[i], items[accepted + i], claim.mark);
      }
      accepted += claim.count;
    }
    return PushStatus::kOk;
  }

  // kSuccess; kEmpty: all items whose push happened before are taken; kPending: the oldest item's push has not
  // finished; kRetry: another consumer was faster.
  StealStatus pop(Item& out) {
    std::size_t taken = 0;
    return pop_n(&out, 1, taken);
  }

  // The same, but where accept(item) is false: then kFull, and the item stays, which was the oldest at a moment of the call.
  template <class Accept>
  StealStatus pop_if(Item& out, Accept accept) {
    Oldest oldest;
    if (!find_oldest(oldest)) return StealStatus::kEmpty;
    if (!copy(*oldest.slots, out, oldest.mark)) return nothing_at(oldest.index);
    const bool accepted = accept(out);
    if (!take(oldest.index, accepted ? 1 : 0)) return StealStatus::kRetry;
    return accepted ? StealStatus::kSuccess : StealStatus::kFull;
  }

  // Takes up to `limit` of the oldest items by one CAS; a batch ends where a block ends.
  StealStatus pop_n(Item* out, std::size_t limit, std::size_t& taken) {
    taken = 0;
    Oldest oldest;
    if (!find_oldest(oldest)) return StealStatus::kEmpty;
    const std::size_t most = std::min(limit, BlockSlots - oldest.index % BlockSlots);
    std::size_t count = 0;
    while (count < most && copy(oldest.slots[count], out[count], oldest.mark)) ++count;
    if (count == 0) return nothing_at(oldest.index);
    if (!take(oldest.index, count)) return StealStatus::kRetry;
    taken = count;
    return StealStatus::kSuccess;
  }

  // Whether a pop would find an item whose push is finished.
  bool ready() {
    for (;;) {
      Oldest oldest;
      if (!find_oldest(oldest)) return false;
      const std::uint64_t last = oldest.slots->words[Words - 1].load(Orders::kMark);
      if (head_.load(Orders::kRead) == oldest.index) return (last & kMarkMask) == oldest.mark;
    }
  }

  // Copies the oldest item if its push is finished. This is a take of no items: only an exchange that finds head where
  // it was says that all words belong to one item. So it is dearer than ready() for the threads that take.
  bool peek(Item& out) {
    for (;;) {
      Oldest oldest;
      if (!find_oldest(oldest)) return false;
      const bool found = copy(*oldest.slots, out, oldest.mark);
      if (take(oldest.index, 0)) return found;
    }
  }

  // After this no push succeeds but push_owed(); pushes that have claimed a slot are finished by their producers.
  void close() { tail_.fetch_or(kClosed, Orders::kClose); }
  bool closed() const { return (tail_.load(Orders::kTail) & kClosed) != 0; }

  std::size_t size() const {
    const std::uint64_t head = head_.load(Orders::kRead);
    const std::uint64_t tail = pushed();
    return tail > head ? static_cast<std::size_t>(tail - head) : 0;
  }

  // Slots claimed since the beginning, finished or not.
  std::uint64_t pushed() const { return tail_.load(Orders::kTail) & ~kClosed; }

 private:
  struct Slot {
    atomic<std::uint64_t> words[Words];
  };
  using Blocks = BlockPool<Sync, Slot, BlockSlots>;
  using Number = typename Blocks::Number;
  // Slots that a producer must publish.
  struct Claim {
    Slot* slots;
    std::size_t count;
    std::uint64_t mark;
  };
  // The slot at head, and the mark it has once it is finished.
  struct Oldest {
    std::uint64_t index;
    const Slot* slots;
    std::uint64_t mark;
  };

  static constexpr std::uint64_t kClosed = std::uint64_t{1} << 63;
  static constexpr std::uint64_t kMarkMask = 0xFF;
  static constexpr int kNumberBits = 24;
  static constexpr std::uint64_t kNumberMask = (1u << kNumberBits) - 1;
  static constexpr std::uint64_t kIdMask = (std::uint64_t{1} << (64 - kNumberBits)) - 1;

  // A block's place in the queue (index / BlockSlots) and its number, in one word: the id keeps a CAS from mistaking
  // a reused block for the one it was.
  static std::uint64_t pack(std::uint64_t id, Number block) { return id << kNumberBits | block; }
  static std::uint64_t id_of(std::uint64_t word) { return word >> kNumberBits; }
  static Number number_of(std::uint64_t word) { return static_cast<Number>(word & kNumberMask); }
  static std::uint64_t id_at(std::uint64_t index) { return (index / BlockSlots) & kIdMask; }
  static std::uint64_t id_after(std::uint64_t id) { return (id + 1) & kIdMask; }

  // The mark that a finished slot carries in the present use of its block: never what the use before has left, and
  // never the 0 of a fresh page.
  static std::uint64_t mark_of(const typename Blocks::Header& header) {
    return header.uses.load(Orders::kRead) % 128 + 1;
  }

  // How many items more than there are at a tail the bound allows. Head is read only when it may matter: what was seen of it
  // before makes the queue longer than it is.
  std::uint64_t room(std::uint64_t tail, std::uint64_t bound) {
    const auto left = [&](std::uint64_t head) {
      const std::uint64_t length =
          tail > head ? tail - head : 0;  // an outdated tail may lie behind
      return bound > length ? bound - length : 0;
    };
    const std::uint64_t seen = left(head_seen_.load(Orders::kSeen));
    if (seen != 0) return seen;
    const std::uint64_t head = head_.load(Orders::kRead);
    head_seen_.store(head, Orders::kSeen);
    return left(head);
  }

  PushStatus claim_slots(std::size_t wanted, Claim& claim) {
    return claim_slots(wanted, claim, [](std::uint64_t) { return ~std::uint64_t{0}; });
  }

  // Up to `wanted` slots at the tail, as many as its block still has and as room(tail) says; `owed`: also if it is closed.
  template <class Room>
  PushStatus claim_slots(std::size_t wanted, Claim& claim, Room room, bool owed = false) {
    for (;;) {
      const std::uint64_t block_word = tail_block_.load(Orders::kRead);
      std::uint64_t word = tail_.load(Orders::kTail);
      if ((word & kClosed) != 0 && !owed) return PushStatus::kClosed;
      const std::uint64_t tail = word & ~kClosed;
      if (id_of(block_word) != id_at(tail)) {
        if (!advance_tail(block_word)) return PushStatus::kNoMemory;
        continue;
      }
      const std::uint64_t most = room(tail);
      if (most == 0) return PushStatus::kFull;
      const std::size_t offset = tail % BlockSlots;
      const std::size_t count = std::min({wanted, BlockSlots - offset, std::size_t{most}});
      // Success means that the block is still the one at tail: it cannot be reused before these slots were taken.
      if (!tail_.compare_exchange_weak(word, word + count, Orders::kClaim, Orders::kFailed)) {
        continue;
      }
      const auto block = blocks_.view(number_of(block_word));
      claim = {block.slots + offset, count, mark_of(block.header)};
      return PushStatus::kOk;
    }
  }

  static void publish(Slot& slot, const Item& item, std::uint64_t mark) {
    for (std::size_t word = 0; word + 1 < Words; ++word) {
      slot.words[word].store(item[word], Orders::kWord);
    }
    slot.words[Words - 1].store((item[Words - 1] & ~kMarkMask) | mark, Orders::kPublish);
  }

  static bool copy(const Slot& slot, Item& out, std::uint64_t mark) {
    const std::uint64_t last = slot.words[Words - 1].load(Orders::kMark);
    if ((last & kMarkMask) != mark) return false;
    for (std::size_t word = 0; word + 1 < Words; ++word) {
      out[word] = slot.words[word].load(Orders::kWord);
    }
    out[Words - 1] = last & ~kMarkMask;
    return true;
  }

  // By the time that the slot is looked at it may belong to another use of its block; head has moved then. False: there
  // is no block at head, so nothing was pushed there.
  bool find_oldest(Oldest& oldest) {
    for (;;) {
      const std::uint64_t block_word = head_block_.load(Orders::kRead);
      const std::uint64_t head = head_.load(Orders::kRead);
      if (id_of(block_word) == id_at(head)) {
        const auto block = blocks_.view(number_of(block_word));
        oldest = {head, block.slots + head % BlockSlots, mark_of(block.header)};
        return true;
      }
      if (!advance_head(block_word)) return false;
    }
  }

  bool take(std::uint64_t index, std::size_t count) {
    return head_.compare_exchange_strong(index, index + count, Orders::kTake, Orders::kFailed);
  }

  StealStatus nothing_at(std::uint64_t head) const {
    // Head cannot have moved then: it is never above tail.
    if (pushed() == head) return StealStatus::kEmpty;
    return head_.load(Orders::kRead) == head ? StealStatus::kPending : StealStatus::kRetry;
  }

  // Makes the tail's block the one after the block given, installing that if nobody has. False: no memory. Any
  // producer can do it, so none waits for another. Out of line, as advance_head(): they would crowd what each push does.
  [[gnu::noinline]] bool advance_tail(std::uint64_t block_word) {
    auto& link = blocks_.header(number_of(block_word)).next;
    std::uint64_t next = link.load(Orders::kRead);
    if (id_of(next) != id_of(block_word)) return true;  // the block is in another use: look again
    if (number_of(next) == Blocks::kNone) {
      const Number fresh = blocks_.take();
      if (fresh == Blocks::kNone) return false;
      const std::uint64_t id = id_of(block_word);
      blocks_.header(fresh).next.store(pack(id_after(id), Blocks::kNone), Orders::kPrepare);
      if (link.compare_exchange_strong(next, pack(id, fresh), Orders::kAdvance, Orders::kFailed)) {
        next = pack(id, fresh);
      } else {
        blocks_.put_unused(fresh);
        next = link.load(Orders::kRead);
        if (id_of(next) != id) return true;
      }
    }
    move_on(tail_block_, block_word, number_of(next));
    return true;
  }

  // Makes the head's block the one after the block given, whose items are all taken. False: there is none, so nothing
  // was pushed beyond it. Who succeeds puts the old block back.
  [[gnu::noinline]] bool advance_head(std::uint64_t block_word) {
    const Number block = number_of(block_word);
    const std::uint64_t next = blocks_.header(block).next.load(Orders::kRead);
    if (id_of(next) != id_of(block_word)) return true;
    if (number_of(next) == Blocks::kNone) return false;
    if (move_on(head_block_, block_word, number_of(next))) {
      // The tail may not lag behind in a block that is put back.
      move_on(tail_block_, block_word, number_of(next));
      blocks_.put(block);
    }
    return true;
  }

  static bool move_on(atomic<std::uint64_t>& place, std::uint64_t from, Number to) {
    return place.compare_exchange_strong(from, pack(id_after(id_of(from)), to), Orders::kAdvance,
                                         Orders::kFailed);
  }

  alignas(kCacheLine) atomic<std::uint64_t> tail_{0};
  atomic<std::uint64_t> tail_block_{0};
  atomic<std::uint64_t> head_seen_{0};  // by producers with a bound
  alignas(kCacheLine) atomic<std::uint64_t> head_{0};
  atomic<std::uint64_t> head_block_{0};
  alignas(kCacheLine) Blocks blocks_;
};

}  // namespace sched
