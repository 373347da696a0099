#include "core/queue/split_deque.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace sched {
namespace {

using TestDeque = SplitDeque<StdSync, 16>;

void* item_of(std::uintptr_t number) { return reinterpret_cast<void*>(number); }
std::uintptr_t number_of(const void* item) { return reinterpret_cast<std::uintptr_t>(item); }

std::uintptr_t steal(TestDeque& deque) {
  void* item = nullptr;
  TestDeque::Index position = 0;
  if (deque.steal(item, position) != StealStatus::kSuccess) return 0;
  deque.done(position);
  return number_of(item);
}

TEST(SplitDeque, ShareAllLeavesNothingPrivate) {
  TestDeque deque;
  EXPECT_FALSE(deque.share_all()) << "it is empty";
  for (std::uintptr_t number = 1; number <= 3; ++number) deque.push(item_of(number));
  EXPECT_TRUE(deque.share_all());
  EXPECT_FALSE(deque.share_all()) << "all is shared";
  for (std::uintptr_t number = 1; number <= 3; ++number) EXPECT_EQ(steal(deque), number);
  EXPECT_FALSE(deque.shares());
  EXPECT_EQ(deque.pop(), nullptr);
}

TEST(SplitDeque, TheOwnerTakesBackWhatItHasShared) {
  TestDeque deque;
  for (std::uintptr_t number = 1; number <= 5; ++number) deque.push(item_of(number));
  EXPECT_TRUE(deque.share_all());
  EXPECT_EQ(number_of(deque.pop()), 5u);
  EXPECT_FALSE(deque.share_all());
  deque.push(item_of(6));
  EXPECT_EQ(steal(deque), 1u);
  for (const std::uintptr_t number : {6u, 4u, 3u, 2u}) EXPECT_EQ(number_of(deque.pop()), number);
  EXPECT_EQ(deque.pop(), nullptr);
}

TEST(SplitDeque, ThievesSayWhenTheyHaveDone) {
  TestDeque deque;
  // Each time round the positions share the slots with others.
  for (int round = 0; round < 50; ++round) {
    const TestDeque::Index before = deque.end();
    for (std::uintptr_t number = 1; number <= 3; ++number) deque.push(item_of(number));
    deque.share_all();
    void* item = nullptr;
    TestDeque::Index position = 0;
    EXPECT_EQ(deque.steal(item, position), StealStatus::kSuccess);
    const TestDeque::Index first = position;
    EXPECT_EQ(deque.steal(item, position), StealStatus::kSuccess);
    EXPECT_EQ(number_of(deque.pop()), 3u);
    EXPECT_EQ(deque.pop(), nullptr);
    EXPECT_EQ(position, before + 1);
    EXPECT_FALSE(deque.all_done(before));
    deque.done(position);
    EXPECT_FALSE(deque.all_done(before)) << "the older one is still out";
    EXPECT_TRUE(deque.all_done(before + 1));
    deque.done(first);
    EXPECT_TRUE(deque.all_done(before));
    EXPECT_TRUE(deque.all_done(0));
  }
}

TEST(SplitDeque, ShareAllAgainstThieves) {
  constexpr std::uintptr_t kItems = 20'000 / SCHED_STRESS_DIVISOR;
  const auto deque = std::make_unique<TestDeque>();
  std::vector<std::atomic<int>> taken(kItems + 1);
  std::atomic<bool> over{false};
  std::vector<std::thread> thieves;
  for (int i = 0; i < 2; ++i) {
    thieves.emplace_back([&] {
      while (!over.load()) taken[steal(*deque)].fetch_add(1);
    });
  }
  for (std::uintptr_t number = 1; number <= kItems; ++number) {
    while (deque->push(item_of(number)) == TestDeque::Push::kFull) std::this_thread::yield();
    if (number % 3 == 0) deque->share_all();
    if (number % 5 == 0) taken[number_of(deque->pop())].fetch_add(1);
  }
  while (const void* item = deque->pop()) taken[number_of(item)].fetch_add(1);
  over.store(true);
  for (std::thread& thief : thieves) thief.join();
  for (std::uintptr_t number = 1; number <= kItems; ++number) {
    ASSERT_EQ(taken[number].load(), 1) << number;
  }
}

}  // namespace
}  // namespace sched
