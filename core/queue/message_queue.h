#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "core/base/status.h"
#include "core/queue/injector.h"
#include "core/queue/poll_signal.h"
#include "core/queue/steal.h"
#include "core/sync/cancel.h"
#include "core/sync/std_sync.h"
#include "core/sync/wait_line.h"
#include "core/sys/clock.h"

namespace sched {

// For a queue whose users sleep: of one that has claimed or taken a slot and looks for waiters after it, and a waiter that
// looks at the indices after its announcement, one sees the other. So the indices are seq_cst.
struct MessageInjectorOrders : InjectorOrders {
  static constexpr std::memory_order kRead = std::memory_order_seq_cst;  // pairs with kTake
  static constexpr std::memory_order kTake = std::memory_order_seq_cst;  // pairs with kRead
  static constexpr std::memory_order kTail =
      std::memory_order_seq_cst;  // pairs with kClaim, kClose
  static constexpr std::memory_order kClaim = std::memory_order_seq_cst;  // pairs with kTail
  static constexpr std::memory_order kClose = std::memory_order_seq_cst;  // pairs with kTail
};

struct ByteBudgetOrders {
  // What waiting producers look for beside the indices.
  static constexpr std::memory_order kUsed = std::memory_order_seq_cst;  // pairs with itself
};

// How many bytes the messages of a queue hold.
class ByteBudget {
  using Orders = StdSync::Traits<ByteBudgetOrders>;

 public:
  explicit ByteBudget(std::uint64_t limit) : limit_(limit) {}  // 0 = none

  bool limited() const { return limit_ != 0; }
  std::uint64_t used() const { return used_.load(Orders::kUsed); }
  bool fits(std::uint64_t size) const { return !limited() || size <= limit_; }

  bool take(std::uint64_t size) {
    std::uint64_t used = used_.load(Orders::kUsed);
    do {
      if (limited() && used + size > limit_) return false;
    } while (!used_.compare_exchange_weak(used, used + size, Orders::kUsed));
    return true;
  }
  void take_anyway(std::uint64_t size) { used_.fetch_add(size, Orders::kUsed); }
  void give_back(std::uint64_t size) { used_.fetch_sub(size, Orders::kUsed); }

 private:
  const std::uint64_t limit_;
  StdSync::atomic<std::uint64_t> used_{0};
};

struct MessageQueueSizes {
  static constexpr int kLooks = 9;   // before one sleeps, with pauses between that double,
  static constexpr int kPauses = 5;  // that often; after that others get the CPU
  // In turns of the processor's pause. Long enough that some messages, or some room, gather meanwhile: who looks at every
  // change of the indices takes their cache lines from the thread that makes it, for one message each.
  static constexpr int kFirstPause = 16;
};

// Messages from many producers to many consumers, first in first out. push() never waits and may pass the bound,
// push_bounded() waits while it is reached: the two ways of Cargo's message queue. The storage is an injector, so neither
// takes a lock; who must wait stands in a line. See core/queue/README.md.
//
// Section is what a thread that is about to sleep makes first, and keeps until it goes on.
template <class Section>
class MessageQueue {
  using Storage = Injector<StdSync, 2, StdSync::Traits<InjectorSizes>::kBlockBytes / 16,
                           StdSync::Traits<MessageInjectorOrders>>;
  using Sizes = StdSync::Traits<MessageQueueSizes>;

 public:
  struct Message {
    void* item;
    std::uint64_t size;  // bytes that it holds, below 2^56
  };
  struct Options {
    std::uint64_t bound = 0;  // messages; 0 = none
    std::uint64_t byte_bound = 0;
    bool counts_bytes = false;
  };

  // Throws std::bad_alloc.
  explicit MessageQueue(const Options& options)
      : options_(options),
        bound_(options.bound != 0 ? options.bound : ~std::uint64_t{0}),
        bytes_(options.byte_bound) {}

  // --- producers ---

  // LIBSCHED_OK, LIBSCHED_E_CLOSED, -ENOMEM.
  Status push(const Message& message) {
    if (options_.counts_bytes) bytes_.take_anyway(message.size);
    const PushStatus pushed = storage_.push(pack(message));
    if (pushed == PushStatus::kOk) {
      consumers_.tell();
    } else if (options_.counts_bytes) {
      bytes_.give_back(message.size);
      producers_.tell();  // somebody may have found them taken
    }
    return status_of(pushed);
  }

  // LIBSCHED_E_FULL too.
  Status try_push(const Message& message) { return status_of(push_past_line(message)); }

