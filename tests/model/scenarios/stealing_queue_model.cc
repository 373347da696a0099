#include <array>

#include "core/queue/stealing_queue.h"
#include "tests/model/scenarios/items.h"

namespace model {
namespace {

using sched::Level;
using sched::PushStatus;
using sched::Ready;
using sched::StealingQueue;
using sched::StealStatus;

constexpr sched::LevelMask kHighOnly = sched::bit_of(Level::kHigh);
constexpr sched::LevelMask kNormalOnly = sched::bit_of(Level::kNormal);

// A queue of two contexts, whose items' words all say which item they belong to.
template <std::size_t Words>
class QueueTest {
 public:
  using Queue = StealingQueue<ModelSync, Words, 2>;
  using Item = typename Queue::Item;
  static constexpr std::size_t kItems = 6;

  explicit QueueTest(sched::StarvationBounds bounds = {}) : items_(kItems), queue_(2, bounds, 1) {
    name(queue_, "queue");
  }

  Queue& queue() { return queue_; }

  bool submit(Level level, std::size_t number) {
    items_.make(number);
    const PushStatus status = queue_.submit(level, item_of(number));
    check(status == PushStatus::kOk || status == PushStatus::kClosed, "a push failed");
    submitted_[number - 1] = status == PushStatus::kOk;
    return submitted_[number - 1];
  }
  void submit_local(std::uint32_t context, Level level, std::size_t number) {
    items_.make(number);
    bool run_next = false;
    check(queue_.submit_local(context, level, item_of(number), &run_next) == PushStatus::kOk,
          "a push failed");
    submitted_[number - 1] = true;
  }

  // Which item the context has got; 0 = none.
  std::size_t next(std::uint32_t context, sched::LevelMask allowed = sched::kEveryLevel,
                   bool settled_only = false) {
    Level level = Level::kHigh;
    std::size_t number = 0;
    next(context, allowed, settled_only, level, number);
    return number;
  }

  bool taken(std::size_t number) const { return items_.taken(number); }
  std::size_t size() const {
    return queue_.size(Level::kHigh) + queue_.size(Level::kNormal) + queue_.size(Level::kLow);
  }

  // When the other threads have ended: the hints tell of what is left, and a context gets all of it.
  void finish() {
    for (const Level level : sched::kAllLevels) {
      check(queue_.size(level) == 0 || queue_.hinted(level), "a hint is down while an item waits");
    }
    for (;;) {
      Level level = Level::kHigh;
      std::size_t number = 0;
      const StealStatus status = next(0, sched::kEveryLevel, false, level, number);
      if (status == StealStatus::kEmpty) break;
      check(status == StealStatus::kSuccess, "a selection that nobody disturbs must be repeated");
    }
    check(size() == 0, "nothing is found, and something waits");
    check(!queue_.hinted_any(), "a hint is up though nothing waits");
    for (std::size_t number = 1; number <= kItems; ++number) {
      check(items_.taken(number) == submitted_[number - 1], "an item was lost");
    }
  }

 private:
  // The lowest bits of the last word are the injector's.
  static Item item_of(std::size_t number) {
    Item item;
    item.fill(number << 8);
    return item;
  }
  StealStatus next(std::uint32_t context, sched::LevelMask allowed, bool settled_only, Level& level,
                   std::size_t& number) {
    Item item;
    const StealStatus status = queue_.next(context, allowed, settled_only, item, level);
    if (status == StealStatus::kSuccess) {
      number = items_.take_word(item[0] >> 8);
      check(item == item_of(number), "the words of two items are mixed");
    }
    return status;
  }

