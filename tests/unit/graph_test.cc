#include "core/graph/graph.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/graph_support.h"

namespace sched {
namespace {

using test::add;
using test::depend;

std::string show(const Graph& graph, JobIndex job) {
  std::string text;
  graph.for_each_successor(job, [&](Successor successor) {
    text += std::to_string(successor.job()) + (successor.early() ? "e " : " ");
  });
  return text;
}

Error freeze_error(Graph& graph) {
  Error error;
  EXPECT_EQ(graph.freeze(&error), error.status);
  EXPECT_EQ(graph.is_frozen(), error.status == LIBSCHED_OK);
  return error;
}

TEST(GraphTest, AnEmptyOneIsFrozen) {
  Graph graph;
  EXPECT_EQ(graph.freeze(nullptr), LIBSCHED_OK);
  EXPECT_TRUE(graph.is_frozen());
  EXPECT_EQ(graph.size(), 0u);
  EXPECT_TRUE(graph.order().empty());
}

TEST(GraphTest, ListsDependents) {
  Graph graph;
  for (int i = 0; i < 4; ++i) add(graph);
  depend(graph, 3, 1);
  depend(graph, 0, 1, EdgeKind::kEarly);
  depend(graph, 2, 1);
  depend(graph, 3, 2);
  ASSERT_EQ(graph.freeze(nullptr), LIBSCHED_OK);
  EXPECT_EQ(show(graph, 0), "");
  EXPECT_EQ(show(graph, 1), "3 2 0e ");
  EXPECT_EQ(show(graph, 2), "3 ");
  EXPECT_EQ(show(graph, 3), "");
  const auto counts = graph.dependency_counts();
  EXPECT_EQ(std::vector<std::uint32_t>(counts.begin(), counts.end()),
            (std::vector<std::uint32_t>{1, 0, 1, 2}));
  EXPECT_EQ(graph.edge_count(), 4u);
}

TEST(GraphTest, KeepsWhatAJobIs) {
  Graph graph;
  Job job;
  job.cost = 1'000'000'000'000;
  job.early_cost = 7;
  job.weight = 3;
  job.limit_class = 5;
  job.level = Level::kLow;
  job.fresh = true;
  JobIndex index = kNoJob;
  ASSERT_EQ(graph.add(index, job, "link", nullptr), LIBSCHED_OK);
  const Job& kept = graph.job(index);
  EXPECT_EQ(kept.cost, job.cost);
  EXPECT_EQ(kept.weight, job.weight);
  EXPECT_EQ(kept.limit_class, job.limit_class);
  EXPECT_EQ(kept.level, job.level);
  EXPECT_EQ(kept.fresh, job.fresh);
  EXPECT_EQ(graph.early_cost(index), 7u);
  EXPECT_EQ(graph.early_cost(add(graph, "", 4)), 4u);
}

// An early signal cannot come after the end.
TEST(GraphTest, TheEarlyCostIsPartOfTheCost) {
  Graph graph;
  Job job;
  job.cost = 5;
  job.early_cost = 6;
  JobIndex index = kNoJob;
  ASSERT_EQ(graph.add(index, job, {}, nullptr), LIBSCHED_OK);
  EXPECT_EQ(graph.early_cost(index), 5u);
}

TEST(GraphTest, DuplicateEdgesAreOne) {
  using Kinds = std::vector<EdgeKind>;
  constexpr EdgeKind kFinished = EdgeKind::kFinished;
  constexpr EdgeKind kEarly = EdgeKind::kEarly;
  for (const auto& [kinds, shown] : {std::pair{Kinds{kFinished, kFinished}, "1 "},
                                     {Kinds{kEarly, kEarly, kEarly}, "1e "},
                                     {Kinds{kEarly, kFinished}, "1 "},
                                     {Kinds{kFinished, kEarly}, "1 "}}) {
    Graph graph;
    add(graph, "a");
    add(graph, "b");
    add(graph, "c");
    for (const EdgeKind kind : kinds) {
      depend(graph, 1, 0, kind);
      depend(graph, graph.named("c"), JobRef::of(1), kind);
      depend(graph, JobRef::of(2), graph.named("b"), kind);
    }
    ASSERT_EQ(graph.freeze(nullptr), LIBSCHED_OK);
    EXPECT_EQ(show(graph, 0), shown);
    EXPECT_EQ(graph.edge_count(), 2u);
    EXPECT_EQ(graph.dependency_counts()[1], 1u);
    EXPECT_EQ(graph.dependency_counts()[2], 1u);
  }
}

TEST(GraphTest, NamesMayComeLater) {
  Graph graph;
  depend(graph, graph.named("app"), graph.named("lib"));
  add(graph, "lib");
  depend(graph, graph.named("app"), graph.named("main.o"), EdgeKind::kEarly);
  add(graph);
  add(graph, "main.o");
  add(graph, "app");
  ASSERT_EQ(graph.freeze(nullptr), LIBSCHED_OK);
  EXPECT_EQ(show(graph, 0), "3 ");
  EXPECT_EQ(show(graph, 2), "3e ");
  EXPECT_EQ(graph.name(0), "lib");
  EXPECT_EQ(graph.name(1), "");
  EXPECT_EQ(graph.name(3), "app");
  EXPECT_EQ(graph.label(1), "#2");
  EXPECT_EQ(graph.label(3), "app");
  EXPECT_EQ(graph.find("main.o"), 2u);
  EXPECT_EQ(graph.find("main"), kNoJob);
  EXPECT_EQ(graph.find(""), kNoJob);
}

TEST(GraphTest, ManyNames) {
  Graph graph;
  const auto text = [](JobIndex i) { return std::string(i % 50, 'x') + std::to_string(i); };
  const char* first = nullptr;
  for (JobIndex i = 0; i < 20'000; ++i) {
    EXPECT_EQ(graph.find(text(i)), kNoJob);
    add(graph, text(i));
    if (i == 0) first = graph.name(0).data();
  }
  EXPECT_EQ(graph.name(0).data(), first);
  for (JobIndex job = 0; job < 20'000; ++job) {
    ASSERT_EQ(graph.find(text(job)), job);
    ASSERT_EQ(graph.name(job), text(job));
    ASSERT_STREQ(graph.name(job).data(), text(job).c_str());
  }
}

TEST(GraphTest, TheOrderHasDependenciesFirst) {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    const std::uint32_t jobs = test::below(random, 30);
    const auto dag = test::random_dag(random, jobs, test::below(random, 90));
    Graph graph;
    dag.build(graph);
    ASSERT_EQ(graph.order().size(), jobs);
    std::vector<int> place(jobs, -1);
    for (std::size_t i = 0; i < jobs; ++i) place[graph.order()[i]] = static_cast<int>(i);
    std::map<std::pair<JobIndex, JobIndex>, bool> early;
    for (const auto& edge : dag.edges) {
      ASSERT_LT(place[edge.dependency], place[edge.dependent]);
      bool& both = early.try_emplace({edge.dependency, edge.dependent}, true).first->second;
      both = both && edge.kind == EdgeKind::kEarly;
    }
    std::map<std::pair<JobIndex, JobIndex>, bool> listed;
    std::vector<std::uint32_t> counts(jobs);
    for (JobIndex job = 0; job < jobs; ++job) {
      for (const Successor successor : graph.successors(job)) {
        ASSERT_TRUE(listed.emplace(std::pair{job, successor.job()}, successor.early()).second);
        ++counts[successor.job()];
      }
    }
    ASSERT_EQ(listed, early);
    ASSERT_TRUE(std::equal(counts.begin(), counts.end(), graph.dependency_counts().begin(),
                           graph.dependency_counts().end()));
  }
}

TEST(GraphTest, ANameUsedTwice) {
  Graph graph;
  add(graph, "a");
  add(graph, "twice");
  add(graph, "twice");
  const Error error = freeze_error(graph);
  EXPECT_EQ(error.status, -EEXIST);
  EXPECT_EQ(error.os_errno, EEXIST);
  EXPECT_EQ(error.message, "two jobs are named \"twice\"");
  EXPECT_EQ(error.offset, 2u);
}

TEST(GraphTest, AJobThatNeverComes) {
  Graph graph;
  add(graph, "app");
  add(graph);
  depend(graph, graph.named("app"), graph.named("lib"));
  Error error = freeze_error(graph);
  EXPECT_EQ(error.status, -ENOENT);
  EXPECT_EQ(error.message, "\"app\" depends on \"lib\", and no job is named \"lib\"");
  EXPECT_EQ(error.offset, 0u);
  depend(graph, graph.named("tests"), JobRef::of(1), EdgeKind::kEarly);
  add(graph, "lib");
  error = freeze_error(graph);
  EXPECT_EQ(error.status, -ENOENT);
  EXPECT_EQ(error.message, "\"tests\" depends on \"#2\", and no job is named \"tests\"");
  EXPECT_EQ(error.offset, 1u);
  depend(graph, JobRef::of(1), graph.named("nothing"));
  error = freeze_error(graph);
  EXPECT_EQ(error.message,
            "\"#2\" depends on \"nothing\", and no job is named \"nothing\" (and so with 1 more "
            "edges)");
  add(graph, "tests");
  add(graph, "nothing");
  EXPECT_EQ(freeze_error(graph).status, LIBSCHED_OK);
  EXPECT_EQ(show(graph, 2), "0 ");
  EXPECT_EQ(show(graph, 1), "3e ");
}

// A name that is only looked up is no edge.
TEST(GraphTest, ANameWithoutJobAndEdgeIsNoError) {
  Graph graph;
  add(graph);
  graph.named("unused");
  EXPECT_EQ(freeze_error(graph).status, LIBSCHED_OK);
}

TEST(GraphTest, ACycleByItsPath) {
  Graph graph;
  add(graph, "before");
  add(graph, "a");
  add(graph);
  add(graph, "c");
  add(graph, "behind");
  depend(graph, 1, 0);
  depend(graph, 4, 3);
  depend(graph, 1, 2);
  depend(graph, 2, 3, EdgeKind::kEarly);
  depend(graph, 3, 1);
  const Error error = freeze_error(graph);
  EXPECT_EQ(error.status, LIBSCHED_E_CYCLE);
  EXPECT_EQ(error.message, "a cycle of dependencies: a -> #3 -> c -> a");
  EXPECT_EQ(error.offset, 1u);
  EXPECT_EQ(graph.freeze(nullptr), LIBSCHED_E_CYCLE);
}

TEST(GraphTest, AJobThatWaitsForItself) {
  for (const EdgeKind kind : {EdgeKind::kFinished, EdgeKind::kEarly}) {
    Graph graph;
    add(graph);
    add(graph, "a");
    depend(graph, graph.named("a"), JobRef::of(1), kind);
    const Error error = freeze_error(graph);
    EXPECT_EQ(error.status, LIBSCHED_E_CYCLE);
    EXPECT_EQ(error.message, "a cycle of dependencies: a -> a");
  }
}

TEST(GraphTest, ALongCycleIsShortened) {
  Graph graph;
  for (JobIndex i = 0; i < 100; ++i) add(graph);
  for (JobIndex i = 0; i < 100; ++i) depend(graph, i, (i + 1) % 100);
  const std::string text = freeze_error(graph).message;
  EXPECT_NE(text.find(": #1 -> #2 -> "), std::string::npos) << text;
  EXPECT_NE(text.find("#20 -> (61 more) -> #82 -> "), std::string::npos) << text;
  EXPECT_NE(text.find("#100 -> #1"), std::string::npos) << text;
}

// Every path that is told is one of edges, and closed.
TEST(GraphTest, RandomCycles) {
  std::mt19937 random(2);
  int cycles = 0;
  for (int round = 0; round < 2'000; ++round) {
    Graph graph;
    const std::uint32_t jobs = 1 + test::below(random, 12);
    std::map<std::pair<std::string, std::string>, int> edges;
    for (JobIndex i = 0; i < jobs; ++i) add(graph);
    for (std::uint32_t i = test::below(random, 2 * jobs); i > 0; --i) {
      const JobIndex a = test::below(random, jobs);
      const JobIndex b = test::below(random, jobs);
      depend(graph, a, b);
      ++edges[{graph.label(a), graph.label(b)}];
    }
    Error error;
    if (graph.freeze(&error) == LIBSCHED_OK) continue;
    ++cycles;
    ASSERT_EQ(error.status, LIBSCHED_E_CYCLE);
    std::string rest = error.message.substr(error.message.find("#"));
    const std::string first = rest.substr(0, rest.find(" -> "));
    std::string job = first;
    while (rest.size() > job.size()) {
      rest = rest.substr(job.size() + 4);
      const std::string next = rest.substr(0, rest.find(" -> "));
      ASSERT_TRUE((edges.contains({job, next}))) << error.message;
      job = next;
    }
    ASSERT_EQ(job, first);
  }
  EXPECT_GT(cycles, 500);
}

TEST(GraphTest, AFrozenOneCannotBeAddedTo) {
  Graph graph;
  add(graph);
  ASSERT_EQ(graph.freeze(nullptr), LIBSCHED_OK);
  JobIndex job = 77;
  Error error;
  EXPECT_EQ(graph.add(job, {}, "a", &error), LIBSCHED_E_STATE);
  EXPECT_EQ(graph.depend(JobRef::of(0), {JobRef::of(0)}, &error), LIBSCHED_E_STATE);
  EXPECT_EQ(graph.freeze(&error), LIBSCHED_E_STATE);
  EXPECT_EQ(job, 77u);
  EXPECT_EQ(graph.size(), 1u);
}

TEST(GraphTest, IdsAreOfOneJob) {
  Graph one(1);
  Graph two(2);
  add(one);
  const JobIndex job = add(one);
  add(two);
  add(two);
  EXPECT_NE(one.id(job), 0u);
  EXPECT_NE(one.id(job), one.id(0));
  EXPECT_NE(one.id(job), two.id(job));
  EXPECT_EQ(one.find(one.id(job)), job);
  EXPECT_EQ(one.find(two.id(job)), kNoJob);
  EXPECT_EQ(one.find(std::uint64_t{0}), kNoJob);
  EXPECT_EQ(one.find(one.id(job) + 1), kNoJob);
  const std::uint64_t id = one.id(job);
  ASSERT_EQ(one.freeze(nullptr), LIBSCHED_OK);
  EXPECT_EQ(one.find(id), job);
}

TEST(GraphTest, JobsThatComeLater) {
  Graph graph;
  add(graph, "a");
  add(graph);
  depend(graph, 1, 0);
  ASSERT_EQ(graph.freeze(nullptr), LIBSCHED_OK);
  std::uint64_t old_id = 0;
  for (int run = 0; run < 3; ++run) {
    JobIndex job = kNoJob;
    const Successor dependencies[] = {{0, EdgeKind::kEarly}, {1, EdgeKind::kFinished}};
    ASSERT_EQ(graph.append(job, {}, "late", dependencies, nullptr), LIBSCHED_OK);
    EXPECT_EQ(job, 2u);
    EXPECT_EQ(graph.name(2), "late");
    EXPECT_EQ(graph.find("late"), 2u);
    EXPECT_EQ(graph.find(graph.id(2)), 2u);
    EXPECT_NE(graph.id(2), old_id);
    EXPECT_EQ(graph.find(old_id), kNoJob);
    old_id = graph.id(2);
    ASSERT_EQ(graph.append(job, {}, {}, {&dependencies[0], 1}, nullptr), LIBSCHED_OK);
    const Successor of_late[] = {{2, EdgeKind::kFinished}};
    ASSERT_EQ(graph.append(job, {}, {}, of_late, nullptr), LIBSCHED_OK);
    EXPECT_EQ(show(graph, 0), "1 3e 2e ");
    EXPECT_EQ(show(graph, 1), "2 ");
    EXPECT_EQ(show(graph, 2), "4 ");
    EXPECT_EQ(show(graph, 4), "");
    for (const char* name : {"a", "late"}) {
      Error error;
      EXPECT_EQ(graph.append(job, {}, name, {}, &error), -EEXIST);
      EXPECT_NE(error.message.find(name), std::string::npos);
    }
    EXPECT_EQ(graph.size(), 5u);
    graph.drop_later();
    EXPECT_EQ(graph.size(), 2u);
    EXPECT_EQ(show(graph, 0), "1 ");
    EXPECT_EQ(graph.find("late"), kNoJob);
    EXPECT_EQ(graph.find("a"), 0u);
    EXPECT_EQ(graph.find(old_id), kNoJob);
    EXPECT_EQ(graph.find(graph.id(1)), 1u);
  }
}

// A name that was asked for before the graph was frozen outlives the jobs that come later, but not as theirs.
TEST(GraphTest, AKnownNameOfALateJob) {
  Graph graph;
  add(graph);
  graph.named("late");
  ASSERT_EQ(graph.freeze(nullptr), LIBSCHED_OK);
  for (int run = 0; run < 2; ++run) {
    JobIndex job = kNoJob;
    ASSERT_EQ(graph.append(job, {}, "late", {}, nullptr), LIBSCHED_OK);
    EXPECT_EQ(graph.find("late"), job);
    graph.drop_later();
    EXPECT_EQ(graph.find("late"), kNoJob);
  }
}

TEST(GraphTest, ManyLateNames) {
  Graph graph;
  for (JobIndex i = 0; i < 100; ++i) add(graph, test::numbered("a", i));
  ASSERT_EQ(graph.freeze(nullptr), LIBSCHED_OK);
  for (int run = 0; run < 3; ++run) {
    JobIndex job = kNoJob;
    for (JobIndex i = 0; i < 1'000; ++i) {
      ASSERT_EQ(graph.append(job, {}, test::numbered("b", i), {}, nullptr), LIBSCHED_OK);
    }
    EXPECT_EQ(graph.find("b999"), 1'099u);
    graph.drop_later();
    for (JobIndex i = 0; i < 100; ++i) {
      EXPECT_EQ(graph.find(test::numbered("a", i)), i);
    }
    EXPECT_EQ(graph.find("b0"), kNoJob);
    EXPECT_EQ(graph.named("c").index(), 100u);  // the others are forgotten
  }
}

}  // namespace
}  // namespace sched
