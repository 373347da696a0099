#include "core/graph/compute_plan.h"

#include <algorithm>

#include "core/graph/job_graph.h"

namespace sched {

ComputePlan::ComputePlan(const JobGraph& graph)
    : nodes_(std::size_t{graph.graph().frozen_size()} + 1),
      dependencies_(graph.graph().dependency_counts()) {
  const Graph& jobs = graph.graph();
  successors_.reserve(jobs.edge_count());
  // Of two that are equally urgent the one that was added later is less so.
  const auto is_less_urgent = [&graph](Successor a, Successor b) {
    const std::uint64_t urgency_of_a = graph.priority(job_at(a.job()));
    const std::uint64_t urgency_of_b = graph.priority(job_at(b.job()));
    return urgency_of_a != urgency_of_b ? urgency_of_a < urgency_of_b : a.job() > b.job();
  };
  for (JobIndex job = 0; job < jobs.frozen_size(); ++job) {
    const JobBody& body = graph.body(job);
    ComputeNode& node = nodes_[place_of(job)];
    if (dependencies_[job] == 0) roots_.push_back(place_of(job));
    node.fn = body.fn;
    node.user_data = body.user_data;
    const bool is_idle = jobs.job(job).fresh || body.fn == nullptr;
    const auto list = jobs.successors(job);
    const std::uint32_t kind =
        is_idle ? ComputeNode::kIdle : static_cast<std::uint32_t>(jobs.job(job).level);
    node.count_and_kind = static_cast<std::uint32_t>(list.size()) | kind << ComputeNode::kBits;
    if (body.extra != nullptr) node.next_and_extra = ~ComputeNode::kMask;
    node.first = static_cast<std::uint32_t>(successors_.size());
    for (const Successor one : list) {
      successors_.emplace_back(place_of(one.job()),
                               one.early() ? EdgeKind::kEarly : EdgeKind::kFinished);
    }
    std::sort(successors_.end() - static_cast<std::ptrdiff_t>(list.size()), successors_.end(),
              is_less_urgent);
  }
}

}  // namespace sched
