// Ends: of tasks, as wait_idle and shutdown see them, of threads, and of pools.
#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <memory>
#include <thread>
#include <vector>

#include "tests/chaos/chaos_support.h"

namespace sched {
namespace {

using test::becomes_idle;
using test::below;
using test::describe;
using test::submit;
using test::TestPool;

class ChaosEnd : public test::Chaos {};

// A task that submits others is not over when they are.
TEST_F(ChaosEnd, WaitIdleWaitsForTheParent) {
  for (const std::uint32_t workers : {2u, 4u, 8u}) {
    TestPool pool(workers);
    std::atomic<int> running{0};
    for (int round = 0; round < 2'500 / SCHED_STRESS_DIVISOR; ++round) {
      ASSERT_EQ(submit(*pool, Level::kNormal,
                       [&](libsched_task*) {
                         ++running;
                         for (int i = 0; i < 3; ++i) {
                           EXPECT_EQ(submit(*pool, kAllLevels[i], nullptr), LIBSCHED_OK);
                         }
                         chaos::point();
                         std::this_thread::yield();
                         return --running, 0;
                       }),
                LIBSCHED_OK);
      // Asking all the time meets the moment better than being told.
      while (round % 2 == 0 && pool->wait_idle(0, nullptr, nullptr) == LIBSCHED_E_TIMEOUT) {
      }
      ASSERT_TRUE(becomes_idle(*pool, round));
      ASSERT_EQ(running, 0) << "round " << round << ": " << describe(*pool);
    }
  }
}

struct Ends {
  std::atomic<int> accepted{0};
  std::atomic<int> runs{0};
  std::atomic<int> discards{0};

