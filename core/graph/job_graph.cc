#include "core/graph/job_graph.h"

#include <atomic>
#include <utility>

#include "core/base/call.h"
#include "core/graph/compute_plan.h"
#include "core/graph/critical_path.h"
#include "core/graph/downstream.h"

namespace sched {
namespace {

// Graphs are told apart by it. Of the process, so no atomic of the model checker.
std::uint32_t next_serial() {
  static constinit std::atomic<std::uint32_t> last{0};
  return last.fetch_add(1) + 1;
}

}  // namespace

JobGraph::JobGraph(Order order) : order_(order), graph_(next_serial()) {}

JobGraph::~JobGraph() noexcept(false) { discard_from(0); }

void JobGraph::discard_from(JobIndex first) {
  // One that has ended its thread leaves the others to this.
  struct Rest {
    JobGraph& graph;
    const JobIndex first;
    ~Rest() {
      while (graph.bodies_.size() > first) graph.discard_last();
    }
  } const rest{*this, first};
  while (bodies_.size() > first) discard_last();
}

void JobGraph::discard_last() {
  const JobBody body = bodies_.pop_back();
  if (body.discard == nullptr) return;
  call_user([&] { return body.discard(body.user_data), 0; });  // user code
}

Status JobGraph::check(const JobSpec& spec, Error* error) const {
  const std::uint32_t limit = spec.job.limit_class;
  if (limit == kNoLimitClass || limit < limits_.size()) return LIBSCHED_OK;
  return fail(error, LIBSCHED_E_RANGE, "there is no limit class %u", limit + 1);
}

// It is in the graph, and there is room for it here.
void JobGraph::note(const JobSpec& spec, JobBody body) {
  if (spec.job.weight > 1) ++heavy_;
  if (spec.job.limit_class != kNoLimitClass) ++limits_[spec.job.limit_class].count;
  if (body.is_command()) {
    ++commands_;
  } else if (body.fn != nullptr && spec.job.fresh) {
    ++replays_;
  } else if (body.fn != nullptr) {
    ++functions_;
    timeouts_ = timeouts_ || spec.timeout_ns >= 0;
  }
  bodies_.push_back(std::move(body));
}

Status JobGraph::add(JobIndex& out, const JobSpec& spec, Error* error) {
  if (const Status status = check(spec, error)) return status;
  bodies_.make_room();
  JobBody body = spec.body();
  if (const Status status = graph_.add(out, spec.job, spec.name, error)) return status;
  note(spec, std::move(body));
  return LIBSCHED_OK;
}

Status JobGraph::add_later(JobIndex& out, const JobSpec& spec,
                           std::span<const Dependency> dependencies, Error* error) {
  if (const Status status = check(spec, error)) return status;
  bodies_.make_room();
  JobBody body = spec.body();
  const Status status = progress_->add(out, spec.job, spec.name, dependencies, error);
  if (status != LIBSCHED_OK) return status;
  note(spec, std::move(body));
  return LIBSCHED_OK;
}

std::uint32_t JobGraph::limit(std::string_view name, std::uint32_t most) {
  for (std::uint32_t i = 0; i < limits_.size(); ++i) {
    if (limits_[i].name != name) continue;
    limits_[i].most = most;
    return i;
  }
  limits_.push_back({std::string(name), most, 0});
  return static_cast<std::uint32_t>(limits_.size() - 1);
}

Status JobGraph::prepare(Error* error) {
  if (progress_ != nullptr) return LIBSCHED_OK;
  if (!graph_.is_frozen()) {
    if (const Status status = graph_.freeze(error)) return status;
  }
  if (order_ == Order::kCriticalPath) {
    priorities_ = critical_path(graph_);
  } else if (const Status status = downstream(priorities_, graph_, error)) {
    return status;
  }
  progress_ = std::make_unique<Progress>(graph_);
  return LIBSCHED_OK;
}

ComputePlan& JobGraph::compute_plan() {
  if (compute_plan_ == nullptr) compute_plan_ = std::make_unique<ComputePlan>(*this);
  return *compute_plan_;
}

void JobGraph::reset() {
  if (progress_ == nullptr) return;
  const JobIndex first = graph_.frozen_size();
  for (JobIndex job = first; job < graph_.size(); ++job) {
    const std::uint32_t limit = graph_.job(job).limit_class;
    if (graph_.job(job).weight > 1) --heavy_;
    if (limit != kNoLimitClass) --limits_[limit].count;
    if (bodies_[job].is_command()) {
      --commands_;
    } else if (bodies_[job].fn != nullptr) {
      --(graph_.job(job).fresh ? replays_ : functions_);
    }
  }
  progress_->reset();
  discard_from(first);
}

}  // namespace sched
