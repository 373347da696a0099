// What a run asks the system for, to have its tokens.
#include <gtest/gtest.h>

#include <memory>

#include "core/graph/result.h"
#include "core/graph/run.h"
#include "core/jobserver/jobserver.h"
#include "tests/unit/support.h"

namespace sched {
namespace {

int reads = 0;

TEST(RunTokensTest, FreshJobsReadNothing) {
  Jobserver* jobserver = nullptr;
  ASSERT_EQ(Jobserver::serve(jobserver, ServedPool::Style::kPipe, 4, false, nullptr), LIBSCHED_OK);
  auto* const graph = new JobGraph(JobGraph::Order::kCriticalPath);
  for (JobIndex i = 0; i < 1000; ++i) {
    JobSpec spec;
    spec.job.fresh = i % 2 == 0;  // the others do nothing
    spec.job.weight = 1 + i % 3;
    JobIndex job = kNoJob;
    ASSERT_EQ(graph->add(job, spec, nullptr), LIBSCHED_OK);
    if (i == 0) continue;
    ASSERT_EQ(graph->depend(JobRef::of(job), {JobRef::of(i / 2)}, nullptr), LIBSCHED_OK);
  }
  RunOptions options;
  options.slots = 4;
  options.jobserver = jobserver;
  std::unique_ptr<Result> result;
  {
    const test::RealCalls real;
    reads = 0;
    sys::calls.read = [](int fd, void* out, std::size_t size) {
      ++reads;
      return sys::read_file(fd, out, size);
    };
    ASSERT_EQ(Run::run(result, *graph, nullptr, options, nullptr, nullptr), LIBSCHED_OK);
  }
  EXPECT_EQ(reads, 0);
  EXPECT_EQ(result->summary().count[static_cast<int>(JobState::kFresh)], 500u);
  EXPECT_EQ(jobserver->stats().available, 3u);
  graph->drop();
  jobserver->abandon();
}

}  // namespace
}  // namespace sched
