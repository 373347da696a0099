#include "core/base/call.h"
#include "core/pool/current.h"
#include "core/pool/fork_frame.h"
#include "core/pool/pool.h"
#include "core/pool/task_scope.h"
#include "core/pool/worker.h"

namespace sched {
namespace {

void run_branch(ForkFrame& frame, std::uint32_t worker) {
  TaskScope scope(frame.pool, frame.group, worker, frame.level);
  frame.code = call_user([&] { return frame.fn(scope.task(), frame.user_data); },  // user code
                         [](int, const char*) {});
}

}  // namespace

void fork(ForkFrame& frame, TaskFn fn, void* user_data) {
  frame.state.store(ForkFrame::kHere, ForkFrame::Orders::kPrepare);
  frame.fn = fn;
  frame.user_data = user_data;
  const Current& here = current();
  const libsched_task* task = here.task;
  frame.pool = here.worker != nullptr ? &here.worker->pool()
               : task != nullptr      ? task->pool
                                      : nullptr;
  frame.group = task != nullptr ? task->group : nullptr;
  frame.level = task != nullptr ? task->level : Level::kNormal;
  frame.owner = here.worker;
  // Without a place in the deque it runs in its join.
  if (here.worker != nullptr && !here.worker->fork(frame)) frame.owner = nullptr;
}

int join(ForkFrame& frame) {
  if (frame.owner == nullptr) {
    const Worker* worker = current().worker;
    run_branch(frame, worker != nullptr ? worker->index() : 0);
  } else if (frame.owner->take_back(frame)) {
    run_branch(frame, frame.owner->index());
  } else {
    frame.owner->wait_for_branch(frame);
  }
  return frame.code;
}

// --- the worker's part ---

bool Worker::fork(ForkFrame& frame) {
  const auto pushed = branches_.push(&frame);
  if (pushed == decltype(branches_)::Push::kShared) pool_.sleepers_.notify_one();
  return pushed != decltype(branches_)::Push::kFull;
}

bool Worker::take_back(ForkFrame& frame) { return branches_.pop() == &frame; }

// Says that a stolen branch has ended, on whatever way it has been left.
struct Worker::BranchEnd {
  ForkFrame& frame;
  ~BranchEnd() {
    Worker& owner = *frame.owner;
    frame.state.store(ForkFrame::kEnded, ForkFrame::Orders::kFinish);
    // The frame may be gone.
    owner.returned_.fetch_add(1, ForkFrame::Orders::kReturn);
    owner.pool_.sleepers_.rouse(owner.index_);
  }
};

StealStatus Worker::steal_branch(Worker& victim) {
  void* oldest = nullptr;
  const StealStatus status = victim.branches_.steal(oldest);
  if (status != StealStatus::kSuccess) return status;
  found_work();
  ForkFrame& frame = *static_cast<ForkFrame*>(oldest);
  frame.code = LIBSCHED_E_UNWOUND;
  frame.state.store(ForkFrame::kWithThief + index_, ForkFrame::Orders::kBegin);
  const BranchEnd end{frame};
  run_branch(frame, index_);
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
  if (!wait(branch, frame.level, false)) sit_out(branch);
}

}  // namespace sched
