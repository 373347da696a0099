#include <gtest/gtest.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/pool/current.h"
#include "tests/unit/pool_support.h"

namespace sched {
namespace {

using test::stats;
using test::submit;
using test::TestPool;

struct Failure {
  int code;
  std::string message;
};

// What the hooks were told, and what they are to do themselves.
struct Hooks {
  std::mutex mutex;
  std::vector<Failure> failures;
  std::atomic<int> starts{0};
  std::atomic<int> stops{0};
  std::atomic<bool> throws{false};
  std::atomic<bool> exits{false};
};

void note_failure(int code, const char* message, void*, void* data) {
  auto& hooks = *static_cast<Hooks*>(data);
  {
    const std::lock_guard lock(hooks.mutex);
    hooks.failures.push_back({code, message});
  }
  if (hooks.throws) throw std::runtime_error("from the hook");
  if (hooks.exits) pthread_exit(nullptr);
}
void note_start(std::uint32_t, void* data) {
  auto& hooks = *static_cast<Hooks*>(data);
  ++hooks.starts;
  if (hooks.throws) throw 1;
}
void note_stop(std::uint32_t, void* data) {
  auto& hooks = *static_cast<Hooks*>(data);
  ++hooks.stops;
  if (hooks.throws) throw std::runtime_error("at the end");
}

PoolOptions options_with(Hooks& hooks, std::uint32_t workers) {
  PoolOptions options;
  options.workers = workers;
  options.on_start = note_start;
  options.on_stop = note_stop;
  options.on_failure = note_failure;
  options.hook_data = &hooks;
  return options;
}

// The pool still runs tasks on all its workers, which are at rest with themselves.
void expect_whole(Pool& pool, std::uint32_t workers) {
  std::atomic<std::uint32_t> inside{0};
  for (std::uint32_t i = 0; i < workers; ++i) {
    ASSERT_EQ(submit(pool, Level::kHigh,
                     [&](libsched_task* task) {
                       EXPECT_EQ(current().task, task);
                       EXPECT_EQ(task->outer, nullptr) << "no task is left over";
                       ++inside;
                       return test::comes_true([&] { return inside.load() == workers; }) ? 0 : 1;
                     }),
              LIBSCHED_OK);
  }
  EXPECT_EQ(test::wait_idle(pool), LIBSCHED_OK);
  EXPECT_EQ(inside, workers) << "all workers at the same time";
}

TEST(Throw, CodesAndExceptionsAreFailures) {
  Hooks hooks;
  TestPool pool(options_with(hooks, 1));
  const Level level = Level::kLow;
  ASSERT_EQ(submit(*pool, level, [](libsched_task*) { return 7; }), LIBSCHED_OK);
  ASSERT_EQ(submit(*pool, level, [](libsched_task*) { return -7; }), LIBSCHED_OK);
  ASSERT_EQ(
      submit(*pool, level, [](libsched_task*) -> int { throw std::runtime_error("no such file"); }),
      LIBSCHED_OK);
  ASSERT_EQ(submit(*pool, level, [](libsched_task*) -> int { throw 42; }), LIBSCHED_OK);
  ASSERT_EQ(submit(*pool, level, [](libsched_task*) { return 0; }), LIBSCHED_OK);
  EXPECT_EQ(test::wait_idle(*pool), LIBSCHED_OK);
  const Failure expected[] = {
      {7, ""}, {-7, ""}, {LIBSCHED_E_EXCEPTION, "no such file"}, {LIBSCHED_E_EXCEPTION, ""}};
  ASSERT_EQ(hooks.failures.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(hooks.failures[i].code, expected[i].code);
    EXPECT_EQ(hooks.failures[i].message, expected[i].message);
  }
  const Pool::LevelStats counts = stats(*pool).level[index_of(level)];
  EXPECT_EQ(counts.started, 5u);
  EXPECT_EQ(counts.failed, 4u);
  EXPECT_EQ(counts.completed, 1u);
  expect_whole(*pool, 1);
}

TEST(Throw, NobodyNeedsToListen) {
  TestPool pool(2);
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(submit(*pool, Level::kNormal,
                     [i](libsched_task*) -> int {
                       if (i % 2 == 0) throw std::runtime_error("unheard");
                       return i;
                     }),
              LIBSCHED_OK);
  }
  EXPECT_EQ(test::wait_idle(*pool), LIBSCHED_OK);
  EXPECT_EQ(stats(*pool).level[index_of(Level::kNormal)].failed, 100u);
  expect_whole(*pool, 2);
}

TEST(Throw, HooksMayThrow) {
  Hooks hooks;
  hooks.throws = true;
  {
    TestPool pool(options_with(hooks, 2));
    for (int i = 0; i < 50; ++i) {
      ASSERT_EQ(submit(*pool, Level::kNormal,
                       [i](libsched_task*) -> int {
                         if (i % 2 == 0) throw std::runtime_error("again");
                         return 5;
                       }),
                LIBSCHED_OK);
    }
    EXPECT_EQ(test::wait_idle(*pool), LIBSCHED_OK);
    EXPECT_EQ(stats(*pool).level[index_of(Level::kNormal)].failed, 50u);
    expect_whole(*pool, 2);
  }
  EXPECT_EQ(hooks.failures.size(), 50u);
  EXPECT_EQ(hooks.starts, 2);
  EXPECT_EQ(hooks.stops, 2);
}

TEST(Throw, DiscardMayThrow) {
  TestPool pool(1);
  test::Gate gate;
  std::atomic<int> discards{0};
  std::atomic<int> runs{0};
  ASSERT_EQ(submit(*pool, Level::kHigh, [&](libsched_task*) { return gate.pass(), 0; }),
            LIBSCHED_OK);
  for (int i = 0; i < 30; ++i) {
    ASSERT_EQ(submit(
                  *pool, Level::kNormal, [&](libsched_task*) { return ++runs, 0; },
                  [&, i] {
                    ++discards;
                    if (i % 3 == 0) throw std::runtime_error("in discard");
                    if (i % 3 == 1) throw 3;
                  }),
              LIBSCHED_OK);
  }
  EXPECT_EQ(pool->shutdown(true, 0, nullptr, nullptr), LIBSCHED_E_TIMEOUT) << "one task runs";
  gate.open();
  EXPECT_EQ(pool->shutdown(true, test::kPatienceNs, nullptr, nullptr), LIBSCHED_OK);
  EXPECT_EQ(runs, 0);
  EXPECT_EQ(discards, 30);
  EXPECT_EQ(stats(*pool).level[index_of(Level::kNormal)].cancelled, 30u);
}

TEST(Throw, ATaskMayEndItsThread) {
  Hooks hooks;
  TestPool pool(options_with(hooks, 2));
  struct Unwound {
    std::atomic<int>& count;
    ~Unwound() { ++count; }
  };
  std::atomic<int> unwound{0};
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(submit(*pool, kAllLevels[i % kLevels],
                     [&](libsched_task*) -> int {
                       const Unwound on_the_way{unwound};
                       pthread_exit(nullptr);
                     }),
              LIBSCHED_OK);
  }
  EXPECT_EQ(test::wait_idle(*pool), LIBSCHED_OK);
  EXPECT_EQ(unwound, 20) << "destructors run";
  ASSERT_EQ(hooks.failures.size(), 20u);
  for (const Failure& failure : hooks.failures) EXPECT_EQ(failure.code, LIBSCHED_E_UNWOUND);
  expect_whole(*pool, 2);
  EXPECT_EQ(stats(*pool).workers, 2u);
  EXPECT_EQ(pool->shutdown(false, test::kPatienceNs, nullptr, nullptr), LIBSCHED_OK);
  EXPECT_EQ(hooks.starts, 22) << "each thread";
  EXPECT_TRUE(test::comes_true([&] { return hooks.stops.load() == 22; }));
}

