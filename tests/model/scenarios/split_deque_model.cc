#include "core/queue/split_deque.h"
#include "tests/model/scenarios/items.h"

namespace model {
namespace {

using TestDeque = sched::SplitDeque<ModelSync, 4>;
using sched::StealStatus;

// The owner's side: what it pops is the newest that it has pushed and that nobody took.
class Owner {
 public:
  Owner(TestDeque& deque, Items& items) : deque_(deque), items_(items) {}

  void push(std::size_t number) {
    check(deque_.push(items_.make(number)) != TestDeque::Push::kFull, "a push found no room");
  }
  void pop() {
    const void* item = deque_.pop();
    if (item == nullptr) return;
    const std::size_t number = items_.take(item);
    check(number < last_, "the owner popped an older item before a newer one");
  }
  void drain() {
    while (const void* item = deque_.pop()) items_.take(item);
  }

 private:
  TestDeque& deque_;
  Items& items_;
  std::size_t last_ = SIZE_MAX;
};

void steal(TestDeque& deque, Items& items) {
  void* item = nullptr;
  TestDeque::Index position = 0;
  if (deque.steal(item, position) == StealStatus::kSuccess) items.take(item);
}

// Six operations of the owner, two of each thief.
void owner_against_thieves(int thieves) {
  Items items(4);
  auto deque = std::make_unique<TestDeque>();
  name(*deque, "deque");
  Owner owner(*deque, items);
  {
    const auto thief = [&] {
      steal(*deque, items);
      steal(*deque, items);
    };
    Thread first(thief);
    std::unique_ptr<Thread> second;
    if (thieves == 2) second = std::make_unique<Thread>(thief, first);
    owner.push(1);
    owner.push(2);
    owner.pop();
    owner.push(3);
    owner.push(4);
    owner.pop();
  }
  owner.drain();
  items.check_all();
}
SCENARIO(split_deque_one_thief, .bound = 4, .deep_bound = 6, .kills = {"SplitDequeOrders"}) {
  owner_against_thieves(1);
}
SCENARIO(split_deque_two_thieves, .bound = 2, .deep_bound = 3, .kills = {"SplitDequeOrders"}) {
  owner_against_thieves(2);
}

// Everything is shared, and the owner takes it back from the other end.
SCENARIO(split_deque_taken_back, .bound = 4, .deep_bound = 6, .kills = {"SplitDequeOrders"}) {
  Items items(4);
  auto deque = std::make_unique<TestDeque>();
  name(*deque, "deque");
  Owner owner(*deque, items);
  owner.push(1);
  owner.push(2);
  owner.push(3);
  {
    const auto thief = [&] { steal(*deque, items); };
    Thread first(thief);
    Thread second(thief, first);
    owner.pop();
    owner.pop();
    owner.pop();
    owner.push(4);
  }
  owner.drain();
  items.check_all();
}

// Room comes from takes: what the thief did before it took an item, such as to read its slot, happens before the push that
// gets the room.
SCENARIO(split_deque_room, .bound = 4, .deep_bound = 6, .kills = {"SplitDequeOrders"}) {
  Items items(5);
  auto deque = std::make_unique<TestDeque>();
  name(*deque, "deque");
  Owner owner(*deque, items);
  for (std::size_t number = 1; number <= 4; ++number) owner.push(number);
  Plain<int> before = 0;
  {
    Thread thief([&] {
      before = 1;
      steal(*deque, items);
    });
    if (deque->push(items.make(5)) == TestDeque::Push::kFull) {
      items.take_word(5);
    } else {
      check(before == 1, "room that nobody had left");
    }
  }
  owner.drain();
  items.check_all();
}

// An owner that shares looks for sleepers, a sleeper announces itself and looks for what is shared.
SCENARIO(split_deque_share_against_sleeper, .bound = 4, .deep_bound = 6,
         .kills = {"SplitDequeOrders"}) {
  Items items(1);
  auto deque = std::make_unique<TestDeque>();
  name(*deque, "deque");
  Atomic<bool> asleep{false};
  bool found = false;
  bool told = false;
  {
    Thread sleeper([&] {
      asleep.store(true, std::memory_order_seq_cst);
      found = deque->shares();
    });
    check(deque->push(items.make(1)) == TestDeque::Push::kShared, "the only item is not shared");
    told = asleep.load(std::memory_order_seq_cst);
  }
  check(found || told, "an item was shared, and nobody was told");
  Owner(*deque, items).drain();
  items.check_all();
}

// Everything private becomes shared while a thief is at work, and the owner takes it back from the other end.
SCENARIO(split_deque_share_all_against_thief, .bound = 4, .deep_bound = 6,
         .kills = {"SplitDequeOrders"}) {
  Items items(4);
  auto deque = std::make_unique<TestDeque>();
  name(*deque, "deque");
  Owner owner(*deque, items);
  owner.push(1);
  {
    Thread thief([&] {
      steal(*deque, items);
      steal(*deque, items);
      steal(*deque, items);
    });
    owner.push(2);
    deque->share_all();
    owner.push(3);
    deque->share_all();
    check(!deque->share_all(), "nothing is private, and something was shared");
    owner.pop();
    owner.pop();
    owner.push(4);
    owner.pop();
  }
  owner.drain();
  items.check_all();
}

// As above, for an owner that shares all.
SCENARIO(split_deque_share_all_against_sleeper, .bound = 4, .deep_bound = 6,
         .kills = {"SplitDequeOrders"}) {
  Items items(2);
  auto deque = std::make_unique<TestDeque>();
  name(*deque, "deque");
  deque->push(items.make(1));
  deque->push(items.make(2));
  Atomic<bool> asleep{false};
  bool found = false;
  bool told = false;
  {
    Thread sleeper([&] {
      steal(*deque, items);
      asleep.store(true, std::memory_order_seq_cst);
      found = deque->shares();
    });
    check(deque->share_all(), "the private item is not shared");
    told = asleep.load(std::memory_order_seq_cst);
  }
  check(found || told || !deque->shares(), "an item was shared, and nobody was told");
  while (deque->shares()) steal(*deque, items);
  check(deque->pop() == nullptr, "an item stayed private");
  items.check_all();
}

}  // namespace
}  // namespace model
