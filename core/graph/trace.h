#pragma once

#include "core/base/error.h"
#include "core/graph/result.h"

namespace sched {

// Writes what ran when as a trace in Chrome's JSON format, which Perfetto opens: one row for each job at work at a time, and how
// many they were. A file that exists is replaced. LIBSCHED_OK, -ENOMEM or a negated errno.
Status write_trace(const Result& result, const char* path, Error* error);

}  // namespace sched
