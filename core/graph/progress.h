#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/graph/graph.h"
#include "core/graph/job.h"

namespace sched {

// Which jobs of a frozen graph may start, as others end: one run of it, or several one after the other. Nothing recurses, and
// nothing but construction and add() allocates. 5 bytes for each job. Under one lock of the user's, with the graph.
//
// A job waits, is ready, runs (and may signal early while it does), and ends: done or failed; or it is skipped, when one that
// it waits for, directly or not, has failed before it has started. Who had started by then, because it waited for the early
// signal alone, is tainted, also if it is done: it ends as it ends, but all that waits for it and has not started is skipped.
class Progress {
 public:
  enum class State : std::uint8_t { kWaiting, kReady, kRunning, kEarly, kDone, kFailed, kSkipped };

  // Of a frozen graph. Throws std::bad_alloc.
  explicit Progress(Graph& graph);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // The first step: calls ready(job) for each that waits for none, in their order.
  template <class Ready>
  void begin(Ready ready);

  // A ready job runs from now on. False: it has been skipped.
  bool start(JobIndex job);
  // Calls ready(job) for each that waited for this signal last. False: it does not run, or has signalled before.
  template <class Ready>
  bool signal_early(JobIndex job, Ready ready);
  // The job, which runs or is ready, has ended well; that includes its early signal. Calls ready(job) as above.
  template <class Ready>
  void finish(JobIndex job, Ready ready);
  // The job, which runs or is ready, has failed. Calls blocked(job) for each that is skipped or tainted now, the nearest first.
  template <class Blocked>
  void fail(JobIndex job, Blocked blocked);

  // Adds a job while the graph runs; it is waiting, ready or skipped then. Its dependencies may be of any state, may be named,
  // and may come twice. -ENOENT: one is named that is not there. -EEXIST: its own name is used. LIBSCHED_E_CLOSED: the run is
  // over. LIBSCHED_E_TOO_LARGE. Throws std::bad_alloc. In all these cases nothing has changed.
  Status add(JobIndex& out, const Job& job, std::string_view name,
             std::span<const Dependency> dependencies, Error* error);
  // As long as somebody holds it, the run is not over.
  void hold() {
    is_new_ = false;
    ++holds_;
  }
  void release() { --holds_; }

  State state(JobIndex job) const { return states_[job]; }
  // A job that it waited for has failed, by which it is skipped or tainted.
  bool is_blocked(JobIndex job) const { return (waits_[job] & kBlocked) != 0; }
  // That job; kNoJob: it is not blocked.
  JobIndex blocked_by(JobIndex job) const {
    return is_blocked(job) ? waits_[job] & kNoJob : kNoJob;
  }
  // Jobs that have not ended.
  JobIndex unfinished() const { return unfinished_; }
  bool is_over() const { return unfinished_ == 0 && holds_ == 0; }

  // Forgets the run, and the jobs that were added in it.
  void reset();

 private:
  static constexpr std::uint32_t kBlocked = std::uint32_t{1} << 31;

  // What the dependent waits for has come.
  template <class Ready>
  void satisfy(JobIndex dependent, Ready& ready) {
    // A blocked job's word is no count.
    if (is_blocked(dependent) || --waits_[dependent] != 0) return;
    states_[dependent] = State::kReady;
    ready(dependent);
  }
  bool is_satisfied(Successor dependency) const {
    const State state = states_[dependency.job()];
    return state == State::kDone || (state == State::kEarly && dependency.early());
  }

  // Makes dependencies_ of them.
  Status resolve(std::span<const Dependency> dependencies, Error* error);
  JobIndex failed_dependency() const;

  Graph& graph_;
  // Of each job, how many others it waits for; or kBlocked, and the job that has failed.
  std::vector<std::uint32_t> waits_;
  std::vector<State> states_;
  std::vector<Successor> dependencies_;  // of the job that add() adds
  JobIndex unfinished_ = 0;
  std::uint64_t holds_ = 0;
  bool is_new_ = false;  // nothing has happened since the last reset()
};

template <class Ready>
void Progress::begin(Ready ready) {
  is_new_ = false;
  for (JobIndex job = 0; job < graph_.frozen_size(); ++job) {
    if (waits_[job] != 0) continue;
    states_[job] = State::kReady;
    ready(job);
  }
}

template <class Ready>
bool Progress::signal_early(JobIndex job, Ready ready) {
  if (states_[job] != State::kRunning) return false;
  states_[job] = State::kEarly;
  graph_.for_each_successor(job, [&](Successor successor) {
    if (successor.early()) satisfy(successor.job(), ready);
  });
  return true;
}

template <class Ready>
void Progress::finish(JobIndex job, Ready ready) {
  const bool signalled = states_[job] == State::kEarly;
  states_[job] = State::kDone;
  --unfinished_;
  graph_.for_each_successor(job, [&](Successor successor) {
    if (!(signalled && successor.early())) satisfy(successor.job(), ready);
  });
}

template <class Blocked>
void Progress::fail(JobIndex job, Blocked blocked) {
  states_[job] = State::kFailed;
  --unfinished_;
  // Those that were found and whose dependents were not looked at yet are a list, linked by their words. Whoever was blocked
  // before has only dependents that are blocked, so no job is looked at twice in a run.
  JobIndex first = kNoJob;
  JobIndex last = kNoJob;
  const auto block = [&](Successor successor) {
    const JobIndex found = successor.job();
    if (is_blocked(found)) return;
    waits_[found] = kBlocked | kNoJob;
    if (first == kNoJob) {
      first = found;
    } else {
      waits_[last] = kBlocked | found;
    }
    last = found;
  };
  graph_.for_each_successor(job, block);
  while (first != kNoJob) {
    const JobIndex found = first;
    graph_.for_each_successor(found, block);
    first = waits_[found] & kNoJob;
    waits_[found] = kBlocked | job;
    State& state = states_[found];
    if (state == State::kWaiting || state == State::kReady) {
      state = State::kSkipped;
      --unfinished_;
    }
    blocked(found);
  }
}

}  // namespace sched
