#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tests/unit/pool_support.h"

namespace sched {
namespace {

using test::below;
using test::submit;
using test::TestPool;

// The ends of tasks: each must have exactly one.
class Ledger {
 public:
  explicit Ledger(std::size_t most) : ends_(most) {}

  // Submits a task; what it does then is `then`.
  template <class Then>
  bool submit_one(Pool& pool, Level level, Then then) {
    const std::size_t number = next_.fetch_add(1);
    if (number >= ends_.size()) return false;
    const Status status = submit(
        pool, level,
        [this, number, then](libsched_task* task) {
          EXPECT_EQ(ends_[number].fetch_add(1), 0) << "ended twice";
          runs_.fetch_add(1);
          return then(task);
        },
        [this, number] {
          EXPECT_EQ(ends_[number].fetch_add(1), 0) << "ended twice";
          discards_.fetch_add(1);
        });
    if (status == LIBSCHED_OK) {
      accepted_.fetch_add(1);
    } else {
      EXPECT_EQ(status, LIBSCHED_E_CLOSED);
    }
    return status == LIBSCHED_OK;
  }

  bool used_up() const { return next_.load() >= ends_.size(); }
  std::uint64_t accepted() const { return accepted_.load(); }
  std::uint64_t runs() const { return runs_.load(); }
  std::uint64_t discards() const { return discards_.load(); }

