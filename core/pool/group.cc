#include "core/pool/group.h"

#include <memory>
#include <optional>

#include "core/base/call.h"
#include "core/pool/current.h"
#include "core/pool/places.h"
#include "core/pool/task_scope.h"

namespace sched {

// --- lifetime ---

Status Group::create(Group*& out, Pool& pool, const GroupOptions& options, Error* error) {
  std::unique_ptr<Group, void (*)(Group*)> group(new Group(pool, options),
                                                 [](Group* unused) { delete unused; });
  if (Group* parent = options.parent) {
    if (&parent->pool_ != &pool) {
      return fail(error, LIBSCHED_E_RANGE, "the parent is a group of another pool");
    }
    if (const Status status = parent->add_group(); status != LIBSCHED_OK) {
      return fail(error, status, "the parent has completed or was cancelled: it takes no member");
    }
    parent->references_.add();
    const std::lock_guard lock(pool.groups_);
    group->next_ = parent->first_inside_;
    if (group->next_ != nullptr) group->next_->previous_ = group.get();
    parent->first_inside_ = group.get();
    // The parent may have been cancelled since, and then nobody has seen this one.
    if (parent->cancelled()) group->cancelled_.store(true, Orders::kCancelled);
  }
  pool.holders_.add();
  out = group.release();
  return LIBSCHED_OK;
}

// Not by recursion: groups may be nested deeply.
void Group::release(Group* group) {
  while (group != nullptr && group->references_.drop()) {
    Pool& pool = group->pool_;
    Group* const parent = group->options_.parent;
    if (parent != nullptr) {
      const std::lock_guard lock(pool.groups_);
      if (group->next_ != nullptr) group->next_->previous_ = group->previous_;
      (group->previous_ != nullptr ? group->previous_->next_ : parent->first_inside_) =
          group->next_;
    }
    delete group;
    pool.drop();
    group = parent;
  }
}

void Group::abandon() {
  close();
  release(this);
}

Group* Group::Locked::end() {
  Group& group = group_;
  if (group.members_ != 0 && group.held_) {  // nothing changes
    lock_.unlock();
    return nullptr;
  }
  Group* const parent = completed_ ? group.options_.parent : nullptr;
  bool needed = group.members_ != 0 || group.serving_ != 0;
  for (const std::uint32_t tickets : group.tickets_) needed |= tickets != 0;
  const bool drop = group.held_ && !needed;
  if (needed && !group.held_) group.references_.add();
  group.held_ = needed;
  lock_.unlock();
  if (drop) release(&group);
  return parent;
}

// --- members ---

Status Group::open_for_member() const {
  if (state_ >= State::kCompleting) return LIBSCHED_E_CLOSED;
  return cancelled() ? LIBSCHED_E_CANCELLED : LIBSCHED_OK;
}

void Group::add_members(std::uint64_t count) {
  members_ += count;
  used_ = true;
}

Status Group::enter() {
  const Locked locked(*this);
  const Status status = open_for_member();
  if (status != LIBSCHED_OK) return status;
  add_members(1);
  ++entered_;
  return LIBSCHED_OK;
}

Status Group::leave(int code) {
  // The failure first, and while the member still counts.
  {
    const Locked locked(*this);
    if (entered_ == 0) return LIBSCHED_E_UNBALANCED;
    --entered_;
  }
  if (code != 0) note_failure(code);
  Locked locked(*this);
  --members_;
  settle(locked);
  return LIBSCHED_OK;
}

Status Group::add_group() {
  const Locked locked(*this);
  const Status status = open_for_member();
  if (status != LIBSCHED_OK) return status;
  add_members(1);
  ++groups_;
  return LIBSCHED_OK;
}

void Group::note_failure(int code) {
  for (Group* group = this; group != nullptr; group = group->options_.parent) {
    {
      const Locked locked(*group);
      if (group->code_ != 0) return;  // and so have those around it
      group->code_ = code;
    }
    // An unwinding must not meet another one, of a discard.
    if (group->options_.cancel_on_failure) group->cancel(code != LIBSCHED_E_UNWOUND);
  }
}

void Group::stats(Stats& out) {
  const Locked locked(*this);
  const std::size_t waiting = queued();
  out = {submitted_,
         started_,
         completed_,
         failed_,
         cancelled_tasks_,
         waiting,
         started_ - completed_ - failed_,
         entered_,
         groups_};
}

// --- completion ---

void Group::close() {
  Locked locked(*this);
  if (state_ == State::kOpen) state_ = State::kClosed;
  settle(locked);
}

void Group::settle(Locked& locked) {
  if (members_ == 0 && state_ == State::kClosed) complete(locked);
}

int Group::result() const {
  if (code_ != 0) return code_;
  return cancelled() || discarded_ ? LIBSCHED_E_CANCELLED : 0;
}

void Group::complete(Locked& locked) {
  // However on_complete is left.
  struct Finish {
    Group& group;
    Locked& locked;
    ~Finish() {
      group.state_ = State::kComplete;
      group.raised_to_ = Level::kLow;
      // A ticket that is left in the pool's queues keeps the group, but no more than that.
      for (TaskRing& queue : group.queues_) queue.reset();
      const int code = group.result();
      while (GroupWait* wait = group.waits_) {
        group.waits_ = wait->next_;
        const std::uint32_t worker = wait->worker_;
        wait->code_ = code;
        wait->done_.store(true, GroupWait::Orders::kDone);
        if (worker != GroupWait::kNoWorker) group.pool_.sleepers_.rouse(worker);
      }
      (group.pool_.workers() != 0 ? group.event_ : group.pool_.idle_).notify_all();
      locked.completed_ = true;
    }
  };
  state_ = State::kCompleting;
  const Finish finish{*this, locked};
  if (options_.on_complete == nullptr) return;
  struct Serving {
    Group& group;
    Locked& locked;
    ~Serving() {
      locked.resume();
      --group.serving_;
    }
  };
  const int code = result();
  ++serving_;
  locked.pause();
  const Serving serving{*this, locked};
  const TaskScope scope(&pool_, this, 0, Level::kNormal);
  call_user(
      [&] {  // user code
        return options_.on_complete(code == 0 ? LIBSCHED_OK : LIBSCHED_E_FAILED, code,
                                    options_.user_data),
               0;
      },
      [](int, const char*) {});
}

// Not by recursion either.
void Group::group_left(Group* parent) {
  while (parent != nullptr) {
    Locked locked(*parent);
    --parent->groups_;
    --parent->members_;
    parent->settle(locked);
    parent = locked.end();
  }
}

Status Group::reset() {
  Locked locked(*this);
  if (state_ != State::kComplete) {
    return state_ == State::kOpen && !used_ && !cancelled() ? LIBSCHED_OK : LIBSCHED_E_STATE;
  }
  if (options_.parent != nullptr) {
    if (const Status status = options_.parent->add_group(); status != LIBSCHED_OK) return status;
  }
  state_ = State::kOpen;
  cancelled_.store(false, Orders::kCancelled);
  used_ = false;
  discarded_ = false;
  code_ = 0;
  return LIBSCHED_OK;
}

// --- the tree ---

// In preorder, without recursion.
Group* Group::next_inside(Group* last) {
  if (last->first_inside_ != nullptr) return last->first_inside_;
  while (last != this && last->next_ == nullptr) last = last->options_.parent;
  return last == this ? nullptr : last->next_;
}

template <class Visit>
void Group::visit_inside(Visit visit) {
  const std::lock_guard lock(pool_.groups_);
  for (Group* group = this; group != nullptr; group = next_inside(group)) {
    if (!visit(*group)) return;
  }
}

// Groups whose queued tasks are to be discarded, each held. A discard may end its thread: then tickets see to the rest.
class Group::Drained {
 public:
  ~Drained() {
    while (Group* group = take()) release(group);
  }
  // Under the pool's lock for the tree.
  void add(Group& group) {
    if (group.draining_) return;
    group.draining_ = true;
    group.next_drained_ = first_;
    first_ = &group;
    group.references_.add();
  }
  // The caller has its reference then.
  Group* take() {
    Group* const group = first_;
    if (group == nullptr) return nullptr;
    const std::lock_guard lock(group->pool_.groups_);
    first_ = group->next_drained_;
    group->draining_ = false;
    return group;
  }

