#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>

#include "core/base/error.h"
#include "core/pool/block_cache.h"
#include "core/pool/group_wait.h"
#include "core/pool/pool.h"
#include "core/pool/runner.h"
#include "core/pool/task_ring.h"
#include "core/pool/ticket.h"
#include "core/pool/worker.h"
#include "core/sync/event_count.h"
#include "core/sync/ref_count.h"
#include "core/sync/std_sync.h"

namespace sched {

class Batch;
class BatchSlice;

using GroupCompleteFn = void (*)(Status status, int code, void* user_data);

struct GroupOptions {
  bool cancel_on_failure = false;
  Group* parent = nullptr;
  GroupCompleteFn on_complete = nullptr;
  void* user_data = nullptr;
};

struct GroupOrders {
  static constexpr std::memory_order kCancelled = std::
      memory_order_relaxed;  // running tasks ask; what is decided by it is decided under the lock
};

// Tasks whose common end one waits for. It keeps its tasks in queues of its own, and in the pool's queues only tickets:
// whoever takes one runs a task of the group. So waiters find the group's tasks, and a cancelled group drops its own. See
// core/pool/README.md.
class Group {
  using Orders = StdSync::Traits<GroupOrders>;

 public:
  struct Stats {
    std::uint64_t submitted, started, completed, failed, cancelled, queued, active, entered, groups;
  };

  static void* operator new(std::size_t bytes) {
    return BlockCache::take(BlockCache::Kind::kGroup, bytes);
  }
  static void operator delete(void* group) { BlockCache::give(BlockCache::Kind::kGroup, group); }

  // LIBSCHED_OK, or what is wrong with the parent. Throws std::bad_alloc.
  static Status create(Group*& out, Pool& pool, const GroupOptions& options, Error* error);
  // The last outside handle is gone.
  void abandon();

  Pool& pool() const { return pool_; }
  void stats(Stats& out);
  bool cancelled() const { return cancelled_.load(Orders::kCancelled); }

  // --- members ---

  // What tasks are to be, but for their data.
  struct Kind {
    void* what;
    DiscardFn discard;
    Task::Kind kind;
  };
  Status submit(Level level, const Kind& kind, void* user_data);
  // LIBSCHED_OK when at least one was accepted. Throws std::bad_alloc when none was.
  Status submit_n(Level level, const Kind& kind, void* const* user_data, std::size_t count,
                  const Pool::Waiting& waiting, std::size_t& accepted, Error* error);
  Status enter();
  Status leave(int code);

  // --- the end ---

  void close();
  // `drain`: discards here what is queued, and leaves it not to those that meet it.
  void cancel(bool drain = true);
  Status reset();
  // As libsched_group_wait.
  Status wait(int& code, bool isolated, std::int64_t timeout_ns, CancelSwitch* cancel,
              Error* error);

  // --- for who runs tasks ---

  // Runs what a ticket of that level stands for. The group may be gone after.
  void serve(Ticket& ticket, const Runner& runner);
  // Runs tasks of this group, or of one inside it: one, or all there are as long as the worker has stack. False: none.
  bool help(const Runner& runner, bool one);
  // A task of the group, or of one inside it, has failed.
  void note_failure(int code);

 private:
  friend class BatchSlice;
  friend class GroupWait;
  class Drained;
  class Locked;
  class TaskEnd;
  enum class State : std::uint8_t { kOpen, kClosed, kCompleting, kComplete };

  Group(Pool& pool, const GroupOptions& options) : pool_(pool), options_(options) {}
  ~Group() = default;
  static void release(Group* group);

  // All that takes a Locked is called with the lock held, and may let it go meanwhile.

  Status open_for_member() const;
  Status add(Level level, const Task::Item* items, std::size_t count, Pool::Pushed& pushed,
             Error* error);
  Status add_group();
  void add_members(std::uint64_t count);
  void settle(Locked& locked);
  void complete(Locked& locked);
  static void group_left(Group* parent);
  int result() const;
  bool dropping() const { return cancelled() || pool_.cancelling(); }

