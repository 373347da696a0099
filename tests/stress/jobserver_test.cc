// Threads that take, wait, give up and give back on one jobserver, against another process that does the same on the same pool:
// at the end every token is there.
#include "core/jobserver/jobserver.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "core/jobserver/broker.h"
#include "tests/unit/support.h"

namespace sched {
namespace {

struct NoSection {
  NoSection() {}
};

constexpr int kThreads = 6;
constexpr int kRounds = 40'000 / SCHED_STRESS_DIVISOR;

// Takes bytes from the pool and writes them back, until it is killed or nobody is there any more. Only plain calls: it is a
// fork of a process with threads.
[[noreturn]] void be_another_process(int read_fd, int write_fd, int control_fd) {
  char bytes[4];
  for (unsigned i = 0;; ++i) {
    pollfd files[2] = {{control_fd, POLLIN, 0}, {read_fd, POLLIN, 0}};
    if (::poll(files, 2, -1) < 0) continue;
    if (files[0].revents != 0) ::_exit(0);
    // Somebody may have been quicker, so the descriptor does not wait.
    const ssize_t count = ::read(read_fd, bytes, 1 + i % sizeof bytes);
    for (ssize_t k = 0; k < count; ++k) {
      while (::write(write_fd, &bytes[k], 1) != 1) {
      }
    }
  }
}

class OtherProcess {
 public:
  explicit OtherProcess(const std::string& fifo) {
    EXPECT_EQ(::pipe2(control_, O_CLOEXEC), 0);
    const int fd = ::open(fifo.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    EXPECT_GE(fd, 0);
    child_ = ::fork();
    if (child_ == 0) {
      ::close(control_[1]);
      be_another_process(fd, fd, control_[0]);
    }
    ::close(fd);
  }
  ~OtherProcess() {
    ::close(control_[1]);
    ::close(control_[0]);
    int status = -1;
    EXPECT_EQ(::waitpid(child_, &status, 0), child_);
    EXPECT_EQ(status, 0);
  }
  OtherProcess(const OtherProcess&) = delete;
  OtherProcess& operator=(const OtherProcess&) = delete;

 private:
  int control_[2];
  pid_t child_ = -1;
};

std::string fifo_of(Jobserver& jobserver) {
  const std::string& flags = jobserver.child_access().makeflags;
  const std::size_t begin = flags.find("fifo:") + 5;
  return flags.substr(begin, flags.find(' ', begin) - begin);
}

void take_and_give(Jobserver& jobserver, CancelSwitch& cancel, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::uint64_t> held;
  for (int round = 0; round < kRounds; ++round) {
    std::uint64_t token = 0;
    Status status = LIBSCHED_E_EMPTY;
    // One that holds some does not wait, or all might wait for each other.
    const std::uint32_t what = held.empty() ? test::below(random, 4) : 0;
    if (what == 0) status = jobserver.try_acquire(token);
    if (what == 1) status = jobserver.acquire<NoSection>(token, test::kPatienceNs, nullptr);
    if (what == 2)
      status = jobserver.acquire<NoSection>(token, 1 + test::below(random, 50'000), nullptr);
    if (what == 3) status = jobserver.acquire<NoSection>(token, test::kPatienceNs, &cancel);
    if (what == 1 || what == 3) {
      EXPECT_NE(status, LIBSCHED_E_TIMEOUT);
    }
    if (status == LIBSCHED_OK) held.push_back(token);
    if (test::below(random, 64) == 0) {
      cancel.trigger();
      cancel.reset();
    }
    if (held.size() > 2 || test::below(random, 2) == 0) {
      for (const std::uint64_t each : held) EXPECT_EQ(jobserver.release(each), LIBSCHED_OK);
      held.clear();
    }
  }
  for (const std::uint64_t each : held) EXPECT_EQ(jobserver.release(each), LIBSCHED_OK);
}

void run(bool explicit_only, bool withdraw) {
  constexpr std::uint32_t kSlots = 5;
  Jobserver* jobserver = nullptr;
  ASSERT_EQ(Jobserver::serve(jobserver, ServedPool::Style::kFifo, kSlots, explicit_only, nullptr),
            LIBSCHED_OK);
  {
    const OtherProcess one(fifo_of(*jobserver));
    const OtherProcess two(fifo_of(*jobserver));
    CancelSwitch cancel;
    std::atomic<int> running{kThreads};
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        take_and_give(*jobserver, cancel, i);
        --running;
      });
    }
    while (running != 0) {
      if (withdraw) jobserver->withdraw_all();
      const Jobserver::Stats stats = jobserver->stats();
      EXPECT_EQ(stats.lost, 0u);
      EXPECT_LE(stats.held, kSlots - 1);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    for (std::thread& thread : threads) thread.join();
  }
  const Jobserver::Stats stats = jobserver->shutdown();
  EXPECT_EQ(stats.available, kSlots - 1);
  EXPECT_EQ(stats.held, 0u);
  EXPECT_EQ(stats.lost, 0u);
  EXPECT_EQ(stats.outstanding, 0u);
  EXPECT_EQ(stats.extra, 0u);
  EXPECT_EQ(stats.waiting, 0u);
  jobserver->abandon();
}

// Waits end by time just when they are granted: the token is had, or stays where it was.
TEST(JobserverStress, TimesMeetTokens) {
  Jobserver* jobserver = nullptr;
  ASSERT_EQ(Jobserver::serve(jobserver, ServedPool::Style::kPipe, 1, false, nullptr), LIBSCHED_OK);
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      std::mt19937 random(i);
      for (int round = 0; round < kRounds / 4; ++round) {
        std::uint64_t token = 0;
        if (jobserver->acquire<NoSection>(token, 1 + test::below(random, 100'000), nullptr) !=
            LIBSCHED_OK) {
          continue;
        }
        for (std::uint32_t k = test::below(random, 3000); k > 0; --k) StdSync::pause();
        EXPECT_EQ(jobserver->release(token), LIBSCHED_OK);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::uint64_t token = 0;
  EXPECT_EQ(jobserver->try_acquire(token), LIBSCHED_OK) << "it was lost";
  jobserver->abandon();
}

TEST(JobserverStress, NoTokenIsLost) { run(false, false); }
TEST(JobserverStress, NoExplicitTokenIsLost) { run(true, false); }
TEST(JobserverStress, NoTokenIsLostWhenRequestsAreWithdrawn) { run(true, true); }

}  // namespace
}  // namespace sched
