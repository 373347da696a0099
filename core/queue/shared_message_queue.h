#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>

#include "core/base/call.h"
#include "core/queue/message_queue.h"
#include "core/queue/shared.h"
#include "core/sync/ref_count.h"
#include "core/sync/std_sync.h"
#include "core/sys/fork_guard.h"

namespace sched {

struct SendersOrders {
  static constexpr std::memory_order kFirst = std::memory_order_relaxed;  // of one exchange
};

// A message queue as an object that threads share: held by its receivers together and by each sender, ended by the last of
// either, and with a place for the messages left then. These are any pointers, or bytes of which it keeps copies.
template <class Section>
class SharedMessageQueue {
  using Orders = StdSync::Traits<SendersOrders>;
  using Queue = MessageQueue<Section>;
  using Message = typename Queue::Message;

 public:
  using Options = typename Queue::Options;
  using MessageFn = void (*)(void* message, void* user_data);

  enum class Way : std::uint8_t { kAnyway, kTry, kWait };
  struct Waiting {
    Way way = Way::kWait;
    std::int64_t timeout_ns = -1;
    CancelSwitch* cancel = nullptr;
  };

  // Throws std::bad_alloc. Messages are bytes if the options count them.
  SharedMessageQueue(const Options& options, ItemDiscard discard)
      : queue_(options), discard_(discard) {}

  std::uint64_t byte_bound() const { return queue_.options().byte_bound; }
  bool holds_bytes() const { return queue_.options().counts_bytes; }
  void close() { queue_.close(); }
  bool closed() const { return queue_.closed(); }
  std::uint64_t size() const { return queue_.size(); }
  std::uint64_t bytes() const { return queue_.bytes(); }
  Status poll_fd(int& out) { return queue_.poll_fd(out); }
  Status arm(bool& something) { return queue_.arm(something); }

  // --- its ends ---

  // LIBSCHED_OK or LIBSCHED_E_CLOSED.
  Status add_sender() {
    if (queue_.closed()) return LIBSCHED_E_CLOSED;
    // The count is born with one, which is the first sender's.
    if (had_sender_.exchange(true, Orders::kFirst) && !senders_.add_unless_gone()) {
      return LIBSCHED_E_CLOSED;
    }
    holders_.add();
    return LIBSCHED_OK;
  }
  void drop_sender() {
    if (senders_.drop()) queue_.close();
    drop();
  }
  // By who pushes now and then without being a sender. It lives until drop(), but may be closed.
  void hold() { holders_.add(); }
  void drop() {
    if (!holders_.drop()) return;
    const std::unique_ptr<SharedMessageQueue, Delete> last(this);
    clear();
  }
  void drop_receivers() {
    queue_.close();
    const std::unique_ptr<SharedMessageQueue, Drop> last(this);  // a discard may end the thread
    clear();
  }

  // --- messages ---

  Status push(void* item, const Waiting& waiting) { return push(Message{item, 0}, waiting); }

  // LIBSCHED_E_RANGE: too long for ever getting in.
  Status push_bytes(const void* bytes, std::size_t size, const Waiting& waiting) {
    if (waiting.way != Way::kAnyway && !queue_.fits(size)) return LIBSCHED_E_RANGE;
    return push_copy(bytes, size, [&](const Message& message) { return push(message, waiting); });
  }
  // The same for a watcher, as MessageQueue::push_or_watch.
  Status push_bytes(const void* bytes, std::size_t size, WaitLine::Watcher& watcher) {
    return push_copy(bytes, size, [&](const Message& message) {
      return queue_.push_or_watch(message, watcher);
    });
  }
  void give_up(WaitLine::Watcher& watcher) { queue_.give_up(watcher); }

  Status pop(void*& out, const Waiting& waiting) {
    Message message;
    const Status status = take(message, ~std::uint64_t{0}, waiting);
    if (status == LIBSCHED_OK) out = message.item;
    return status;
  }

  Status pop_n(void** out, std::size_t most, const Waiting& waiting, std::size_t& taken) {
    taken = 0;
    while (taken < most) {
      const Status status = taken == 0 ? pop(out[0], waiting) : pop(out[taken], {Way::kTry});
      if (status != LIBSCHED_OK) return taken != 0 ? LIBSCHED_OK : status;
      ++taken;
    }
    return LIBSCHED_OK;
  }

  Status pop_all(MessageFn fn, void* user_data, std::size_t& taken) {
    const std::uint64_t process = sys::ForkGuard::current();
    const std::uint64_t most = queue_.size();
    taken = 0;
    do {
      void* message = nullptr;
      const Status status = pop(message, {Way::kTry});
      if (status != LIBSCHED_OK) return taken != 0 ? LIBSCHED_OK : status;
      ++taken;
      if (const int left = call_user([&] { return fn(message, user_data), 0; })) return left;
      // In a child that fn has come back in, the messages are the parent's.
      if (sys::ForkGuard::current() != process) return LIBSCHED_E_FORKED;
    } while (taken < most);
    return LIBSCHED_OK;
  }

  // LIBSCHED_E_RANGE: the message is longer than that, and stays.
  Status pop_bytes(void* buffer, std::size_t capacity, const Waiting& waiting, std::size_t& size) {
    Message message;
    const Status status = take(message, capacity, waiting);
    if (status == LIBSCHED_OK || status == LIBSCHED_E_RANGE) {
      size = static_cast<std::size_t>(message.size);
    }
    if (status != LIBSCHED_OK) return status;
    if (size != 0) std::memcpy(buffer, message.item, size);
    ::operator delete(message.item);
    return status;
  }

 private:
  ~SharedMessageQueue() = default;

  template <class Push>
  Status push_copy(const void* bytes, std::size_t size, Push push) {
    void* copy = nullptr;
    if (size != 0) {
      copy = ::operator new(size, std::nothrow);
      if (copy == nullptr) return -ENOMEM;
      std::memcpy(copy, bytes, size);
    }
    const Status status = push(Message{copy, size});
    if (status != LIBSCHED_OK) ::operator delete(copy);
    return status;
  }

  Status push(const Message& message, const Waiting& waiting) {
    switch (waiting.way) {
      case Way::kAnyway:
        return queue_.push(message);
      case Way::kTry:
        return queue_.try_push(message);
      case Way::kWait:
        break;
    }
    return queue_.push_bounded(message, waiting.timeout_ns, waiting.cancel);
  }

  Status take(Message& out, std::uint64_t largest, const Waiting& waiting) {
    return waiting.way == Way::kTry ? queue_.try_pop(out, largest)
                                    : queue_.pop(out, largest, waiting.timeout_ns, waiting.cancel);
  }

  void clear() {
    Message left;
    const std::uint64_t process = sys::ForkGuard::current();
    while (sys::ForkGuard::current() == process && queue_.take_left(left)) {
      if (holds_bytes()) {
        ::operator delete(left.item);
      } else if (discard_ != nullptr) {
        call_user([&] { return discard_(left.item), 0; });  // user code
      }
    }
  }

  struct Drop {
    void operator()(SharedMessageQueue* queue) const { queue->drop(); }
  };
  struct Delete {
    void operator()(SharedMessageQueue* queue) const { delete queue; }
  };

  Queue queue_;
  const ItemDiscard discard_;
  RefCount<StdSync> holders_;  // the receivers together, and each sender
  RefCount<StdSync> senders_;
  StdSync::atomic<bool> had_sender_{false};
};

}  // namespace sched
