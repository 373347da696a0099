#pragma once

#include <sched.h>
#include <time.h>

#include <atomic>
#include <cstdint>

// An atomic that, before each operation, now and then gives the CPU away or sleeps for some microseconds: two operations
// that normally follow within nanoseconds are apart for as long as other threads need for whole searches. It brings out on
// two CPUs, in seconds, the interleavings that a large machine meets in months.
//
// The engine's sources are compiled with it by -include of this file and SCHED_ATOMIC=chaos::Atomic.
namespace chaos {

// Each thread draws from its own generator, which begins at the seed and the thread's number.
inline std::atomic<std::uint64_t> seed{1};
inline std::atomic<std::uint64_t> threads{0};

inline std::uint64_t draw() {
  thread_local std::uint64_t state = 0;
  if (state == 0) {
    const std::uint64_t thread = threads.fetch_add(1, std::memory_order_relaxed) + 1;
    state = (seed.load(std::memory_order_relaxed) + thread * 0x9E3779B97F4A7C15u) | 1;
  }
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return (state * 0x2545F4914F6CDD1Du) >> 24;
}

// For threads of a test that are about to do what the test is about: they sleep at one of four operations.
inline thread_local bool drowsy = false;

// Of 1024 operations 32 give the CPU away; 1 of these sleeps instead, for up to 256 us.
inline void point() {
  const std::uint64_t random = draw();
  if ((random & (drowsy ? 3 : 31)) != 0) return;
  if ((random & (31 << 5)) != 0 && !drowsy) {
    sched_yield();
    return;
  }
  const timespec pause{0, static_cast<long>(random >> 10 & 0x3FFFF)};
  nanosleep(&pause, nullptr);
}

// As much of std::atomic as the engine uses. No larger than T, and T lies at its address, as a futex needs it.
template <class T>
class Atomic {
 public:
  constexpr Atomic() noexcept = default;
  constexpr Atomic(T value) noexcept : value_(value) {}  // NOLINT: as std::atomic
  Atomic(const Atomic&) = delete;
  Atomic& operator=(const Atomic&) = delete;

  T load(std::memory_order order = kSeqCst) const { return point(), value_.load(order); }
  void store(T value, std::memory_order order = kSeqCst) { point(), value_.store(value, order); }
  T exchange(T value, std::memory_order order = kSeqCst) {
    return point(), value_.exchange(value, order);
  }
  bool compare_exchange_strong(T& expected, T value, std::memory_order order = kSeqCst) {
    return point(), value_.compare_exchange_strong(expected, value, order);
  }
  bool compare_exchange_strong(T& expected, T value, std::memory_order success,
                               std::memory_order failure) {
    return point(), value_.compare_exchange_strong(expected, value, success, failure);
  }
  bool compare_exchange_weak(T& expected, T value, std::memory_order order = kSeqCst) {
    return point(), value_.compare_exchange_weak(expected, value, order);
  }
  bool compare_exchange_weak(T& expected, T value, std::memory_order success,
                             std::memory_order failure) {
    return point(), value_.compare_exchange_weak(expected, value, success, failure);
  }
  T fetch_add(T value, std::memory_order order = kSeqCst) {
    return point(), value_.fetch_add(value, order);
  }
  T fetch_sub(T value, std::memory_order order = kSeqCst) {
    return point(), value_.fetch_sub(value, order);
  }
  T fetch_or(T value, std::memory_order order = kSeqCst) {
    return point(), value_.fetch_or(value, order);
  }
  T fetch_and(T value, std::memory_order order = kSeqCst) {
    return point(), value_.fetch_and(value, order);
  }
  T fetch_xor(T value, std::memory_order order = kSeqCst) {
    return point(), value_.fetch_xor(value, order);
  }

 private:
  static constexpr std::memory_order kSeqCst = std::memory_order_seq_cst;
  std::atomic<T> value_{};
};

}  // namespace chaos
