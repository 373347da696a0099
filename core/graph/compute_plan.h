#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/base/prefetch.h"
#include "core/graph/job.h"
#include "core/graph/job_body.h"
#include "core/sync/std_sync.h"

namespace sched {

class ComputeRun;
class JobGraph;

// What a run that computes reads of a job, and writes of it, in half a line of the cache: whoever takes away the last of what
// it waits for has everything at hand.
struct alignas(32) ComputeNode {
  static constexpr std::uint32_t kBits = 30;  // of a place, and of a number of jobs
  static constexpr std::uint32_t kMask = (std::uint32_t{1} << kBits) - 1;
  static constexpr std::uint32_t kIdle = 3;  // a kind: it does nothing

  JobFn fn = nullptr;
  void* user_data = nullptr;
  StdSync::atomic<std::uint32_t> waits{0};
  std::uint32_t next_and_extra = 0;
  std::uint32_t first = 0;  // of its successors
  std::uint32_t count_and_kind = 0;

  // In the list where it is; 0: it is the last.
  std::uint32_t next() const { return next_and_extra & kMask; }
  void set_next(std::uint32_t place) { next_and_extra = (next_and_extra & ~kMask) | place; }
  bool has_extra() const { return (next_and_extra >> kBits) != 0; }
  std::uint32_t count() const { return count_and_kind & kMask; }
  std::uint32_t kind() const { return count_and_kind >> kBits; }  // its level, or kIdle
};

// The jobs of a graph and their successors, laid out for runs that compute. 32 bytes for each job and 4 for each edge. The job
// with the index i is at i + 1; at 0 is what belongs to no job.
class ComputePlan {
 public:
  static JobIndex job_at(std::uint32_t place) { return place - 1; }
  static std::uint32_t place_of(JobIndex job) { return job + 1; }

  // Of a graph that is prepared. Throws std::bad_alloc.
  explicit ComputePlan(const JobGraph& graph);

  // Whose it is: one run at a time.
  void set_run(ComputeRun& run) { nodes_[0].user_data = &run; }
  // The counters are as a run wants them. A run that is broken off leaves them as they are.
  bool is_ready() const { return is_ready_; }
  void set_ready(bool is_ready) { is_ready_ = is_ready; }
  // By a node whose `next` is its own place.
  static ComputeRun& run_of(ComputeNode& node) {
    return *static_cast<ComputeRun*>((&node - node.next())->user_data);
  }

  ComputeNode& operator[](std::uint32_t place) { return nodes_[place]; }
  std::uint32_t end() const { return static_cast<std::uint32_t>(nodes_.size()); }
  // What it waits for, when a run begins.
  std::uint32_t dependencies(std::uint32_t place) const { return dependencies_[job_at(place)]; }
  // The places of the jobs that wait for none.
  const std::vector<std::uint32_t>& roots() const { return roots_; }
  // The least urgent first. Their jobs are places.
  std::span<const Successor> successors(const ComputeNode& node) const {
    return {successors_.data() + node.first, node.count()};
  }
  // Before a job ends: what is read of it then, and written of its successors, is probably in no cache of this CPU, and is
  // asked for all at once.
  void prefetch_list(const ComputeNode& node) const { prefetch(successors_.data() + node.first); }
  void prefetch_successors(const ComputeNode& node) const {
    for (const Successor one : successors(node)) prefetch_to_write(&nodes_[one.job()]);
  }
  // What comes next to be touched, where jobs were added about in the order in which they run.
  void prefetch_next(const ComputeNode& node) const {
    prefetch_behind(&node, kAhead * sizeof(ComputeNode));
    prefetch_behind(successors_.data() + node.first, kAhead * sizeof(Successor));
  }

 private:
  // Nodes, and edges: farther than the first touch of a node lies before its turn, where a thousand jobs are ready at a time.
  static constexpr std::size_t kAhead = 3000;

  std::vector<ComputeNode> nodes_;
  std::vector<Successor> successors_;
  std::vector<std::uint32_t> roots_;
  const std::span<const std::uint32_t> dependencies_;
  bool is_ready_ = false;
};

}  // namespace sched
