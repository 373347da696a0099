#include "tests/model/scenarios/deques.h"

// One deque: who takes what, and the memory orders that decide it. Its buffers are in deque_buffers_model.cc, batches
// in deque_batch_model.cc.
namespace model {
namespace {

// --- the last items ---

// One is left: the owner claims it as a thief does.
void last_item(Flavor flavor) {
  Items items(1);
  TestDeque deque(flavor);
  name(deque, "deque");
  Owner owner(deque, items);
  owner.push(1);
  {
    const auto thief = [&] { Thief(deque, items).steal(); };
    Thread first(thief);
    Thread second(thief, first);
    owner.pop();
  }
  owner.drain();
  items.check_all();
}
SCENARIO(deque_lifo_last_item, .bound = 6, .deep_bound = 8) { last_item(Flavor::kLifo); }
SCENARIO(deque_fifo_last_item, .bound = 6, .deep_bound = 8) { last_item(Flavor::kFifo); }

// Two are left: the owner lowers bottom, and may find that thieves came first, one or both. A thief may know from the
// other one's claim how far the owner's is: top from it, and bottom from before the pop.
SCENARIO(deque_lifo_two_left, .bound = 3, .deep_bound = 6,
         .kills = {"DequeOrders", "DequeBufferOrders"}) {
  Items items(3);
  TestDeque deque(Flavor::kLifo);
  name(deque, "deque");
  Owner owner(deque, items);
  {
    const auto thief = [&] { Thief(deque, items).steal(); };
    Thread first(thief);
    Thread second(thief, first);
    owner.push(1);
    owner.push(2);
    owner.pop();
    owner.push(3);
  }
  owner.drain();
  items.check_all();
}

// One thief claims twice: its second look must see the owner's pop, though nobody else moved top.
SCENARIO(deque_lifo_thief_again, .bound = 5, .deep_bound = 8) {
  Items items(4);
  TestDeque deque(Flavor::kLifo);
  name(deque, "deque");
  Owner owner(deque, items);
  owner.push(1);
  owner.push(2);
  {
    Thread thief([&] {
      Thief self(deque, items);
      self.steal();
      self.steal();
      self.steal();
    });
    owner.pop();
    owner.push(3);
    owner.pop();
    owner.push(4);
  }
  owner.drain();
  items.check_all();
}

// The owner lowers bottom, finds but one item left, and raises bottom again. Who sees it there must know what was
// pushed below it, as after a push.
SCENARIO(deque_lifo_restored, .bound = 3, .deep_bound = 6, .kills = {"DequeOrders"}) {
  Items items(2);
  TestDeque deque(Flavor::kLifo);
  name(deque, "deque");
  Owner owner(deque, items);
  Plain<int> pushed = 0;
  {
    Thread thief([&] { Thief(deque, items).steal(); });
    Thread observer([&] {
      if (deque.size() == 2) check(pushed == 1, "an item is counted that was not pushed");
    });
    owner.push(1);
    pushed = 1;
    owner.push(2);
    owner.pop();
  }
  owner.drain();
  items.check_all();
}

// --- top goes back ---

// A FIFO pop that finds nothing has moved top too far: what a thief sees then must do no harm.
void roll_back(int thieves) {
  Items items(3);
  TestDeque deque(Flavor::kFifo);
  name(deque, "deque");
  Owner owner(deque, items);
  {
    const auto thief = [&] {
      Thief self(deque, items);
      self.steal();
      self.steal();
    };
    Thread first(thief);
    std::unique_ptr<Thread> second;
    if (thieves == 2) second = std::make_unique<Thread>(thief, first);
    owner.push(1);
    owner.pop();
    owner.pop();
    owner.push(2);
    owner.push(3);
    owner.pop();
  }
  owner.drain();
  items.check_all();
}
SCENARIO(deque_fifo_roll_back, .bound = 5, .deep_bound = 7) { roll_back(1); }
SCENARIO(deque_fifo_roll_back_two_thieves, .bound = 2, .deep_bound = 3) { roll_back(2); }

// --- the ring ---

// What a thief did before it took an item, such as to read its slot, happens before the push that gets the room. No
// execution of the checker reads a slot too late, for that would be load buffering; so the order itself is tested.
void room(Flavor flavor) {
  Items items(3);
  TestDeque deque(flavor, 2);
  name(deque, "deque");
  Owner owner(deque, items);
  owner.push(1);
  owner.push(2);
  Plain<int> before = 0;
  {
    Thread thief([&] {
      before = 1;
      Thief(deque, items).steal();
    });
    if (owner.try_push(3) == PushStatus::kOk) {
      check(before == 1, "room that nobody had left");
    } else {
      items.take(items.make(3));
    }
  }
  owner.drain();
  items.check_all();
}
SCENARIO(deque_lifo_room, .bound = 4, .deep_bound = 8, .kills = {"DequeOrders"}) {
  room(Flavor::kLifo);
}
SCENARIO(deque_fifo_room, .bound = 4, .deep_bound = 8, .kills = {"DequeOrders"}) {
  room(Flavor::kFifo);
}

// The same where the owner has stored over the top that the thief wrote.
SCENARIO(deque_fifo_room_after_roll_back, .bound = 4, .deep_bound = 8, .kills = {"DequeOrders"}) {
  Items items(3);
  TestDeque deque(Flavor::kFifo, 2);
  name(deque, "deque");
  Owner owner(deque, items);
  owner.push(1);
  Plain<int> before = 0;
  {
    Thread thief([&] {
      before = 1;
      Thief(deque, items).steal();
    });
    const bool stolen = owner.pop() == 0;
    owner.push(2);
    const bool room = owner.try_push(3) == PushStatus::kOk;
    if (!room) items.take(items.make(3));
    if (stolen) check(room && before == 1, "one item was stolen, yet there is no room");
  }
  owner.drain();
  items.check_all();
}

// Two slots and never more: each is used several times. A thief that reads one of them late takes nothing.
void wrap(Flavor flavor) {
  Items items(5);
  TestDeque deque(flavor, 2);
  name(deque, "deque");
  Owner owner(deque, items);
  {
    Thread thief([&] {
      Thief self(deque, items);
      self.steal();
      self.steal();
    });
    owner.push(1);
    owner.pop();
    owner.push(2);
    if (owner.try_push(3) != PushStatus::kOk) items.take(items.make(3));
    owner.pop();
    if (owner.try_push(4) != PushStatus::kOk) items.take(items.make(4));
    if (owner.try_push(5) != PushStatus::kOk) items.take(items.make(5));
  }
  owner.drain();
  items.check_all();
}
SCENARIO(deque_lifo_wrap, .bound = 4, .deep_bound = 6) { wrap(Flavor::kLifo); }
SCENARIO(deque_fifo_wrap, .bound = 4, .deep_bound = 6) { wrap(Flavor::kFifo); }

// Exact: as many items as were allowed fit, one more does not, and it does as soon as one is known to be gone.
void max_capacity(Flavor flavor) {
  Items items(4);
  TestDeque deque(flavor, 3);
  name(deque, "deque");
  Owner owner(deque, items);
  for (std::size_t number = 1; number <= 3; ++number) owner.push(number);
  StealStatus stolen{};
  PushStatus early{};
  {
    Thread thief([&] { stolen = Thief(deque, items).steal(); });
    Thread observer([&] { check(deque.size() <= 3, "more items than may be there"); });
    early = owner.try_push(4);
  }
  check(stolen == StealStatus::kSuccess, "nobody else took anything, yet there was nothing");
  check(early == PushStatus::kOk || early == PushStatus::kFull, "neither full nor done");
  if (early == PushStatus::kFull) owner.push(4);
  check(deque.size() == 3, "the size is not exact");
  void* item = nullptr;
  check(deque.push(item) == PushStatus::kFull, "more items than may be there");
  owner.drain();
  items.check_all();
}
SCENARIO(deque_lifo_max_capacity, .bound = 5, .deep_bound = 8) { max_capacity(Flavor::kLifo); }
SCENARIO(deque_fifo_max_capacity, .bound = 5, .deep_bound = 8) { max_capacity(Flavor::kFifo); }

// Whoever asks never hears of more items than there ever were, let alone fewer than none.
void size_bounds(Flavor flavor) {
  Items items(3);
  TestDeque deque(flavor);
  name(deque, "deque");
  Owner owner(deque, items);
  {
    Thread thief([&] { Thief(deque, items).steal(); });
    Thread observer([&] {
      check(deque.size() <= 3, "more items than were ever pushed");
      check(deque.size() <= 3, "more items than were ever pushed");
    });
    owner.push(1);
    owner.push(2);
    owner.pop();
    owner.pop();
    owner.pop();
    owner.push(3);
  }
  owner.drain();
  check(deque.size() == 0, "an empty deque has a size");
  items.check_all();
}
SCENARIO(deque_lifo_size, .bound = 3, .deep_bound = 4) { size_bounds(Flavor::kLifo); }
SCENARIO(deque_fifo_size, .bound = 3, .deep_bound = 4) { size_bounds(Flavor::kFifo); }

// --- all of it ---

// The owner's side goes from thread to thread, while a thief is at work.
void owner_moves(Flavor flavor) {
  Items items(4);
  TestDeque deque(flavor);
  name(deque, "deque");
  Owner owner(deque, items);
  owner.push(1);
  {
    Thread thief([&] {
      Thief self(deque, items);
      self.steal();
      self.steal();
    });
    Thread([&] {
      owner.push(2);
      owner.push(3);
    }).join();
    Thread([&] {
      owner.pop();
      owner.pop();
    }).join();
    owner.push(4);
    owner.pop();
  }
  owner.drain();
  items.check_all();
}
SCENARIO(deque_lifo_owner_moves, .bound = 3, .deep_bound = 5) { owner_moves(Flavor::kLifo); }
SCENARIO(deque_fifo_owner_moves, .bound = 3, .deep_bound = 5) { owner_moves(Flavor::kFifo); }

// The owner does six operations, with growth on the way; each thief steals twice.
void owner_against_thieves(Flavor flavor, int thieves) {
  Items items(4);
  TestDeque deque(flavor);
  name(deque, "deque");
  Owner owner(deque, items);
  {
    const auto thief = [&] {
      Thief self(deque, items);
      self.steal();
      self.steal();
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
SCENARIO(deque_lifo_one_thief, .bound = 4, .deep_bound = 6,
         .kills = {"DequeOrders", "DequeBufferOrders"}) {
  owner_against_thieves(Flavor::kLifo, 1);
}
SCENARIO(deque_fifo_one_thief, .bound = 4, .deep_bound = 6,
         .kills = {"DequeOrders", "DequeBufferOrders"}) {
  owner_against_thieves(Flavor::kFifo, 1);
}
SCENARIO(deque_lifo_two_thieves, .bound = 2, .deep_bound = 3) {
  owner_against_thieves(Flavor::kLifo, 2);
}
SCENARIO(deque_fifo_two_thieves, .bound = 2, .deep_bound = 3) {
  owner_against_thieves(Flavor::kFifo, 2);
}

}  // namespace
}  // namespace model
