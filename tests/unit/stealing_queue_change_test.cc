#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <new>
#include <thread>
#include <vector>

#include "core/queue/stealing_queue.h"
#include "tests/unit/failing_new.h"
#include "tests/unit/hook_sync.h"
#include "tests/unit/support.h"

namespace sched {
namespace {

using Queue = StealingQueue<StdSync, 2, 4>;  // small rings, so that they overflow
using Item = Queue::Item;
constexpr std::uint64_t kNothing = ~0ull;

template <class Q>
void submit_local(Q& queue, std::uint32_t context, Level level, std::uint64_t number) {
  bool run_next = false;
  ASSERT_EQ(queue.submit_local(context, level, {number, 0}, &run_next), PushStatus::kOk);
}

// The number of the next item, or kNothing.
template <class Q>
std::uint64_t next(Q& queue, std::uint32_t context, bool settled_only = false) {
  Item item{};
  Level level = Level::kHigh;
  const StealStatus status = queue.next(context, kEveryLevel, settled_only, item, level);
  return status == StealStatus::kSuccess ? item[0] : kNothing;
}

// --- one more context ---

TEST(StealingQueueContexts, AreAddedOneByOne) {
  Queue queue(1, 3, {}, 1);
  EXPECT_EQ(queue.contexts(), 1u);
  EXPECT_EQ(queue.add_context(), 1u);
  EXPECT_EQ(queue.add_context(), 2u);
  EXPECT_EQ(queue.contexts(), 3u);
  submit_local(queue, 2, Level::kNormal, 7);
  EXPECT_EQ(queue.submitted(Level::kNormal), 1u);
  EXPECT_EQ(queue.size(Level::kNormal), 1u);
  EXPECT_EQ(queue.look(kEveryLevel), Ready::kRunNext);
  EXPECT_EQ(next(queue, 0), 7u) << "the others see what it holds";
  EXPECT_EQ(queue.counts().steals, 1u);
  submit_local(queue, 0, Level::kLow, 8);
  EXPECT_EQ(next(queue, 1), 8u) << "and it sees what the others hold";
}

TEST(StealingQueueContexts, WithoutMemoryNothingChanges) {
  Queue queue(1, 2, {}, 1);
  {
    const test::ScarceMemory scarce(0);
    EXPECT_THROW(queue.add_context(), std::bad_alloc);
  }
  EXPECT_EQ(queue.contexts(), 1u);
  submit_local(queue, 0, Level::kHigh, 1);
  EXPECT_EQ(next(queue, 0), 1u);
  EXPECT_EQ(queue.add_context(), 1u);
}

TEST(StealingQueueContexts, ChooseAsThoseThatWereThereFromTheBeginning) {
  const auto order = [](Queue& queue) {
    for (std::uint32_t context = 1; context < 16; ++context) {
      for (int i = 0; i < 4; ++i) submit_local(queue, context, Level::kLow, context);
    }
    std::vector<std::uint64_t> numbers;
    for (int i = 0; i < 60; ++i) numbers.push_back(next(queue, 15));
    return numbers;
  };
  Queue all(16, {}, 7);
  Queue grown(1, 16, {}, 7);
  for (int i = 1; i < 16; ++i) grown.add_context();
  EXPECT_EQ(order(all), order(grown));
}

// --- giving away ---

TEST(StealingQueueGiveAway, OldestFirstAndCountedOnce) {
  Queue queue(2, {}, 1);
  for (std::uint64_t number = 1; number <= 4; ++number) {
    submit_local(queue, 0, Level::kNormal, number);
  }
  submit_local(queue, 0, Level::kLow, 5);
  EXPECT_TRUE(queue.give_away(0));
  EXPECT_EQ(queue.submitted(Level::kNormal), 4u);
  EXPECT_EQ(queue.submitted(Level::kLow), 1u);
  EXPECT_EQ(queue.size(Level::kNormal), 4u);
  EXPECT_EQ(queue.look(kEveryLevel), Ready::kWork) << "the slot's item is for all to take at once";
  for (std::uint64_t number = 1; number <= 5; ++number) {
    EXPECT_EQ(next(queue, 1, true), number);
  }
  EXPECT_EQ(next(queue, 0), kNothing);
  EXPECT_TRUE(queue.give_away(0)) << "nothing to move";
}

TEST(StealingQueueGiveAway, RaisesTheHint) {
  const test::NoHooks clean;
  StealingQueue<test::HookSync> queue(2, {}, 1);
  submit_local(queue, 0, Level::kHigh, 1);
  bool searched = false;
  test::before_store = [&](std::memory_order order) {
    if (order != std::memory_order_release || searched) return;
    searched = true;
    EXPECT_EQ(next(queue, 1), kNothing) << "on its way";
    EXPECT_FALSE(queue.hinted(Level::kHigh));
    EXPECT_EQ(queue.submitted(Level::kHigh), 2u) << "too many rather than too few";
  };
  EXPECT_TRUE(queue.give_away(0));
  ASSERT_TRUE(searched);
  EXPECT_TRUE(queue.hinted(Level::kHigh));
  EXPECT_EQ(queue.submitted(Level::kHigh), 1u);
  EXPECT_EQ(next(queue, 1), 1u);
}

TEST(StealingQueueGiveAway, AClosedQueueRefusesAndAllStaysInOrder) {
  Queue queue(2, {}, 1);
  for (std::uint64_t number = 1; number <= 4; ++number) {
    submit_local(queue, 0, Level::kNormal, number);
  }
  queue.close();
  EXPECT_FALSE(queue.give_away(0));
  EXPECT_EQ(queue.submitted(Level::kNormal), 4u);
  for (const std::uint64_t number : {4u, 1u, 2u, 3u}) EXPECT_EQ(next(queue, 0), number);
  EXPECT_TRUE(queue.give_away(0)) << "nothing to move";
}

// The queue is closed while the first item is on its way.
TEST(StealingQueueGiveAway, WhatIsRefusedOnTheWayGoesToTheEnd) {
  const test::NoHooks clean;
  StealingQueue<test::HookSync> queue(2, {}, 1);
  for (std::uint64_t number = 1; number <= 4; ++number) {
    submit_local(queue, 0, Level::kHigh, number);
  }
  test::before_store = [&](std::memory_order order) {
    if (order == std::memory_order_release) queue.close();
  };
  EXPECT_FALSE(queue.give_away(0));
  test::before_store = nullptr;
  EXPECT_EQ(queue.submitted(Level::kHigh), 4u);
  EXPECT_EQ(queue.size(Level::kHigh), 4u);
  EXPECT_TRUE(queue.hinted(Level::kHigh));
  for (const std::uint64_t number : {3u, 4u, 2u, 1u}) EXPECT_EQ(next(queue, 0), number);
}

TEST(StealingQueueGiveAway, TheSlotRefusedOnTheWayIsFilledAgain) {
  const test::NoHooks clean;
  StealingQueue<test::HookSync> queue(1, {}, 1);
  submit_local(queue, 0, Level::kNormal, 1);
  submit_local(queue, 0, Level::kNormal, 2);
  test::before_store = [&](std::memory_order order) {
    if (order == std::memory_order_release) queue.close();
  };
  EXPECT_FALSE(queue.give_away(0)) << "the ring's item has gone, the slot's has not";
  test::before_store = nullptr;
  EXPECT_EQ(queue.size(Level::kNormal), 2u);
  EXPECT_EQ(next(queue, 0), 2u);
  EXPECT_EQ(next(queue, 0), 1u);
  EXPECT_EQ(next(queue, 0), kNothing);
}

// An owner that submits and gives away, others that take, and somebody who asks all the time whether all has ended.
TEST(StealingQueueGiveAway, AgainstThieves) {
  constexpr std::uint64_t kItems = 20'000 / SCHED_STRESS_DIVISOR;
  constexpr std::uint32_t kThieves = 2;
  Queue queue(1 + kThieves, {}, 1);
  std::vector<std::atomic<int>> taken(kItems);
  std::atomic<std::uint64_t> ended{0};
  const auto end = [&](std::uint64_t number) {
    if (number == kNothing) return;
    taken[number].fetch_add(1);
    ended.fetch_add(1);
  };
  std::vector<std::thread> threads;
  for (std::uint32_t context = 1; context <= kThieves; ++context) {
    threads.emplace_back([&, context] {
      while (ended.load() < kItems) {
        const std::uint64_t number = next(queue, context);
        number == kNothing ? std::this_thread::yield() : end(number);
      }
    });
  }
  threads.emplace_back([&] {
    std::uint64_t ends = 0;
    while (ends < kItems) {
      ends = ended.load();
      const std::uint64_t submitted = queue.submitted(Level::kNormal);
      if (submitted < ends || (ends == kItems && submitted != kItems)) {
        ADD_FAILURE() << ends << " have ended, " << submitted << " were submitted";
        return;
      }
      std::this_thread::yield();
    }
  });
  for (std::uint64_t number = 0; number < kItems; ++number) {
    submit_local(queue, 0, Level::kNormal, number);
    if (number % 3 == 0) {
      EXPECT_TRUE(queue.give_away(0));
    }
    if (number % 7 == 0) end(next(queue, 0));
  }
  EXPECT_TRUE(queue.give_away(0));
  for (std::thread& thread : threads) thread.join();
  for (std::uint64_t number = 0; number < kItems; ++number) {
    ASSERT_EQ(taken[number].load(), 1) << number;
  }
  EXPECT_EQ(queue.submitted(Level::kNormal), kItems);
}

// --- credit ---

template <class Q>
Level next_level(Q& queue, std::uint32_t context) {
  Item item{};
  Level level = Level::kHigh;
  EXPECT_EQ(queue.next(context, kEveryLevel, false, item, level), StealStatus::kSuccess);
  return level;
}

void fill(Queue& queue, std::initializer_list<Level> levels) {
  for (const Level level : levels) {
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(queue.submit(level, {}), PushStatus::kOk);
  }
}

TEST(StealingQueueCredit, WhereNothingLowerWaitsItHasNoEnd) {
  Queue queue(1, {}, 1);
  fill(queue, {Level::kHigh});
  EXPECT_EQ(next_level(queue, 0), Level::kHigh);
  EXPECT_EQ(queue.credit(0, Level::kHigh), UINT32_MAX);
  fill(queue, {Level::kNormal});
  EXPECT_EQ(queue.credit(0, Level::kNormal), UINT32_MAX);
  EXPECT_EQ(queue.credit(0, Level::kLow), UINT32_MAX);
  EXPECT_EQ(queue.credit(0, Level::kHigh), 8u) << "it waits, and nothing has passed over it yet";
}

TEST(StealingQueueCredit, EndsWhereTheLowerLevelIsDue) {
  Queue queue(1, {}, 1);
  fill(queue, {Level::kHigh, Level::kNormal});
  EXPECT_EQ(next_level(queue, 0), Level::kHigh);
  EXPECT_EQ(queue.credit(0, Level::kHigh), 7u);
  queue.charge(0, Level::kHigh, 0);
  EXPECT_EQ(queue.credit(0, Level::kHigh), 7u);
  queue.charge(0, Level::kHigh, 5);
  EXPECT_EQ(queue.credit(0, Level::kHigh), 2u);
  queue.charge(0, Level::kHigh, 2);
  EXPECT_EQ(queue.credit(0, Level::kHigh), 0u);
  EXPECT_EQ(next_level(queue, 0), Level::kNormal);
  EXPECT_EQ(next_level(queue, 0), Level::kHigh) << "served, and the count begins anew";
  EXPECT_EQ(queue.credit(0, Level::kHigh), 7u);
}

TEST(StealingQueueCredit, OfNormalEndsWhereLowIsDue) {
  Queue queue(1, {}, 1);
  fill(queue, {Level::kNormal, Level::kLow});
  EXPECT_EQ(next_level(queue, 0), Level::kNormal);
  EXPECT_EQ(queue.credit(0, Level::kNormal), 63u);
  queue.charge(0, Level::kNormal, 63);
  EXPECT_EQ(queue.credit(0, Level::kNormal), 0u);
  EXPECT_EQ(next_level(queue, 0), Level::kLow);
}

TEST(StealingQueueCredit, ChargingMoreThanThereWasIsNoMoreThanDue) {
  Queue queue(1, {}, 1);
  fill(queue, {Level::kHigh, Level::kNormal});
  EXPECT_EQ(next_level(queue, 0), Level::kHigh);
  queue.charge(0, Level::kHigh, UINT32_MAX);
  EXPECT_EQ(queue.credit(0, Level::kHigh), 0u);
  EXPECT_EQ(next_level(queue, 0), Level::kNormal);
}

// A context that runs what its credit allows behind every selection serves the lower levels within their bounds.
TEST(StealingQueueCredit, UsingItAllKeepsTheBounds) {
  for (const StarvationBounds bounds : {StarvationBounds{8, 64}, {1, 2}, {2, 2}, {9, 8}, {3, 4}}) {
    Queue queue(1, bounds, 1);
    fill(queue, {Level::kHigh, Level::kNormal, Level::kLow});
    std::uint32_t normal = 0;
    std::uint32_t low = 0;
    std::uint32_t most_normal = 0;
    std::uint32_t most_low = 0;
    for (int i = 0; i < 300; ++i) {
      const Level level = next_level(queue, 0);
      const std::uint32_t more = level == Level::kLow ? 0 : queue.credit(0, level);
      queue.charge(0, level, more);
      normal = level == Level::kNormal ? 0 : normal + 1 + more;
      low = level == Level::kLow ? 0 : low + 1 + more;
      most_normal = std::max(most_normal, normal);
      most_low = std::max(most_low, low);
    }
    EXPECT_EQ(most_normal, bounds.normal) << bounds.normal << " and " << bounds.low;
    EXPECT_EQ(most_low, bounds.low) << bounds.normal << " and " << bounds.low;
  }
}

}  // namespace
}  // namespace sched
