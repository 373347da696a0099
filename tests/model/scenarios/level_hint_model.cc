#include "core/queue/level_hint.h"
#include "tests/model/scenarios/items.h"

namespace model {
namespace {

using sched::LevelHint;

// A hint and what it tells of: a number of items that is looked at and changed by seq_cst operations, as the queues are.
class HintTest {
 public:
  HintTest() {
    name(hint_, "hint");
    name(items_, "items");
  }

  void push() {
    items_.fetch_add(1, std::memory_order_seq_cst);
    hint_.raise();
  }
  // With no taker about: a push that has finished is never without the hint.
  void push_to_stay() {
    push();
    check(hint_.raised(), "the hint is down after a push");
  }
  bool take() {
    int items = items_.load(std::memory_order_seq_cst);
    while (items != 0) {
      if (items_.compare_exchange_strong(items, items - 1, std::memory_order_seq_cst)) return true;
    }
    return false;
  }
  // What a search that finds nothing does.
  void take_or_lower() {
    if (!take()) lower();
  }
  void lower() {
    hint_.lower([this] { return items_.load(std::memory_order_seq_cst) != 0; });
  }
  bool raised() const { return hint_.raised(); }

  // When no push or search is under way.
  void check_rest() {
    const bool waits = items_.load(std::memory_order_seq_cst) != 0;
    check(!waits || hint_.raised(), "the hint is down while an item waits");
    while (take()) {
    }
    lower();
    check(!hint_.raised(), "the hint stays up though nothing waits");
  }

 private:
  LevelHint<ModelSync> hint_;
  ModelSync::atomic<int> items_{0};
};

// A level that was used and is empty, with the hint still up.
void use(HintTest& level) {
  level.push_to_stay();
  level.take();
}

SCENARIO(hint_push_against_lower, .bound = 4, .deep_bound = 8, .spurious = 1,
         .kills = {"LevelHintOrders"}) {
  HintTest level;
  use(level);
  {
    Thread searcher([&] { level.lower(); });
    level.push_to_stay();
  }
  check(level.raised(), "the hint is down while an item waits");
  level.check_rest();
}

// The second search marks anew what the push has cleared of the first one's mark: to the first it must look different.
SCENARIO(hint_push_between_two_marks, .bound = 4, .deep_bound = 6, .spurious = 1,
         .kills = {"LevelHintOrders"}) {
  HintTest level;
  use(level);
  {
    const auto lower = [&] { level.lower(); };
    Thread first(lower);
    Thread second(lower, first);
    level.push_to_stay();
  }
  check(level.raised(), "the hint is down while an item waits");
  level.check_rest();
}

SCENARIO(hint_two_pushes_two_lowerings, .bound = 3, .deep_bound = 4, .kills = {"LevelHintOrders"}) {
  HintTest level;
  use(level);
  {
    Thread searcher([&] {
      level.lower();
      level.lower();
    });
    Thread producer([&] { level.push_to_stay(); });
    level.push_to_stay();
  }
  check(level.raised(), "the hint is down while an item waits");
  level.check_rest();
}

// A push that finds the hint up leaves it alone, and a sleeper that trusts hints must see it all the same.
SCENARIO(hint_push_against_sleeper, .bound = 3, .deep_bound = 5, .kills = {"LevelHintOrders"}) {
  HintTest level;
  ModelSync::atomic<int> announced{0};
  bool told = false;
  bool found = false;
  {
    Thread producer([&] { level.push(); });
    Thread sleeper([&] {
      announced.store(1, std::memory_order_seq_cst);
      found = level.raised();
    });
    level.push();
    told = announced.load(std::memory_order_seq_cst) != 0;
  }
  check(told || found, "the producer does not see the sleeper, nor the sleeper the hint");
  level.check_rest();
}

SCENARIO(hint_push_and_search, .bound = 4, .deep_bound = 5, .spurious = 1,
         .kills = {"LevelHintOrders"}) {
  HintTest level;
  {
    const auto search = [&] {
      level.take_or_lower();
      level.take_or_lower();
    };
    Thread first(search);
    Thread second(search, first);
    level.push();
    level.push();
  }
  level.check_rest();
}

}  // namespace
}  // namespace model
