#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "core/base/error.h"
#include "core/fair/channel_task.h"
#include "core/fair/round_robin.h"
#include "core/pool/service.h"
#include "core/queue/level.h"
#include "core/queue/starvation.h"
#include "core/sync/std_sync.h"

namespace sched {

class Channel;

// Runs the tasks of channels on a pool, by turns, within limits. One short lock guards all of it, so that the limits are exact;
// no user code runs under it. Held by its outside handles together, and by the pool as long as there are some; by each channel
// and each published call. See core/fair/README.md.
class Dispatcher final : public Service {
 public:
  struct Stats {
    std::uint64_t channels, queued, running, done, failed, cancelled;
    std::uint32_t limit;
    bool paused;
  };

  // limit: 0 = the default. LIBSCHED_OK or LIBSCHED_E_CLOSED. Throws std::bad_alloc.
  static Status create(Dispatcher*& out, Pool& pool, const Handlers& handlers, std::uint32_t limit,
                       Error* error);
  // The last outside handle is gone.
  void abandon();

  const Handlers& handlers() const { return handlers_; }

  void set_limit(std::uint32_t limit);
  // LIBSCHED_E_CLOSED: it ends.
  Status pause();
  // -ENOMEM: it stays paused.
  Status resume();
  Status wait(std::int64_t timeout_ns, CancelSwitch* cancel, Error* error);
  Status shutdown(bool clear_all, std::int64_t timeout_ns, CancelSwitch* cancel, Error* error);
  Stats stats();

 private:
  friend class Channel;
  class Dropped;
  class Locked;
  class Run;
  class Serving;

  Dispatcher(Pool& pool, const Handlers& handlers, std::uint32_t limit)
      : Service(pool), handlers_(handlers), starvation_(bounds()), limit_(limit_of(limit)) {}
  ~Dispatcher() override = default;
  std::uint32_t limit_of(std::uint32_t limit) const;

  void serve(Level at, const Runner& runner) override;
  void pool_closes(bool cancelled) override { close_all(cancelled); }

  void close_all(bool clear_all);
  Status wait_until_empty(std::int64_t timeout_ns, CancelSwitch* cancel, Error* error);

  // All that takes a Locked is called with the lock held.

  // Adds a channel to those that take turns, or takes it out, as it may start tasks or not.
  void place(Channel& channel);
  RoundRobin& ready(Level level) { return ready_[index_of(level)]; }
  bool may_start(Level level) const {
    return !paused_ && running_ < limit_ && !ready_[index_of(level)].empty();
  }
  // Sees to it that somebody comes for the tasks that may start. One call is published for each level at a time: who comes for
  // it publishes the next one.
  PushStatus call(Locked& locked, Level level);
  PushStatus call_all(Locked& locked);
  bool is_served() const;
  // The level itself, or a lower one that has waited long enough. The pool's bounds are for its workers, and one that comes
  // for the lower level may find the limit reached each time.
  Level due(Level at) const;
  bool higher_waits(Level at) const;
  void note_start(Level level);
  // Lets the lock go while user code runs. False: no task of the level may start.
  bool run_next(Locked& locked, Level level, const Runner& runner);
  void clear_tasks(Channel& channel, Dropped& dropped);
  void close_channel(Locked& locked, Channel& channel);
  // It is closed and all its tasks have ended.
  void remove_if_gone(Locked& locked, Channel& channel);

  const Handlers handlers_;

  StdSync::Mutex mutex_;  // guards what follows, and most of the channels
  TaskBlockStock stock_;
  RoundRobin ready_[kLevels];
  Starvation starvation_;      // of the levels, as of one worker that starts all tasks
  bool called_[kLevels] = {};  // a call is published and nobody has come yet
  std::uint32_t serving_ = 0;  // threads in serve()
  StdSync::Plain<std::uint32_t> limit_;
  std::uint32_t running_ = 0;
  std::uint32_t stuck_ = 0;  // of them, that wait for others to run
  StdSync::Plain<bool> paused_{false};
  StdSync::Plain<bool> closed_{false};  // takes no channels
  std::unordered_map<std::string_view, Channel*> names_;
  Channel* first_listed_ = nullptr;
  std::uint64_t channels_ = 0;
  std::uint32_t discarding_ = 0;  // threads that discard what was dropped
  std::uint64_t queued_ = 0;
  std::uint64_t done_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t cancelled_ = 0;
};

// The dispatcher's lock. What it has caused for others comes when it is let go: calls are told of, channels that are gone are
// dropped, those that wait for the end are woken.
class Dispatcher::Locked {
 public:
  explicit Locked(Dispatcher& dispatcher) : dispatcher_(dispatcher), lock_(dispatcher.mutex_) {}
  ~Locked() {
    if (lock_.owns_lock()) release();
  }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

  void release();
  void acquire() { lock_.lock(); }

 private:
  friend class Dispatcher;
  Dispatcher& dispatcher_;
  std::unique_lock<StdSync::Mutex> lock_;
  Pool::Pushed pushed_;
  Channel* gone_ = nullptr;
  bool emptied_ = false;
};

// Tasks that will never run, for discard_all() outside of the lock. A discard may end its thread: then the others are
// discarded on the way, and must not end it once more.
class Dispatcher::Dropped {
 public:
  explicit Dropped(Dispatcher& dispatcher) : dispatcher_(dispatcher) {}
  // A discard that has ended its thread leaves the rest to this.
  ~Dropped();
  Dropped(const Dropped&) = delete;
  Dropped& operator=(const Dropped&) = delete;

  void take(Level level, TaskFifo& tasks);
  void discard_all();

 private:
  Dispatcher& dispatcher_;
  bool any_ = false;
  TaskBlockStock stock_;
  TaskFifo tasks_[kLevels] = {TaskFifo(stock_), TaskFifo(stock_), TaskFifo(stock_)};
};

}  // namespace sched
