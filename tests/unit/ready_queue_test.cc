#include "core/graph/ready_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <tuple>
#include <vector>

#include "tests/unit/support.h"

namespace sched {
namespace {

using test::below;

TEST(ReadyQueueTest, ByLevelThenPriorityThenOrderOfAddition) {
  ReadyQueue queue;
  queue.push(0, Level::kLow, UINT64_MAX);
  queue.push(5, Level::kNormal, 3);
  queue.push(2, Level::kNormal, 3);
  queue.push(4, Level::kNormal, 4);
  queue.push(9, Level::kHigh, 0);
  queue.push(kNoJob - 1, Level::kHigh, 0);
  EXPECT_EQ(queue.size(), 6u);
  EXPECT_EQ(queue.top_level(), Level::kHigh);
  std::vector<JobIndex> order;
  while (!queue.empty()) {
    const JobIndex top = queue.top();
    order.push_back(queue.pop());
    EXPECT_EQ(order.back(), top);
  }
  EXPECT_EQ(order, (std::vector<JobIndex>{9, kNoJob - 1, 4, 2, 5, 0}));
}

TEST(ReadyQueueTest, SortsWhateverComesAndGoes) {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    using Key = std::tuple<Level, std::uint64_t, JobIndex>;  // the priority counted down
    std::vector<Key> expected;
    ReadyQueue queue;
    for (JobIndex job = 0; job < 300; ++job) {
      const auto level = static_cast<Level>(below(random, kLevels));
      const std::uint64_t priority = below(random, 5);
      queue.reserve(queue.size() + 1);
      queue.push(job, level, priority);
      expected.emplace_back(level, UINT64_MAX - priority, job);
      if (below(random, 3) != 0) continue;
      const auto best = std::min_element(expected.begin(), expected.end());
      ASSERT_EQ(queue.top_level(), std::get<0>(*best));
      ASSERT_EQ(queue.top_priority(), UINT64_MAX - std::get<1>(*best));
      ASSERT_EQ(queue.pop(), std::get<2>(*best));
      expected.erase(best);
    }
    std::sort(expected.begin(), expected.end());
    for (const Key& key : expected) ASSERT_EQ(queue.pop(), std::get<2>(key));
    ASSERT_TRUE(queue.empty());
  }
}

TEST(ReadyQueueTest, Clear) {
  ReadyQueue queue;
  queue.push(1, Level::kNormal, 1);
  queue.clear();
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace sched
