#include "core/queue/deque_buffers.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <set>
#include <vector>

#include "tests/unit/failing_new.h"
#include "tests/unit/support.h"

namespace sched {
namespace {

template <std::size_t MinCapacity>
using Buffers = DequeBuffers<StdSync, MinCapacity, DequeBufferOrders>;

void* item(std::int64_t number) { return reinterpret_cast<void*>(number); }

std::size_t resident_pages(const void* memory, std::size_t bytes) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> states((bytes + page - 1) / page);
  EXPECT_EQ(mincore(const_cast<void*>(memory), bytes, states.data()), 0);
  std::size_t count = 0;
  for (const unsigned char state : states) count += state & 1u;
  return count;
}

// What a thief reads at an index.
template <class Buffers>
void* thief_item(const Buffers& buffers, typename Buffers::View view, typename Buffers::Index index) {
  void* out = nullptr;
  buffers.copy(view, index, &out, 1);
  return out;
}

TEST(DequeBuffers, MovesItemsAcrossTheWrap) {
  for (std::int64_t top = 0; top < 9; ++top) {
    Buffers<4> buffers;
    for (std::int64_t i = top; i < top + 4; ++i) buffers.own_slot(i).store(item(i + 1));
    for (const int level : {1, 3, 2, 0, 2, 1}) {
      ASSERT_TRUE(buffers.resize(level, top, top + 4));
      EXPECT_EQ(buffers.level(), level);
      EXPECT_EQ(buffers.capacity(), 4 << level);
      for (std::int64_t i = top; i < top + 4; ++i) {
        EXPECT_EQ(buffers.own_slot(i).load(), item(i + 1));
        EXPECT_EQ(thief_item(buffers, buffers.view(), i), item(i + 1));
      }
    }
  }
}

TEST(DequeBuffers, EveryResizeIsAnotherView) {
  Buffers<2> buffers;
  std::set<Buffers<2>::View> seen{buffers.view()};
  for (int round = 0; round < 50; ++round) {
    for (const int level : {1, 2, 1, 0}) {
      const auto before = buffers.view();
      EXPECT_TRUE(buffers.is_current(before));
      ASSERT_TRUE(buffers.resize(level, 0, 0));
      EXPECT_FALSE(buffers.is_current(before));
      EXPECT_TRUE(seen.insert(buffers.view()).second) << "a view came twice";
    }
  }
}

TEST(DequeBuffers, AnOldViewStaysReadable) {
  Buffers<2> buffers;
  buffers.own_slot(0).store(item(7));
  const auto old = buffers.view();
  ASSERT_TRUE(buffers.resize(20, 0, 1));
  const auto large = buffers.view();
  ASSERT_TRUE(buffers.resize(0, 0, 1));
  EXPECT_EQ(thief_item(buffers, old, 0), item(7));
  EXPECT_EQ(thief_item(buffers, large, 0), nullptr) << "the pages were given back";
  EXPECT_FALSE(buffers.is_current(old));
  EXPECT_FALSE(buffers.is_current(large));
}

TEST(DequeBuffers, RetiredBuffersGiveTheirPagesBack) {
  constexpr int kLevel = 14;
  Buffers<64> buffers;
  ASSERT_TRUE(buffers.resize(kLevel, 0, 0));
  const std::int64_t capacity = buffers.capacity();
  const void* memory = &buffers.own_slot(0);
  const auto bytes = static_cast<std::size_t>(capacity) * sizeof(void*);
  for (std::int64_t i = 0; i < capacity; ++i) buffers.own_slot(i).store(item(1));
  EXPECT_GE(resident_pages(memory, bytes) * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)), bytes);

  ASSERT_TRUE(buffers.resize(0, 0, 1));
  EXPECT_EQ(resident_pages(memory, bytes), 0u);
  EXPECT_EQ(buffers.own_slot(0).load(), item(1));

  ASSERT_TRUE(buffers.resize(kLevel, 0, 1));
  EXPECT_EQ(&buffers.own_slot(0), memory) << "one buffer for each size";
}

TEST(DequeBuffers, WorthShrinkingFrom64KiB) {
  Buffers<64> buffers;
  EXPECT_FALSE(buffers.worth_shrinking());
  ASSERT_TRUE(buffers.resize(6, 0, 0));
  EXPECT_FALSE(buffers.worth_shrinking()) << "32 KiB";
  ASSERT_TRUE(buffers.resize(7, 0, 0));
  EXPECT_TRUE(buffers.worth_shrinking()) << "64 KiB";
}

TEST(DequeBuffers, NothingChangesWithoutMemory) {
  Buffers<4> buffers;
  for (std::int64_t i = 0; i < 4; ++i) buffers.own_slot(i).store(item(i));
  const auto view = buffers.view();
  const test::RealCalls restore;
  sys::calls.mmap = [](void*, std::size_t, int, int, int, off_t) { return MAP_FAILED; };
  const test::ScarceMemory none(0);
  EXPECT_FALSE(buffers.resize(1, 0, 4)) << "from operator new";
  EXPECT_FALSE(buffers.resize(12, 0, 4)) << "from mmap";
  EXPECT_FALSE(buffers.resize(41, 0, 4)) << "beyond the largest";
  EXPECT_EQ(buffers.level(), 0);
  EXPECT_TRUE(buffers.is_current(view));
  for (std::int64_t i = 0; i < 4; ++i) EXPECT_EQ(buffers.own_slot(i).load(), item(i));
}

}  // namespace
}  // namespace sched
