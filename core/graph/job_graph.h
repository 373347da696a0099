#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/graph/blocks.h"
#include "core/graph/graph.h"
#include "core/graph/job_body.h"
#include "core/graph/progress.h"
#include "core/sync/ref_count.h"
#include "core/sync/std_sync.h"

namespace sched {

class ComputePlan;

// A graph with what its jobs do, for one thread at a time; and for one run at a time, under that run's lock.
class JobGraph {
  // The next user sees what the last one has done.
  struct Orders {
    static constexpr std::memory_order kBegin = std::memory_order_acquire;  // pairs with kEnd
    static constexpr std::memory_order kEnd = std::memory_order_release;    // pairs with kBegin
  };

 public:
  enum class Order : std::uint8_t { kCriticalPath, kDownstream };
  struct Limit {
    std::string name;
    std::uint32_t most = 0;   // jobs of the class at work
    std::uint32_t count = 0;  // jobs of the class in all
  };

  explicit JobGraph(Order order);
  JobGraph(const JobGraph&) = delete;
  JobGraph& operator=(const JobGraph&) = delete;

  void add_reference() { references_.add(); }
  void drop() {
    if (references_.drop()) delete this;
  }

  // For one user at a time: false, somebody else uses it.
  bool begin_use() { return !used_.exchange(true, Orders::kBegin); }
  void end_use() { used_.store(false, Orders::kEnd); }

  // --- To build it; each throws std::bad_alloc, and then nothing has changed. Those of Graph, and besides:

  // On failure the discard of the job's data is not called.
  Status add(JobIndex& out, const JobSpec& spec, Error* error);
  Status depend(JobRef dependent, const Dependency& dependency, Error* error) {
    return graph_.depend(dependent, dependency, error);
  }
  // A class with that name may exist; then its limit changes.
  std::uint32_t limit(std::string_view name, std::uint32_t most);
  // Freezes the graph if it is not frozen, and orders its jobs. LIBSCHED_E_TOO_LARGE too: then it is frozen, and cannot be run.
  Status prepare(Error* error);
  // Forgets the last run, and the jobs that came in it: calls their discards.
  void reset();

  JobRef named(std::string_view name) { return graph_.named(name); }
  const Graph& graph() const { return graph_; }
  const JobBody& body(JobIndex job) const { return bodies_[job]; }
  const std::vector<Limit>& limits() const { return limits_; }
  // How many there are that need a worker, or a process.
  std::uint64_t functions() const { return functions_; }
  std::uint64_t commands() const { return commands_; }
  // Functions of fresh jobs, for the thread that runs the graph.
  std::uint64_t replays() const { return replays_; }
  bool has_timeouts() const { return timeouts_; }
  // Jobs of more than one slot.
  std::uint64_t heavy() const { return heavy_; }

  // --- For the run, when it is prepared

  Progress& progress() { return *progress_; }
  std::uint64_t priority(JobIndex job) const {
    return job < priorities_.size() ? priorities_[job] : graph_.job(job).cost;
  }
  // For runs that compute; made by the first of them. Throws std::bad_alloc.
  ComputePlan& compute_plan();
  // Adds a job that waits for others, as Progress::add.
  Status add_later(JobIndex& out, const JobSpec& spec, std::span<const Dependency> dependencies,
                   Error* error);

 private:
  ~JobGraph() noexcept(false);  // a discard may end its thread
  Status check(const JobSpec& spec, Error* error) const;
  void note(const JobSpec& spec, JobBody body);
  void discard_from(JobIndex first);
  void discard_last();

  const Order order_;
  Graph graph_;
  Blocks<JobBody> bodies_;
  std::vector<Limit> limits_;
  std::vector<std::uint64_t> priorities_;
  std::unique_ptr<Progress> progress_;
  std::unique_ptr<ComputePlan> compute_plan_;
  std::uint64_t functions_ = 0;
  std::uint64_t commands_ = 0;
  std::uint64_t replays_ = 0;
  std::uint64_t heavy_ = 0;
  bool timeouts_ = false;
  RefCount<StdSync> references_;
  StdSync::atomic<bool> used_{false};
};

}  // namespace sched
