// Sleeping and waking: every round waits for something that must happen, and fails if it does not.
#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "tests/unit/pool_support.h"

namespace sched {
namespace {

using test::below;
using test::submit;
using test::TestPool;

// Waits without sleeping, so that the next round begins while workers still go to sleep.
template <class Event>
bool comes_soon(Event event) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::nanoseconds(test::kPatienceNs);
  while (!event()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

// Up to some microseconds of work: the time in which a worker goes to sleep.
void linger(std::mt19937& random) {
  for (std::uint32_t i = below(random, 2000); i > 0; --i) StdSync::pause();
}

// Makes the pool believe in a number of CPUs, on which it depends whether a worker spins before it sleeps.
class PretendCpus {
 public:
  explicit PretendCpus(int cpus) {
    count = cpus;
    sys::calls.getaffinity = [](pid_t, std::size_t bytes, cpu_set_t* set) {
      CPU_ZERO_S(bytes, set);
      for (int i = 0; i < count; ++i) CPU_SET_S(static_cast<std::size_t>(i), bytes, set);
      return 0;
    };
  }

 private:
  static inline int count = 0;
  test::RealCalls restore_;
};

class Wake : public ::testing::TestWithParam<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Workers, Wake, ::testing::Values(1u, 2u, 16u));

TEST_P(Wake, OneTaskAtATime) {
  for (const int cpus : {2, 4}) {
    const PretendCpus pretend(cpus);
    TestPool pool(GetParam());
    std::mt19937 random(1);
    std::atomic<int> runs{0};
    for (int round = 1; round <= 20'000 / SCHED_STRESS_DIVISOR; ++round) {
      ASSERT_EQ(
          submit(*pool, kAllLevels[round % kLevels], [&](libsched_task*) { return ++runs, 0; }),
          LIBSCHED_OK);
      ASSERT_TRUE(comes_soon([&] { return runs.load() == round; })) << "round " << round;
      linger(random);
    }
  }
}

TEST_P(Wake, SeveralTasksFromSeveralThreads) {
  TestPool pool(GetParam());
  std::atomic<int> runs{0};
  std::vector<std::thread> threads;
  for (std::uint32_t i = 0; i < 3; ++i) {
    threads.emplace_back([&, i] {
      std::mt19937 random(i + 1);
      for (int round = 1; round <= 4'000 / SCHED_STRESS_DIVISOR; ++round) {
        std::atomic<std::uint32_t> mine{0};
        const std::uint32_t count = 1 + below(random, 4);
        for (std::uint32_t k = 0; k < count; ++k) {
          ASSERT_EQ(submit(*pool, kAllLevels[below(random, kLevels)],
                           [&](libsched_task*) { return ++runs, ++mine, 0; }),
                    LIBSCHED_OK);
        }
        ASSERT_TRUE(comes_soon([&] { return mine.load() == count; })) << "round " << round;
        linger(random);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_P(Wake, WaitIdleReturns) {
  TestPool pool(GetParam());
  std::mt19937 random(1);
  std::atomic<std::uint32_t> runs{0};
  std::uint32_t expected = 0;
  for (int round = 0; round < 10'000 / SCHED_STRESS_DIVISOR; ++round) {
    const std::uint32_t count = 1 + below(random, 5);
    expected += 2 * count;
    for (std::uint32_t i = 0; i < count; ++i) {
      ASSERT_EQ(submit(*pool, kAllLevels[below(random, kLevels)],
                       [&](libsched_task*) {
                         ++runs;
                         return submit(*pool, Level::kNormal,
                                       [&](libsched_task*) { return ++runs, 0; });
                       }),
                LIBSCHED_OK);
    }
    ASSERT_EQ(test::wait_idle(*pool), LIBSCHED_OK) << "round " << round;
    ASSERT_EQ(runs, expected);
  }
}

// A waiter for idleness that is not told would be saved by its timeout: it gets none, and a second thread watches.
TEST_P(Wake, WaitIdleIsTold) {
  TestPool pool(GetParam());
  CancelSwitch cancel;
  std::atomic<int> rounds{0};
  constexpr int kRounds = 10'000 / SCHED_STRESS_DIVISOR;
  std::thread watched([&] {
    for (int round = 0; round < kRounds; ++round) {
      ASSERT_EQ(submit(*pool, kAllLevels[round % kLevels], nullptr), LIBSCHED_OK);
      ASSERT_EQ(pool->wait_idle(-1, &cancel, nullptr), LIBSCHED_OK);
      ++rounds;
    }
  });
  for (int seen = 0; seen < kRounds;) {
    if (!test::comes_true([&] { return rounds.load() != seen; })) {
      ADD_FAILURE() << "the waiter was forgotten in round " << seen;
      cancel.trigger();
      break;
    }
    seen = rounds.load();
  }
  watched.join();
}

// The task behind a blocked one lies in that worker's run-next slot; another worker must take it over.
TEST(WakeRunNext, IsTakenFromBehindABlockedTask) {
  for (const std::uint32_t workers : {2u, 3u, 16u}) {
    TestPool pool(workers);
    for (int round = 0; round < 300 / SCHED_STRESS_DIVISOR + 5; ++round) {
      std::atomic<bool> second{false};
      ASSERT_EQ(submit(*pool, kAllLevels[round % kLevels],
                       [&](libsched_task*) {
                         EXPECT_EQ(submit(*pool, Level::kNormal,
                                          [&](libsched_task*) { return second = true, 0; }),
                                   LIBSCHED_OK);
                         return comes_soon([&] { return second.load(); }) ? 0 : 1;
                       }),
                LIBSCHED_OK);
      ASSERT_EQ(pool->wait_idle(2 * test::kPatienceNs, nullptr, nullptr), LIBSCHED_OK);
      ASSERT_TRUE(second.load());
    }
    for (const auto& level : test::stats(*pool).level) {
      ASSERT_EQ(level.failed, 0u) << "with " << workers << " workers a task waited in vain";
    }
  }
}

// The same in a chain: all workers but one end up blocked.
int block_behind(Pool& pool, int depth) {
  if (depth == 0) return 0;
  std::atomic<bool> done{false};
  EXPECT_EQ(submit(pool, Level::kNormal,
                   [&pool, &done, depth](libsched_task*) {
                     const int result = block_behind(pool, depth - 1);
                     done = true;
                     return result;
                   }),
            LIBSCHED_OK);
  return comes_soon([&] { return done.load(); }) ? 0 : 1;
}

TEST(WakeRunNext, AsLongAsAWorkerIsLeft) {
  for (const std::uint32_t workers : {2u, 4u, 8u}) {
    TestPool pool(workers);
    for (int round = 0; round < 60 / SCHED_STRESS_DIVISOR + 3; ++round) {
      ASSERT_EQ(submit(*pool, Level::kNormal,
                       [&](libsched_task*) {
                         return block_behind(*pool, static_cast<int>(workers) - 1);
                       }),
                LIBSCHED_OK);
      ASSERT_EQ(pool->wait_idle(2 * test::kPatienceNs, nullptr, nullptr), LIBSCHED_OK);
    }
    EXPECT_EQ(test::stats(*pool).level[index_of(Level::kNormal)].failed, 0u);
  }
}

// Stops worker threads for a while at any instruction, as a busy machine does.
class Preemption {
 public:
  explicit Preemption(PoolOptions& options) {
    struct sigaction action {};
    action.sa_handler = [](int) {
      const timespec pause{0, 300'000};
      nanosleep(&pause, nullptr);
    };
    action.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &action, nullptr);
    options.hook_data = this;
    options.on_start = [](std::uint32_t, void* self) {
      auto& preemption = *static_cast<Preemption*>(self);
      const std::lock_guard lock(preemption.mutex_);
      preemption.threads_.push_back(pthread_self());
      sigset_t one;
      sigemptyset(&one);
      sigaddset(&one, SIGUSR1);
      pthread_sigmask(SIG_UNBLOCK, &one, nullptr);
    };
    sender_ = std::thread([this] {
      std::mt19937 random(7);
      while (!over_.load()) {
        {
          const std::lock_guard lock(mutex_);
          if (!threads_.empty()) {
            pthread_kill(threads_[below(random, static_cast<std::uint32_t>(threads_.size()))],
                         SIGUSR1);
          }
        }
        for (std::uint32_t i = below(random, 20'000); i > 0; --i) StdSync::pause();
      }
    });
  }
  // Before the workers end.
  void stop() {
    over_.store(true);
    if (sender_.joinable()) sender_.join();
  }

 private:
  std::mutex mutex_;
  std::vector<pthread_t> threads_;
  std::atomic<bool> over_{false};
  std::thread sender_;
};

// Places at a capped level are held for moments while a worker looks for work. Another that finds none then must hear of
// it when it is given back.
TEST(WakeCaps, APlaceThatIsGivenBackIsNoticed) {
  for (const std::uint32_t workers : {2u, 3u, 8u}) {
    PoolOptions options = TestPool::with_workers(workers);
    for (auto& cap : options.caps) cap = 1;
    Preemption preemption(options);
    {
      TestPool pool(options);
      std::mt19937 random(workers);
      std::atomic<int> runs{0};
      for (int round = 1; round <= 8'000 / SCHED_STRESS_DIVISOR; ++round) {
        const Level level = kAllLevels[round % kLevels];
        ASSERT_EQ(submit(*pool, level, [&](libsched_task*) { return ++runs, 0; }), LIBSCHED_OK);
        const bool done = comes_soon([&] { return runs.load() == round; });
        EXPECT_TRUE(done) << "all sleep over a task, in round " << round;
        if (!done) break;
        linger(random);
      }
      preemption.stop();
    }
  }
}

TEST(WakePreempted, OneTaskAtATime) {
  for (const std::uint32_t workers : {1u, 2u, 8u}) {
    PoolOptions options = TestPool::with_workers(workers);
    Preemption preemption(options);
    {
      TestPool pool(options);
      std::mt19937 random(workers);
      std::atomic<int> runs{0};
      for (int round = 1; round <= 6'000 / SCHED_STRESS_DIVISOR; ++round) {
        ASSERT_EQ(submit(*pool, Level::kNormal,
                         [&](libsched_task*) {
                           return submit(*pool, Level::kNormal,
                                         [&](libsched_task*) { return ++runs, 0; });
                         }),
                  LIBSCHED_OK);
        const bool done = comes_soon([&] { return runs.load() == round; });
        EXPECT_TRUE(done) << "all sleep over a task, in round " << round;
        if (!done) break;
        linger(random);
      }
      preemption.stop();
    }
  }
}

}  // namespace
}  // namespace sched
