#pragma once

#include <cstddef>

#include "core/base/error.h"
#include "core/pool/batch.h"
#include "core/pool/group.h"
#include "core/pool/runner.h"
#include "core/pool/slice_clock.h"
#include "core/pool/task_ring.h"

namespace sched {

// Items that were taken out of a group's queue, to be run by one call. What was not run by its end goes back; so does, before
// that, what another thread gives back because the call will not begin it.
class BatchSlice {
 public:
  // With the group's lock held, as for all but give_back(), judge() and what asks.
  BatchSlice(Group& group, Group::Locked& locked, const Runner& runner, Level level)
      : group_(group), locked_(locked), runner_(runner), level_(level) {}
  // Left by an unwinding: all have failed, unless it came from the report of a failure.
  ~BatchSlice() {
    if (booked_) return;
    if (!judged_) fail_all(LIBSCHED_E_UNWOUND, "");
    book();
  }
  BatchSlice(const BatchSlice&) = delete;
  BatchSlice& operator=(const BatchSlice&) = delete;

  void take(TaskRing& queue, std::size_t limit);
  void begin() { counts(runner_).started.add(runner_.shared(), count_); }

  // Calls the function of the batch for the items, outside of the lock. Returns how many it has run.
  std::size_t call(Batch& batch, libsched_task* task) {
    return batch.call(task, user_data_, count_, results_);
  }
  // By any thread, while the call runs and does not begin the items from `first` on, of which 0 is none: whoever reads count_
  // afterwards comes after this. LIBSCHED_E_RANGE.
  Status give_back(std::size_t first);
  // By any thread, while the call runs: a spare worker stands in for this one, until the call returns. LIBSCHED_E_NO_SPARE.
  Status stand_in();
  bool enough() const { return clock_.enough(); }
  const SliceClock& clock() const { return clock_; }
  std::size_t size() const { return count_; }

  void fail_all(int code, const char* message);
  // Outside of the lock.
  void judge(std::size_t run);
  void book();

 private:
  Counters::PerLevel& counts(const Runner& runner) const {
    return runner.counters.level[index_of(level_)];
  }

  Group& group_;
  Group::Locked& locked_;
  const Runner& runner_;
  const Level level_;
  const SliceClock clock_;
  Task::Item items_[kMaxBatchItems];
  void* user_data_[kMaxBatchItems];
  int results_[kMaxBatchItems];
  std::size_t count_ = 0;
  std::size_t run_ = 0;
  bool lent_ = false;  // its place
  bool judged_ = false;
  bool booked_ = false;
};

}  // namespace sched
