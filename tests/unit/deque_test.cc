#include "core/queue/deque.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <random>
#include <vector>

#include "tests/unit/failing_new.h"
#include "tests/unit/support.h"

namespace sched {
namespace {

using test::below;
using test::ScarceMemory;

void* item(std::uint64_t number) { return reinterpret_cast<void*>(number); }

template <class T>
class DequeModel : public ::testing::Test {};
using Capacities =
    ::testing::Types<std::integral_constant<std::size_t, 2>, std::integral_constant<std::size_t, 4>,
                     std::integral_constant<std::size_t, 64>>;
TYPED_TEST_SUITE(DequeModel, Capacities);

// Plays random operations on a deque and on a std::deque that shows what must come out.
template <std::size_t MinCapacity>
class Player {
 public:
  Player(Flavor flavor, std::uint64_t max_capacity, std::uint32_t seed)
      : deque_(flavor, max_capacity), limit_(max_capacity), random_(seed) {}

  void play(int steps, std::uint32_t push_weight) {
    for (int i = 0; i < steps && !::testing::Test::HasFatalFailure(); ++i) {
      const std::uint32_t choice = below(random_, 100);
      if (choice < push_weight) {
        push();
      } else if (choice < push_weight + (100 - push_weight) / 2) {
        pop();
      } else if (choice < 90) {
        steal();
      } else if (choice < 94) {
        steal_some();
      } else if (choice < 98) {
        append();
      } else {
        ASSERT_EQ(deque_.shrink(), PushStatus::kOk);
      }
      ASSERT_EQ(deque_.size(), model_.size());
    }
  }

 private:
  bool full() const { return limit_ != 0 && model_.size() >= limit_; }

  void push() {
    void* next = item(next_);
    ASSERT_EQ(deque_.push(next), full() ? PushStatus::kFull : PushStatus::kOk);
    if (full()) return;
    model_.push_back(next);
    ++next_;
  }

  void pop() {
    void* out = item(~0ull);
    if (model_.empty()) {
      ASSERT_EQ(deque_.pop(out), StealStatus::kEmpty);
      ASSERT_EQ(out, item(~0ull));
      return;
    }
    ASSERT_EQ(deque_.pop(out), StealStatus::kSuccess);
    if (deque_.flavor() == Flavor::kLifo) {
      ASSERT_EQ(out, model_.back());
      model_.pop_back();
    } else {
      ASSERT_EQ(out, model_.front());
      model_.pop_front();
    }
  }

  void steal() {
    void* out = item(~0ull);
    if (model_.empty()) {
      ASSERT_EQ(deque_.steal(out), StealStatus::kEmpty);
      ASSERT_EQ(out, item(~0ull));
      return;
    }
    ASSERT_EQ(deque_.steal(out), StealStatus::kSuccess);
    ASSERT_EQ(out, model_.front());
    model_.pop_front();
  }

  void steal_some() {
    void* out[8] = {};
    const std::size_t limit = 1 + below(random_, 8);
    std::size_t taken = 99;
    const StealStatus status = deque_.steal_some(out, limit, taken);
    ASSERT_EQ(status, model_.empty() ? StealStatus::kEmpty : StealStatus::kSuccess);
    ASSERT_EQ(taken, std::min(limit, (model_.size() + 1) / 2));
    for (std::size_t i = 0; i < taken; ++i) {
      ASSERT_EQ(out[i], model_.front());
      model_.pop_front();
    }
  }

  // What a batch does to its destination.
  void append() {
    void* items[8];
    for (auto& each : items) each = item(next_++);
    const std::size_t wanted = 1 + below(random_, 8);
    PushStatus status = PushStatus::kOk;
    const std::size_t room = deque_.reserve(wanted, status);
    ASSERT_EQ(room, full() ? 0 : limit_ == 0 ? wanted : std::min(wanted, limit_ - model_.size()));
    ASSERT_EQ(status, full() ? PushStatus::kFull : PushStatus::kOk);
    if (room == 0) return;
    const bool reversed = below(random_, 2) == 1;
    deque_.append(items, room, reversed);
    for (std::size_t i = 0; i < room; ++i) model_.push_back(items[reversed ? room - 1 - i : i]);
  }

