#include <new>

#include "core/base/call.h"
#include "core/pool/current.h"
#include "core/pool/fork_frame.h"
#include "core/pool/pool.h"
#include "core/pool/task_scope.h"
#include "core/pool/worker.h"

namespace sched {
namespace {

// How deep a worker that waits goes into other work, and how much of its stack it leaves to that, in bytes.
constexpr std::uint32_t kMaxHelpDepth = 256;
constexpr std::ptrdiff_t kStackToHelp = 128 * 1024;

void run_branch(ForkFrame& frame, std::uint32_t worker) {
  TaskScope scope(frame.pool, worker, frame.level);
  frame.code = call_user([&] { return frame.fn(scope.task(), frame.user_data); },  // user code
                         [](int, const char*) {});
}

}  // namespace

void fork(ForkFrame& frame, TaskFn fn, void* user_data) {
  frame.finished.store(0, ForkFrame::Orders::kPrepare);
  frame.fn = fn;
  frame.user_data = user_data;
  const Current& here = current();
  const libsched_task* task = here.task;
  frame.pool = here.worker != nullptr ? &here.worker->pool()
               : task != nullptr      ? task->pool
                                      : nullptr;
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
    frame.finished.store(1, ForkFrame::Orders::kFinish);
    // The frame may be gone.
    owner.pool_.sleepers_.rouse(owner.index_);
  }
};

StealStatus Worker::run_stolen_branch() {
  const std::uint32_t workers = pool_.options_.workers;
  StealStatus status = StealStatus::kEmpty;
  for (std::uint32_t i = 1; i < workers; ++i) {
    Worker& victim = *pool_.workers_[(index_ + i) % workers];
    void* oldest = nullptr;
    const StealStatus here = victim.branches_.steal(oldest);
    if (here == StealStatus::kRetry) status = here;
    if (here != StealStatus::kSuccess) continue;
    found_work();
    ForkFrame& frame = *static_cast<ForkFrame*>(oldest);
    frame.code = LIBSCHED_E_UNWOUND;
    const BranchEnd end{frame};
    run_branch(frame, index_);
    return here;
  }
  return status;
}

struct Worker::Helping {
  Worker& worker;
  explicit Helping(Worker& helper) : worker(helper) { ++worker.help_depth_; }
  ~Helping() { worker.help_depth_ = worker.help_depth_ - 1; }
};

void Worker::wait_for_branch(const ForkFrame& frame) {
  const LevelMask levels = (bit_of(frame.level) << 1) - 1;  // its own and those above
  const Helping helping{*this};
  while (!frame.ended()) {
    const bool help = may_help();
    if (help) {
      const StealStatus status = work(levels);
      if (status == StealStatus::kSuccess || status == StealStatus::kRetry) continue;
    }
    rest(frame, help, levels);
  }
  // Pushes have relied on the searcher.
  found_work();
}

bool Worker::may_help() const {
  if (help_depth_ > kMaxHelpDepth) return false;
  const auto* here = static_cast<const char*>(__builtin_frame_address(0));
  return stack_end_ == nullptr || here - stack_end_ > kStackToHelp;
}

void Worker::rest(const ForkFrame& frame, bool help, LevelMask levels) {
  Sleepers<StdSync>& sleepers = pool_.sleepers_;
  sleepers.begin_wait(index_, help);
  if (searching_) sleepers.stop_search();
  searching_ = false;
  bool claimed = false;
  const bool stay =
      !frame.ended() && !(help && (branches_wait() || pool_.look(levels) != Ready::kNothing));
  if (stay) {
    counters_.parks.add(false);
    claimed = help ? sleepers.park(index_, -1) : (sleepers.park_waiting(index_), false);
  } else if (help) {
    claimed = !sleepers.retract(index_);
  }
  sleepers.end_wait(index_);
  searching_ = claimed;
}

bool Worker::branches_wait() const {
  for (std::uint32_t i = 0; i < pool_.options_.workers; ++i) {
    if (pool_.workers_[i]->branches_.shares()) return true;
  }
  return false;
}

}  // namespace sched
