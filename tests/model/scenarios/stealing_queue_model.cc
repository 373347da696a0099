#include "tests/model/scenarios/stealing_queue_test.h"

namespace model {
namespace {

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
