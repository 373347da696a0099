#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include "bench/harness.h"

// The rows of pools, for any side that has an adapter. peers/src/pools.rs is the same for rayon: a change here is a
// change there.
//
// A pool adapter P has, called by one thread outside the pool,
//   P(workers)
//   void begin(size_t n), before n tasks of which wait() waits
//   void submit_empty()   submit_stamp(std::atomic<int64_t>*), the task stores now_ns()
//   void submit_gate(Gate*), the task calls gate->hold()
//   void wait()
namespace bench {

inline constexpr unsigned kWorkers = 2;
inline constexpr std::size_t kSubmitted = 1'000'000;
inline constexpr int kWakes = 500;
inline constexpr std::size_t kIdleTasks = 1000;
inline constexpr std::chrono::seconds kIdle{5};

inline std::int64_t now_ns() {
  return Clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

inline void stamp(std::atomic<std::int64_t>& started) {
  started.store(now_ns(), std::memory_order_release);
}

inline void sleep_1ms() { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }

// Holds workers until it is opened.
class Gate {
 public:
  void hold() {
    held_.fetch_add(1, std::memory_order_release);
    open_.wait(false, std::memory_order_acquire);
  }
  void wait_until_held(unsigned workers) const {
    while (held_.load(std::memory_order_acquire) < workers) sleep_1ms();
  }
  void open() {
    open_.store(true, std::memory_order_release);
    open_.notify_all();
  }

 private:
  std::atomic<unsigned> held_{0};
  std::atomic<bool> open_{false};
};

template <class P>
void run_empty(P& pool, std::size_t tasks) {
  pool.begin(tasks);
  for (std::size_t i = 0; i < tasks; ++i) pool.submit_empty();
  pool.wait();
}

template <class P>
Pass submit_1m() {
  P pool(kWorkers);
  run_empty(pool, kSubmitted);
  const auto start = Clock::now();
  run_empty(pool, kSubmitted);
  return per_item(seconds_since(start), kSubmitted);
}

// The submitter sleeps while it waits: one that spun would take a CPU from the workers.
template <class P>
Pass wake() {
  P pool(kWorkers);
  run_empty(pool, kIdleTasks);
  std::vector<std::int64_t> ns;
  pool.begin(kWakes);
  const auto start = Clock::now();
  for (int i = 0; i < kWakes; ++i) {
    std::atomic<std::int64_t> started{0};
    sleep_1ms();
    const std::int64_t submitted = now_ns();
    pool.submit_stamp(&started);
    do {
      sleep_1ms();
    } while (started.load(std::memory_order_acquire) == 0);
    ns.push_back(started.load(std::memory_order_relaxed) - submitted);
  }
  const double seconds = seconds_since(start);
  pool.wait();
  return latencies(seconds, std::move(ns));
}

template <class P>
Pass idle() {
  P pool(kWorkers);
  run_empty(pool, kIdleTasks);
  const double before = process_cpu();
  std::this_thread::sleep_for(kIdle);
  const double milliseconds = (process_cpu() - before) * 1e3;
  return {std::chrono::duration<double>(kIdle).count(), milliseconds};
}

template <class P>
Pass queued_bytes() {
  P pool(kWorkers);
  Gate gate;
  const auto start = Clock::now();
  pool.begin(kWorkers + kSubmitted);
  for (unsigned i = 0; i < kWorkers; ++i) pool.submit_gate(&gate);
  gate.wait_until_held(kWorkers);
  const std::size_t before = resident_bytes();
  for (std::size_t i = 0; i < kSubmitted; ++i) pool.submit_empty();
  const std::size_t after = resident_bytes();
  gate.open();
  pool.wait();
  const double bytes = after > before ? static_cast<double>(after - before) : 0;
  return {seconds_since(start), bytes / static_cast<double>(kSubmitted)};
}

}  // namespace bench