 private:
  Group* first_ = nullptr;
};

void Group::cancel(bool drain) {
  Drained drained;
  visit_inside([&drained, drain](Group& group) {
    const Locked locked(group);
    if (group.state_ >= State::kCompleting) return true;
    group.cancelled_.store(true, Orders::kCancelled);
    if (drain && group.queued() != 0) drained.add(group);
    return true;
  });
  while (Group* group = drained.take()) {
    const std::unique_ptr<Group, void (*)(Group*)> kept(group, &Group::release);
    Locked locked(*group);
    group->discard_queued(locked, pool_.submitter());
  }
}

bool Group::help_inside(const Runner& runner) {
  std::optional<Worker::Places> places;
  if (runner.worker != nullptr && pool_.caps_.capped() != 0) places.emplace(*runner.worker);
  const Choice choice{Level::kLow, places ? &*places : nullptr, false};
  for (;;) {
    Group* found = nullptr;
    visit_inside([&](Group& group) {
      const Locked locked(group);
      Level level = Level::kHigh;
      if (group.queued() == 0 || (!group.dropping() && !group.pick(choice, level))) return true;
      group.references_.add();
      found = &group;
      return false;
    });
    if (found == nullptr) return false;
    const std::unique_ptr<Group, void (*)(Group*)> kept(found, &Group::release);
    Locked locked(*found);
    if (found->run_next(locked, runner, choice)) return true;
  }
}

bool Group::raise_here(Level level, Pool::Pushed& pushed) {
  if (raised_to_ <= level) return false;
  raised_to_ = level;
  issue_tickets(pushed);
  return groups_ != 0;
}

void Group::raise_inside(Level level) {
  visit_inside([level](Group& group) {
    Pool::Pushed pushed;
    const Locked locked(group);
    if (group.state_ != State::kComplete) group.raise_here(level, pushed);
    group.pool_.tell(pushed);
    return true;
  });
}

}  // namespace sched
