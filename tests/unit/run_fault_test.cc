// Memory that ends at any moment of a run: it comes to its end, each job has run at most once, and all tokens are back.
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "core/graph/result.h"
#include "core/graph/run.h"
#include "core/jobserver/jobserver.h"
#include "core/pool/pool.h"
#include "tests/unit/failing_new.h"

namespace sched {
namespace {

struct Counted {
  std::atomic<int> runs{0};
  bool adds = false;
};

int run_counted(libsched_job* job, void* data) {
  Counted& counted = *static_cast<Counted*>(data);
  ++counted.runs;
  if (job->run == nullptr) return 0;
  try {
    if (counted.adds) {
      JobSpec spec;
      std::uint64_t id = 0;
      static_cast<void>(job->run->add(id, spec, {}, nullptr));
    }
    static_cast<void>(job->run->tell(*job, "text", 4, false));
  } catch (const std::bad_alloc&) {
  }
  return 0;
}

int hear(const RunMessage&, void*) { return 0; }

class RunFaultTest : public testing::Test {
 protected:
  static constexpr int kJobs = 12;

  RunFaultTest() {
    PoolOptions options;
    options.workers = 2;
    pool_ = new Pool(options);
    graph_ = new JobGraph(JobGraph::Order::kCriticalPath);
  }
  ~RunFaultTest() override {
    graph_->drop();
    static_cast<void>(pool_->shutdown(false, -1, nullptr, nullptr));
    pool_->abandon();
  }

  void build(bool commands, bool heavy = true) {
    static const char* const arguments[] = {":", nullptr};
    JobIndex before = kNoJob;
    for (int i = 0; i < kJobs; ++i) {
      JobSpec spec;
      const std::string name = std::string("job ").append(std::to_string(i));
      spec.name = name;
      spec.fn = run_counted;
      spec.user_data = &counted_[i];
      spec.job.fresh = i % 4 == 1;
      if (spec.job.fresh && !heavy) spec.fn = nullptr;  // does not go with computing
      spec.job.weight = heavy && i % 5 == 3 ? 2 : 1;
      counted_[i].adds = commands && i % 3 == 0;
      if (commands && i % 6 == 2) {
        spec.fn = nullptr;
        spec.arguments = arguments;
        spec.shell = true;
      }
      JobIndex job = kNoJob;
      ASSERT_EQ(graph_->add(job, spec, nullptr), LIBSCHED_OK);
      if (i % 3 != 0) {
        ASSERT_EQ(graph_->depend(JobRef::of(job), {JobRef::of(before)}, nullptr), LIBSCHED_OK);
      }
      before = job;
    }
  }

  // Runs it with ever more memory until that is enough. Says how often it was not.
  int run_until_done(const RunOptions& options) {
    for (int failures = 0;; ++failures) {
      for (Counted& counted : counted_) counted.runs = 0;
      Status status = -ENOMEM;
      {
        std::unique_ptr<Result> result;
        const test::ScarceMemory scarce(failures);
        try {
          status = Run::run(result, *graph_, pool_, options, nullptr, nullptr);
        } catch (const std::bad_alloc&) {
        }
      }
      EXPECT_EQ(pool_->wait_idle(-1, nullptr, nullptr), LIBSCHED_OK);
      for (const Counted& counted : counted_) EXPECT_LE(counted.runs, 1);
      if (options.jobserver != nullptr) {
        const Jobserver::Stats stats = options.jobserver->stats();
        EXPECT_EQ(stats.available + 1, stats.slots);
        EXPECT_EQ(stats.held, 0u);
        EXPECT_EQ(stats.waiting, 0u);
      }
      if (HasFailure() || status == LIBSCHED_OK) return failures;
    }
  }

  Pool* pool_ = nullptr;
  JobGraph* graph_ = nullptr;
  Counted counted_[kJobs];
};

TEST_F(RunFaultTest, Functions) {
  build(false);
  RunOptions options;
  options.slots = 3;
  EXPECT_GT(run_until_done(options), 10);
}

TEST_F(RunFaultTest, WithEverything) {
  build(true);
  Jobserver* jobserver = nullptr;
  ASSERT_EQ(Jobserver::serve(jobserver, ServedPool::Style::kPipe, 3, false, nullptr), LIBSCHED_OK);
  RunOptions options;
  options.slots = 3;
  options.handler = hear;
  options.jobserver = jobserver;
  options.output = RunOptions::Output::kGroup;
  EXPECT_GT(run_until_done(options), 50);
  jobserver->abandon();
}

TEST_F(RunFaultTest, Computing) {
  build(false, false);
  RunOptions options;
  options.slots = 3;
  options.compute = true;
  EXPECT_GT(run_until_done(options), 3);
}

// Jobs that do nothing, and wait for the one that adds them; the memory ends behind them.
int add_many(libsched_job* job, void* data) {
  const Dependency waits{JobRef::of(job->job)};
  for (int i = 0; i < *static_cast<int*>(data); ++i) {
    std::uint64_t id = 0;
    EXPECT_EQ(job->run->add(id, JobSpec(), {&waits, 1}, nullptr), LIBSCHED_OK);
  }
  test::allocations_left.store(0);
  return 0;
}

TEST_F(RunFaultTest, JobsThatAreReadyTogether) {
  RunOptions options;
  options.slots = 1;
  options.wants_result = false;
  for (int count = 1; count <= 100; ++count) {
    JobGraph* const graph = new JobGraph(JobGraph::Order::kCriticalPath);
    JobSpec spec;
    spec.fn = add_many;
    spec.user_data = &count;
    JobIndex job = kNoJob;
    ASSERT_EQ(graph->add(job, spec, nullptr), LIBSCHED_OK);
    std::unique_ptr<Result> result;
    {
      const test::ScarceMemory until_added(-1);
      ASSERT_EQ(Run::run(result, *graph, pool_, options, nullptr, nullptr), LIBSCHED_OK);
    }
    ASSERT_EQ(result->size(), static_cast<std::size_t>(count) + 1);
    ASSERT_EQ(result->records.back().state, JobState::kDone);
    graph->drop();
  }
}

}  // namespace
}  // namespace sched
