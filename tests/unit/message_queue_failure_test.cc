#include <gtest/gtest.h>
#include <sys/mman.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "core/queue/message_queue.h"
#include "tests/unit/support.h"

namespace sched {
namespace {

struct NoSection {
  NoSection() {}
};

std::atomic<bool> out_of_memory;
std::atomic<bool> asleep;

// A push that finds no memory has held bytes meanwhile, for which a producer went to sleep.
TEST(MessageQueue, ProducerIsToldOfBytesOfFailedPush) {
  constexpr std::size_t kAtHand = BlockPoolSizes::kFirstChunk * InjectorSizes::kBlockBytes / 16;
  MessageQueue<NoSection> queue({.bound = 0, .byte_bound = 2, .counts_bytes = true});
  for (std::size_t i = 0; i < kAtHand; ++i) ASSERT_EQ(queue.push({nullptr, 0}), LIBSCHED_OK);

  out_of_memory = asleep = false;
  const test::RealCalls restore;
  sys::calls.mmap = [](void* at, std::size_t bytes, int protection, int flags, int fd,
                       off_t offset) {
    if (asleep) return ::mmap(at, bytes, protection, flags, fd, offset);
    out_of_memory = true;
    EXPECT_TRUE(test::comes_true([] { return asleep.load(); }));
    return errno = ENOMEM, MAP_FAILED;
  };
  sys::calls.futex_wait = [](const std::uint32_t* word, std::uint32_t expected,
                             const timespec* timeout) {
    asleep = true;
    return sys::futex_wait(word, expected, timeout);
  };
  std::atomic<bool> pushed = false;
  std::thread producer([&] {
    EXPECT_TRUE(test::comes_true([] { return out_of_memory.load(); }));
    EXPECT_EQ(queue.push_bounded({nullptr, 1}, -1, nullptr), LIBSCHED_OK);
    pushed = true;
  });
  EXPECT_EQ(queue.push({nullptr, 2}), -ENOMEM);
  EXPECT_TRUE(test::comes_true([&] { return pushed.load(); }));
  queue.close();
  producer.join();
  EXPECT_EQ(queue.bytes(), 1u);
}

}  // namespace
}  // namespace sched