  // LIBSCHED_E_TIMEOUT and LIBSCHED_E_CANCELLED too. The message must be one that fits().
  Status push_bounded(const Message& message, std::int64_t timeout_ns, CancelSwitch* cancel) {
    const Status status = try_push(message);
    return status == LIBSCHED_E_FULL ? push_later(message, timeout_ns, cancel) : status;
  }

  // As try_push, of one that has other things to do than to wait: on LIBSCHED_E_FULL the watcher is told once when there may be
  // room. It then calls this again, or give_up().
  Status push_or_watch(const Message& message, WaitLine::Watcher& watcher) {
    producers_.note_look();
    PushStatus pushed = push_past_line(message);
    if (pushed == PushStatus::kFull) {
      producers_.watch(watcher);
      pushed = push_past_line(message);
      if (pushed == PushStatus::kFull) return LIBSCHED_E_FULL;
      producers_.unwatch(watcher);
    }
    if (room()) producers_.tell();
    return status_of(pushed);
  }
  // After it the watcher is not told.
  void give_up(WaitLine::Watcher& watcher) {
    producers_.unwatch(watcher);
    if (room()) producers_.tell();
  }

  // --- consumers ---

  // LIBSCHED_OK, LIBSCHED_E_EMPTY, LIBSCHED_E_CLOSED, or LIBSCHED_E_RANGE: the message, whose size is told, is larger than
  // `largest`, and stays.
  Status try_pop(Message& out, std::uint64_t largest) {
    for (int looks = 0;; ++looks) {
      Status status = LIBSCHED_OK;
      const Found found = pop_once(out, largest, status);
      if (found == Found::kYes) return status;
      if (found == Found::kNo) return LIBSCHED_E_EMPTY;
      pause(looks);
    }
  }

  // LIBSCHED_E_TIMEOUT and LIBSCHED_E_CANCELLED, but never LIBSCHED_E_EMPTY.
  Status pop(Message& out, std::uint64_t largest, std::int64_t timeout_ns, CancelSwitch* cancel) {
    Status popped = LIBSCHED_OK;
    if (pop_once(out, largest, popped) == Found::kYes) return popped;
    return pop_later(out, largest, timeout_ns, cancel);
  }

  // Takes one whose push is finished, and waits for no other. False: there is none.
  bool take_left(Message& out) {
    Status status = LIBSCHED_OK;
    return pop_once(out, ~std::uint64_t{0}, status) == Found::kYes && status == LIBSCHED_OK;
  }

  // --- both ---

  // No push succeeds after it; what is there can be taken.
  void close() {
    storage_.close();
    producers_.end();
    consumers_.end();
    poll_.raise();
  }

  bool closed() const { return storage_.closed(); }
  // Whether a message of that size could ever get in within the bounds.
  bool fits(std::uint64_t size) const { return bytes_.fits(size); }
  std::uint64_t size() const { return storage_.size(); }
  std::uint64_t bytes() const { return bytes_.used(); }
  const Options& options() const { return options_; }

  // --- polling ---

  Status poll_fd(int& out) {
    const Status status = poll_.open(out);
    if (status == LIBSCHED_OK && storage_.closed()) poll_.raise();
    return status;
  }
  // LIBSCHED_OK: armed, or something is there; LIBSCHED_E_CLOSED: and never will be; LIBSCHED_E_STATE: nobody has asked for
  // the descriptor.
  Status arm(bool& something) {
    if (!poll_.is_open()) return LIBSCHED_E_STATE;
    poll_.arm();
    const bool closed = storage_.closed();  // first: what got in before the close is something
    something = storage_.size() != 0;
    if (closed) poll_.raise();
    if (something || closed) poll_.disarm();
    return something || !closed ? LIBSCHED_OK : LIBSCHED_E_CLOSED;
  }

 private:
  using Item = typename Storage::Item;
  static Item pack(const Message& message) {
    return {reinterpret_cast<std::uint64_t>(message.item), message.size << 8};
  }

  static Status status_of(PushStatus pushed) {
    switch (pushed) {
      case PushStatus::kOk:
        return LIBSCHED_OK;
      case PushStatus::kFull:
        return LIBSCHED_E_FULL;
      case PushStatus::kClosed:
        return LIBSCHED_E_CLOSED;
      default:
        return -ENOMEM;
    }
  }

  bool limited() const { return options_.bound != 0 || bytes_.limited(); }
  // For some message, if not for all: one of no bytes has room where all bytes are taken.
  bool room() const {
    return storage_.size() < bound_ && (!bytes_.limited() || bytes_.used() <= options_.byte_bound);
  }

