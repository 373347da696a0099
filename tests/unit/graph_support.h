#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "core/graph/graph.h"
#include "tests/unit/support.h"

namespace sched::test {

inline std::string numbered(std::string_view text, std::uint32_t number) {
  return std::string(text).append(std::to_string(number));
}

inline JobIndex add(Graph& graph, std::string_view name = {}, std::uint64_t cost = 1) {
  JobIndex job = kNoJob;
  Job one;
  one.cost = cost;
  EXPECT_EQ(graph.add(job, one, name, nullptr), LIBSCHED_OK);
  return job;
}

inline void depend(Graph& graph, JobRef dependent, JobRef dependency,
                   EdgeKind kind = EdgeKind::kFinished) {
  EXPECT_EQ(graph.depend(dependent, {dependency, kind}, nullptr), LIBSCHED_OK);
}

inline void depend(Graph& graph, JobIndex dependent, JobIndex dependency,
                   EdgeKind kind = EdgeKind::kFinished) {
  depend(graph, JobRef::of(dependent), JobRef::of(dependency), kind);
}

// Jobs and edges as a test wants to look at them.
struct Dag {
  struct Edge {
    JobIndex dependent, dependency;
    EdgeKind kind;
  };
  std::vector<Job> jobs;
  std::vector<Edge> edges;

  void build(Graph& graph) const {
    for (const Job& job : jobs) {
      JobIndex index = kNoJob;
      ASSERT_EQ(graph.add(index, job, {}, nullptr), LIBSCHED_OK);
    }
    for (const Edge& edge : edges) depend(graph, edge.dependent, edge.dependency, edge.kind);
    ASSERT_EQ(graph.freeze(nullptr), LIBSCHED_OK);
  }
};

// Some edges come twice, with either kind. The order of addition says nothing of who depends on whom.
inline Dag random_dag(std::mt19937& random, std::uint32_t jobs, std::uint32_t edges,
                      std::uint32_t highest_cost = 20) {
  Dag dag;
  std::vector<JobIndex> order(jobs);
  std::iota(order.begin(), order.end(), 0u);
  std::shuffle(order.begin(), order.end(), random);
  for (std::uint32_t i = 0; i < jobs; ++i) {
    Job job;
    job.cost = below(random, highest_cost + 1);
    if (below(random, 2) == 0) job.early_cost = below(random, highest_cost + 5);
    dag.jobs.push_back(job);
  }
  for (std::uint32_t i = 0; jobs > 1 && i < edges; ++i) {
    const std::uint32_t later = 1 + below(random, jobs - 1);
    const EdgeKind kind = below(random, 3) == 0 ? EdgeKind::kEarly : EdgeKind::kFinished;
    dag.edges.push_back({order[later], order[below(random, later)], kind});
  }
  return dag;
}

}  // namespace sched::test
