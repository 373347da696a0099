#include "core/sync/wait_line.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <semaphore>
#include <thread>
#include <vector>

#include "tests/unit/support.h"

namespace sched {
namespace {

using test::comes_true;

constexpr std::uint32_t kMost = WaitLineSizes::kMostPasses;

// A thread in the line. It takes what it waits for when there is some.
class Waiter {
 public:
  Waiter(WaitLine& line, std::atomic<int>& supply, std::int64_t timeout_ns = -1,
         CancelSwitch* cancel = nullptr)
      : thread_([this, &line, &supply, timeout_ns, cancel] {
          status = line.wait(
              sys::Deadline(timeout_ns), cancel,
              [&] {
                ++looks;
                int left = supply.load();
                while (left > 0 && !supply.compare_exchange_weak(left, left - 1)) {
                }
                return left > 0 ? Found::kYes : Found::kNo;
              },
              [&] { return supply.load() > 0; });
          done = true;
        }) {}
  ~Waiter() { thread_.join(); }

  std::atomic<int> looks{0};
  std::atomic<bool> done{false};
  std::atomic<Status> status{LIBSCHED_E_INTERNAL};

 private:
  std::thread thread_;
};

// Each thread that sleeps in a line does so here, until the test lets it go: a wake is counted, and wakes nobody. They have
// numbers, by their first sleep.
class Sleep {
 public:
  Sleep() {
    waits = 0;
    wakes = 0;
    shortest_ns = INT64_MAX;
    sleepers = 0;
    number = -1;
    sys::calls.futex_wait = [](const std::uint32_t*, std::uint32_t, const timespec* timeout) {
      if (timeout != nullptr) {
        const std::int64_t ns = timeout->tv_sec * 1'000'000'000 + timeout->tv_nsec;
        if (ns < shortest_ns) shortest_ns = ns;
      }
      if (number < 0) number = sleepers++;
      ++waits;
      go_on[number].acquire();
      return 0;
    };
    sys::calls.futex_wake = [](const std::uint32_t*, int) { return ++wakes, 0; };
  }

  static inline std::atomic<int> waits{0};  // that have begun
  static inline std::atomic<int> wakes{0};
  static inline std::atomic<std::int64_t> shortest_ns{0};
  static inline std::counting_semaphore<> go_on[2] = {std::counting_semaphore<>{0},
                                                      std::counting_semaphore<>{0}};

