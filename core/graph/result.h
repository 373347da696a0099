#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/graph/job_graph.h"
#include "core/graph/run_types.h"

namespace sched {

// What has become of the jobs of one run. It needs neither the run nor the graph.
struct Result {
  struct Summary {
    std::uint64_t count[6] = {};  // by JobState
    std::uint64_t tainted = 0;
    std::int64_t makespan_ns = 0;
    std::int64_t critical_path_ns = 0;
    std::int64_t work_ns = 0;
  };

  // What it needs of the graph. Throws std::bad_alloc.
  void describe(const JobGraph& graph);
  Summary summary() const;
  std::size_t size() const { return records.size(); }
  std::uint64_t id(JobIndex job) const { return ids[job]; }
  // kNoJob: it was none of this run's.
  JobIndex find(std::uint64_t id) const;
  const char* name(JobIndex job) const;

  Status status = LIBSCHED_OK;  // of the run
  std::vector<JobRecord> records;
  std::vector<std::uint64_t> ids;
  std::string names;                   // each with a 0 behind it
  std::vector<std::uint32_t> name_at;  // of each job, behind an empty one; empty: none has one
  std::uint32_t slots = 0;
  std::uint32_t peak = 0;
  std::int64_t start_ns = 0;
  std::int64_t end_ns = 0;
  std::int64_t critical_path_ns = 0;
};

}  // namespace sched
