#include "core/graph/critical_path.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "tests/unit/graph_support.h"

namespace sched {
namespace {

using test::add;
using test::below;
using test::Dag;
using test::depend;

using Lengths = std::vector<std::uint64_t>;

TEST(CriticalPathTest, OfNothing) {
  Graph graph;
  ASSERT_EQ(graph.freeze(nullptr), LIBSCHED_OK);
  EXPECT_TRUE(critical_path(graph).empty());
}

TEST(CriticalPathTest, TheLongestOfSeveral) {
  Graph graph;
  for (const std::uint64_t cost : {3u, 10u, 1u, 20u}) add(graph, "", cost);
  depend(graph, 1, 0);
  depend(graph, 2, 0);
  depend(graph, 3, 2);
  ASSERT_EQ(graph.freeze(nullptr), LIBSCHED_OK);
  EXPECT_EQ(critical_path(graph), (Lengths{24, 10, 21, 20}));
}

TEST(CriticalPathTest, WhoWaitsForTheSignalBeginsBeforeTheEnd) {
  Graph graph;
  JobIndex job = kNoJob;
  ASSERT_EQ(graph.add(job, {.cost = 10, .early_cost = 2}, {}, nullptr), LIBSCHED_OK);
  add(graph, "", 5);
  depend(graph, 1, 0, EdgeKind::kEarly);
  ASSERT_EQ(graph.freeze(nullptr), LIBSCHED_OK);
  EXPECT_EQ(critical_path(graph), (Lengths{10, 5}));  // the job's own end comes last
}

TEST(CriticalPathTest, WithoutHistoryTheSignalComesAtTheEnd) {
  Graph graph;
  add(graph, "", 10);
  add(graph, "", 5);
  depend(graph, 1, 0, EdgeKind::kEarly);
  ASSERT_EQ(graph.freeze(nullptr), LIBSCHED_OK);
  EXPECT_EQ(critical_path(graph), (Lengths{15, 5}));
}

TEST(CriticalPathTest, CostsSaturate) {
  Graph graph;
  for (const std::uint64_t cost : {UINT64_MAX - 1, std::uint64_t{1}, std::uint64_t{1}}) {
    add(graph, "", cost);
  }
  depend(graph, 1, 0);
  depend(graph, 2, 1);
  ASSERT_EQ(graph.freeze(nullptr), LIBSCHED_OK);
  EXPECT_EQ(critical_path(graph), (Lengths{UINT64_MAX, 2, 1}));
}

// When all is over that comes after a job, if it starts at 0 and nobody has to wait for a worker: start times are raised
// until no edge asks for more.
std::uint64_t simulate(const Dag& dag, JobIndex first) {
  std::vector<std::int64_t> start(dag.jobs.size(), -1);
  start[first] = 0;
  for (bool changed = true; changed;) {
    changed = false;
    for (const Dag::Edge& edge : dag.edges) {
      if (start[edge.dependency] < 0) continue;
      const Job& job = dag.jobs[edge.dependency];
      const std::uint64_t until =
          edge.kind == EdgeKind::kEarly ? std::min(job.cost, job.early_cost) : job.cost;
      const std::int64_t needed = start[edge.dependency] + static_cast<std::int64_t>(until);
      if (start[edge.dependent] >= needed) continue;
      start[edge.dependent] = needed;
      changed = true;
    }
  }
  std::uint64_t end = 0;
  for (std::size_t job = 0; job < start.size(); ++job) {
    if (start[job] < 0) continue;
    end = std::max(end, static_cast<std::uint64_t>(start[job]) + dag.jobs[job].cost);
  }
  return end;
}

TEST(CriticalPathTest, EqualsASimulation) {
  std::mt19937 random(4);
  for (int round = 0; round < 5'000; ++round) {
    const std::uint32_t jobs = 1 + below(random, 12);
    const Dag dag = test::random_dag(random, jobs, below(random, 3 * jobs));
    Graph graph;
    dag.build(graph);
    const Lengths lengths = critical_path(graph);
    for (JobIndex job = 0; job < jobs; ++job) {
      ASSERT_EQ(lengths[job], simulate(dag, job)) << "round " << round << ", job " << job;
    }
  }
}

}  // namespace
}  // namespace sched
