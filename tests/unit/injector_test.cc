#include "core/queue/injector.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <random>
#include <vector>

#include "tests/unit/failing_new.h"
#include "tests/unit/hook_sync.h"
#include "tests/unit/memory_calls.h"
#include "tests/unit/support.h"

namespace sched {
namespace {

using test::below;
using test::HookSync;
using test::memory_calls;

constexpr std::uint64_t kOwnBits = 0xFF;  // of an item's last word: the injector's

template <class T>
class InjectorModel : public ::testing::Test {};
using BlockSizes =
    ::testing::Types<std::integral_constant<std::size_t, 2>, std::integral_constant<std::size_t, 4>,
                     std::integral_constant<std::size_t, 256>>;
TYPED_TEST_SUITE(InjectorModel, BlockSizes);

TYPED_TEST(InjectorModel, RandomOperations) {
  constexpr std::size_t kSlots = TypeParam::value;
  using TestInjector = Injector<StdSync, 2, kSlots>;
  using Item = typename TestInjector::Item;
  for (std::uint32_t seed = 1; seed <= 10; ++seed) {
    TestInjector injector;
    std::deque<std::uint64_t> model;
    std::mt19937 random(seed);
    std::uint64_t next = 0;
    for (int step = 0; step < 5000; ++step) {
      ASSERT_EQ(injector.size(), model.size());
      ASSERT_EQ(injector.pushed(), next);
      ASSERT_EQ(injector.ready(), !model.empty());
      const std::uint32_t push_weight = step / 1000 % 2 == 0 ? 60 : 25;
      const std::uint32_t choice = below(random, 100);
      Item items[12];
      if (choice < push_weight) {
        // The low 8 bits of the last word may be anything: they do not come through.
        const std::size_t count = 1 + below(random, 12);
        for (std::size_t i = 0; i < count; ++i) {
          items[i] = {next + i, (next + i) << 8 | (random() & kOwnBits)};
        }
        std::size_t accepted = 0;
        ASSERT_EQ(injector.push_n(items, count, accepted), PushStatus::kOk);
        ASSERT_EQ(accepted, count);
        for (std::size_t i = 0; i < count; ++i) model.push_back(next++);
        continue;
      }
      const std::size_t limit = 1 + below(random, 12);
      std::size_t taken = 99;
      if (choice < 80) {
        const StealStatus status = injector.pop(items[0]);
        ASSERT_EQ(status, model.empty() ? StealStatus::kEmpty : StealStatus::kSuccess);
        taken = model.empty() ? 0 : 1;
      } else if (choice < 90) {
        ASSERT_EQ(injector.peek(items[0]), !model.empty());
        if (!model.empty()) {
          ASSERT_EQ(items[0][0], model.front());
        }
        continue;
      } else {
        const std::size_t in_block = kSlots - (next - model.size()) % kSlots;
        const StealStatus status = injector.pop_n(items, limit, taken);
        ASSERT_EQ(status, model.empty() ? StealStatus::kEmpty : StealStatus::kSuccess);
        ASSERT_EQ(taken, std::min({limit, model.size(), in_block}))
            << "a batch ends with its block";
      }
      for (std::size_t i = 0; i < taken; ++i) {
        ASSERT_EQ(items[i], (Item{model.front(), model.front() << 8}));
        model.pop_front();
      }
    }
  }
}

// While memory is given back too: the blocks that are trimmed lie beside blocks in use.
TYPED_TEST(InjectorModel, BacklogIsWorkedOffInOrder) {
  using TestInjector = Injector<StdSync, 2, TypeParam::value>;
  constexpr std::uint64_t kItems = 100'000;
  TestInjector injector;
  for (int round = 0; round < 2; ++round) {
    for (std::uint64_t i = 0; i < kItems; ++i)
      ASSERT_EQ(injector.push({i, i << 8}), PushStatus::kOk);
    for (std::uint64_t i = 0; i < kItems; ++i) {
      typename TestInjector::Item out;
      ASSERT_EQ(injector.pop(out), StealStatus::kSuccess) << "item " << i << " of round " << round;
      ASSERT_EQ(out[0], i);
    }
  }
}

TEST(Injector, OneWordItems) {
  Injector<StdSync, 1, 4> injector;
  for (std::uint64_t i = 0; i < 100; ++i) {
    const std::uint64_t word = ~i << 8;
    ASSERT_EQ(injector.push({word | 0x5A}), PushStatus::kOk);
    std::array<std::uint64_t, 1> out;
    ASSERT_EQ(injector.pop(out), StealStatus::kSuccess);
    EXPECT_EQ(out[0], word);
  }
}

TEST(Injector, NothingIsPushedAfterClose) {
  Injector<StdSync, 2, 2> injector;
  for (std::uint64_t i = 0; i < 5; ++i) ASSERT_EQ(injector.push({i, 0}), PushStatus::kOk);
  injector.close();
  injector.close();
  std::size_t accepted = 99;
  const std::array<std::uint64_t, 2> items[3] = {};
  EXPECT_EQ(injector.push({9, 0}), PushStatus::kClosed);
  EXPECT_EQ(injector.push_n(items, 3, accepted), PushStatus::kClosed);
  EXPECT_EQ(accepted, 0u);
  EXPECT_EQ(injector.size(), 5u);
  EXPECT_EQ(injector.pushed(), 5u);
  std::array<std::uint64_t, 2> out;
  for (std::uint64_t i = 0; i < 5; ++i) {
    ASSERT_EQ(injector.pop(out), StealStatus::kSuccess);
    EXPECT_EQ(out[0], i);
  }
  EXPECT_EQ(injector.pop(out), StealStatus::kEmpty);
}

using Hooked = Injector<HookSync, 2, 2>;

// A producer stops between claiming its slot and finishing it.
TEST(Injector, AStalledProducerHoldsUpItsOwnItemOnly) {
  const test::NoHooks clean;
  Hooked injector;
  Hooked::Item out;
  ASSERT_EQ(injector.push({1, 0}), PushStatus::kOk);
  int stalls = 0;
  test::before_store = [&](std::memory_order order) {
    if (order != InjectorOrders::kPublish || stalls++ != 0) return;
    ASSERT_EQ(injector.pop(out), StealStatus::kSuccess) << "what was pushed before";
    EXPECT_EQ(out[0], 1u);
    EXPECT_EQ(injector.pop(out), StealStatus::kPending);
    EXPECT_FALSE(injector.ready());
    EXPECT_FALSE(injector.peek(out));
    EXPECT_EQ(injector.size(), 1u) << "claimed, so it counts";
    EXPECT_EQ(injector.pushed(), 2u);
    // Others push on, block after block, but nobody overtakes.
    for (std::uint64_t i = 3; i < 20; ++i) ASSERT_EQ(injector.push({i, 0}), PushStatus::kOk);
    EXPECT_EQ(injector.pop(out), StealStatus::kPending);
    EXPECT_EQ(injector.size(), 18u);
  };
  ASSERT_EQ(injector.push({2, 0}), PushStatus::kOk);
  test::before_store = nullptr;
  ASSERT_GT(stalls, 0);
  EXPECT_TRUE(injector.ready());
  for (std::uint64_t i = 2; i < 20; ++i) {
    ASSERT_EQ(injector.pop(out), StealStatus::kSuccess);
    EXPECT_EQ(out[0], i);
  }
}

TEST(Injector, APushThatWasClaimedBeforeTheCloseIsKept) {
  const test::NoHooks clean;
  Hooked injector;
  bool closed = false;
  test::before_store = [&](std::memory_order order) {
    if (order != InjectorOrders::kPublish || closed) return;
    injector.close();
    closed = true;
  };
  const Hooked::Item items[3] = {{1, 0}, {2, 0}, {3, 0}};
  std::size_t accepted = 0;
  EXPECT_EQ(injector.push_n(items, 3, accepted), PushStatus::kClosed);
  ASSERT_TRUE(closed);
  EXPECT_EQ(accepted, 2u) << "one block's share was claimed";
  Hooked::Item out;
  for (std::uint64_t i = 1; i <= 2; ++i) {
    ASSERT_EQ(injector.pop(out), StealStatus::kSuccess);
    EXPECT_EQ(out[0], i);
  }
  EXPECT_EQ(injector.pop(out), StealStatus::kEmpty);
}

// A consumer stops between looking at its slot and claiming it; meanwhile the block goes through other uses, as many as
// the marks can tell apart.
TEST(Injector, AStalledConsumerTakesNothingTwice) {
  for (const int uses : {1, 2, 254, 255, 256, 511}) {
    const test::NoHooks clean;
    Hooked injector;
    std::uint64_t next = 0;
    std::uint64_t expected = 0;
    ASSERT_EQ(injector.push({next++, 0}), PushStatus::kOk);
    bool stalled = false;
    test::before_exchange = [&](std::memory_order order) {
      if (order != InjectorOrders::kTake || stalled) return;
      stalled = true;
      Hooked::Item other;
      for (int i = 0; i < uses * 4; ++i) {
        ASSERT_EQ(injector.push({next++, 0}), PushStatus::kOk);
        ASSERT_EQ(injector.pop(other), StealStatus::kSuccess);
        ASSERT_EQ(other[0], expected++);
      }
    };
    Hooked::Item out;
    EXPECT_EQ(injector.pop(out), StealStatus::kRetry);
    ASSERT_TRUE(stalled);
    ASSERT_EQ(injector.pop(out), StealStatus::kSuccess);
    EXPECT_EQ(out[0], expected);
    EXPECT_EQ(injector.pop(out), StealStatus::kEmpty);
  }
}

TEST(Injector, SteadyStateAsksForNoMemory) {
  const test::WatchMemory watch;
  Injector<StdSync> injector;
  const auto turn_over = [&injector](std::uint64_t count) {
    Injector<StdSync>::Item out;
    for (std::uint64_t i = 0; i < 1000; ++i) ASSERT_EQ(injector.push({i, 0}), PushStatus::kOk);
    for (std::uint64_t i = 0; i < count; ++i) {
      ASSERT_EQ(injector.push({i, 0}), PushStatus::kOk);
      ASSERT_EQ(injector.pop(out), StealStatus::kSuccess);
    }
    for (std::uint64_t i = 0; i < 1000; ++i) ASSERT_EQ(injector.pop(out), StealStatus::kSuccess);
  };
  turn_over(10'000);
  const long maps = memory_calls.maps;
  const long allocations = test::allocations;
  turn_over(300'000);
  EXPECT_EQ(memory_calls.maps, maps);
  EXPECT_EQ(test::allocations, allocations);
}

TEST(Injector, GivesPagesBack) {
  const test::WatchMemory watch;
  Injector<StdSync> injector;
  Injector<StdSync>::Item out;
  for (int round = 0; round < 2; ++round) {
    constexpr std::uint64_t kItems = 1'000'000;
    for (std::uint64_t i = 0; i < kItems; ++i) ASSERT_EQ(injector.push({i, 0}), PushStatus::kOk);
    EXPECT_GT(memory_calls.resident_bytes(), kItems * 16);
    for (std::uint64_t i = 0; i < kItems; ++i) ASSERT_EQ(injector.pop(out), StealStatus::kSuccess);
    EXPECT_LT(memory_calls.resident_bytes(), std::size_t{1} << 20);
    EXPECT_GT(memory_calls.discards, 0);
    EXPECT_LT(memory_calls.discards, 1000) << "each one interrupts every CPU";
  }
}

TEST(Injector, NothingIsLostWithoutMemory) {
  const test::WatchMemory watch;
  Injector<StdSync> injector;
  std::uint64_t pushed = 0;
  PushStatus status = PushStatus::kOk;
  {
    memory_calls.fail = true;
    const test::ScarceMemory none(0);
    while ((status = injector.push({pushed, 0})) == PushStatus::kOk) ++pushed;
    std::size_t accepted = 99;
    const Injector<StdSync>::Item items[2] = {};
    EXPECT_EQ(injector.push_n(items, 2, accepted), PushStatus::kNoMemory);
    EXPECT_EQ(accepted, 0u);
  }
  EXPECT_EQ(status, PushStatus::kNoMemory);
  EXPECT_EQ(injector.size(), pushed);
  memory_calls.fail = false;
  ASSERT_EQ(injector.push({pushed, 0}), PushStatus::kOk);
  for (std::uint64_t i = 0; i <= pushed; ++i) {
    Injector<StdSync>::Item out;
    ASSERT_EQ(injector.pop(out), StealStatus::kSuccess);
    EXPECT_EQ(out[0], i);
  }
}

TEST(Injector, NoMemoryToCreate) {
  const test::ScarceMemory none(0);
  EXPECT_THROW((Injector<StdSync, 2, 4>()), std::bad_alloc);
}

}  // namespace
}  // namespace sched
