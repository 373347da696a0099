#pragma once

#include "core/queue/stealing_queue.h"
#include "tests/model/scenarios/items.h"

namespace model {

using sched::Level;
using sched::PushStatus;
using sched::Ready;
using sched::StealingQueue;
using sched::StealStatus;

inline constexpr sched::LevelMask kHighOnly = sched::bit_of(Level::kHigh);
inline constexpr sched::LevelMask kNormalOnly = sched::bit_of(Level::kNormal);

// A queue of at most two contexts, whose items' words all say which item they belong to.
template <std::size_t Words>
class QueueTest {
 public:
  using Queue = StealingQueue<ModelSync, Words, 2>;
  using Item = typename Queue::Item;
  static constexpr std::size_t kItems = 6;

  explicit QueueTest(sched::StarvationBounds bounds = {}, std::uint32_t contexts = 2)
      : items_(kItems), queue_(contexts, 2, bounds, 1) {
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

}  // namespace model