  Items items_;
  Queue queue_;
  bool submitted_[kItems] = {};
};

// --- each item once ---

SCENARIO(queue_submit_two_contexts, .bound = 1, .deep_bound = 2, .random = 10'000, .pct = 10'000) {
  QueueTest<2> test;
  {
    Thread first([&] {
      test.next(0, kHighOnly);
      test.next(0, kHighOnly);
    });
    Thread second([&] {
      test.next(1, kHighOnly);
      test.next(1, kHighOnly);
    });
    Thread producer([&] {
      test.submit(Level::kHigh, 1);
      test.submit(Level::kHigh, 2);
    });
  }
  test.finish();
}

// A block holds two such items, so one of the producers needs the next block.
SCENARIO(queue_two_producers, .bound = 1, .deep_bound = 2, .random = 10'000, .pct = 10'000) {
  QueueTest<4> test;
  test.submit(Level::kHigh, 1);
  {
    Thread first([&] { test.submit(Level::kHigh, 2); });
    Thread second([&] { test.submit(Level::kHigh, 3); });
    Thread context([&] { test.next(1, kHighOnly); });
    Thread other([&] { test.next(0, kHighOnly); });
  }
  test.finish();
}

// What has been submitted is not missed: of two contexts one gets it.
SCENARIO(queue_item_is_found, .bound = 5, .deep_bound = 6, .random = 10'000, .pct = 10'000) {
  QueueTest<2> test;
  test.submit(Level::kHigh, 1);
  {
    Thread other([&] { test.next(1); });
    Thread first([&] { test.next(0); });
  }
  check(test.taken(1), "an item waited all the time, and neither context has found it");
  test.finish();
}

// A batch is on its way while the other context finds the level empty.
SCENARIO(queue_batch_on_its_way, .bound = 5, .deep_bound = 6, .random = 10'000, .pct = 10'000) {
  QueueTest<2> test;
  for (std::size_t number = 1; number <= 3; ++number) test.submit(Level::kHigh, number);
  {
    Thread other([&] { test.next(1, kHighOnly); });
    Thread first([&] {
      test.next(0, kHighOnly);
      test.next(0, kHighOnly);
    });
  }
  test.finish();
}

// The third selection moves shared items to the end of the own ring, while another context takes from both.
SCENARIO(queue_refill, .bound = 3, .deep_bound = 4, .random = 10'000, .pct = 10'000) {
  QueueTest<2> test;
  test.next(0);
  test.next(0);
  for (std::size_t number = 1; number <= 3; ++number) test.submit(Level::kHigh, number);
  {
    Thread other([&] {
      test.next(1, kHighOnly);
      test.next(1, kHighOnly);
    });
    Thread first([&] {
      test.next(0, kHighOnly);
      test.next(0, kHighOnly);
    });
  }
  test.finish();
}

// Own items: the run-next slot, the ring, and what overflows into the shared queue.
SCENARIO(queue_local_overflow, .bound = 1, .deep_bound = 2, .random = 10'000, .pct = 10'000) {
  QueueTest<2> test;
  {
    Thread thief([&] {
      test.next(1, kNormalOnly);
      test.next(1, kNormalOnly);
    });
    Thread owner([&] {
      for (std::size_t number = 1; number <= 4; ++number) {
        test.submit_local(0, Level::kNormal, number);
      }
      test.next(0, kNormalOnly);
    });
  }
  test.finish();
}

SCENARIO(queue_run_next_is_stolen, .bound = 3, .deep_bound = 4, .random = 10'000, .pct = 10'000) {
  QueueTest<2> test;
  {
    Thread thief([&] {
      test.next(1, kNormalOnly, true);
      test.next(1, kNormalOnly, true);
    });
    Thread owner([&] {
      test.submit_local(0, Level::kNormal, 1);
      test.submit_local(0, Level::kNormal, 2);
      test.next(0, kNormalOnly);
    });
  }
  test.finish();
}

// Between two selections of a context that asks for settled items only, another one replaces what the first has met.
SCENARIO(queue_run_next_settled, .bound = 4, .deep_bound = 6, .random = 10'000, .pct = 10'000) {
  QueueTest<2> test;
  ModelSync::atomic<int> met{0};
  test.submit_local(0, Level::kNormal, 1);
  {
    Thread thief([&] {
      check(test.next(1, kNormalOnly, true) == 0,
            "an item was taken from a slot when it was met first");
      met.store(1, std::memory_order_release);
      check(test.next(1, kNormalOnly, true) != 2,
            "an item was taken from a slot when it was met first");
    });
    Thread owner([&] {
      if (met.load(std::memory_order_acquire) != 0) {
        check(test.next(0, kNormalOnly) <= 1, "an item came out that was not there");
        test.submit_local(0, Level::kNormal, 2);
      }
    });
  }
  test.finish();
}

// --- sleeping ---

// A context that finds nothing announces itself and looks once more before it sleeps: at the queue, or at the hint first.
class Sleeper {
 public:
  Sleeper() { name(announced_, "announced"); }
  template <class Test>
  void select_or_sleep(Test& test, std::uint32_t context) {
    if (test.next(context, kHighOnly) != 0) return;
    announced_.store(1, std::memory_order_seq_cst);
    const bool hint_first = Execution::current().choose(2) != 0;
    asleep_ = (hint_first && !test.queue().hinted(Level::kHigh)) ||
              test.queue().look(kHighOnly) == Ready::kNothing;
  }
  // By who has made work available.
  void wake() { told_ |= announced_.load(std::memory_order_seq_cst) != 0; }
  // When the other threads have ended.
  template <class Test>
  void check_awake(const Test& test) const {
    check(!asleep_ || told_ || test.size() == 0, "an item waits, and a context sleeps");
  }

