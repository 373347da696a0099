#include "core/queue/message_queue.h"
#include "tests/model/scenarios/items.h"

// The injector as message queues use it: claims within a bound, pops that may refuse, the orders of users that sleep. Its
// blocks have one slot.
namespace model {
namespace {

using sched::PushStatus;
using sched::StealStatus;

class BoundedInjector {
 public:
  static constexpr std::size_t kItems = 6;

  BoundedInjector() : items_(kItems) { name(injector, "injector"); }

  bool push(std::size_t number, std::uint64_t bound) {
    const Item item = {items_.make_word(number) << 8, number << 8};
    const PushStatus status = injector.push_within(bound, item);
    check(status == PushStatus::kOk || status == PushStatus::kFull, "a push failed for no reason");
    if (status == PushStatus::kOk) pushed_[number - 1] = true;
    return status == PushStatus::kOk;
  }
  // Of the oldest item, unless it is that one. The number taken; 0 = none.
  std::size_t pop(std::size_t refused = 0) {
    Item item;
    std::size_t seen = 0;
    const StealStatus status = injector.pop_if(item, [&](const Item& found) {
      seen = found[1] >> 8;
      return seen != refused;
    });
    if (status == StealStatus::kFull) {
      check(seen == refused && item[0] >> 8 == refused, "another item was refused than was seen");
    }
    if (status != StealStatus::kSuccess) return 0;
    check(item[0] == item[1], "the words of two items are mixed");
    return items_.take_word(item[0] >> 8);
  }
  bool pushed(std::size_t number) const { return pushed_[number - 1]; }

  // When the other threads have ended, with at most that many items left.
  void finish(std::size_t most) {
    check(injector.size() <= most, "more items are there than may be");
    while (injector.size() != 0) check(pop() != 0, "an item is not found");
    for (std::size_t number = 1; number <= kItems; ++number) {
      check(items_.taken(number) == pushed_[number - 1], "an item was lost");
    }
  }

  sched::Injector<ModelSync, 2, 1, ModelSync::Traits<sched::MessageInjectorOrders>> injector;

 private:
  using Item = std::array<std::uint64_t, 2>;
  Items items_;
  bool pushed_[kItems] = {};
};

// As many get in as there is room, whatever they have seen of the head.
SCENARIO(message_injector_bound_is_exact, .bound = 2, .deep_bound = 3, .spurious = 1) {
  BoundedInjector test;
  test.push(1, 1);
  {
    const Thread consumer([&] { test.pop(); });
    const Thread first([&] { test.push(2, 1); });
    const Thread second([&] { test.push(3, 1); }, first);
  }
  check(!(test.pushed(2) && test.pushed(3)), "two got in where one had left");
  test.finish(1);
}

// A block is filled by one thread, emptied and put back by another, and used again by the first.
SCENARIO(message_injector_reuse, .bound = 2, .deep_bound = 3, .kills = {"MessageInjectorOrders"}) {
  BoundedInjector test;
  {
    const Thread consumer([&] {
      for (int i = 0; i < 3; ++i) test.pop();
    });
    for (std::size_t number = 1; number <= 3; ++number) test.push(number, 3);
  }
  test.finish(3);
}

// What is refused stays, and is what was seen: the oldest item at a moment of the call.
SCENARIO(message_injector_refused, .bound = 3, .deep_bound = 4) {
  BoundedInjector test;
  test.push(1, 3);
  test.push(2, 3);
  {
    const Thread consumer([&] {
      test.pop();
      test.push(3, 3);
    });
    test.pop(1);
    test.pop(2);
  }
  test.finish(3);
}

}  // namespace
}  // namespace model
