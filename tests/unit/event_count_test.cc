#include "core/sync/event_count.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <thread>
#include <vector>

#include "core/sys/clock.h"
#include "tests/unit/support.h"

namespace sched {
namespace {

using test::comes_true;
using test::RealCalls;

struct Futex {
  std::atomic<int> waits{0};
  std::atomic<int> wakes{0};
  std::atomic<int> woken_count{0};  // the count of the last wake
};
Futex futex;

// Counts the calls, and makes them.
void watch_futex() {
  futex.waits = 0;
  futex.wakes = 0;
  sys::calls.futex_wait = [](const std::uint32_t* word, std::uint32_t expected,
                             const timespec* timeout) {
    ++futex.waits;
    return sys::futex_wait(word, expected, timeout);
  };
  sys::calls.futex_wake = [](const std::uint32_t* word, int count) {
    ++futex.wakes;
    futex.woken_count = count;
    return sys::futex_wake(word, count);
  };
}

TEST(EventCount, NotifyWithoutWaitersIsNoSystemCall) {
  const RealCalls restore;
  watch_futex();
  EventCount<> event;
  event.notify_one();
  event.notify_all();
  EXPECT_FALSE(event.has_waiters());
  EXPECT_EQ(futex.wakes, 0);
}

TEST(EventCount, ANotificationBetweenPrepareAndWaitIsNotLost) {
  const RealCalls restore;
  watch_futex();
  EventCount<> event;
  for (const bool all : {false, true}) {
    const auto key = event.prepare();
    EXPECT_TRUE(event.has_waiters());
    all ? event.notify_all() : event.notify_one();
    EXPECT_EQ(futex.woken_count, all ? INT_MAX : 1);
    event.wait(key, -1);  // or it never returns
    EXPECT_FALSE(event.has_waiters());
  }
}

TEST(EventCount, CancelTakesTheAnnouncementBack) {
  const RealCalls restore;
  watch_futex();
  EventCount<> event;
  static_cast<void>(event.prepare());
  static_cast<void>(event.prepare());
  event.cancel();
  EXPECT_TRUE(event.has_waiters());
  event.cancel();
  EXPECT_FALSE(event.has_waiters());
  event.notify_all();
  EXPECT_EQ(futex.wakes, 0);
}

TEST(EventCount, WaitEndsAfterItsTimeout) {
  EventCount<> event;
  const std::int64_t begin = sys::now_ns();
  event.wait(event.prepare(), 20'000'000);
  EXPECT_GE(sys::now_ns() - begin, 15'000'000);
  EXPECT_FALSE(event.has_waiters());
}

TEST(EventCount, TimeoutsReachTheKernelInSecondsAndNanoseconds) {
  const RealCalls restore;
  static timespec seen;
  static bool endless;
  sys::calls.futex_wait = [](const std::uint32_t*, std::uint32_t, const timespec* timeout) {
    endless = timeout == nullptr;
    if (!endless) seen = *timeout;
    return -ETIMEDOUT;
  };
  EventCount<> event;
  event.wait(event.prepare(), 3'000'000'007);
  EXPECT_FALSE(endless);
  EXPECT_EQ(seen.tv_sec, 3);
  EXPECT_EQ(seen.tv_nsec, 7);
  event.wait(event.prepare(), -1);
  EXPECT_TRUE(endless);
}

TEST(EventCount, NotifyAllWakesAllThatSleep) {
  EventCount<> event;
  std::atomic<bool> open{false};
  std::atomic<int> ready{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      ++ready;
      for (;;) {
        const auto key = event.prepare();
        if (open.load()) return event.cancel();
        event.wait(key, -1);
      }
    });
  }
  EXPECT_TRUE(comes_true([&] { return ready.load() == 8 && event.has_waiters(); }));
  open.store(true);
  event.notify_all();
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(event.has_waiters());
}

// Each notify_one is for one of the waiters: none is for nobody while somebody waits.
TEST(EventCount, NotifyOneWakesOneForEachItem) {
  constexpr int kItems = 2000;
  EventCount<> event;
  std::atomic<int> items{0};
  std::atomic<int> taken{0};
  std::vector<std::thread> threads;
  const auto take = [&] {
    int present = items.load();
    while (present > 0) {
      if (items.compare_exchange_weak(present, present - 1)) return true;
    }
    return false;
  };
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (;;) {
        const auto key = event.prepare();
        if (take()) {
          event.cancel();
          ++taken;
        } else if (taken.load() == kItems) {
          return event.cancel();
        } else {
          event.wait(key, -1);
        }
      }
    });
  }
  for (int i = 0; i < kItems; ++i) {
    items.fetch_add(1);
    event.notify_one();
    if (i % 16 == 0) {
      EXPECT_TRUE(comes_true([&] { return taken.load() == i + 1; })) << "a waiter slept on";
    }
  }
  EXPECT_TRUE(comes_true([&] { return taken.load() == kItems; }));
  event.notify_all();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace sched
