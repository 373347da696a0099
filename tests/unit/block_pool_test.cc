#include "core/queue/block_pool.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <vector>

#include "tests/unit/failing_new.h"
#include "tests/unit/memory_calls.h"

namespace sched {
namespace {

using test::memory_calls;

struct Slot {
  std::atomic<std::uint64_t> words[2];
};
constexpr std::size_t kSlots = 256;  // a block of 4 KiB
using Pool = BlockPool<StdSync, Slot, kSlots>;

std::vector<Pool::Number> take(Pool& pool, int count) {
  std::vector<Pool::Number> blocks;
  for (int i = 0; i < count; ++i) blocks.push_back(pool.take());
  return blocks;
}

TEST(BlockPool, BlocksAreDistinctAndZero) {
  Pool pool;
  std::set<Pool::Number> numbers;
  std::set<const Slot*> places;
  for (const Pool::Number block : take(pool, 1000)) {
    ASSERT_NE(block, Pool::kNone);
    EXPECT_TRUE(numbers.insert(block).second);
    const auto view = pool.view(block);
    EXPECT_TRUE(places.insert(view.slots).second);
    EXPECT_EQ(&view.header, &pool.header(block));
    EXPECT_EQ(view.header.uses.load(), 0u);
    for (std::size_t i = 0; i < kSlots; ++i) {
      ASSERT_EQ(view.slots[i].words[1].load(), 0u);
      view.slots[i].words[1].store(block + 1);
    }
  }
  for (const Pool::Number block : numbers) {
    for (std::size_t i = 0; i < kSlots; ++i) {
      ASSERT_EQ(pool.view(block).slots[i].words[1].load(), block + 1) << "blocks overlap";
    }
  }
}

TEST(BlockPool, ReuseIsCountedAndComesFirst) {
  Pool pool;
  const auto blocks = take(pool, 3);
  pool.put(blocks[0]);
  pool.put(blocks[1]);
  EXPECT_EQ(pool.take(), blocks[1]) << "the last one is warm";
  EXPECT_EQ(pool.take(), blocks[0]);
  EXPECT_EQ(pool.header(blocks[0]).uses.load(), 1u);
  EXPECT_EQ(pool.header(blocks[2]).uses.load(), 0u);
  pool.put_unused(blocks[2]);
  EXPECT_EQ(pool.take(), blocks[2]);
  EXPECT_EQ(pool.header(blocks[2]).uses.load(), 0u) << "it was not used";
}

// What is in use keeps its contents, what is free gives its pages back but for a small reserve.
TEST(BlockPool, TrimsWhatIsFree) {
  const test::WatchMemory watch;
  Pool pool;
  auto blocks = take(pool, 4000);
  for (const Pool::Number block : blocks) {
    for (std::size_t i = 0; i < kSlots; ++i) pool.view(block).slots[i].words[0].store(block + 1);
  }
  const std::size_t used = blocks.size() * kSlots * sizeof(Slot);
  EXPECT_GE(memory_calls.resident_bytes(), used / 10 * 9);
  const auto put_all_but_every = [&](std::size_t stride) {
    std::vector<Pool::Number> kept;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      i % stride == 0 ? kept.push_back(blocks[i]) : pool.put(blocks[i]);
    }
    blocks = kept;
    for (const Pool::Number block : blocks) {
      for (std::size_t i = 0; i < kSlots; ++i) {
        ASSERT_EQ(pool.view(block).slots[i].words[0].load(), block + 1)
            << "a block in use was trimmed";
      }
    }
  };
  put_all_but_every(3);
  EXPECT_GT(memory_calls.discards, 0);
  put_all_but_every(10);
  EXPECT_LT(memory_calls.resident_bytes(), used / 3);
  for (const Pool::Number block : blocks) pool.put(block);
  EXPECT_LT(memory_calls.resident_bytes(), std::size_t{1} << 20);

  // Trimmed blocks are reused before new ones are made.
  const long maps = memory_calls.maps;
  std::set<Pool::Number> again;
  for (const Pool::Number block : take(pool, 4000)) EXPECT_TRUE(again.insert(block).second);
  EXPECT_EQ(memory_calls.maps, maps);
  EXPECT_LT(*again.rbegin(), 4000u);
}

TEST(BlockPool, NoMemory) {
  const test::WatchMemory watch;
  Pool pool;
  {
    const test::ScarceMemory none(0);
    EXPECT_EQ(pool.take(), Pool::kNone);
  }
  for (long left = 0; left < 3; ++left) {
    // Of a chunk's parts each may be the one that fails.
    Pool fresh;
    {
      const test::ScarceMemory some(left);
      memory_calls.fail = true;
      EXPECT_EQ(fresh.take(), Pool::kNone);
      memory_calls.fail = false;
    }
    EXPECT_NE(fresh.take(), Pool::kNone);
  }
  const Pool::Number block = pool.take();
  ASSERT_NE(block, Pool::kNone);
  pool.put(block);
  memory_calls.fail = true;
  const test::ScarceMemory none(0);
  EXPECT_EQ(pool.take(), block) << "reuse needs none";
}

}  // namespace
}  // namespace sched
