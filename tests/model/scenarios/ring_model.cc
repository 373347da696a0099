#include <array>

#include "core/queue/ring.h"
#include "tests/model/scenarios/items.h"

namespace model {
namespace {

using sched::Ring;
using sched::StealStatus;

// A ring whose items' words all say which item they belong to.
template <std::size_t Words, std::size_t Capacity>
class RingTest {
 public:
  using Item = std::array<std::uint64_t, Words>;
  static constexpr std::size_t kItems = 5;

  RingTest() : items_(kItems) { name(ring_, "ring"); }

  // --- the owner's ---

  bool push(std::size_t number) {
    if (ring_.room() == 0) return false;
    items_.make(number);
    check(ring_.push(item_of(number)), "there was room, and a push failed");
    pushed_[number - 1] = true;
    return true;
  }
  // In place of what is there, as a run-next slot is used.
  void replace(std::size_t number) {
    pop();
    check(push(number), "an item was taken out, and there was no room");
  }
  bool pop() {
    Item item;
    if (!ring_.pop(item)) return false;
    take(item);
    return true;
  }

  // --- any thread's ---

  std::size_t steal(std::size_t limit) {
    Item batch[Capacity];
    std::size_t taken = 0;
    if (ring_.steal(batch, limit, taken) != StealStatus::kSuccess) return 0;
    check(taken != 0 && taken <= limit, "a batch has a wrong size");
    for (std::size_t i = 0; i < taken; ++i) take(batch[i]);
    return taken;
  }
  bool empty() const { return ring_.empty(); }
  void peek() const {
    Item item;
    if (!ring_.peek(item)) return;
    for (std::size_t word = 0; word < Words; ++word) {
      check(item[word] % 16 == word && item[word] / 16 >= 1 && item[word] / 16 <= kItems,
            "a look has seen a word that no item has");
    }
  }

  // --- when the other threads have ended ---

  void finish() {
    while (pop()) {
    }
    check(ring_.empty() && ring_.size() == 0, "a ring that was emptied is not empty");
    for (std::size_t number = 1; number <= kItems; ++number) {
      check(items_.taken(number) == pushed_[number - 1], "an item was lost");
    }
  }

 private:
  static Item item_of(std::size_t number) {
    Item item;
    for (std::size_t word = 0; word < Words; ++word) item[word] = number * 16 + word;
    return item;
  }
  void take(const Item& item) {
    const std::size_t number = item[0] / 16;
    check(item == item_of(number), "the words of two items are mixed");
    items_.take_word(number);
  }

