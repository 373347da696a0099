#include "tests/model/scenarios/injector_test.h"

namespace model {
namespace {

// --- over a block's end ---

// Two producers find the block full: one installs the next, the other puts its own back.
SCENARIO(injector_two_install, .bound = 3, .deep_bound = 4, .kills = {"InjectorOrders"}) {
  InjectorTest<1> test;
  test.push(1);
  test.push(2);
  {
    Thread one([&] { test.push(kPerProducer + 1); });
    Thread two([&] { test.push(2 * kPerProducer + 1); }, one);
  }
  for (std::size_t number = 3; number <= 6; ++number) test.push(number);
  test.finish();
}

// The block that two producers want to follow up is emptied and put back meanwhile, and may be what the slower one is given
// as the next one.
SCENARIO(injector_install_and_empty, .bound = 2, .deep_bound = 3, .kills = {"InjectorOrders"}) {
  InjectorTest<1> test;
  test.push(1);
  test.push(2);
  {
    Thread one([&] { test.push(kPerProducer + 1); });
    Thread two([&] { test.push(2 * kPerProducer + 1); }, one);
    InjectorTest<1>::Consumer consumer(test);
    for (int i = 0; i < 3; ++i) consumer.pop();
  }
  test.finish();
}

// One thread writes to a slot, another takes the item, and a third puts the block back and writes to the slot again: it
// must come after both.
SCENARIO(injector_slot_goes_round, .bound = 2, .deep_bound = 3, .kills = {"InjectorOrders"}) {
  InjectorTest<1> test;
  Atomic<bool> taken(false);
  test.push(1);
  {
    Thread producer([&] { test.push(kPerProducer + 1); });
    Thread taker([&] {
      InjectorTest<1>::Consumer consumer(test);
      consumer.pop();
      taken.store(consumer.pop() == StealStatus::kSuccess, std::memory_order_relaxed);
    });
    if (taken.load(std::memory_order_relaxed)) {
      InjectorTest<1>::Consumer consumer(test);
      test.push(2);
      consumer.pop();
      for (std::size_t number = 3; number <= 5; ++number) test.push(number);
    }
  }
  test.finish();
}

// Two producers against two consumers.
void two_against_two(std::size_t before, std::size_t each) {
  InjectorTest<1> test;
  for (std::size_t number = 1; number <= before; ++number) test.push(number);
  {
    const auto produce = [&](std::size_t first) {
      for (std::size_t i = 0; i < each; ++i) test.push(first + i);
    };
    const auto consume = [&] {
      InjectorTest<1>::Consumer consumer(test);
      consumer.pop();
      consumer.pop();
    };
    Thread one([&] { produce(before + 1); });
    Thread two([&] { produce(kPerProducer + 1); }, one);
    Thread three(consume);
    Thread four(consume, three);
  }
  test.finish();
}
SCENARIO(injector_two_producers_two_consumers, .bound = 3, .deep_bound = 4,
         .kills = {"InjectorOrders"}) {
  two_against_two(1, 1);
}
SCENARIO(injector_two_push_twice_each, .bound = 0, .deep_bound = 2) { two_against_two(0, 2); }

// Three blocks, the first of which comes into use again.
SCENARIO(injector_three_blocks, .bound = 4, .deep_bound = 5, .kills = {"InjectorOrders"}) {
  InjectorTest<2> test;
  {
    Thread other([&] {
      InjectorTest<2>::Consumer consumer(test);
      for (int i = 0; i < 4; ++i) consumer.pop();
    });
    for (std::size_t number = 1; number <= 5; ++number) test.push(number);
  }
  test.finish();
}

// --- a thread stalls while blocks come into use again ---

// Anywhere in a push for which the block at hand has room.
SCENARIO(injector_producer_stalls, .bound = 2, .deep_bound = 3, .kills = {"InjectorOrders"}) {
  InjectorTest<2> test;
  InjectorTest<2>::Consumer consumer(test);
  test.push(1);
  {
    Thread stalled([&] { test.push(kPerProducer + 1); });
    for (std::size_t number = 2; number <= 4; ++number) {
      consumer.pop();
      test.push(number);
    }
    consumer.pop();
  }
  test.finish();
}

// Anywhere in a push that needs the next block. The block at hand may be the last again when it goes on.
SCENARIO(injector_producer_stalls_at_the_end, .bound = 1, .deep_bound = 2,
         .kills = {"InjectorOrders"}) {
  InjectorTest<1> test;
  InjectorTest<1>::Consumer consumer(test);
  test.push(1);
  test.push(2);
  {
    Thread stalled([&] { test.push(kPerProducer + 1); });
    test.push(3);
    for (int i = 0; i < 3; ++i) consumer.pop();
    test.push(4);
    test.push(5);
  }
  test.push(6);
  test.finish();
}

// Anywhere in a pop.
void stalled_consumer(std::size_t before) {
  InjectorTest<2> test;
  for (std::size_t number = 1; number <= before; ++number) test.push(number);
  {
    Thread stalled([&] { InjectorTest<2>::Consumer(test).pop(); });
    InjectorTest<2>::Consumer consumer(test);
    for (std::size_t number = before + 1; number <= 5; ++number) {
      consumer.pop();
      test.push(number);
    }
    consumer.pop();
  }
  test.finish();
}
SCENARIO(injector_consumer_stalls, .bound = 3, .deep_bound = 4, .kills = {"InjectorOrders"}) {
  stalled_consumer(1);
}
SCENARIO(injector_consumer_stalls_at_the_end, .bound = 3, .deep_bound = 4,
         .kills = {"InjectorOrders"}) {
  stalled_consumer(2);
}

// --- what pop says when it has nothing ---

// All pushes happen before: nothing is pending, and nothing is empty while items are there.
SCENARIO(injector_all_finished, .bound = 3, .deep_bound = 4, .kills = {"InjectorOrders"}) {
  InjectorTest<1> test;
  for (std::size_t number = 1; number <= 3; ++number) test.push(number);
  {
    Thread slow([&] { InjectorTest<1>::Consumer(test, 3).pop(); });
    InjectorTest<1>::Consumer consumer(test, 3);
    for (int i = 0; i < 3; ++i) consumer.pop();
  }
  test.finish();
}

// Of two producers each may stall in the middle; the consumer's own items are finished, so it must come by them unless
// an unfinished one is older.
SCENARIO(injector_unfinished_push, .bound = 3, .deep_bound = 4, .kills = {"InjectorOrders"}) {
  constexpr std::size_t kOther = kPerProducer + 1;
  InjectorTest<1> test;
  InjectorTest<1>::Consumer consumer(test);
  {
    Thread producer([&] { test.push(kOther); });
    for (std::size_t number = 1; number <= 2; ++number) {
      test.push(number);
      const StealStatus status = consumer.pop();
      check(status == StealStatus::kSuccess || status == StealStatus::kPending,
            "the only consumer does not find its own item");
      if (status == StealStatus::kSuccess) continue;
      check(!test.taken(kOther), "all pushes are finished, and one is said not to be");
      if (consumer.pop() == StealStatus::kSuccess) {
        check(test.taken(kOther), "an item came past an older one whose push was not finished");
      }
    }
  }
  test.finish();
}

// --- closing ---

SCENARIO(injector_close, .bound = 5, .deep_bound = 7, .kills = {"InjectorOrders"}) {
  InjectorTest<1> test;
  std::uint64_t pushed = 0;
  {
    Thread producer([&] {
      for (std::size_t number = 1; number <= 3; ++number) {
        const PushStatus status = test.try_push(number);
        check(status == PushStatus::kOk || status == PushStatus::kClosed, "a push failed");
        if (status == PushStatus::kClosed) break;
      }
    });
    Thread consumer([&] { InjectorTest<1>::Consumer(test).pop(); });
    test.injector.close();
    pushed = test.injector.pushed();
    check(test.try_push(kPerProducer + 1) == PushStatus::kClosed, "a push came after the close");
  }
  check(test.injector.pushed() == pushed, "an item was accepted after the close");
  test.finish();
}

// What is owed comes in whether it is closed or not, and nothing else.
SCENARIO(injector_owed, .bound = 3, .deep_bound = 4, .kills = {"InjectorOrders"}) {
  InjectorTest<1> test;
  {
    Thread closer([&] { test.injector.close(); });
    Thread consumer([&] { InjectorTest<1>::Consumer(test).pop(); });
    for (std::size_t number = 1; number <= 3; ++number) test.push_owed(number);
  }
  check(test.injector.closed(), "a push has opened it again");
  check(test.try_push(kPerProducer + 1) == PushStatus::kClosed, "a push came after the close");
  test.finish();
}

// --- batches ---

SCENARIO(injector_batches, .bound = 4, .deep_bound = 5, .kills = {"InjectorOrders"}) {
  InjectorTest<1> test;
  test.push(1);
  {
    Thread producer([&] { test.push_n(2, 3); });
    Thread other([&] {
      InjectorTest<1>::Consumer consumer(test);
      consumer.pop(3);
      consumer.pop(2);
    });
  }
  test.finish();
}

// --- looking ---

// A look while items are taken and their block is used again.
SCENARIO(injector_peek, .bound = 3, .deep_bound = 4, .kills = {"InjectorOrders"}) {
  InjectorTest<2> test;
  test.push(1);
  test.push(2);
  {
    Thread looker([&] {
      InjectorTest<2>::Consumer consumer(test);
      consumer.peek();
    });
    InjectorTest<2>::Consumer consumer(test);
    for (std::size_t number = 3; number <= 5; ++number) {
      consumer.pop();
      test.push(number);
    }
  }
  test.finish();
}

// Nothing is pushed meanwhile, so a look must find what nobody takes.
SCENARIO(injector_ready, .bound = 3, .deep_bound = 4, .kills = {"InjectorOrders"}) {
  InjectorTest<1> test;
  for (std::size_t number = 1; number <= 4; ++number) test.push(number);
  {
    Thread looker([&] { InjectorTest<1>::Consumer(test, 4).look(); });
    InjectorTest<1>::Consumer consumer(test, 4);
    for (int i = 0; i < 3; ++i) consumer.pop();
  }
  test.finish();
}

SCENARIO(injector_size, .bound = 3, .deep_bound = 4, .kills = {"InjectorOrders"}) {
  InjectorTest<1> test;
  test.push(1);
  test.push(2);
  {
    Thread producer([&] { test.push(3); });
    Thread consumer([&] { InjectorTest<1>::Consumer(test).pop(); });
    const std::size_t size = test.injector.size();
    const std::uint64_t pushed = test.injector.pushed();
    check(size >= 1 && size <= 3, "the size is out of bounds");
    check(pushed == 2 || pushed == 3, "pushed() is out of bounds");
  }
  test.finish();
}

}  // namespace
}  // namespace model
