#include "core/queue/batch.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "tests/unit/failing_new.h"

namespace sched {
namespace {

using TestDeque = Deque<StdSync, 4>;
using TestInjector = Injector<StdSync, 2, 4>;
using Numbers = std::vector<std::uint64_t>;

// The numbers 1 to count.
void fill(TestDeque& deque, std::uint64_t count) {
  for (std::uint64_t i = 1; i <= count; ++i) {
    ASSERT_EQ(deque.push(reinterpret_cast<void*>(i)), PushStatus::kOk);
  }
}
void fill(TestInjector& injector, std::uint64_t count) {
  for (std::uint64_t i = 1; i <= count; ++i) ASSERT_EQ(injector.push({i, 0}), PushStatus::kOk);
}

Numbers popped(TestDeque& deque) {
  Numbers numbers;
  void* out = nullptr;
  while (deque.pop(out) == StealStatus::kSuccess) {
    numbers.push_back(reinterpret_cast<std::uint64_t>(out));
  }
  return numbers;
}

Numbers range(std::uint64_t first, std::uint64_t last) {
  Numbers numbers;
  for (std::uint64_t i = first;; first <= last ? ++i : --i) {
    numbers.push_back(i);
    if (i == last) return numbers;
  }
}

struct Flavors {
  Flavor source, destination;
};
const Flavors kAll[] = {{Flavor::kFifo, Flavor::kFifo},
                        {Flavor::kFifo, Flavor::kLifo},
                        {Flavor::kLifo, Flavor::kFifo},
                        {Flavor::kLifo, Flavor::kLifo}};

TEST(Batch, HalfIsMovedInTheOrderOfTheSourcesOwner) {
  for (const auto [from, to] : kAll) {
    for (std::uint64_t length = 1; length <= 70; ++length) {
      TestDeque source(from);
      TestDeque destination(to);
      fill(source, length);
      ASSERT_EQ(steal_batch(source, destination, 99), StealStatus::kSuccess);
      const std::uint64_t moved = std::min<std::uint64_t>((length + 1) / 2, kMaxBatch);
      EXPECT_EQ(source.size(), length - moved);
      EXPECT_EQ(popped(destination), from == Flavor::kFifo ? range(1, moved) : range(moved, 1));
    }
  }
}

TEST(Batch, AndPopReturnsWhatTheSourcesOwnerWouldPopFirst) {
  for (const auto [from, to] : kAll) {
    for (std::uint64_t length = 1; length <= 80; ++length) {
      TestDeque source(from);
      TestDeque destination(to);
      fill(source, length);
      void* out = nullptr;
      ASSERT_EQ(steal_batch_and_pop(source, destination, 99, out), StealStatus::kSuccess);
      const std::uint64_t taken = std::min<std::uint64_t>((length + 1) / 2, kMaxBatch + 1);
      Numbers order = from == Flavor::kFifo ? range(1, taken) : range(taken, 1);
      EXPECT_EQ(reinterpret_cast<std::uint64_t>(out), order.front());
      order.erase(order.begin());
      EXPECT_EQ(popped(destination), order);
      EXPECT_EQ(source.size(), length - taken);
    }
  }
}

TEST(Batch, AndPopLimitCountsTheReturnedItem) {
  for (const auto [from, to] : kAll) {
    for (std::size_t limit = 1; limit <= 5; ++limit) {
      TestDeque source(from);
      TestDeque destination(to);
      fill(source, 20);
      void* out = nullptr;
      ASSERT_EQ(steal_batch_and_pop(source, destination, limit, out), StealStatus::kSuccess);
      EXPECT_EQ(destination.size(), limit - 1);
      EXPECT_EQ(source.size(), 20 - limit);
    }
  }
}

TEST(Batch, DestinationLimits) {
  for (const auto [from, to] : kAll) {
    TestDeque source(from);
    TestDeque destination(to, 5);
    fill(source, 40);
    fill(destination, 2);
    ASSERT_EQ(steal_batch(source, destination, 99), StealStatus::kSuccess);
    EXPECT_EQ(destination.size(), 5u) << "as many as there is room for";
    EXPECT_EQ(source.size(), 37u);
    EXPECT_EQ(steal_batch(source, destination, 99), StealStatus::kFull);
    EXPECT_EQ(source.size(), 37u);
    void* out = nullptr;
    EXPECT_EQ(steal_batch_and_pop(source, destination, 99, out), StealStatus::kSuccess);
    EXPECT_EQ(reinterpret_cast<std::uint64_t>(out), 4u) << "the oldest one, which is all it takes";
    EXPECT_EQ(source.size(), 36u);
    EXPECT_EQ(destination.size(), 5u);
  }
}

TEST(Batch, IntoItself) {
  for (const Flavor flavor : {Flavor::kFifo, Flavor::kLifo}) {
    TestDeque deque(flavor);
    void* out = nullptr;
    EXPECT_EQ(steal_batch(deque, deque, 9), StealStatus::kEmpty);
    EXPECT_EQ(steal_batch_and_pop(deque, deque, 9, out), StealStatus::kEmpty);
    fill(deque, 3);
    EXPECT_EQ(steal_batch(deque, deque, 9), StealStatus::kSuccess);
    EXPECT_EQ(deque.size(), 3u);
    EXPECT_EQ(steal_batch_and_pop(deque, deque, 9, out), StealStatus::kSuccess);
    EXPECT_EQ(reinterpret_cast<std::uint64_t>(out), flavor == Flavor::kFifo ? 1u : 3u);
    EXPECT_EQ(deque.size(), 2u);
  }
}

TEST(Batch, EmptySources) {
  TestDeque source(Flavor::kFifo);
  TestDeque destination(Flavor::kLifo);
  TestInjector injector;
  void* out = &source;
  EXPECT_EQ(steal_batch(source, destination, 9), StealStatus::kEmpty);
  EXPECT_EQ(steal_batch_and_pop(source, destination, 9, out), StealStatus::kEmpty);
  EXPECT_EQ(inject_batch(injector, destination, 9), StealStatus::kEmpty);
  EXPECT_EQ(inject_batch_and_pop(injector, destination, 9, out), StealStatus::kEmpty);
  EXPECT_EQ(out, &source) << "unchanged";
  EXPECT_EQ(destination.size(), 0u);
}

// A batch from the injector ends where a block ends, here after 4.
TEST(Batch, FromTheInjector) {
  for (const Flavor to : {Flavor::kFifo, Flavor::kLifo}) {
    TestInjector injector;
    TestDeque destination(to);
    fill(injector, 20);
    ASSERT_EQ(inject_batch(injector, destination, 99), StealStatus::kSuccess);
    EXPECT_EQ(popped(destination), range(1, 4));
    ASSERT_EQ(inject_batch(injector, destination, 2), StealStatus::kSuccess);
    EXPECT_EQ(popped(destination), range(5, 6));
    void* out = nullptr;
    ASSERT_EQ(inject_batch_and_pop(injector, destination, 2, out), StealStatus::kSuccess);
    EXPECT_EQ(reinterpret_cast<std::uint64_t>(out), 7u);
    EXPECT_EQ(popped(destination), range(8, 8));
    EXPECT_EQ(injector.size(), 12u);
  }
}

TEST(Batch, NoMemoryInTheDestination) {
  TestDeque source(Flavor::kFifo);
  TestDeque destination(Flavor::kFifo);
  TestInjector injector;
  fill(source, 20);
  fill(injector, 20);
  fill(destination, 4);
  const test::ScarceMemory none(0);
  void* out = nullptr;
  EXPECT_EQ(steal_batch(source, destination, 9), StealStatus::kNoMemory);
  EXPECT_EQ(inject_batch(injector, destination, 9), StealStatus::kNoMemory);
  EXPECT_EQ(source.size(), 20u);
  EXPECT_EQ(injector.size(), 20u);
  EXPECT_EQ(steal_batch_and_pop(source, destination, 9, out), StealStatus::kSuccess);
  EXPECT_EQ(reinterpret_cast<std::uint64_t>(out), 1u);
  EXPECT_EQ(destination.size(), 4u);
}

}  // namespace
}  // namespace sched
