// Message queues under threads that use all of their calls at random.
#include <gtest/gtest.h>

#include "tests/unit/message_support.h"

namespace sched {
namespace {

using test::Storm;

constexpr std::uint32_t kMessages = 40'000 / SCHED_STRESS_DIVISOR;

class MessageStorm : public ::testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Bounds, MessageStorm, ::testing::Values(0u, 1u, 2u, 3u, 7u, 1000u));

TEST_P(MessageStorm, OfPointers) {
  for (std::uint32_t seed = 1; seed <= 2; ++seed) {
    Storm({.bound = GetParam(), .messages = kMessages, .polled = seed == 2}, seed).play();
  }
}

TEST_P(MessageStorm, OfBytes) {
  for (std::uint32_t seed = 1; seed <= 2; ++seed) {
    Storm({.bound = seed == 1 ? GetParam() : 0,
           .byte_bound = GetParam() == 0 ? 0 : 24 * GetParam(),
           .bytes = true,
           .messages = kMessages,
           .polled = seed == 2},
          seed)
        .play();
  }
}

TEST_P(MessageStorm, ClosedMidway) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    Storm({.bound = GetParam(),
           .bytes = seed % 2 == 0,
           .messages = kMessages / 20 + 10,
           .polled = seed % 3 == 0,
           .close_midway = true},
          seed)
        .play();
  }
}

TEST(MessageQueue, ManyToOneAndOneToMany) {
  Storm({.bound = 3, .producers = 12, .consumers = 1, .messages = kMessages / 4}, 1).play();
  Storm({.bound = 3, .producers = 1, .consumers = 12, .messages = kMessages}, 2).play();
  Storm({.bound = 1, .producers = 12, .consumers = 1, .messages = kMessages / 8, .polled = true}, 3)
      .play();
}

}  // namespace
}  // namespace sched
