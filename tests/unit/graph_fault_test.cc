// Memory that ends at any moment: nothing is lost, nothing is half done.
#include <gtest/gtest.h>

#include <cerrno>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "core/graph/critical_path.h"
#include "core/graph/downstream.h"
#include "core/graph/graph.h"
#include "core/graph/progress.h"
#include "tests/unit/failing_new.h"
#include "tests/unit/graph_support.h"

namespace sched {
namespace {

using test::add;
using test::depend;

// Calls step() with ever more memory until it comes through; check() must hold after each failure. Says how often it failed.
template <class Step, class Check>
int fail_until_done(Step step, Check check) {
  for (int failures = 0;; ++failures) {
    try {
      const test::ScarceMemory scarce(failures);
      step();
      return failures;
    } catch (const std::bad_alloc&) {
    }
    check();
  }
}

TEST(GraphFaultTest, BuildingAndFreezing) {
  Graph graph;
  int failures = 0;
  for (JobIndex i = 0; i < 100; ++i) {
    const std::string name = i % 2 == 0 ? "" : test::numbered("job ", i);
    JobIndex job = kNoJob;
    failures += fail_until_done([&] { ASSERT_EQ(graph.add(job, {}, name, nullptr), LIBSCHED_OK); },
                                [&] {
                                  ASSERT_EQ(graph.size(), i);
                                  ASSERT_EQ(graph.find(name), kNoJob);
                                });
    ASSERT_EQ(job, i);
    ASSERT_EQ(graph.name(job), name);
    if (i == 0) continue;
    failures += fail_until_done(
        [&] {
          ASSERT_EQ(graph.depend(JobRef::of(job), {JobRef::of(job - 1)}, nullptr), LIBSCHED_OK);
        },
        [] {});
  }
  EXPECT_GT(failures, 10);
  failures = fail_until_done([&] { ASSERT_EQ(graph.freeze(nullptr), LIBSCHED_OK); },
                             [&] { ASSERT_FALSE(graph.is_frozen()); });
  EXPECT_GT(failures, 3);
  EXPECT_EQ(graph.edge_count(), 99u);
  fail_until_done([&] { ASSERT_EQ(critical_path(graph)[0], 100u); }, [] {});
  std::vector<std::uint64_t> sums;
  fail_until_done([&] { ASSERT_EQ(downstream(sums, graph, nullptr), LIBSCHED_OK); },
                  [&] { ASSERT_TRUE(sums.empty()); });
  EXPECT_EQ(sums[0], 101u);
}

TEST(GraphFaultTest, ErrorsOfFreezing) {
  for (const bool cycle : {false, true}) {
    Graph graph;
    add(graph, "a job with a name that is long enough to be allocated");
    add(graph);
    depend(graph, 0, 1);
    cycle ? depend(graph, 1, 0)
          : depend(graph, JobRef::of(1), graph.named("a job that never comes"));
    Error error;
    const int failures = fail_until_done(
        [&] {
          ASSERT_EQ(graph.freeze(&error), cycle ? LIBSCHED_E_CYCLE : -ENOENT);
          ASSERT_NE(error.message.find(cycle ? "#2" : "never comes"), std::string::npos);
        },
        [&] { ASSERT_FALSE(graph.is_frozen()); });
    EXPECT_GT(failures, 2);
  }
}

TEST(GraphFaultTest, GrowingWhileItRuns) {
  Graph graph;
  add(graph);
  add(graph);
  depend(graph, 1, 0);
  ASSERT_EQ(graph.freeze(nullptr), LIBSCHED_OK);
  std::optional<Progress> progress;
  EXPECT_EQ(fail_until_done([&] { progress.emplace(graph); }, [] {}), 2);
  int failures = 0;
  for (int run = 0; run < 2; ++run) {
    progress->begin([](JobIndex) {});
    for (JobIndex i = 2; i < 100; ++i) {
      const std::string name = test::numbered("late ", i);
      const std::vector<Dependency> dependencies{{JobRef::of(i - 2)}, {JobRef::of(i - 1)}};
      JobIndex job = kNoJob;
      failures += fail_until_done(
          [&] { ASSERT_EQ(progress->add(job, {}, name, dependencies, nullptr), LIBSCHED_OK); },
          [&] {
            ASSERT_EQ(graph.size(), i);
            ASSERT_EQ(progress->unfinished(), i);
            ASSERT_EQ(graph.find(name), kNoJob);
          });
    }
    // A run needs no memory.
    std::vector<JobIndex> ready{0};
    ready.reserve(100);
    const test::ScarceMemory none(0);
    const auto tell = [&](JobIndex job) { ready.push_back(job); };
    while (!ready.empty()) {
      const JobIndex job = ready.back();
      ready.pop_back();
      ASSERT_TRUE(progress->start(job));
      progress->signal_early(job, tell);
      job == 50 ? progress->fail(job, [](JobIndex) {}) : progress->finish(job, tell);
    }
    ASSERT_TRUE(progress->is_over());
    progress->reset();
  }
  EXPECT_GT(failures, 20);
}

}  // namespace
}  // namespace sched
