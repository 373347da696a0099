#include "core/queue/injector.h"
#include "tests/model/scenarios/items.h"

// The injector with the orders of users that sleep when they have found nothing.
namespace model {
namespace {

using sched::Injector;
using sched::PushStatus;
using sched::StealStatus;

template <std::size_t BlockSlots>
class InjectorTest {
 public:
  static constexpr std::size_t kItems = 5;

  InjectorTest() : items_(kItems) { name(injector_, "injector"); }

  void push(std::size_t number) {
    items_.make(number);
    check(injector_.push(item_of(number)) == PushStatus::kOk, "a push failed");
    pushed_[number - 1] = true;
  }
  // The newest of the items taken; 0 = none.
  std::size_t take(std::size_t limit = 1) {
    std::size_t number = 0;
    pop(limit, number);
    return number;
  }
  StealStatus pop(std::size_t limit, std::size_t& number) {
    Item batch[kItems];
    std::size_t taken = 0;
    const StealStatus status = injector_.pop_n(batch, limit, taken);
    for (std::size_t i = 0; i < taken; ++i) {
      number = items_.take_word(batch[i][0] >> 8);
      check(batch[i] == item_of(number), "the words of two items are mixed");
    }
    return status;
  }
  bool ready() { return injector_.ready(); }

  // When the other threads have ended.
  void finish() {
    while (injector_.size() != 0) {
      check(injector_.ready(), "a look misses an item");
      check(take() != 0, "an item is not found");
    }
    std::size_t none = 0;
    check(pop(1, none) == StealStatus::kEmpty, "an empty injector is not empty");
    for (std::size_t number = 1; number <= kItems; ++number) {
      check(items_.taken(number) == pushed_[number - 1], "an item was lost");
    }
  }

 private:
  using Item = std::array<std::uint64_t, 2>;
  static Item item_of(std::size_t number) { return {number << 8, number << 8}; }

  Items items_;
  Injector<ModelSync, 2, BlockSlots, ModelSync::Traits<sched::SleeperInjectorOrders>> injector_;
  bool pushed_[kItems] = {};
};

// A producer looks for sleepers after its push, a sleeper looks for items after its announcement: one sees the other.
class Announcement {
 public:
  Announcement() { name(announced_, "announced"); }
  template <class Test>
  void sleep(Test& test) {
    announced_.store(1, std::memory_order_seq_cst);
    found_ = test.ready();
  }
  void look() {
    if (announced_.load(std::memory_order_seq_cst) != 0) told_ = true;
  }
  // An item waits, and all threads have ended.
  void check_one_saw_the_other() const {
    check(told_ || found_, "an item waits, its producer saw no sleeper and the sleeper no item");
  }

 private:
  ModelSync::atomic<int> announced_{0};
  bool found_ = false;
  bool told_ = false;
};

SCENARIO(sleeper_injector_push_against_sleeper, .bound = 4, .kills = {"SleeperInjectorOrders"}) {
  InjectorTest<2> test;
  Announcement announcement;
  {
    Thread sleeper([&] { announcement.sleep(test); });
    test.push(1);
    announcement.look();
  }
  announcement.check_one_saw_the_other();
  test.finish();
}

// All slots of the head's block are taken: what is pushed lies in a block that the sleeper must find by the link.
SCENARIO(sleeper_injector_next_block_against_sleeper, .bound = 4,
         .kills = {"SleeperInjectorOrders"}) {
  InjectorTest<1> test;
  Announcement announcement;
  test.push(1);
  test.take();
  {
    Thread sleeper([&] { announcement.sleep(test); });
    test.push(2);
    announcement.look();
  }
  announcement.check_one_saw_the_other();
  test.finish();
}

// The words are relaxed, and a consumer whose claim fails may copy them while they are written. So that a claim that
// succeeds has copied before the block is used again is seen from a plain cell in the slot's place.
SCENARIO(sleeper_injector_reuse_after_copy, .bound = 3, .deep_bound = 4,
         .kills = {"SleeperInjectorOrders"}) {
  InjectorTest<1> test;
  Plain<int> slot{1};
  test.push(1);
  test.push(2);
  {
    Thread consumer([&] {
      check(slot == 1, "a slot was overwritten before it was copied");
      test.take();
    });
    if (test.take() == 2) {
      test.push(3);
      slot = 3;
    }
  }
  test.finish();
}

// One of two items stays, whoever takes the other.
SCENARIO(sleeper_injector_take_against_sleeper, .bound = 2, .deep_bound = 3,
         .kills = {"SleeperInjectorOrders"}) {
  InjectorTest<1> test;
  Announcement announcement;
  {
    Thread sleeper([&] { announcement.sleep(test); });
    Thread consumer([&] { test.take(); });
    test.push(1);
    test.push(2);
    announcement.look();
  }
  announcement.check_one_saw_the_other();
  test.finish();
}

// A look while blocks are taken, put back and used again: the last item waits all the time.
SCENARIO(sleeper_injector_look_against_reuse, .bound = 3, .deep_bound = 4,
         .kills = {"SleeperInjectorOrders"}) {
  InjectorTest<1> test;
  test.push(1);
  test.push(2);
  test.push(3);
  {
    Thread consumer([&] {
      test.take();
      test.take();
      test.push(4);
    });
    check(test.ready(), "a look misses an item that waits all the time");
  }
  test.finish();
}

SCENARIO(sleeper_injector_reuse_two_sides, .bound = 2, .deep_bound = 3,
         .kills = {"SleeperInjectorOrders"}) {
  InjectorTest<1> test;
  {
    Thread consumer([&] {
      test.take();
      test.take();
      test.take();
    });
    test.push(1);
    test.push(2);
    test.push(3);
  }
  test.finish();
}

// One producer links the block, the other fills it.
SCENARIO(sleeper_injector_link_by_another_producer, .bound = 1, .deep_bound = 2, .random = 10'000,
         .pct = 10'000, .kills = {"SleeperInjectorOrders"}) {
  InjectorTest<1> test;
  Announcement announcement;
  test.push(1);
  test.take();
  {
    Thread sleeper([&] { announcement.sleep(test); });
    const auto produce = [&](std::size_t number) {
      test.push(number);
      announcement.look();
    };
    Thread other([&] { produce(2); });
    produce(3);
  }
  announcement.check_one_saw_the_other();
  test.finish();
}

SCENARIO(sleeper_injector_two_producers_two_consumers, .bound = 1, .deep_bound = 2,
         .random = 10'000, .pct = 10'000, .kills = {"SleeperInjectorOrders"}) {
  InjectorTest<2> test;
  {
    Thread producer([&] {
      test.push(1);
      test.push(2);
    });
    const auto consume = [&] {
      test.take(2);
      test.take(2);
    };
    Thread first(consume);
    Thread second(consume, first);
    test.push(3);
  }
  test.finish();
}

}  // namespace
}  // namespace model
