#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

// What all rows share. A row is one Google Benchmark benchmark with one iteration, a whole pass; its figure is the
// counter `value` in the row's unit (rows.txt), so that every pass is a process of its own and passes of different
// sides can be interleaved. peers/src/measure.rs is the same for the Rust peers.
namespace bench {

using Clock = std::chrono::steady_clock;

struct Pass {
  double seconds = 0;
  double value = 0;
  double p99 = 0;  // 0: the row has none
};

[[noreturn]] inline void fail(const std::string& what) {
  std::fprintf(stderr, "bench: %s\n", what.c_str());
  std::exit(1);
}

inline void check(const char* what, std::uint64_t got, std::uint64_t expected) {
  if (got != expected) {
    fail(std::string(what) + ": " + std::to_string(got) + " where " + std::to_string(expected) +
         " was expected");
  }
}

inline double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

inline Pass per_item(double seconds, std::size_t items) {
  return {seconds, seconds * 1e9 / static_cast<double>(items)};
}

inline Pass latencies(double seconds, std::vector<std::int64_t> ns) {
  std::sort(ns.begin(), ns.end());
  return {seconds, static_cast<double>(ns[ns.size() / 2]) / 1e3,
          static_cast<double>(ns[ns.size() * 99 / 100]) / 1e3};
}

// The sum of 0..n-1, what the items of one producer add up to.
constexpr std::uint64_t sum_to(std::uint64_t n) { return n * (n - 1) / 2; }

// Resident bytes of the process. smaps_rollup counts page tables; the counters behind statm lag.
inline std::size_t resident_bytes() {
  std::FILE* file = std::fopen("/proc/self/smaps_rollup", "r");
  if (file == nullptr) fail("cannot read /proc/self/smaps_rollup");
  char line[256];
  std::size_t kib = 0;
  bool found = false;
  while (!found && std::fgets(line, sizeof line, file) != nullptr) {
    found = std::sscanf(line, "Rss: %zu kB", &kib) == 1;
  }
  std::fclose(file);
  if (!found) fail("no Rss line in /proc/self/smaps_rollup");
  return kib * 1024;
}

// CPU seconds of the process so far, of all its threads.
inline double process_cpu() {
  timespec time{};
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) != 0)
    fail("CLOCK_PROCESS_CPUTIME_ID cannot be read");
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// Holds threads back until all of them are there, so that the clock starts with the work.
class StartingLine {
 public:
  void wait() {
    there_.fetch_add(1, std::memory_order_release);
    go_.wait(false, std::memory_order_acquire);
  }

  Clock::time_point start(int threads) {
    while (there_.load(std::memory_order_acquire) < threads) std::this_thread::yield();
    const auto now = Clock::now();
    go_.store(true, std::memory_order_release);
    go_.notify_all();
    return now;
  }

 private:
  std::atomic<int> there_{0};
  std::atomic<bool> go_{false};
};

// How often in a row a take that lost a race is repeated before the thread yields.
inline constexpr int kRetries = 64;

class Retry {
 public:
  void won() { lost_ = 0; }
  void lost() {
    if (++lost_ == kRetries) {
      lost_ = 0;
      std::this_thread::yield();
    }
  }

 private:
  int lost_ = 0;
};

inline void add_row(const char* name, Pass (*pass)()) {
  benchmark::RegisterBenchmark(name,
                               [pass](benchmark::State& state) {
                                 for (auto _ : state) {
                                   const Pass result = pass();
                                   state.SetIterationTime(result.seconds);
                                   state.counters["value"] = result.value;
                                   if (result.p99 > 0) state.counters["p99"] = result.p99;
                                 }
                               })
      ->Iterations(1)
      ->UseManualTime()
      ->Unit(benchmark::kMillisecond);
}

inline int run(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  if (benchmark::RunSpecifiedBenchmarks() == 0) fail("no row matches the filter");
  return 0;
}

}  // namespace bench
