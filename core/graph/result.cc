#include "core/graph/result.h"

#include <algorithm>

namespace sched {
namespace {

std::int64_t length_of(const JobRecord& record) {
  return record.start_ns != 0 ? record.end_ns - record.start_ns : 0;
}

// The longest chain of jobs by the time that they took.
std::int64_t longest_chain(const Graph& graph, const std::vector<JobRecord>& records) {
  std::vector<std::int64_t> begin(records.size(), 0);
  std::int64_t longest = 0;
  const auto visit = [&](JobIndex job) {
    const JobRecord& record = records[job];
    const std::int64_t end = begin[job] + length_of(record);
    const std::int64_t early =
        record.early_ns != 0 ? begin[job] + record.early_ns - record.start_ns : end;
    longest = std::max(longest, end);
    graph.for_each_successor(job, [&](Successor next) {
      std::int64_t& at = begin[next.job()];
      at = std::max(at, next.early() ? early : end);
    });
  };
  for (const JobIndex job : graph.order()) visit(job);
  for (JobIndex job = graph.frozen_size(); job < records.size(); ++job) visit(job);
  return longest;
}

}  // namespace

void Result::describe(const JobGraph& jobs) {
  const Graph& graph = jobs.graph();
  ids.reserve(records.size());
  names.assign(1, '\0');
  for (JobIndex job = 0; job < records.size(); ++job) {
    ids.push_back(graph.id(job));
    const std::string_view name = graph.name(job);
    if (name.empty()) continue;
    name_at.resize(job + 1, 0);
    name_at[job] = static_cast<std::uint32_t>(names.size());
    names.append(name).append(1, '\0');
  }
  critical_path_ns = longest_chain(graph, records);
}

JobIndex Result::find(std::uint64_t id) const {
  const auto job = static_cast<JobIndex>(id) - 1;
  return job < ids.size() && ids[job] == id ? job : kNoJob;
}

const char* Result::name(JobIndex job) const {
  return job < name_at.size() ? names.c_str() + name_at[job] : names.c_str();
}

Result::Summary Result::summary() const {
  Summary out;
  for (const JobRecord& record : records) {
    ++out.count[static_cast<std::size_t>(record.state)];
    out.tainted += record.tainted ? 1 : 0;
    out.work_ns += length_of(record);
  }
  out.makespan_ns = end_ns - start_ns;
  out.critical_path_ns = critical_path_ns;
  return out;
}

}  // namespace sched
