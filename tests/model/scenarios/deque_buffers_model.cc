#include "tests/model/scenarios/deques.h"

// The deque's buffers change under a thief's hands. The smallest holds two items, and one is halved as soon as it
// holds no more than a quarter; a retired one reads as zeros.
namespace model {
namespace {

struct Fixture {
  Fixture(Flavor flavor, std::size_t count) : items(count), deque(flavor), owner(deque, items) {
    name(deque, "deque");
  }
  void finish() {
    owner.drain();
    items.check_all();
  }
  Items items;
  TestDeque deque;
  Owner owner;
};

// The thief may hold the small buffer while its items go into a larger one.
void grow(Flavor flavor) {
  Fixture test(flavor, 3);
  test.owner.push(1);
  test.owner.push(2);
  {
    Thread thief([&] {
      Thief self(test.deque, test.items);
      self.steal();
      self.steal();
    });
    test.owner.push(3);
    test.owner.pop();
  }
  test.finish();
}
SCENARIO(deque_lifo_grow, .bound = 4, .deep_bound = 7, .kills = {"DequeBufferOrders"}) {
  grow(Flavor::kLifo);
}
SCENARIO(deque_fifo_grow, .bound = 4, .deep_bound = 7) { grow(Flavor::kFifo); }

// The thief may hold the large buffer while what is left of it goes into a smaller one, by the owner's pops.
void shrink(Flavor flavor, int thieves) {
  Fixture test(flavor, 4);
  for (std::size_t number = 1; number <= 3; ++number) test.owner.push(number);
  {
    const auto thief = [&] { Thief(test.deque, test.items).steal(); };
    Thread first(thief);
    std::unique_ptr<Thread> second;
    if (thieves == 2) second = std::make_unique<Thread>(thief, first);
    test.owner.pop();
    test.owner.pop();
    test.owner.push(4);
    test.owner.pop();
  }
  test.finish();
}
SCENARIO(deque_lifo_shrink, .bound = 4, .deep_bound = 7, .kills = {"DequeBufferOrders"}) {
  shrink(Flavor::kLifo, 1);
}
SCENARIO(deque_fifo_shrink, .bound = 4, .deep_bound = 7, .kills = {"DequeBufferOrders"}) {
  shrink(Flavor::kFifo, 1);
}
SCENARIO(deque_lifo_shrink_two_thieves, .bound = 2, .deep_bound = 4) { shrink(Flavor::kLifo, 2); }
SCENARIO(deque_fifo_shrink_two_thieves, .bound = 2, .deep_bound = 4) { shrink(Flavor::kFifo, 2); }

// By shrink(), past a level, after thieves have taken what the large buffer was for.
void shrink_by_call(Flavor flavor) {
  Fixture test(flavor, 6);
  for (std::size_t number = 1; number <= 5; ++number) test.owner.push(number);
  Thief early(test.deque, test.items);
  for (int i = 0; i < 4; ++i) check(early.steal() == StealStatus::kSuccess, "nothing to steal");
  {
    Thread thief([&] {
      Thief self(test.deque, test.items);
      self.steal();
      self.steal();
    });
    check(test.deque.shrink() == PushStatus::kOk, "a shrink failed");
    test.owner.push(6);
    test.owner.pop();
    test.owner.pop();
  }
  test.finish();
}
SCENARIO(deque_lifo_shrink_by_call, .bound = 4, .deep_bound = 7) { shrink_by_call(Flavor::kLifo); }
SCENARIO(deque_fifo_shrink_by_call, .bound = 4, .deep_bound = 7) { shrink_by_call(Flavor::kFifo); }

// By a pop that finds nothing.
void shrink_by_empty_pop(Flavor flavor) {
  Fixture test(flavor, 5);
  for (std::size_t number = 1; number <= 3; ++number) test.owner.push(number);
  Thief early(test.deque, test.items);
  for (int i = 0; i < 2; ++i) check(early.steal() == StealStatus::kSuccess, "nothing to steal");
  {
    const auto thief = [&] { Thief(test.deque, test.items).steal(); };
    Thread first(thief);
    Thread second(thief, first);
    test.owner.pop();
    test.owner.push(4);
    test.owner.push(5);
  }
  test.finish();
}
SCENARIO(deque_lifo_shrink_by_empty_pop, .bound = 3, .deep_bound = 6) {
  shrink_by_empty_pop(Flavor::kLifo);
}
SCENARIO(deque_fifo_shrink_by_empty_pop, .bound = 3, .deep_bound = 6) {
  shrink_by_empty_pop(Flavor::kFifo);
}

// By a push that finds the backlog low, for thieves have taken it.
void shrink_by_push(Flavor flavor) {
  Fixture test(flavor, 5);
  for (std::size_t number = 1; number <= 3; ++number) test.owner.push(number);
  check(Thief(test.deque, test.items).steal() == StealStatus::kSuccess, "nothing to steal");
  {
    Thread thief([&] {
      Thief self(test.deque, test.items);
      self.steal();
      self.steal();
      self.steal();
    });
    test.owner.push(4);
    test.owner.push(5);
  }
  test.finish();
}
SCENARIO(deque_lifo_shrink_by_push, .bound = 3, .deep_bound = 6) { shrink_by_push(Flavor::kLifo); }
SCENARIO(deque_fifo_shrink_by_push, .bound = 3, .deep_bound = 6) { shrink_by_push(Flavor::kFifo); }

// A buffer is retired, gives its pages back, and comes into use again while the thief holds its first view: it has the
// same level, and other items or zeros.
void grow_again(Flavor flavor) {
  Fixture test(flavor, 6);
  for (std::size_t number = 1; number <= 3; ++number) test.owner.push(number);
  {
    Thread thief([&] {
      Thief self(test.deque, test.items);
      self.steal();
      self.steal();
    });
    test.owner.pop();
    test.owner.pop();
    for (std::size_t number = 4; number <= 6; ++number) test.owner.push(number);
  }
  test.finish();
}
SCENARIO(deque_lifo_grow_again, .bound = 4, .deep_bound = 6, .kills = {"DequeBufferOrders"}) {
  grow_again(Flavor::kLifo);
}
SCENARIO(deque_fifo_grow_again, .bound = 4, .deep_bound = 6) { grow_again(Flavor::kFifo); }

}  // namespace
}  // namespace model
