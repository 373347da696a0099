#include "core/queue/message_queue.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <atomic>
#include <cerrno>
#include <functional>
#include <thread>
#include <utility>

#include "core/pool/blocking.h"
#include "tests/unit/support.h"

namespace sched {
namespace {

using test::comes_true;
using Queue = MessageQueue<Blocking>;

std::function<void()> before_failure;  // of the next mmap, which then fails
std::atomic<int> sleeps{0};

// A push that finds no memory gives back the bytes that it has taken. A producer that came meanwhile, and had to wait for
// them, must hear of it: nobody else may ever tell.
TEST(MessageQueue, APushWithoutMemoryTellsWhoWaitsForItsBytes) {
  const test::RealCalls restore;
  sleeps = 0;
  sys::calls.futex_wait = [](const std::uint32_t* word, std::uint32_t expected,
                             const timespec* timeout) {
    ++sleeps;
    return sys::futex_wait(word, expected, timeout);
  };
  sys::calls.mmap = [](void* at, std::size_t bytes, int protection, int flags, int fd,
                       off_t offset) {
    if (const auto own = std::exchange(before_failure, nullptr)) {
      own();
      return errno = ENOMEM, MAP_FAILED;
    }
    return ::mmap(at, bytes, protection, flags, fd, offset);
  };
  constexpr std::uint64_t kBound = std::uint64_t{1} << 40;
  Queue::Options options;
  options.byte_bound = kBound;
  options.counts_bytes = true;
  Queue queue(options);
  std::uint64_t pushed = 0;
  std::atomic<bool> done{false};
  std::thread producer;
  before_failure = [&] {
    producer = std::thread([&] {
      EXPECT_EQ(queue.push_bounded({nullptr, kBound - pushed}, -1, nullptr), LIBSCHED_OK);
      done = true;
    });
    EXPECT_TRUE(comes_true([&] { return sleeps > 0; }));
  };
  while (queue.push({nullptr, 1}) == LIBSCHED_OK) ++pushed;
  EXPECT_TRUE(comes_true([&] { return done.load(); }));
  if (!done) queue.close();  // or it waits for ever
  producer.join();
  EXPECT_EQ(queue.bytes(), kBound);
}

}  // namespace
}  // namespace sched
