#include "core/fair/dispatcher.h"

#include <algorithm>
#include <memory>

#include "core/fair/channel.h"
#include "core/pool/blocking.h"

namespace sched {

// --- lifetime ---

Status Dispatcher::create(Dispatcher*& out, Pool& pool, const Handlers& handlers,
                          std::uint32_t limit, Error* error) {
  const std::unique_ptr<Dispatcher, void (*)(Dispatcher*)> made(
      new Dispatcher(pool, handlers, limit), [](Dispatcher* unused) { unused->drop(); });
  const Status status = made->attach(error);
  if (status != LIBSCHED_OK) return status;
  made->add();
  out = made.get();
  return LIBSCHED_OK;
}

std::uint32_t Dispatcher::limit_of(std::uint32_t limit) const {
  return limit != 0 ? limit : std::max(pool().workers(), std::uint32_t{1});
}

void Dispatcher::abandon() {
  // A discard may end its thread.
  const std::unique_ptr<Dispatcher, void (*)(Dispatcher*)> last(this, [](Dispatcher* dispatcher) {
    dispatcher->detach();
    dispatcher->drop();
  });
  close_all(true);
}

void Dispatcher::Locked::release() {
  Dispatcher& dispatcher = dispatcher_;
  const Pool::Pushed pushed = pushed_;
  Channel* gone = gone_;
  const bool emptied = emptied_;
  pushed_ = {};
  gone_ = nullptr;
  emptied_ = false;
  lock_.unlock();
  dispatcher.tell(pushed);
  if (emptied) dispatcher.tell_waiters();
  while (gone != nullptr) {
    Channel* const next = gone->next_gone_;
    gone->drop();
    gone = next;
  }
}

// The tasks end when they are discarded: who waits for the dispatcher waits for that too.
void Dispatcher::Dropped::take(Level level, TaskFifo& tasks) {
  if (tasks.empty()) return;
  if (!any_) ++dispatcher_.discarding_;
  any_ = true;
  tasks_[index_of(level)].take_all(tasks);
}

Dispatcher::Dropped::~Dropped() {
  discard_all();
  if (!any_ || dispatcher_.forked()) return;
  dispatcher_.tell_if_over();
  Locked locked(dispatcher_);
  locked.emptied_ = --dispatcher_.discarding_ == 0;
}

void Dispatcher::Dropped::discard_all() {
  for (const Level level : kAllLevels) {
    TaskFifo& tasks = tasks_[index_of(level)];
    while (!tasks.empty() && !dispatcher_.forked()) {
      const ChannelTask task = tasks.pop();
      dispatcher_.discard(level, task.user_data, task.handlers.discard);
    }
  }
}

// --- turns ---

void Dispatcher::place(Channel& channel) {
  const bool may = channel.may_start();
  if (may == channel.waits()) return;
  RoundRobin& turns = ready(channel.level_);
  may ? turns.add(channel) : turns.remove(channel);
}

PushStatus Dispatcher::call(Locked& locked, Level level) {
  bool& called = called_[index_of(level)];
  if (called || !may_start(level)) return PushStatus::kOk;
  const PushStatus status = publish(level, locked.pushed_);
  called = status == PushStatus::kOk;
  return status;
}

PushStatus Dispatcher::call_all(Locked& locked) {
  PushStatus status = PushStatus::kOk;
  for (const Level level : kAllLevels) {
    if (const PushStatus here = call(locked, level); here != PushStatus::kOk) status = here;
  }
  return status;
}

bool Dispatcher::is_served() const {
  return serving_ != 0 ||
         std::any_of(std::begin(called_), std::end(called_), [](bool c) { return c; });
}

// --- limits ---

void Dispatcher::set_limit(std::uint32_t limit) {
  Locked locked(*this);
  limit_ = limit_of(limit);
  // Where this fails tasks are running, and who runs them comes back for the others.
  static_cast<void>(call_all(locked));
}

Status Dispatcher::pause() {
  const Locked locked(*this);
  if (closed_) return LIBSCHED_E_CLOSED;
  paused_ = true;
  return LIBSCHED_OK;
}

Status Dispatcher::resume() {
  Locked locked(*this);
  if (!paused_) return LIBSCHED_OK;
  paused_ = false;
  if (call_all(locked) == PushStatus::kOk || is_served()) return LIBSCHED_OK;
  paused_ = true;
  return -ENOMEM;
}

// --- the end ---

void Dispatcher::clear_tasks(Channel& channel, Dropped& dropped) {
  queued_ -= channel.tasks_.size();
  cancelled_ += channel.tasks_.size();
  channel.cancelled_ += channel.tasks_.size();
  dropped.take(channel.level_, channel.tasks_);
  place(channel);
}

void Dispatcher::close_channel(Locked& locked, Channel& channel) {
  if (channel.closed_) return;
  channel.closed_ = true;
  channel.senders_.end();
  remove_if_gone(locked, channel);
}

void Dispatcher::remove_if_gone(Locked& locked, Channel& channel) {
  if (!channel.listed_ || !channel.closed_ || channel.running_ != 0 || !channel.tasks_.empty()) {
    return;
  }
  channel.listed_ = false;
  if (channel.named_) names_.erase(channel.name_);
  if (channel.next_listed_ != nullptr) {
    channel.next_listed_->previous_listed_ = channel.previous_listed_;
  }
  (channel.previous_listed_ != nullptr ? channel.previous_listed_->next_listed_ : first_listed_) =
      channel.next_listed_;
  channel.next_gone_ = locked.gone_;
  locked.gone_ = &channel;
  if (--channels_ == 0) locked.emptied_ = true;
}

void Dispatcher::close_all(bool clear_all) {
  Dropped dropped(*this);
  {
    Locked locked(*this);
    closed_ = true;
    paused_ = false;
    for (Channel* channel = first_listed_; channel != nullptr;) {
      Channel* const next = channel->next_listed_;
      channel->paused_ = false;
      if (clear_all) {
        channel->undecided_.clear();
        clear_tasks(*channel, dropped);
      }
      place(*channel);
      close_channel(locked, *channel);
      // One that was closed before may be gone by now.
      remove_if_gone(locked, *channel);
      channel = next;
    }
    static_cast<void>(call_all(locked));
  }
  dropped.discard_all();
}

Status Dispatcher::wait_until_empty(std::int64_t timeout_ns, CancelSwitch* cancel, Error* error) {
  const auto done = [this] {
    Locked locked(*this);
    static_cast<void>(call_all(locked));  // where memory was short before
    return channels_ == 0 && discarding_ == 0;
  };
  if (timeout_ns == 0 || done()) return wait_for(timeout_ns, cancel, done);
  const Blocking blocking;
  std::uint32_t worker = 0;
  if (!blocking.begun() && timeout_ns < 0 && cancel == nullptr &&
      pool().current_worker(worker) == LIBSCHED_OK) {
    return fail(error, LIBSCHED_E_DEADLOCK,
                "no spare worker of the pool can stand in for this one, whose tasks it would wait "
                "for");
  }
  return wait_for(timeout_ns, cancel, done);
}

Status Dispatcher::wait(std::int64_t timeout_ns, CancelSwitch* cancel, Error* error) {
  if (runs_here()) {
    return fail(error, LIBSCHED_E_DEADLOCK,
                "wait was called by a task of this dispatcher, which it would wait for");
  }
  const Status status = wait_until_empty(timeout_ns, cancel, error);
  if (status == LIBSCHED_OK || status == LIBSCHED_E_DEADLOCK) return status;
  const Stats now = stats();
  return fail(error, status, "%llu channels are open, or have tasks left, after %lld ns of waiting",
              static_cast<unsigned long long>(now.channels), static_cast<long long>(timeout_ns));
}

Status Dispatcher::shutdown(bool clear_all, std::int64_t timeout_ns, CancelSwitch* cancel,
                            Error* error) {
  if (runs_here()) {
    return fail(error, LIBSCHED_E_DEADLOCK,
                "shutdown was called by a task of this dispatcher, which it would wait for");
  }
  close_all(clear_all);
  const Status status = wait_until_empty(timeout_ns, cancel, error);
  if (status == LIBSCHED_OK || status == LIBSCHED_E_DEADLOCK) return status;
  const Stats now = stats();
  return fail(error, status,
              "%llu tasks wait and %llu run after %lld ns of waiting; the channels are closed, and "
              "shutdown may be called again",
              static_cast<unsigned long long>(now.queued),
              static_cast<unsigned long long>(now.running), static_cast<long long>(timeout_ns));
}

Dispatcher::Stats Dispatcher::stats() {
  const std::lock_guard lock(mutex_);
  return {channels_, queued_, running_, done_, failed_, cancelled_, limit_, paused_};
}

}  // namespace sched
