#pragma once

#include "core/graph/job_graph.h"
#include "handle.h"

struct libsched_graph : sched::capi::Handle {
  static constexpr uint32_t kKind = LIBSCHED_KIND_GRAPH;
  explicit libsched_graph(sched::JobGraph* graph) : Handle(kKind), body(graph) {}
  sched::JobGraph* const body;
};

namespace sched::capi {

// What the options say; the pointers stay the caller's.
Status read_job(const libsched_job_options* given, JobSpec& out, Error* error);
// LIBSCHED_E_RANGE for a number that is no kind of dependency.
Status read_kind(uint32_t kind, EdgeKind& out, Error* error);

}  // namespace sched::capi
