#include "core/pool/level_caps.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/unit/pool_support.h"

namespace sched {
namespace {

constexpr LevelMask kHigh = bit_of(Level::kHigh);
constexpr LevelMask kNormal = bit_of(Level::kNormal);
constexpr LevelMask kLow = bit_of(Level::kLow);

TEST(LevelCaps, WithoutCapsEverythingIsAllowed) {
  LevelCaps caps({0, 0, 0});
  EXPECT_EQ(caps.capped(), 0u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(caps.take(), kEveryLevel);
  caps.give_back(kEveryLevel);
  EXPECT_EQ(caps.take(), kEveryLevel);
}

TEST(LevelCaps, PlacesAreTakenAndGivenBack) {
  LevelCaps caps({0, 2, 1});
  EXPECT_EQ(caps.capped(), kNormal | kLow);
  EXPECT_EQ(caps.take(), kEveryLevel);
  EXPECT_EQ(caps.take(), kHigh | kNormal) << "Low's only place is taken";
  EXPECT_EQ(caps.take(), kHigh);
  EXPECT_EQ(caps.take(), kHigh);
  caps.give_back(kLow);
  EXPECT_EQ(caps.take(), kHigh | kLow);
  caps.give_back(kHigh | kNormal);
  EXPECT_EQ(caps.take(), kHigh | kNormal);
  EXPECT_EQ(caps.take(), kHigh);
  caps.give_back(kHigh);
  EXPECT_EQ(caps.take(), kHigh) << "High has no places to give back";
}

TEST(LevelCaps, NeverMoreThanTheCap) {
  LevelCaps caps({3, 1, 2});
  constexpr std::uint32_t kMost[kLevels] = {3, 1, 2};
  std::atomic<std::uint32_t> holders[kLevels] = {};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 5000; ++round) {
        const LevelMask mine = caps.take();
        for (const Level level : kAllLevels) {
          if ((mine & bit_of(level)) == 0) continue;
          EXPECT_LE(++holders[index_of(level)], kMost[index_of(level)]);
          --holders[index_of(level)];
        }
        caps.give_back(mine);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(caps.take(), kEveryLevel) << "all places are back";
}

// A pool never runs more tasks of a level than its cap, and runs them all.
TEST(LevelCaps, InAPool) {
  for (const std::uint32_t cap : {1u, 2u, 3u}) {
    PoolOptions options = test::TestPool::with_workers(4);
    for (auto& each : options.caps) each = cap;
    test::TestPool pool(options);
    std::atomic<std::uint32_t> active[kLevels] = {};
    std::atomic<std::uint32_t> most[kLevels] = {};
    std::atomic<int> runs{0};
    for (int i = 0; i < 600; ++i) {
      const Level level = kAllLevels[i % kLevels];
      const int index = index_of(level);
      ASSERT_EQ(test::submit(*pool, level,
                             [&, index](libsched_task*) {
                               const std::uint32_t now = ++active[index];
                               std::uint32_t seen = most[index].load();
                               while (seen < now && !most[index].compare_exchange_weak(seen, now)) {
                               }
                               std::this_thread::yield();
                               --active[index];
                               return ++runs, 0;
                             }),
                LIBSCHED_OK);
    }
    EXPECT_EQ(test::wait_idle(*pool), LIBSCHED_OK);
    EXPECT_EQ(runs, 600);
    for (const auto& each : most) EXPECT_LE(each.load(), cap);
  }
}

// With all workers but one kept busy by Low tasks, High ones still run.
TEST(LevelCaps, LeaveAWorkerForTheOthers) {
  constexpr std::uint32_t kWorkers = 4;
  PoolOptions options = test::TestPool::with_workers(kWorkers);
  options.caps[index_of(Level::kLow)] = kWorkers - 1;
  test::TestPool pool(options);
  test::Gate gate;
  std::atomic<std::uint32_t> inside{0};
  for (std::uint32_t i = 0; i < 2 * kWorkers; ++i) {
    ASSERT_EQ(
        test::submit(*pool, Level::kLow, [&](libsched_task*) { return ++inside, gate.pass(), 0; }),
        LIBSCHED_OK);
  }
  EXPECT_TRUE(test::comes_true([&] { return inside.load() == kWorkers - 1; }));
  std::atomic<int> runs{0};
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(test::submit(*pool, i % 2 == 0 ? Level::kHigh : Level::kNormal,
                           [&](libsched_task*) { return ++runs, 0; }),
              LIBSCHED_OK);
  }
  EXPECT_TRUE(test::comes_true([&] { return runs.load() == 100; }));
  EXPECT_EQ(inside, kWorkers - 1);
  gate.open();
  EXPECT_EQ(test::wait_idle(*pool), LIBSCHED_OK);
  EXPECT_EQ(inside, 2 * kWorkers);
}

}  // namespace
}  // namespace sched
