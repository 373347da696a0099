#pragma once

#include <array>
#include <cstddef>

#include "core/queue/deque.h"
#include "tests/model/scenarios/items.h"

namespace model {

using sched::Flavor;
using sched::PushStatus;
using sched::StealStatus;
using TestDeque = sched::Deque<ModelSync, 2>;

// The owner's side of a deque. It knows what it has pushed, and so what a pop may bring.
class Owner {
 public:
  Owner(TestDeque& deque, Items& items) : deque_(deque), items_(items) {}

  void push(std::size_t number) { check(try_push(number) == PushStatus::kOk, "a push failed"); }
  PushStatus try_push(std::size_t number) {
    const PushStatus status = deque_.push(items_.make(number));
    if (status == PushStatus::kOk) mine_[count_++] = number;
    return status;
  }

  // The number popped; 0: the deque was empty.
  std::size_t pop() {
    void* item = nullptr;
    if (deque_.pop(item) != StealStatus::kSuccess) {
      first_ = count_ = 0;
      return 0;
    }
    const std::size_t number = items_.take(item);
    check(first_ < count_, "a pop brought what had been found taken");
    if (deque_.flavor() == Flavor::kLifo) {
      check(mine_[--count_] == number, "a LIFO pop did not bring the newest item");
    } else {
      while (first_ < count_ && mine_[first_] != number) ++first_;
      check(first_++ < count_, "a FIFO pop brought an item out of order");
    }
    return number;
  }
  void drain() {
    while (pop() != 0) {
    }
  }

 private:
  TestDeque& deque_;
  Items& items_;
  // The numbers pushed and not known to have been taken, oldest first.
  std::array<std::size_t, 8> mine_{};
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

// Takes single items, which must get newer and newer.
class Thief {
 public:
  Thief(TestDeque& deque, Items& items) : deque_(deque), items_(items) {}

  StealStatus steal() {
    void* item = nullptr;
    const StealStatus status = deque_.steal(item);
    if (status != StealStatus::kSuccess) return status;
    const std::size_t number = items_.take(item);
    check(number > newest_, "a thief took an older item after a newer one");
    newest_ = number;
    return status;
  }

 private:
  TestDeque& deque_;
  Items& items_;
  std::size_t newest_ = 0;
};

}  // namespace model
