#pragma once

#include <cstdint>
#include <vector>

#include "core/base/error.h"
#include "core/graph/graph.h"

namespace sched {

// 300 000 jobs with 3 edges each fit into it, and take some seconds.
inline constexpr std::uint64_t kDownstreamBudget = 750'000'000;

// What Cargo orders jobs by: out[job] = its own cost, and that of the set of all that waits for it, directly or not, itself
// included. So its own cost counts twice, and a job that can be reached in two ways once. Costs beyond 64 bits count as the
// largest number.
//
// A chain or a tree takes O(jobs + edges). Any other graph takes O(jobs * (jobs + edges) / 512) and 68 bytes for each job,
// 4 for each edge. LIBSCHED_E_TOO_LARGE: jobs / 512 * (jobs + edges) would be more than the budget. The graph is frozen.
// Throws std::bad_alloc.
Status downstream(std::vector<std::uint64_t>& out, const Graph& graph, Error* error,
                  std::uint64_t budget = kDownstreamBudget);

}  // namespace sched