 private:
  static inline std::atomic<int> sleepers{0};
  static inline thread_local int number = -1;
  test::RealCalls restore_;
};

class Bell final : public WaitLine::Watcher {
 public:
  void told() override { ++rings; }
  std::atomic<int> rings{0};
};

// How often one may pass, until the line forbids it.
std::uint32_t passes(WaitLine& line) {
  std::uint32_t count = 0;
  while (count < 5 * kMost && line.may_pass()) {
    line.note_pass();
    ++count;
  }
  return count;
}

TEST(WaitLine, WithoutAnybodyInItNoPassCounts) {
  WaitLine line;
  std::atomic<int> supply{0};
  EXPECT_TRUE(line.empty());
  EXPECT_EQ(passes(line), 5 * kMost);
  Waiter waiter(line, supply);
  ASSERT_TRUE(comes_true([&] { return !line.empty(); }));
  EXPECT_EQ(passes(line), kMost);
  supply = 1;
  line.tell();
  EXPECT_TRUE(comes_true([&] { return waiter.done.load(); }));
  EXPECT_EQ(waiter.status, LIBSCHED_OK);
  EXPECT_TRUE(line.empty());
  EXPECT_EQ(passes(line), 5 * kMost);
}

TEST(WaitLine, EachThatStandsFirstIsPassedSoOften) {
  WaitLine line;
  std::atomic<int> supply{0};
  std::vector<std::unique_ptr<Waiter>> waiters;
  for (int i = 0; i < 3; ++i) {
    waiters.push_back(std::make_unique<Waiter>(line, supply));
  }
  for (int gone = 1; gone <= 3; ++gone) {
    ASSERT_TRUE(comes_true([&] { return !line.empty(); }));  // the next one may be on its way
    EXPECT_EQ(passes(line), kMost);
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(line.may_pass());
    supply = 1;
    line.tell();
    ASSERT_TRUE(comes_true([&] {
      int done = 0;
      for (const auto& waiter : waiters) done += waiter->done ? 1 : 0;
      return done == gone;
    }));
  }
}

TEST(WaitLine, ATryIsNoPass) {
  WaitLine line;
  std::atomic<int> supply{0};
  Waiter waiter(line, supply);
  ASSERT_TRUE(comes_true([&] { return !line.empty(); }));
  for (std::uint32_t i = 0; i < 5 * kMost; ++i) ASSERT_TRUE(line.may_pass());
  EXPECT_EQ(passes(line), kMost);
  supply = 1;
  line.tell();
}

TEST(WaitLine, WhoIsToldIsNotToldAgainBeforeItHasLooked) {
  const Sleep sleep;
  WaitLine line;
  std::atomic<int> supply{0};
  Waiter waiter(line, supply);
  for (int round = 1; round <= 5; ++round) {
    ASSERT_TRUE(comes_true([&] { return Sleep::waits == round; }));
    for (int i = 0; i < 100; ++i) line.tell();
    EXPECT_EQ(Sleep::wakes, round);
    if (round == 5) supply = 1;
    Sleep::go_on[0].release();
  }
  EXPECT_TRUE(comes_true([&] { return waiter.done.load(); }));
  EXPECT_EQ(Sleep::wakes, 5);
}

TEST(WaitLine, OnlyTheFirstIsToldAndItTellsTheNext) {
  const Sleep sleep;
  WaitLine line;
  std::atomic<int> supply{0};
  Waiter first(line, supply);
  ASSERT_TRUE(comes_true([&] { return Sleep::waits == 1; }));
  Waiter second(line, supply);
  ASSERT_TRUE(comes_true([&] { return Sleep::waits == 2; }));
  EXPECT_EQ(second.looks, 0);
  supply = 2;
  line.tell();
  line.tell();
  EXPECT_EQ(Sleep::wakes, 1);
  Sleep::go_on[0].release();
  ASSERT_TRUE(comes_true([&] { return first.done.load(); }));
  EXPECT_EQ(Sleep::wakes, 2);
  Sleep::go_on[1].release();
  ASSERT_TRUE(comes_true([&] { return second.done.load(); }));
  EXPECT_EQ(Sleep::wakes, 2);
}

TEST(WaitLine, WhoLeavesNothingBehindTellsNobody) {
  const Sleep sleep;
  WaitLine line;
  std::atomic<int> supply{0};
  Waiter first(line, supply);
  ASSERT_TRUE(comes_true([&] { return Sleep::waits == 1; }));
  Waiter second(line, supply);
  ASSERT_TRUE(comes_true([&] { return Sleep::waits == 2; }));
  supply = 1;
  line.tell();
  Sleep::go_on[0].release();
  ASSERT_TRUE(comes_true([&] { return first.done.load(); }));
  EXPECT_EQ(Sleep::wakes, 1);
  supply = 1;
  line.tell();
  EXPECT_EQ(Sleep::wakes, 2);
  Sleep::go_on[1].release();
  ASSERT_TRUE(comes_true([&] { return second.done.load(); }));
}

TEST(WaitLine, WhatIsBeingMadeIsWaitedForAShortTimeOnly) {
  for (const std::int64_t timeout_ns : {std::int64_t{-1}, std::int64_t{60'000'000'000}}) {
    const Sleep sleep;
    WaitLine line;
    Sleep::go_on[0].release(3);
    int looks = 0;
    const auto look = [&] { return ++looks < 4 ? Found::kSoon : Found::kYes; };
    EXPECT_EQ(line.wait(sys::Deadline(timeout_ns), nullptr, look, [] { return false; }),
              LIBSCHED_OK);
    EXPECT_EQ(Sleep::waits, 3);
    EXPECT_LE(Sleep::shortest_ns, WaitLineSizes::kSoonNs);
  }
}

TEST(WaitLine, TimeoutsAndSwitchesEndIt) {
  WaitLine line;
  std::atomic<int> supply{0};
  CancelSwitch cancel;
  Waiter blocked(line, supply);
  {
    Waiter late(line, supply, 1'000'000, &cancel);
    EXPECT_TRUE(comes_true([&] { return late.done.load(); }));
    EXPECT_EQ(late.status, LIBSCHED_E_TIMEOUT);
    Waiter cancelled(line, supply, -1, &cancel);
    cancel.trigger();
    EXPECT_TRUE(comes_true([&] { return cancelled.done.load(); }));
    EXPECT_EQ(cancelled.status, LIBSCHED_E_CANCELLED);
  }
  EXPECT_FALSE(blocked.done);
  EXPECT_FALSE(line.empty());
  supply = 1;
  line.tell();
}

TEST(WaitLine, AfterItsEndAllLook) {
  WaitLine line;
  std::atomic<int> supply{0};
  std::vector<std::unique_ptr<Waiter>> waiters;
  for (int i = 0; i < 4; ++i) waiters.push_back(std::make_unique<Waiter>(line, supply));
  ASSERT_TRUE(comes_true([&] { return !line.empty(); }));
  supply = 1000;
  line.end();
  for (const auto& waiter : waiters) {
    EXPECT_TRUE(comes_true([&] { return waiter->done.load(); }));
  }
  Waiter later(line, supply);
  EXPECT_TRUE(comes_true([&] { return later.done.load(); }));
}

// --- watchers ---

TEST(WaitLine, AWatcherIsToldOnceForEachTimeItWatches) {
  WaitLine line;
  Bell bell;
  line.tell();
  EXPECT_EQ(bell.rings, 0);
  for (int round = 1; round <= 5; ++round) {
    line.watch(bell);
    EXPECT_FALSE(line.empty());
    EXPECT_EQ(bell.rings, round - 1);
    for (int i = 0; i < 10; ++i) line.tell();
    EXPECT_EQ(bell.rings, round);
    EXPECT_TRUE(line.empty());
  }
}

TEST(WaitLine, WatchingTwiceIsWatchingOnce) {
  WaitLine line;
  Bell bell;
  line.watch(bell);
  line.watch(bell);
  line.tell();
  line.tell();
  EXPECT_EQ(bell.rings, 1);
  EXPECT_TRUE(line.empty());
}

TEST(WaitLine, AWatcherThatHasGoneIsNotTold) {
  WaitLine line;
  Bell bell;
  Bell other;
  line.watch(bell);
  line.unwatch(other);
  EXPECT_FALSE(line.empty());
  line.unwatch(bell);
  line.unwatch(bell);
  EXPECT_TRUE(line.empty());
  line.tell();
  line.end();
  EXPECT_EQ(bell.rings, 0);
}

TEST(WaitLine, AWatcherIsToldOfTheEnd) {
  WaitLine line;
  Bell bell;
  line.watch(bell);
  line.end();
  EXPECT_EQ(bell.rings, 1);
}

TEST(WaitLine, AWatcherAndTheFirstAreToldTogether) {
  const Sleep sleep;
  WaitLine line;
  Bell bell;
  std::atomic<int> supply{0};
  Waiter waiter(line, supply);
  ASSERT_TRUE(comes_true([&] { return Sleep::waits == 1; }));
  line.watch(bell);
  line.tell();
  EXPECT_EQ(bell.rings, 1);
  EXPECT_EQ(Sleep::wakes, 1);
  // The first has not looked; the watcher has, and watches again.
  line.watch(bell);
  line.tell();
  EXPECT_EQ(bell.rings, 2);
  supply = 1;
  Sleep::go_on[0].release();
  EXPECT_TRUE(comes_true([&] { return waiter.done.load(); }));
}

}  // namespace
}  // namespace sched
