#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "bench/harness.h"

// The dag-* workloads, for any side that has an adapter.
namespace bench {

inline constexpr unsigned kGraphWorkers = 2;

// The dependencies of each node, all of which come before it.
struct Dag {
  std::vector<std::uint32_t> begin;  // of those of a node in `dependencies`; one more than nodes
  std::vector<std::uint32_t> dependencies;

  std::uint32_t nodes() const { return static_cast<std::uint32_t>(begin.size() - 1); }
  std::uint32_t count(std::uint32_t node) const { return begin[node + 1] - begin[node]; }
  // use(dependency) for each of a node.
  template <class Use>
  void each(std::uint32_t node, Use use) const {
    for (std::uint32_t i = begin[node]; i < begin[node + 1]; ++i) use(dependencies[i]);
  }
};

// 100 layers of 1000 nodes, each with three in the layer before.
inline Dag random_dag() {
  constexpr std::uint32_t kLayer = 1000;
  constexpr std::uint32_t kNodes = 100 * kLayer;
  std::mt19937 random(42);
  Dag dag;
  dag.begin.push_back(0);
  for (std::uint32_t node = 0; node < kNodes; ++node) {
    const auto first = dag.dependencies.size();
    while (node >= kLayer && dag.dependencies.size() < first + 3) {
      const auto other =
          static_cast<std::uint32_t>((node / kLayer - 1) * kLayer + random() % kLayer);
      const auto from = dag.dependencies.begin() + static_cast<std::ptrdiff_t>(first);
      const bool is_new = std::find(from, dag.dependencies.end(), other) == dag.dependencies.end();
      if (is_new) dag.dependencies.push_back(other);
    }
    dag.begin.push_back(static_cast<std::uint32_t>(dag.dependencies.size()));
  }
  return dag;
}

// 1000 rows of 1000 nodes, each with the one to the left and the one above.
inline Dag wavefront_dag() {
  constexpr std::uint32_t kSide = 1000;
  Dag dag;
  dag.begin.push_back(0);
  for (std::uint32_t node = 0; node < kSide * kSide; ++node) {
    if (node % kSide != 0) dag.dependencies.push_back(node - 1);
    if (node >= kSide) dag.dependencies.push_back(node - kSide);
    dag.begin.push_back(static_cast<std::uint32_t>(dag.dependencies.size()));
  }
  return dag;
}

// An adapter G builds a graph of empty nodes in its constructor G(const Dag&), and has void run(), which runs all of it.
template <class G>
Pass run_dag(Dag (*make)()) {
  const Dag dag = make();
  G graph(dag);
  graph.run();
  const auto start = Clock::now();
  graph.run();
  return per_item(seconds_since(start), dag.nodes());
}

// make_graph(dag): the graph, ready to be run. Its end does not count.
template <class Make>
Pass build_dag(Make make_graph) {
  const Dag dag = random_dag();
  static_cast<void>(make_graph(dag));
  const auto start = Clock::now();
  const auto graph = make_graph(dag);
  return per_item(seconds_since(start), dag.nodes());
}

// run_commands(n): the seconds in which n times /bin/true ends, kInFlight of them at a time.
inline constexpr std::size_t kCommands = 2000;
inline constexpr unsigned kInFlight = 2;

template <double (*run_commands)(std::size_t)>
Pass dag_commands() {
  run_commands(kCommands / 8);
  const double seconds = run_commands(kCommands);
  return {seconds, seconds * 1e6 / static_cast<double>(kCommands)};
}

}  // namespace bench
