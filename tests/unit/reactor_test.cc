#include "core/sys/reactor.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "tests/unit/support.h"

namespace sched::sys {
namespace {

using For = Reactor::For;

// Counts what it is told, and may do something then.
class Counter final : public Reactor::Watch {
 public:
  void ready() override {
    ++readies;
    if (on_ready) on_ready();
  }
  void late() override {
    ++lates;
    if (on_late) on_late();
  }
  std::atomic<int> readies{0};
  std::atomic<int> lates{0};
  std::function<void()> on_ready;
  std::function<void()> on_late;
};

class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe(fds_), 0); }
  ~Pipe() {
    ::close(fds_[0]);
    if (fds_[1] >= 0) ::close(fds_[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  int read_fd() const { return fds_[0]; }
  int write_fd() const { return fds_[1]; }
  void put() const { EXPECT_EQ(::write(fds_[1], "x", 1), 1); }
  void take() const {
    char byte = 0;
    EXPECT_EQ(::read(fds_[0], &byte, 1), 1);
  }
  void end() { ::close(std::exchange(fds_[1], -1)); }

 private:
  int fds_[2];
};

int open_files() {
  int count = 0;
  for (int fd = 0; fd < 256; ++fd) count += ::fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
  return count;
}

const int kFilesAtFirst = open_files();

// For ever, since nobody joins the threads that use them.
std::atomic<bool> time_stands_still{false};
[[maybe_unused]] const bool kReplaced = [] {
  calls.linger_ns = 1'000'000;
  calls.clock_gettime = [](clockid_t clock, timespec* out) {
    if (!time_stands_still) return ::clock_gettime(clock, out);
    *out = {1, 0};
    return 0;
  };
  return true;
}();

TEST(Reactor, TellsOnceForEachArm) {
  const Reactor::Use reactor;
  ASSERT_EQ(reactor.status(), LIBSCHED_OK);
  const Pipe pipe;
  Counter watch;
  reactor->add(watch, pipe.read_fd());
  pipe.put();
  for (int round = 1; round <= 3; ++round) {
    EXPECT_EQ(watch.readies, round - 1);
    ASSERT_EQ(reactor->arm(watch, For::kReading), LIBSCHED_OK);
    EXPECT_TRUE(test::comes_true([&] { return watch.readies == round; }));
  }
  pipe.take();
  ASSERT_EQ(reactor->arm(watch, For::kReading), LIBSCHED_OK);
  pipe.put();
  EXPECT_TRUE(test::comes_true([&] { return watch.readies == 4; }));
  reactor->remove(watch);
  EXPECT_EQ(watch.readies, 4);
  EXPECT_EQ(watch.lates, 0);
}

TEST(Reactor, TellsOfRoomAndOfTheEnd) {
  const Reactor::Use reactor;
  Pipe pipe;
  Counter reading;
  Counter writing;
  reactor->add(reading, pipe.read_fd());
  reactor->add(writing, pipe.write_fd());
  ASSERT_EQ(reactor->arm(writing, For::kWriting), LIBSCHED_OK);
  EXPECT_TRUE(test::comes_true([&] { return writing.readies == 1; }));
  ASSERT_EQ(reactor->arm(reading, For::kReading), LIBSCHED_OK);
  reactor->remove(writing);
  pipe.end();
  EXPECT_TRUE(test::comes_true([&] { return reading.readies == 1; }));
  reactor->remove(reading);
}

// One that is not armed is not told, whatever happens to its descriptor.
TEST(Reactor, AWatchAtRestIsLeftAlone) {
  const Reactor::Use reactor;
  Pipe pipe;
  const Pipe other;
  Counter watch;
  Counter fence;
  reactor->add(watch, pipe.read_fd());
  reactor->add(fence, other.read_fd());
  pipe.put();
  ASSERT_EQ(reactor->arm(watch, For::kReading), LIBSCHED_OK);
  EXPECT_TRUE(test::comes_true([&] { return watch.readies == 1; }));
  for (const bool rests : {false, true}) {
    if (rests) reactor->rest(watch);
    if (rests) pipe.end();
    other.put();
    ASSERT_EQ(reactor->arm(fence, For::kReading), LIBSCHED_OK);
    EXPECT_TRUE(test::comes_true([&] { return fence.readies == (rests ? 2 : 1); }));
    EXPECT_EQ(watch.readies, 1);
  }
  ASSERT_EQ(reactor->arm(watch, For::kReading), LIBSCHED_OK);
  EXPECT_TRUE(test::comes_true([&] { return watch.readies == 2; }));
  reactor->remove(watch);
  reactor->remove(fence);
}

TEST(Reactor, DescriptorsThatCannotBeWaitedFor) {
  const Reactor::Use reactor;
  const int file = ::open("/proc/self/exe", O_RDONLY);
  Counter watch;
  reactor->add(watch, file);
  EXPECT_EQ(reactor->arm(watch, For::kReading), -EPERM);
  reactor->remove(watch);
  reactor->add(watch, 9999);
  EXPECT_EQ(reactor->arm(watch, For::kReading), -EBADF);
  reactor->remove(watch);
  ::close(file);
  EXPECT_EQ(watch.readies, 0);
}

// --- times ---

TEST(Reactor, TimesComeInOrder) {
  const Reactor::Use reactor;
  const Pipe pipe;
  Counter watches[4];
  std::mutex mutex;
  std::vector<int> order;
  for (int i = 0; i < 4; ++i) {
    reactor->add(watches[i], pipe.read_fd());
    watches[i].on_late = [&, i] {
      const std::lock_guard lock(mutex);
      order.push_back(i);
    };
  }
  const std::int64_t now = now_ns();
  for (const int i : {2, 0, 3, 1}) reactor->set_time(watches[i], now + (i + 1) * 3'000'000);
  EXPECT_TRUE(test::comes_true([&] { return watches[3].lates == 1; }));
  EXPECT_GE(now_ns() - now, 12'000'000);
  for (Counter& watch : watches) reactor->remove(watch);
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3}));
}

