#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "core/base/cache_line.h"
#include "core/base/error.h"
#include "core/pool/blocking.h"
#include "core/pool/capacity.h"
#include "core/pool/counters.h"
#include "core/pool/level_caps.h"
#include "core/pool/options.h"
#include "core/pool/runner.h"
#include "core/pool/sleepers.h"
#include "core/pool/slots.h"
#include "core/pool/task.h"
#include "core/queue/stealing_queue.h"
#include "core/sync/ref_count.h"
#include "core/sync/std_sync.h"
#include "core/sync/wait.h"
#include "core/sys/fork_guard.h"
#include "core/sys/thread.h"

namespace sched {

struct PoolOrders {
  // Closing and cancelling, against an idle worker's announcement: seq_cst, as all that a sleeper must not miss.
  static constexpr std::memory_order kFlags =
      std::memory_order_seq_cst;  // pairs with Sleepers' announcement
  static constexpr std::memory_order kLive =
      std::memory_order_seq_cst;  // the condition of an eventcount
};

class Group;
class Service;
class Ticket;
class Worker;

// Worker threads over a stealing queue. The pool is held by its outside handles together and by each of its threads;
// the last of them deletes it. See core/pool/README.md for sleeping, waking and ending.
class Pool {
  using Orders = StdSync::Traits<PoolOrders>;

 public:
  using Queue = StealingQueue<StdSync, 4>;

  struct Waiting {
    enum class Mode : std::uint8_t { kBlock, kTry };
    Mode mode = Mode::kBlock;
    std::int64_t timeout_ns = -1;
    CancelSwitch* cancel = nullptr;
  };

  struct LevelStats {
    std::uint64_t submitted, started, completed, failed, cancelled, queued, active, oldest_wait_ns;
  };
  struct Stats {
    std::uint32_t workers, parked;
    LevelStats level[kLevels];
    Queue::Counts queue;
    std::uint64_t parks, wakes, exceeded;
  };

  // Throws std::bad_alloc. The options must have been checked.
  explicit Pool(PoolOptions options);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // --- submitting ---

  Status submit(Level level, TaskFn fn, void* user_data, DiscardFn on_discard,
                const Waiting& waiting, Error* error);
  // LIBSCHED_OK when at least one was accepted.
  Status submit_n(Level level, TaskFn fn, void* const* user_data, std::size_t count,
                  DiscardFn on_discard, const Waiting& waiting, std::size_t& accepted,
                  Error* error);

  // --- waiting and ending ---

  Status wait_idle(std::int64_t timeout_ns, CancelSwitch* cancel, Error* error);
  Status shutdown(bool discard_queued, std::int64_t timeout_ns, CancelSwitch* cancel, Error* error);
  // The last outside handle is gone: cancels what is queued and waits for nothing. The caller's pointer is dead after.
  void abandon();
  // As wait_blocking, on a thread that is no worker of the pool, for what its workers do. If all their threads have been lost it
  // starts others.
  template <class Attempt>
  Status wait_outside(EventCount<StdSync>& event, const sys::Deadline& deadline,
                      CancelSwitch* cancel, Attempt attempt) {
    if (attempt()) return LIBSCHED_OK;
    const CancelSwitch::Registration registration(&lost_, event);
    return wait_blocking(event, deadline, cancel, [&] {
      if (attempt()) return true;
      start_if_lost();
      return false;
    });
  }
  // Runs or discards one task on this thread; for pools without workers.
  Status run_one();

  // --- asking ---

  void stats(Stats& out);
  std::uint32_t workers() const { return options_.workers; }
  // One more than the highest index of a worker.
  std::uint32_t max_workers() const { return options_.most_workers(); }
  // LIBSCHED_OK or LIBSCHED_E_NOT_WORKER.
  Status current_worker(std::uint32_t& out) const;
  bool cancelling() const { return (flags_.load(Orders::kFlags) & kCancelling) != 0; }
  bool higher_waits(Level level) const {
    for (const Level higher : kAllLevels) {
      if (higher < level && queue_.hinted(higher)) return true;
    }
    return false;
  }
  bool some_sleep() const { return sleepers_.parked() != 0; }

  // What was published, for tell().
  struct Pushed {
    std::size_t count = 0;
    bool run_next = true;  // all into an empty run-next slot
  };

 private:
  friend class Batch;
  friend class BatchSlice;
  friend class Group;
  friend class GroupWait;
  friend class Service;
  friend class Worker;

  static constexpr std::uint32_t kStarted = 1;     // the workers' threads exist
  static constexpr std::uint32_t kClosed = 2;      // no task is accepted
  static constexpr std::uint32_t kCancelling = 4;  // queued tasks are discarded

  struct Release;

  ~Pool();

  // A task that has forked and returns in the child on a worker's thread ends the child: what is around it is the
  // parent's, locks that others held at the fork among it.
  void end_if_forked(const Runner& runner) const {
    if (runner.worker != nullptr && forked()) sys::end_child();
  }
  // Whether this is a child of the process that made the pool.
  bool forked() const { return sys::ForkGuard::current() != process_; }
  bool has(std::uint32_t flag) const { return (flags_.load(Orders::kFlags) & flag) != 0; }
  bool on_own_thread() const;
  Worker* own_worker() const;

