#include "core/graph/progress.h"

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "core/graph/room.h"

namespace sched {

Progress::Progress(Graph& graph) : graph_(graph) {
  waits_.reserve(graph.size());
  states_.reserve(graph.size());
  reset();
}

void Progress::reset() {
  if (is_new_) return;
  graph_.drop_later();
  const auto counts = graph_.dependency_counts();
  waits_.assign(counts.begin(), counts.end());
  states_.assign(counts.size(), State::kWaiting);
  unfinished_ = graph_.frozen_size();
  holds_ = 0;
  is_new_ = true;
}

bool Progress::start(JobIndex job) {
  if (states_[job] != State::kReady) return false;
  states_[job] = State::kRunning;
  return true;
}

Status Progress::resolve(std::span<const Dependency> dependencies, Error* error) {
  dependencies_.clear();
  for (const Dependency& dependency : dependencies) {
    const JobIndex job = graph_.find(dependency.job);
    if (job == kNoJob) {
      const std::string name = graph_.label(dependency.job);
      return sched::fail(error, -ENOENT, "no job is named \"%s\"", name.c_str());
    }
    dependencies_.emplace_back(job, dependency.kind);
  }
  return LIBSCHED_OK;
}

// Of the dependencies; kNoJob: none has failed, nor is blocked.
JobIndex Progress::failed_dependency() const {
  for (const Successor dependency : dependencies_) {
    const JobIndex job = dependency.job();
    if (states_[job] == State::kFailed) return job;
    if (is_blocked(job)) return blocked_by(job);
  }
  return kNoJob;
}

Status Progress::add(JobIndex& out, const Job& job, std::string_view name,
                     std::span<const Dependency> dependencies, Error* error) {
  if (is_over()) return sched::fail(error, LIBSCHED_E_CLOSED, "the run is over");
  is_new_ = false;
  Status status = resolve(dependencies, error);
  if (status != LIBSCHED_OK) return status;
  const JobIndex failed = failed_dependency();
  make_room(waits_);
  make_room(states_);
  // Also what has been satisfied: a job that has signalled may fail, and one that is done may be tainted then.
  status = graph_.append(out, job, name, dependencies_, error);
  if (status != LIBSCHED_OK) return status;
  if (failed != kNoJob) {
    waits_.push_back(kBlocked | failed);
    states_.push_back(State::kSkipped);
    return LIBSCHED_OK;
  }
  const auto waits = std::count_if(dependencies_.begin(), dependencies_.end(),
                                   [this](Successor one) { return !is_satisfied(one); });
  waits_.push_back(static_cast<std::uint32_t>(waits));
  states_.push_back(waits == 0 ? State::kReady : State::kWaiting);
  ++unfinished_;
  return LIBSCHED_OK;
}

}  // namespace sched
