#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <random>
#include <string>

#include "tests/unit/pool_support.h"

// For tests of the engine as it is compiled with the atomics of tests/support/chaos_atomic.h. Each plays many short rounds,
// and every round has a deadline that only a defect can miss.
namespace sched::test {

// Chooses the seed: another one in each run, unless LIBSCHED_CHAOS_SEED sets it. It fixes what each thread draws, not how
// the kernel interleaves them, so a failure comes back in most runs with its seed, not in all.
class Chaos : public ::testing::Test {
 protected:
  Chaos() : seed_(choose()), random_(static_cast<std::uint32_t>(seed_)) {
    chaos::seed = seed_ * 0xD1342543DE82EF95u;
    std::printf("LIBSCHED_CHAOS_SEED=%llu\n", static_cast<unsigned long long>(seed_));
    std::fflush(stdout);
  }

  const std::uint64_t seed_;
  std::mt19937 random_;

 private:
  static std::uint64_t choose() {
    const char* set = std::getenv("LIBSCHED_CHAOS_SEED");
    return set != nullptr ? std::strtoull(set, nullptr, 10) : std::random_device()();
  }
};

// What a test says that found the pool stuck.
inline std::string describe(Pool& pool) {
  const Pool::Stats now = stats(pool);
  std::string text = std::to_string(now.workers) + " threads, " + std::to_string(now.parked) +
                     " parked, " + std::to_string(now.parks) + " parks, " +
                     std::to_string(now.wakes) + " wakes";
  const char* const names[kLevels] = {"High", "Normal", "Low"};
  for (const Level level : kAllLevels) {
    const Pool::LevelStats& here = now.level[index_of(level)];
    text += std::string("; ") + names[index_of(level)] + ": " + std::to_string(here.submitted) +
            " submitted, " + std::to_string(here.queued) + " queued, " +
            std::to_string(here.active) + " active, " + std::to_string(here.failed) + " failed, " +
            std::to_string(here.cancelled) + " discarded";
  }
  return text;
}

// Whether all that was submitted has ended.
inline ::testing::AssertionResult becomes_idle(Pool& pool, int round) {
  const Status status = wait_idle(pool);
  if (status == LIBSCHED_OK) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << "round " << round << ": wait_idle gives " << status << "; " << describe(pool);
}

// Where tasks wait for each other.
class Meeting {
 public:
  explicit Meeting(std::uint32_t expected) : expected_(expected) {}
  void join() {
    std::unique_lock lock(mutex_);
    if (++arrived_ >= expected_) complete_.notify_all();
    complete_.wait(lock, [&] { return arrived_ >= expected_; });
  }
  // Lets go of those that wait in vain, so that a failed test ends.
  void give_up() {
    const std::lock_guard lock(mutex_);
    expected_ = 0;
    complete_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable complete_;
  std::uint32_t expected_;
  std::uint32_t arrived_ = 0;
};

}  // namespace sched::test
