#include "core/queue/block_pool.h"
#include "tests/model/engine/policy.h"
#include "tests/model/engine/scenario.h"

namespace model {
namespace {

struct Slot {
  Atomic<std::uint64_t> word;
};

// A pool of blocks of one slot. A thread that holds a block writes to a plain cell that belongs to the number: the next
// holder races with it if the pool does not order the two.
class Blocks {
 public:
  using Pool = sched::BlockPool<ModelSync, Slot, 1>;
  using Number = Pool::Number;

  Blocks() { name(pool, "pool"); }

  Number take() {
    const Number block = pool.take();
    check(block < kMost, "a block has an unlikely number");
    if (++held_[block] != 1) fail(Failure::kTwice, "a block was given to two at once");
    cells_[block].value = static_cast<int>(block);
    return block;
  }
  void write(Number block, std::uint64_t word) const {
    pool.view(block).slots[0].word.store(word, std::memory_order_relaxed);
  }
  std::uint64_t read(Number block) const {
    return pool.view(block).slots[0].word.load(std::memory_order_relaxed);
  }
  void put(Number block) {
    --held_[block];
    pool.put(block);
  }
  // Free memory is never given back by this.
  void put_unused(Number block) {
    --held_[block];
    pool.put_unused(block);
  }

  Pool pool;

 private:
  static constexpr std::size_t kMost = 14;  // three chunks
  struct Cell {
    Plain<int> value;
  };
  Cell cells_[kMost];
  int held_[kMost] = {};  // one thread runs at a time
};

// The first blocks of all, and the chunk that holds them.
SCENARIO(block_pool_first_chunk, .bound = 4, .deep_bound = 6, .kills = {"BlockPoolOrders"}) {
  Blocks blocks;
  const auto user = [&] { blocks.write(blocks.take(), 1); };
  Thread one(user);
  Thread two(user, one);
  one.join();
  two.join();
  blocks.take();
}

// Two need the next chunk.
SCENARIO(block_pool_next_chunk, .bound = 4, .deep_bound = 6) {
  Blocks blocks;
  blocks.take();
  const auto user = [&] {
    blocks.write(blocks.take(), 1);
    blocks.write(blocks.take(), 2);
  };
  Thread one(user);
  Thread two(user, one);
}

// A thread with an outdated number may read the block at any time. What it sees tells it what came before the block was
// put back.
SCENARIO(block_pool_outdated_reader, .bound = 3, .deep_bound = 5, .kills = {"BlockPoolOrders"}) {
  Blocks blocks;
  Atomic<int> over(0);
  const auto block = blocks.take();
  blocks.write(block, 1);
  {
    Thread reader([&] {
      const auto view = blocks.pool.view(block);
      const auto uses = view.header.uses.load(std::memory_order_acquire);
      const auto word = view.slots[0].word.load(std::memory_order_acquire);
      check(uses <= 1 && word <= 2, "a block shows what nobody wrote");
      if (uses == 1 || word != 1) {
        check(over.load(std::memory_order_relaxed) == 1, "a block was used again before its time");
      }
    });
    over.store(1, std::memory_order_relaxed);
    blocks.put(block);
    check(blocks.take() == block, "the free block does not come first");
    blocks.pool.view(block).slots[0].word.store(2, std::memory_order_release);
  }
}

// A block that one thread has carved and put back, to another.
SCENARIO(block_pool_put_and_take, .bound = 4, .deep_bound = 6, .kills = {"BlockPoolOrders"}) {
  Blocks blocks;
  const auto user = [&] {
    const auto block = blocks.take();
    blocks.write(block, 1);
    blocks.put_unused(block);
    blocks.write(blocks.take(), 2);
  };
  Thread one(user);
  Thread two(user, one);
}

// The block on top of the free list is taken, and back before a slow thread takes it; the one below is not.
SCENARIO(block_pool_aba, .bound = 3, .deep_bound = 5, .kills = {"BlockPoolOrders"}) {
  Blocks blocks;
  const auto lowest = blocks.take();
  const auto middle = blocks.take();
  const auto top = blocks.take();
  blocks.put_unused(lowest);
  blocks.put_unused(middle);
  blocks.put_unused(top);
  {
    Thread slow([&] { blocks.take(); });
    const auto first = blocks.take();
    blocks.take();
    blocks.put_unused(first);
  }
  blocks.take();
  blocks.take();
}

// Three at one free list.
SCENARIO(block_pool_three_threads, .bound = 1, .deep_bound = 2, .kills = {"BlockPoolOrders"}) {
  Blocks blocks;
  const auto bottom = blocks.take();
  const auto top = blocks.take();
  blocks.put_unused(bottom);
  blocks.put_unused(top);
  {
    const auto user = [&] { blocks.put_unused(blocks.take()); };
    Thread one(user);
    Thread two(user, one);
    Thread three(user, two);
  }
  // Two are free, or three if all users were at work at once.
  check(blocks.take() <= 2 && blocks.take() <= 2, "a free block was lost");
}

// Two fill the free list so that both want to trim it, and the blocks whose pages went back come out again.
SCENARIO(block_pool_two_trim, .bound = 2, .deep_bound = 3, .kills = {"BlockPoolOrders"}) {
  Blocks blocks;
  const auto one = blocks.take();
  const auto two = blocks.take();
  {
    Thread other([&] { blocks.put(one); });
    blocks.put(two);
    blocks.take();
  }
  blocks.take();
  check(blocks.take() <= 2, "a free block was lost");
}

// Trimming takes the whole free list for a while, and the pages from under nobody.
SCENARIO(block_pool_trim_against_take, .bound = 3, .deep_bound = 4, .kills = {"BlockPoolOrders"}) {
  Blocks blocks;
  const auto one = blocks.take();
  const auto two = blocks.take();
  blocks.put_unused(one);
  {
    Thread user([&] {
      const auto block = blocks.take();
      blocks.write(block, 7);
      check(blocks.read(block) == 7, "the pages of a block in use were given back");
      const auto other = blocks.take();
      blocks.write(other, 8);
      check(blocks.read(block) == 7 && blocks.read(other) == 8, "two blocks share memory");
      blocks.put(other);
    });
    blocks.put(two);
  }
  blocks.take();
  blocks.take();
}

// Blocks that were put back unused have no new use to tell from the one before.
SCENARIO(block_pool_uses, .bound = 3, .deep_bound = 4) {
  Blocks blocks;
  const auto uses = [&](Blocks::Number block) {
    return blocks.pool.header(block).uses.load(std::memory_order_relaxed);
  };
  blocks.put_unused(blocks.take());
  {
    Thread user([&] { blocks.put(blocks.take()); });
    blocks.put_unused(blocks.take());
  }
  const auto first = blocks.take();
  const auto second = blocks.take();
  check(uses(first) + uses(second) == 1, "uses were not counted, or what was none was");
}

}  // namespace
}  // namespace model
