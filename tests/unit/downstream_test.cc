#include "core/graph/downstream.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <set>
#include <vector>

#include "tests/unit/graph_support.h"

namespace sched {
namespace {

using test::add;
using test::below;
using test::Dag;
using test::depend;

using Sums = std::vector<std::uint64_t>;

Sums sums_of(const Graph& graph, std::uint64_t budget = kDownstreamBudget) {
  Sums sums;
  Error error;
  EXPECT_EQ(downstream(sums, graph, &error, budget), LIBSCHED_OK) << error.message;
  return sums;
}

// The definition, set by set.
Sums by_sets(const Dag& dag) {
  std::vector<std::vector<JobIndex>> dependents(dag.jobs.size());
  for (const Dag::Edge& edge : dag.edges) dependents[edge.dependency].push_back(edge.dependent);
  Sums sums;
  for (JobIndex job = 0; job < dag.jobs.size(); ++job) {
    std::set<JobIndex> set{job};
    std::vector<JobIndex> open{job};
    while (!open.empty()) {
      const JobIndex one = open.back();
      open.pop_back();
      for (const JobIndex next : dependents[one]) {
        if (set.insert(next).second) open.push_back(next);
      }
    }
    std::uint64_t sum = dag.jobs[job].cost;
    for (const JobIndex one : set) sum += dag.jobs[one].cost;
    sums.push_back(sum);
  }
  return sums;
}

// The graph of Cargo's own test, with the priorities that it expects.
TEST(DownstreamTest, AsCargoHasIt) {
  Graph graph;
  for (int i = 0; i < 5; ++i) add(graph);
  depend(graph, 1, 0);
  depend(graph, 3, 1);
  depend(graph, 3, 2);
  depend(graph, 4, 3);
  depend(graph, 4, 2);
  ASSERT_EQ(graph.freeze(nullptr), LIBSCHED_OK);
  EXPECT_EQ(sums_of(graph), (Sums{5, 4, 4, 3, 2}));
}

TEST(DownstreamTest, AJobBehindTwoPathsCountsOnce) {
  Graph graph;
  for (const std::uint64_t cost : {1u, 10u, 100u, 1000u}) add(graph, "", cost);
  depend(graph, 1, 0);
  depend(graph, 2, 0, EdgeKind::kEarly);
  depend(graph, 3, 1);
  depend(graph, 3, 2);
  ASSERT_EQ(graph.freeze(nullptr), LIBSCHED_OK);
  EXPECT_EQ(sums_of(graph), (Sums{1112, 1020, 1200, 2000}));
}

TEST(DownstreamTest, OfNothing) {
  Graph graph;
  ASSERT_EQ(graph.freeze(nullptr), LIBSCHED_OK);
  EXPECT_TRUE(sums_of(graph).empty());
}

TEST(DownstreamTest, EqualsTheDefinition) {
  std::mt19937 random(5);
  for (int round = 0; round < 3'000; ++round) {
    const std::uint32_t jobs = 1 + below(random, 25);
    const Dag dag = test::random_dag(random, jobs, below(random, 2 * jobs));
    Graph graph;
    dag.build(graph);
    ASSERT_EQ(sums_of(graph), by_sets(dag)) << "round " << round;
  }
}

// More jobs than one block of the sets has, and sizes just at its end.
TEST(DownstreamTest, EqualsTheDefinitionBeyondOneBlock) {
  std::mt19937 random(6);
  for (const std::uint32_t jobs : {511u, 512u, 513u, 1024u, 1300u}) {
    for (const std::uint32_t edges : {jobs, 2 * jobs}) {
      const Dag dag = test::random_dag(random, jobs, edges);
      Graph graph;
      dag.build(graph);
      ASSERT_EQ(sums_of(graph), by_sets(dag)) << jobs << " jobs, " << edges << " edges";
    }
  }
}

TEST(DownstreamTest, CostsSaturate) {
  for (const std::uint64_t last : {std::uint64_t{4}, std::uint64_t{5}, UINT64_MAX}) {
    Graph graph;
    for (const std::uint64_t cost : {std::uint64_t{1}, UINT64_MAX - 10, std::uint64_t{4}, last}) {
      add(graph, "", cost);
    }
    depend(graph, 1, 0);
    depend(graph, 2, 0);
    depend(graph, 3, 1);
    depend(graph, 3, 2);
    ASSERT_EQ(graph.freeze(nullptr), LIBSCHED_OK);
    const std::uint64_t most = last == UINT64_MAX ? UINT64_MAX : last * 2;
    const std::uint64_t second = last == UINT64_MAX ? UINT64_MAX : 8 + last;
    EXPECT_EQ(sums_of(graph), (Sums{UINT64_MAX, UINT64_MAX, second, most}));
  }
}

TEST(DownstreamTest, TheLargestSumsAreExact) {
  Graph graph;
  for (const std::uint64_t cost :
       {std::uint64_t{1}, UINT64_MAX - 10, std::uint64_t{3}, std::uint64_t{4}}) {
    add(graph, "", cost);
  }
  depend(graph, 1, 0);
  depend(graph, 2, 0);
  depend(graph, 3, 1);
  depend(graph, 3, 2);
  ASSERT_EQ(graph.freeze(nullptr), LIBSCHED_OK);
  EXPECT_EQ(sums_of(graph)[0], UINT64_MAX - 1);  // 1 + (1 + ... - 10 + 3 + 4)
}

// Jobs that are looked at together, and jobs that are not.
TEST(DownstreamTest, SumsOverManyJobsSaturate) {
  for (const JobIndex jobs : {20u, 200u, 1'000u}) {
    for (const std::uint64_t too_much : {std::uint64_t{0}, std::uint64_t{1}, UINT64_MAX / 2}) {
      Graph graph;
      const std::uint64_t share = UINT64_MAX / jobs;
      const std::uint64_t rest = UINT64_MAX - share * jobs;
      add(graph, "", 0);
      add(graph, "", too_much);
      for (JobIndex i = 0; i < jobs; ++i) add(graph, "", share);
      const JobIndex last = add(graph, "", rest);
      depend(graph, 1, 0);
      for (JobIndex i = 0; i < jobs; ++i) {
        depend(graph, i + 2, 1);
        depend(graph, last, i + 2);
      }
      ASSERT_EQ(graph.freeze(nullptr), LIBSCHED_OK);
      const Sums sums = sums_of(graph);
      EXPECT_EQ(sums[0], UINT64_MAX);
      EXPECT_EQ(sums[1], UINT64_MAX);
      EXPECT_EQ(sums[2], 2 * share + rest);
    }
  }
}

TEST(DownstreamTest, AboveTheBudget) {
  Graph graph;
  for (int i = 0; i < 600; ++i) add(graph);
  for (JobIndex i = 2; i < 600; ++i) {
    depend(graph, i, i - 1);
    depend(graph, i, i - 2);
  }
  ASSERT_EQ(graph.freeze(nullptr), LIBSCHED_OK);
  const std::uint64_t work = 2 * (600 + 2 * 598);
  EXPECT_EQ(sums_of(graph, work)[597], 4u);
  Sums sums{77};
  Error error;
  EXPECT_EQ(downstream(sums, graph, &error, work - 1), LIBSCHED_E_TOO_LARGE);
  EXPECT_EQ(sums, Sums{77});
  EXPECT_NE(error.message.find("600 jobs and 1196 edges takes 3592 steps, and 3591 are allowed"),
            std::string::npos)
      << error.message;
}

// They need no sets, however large they are.
TEST(DownstreamTest, ChainsAndTreesCostNothing) {
  for (const bool in : {false, true}) {
    Graph graph;
    constexpr JobIndex kJobs = 2'000;
    for (JobIndex i = 0; i < kJobs; ++i) add(graph, "", i + 1);
    for (JobIndex i = 1; i < kJobs; ++i) in ? depend(graph, i / 2, i) : depend(graph, i, i / 2);
    Sums expected(kJobs);
    for (JobIndex i = 0; i < kJobs; ++i) expected[i] = i + 1;
    if (in) {
      for (JobIndex i = 1; i < kJobs; ++i) expected[i] += expected[i / 2];
    } else {
      for (JobIndex i = kJobs; i-- > 1;) expected[i / 2] += expected[i];
    }
    for (JobIndex i = 0; i < kJobs; ++i) expected[i] += i + 1;
    ASSERT_EQ(graph.freeze(nullptr), LIBSCHED_OK);
    EXPECT_EQ(sums_of(graph, 0), expected);
  }
}

// Two trees of which one is part of the other twice over: a tree by its shape from above alone.
TEST(DownstreamTest, TreesThatMeetAreNoTree) {
  Graph graph;
  for (int i = 0; i < 5; ++i) add(graph);
  depend(graph, 1, 0);
  depend(graph, 2, 0);
  depend(graph, 3, 1);
  depend(graph, 4, 3);
  depend(graph, 4, 2);
  ASSERT_EQ(graph.freeze(nullptr), LIBSCHED_OK);
  EXPECT_EQ(sums_of(graph), (Sums{6, 4, 3, 3, 2}));
}

}  // namespace
}  // namespace sched
