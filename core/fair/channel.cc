#include "core/fair/channel.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>

#include "core/pool/blocking.h"
#include "core/pool/current.h"
#include "core/pool/places.h"

namespace sched {

Status Channel::create(Channel*& out, Dispatcher& dispatcher, const ChannelOptions& options,
                       Error* error) {
  std::unique_ptr<Channel, void (*)(Channel*)> made(new Channel(dispatcher, options),
                                                    [](Channel* unused) { unused->drop(); });
  const Dispatcher::Locked locked(dispatcher);
  if (dispatcher.closed_) {
    return fail(error, LIBSCHED_E_CLOSED, "the dispatcher was shut down: it takes no channels");
  }
  if (made->named_ && !dispatcher.names_.emplace(made->name_, made.get()).second) {
    return fail(error, -EEXIST, "the dispatcher has a channel \"%s\" already", options.name);
  }
  made->listed_ = true;
  made->references_.add();
  made->next_listed_ = dispatcher.first_listed_;
  if (made->next_listed_ != nullptr) made->next_listed_->previous_listed_ = made.get();
  dispatcher.first_listed_ = made.get();
  ++dispatcher.channels_;
  out = made.release();
  return LIBSCHED_OK;
}

void Channel::abandon() {
  {
    Dispatcher::Locked locked(dispatcher_);
    paused_ = false;
    dispatcher_.place(*this);
    static_cast<void>(dispatcher_.call(locked, level_));
    dispatcher_.close_channel(locked, *this);
  }
  drop();
}

// --- sending ---

Status Channel::put(const Handlers& handlers, void* const* user_data, std::size_t count,
                    std::size_t& accepted) {
  Dispatcher::Locked locked(dispatcher_);
  if (closed_) return LIBSCHED_E_CLOSED;
  count = std::min(count, room());
  if (count == 0) return LIBSCHED_E_FULL;
  const std::uint32_t now = Task::clock();
  std::size_t taken = 0;
  while (taken < count && tasks_.push({handlers, user_data[taken], now})) ++taken;
  if (taken == 0) return -ENOMEM;
  dispatcher_.place(*this);
  const PushStatus called = dispatcher_.call(locked, level_);
  if (called != PushStatus::kOk && !dispatcher_.is_served() && tasks_.size() == taken) {
    // Nobody would come for them.
    while (!tasks_.empty()) tasks_.pop();
    dispatcher_.place(*this);
    return called == PushStatus::kClosed ? LIBSCHED_E_CLOSED : -ENOMEM;
  }
  dispatcher_.queued_ += taken;
  dispatcher_.count_accepted(level_, taken);
  accepted += taken;
  return LIBSCHED_OK;
}

// A task of the dispatcher that waits, without a limit, for room that only tasks of the dispatcher can make. Those on whose
// stack it runs wait with it.
class Channel::Stuck {
 public:
  Stuck(Channel& full, bool has_spare, const Waiting& waiting)
      : dispatcher_(full.dispatcher_),
        for_ever_(waiting.timeout_ns < 0 && waiting.cancel == nullptr && dispatcher_.runs_here()) {
    if (!for_ever_) return;
    const Dispatcher::Locked locked(dispatcher_);
    count(1);
    for_ever_ = runs_ != 0 && (!has_spare || full.is_stuck());
  }
  ~Stuck() {
    if (runs_ == 0) return;
    const Dispatcher::Locked locked(dispatcher_);
    count(-1);
  }
  Stuck(const Stuck&) = delete;
  Stuck& operator=(const Stuck&) = delete;

  // Nothing that runs, or could start, would make room.
  bool for_ever() const { return for_ever_; }

 private:
  void count(int step) {
    for (const libsched_task* task = current().task; task != nullptr; task = task->outer) {
      const TaskRun* const run = task->run;
      if (run == nullptr || &run->service != &dispatcher_ || run->queue == nullptr) continue;
      runs_ += static_cast<std::uint32_t>(step);
      dispatcher_.stuck_ += static_cast<std::uint32_t>(step);
      static_cast<Channel*>(run->queue)->stuck_ += static_cast<std::uint32_t>(step);
    }
  }

