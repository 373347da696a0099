#include "core/sync/cancel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "core/sync/wait.h"
#include "tests/unit/support.h"

namespace sched {
namespace {

using test::comes_true;

constexpr auto kNever = [] { return false; };
const sys::Deadline kForEver(-1);

TEST(Cancel, TriggerAndReset) {
  CancelSwitch cancel;
  EXPECT_FALSE(cancel.triggered());
  cancel.trigger();
  cancel.trigger();
  EXPECT_TRUE(cancel.triggered());
  cancel.reset();
  EXPECT_FALSE(cancel.triggered());
}

struct Ear final : CancelSwitch::Listener {
  void cancel_triggered() override { ++told; }
  int told = 0;
};

TEST(Cancel, WhoListensIsToldByWhoTriggers) {
  CancelSwitch cancel;
  Ear ears[3];
  for (Ear& ear : ears) cancel.listen(ear);
  cancel.trigger();
  cancel.forget(ears[1]);
  cancel.trigger();
  cancel.forget(ears[2]);
  cancel.trigger();
  cancel.forget(ears[0]);
  cancel.trigger();
  EXPECT_EQ(ears[0].told, 3);
  EXPECT_EQ(ears[1].told, 1);
  EXPECT_EQ(ears[2].told, 2);
}

TEST(Cancel, ATriggeredSwitchEndsAWaitAtOnce) {
  EventCount<> event;
  CancelSwitch cancel;
  cancel.trigger();
  EXPECT_EQ(wait_until(event, kForEver, &cancel, kNever), LIBSCHED_E_CANCELLED);
  EXPECT_EQ(wait_until(event, kForEver, &cancel, [] { return true; }), LIBSCHED_OK)
      << "what is there is taken all the same";
  EXPECT_FALSE(event.has_waiters());
}

TEST(Cancel, TheLastAttemptComesAfterTheTrigger) {
  EventCount<> event;
  CancelSwitch cancel;
  int attempts = 0;
  // The switch and the event come together, between the first attempt and the second.
  EXPECT_EQ(wait_until(event, kForEver, &cancel,
                       [&] {
                         if (++attempts == 1) cancel.trigger();
                         return attempts == 2;
                       }),
            LIBSCHED_OK);
}

TEST(Cancel, TimeoutsEndAWait) {
  EventCount<> event;
  EXPECT_EQ(wait_until(event, sys::Deadline(0), nullptr, kNever), LIBSCHED_E_TIMEOUT);
  EXPECT_EQ(wait_until(event, sys::Deadline(5'000'000), nullptr, kNever), LIBSCHED_E_TIMEOUT);
  EXPECT_EQ(wait_until(event, sys::Deadline(0), nullptr, [] { return true; }), LIBSCHED_OK);
  CancelSwitch cancel;
  EXPECT_EQ(wait_until(event, sys::Deadline(5'000'000), &cancel, kNever), LIBSCHED_E_TIMEOUT);
  cancel.trigger();
  EXPECT_EQ(wait_until(event, sys::Deadline(0), &cancel, kNever), LIBSCHED_E_CANCELLED)
      << "the stronger reason";
  EXPECT_FALSE(event.has_waiters());
}

TEST(Cancel, TriggerWakesAllWaitsOnAllEvents) {
  EventCount<> events[3];
  CancelSwitch cancel;
  std::atomic<int> cancelled{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 9; ++i) {
    threads.emplace_back([&, i] {
      if (wait_until(events[i % 3], kForEver, &cancel, kNever) == LIBSCHED_E_CANCELLED) ++cancelled;
    });
  }
  EXPECT_TRUE(comes_true([&] {
    return events[0].has_waiters() && events[1].has_waiters() && events[2].has_waiters();
  }));
  cancel.trigger();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(cancelled, 9);
}

TEST(Cancel, OneSwitchDoesNotEndTheWaitsOfAnother) {
  EventCount<> event;
  CancelSwitch mine;
  CancelSwitch other;
  std::atomic<int> attempts{0};
  std::thread waiter([&] {
    EXPECT_EQ(wait_until(event, kForEver, &mine, [&] { return ++attempts, false; }),
              LIBSCHED_E_CANCELLED);
  });
  EXPECT_TRUE(comes_true([&] { return event.has_waiters(); }));
  other.trigger();
  event.notify_all();
  EXPECT_TRUE(comes_true([&] { return attempts > 2; })) << "it was woken, and waits on";
  mine.trigger();
  waiter.join();
}

// Registrations that leave in any order: a trigger then reaches those that are left, and no event that is gone.
TEST(Cancel, RegistrationsLeaveTheListInAnyOrder) {
  constexpr int kCount = 4;
  const int orders[][kCount] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {1, 3, 0, 2}, {2, 0, 3, 1}};
  for (const auto& order : orders) {
    CancelSwitch cancel;
    std::unique_ptr<EventCount<>> events[kCount];
    std::unique_ptr<CancelSwitch::Registration> entries[kCount];
    EventCount<>::Key keys[kCount];
    for (int i = 0; i < kCount; ++i) {
      events[i] = std::make_unique<EventCount<>>();
      entries[i] = std::make_unique<CancelSwitch::Registration>(&cancel, *events[i]);
      keys[i] = events[i]->prepare();
    }
    for (int gone = 0; gone < kCount; ++gone) {
      cancel.reset();
      cancel.trigger();
      for (int i = gone; i < kCount; ++i) {
        EXPECT_TRUE(entries[order[i]]->triggered());
        events[order[i]]->wait(keys[order[i]], -1);  // or it never returns
        keys[order[i]] = events[order[i]]->prepare();
      }
      entries[order[gone]].reset();
      events[order[gone]].reset();
    }
    cancel.trigger();
  }
}

TEST(Cancel, NoSwitchIsNeverTriggered) {
  EventCount<> event;
  const CancelSwitch::Registration registration(nullptr, event);
  EXPECT_FALSE(registration.triggered());
}

// Triggers against waits that begin and end, for the sanitizers.
TEST(Cancel, TriggersRaceWithWaits) {
  CancelSwitch cancel;
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!stop.load()) {
        EventCount<> event;
        EXPECT_NE(wait_until(event, sys::Deadline(100'000), &cancel, kNever), LIBSCHED_OK);
      }
    });
  }
  for (int i = 0; i < 500; ++i) {
    cancel.trigger();
    cancel.reset();
    std::this_thread::yield();
  }
  stop.store(true);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace sched