  // A level that waiters have raised.
  Level effective(Level level) const { return level < raised_to_ ? level : raised_to_; }
  std::size_t queued() const;
  std::size_t queued_at(Level effective_level) const;
  std::size_t tickets_for(std::size_t tasks) const;
  // Sees to it that what is queued has its tickets, as far as they can be published; `owed`: also by others than workers in a pool
  // that was shut down, and that waits for a task of the group.
  void issue_tickets(Pool::Pushed& pushed, bool owed = false);
  bool lacks_ticket(Level& out) const;
  PushStatus publish_ticket(Level at, Pool::Pushed& pushed, bool owed = false);
  // Those that this worker has published, if nothing is queued.
  void take_back_tickets(Worker& worker);
  // For a ticket of that level, or for a waiter; then `places` says at which levels. `selected`: it counts for the
  // starvation bounds.
  struct Choice {
    Level at;
    Worker::Places* places;
    bool selected;
  };
  bool pick(const Choice& choice, Level& out) const;
  // Runs or discards what comes next. False: there is nothing.
  bool run_next(Locked& locked, const Runner& runner, const Choice& choice);
  void run_task(Locked& locked, const Runner& runner, const Task& task, Level level, bool selected);
  void run_slice(Locked& locked, const Runner& runner, Level level, bool selected);
  void discard_queued(Locked& locked, const Runner& runner);

  bool may_wait(Error* error) const;
  Status wait_on_worker(GroupWait& wait, Worker& worker, bool isolated, std::int64_t timeout_ns,
                        CancelSwitch* cancel);
  Status wait_elsewhere(GroupWait& wait, std::int64_t timeout_ns, CancelSwitch* cancel);
  void link(GroupWait& wait);
  void unlink(GroupWait& wait);
  // True: groups inside are to be raised too.
  bool raise_here(Level level, Pool::Pushed& pushed);
  void raise_inside(Level level);

  // The tree, under the pool's lock for it.
  Group* next_inside(Group* last);
  template <class Visit>
  void visit_inside(Visit visit);
  bool help_inside(const Runner& runner);

  Pool& pool_;
  const GroupOptions options_;
  RefCount<StdSync> references_;  // outside handles together, groups inside, and `held_`
  StdSync::atomic<bool> cancelled_{false};
  EventCount<StdSync> event_;  // the condition is that of each GroupWait

  StdSync::Mutex mutex_;  // guards what follows; a group inside is locked before its parent
  TaskRing queues_[kLevels];
  std::uint32_t tickets_[kLevels] = {};  // in the pool's queues
  Ticket* first_ticket_ = nullptr;
  std::uint32_t serving_ = 0;  // threads in serve()
  bool held_ = false;          // whether members, tickets or serving threads hold a reference
  State state_ = State::kOpen;
  Level raised_to_ = Level::kLow;
  // Since the last reset:
  bool used_ = false;       // it had a member
  bool discarded_ = false;  // a task of it was discarded
  int code_ = 0;            // of the first failure
  std::uint64_t members_ = 0;
  std::uint64_t entered_ = 0;
  std::uint64_t groups_ = 0;
  std::uint64_t submitted_ = 0;
  std::uint64_t started_ = 0;
  std::uint64_t completed_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t cancelled_tasks_ = 0;
  GroupWait* waits_ = nullptr;

  // Under the pool's lock for the tree.
  Group* first_inside_ = nullptr;
  Group* previous_ = nullptr;
  Group* next_ = nullptr;
  Group* next_drained_ = nullptr;
  bool draining_ = false;
};

// The group's lock. Whoever lets it go sees to the group's references: it is gone after the last one, unless the caller has
// one. A completion that was found is told to the parent then.
class Group::Locked {
 public:
  explicit Locked(Group& group) : group_(group), lock_(group.mutex_) {}
  ~Locked() noexcept(false) {  // on_complete may end its thread
    if (lock_.owns_lock()) group_left(end());
  }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

  // The group must have a member, or a thread that serves it, meanwhile.
  void pause() {
    group_.held_ = group_.held_ || (group_.references_.add(), true);
    lock_.unlock();
  }
  void resume() { lock_.lock(); }
  // Unlocks; returns the parent that is to be told, or nullptr.
  Group* end();

 private:
  friend class Group;
  Group& group_;
  std::unique_lock<StdSync::Mutex> lock_;
  bool completed_ = false;
};

}  // namespace sched