  Dispatcher& dispatcher_;
  bool for_ever_;
  std::uint32_t runs_ = 0;
};

// All that run, of the dispatcher or of the channel, wait so, and no other one may start.
bool Channel::is_stuck() const {
  if (room() != 0 || closed_ || paused_ || dispatcher_.paused_) return false;
  const bool all = dispatcher_.running_ >= dispatcher_.limit_ &&  //
                   dispatcher_.stuck_ >= dispatcher_.running_;
  return all || (limit_ != 0 && running_ >= limit_ && stuck_ >= running_);
}

Status Channel::send(const Handlers& handlers, void* const* user_data, std::size_t count,
                     const Waiting& waiting, std::size_t& accepted) {
  accepted = 0;
  if (const Status status = dispatcher_.open(nullptr)) return status;
  const sys::Deadline deadline(waiting.timeout_ns);
  Status sent = LIBSCHED_OK;
  while (sent == LIBSCHED_OK && accepted < count) {
    const auto look = [&] {
      sent = put(handlers, user_data + accepted, count - accepted, accepted);
      return sent != LIBSCHED_E_FULL ? Found::kYes : Found::kNo;
    };
    const int looks = waiting.way == Way::kTry || waiting.timeout_ns == 0 ? 1 : Sizes::kLooks;
    Found found = Found::kNo;
    for (int i = 0; i < looks && found == Found::kNo; ++i) {
      if (i != 0) StdSync::yield();
      if (!senders_.may_pass()) continue;
      found = look();
      if (sent == LIBSCHED_OK) senders_.note_pass();
    }
    if (found == Found::kYes) continue;
    if (waiting.way == Way::kTry) {
      sent = LIBSCHED_E_FULL;
      break;
    }
    if (waiting.timeout_ns == 0) {
      sent = out_of_time(waiting.cancel);
      break;
    }
    // Its places too, which those that make room may need.
    std::optional<Worker::Lent> lent;
    if (Worker* const worker = dispatcher_.own_worker()) lent.emplace(*worker, kEveryLevel);
    const Blocking blocking;
    const Stuck stuck(*this, blocking.begun(), waiting);
    if (stuck.for_ever()) {
      sent = LIBSCHED_E_DEADLOCK;
      break;
    }
    const auto more = [this] {
      const Dispatcher::Locked locked(dispatcher_);
      return room() != 0;
    };
    const Status status = senders_.wait(deadline, waiting.cancel, look, more);
    if (status != LIBSCHED_OK) sent = status;
  }
  return accepted != 0 ? LIBSCHED_OK : sent;
}

// --- the rest ---

void Channel::close() {
  Dispatcher::Locked locked(dispatcher_);
  dispatcher_.close_channel(locked, *this);
}

Channel::Cleared Channel::clear() {
  Dispatcher::Dropped dropped(dispatcher_);
  Cleared cleared{};
  {
    Dispatcher::Locked locked(dispatcher_);
    cleared = {tasks_.size(), undecided_.clear()};
    dispatcher_.clear_tasks(*this, dropped);
    dispatcher_.remove_if_gone(locked, *this);
  }
  senders_.tell();
  dropped.discard_all();
  return cleared;
}

Status Channel::pause() {
  const Dispatcher::Locked locked(dispatcher_);
  if (dispatcher_.closed_) return LIBSCHED_E_CLOSED;
  paused_ = true;
  dispatcher_.place(*this);
  return LIBSCHED_OK;
}

Status Channel::resume() {
  Dispatcher::Locked locked(dispatcher_);
  if (!paused_) return LIBSCHED_OK;
  paused_ = false;
  dispatcher_.place(*this);
  if (dispatcher_.call(locked, level_) == PushStatus::kOk || dispatcher_.is_served()) {
    return LIBSCHED_OK;
  }
  paused_ = true;
  dispatcher_.place(*this);
  return -ENOMEM;
}

void Channel::set_limit(std::uint32_t limit) {
  Dispatcher::Locked locked(dispatcher_);
  limit_ = limit;
  dispatcher_.place(*this);
  // Where this fails tasks are running, and who runs them comes back for the others.
  static_cast<void>(dispatcher_.call(locked, level_));
}

std::uint64_t Channel::size() {
  const Dispatcher::Locked locked(dispatcher_);
  return tasks_.size();
}

std::uint64_t Channel::in_flight() {
  const Dispatcher::Locked locked(dispatcher_);
  return running_;
}

Channel::Stats Channel::stats() {
  const Dispatcher::Locked locked(dispatcher_);
  std::uint64_t longest = longest_wait_ns_;
  if (!tasks_.empty()) longest = std::max(longest, Task::age_ns(tasks_.front().sent));
  return {tasks_.size(), running_, done_, failed_, cancelled_, longest, turns_, limit_, paused_};
}

}  // namespace sched
