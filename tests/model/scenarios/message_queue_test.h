#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/queue/message_queue.h"
#include "tests/model/engine/system.h"
#include "tests/model/scenarios/items.h"

namespace model {

using sched::CancelSwitch;
using sched::Status;

inline constexpr std::int64_t kForEver = -1;
inline constexpr std::int64_t kSoon = 1000;
inline constexpr std::uint64_t kAnySize = ~std::uint64_t{0};

// Threads of the checker sleep as they are.
struct NoSection {
  NoSection() {}
};

// What is made by a thread that has ended: the checker need not ask whether one that goes on will write there again, and
// stops nobody for it. A stop between a claim and its end makes consumers look for it for ever.
template <class Make>
void made_elsewhere(Make make) {
  Thread(make).join();
}

// A message queue, and what it promises: each message whose push succeeded comes out once, with its contents, and those of
// a producer in their order. A message of producer p has the numbers from p * kPerSender + 1; its size is its own.
class MessageTest {
 public:
  using Queue = sched::MessageQueue<NoSection>;
  static constexpr std::size_t kPerSender = 4;
  static constexpr std::size_t kSenders = 3;
  static constexpr std::size_t kMessages = kSenders * kPerSender;
  struct Given {
    std::uint64_t bound = 0;
    std::uint64_t byte_bound = 0;
    std::size_t messages = 0;  // that are there already: 1, 2, ...
    std::uint64_t size = 0;    // of each
  };

  explicit MessageTest(Given given) : items_(kMessages) {
    install_system();
    made_elsewhere([&] {
      made_.emplace(Queue::Options{given.bound, given.byte_bound, given.byte_bound != 0});
      for (std::size_t number = 1; number <= given.messages; ++number) send(number, given.size);
    });
    name(*made_, "queue");
  }

  // --- producers ---

  Status push_anyway(std::size_t number, std::uint64_t size = 0) {
    return note(number, queue().push(message(number, size)));
  }
  Status try_push(std::size_t number, std::uint64_t size = 0) {
    return note(number, queue().try_push(message(number, size)));
  }
  Status push(std::size_t number, std::uint64_t size = 0, std::int64_t timeout_ns = kForEver,
              CancelSwitch* cancel = nullptr) {
    return note(number, queue().push_bounded(message(number, size), timeout_ns, cancel));
  }
  // Of one and the same message until it gets in.
  Queue::Message make(std::size_t number, std::uint64_t size = 0) { return message(number, size); }
  Status push_or_watch(const Queue::Message& made, std::size_t number,
                       sched::WaitLine::Watcher& watcher) {
    return note(number, queue().push_or_watch(made, watcher));
  }
  // One that must get in.
  void send(std::size_t number, std::uint64_t size = 0) {
    check(push(number, size) == LIBSCHED_OK, "a push without a limit failed");
  }

  // --- consumers ---

  // One thread's view.
  class Consumer {
   public:
    explicit Consumer(MessageTest& test) : test_(test) {}

    // The number of the message; 0 = none, see status().
    std::size_t pop(std::int64_t timeout_ns = kForEver, CancelSwitch* cancel = nullptr,
                    std::uint64_t largest = kAnySize) {
      return taken([&](auto& out) { return test_.queue().pop(out, largest, timeout_ns, cancel); });
    }
    std::size_t try_pop() {
      return taken([&](auto& out) { return test_.queue().try_pop(out, kAnySize); });
    }
    // One that must come.
    std::size_t receive() {
      const std::size_t number = pop();
      check(status_ == LIBSCHED_OK, "a pop without a limit failed");
      return number;
    }
    Status status() const { return status_; }

   private:
    template <class Pop>
    std::size_t taken(Pop pop) {
      Queue::Message out{nullptr, 0};
      status_ = pop(out);
      if (status_ != LIBSCHED_OK) return 0;
      const std::size_t number = test_.items_.take(out.item);
      check(out.size == test_.sizes_[number - 1], "a message has the size of another one");
      std::size_t& last = last_[(number - 1) / kPerSender];
      check(number > last, "a producer's messages come out in another order");
      return last = number;
    }

    MessageTest& test_;
    Status status_ = LIBSCHED_OK;
    std::size_t last_[kSenders] = {};
  };

  // --- when all other threads have ended ---

  // At most `most` messages are left.
  void finish(std::size_t most = 0) {
    const std::size_t left = queue().size();
    check(left <= most, "more messages are left than may be");
    check(queue().bytes() == bytes_left(), "the bytes of the messages left are counted wrong");
    Consumer consumer(*this);
    for (std::size_t i = 0; i < left; ++i) {
      check(consumer.try_pop() != 0, "a message that is left is not found");
    }
    consumer.try_pop();
    check(consumer.status() == (queue().closed() ? LIBSCHED_E_CLOSED : LIBSCHED_E_EMPTY),
          "an empty queue is not empty");
    for (std::size_t number = 1; number <= kMessages; ++number) {
      check(items_.taken(number) == pushed_[number - 1],
            "a message was lost, or was refused and came");
    }
    check(queue().bytes() == 0, "an empty queue holds bytes");
  }
  Queue& queue() { return *made_; }
  bool pushed(std::size_t number) const { return pushed_[number - 1]; }
  bool taken(std::size_t number) const { return items_.taken(number); }

 private:
  Queue::Message message(std::size_t number, std::uint64_t size) {
    sizes_[number - 1] = size;
    return {items_.make(number), size};
  }
  Status note(std::size_t number, Status status) {
    pushed_[number - 1] = status == LIBSCHED_OK;
    return status;
  }
  std::uint64_t bytes_left() const {
    std::uint64_t sum = 0;
    for (std::size_t number = 1; number <= kMessages; ++number) {
      if (pushed_[number - 1] && !items_.taken(number)) sum += sizes_[number - 1];
    }
    return made_->options().counts_bytes ? sum : 0;
  }

  std::optional<Queue> made_;
  Items items_;
  std::uint64_t sizes_[kMessages] = {};
  bool pushed_[kMessages] = {};
};

}  // namespace model
