// Injector, ring and stealing queue under threads.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <random>
#include <thread>
#include <vector>

#include "core/queue/injector.h"
#include "core/queue/ring.h"
#include "core/queue/stealing_queue.h"
#include "tests/unit/support.h"

namespace sched {
namespace {

using test::below;

constexpr std::uint64_t kProducers = 4;
constexpr std::uint64_t kPerProducer = 300'000 / SCHED_STRESS_DIVISOR;

// Items are producer << 32 | number. Each must come once.
class Ledger {
 public:
  Ledger() : taken_(kProducers * kPerProducer) {}
  void note(std::uint64_t item) {
    const std::uint64_t producer = item >> 32;
    const std::uint64_t number = item & 0xFFFFFFFFu;
    ASSERT_LT(producer, kProducers);
    ASSERT_LT(number, kPerProducer);
    ASSERT_EQ(taken_[producer * kPerProducer + number].fetch_add(1), 0) << "taken twice";
    count_.fetch_add(1);
  }
  std::uint64_t count() const { return count_.load(); }

 private:
  std::vector<std::atomic<std::uint8_t>> taken_;
  std::atomic<std::uint64_t> count_{0};
};

// One consumer sees each producer's items in order.
class Order {
 public:
  void note(std::uint64_t item) {
    std::uint64_t& last = last_[item >> 32];
    const std::uint64_t number = (item & 0xFFFFFFFFu) + 1;
    ASSERT_GT(number, last) << "a producer's items were overtaken";
    last = number;
  }