 private:
  ModelSync::atomic<int> announced_{0};
  bool asleep_ = false;
  bool told_ = false;
};

SCENARIO(queue_sleeper_against_submit, .bound = 5, .deep_bound = 7, .random = 10'000, .pct = 10'000,
         .kills = {"SleeperInjectorOrders", "RingOrders", "LevelHintOrders"}) {
  QueueTest<2> test;
  Sleeper sleeper;
  {
    Thread context([&] { sleeper.select_or_sleep(test, 0); });
    Thread producer([&] {
      test.submit(Level::kHigh, 1);
      sleeper.wake();
    });
  }
  sleeper.check_awake(test);
  test.finish();
}

SCENARIO(queue_sleeper_against_local, .bound = 5, .deep_bound = 7, .random = 10'000, .pct = 10'000,
         .kills = {"SleeperInjectorOrders", "RingOrders", "LevelHintOrders"}) {
  QueueTest<2> test;
  Sleeper sleeper;
  {
    Thread context([&] { sleeper.select_or_sleep(test, 0); });
    Thread owner([&] {
      test.submit_local(1, Level::kHigh, 1);
      sleeper.wake();
    });
  }
  sleeper.check_awake(test);
  test.finish();
}

// What is on its way into a context's ring is seen by nobody: the context tells when it has arrived.
SCENARIO(queue_sleeper_against_batch, .bound = 5, .deep_bound = 7, .random = 10'000, .pct = 10'000,
         .kills = {"SleeperInjectorOrders", "RingOrders", "LevelHintOrders"}) {
  QueueTest<2> test;
  Sleeper sleeper;
  test.submit(Level::kHigh, 1);
  test.submit(Level::kHigh, 2);
  {
    Thread context([&] { sleeper.select_or_sleep(test, 0); });
    Thread other([&] {
      test.next(1, kHighOnly);
      if (test.queue().kept_more(1)) sleeper.wake();
    });
  }
  sleeper.check_awake(test);
  test.finish();
}

SCENARIO(queue_sleeper_against_refill, .bound = 5, .deep_bound = 7, .random = 10'000, .pct = 10'000,
         .kills = {"SleeperInjectorOrders", "RingOrders", "LevelHintOrders"}) {
  QueueTest<2> test;
  Sleeper sleeper;
  test.next(1);
  test.next(1);
  test.submit_local(1, Level::kHigh, 1);
  test.submit(Level::kHigh, 2);
  {
    Thread context([&] { sleeper.select_or_sleep(test, 0); });
    Thread other([&] {
      test.next(1, kHighOnly);
      if (test.queue().kept_more(1)) sleeper.wake();
    });
  }
  sleeper.check_awake(test);
  test.finish();
}

// --- ending ---

SCENARIO(queue_close_against_submit, .bound = 3, .deep_bound = 4, .random = 10'000, .pct = 10'000) {
  QueueTest<2> test;
  {
    Thread closer([&] {
      test.queue().close();
      check(!test.submit(Level::kHigh, 3), "a submit succeeded after the queue was closed");
    });
    Thread context([&] { test.next(1, kHighOnly); });
    Thread producer([&] {
      const bool first = test.submit(Level::kHigh, 1);
      const bool second = test.submit(Level::kHigh, 2);
      check(first || !second, "a submit succeeded after one that found the queue closed");
    });
  }
  test.finish();
}

// Who reads the number of items that have ended and then the number submitted never finds more ended than submitted,
// wherever the items were and whoever took them.
SCENARIO(queue_submitted_after_ended, .bound = 2, .deep_bound = 3, .random = 10'000,
         .pct = 10'000) {
  QueueTest<2> test;
  ModelSync::atomic<std::uint64_t> high{0};
  ModelSync::atomic<std::uint64_t> normal{0};
  const auto end = [](ModelSync::atomic<std::uint64_t>& ended) {
    ended.store(ended.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  };
  // The hint is up from then on, so that an item can be found as soon as it is published.
  test.submit(Level::kNormal, 3);
  check(test.next(0, kNormalOnly) == 3, "an item is not found");
  end(normal);
  {
    Thread owner([&] {
      test.submit(Level::kHigh, 1);
      test.submit_local(0, Level::kNormal, 2);
      if (test.next(0, kHighOnly) != 0) end(high);
    });
    Thread other([&] {
      if (test.next(1, kNormalOnly) != 0) end(normal);
    });
    Thread reader([&] {
      const std::uint64_t highs = high.load(std::memory_order_acquire);
      const std::uint64_t normals = normal.load(std::memory_order_acquire);
      check(highs <= test.queue().submitted(Level::kHigh) &&
                normals <= test.queue().submitted(Level::kNormal),
            "more items have ended than were submitted");
    });
  }
  test.finish();
}

// --- levels ---

// High work passes over a waiting Normal item only once, though another context takes from both.
SCENARIO(queue_starvation_bound, .bound = 3, .deep_bound = 4, .random = 10'000, .pct = 10'000) {
  QueueTest<2> test({.normal = 1, .low = 2});
  for (std::size_t number = 1; number <= 4; ++number) test.submit(Level::kHigh, number);
  test.submit(Level::kNormal, 5);
  {
    Thread other([&] { test.next(1); });
    Thread first([&] {
      test.next(0);
      test.next(0);
    });
  }
  // By then, since the other context may have claimed it and be about to say so.
  check(test.taken(5), "a waiting Normal item was passed over more often than allowed");
  test.finish();
}

}  // namespace
}  // namespace model
