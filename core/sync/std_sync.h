#pragma once

#include <atomic>
#include <cstdint>

// A model checker compiles the engine's own sources with another policy in place of the one below: a header that gives
// namespace sched a StdSync with the same members. It takes the place of the name, not of a parameter, since the
// classes that are no templates must run under the checker too.
#ifdef SCHED_SYNC_HEADER

#include SCHED_SYNC_HEADER

#else

#include <mutex>

#include "core/sys/calls.h"
#include "core/sys/pages.h"

// Tests put an atomic here that gives way to other threads between any two operations.
#ifndef SCHED_ATOMIC
#define SCHED_ATOMIC std::atomic
#endif

namespace sched {

// The Sync policy of production. Every lock-free algorithm takes such a policy, so that the same source runs under a
// model checker, whose policy explores interleavings and stale reads.
struct StdSync {
  template <class T>
  using atomic = SCHED_ATOMIC<T>;
  using Mutex = std::mutex;
  template <class T>
  using Slab = sys::Slab<T>;

  // A variable that is not atomic: only one thread at a time may use it, and each must see what the one before did. A
  // model checker tests that. It has what T has, but for members and for an address.
  template <class T>
  using Plain = T;

  // The constants of an algorithm: its memory orders, its sizes. A model checker puts derived ones in their place, with
  // one order weaker, or with sizes so small that a wrap-around or a block's end is near. So an order need not be a
  // constant expression; a size is one.
  template <class Constants>
  using Traits = Constants;

  // Sleeps while the word holds `expected`, at most timeout_ns (negative: no limit). May return early.
  static void wait(const atomic<std::uint32_t>& word, std::uint32_t expected,
                   std::int64_t timeout_ns) {
    timespec timeout{};
    timeout.tv_sec = timeout_ns / 1'000'000'000;
    timeout.tv_nsec = timeout_ns % 1'000'000'000;
    sys::calls.futex_wait(address(word), expected, timeout_ns < 0 ? nullptr : &timeout);
  }

  static void wake(const atomic<std::uint32_t>& word, int count) {
    sys::calls.futex_wake(address(word), count);
  }

  // Lets other threads run that want the CPU.
  static void yield() { sys::calls.yield(); }

  static void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("isb" ::: "memory");
#endif
  }

 private:
  static_assert(sizeof(atomic<std::uint32_t>) == sizeof(std::uint32_t));
  static const std::uint32_t* address(const atomic<std::uint32_t>& word) {
    return reinterpret_cast<const std::uint32_t*>(&word);
  }
};

}  // namespace sched

#endif
