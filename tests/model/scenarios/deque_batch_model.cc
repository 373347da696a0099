#include "core/queue/batch.h"
#include "tests/model/scenarios/deques.h"

// Batches: from one deque into another one that the thief owns, with or without an item for the thief itself.
namespace model {
namespace {

// A thief with a deque of its own.
class Collector {
 public:
  Collector(TestDeque& source, TestDeque& destination, Items& items)
      : source_(source), destination_(destination), items_(items) {}

  StealStatus steal_batch(std::size_t limit) {
    return sched::steal_batch(source_, destination_, limit);
  }
  StealStatus steal_batch_and_pop(std::size_t limit) {
    void* item = nullptr;
    const StealStatus status = sched::steal_batch_and_pop(source_, destination_, limit, item);
    if (status == StealStatus::kSuccess) take(item);
    return status;
  }
  // Pops what it has; each batch comes out in the order in which the source's owner would have popped it.
  void drain() {
    void* item = nullptr;
    while (destination_.pop(item) == StealStatus::kSuccess) take(item);
    last_ = 0;
  }

 private:
  void take(const void* item) {
    const std::size_t number = items_.take(item);
    const bool newest_first = source_.flavor() == Flavor::kLifo;
    check(last_ == 0 || (number < last_) == newest_first, "a batch is out of order");
    last_ = number;
  }
  TestDeque& source_;
  TestDeque& destination_;
  Items& items_;
  std::size_t last_ = 0;
};

enum class Kind { kBatch, kBatchAndPop };

// The owner pops, and makes its buffer larger and smaller, while another takes a batch.
void against_owner(Flavor from, Flavor to, Kind kind) {
  Items items(6);
  TestDeque source(from);
  TestDeque destination(to);
  name(source, "source");
  name(destination, "destination");
  Owner owner(source, items);
  for (std::size_t number = 1; number <= 3; ++number) owner.push(number);
  {
    Thread thief([&] {
      Collector self(source, destination, items);
      if (kind == Kind::kBatch) {
        self.steal_batch(3);
      } else {
        self.steal_batch_and_pop(3);
      }
      self.drain();
    });
    owner.pop();
    owner.pop();
    for (std::size_t number = 4; number <= 6; ++number) owner.push(number);
    owner.pop();
  }
  owner.drain();
  items.check_all();
}
SCENARIO(deque_batch_fifo_to_fifo, .bound = 3, .deep_bound = 5) {
  against_owner(Flavor::kFifo, Flavor::kFifo, Kind::kBatch);
}
SCENARIO(deque_batch_fifo_to_lifo, .bound = 3, .deep_bound = 5) {
  against_owner(Flavor::kFifo, Flavor::kLifo, Kind::kBatch);
}
SCENARIO(deque_batch_lifo_to_fifo, .bound = 3, .deep_bound = 5) {
  against_owner(Flavor::kLifo, Flavor::kFifo, Kind::kBatch);
}
SCENARIO(deque_batch_lifo_to_lifo, .bound = 3, .deep_bound = 5) {
  against_owner(Flavor::kLifo, Flavor::kLifo, Kind::kBatch);
}
SCENARIO(deque_batch_and_pop_fifo_to_fifo, .bound = 3, .deep_bound = 5) {
  against_owner(Flavor::kFifo, Flavor::kFifo, Kind::kBatchAndPop);
}
SCENARIO(deque_batch_and_pop_fifo_to_lifo, .bound = 3, .deep_bound = 5) {
  against_owner(Flavor::kFifo, Flavor::kLifo, Kind::kBatchAndPop);
}
SCENARIO(deque_batch_and_pop_lifo_to_fifo, .bound = 3, .deep_bound = 5) {
  against_owner(Flavor::kLifo, Flavor::kFifo, Kind::kBatchAndPop);
}
SCENARIO(deque_batch_and_pop_lifo_to_lifo, .bound = 3, .deep_bound = 5) {
  against_owner(Flavor::kLifo, Flavor::kLifo, Kind::kBatchAndPop);
}

// A batch of a FIFO deque against an owner that takes the last items from under it, finds nothing, and rolls back.
SCENARIO(deque_batch_fifo_roll_back, .bound = 4, .deep_bound = 6) {
  Items items(4);
  TestDeque source(Flavor::kFifo);
  TestDeque destination(Flavor::kFifo);
  name(source, "source");
  Owner owner(source, items);
  {
    Thread thief([&] {
      Collector self(source, destination, items);
      self.steal_batch(2);
      self.drain();
    });
    owner.push(1);
    owner.pop();
    owner.pop();
    owner.push(2);
    owner.push(3);
    owner.push(4);
    owner.pop();
  }
  owner.drain();
  items.check_all();
}

// Two take batches from the same deque, beside its owner.
void two_collectors(Flavor flavor) {
  Items items(4);
  TestDeque source(flavor);
  TestDeque first_own(Flavor::kFifo);
  TestDeque second_own(Flavor::kLifo);
  name(source, "source");
  Owner owner(source, items);
  for (std::size_t number = 1; number <= 4; ++number) owner.push(number);
  {
    Thread first([&] {
      Collector self(source, first_own, items);
      self.steal_batch(2);
      self.drain();
    });
    Thread second([&] {
      Collector self(source, second_own, items);
      self.steal_batch_and_pop(2);
      self.drain();
    });
    owner.pop();
    owner.pop();
  }
  owner.drain();
  items.check_all();
}
SCENARIO(deque_batch_two_from_fifo, .bound = 2, .deep_bound = 3) { two_collectors(Flavor::kFifo); }
SCENARIO(deque_batch_two_from_lifo, .bound = 2, .deep_bound = 3) { two_collectors(Flavor::kLifo); }

// What was stolen is stolen again, from the thief's deque by a third thread.
void chain(Flavor from, Flavor to) {
  Items items(4);
  TestDeque source(from);
  TestDeque destination(to);
  name(source, "source");
  name(destination, "destination");
  Owner owner(source, items);
  for (std::size_t number = 1; number <= 3; ++number) owner.push(number);
  {
    Thread thief([&] {
      Collector self(source, destination, items);
      self.steal_batch(2);
      self.drain();
    });
    Thread third([&] {
      void* item = nullptr;
      if (destination.steal(item) == StealStatus::kSuccess) items.take(item);
    });
    owner.push(4);
    owner.pop();
  }
  owner.drain();
  items.check_all();
}
SCENARIO(deque_batch_chain_fifo, .bound = 2, .deep_bound = 4) {
  chain(Flavor::kFifo, Flavor::kLifo);
}
SCENARIO(deque_batch_chain_lifo, .bound = 2, .deep_bound = 4) {
  chain(Flavor::kLifo, Flavor::kFifo);
}

// Two owners take batches from each other.
void both_ways(Flavor left, Flavor right) {
  Items items(4);
  TestDeque first(left);
  TestDeque second(right);
  name(first, "first");
  name(second, "second");
  const auto worker = [&](TestDeque& own, TestDeque& other, std::size_t number) {
    check(own.push(items.make(number)) == PushStatus::kOk, "a push failed");
    check(own.push(items.make(number + 1)) == PushStatus::kOk, "a push failed");
    void* item = nullptr;
    if (sched::steal_batch_and_pop(other, own, 2, item) == StealStatus::kSuccess) items.take(item);
    while (own.pop(item) == StealStatus::kSuccess) items.take(item);
  };
  {
    Thread thread([&] { worker(first, second, 1); });
    worker(second, first, 3);
  }
  items.check_all();
}
SCENARIO(deque_batch_both_ways, .bound = 3, .deep_bound = 5) {
  both_ways(Flavor::kFifo, Flavor::kLifo);
}

// A destination with room for one item gets one, and a full one none.
SCENARIO(deque_batch_full_destination, .bound = 4, .deep_bound = 6) {
  Items items(5);
  TestDeque source(Flavor::kFifo);
  TestDeque destination(Flavor::kFifo, 2);
  name(source, "source");
  Owner owner(source, items);
  for (std::size_t number = 1; number <= 4; ++number) owner.push(number);
  {
    Thread thief([&] {
      check(destination.push(items.make(5)) == PushStatus::kOk, "a push failed");
      const StealStatus first = sched::steal_batch(source, destination, 4);
      check(destination.size() <= 2, "more items than may be there");
      const StealStatus second = sched::steal_batch(source, destination, 4);
      if (first == StealStatus::kSuccess) {
        check(second == StealStatus::kFull || second == StealStatus::kEmpty, "no room, yet moved");
      }
      void* item = nullptr;
      while (destination.pop(item) == StealStatus::kSuccess) items.take(item);
    });
    owner.pop();
  }
  owner.drain();
  items.check_all();
}

}  // namespace
}  // namespace model
