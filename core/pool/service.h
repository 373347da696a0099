#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/error.h"
#include "core/pool/blocking.h"
#include "core/pool/pool.h"
#include "core/pool/runner.h"
#include "core/pool/task.h"
#include "core/sync/ref_count.h"
#include "core/sync/std_sync.h"

namespace sched {

// Something that keeps tasks of its own, which are the pool's as far as its statistics, its idleness and its end are concerned.
// It publishes calls in the pool's queues when it has some, and whoever takes one serves it. Held by its users, and by each
// published call.
class Service {
 public:
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  Pool& pool() const { return pool_; }
  void add() { references_.add(); }
  void drop() {
    if (references_.drop()) delete this;
  }

 protected:
  friend class Pool;

  explicit Service(Pool& pool) : pool_(pool) { pool_.holders_.add(); }
  virtual ~Service() { pool_.drop(); }

  // Runs tasks of the level, once for each call that was published.
  virtual void serve(Level at, const Runner& runner) = 0;
  // The pool is about to take no more tasks, and discards what is queued if it is `cancelled`.
  virtual void pool_closes(bool cancelled) = 0;

  // From now on pool_closes() is called, and the pool holds it, until detach(). LIBSCHED_OK or LIBSCHED_E_CLOSED. Throws
  // std::bad_alloc.
  Status attach(Error* error);
  void detach();

  // Before tasks are accepted: LIBSCHED_OK, or why the pool cannot run them.
  Status open(Error* error) { return pool_.open_for_submit(error); }
  // tell() comes after it, outside of locks.
  PushStatus publish(Level at, Pool::Pushed& pushed);
  void tell(const Pool::Pushed& pushed) { pool_.tell(pushed); }

  // Each task is counted when it is accepted; then started and ended, or discarded.
  void count_accepted(Level level, std::size_t count) {
    const Runner here = pool_.submitter();
    here.counters.level[index_of(level)].grouped.add(here.shared(), count);
  }
  void count_started(Level level, const Runner& runner) {
    runner.counters.level[index_of(level)].started.add(runner.shared());
  }
  void count_ended(Level level, const Runner& runner, bool completed) {
    Counters::PerLevel& counts = runner.counters.level[index_of(level)];
    (completed ? counts.completed : counts.failed).add(runner.shared());
  }
  void discard(Level level, void* user_data, DiscardFn on_discard);
  // After discards, which any thread may do.
  void tell_if_over() { pool_.tell_if_over(); }
  void report_failure(int code, const char* message, void* user_data) {
    pool_.report_failure(code, message, user_data);
  }
  void end_if_forked(const Runner& runner) const { pool_.end_if_forked(runner); }
  // In a child nothing is ours, and a lock may be held for ever.
  bool forked() const { return pool_.forked(); }

  StarvationBounds bounds() const { return pool_.options_.bounds; }
  // Levels of which only some workers may run tasks.
  LevelMask capped() const { return pool_.caps_.capped(); }
  // How many tasks of the level may run in a row within the starvation bounds; and that so many did.
  std::size_t longest_row(Level level, const Runner& runner);
  void charge(Level level, const Runner& runner, std::size_t count);

  // Waits until done(), of each change of which tell_waiters() tells. The thread drives a pool that has no workers.
  template <class Done>
  Status wait_for(std::int64_t timeout_ns, CancelSwitch* cancel, Done done) {
    const sys::Deadline deadline(timeout_ns);
    if (pool_.workers() != 0) return pool_.wait_outside(event_, deadline, cancel, done);
    return wait_blocking(pool_.idle_, deadline, cancel, [&] {
      while (!done()) {
        const bool enough = deadline.over() || (cancel != nullptr && cancel->triggered());
        if (enough || pool_.run_one() != LIBSCHED_OK) return false;
      }
      return true;
    });
  }
  void tell_waiters() {
    event_.notify_all();
    if (pool_.workers() == 0) pool_.idle_.notify_all();
  }

  Worker* own_worker() const { return pool_.own_worker(); }
  // Whether the calling thread runs or discards a task of it.
  bool runs_here() const;

 private:
  enum class Told : std::uint8_t { kNothing, kClosed, kCancelled };

  Pool& pool_;
  RefCount<StdSync> references_;
  EventCount<StdSync> event_;
  Told told_ = Told::kNothing;  // under the pool's lock for its services
};

}  // namespace sched
