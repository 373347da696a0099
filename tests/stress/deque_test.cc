#include "core/queue/deque.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <random>
#include <thread>
#include <vector>

#include "core/queue/batch.h"
#include "tests/unit/support.h"

namespace sched {
namespace {

using test::below;

constexpr int kThieves = 3;
constexpr std::uint64_t kItems = 1'500'000 / SCHED_STRESS_DIVISOR;

// Every item was taken exactly once.
class Ledger {
 public:
  Ledger() : taken_(kItems) {}
  void note(void* item) {
    const auto number = reinterpret_cast<std::uint64_t>(item) - 1;
    ASSERT_LT(number, kItems);
    ASSERT_EQ(taken_[number].fetch_add(1), 0) << "item " << number << " was taken twice";
    count_.fetch_add(1);
  }
  std::uint64_t count() const { return count_.load(); }

 private:
  std::vector<std::atomic<std::uint8_t>> taken_;
  std::atomic<std::uint64_t> count_{0};
};

// Takes one item, or a batch into `own`, of which it pops the rest.
template <class D>
void steal_once(D& victim, D& own, std::mt19937& random, Ledger& ledger) {
  void* out = nullptr;
  const std::uint32_t kind = below(random, 3);
  const std::size_t limit = 1 + below(random, 40);
  StealStatus status = StealStatus::kEmpty;
  if (kind == 0) {
    status = victim.steal(out);
  } else if (kind == 1) {
    status = steal_batch_and_pop(victim, own, limit, out);
  } else {
    status = steal_batch(victim, own, limit);
  }
  if (status != StealStatus::kSuccess) {
    if (status == StealStatus::kEmpty) std::this_thread::yield();
    return;
  }
  if (kind != 2) ledger.note(out);
  while (own.pop(out) == StealStatus::kSuccess) ledger.note(out);
}

template <std::size_t MinCapacity>
void play(Flavor flavor, bool bursts) {
  using D = Deque<StdSync, MinCapacity>;
  D deque(flavor);
  Ledger ledger;
  std::atomic<bool> over{false};
  std::vector<std::thread> thieves;
  for (std::uint32_t i = 0; i < kThieves; ++i) {
    thieves.emplace_back([&, i] {
      std::mt19937 random(i + 1);
      D own(i % 2 == 0 ? Flavor::kFifo : Flavor::kLifo);
      while (!over.load() && !::testing::Test::HasFatalFailure())
        steal_once(deque, own, random, ledger);
    });
  }
  std::mt19937 random(99);
  void* out = nullptr;
  for (std::uint64_t next = 1; next <= kItems;) {
    // In bursts the buffer grows and shrinks; otherwise there is mostly one item or none.
    const std::uint64_t pushes = bursts ? below(random, 3000) : 1 + below(random, 3);
    for (std::uint64_t i = 0; i < pushes && next <= kItems; ++i) {
      ASSERT_EQ(deque.push(reinterpret_cast<void*>(next++)), PushStatus::kOk);
    }
    const std::uint64_t pops = bursts ? below(random, 3000) : 1 + below(random, 3);
    for (std::uint64_t i = 0; i < pops && deque.pop(out) == StealStatus::kSuccess; ++i)
      ledger.note(out);
    if (bursts || below(random, 64) == 0) {
      ASSERT_EQ(deque.shrink(), PushStatus::kOk);
    }
  }
  while (deque.pop(out) == StealStatus::kSuccess) ledger.note(out);
  EXPECT_TRUE(test::comes_true([&] { return ledger.count() == kItems; })) << "items were lost";
  over.store(true);
  for (std::thread& thief : thieves) thief.join();
  EXPECT_EQ(deque.size(), 0u);
}

TEST(Deque, LifoNearlyEmpty) { play<2>(Flavor::kLifo, false); }
TEST(Deque, FifoNearlyEmpty) { play<2>(Flavor::kFifo, false); }
TEST(Deque, LifoGrowsAndShrinks) { play<2>(Flavor::kLifo, true); }
TEST(Deque, FifoGrowsAndShrinks) { play<2>(Flavor::kFifo, true); }
TEST(Deque, LifoAsShipped) { play<64>(Flavor::kLifo, true); }
TEST(Deque, FifoAsShipped) { play<64>(Flavor::kFifo, true); }

// Buffers that give their pages back while thieves read them.
TEST(Deque, LargeBuffersRetireUnderThieves) {
  for (const Flavor flavor : {Flavor::kLifo, Flavor::kFifo}) {
    Deque<StdSync> deque(flavor);
    Ledger ledger;
    std::atomic<bool> over{false};
    std::vector<std::thread> thieves;
    for (int i = 0; i < kThieves; ++i) {
      thieves.emplace_back([&] {
        void* out = nullptr;
        while (!over.load() && !::testing::Test::HasFatalFailure()) {
          if (deque.steal(out) == StealStatus::kSuccess) ledger.note(out);
        }
      });
    }
    void* out = nullptr;
    for (std::uint64_t next = 1; next <= kItems;) {
      for (int i = 0; i < 40'000 && next <= kItems; ++i) {
        ASSERT_EQ(deque.push(reinterpret_cast<void*>(next++)), PushStatus::kOk);
      }
      while (deque.size() > 10 && deque.pop(out) == StealStatus::kSuccess) ledger.note(out);
      ASSERT_EQ(deque.shrink(), PushStatus::kOk);
    }
    while (deque.pop(out) == StealStatus::kSuccess) ledger.note(out);
    EXPECT_TRUE(test::comes_true([&] { return ledger.count() == kItems; }));
    over.store(true);
    for (std::thread& thief : thieves) thief.join();
  }
}

}  // namespace
}  // namespace sched
