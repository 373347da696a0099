#include <memory>

#include "core/graph/compute_run.h"
#include "core/sync/cancel.h"
#include "tests/model/engine/system.h"
#include "tests/model/scenarios/items.h"

namespace model {
namespace {

using sched::CancelSwitch;
using sched::ComputeRun;
using sched::Dependency;
using sched::EdgeKind;
using sched::JobGraph;
using sched::JobIndex;
using sched::JobRef;
using sched::JobSpec;
using sched::JobState;
using sched::Pool;
using sched::PoolOptions;
using sched::Result;
using sched::RunOptions;
using sched::Status;

// A graph of jobs that each write a cell of their own, once, and read those of what they wait for; and its run on the shipping pool.
// What the jobs wrote is read by the caller after the run.
class Plan {
 public:
  explicit Plan(std::uint32_t workers) {
    install_system();
    PoolOptions options;
    options.workers = workers;
    pool_ = new Pool(options);
    name(*pool_, "pool");
    graph_ = new JobGraph(JobGraph::Order::kCriticalPath);
  }
  ~Plan() {
    graph_->drop();
    check(pool_->shutdown(false, -1, nullptr, nullptr) == LIBSCHED_OK, "a shutdown failed");
    pool_->abandon();
  }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  Pool& pool() { return *pool_; }
  // What the job does besides.
  struct Does {
    int code = 0;
    bool signals = false;
    CancelSwitch* cancels = nullptr;
    bool fresh = false;
  };
  int add() { return add(Does()); }
  int add(const Does& does) {
    Job& job = jobs_[count_];
    job.plan = this;
    job.does = does;
    JobSpec spec;
    spec.job.fresh = does.fresh;
    spec.fn = does.fresh ? nullptr : &run_job;
    spec.user_data = &job;
    JobIndex index = 0;
    check(graph_->add(index, spec, nullptr) == LIBSCHED_OK, "a job is not taken");
    return count_++;
  }
  void depend(int job, int on, EdgeKind kind = EdgeKind::kFinished) {
    const Dependency dependency{JobRef::of(static_cast<JobIndex>(on)), kind};
    check(
        graph_->depend(JobRef::of(static_cast<JobIndex>(job)), dependency, nullptr) == LIBSCHED_OK,
        "an edge is not taken");
    jobs_[job].parents[jobs_[job].parent_count++] = on;
  }

  Status run(CancelSwitch* cancel = nullptr) {
    RunOptions options;
    options.slots = 8;
    options.compute = true;
    check(graph_->begin_use(), "the graph is in use");
    check(graph_->prepare(nullptr) == LIBSCHED_OK, "the graph cannot be run");
    graph_->reset();
    const Status status = ComputeRun::run(result_, *graph_, *pool_, options, cancel, nullptr);
    graph_->end_use();
    over_ = true;
    for (int i = 0; i < count_; ++i) {
      const bool runs = !jobs_[i].does.fresh;
      const JobState state = result_.records[static_cast<JobIndex>(i)].state;
      if (runs && state == JobState::kDone)
        check(jobs_[i].ran == 1, "a job is done and did not run");
      if (state == JobState::kSkipped || state == JobState::kCancelled) {
        check(jobs_[i].ran == 0, "a job ran that was not to");
      }
    }
    return status;
  }
  JobState state(int job) const { return result_.records[static_cast<JobIndex>(job)].state; }

 private:
  static constexpr int kMost = 6;
  struct Job {
    Plan* plan = nullptr;
    Does does;
    int parents[3] = {};
    int parent_count = 0;
    Plain<int> ran{0};
  };

  static int run_job(libsched_job* at, void* data) {
    Job& job = *static_cast<Job*>(data);
    Plan& plan = *job.plan;
    check(!plan.over_, "a job runs after its run");
    check(++job.ran == 1, "a job runs twice");
    for (int i = 0; i < job.parent_count; ++i) {
      const Job& parent = plan.jobs_[job.parents[i]];
      if (!parent.does.fresh) check(parent.ran == 1, "a job runs before its parent");
    }
    if (job.does.signals) check(at->compute->signal_early(*at) == LIBSCHED_OK, "no signal");
    if (job.does.cancels != nullptr) job.does.cancels->trigger();
    return job.does.code;
  }

