#include "core/sys/thread.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>

#include "tests/unit/support.h"

namespace sched::sys {
namespace {

struct Seen {
  sigset_t mask;
  cpu_set_t cpus;
  std::size_t stack = 0;
  void* argument = nullptr;
};
Seen seen;

void* look(void* argument) {
  seen.argument = argument;
  pthread_sigmask(SIG_BLOCK, nullptr, &seen.mask);
  pthread_attr_t attributes;
  pthread_getattr_np(pthread_self(), &attributes);
  pthread_attr_getstacksize(&attributes, &seen.stack);
  pthread_attr_destroy(&attributes);
  return nullptr;
}

bool same(const sigset_t& a, const sigset_t& b) {
  for (int signal = 1; signal < SIGRTMAX; ++signal) {
    if (sigismember(&a, signal) != sigismember(&b, signal)) return false;
  }
  return true;
}

TEST(Thread, SignalsAreForTheHostsThreads) {
  sigset_t before;
  sigemptyset(&before);
  sigaddset(&before, SIGUSR2);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_t thread;
  int argument = 0;
  ASSERT_EQ(start_thread(&thread, {}, look, &argument), 0);
  join_or_detach(thread);
  EXPECT_EQ(seen.argument, &argument);
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGCHLD, SIGALRM, SIGHUP, SIGRTMAX}) {
    EXPECT_EQ(sigismember(&seen.mask, signal), 1) << strsignal(signal);
  }
  sigset_t after;
  pthread_sigmask(SIG_BLOCK, nullptr, &after);
  EXPECT_TRUE(same(before, after)) << "the starter's own mask is as it was";
}

#if defined(__GLIBC__) && defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 32)
sigset_t mask_of_starter;

TEST(Thread, SignalsReachTheStarterMeanwhile) {
  const test::RealCalls restore;
  sigset_t before;
  sigemptyset(&before);
  sigaddset(&before, SIGUSR2);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  calls.thread_create = [](pthread_t* out, const pthread_attr_t* attributes, void* (*body)(void*),
                           void* argument) {
    pthread_sigmask(SIG_BLOCK, nullptr, &mask_of_starter);
    return pthread_create(out, attributes, body, argument);
  };
  pthread_t thread;
  ASSERT_EQ(start_thread(&thread, {}, look, nullptr), 0);
  join_or_detach(thread);
  EXPECT_TRUE(same(before, mask_of_starter));
}
#endif
#endif

TEST(Thread, AFailureIsANegatedErrno) {
  const test::RealCalls restore;
  calls.thread_create = [](pthread_t*, const pthread_attr_t*, void* (*)(void*), void*) {
    return EAGAIN;
  };
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, nullptr, &before);
  pthread_t thread;
  EXPECT_EQ(start_thread(&thread, {}, look, nullptr), -EAGAIN);
  sigset_t after;
  pthread_sigmask(SIG_BLOCK, nullptr, &after);
  EXPECT_TRUE(same(before, after));
}

TEST(Thread, StackSize) {
  ThreadOptions options;
  options.stack_size = 40 << 20;  // more than the default
  pthread_t thread;
  ASSERT_EQ(start_thread(&thread, options, look, nullptr), 0);
  join_or_detach(thread);
  EXPECT_GE(seen.stack, 40u << 20);
}

void* look_at_cpus(void* cpu) {
  pin_current_thread(*static_cast<const std::uint32_t*>(cpu));
  pthread_getaffinity_np(pthread_self(), sizeof seen.cpus, &seen.cpus);
  return nullptr;
}

TEST(Thread, Pinned) {
  cpu_set_t own;
  CPU_ZERO(&own);
  ASSERT_EQ(sched_getaffinity(0, sizeof own, &own), 0);
  std::uint32_t last = 0;
  for (std::uint32_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) last = CPU_ISSET(cpu, &own) ? cpu : last;
  pthread_t thread;
  ASSERT_EQ(start_thread(&thread, ThreadOptions{}, look_at_cpus, &last), 0);
  join_or_detach(thread);
  EXPECT_EQ(CPU_COUNT(&seen.cpus), 1);
  EXPECT_TRUE(CPU_ISSET(last, &seen.cpus));

  std::uint32_t none = CPU_SETSIZE - 1;  // there is hardly such a CPU
  ASSERT_EQ(start_thread(&thread, ThreadOptions{}, look_at_cpus, &none), 0);
  join_or_detach(thread);
  if (!CPU_ISSET(CPU_SETSIZE - 1, &own)) {
    EXPECT_TRUE(CPU_EQUAL(&seen.cpus, &own)) << "it runs anywhere";
  }
}

std::string name_of_self() {
  char name[16] = {};
  pthread_getname_np(pthread_self(), name, sizeof name);
  return name;
}

TEST(Thread, Names) {
  const std::string before = name_of_self();
  const struct {
    const char* prefix;
    std::uint32_t number;
    const char* expected;
  } cases[] = {{"sched", 0, "sched-0"},
               {"sched", 1023, "sched-1023"},
               {"", 3, "-3"},
               {"exactly-13-cha", 1, "exactly-13-ch-1"},
               {"a-name-that-is-too-long", 7, "a-name-that-i-7"},
               {"a-name-that-is-too-long", 1023, "a-name-tha-1023"}};
  for (const auto& each : cases) {
    name_current_thread(each.prefix, each.number);
    EXPECT_EQ(name_of_self(), each.expected);
  }
  pthread_setname_np(pthread_self(), before.c_str());
}

std::atomic<int> joins;
std::atomic<int> detaches;

TEST(Thread, AThreadThatJoinsItselfIsDetached) {
  const test::RealCalls restore;
  joins = 0;
  detaches = 0;
  calls.thread_join = [](pthread_t thread, void** result) {
    return ++joins, pthread_join(thread, result);
  };
  calls.thread_detach = [](pthread_t thread) { return ++detaches, pthread_detach(thread); };
  static std::atomic<bool> done;
  done = false;
  pthread_t thread;
  ASSERT_EQ(start_thread(
                &thread, {},
                [](void*) -> void* {
                  join_or_detach(pthread_self());
                  done = true;
                  return nullptr;
                },
                nullptr),
            0);
  EXPECT_TRUE(test::comes_true([] { return done.load(); }));
  EXPECT_EQ(detaches, 1);
  EXPECT_EQ(joins, 0);
  ASSERT_EQ(start_thread(&thread, {}, look, nullptr), 0);
  join_or_detach(thread);
  EXPECT_EQ(joins, 1);
}

}  // namespace
}  // namespace sched::sys
