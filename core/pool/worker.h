#pragma once

#include <cstdint>

#include "core/pool/counters.h"
#include "core/pool/options.h"
#include "core/pool/task.h"
#include "core/queue/stealing_queue.h"
#include "core/sync/std_sync.h"
#include "core/sys/thread.h"

namespace sched {

class Pool;

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

 private:
  // The place at a capped level that a task's run takes up.
  struct Place {
    Worker& worker;
    const Level level;
    ~Place() { worker.give_back_places(worker.capped() & bit_of(level)); }
  };

  static void* thread_main(void* self);

  void loop();
  // What to do next, as StealingQueue::next says it; kSuccess holds a place at the level if it is capped.
  StealStatus select(Task& task, Level& level);
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
  Counters counters_;
};

}  // namespace sched
