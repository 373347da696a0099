#include "tests/model/scenarios/message_queue_test.h"

// Queues whose messages are counted in bytes.
namespace model {
namespace {

using Consumer = MessageTest::Consumer;
constexpr std::size_t kOther = MessageTest::kPerSender + 1;
constexpr std::size_t kThird = 2 * MessageTest::kPerSender + 1;

SCENARIO(message_bytes_pop_against_push, .bound = 3, .deep_bound = 4, .random = 3000,
         .kills = {"ByteBudgetOrders"}) {
  MessageTest test({.byte_bound = 2, .messages = 1, .size = 2});
  {
    const Thread producer([&] { test.send(2, 1); });
    Consumer(test).receive();
  }
  test.finish(1);
}

// Of messages of two bytes, where there is room for three, one gets in.
SCENARIO(message_bytes_bound_is_exact, .bound = 3, .deep_bound = 4, .spurious = 1) {
  MessageTest test({.byte_bound = 3});
  {
    const auto push = [&](std::size_t number) {
      const Status status = test.try_push(number, 2);
      check(status == LIBSCHED_OK || status == LIBSCHED_E_FULL, "a push failed without a reason");
    };
    const Thread first([&] { push(1); });
    const Thread second([&] { push(kOther); }, first);
  }
  check(test.queue().bytes() == 2, "the bound is not what was asked for");
  check(!test.queue().fits(4) && test.queue().fits(3), "what could get in is not said");
  test.finish(1);
}

// Two bounds: who has the bytes may get no place, and others may have looked meanwhile.
SCENARIO(message_bytes_given_back, .bound = 1, .deep_bound = 2, .random = 5000) {
  MessageTest test({.bound = 1, .byte_bound = 3, .messages = 1, .size = 1});
  {
    const Thread first([&] { test.send(2, 2); });
    const Thread second([&] { test.send(kOther, 2); }, first);
    Consumer consumer(test);
    for (int i = 0; i < 3; ++i) consumer.receive();
  }
  test.finish();
}

// A small one waits behind a large one, and both get in by one message's end.
SCENARIO(message_bytes_two_by_one, .bound = 2, .deep_bound = 3, .random = 5000) {
  MessageTest test({.byte_bound = 3, .messages = 1, .size = 3});
  {
    const Thread large([&] { test.send(2, 2); });
    const Thread small([&] { test.send(kOther, 1); });
    Consumer(test).receive();
  }
  test.finish(2);
}

// A message of no bytes has room where all bytes are taken.
SCENARIO(message_bytes_of_none, .bound = 1, .deep_bound = 2, .random = 5000) {
  MessageTest test({.bound = 2, .byte_bound = 1, .messages = 1, .size = 1});
  check(test.try_push(2, 0) == LIBSCHED_OK, "there was room, and a push failed");
  {
    const Thread large([&] { test.send(kOther, 1); });
    const Thread empty([&] { test.send(kThird, 0); });
    Consumer consumer(test);
    consumer.receive();
    consumer.receive();
  }
  test.finish(2);
}

// What need not wait takes bytes above the bound, and gives them back like others.
SCENARIO(message_bytes_push_passes_the_bound, .bound = 3, .deep_bound = 4) {
  MessageTest test({.byte_bound = 2, .messages = 1, .size = 2});
  {
    const Thread producer([&] { test.send(kOther, 2); });
    check(test.push_anyway(2, 3) == LIBSCHED_OK, "a push that need not wait failed");
    Consumer consumer(test);
    check(consumer.receive() == 1, "a message was taken before an older one");
    check(consumer.receive() == 2, "a message got in above the bound");
  }
  test.finish(1);
}

// A message that is too long for one consumer is another one's.
SCENARIO(message_bytes_too_long, .bound = 1, .deep_bound = 2) {
  MessageTest test({});
  {
    const Thread small([&] {
      Consumer consumer(test);
      while (consumer.pop(kForEver, nullptr, 1) != 0) {
      }
      check(consumer.status() == LIBSCHED_E_RANGE || consumer.status() == LIBSCHED_E_CLOSED,
            "a pop failed without a reason");
    });
    const Thread large([&] { Consumer(test).receive(); });
    test.send(1, 2);
    test.queue().close();
  }
  test.finish();
}

}  // namespace
}  // namespace model
