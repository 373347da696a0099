// Threads that stall for long at the worst place: each operation of one is stopped before each of its atomic operations,
// while others do much; then it goes on. Nothing may be lost, taken twice or made up, and nobody may wait for it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <vector>

#include "core/queue/batch.h"
#include "core/queue/deque.h"
#include "core/queue/injector.h"
#include "core/queue/level_hint.h"
#include "core/queue/ring.h"
#include "tests/unit/stall_sync.h"

namespace sched {
namespace {

using test::Actor;
using test::at_every_operation;
using test::StallSync;

// The numbers taken by anybody.
class Taken {
 public:
  void add(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    numbers_.push_back(number);
  }
  // Exactly the numbers 1 to count.
  void expect_all(std::uint64_t count) {
    std::sort(numbers_.begin(), numbers_.end());
    ASSERT_EQ(numbers_.size(), count);
    for (std::uint64_t i = 0; i < count; ++i) ASSERT_EQ(numbers_[i], i + 1);
  }

 private:
  std::mutex mutex_;
  std::vector<std::uint64_t> numbers_;
};

// --- deque ---

enum class Theft { kOne, kBatch, kBatchAndPop };

template <std::size_t MinCapacity>
struct DequeScene {
  using D = Deque<StallSync, MinCapacity>;
  explicit DequeScene(Flavor flavor) : deque(flavor) {}

  void push(int count) {
    for (int i = 0; i < count; ++i) {
      ASSERT_EQ(deque.push(reinterpret_cast<void*>(++pushed)), PushStatus::kOk);
    }
  }
  void pop(int count) {
    void* out = nullptr;
    for (int i = 0; i < count && deque.pop(out) == StealStatus::kSuccess; ++i) note(out);
  }
  void steal(Theft theft) {
    D own(Flavor::kLifo);
    void* out = nullptr;
    StealStatus status = StealStatus::kEmpty;
    if (theft == Theft::kOne) status = deque.steal(out);
    if (theft == Theft::kBatch) status = steal_batch(deque, own, 8);
    if (theft == Theft::kBatchAndPop) status = steal_batch_and_pop(deque, own, 8, out);
    if (status == StealStatus::kSuccess && theft != Theft::kBatch) note(out);
    while (own.pop(out) == StealStatus::kSuccess) note(out);
  }
  void note(void* item) { taken.add(reinterpret_cast<std::uint64_t>(item)); }

