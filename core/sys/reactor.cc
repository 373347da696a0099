#include "core/sys/reactor.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include "core/sys/per_process.h"
#include "core/sys/thread.h"

namespace sched::sys {
struct Reactor::Shared {
  std::mutex mutex;
  std::uint64_t users = 0;
  std::shared_ptr<Reactor> reactor;
};

Reactor::Shared& Reactor::shared() {
  static constinit PerProcess<Shared> shared;
  return shared.get();
}

Reactor::Use::Use() {
  Shared& shared = Reactor::shared();
  const std::lock_guard lock(shared.mutex);
  if (shared.reactor == nullptr) {
    std::shared_ptr<Reactor> made(new Reactor);
    status_ = made->start(made);
    if (status_ != LIBSCHED_OK) return;
    shared.reactor = made;
  }
  ++shared.users;
  reactor_ = shared.reactor;
}

Reactor::Use::~Use() {
  if (reactor_ == nullptr) return;
  Shared& shared = Reactor::shared();
  const std::lock_guard lock(shared.mutex);
  if (--shared.users == 0) reactor_->unused();
}

// --- the thread ---

Status Reactor::start(const std::shared_ptr<Reactor>& self) {
  epoll_fd_ = calls.epoll_create();
  if (epoll_fd_ < 0) return epoll_fd_;
  wake_fd_ = calls.event_open();
  if (wake_fd_ < 0) return wake_fd_;
  epoll_event event{};
  event.events = EPOLLIN;
  if (const int failed = calls.epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, wake_fd_, &event)) return failed;
  pin_own_code();
  auto hold = std::make_unique<std::shared_ptr<Reactor>>(self);
  const int failed = start_thread(&thread_, ThreadOptions{}, &Reactor::thread_main, hold.get());
  if (failed != 0) return failed;
  static_cast<void>(hold.release());
  return LIBSCHED_OK;
}

Reactor::~Reactor() {
  if (epoll_fd_ >= 0) calls.close(epoll_fd_);
  if (wake_fd_ >= 0) calls.close(wake_fd_);
}

void* Reactor::thread_main(void* self) {
  const std::unique_ptr<std::shared_ptr<Reactor>> hold(
      static_cast<std::shared_ptr<Reactor>*>(self));
  name_current_thread("reactor", 0);
  calls.thread_detach(pthread_self());
  (*hold)->run();
  return nullptr;
}

void Reactor::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    const int timeout = timeout_ms();
    lock.unlock();
    // One at a time: of those that came with it, any may be removed meanwhile.
    epoll_event event{};
    const int count = calls.epoll_wait(epoll_fd_, &event, 1, timeout);
    lock.lock();
    if (count == 1 && event.data.u64 == 0) {
      calls.event_lower(wake_fd_);
    } else if (count == 1) {
      const auto found = watches_.find(event.data.u64);
      // One that is not armed is told of its broken descriptor when it is.
      if (found != watches_.end() && std::exchange(found->second->armed_, false)) {
        tell(lock, *found->second, [](Watch& watch) { watch.ready(); });
      }
    }
    // What becomes due meanwhile comes after the files.
    const bool timed = !times_.empty() || next_look_ns_ != INT64_MAX;
    const std::int64_t now = timed ? now_ns() : 0;
    while (!times_.empty() && times_.begin()->first <= now) {
      const auto found = watches_.find(times_.begin()->second);
      forget_time(*found->second);
      tell(lock, *found->second, [](Watch& watch) { watch.late(); });
    }
    if (next_look_ns_ <= now && still_unused(lock)) return;
  }
}

// With the lock of the users. Who looks anyway need not be woken: so users that come and go cost nothing.
void Reactor::unused() {
  {
    const std::lock_guard lock(mutex_);
    ++unused_;
    if (next_look_ns_ != INT64_MAX) return;
    seen_unused_ = unused_;
    next_look_ns_ = now_ns() + calls.linger_ns;
    if (pthread_equal(thread_, pthread_self()) != 0) return;
  }
  wake();
}

