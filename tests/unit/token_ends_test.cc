#include "core/jobserver/token_ends.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "tests/unit/support.h"

namespace sched {
namespace {

// With descriptions of our own; with those that are shared, as without /proc; with the one for reading alone.
enum class Way { kOwn, kShared, kSharedWrite };

class TokenEndsOf : public ::testing::TestWithParam<Way> {
 protected:
  TokenEndsOf() {
    EXPECT_EQ(::pipe(fds_), 0);
    sys::calls.open_at = [](const char* path, int flags) {
      if (std::string(path).rfind("/proc/self/fd/", 0) != 0) return sys::open_at(path, flags);
      if (way == Way::kShared) return -ENOENT;
      if (way == Way::kSharedWrite && (flags & O_ACCMODE) == O_WRONLY) return -EACCES;
      return sys::open_at(path, flags);
    };
    way = GetParam();
  }
  ~TokenEndsOf() override {
    ::close(fds_[0]);
    ::close(fds_[1]);
  }

  TokenEnds open() {
    TokenEnds ends;
    Error error;
    EXPECT_EQ(ends.open_pipe(fds_[0], fds_[1], &error), LIBSCHED_OK) << error.message;
    EXPECT_TRUE(ends.is_open());
    EXPECT_EQ(ends.is_own(), way != Way::kShared);
    return ends;
  }
  void fill(const std::string& bytes) const {
    EXPECT_EQ(::write(fds_[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }

  static inline Way way;
  test::RealCalls restore_;
  int fds_[2];
};
INSTANTIATE_TEST_SUITE_P(Ways, TokenEndsOf,
                         ::testing::Values(Way::kOwn, Way::kShared, Way::kSharedWrite));

TEST_P(TokenEndsOf, TakesAndGivesTheByte) {
  TokenEnds ends = open();
  std::uint8_t byte = 7;
  EXPECT_EQ(ends.take(byte), LIBSCHED_E_EMPTY) << "it does not wait";
  EXPECT_EQ(ends.available(), 0);
  fill("ab");
  EXPECT_EQ(ends.available(), 2);
  EXPECT_EQ(ends.take(byte), LIBSCHED_OK);
  EXPECT_EQ(byte, 'a');
  EXPECT_EQ(ends.available(), 1);
  EXPECT_EQ(ends.give(200), LIBSCHED_OK);
  EXPECT_EQ(ends.take(byte), LIBSCHED_OK);
  EXPECT_EQ(byte, 'b');
  EXPECT_EQ(ends.take(byte), LIBSCHED_OK);
  EXPECT_EQ(byte, 200);
  EXPECT_EQ(ends.take(byte), LIBSCHED_E_EMPTY);
}

TEST_P(TokenEndsOf, FlagsOfTheOthersStay) {
  {
    TokenEnds ends = open();
    fill("a");
    std::uint8_t byte = 0;
    EXPECT_EQ(ends.take(byte), LIBSCHED_OK);
    EXPECT_EQ(ends.give(byte), LIBSCHED_OK);
  }
  for (const int fd : fds_) {
    EXPECT_EQ(::fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
    EXPECT_EQ(::fcntl(fd, F_GETFD), 0);
  }
}

TEST_P(TokenEndsOf, AFullPipeDoesNotHoldUp) {
  TokenEnds ends = open();
  ASSERT_GT(::fcntl(fds_[1], F_SETPIPE_SZ, 1), 0);
  while (ends.give('x') == LIBSCHED_OK) {
  }
  EXPECT_EQ(ends.give('x'), LIBSCHED_E_FULL);
  std::uint8_t byte = 0;
  EXPECT_EQ(ends.take(byte), LIBSCHED_OK);
}

TEST_P(TokenEndsOf, MovedOnesGoOn) {
  TokenEnds first = open();
  fill("a");
  const TokenEnds none;
  EXPECT_FALSE(none.is_open());
  TokenEnds second = std::move(first);
  std::uint8_t byte = 0;
  EXPECT_EQ(second.take(byte), LIBSCHED_OK);
  EXPECT_EQ(second.give(byte), LIBSCHED_OK);
  second = TokenEnds();
  EXPECT_FALSE(second.is_open());
}

// EINTR once, or EAGAIN for ever.
TEST_P(TokenEndsOf, InterruptedCallsAreMadeAgain) {
  static int interrupts;
  interrupts = 0;
  TokenEnds ends = open();
  fill("a");
  sys::calls.read = [](int fd, void* buffer, std::size_t size) -> ssize_t {
    return interrupts++ < 3 ? -EINTR : sys::read_file(fd, buffer, size);
  };
  sys::calls.splice = [](int from, int to, std::size_t size) -> ssize_t {
    return interrupts++ < 3 ? -EINTR : sys::splice_file(from, to, size);
  };
  sys::calls.write = [](int fd, const void* buffer, std::size_t size) -> ssize_t {
    return interrupts++ < 6 ? -EINTR : sys::write_file(fd, buffer, size);
  };
  sys::calls.poll = [](pollfd* files, unsigned long count, int timeout) {
    return interrupts++ < 6 ? -EINTR : sys::poll_files(files, count, timeout);
  };
  std::uint8_t byte = 0;
  EXPECT_EQ(ends.take(byte), LIBSCHED_OK);
  EXPECT_EQ(byte, 'a');
  interrupts = 3;
  EXPECT_EQ(ends.give(byte), LIBSCHED_OK);
  EXPECT_GE(interrupts, 6);
}

TEST(TokenEnds, TheEndOfAPipeOfOthers) {
  for (const bool shared : {false, true}) {
    test::RealCalls restore;
    if (shared) sys::calls.open_at = [](const char*, int) { return -EACCES; };
    int feed[2];
    int back[2];
    ASSERT_EQ(::pipe(feed), 0);
    ASSERT_EQ(::pipe(back), 0);
    {
      TokenEnds ends;
      ASSERT_EQ(ends.open_pipe(feed[0], back[1], nullptr), LIBSCHED_OK);
      std::uint8_t byte = 0;
      EXPECT_EQ(ends.take(byte), LIBSCHED_E_EMPTY);
      ::close(feed[1]);
      EXPECT_EQ(ends.take(byte), -EPIPE);
      ::close(back[0]);
      EXPECT_EQ(ends.give('a'), -EPIPE);
      sigset_t pending;
      sigpending(&pending);
      EXPECT_EQ(sigismember(&pending, SIGPIPE), 0);
    }
    ::close(feed[0]);
    ::close(back[1]);
  }
}

TEST(TokenEnds, WhatIsNoPool) {
  int fds[2];
  ASSERT_EQ(::pipe(fds), 0);
  const int file = ::open("/proc/self/exe", O_RDONLY);
  const struct {
    int read_fd;
    int write_fd;
    Status status;
  } rows[] = {{fds[1], fds[1], -EBADF}, {fds[0], fds[0], -EBADF}, {file, fds[1], -EBADF},
              {fds[0], file, -EBADF},   {-1, fds[1], -EBADF},     {fds[0], 9999, -EBADF}};
  for (const auto& row : rows) {
    TokenEnds ends;
    Error error;
    EXPECT_EQ(ends.open_pipe(row.read_fd, row.write_fd, &error), row.status);
    EXPECT_NE(error.message, "");
    EXPECT_EQ(ends.open_pipe(row.read_fd, row.write_fd, nullptr), row.status);
  }
  TokenEnds ends;
  Error error;
  EXPECT_EQ(ends.open_fifo("/missing", &error), -ENOENT);
  EXPECT_NE(error.message.find("/missing"), std::string::npos);
  EXPECT_EQ(ends.open_fifo("", &error), -ENOENT);
  ::close(file);
  ::close(fds[0]);
  ::close(fds[1]);
}

TEST(TokenEnds, AFifo) {
  const std::string path = "/tmp/libsched-unit-" + std::to_string(::getpid());
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  {
    TokenEnds ends;
    Error error;
    EXPECT_EQ(ends.open_fifo(path, &error), -ENXIO) << "nobody serves it";
    const int server = ::open(path.c_str(), O_RDWR);
    EXPECT_EQ(ends.open_fifo(path, &error), LIBSCHED_OK) << error.message;
    std::uint8_t byte = 0;
    EXPECT_EQ(ends.take(byte), LIBSCHED_E_EMPTY);
    EXPECT_EQ(::write(server, "a", 1), 1);
    EXPECT_EQ(ends.take(byte), LIBSCHED_OK);
    EXPECT_EQ(ends.give(byte), LIBSCHED_OK);
    ::close(server);
    EXPECT_EQ(ends.available(), 1) << "it lives as long as somebody has it open";
  }
  ::unlink(path.c_str());
}

}  // namespace
}  // namespace sched
