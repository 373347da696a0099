// A message queue whose waiters and their wakers are far apart: nobody may sleep over what is there, or over room.
#include "tests/unit/message_support.h"
// It needs the names of the engine first.
#include "tests/chaos/chaos_support.h"

namespace sched {
namespace {

using test::below;
using test::Storm;

class ChaosMessages : public test::Chaos {};

TEST_F(ChaosMessages, EachGetsThrough) {
  for (int round = 0; round < 2'000 / SCHED_STRESS_DIVISOR; ++round) {
    const std::uint64_t bound = below(random_, 4);
    const bool bytes = below(random_, 3) == 0;
    Storm({.bound = bound,
           .byte_bound = bytes ? 24 * bound : 0,
           .bytes = bytes,
           .producers = 1 + below(random_, 3),
           .consumers = 1 + below(random_, 3),
           .messages = 1 + below(random_, 30),
           .polled = below(random_, 3) == 0,
           .close_midway = below(random_, 4) == 0},
          static_cast<std::uint32_t>(random_()))
        .play();
    ASSERT_FALSE(HasFailure()) << "round " << round;
  }
}

// Who polls and hears that a queue is closed has seen what was pushed before.
TEST_F(ChaosMessages, ThePollerSeesTheLastMessage) {
  for (int round = 0; round < 2'000 / SCHED_STRESS_DIVISOR; ++round) {
    Storm({.producers = 1, .consumers = 1, .messages = 1, .polled = true},
          static_cast<std::uint32_t>(random_()))
        .play();
    ASSERT_FALSE(HasFailure()) << "round " << round;
  }
}

// A sender that is made while the last one goes keeps the queue open, or is not made.
TEST_F(ChaosMessages, SendersThatComeWhileTheLastOneGoes) {
  using Queue = SharedMessageQueue<Blocking>;
  for (int round = 0; round < 2'000 / SCHED_STRESS_DIVISOR; ++round) {
    Queue* const queue = new Queue({}, nullptr);
    ASSERT_EQ(queue->add_sender(), LIBSCHED_OK);
    std::thread leaving([&] { queue->drop_sender(); });
    const Status status = queue->add_sender();
    leaving.join();
    ASSERT_EQ(queue->push(queue, {Queue::Way::kAnyway}), status);
    if (status == LIBSCHED_OK) queue->drop_sender();
    queue->drop_receivers();
  }
}

}  // namespace
}  // namespace sched
