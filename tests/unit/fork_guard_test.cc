#include "core/sys/fork_guard.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "tests/unit/support.h"

namespace sched::sys {
namespace {

// The exit status of a child that runs `body`. A raw clone runs no handlers of pthread_atfork.
template <class Body>
int child(bool raw, Body body) {
  const pid_t pid = raw ? static_cast<pid_t>(::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)) : ::fork();
  if (pid == 0) ::_exit(body());
  int status = -1;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(ForkGuard, OneNumberForAProcess) {
  const std::uint64_t number = ForkGuard::begin();
  EXPECT_NE(number, 0u);
  EXPECT_EQ(ForkGuard::current(), number);
  EXPECT_EQ(ForkGuard::begin(), number);
}

TEST(ForkGuard, AChildHasNoneUntilItBegins) {
  const std::uint64_t parent = ForkGuard::begin();
  for (const bool raw : {false, true}) {
    EXPECT_EQ(child(raw,
                    [parent] {
                      if (ForkGuard::current() != 0) return 1;
                      const std::uint64_t own = ForkGuard::begin();
                      if (own == 0 || own == parent) return 2;
                      if (ForkGuard::current() != own || ForkGuard::begin() != own) return 3;
                      return 42;
                    }),
              42)
        << (raw ? "clone" : "fork");
    EXPECT_EQ(ForkGuard::current(), parent) << "the parent keeps its own";
  }
}

TEST(ForkGuard, AChildCountsAnew) {
  ForkGuard::begin();
  for (std::size_t i = 0; i < ForkGuard::kCounts; ++i) ForkGuard::count(i) = i + 1;
  for (const bool raw : {false, true}) {
    EXPECT_EQ(child(raw,
                    [] {
                      ForkGuard::begin();
                      for (std::size_t i = 0; i < ForkGuard::kCounts; ++i) {
                        if (ForkGuard::count(i).fetch_add(5) != 0) return 1;
                      }
                      return 42;
                    }),
              42);
  }
  for (std::size_t i = 0; i < ForkGuard::kCounts; ++i) EXPECT_EQ(ForkGuard::count(i), i + 1);
}

// A handle of the parent must not look like one of a grandchild.
TEST(ForkGuard, AGrandchildRepeatsNoNumber) {
  const std::uint64_t first = ForkGuard::begin();
  EXPECT_EQ(child(false,
                  [first] {
                    const std::uint64_t second = ForkGuard::begin();
                    return child(true, [first, second] {
                      if (ForkGuard::current() != 0) return 1;
                      const std::uint64_t third = ForkGuard::begin();
                      return third != 0 && third != first && third != second ? 42 : 2;
                    });
                  }),
            42);
}

// On a kernel that cannot wipe pages, or without memory, fork at least is noticed. In a process of its own, where nothing
// has called begin() yet.
void check_fallback(bool no_page) {
  if (no_page) {
    calls.mmap = [](void*, std::size_t, int, int, int, off_t) {
      return errno = ENOMEM, MAP_FAILED;
    };
  } else {
    calls.madvise = [](void*, std::size_t, int) { return errno = EINVAL, -1; };
  }
  if (ForkGuard::current() != 0) ::_exit(1);
  const std::uint64_t number = ForkGuard::begin();
  if (number == 0 || ForkGuard::current() != number) ::_exit(2);
  ForkGuard::count(0) = 7;
  const int status = child(false, [number] {
    if (ForkGuard::current() != 0) return 3;
    const std::uint64_t own = ForkGuard::begin();
    if (ForkGuard::count(0) != 0) return 4;
    return own != number && ForkGuard::current() == own ? 42 : 5;
  });
  ::_exit(ForkGuard::count(0) == 7 && ForkGuard::current() == number ? status : 6);
}

TEST(ForkGuardDeathTest, FallbackWithoutAPage) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(check_fallback(true), ::testing::ExitedWithCode(42), "");
}

TEST(ForkGuardDeathTest, FallbackWithoutWiping) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(check_fallback(false), ::testing::ExitedWithCode(42), "");
}

}  // namespace
}  // namespace sched::sys
