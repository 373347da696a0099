#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>

#include "core/base/cache_line.h"
#include "core/sync/std_sync.h"

namespace sched {

struct BlockPoolOrders {
  // Who sees that a block was put back sees what came before.
  static constexpr std::memory_order kUse =
      std::memory_order_release;  // pairs with the user's read
  // Who takes a block sees all that was done to it before it was put back, and likewise to those below it: the top of a
  // list is changed by read-modify-writes only, so each belongs to the release sequences of all puts before.
  static constexpr std::memory_order kPut = std::memory_order_release;  // pairs with kTop
  static constexpr std::memory_order kTop = std::memory_order_acquire;  // pairs with kPut
  // The links are published by kPut; who pushes needs of the top no more than its number.
  static constexpr std::memory_order kLink = std::memory_order_relaxed;
  // Who carves a block has seen its chunk, and who is given the number has seen what the giver has.
  static constexpr std::memory_order kInstall = std::memory_order_release;  // pairs with kInstalled
  static constexpr std::memory_order kInstalled = std::memory_order_acquire;  // pairs with kInstall
  static constexpr std::memory_order kView = std::memory_order_relaxed;       // after kInstalled
  static constexpr std::memory_order kCarve = std::memory_order_relaxed;  // numbers, no contents
  static constexpr std::memory_order kCount = std::memory_order_relaxed;  // only steers trimming
};

struct BlockPoolSizes {
  static constexpr std::size_t kFirstChunk = 16;  // blocks; each further chunk is twice as large
  static constexpr std::int64_t kKeep = 32;       // free blocks that always keep their memory
};

// Blocks of slots that are never unmapped before the pool dies: a thread with an outdated block number may always read
// the block, though what it finds may belong to a later use. Blocks are known by number, so that a word can hold a
// block and a tag against ABA. Numbers go from thread to thread by release and acquire, here and by the user. Reuse
// needs no malloc; when less than half of the memory is in use, pages go back.
template <class Sync, class Slot, std::size_t BlockSlots,
          class Orders = typename Sync::template Traits<BlockPoolOrders>>
class BlockPool {
  template <class T>
  using atomic = typename Sync::template atomic<T>;
  using Sizes = typename Sync::template Traits<BlockPoolSizes>;

 public:
  using Number = std::uint32_t;
  static constexpr Number kNone = (1u << 24) - 1;

  // What is known of a block besides its slots; zero when fresh.
  struct Header {
    atomic<std::uint64_t> next;  // the user's own
    atomic<std::uint32_t> uses;  // how often the block was put back
    atomic<Number> below;        // link of the free lists
  };

  // A block that nobody else has, or kNone when there is no memory.
  Number take() {
    Number block = hot_.pop(*this);
    if (block != kNone) {
      hot_count_.fetch_sub(1, Orders::kCount);
    } else {
      block = cold_.pop(*this);
      if (block == kNone) block = carve();
      if (block == kNone) return kNone;
    }
    used_count_.fetch_add(1, Orders::kCount);
    return block;
  }

  // Puts a block back that was in use.
  void put(Number block) {
    header(block).uses.fetch_add(1, Orders::kUse);
    put_unused(block);
    if (hot_count_.load(Orders::kCount) > used_count_.load(Orders::kCount) + Sizes::kKeep &&
        !trimming_.exchange(true, Orders::kCount)) {
      trim();
      trimming_.store(false, Orders::kCount);
    }
  }

  // Puts a block back whose slots nobody wrote to.
  void put_unused(Number block) {
    used_count_.fetch_sub(1, Orders::kCount);
    hot_.push(*this, block);
    hot_count_.fetch_add(1, Orders::kCount);
  }

  // A block's header and slots.
  struct View {
    Header& header;
    Slot* slots;
  };
  View view(Number block) const {
    const Place place = place_of(block);
    const Chunk& chunk = *chunks_[place.chunk].load(Orders::kView);
    return {chunk.headers.data()[place.offset], chunk.slots.data() + place.offset * BlockSlots};
  }
  Header& header(Number block) const { return view(block).header; }

  BlockPool() = default;
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;
  ~BlockPool() {
    for (auto& chunk : chunks_) delete chunk.load(Orders::kView);
  }

 private:
  static constexpr std::size_t kFirstChunk = Sizes::kFirstChunk;
  // Enough for every number below kNone; see place_of().
  static constexpr int kChunks = static_cast<int>(std::bit_width((kNone - 1) / kFirstChunk + 1));

  struct Chunk {
    typename Sync::template Slab<Header> headers;
    typename Sync::template Slab<Slot> slots;
  };
  struct Place {
    int chunk;
    std::size_t offset;
  };

