#include "core/pool/batch.h"

#include <algorithm>

#include "core/base/call.h"
#include "core/pool/task_scope.h"

namespace sched {

// --- the batch ---

Batch* Batch::create(Pool& pool, BatchFn run_many, DiscardFn on_discard, std::uint32_t max) {
  Group* own = nullptr;
  static_cast<void>(Group::create(own, pool, GroupOptions{}, nullptr));  // without a parent it can
  try {
    return new Batch(own, run_many, on_discard, max);
  } catch (const std::bad_alloc&) {
    own->abandon();
    throw;
  }
}

void Batch::drop(std::uint32_t count) {
  if (!references_.drop(count)) return;
  own_->abandon();
  delete this;
}

Status Batch::submit_n(Group* group, Level level, void* const* user_data, std::size_t count,
                       const Pool::Waiting& waiting, std::size_t& accepted, Error* error) {
  if (group != nullptr && &group->pool() != &own_->pool()) {
    return fail(error, LIBSCHED_E_RANGE, "the group is of another pool than the batch");
  }
  Group& target = group != nullptr ? *group : *own_;
  accepted = 0;
  Status status = LIBSCHED_OK;
  while (status == LIBSCHED_OK && accepted < count) {
    // Held before they can run.
    const auto part = static_cast<std::uint32_t>(std::min<std::size_t>(count - accepted, 1024));
    references_.add(part);
    std::size_t taken = 0;
    status = target.submit_n(level, {this, discard_, Task::Kind::kBatch}, user_data + accepted,
                             part, waiting, taken, error);
    references_.drop(part - static_cast<std::uint32_t>(taken));  // the caller has one
    accepted += taken;
    if (taken < part) break;
  }
  return accepted != 0 ? LIBSCHED_OK : status;
}

std::size_t Batch::items_per_call() const {
  const std::uint32_t each = std::max(item_ns_.load(Orders::kCost), std::uint32_t{1});
  return std::max<std::size_t>(SliceClock::kEnoughNs / each, 1);
}

std::size_t Batch::call(libsched_task* task, void* const* user_data, std::size_t count,
                        int* results) {
  return std::min(run_many_(task, user_data, count, results), count);
}

void Batch::note_cost(const SliceClock& clock, std::size_t items) {
  if (items == 0) return;
  const auto each = static_cast<std::uint64_t>(clock.age_ns()) / items;
  const std::uint64_t before = item_ns_.load(Orders::kCost);
  const std::uint64_t now = (3 * before + std::min<std::uint64_t>(each, 1'000'000'000)) / 4;
  item_ns_.store(static_cast<std::uint32_t>(now), Orders::kCost);
}

// --- its items, in a group ---

// Items that were taken out of a queue: whatever was not run by the end goes back.
class Group::SliceEnd {
 public:
  SliceEnd(Group& group, Locked& locked, const Runner& runner, Level level)
      : group_(group), locked_(locked), runner_(runner), level_(level) {}
  // Left by an unwinding: all have failed, unless it came from the report of a failure.
  ~SliceEnd() {
    if (booked_) return;
    if (!judged_) fail_all(LIBSCHED_E_UNWOUND, "");
    book();
  }

  Task::Item items[kMaxBatchItems];
  void* user_data[kMaxBatchItems];
  int results[kMaxBatchItems];
  std::size_t count = 0;

  void take(TaskRing& queue, std::size_t limit) {
    const std::uint64_t batch = queue[0][0];
    for (count = 1; count < limit && queue[count][0] == batch;) ++count;
    queue.take(items, count);
    for (std::size_t i = 0; i < count; ++i) {
      user_data[i] = Task::unpack(items[i]).user_data;
      results[i] = 0;
    }
    group_.started_ += count;
  }

  void begin() { counts().started.add(shared(), count); }

  void fail_all(int code, const char* message) {
    judged_ = true;
    run_ = count;
    std::fill_n(results, count, code);
    group_.note_failure(code);
    for (std::size_t i = 0; i < count; ++i) {
      group_.pool_.report_failure(code, message, user_data[i]);
    }
  }

  // Outside of the lock.
  void judge(std::size_t run) {
    if (judged_) return;
    judged_ = true;
    run_ = run;
    for (std::size_t i = 0; i < run; ++i) {
      if (results[i] == 0 || results[i] == LIBSCHED_E_CANCELLED) continue;
      group_.note_failure(results[i]);
      group_.pool_.report_failure(results[i], "", user_data[i]);
    }
  }

  void book() {
    booked_ = true;
    std::uint64_t done = 0;
    std::uint64_t cancelled = 0;
    for (std::size_t i = 0; i < run_; ++i) {
      done += results[i] == 0;
      cancelled += results[i] == LIBSCHED_E_CANCELLED;
    }
    const std::uint64_t failed = run_ - done - cancelled;
    const std::uint64_t unstarted = count - run_ + cancelled;
    for (std::size_t i = run_; i < count; ++i) group_.pool_.capacity_.take_anyway();
    counts().started.add(shared(), 0 - unstarted);
    counts().cancelled.add(shared(), cancelled);
    counts().failed.add(shared(), failed);
    counts().completed.add(shared(), done);
    { const Batch::Use use(Task::unpack(items[0]), static_cast<std::uint32_t>(run_)); }
    locked_.resume();
    group_.queues_[index_of(level_)].settle(items, count, run_);
    group_.started_ -= unstarted;
    group_.completed_ += done;
    group_.failed_ += failed;
    group_.cancelled_tasks_ += cancelled;
    group_.members_ -= run_;
    if (run_ < count) {
      Pool::Pushed pushed;
      group_.issue_tickets(pushed);
      group_.pool_.tell(pushed);
    }
    group_.settle(locked_);
  }

 private:
  Counters::PerLevel& counts() { return runner_.counters.level[index_of(level_)]; }
  bool shared() const { return runner_.shared(); }

  Group& group_;
  Locked& locked_;
  const Runner& runner_;
  const Level level_;
  std::size_t run_ = 0;
  bool judged_ = false;
  bool booked_ = false;
};

// Apart from run_task, for the sake of its stack.
[[gnu::noinline]] void Group::run_slice(Locked& locked, const Runner& runner, Level level,
                                        bool selected) {
  TaskRing& queue = queues_[index_of(level)];
  Batch& batch = *static_cast<Batch*>(Task::unpack(queue[0]).what);
  const Level at = effective(level);
  const std::size_t workers = std::max(pool_.workers(), std::uint32_t{1});
  std::size_t limit = std::min<std::size_t>(batch.max(), batch.items_per_call());
  limit = std::min(limit, (queue.size() + workers - 1) / workers);
  if (pool_.higher_waits(at)) limit = 1;
  // What begins to wait meanwhile is passed over no more often than its bound says, either.
  if (selected) {
    limit = std::min({limit, std::size_t{pool_.credit(runner, at)} + 1, pool_.longest_row(at)});
  }

  SliceEnd slice(*this, locked, runner, level);
  slice.take(queue, std::min(limit, queue.size()));
  Pool::Pushed pushed;
  if (selected) issue_tickets(pushed);
  locked.pause();
  pool_.tell(pushed);
  if (runner.worker != nullptr) runner.worker->stop_search();
  pool_.capacity_.give_back(slice.count);
  slice.begin();
  std::size_t run = slice.count;
  {
    const SliceClock clock;
    TaskScope scope(&pool_, this, runner.index, at, &clock);
    call_user(
        [&] {
          run = batch.call(scope.task(), slice.user_data, slice.count, slice.results);  // user code
          return 0;
        },
        [&](int code, const char* message) { slice.fail_all(code, message); });
    pool_.end_if_forked(runner);
    batch.note_cost(clock, run);
  }
  if (selected && run > 1) pool_.charge(runner, at, static_cast<std::uint32_t>(run - 1));
  slice.judge(run);
  slice.book();
}

}  // namespace sched
