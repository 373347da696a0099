#include "tests/model/scenarios/stealing_queue_test.h"

namespace model {
namespace {

// --- one more context ---

// A sleeper that looks through all contexts, and a thread that adds one and pushes into it.
SCENARIO(queue_sleeper_against_new_context, .bound = 5, .deep_bound = 7,
         .kills = {"ContextTableOrders"}) {
  QueueTest<2> test({}, 1);
  Sleeper sleeper;
  {
    Thread context([&] { sleeper.select_or_sleep(test, 0); });
    Thread other([&] {
      check(test.queue().add_context() == 1, "the new context is not the next one");
      test.submit_local(1, Level::kHigh, 1);
      sleeper.wake();
    });
  }
  sleeper.check_awake(test);
  test.finish();
}

// The context belongs to a thread of its own, which the one that has added it starts.
SCENARIO(queue_sleeper_against_new_thread, .bound = 4, .deep_bound = 6,
         .kills = {"ContextTableOrders"}) {
  QueueTest<2> test({}, 1);
  Sleeper sleeper;
  {
    Thread context([&] { sleeper.select_or_sleep(test, 0); });
    Thread other([&] {
      const std::uint32_t added = test.queue().add_context();
      Thread owner([&] {
        test.submit_local(added, Level::kHigh, 1);
        sleeper.wake();
      });
    });
  }
  sleeper.check_awake(test);
  test.finish();
}

// The level's hint is up: it is not taken down while the only item waits in the new context.
SCENARIO(queue_new_context_against_search, .bound = 3, .deep_bound = 4, .random = 10'000,
         .pct = 10'000, .kills = {"ContextTableOrders"}) {
  QueueTest<2> test({}, 1);
  test.submit(Level::kNormal, 1);
  test.next(0, kNormalOnly);
  {
    Thread context([&] {
      test.next(0, kNormalOnly);
      test.next(0, kNormalOnly);
    });
    Thread other([&] {
      test.queue().add_context();
      test.submit_local(1, Level::kNormal, 2);
      test.submit_local(1, Level::kNormal, 3);
      test.next(1, kNormalOnly);
    });
  }
  test.finish();
}

// --- giving away ---

SCENARIO(queue_give_away_against_thief, .bound = 2, .deep_bound = 4, .random = 10'000,
         .pct = 10'000) {
  QueueTest<2> test;
  test.submit_local(0, Level::kNormal, 1);
  test.submit_local(0, Level::kNormal, 2);
  {
    Thread thief([&] {
      test.next(1, kNormalOnly);
      test.next(1, kNormalOnly);
    });
    Thread owner([&] {
      check(test.queue().give_away(0), "nothing refuses, and something stays");
      test.next(0, kNormalOnly);
    });
  }
  test.finish();
}

// What is refused stays, wherever the closing comes.
SCENARIO(queue_give_away_against_close, .bound = 2, .deep_bound = 4, .random = 10'000,
         .pct = 10'000) {
  QueueTest<2> test;
  test.submit_local(0, Level::kNormal, 1);
  test.submit_local(0, Level::kNormal, 2);
  bool taken = false;
  {
    Thread closer([&] { test.queue().close(); });
    Thread thief([&] { taken = test.next(1, kNormalOnly) != 0; });
    Thread owner([&] { test.queue().give_away(0); });
  }
  check(test.size() == (taken ? 1u : 2u), "an item was lost on the way");
  test.finish();
}

// What is on its way is seen by nobody: who has moved it tells, as after a push.
SCENARIO(queue_give_away_against_sleeper, .bound = 4, .deep_bound = 6, .random = 10'000,
         .pct = 10'000, .kills = {"SleeperInjectorOrders", "RingOrders", "LevelHintOrders"}) {
  QueueTest<2> test;
  Sleeper sleeper;
  test.submit_local(1, Level::kHigh, 1);
  {
    Thread context([&] { sleeper.select_or_sleep(test, 0); });
    Thread owner([&] {
      test.queue().give_away(1);
      sleeper.wake();
    });
  }
  sleeper.check_awake(test);
  test.finish();
}

// Who reads how many have ended and then how many were submitted finds neither too few submitted, for then it would take
// the queue for idle while the item is on its way, nor too many once it has ended, for then nobody would tell it again.
SCENARIO(queue_give_away_and_idleness, .bound = 3, .deep_bound = 4, .random = 10'000, .pct = 10'000,
         .kills = {"StealingContextOrders"}) {
  QueueTest<2> test;
  ModelSync::atomic<std::uint64_t> ended{0};
  test.submit_local(0, Level::kNormal, 1);
  {
    Thread owner([&] { test.queue().give_away(0); });
    Thread thief([&] {
      if (test.next(1, kNormalOnly) != 0) ended.store(1, std::memory_order_release);
    });
    Thread reader([&] {
      const std::uint64_t ends = ended.load(std::memory_order_acquire);
      const std::uint64_t submitted = test.queue().submitted(Level::kNormal);
      check(submitted >= 1, "an item that was given away is not counted");
      check(ends == 0 || submitted == 1, "the item has ended, and is counted twice");
    });
  }
  check(test.queue().submitted(Level::kNormal) == 1, "an item is counted twice");
  test.finish();
}

// An item that goes round: given away, taken, submitted anew by who has taken it, and given away by that one.
SCENARIO(queue_give_away_twice, .bound = 2, .deep_bound = 3, .random = 10'000, .pct = 10'000) {
  QueueTest<2> test;
  ModelSync::atomic<std::uint64_t> ended{0};
  test.submit_local(0, Level::kHigh, 1);
  {
    Thread first([&] { test.queue().give_away(0); });
    Thread second([&] {
      if (test.next(1, kHighOnly) == 0) return;
      test.submit_local(1, Level::kHigh, 2);
      test.queue().give_away(1);
      ended.store(1, std::memory_order_release);
    });
    Thread reader([&] {
      const std::uint64_t ends = ended.load(std::memory_order_acquire);
      check(ends < test.queue().submitted(Level::kHigh), "an item waits and is not counted");
    });
  }
  test.finish();
}

}  // namespace
}  // namespace model
