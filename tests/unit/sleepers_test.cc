#include "core/pool/sleepers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/unit/support.h"

namespace sched {
namespace {

using test::comes_true;

std::atomic<int> wakes;
std::atomic<int> waits;

// Lets the test see whom a notifier wakes, without threads.
class Sleeping : public ::testing::Test {
 protected:
  Sleeping() {
    wakes = 0;
    waits = 0;
    sys::calls.futex_wait = [](const std::uint32_t* word, std::uint32_t expected,
                               const timespec* timeout) {
      ++waits;
      return sys::futex_wait(word, expected, timeout);
    };
    sys::calls.futex_wake = [](const std::uint32_t*, int) { return ++wakes, 1; };
  }
  test::RealCalls restore_;
};

TEST_F(Sleeping, AtMostHalfOfTheWorkersSearchButOneMay) {
  for (const std::uint32_t workers : {1u, 2u, 3u, 4u, 5u, 16u, 100u}) {
    Sleepers<> sleepers(workers);
    const std::uint32_t limit = std::max(1u, workers / 2);
    for (std::uint32_t i = 0; i < limit; ++i) EXPECT_TRUE(sleepers.start_search());
    EXPECT_FALSE(sleepers.start_search()) << workers << " workers";
    for (std::uint32_t i = limit; i > 0; --i)
      EXPECT_EQ(sleepers.stop_search(), i == 1) << "the last";
    EXPECT_TRUE(sleepers.start_search());
  }
}

TEST_F(Sleeping, NobodyIsWokenWhileOneSearches) {
  Sleepers<> sleepers(4);
  sleepers.announce(2);
  ASSERT_TRUE(sleepers.start_search());
  EXPECT_FALSE(sleepers.notify_one());
  EXPECT_EQ(wakes, 0);
  sleepers.stop_search();
  EXPECT_TRUE(sleepers.notify_one());
  EXPECT_EQ(wakes, 1);
  EXPECT_FALSE(sleepers.notify_one()) << "who was woken searches";
}

TEST_F(Sleeping, NobodyIsWokenWhereNobodySleeps) {
  Sleepers<> sleepers(4);
  EXPECT_FALSE(sleepers.notify_one());
  sleepers.notify(3);
  sleepers.notify_all();
  EXPECT_EQ(wakes, 0);
  EXPECT_EQ(sleepers.parked(), 0u);
}

TEST_F(Sleeping, AClaimMakesASearcher) {
  Sleepers<> sleepers(2);
  sleepers.announce(1);
  EXPECT_EQ(sleepers.parked(), 1u);
  ASSERT_TRUE(sleepers.notify_one());
  EXPECT_EQ(sleepers.parked(), 0u);
  EXPECT_FALSE(sleepers.retract(1)) << "claimed before";
  EXPECT_FALSE(sleepers.start_search()) << "it is the one searcher of two workers";
  EXPECT_TRUE(sleepers.stop_search());
}

TEST_F(Sleeping, RetractedBeforeAnyoneCame) {
  Sleepers<> sleepers(2);
  sleepers.announce(0);
  EXPECT_TRUE(sleepers.retract(0));
  EXPECT_FALSE(sleepers.retract(0));
  EXPECT_FALSE(sleepers.notify_one());
  EXPECT_TRUE(sleepers.start_search()) << "it did not become a searcher";
}

TEST_F(Sleeping, ParkReturnsAtOnceWhenClaimedBefore) {
  Sleepers<> sleepers(2);
  sleepers.announce(1);
  ASSERT_TRUE(sleepers.notify_one());
  EXPECT_TRUE(sleepers.park(1, -1)) << "or it sleeps for ever";
  EXPECT_EQ(waits, 0);
  sleepers.stop_search();
  sleepers.announce(1);
  EXPECT_FALSE(sleepers.park(1, 1'000'000));
  EXPECT_EQ(waits, 1) << "an old signal does not count";
  EXPECT_EQ(sleepers.parked(), 0u) << "park retracts";
}

TEST_F(Sleeping, TheLowestIsWokenFirst) {
  for (const std::uint32_t workers : {3u, 64u, 65u, 130u, 1024u}) {
    Sleepers<> sleepers(workers);
    for (std::uint32_t i = workers; i-- > 0;) sleepers.announce(i);
    EXPECT_EQ(sleepers.parked(), workers);
    for (std::uint32_t i = 0; i < workers; ++i) {
      ASSERT_TRUE(sleepers.notify_one());
      EXPECT_EQ(sleepers.parked(), workers - 1 - i);
      EXPECT_FALSE(sleepers.retract(i)) << i << " of " << workers;
      sleepers.stop_search();
    }
  }
}

TEST_F(Sleeping, NotifyWakesOneForEachItem) {
  Sleepers<> sleepers(130);
  for (std::uint32_t i = 0; i < 130; ++i) sleepers.announce(i);
  sleepers.notify(0);
  EXPECT_EQ(wakes, 0);
  sleepers.notify(3);
  EXPECT_EQ(wakes, 3);
  sleepers.notify(100);
  EXPECT_EQ(wakes, 103) << "though others search";
  sleepers.notify_all();
  EXPECT_EQ(wakes, 130);
  sleepers.notify(5);
  EXPECT_EQ(wakes, 130);
}

TEST_F(Sleeping, OneNapKeepsRunNextPushesFromWaking) {
  Sleepers<> sleepers(4);
  sleepers.announce(0);
  ASSERT_TRUE(sleepers.start_nap());
  EXPECT_FALSE(sleepers.start_nap()) << "one is enough";
  EXPECT_FALSE(sleepers.notify_run_next());
  EXPECT_TRUE(sleepers.notify_one()) << "other work is not the napping worker's alone";
  sleepers.stop_search();
  sleepers.announce(0);
  sleepers.stop_nap();
  EXPECT_TRUE(sleepers.notify_run_next());
  EXPECT_TRUE(sleepers.start_nap());
}

TEST_F(Sleeping, OneSpins) {
  Sleepers<> sleepers(4);
  EXPECT_TRUE(sleepers.start_spin());
  EXPECT_FALSE(sleepers.start_spin());
  sleepers.stop_spin();
  EXPECT_TRUE(sleepers.start_spin());
}

// One of many threads sleeps in each word of the set; tokens are handed out and every one must be picked up.
TEST(Sleepers, NoWakeUpIsLost) {
  constexpr std::uint32_t kWorkers = 4;
  constexpr int kTokens = 20'000;
  constexpr std::uint32_t kStride = 40;  // so that the workers' bits lie in several words
  Sleepers<> sleepers(kWorkers * kStride);
  std::atomic<int> tokens{0};
  std::atomic<int> taken{0};
  std::atomic<bool> over{false};
  const auto take = [&] {
    int present = tokens.load();
    while (present > 0) {
      if (tokens.compare_exchange_weak(present, present - 1)) return ++taken, true;
    }
    return false;
  };
  std::vector<std::thread> threads;
  for (std::uint32_t i = 0; i < kWorkers; ++i) {
    threads.emplace_back([&, me = i * kStride] {
      bool searching = sleepers.start_search();
      while (!over.load()) {
        if (take()) {
          if (searching && sleepers.stop_search() && tokens.load() > 0) sleepers.notify_one();
          searching = false;
          continue;
        }
        if (!searching && sleepers.start_search()) {
          searching = true;
          continue;
        }
        sleepers.announce(me);
        if (searching) sleepers.stop_search();
        if (tokens.load() > 0 || over.load()) {
          searching = !sleepers.retract(me);
        } else {
          searching = sleepers.park(me, -1);
        }
      }
    });
  }
  for (int i = 0; i < kTokens && !::testing::Test::HasFailure(); ++i) {
    tokens.fetch_add(1);
    sleepers.notify_one();
    if (i % 8 == 0) {
      EXPECT_TRUE(comes_true([&] { return taken.load() == i + 1; }))
          << "all sleep, and one token is left";
    }
  }
  EXPECT_TRUE(comes_true([&] { return tokens.load() == 0; }));
  over.store(true);
  sleepers.notify_all();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace sched
