#pragma once

#include <cstddef>
#include <thread>
#include <vector>

#include "bench/harness.h"

// The processes-* workloads, for any side that has an adapter: a function that runs /bin/true in a child and waits for its
// end.
namespace bench {

inline constexpr std::size_t kProcesses = 2000;

template <void (*run_one)()>
Pass processes(std::size_t threads_count) {
  const auto pass = [&](std::size_t each) {
    StartingLine line;
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < threads_count; ++t) {
      threads.emplace_back([&line, each] {
        line.wait();
        for (std::size_t i = 0; i < each; ++i) run_one();
      });
    }
    const auto start = line.start(static_cast<int>(threads_count));
    for (std::thread& thread : threads) thread.join();
    return seconds_since(start);
  };
  pass(kProcesses / 8);
  const double seconds = pass(kProcesses / threads_count);
  return {seconds, seconds * 1e6 / static_cast<double>(kProcesses)};
}

template <void (*run_one)()>
void add_process_rows() {
  add_row("processes-1t", [] { return processes<run_one>(1); });
  add_row("processes-2t", [] { return processes<run_one>(2); });
}

}  // namespace bench