  Pool* pool_;
  JobGraph* graph_;
  Result result_;
  Job jobs_[kMost];
  int count_ = 0;
  bool over_ = false;  // any thread: only one runs at a time
};

// The last of two parents to end, on whatever worker, runs their child.
SCENARIO(compute_run_join, .bound = 0, .deep_bound = 1, .random = 5000, .pct = 5000, .limit = 5000,
         .kills = {"ComputeRunOrders"}) {
  Plan plan(2);
  const int first = plan.add();
  const int second = plan.add();
  const int child = plan.add();
  plan.depend(child, first);
  plan.depend(child, second);
  check(plan.run() == LIBSCHED_OK, "a run has failed");
}

// The caller goes to sleep while the last chain ends, and the run goes at once.
SCENARIO(compute_run_end, .bound = 2, .deep_bound = 3, .random = 3000, .pct = 3000, .limit = 20000,
         .kills = {"ComputeRunOrders"}) {
  Plan plan(1);
  plan.add();
  check(plan.run() == LIBSCHED_OK, "a run has failed");
}

// Of two children one is run inline and one submitted; the run is over when both were.
SCENARIO(compute_run_fork, .bound = 0, .deep_bound = 1, .random = 3000, .pct = 3000, .limit = 5000,
         .kills = {"ComputeRunOrders"}) {
  Plan plan(2);
  const int root = plan.add();
  for (int i = 0; i < 2; ++i) plan.depend(plan.add(), root);
  check(plan.run() == LIBSCHED_OK, "a run has failed");
}

// What is cancelled is cancelled once, whether or not it is ready by then, and what ran is waited for.
SCENARIO(compute_run_cancel, .bound = 1, .deep_bound = 2, .random = 3000, .pct = 3000,
         .limit = 5000) {
  Plan plan(1);
  CancelSwitch cancel;
  plan.depend(plan.add(), plan.add());
  Status status = LIBSCHED_OK;
  {
    Thread canceller([&] { cancel.trigger(); });
    status = plan.run(&cancel);
  }
  check(status == LIBSCHED_OK || status == LIBSCHED_E_CANCELLED, "a run has failed");
  for (int job = 0; job < 2; ++job) {
    const JobState state = plan.state(job);
    check(state == JobState::kDone || (state == JobState::kCancelled && status != LIBSCHED_OK),
          "a job is neither done nor cancelled");
  }
}

// From within, while another chain is at its end.
SCENARIO(compute_run_cancel_inside, .bound = 0, .deep_bound = 1, .random = 3000, .pct = 3000,
         .limit = 5000) {
  Plan plan(2);
  CancelSwitch cancel;
  const int first = plan.add({.cancels = &cancel});
  const int second = plan.add();
  const int child = plan.add();
  plan.depend(child, first);
  plan.depend(child, second);
  check(plan.run(&cancel) == LIBSCHED_E_CANCELLED, "a run was not cancelled");
  check(plan.state(first) == JobState::kDone, "the job that has cancelled is not done");
  check(plan.state(child) == JobState::kCancelled, "a job has started after the cancel");
}

// A parent fails while the other one ends: the child never runs.
SCENARIO(compute_run_failure, .bound = 0, .deep_bound = 1, .random = 3000, .pct = 3000,
         .limit = 5000) {
  Plan plan(2);
  const int first = plan.add({.code = 5});
  const int second = plan.add();
  const int child = plan.add();
  plan.depend(child, first);
  plan.depend(child, second);
  check(plan.run() == LIBSCHED_E_FAILED, "a run has not failed");
  check(plan.state(first) == JobState::kFailed, "the job that fails has not");
  check(plan.state(child) == JobState::kSkipped, "a job was not skipped");
}

// What a chain keeps lies open, is taken back and lies open again with more behind it: the offer, or the chain itself, runs it behind
// all that it waits for.
SCENARIO(compute_run_offer, .bound = 0, .deep_bound = 1, .random = 5000, .pct = 5000, .limit = 5000,
         .kills = {"ComputeRunOrders"}) {
  Plan plan(2);
  const int root = plan.add();
  const int first = plan.add();
  plan.depend(first, root);
  plan.depend(plan.add(), root);
  for (int i = 0; i < 2; ++i) plan.depend(plan.add(), first);
  check(plan.run() == LIBSCHED_OK, "a run has failed");
}

// A signal and the end of another parent: the child is run once.
SCENARIO(compute_run_early, .bound = 0, .deep_bound = 1, .random = 3000, .pct = 3000,
         .limit = 5000) {
  Plan plan(2);
  const int first = plan.add({.signals = true});
  const int second = plan.add();
  const int child = plan.add();
  plan.depend(child, first, EdgeKind::kEarly);
  plan.depend(child, second);
  check(plan.run() == LIBSCHED_OK, "a run has failed");
}

// Jobs that do nothing pass on what their parents did.
SCENARIO(compute_run_fresh, .bound = 0, .deep_bound = 1, .random = 3000, .pct = 3000,
         .limit = 5000) {
  Plan plan(2);
  const int first = plan.add();
  const int second = plan.add();
  const int middle = plan.add({.fresh = true});
  const int child = plan.add();
  plan.depend(middle, first);
  plan.depend(middle, second);
  plan.depend(child, middle);
  check(plan.run() == LIBSCHED_OK, "a run has failed");
}

}  // namespace
}  // namespace model
