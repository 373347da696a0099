// A worker on its way to sleep holds places at the capped levels while it looks for work. Here one is stopped in the
// middle of that look, by a page fault on the queue of the level it looks at last.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>

#include <atomic>
#include <vector>

#include "core/sys/fork_guard.h"
#include "tests/unit/pool_support.h"

namespace sched {
namespace {

using test::comes_true;
using test::stats;
using test::submit;
using test::TestPool;

struct Range {
  void* memory;
  std::size_t bytes;
};
std::vector<Range> ranges;  // what the pool has mapped, in order

std::atomic<int> asleep;  // threads in a futex wait

// The page fault that stops a worker, until it is let go.
std::atomic<bool> stopped;
std::atomic<bool> let_go;

void stop_here(int) {
  stopped.store(true);
  while (!let_go.load()) {
    const timespec pause{0, 100'000};
    nanosleep(&pause, nullptr);
  }
}

TEST(CapsWake, APlaceGivenBackOnTheWayToSleepIsNoticed) {
  const test::RealCalls restore;
  sys::ForkGuard::begin();  // has a page of its own
  ranges.clear();
  stopped = false;
  let_go = false;
  sys::calls.mmap = [](void* at, std::size_t bytes, int protection, int flags, int fd,
                       off_t offset) {
    void* memory = ::mmap(at, bytes, protection, flags, fd, offset);
    ranges.push_back({memory, bytes});
    return memory;
  };
  asleep = 0;
  sys::calls.futex_wait = [](const std::uint32_t* word, std::uint32_t expected,
                             const timespec* timeout) {
    ++asleep;
    const int result = sys::futex_wait(word, expected, timeout);
    --asleep;
    return result;
  };
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = stop_here;
  ASSERT_EQ(sigaction(SIGSEGV, &action, &before), 0);

  PoolOptions options = TestPool::with_workers(2);
  options.caps[index_of(Level::kHigh)] = 1;
  options.on_start = [](std::uint32_t, void*) {
    sigset_t faults;
    sigemptyset(&faults);
    sigaddset(&faults, SIGSEGV);
    pthread_sigmask(SIG_UNBLOCK, &faults, nullptr);
  };
  {
    TestPool pool(options);
    ASSERT_EQ(ranges.size(), 3u) << "one injector for each level";
    const Range low = ranges[2];

    // Worker 0 is kept busy, and worker 1 asleep.
    test::Gate gate;
    ASSERT_EQ(submit(*pool, Level::kNormal, [](libsched_task*) { return 0; }), LIBSCHED_OK);
    ASSERT_EQ(test::wait_idle(*pool), LIBSCHED_OK);
    ASSERT_TRUE(comes_true([&] { return stats(*pool).parked == 2 && asleep.load() == 2; }));
    std::atomic<int> busy{-1};
    ASSERT_EQ(submit(*pool, Level::kNormal,
                     [&](libsched_task* task) {
                       busy = static_cast<int>(task->worker);
                       return gate.pass(), 0;
                     }),
              LIBSCHED_OK);
    ASSERT_TRUE(comes_true(
        [&] { return busy.load() >= 0 && stats(*pool).parked == 1 && asleep.load() == 1; }));
    ASSERT_EQ(busy, 0) << "the lowest is woken first";

    // Worker 1 runs a task and goes to sleep again: it looks at High, then at Normal, and stops at Low.
    ASSERT_EQ(submit(*pool, Level::kNormal,
                     [&](libsched_task*) { return mprotect(low.memory, low.bytes, PROT_NONE); }),
              LIBSCHED_OK);
    ASSERT_TRUE(comes_true([&] { return stopped.load(); }));
    ASSERT_EQ(mprotect(low.memory, low.bytes, PROT_READ | PROT_WRITE), 0);

    // Worker 0 goes to sleep, is woken for a High task, and finds no place.
    gate.open();
    ASSERT_TRUE(comes_true([&] { return asleep.load() == 1; }));
    const std::uint64_t parks = stats(*pool).parks;
    std::atomic<bool> high{false};
    ASSERT_EQ(submit(*pool, Level::kHigh, [&](libsched_task*) { return high = true, 0; }),
              LIBSCHED_OK);
    ASSERT_TRUE(comes_true([&] { return stats(*pool).parks > parks || high.load(); }));

    // Worker 1 goes on, and gives the place back that it had for its look.
    let_go = true;
    EXPECT_TRUE(comes_true([&] { return high.load(); }, 10'000'000'000))
        << "all sleep over a High task";
  }
  sigaction(SIGSEGV, &before, nullptr);
}

}  // namespace
}  // namespace sched
