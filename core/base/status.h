#pragma once

// The codes belong to the ABI and are written once, in its header; this is the only one core takes from there.
#include <libsched/status.h>

#include <cstdint>

namespace sched {

// 0, a negated errno, or one of LIBSCHED_E_*.
using Status = int;

const char* status_name(Status status);
const char* status_message(Status status);

}  // namespace sched
