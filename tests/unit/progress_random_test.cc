#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "core/graph/progress.h"
#include "tests/unit/graph_support.h"

namespace sched {
namespace {

using test::below;
using State = Progress::State;

// The rules, by looking at everybody each time.
class Model {
 public:
  struct Edge {
    JobIndex dependency;
    bool early;
  };

  JobIndex add(std::vector<Edge> edges) {
    jobs_.push_back({std::move(edges)});
    return static_cast<JobIndex>(jobs_.size() - 1);
  }
  JobIndex size() const { return static_cast<JobIndex>(jobs_.size()); }

  void start(JobIndex job) { jobs_[job].started = true; }
  void signal(JobIndex job) { jobs_[job].signalled = true; }
  void end(JobIndex job, bool failed) {
    jobs_[job].ended = true;
    jobs_[job].failed = failed;
    if (failed) failures_.push_back(job);
  }

  // All that may block a job: those which have failed, among all that it waits for, directly or not.
  bool is_behind(JobIndex job, JobIndex failed) const {
    std::vector<bool> seen(jobs_.size());
    std::vector<JobIndex> open{job};
    while (!open.empty()) {
      const JobIndex one = open.back();
      open.pop_back();
      for (const Edge& edge : jobs_[one].edges) {
        if (edge.dependency == failed) return true;
        if (!seen[edge.dependency]) open.push_back(edge.dependency);
        seen[edge.dependency] = true;
      }
    }
    return false;
  }
  bool is_blocked(JobIndex job) const {
    return std::any_of(failures_.begin(), failures_.end(),
                       [&](JobIndex failed) { return is_behind(job, failed); });
  }
  State state(JobIndex job) const {
    const One& one = jobs_[job];
    if (one.failed) return State::kFailed;
    if (one.ended) return State::kDone;
    if (one.started) return one.signalled ? State::kEarly : State::kRunning;
    if (is_blocked(job)) return State::kSkipped;
    const bool ready = std::all_of(one.edges.begin(), one.edges.end(), [&](const Edge& edge) {
      const One& other = jobs_[edge.dependency];
      return other.ended || (edge.early && other.signalled);
    });
    return ready ? State::kReady : State::kWaiting;
  }
  JobIndex unfinished() const {
    JobIndex count = 0;
    for (JobIndex job = 0; job < size(); ++job) {
      const State now = state(job);
      count += now != State::kDone && now != State::kFailed && now != State::kSkipped ? 1 : 0;
    }
    return count;
  }

 private:
  struct One {
    std::vector<Edge> edges;
    bool started = false, signalled = false, ended = false, failed = false;
  };
  std::vector<One> jobs_;
  std::vector<JobIndex> failures_;
};

class ProgressRandom : public ::testing::TestWithParam<std::uint32_t> {
 protected:
  void run_once(Progress& progress, Graph& graph, Model& model) {
    told_.clear();
    progress.begin([this](JobIndex job) { told_.push_back(job); });
    check(progress, model, State::kReady);
    while (progress.unfinished() != 0) {
      if (model.size() < 40 && below(random_, 8) == 0) add(progress, graph, model);
      const JobIndex job = below(random_, model.size());
      switch (model.state(job)) {
        case State::kReady:
          if (below(random_, 4) != 0) {
            ASSERT_TRUE(progress.start(job));
            model.start(job);
            break;
          }
          [[fallthrough]];  // it ends as it is
        case State::kRunning:
        case State::kEarly:
          step(progress, model, job);
          break;
        default:
          ASSERT_FALSE(progress.start(job));
          ASSERT_FALSE(progress.signal_early(job, [](JobIndex) { FAIL(); }));
      }
      ASSERT_FALSE(HasFatalFailure());
    }
    ASSERT_TRUE(progress.is_over());
  }

  void step(Progress& progress, Model& model, JobIndex job) {
    told_.clear();
    const auto tell = [this](JobIndex other) { told_.push_back(other); };
    const bool may_signal = model.state(job) == State::kRunning;
    if (may_signal && below(random_, 2) == 0) {
      ASSERT_TRUE(progress.signal_early(job, tell));
      model.signal(job);
      check(progress, model, State::kReady);
    } else if (below(random_, 100) < failures_) {
      const std::vector<bool> before = blocked(model);
      progress.fail(job, tell);
      model.end(job, true);
      check(progress, model, State::kSkipped, &before);
    } else {
      progress.finish(job, tell);
      model.end(job, false);
      check(progress, model, State::kReady);
    }
  }

