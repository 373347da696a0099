#include "tests/model/scenarios/message_queue_test.h"

namespace model {
namespace {

using Consumer = MessageTest::Consumer;

// A producer that does not wait in the queue, but is told when there is room: what reads the output of processes.
class Told final : public sched::WaitLine::Watcher {
 public:
  explicit Told(MessageTest& test) : test_(test) { name(*this, "told"); }

  void send(std::size_t number, std::uint64_t size = 0) {
    const auto message = test_.make(number, size);
    for (;;) {
      raised_.store(false, std::memory_order_relaxed);
      const Status status = test_.push_or_watch(message, number, *this);
      if (status == LIBSCHED_OK) return;
      check(status == LIBSCHED_E_FULL, "a push failed for no reason");
      sleep();
    }
  }
  // Until the end of the queue.
  void send_until_closed(std::size_t number) {
    const auto message = test_.make(number);
    for (;;) {
      raised_.store(false, std::memory_order_relaxed);
      if (test_.push_or_watch(message, number, *this) == LIBSCHED_E_CLOSED) return;
      sleep();
    }
  }
  void give_up() { test_.queue().give_up(*this); }

 private:
  void told() override {
    raised_.store(true, std::memory_order_seq_cst);
    event_.notify_one();
  }
  void sleep() {
    for (;;) {
      const auto key = event_.prepare();
      if (raised_.load(std::memory_order_seq_cst)) return event_.cancel();
      event_.wait(key, kForEver);
    }
  }

  MessageTest& test_;
  sched::EventCount<ModelSync> event_;
  Atomic<bool> raised_{false};
};

// What is lost leaves somebody asleep: a deadlock.

SCENARIO(message_room_told, .bound = 2, .deep_bound = 3) {
  MessageTest test({.bound = 1, .messages = 1});
  const Thread producer([&] { Told(test).send(2); });
  Consumer consumer(test);
  consumer.receive();
  consumer.receive();
}

SCENARIO(message_room_two_told, .bound = 1, .deep_bound = 2, .random = 5000) {
  MessageTest test({.bound = 1, .messages = 1});
  const Thread one([&] { Told(test).send(MessageTest::kPerSender + 1); });
  const Thread two([&] { Told(test).send(2 * MessageTest::kPerSender + 1); });
  Consumer consumer(test);
  for (int i = 0; i < 3; ++i) consumer.receive();
}

// Of two that are told, and one that waits in line, each gets in.
SCENARIO(message_room_told_and_waiting, .bound = 1, .deep_bound = 2, .random = 5000) {
  MessageTest test({.bound = 1, .messages = 1});
  const Thread told([&] { Told(test).send(MessageTest::kPerSender + 1); });
  const Thread waiting([&] { test.send(2 * MessageTest::kPerSender + 1); });
  Consumer consumer(test);
  for (int i = 0; i < 3; ++i) consumer.receive();
}

// Room for two small ones is made by one large one.
SCENARIO(message_room_bytes, .bound = 1, .deep_bound = 2, .random = 5000) {
  MessageTest test({.byte_bound = 2, .messages = 1, .size = 2});
  const Thread one([&] { Told(test).send(MessageTest::kPerSender + 1, 1); });
  const Thread two([&] { Told(test).send(2 * MessageTest::kPerSender + 1, 1); });
  Consumer consumer(test);
  for (int i = 0; i < 3; ++i) consumer.receive();
}

// Who gives up leaves the room to the other.
SCENARIO(message_room_given_up, .bound = 2, .deep_bound = 3, .random = 5000) {
  MessageTest test({.bound = 1, .messages = 1});
  Told first(test);
  check(test.push_or_watch(test.make(2), 2, first) == LIBSCHED_E_FULL, "there was room");
  const Thread patient([&] { Told(test).send(MessageTest::kPerSender + 1); });
  const Thread impatient([&] { first.give_up(); });
  Consumer consumer(test);
  consumer.receive();
  consumer.receive();
}

SCENARIO(message_room_closed, .bound = 2, .deep_bound = 3) {
  MessageTest test({.bound = 1, .messages = 1});
  const Thread producer([&] { Told(test).send_until_closed(2); });
  test.queue().close();
}

}  // namespace
}  // namespace model
