#include "tests/model/scenarios/message_queue_test.h"

namespace model {
namespace {

using Consumer = MessageTest::Consumer;
constexpr std::size_t kOther = MessageTest::kPerSender + 1;

// Whoever misses a message, room, or the end, sleeps for ever: a deadlock.

SCENARIO(message_push_against_pop, .bound = 4, .deep_bound = 5,
         .kills = {"MessageInjectorOrders"}) {
  MessageTest test({});
  {
    const Thread consumer([&] { Consumer(test).receive(); });
    test.send(1);
  }
  test.finish();
}

SCENARIO(message_close_against_pop, .bound = 4, .deep_bound = 5, .random = 5000, .pct = 5000,
         .kills = {"MessageInjectorOrders"}) {
  MessageTest test({});
  {
    const Thread other([&] {
      Consumer consumer(test);
      consumer.pop();
      check(consumer.status() == LIBSCHED_E_CLOSED, "a pop ended for no reason");
    });
    test.queue().close();
  }
  test.finish();
}

// The block at hand is full, so the message lies in the next one.
SCENARIO(message_in_the_next_block, .bound = 3, .deep_bound = 4,
         .kills = {"MessageInjectorOrders"}) {
  MessageTest test({.messages = 4});
  {
    const Thread other([&] {
      Consumer consumer(test);
      for (int i = 0; i < 5; ++i) consumer.receive();
    });
    test.send(kOther);
  }
  test.finish();
}

// Room for one: the producer waits for the consumer, and the consumer for the producer.
SCENARIO(message_bound_1, .bound = 2, .deep_bound = 3, .spurious = 1,
         .kills = {"MessageInjectorOrders"}) {
  MessageTest test({.bound = 1});
  {
    const Thread other([&] {
      Consumer consumer(test);
      check(consumer.receive() == 1 && consumer.receive() == 2, "the order of messages is changed");
    });
    test.send(1);
    test.send(2);
  }
  test.finish();
}

SCENARIO(message_bound_2, .bound = 2, .deep_bound = 3) {
  MessageTest test({.bound = 2});
  {
    const Thread other([&] {
      Consumer consumer(test);
      for (int i = 0; i < 3; ++i) consumer.receive();
    });
    for (std::size_t number = 1; number <= 3; ++number) test.send(number);
  }
  test.finish();
}

// Both producers wait for the room of one, which is full at first.
SCENARIO(message_two_producers_bound_1, .bound = 1, .deep_bound = 2,
         .kills = {"MessageInjectorOrders"}) {
  MessageTest test({.bound = 1, .messages = 1});
  {
    const Thread first([&] { test.send(2); });
    const Thread second([&] { test.send(kOther); }, first);
    Consumer consumer(test);
    for (int i = 0; i < 3; ++i) consumer.receive();
  }
  test.finish();
}

SCENARIO(message_two_producers_bound_2, .bound = 2, .deep_bound = 3) {
  MessageTest test({.bound = 2, .messages = 1});
  {
    const Thread first([&] { test.send(2); });
    const Thread second([&] { test.send(kOther); }, first);
    Consumer consumer(test);
    for (int i = 0; i < 3; ++i) consumer.receive();
  }
  test.finish();
}

SCENARIO(message_two_consumers_bound_1, .bound = 1, .deep_bound = 2) {
  MessageTest test({.bound = 1});
  {
    const auto receive = [&] { Consumer(test).receive(); };
    const Thread first(receive);
    const Thread second(receive, first);
    test.send(1);
    test.send(2);
  }
  test.finish();
}

SCENARIO(message_two_consumers_bound_2, .bound = 1, .deep_bound = 2) {
  MessageTest test({.bound = 2});
  {
    const auto receive = [&] { Consumer(test).receive(); };
    const Thread first(receive);
    const Thread second(receive, first);
    test.send(1);
    test.send(2);
  }
  test.finish();
}

// --- the bound ---

// Of three that want in at once as many get in as there is room, and each other one is told that it is full.
SCENARIO(message_bound_is_exact, .bound = 3, .deep_bound = 4, .spurious = 1) {
  MessageTest test({.bound = 2});
  int full = 0;
  {
    const auto push = [&](std::size_t number) {
      const Status status = test.try_push(number);
      check(status == LIBSCHED_OK || status == LIBSCHED_E_FULL, "a push failed without a reason");
      full += status == LIBSCHED_E_FULL ? 1 : 0;
    };
    const Thread first([&] { push(1); });
    const Thread second([&] { push(kOther); }, first);
    push(2 * MessageTest::kPerSender + 1);
  }
  check(full == 1 && test.queue().size() == 2, "the bound is not what was asked for");
  test.finish(2);
}

// The same while one is taken.
SCENARIO(message_bound_while_taken, .bound = 3, .deep_bound = 4) {
  MessageTest test({.bound = 1, .messages = 1});
  {
    const Thread consumer([&] { Consumer(test).receive(); });
    const auto push = [&](std::size_t number) { static_cast<void>(test.try_push(number)); };
    const Thread first([&] { push(2); });
    const Thread second([&] { push(kOther); }, first);
  }
  check(!(test.pushed(2) && test.pushed(kOther)), "the bound was passed");
  test.finish(1);
}

// What need not wait passes the bound, and room is there again only when the queue is below it.
SCENARIO(message_push_passes_the_bound, .bound = 3, .deep_bound = 4) {
  MessageTest test({.bound = 1, .messages = 1});
  {
    const Thread producer([&] { test.send(kOther); });
    check(test.push_anyway(2) == LIBSCHED_OK, "a push that need not wait failed");
    Consumer consumer(test);
    check(consumer.receive() == 1, "a message was taken before an older one");
    check(consumer.receive() == 2, "a message got in above the bound");
    check(consumer.receive() == kOther, "a message got in and is not there");
  }
  test.finish();
}

// --- waits that end early ---

SCENARIO(message_push_times_out, .bound = 1, .deep_bound = 2) {
  MessageTest test({.bound = 1, .messages = 1});
  {
    const Thread patient([&] { test.send(2); });
    const Thread impatient([&] {
      const Status status = test.push(kOther, 0, kSoon);
      check(status == LIBSCHED_OK || status == LIBSCHED_E_TIMEOUT,
            "a push failed without a reason");
    });
    Consumer consumer(test);
    consumer.receive();
    consumer.receive();
  }
  test.finish(1);
}

SCENARIO(message_pop_is_cancelled, .bound = 1, .deep_bound = 2) {
  MessageTest test({});
  CancelSwitch cancel;
  name(cancel, "cancel");
  {
    const Thread patient([&] { Consumer(test).receive(); });
    const Thread cancelled([&] {
      Consumer consumer(test);
      if (consumer.pop(kForEver, &cancel) != 0) return test.send(kOther);
      check(consumer.status() == LIBSCHED_E_CANCELLED, "a pop failed without a reason");
    });
    const Thread canceller([&] { cancel.trigger(); });
    test.send(1);
  }
  test.finish();
}

// --- the end ---

// All that got in comes out before the end does.
SCENARIO(message_close_against_push_and_pop, .bound = 3, .deep_bound = 4,
         .kills = {"MessageInjectorOrders"}) {
  MessageTest test({.bound = 1, .messages = 1});
  {
    const Thread producer([&] {
      const Status status = test.push(2);
      check(status == LIBSCHED_OK || status == LIBSCHED_E_CLOSED, "a push failed without a reason");
    });
    const Thread other([&] {
      Consumer consumer(test);
      while (consumer.pop() != 0) {
      }
      check(consumer.status() == LIBSCHED_E_CLOSED, "a pop failed without a reason");
      check(test.taken(1), "the end came before a message");
    });
    test.queue().close();
    check(test.try_push(kOther) == LIBSCHED_E_CLOSED, "a closed queue is not closed");
  }
  test.finish();
}

SCENARIO(message_close_two_producers, .bound = 2, .deep_bound = 3) {
  MessageTest test({.bound = 1, .messages = 1});
  {
    const auto push = [&](std::size_t number) {
      check(test.push(number) == LIBSCHED_E_CLOSED, "a message got in above the bound");
    };
    const Thread first([&] { push(2); });
    const Thread second([&] { push(kOther); }, first);
    test.queue().close();
    check(test.try_push(3) == LIBSCHED_E_CLOSED, "a closed queue is not closed");
  }
  test.finish(1);
}

SCENARIO(message_close_two_consumers, .bound = 1, .deep_bound = 2) {
  MessageTest test({});
  {
    const auto drain = [&] {
      Consumer consumer(test);
      while (consumer.pop() != 0) {
      }
      check(consumer.status() == LIBSCHED_E_CLOSED, "a pop failed without a reason");
    };
    const Thread first(drain);
    const Thread second(drain, first);
    test.send(1);
    test.queue().close();
  }
  test.finish();
}

// --- a push that is not finished ---

// The later one may be finished first, and tells while the earlier one is on its way.
SCENARIO(message_unfinished_push, .bound = 2, .deep_bound = 3, .kills = {"MessageInjectorOrders"}) {
  MessageTest test({});
  {
    const Thread first([&] { test.send(1); });
    const Thread second([&] { test.send(kOther); }, first);
    Consumer consumer(test);
    consumer.receive();
    consumer.receive();
  }
  test.finish();
}

SCENARIO(message_close_against_unfinished_push, .bound = 1, .deep_bound = 2) {
  MessageTest test({});
  {
    const Thread producer([&] {
      const Status status = test.push(1);
      check(status == LIBSCHED_OK || status == LIBSCHED_E_CLOSED, "a push failed without a reason");
    });
    const auto drain = [&] {
      Consumer consumer(test);
      consumer.pop();
      if (consumer.status() == LIBSCHED_OK) consumer.pop();
      check(consumer.status() == LIBSCHED_E_CLOSED, "a pop failed without a reason");
    };
    const Thread one(drain);
    const Thread two(drain, one);
    test.queue().close();
  }
  test.finish();
}

}  // namespace
}  // namespace model
