#include "core/fair/undecided.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace sched {
namespace {

TEST(Undecided, ATaskIsDecidedOnce) {
  Undecided undecided;
  const auto first = undecided.begin();
  const auto second = undecided.begin();
  EXPECT_FALSE(undecided.cancelled(first));
  EXPECT_TRUE(undecided.decide(first));
  EXPECT_EQ(undecided.clear(), 1u);
  EXPECT_TRUE(undecided.cancelled(second));
  EXPECT_FALSE(undecided.decide(second));
  EXPECT_EQ(undecided.clear(), 0u);
}

TEST(Undecided, AClearConcernsNoneThatComeLater) {
  Undecided undecided;
  EXPECT_EQ(undecided.clear(), 0u);
  const auto before = undecided.begin();
  EXPECT_EQ(undecided.clear(), 1u);
  const auto after = undecided.begin();
  EXPECT_FALSE(undecided.cancelled(after));
  EXPECT_FALSE(undecided.decide(before));
  EXPECT_TRUE(undecided.decide(after));
  EXPECT_EQ(undecided.clear(), 0u);
}

// Each of many is told the one or the other, and the clears count the others.
TEST(Undecided, ClearsCountExactly) {
  constexpr int kThreads = 3;
  constexpr int kRounds = 2'000;
  constexpr std::uint32_t kEach = 4;
  Undecided undecided;
  for (int round = 0; round < kRounds / SCHED_STRESS_DIVISOR; ++round) {
    std::vector<Undecided::Generation> begun;
    for (std::uint32_t i = 0; i < kThreads * kEach; ++i) begun.push_back(undecided.begin());
    std::atomic<std::uint32_t> finalized{0};
    std::atomic<std::uint32_t> cancelled{0};
    std::atomic<bool> go{false};
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        go.wait(false);
        for (std::uint32_t i = 0; i < kEach; ++i) {
          if (undecided.decide(begun[static_cast<std::uint32_t>(t) * kEach + i])) ++finalized;
        }
      });
    }
    threads.emplace_back([&] {
      go.wait(false);
      cancelled += undecided.clear();
    });
    go = true;
    go.notify_all();
    cancelled += undecided.clear();
    for (std::thread& thread : threads) thread.join();
    ASSERT_EQ(finalized + cancelled, kThreads * kEach) << "round " << round;
    ASSERT_EQ(undecided.clear(), 0u);
  }
}

}  // namespace
}  // namespace sched