  Status submit_one(Pool& pool, Level level, std::function<int(libsched_task*)> body = nullptr) {
    const Status status = submit(
        pool, level,
        [this, body = std::move(body)](libsched_task* task) {
          ++runs;
          return body ? body(task) : 0;
        },
        [this] { ++discards; });
    if (status == LIBSCHED_OK) ++accepted;
    return status;
  }
};

// What is accepted while the pool closes is run or discarded before shutdown returns.
TEST_F(ChaosEnd, SubmitsRaceWithShutdown) {
  for (int round = 0; round < 900 / SCHED_STRESS_DIVISOR; ++round) {
    PoolOptions options = TestPool::with_workers(1 + below(random_, 4));
    if (round % 3 == 0) options.capacity = 4;
    Ends ends;
    TestPool pool(options);
    if (round % 2 == 0) ends.submit_one(*pool, Level::kNormal);
    std::atomic<int> ready{0};
    // Few and slow ones too: the pool must now and then have done all when it is closed.
    const int count = 1 + round % 3;
    const bool slow = round / 3 % 2 == 0;
    std::vector<std::thread> submitters;
    for (int i = 0; i < count; ++i) {
      submitters.emplace_back([&, i] {
        ++ready;
        chaos::drowsy = slow;
        Status status = LIBSCHED_OK;
        while (status == LIBSCHED_OK) status = ends.submit_one(*pool, kAllLevels[i]);
        EXPECT_EQ(status, LIBSCHED_E_CLOSED);
      });
    }
    while (ready < count) std::this_thread::yield();
    for (std::uint32_t i = below(random_, 100); i > 0; --i) std::this_thread::yield();
    const bool discard = below(random_, 3) == 0;
    chaos::drowsy = slow;
    const Status status = pool->shutdown(discard, test::kPatienceNs, nullptr, nullptr);
    chaos::drowsy = false;
    const bool all = ends.runs + ends.discards >= ends.accepted;
    for (std::thread& submitter : submitters) submitter.join();
    ASSERT_EQ(status, LIBSCHED_OK) << "round " << round << ": " << describe(*pool);
    ASSERT_TRUE(all) << "round " << round;
    ASSERT_EQ(ends.runs + ends.discards, ends.accepted) << "round " << round;
    if (!discard) {
      ASSERT_EQ(ends.discards, 0) << "round " << round;
    }
  }
}

// Tasks end their threads, and often no new ones can be had in their place.
class ChaosThreads : public test::Chaos {
 protected:
  ChaosThreads() {
    own = true;
    scarce = false;
    sys::calls.thread_create = [](pthread_t* out, const pthread_attr_t* attributes,
                                  void* (*body)(void*), void* argument) {
      return scarce && !own ? EAGAIN : pthread_create(out, attributes, body, argument);
    };
  }
  void submit_some(Pool& pool, Ends& ends) {
    for (std::uint32_t i = 1 + below(random_, 8); i > 0; --i) {
      const bool leave = below(random_, 3) == 0;
      ASSERT_EQ(ends.submit_one(pool, kAllLevels[below(random_, kLevels)],
                                [leave](libsched_task*) {
                                  if (leave && !own) pthread_exit(nullptr);
                                  return 0;
                                }),
                LIBSCHED_OK);
    }
  }
  static inline thread_local bool own = false;    // the test's thread
  static inline std::atomic<bool> scarce{false};  // only the test's thread can start others
  test::RealCalls restore_;
};

TEST_F(ChaosThreads, WaitIdleStartsLostOnesAnew) {
  for (int round = 0; round < 1'000 / SCHED_STRESS_DIVISOR; ++round) {
    Ends ends;
    TestPool pool(1 + below(random_, 3));
    scarce = below(random_, 3) != 0;
    for (int part = 0; part < 3; ++part) {
      submit_some(*pool, ends);
      const auto idle = becomes_idle(*pool, round);
      scarce = false;
      ASSERT_TRUE(idle);
      ASSERT_EQ(ends.runs, ends.accepted) << "round " << round;
    }
  }
}

TEST_F(ChaosThreads, ShutdownNeedsNone) {
  for (int round = 0; round < 1'000 / SCHED_STRESS_DIVISOR; ++round) {
    Ends ends;
    TestPool pool(1 + below(random_, 3));
    scarce = below(random_, 3) != 0;
    submit_some(*pool, ends);
    std::thread submitter([&] {
      if (round % 2 == 0) return;  // so that the last task may be one that ends its thread
      while (ends.submit_one(*pool, Level::kNormal) != LIBSCHED_E_CLOSED) {
      }  // -EAGAIN when all threads are lost
    });
    submit_some(*pool, ends);
    const bool discard = below(random_, 3) == 0;
    const Status status = pool->shutdown(discard, test::kPatienceNs, nullptr, nullptr);
    submitter.join();
    scarce = false;
    ASSERT_EQ(status, LIBSCHED_OK) << "round " << round << ": " << describe(*pool);
    ASSERT_EQ(ends.runs + ends.discards, ends.accepted) << "round " << round;
  }
}

// Whoever waits for a pool without workers runs what others submit, and what their tasks do.
TEST_F(ChaosEnd, WithoutWorkersTheWaiterRunsWhatComes) {
  for (int round = 0; round < 1'000 / SCHED_STRESS_DIVISOR; ++round) {
    Ends ends;
    TestPool pool(0);
    const auto family = [&](libsched_task*) {
      EXPECT_EQ(ends.submit_one(*pool, Level::kNormal), LIBSCHED_OK);
      return 0;
    };
    for (int i = 0; i < 3; ++i)
      ASSERT_EQ(ends.submit_one(*pool, kAllLevels[i], family), LIBSCHED_OK);
    std::thread runner([&] {
      for (int i = 0; i < 4; ++i) static_cast<void>(pool->run_one());
    });
    std::thread submitter([&] {
      for (int i = 0; i < 3; ++i)
        EXPECT_EQ(ends.submit_one(*pool, kAllLevels[i], family), LIBSCHED_OK);
    });
    const auto idle = becomes_idle(*pool, round);
    runner.join();
    submitter.join();
    ASSERT_TRUE(idle);
    ASSERT_TRUE(becomes_idle(*pool, round));
    ASSERT_EQ(ends.runs, ends.accepted) << "round " << round;
  }
}

// The last handle is dropped by a task or from outside, while threads end: each task still gets its one end. The last test
// here, since threads may outlive it for a moment.
class ChaosAbandon : public test::Chaos {};

TEST_F(ChaosAbandon, EveryTaskGetsItsEnd) {
  for (int round = 0; round < 1'000 / SCHED_STRESS_DIVISOR; ++round) {
    PoolOptions options = TestPool::with_workers(1 + below(random_, 4));
    options.caps[index_of(Level::kLow)] = below(random_, 2);
    auto ends = std::make_unique<Ends>();
    Pool* const pool = TestPool(options).release();
    for (std::uint32_t i = below(random_, 8); i > 0; --i) {
      const bool leave = below(random_, 4) == 0;
      ASSERT_EQ(ends->submit_one(*pool, kAllLevels[below(random_, kLevels)],
                                 [leave](libsched_task*) {
                                   if (leave) pthread_exit(nullptr);
                                   return 0;
                                 }),
                LIBSCHED_OK);
    }
    if (below(random_, 2) == 0) {
      // Not before the submit has returned; and nobody else closes the pool, so that the task is not discarded.
      const auto submitted = std::make_shared<test::Gate>();
      ASSERT_EQ(ends->submit_one(*pool, Level::kLow,
                                 [pool, submitted](libsched_task*) {
                                   submitted->pass();
                                   return pool->abandon(), 0;
                                 }),
                LIBSCHED_OK);
      submitted->open();
    } else {
      pool->abandon();
    }
    const bool all =
        test::comes_true([&] { return ends->runs + ends->discards == ends->accepted; });
    ASSERT_TRUE(all) << "round " << round << ": accepted " << ends.release()->accepted;
  }
}

}  // namespace
}  // namespace sched
