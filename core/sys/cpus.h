#pragma once

#include <cstdint>

namespace sched::sys {

// CPUs that this process may really use: the affinity mask, limited by the cgroup's CPU quota (v2 and v1, every level
// up to the root), rounded up. At least 1.
std::uint32_t usable_cpus();

}  // namespace sched::sys