TEST(Reactor, ATimeReplacesTheOneBefore) {
  const Reactor::Use reactor;
  const Pipe pipe;
  Counter watch;
  Counter fence;
  reactor->add(watch, pipe.read_fd());
  reactor->add(fence, pipe.read_fd());
  reactor->set_time(watch, now_ns() + 5'000'000);
  reactor->set_time(watch, now_ns() + 3600'000'000'000);
  reactor->set_time(fence, now_ns() + 10'000'000);
  EXPECT_TRUE(test::comes_true([&] { return fence.lates == 1; }));
  EXPECT_EQ(watch.lates, 0);
  reactor->set_time(watch, 0);
  EXPECT_TRUE(test::comes_true([&] { return watch.lates == 1; }));
  reactor->set_time(watch, now_ns() + 5'000'000);
  reactor->set_time(watch, INT64_MAX);
  reactor->set_time(watch, INT64_MAX);
  reactor->set_time(fence, now_ns() + 10'000'000);
  EXPECT_TRUE(test::comes_true([&] { return fence.lates == 2; }));
  EXPECT_EQ(watch.lates, 1);
  reactor->remove(watch);
  reactor->remove(fence);
}

TEST(Reactor, ATimeMaySetTheNext) {
  const Reactor::Use reactor;
  const Pipe pipe;
  Counter watch;
  watch.on_late = [&] {
    if (watch.lates < 5) reactor->set_time(watch, now_ns() + 1'000'000);
  };
  reactor->add(watch, pipe.read_fd());
  reactor->set_time(watch, 0);
  EXPECT_TRUE(test::comes_true([&] { return watch.lates == 5; }));
  reactor->remove(watch);
}

// --- removal ---

TEST(Reactor, RemoveWaitsForWhatRuns) {
  const Reactor::Use reactor;
  for (int round = 0; round < 50; ++round) {
    const Pipe pipe;
    std::atomic<bool> inside{false};
    std::atomic<bool> done{false};
    auto watch = std::make_unique<Counter>();
    watch->on_ready = [&] {
      inside = true;
      std::this_thread::sleep_for(std::chrono::microseconds(200));
      done = true;
    };
    reactor->add(*watch, pipe.read_fd());
    ASSERT_EQ(reactor->arm(*watch, For::kReading), LIBSCHED_OK);
    pipe.put();
    while (!inside) std::this_thread::yield();
    reactor->remove(*watch);
    EXPECT_TRUE(done);
    watch = nullptr;
  }
}

TEST(Reactor, AWatchMayRemoveItself) {
  const Reactor::Use reactor;
  for (int round = 0; round < 50; ++round) {
    const Pipe pipe;
    std::atomic<bool> gone{false};
    auto* const watch = new Counter;
    watch->on_ready = [&gone, &reactor, watch] {
      reactor->remove(*watch);
      gone = true;
    };
    reactor->add(*watch, pipe.read_fd());
    ASSERT_EQ(reactor->arm(*watch, For::kReading), LIBSCHED_OK);
    pipe.put();
    EXPECT_TRUE(test::comes_true([&] { return gone.load(); }));
    delete watch;
  }
}

// What a function asks for while another thread removes its watch is not done, and nothing is left of it.
TEST(Reactor, CallsOfAWatchThatIsBeingRemoved) {
  const Reactor::Use reactor;
  for (const bool armed_again : {false, true}) {
    const Pipe pipe;
    const Pipe other;
    std::atomic<bool> inside{false};
    std::atomic<bool> removed{false};
    auto watch = std::make_unique<Counter>();
    watch->on_ready = [&] {
      inside = true;
      std::this_thread::sleep_for(
          std::chrono::milliseconds(5));  // most likely it is removed by now
      reactor->set_time(*watch, now_ns() + 1'000'000);
      if (armed_again) static_cast<void>(reactor->arm(*watch, For::kReading));
    };
    reactor->add(*watch, pipe.read_fd());
    ASSERT_EQ(reactor->arm(*watch, For::kReading), LIBSCHED_OK);
    pipe.put();
    while (!inside) std::this_thread::yield();
    reactor->remove(*watch);
    watch = nullptr;
    Counter fence;
    reactor->add(fence, other.read_fd());
    reactor->set_time(fence, now_ns() + 10'000'000);
    EXPECT_TRUE(test::comes_true([&] { return fence.lates == 1; }));
    reactor->remove(fence);
  }
}

TEST(Reactor, RemoveOfOneThatWasNeverAdded) {
  const Reactor::Use reactor;
  Counter watch;
  reactor->remove(watch);
  const Pipe pipe;
  reactor->add(watch, pipe.read_fd());
  reactor->remove(watch);
  reactor->remove(watch);
}

// --- its life ---

// Waits until that of the tests before is gone.
int files_at_rest() {
  EXPECT_TRUE(test::comes_true([] { return open_files() == kFilesAtFirst; }));
  return kFilesAtFirst;
}

TEST(Reactor, DescriptorsGoWithTheLastUser) {
  const int before = files_at_rest();
  {
    const Reactor::Use first;
    const Reactor::Use second;
    EXPECT_EQ(first.get(), second.get());
    EXPECT_EQ(open_files(), before + 2);
  }
  EXPECT_TRUE(test::comes_true([&] { return open_files() == before; }));
  for (int i = 0; i < 100; ++i) const Reactor::Use again;
  EXPECT_TRUE(test::comes_true([&] { return open_files() == before; }));
}

// Its last user may be a watch that goes in the middle of being told.
TEST(Reactor, EndsOnItsOwnThread) {
  std::atomic<bool> gone{false};
  const int before = files_at_rest();
  const Pipe pipe;
  auto use = std::make_unique<Reactor::Use>();
  auto watch = std::make_unique<Counter>();
  watch->on_ready = [&] {
    (*use)->remove(*watch);
    use = nullptr;
    gone = true;
  };
  (*use)->add(*watch, pipe.read_fd());
  ASSERT_EQ((*use)->arm(*watch, For::kReading), LIBSCHED_OK);
  pipe.put();
  EXPECT_TRUE(test::comes_true([&] { return gone.load(); }));
  EXPECT_TRUE(test::comes_true([&] { return open_files() == before + 2; }));
}

// As time stands still nobody waits in vain for the one before to end.
TEST(Reactor, IsThereForTheNextUserToo) {
  const int before = files_at_rest();
  time_stands_still = true;
  const Reactor* first = nullptr;
  for (int round = 0; round < 20; ++round) {
    const Reactor::Use reactor;
    if (round == 0) first = reactor.get();
    EXPECT_EQ(reactor.get(), first);
    const Pipe pipe;
    Counter watch;
    reactor->add(watch, pipe.read_fd());
    pipe.put();
    ASSERT_EQ(reactor->arm(watch, For::kReading), LIBSCHED_OK);
    EXPECT_TRUE(test::comes_true([&] { return watch.readies == 1; }));
    reactor->remove(watch);
  }
  EXPECT_EQ(open_files(), before + 2);
  time_stands_still = false;
  files_at_rest();
}

// One that has been used for long is not forgotten when its user goes.
TEST(Reactor, EndsAfterALongUseToo) {
  files_at_rest();
  for (int round = 0; round < 2; ++round) {
    {
      const Reactor::Use reactor;
      const Pipe pipe;
      Counter watch;
      reactor->add(watch, pipe.read_fd());
      reactor->set_time(watch, now_ns() + 10'000'000);
      { const Reactor::Use another; }
      EXPECT_TRUE(test::comes_true([&] { return watch.lates == 1; }));
      reactor->remove(watch);
    }
  }
  files_at_rest();
}

void fork_and_use() {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "under ThreadSanitizer a forked child cannot start threads";
#endif
  const Reactor::Use parent;
  const Pipe kept;
  Counter watch;
  parent->add(watch, kept.read_fd());
  ASSERT_EQ(parent->arm(watch, For::kReading), LIBSCHED_OK);
  // A thread that has just begun may hold a lock of the sanitizer.
  kept.put();
  ASSERT_TRUE(test::comes_true([&] { return watch.readies == 1; }));
  const pid_t child = ::fork();
  if (child == 0) {
    bool well = false;
    {
      const Reactor::Use own;
      const Pipe pipe;
      Counter counter;
      own->add(counter, pipe.read_fd());
      well = own.get() != parent.get() && own->arm(counter, For::kReading) == LIBSCHED_OK;
      pipe.put();
      well = well && test::comes_true([&] { return counter.readies == 1; });
      own->remove(counter);
    }
    ::_exit(well ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(parent->arm(watch, For::kReading), LIBSCHED_OK);
  EXPECT_TRUE(test::comes_true([&] { return watch.readies == 2; }));
  parent->remove(watch);
}

TEST(Reactor, AForkedChildBeginsItsOwn) { fork_and_use(); }

TEST(Reactor, ManyWatches) {
  const Reactor::Use reactor;
  constexpr int kWatches = 100;
  std::vector<std::unique_ptr<Pipe>> pipes;
  std::vector<std::unique_ptr<Counter>> watches;
  for (int i = 0; i < kWatches; ++i) {
    pipes.push_back(std::make_unique<Pipe>());
    watches.push_back(std::make_unique<Counter>());
    reactor->add(*watches.back(), pipes.back()->read_fd());
    ASSERT_EQ(reactor->arm(*watches.back(), For::kReading), LIBSCHED_OK);
    reactor->set_time(*watches.back(), now_ns() + 1'000'000 * (i % 7));
  }
  for (int i = 0; i < kWatches; i += 2) pipes[static_cast<std::size_t>(i)]->put();
  for (int i = 0; i < kWatches; ++i) {
    const Counter& watch = *watches[static_cast<std::size_t>(i)];
    EXPECT_TRUE(
        test::comes_true([&] { return watch.readies == (i % 2 == 0) && watch.lates == 1; }));
  }
  for (auto& watch : watches) reactor->remove(*watch);
}

// Several threads, each with watches of its own that come and go.
TEST(Reactor, ThreadsThatComeAndGo) {
  std::vector<std::thread> threads;
  for (unsigned seed = 0; seed < 4; ++seed) {
    threads.emplace_back([seed] {
      std::mt19937 random(seed);
      for (int round = 0; round < 300; ++round) {
        const Reactor::Use reactor;
        const Pipe pipe;
        Counter watch;
        reactor->add(watch, pipe.read_fd());
        const std::uint32_t what = test::below(random, 8);
        if ((what & 1) != 0) pipe.put();
        if ((what & 2) != 0) reactor->set_time(watch, now_ns());
        ASSERT_EQ(reactor->arm(watch, For::kReading), LIBSCHED_OK);
        if ((what & 4) != 0) {
          EXPECT_TRUE(test::comes_true([&] {
            return watch.readies == static_cast<int>(what & 1) && watch.lates == ((what & 2) != 0);
          }));
        }
        reactor->remove(watch);
        EXPECT_LE(watch.readies, 1);
        EXPECT_LE(watch.lates, 1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace sched::sys
