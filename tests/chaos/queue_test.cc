// Items that are on their way from one queue to another must be found when they have arrived.
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "core/queue/stealing_queue.h"
#include "tests/chaos/chaos_support.h"

namespace sched {
namespace {

using test::becomes_idle;
using test::below;
using test::submit;
using test::TestPool;

class ChaosQueue : public test::Chaos {};

// Contexts look until all items are found; nobody may be told for ever that there are none.
TEST_F(ChaosQueue, NothingStaysBehind) {
  constexpr std::uint32_t kContexts = 4;
  constexpr std::uint64_t kItems = 24;
  for (int round = 0; round < 1'500 / SCHED_STRESS_DIVISOR; ++round) {
    StealingQueue<> queue(kContexts, StarvationBounds{}, seed_ + static_cast<std::uint64_t>(round));
    std::atomic<std::uint64_t> found{0};
    const auto put = [&](std::uint64_t count) {
      for (std::uint64_t i = 0; i < count; ++i) {
        EXPECT_EQ(queue.submit(Level::kNormal, {i, 0}), PushStatus::kOk);
      }
    };
    const auto take = [&](std::uint32_t context) {
      const auto end =
          std::chrono::steady_clock::now() + std::chrono::nanoseconds(test::kPatienceNs);
      while (found.load() < kItems && std::chrono::steady_clock::now() < end) {
        StealingQueue<>::Item item;
        Level level;
        if (queue.next(context, kEveryLevel, false, item, level) == StealStatus::kSuccess) {
          found.fetch_add(1);
        }
      }
    };
    put(kItems / 2);
    std::vector<std::thread> threads;
    for (std::uint32_t i = 0; i < kContexts; ++i) {
      threads.emplace_back([&, i] {
        if (i == 0) put(kItems / 2);
        take(i);
      });
    }
    for (std::thread& thread : threads) thread.join();
    ASSERT_EQ(found, kItems) << "round " << round << ": " << queue.size(Level::kNormal)
                             << " items are left, and every context says there are none";
  }
}

TEST_F(ChaosQueue, NoTaskStaysBehind) {
  for (const std::uint32_t workers : {2u, 4u}) {
    TestPool pool(workers);
    for (int round = 0; round < 3'000 / SCHED_STRESS_DIVISOR; ++round) {
      for (std::uint32_t i = 1 + below(random_, 40); i > 0; --i) {
        ASSERT_EQ(submit(*pool, kAllLevels[below(random_, kLevels)], nullptr), LIBSCHED_OK);
      }
      ASSERT_TRUE(becomes_idle(*pool, round));
    }
  }
}

}  // namespace
}  // namespace sched
