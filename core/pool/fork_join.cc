#include <cxxabi.h>

#include "core/pool/current.h"
#include "core/pool/fork_frame.h"
#include "core/pool/places.h"
#include "core/pool/pool.h"
#include "core/pool/task_scope.h"
#include "core/pool/worker.h"

namespace sched {
namespace {

// As call_user(), for the same reasons. Between the caller of the join and the branch there are nothing but tail calls and
// this: a deep recursion takes few of the return addresses that a processor remembers.
__attribute__((no_sanitize("null"), noinline)) Status run_branch(ForkFrame& frame,
                                                                 libsched_task* task) {
  frame.code = LIBSCHED_E_UNWOUND;
  try {
    frame.code = frame.fn(task, frame.user_data);  // user code
  } catch (const abi::__forced_unwind&) {
    throw;
  } catch (...) {
    frame.code = LIBSCHED_E_EXCEPTION;
  }
  return frame.code == 0 ? LIBSCHED_OK : LIBSCHED_E_FAILED;
}

// On another thread than the one that forked, or outside of any task.
__attribute__((noinline)) Status run_as_task(ForkFrame& frame, const Pool* pool,
                                             std::uint32_t worker) {
  Group* group = frame.task != nullptr ? frame.task->group : nullptr;
  TaskScope scope(pool, group, worker, frame.level());
  return run_branch(frame, scope.task());
}

}  // namespace

void fork(ForkFrame& frame, TaskFn fn, void* user_data) {
  frame.fn = fn;
  frame.user_data = user_data;
  const Current& here = current();
  frame.owner = here.worker;
  frame.task = here.task;
  if (here.worker == nullptr) return;
  // A task of another pool, which has no workers, or without a place in the deque: it runs in its join.
  const bool own = here.task == nullptr || here.task->pool == &here.worker->pool();
  if (!own || !here.worker->fork(frame)) frame.owner = nullptr;
}

Status join(ForkFrame& frame) {
  Worker* owner = frame.owner;
  if (owner != nullptr && !owner->take_back(frame)) {
    owner->wait_for_branch(frame);
    return frame.code == 0 ? LIBSCHED_OK : LIBSCHED_E_FAILED;
  }
  if (frame.task != nullptr) return run_branch(frame, frame.task);  // a part of that task
  const Worker* worker = current().worker;
  return run_as_task(frame, worker != nullptr ? &worker->pool() : nullptr,
                     worker != nullptr ? worker->index() : 0);
}

// --- the worker's part ---

bool Worker::fork(ForkFrame& frame) {
  const auto pushed = branches_.push(&frame);
  if (pushed == decltype(branches_)::Push::kShared) tell_of_branches();
  return pushed != decltype(branches_)::Push::kFull;
}

// Seldom, and kept out of fork().
__attribute__((noinline)) void Worker::tell_of_branches() { pool_.sleepers_.notify_one(); }

bool Worker::take_back(ForkFrame& frame) { return branches_.pop() == &frame; }

// Says that a stolen branch has ended, on whatever way it has been left.
struct Worker::BranchEnd {
  ForkFrame& frame;
  const std::int64_t position;
  ~BranchEnd() {
    Worker& owner = *frame.owner;
    frame.state.store(ForkFrame::kEnded, ForkFrame::Orders::kFinish);
    // The frame may be gone.
    owner.branches_.done(position);
    owner.pool_.sleepers_.rouse(owner.index_);
  }
};

StealStatus Worker::steal_branch(Worker& victim) {
  void* oldest = nullptr;
  std::int64_t position = 0;
  const StealStatus status = victim.branches_.steal(oldest, position);
  if (status != StealStatus::kSuccess) return status;
  found_work();
  ForkFrame& frame = *static_cast<ForkFrame*>(oldest);
  frame.state.store(ForkFrame::kWithThief + index_, ForkFrame::Orders::kBegin);
  const BranchEnd end{frame, position};
  run_as_task(frame, &pool_, index_);
  pool_.end_if_forked(runner());
  return status;
}

StealStatus Worker::run_stolen_branch() {
  const std::uint32_t workers = pool_.crew();
  StealStatus status = StealStatus::kEmpty;
  // Its own ones last: while it waits for something else, nobody may have taken them.
  for (std::uint32_t i = 1; i <= workers; ++i) {
    const StealStatus here = steal_branch(*pool_.workers_[(index_ + i) % workers]);
    if (here == StealStatus::kSuccess) return here;
    if (here == StealStatus::kRetry) status = here;
  }
  return status;
}

bool Worker::branches_wait() const {
  const std::uint32_t workers = pool_.crew();
  for (std::uint32_t i = 0; i < workers; ++i) {
    if (pool_.workers_[i]->branches_.shares()) return true;
  }
  return false;
}

// The first thing to do is what the thief has forked since: that is part of what is waited for (leapfrogging).
class Worker::BranchWait final : public Awaited {
 public:
  BranchWait(const ForkFrame& frame, Pool& pool) : frame_(frame), pool_(pool) {}

  bool ended() const override { return state() == ForkFrame::kEnded; }
  StealStatus help(Worker& worker) override {
    const std::uint32_t now = state();
    if (now < ForkFrame::kWithThief) return StealStatus::kEmpty;
    return worker.steal_branch(*pool_.workers_[now - ForkFrame::kWithThief]);
  }

 private:
  std::uint32_t state() const { return frame_.state.load(ForkFrame::Orders::kLook); }

  const ForkFrame& frame_;
  Pool& pool_;
};

void Worker::wait_for_branch(const ForkFrame& frame) {
  BranchWait branch(frame, pool_);
  if (wait(branch, frame.level(), false)) return;
  // Nobody would be left: then this one does whatever there is.
  const Lent lent(*this, kEveryLevel);
  bool alone = !leave_slot();
  while (alone && !branch.ended() &&
         (branch.help(*this) != StealStatus::kEmpty || work(kEveryLevel) != StealStatus::kEmpty)) {
  }
  sit_out(branch, alone);
}

}  // namespace sched
