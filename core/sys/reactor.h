#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "core/base/status.h"
#include "core/sys/calls.h"
#include "core/sys/clock.h"

namespace sched::sys {

// When to try again what has failed, where nothing tells when it will not: memory that has run out, most of all.
inline constexpr std::int64_t kAgainNs = 10'000'000;

// One thread for all that waits for file descriptors and points in time, so that nobody else polls. It runs as long as there is
// a user and a moment longer, and never calls user code. In a forked child the first user begins a new one.
class Reactor {
  using Times = std::multimap<std::int64_t, std::uint64_t>;

 public:
  // Something to be told. Its functions are called on the reactor's thread, one at a time.
  class Watch {
   public:
    // The descriptor is ready, or broken.
    virtual void ready() = 0;
    // The time has come.
    virtual void late() {}

   protected:
    Watch() = default;
    ~Watch() = default;

   private:
    friend class Reactor;
    std::uint64_t id_ = 0;  // 0: not registered
    int fd_ = -1;
    bool rests_ = true;
    bool armed_ = false;
    bool timed_ = false;
    Times::iterator time_;    // its place among the times, if it has one,
    Times::node_type spare_;  // else what to take one with
  };

  // A user's hold on the process' reactor. Throws std::bad_alloc.
  class Use {
   public:
    Use();
    ~Use();
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    // LIBSCHED_OK, or why there is no reactor: a negated errno.
    Status status() const { return status_; }
    Reactor* get() const { return reactor_.get(); }
    Reactor* operator->() const { return get(); }

   private:
    std::shared_ptr<Reactor> reactor_;
    Status status_ = LIBSCHED_OK;
  };

  ~Reactor();

  // Takes the memory that a watch needs, so that what follows for it cannot lack any. Throws std::bad_alloc.
  void reserve(Watch& watch);
  // Registers a descriptor, not armed yet. As reserve(), if that was not called.
  void add(Watch& watch, int fd);
  // Tells the watch once, as soon as the descriptor is readable, or writable. LIBSCHED_OK or a negated errno (-EPERM: one that
  // cannot be waited for).
  enum class For : std::uint8_t { kReading, kWriting };
  Status arm(Watch& watch, For what);
  // One that is not armed makes the use of its descriptor slower for everybody, until it rests.
  void rest(Watch& watch);
  // Tells it once at that time; a time that was set before is forgotten. INT64_MAX: never. It must have been registered; so this
  // cannot fail.
  void set_time(Watch& watch, std::int64_t when_ns) noexcept;
  // When this returns none of its functions runs, unless the caller is one.
  void remove(Watch& watch);

 private:
  struct Shared;

  Reactor() = default;
  static Shared& shared();
  static void* thread_main(void* self);
  Status start(const std::shared_ptr<Reactor>& self);
  void run();
  void unused();
  bool still_unused(std::unique_lock<std::mutex>& lock);
  void wake() const { calls.event_raise(wake_fd_); }
  int timeout_ms() const;
  template <class Tell>
  void tell(std::unique_lock<std::mutex>& lock, Watch& watch, Tell tell);
  void ensure_id(Watch& watch);
  bool is_added(const Watch& watch) const;
  void forget_time(Watch& watch);

  int epoll_fd_ = -1;
  int wake_fd_ = -1;
  pthread_t thread_{};

  std::mutex mutex_;  // guards what follows
  std::condition_variable told_;
  std::uint64_t unused_ = 0;               // how often the last user has gone
  std::uint64_t seen_unused_ = 0;          // at the last look for that,
  std::int64_t next_look_ns_ = INT64_MAX;  // and when the next one is due
  std::uint64_t last_id_ = 0;
  std::uint64_t telling_ = 0;  // the id of the watch whose function runs
  std::unordered_map<std::uint64_t, Watch*> watches_;
  Times times_;
};

}  // namespace sched::sys
