#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "bench/harness.h"

// The rows of structured concurrency: work that begets work and waits for it, and loops. Each side says how it forks, spawns
// or divides; the rest is here. peers/src/structured.rs is the same for rayon.
namespace bench {

// --- fork-join ---

// fib(32) without a cutoff: each call forks fib(n - 1), calls fib(n - 2), and joins. ns per fork.
inline constexpr int kFib = 32;
inline constexpr std::uint64_t kFibResult = 2'178'309;
inline constexpr std::uint64_t kForks = 3'524'577;

// compute(): runs fib(kFib) on the workers and returns the result.
template <class Compute>
Pass fork_join(Compute compute) {
  check("fib", compute(), kFibResult);
  const auto start = Clock::now();
  check("fib", compute(), kFibResult);
  return per_item(seconds_since(start), kForks);
}

// --- group-tree ---

// A tree of tasks, each of which makes a group, submits its children to it and waits for it; leaves do nothing. ns per task.
inline constexpr int kFanOut = 10;
inline constexpr int kHeight = 6;
inline constexpr std::uint64_t kTreeTasks = 1'111'111;

struct TreeNode {
  int height = kHeight;
  std::uint64_t tasks = 1;  // it and those below

  // run_all(children): runs all of them as tasks, and waits for them.
  template <class RunAll>
  void visit(RunAll run_all) {
    if (height == 0) return;
    std::array<TreeNode, kFanOut> children;
    for (TreeNode& child : children) child.height = height - 1;
    run_all(children);
    for (const TreeNode& child : children) tasks += child.tasks;
  }
};

// run(root): runs the root as a task, and waits for it.
template <class Run>
Pass group_tree(Run run) {
  const auto grow = [&run] {
    TreeNode root;
    run(root);
    check("tasks in the tree", root.tasks, kTreeTasks);
  };
  grow();
  const auto start = Clock::now();
  grow();
  return per_item(seconds_since(start), kTreeTasks);
}

// --- loops ---

// An adapter L of a side's loop has
//   L(unsigned workers)
//   void run(std::uint64_t n, Body body), which calls body(begin, end) for parts of 0..n on the workers

inline constexpr unsigned kLoopWorkers = 2;

// y += 3 * x, with 64 MB in each of the two: as fast as memory is. ns per element.
inline constexpr std::uint64_t kElements = std::uint64_t{8} << 20;
inline constexpr int kMemoryLoops = 10;

// Not inlined, so that all sides run the very same code.
[[gnu::noinline]] inline void add_multiple(double* y, const double* x, std::uint64_t begin,
                                           std::uint64_t end) {
  for (std::uint64_t i = begin; i < end; ++i) y[i] += 3.0 * x[i];
}

template <class L>
Pass loop_memory() {
  L loop(kLoopWorkers);
  std::vector<double> x(kElements);
  std::vector<double> y(kElements, 1.0);
  for (std::uint64_t i = 0; i < kElements; ++i) x[i] = static_cast<double>(i % 7);
  const auto body = [&x, &y](std::uint64_t begin, std::uint64_t end) {
    add_multiple(y.data(), x.data(), begin, end);
  };
  loop.run(kElements, body);
  const auto start = Clock::now();
  for (int i = 0; i < kMemoryLoops; ++i) loop.run(kElements, body);
  const double seconds = seconds_since(start);
  std::uint64_t wrong = 0;
  for (std::uint64_t i = 0; i < kElements; ++i)
    wrong += y[i] != 1.0 + 3 * (kMemoryLoops + 1) * x[i];
  check("wrong elements", wrong, 0);
  return per_item(seconds, kElements * kMemoryLoops);
}

// A piece of the Mandelbrot set, one index a row: rows differ in cost by a factor of a hundred, most of it in one part.
// ns per pixel.
inline constexpr std::uint64_t kRows = 1000;
inline constexpr std::uint64_t kColumns = 500;
inline constexpr int kComputeLoops = 5;

[[gnu::noinline]] inline void escape_times(std::uint32_t* out, std::uint64_t begin,
                                           std::uint64_t end) {
  for (std::uint64_t row = begin; row < end; ++row) {
    const double ci = -1.3 + 1.6 * static_cast<double>(row) / kRows;
    for (std::uint64_t column = 0; column < kColumns; ++column) {
      const double cr = -2.0 + 2.6 * static_cast<double>(column) / kColumns;
      double r = 0;
      double i = 0;
      std::uint32_t steps = 0;
      for (; steps < 256 && r * r + i * i < 4; ++steps) {
        const double next = r * r - i * i + cr;
        i = 2 * r * i + ci;
        r = next;
      }
      out[row * kColumns + column] += steps;
    }
  }
}

template <class L>
Pass loop_compute() {
  std::vector<std::uint32_t> expected(kRows * kColumns);
  escape_times(expected.data(), 0, kRows);
  L loop(kLoopWorkers);
  std::vector<std::uint32_t> out(kRows * kColumns);
  const auto body = [&out](std::uint64_t begin, std::uint64_t end) {
    escape_times(out.data(), begin, end);
  };
  loop.run(kRows, body);
  const auto start = Clock::now();
  for (int i = 0; i < kComputeLoops; ++i) loop.run(kRows, body);
  const double seconds = seconds_since(start);
  std::uint64_t wrong = 0;
  for (std::size_t i = 0; i < out.size(); ++i) wrong += out[i] != expected[i] * (kComputeLoops + 1);
  check("wrong pixels", wrong, 0);
  return per_item(seconds, kRows * kColumns * kComputeLoops);
}

template <class L>
void add_loop_rows() {
  add_row("loop-memory", loop_memory<L>);
  add_row("loop-compute", loop_compute<L>);
}

}  // namespace bench
