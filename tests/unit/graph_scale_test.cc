// Long chains on a small stack: whatever recursed once per job would end the program.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/graph/critical_path.h"
#include "core/graph/downstream.h"
#include "core/graph/graph.h"
#include "core/graph/progress.h"
#include "core/sys/thread.h"
#include "tests/unit/graph_support.h"

namespace sched {
namespace {

using test::add;
using test::depend;

constexpr JobIndex kJobs = 1'000'000;

// Runs the test's body on a thread whose stack has far less than a byte for each job.
template <class Body>
void on_small_stack(Body body) {
  pthread_t thread;
  const auto run = [](void* argument) -> void* {
    (*static_cast<Body*>(argument))();
    return nullptr;
  };
  ASSERT_EQ(sys::start_thread(&thread, {.stack_size = 256 * 1024}, run, &body), 0);
  ASSERT_EQ(pthread_join(thread, nullptr), 0);
}

// Each job waits for the one that was added before it, or after it.
void chain(Graph& graph, bool backwards, EdgeKind kind = EdgeKind::kFinished) {
  for (JobIndex i = 0; i < kJobs; ++i) add(graph);
  for (JobIndex i = 1; i < kJobs; ++i) {
    backwards ? depend(graph, i - 1, i, kind) : depend(graph, i, i - 1, kind);
  }
}

class GraphScaleTest : public ::testing::TestWithParam<bool> {};

TEST_P(GraphScaleTest, AChain) {
  on_small_stack([] {
    const bool backwards = GetParam();
    Graph graph;
    chain(graph, backwards);
    ASSERT_EQ(graph.freeze(nullptr), LIBSCHED_OK);
    const JobIndex first = backwards ? kJobs - 1 : 0;
    EXPECT_EQ(graph.order()[0], first);
    EXPECT_EQ(critical_path(graph)[first], kJobs);
    std::vector<std::uint64_t> sums;
    ASSERT_EQ(downstream(sums, graph, nullptr), LIBSCHED_OK);
    EXPECT_EQ(sums[first], std::uint64_t{kJobs} + 1);

    Progress progress(graph);
    std::vector<JobIndex> ready;
    const auto tell = [&](JobIndex job) { ready.push_back(job); };
    progress.begin(tell);
    while (!ready.empty()) {
      const JobIndex job = ready.back();
      ready.pop_back();
      progress.finish(job, tell);
    }
    EXPECT_TRUE(progress.is_over());
  });
}

TEST_P(GraphScaleTest, AChainThatIsSkipped) {
  on_small_stack([] {
    const bool backwards = GetParam();
    Graph graph;
    chain(graph, backwards, EdgeKind::kEarly);
    ASSERT_EQ(graph.freeze(nullptr), LIBSCHED_OK);
    Progress progress(graph);
    const JobIndex first = backwards ? kJobs - 1 : 0;
    progress.begin([&](JobIndex job) { EXPECT_EQ(job, first); });
    JobIndex skipped = 0;
    progress.fail(first, [&](JobIndex job) { skipped += progress.blocked_by(job) == first; });
    EXPECT_EQ(skipped, kJobs - 1);
    EXPECT_TRUE(progress.is_over());
  });
}

TEST_P(GraphScaleTest, ACycle) {
  on_small_stack([] {
    const bool backwards = GetParam();
    Graph graph;
    chain(graph, backwards);
    backwards ? depend(graph, kJobs - 1, 0) : depend(graph, 0, kJobs - 1);
    Error error;
    EXPECT_EQ(graph.freeze(&error), LIBSCHED_E_CYCLE);
    EXPECT_NE(error.message.find("(999961 more)"), std::string::npos) << error.message;
  });
}

INSTANTIATE_TEST_SUITE_P(BothWays, GraphScaleTest, ::testing::Bool());

}  // namespace
}  // namespace sched
