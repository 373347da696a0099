#include "core/pool/batch.h"

#include <algorithm>

#include "core/base/call.h"
#include "core/pool/batch_slice.h"
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

  BatchSlice slice(*this, locked, runner, level);
  slice.take(queue, std::min(limit, queue.size()));
  Pool::Pushed pushed;
  if (selected) issue_tickets(pushed);
  locked.pause();
  pool_.tell(pushed);
  if (runner.worker != nullptr) runner.worker->stop_search();
  pool_.capacity_.give_back(slice.size());
  slice.begin();
  std::size_t run = slice.size();
  {
    TaskScope scope(&pool_, this, runner.index, at, &slice);
    call_user(
        [&] {
          run = slice.call(batch, scope.task());  // user code
          return 0;
        },
        [&](int code, const char* message) { slice.fail_all(code, message); });
    pool_.end_if_forked(runner);
    batch.note_cost(slice.clock(), run);
  }
  if (selected && run > 1) pool_.charge(runner, at, static_cast<std::uint32_t>(run - 1));
  slice.judge(run);
  slice.book();
}

}  // namespace sched
