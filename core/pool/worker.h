#pragma once

#include <cstddef>
#include <cstdint>

#include "core/pool/awaited.h"
#include "core/pool/block_cache.h"
#include "core/pool/counters.h"
#include "core/pool/fork_frame.h"
#include "core/pool/options.h"
#include "core/pool/runner.h"
#include "core/pool/task.h"
#include "core/pool/ticket.h"
#include "core/queue/split_deque.h"
#include "core/queue/steal.h"
#include "core/sync/std_sync.h"
#include "core/sync/wait.h"
#include "core/sys/thread.h"

namespace sched {

class Pool;

// Whether the calling thread, which is no worker, has stack left for work that it begins in a wait.
bool has_stack_here();

struct WaitSizes {
  static constexpr int kMostRefusals = 4;  // looks for a slot that somebody is on the way to
};

struct BranchSizes {
  static constexpr std::size_t kOpen =
      1024;  // branches forked and not joined; more run in their joins
};

// One worker of a pool: its thread, its index (that of its context in the queue), and what it has done.
class Worker {
 public:
  Worker(Pool& pool, std::uint32_t index) : pool_(pool), index_(index) {}
  ~Worker();

  Pool& pool() const { return pool_; }
  std::uint32_t index() const { return index_; }
  const Counters& counters() const { return counters_; }

  BlockCache& blocks() { return blocks_; }
  Runner runner() { return {this, index_, counters_}; }

  // Under the pool's lifecycle lock. 0 or a negated errno.
  int start();
  void join();
  bool started() const { return joinable_; }

  // --- for the task that runs on this worker ---

  // Offers a branch to other workers. False: there are too many open ones.
  bool fork(ForkFrame& frame);
  // Whether the branch, which is the last one offered, is still here; then it is no more.
  bool take_back(ForkFrame& frame);
  // Returns when the branch, which another worker has taken, has ended.
  void wait_for_branch(const ForkFrame& frame);

  // Returns when the end has come, for which a task of that level waits. Does meanwhile what brings it nearer and, unless
  // `isolated`, other work of the level or above, as long as there is stack for it. False: it could only sleep, no worker
  // would be left that does everything, and there is no spare one.
  bool wait(Awaited& awaited, Level level, bool isolated);
  // Only does what brings the end nearer, as long as there is such, and more() is true.
  template <class More>
  void help_with(Awaited& awaited, More more);
  // Sleeps until the end has come, of which the event tells. LIBSCHED_OK, LIBSCHED_E_TIMEOUT, LIBSCHED_E_CANCELLED, or
  // LIBSCHED_E_DEADLOCK when no worker would be left and there is no spare one.
  Status wait_aside(const Awaited& awaited, EventCount<StdSync>& event,
                    const sys::Deadline& deadline, CancelSwitch* cancel);
  // Tickets that it has published and that are empty.
  Ticket* reuse_ticket(Group& group, Level level);
  void keep_ticket(Ticket& ticket);

  // Before other work is begun than what work() finds: pushes have relied on a searcher.
  void stop_search() {
    if (searching_) found_work();
  }

  // For work that is begun in a wait.
  bool has_stack() const;

  // Lets a spare worker stand in for this one, which is about to block. False: there is none, and nothing has happened.
  bool step_aside();
  // Does nothing if there was none.
  void step_back();

  // Levels at which the worker may run a task now: it holds places at the capped ones until the object ends, but for the one
  // of the level that is kept.
  class Places;
  // Places of a worker that sleeps.
  class Lent;
  // A wait of a worker, as far as its unwinding is concerned.
  class Unwinding;

 private:
  struct BranchEnd;
  class BranchWait;

  // How deep a worker that waits goes into foreign work, and how much of its stack it leaves to work that it begins in a
  // wait, in bytes.
  static constexpr std::uint32_t kMaxHelpDepth = 256;
  static constexpr std::ptrdiff_t kStackToHelp = 128 * 1024;

  // How long another worker's run-next slot may stand still before its task is taken over: longer than the tasks that
  // such slots are good for, and short for one that waits behind a blocked task.
  static constexpr std::int64_t kNapNs = 50'000;

  static void* thread_main(void* self);

  void loop();
  // Finds a task of the levels, or a branch to steal, and runs it. As StealingQueue::next says it.
  StealStatus work(LevelMask levels);
  // Before the work found is begun: hands on the role of a searcher, if there is more.
  void found_work();
  void tell_of_branches();
  StealStatus run_stolen_branch();
  StealStatus steal_branch(Worker& victim);
  bool branches_wait() const;
  // Sleeps until the awaited end has come or there may be work of the levels. False: as wait().
  bool rest(const Awaited& awaited, LevelMask levels);
  // Before sit_out(). False: no worker is left, and there is no spare one.
  bool leave_slot();
  // Sleeps until the awaited end has come, and takes a slot again. `alone`: no worker is left,
  // and there is no spare one; that may become so meanwhile, and those that wait are told.
  void sit_out(const Awaited& awaited, bool& alone);
  void give_back_places(LevelMask levels);
  void spin();
  // Sleeps until there may be work. False: the pool has ended.
  bool sleep();
  // Moves what it has to where others see it. True: something waits there.
  bool show_work();
  // Sleeps until it is needed again, if it is one too many.
  void retire();
  void replace_thread();
  void call_hook(WorkerHook hook);

  Pool& pool_;
  const std::uint32_t index_;
  pthread_t thread_{};
  StdSync::Plain<bool> joinable_{false};
  StdSync::Plain<bool> searching_{false};  // counted among the pool's searchers
  StdSync::Plain<std::uint32_t> help_depth_{0};
  StdSync::Plain<bool> aside_{false};  // has left its slot for a blocking section
  StdSync::Plain<LevelMask> held_{0};  // capped levels at which it has a place
  const char* stack_end_ = nullptr;    // nullptr: unknown
  SplitDeque<StdSync, StdSync::Traits<BranchSizes>::kOpen>
      branches_;                                // forked here and not yet joined
  StdSync::Plain<std::int64_t> waits_from_{0};  // their end when the innermost wait began
  Ticket* tickets_[kLevels] = {};               // empty ones
  Counters counters_;
  BlockCache blocks_;
};

}  // namespace sched