  Items items_;
  Ring<ModelSync, Words, Capacity> ring_;
  bool pushed_[kItems] = {};
};

// --- what a sleeper and the owner rely on: of an owner that looks for sleepers after a push, and a sleeper that looks for
// items after its announcement, one sees the other ---

SCENARIO(ring_push_against_sleeper, .bound = 4, .kills = {"RingOrders"}) {
  RingTest<1, 2> ring;
  ModelSync::atomic<int> announced{0};
  bool told = false;
  bool found = false;
  {
    Thread sleeper([&] {
      announced.store(1, std::memory_order_seq_cst);
      found = !ring.empty();
    });
    ring.push(1);
    told = announced.load(std::memory_order_seq_cst) != 0;
  }
  check(told || found, "the owner does not see the sleeper, nor the sleeper the item");
}

// One of two items stays, whoever takes the other.
SCENARIO(ring_push_against_sleeper_and_thief, .bound = 3, .deep_bound = 4,
         .kills = {"RingOrders"}) {
  RingTest<1, 2> ring;
  ModelSync::atomic<int> announced{0};
  bool told = false;
  bool found = false;
  {
    Thread thief([&] { ring.steal(1); });
    Thread sleeper([&] {
      announced.store(1, std::memory_order_seq_cst);
      found = !ring.empty();
    });
    ring.push(1);
    ring.push(2);
    told = announced.load(std::memory_order_seq_cst) != 0;
  }
  check(told || found, "the owner does not see the sleeper, nor the sleeper the item that is left");
  ring.finish();
}

// --- what a take has copied, the owner overwrites only then ---

// The words are relaxed, and a thief whose claim fails may copy them while they are written. So that a claim that
// succeeds has copied before the owner writes is seen from a plain cell in the slot's place.
SCENARIO(ring_room_after_steal, .bound = 4, .kills = {"RingOrders"}) {
  RingTest<1, 1> ring;
  Plain<int> slot{1};
  ring.push(1);
  {
    Thread thief([&] {
      check(slot == 1, "a slot was overwritten before it was copied");
      check(ring.steal(1) == 1, "an item that nobody else takes was not there");
    });
    if (ring.push(2)) slot = 2;
  }
  ring.finish();
}

// The owner may see the second take only.
SCENARIO(ring_room_after_two_steals, .bound = 3, .kills = {"RingOrders"}) {
  RingTest<1, 2> ring;
  Plain<int> first_slot{1};
  ring.push(1);
  ring.push(2);
  {
    ModelSync::atomic<int> taken{0};
    Thread first([&] {
      check(first_slot == 1, "a slot was overwritten before it was copied");
      if (ring.steal(1) == 1) taken.store(1, std::memory_order_relaxed);
    });
    Thread second([&] {
      if (taken.load(std::memory_order_relaxed) == 1) ring.steal(1);
    });
    if (ring.push(3)) first_slot = 3;
  }
  ring.finish();
}

// --- each item once ---

// The owner uses slots again; the thief's batch is half of what there is.
SCENARIO(ring_wrap_one_thief, .bound = 4, .deep_bound = 6, .kills = {"RingOrders"}) {
  RingTest<2, 2> ring;
  {
    Thread thief([&] {
      ring.steal(2);
      ring.steal(2);
    });
    ring.push(1);
    ring.push(2);
    ring.pop();
    ring.push(3);
    ring.push(4);
    ring.pop();
    ring.push(5);
  }
  ring.finish();
}

SCENARIO(ring_wrap_two_thieves, .bound = 2, .deep_bound = 3, .kills = {"RingOrders"}) {
  RingTest<2, 2> ring;
  {
    const auto steal_twice = [&] {
      ring.steal(2);
      ring.steal(2);
    };
    Thread first(steal_twice);
    Thread second(steal_twice, first);
    ring.push(1);
    ring.push(2);
    ring.pop();
    ring.push(3);
    ring.push(4);
  }
  ring.finish();
}

// A pop's weak exchange fails for no reason.
SCENARIO(ring_wrap_spurious, .bound = 2, .deep_bound = 4, .spurious = 2, .kills = {"RingOrders"}) {
  RingTest<2, 2> ring;
  {
    Thread thief([&] { ring.steal(2); });
    ring.push(1);
    ring.push(2);
    ring.pop();
    ring.push(3);
    ring.pop();
  }
  ring.finish();
}

// A ring of one slot: every item is written over the one before, while thieves copy it.
SCENARIO(ring_run_next_one_thief, .bound = 4, .deep_bound = 6, .kills = {"RingOrders"}) {
  RingTest<2, 1> ring;
  {
    Thread thief([&] {
      ring.steal(1);
      ring.steal(1);
    });
    ring.push(1);
    ring.replace(2);
    ring.replace(3);
    ring.pop();
  }
  ring.finish();
}

SCENARIO(ring_run_next_two_thieves, .bound = 2, .deep_bound = 4, .kills = {"RingOrders"}) {
  RingTest<2, 1> ring;
  {
    const auto steal = [&] { ring.steal(1); };
    Thread first(steal);
    Thread second(steal, first);
    ring.push(1);
    ring.replace(2);
    ring.replace(3);
  }
  ring.finish();
}

// --- looks ---

SCENARIO(ring_peek, .bound = 3, .deep_bound = 5, .kills = {"RingOrders"}) {
  RingTest<2, 1> ring;
  {
    Thread reader([&] { ring.peek(); });
    Thread thief([&] { ring.steal(1); });
    ring.push(1);
    ring.push(2);
    ring.pop();
    ring.push(3);
  }
  ring.finish();
}

}  // namespace
}  // namespace model
