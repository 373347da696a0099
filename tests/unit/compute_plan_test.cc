#include "core/graph/compute_plan.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "core/graph/job_graph.h"

namespace sched {
namespace {

int nothing(libsched_job*, void*) { return 0; }

class ComputePlanTest : public testing::Test {
 protected:
  ~ComputePlanTest() override { graph_->drop(); }

  static JobSpec spec(std::uint64_t cost) {
    JobSpec spec;
    spec.fn = &nothing;
    spec.job.cost = cost;
    return spec;
  }
  JobIndex add(const JobSpec& spec) {
    JobIndex job = kNoJob;
    EXPECT_EQ(graph_->add(job, spec, nullptr), LIBSCHED_OK);
    return job;
  }
  void depend(JobIndex dependent, JobIndex on, EdgeKind kind = EdgeKind::kFinished) {
    ASSERT_EQ(graph_->depend(JobRef::of(dependent), {JobRef::of(on), kind}, nullptr), LIBSCHED_OK);
  }
  ComputePlan& plan() {
    EXPECT_EQ(graph_->prepare(nullptr), LIBSCHED_OK);
    return graph_->compute_plan();
  }

  JobGraph* const graph_ = new JobGraph(JobGraph::Order::kCriticalPath);
};

TEST_F(ComputePlanTest, TheMostUrgentSuccessorIsTheLastOne) {
  const JobIndex root = add(spec(1));
  const JobIndex cheap = add(spec(2));
  const JobIndex dear = add(spec(9));
  const JobIndex twin = add(spec(2));
  for (const JobIndex job : {dear, twin, cheap}) depend(job, root);
  ComputePlan& plan = this->plan();
  std::vector<JobIndex> jobs;
  for (const Successor one : plan.successors(plan[ComputePlan::place_of(root)])) {
    jobs.push_back(ComputePlan::job_at(one.job()));
  }
  // Of two that are equally urgent the first one that was added is more so.
  EXPECT_EQ(jobs, (std::vector<JobIndex>{twin, cheap, dear}));
}

TEST_F(ComputePlanTest, ANodeSaysWhatItsJobIs) {
  int data = 0;
  JobSpec high = spec(1);
  high.user_data = &data;
  high.job.level = Level::kHigh;
  JobSpec tried = spec(1);
  tried.retries = 3;
  JobSpec fresh = spec(1);
  fresh.job.fresh = true;
  const JobIndex first = add(high);
  const JobIndex second = add(tried);
  const JobIndex third = add(fresh);
  const JobIndex fourth = add(JobSpec());
  depend(second, first, EdgeKind::kEarly);
  ComputePlan& plan = this->plan();
  const auto node = [&](JobIndex job) -> ComputeNode& { return plan[ComputePlan::place_of(job)]; };
  EXPECT_EQ(node(first).fn, &nothing);
  EXPECT_EQ(node(first).user_data, &data);
  EXPECT_EQ(node(first).kind(), static_cast<std::uint32_t>(Level::kHigh));
  ASSERT_EQ(node(first).count(), 1u);
  EXPECT_TRUE(plan.successors(node(first))[0].early());
  EXPECT_EQ(node(second).kind(), static_cast<std::uint32_t>(Level::kNormal));
  EXPECT_EQ(node(second).count(), 0u);
  EXPECT_EQ(node(third).kind(), ComputeNode::kIdle);
  EXPECT_EQ(node(fourth).kind(), ComputeNode::kIdle);
  EXPECT_FALSE(node(first).has_extra());
  EXPECT_TRUE(node(second).has_extra());
  node(second).set_next(ComputeNode::kMask);
  EXPECT_EQ(node(second).next(), ComputeNode::kMask);
  node(second).set_next(0);
  EXPECT_EQ(node(second).next(), 0u);
  EXPECT_TRUE(node(second).has_extra());
}

}  // namespace
}  // namespace sched