  void add(Progress& progress, Graph& graph, Model& model) {
    std::vector<Dependency> dependencies;
    std::vector<Model::Edge> edges;
    for (std::uint32_t i = below(random_, 4); i > 0; --i) {
      const JobIndex on = below(random_, model.size());
      const bool early = below(random_, 2) == 0;
      const std::string_view name = graph.name(on);
      const JobRef ref =
          name.empty() || below(random_, 2) == 0 ? JobRef::of(on) : graph.named(name);
      dependencies.push_back({ref, early ? EdgeKind::kEarly : EdgeKind::kFinished});
      edges.push_back({on, early});
    }
    const std::string name = below(random_, 2) == 0 ? "" : test::numbered("late ", model.size());
    JobIndex job = kNoJob;
    ASSERT_EQ(progress.add(job, {}, name, dependencies, nullptr), LIBSCHED_OK);
    ASSERT_EQ(job, model.add(edges));
    states_.push_back(model.state(job));
    check_states(progress, model);
  }

  std::vector<bool> blocked(const Model& model) {
    std::vector<bool> all;
    for (JobIndex job = 0; job < model.size(); ++job) all.push_back(model.is_blocked(job));
    return all;
  }

  // Those that were told of are the ones that have come to this state, or are blocked and were not.
  void check(Progress& progress, const Model& model, State state,
             const std::vector<bool>* blocked_before = nullptr) {
    std::vector<JobIndex> expected;
    states_.resize(model.size(), State::kWaiting);
    for (JobIndex job = 0; job < model.size(); ++job) {
      const State now = model.state(job);
      if (blocked_before != nullptr ? !(*blocked_before)[job] && model.is_blocked(job)
                                    : now == state && states_[job] != state) {
        expected.push_back(job);
      }
    }
    std::sort(told_.begin(), told_.end());
    ASSERT_EQ(told_, expected);
    check_states(progress, model);
  }

  void check_states(Progress& progress, const Model& model) {
    for (JobIndex job = 0; job < model.size(); ++job) {
      states_[job] = model.state(job);
      ASSERT_EQ(progress.state(job), states_[job]) << "job " << job;
      const JobIndex by = progress.blocked_by(job);
      ASSERT_EQ(by != kNoJob, model.is_blocked(job)) << "job " << job;
      if (by == kNoJob) continue;
      ASSERT_EQ(model.state(by), State::kFailed) << "job " << job;
      ASSERT_TRUE(model.is_behind(job, by)) << "job " << job;
    }
    ASSERT_EQ(progress.unfinished(), model.unfinished());
  }

  std::mt19937 random_{GetParam()};
  std::uint32_t failures_ = 0;  // of 100 ends
  std::vector<JobIndex> told_;
  std::vector<State> states_;
};

TEST_P(ProgressRandom, EqualsTheModel) {
  for (int round = 0; round < 40 / SCHED_STRESS_DIVISOR + 2; ++round) {
    const std::uint32_t jobs = 1 + below(random_, 20);
    const auto dag = test::random_dag(random_, jobs, below(random_, 2 * jobs));
    Graph graph;
    dag.build(graph);
    Progress progress(graph);
    for (int run = 0; run < 3; ++run) {
      failures_ = 40 * below(random_, 2);
      std::vector<std::vector<Model::Edge>> edges(jobs);
      for (const auto& edge : dag.edges) {
        edges[edge.dependent].push_back({edge.dependency, edge.kind == EdgeKind::kEarly});
      }
      Model model;
      for (auto& of_job : edges) model.add(std::move(of_job));
      states_.assign(jobs, State::kWaiting);
      run_once(progress, graph, model);
      ASSERT_FALSE(HasFatalFailure()) << "round " << round << ", run " << run;
      progress.reset();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ProgressRandom, ::testing::Range(0u, 20u));

}  // namespace
}  // namespace sched
