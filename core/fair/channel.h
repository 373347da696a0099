#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/base/error.h"
#include "core/fair/channel_task.h"
#include "core/fair/dispatcher.h"
#include "core/fair/round_robin.h"
#include "core/fair/undecided.h"
#include "core/queue/level.h"
#include "core/sync/ref_count.h"
#include "core/sync/std_sync.h"
#include "core/sync/wait_line.h"

namespace sched {

struct ChannelOptions {
  const char* name = nullptr;  // nullptr: none
  std::uint64_t bound = 0;     // 0: none
  std::uint32_t weight = 1;
  std::uint32_t limit = 0;  // 0: none
  Level level = Level::kNormal;
};

struct ChannelSizes {
  // Before a sender sleeps, with others on its CPU in between: those that make room, as likely as not.
  static constexpr int kLooks = 4;
};

// A queue of tasks that takes turns with the others of its dispatcher. Held by its outside handles together, and by the
// dispatcher until it is closed and all its tasks have ended.
class Channel : private Turn {
  using Sizes = StdSync::Traits<ChannelSizes>;

 public:
  struct Stats {
    std::uint64_t queued, running, done, failed, cancelled, longest_wait_ns, turns;
    std::uint32_t limit;
    bool paused;
  };
  enum class Way : std::uint8_t { kTry, kWait };
  struct Waiting {
    Way way = Way::kWait;
    std::int64_t timeout_ns = -1;
    CancelSwitch* cancel = nullptr;
  };

  // LIBSCHED_OK, -EEXIST, LIBSCHED_E_CLOSED. Throws std::bad_alloc.
  static Status create(Channel*& out, Dispatcher& dispatcher, const ChannelOptions& options,
                       Error* error);
  // The last outside handle is gone.
  void abandon();

  // nullptr: none.
  const char* name() const { return named_ ? name_.c_str() : nullptr; }
  const Handlers& default_handlers() const { return dispatcher_.handlers(); }

  // LIBSCHED_OK when at least one was accepted, the first ones.
  Status send(const Handlers& handlers, void* const* user_data, std::size_t count,
              const Waiting& waiting, std::size_t& accepted);

  void close();
  struct Cleared {
    std::uint64_t dropped, cancelled;
  };
  Cleared clear();
  // LIBSCHED_E_CLOSED: the dispatcher ends.
  Status pause();
  // -ENOMEM: it stays paused.
  Status resume();
  void set_limit(std::uint32_t limit);

  std::uint64_t size();
  std::uint64_t in_flight();
  Stats stats();

 private:
  friend class Dispatcher;
  class Stuck;

  Channel(Dispatcher& dispatcher, const ChannelOptions& options)
      : Turn(options.weight),
        dispatcher_(dispatcher),
        name_(options.name != nullptr ? options.name : ""),
        named_(options.name != nullptr),
        bound_(options.bound),
        level_(options.level),
        limit_(options.limit),
        tasks_(dispatcher.stock_) {
    dispatcher_.add();
  }
  ~Channel() { dispatcher_.drop(); }
  void drop() {
    if (references_.drop()) delete this;
  }

  bool may_start() const {
    return !tasks_.empty() && !paused_ && (limit_ == 0 || running_ < limit_);
  }
  std::size_t room() const {
    if (bound_ == 0) return SIZE_MAX;
    return tasks_.size() < bound_ ? static_cast<std::size_t>(bound_ - tasks_.size()) : 0;
  }
  bool is_stuck() const;
  // One look for room, and what can be sent then.
  Status put(const Handlers& handlers, void* const* user_data, std::size_t count,
             std::size_t& accepted);

  Dispatcher& dispatcher_;
  const std::string name_;
  const bool named_;
  const std::uint64_t bound_;
  const Level level_;
  RefCount<StdSync> references_;
  Undecided undecided_;
  WaitLine senders_;

  // Under the dispatcher's lock:
  StdSync::Plain<std::uint32_t> limit_;
  StdSync::Plain<bool> paused_{false};
  StdSync::Plain<bool> closed_{false};
  bool listed_ = false;  // held by the dispatcher
  std::uint32_t running_ = 0;
  std::uint32_t stuck_ = 0;  // of them, that wait for others to run
  TaskFifo tasks_;
  std::uint64_t done_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t cancelled_ = 0;
  std::uint64_t turns_ = 0;
  std::uint64_t longest_wait_ns_ = 0;
  Channel* previous_listed_ = nullptr;
  Channel* next_listed_ = nullptr;
  Channel* next_gone_ = nullptr;
};

}  // namespace sched