  D deque;
  std::uint64_t pushed = 0;
  Taken taken;
};

// What the owner does while a thief stalls.
const std::vector<void (*)(DequeScene<2>&)> kOwners = {
    [](DequeScene<2>& scene) { scene.pop(99); },
    [](DequeScene<2>& scene) { scene.pop(1); },
    [](DequeScene<2>& scene) { scene.push(20); },
    [](DequeScene<2>& scene) {
      scene.pop(99);
      scene.push(4);
    },
    [](DequeScene<2>& scene) {
      scene.push(9);
      scene.pop(11);
      static_cast<void>(scene.deque.shrink());
      scene.push(5);
    },
    [](DequeScene<2>& scene) {
      scene.steal(Theft::kBatch);
      scene.pop(1);
      scene.push(1);
    },
};

TEST(Stall, ThiefOfADeque) {
  for (const Flavor flavor : {Flavor::kFifo, Flavor::kLifo}) {
    for (const Theft theft : {Theft::kOne, Theft::kBatch, Theft::kBatchAndPop}) {
      for (const int length : {1, 2, 3, 8}) {
        for (const auto owner : kOwners) {
          at_every_operation([&](int k) {
            DequeScene<2> scene(flavor);
            scene.push(length);
            Actor thief(k, [&] { scene.steal(theft); });
            const bool over = thief.ended_early();
            owner(scene);
            thief.finish();
            scene.pop(99);
            scene.taken.expect_all(scene.pushed);
            return over;
          });
        }
      }
    }
  }
}

TEST(Stall, OwnerOfADeque) {
  for (const Flavor flavor : {Flavor::kFifo, Flavor::kLifo}) {
    for (const Theft theft : {Theft::kOne, Theft::kBatch, Theft::kBatchAndPop}) {
      for (const int length : {1, 2, 3, 8}) {
        for (const int thefts : {1, 2, 9}) {
          for (const bool push : {false, true}) {
            int k = 0;
            for (bool over = false; !over && !HasFatalFailure(); ++k) {
              DequeScene<2> scene(flavor);
              scene.push(length);
              Actor owner(k, [&] { push ? scene.push(9) : scene.pop(1); });
              over = owner.ended_early();
              for (int i = 0; i < thefts; ++i) scene.steal(theft);
              owner.finish();
              scene.pop(99);
              scene.taken.expect_all(scene.pushed);
            }
          }
        }
      }
    }
  }
}

// A buffer that gave its pages back reads as zeros: a thief must notice, though top has not moved.
TEST(Stall, ThiefOfARetiredBuffer) {
  for (const Theft theft : {Theft::kOne, Theft::kBatch, Theft::kBatchAndPop}) {
    at_every_operation([&](int k) {
      DequeScene<64> scene(Flavor::kLifo);
      scene.push(9000);
      Actor thief(k, [&] { scene.steal(theft); });
      const bool over = thief.ended_early();
      scene.pop(8990);
      static_cast<void>(scene.deque.shrink());
      thief.finish();
      scene.pop(9000);
      scene.taken.expect_all(scene.pushed);
      return over;
    });
  }
}

// --- injector ---

using TestInjector = Injector<StallSync, 2, 2>;

void push(TestInjector& injector, std::uint64_t first, std::uint64_t count) {
  TestInjector::Item items[5];
  for (std::uint64_t i = 0; i < count; ++i) items[i] = {first + i, 0};
  std::size_t accepted = 0;
  ASSERT_EQ(injector.push_n(items, count, accepted), PushStatus::kOk);
}

// Until nothing more can be taken now.
void take_all(TestInjector& injector, Taken& taken) {
  TestInjector::Item items[3];
  for (int retries = 0; retries < 1000;) {
    std::size_t count = 0;
    const StealStatus status = injector.pop_n(items, 3, count);
    for (std::size_t i = 0; i < count; ++i) taken.add(items[i][0]);
    if (status == StealStatus::kEmpty || status == StealStatus::kPending) return;
    retries += status == StealStatus::kRetry ? 1 : 0;
  }
  FAIL() << "nobody else is at work, so what is there to retry?";
}

// Two producers, of which each stalls anywhere, around a block's end; consumers go on, and blocks are used again. The one
// that stalled first goes on first; a third may come between.
void play_producers(std::uint64_t before, bool third) {
  for (int j = 0; j < 40 && !::testing::Test::HasFatalFailure(); ++j) {
    at_every_operation([&](int k) {
      TestInjector injector;
      Taken taken;
      std::uint64_t pushed = 0;
      const auto numbers = [&pushed](std::uint64_t count) {
        return std::exchange(pushed, pushed + count) + 1;
      };
      for (std::uint64_t i = 0; i < before; ++i) push(injector, numbers(1), 1);
      const std::uint64_t first = numbers(1);
      Actor one(k, [&, first] { push(injector, first, 1); });
      const bool over = one.ended_early();
      const std::uint64_t second = numbers(3);
      Actor two(j, [&, second] { push(injector, second, 3); });
      take_all(injector, taken);
      if (third) {
        push(injector, numbers(1), 1);
        take_all(injector, taken);
      }
      one.finish();
      push(injector, numbers(5), 5);
      take_all(injector, taken);
      two.finish();
      take_all(injector, taken);
      push(injector, numbers(5), 5);
      take_all(injector, taken);
      EXPECT_EQ(injector.size(), 0u);
      taken.expect_all(pushed);
      return over;
    });
  }
}

TEST(Stall, ProducersOfAnInjector) {
  for (const std::uint64_t before : {0u, 1u, 2u, 3u}) {
    for (const bool third : {false, true}) play_producers(before, third);
  }
}

TEST(Stall, ConsumerOfAnInjector) {
  for (const std::uint64_t before : {0u, 1u, 2u, 3u, 4u}) {
    for (const int rounds : {1, 2, 130}) {
      at_every_operation([&](int k) {
        TestInjector injector;
        Taken taken;
        std::uint64_t pushed = 0;
        const auto add = [&](std::uint64_t count) {
          push(injector, std::exchange(pushed, pushed + count) + 1, count);
        };
        for (std::uint64_t i = 0; i < before; ++i) add(1);
        Actor consumer(k, [&] {
          TestInjector::Item items[2];
          std::size_t count = 0;
          static_cast<void>(injector.pop_n(items, 2, count));
          for (std::size_t i = 0; i < count; ++i) taken.add(items[i][0]);
        });
        const bool over = consumer.ended_early();
        for (int i = 0; i < rounds; ++i) {
          add(3);
          take_all(injector, taken);
        }
        add(1);
        consumer.finish();
        take_all(injector, taken);
        EXPECT_EQ(injector.size(), 0u);
        taken.expect_all(pushed);
        return over;
      });
    }
  }
}

// --- ring ---

TEST(Stall, ThiefOfARing) {
  for (const int length : {1, 2, 3, 4}) {
    for (const int turns : {1, 3, 4, 5, 8, 9}) {
      at_every_operation([&](int k) {
        Ring<StallSync, 2, 4> ring;
        Taken taken;
        std::uint64_t pushed = 0;
        const auto add = [&] {
          ++pushed;
          ASSERT_TRUE(ring.push({pushed, ~pushed}));
        };
        const auto take = [&](const auto& item) {
          EXPECT_EQ(item[1], ~item[0]) << "words of two items were mixed";
          taken.add(item[0]);
        };
        for (int i = 0; i < length; ++i) add();
        Actor thief(k, [&] {
          std::array<std::uint64_t, 2> items[4];
          std::size_t count = 0;
          static_cast<void>(ring.steal(items, 4, count));
          for (std::size_t i = 0; i < count; ++i) take(items[i]);
        });
        const bool over = thief.ended_early();
        std::array<std::uint64_t, 2> out;
        for (int i = 0; i < turns; ++i) {
          if (ring.pop(out)) take(out);
          add();
        }
        thief.finish();
        while (ring.pop(out)) take(out);
        taken.expect_all(pushed);
        return over;
      });
    }
  }
}

// --- hint ---

// However the search that lowers it and the push that raises it meet: an item that waits is never without a hint.
TEST(Stall, HintsStandOverWaitingItems) {
  for (int k = 0; k < 10; ++k) {
    for (int j = 0; j < 10; ++j) {
      LevelHint<StallSync> hint;
      StallSync::atomic<int> items{0};
      const auto look = [&] { return items.load(std::memory_order_seq_cst) != 0; };
      hint.raise();
      Actor search(k, [&] { hint.lower(look); });
      Actor producer(j, [&] {
        items.store(1, std::memory_order_seq_cst);
        hint.raise();
      });
      hint.lower(look);
      search.finish();
      producer.finish();
      ASSERT_TRUE(hint.raised()) << "search " << k << ", push " << j;
      hint.lower(look);
      ASSERT_TRUE(hint.raised());
      items.store(0, std::memory_order_seq_cst);
      hint.lower(look);
      ASSERT_FALSE(hint.raised()) << "and it can be lowered";
    }
  }
}

}  // namespace
}  // namespace sched
