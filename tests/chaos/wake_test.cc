// Each round can only end if every task is found by a worker that is free: tasks that wait for each other, behind each
// other, or for a place.
#include <array>
#include <atomic>
#include <tuple>

#include "tests/chaos/chaos_support.h"

namespace sched {
namespace {

using test::becomes_idle;
using test::below;
using test::Meeting;
using test::submit;
using test::TestPool;

class ChaosWake : public test::Chaos,
                  public ::testing::WithParamInterface<std::tuple<int, std::uint32_t>> {};
INSTANTIATE_TEST_SUITE_P(LevelsAndWorkers, ChaosWake,
                         ::testing::Combine(::testing::Values(0, 1, 2), ::testing::Values(4u, 8u)));

// Up to as many tasks as there are workers wait for each other, so a task that one worker keeps for later, or that all
// sleep over, holds up the rest.
TEST_P(ChaosWake, TasksThatMeet) {
  const auto [index, workers] = GetParam();
  const Level level = kAllLevels[index];
  TestPool pool(workers);
  for (int round = 0; round < 3'000 / SCHED_STRESS_DIVISOR; ++round) {
    const std::uint32_t count = 1 + below(random_, workers);
    Meeting meeting(count);
    for (std::uint32_t i = below(random_, 6); i > 0; --i) {
      ASSERT_EQ(submit(*pool, level, nullptr), LIBSCHED_OK);
    }
    for (std::uint32_t i = 0; i < count; ++i) {
      ASSERT_EQ(submit(*pool, level, [&](libsched_task*) { return meeting.join(), 0; }),
                LIBSCHED_OK);
    }
    const auto idle = becomes_idle(*pool, round);
    if (!idle) meeting.give_up();
    ASSERT_TRUE(idle);
  }
}

class ChaosRunNext : public test::Chaos, public ::testing::WithParamInterface<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Workers, ChaosRunNext, ::testing::Values(2u, 4u, 16u));

// All workers but one wait for a task that lies behind them, in their own run-next slots.
TEST_P(ChaosRunNext, TasksBehindBlockedOnes) {
  const std::uint32_t workers = GetParam();
  TestPool pool(workers);
  for (std::uint32_t round = 0; round < 2'000 / workers / SCHED_STRESS_DIVISOR + 2; ++round) {
    std::array<Meeting, 15> both = {Meeting(2), Meeting(2), Meeting(2), Meeting(2), Meeting(2),
                                    Meeting(2), Meeting(2), Meeting(2), Meeting(2), Meeting(2),
                                    Meeting(2), Meeting(2), Meeting(2), Meeting(2), Meeting(2)};
    for (std::uint32_t i = 0; i + 1 < workers; ++i) {
      Meeting& meeting = both[i];
      ASSERT_EQ(submit(*pool, Level::kNormal,
                       [&](libsched_task*) {
                         EXPECT_EQ(submit(*pool, Level::kNormal,
                                          [&](libsched_task*) { return meeting.join(), 0; }),
                                   LIBSCHED_OK);
                         return meeting.join(), 0;
                       }),
                LIBSCHED_OK);
    }
    const auto idle = becomes_idle(*pool, static_cast<int>(round));
    for (Meeting& meeting : both) {
      if (!idle) meeting.give_up();
    }
    ASSERT_TRUE(idle);
  }
}

class ChaosCaps : public test::Chaos, public ::testing::WithParamInterface<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Workers, ChaosCaps, ::testing::Values(2u, 4u, 8u));

// A worker that looks for work holds places for a moment; another that finds none then must hear of it.
TEST_P(ChaosCaps, PlacesThatAreGivenBack) {
  for (const bool all : {false, true}) {
    PoolOptions options = TestPool::with_workers(GetParam());
    for (const Level level : kAllLevels) {
      if (all || level == Level::kLow) options.caps[index_of(level)] = 1;
    }
    TestPool pool(options);
    for (int round = 0; round < 4'000 / SCHED_STRESS_DIVISOR; ++round) {
      for (std::uint32_t i = 1 + below(random_, 2); i > 0; --i) {
        ASSERT_EQ(submit(*pool, Level::kLow, nullptr), LIBSCHED_OK);
        if (below(random_, 3) == 0) {
          ASSERT_EQ(submit(*pool, Level::kHigh, nullptr), LIBSCHED_OK);
        }
      }
      ASSERT_TRUE(becomes_idle(*pool, round));
    }
  }
}

}  // namespace
}  // namespace sched
