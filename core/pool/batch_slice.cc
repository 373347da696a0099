#include "core/pool/batch_slice.h"

#include <algorithm>

namespace sched {

void BatchSlice::take(TaskRing& queue, std::size_t limit) {
  const std::uint64_t batch = queue[0][0];
  for (count_ = 1; count_ < limit && queue[count_][0] == batch;) ++count_;
  queue.take(items_, count_);
  for (std::size_t i = 0; i < count_; ++i) {
    user_data_[i] = Task::unpack(items_[i]).user_data;
    results_[i] = 0;
  }
  group_.started_ += count_;
}

// The first one stays: it holds the batch, and the group.
Status BatchSlice::give_back(std::size_t first) {
  if (first == 0) return LIBSCHED_E_RANGE;
  Pool& pool = group_.pool_;
  Pool::Pushed pushed;
  {
    const Group::Locked locked(group_);
    if (first >= count_) return LIBSCHED_OK;
    const std::size_t given = count_ - first;
    for (std::size_t i = 0; i < given; ++i) pool.capacity_.take_anyway();
    const Runner here = pool.submitter();
    counts(here).started.add(here.shared(), 0 - std::uint64_t{given});
    group_.queues_[index_of(level_)].settle(items_ + first, given, 0);
    group_.started_ -= given;
    count_ = first;
    group_.issue_tickets(pushed, true);
  }
  pool.tell(pushed);
  return LIBSCHED_OK;
}

// Whoever comes second while the first still asks for a spare one is told that one stands in.
Status BatchSlice::stand_in() {
  Pool& pool = group_.pool_;
  {
    const Group::Locked locked(group_);
    if (lent_ || runner_.worker == nullptr) return LIBSCHED_OK;
    lent_ = true;
  }
  // A thread may be started: not under the group's lock.
  if (!pool.slots_.too_few(pool.slots_.leave()) || pool.stand_in()) return LIBSCHED_OK;
  pool.slots_.take();
  const Group::Locked locked(group_);
  lent_ = false;
  return LIBSCHED_E_NO_SPARE;
}

void BatchSlice::fail_all(int code, const char* message) {
  judged_ = true;
  run_ = count_;
  std::fill_n(results_, count_, code);
  group_.note_failure(code);
  for (std::size_t i = 0; i < count_; ++i) {
    group_.pool_.report_failure(code, message, user_data_[i]);
  }
}

void BatchSlice::judge(std::size_t run) {
  if (judged_) return;
  judged_ = true;
  run_ = std::min(run, count_);
  for (std::size_t i = 0; i < run_; ++i) {
    if (results_[i] == 0 || results_[i] == LIBSCHED_E_CANCELLED) continue;
    group_.note_failure(results_[i]);
    group_.pool_.report_failure(results_[i], "", user_data_[i]);
  }
}

void BatchSlice::book() {
  booked_ = true;
  if (lent_) group_.pool_.slots_.take();
  std::uint64_t done = 0;
  std::uint64_t cancelled = 0;
  for (std::size_t i = 0; i < run_; ++i) {
    done += results_[i] == 0;
    cancelled += results_[i] == LIBSCHED_E_CANCELLED;
  }
  const std::uint64_t failed = run_ - done - cancelled;
  const std::uint64_t unstarted = count_ - run_ + cancelled;
  for (std::size_t i = run_; i < count_; ++i) group_.pool_.capacity_.take_anyway();
  Counters::PerLevel& counters = counts(runner_);
  const bool shared = runner_.shared();
  counters.started.add(shared, 0 - unstarted);
  counters.cancelled.add(shared, cancelled);
  counters.failed.add(shared, failed);
  counters.completed.add(shared, done);
  { const Batch::Use use(Task::unpack(items_[0]), static_cast<std::uint32_t>(run_)); }
  locked_.resume();
  group_.queues_[index_of(level_)].settle(items_, count_, run_);
  group_.started_ -= unstarted;
  group_.completed_ += done;
  group_.failed_ += failed;
  group_.cancelled_tasks_ += cancelled;
  group_.members_ -= run_;
  if (run_ < count_) {
    Pool::Pushed pushed;
    group_.issue_tickets(pushed);
    group_.pool_.tell(pushed);
  }
  group_.settle(locked_);
}

}  // namespace sched
