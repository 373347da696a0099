#include "core/graph/blocks.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <new>
#include <utility>

#include "tests/unit/failing_new.h"

namespace sched {
namespace {

constexpr int kMany = 5000;

TEST(BlocksTest, GrowsAndShrinksAtItsEnd) {
  Blocks<std::unique_ptr<int>> blocks;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < kMany; ++i) blocks.push_back(std::make_unique<int>(i));
    ASSERT_EQ(blocks.size(), std::size_t{kMany});
    for (int i = 0; i < kMany; ++i) ASSERT_EQ(*blocks[static_cast<std::size_t>(i)], i);
    int next = 0;
    blocks.for_each([&](const std::unique_ptr<int>& one) { EXPECT_EQ(*one, next++); });
    EXPECT_EQ(next, kMany);
    // To every kind of place: within a block, to its end, to nothing.
    const int left = round == 0 ? 2048 : 0;
    for (int i = kMany; i-- > left;) ASSERT_EQ(*blocks.pop_back(), i);
    ASSERT_EQ(blocks.size(), static_cast<std::size_t>(left));
    for (int i = left; i-- > 1000;) ASSERT_EQ(*blocks.pop_back(), i);
    while (blocks.size() != 0) blocks.pop_back();
  }
}

TEST(BlocksTest, WhereThereIsRoomNothingIsAllocatedAndNothingMoves) {
  Blocks<int> blocks;
  for (int i = 0; i < kMany; ++i) {
    blocks.make_room();
    const int* const first = i >= 1024 ? &blocks[0] : nullptr;
    const test::ScarceMemory none(0);
    blocks.push_back(i);
    if (first != nullptr) {
      ASSERT_EQ(&blocks[0], first);
    }
  }
}

TEST(BlocksTest, WithoutMemoryNothingChanges) {
  Blocks<int> blocks;
  int failures = 0;
  for (int i = 0; i < kMany; ++i) {
    try {
      const test::ScarceMemory none(0);
      blocks.push_back(i);
      continue;
    } catch (const std::bad_alloc&) {
      ++failures;
    }
    ASSERT_EQ(blocks.size(), static_cast<std::size_t>(i));
    blocks.push_back(i);
  }
  EXPECT_GT(failures, 4);
  for (int i = 0; i < kMany; ++i) ASSERT_EQ(blocks[static_cast<std::size_t>(i)], i);
}

}  // namespace
}  // namespace sched
