// release_all() in a signal's handler that comes in the middle of a call. The handler runs as a system call returns, as the kernel
// does it with a signal that came meanwhile.
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "core/jobserver/jobserver.h"
#include "tests/unit/support.h"

namespace sched {
namespace {

Jobserver* jobserver = nullptr;
bool comes = false;

// How many tokens lie in the pool when the handler has ended, and the process with it.
int left = 0;

void signal_comes() {
  if (!comes) return;
  comes = false;
  jobserver->release_all();
  left = static_cast<int>(jobserver->stats().available);
}

class JobserverSignal : public ::testing::TestWithParam<ServedPool::Style> {
 protected:
  static constexpr std::uint32_t kSlots = 4;

  JobserverSignal() {
    Error error;
    EXPECT_EQ(Jobserver::serve(jobserver, GetParam(), kSlots, true, &error), LIBSCHED_OK);
    left = 0;
  }
  ~JobserverSignal() override {
    jobserver->shutdown();
    jobserver->abandon();
  }

 private:
  const test::RealCalls restore_;
};

TEST_P(JobserverSignal, AsATokenWasTaken) {
  sys::calls.read = [](int fd, void* buffer, std::size_t size) {
    const ssize_t count = sys::read_file(fd, buffer, size);
    signal_comes();
    return count;
  };
  std::uint64_t token = 0;
  ASSERT_EQ(jobserver->try_acquire(token), LIBSCHED_OK);
  comes = true;
  EXPECT_EQ(jobserver->try_acquire(token), LIBSCHED_E_CLOSED);
  EXPECT_EQ(left, 3);
  // Where the handler does not end the process all is as it was.
  EXPECT_EQ(jobserver->stats().available, 3u);
  EXPECT_EQ(jobserver->stats().held, 0u);
}

TEST_P(JobserverSignal, BeforeATokenIsTaken) {
  sys::calls.read = [](int fd, void* buffer, std::size_t size) {
    signal_comes();
    return sys::read_file(fd, buffer, size);
  };
  std::uint64_t token = 0;
  ASSERT_EQ(jobserver->try_acquire(token), LIBSCHED_OK);
  comes = true;
  EXPECT_EQ(jobserver->try_acquire(token), LIBSCHED_E_CLOSED);
  EXPECT_EQ(left, 3);
  EXPECT_EQ(jobserver->stats().available, 3u);
  EXPECT_EQ(jobserver->stats().held, 0u);
}

TEST_P(JobserverSignal, AsATokenWasGivenBack) {
  sys::calls.write = [](int fd, const void* bytes, std::size_t size) {
    const ssize_t count = sys::write_file(fd, bytes, size);
    signal_comes();
    return count;
  };
  std::uint64_t token = 0;
  ASSERT_EQ(jobserver->try_acquire(token), LIBSCHED_OK);
  comes = true;
  EXPECT_EQ(jobserver->release(token), LIBSCHED_OK);
  EXPECT_EQ(left, 3);
  EXPECT_EQ(jobserver->stats().available, 3u);
}

INSTANTIATE_TEST_SUITE_P(Styles, JobserverSignal,
                         ::testing::Values(ServedPool::Style::kPipe, ServedPool::Style::kBoth));

}  // namespace
}  // namespace sched
