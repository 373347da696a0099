#include "core/queue/deque.h"
#include "tests/model/scenarios/items.h"

namespace model {
namespace {

using sched::Deque;
using sched::Flavor;
using sched::StealStatus;
using TestDeque = Deque<ModelSync, 2>;

void pop(TestDeque& deque, Items& items) {
  void* item = nullptr;
  if (deque.pop(item) == StealStatus::kSuccess) items.take(item);
}

void steal(TestDeque& deque, Items& items) {
  void* item = nullptr;
  if (deque.steal(item) == StealStatus::kSuccess) items.take(item);
}

void drain(TestDeque& deque, Items& items) {
  void* item = nullptr;
  while (deque.pop(item) == StealStatus::kSuccess) items.take(item);
}

void push(TestDeque& deque, Items& items, std::size_t number) {
  check(deque.push(items.make(number)) == sched::PushStatus::kOk, "a push failed");
}

// The owner does six operations, with growth on the way; each thief steals twice.
void owner_against_thieves(Flavor flavor, int thieves) {
  Items items(4);
  TestDeque deque(flavor);
  name(deque, "deque");
  {
    const auto thief = [&] {
      steal(deque, items);
      steal(deque, items);
    };
    Thread first(thief);
    std::unique_ptr<Thread> second;
    if (thieves == 2) second = std::make_unique<Thread>(thief, first);
    push(deque, items, 1);
    push(deque, items, 2);
    pop(deque, items);
    push(deque, items, 3);
    push(deque, items, 4);
    pop(deque, items);
  }
  drain(deque, items);
  items.check_all();
}

SCENARIO(deque_lifo_one_thief, .bound = 4, .deep_bound = 5,
         .kills = {"DequeOrders", "DequeBufferOrders"}) {
  owner_against_thieves(Flavor::kLifo, 1);
}
SCENARIO(deque_fifo_one_thief, .bound = 4, .deep_bound = 5,
         .kills = {"DequeOrders", "DequeBufferOrders"}) {
  owner_against_thieves(Flavor::kFifo, 1);
}
SCENARIO(deque_lifo_two_thieves, .bound = 2, .deep_bound = 3,
         .kills = {"DequeOrders", "DequeBufferOrders"}) {
  owner_against_thieves(Flavor::kLifo, 2);
}
SCENARIO(deque_fifo_two_thieves, .bound = 2, .deep_bound = 3,
         .kills = {"DequeOrders", "DequeBufferOrders"}) {
  owner_against_thieves(Flavor::kFifo, 2);
}

}  // namespace
}  // namespace model