 private:
  std::uint64_t last_[kProducers] = {};
};

template <std::size_t BlockSlots>
void play_injector(bool close_midway) {
  using TestInjector = Injector<StdSync, 3, BlockSlots>;
  using Item = typename TestInjector::Item;
  TestInjector injector;
  Ledger ledger;
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> producing{kProducers};
  std::vector<std::thread> threads;
  for (std::uint64_t producer = 0; producer < kProducers; ++producer) {
    threads.emplace_back([&, producer] {
      std::mt19937 random(static_cast<std::uint32_t>(producer) + 1);
      for (std::uint64_t next = 0; next < kPerProducer;) {
        Item items[9];
        const std::size_t count =
            std::min<std::uint64_t>(1 + below(random, 9), kPerProducer - next);
        for (std::size_t i = 0; i < count; ++i) {
          const std::uint64_t item = producer << 32 | (next + i);
          items[i] = {item, ~item, item << 8 | (random() & 0xFF)};
        }
        std::size_t pushed = 0;
        const PushStatus status =
            count == 1 ? injector.push(items[0]) : injector.push_n(items, count, pushed);
        if (count == 1) pushed = status == PushStatus::kOk ? 1 : 0;
        accepted.fetch_add(pushed);
        next += pushed;
        if (status == PushStatus::kClosed) break;
        ASSERT_EQ(status, PushStatus::kOk);
        // At times let consumers catch up, so that the queue is often empty too.
        if (below(random, 200) == 0) std::this_thread::yield();
      }
      producing.fetch_sub(1);
    });
  }
  for (std::uint32_t consumer = 0; consumer < 4; ++consumer) {
    threads.emplace_back([&, consumer] {
      std::mt19937 random(consumer + 100);
      Order order;
      while (!::testing::Test::HasFatalFailure()) {
        Item items[8];
        std::size_t taken = 0;
        const bool last = producing.load() == 0;
        const StealStatus status = injector.pop_n(items, 1 + below(random, 8), taken);
        for (std::size_t i = 0; i < taken; ++i) {
          ASSERT_EQ(items[i][1], ~items[i][0]) << "words of two items were mixed";
          ASSERT_EQ(items[i][2], items[i][0] << 8);
          ledger.note(items[i][0]);
          order.note(items[i][0]);
        }
        if (status == StealStatus::kEmpty && last) return;
        if (status != StealStatus::kSuccess) std::this_thread::yield();
        if (below(random, 64) == 0) {
          Item head{};
          if (injector.peek(head)) {
            ASSERT_EQ(head[1], ~head[0]);
          }
        }
      }
    });
  }
  if (close_midway) {
    EXPECT_TRUE(test::comes_true([&] { return ledger.count() > kPerProducer; }));
    injector.close();
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ledger.count(), accepted.load());
  EXPECT_EQ(injector.pushed(), accepted.load());
  EXPECT_EQ(injector.size(), 0u);
  if (!close_midway) {
    EXPECT_EQ(accepted, kProducers * kPerProducer);
  }
}

TEST(Injector, BlocksOf2) { play_injector<2>(false); }
TEST(Injector, BlocksOf128) { play_injector<128>(false); }
TEST(Injector, ClosedMidwayBlocksOf2) { play_injector<2>(true); }
TEST(Injector, ClosedMidwayBlocksOf128) { play_injector<128>(true); }

template <std::size_t Capacity>
void play_ring() {
  using TestRing = Ring<StdSync, 2, Capacity>;
  using Item = typename TestRing::Item;
  constexpr std::uint64_t kItems = kProducers * kPerProducer / 2;
  TestRing ring;
  Ledger ledger;
  std::atomic<bool> over{false};
  std::vector<std::thread> thieves;
  for (std::uint32_t i = 0; i < 3; ++i) {
    thieves.emplace_back([&, i] {
      std::mt19937 random(i + 1);
      std::uint64_t last = 0;
      while (!over.load() && !::testing::Test::HasFatalFailure()) {
        Item items[16];
        std::size_t taken = 0;
        const StealStatus status = ring.steal(items, 1 + below(random, 16), taken);
        if (status == StealStatus::kEmpty) std::this_thread::yield();
        for (std::size_t k = 0; k < taken; ++k) {
          ASSERT_EQ(items[k][1], ~items[k][0]);
          ASSERT_GE(items[k][0], last) << "the oldest is taken first";
          last = items[k][0];
          ledger.note(items[k][0]);
        }
        ASSERT_LE(ring.size(), Capacity);
      }
    });
  }
  std::mt19937 random(50);
  Item out;
  for (std::uint64_t i = 0; i < kItems;) {
    const std::uint64_t item = i / kPerProducer << 32 | i % kPerProducer;
    if (below(random, 3) != 0 && ring.push({item, ~item})) {
      ++i;
    } else if (ring.pop(out)) {
      ASSERT_EQ(out[1], ~out[0]);
      ledger.note(out[0]);
    }
  }
  while (ring.pop(out)) ledger.note(out[0]);
  EXPECT_TRUE(test::comes_true([&] { return ledger.count() == kItems; }));
  over.store(true);
  for (std::thread& thief : thieves) thief.join();
}

TEST(Ring, OfOne) { play_ring<1>(); }
TEST(Ring, OfTwo) { play_ring<2>(); }
TEST(Ring, AsShipped) { play_ring<256>(); }

// Each thread has a context, submits inside and outside, and takes. What waits is found in the end by whoever looks.
template <std::size_t RingSlots>
void play_stealing_queue(StarvationBounds bounds, bool settled_only) {
  StealingQueue<StdSync, 2, RingSlots> queue(kProducers, bounds, 1);
  using Item = typename StealingQueue<StdSync, 2, RingSlots>::Item;
  Ledger ledger;
  std::vector<std::thread> threads;
  for (std::uint32_t context = 0; context < kProducers; ++context) {
    threads.emplace_back([&, context] {
      std::mt19937 random(context + 1);
      std::uint64_t next = 0;
      while (ledger.count() < kProducers * kPerProducer && !::testing::Test::HasFatalFailure()) {
        for (std::uint32_t burst = below(random, 12); burst > 0 && next < kPerProducer;
             --burst, ++next) {
          const Level level = kAllLevels[below(random, kLevels)];
          const Item item{std::uint64_t{context} << 32 | next, 0};
          bool run_next = false;
          ASSERT_EQ(below(random, 2) == 0 ? queue.submit(level, item)
                                          : queue.submit_local(context, level, item, &run_next),
                    PushStatus::kOk);
        }
        for (std::uint32_t burst = below(random, 12); burst > 0; --burst) {
          Item item{};
          Level level = Level::kHigh;
          const StealStatus status = queue.next(context, kEveryLevel, settled_only, item, level);
          if (status == StealStatus::kSuccess) ledger.note(item[0]);
          if (status == StealStatus::kEmpty) {
            std::this_thread::yield();
            break;
          }
        }
      }
    });
  }
  EXPECT_TRUE(test::comes_true([&] { return ledger.count() == kProducers * kPerProducer; },
                               10 * test::kPatienceNs));
  for (std::thread& thread : threads) thread.join();
  for (const Level level : kAllLevels) EXPECT_EQ(queue.size(level), 0u);
  EXPECT_EQ(queue.look(kEveryLevel), Ready::kNothing);
  EXPECT_EQ(queue.submitted(Level::kHigh) + queue.submitted(Level::kNormal) +
                queue.submitted(Level::kLow),
            kProducers * kPerProducer);
}

TEST(StealingQueue, SmallRings) { play_stealing_queue<2>({1, 2}, false); }
TEST(StealingQueue, AsShipped) { play_stealing_queue<256>({}, true); }

}  // namespace
}  // namespace sched