// Whether it is over, as nobody has used it since the last look.
bool Reactor::still_unused(std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  Shared& shared = Reactor::shared();
  const std::lock_guard users(shared.mutex);
  lock.lock();
  const bool came_and_went = std::exchange(seen_unused_, unused_) != unused_;
  next_look_ns_ = came_and_went ? now_ns() + calls.linger_ns : INT64_MAX;
  if (came_and_went || shared.users != 0) return false;
  shared.reactor = nullptr;
  return true;
}

template <class Tell>
void Reactor::tell(std::unique_lock<std::mutex>& lock, Watch& watch, Tell tell) {
  telling_ = watch.id_;
  lock.unlock();
  tell(watch);
  lock.lock();
  telling_ = 0;
  told_.notify_all();
}

int Reactor::timeout_ms() const {
  std::int64_t next = next_look_ns_;
  if (!times_.empty()) next = std::min(next, times_.begin()->first);
  if (next == INT64_MAX) return -1;
  const std::int64_t left = next - now_ns();
  if (left <= 0) return 0;
  return static_cast<int>(std::min<std::int64_t>(left / 1'000'000 + 1, INT_MAX));
}

// --- watches ---

void Reactor::ensure_id(Watch& watch) {
  if (watch.id_ != 0) return;
  watch.spare_ = times_.extract(times_.emplace(0, last_id_ + 1));
  watches_.emplace(last_id_ + 1, &watch);
  watch.id_ = ++last_id_;
}

void Reactor::reserve(Watch& watch) {
  const std::lock_guard lock(mutex_);
  ensure_id(watch);
}

void Reactor::add(Watch& watch, int fd) {
  const std::lock_guard lock(mutex_);
  ensure_id(watch);
  watch.fd_ = fd;
}

Status Reactor::arm(Watch& watch, For what) {
  const std::lock_guard lock(mutex_);
  if (!is_added(watch)) return -ENOENT;
  epoll_event event{};
  event.events = EPOLLONESHOT;
  event.events |= what == For::kReading ? EPOLLIN : EPOLLOUT;
  event.data.u64 = watch.id_;
  const int operation = watch.rests_ ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  const int failed = calls.epoll_ctl(epoll_fd_, operation, watch.fd_, &event);
  watch.armed_ = failed == 0;
  if (failed == 0) watch.rests_ = false;
  return failed;
}

void Reactor::rest(Watch& watch) {
  const std::lock_guard lock(mutex_);
  epoll_event event{};
  if (watch.rests_) return;
  watch.armed_ = false;
  watch.rests_ = calls.epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, watch.fd_, &event) == 0;
}

// Not while it is removed: what its function asks for then would be left behind.
bool Reactor::is_added(const Watch& watch) const { return watches_.count(watch.id_) != 0; }

void Reactor::forget_time(Watch& watch) {
  if (!watch.timed_) return;
  watch.spare_ = times_.extract(watch.time_);
  watch.timed_ = false;
}

void Reactor::set_time(Watch& watch, std::int64_t when_ns) noexcept {
  const std::lock_guard lock(mutex_);
  if (!is_added(watch)) return;
  forget_time(watch);
  if (when_ns == INT64_MAX) return;
  watch.spare_.key() = when_ns;
  watch.time_ = times_.insert(std::move(watch.spare_));
  watch.timed_ = true;
  if (watch.time_ == times_.begin() && pthread_equal(thread_, pthread_self()) == 0) wake();
}

void Reactor::remove(Watch& watch) {
  if (watch.id_ == 0) return;
  std::unique_lock lock(mutex_);
  forget_time(watch);
  if (watch.fd_ >= 0 && !watch.rests_) {
    epoll_event event{};
    static_cast<void>(calls.epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, watch.fd_, &event));
  }
  watches_.erase(watch.id_);
  if (pthread_equal(thread_, pthread_self()) == 0) {
    told_.wait(lock, [&] { return telling_ != watch.id_; });
  }
  watch.id_ = 0;
  watch.fd_ = -1;
  watch.rests_ = true;
  watch.armed_ = false;
}

}  // namespace sched::sys
