#pragma once

#include <cstdint>

#include "core/pool/counters.h"
#include "core/pool/fork_frame.h"
#include "core/pool/options.h"
#include "core/pool/task.h"
#include "core/queue/split_deque.h"
#include "core/queue/stealing_queue.h"
#include "core/sync/std_sync.h"
#include "core/sys/thread.h"

namespace sched {

class Pool;

struct BranchSizes {
  static constexpr std::size_t kOpen = 1024;  // branches forked and not joined; more run in their joins
};

// One worker of a pool: its thread, its index (that of its context in the queue), and what it has done.
class Worker {
 public:
  Worker(Pool& pool, std::uint32_t index) : pool_(pool), index_(index) {}

  Pool& pool() const { return pool_; }
  std::uint32_t index() const { return index_; }
  const Counters& counters() const { return counters_; }

  // Under the pool's lifecycle lock. 0 or a negated errno.
  int start();
  void join();

  // --- for the task that runs on this worker ---

  // Offers a branch to other workers. False: no memory.
  bool fork(ForkFrame& frame);
  // Whether the branch, which is the last one offered, is still here; then it is no more.
  bool take_back(ForkFrame& frame);
  // Returns when the branch, which another worker has taken, has ended. Runs other work of its level or above meanwhile,
  // as long as there is stack for it.
  void wait_for_branch(const ForkFrame& frame);

 private:
  // The place at a capped level that a task's run takes up.
  struct Place {
    Worker& worker;
    const Level level;
    ~Place() { worker.give_back_places(worker.capped() & bit_of(level)); }
  };

  static void* thread_main(void* self);

  struct BranchEnd;
  struct Helping;

  void loop();
  // Finds a task of the levels, or a branch to steal, and runs it. As StealingQueue::next says it.
  StealStatus work(LevelMask levels);
  // What to do next, as StealingQueue::next says it; kSuccess holds a place at the level if it is capped.
  StealStatus select(LevelMask levels, Task& task, Level& level);
  // Before the work found is begun: hands on the role of a searcher, if there is more.
  void found_work();
  StealStatus run_stolen_branch();
  bool branches_wait() const;
  // Sleeps until the branch has ended or, if `help`, there may be work of the levels.
  void rest(const ForkFrame& frame, bool help, LevelMask levels);
  bool may_help() const;
  void give_back_places(LevelMask levels);
  LevelMask capped() const;
  void spin();
  // Sleeps until there may be work. False: the pool has ended.
  bool sleep();
  void replace_thread();
  void call_hook(WorkerHook hook);

  Pool& pool_;
  const std::uint32_t index_;
  pthread_t thread_{};
  StdSync::Plain<bool> joinable_{false};
  StdSync::Plain<bool> searching_{false};  // counted among the pool's searchers
  StdSync::Plain<std::uint32_t> help_depth_{0};
  const char* stack_end_ = nullptr;
  SplitDeque<StdSync, StdSync::Traits<BranchSizes>::kOpen> branches_;  // forked here and not yet joined
  Counters counters_;
};

}  // namespace sched