TEST(Throw, ACappedTaskMayEndItsThread) {
  PoolOptions options = TestPool::with_workers(2);
  for (auto& cap : options.caps) cap = 1;
  TestPool pool(options);
  for (int i = 0; i < 12; ++i) {
    ASSERT_EQ(submit(*pool, kAllLevels[i % kLevels],
                     [](libsched_task*) -> int { pthread_exit(nullptr); }),
              LIBSCHED_OK);
  }
  EXPECT_EQ(test::wait_idle(*pool), LIBSCHED_OK) << "a place was not given back";
}

TEST(Throw, DiscardMayEndItsThread) {
  TestPool pool(1);
  test::Gate gate;
  std::atomic<int> discards{0};
  ASSERT_EQ(submit(*pool, Level::kHigh, [&](libsched_task*) { return gate.pass(), 0; }),
            LIBSCHED_OK);
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(submit(*pool, Level::kNormal, nullptr,
                     [&] {
                       ++discards;
                       pthread_exit(nullptr);
                     }),
              LIBSCHED_OK);
  }
  EXPECT_EQ(pool->shutdown(true, 0, nullptr, nullptr), LIBSCHED_E_TIMEOUT);
  gate.open();
  EXPECT_EQ(pool->shutdown(true, test::kPatienceNs, nullptr, nullptr), LIBSCHED_OK);
  EXPECT_EQ(discards, 5);
  EXPECT_EQ(stats(*pool).level[index_of(Level::kNormal)].cancelled, 5u);
}

