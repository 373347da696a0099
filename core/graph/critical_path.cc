#include "core/graph/critical_path.h"

#include <algorithm>
#include <cstddef>

#include "core/base/saturating.h"

namespace sched {

std::vector<std::uint64_t> critical_path(const Graph& graph) {
  std::vector<std::uint64_t> length(graph.frozen_size());
  const auto order = graph.order();
  for (std::size_t i = order.size(); i-- > 0;) {
    const JobIndex job = order[i];
    const std::uint64_t cost = graph.job(job).cost;
    const std::uint64_t early_cost = graph.early_cost(job);
    std::uint64_t longest = cost;
    for (const Successor successor : graph.successors(job)) {
      const std::uint64_t before = successor.early() ? early_cost : cost;
      longest = std::max(longest, saturating_add(before, length[successor.job()]));
    }
    length[job] = longest;
  }
  return length;
}

}  // namespace sched
