#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <random>
#include <thread>

#include "core/sys/calls.h"

#if defined(__SANITIZE_THREAD__)
// Of its runtime library: the calling thread's writes race with nothing.
extern "C" void AnnotateIgnoreWritesBegin(const char* file, int line);
extern "C" void AnnotateIgnoreWritesEnd(const char* file, int line);
#endif

namespace sched::test {

// How long anything may take that must happen at some time; only a failing test waits so long.
inline constexpr std::int64_t kPatienceNs = 30'000'000'000;

// Waits for an event. False: it did not come.
template <class Event>
bool comes_true(Event event, std::int64_t patience_ns = kPatienceNs) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::nanoseconds(patience_ns);
  while (!event()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
  return true;
}

// Threads of this process.
inline std::size_t threads() {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    static_cast<void>(entry);
    ++count;
  }
  return count;
}

// Puts the real system calls back when a test ends that has replaced some. Replace them before threads start; those that are
// still on their way out then use them to the last.
class RealCalls {
 public:
  RealCalls() {
    std::thread([] {}).join();  // after the first one a sanitizer has a thread of its own, too
    before_ = threads();
  }
  ~RealCalls() {
    comes_true([this] { return threads() <= before_; }, 10'000'000'000);
#if defined(__SANITIZE_THREAD__)
    AnnotateIgnoreWritesBegin(
        __FILE__, __LINE__);  // it does not see that threads which nobody joins are gone
    sys::calls = sys::Calls{};
    AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
#else
    sys::calls = sys::Calls{};
#endif
  }
  RealCalls(const RealCalls&) = delete;
  RealCalls& operator=(const RealCalls&) = delete;

 private:
  std::size_t before_ = 0;
};

// A random number below `limit`.
template <class Engine>
std::uint32_t below(Engine& random, std::uint32_t limit) {
  return static_cast<std::uint32_t>(random() % limit);
}

}  // namespace sched::test
