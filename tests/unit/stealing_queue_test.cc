#include "core/queue/stealing_queue.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <random>
#include <vector>

#include "tests/unit/hook_sync.h"
#include "tests/unit/support.h"

namespace sched {
namespace {

using test::below;

using Queue = StealingQueue<StdSync, 2, 4>;  // small rings, so that they overflow
using Item = Queue::Item;
constexpr std::uint64_t kNothing = ~0ull;

template <class Q>
void submit(Q& queue, Level level, std::uint64_t number) {
  ASSERT_EQ(queue.submit(level, {number, 0}), PushStatus::kOk);
}

template <class Q>
bool submit_local(Q& queue, std::uint32_t context, Level level, std::uint64_t number) {
  bool run_next = false;
  EXPECT_EQ(queue.submit_local(context, level, {number, 0}, &run_next), PushStatus::kOk);
  return run_next;
}

// The number of the next item, or kNothing.
template <class Q>
std::uint64_t next(Q& queue, std::uint32_t context, LevelMask allowed = kEveryLevel,
                   bool settled_only = false) {
  Item item{};
  Level level = Level::kHigh;
  const StealStatus status = queue.next(context, allowed, settled_only, item, level);
  EXPECT_NE(status, StealStatus::kRetry) << "only one thread is at work";
  return status == StealStatus::kSuccess ? item[0] : kNothing;
}

TEST(StealingQueue, HighWhereverItIsGoesFirst) {
  for (const std::uint32_t contexts : {1u, 2u, 16u}) {
    Queue queue(contexts, {}, 1);
    const std::uint32_t other = contexts - 1;
    submit_local(queue, 0, Level::kLow, 6);
    submit_local(queue, 0, Level::kNormal, 3);
    submit(queue, Level::kLow, 7);
    submit(queue, Level::kNormal, 4);
    submit(queue, Level::kHigh, 2);
    submit_local(queue, other, Level::kHigh, 1);
    // Local before shared within a level; what another context holds comes after what is shared.
    const std::uint64_t first = next(queue, 0);
    const std::uint64_t second = next(queue, 0);
    EXPECT_EQ(first, contexts == 1 ? 1u : 2u);
    EXPECT_EQ(second, contexts == 1 ? 2u : 1u);
    for (const std::uint64_t expected : {3u, 4u, 6u, 7u}) EXPECT_EQ(next(queue, 0), expected);
    EXPECT_EQ(next(queue, 0), kNothing);
    for (const Level level : kAllLevels) {
      EXPECT_EQ(queue.size(level), 0u);
      EXPECT_FALSE(queue.hinted(level)) << "a search that found nothing lowers the hint";
    }
  }
}

TEST(StealingQueue, LevelsThatAreNotAllowedAreLeftAlone) {
  Queue queue(2, {1, 2}, 1);
  for (const Level level : kAllLevels) {
    for (std::uint64_t i = 0; i < 10; ++i) submit(queue, level, static_cast<std::uint64_t>(level));
  }
  for (const Level level : kAllLevels) {
    for (int i = 0; i < 10; ++i) {
      EXPECT_EQ(next(queue, i % 2 == 0 ? 0 : 1, bit_of(level)), static_cast<std::uint64_t>(level));
    }
    EXPECT_EQ(next(queue, 0, bit_of(level)), kNothing);
  }
}

TEST(StealingQueue, TheLastNormalItemRunsNext) {
  Queue queue(1, {}, 1);
  EXPECT_TRUE(submit_local(queue, 0, Level::kNormal, 1));
  EXPECT_FALSE(submit_local(queue, 0, Level::kNormal, 2)) << "it takes the place of another";
  EXPECT_FALSE(submit_local(queue, 0, Level::kNormal, 3));
  EXPECT_FALSE(submit_local(queue, 0, Level::kHigh, 10)) << "Normal only";
  EXPECT_EQ(next(queue, 0), 10u);
  for (const std::uint64_t expected : {3u, 1u, 2u}) EXPECT_EQ(next(queue, 0), expected);
}

TEST(StealingQueue, AtMostThreeRunNextItemsInARow) {
  Queue queue(1, {}, 1);
  submit_local(queue, 0, Level::kNormal, 1);
  submit_local(queue, 0, Level::kNormal, 100);  // 1 goes to the ring
  // Every item submits another one.
  std::vector<std::uint64_t> order;
  for (std::uint64_t i = 101; i < 105; ++i) {
    order.push_back(next(queue, 0));
    submit_local(queue, 0, Level::kNormal, i);
  }
  EXPECT_EQ(order, (std::vector<std::uint64_t>{100, 101, 102, 1}));
}

TEST(StealingQueue, AnothersRunNextItemIsTakenWhenItHasSettled) {
  Queue queue(3, {}, 1);
  submit_local(queue, 0, Level::kNormal, 1);
  EXPECT_EQ(queue.look(kEveryLevel), Ready::kRunNext);
  EXPECT_EQ(next(queue, 1, kEveryLevel, true), kNothing) << "met for the first time";
  EXPECT_TRUE(queue.hinted(Level::kNormal)) << "it still waits";
  EXPECT_EQ(next(queue, 2, kEveryLevel, true), kNothing) << "each context for itself";
  EXPECT_EQ(next(queue, 1, kEveryLevel, true), 1u);
  EXPECT_EQ(queue.counts().steals, 1u);

  submit_local(queue, 0, Level::kNormal, 2);
  EXPECT_EQ(next(queue, 1, kEveryLevel, true), kNothing) << "another item: it moves";
  EXPECT_EQ(next(queue, 0, kEveryLevel, true), 2u);
  submit_local(queue, 0, Level::kNormal, 3);
  EXPECT_EQ(next(queue, 1, kEveryLevel, true), kNothing);
  EXPECT_EQ(next(queue, 1, kEveryLevel, true), 3u);

  submit_local(queue, 0, Level::kNormal, 4);
  EXPECT_EQ(next(queue, 1, kEveryLevel, false), 4u) << "at once, for who does not wait";
}

TEST(StealingQueue, OthersTakeHalfOfARing) {
  StealingQueue<> queue(2, {}, 1);
  for (std::uint64_t i = 0; i < 10; ++i) submit_local(queue, 0, Level::kHigh, i);
  EXPECT_EQ(next(queue, 1), 0u) << "the oldest";
  for (std::uint64_t i = 5; i < 10; ++i) EXPECT_EQ(next(queue, 0), i) << "the owner has the rest";
  for (std::uint64_t i = 1; i < 5; ++i) EXPECT_EQ(next(queue, 1), i);
  EXPECT_EQ(queue.counts().steals, 1u);
}

TEST(StealingQueue, LowIsTakenOneByOne) {
  StealingQueue<> queue(2, {}, 1);
  for (std::uint64_t i = 0; i < 10; ++i) submit_local(queue, 0, Level::kLow, i);
  EXPECT_EQ(next(queue, 1), 0u);
  EXPECT_EQ(next(queue, 0), 1u) << "nothing but that one has moved";
}

TEST(StealingQueue, OverflowGoesToTheSharedQueue) {
  for (const Level level : kAllLevels) {
    Queue queue(2, {}, 1);
    const std::uint64_t local = level == Level::kNormal ? 5 : 4;  // ring and run-next slot
    for (std::uint64_t i = 0; i < local; ++i) submit_local(queue, 0, level, i);
    EXPECT_EQ(queue.counts().overflows, 0u);
    for (std::uint64_t i = local; i < 20; ++i) EXPECT_FALSE(submit_local(queue, 0, level, i));
    EXPECT_EQ(queue.counts().overflows, 20 - local);
    EXPECT_EQ(queue.size(level), 20u);
    EXPECT_EQ(queue.submitted(level), 20u) << "each is counted once";
    std::vector<bool> seen(20);
    for (int i = 0; i < 20; ++i) {
      const std::uint64_t number = next(queue, i % 3 == 0 ? 1 : 0);
      ASSERT_LT(number, 20u);
      EXPECT_FALSE(seen[number]);
      seen[number] = true;
    }
    EXPECT_EQ(queue.submitted(level), 20u);
    EXPECT_EQ(queue.size(level), 0u);
  }
}

// A context whose every task submits another one must come to what waits outside.
TEST(StealingQueue, AContextThatFeedsItselfLooksOutside) {
  for (const Level level : kAllLevels) {
    for (const bool in_ring : {false, true}) {
      StealingQueue<StdSync, 2, 16> queue(2, {}, 1);
      for (std::uint64_t i = 0; i < 16; ++i) submit_local(queue, 0, level, 1);
      ASSERT_EQ(queue.counts().overflows, 0u);
      in_ring ? static_cast<void>(submit_local(queue, 1, level, 2)) : submit(queue, level, 2);
      int selections = 0;
      while (next(queue, 0) != 2) {
        ASSERT_LT(++selections, 61 + 4 * 20)
            << "level " << index_of(level)
            << (in_ring ? ", in another context's ring" : ", shared");
        submit_local(queue, 0, level, 1);
      }
    }
  }
}

// A look between a push and its hint, and a search during an unfinished push.
TEST(StealingQueue, HintsFollowFinishedPushes) {
  const test::NoHooks clean;
  StealingQueue<test::HookSync> queue(2, {}, 1);
  bool checked = false;
  test::before_store = [&](std::memory_order order) {
    if (order != std::memory_order_seq_cst || checked) return;
    checked = true;
    EXPECT_EQ(queue.look(kEveryLevel), Ready::kNothing) << "not finished";
    EXPECT_EQ(next(queue, 0), kNothing);
    EXPECT_EQ(queue.submitted(Level::kLow), 1u);
  };
  submit(queue, Level::kLow, 1);
  ASSERT_TRUE(checked);
  EXPECT_TRUE(queue.hinted(Level::kLow));
  EXPECT_FALSE(queue.hinted(Level::kHigh));
  EXPECT_TRUE(queue.hinted_any());
  EXPECT_EQ(queue.look(kEveryLevel), Ready::kWork);
  EXPECT_EQ(queue.look(bit_of(Level::kHigh)), Ready::kNothing);
  EXPECT_EQ(next(queue, 1), 1u);
  EXPECT_EQ(next(queue, 1), kNothing);
  EXPECT_FALSE(queue.hinted_any());
}

TEST(StealingQueue, CloseRefusesWhatComesFromOutside) {
  Queue queue(1, {}, 1);
  submit(queue, Level::kNormal, 1);
  queue.close();
  const Item items[2] = {};
  std::size_t accepted = 99;
  EXPECT_EQ(queue.submit(Level::kNormal, {2, 0}), PushStatus::kClosed);
  EXPECT_EQ(queue.submit_n(Level::kHigh, items, 2, accepted), PushStatus::kClosed);
  EXPECT_EQ(accepted, 0u);
  bool run_next = false;
  std::uint64_t local = 0;
  while (queue.submit_local(0, Level::kLow, {3, 0}, &run_next) == PushStatus::kOk)
    ASSERT_LE(++local, 4u);
  EXPECT_EQ(local, 4u) << "where it fits locally it is taken";
  EXPECT_EQ(queue.submitted(Level::kLow), 4u);
  EXPECT_EQ(queue.submitted(Level::kNormal), 1u);
}

TEST(StealingQueue, VisitHeads) {
  Queue queue(2, {}, 1);
  submit(queue, Level::kNormal, 1);
  submit(queue, Level::kNormal, 2);
  submit_local(queue, 0, Level::kNormal, 3);
  submit_local(queue, 0, Level::kNormal, 4);
  submit_local(queue, 1, Level::kNormal, 5);
  std::vector<std::uint64_t> heads;
  queue.visit_heads(Level::kNormal, [&](const Item& item) { heads.push_back(item[0]); });
  std::sort(heads.begin(), heads.end());
  EXPECT_EQ(heads, (std::vector<std::uint64_t>{1, 3, 4, 5}));
  queue.visit_heads(Level::kHigh, [](const Item&) { FAIL(); });
}

// Random submits and selections: nothing is lost or taken twice, no level is passed over more often than its bound
// allows, and what waits is found.
void play(std::uint32_t contexts, StarvationBounds bounds, std::uint32_t seed) {
  Queue queue(contexts, bounds, seed);
  std::mt19937 random(seed);
  std::vector<std::uint8_t> state;  // 0 = waits, 1 = was taken
  std::uint64_t waiting[kLevels] = {};
  struct Passed {
    std::uint32_t normal = 0, low = 0;
  };
  std::vector<Passed> passed(contexts);
  for (int step = 0; step < 20'000; ++step) {
    const std::uint32_t context = below(random, contexts);
    // Phases in which High floods everything, in which all come, in which little comes.
    const std::uint32_t phase = static_cast<std::uint32_t>(step) / 500 % 3;
    if (below(random, 100) < (phase == 2 ? 20u : 55u)) {
      const Level level =
          phase == 0 && below(random, 8) != 0 ? Level::kHigh : kAllLevels[below(random, kLevels)];
      const std::uint64_t number = state.size() << 2 | static_cast<std::uint64_t>(level);
      below(random, 2) == 0 ? submit(queue, level, number)
                            : static_cast<void>(submit_local(queue, context, level, number));
      state.push_back(0);
      ++waiting[index_of(level)];
      continue;
    }
    Item item{};
    Level level = Level::kHigh;
    const bool any = waiting[0] + waiting[1] + waiting[2] != 0;
    ASSERT_EQ(queue.next(context, kEveryLevel, false, item, level),
              any ? StealStatus::kSuccess : StealStatus::kEmpty);
    for (const Level each : kAllLevels) {
      ASSERT_TRUE(queue.hinted(each) || waiting[index_of(each)] == 0)
          << "a hint is down while work waits";
    }
    if (!any) {
      passed.assign(contexts, Passed{});
      continue;
    }
    ASSERT_EQ(static_cast<std::uint64_t>(level), item[0] & 3);
    const std::uint64_t number = item[0] >> 2;
    ASSERT_LT(number, state.size());
    ASSERT_EQ(state[number]++, 0) << "taken twice";
    const auto count = [&](Level here, std::uint32_t Passed::*run, std::uint32_t bound) {
      auto& mine = passed[context].*run;
      mine = here != level && waiting[index_of(here)] != 0 ? mine + 1 : 0;
      ASSERT_LE(mine, bound) << "level " << index_of(here) << " of context " << context;
    };
    count(Level::kNormal, &Passed::normal, bounds.normal);
    count(Level::kLow, &Passed::low, bounds.low);
    --waiting[index_of(level)];
    for (const Level each : kAllLevels) {
      // Nothing waits there: for nobody does a run of passing over go on.
      if (waiting[index_of(each)] != 0) continue;
      for (Passed& each_passed : passed) {
        if (each == Level::kNormal) each_passed.normal = 0;
        if (each == Level::kLow) each_passed.low = 0;
      }
    }
  }
}

TEST(StealingQueue, RandomOperationsKeepTheBounds) {
  for (const std::uint32_t contexts : {1u, 2u, 16u}) {
    for (const StarvationBounds bounds :
         {StarvationBounds{8, 64}, {1, 2}, {2, 3}, {3, 17}, {kNoBound, kNoBound}}) {
      for (std::uint32_t seed = 1; seed <= 3; ++seed) {
        play(contexts, bounds, seed);
        if (::testing::Test::HasFatalFailure()) {
          FAIL() << contexts << " contexts, bounds " << bounds.normal << " and " << bounds.low
                 << ", seed " << seed;
        }
      }
    }
  }
}

// With High always there, the bounds are reached, so the counts above mean something.
TEST(StealingQueue, LowerLevelsAreServedExactlyAtTheirBounds) {
  for (const std::uint32_t contexts : {1u, 16u}) {
    Queue queue(contexts, {4, 10}, 1);
    for (int i = 0; i < 1000; ++i) {
      for (const Level level : kAllLevels) submit(queue, level, static_cast<std::uint64_t>(level));
    }
    std::uint64_t high = 0;
    std::uint32_t longest_normal = 0;
    std::uint32_t longest_low = 0;
    std::uint32_t normal = 0;
    std::uint32_t low = 0;
    for (int i = 0; i < 1000; ++i) {
      const auto level = static_cast<Level>(next(queue, 0));
      high += level == Level::kHigh ? 1 : 0;
      normal = level == Level::kNormal ? 0 : normal + 1;
      low = level == Level::kLow ? 0 : low + 1;
      longest_normal = std::max(longest_normal, normal);
      longest_low = std::max(longest_low, low);
    }
    EXPECT_EQ(longest_normal, 4u);
    EXPECT_EQ(longest_low, 10u);
    EXPECT_GE(high, 650u);
  }
}

TEST(StealingQueue, TheSameSeedMakesTheSameChoices) {
  const auto order = [](std::uint64_t seed) {
    Queue queue(16, {}, seed);
    for (std::uint32_t context = 1; context < 16; ++context) {
      for (std::uint64_t i = 0; i < 4; ++i) submit_local(queue, context, Level::kLow, context);
    }
    std::vector<std::uint64_t> numbers;
    for (int i = 0; i < 60; ++i) numbers.push_back(next(queue, 0));
    return numbers;
  };
  EXPECT_EQ(order(7), order(7));
  EXPECT_NE(order(7), order(8));
}

}  // namespace
}  // namespace sched