// A hook that ends the thread is no reason to lose count of the task it was told of.
void check_exiting_hook(int (*run)(libsched_task*)) {
  Hooks hooks;
  hooks.exits = true;
  TestPool pool(options_with(hooks, 1));
  for (int i = 0; i < 3; ++i) ASSERT_EQ(submit(*pool, Level::kNormal, run), LIBSCHED_OK);
  EXPECT_EQ(pool->wait_idle(5'000'000'000, nullptr, nullptr), LIBSCHED_OK) << "it hangs";
  EXPECT_EQ(stats(*pool).level[index_of(Level::kNormal)].failed, 3u);
  if (::testing::Test::HasFailure()) {
    static_cast<void>(pool.release());  // it never ends
    ::_exit(1);
  }
  EXPECT_EQ(hooks.failures.size(), 3u);
}

TEST(Throw, TheHookMayEndItsThreadAfterACode) {
  check_exiting_hook([](libsched_task*) { return 7; });
}

TEST(Throw, TheHookMayEndItsThreadAfterAnException) {
  check_exiting_hook([](libsched_task*) -> int { throw std::runtime_error("why"); });
}

TEST(Throw, TheHookMayThrowWhileTheThreadEnds) {
  Hooks hooks;
  hooks.throws = true;
  TestPool pool(options_with(hooks, 1));
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(submit(*pool, Level::kNormal, [](libsched_task*) -> int { pthread_exit(nullptr); }),
              LIBSCHED_OK);
  }
  EXPECT_EQ(test::wait_idle(*pool), LIBSCHED_OK);
  ASSERT_EQ(hooks.failures.size(), 5u);
  EXPECT_EQ(hooks.failures[0].code, LIBSCHED_E_UNWOUND);
  hooks.throws = false;
  expect_whole(*pool, 1);
}

TEST(Throw, WithoutWorkersExceptionsStayWithTheTask) {
  Hooks hooks;
  TestPool pool(options_with(hooks, 0));
  ASSERT_EQ(submit(*pool, Level::kNormal,
                   [](libsched_task*) -> int { throw std::runtime_error("here"); }),
            LIBSCHED_OK);
  EXPECT_EQ(pool->run_one(), LIBSCHED_OK);
  EXPECT_EQ(pool->run_one(), LIBSCHED_E_EMPTY);
  ASSERT_EQ(hooks.failures.size(), 1u);
  EXPECT_EQ(hooks.failures[0].message, "here");
  EXPECT_EQ(current().task, nullptr);
  EXPECT_EQ(hooks.starts, 0) << "the host's threads are no workers";
}

}  // namespace
}  // namespace sched