 private:
  std::vector<std::atomic<std::uint8_t>> ends_;
  std::atomic<std::size_t> next_{0};
  std::atomic<std::uint64_t> accepted_{0};
  std::atomic<std::uint64_t> runs_{0};
  std::atomic<std::uint64_t> discards_{0};
};

Level random_level(std::mt19937& random) { return kAllLevels[below(random, kLevels)]; }

// What a task does: often submits more, at times fails, throws, ends its thread or gives the CPU away.
int act(Ledger& ledger, Pool& pool, std::uint32_t seed) {
  std::mt19937 random(seed);
  for (std::uint32_t i = below(random, 3); i > 0; --i) {
    const std::uint32_t next = static_cast<std::uint32_t>(random());
    ledger.submit_one(pool, random_level(random),
                      [&ledger, &pool, next](libsched_task*) { return act(ledger, pool, next); });
  }
  const std::uint32_t choice = below(random, 500);
  if (choice < 20) std::this_thread::yield();
  if (choice == 20) throw std::runtime_error("now and then");
  if (choice == 21) pthread_exit(nullptr);
  return choice < 40 ? 1 : 0;
}

void play(bool discard, std::uint64_t capacity, bool midway, std::uint32_t seed) {
  constexpr std::size_t kTasks = 120'000 / SCHED_STRESS_DIVISOR;
  PoolOptions options = TestPool::with_workers(16);
  options.capacity = capacity;
  options.seed = seed;
  if (seed % 2 == 0) options.caps[index_of(Level::kLow)] = 3;
  Ledger ledger(kTasks);
  TestPool pool(options);
  std::vector<std::thread> submitters;
  for (std::uint32_t i = 0; i < 3; ++i) {
    submitters.emplace_back([&, i] {
      std::mt19937 random(seed + i);
      const auto one = [&] {
        const auto next = static_cast<std::uint32_t>(random());
        return ledger.submit_one(*pool, random_level(random),
                                 [&, next](libsched_task*) { return act(ledger, *pool, next); });
      };
      while (one()) {
        if (below(random, 100) == 0) std::this_thread::yield();
      }
    });
  }
  if (midway) {
    EXPECT_TRUE(test::comes_true([&] { return ledger.accepted() > kTasks / 3; }));
    EXPECT_EQ(pool->shutdown(discard, test::kPatienceNs, nullptr, nullptr), LIBSCHED_OK);
  }
  for (std::thread& submitter : submitters) submitter.join();
  if (!midway) {
    EXPECT_EQ(test::wait_idle(*pool), LIBSCHED_OK);
    EXPECT_EQ(ledger.runs(), ledger.accepted());
    EXPECT_EQ(pool->shutdown(discard, test::kPatienceNs, nullptr, nullptr), LIBSCHED_OK);
  }
  EXPECT_EQ(ledger.accepted(), ledger.runs() + ledger.discards());
  if (!discard) {
    EXPECT_EQ(ledger.discards(), 0u);
  }
  const Pool::Stats stats = test::stats(*pool);
  std::uint64_t submitted = 0;
  std::uint64_t started = 0;
  std::uint64_t cancelled = 0;
  for (const auto& level : stats.level) {
    submitted += level.submitted;
    started += level.started;
    cancelled += level.cancelled;
    EXPECT_EQ(level.started, level.completed + level.failed);
    EXPECT_EQ(level.queued, 0u);
    EXPECT_EQ(level.active, 0u);
  }
  EXPECT_EQ(submitted, ledger.accepted());
  EXPECT_EQ(started, ledger.runs());
  EXPECT_EQ(cancelled, ledger.discards());
}

TEST(Pool, RunsEverythingOnce) { play(false, 0, false, 1); }
TEST(Pool, RunsEverythingOnceWithCapsAndACapacity) { play(false, 100, false, 2); }
TEST(Pool, DrainsMidway) { play(false, 0, true, 3); }
TEST(Pool, DrainsMidwayWithCapsAndACapacity) { play(false, 50, true, 4); }
TEST(Pool, CancelsMidway) { play(true, 0, true, 5); }
TEST(Pool, CancelsMidwayWithCapsAndACapacity) { play(true, 50, true, 6); }

// Divide and conquer: each task submits two, on from the outside.
int divide(Pool& pool, std::atomic<std::uint64_t>& leaves, int depth) {
  if (depth == 0) return leaves.fetch_add(1), 0;
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(
        submit(pool, Level::kNormal,
               [&pool, &leaves, depth](libsched_task*) { return divide(pool, leaves, depth - 1); }),
        LIBSCHED_OK);
  }
  return 0;
}

TEST(Pool, DividesAndConquers) {
  const int depth = SCHED_STRESS_DIVISOR == 1 ? 16 : 12;
  for (const std::uint32_t workers : {1u, 2u, 16u}) {
    TestPool pool(workers);
    std::atomic<std::uint64_t> leaves{0};
    for (int round = 0; round < 2; ++round) {
      ASSERT_EQ(submit(*pool, Level::kNormal,
                       [&](libsched_task*) { return divide(*pool, leaves, depth); }),
                LIBSCHED_OK);
      EXPECT_EQ(test::wait_idle(*pool), LIBSCHED_OK);
      EXPECT_EQ(leaves, (std::uint64_t{1} << depth) * static_cast<std::uint64_t>(round + 1));
    }
  }
}

TEST(Pool, ManyShortLives) {
  for (int round = 0; round < 2000 / SCHED_STRESS_DIVISOR; ++round) {
    std::atomic<int> ends{0};
    auto pool = std::make_unique<TestPool>(1 + static_cast<std::uint32_t>(round) % 4);
    int accepted = 0;
    for (int i = 0; i < round % 7; ++i) {
      if (submit(
              **pool, kAllLevels[i % kLevels], [&](libsched_task*) { return ++ends, 0; },
              [&] { ++ends; }) == LIBSCHED_OK) {
        ++accepted;
      }
    }
    if (round % 3 == 0) {
      EXPECT_EQ((*pool)->shutdown(false, test::kPatienceNs, nullptr, nullptr), LIBSCHED_OK);
    } else if (round % 3 == 1) {
      pool->release()->abandon();
      ASSERT_TRUE(test::comes_true([&] { return ends.load() == accepted; })) << "round " << round;
    }
    pool.reset();
    ASSERT_EQ(ends, accepted);
  }
}

}  // namespace
}  // namespace sched