  // LIBSCHED_OK: submitting is possible.
  Status open_for_submit(Error* error);
  Status start(Error* error);
  void start_if_lost() {
    if (lost_.triggered()) static_cast<void>(start(nullptr));
  }
  // Room for up to `wanted` tasks.
  Status take_room(std::size_t wanted, std::size_t& taken, const Waiting& waiting,
                   const sys::Deadline& deadline, Error* error);
  PushStatus push(Level level, const Task::Item& item);
  PushStatus push_n(Level level, const Task::Item* items, std::size_t count, std::size_t& pushed);
  // push() in two parts: what it has published is told of later.
  PushStatus publish(Level level, const Task::Item& item, Pushed& pushed);
  // For tasks that were accepted before the pool was closed. Without workers the only context takes what is published then.
  PushStatus publish_owed(Level level, const Task::Item& item, Pushed& pushed);
  // nullptr: refused.
  Ticket* publish_ticket(Group& group, Level level, Pushed& pushed, PushStatus& status, bool owed);
  void tell(const Pushed& pushed);
  static Status status_of(PushStatus pushed, Error* error);
  void wake_for(std::size_t count);
  // Where the calling thread counts what it submits.
  Runner submitter();
  Runner outsider() { return {nullptr, 0, outside_}; }
  // What waits at these levels and can be taken.
  Ready look(LevelMask allowed);

  // Runs what was taken from the queue, or discards it when the pool is being cancelled.
  void process(const Task& task, Level level, const Runner& runner);
  // Runs a task at a level that may be higher than its own, by which it is counted. True: it returned 0.
  bool run(const Task& task, Group* group, Level level, Level at, const Runner& runner);
  void discard(const Task& task, Group* group, Level level, const Runner& runner);
  // How many more tasks of a level the runner may take after one that it has selected; and that it has.
  std::uint32_t credit(const Runner& runner, Level level);
  void charge(const Runner& runner, Level level, std::uint32_t count);
  // The starvation bounds, as a limit for tasks of one level in a row. One less, for lower work that begins to wait right
  // after they were selected.
  std::size_t longest_row(Level level) const {
    const StarvationBounds& bounds = options_.bounds;
    if (level == Level::kLow) return SIZE_MAX;
    const std::uint32_t bound =
        level == Level::kNormal ? bounds.low : std::min(bounds.normal, bounds.low);
    return std::max(bound - 1, std::uint32_t{1});
  }
  void report_failure(int code, const char* message, void* task_data);

  // For a worker that goes to sleep and may do work of these levels only.
  void tell_holders(LevelMask allowed) {
    for (const Level level : kAllLevels) {
      if ((caps_.capped() & ~allowed & bit_of(level)) != 0 && queue_.hinted(level)) {
        sleepers_.notify_holders(level);
      }
    }
  }

  // Lets a spare worker take the place of one that has left its slot; a new one if none has retired, and it may be started.
  // False: there is none.
  bool stand_in(bool may_start = true);
  // Starts a thread for it.
  bool start_spare();
  // How many workers there are by now, spare ones too.
  std::uint32_t crew() const { return options_.workers == 0 ? 0 : queue_.contexts(); }

  // Every task that was ever accepted has ended. Exact at some moment during the call.
  bool quiescent() const;
  // For a thread that has ended tasks and may have been the last. The look for waiters is a read-modify-write, so that of
  // two such threads the second sees what the first has counted.
  void tell_if_idle();
  // The same, for one that does not go on to look whether the pool has ended, as a worker does.
  void tell_if_over();
  void drain_here(const sys::Deadline* deadline, CancelSwitch* cancel);
  void close(bool discard_queued);
  void close_services(bool cancelled);
  int start_worker(Worker& worker);
  void recall_all();
  void join_threads();
  void thread_ended();
  void drop();

  const PoolOptions options_;
  const std::uint64_t process_;
  alignas(kCacheLine) RefCount<StdSync> holders_;  // changes with each group
  alignas(kCacheLine) StdSync::atomic<std::uint32_t> flags_{0};
  StdSync::atomic<std::uint32_t> live_{0};  // threads
  Queue queue_;
  Sleepers<StdSync> sleepers_;
  Slots<StdSync> slots_;
  Capacity capacity_;
  LevelCaps caps_;
  Counter exceeded_;
  const bool may_spin_;

  EventCount<StdSync> idle_;   // the condition is quiescent()
  EventCount<StdSync> ended_;  // the condition is live_ == 0
  CancelSwitch lost_;  // ends no wait: wakes those that can start threads when there are none
  StdSync::Mutex lifecycle_;  // starting, replacing and joining threads
  StdSync::Mutex context_;    // in a pool without workers: who takes from the queue's only context
  StdSync::Mutex groups_;     // guards the trees of the pool's groups
  Counters outside_;          // tasks that were run or discarded by threads that are no workers
  StdSync::Mutex services_mutex_;  // guards what follows
  std::vector<Service*> services_;
  bool services_closed_ = false;
  std::unique_ptr<std::unique_ptr<Worker>[]> workers_;
};

}  // namespace sched
