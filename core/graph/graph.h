#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/graph/blocks.h"
#include "core/graph/job.h"
#include "core/graph/names.h"

namespace sched {

// Jobs and what they wait for. It is built, in any order; then frozen, which finds what is wrong with it; then it is read, and
// may still grow at its end until the jobs that came after freeze() are dropped again. One thread at a time may use it.
//
// Bytes, when frozen: 44 for each job and 4 for each edge, 8 for one that came later; about 50 and its own length for a name.
// While it is built an edge has 8. Beside that there is the room that vectors keep at their ends.
class Graph {
 public:
  // Jobs of graphs with different serials have different ids.
  explicit Graph(std::uint32_t serial = 0) : generation_(serial * kSpread) {}
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  // A job by its name, which may come later. Throws std::bad_alloc.
  JobRef named(std::string_view name) { return JobRef::named(names_.intern(name)); }

  // --- To build it. After freeze(): LIBSCHED_E_STATE. Each throws std::bad_alloc, and then nothing has changed.

  // An empty name: none. That a name is used twice is an error of freeze(). LIBSCHED_E_TOO_LARGE.
  Status add(JobIndex& out, const Job& job, std::string_view name, Error* error);
  // The jobs exist, or are named and may come later. LIBSCHED_E_TOO_LARGE.
  Status depend(JobRef dependent, const Dependency& dependency, Error* error);

  // -EEXIST: two jobs have one name. -ENOENT: an edge names a job that has not come. LIBSCHED_E_CYCLE: jobs wait for
  // each other; the text has the path, each job before the one that it waits for. In all these cases the graph stays as it
  // is and can be added to.
  Status freeze(Error* error);
  bool is_frozen() const { return frozen_; }

  // --- Its jobs

  JobIndex size() const { return static_cast<JobIndex>(jobs_.size()); }
  const Job& job(JobIndex job) const { return jobs_[job]; }
  std::uint64_t early_cost(JobIndex job) const {
    return jobs_[job].early_cost < jobs_[job].cost ? jobs_[job].early_cost : jobs_[job].cost;
  }
  // Empty: it has none.
  std::string_view name(JobIndex job) const;
  // Its name, or its number: "#1" is the first job.
  std::string label(JobIndex job) const;
  std::string label(JobRef ref) const {
    return ref.is_named() ? std::string(names_.text(ref.index())) : label(ref.index());
  }
  // kNoJob: none has the name.
  JobIndex find(std::string_view name) const;
  JobIndex find(JobRef ref) const { return ref.is_named() ? names_.job(ref.index()) : ref.index(); }

  // What the job is known by outside: never 0, and of no other job at any time.
  std::uint64_t id(JobIndex job) const {
    return std::uint64_t{generation_of(job)} << 32 | (job + 1);
  }
  // kNoJob: it is none of this graph's, or not any more.
  JobIndex find(std::uint64_t id) const;

  // --- When it is frozen

  // The jobs that freeze() has seen; others have come later.
  JobIndex frozen_size() const { return static_cast<JobIndex>(order_.size()); }
  // Of those: each after all that it waits for, and the dependents of each, and how many jobs each waits for.
  std::span<const JobIndex> order() const { return order_; }
  std::span<const Successor> successors(JobIndex job) const {
    return {successors_.data() + first_[job], first_[job + 1] - first_[job]};
  }
  std::uint32_t edge_count() const { return static_cast<std::uint32_t>(successors_.size()); }
  std::span<const std::uint32_t> dependency_counts() const { return dependency_counts_; }

  // Calls visit(Successor) for each dependent of any job, also for those that have come later.
  template <class Visit>
  void for_each_successor(JobIndex job, Visit visit) const {
    if (job < frozen_size()) {
      for (const Successor successor : successors(job)) visit(successor);
    }
    if (job >= later_first_.size()) return;
    for (std::uint32_t i = later_first_[job]; i != kNone; i = later_[i].next) {
      visit(later_[i].successor);
    }
  }

  // Adds a job that waits for `dependencies`, which exist; they may come twice. Throws std::bad_alloc, and then nothing has
  // changed. -EEXIST, LIBSCHED_E_TOO_LARGE.
  Status append(JobIndex& out, const Job& job, std::string_view name,
                std::span<const Successor> dependencies, Error* error);
  // Forgets all jobs that came after freeze(): their ids are no job's any more.
  void drop_later();

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  // 2^32 divided by the golden ratio, whose multiples are far from each other: a thousand graphs share no generation before
  // one of them has run a million times.
  static constexpr std::uint32_t kSpread = 0x9E3779B1;

  struct Edge {
    JobRef dependent;
    JobRef dependency;
  };
  struct Later {
    Successor successor;
    std::uint32_t next;
  };
  class Freezer;

  std::uint32_t generation_of(JobIndex job) const {
    return !frozen_ || job < frozen_size() ? generation_ : generation_ + run_;
  }
  Status check_room(Error* error) const;
  void set_name(JobIndex job, std::uint32_t name);

  const std::uint32_t generation_;
  std::uint32_t run_ = 0;
  bool frozen_ = false;
  Blocks<Job> jobs_;
  Names names_;
  std::vector<std::uint32_t> name_of_;  // shorter than jobs_ when the last ones have none
  JobIndex second_of_name_ = kNoJob;    // a job whose name another one has

  Blocks<Edge> finished_edges_;  // until it is frozen
  Blocks<Edge> early_edges_;
  bool has_named_edges_ = false;

  std::vector<JobIndex> order_;
  std::vector<std::uint32_t> first_;
  std::vector<Successor> successors_;
  std::vector<std::uint32_t> dependency_counts_;

  std::vector<std::uint32_t> later_first_;  // of each job; shorter when the last ones have none
  std::vector<Later> later_;
};

}  // namespace sched