  [[gnu::always_inline]] PushStatus push_once(const Message& message) {
    if (options_.counts_bytes) {
      if (storage_.closed()) return PushStatus::kClosed;
      // First, so that what is taken and given back again is rare: others may have looked meanwhile, and must be told.
      if (storage_.size() >= bound_) return PushStatus::kFull;
      if (!bytes_.take(message.size)) return PushStatus::kFull;
    }
    const PushStatus pushed = storage_.push_within(bound_, pack(message));
    if (pushed == PushStatus::kOk) {
      consumers_.tell();
    } else if (options_.counts_bytes) {
      bytes_.give_back(message.size);
      producers_.tell();
    }
    return pushed;
  }

  // Of one that does not stand in line.
  [[gnu::always_inline]] PushStatus push_past_line(const Message& message) {
    if (!producers_.may_pass()) {
      return storage_.closed() ? PushStatus::kClosed : PushStatus::kFull;
    }
    const PushStatus pushed = push_once(message);
    if (pushed == PushStatus::kOk) producers_.note_pass();
    return pushed;
  }

  [[gnu::always_inline]] Found pop_once(Message& out, std::uint64_t largest, Status& status) {
    Item item;
    for (;;) {
      switch (storage_.pop_if(item, [&](const Item& it) { return it[1] >> 8 <= largest; })) {
        case StealStatus::kSuccess:
          out = {reinterpret_cast<void*>(item[0]), item[1] >> 8};
          if (options_.counts_bytes) bytes_.give_back(out.size);
          if (limited()) producers_.tell();
          status = LIBSCHED_OK;
          return Found::kYes;
        case StealStatus::kFull:
          out.size = item[1] >> 8;
          status = LIBSCHED_E_RANGE;
          return Found::kYes;
        case StealStatus::kRetry:
          continue;
        case StealStatus::kPending:
          return Found::kSoon;
        default:
          break;
      }
      // The indices alone say whether nothing was pushed: what else the look went by is not ordered with an announcement.
      const bool closed = storage_.closed();
      if (storage_.size() != 0) return Found::kSoon;
      status = LIBSCHED_E_CLOSED;
      return closed ? Found::kYes : Found::kNo;
    }
  }

  static void pause(int looks) {
    if (looks < Sizes::kPauses) {
      for (int i = 0; i < Sizes::kFirstPause << looks; ++i) StdSync::pause();
    } else {
      StdSync::yield();
    }
  }

  // What the two calls do that did not succeed at once: out of line, so that the others stay short.
  [[gnu::noinline]] Status push_later(const Message& message, std::int64_t timeout_ns,
                                      CancelSwitch* cancel) {
    PushStatus pushed = PushStatus::kFull;
    const auto look = [&] {
      pushed = push_once(message);
      return pushed != PushStatus::kFull ? Found::kYes : Found::kNo;
    };
    const auto more = [this] { return room(); };
    const auto hurried = [&] {
      pushed = push_past_line(message);
      return pushed != PushStatus::kFull ? Found::kYes : Found::kNo;
    };
    const Status status = get(producers_, timeout_ns, cancel, hurried, look, more);
    return status == LIBSCHED_OK ? status_of(pushed) : status;
  }
  [[gnu::noinline]] Status pop_later(Message& out, std::uint64_t largest, std::int64_t timeout_ns,
                                     CancelSwitch* cancel) {
    if (timeout_ns == 0) {
      const Status status = try_pop(out, largest);
      return status == LIBSCHED_E_EMPTY ? out_of_time(cancel) : status;
    }
    Status popped = LIBSCHED_OK;
    const auto look = [&] { return pop_once(out, largest, popped); };
    const auto more = [this] { return storage_.size() != 0; };
    const Status status = get(consumers_, timeout_ns, cancel, look, look, more);
    return status == LIBSCHED_OK ? popped : status;
  }

  // Looks for something a few times and then stands in line for it.
  template <class Hurried, class Look, class More>
  static Status get(WaitLine& line, std::int64_t timeout_ns, CancelSwitch* cancel, Hurried hurried,
                    Look look, More more) {
    for (int looks = 0; looks < Sizes::kLooks; ++looks) {
      if (hurried() == Found::kYes) return LIBSCHED_OK;
      if (timeout_ns == 0) return out_of_time(cancel);
      pause(looks);
    }
    const Section section;
    return line.wait(sys::Deadline(timeout_ns), cancel, look, more);
  }

  const Options options_;
  const std::uint64_t bound_;  // of messages, which are never that many if there is none
  Storage storage_;
  alignas(kCacheLine) WaitLine consumers_;
  alignas(kCacheLine) WaitLine producers_;
  ByteBudget bytes_;
  PollSignal poll_{consumers_};
};

}  // namespace sched
