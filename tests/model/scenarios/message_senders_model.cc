#include "core/queue/shared_message_queue.h"
#include "tests/model/scenarios/message_queue_test.h"

namespace model {
namespace {

using Queue = sched::SharedMessageQueue<NoSection>;

// A queue with its senders. It lives until all its ends are gone; the checker finds what is left or used after that.
class SendersTest {
 public:
  SendersTest() : items_(4) {
    install_system();
    present() = this;
    made_elsewhere([&] {
      queue = new Queue(Queue::Options{1, 0, false}, [](void* item) { present()->discard(item); });
    });
    name(*queue, "queue");
  }

  void send(std::size_t number, Queue::Way way = Queue::Way::kWait) {
    const Status status = queue->push(items_.make(number), {way});
    check(status == LIBSCHED_OK || status == LIBSCHED_E_CLOSED, "a push failed without a reason");
    pushed_[number - 1] = status == LIBSCHED_OK;
  }
  // Until the end.
  std::size_t receive_all() {
    for (std::size_t taken = 0;; ++taken) {
      void* item = nullptr;
      const Status status = queue->pop(item, {});
      if (status != LIBSCHED_OK) {
        check(status == LIBSCHED_E_CLOSED, "a pop failed without a reason");
        return taken;
      }
      items_.take(item);
    }
  }
  // When all ends are gone.
  void finish() const {
    for (std::size_t number = 1; number <= 4; ++number) {
      check(items_.taken(number) == pushed_[number - 1], "a message was lost");
    }
  }
  bool pushed(std::size_t number) const { return pushed_[number - 1]; }

  Queue* queue = nullptr;

 private:
  static SendersTest*& present() {
    static SendersTest* test = nullptr;
    return test;
  }
  void discard(void* item) { items_.take(item); }

  Items items_;
  bool pushed_[4] = {};
};

// The last sender's end is the queue's, after all that was sent.
SCENARIO(message_senders_last_closes, .bound = 1, .deep_bound = 2, .random = 5000,
         .kills = {"SendersOrders"}) {
  SendersTest test;
  const auto send = [&](std::size_t number) {
    test.send(number);
    test.queue->drop_sender();
  };
  check(test.queue->add_sender() == LIBSCHED_OK && test.queue->add_sender() == LIBSCHED_OK,
        "a sender could not be made");
  {
    const Thread first([&] { send(1); });
    const Thread second([&] { send(2); }, first);
    check(test.receive_all() == 2, "the end came before a message");
  }
  test.queue->drop_receivers();
  test.finish();
}

// The receivers are gone: no push waits for them, and what was sent is discarded.
SCENARIO(message_senders_receivers_gone, .bound = 2, .deep_bound = 3, .random = 5000) {
  SendersTest test;
  const auto send = [&](std::size_t number) {
    test.send(number);
    test.queue->drop_sender();
  };
  check(test.queue->add_sender() == LIBSCHED_OK && test.queue->add_sender() == LIBSCHED_OK,
        "a sender could not be made");
  {
    const Thread first([&] { send(1); });
    const Thread second([&] { send(2); }, first);
    test.queue->drop_receivers();
  }
  check(!(test.pushed(1) && test.pushed(2)), "more got in than there was room for");
  test.finish();
}

// A sender is made while the last one goes: it is one of a closed queue, or the queue lives on.
SCENARIO(message_senders_made_while_one_goes, .bound = 3, .deep_bound = 4) {
  SendersTest test;
  bool made = false;
  check(test.queue->add_sender() == LIBSCHED_OK, "a sender could not be made");
  {
    const Thread first([&] {
      test.send(1, Queue::Way::kAnyway);
      test.queue->drop_sender();
    });
    made = test.queue->add_sender() == LIBSCHED_OK;
    if (made) {
      test.send(2, Queue::Way::kAnyway);
      test.queue->drop_sender();
    }
  }
  check(test.pushed(1), "a message was refused while there was a sender");
  test.receive_all();
  test.queue->drop_receivers();
  test.finish();
}

}  // namespace
}  // namespace model
