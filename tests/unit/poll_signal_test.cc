#include "core/queue/poll_signal.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <cerrno>

#include "core/pool/blocking.h"
#include "core/queue/message_queue.h"
#include "tests/unit/support.h"

namespace sched {
namespace {

bool readable(int fd) {
  pollfd one{fd, POLLIN, 0};
  EXPECT_GE(::poll(&one, 1, 0), 0);
  return one.revents == POLLIN;
}

TEST(Event, RaisedAndLowered) {
  const int fd = sys::open_event();
  ASSERT_GE(fd, 0);
  EXPECT_FALSE(readable(fd));
  EXPECT_EQ(sys::lower_event(fd), -EAGAIN) << "it does not wait";
  EXPECT_EQ(sys::raise_event(fd), 0);
  EXPECT_EQ(sys::raise_event(fd), 0);
  EXPECT_TRUE(readable(fd));
  EXPECT_EQ(sys::lower_event(fd), 0);
  EXPECT_FALSE(readable(fd));
  EXPECT_EQ(sys::close_file(fd), 0);
  EXPECT_EQ(sys::raise_event(fd), -EBADF);
  EXPECT_EQ(sys::lower_event(fd), -EBADF);
}

// Counts the calls, and makes them, or fails some.
class PollSignalCalls : public ::testing::Test {
 protected:
  PollSignalCalls() {
    opens = raises = lowers = closes = 0;
    error = 0;
    during_open = nullptr;
    sys::calls.event_open = [] {
      ++opens;
      if (error != 0) return -error;
      const int made = sys::open_event();
      if (PollSignal* const signal = std::exchange(during_open, nullptr)) {
        int out = -1;
        EXPECT_EQ(signal->open(out), LIBSCHED_OK);
      }
      return made;
    };
    sys::calls.event_raise = [](int fd) { return ++raises, sys::raise_event(fd); };
    sys::calls.event_lower = [](int fd) { return ++lowers, sys::lower_event(fd); };
    sys::calls.close = [](int fd) { return ++closes, sys::close_file(fd); };
  }

  static inline int opens, raises, lowers, closes;
  static inline int error;                // of the next opens
  static inline PollSignal* during_open;  // opened in the middle of an open
  test::RealCalls restore_;
};

TEST_F(PollSignalCalls, NothingIsMadeBeforeItIsAskedFor) {
  {
    WaitLine line;
    PollSignal signal(line);
    EXPECT_FALSE(signal.is_open());
    signal.raise();
    signal.disarm();
  }
  EXPECT_EQ(opens + raises + lowers + closes, 0);
}

TEST_F(PollSignalCalls, MadeOnceAndClosedOnce) {
  {
    WaitLine line;
    PollSignal signal(line);
    int fd = -1;
    int again = -1;
    EXPECT_EQ(signal.open(fd), LIBSCHED_OK);
    EXPECT_EQ(signal.open(again), LIBSCHED_OK);
    EXPECT_EQ(fd, again);
    EXPECT_EQ(opens, 1);
    EXPECT_EQ(closes, 0);
  }
  EXPECT_EQ(closes, 1);
}

TEST_F(PollSignalCalls, OfTwoThatAreMadeAtOnceOneIsClosed) {
  {
    WaitLine line;
    PollSignal signal(line);
    int fd = -1;
    int again = -1;
    during_open = &signal;
    EXPECT_EQ(signal.open(fd), LIBSCHED_OK);
    EXPECT_EQ(opens, 2);
    EXPECT_EQ(closes, 1);
    EXPECT_EQ(signal.open(again), LIBSCHED_OK);
    EXPECT_EQ(fd, again);
    EXPECT_FALSE(readable(fd));
    signal.raise();
    EXPECT_TRUE(readable(fd));
  }
  EXPECT_EQ(closes, 2);
}

TEST_F(PollSignalCalls, OneWriteForEachArm) {
  WaitLine line;
  PollSignal signal(line);
  int fd = -1;
  ASSERT_EQ(signal.open(fd), LIBSCHED_OK);
  line.tell();
  EXPECT_EQ(raises, 0);
  for (int round = 1; round <= 3; ++round) {
    signal.arm();
    EXPECT_FALSE(readable(fd));
    for (int i = 0; i < 10; ++i) line.tell();
    EXPECT_TRUE(readable(fd));
    EXPECT_EQ(raises, round);
    EXPECT_EQ(lowers, round);
  }
  signal.arm();
  signal.disarm();
  line.tell();
  EXPECT_FALSE(readable(fd));
}

using Queue = MessageQueue<Blocking>;

TEST_F(PollSignalCalls, AQueueTellsWhyThereIsNone) {
  Queue queue(Queue::Options{});
  for (const int number : {EMFILE, ENFILE, ENOMEM}) {
    error = number;
    int fd = -77;
    bool something = false;
    EXPECT_EQ(queue.poll_fd(fd), -number);
    EXPECT_EQ(fd, -77);
    EXPECT_EQ(queue.arm(something), LIBSCHED_E_STATE);
  }
  queue.close();
  EXPECT_EQ(raises, 0);
  error = 0;
  int fd = -77;
  EXPECT_EQ(queue.poll_fd(fd), LIBSCHED_OK);
  EXPECT_TRUE(readable(fd)) << "it is closed";
}

TEST_F(PollSignalCalls, AQueueWritesOncePerArm) {
  Queue queue(Queue::Options{});
  int fd = -1;
  ASSERT_EQ(queue.poll_fd(fd), LIBSCHED_OK);
  bool something = true;
  for (int round = 1; round <= 3; ++round) {
    EXPECT_EQ(queue.arm(something), LIBSCHED_OK);
    EXPECT_FALSE(something);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(queue.push({nullptr, 0}), LIBSCHED_OK);
    EXPECT_EQ(raises, round);
    Queue::Message out;
    while (queue.try_pop(out, 0) == LIBSCHED_OK) {
    }
  }
  EXPECT_EQ(queue.push({nullptr, 0}), LIBSCHED_OK);
  EXPECT_EQ(queue.arm(something), LIBSCHED_OK);
  EXPECT_TRUE(something);
  EXPECT_EQ(queue.push({nullptr, 0}), LIBSCHED_OK);
  EXPECT_EQ(raises, 3) << "it was not armed";
}

}  // namespace
}  // namespace sched