  // Stack of free blocks (Treiber). The tag in the upper half changes with every push and pop.
  class FreeList {
   public:
    void push(const BlockPool& pool, Number block) {
      std::uint64_t top = top_.load(Orders::kLink);
      std::uint64_t next = 0;
      do {
        pool.header(block).below.store(static_cast<Number>(top), Orders::kLink);
        next = ((top >> 32) + 1) << 32 | block;
      } while (!top_.compare_exchange_weak(top, next, Orders::kPut, Orders::kLink));
    }
    Number pop(const BlockPool& pool) {
      std::uint64_t top = top_.load(Orders::kTop);
      for (;;) {
        const Number block = static_cast<Number>(top);
        if (block == kNone) return kNone;
        const Number below = pool.header(block).below.load(Orders::kLink);
        const std::uint64_t next = ((top >> 32) + 1) << 32 | below;
        if (top_.compare_exchange_weak(top, next, Orders::kTop, Orders::kTop)) return block;
      }
    }

    // The whole stack, still linked, for the caller alone.
    Number take_all() {
      std::uint64_t top = top_.load(Orders::kTop);
      while (!top_.compare_exchange_weak(top, ((top >> 32) + 1) << 32 | kNone, Orders::kTop,
                                         Orders::kTop)) {
      }
      return static_cast<Number>(top);
    }

   private:
    atomic<std::uint64_t> top_{kNone};
  };

  static Place place_of(Number block) {
    if (block < kFirstChunk) return {0, block};  // as for every short queue
    const std::size_t group = block / kFirstChunk + 1;
    const int chunk = static_cast<int>(std::bit_width(group)) - 1;
    return {chunk, block - kFirstChunk * ((std::size_t{1} << chunk) - 1)};
  }

  // A block that was never used.
  Number carve() {
    Number block = carved_.load(Orders::kCarve);
    do {
      if (block == kNone || !ensure_chunk(place_of(block).chunk)) return kNone;
    } while (!carved_.compare_exchange_weak(block, block + 1, Orders::kCarve, Orders::kCarve));
    return block;
  }

  bool ensure_chunk(int index) {
    Chunk* present = chunks_[index].load(Orders::kInstalled);
    if (present != nullptr) return true;
    const std::size_t blocks = kFirstChunk << index;
    Chunk* made = new (std::nothrow) Chunk;
    if (made == nullptr) return false;
    if (!made->headers.allocate(blocks) || !made->slots.allocate(blocks * BlockSlots)) {
      delete made;
      return false;
    }
    // Somebody may have been faster.
    if (!chunks_[index].compare_exchange_strong(present, made, Orders::kInstall,
                                                Orders::kInstalled)) {
      delete made;
    }
    return true;
  }

  // Gives back the pages of all free blocks but kKeep, in as few calls as possible: each call may interrupt every CPU.
  // Blocks used one after the other lie side by side, so a backlog that was worked off makes long runs. Doing it when
  // half of the memory is free makes the number of calls logarithmic in the backlog.
  void trim() {
    Number block = hot_.take_all();
    std::int64_t count = 0;
    Run run{kNone, kNone};
    while (block != kNone) {
      const Number below = header(block).below.load(Orders::kLink);
      if (++count <= Sizes::kKeep) {
        hot_.push(*this, block);
      } else {
        if (!run.extend(block)) {
          discard(run);
          run = {block, block};
        }
        hot_count_.fetch_sub(1, Orders::kCount);
      }
      block = below;
    }
    discard(run);
  }

  // Blocks with numbers that follow each other, in one chunk.
  struct Run {
    Number first;
    Number last;
    bool extend(Number block) {
      if (first == kNone || place_of(block).chunk != place_of(first).chunk) return false;
      if (block + 1 == first) {
        first = block;
      } else if (block == last + 1) {
        last = block;
      } else {
        return false;
      }
      return true;
    }
  };

  void discard(Run run) {
    if (run.first == kNone) return;
    const Place place = place_of(run.first);
    chunks_[place.chunk]
        .load(Orders::kView)
        ->slots.discard(place.offset * BlockSlots,
                        (std::size_t{run.last} - run.first + 1) * BlockSlots);
    for (Number block = run.first; block <= run.last; ++block) cold_.push(*this, block);
  }

  atomic<Chunk*> chunks_[kChunks] = {};
  alignas(kCacheLine) FreeList hot_;  // blocks with memory
  FreeList cold_;                     // blocks whose pages were given back
  atomic<std::int64_t> hot_count_{0};
  atomic<std::int64_t> used_count_{0};
  atomic<Number> carved_{0};
  atomic<bool> trimming_{false};
};

}  // namespace sched
