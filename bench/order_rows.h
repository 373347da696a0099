#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "bench/harness.h"
#include "core/graph/critical_path.h"
#include "core/graph/downstream.h"
#include "core/graph/graph.h"

// What a graph needs before it runs: layers of 1000 jobs that cost 1 to 100, each of them with three dependencies in the
// layer before.
namespace bench {

inline void build_layers(sched::Graph& graph, std::uint32_t jobs) {
  constexpr std::uint32_t kLayer = 1000;
  std::mt19937 random(42);
  const auto below = [&](std::uint32_t limit) {
    return static_cast<std::uint32_t>(random() % limit);
  };
  for (std::uint32_t i = 0; i < jobs; ++i) {
    sched::Job job;
    job.cost = 1 + below(100);
    sched::JobIndex index = 0;
    if (graph.add(index, job, {}, nullptr) != LIBSCHED_OK) fail("core: add failed");
    if (i < kLayer) continue;
    for (int edge = 0; edge < 3; ++edge) {
      const auto dependency = sched::JobRef::of((i / kLayer - 1) * kLayer + below(kLayer));
      if (graph.depend(sched::JobRef::of(i), {dependency}, nullptr) != LIBSCHED_OK)
        fail("core: depend failed");
    }
  }
}

inline void freeze(sched::Graph& graph) {
  if (graph.freeze(nullptr) != LIBSCHED_OK) fail("core: freeze failed");
}

template <std::uint32_t jobs>
Pass freezing() {
  sched::Graph graph;
  build_layers(graph, jobs);
  const auto start = Clock::now();
  freeze(graph);
  return per_item(seconds_since(start), jobs);
}

template <std::uint32_t jobs>
Pass critical() {
  sched::Graph graph;
  build_layers(graph, jobs);
  freeze(graph);
  const auto start = Clock::now();
  const auto lengths = sched::critical_path(graph);
  const Pass pass = per_item(seconds_since(start), jobs);
  check("lengths", lengths.size(), jobs);
  return pass;
}

template <std::uint32_t jobs>
Pass downstream() {
  sched::Graph graph;
  build_layers(graph, jobs);
  freeze(graph);
  std::vector<std::uint64_t> sums;
  const auto start = Clock::now();
  if (sched::downstream(sums, graph, nullptr) != LIBSCHED_OK) fail("core: downstream failed");
  const double seconds = seconds_since(start);
  const auto lengths = sched::critical_path(graph);
  for (std::uint32_t job = 0; job < jobs; ++job) {
    check("sums above lengths", sums[job] > lengths[job] ? 1 : 0, 1);
  }
  return {seconds, seconds * 1e3};
}

inline void add_order_rows() {
  add_row("graph-freeze", freezing<100'000>);
  add_row("order-critical", critical<100'000>);
  add_row("order-cargo-10k", downstream<10'000>);
  add_row("order-cargo-100k", downstream<100'000>);
}

}  // namespace bench