  Deque<StdSync, MinCapacity> deque_;
  const std::uint64_t limit_;
  std::deque<void*> model_;
  std::mt19937 random_;
  std::uint64_t next_ = 0;  // NULL is an item too
};

template <std::size_t MinCapacity>
void play_all(std::uint64_t max_capacity) {
  for (const Flavor flavor : {Flavor::kLifo, Flavor::kFifo}) {
    for (std::uint32_t seed = 1; seed <= 20; ++seed) {
      Player<MinCapacity> player(flavor, max_capacity, seed);
      for (const std::uint32_t weight : {70u, 20u, 55u, 40u, 60u, 10u}) player.play(300, weight);
      if (::testing::Test::HasFatalFailure()) FAIL() << "seed " << seed;
    }
  }
}

TYPED_TEST(DequeModel, Unlimited) { play_all<TypeParam::value>(0); }

TYPED_TEST(DequeModel, MaxCapacity) {
  for (const std::uint64_t capacity : {1u, 2u, 3u, 5u, 8u, 13u, 100u})
    play_all<TypeParam::value>(capacity);
}

// Through the automatic shrinking too, which begins at 64 KiB.
TEST(Deque, LargeGrowsAndShrinks) {
  for (const Flavor flavor : {Flavor::kLifo, Flavor::kFifo}) {
    Deque<StdSync> deque(flavor);
    for (int round = 0; round < 3; ++round) {
      constexpr std::uint64_t kItems = 100'000;
      for (std::uint64_t i = 0; i < kItems; ++i) ASSERT_EQ(deque.push(item(i)), PushStatus::kOk);
      for (std::uint64_t i = 0; i < kItems; ++i) {
        void* out = nullptr;
        ASSERT_EQ(i % 3 == 0 ? deque.steal(out) : deque.pop(out), StealStatus::kSuccess);
        if (flavor == Flavor::kFifo) {
          ASSERT_EQ(out, item(i));
        }
      }
      EXPECT_EQ(deque.size(), 0u);
    }
  }
}

TEST(Deque, CapacityCountsWhatThievesHaveTaken) {
  Deque<StdSync, 2> deque(Flavor::kLifo, 3);
  void* out = nullptr;
  for (std::uint64_t i = 0; i < 3; ++i) ASSERT_EQ(deque.push(item(i)), PushStatus::kOk);
  EXPECT_EQ(deque.push(item(3)), PushStatus::kFull);
  ASSERT_EQ(deque.steal(out), StealStatus::kSuccess);
  EXPECT_EQ(deque.push(item(3)), PushStatus::kOk);
  EXPECT_EQ(deque.push(item(4)), PushStatus::kFull);
}

TEST(Deque, NoMemoryToCreate) {
  const ScarceMemory none(0);
  EXPECT_THROW((Deque<StdSync, 4>(Flavor::kFifo)), std::bad_alloc);
}

// Everything that is in a deque comes out of it in order.
template <class D>
void expect_items(D& deque, const std::vector<std::uint64_t>& expected) {
  ASSERT_EQ(deque.size(), expected.size());
  for (const std::uint64_t each : expected) {
    void* out = nullptr;
    ASSERT_EQ(deque.steal(out), StealStatus::kSuccess);
    ASSERT_EQ(out, item(each));
  }
}

TEST(Deque, NoMemoryToGrow) {
  Deque<StdSync, 4> deque(Flavor::kFifo);
  for (std::uint64_t i = 0; i < 4; ++i) ASSERT_EQ(deque.push(item(i)), PushStatus::kOk);
  {
    const ScarceMemory none(0);
    ASSERT_EQ(deque.push(item(99)), PushStatus::kNoMemory);
    ASSERT_EQ(deque.push(item(99)), PushStatus::kNoMemory);
  }
  EXPECT_EQ(deque.push(item(4)), PushStatus::kOk);
  expect_items(deque, {0, 1, 2, 3, 4});
}

TEST(Deque, NoPagesToGrow) {
  const test::RealCalls restore;
  sys::calls.mmap = [](void*, std::size_t, int, int, int, off_t) { return MAP_FAILED; };
  Deque<StdSync> deque(Flavor::kLifo);
  std::uint64_t pushed = 0;
  while (deque.push(item(pushed)) == PushStatus::kOk) ++pushed;
  EXPECT_EQ(pushed, sys::kPagesFrom / sizeof(void*) / 2) << "the largest buffer that is no pages";
  EXPECT_EQ(deque.push(item(pushed)), PushStatus::kNoMemory);
  for (std::uint64_t i = pushed; i-- > 0;) {
    void* out = nullptr;
    ASSERT_EQ(deque.pop(out), StealStatus::kSuccess);
    ASSERT_EQ(out, item(i));
  }
}

TEST(Deque, ReserveGivesTheRoomThereIsWhenMemoryEnds) {
  Deque<StdSync, 4> deque(Flavor::kFifo);
  ASSERT_EQ(deque.push(item(0)), PushStatus::kOk);
  PushStatus status = PushStatus::kOk;
  std::size_t room = 0;
  {
    const ScarceMemory none(0);
    room = deque.reserve(10, status);
  }
  EXPECT_EQ(room, 3u) << "three more fit into the present buffer";
}

// Reserving skips sizes, so that shrinking needs buffers that were never made. Wherever memory ends, nothing is lost.
TEST(Deque, NoMemoryToShrink) {
  for (long left = 0; left < 5; ++left) {
    for (std::uint64_t length = 0; length < 10; ++length) {
      Deque<StdSync, 2> deque(Flavor::kFifo);
      PushStatus status = PushStatus::kOk;
      ASSERT_EQ(deque.reserve(64, status), 64u);
      std::vector<void*> items;
      std::vector<std::uint64_t> expected;
      for (std::uint64_t i = 0; i < length; ++i) {
        items.push_back(item(i));
        expected.push_back(i);
      }
      deque.append(items.data(), items.size(), false);
      {
        const ScarceMemory some(left);
        status = deque.shrink();
      }
      if (left == 0 && length >= 2) {
        EXPECT_EQ(status, PushStatus::kNoMemory) << length;
      }
      for (std::uint64_t i = length; i < 60; ++i) {
        ASSERT_EQ(deque.push(item(i)), PushStatus::kOk);
        expected.push_back(i);
      }
      expect_items(deque, expected);
      if (::testing::Test::HasFatalFailure()) FAIL() << left << " buffers could be made";
    }
  }
}

}  // namespace
}  // namespace sched
