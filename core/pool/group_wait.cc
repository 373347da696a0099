#include "core/pool/group_wait.h"

#include "core/base/call.h"
#include "core/pool/blocking.h"
#include "core/pool/current.h"
#include "core/pool/group.h"
#include "core/pool/task.h"
#include "core/pool/waiting.h"

namespace sched {

// --- one wait ---

GroupWait::~GroupWait() {
  if (ended()) return;
  const Group::Locked locked(group_);
  if (linked_ && !ended()) group_.unlink(*this);
}

StealStatus GroupWait::help(Worker& worker) {
  return group_.help(worker.runner(), one_at_a_time_) ? StealStatus::kSuccess : StealStatus::kEmpty;
}

void Group::link(GroupWait& wait) {
  wait.next_ = waits_;
  if (waits_ != nullptr) waits_->previous_ = &wait;
  waits_ = &wait;
  wait.linked_ = true;
}

void Group::unlink(GroupWait& wait) {
  if (wait.next_ != nullptr) wait.next_->previous_ = wait.previous_;
  (wait.previous_ != nullptr ? wait.previous_->next_ : waits_) = wait.next_;
}

// --- waiting ---

namespace {

Level level_here() {
  const libsched_task* task = current().task;
  return task != nullptr ? task->level : Level::kNormal;
}

}  // namespace

// Whether nothing that the group waits for runs below on this stack. It is only asked for when there is such a thing at all,
// for stacks may be deep.
bool Group::may_wait(Error* error) const {
  const std::uint64_t elsewhere = queued() + entered_;
  if (members_ == elsewhere && state_ != State::kCompleting) return true;
  for (const libsched_task* task = current().task; task != nullptr; task = task->outer) {
    for (const Group* group = task->group; group != nullptr; group = group->options_.parent) {
      if (group != this) continue;
      fail(error, LIBSCHED_E_DEADLOCK,
           "the group has a task that cannot end before this wait: it called it, or runs below it "
           "on the same stack");
      return false;
    }
  }
  return true;
}

Status Group::wait(int& code, bool isolated, std::int64_t timeout_ns, CancelSwitch* cancel,
                   Error* error) {
  Worker* const worker = pool_.own_worker();
  GroupWait wait(*this, worker != nullptr ? worker->index() : GroupWait::kNoWorker);
  Pool::Pushed pushed;
  bool raised = false;
  {
    Locked locked(*this);
    if (state_ != State::kComplete) {
      if (!may_wait(error)) return LIBSCHED_E_DEADLOCK;
      if (state_ == State::kOpen) state_ = State::kClosed;
      link(wait);
      if (worker != nullptr) raised = raise_here(level_here(), pushed);
      settle(locked);
    } else {
      wait.code_ = result();
      wait.done_.store(true, GroupWait::Orders::kDone);
    }
  }
  pool_.tell(pushed);
  Status status = LIBSCHED_OK;
  if (!wait.ended()) {
    if (raised) raise_inside(level_here());
    status = worker != nullptr ? wait_on_worker(wait, *worker, isolated, timeout_ns, cancel)
                               : wait_elsewhere(wait, timeout_ns, cancel);
  }
  if (status == LIBSCHED_OK) {
    code = wait.code();
    if (code == 0) return LIBSCHED_OK;
    return code == LIBSCHED_E_CANCELLED
               ? fail(error, LIBSCHED_E_FAILED, "the group was cancelled, or tasks were discarded")
               : fail(error, LIBSCHED_E_FAILED, "a member of the group failed with code %d", code);
  }
  if (status == LIBSCHED_E_DEADLOCK) {
    return fail(error, status,
                "no worker of the pool would be left to run anything, and no spare can stand in");
  }
  return fail(error, status, "the group has not completed after %lld ns of waiting",
              static_cast<long long>(timeout_ns));
}

Status Group::wait_on_worker(GroupWait& wait, Worker& worker, bool isolated,
                             std::int64_t timeout_ns, CancelSwitch* cancel) {
  if (timeout_ns < 0 && cancel == nullptr) {
    const bool possible = worker.wait(wait, level_here(), isolated);
    const Locked locked(*this);
    take_back_tickets(worker);
    return possible ? LIBSCHED_OK : LIBSCHED_E_DEADLOCK;
  }
  const sys::Deadline deadline(timeout_ns);
  wait.one_at_a_time_ = true;
  worker.help_with(wait,
                   [&] { return !deadline.over() && !(cancel != nullptr && cancel->triggered()); });
  return worker.wait_aside(wait, event_, deadline, cancel);
}

// On a thread that is no worker of the pool. If the pool has none at all, this one does the work.
Status Group::wait_elsewhere(GroupWait& wait, std::int64_t timeout_ns, CancelSwitch* cancel) {
  const sys::Deadline deadline(timeout_ns);
  if (pool_.workers() != 0) {
    return pool_.wait_outside(event_, deadline, cancel, [&wait] { return wait.ended(); });
  }
  bool possible = true;
  // Who submits to such a pool tells of it where idleness is told of.
  const Status status = wait_blocking(pool_.idle_, deadline, cancel, [&] {
    while (possible && !wait.ended() && !deadline.over() &&
           !(cancel != nullptr && cancel->triggered())) {
      if (!has_stack_here()) {
        possible = false;
      } else if (!help(pool_.outsider(), true) && pool_.run_one() != LIBSCHED_OK) {
        break;
      }
    }
    return wait.ended() || !possible;
  });
  return possible ? status : LIBSCHED_E_DEADLOCK;
}

}  // namespace sched
