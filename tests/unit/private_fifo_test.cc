#include "core/jobserver/private_fifo.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/support.h"

namespace sched {
namespace {

// A folder for the fifos of a test.
class PrivateFifoIn : public ::testing::Test {
 protected:
  PrivateFifoIn() {
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
    ::setenv("TMPDIR", folder_.c_str(), 1);
  }
  ~PrivateFifoIn() override { EXPECT_EQ(::rmdir(folder_.c_str()), 0) << "something is left"; }

  std::string folder_ = "/tmp/libsched-unit-XXXXXX";
  test::RealCalls restore_;
};

mode_t mode_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode : 0;
}

TEST_F(PrivateFifoIn, IsMadeAndRemoved) {
  std::string path;
  {
    PrivateFifo fifo;
    Error error;
    ASSERT_EQ(fifo.create(&error), LIBSCHED_OK) << error.message;
    path = fifo.path();
    EXPECT_EQ(path.rfind(folder_ + "/libsched-", 0), 0u);
    EXPECT_EQ(mode_of(path), static_cast<mode_t>(S_IFIFO | 0600));
    EXPECT_EQ(mode_of(path.substr(0, path.rfind('/'))), static_cast<mode_t>(S_IFDIR | 0700));
  }
  EXPECT_EQ(mode_of(path.substr(0, path.rfind('/'))), 0u);
}

TEST_F(PrivateFifoIn, IsRemovedOnce) {
  static std::atomic<int> removals;
  removals = 0;
  sys::calls.rmdir = [](const char* path) { return ++removals, sys::remove_directory(path); };
  {
    PrivateFifo fifo;
    ASSERT_EQ(fifo.create(nullptr), LIBSCHED_OK);
    fifo.remove();
    fifo.remove();
  }
  EXPECT_EQ(removals, 1);
}

TEST_F(PrivateFifoIn, NothingIsLeftWhenItCannotBeMade) {
  for (const int number : {EACCES, ENOSPC}) {
    static int failure;
    failure = number;
    sys::calls.mkfifo = [](const char*) { return -failure; };
    PrivateFifo fifo;
    Error error;
    EXPECT_EQ(fifo.create(&error), -number);
    EXPECT_NE(error.message, "");
    sys::calls.mkfifo = sys::make_fifo;
    sys::calls.make_directory = [](char*) { return -failure; };
    EXPECT_EQ(fifo.create(&error), -number);
    sys::calls.make_directory = sys::make_directory;
  }
}

// Many at a time, which go in any order and from any thread.
TEST_F(PrivateFifoIn, ManyComeAndGo) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int round = 0; round < 50; ++round) {
        PrivateFifo a;
        PrivateFifo b;
        PrivateFifo c;
        ASSERT_EQ(a.create(nullptr), LIBSCHED_OK);
        ASSERT_EQ(b.create(nullptr), LIBSCHED_OK);
        ASSERT_EQ(c.create(nullptr), LIBSCHED_OK);
        b.remove();
        EXPECT_NE(mode_of(a.path()), 0u);
        EXPECT_NE(mode_of(c.path()), 0u);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// Runs fn in a child, which must end in time: whether it did, with status 0.
template <class Fn>
bool well_in_child(Fn fn) {
  const pid_t child = ::fork();
  if (child == 0) ::exit(fn() ? 0 : 1);
  int status = -1;
  if (test::comes_true([&] { return ::waitpid(child, &status, WNOHANG) == child; },
                       test::kPatienceNs / 6)) {
    return status == 0;
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, &status, 0);
  return false;
}

TEST_F(PrivateFifoIn, TheExitOfAChildRemovesItsOwnOnes) {
  PrivateFifo fifo;
  ASSERT_EQ(fifo.create(nullptr), LIBSCHED_OK);
  EXPECT_TRUE(well_in_child([] { return true; }));
  EXPECT_NE(mode_of(fifo.path()), 0u);
  EXPECT_TRUE(well_in_child([] {
    static PrivateFifo own;
    return own.create(nullptr) == LIBSCHED_OK;
  }));
  EXPECT_NE(mode_of(fifo.path()), 0u);
}

// The parent is in the middle of removing one, with what it holds, when it is forked.
TEST_F(PrivateFifoIn, AChildOfABusyParent) {
  static std::atomic<int> stage;
  stage = 0;
  sys::calls.unlink = [](const char* path) {
    stage = 1;
    while (stage != 2) std::this_thread::yield();
    return sys::unlink_file(path);
  };
  PrivateFifo fifo;
  ASSERT_EQ(fifo.create(nullptr), LIBSCHED_OK);
  std::thread remover([&] { fifo.remove(); });
  while (stage != 1) std::this_thread::yield();
  const bool well = well_in_child([] {
    sys::calls.unlink = sys::unlink_file;
    PrivateFifo own;
    return own.create(nullptr) == LIBSCHED_OK;
  });
  stage = 2;
  remover.join();
  EXPECT_TRUE(well);
}

}  // namespace
}  // namespace sched
