#pragma once

#include <cstdint>
#include <vector>

#include "core/graph/graph.h"

namespace sched {

// How long the work takes, at least, from the start of each job on: its own cost, and that of all that waits for it, on the
// longest path (its bottom level: Graham 1966, Hu 1961). Who waits for the early signal alone begins after the early cost.
// Costs beyond 64 bits count as the largest one. O(jobs + edges). The graph is frozen. Throws std::bad_alloc.
std::vector<std::uint64_t> critical_path(const Graph& graph);

}  // namespace sched
