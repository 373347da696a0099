// The checker's own tests: each plants a bug that must be found, or looks for executions that must not be lost.
#include <memory>

#include "tests/model/scenarios/items.h"
#include "tests/model/scenarios/litmus.h"

namespace model::litmus {
namespace {

using Order = std::memory_order;
using Word = Atomic<std::uint32_t>;

SCENARIO(engine_finds_assertion, .fails = Failure::kAssertion) {
  Location x{0};
  Thread writer([&] { x.store(1, relaxed); });
  check(x.load(relaxed) == 0, "the store came first");
}

// --- data races ---

// Threads begin in the order in which they were made, so the two scenarios differ in which access is the first.
SCENARIO(engine_finds_race_of_write_and_read, .fails = Failure::kRace) {
  Plain<int> cell{0};
  together([&] { cell = 1; }, [&] { static_cast<void>(cell.get()); });
}
SCENARIO(engine_finds_race_of_read_and_write, .fails = Failure::kRace) {
  Plain<int> cell{0};
  together([&] { static_cast<void>(cell.get()); }, [&] { cell = 1; });
}
SCENARIO(engine_finds_race_of_writes, .fails = Failure::kRace) {
  Plain<int> cell{0};
  together([&] { cell = 1; }, [&] { cell = 2; });
}

void hand_over(Order set, Order look) {
  Plain<int> cell{0};
  Location ready{0};
  together(
      [&] {
        cell = 1;
        ready.store(1, set);
      },
      [&] {
        if (ready.load(look) == 1) check(cell == 1, "the cell has been handed over");
      });
}
SCENARIO(engine_hand_over) { hand_over(release, acquire); }
SCENARIO(engine_finds_race_after_relaxed_store, .fails = Failure::kRace) {
  hand_over(relaxed, acquire);
}
SCENARIO(engine_finds_race_after_relaxed_load, .fails = Failure::kRace) {
  hand_over(release, relaxed);
}

struct Node {
  explicit Node(int first) : value(first) {}
  Plain<int> value;
};

void publish_node(Order set) {
  Atomic<Node*> published{nullptr};
  std::unique_ptr<Node> node;
  together(
      [&] {
        node = std::make_unique<Node>(1);
        published.store(node.get(), set);
      },
      [&] {
        if (Node* found = published.load(acquire)) check(found->value == 1, "it is initialized");
      });
}
SCENARIO(engine_publish_node) { publish_node(release); }
SCENARIO(engine_finds_race_with_allocation, .fails = Failure::kRace) { publish_node(relaxed); }

// The memory is older than the object: only the object's beginning races.
SCENARIO(engine_finds_race_with_initialization, .fails = Failure::kRace) {
  const auto memory = std::make_unique<unsigned char[]>(sizeof(Node));
  Atomic<Node*> published{nullptr};
  together([&] { published.store(new (memory.get()) Node(1), relaxed); },
           [&] {
             if (Node* found = published.load(acquire)) static_cast<void>(found->value.get());
           });
}

SCENARIO(engine_finds_race_of_two_mutexes, .fails = Failure::kRace) {
  Plain<int> cell{0};
  Mutex first, second;
  const auto add = [&](Mutex& mutex) {
    mutex.lock();
    ++cell;
    mutex.unlock();
  };
  together([&] { add(first); }, [&] { add(second); });
}
SCENARIO(engine_mutex_orders) {
  Plain<int> cell{0};
  Mutex mutex;
  const auto add = [&] {
    mutex.lock();
    ++cell;
    mutex.unlock();
  };
  together(add, add, add);
  check(cell == 3, "each has added one");
}

// --- deadlocks ---

SCENARIO(engine_finds_deadlock_of_two_mutexes, .fails = Failure::kDeadlock) {
  Mutex first, second;
  const auto lock_both = [](Mutex& one, Mutex& other) {
    one.lock();
    other.lock();
    other.unlock();
    one.unlock();
  };
  together([&] { lock_both(first, second); }, [&] { lock_both(second, first); });
}

SCENARIO(engine_finds_deadlock_of_self_join, .fails = Failure::kDeadlock) {
  Execution::current().join(Execution::current().self());
}

// The word that is slept on is not what the notifier changes.
SCENARIO(engine_finds_lost_wake, .fails = Failure::kDeadlock) {
  Word word{0};
  Location ready{0};
  together(
      [&] {
        if (ready.load(seq_cst) == 0) ModelSync::wait(word, 0, -1);
      },
      [&] {
        ready.store(1, seq_cst);
        ModelSync::wake(word, 1);
      });
}

void event_count(Order announce, Order look) {
  Word epoch{0};
  Location waiters{0}, ready{0};
  together(
      [&] {
        waiters.fetch_add(1, announce);
        const std::uint32_t key = epoch.load(acquire);
        if (ready.load(seq_cst) == 0) ModelSync::wait(epoch, key, -1);
      },
      [&] {
        ready.store(1, seq_cst);
        if (waiters.load(look) == 0) return;
        epoch.fetch_add(1, acq_rel);
        ModelSync::wake(epoch, 1);
      });
}
SCENARIO(engine_event_count, .bound = 6) { event_count(seq_cst, seq_cst); }
SCENARIO(engine_finds_lost_wake_of_event_count, .fails = Failure::kDeadlock) {
  event_count(seq_cst, acquire);
}
SCENARIO(engine_finds_lost_announcement, .fails = Failure::kDeadlock) {
  event_count(acq_rel, seq_cst);
}

SCENARIO(engine_finds_livelock, .steps = 1000, .fails = Failure::kLivelock) {
  Location never{0};
  while (never.load(acquire) == 0) ModelSync::pause();
}

// --- the life of memory ---

void use_and_free(bool free_first) {
  auto* x = new Location(0);
  const auto use = [x] { x->store(1, relaxed); };
  const auto free = [x] { delete x; };
  if (free_first) {
    together(free, use);
  } else {
    together(use, free);
  }
}
SCENARIO(engine_finds_use_after_free, .fails = Failure::kUseAfterFree) { use_and_free(true); }
SCENARIO(engine_finds_free_during_use, .fails = Failure::kUseAfterFree) { use_and_free(false); }

SCENARIO(engine_finds_free_during_plain_use, .fails = Failure::kUseAfterFree) {
  auto* node = new Node(1);
  together([&] { static_cast<void>(node->value.get()); }, [&] { delete node; });
}
SCENARIO(engine_finds_second_free, .fails = Failure::kUseAfterFree) {
  auto* node = new Node(1);
  together([&] { delete node; }, [&] { delete node; });
}

SCENARIO(engine_finds_leak, .fails = Failure::kLeak) {
  Location x{0};
  Atomic<Node*> kept{new Node(1)};
  together([&] { x.store(1, relaxed); });
  if (x.load(relaxed) == 0) delete kept.load(relaxed);
}

SCENARIO(engine_finds_item_taken_twice, .fails = Failure::kTwice) {
  Items items(1);
  Atomic<void*> slot{items.make(1)};
  const auto take = [&] {
    if (void* item = slot.load(acquire)) {
      slot.store(nullptr, relaxed);
      items.take(item);
    }
  };
  together(take, take);
}

// The order of a two-thief double take: what a single view of all seq_cst operations would hide.
void two_thieves(Order steal_top) {
  Items items(2);
  Atomic<int> top{0}, bottom{2};
  Atomic<void*> slots[] = {items.make(1), items.make(2)};
  const auto steal = [&] {
    int at = top.load(steal_top);
    if (at >= bottom.load(seq_cst)) return;
    void* item = slots[at].load(relaxed);
    if (top.compare_exchange_strong(at, at + 1, seq_cst, relaxed)) items.take(item);
  };
  {
    Thread first(steal);
    Thread second(steal, first);
    bottom.store(1, seq_cst);
    int at = top.load(seq_cst);
    if (at == 0 || (at == 1 && top.compare_exchange_strong(at, 2, seq_cst, relaxed))) {
      items.take(slots[1].load(relaxed));
    }
  }
  check(items.taken(2), "the item was lost");
}
SCENARIO(engine_two_thieves, .bound = 5) { two_thieves(seq_cst); }
SCENARIO(engine_finds_double_take_of_two_thieves, .bound = 5, .fails = Failure::kTwice) {
  two_thieves(acquire);
}

// --- what the scenario must not do ---

int executions = 0;
SCENARIO(engine_finds_count_of_executions, .fails = Failure::kNonDeterministic) {
  Location x{0};
  Thread writer([&] { x.store(1, relaxed); });
  if (++executions % 2 == 0) x.store(2, relaxed);
  static_cast<void>(x.load(relaxed));
}

}  // namespace
}  // namespace model::litmus
