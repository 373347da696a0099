#include "core/queue/ring.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <random>

#include "tests/unit/support.h"

namespace sched {
namespace {

using test::below;

template <class T>
class RingModel : public ::testing::Test {};
using Capacities =
    ::testing::Types<std::integral_constant<std::size_t, 1>, std::integral_constant<std::size_t, 2>,
                     std::integral_constant<std::size_t, 256>>;
TYPED_TEST_SUITE(RingModel, Capacities);

TYPED_TEST(RingModel, RandomOperations) {
  constexpr std::size_t kCapacity = TypeParam::value;
  using TestRing = Ring<StdSync, 2, kCapacity>;
  using Item = typename TestRing::Item;
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    TestRing ring;
    std::deque<Item> model;
    std::mt19937 random(seed);
    std::uint64_t next = 1;
    for (int step = 0; step < 5000; ++step) {
      Item out{};
      ASSERT_EQ(ring.size(), model.size());
      ASSERT_EQ(ring.empty(), model.empty());
      ASSERT_EQ(ring.pushed(), next - 1);
      ASSERT_EQ(ring.peek(out), !model.empty());
      if (!model.empty()) {
        ASSERT_EQ(out, model.front());
      }
      // Long phases of more pushing and more taking, so that it runs full and empty.
      const std::uint32_t push_weight = step / 1000 % 2 == 0 ? 60 : 25;
      const std::uint32_t choice = below(random, 100);
      if (choice < push_weight) {
        const Item item{next, ~next};
        const bool fits = model.size() < kCapacity;
        ASSERT_EQ(ring.push(item), fits);
        if (!fits) continue;
        model.push_back(item);
        ++next;
      } else if (choice < push_weight + 5) {
        ASSERT_EQ(ring.room() == 0, model.size() == kCapacity);
        Item items[3];
        const std::size_t count = std::min<std::size_t>(1 + below(random, 3), ring.room());
        for (std::size_t i = 0; i < count; ++i) model.push_back(items[i] = {next, ~next}), ++next;
        ring.push_n(items, count);
      } else if (choice < 90) {
        ASSERT_EQ(ring.pop(out), !model.empty());
        if (model.empty()) continue;
        ASSERT_EQ(out, model.front());
        model.pop_front();
      } else {
        Item batch[8];
        const std::size_t limit = 1 + below(random, 8);
        std::size_t taken = 99;
        ASSERT_EQ(ring.steal(batch, limit, taken),
                  model.empty() ? StealStatus::kEmpty : StealStatus::kSuccess);
        ASSERT_EQ(taken, std::min(limit, (model.size() + 1) / 2));
        for (std::size_t i = 0; i < taken; ++i) {
          ASSERT_EQ(batch[i], model.front());
          model.pop_front();
        }
      }
    }
  }
}

TEST(Ring, RoomIsNeverOverstated) {
  Ring<StdSync, 1, 4> ring;
  EXPECT_EQ(ring.room(), 4u);
  for (std::uint64_t i = 0; i < 4; ++i) ASSERT_TRUE(ring.push({i}));
  EXPECT_EQ(ring.room(), 0u);
  std::array<std::uint64_t, 1> out;
  ASSERT_TRUE(ring.pop(out));
  ASSERT_TRUE(ring.pop(out));
  EXPECT_EQ(ring.room(), 2u);
  ASSERT_TRUE(ring.push({4}));
  EXPECT_EQ(ring.room(), 1u);
}

TEST(Ring, StealTakesHalfRoundedUp) {
  for (std::size_t length = 1; length <= 8; ++length) {
    Ring<StdSync, 1, 8> ring;
    for (std::uint64_t i = 0; i < length; ++i) ASSERT_TRUE(ring.push({i}));
    std::array<std::uint64_t, 1> out[8];
    std::size_t taken = 0;
    ASSERT_EQ(ring.steal(out, 8, taken), StealStatus::kSuccess);
    EXPECT_EQ(taken, (length + 1) / 2);
    EXPECT_EQ(ring.size(), length / 2);
    for (std::size_t i = 0; i < taken; ++i) EXPECT_EQ(out[i][0], i) << "oldest first";
  }
}

}  // namespace
}  // namespace sched
