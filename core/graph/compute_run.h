#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/graph/compute_plan.h"
#include "core/graph/job_graph.h"
#include "core/graph/result.h"
#include "core/graph/run_types.h"
#include "core/graph/running_job.h"
#include "core/pool/pool.h"
#include "core/sync/cancel.h"
#include "core/sync/event_count.h"
#include "core/sync/ref_count.h"
#include "core/sys/fork_guard.h"

namespace sched {

struct ComputeRunOrders {
  // Whoever takes away the last of what a job waits for has seen all that the others did before they took away theirs.
  static constexpr std::memory_order kSatisfy = std::memory_order_acq_rel;  // pairs with itself
  static constexpr std::memory_order kLast = std::memory_order_acquire;     // pairs with kSatisfy
  // One more chain, by somebody whose own is counted; or that one was not begun.
  static constexpr std::memory_order kCount = std::memory_order_relaxed;
  // A list that lies open: whoever takes it sees what its jobs wait for.
  static constexpr std::memory_order kOpen = std::memory_order_release;  // pairs with kTake
  static constexpr std::memory_order kTake = std::memory_order_acquire;  // pairs with kOpen
  // By the chain itself, which needs to see nothing of whoever has taken it.
  static constexpr std::memory_order kTakeBack = std::memory_order_relaxed;
  // The last one to leave has seen what all chains did.
  static constexpr std::memory_order kLeave = std::memory_order_acq_rel;  // pairs with itself
  static constexpr std::memory_order kDone =
      std::memory_order_seq_cst;  // the condition of an eventcount
  // Flags of which nobody learns anything else.
  static constexpr std::memory_order kFlag = std::memory_order_relaxed;
};

// A run of functions alone, on the shortest path through the code: no lock and no clock for each job. Each has a counter of what it
// waits for; who takes the last of it away has a ready job, goes on with one itself and submits the others. Held by the caller,
// and by all that was submitted together.
class ComputeRun {
  using Orders = StdSync::Traits<ComputeRunOrders>;

 public:
  // LIBSCHED_OK: the graph can be run like that, with these options.
  static Status check(const JobGraph& graph, const Pool* pool, const RunOptions& options,
                      Error* error);
  // The graph is prepared, reset and in use. Throws std::bad_alloc.
  static Status run(Result& out, JobGraph& graph, Pool& pool, const RunOptions& options,
                    CancelSwitch* cancel, Error* error);

  // By a job. LIBSCHED_E_STATE: it has signalled before.
  Status signal_early(libsched_job& job);
  bool is_cancelled() const { return killed_.load(Orders::kFlag) || cancelled(); }
  std::uint64_t id(JobIndex job) const { return graph_.graph().id(job); }
  bool forked() const { return sys::ForkGuard::current() != process_; }

 private:
  // After so many jobs in a row others of the pool get their turn.
  static constexpr int kMostInRow = 64;
  // So many ready jobs stay together; the others are tasks of their own.
  static constexpr std::uint32_t kMostKept = 16;
  // In the place of a list that lies open: somebody has taken it, so there is no offer any more.
  static constexpr std::uint32_t kTaken = UINT32_MAX;
  class Chain;

  ComputeRun(JobGraph& graph, Pool& pool, const RunOptions& options, CancelSwitch* cancel);
  ~ComputeRun() = default;
  void drop() {
    if (references_.drop()) delete this;
  }

  Status execute(Error* error);
  void describe(Result& out);
  void skip_blocked(Result& out) const;

  bool cancelled() const { return cancel_ != nullptr && cancel_->triggered(); }
  bool stopped() const { return stopped_.load(Orders::kFlag) || cancelled(); }
  static bool does_nothing(const ComputeNode& node) { return node.kind() == ComputeNode::kIdle; }
  static Level level(const ComputeNode& node) {
    return does_nothing(node) ? Level::kNormal : static_cast<Level>(node.kind());
  }
  // Takes away one of what it waits for. True: it was the last; the counter is as the next run wants it.
  bool satisfy(std::uint32_t place) {
    StdSync::atomic<std::uint32_t>& waits = plan_[place].waits;
    const bool is_last =
        waits.load(Orders::kLast) == 1 || waits.fetch_sub(1, Orders::kSatisfy) == 1;
    if (is_last) waits.store(plan_.dependencies(place), Orders::kCount);
    return is_last;
  }
  // Whose counter was used for what lies open.
  void note_anchor(std::uint32_t place);
  void set_state(std::uint32_t place, JobState state) {
    if (!states_.empty()) states_[ComputePlan::job_at(place)] = state;
  }
  // LIBSCHED_OK, or why the pool does not take it.
  static Pool::Waiting try_once();
  Status submit(std::uint32_t place);
  Status add_chain(std::uint32_t place, Level level, TaskFn fn, const Pool::Waiting& waiting);
  void break_off(Status status);
  // A chain has ended, or was not begun.
  void leave();
  void note(std::vector<std::pair<JobIndex, int>>& list, JobIndex job, int what);
  void note_tries(JobIndex job, std::uint32_t tries);
  void note_failure(JobIndex job, int code);

  static int task_main(libsched_task* task, void* node);
  static int offer_main(libsched_task* task, void* anchor);
  static void task_discard(void* node);

  JobGraph& graph_;
  Pool& pool_;
  const RunOptions options_;
  CancelSwitch* const cancel_;
  const std::uint64_t process_;
  RefCount<StdSync> references_{};
  ComputePlan& plan_;
  std::vector<JobState> states_;  // each is written by whoever runs the job; none if nobody asks
  StdSync::atomic<bool> stopped_{false};  // nothing starts any more
  StdSync::atomic<bool> killed_{false};
  StdSync::atomic<bool> some_left_{false};  // in left_

  // Apart from what is read for each job
  alignas(kCacheLine) StdSync::atomic<std::uint64_t> chains_{1};  // under way, or submitted
  StdSync::atomic<std::uint64_t> ended_{0};                       // jobs that have ended well
  StdSync::atomic<bool> done_{false};
  EventCount<StdSync> event_;
  StdSync::Mutex mutex_;    // guards what follows
  std::uint32_t left_ = 0;  // a list of those that are ready by a signal and the pool did not take
  std::vector<std::pair<JobIndex, int>> failures_;  // with their codes
  std::vector<std::pair<JobIndex, int>> repeated_;  // how often they were tried
  std::vector<std::uint32_t> anchors_;
  bool forgets_anchors_ = false;
  Status broken_ = LIBSCHED_OK;
};

}  // namespace sched
