#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "core/pool/group.h"
#include "core/pool/parallel_for.h"
#include "tests/unit/pool_support.h"

namespace sched {
namespace {

using test::comes_true;
using test::Gate;
using test::stats;
using test::submit;
using test::TestPool;

std::atomic<int> created;
std::atomic<int> creatable;  // threads that can be created before it fails

int scarce_create(pthread_t* out, const pthread_attr_t* attributes, void* (*body)(void*),
                  void* argument) {
  if (created.load() >= creatable.load()) return EAGAIN;
  ++created;
  return pthread_create(out, attributes, body, argument);
}

class PoolFault : public ::testing::Test {
 protected:
  PoolFault() {
    created = 0;
    creatable = 1000;
    sys::calls.thread_create = scarce_create;
  }
  test::RealCalls restore_;
};

TEST_F(PoolFault, WithoutAnyThreadTheSubmitFailsAndALaterOneWorks) {
  TestPool pool(4);
  creatable = 0;
  std::atomic<int> runs{0};
  const auto run = [&](libsched_task*) { return ++runs, 0; };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(submit(*pool, Level::kNormal, run), -EAGAIN);
  Error error;
  void* const data[2] = {};
  std::size_t accepted = 99;
  EXPECT_EQ(pool->submit_n(Level::kHigh, &test::Job::call, data, 2, nullptr, {}, accepted, &error),
            -EAGAIN);
  EXPECT_EQ(accepted, 0u);
  EXPECT_EQ(error.status, -EAGAIN);
  EXPECT_EQ(error.os_errno, EAGAIN);
  EXPECT_NE(error.message.find("thread"), std::string::npos) << error.message;
  EXPECT_EQ(stats(*pool).workers, 0u);
  EXPECT_EQ(test::wait_idle(*pool), LIBSCHED_OK) << "nothing was accepted";

  creatable = 1000;
  ASSERT_EQ(submit(*pool, Level::kNormal, run), LIBSCHED_OK);
  EXPECT_EQ(test::wait_idle(*pool), LIBSCHED_OK);
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(stats(*pool).workers, 4u);
}

TEST_F(PoolFault, NeverStartedPoolsEnd) {
  creatable = 0;
  for (const bool discard : {false, true}) {
    TestPool pool(4);
    EXPECT_EQ(submit(*pool, Level::kNormal, nullptr), -EAGAIN);
    EXPECT_EQ(pool->shutdown(discard, test::kPatienceNs, nullptr, nullptr), LIBSCHED_OK);
    creatable = 1000;
    EXPECT_EQ(submit(*pool, Level::kNormal, nullptr), LIBSCHED_E_CLOSED);
    EXPECT_EQ(created, 0) << "a closed pool starts nothing";
    creatable = 0;
  }
}

TEST_F(PoolFault, FewerThreadsWorkAllTheSame) {
  for (const std::uint32_t threads : {1u, 2u, 5u}) {
    TestPool pool(8);
    created = 0;
    creatable = static_cast<int>(threads);
    std::atomic<int> runs{0};
    for (int i = 0; i < 1000; ++i) {
      ASSERT_EQ(submit(*pool, kAllLevels[i % kLevels],
                       [&](libsched_task*) {
                         ++runs;
                         return submit(*pool, Level::kNormal,
                                       [&](libsched_task*) { return ++runs, 0; });
                       }),
                LIBSCHED_OK);
    }
    EXPECT_EQ(test::wait_idle(*pool), LIBSCHED_OK);
    EXPECT_EQ(runs, 2000);
    EXPECT_EQ(stats(*pool).workers, threads);
    EXPECT_EQ(pool->shutdown(false, test::kPatienceNs, nullptr, nullptr), LIBSCHED_OK);
    EXPECT_EQ(stats(*pool).workers, 0u);
  }
}

// The only worker's thread is ended by a task and cannot be replaced: what is queued still gets its end.
TEST_F(PoolFault, TheLastThreadEndsAndIsNotReplaced) {
  for (const bool discard : {false, true}) {
    TestPool pool(1);
    created = 0;
    creatable = 1;
    std::atomic<int> runs{0};
    std::atomic<int> discards{0};
    Gate queued;
    ASSERT_EQ(submit(*pool, Level::kHigh,
                     [&](libsched_task*) -> int {
                       queued.pass();
                       pthread_exit(nullptr);
                     }),
              LIBSCHED_OK);
    for (int i = 0; i < 10; ++i) {
      ASSERT_EQ(submit(
                    *pool, kAllLevels[i % kLevels], [&](libsched_task*) { return ++runs, 0; },
                    [&] { ++discards; }),
                LIBSCHED_OK);
    }
    queued.open();
    EXPECT_TRUE(comes_true([&] { return stats(*pool).workers == 0; }));
    constexpr std::int64_t kWait = 5'000'000'000;
    EXPECT_EQ(pool->shutdown(discard, kWait, nullptr, nullptr), LIBSCHED_OK) << "it hangs";
    EXPECT_EQ(runs + discards, 10);
    EXPECT_EQ(pool->shutdown(true, kWait, nullptr, nullptr), LIBSCHED_OK);
    EXPECT_EQ(runs + discards, 10);
    pool.release()->abandon();
    EXPECT_EQ(runs + discards, 10) << "exactly once each";
    EXPECT_EQ(discards, discard ? 10 : 0);
  }
}

// The same, with a thread that waits for the pool to be idle: that very task was the last.
TEST_F(PoolFault, TheLastThreadsEndIsTheLastTasksEnd) {
  TestPool pool(1);
  creatable = 1;
  static std::atomic<bool> sleeping;
  sleeping = false;
  sys::calls.futex_wait = [](const std::uint32_t* word, std::uint32_t expected,
                             const timespec* timeout) {
    sleeping = true;
    return sys::futex_wait(word, expected, timeout);
  };
  Gate go;
  ASSERT_EQ(submit(*pool, Level::kNormal,
                   [&](libsched_task*) -> int {
                     go.pass();
                     pthread_exit(nullptr);
                   }),
            LIBSCHED_OK);
  CancelSwitch cancel;
  std::atomic<bool> idle{false};
  std::thread waiter([&] {
    EXPECT_EQ(pool->wait_idle(-1, &cancel, nullptr), LIBSCHED_OK);
    idle = true;
  });
  EXPECT_TRUE(comes_true([&] { return sleeping.load(); }));
  go.open();
  EXPECT_TRUE(comes_true([&] { return idle.load(); }, 5'000'000'000)) << "nobody told the waiter";
  cancel.trigger();
  waiter.join();
}

// A thread that ends without a replacement takes nobody else down.
TEST_F(PoolFault, OneThreadLessGoesOn) {
  TestPool pool(3);
  creatable = 3;
  ASSERT_EQ(submit(*pool, Level::kNormal, [](libsched_task*) -> int { pthread_exit(nullptr); }),
            LIBSCHED_OK);
  EXPECT_TRUE(comes_true([&] { return stats(*pool).workers == 2; }));
  std::atomic<int> runs{0};
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(submit(*pool, Level::kLow, [&](libsched_task*) { return ++runs, 0; }), LIBSCHED_OK);
  }
  EXPECT_EQ(test::wait_idle(*pool), LIBSCHED_OK);
  EXPECT_EQ(runs, 100);
  EXPECT_EQ(pool->shutdown(false, test::kPatienceNs, nullptr, nullptr), LIBSCHED_OK);
}

// A thread that waits outside, when all threads have been lost, starts others.
class AllThreadsLost : public PoolFault {
 protected:
  AllThreadsLost() {
    // Only the second thread, which is to replace the first, cannot be created.
    sys::calls.thread_create = [](pthread_t* out, const pthread_attr_t* attributes,
                                  void* (*body)(void*), void* argument) {
      return ++created == 2 ? EAGAIN : pthread_create(out, attributes, body, argument);
    };
    sleeping_ = false;
    sys::calls.futex_wait = [](const std::uint32_t* word, std::uint32_t expected,
                               const timespec* timeout) {
      sleeping_ = true;
      return sys::futex_wait(word, expected, timeout);
    };
  }
  // Ends the only worker's thread when somebody sleeps.
  static int end_thread(libsched_task*) {
    EXPECT_TRUE(comes_true([] { return sleeping_.load(); }));
    pthread_exit(nullptr);
  }
  static inline std::atomic<bool> sleeping_;
};

Status submit_to(Group& group, Level level, std::function<int(libsched_task*)> run) {
  const Group::Kind kind{reinterpret_cast<void*>(&test::Job::call), &test::Job::drop,
                         Task::Kind::kFunction};
  return group.submit(level, kind, new test::Job{std::move(run), nullptr});
}

TEST_F(AllThreadsLost, AWaitForAGroupStartsOthers) {
  TestPool pool(1);
  Group* group = nullptr;
  ASSERT_EQ(Group::create(group, *pool, {}, nullptr), LIBSCHED_OK);
  std::atomic<int> runs{0};
  ASSERT_EQ(submit_to(*group, Level::kNormal, &end_thread), LIBSCHED_OK);
  ASSERT_EQ(submit_to(*group, Level::kNormal, [&](libsched_task*) { return ++runs, 0; }),
            LIBSCHED_OK);
  int code = 0;
  EXPECT_EQ(group->wait(code, false, test::kPatienceNs, nullptr, nullptr), LIBSCHED_E_FAILED);
  EXPECT_EQ(code, LIBSCHED_E_UNWOUND);
  EXPECT_EQ(runs, 1);
  group->abandon();
}

TEST_F(AllThreadsLost, AWaitForRoomStartsOthers) {
  PoolOptions options = TestPool::with_workers(1);
  options.capacity = 1;
  TestPool pool(options);
  std::atomic<int> runs{0};
  Gate queued;
  const auto run = [&](libsched_task*) { return ++runs, 0; };
  ASSERT_EQ(submit(*pool, Level::kHigh,
                   [&](libsched_task* task) {
                     queued.pass();
                     return end_thread(task);
                   }),
            LIBSCHED_OK);
  EXPECT_TRUE(comes_true([&] { return stats(*pool).level[index_of(Level::kHigh)].active == 1; }));
  ASSERT_EQ(submit(*pool, Level::kNormal, run), LIBSCHED_OK);
  sleeping_ = false;
  queued.open();
  EXPECT_EQ(submit(*pool, Level::kNormal, run), LIBSCHED_OK);
  EXPECT_EQ(test::wait_idle(*pool), LIBSCHED_OK);
  EXPECT_EQ(runs, 2);
}

TEST_F(AllThreadsLost, AWaitForALoopStartsOthers) {
  TestPool pool(1);
  ASSERT_EQ(submit(*pool, Level::kHigh, &end_thread), LIBSCHED_OK);
  std::atomic<int> runs{0};
  int code = 0;
  const Loop loop{0, 10, 1,
                  [](libsched_task*, std::uint64_t, std::uint64_t, void* data) {
                    return ++*static_cast<std::atomic<int>*>(data), 0;
                  },
                  &runs};
  EXPECT_EQ(parallel_for(*pool, Level::kNormal, loop, nullptr, code, nullptr), LIBSCHED_OK);
  EXPECT_EQ(runs, 10);
}

// The other thread is lost while a worker sleeps in a wait: that one goes on with what it may do.
TEST_F(PoolFault, TheOtherThreadIsLost) {
  TestPool pool(2);
  creatable = 2;
  Group* group = nullptr;
  ASSERT_EQ(Group::create(group, *pool, {}, nullptr), LIBSCHED_OK);
  Gate queued;
  std::atomic<int> runs{0};
  ASSERT_EQ(submit_to(*group, Level::kNormal,
                      [&](libsched_task*) -> int {
                        queued.pass();
                        pthread_exit(nullptr);
                      }),
            LIBSCHED_OK);
  EXPECT_TRUE(comes_true([&] { return stats(*pool).level[index_of(Level::kNormal)].active == 1; }));
  ASSERT_EQ(submit(*pool, Level::kNormal,
                   [&](libsched_task*) {
                     int code = 0;
                     return group->wait(code, true, -1, nullptr, nullptr) == LIBSCHED_E_FAILED ? 0
                                                                                               : 1;
                   }),
            LIBSCHED_OK);
  EXPECT_TRUE(comes_true([&] { return stats(*pool).parks >= 1; })) << "it does not sleep";
  ASSERT_EQ(submit_to(*group, Level::kLow, [&](libsched_task*) { return ++runs, 0; }), LIBSCHED_OK);
  queued.open();
  EXPECT_EQ(test::wait_idle(*pool), LIBSCHED_OK);
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(stats(*pool).level[index_of(Level::kNormal)].failed, 1u);
  group->abandon();
}

// A pool without workers whose last task, on another thread, leaves work behind for the one who waits.
TEST(PoolWithoutWorkers, WaitIdleRunsWhatComesWhileItWaits) {
  const test::RealCalls restore;
  static std::atomic<bool> sleeping;
  sleeping = false;
  sys::calls.futex_wait = [](const std::uint32_t* word, std::uint32_t expected,
                             const timespec* timeout) {
    sleeping = true;
    return sys::futex_wait(word, expected, timeout);
  };
  TestPool pool(0);
  std::atomic<bool> started{false};
  std::atomic<bool> second{false};
  ASSERT_EQ(submit(*pool, Level::kNormal,
                   [&](libsched_task*) {
                     started = true;
                     EXPECT_TRUE(comes_true([] { return sleeping.load(); }));
                     return submit(*pool, Level::kNormal,
                                   [&](libsched_task*) { return second = true, 0; });
                   }),
            LIBSCHED_OK);
  std::thread other([&] { EXPECT_EQ(pool->run_one(), LIBSCHED_OK); });
  EXPECT_TRUE(comes_true([&] { return started.load(); }));
  EXPECT_EQ(pool->wait_idle(5'000'000'000, nullptr, nullptr), LIBSCHED_OK);
  EXPECT_TRUE(second.load());
  other.join();
}

}  // namespace
}  // namespace sched
