#include "core/pool/capacity.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/unit/support.h"

namespace sched {
namespace {

using test::comes_true;

constexpr auto kOpen = [] { return false; };

TEST(Capacity, NoLimit) {
  Capacity capacity(0);
  EXPECT_FALSE(capacity.limited());
  capacity.give_back(5);  // nothing is counted
}

TEST(Capacity, TakesWhatThereIs) {
  Capacity capacity(5);
  EXPECT_TRUE(capacity.limited());
  EXPECT_EQ(capacity.take(3), 3u);
  EXPECT_EQ(capacity.take(3), 2u) << "as much as there is";
  EXPECT_EQ(capacity.take(1), 0u);
  capacity.give_back(2);
  EXPECT_EQ(capacity.take(1), 1u);
  EXPECT_EQ(capacity.take(9), 1u);
}

TEST(Capacity, TakeAnywaySaysWhetherItWasTooMuch) {
  Capacity capacity(2);
  EXPECT_FALSE(capacity.take_anyway());
  EXPECT_FALSE(capacity.take_anyway());
  EXPECT_TRUE(capacity.take_anyway());
  EXPECT_TRUE(capacity.take_anyway());
  capacity.give_back(1);
  EXPECT_EQ(capacity.take(1), 0u) << "still one too many";
  capacity.give_back(1);
  EXPECT_EQ(capacity.take(1), 0u) << "exactly full";
  capacity.give_back(1);
  EXPECT_EQ(capacity.take(1), 1u);
}

TEST(Capacity, LargeLimits) {
  Capacity capacity(UINT64_MAX);
  EXPECT_EQ(capacity.take(1'000'000), 1'000'000u);
  EXPECT_FALSE(capacity.take_anyway());
  capacity.give_back(1'000'001);
}

TEST(Capacity, WaitsEndByTimeoutCancelAndClose) {
  Capacity capacity(1);
  ASSERT_EQ(capacity.take(1), 1u);
  std::size_t taken = 99;
  CancelSwitch cancel;
  EXPECT_EQ(capacity.wait(1, taken, sys::Deadline(0), &cancel, kOpen), LIBSCHED_E_TIMEOUT);
  EXPECT_EQ(taken, 0u);
  EXPECT_EQ(capacity.wait(1, taken, sys::Deadline(2'000'000), &cancel, kOpen), LIBSCHED_E_TIMEOUT);
  EXPECT_EQ(capacity.wait(1, taken, sys::Deadline(-1), &cancel, [] { return true; }),
            LIBSCHED_E_CLOSED);
  EXPECT_EQ(taken, 0u);
  cancel.trigger();
  EXPECT_EQ(capacity.wait(1, taken, sys::Deadline(-1), &cancel, kOpen), LIBSCHED_E_CANCELLED);
  EXPECT_EQ(taken, 0u);
  capacity.give_back(1);
  EXPECT_EQ(capacity.wait(1, taken, sys::Deadline(-1), &cancel, kOpen), LIBSCHED_OK)
      << "there is room, so nothing is waited for";
  EXPECT_EQ(taken, 1u);
}

TEST(Capacity, CloseWakesAll) {
  Capacity capacity(1);
  ASSERT_EQ(capacity.take(1), 1u);
  std::atomic<bool> closed{false};
  std::atomic<int> waiting{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      std::size_t taken = 0;
      const auto is_closed = [&, first = true]() mutable {
        if (std::exchange(first, false)) ++waiting;
        return closed.load();
      };
      EXPECT_EQ(capacity.wait(1, taken, sys::Deadline(-1), nullptr, is_closed), LIBSCHED_E_CLOSED);
    });
  }
  EXPECT_TRUE(comes_true([&] { return waiting.load() == 4; }));
  closed = true;
  capacity.wake_all();
  for (std::thread& thread : threads) thread.join();
}

// Many submitters, some of which give up, and room that comes one by one: whoever waits long enough gets some.
TEST(Capacity, NoRoomIsLost) {
  constexpr int kRounds = 300;
  Capacity capacity(2);
  std::atomic<std::uint64_t> held{0};
  std::atomic<int> done{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < kRounds; ++round) {
        std::size_t taken = 0;
        CancelSwitch cancel;
        const bool impatient = (round + i) % 3 == 0;
        const std::size_t wanted = round % 2 == 0 ? 1 : 3;
        const Status status = capacity.wait(
            wanted, taken, sys::Deadline(impatient ? 20'000 : test::kPatienceNs), &cancel, kOpen);
        if (status != LIBSCHED_OK) {
          EXPECT_TRUE(impatient) << "a waiter was forgotten";
          continue;
        }
        EXPECT_LE(held.fetch_add(taken) + taken, 2u);
        std::this_thread::yield();
        held.fetch_sub(taken);
        capacity.give_back(taken);
      }
      ++done;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, 4);
  EXPECT_EQ(capacity.take(9), 2u);
}

}  // namespace
}  // namespace sched
