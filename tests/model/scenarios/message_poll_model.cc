#include <climits>

#include "core/sys/calls.h"
#include "tests/model/scenarios/message_queue_test.h"

namespace model {
namespace {

using Consumer = MessageTest::Consumer;

// In the place of the kernel's eventfds. Using one must come after its making, and before its end.
class Events {
 public:
  Events() {
    present() = this;
    sched::sys::Calls& calls = sched::sys::calls;
    calls.event_open = [] { return present()->open(); };
    calls.event_raise = [](int fd) { return present()->change(fd, 1); };
    calls.event_lower = [](int fd) { return present()->change(fd, 0); };
    calls.close = [](int fd) {
      present()->events_[fd].open = false;
      return 0;
    };
    name(*this, "events");
  }
  void poll(int fd) const {
    while (!readable(fd)) ModelSync::wait(events_[fd].raised, 0, kForEver);
  }
  bool readable(int fd) const { return events_[fd].raised.load(std::memory_order_acquire) != 0; }
  bool is_open(int fd) const { return events_[fd].open; }

 private:
  struct Event {
    Plain<bool> open;
    Atomic<std::uint32_t> raised{0};
  };
  static Events*& present() {
    static Events* events = nullptr;
    return events;
  }
  int open() {
    const int fd = next_.fetch_add(1, std::memory_order_relaxed);
    events_[fd].open = true;
    return fd;
  }
  int change(int fd, std::uint32_t raised) {
    check(events_[fd].open, "a descriptor is used that is closed");
    events_[fd].raised.exchange(raised, std::memory_order_acq_rel);
    if (raised != 0) ModelSync::wake(events_[fd].raised, INT_MAX);
    return 0;
  }

  Event events_[2];
  Atomic<int> next_{0};
};

// The loop of libsched_queue_poll_fd. Returns how many messages came before the end.
std::size_t take_all(MessageTest& test, const Events& events) {
  Consumer consumer(test);
  std::size_t taken = 0;
  int fd = -1;
  check(test.queue().poll_fd(fd) == LIBSCHED_OK, "a descriptor could not be made");
  for (;;) {
    while (consumer.try_pop() != 0) ++taken;
    bool something = false;
    const Status status = test.queue().arm(something);
    if (status != LIBSCHED_OK) {
      check(status == LIBSCHED_E_CLOSED, "arming failed for no reason");
      return taken;
    }
    if (!something) events.poll(fd);
  }
}

SCENARIO(message_poll_open_against_close, .bound = 4, .deep_bound = 5,
         .kills = {"PollSignalOrders"}) {
  const Events events;
  MessageTest test({});
  int fd = -1;
  {
    const Thread closer([&] { test.queue().close(); });
    check(test.queue().poll_fd(fd) == LIBSCHED_OK, "a descriptor could not be made");
  }
  check(events.readable(fd), "a closed queue's descriptor is not readable");
}

SCENARIO(message_poll_two_open, .bound = 4, .deep_bound = 5, .kills = {"PollSignalOrders"}) {
  const Events events;
  MessageTest test({});
  int fds[2] = {-1, -1};
  {
    const auto open = [&](int& fd) {
      check(test.queue().poll_fd(fd) == LIBSCHED_OK, "a descriptor could not be made");
      check(events.is_open(fd), "a descriptor is told that is closed");
    };
    const Thread other([&] { open(fds[1]); });
    open(fds[0]);
  }
  check(fds[0] == fds[1], "two descriptors are told");
}

SCENARIO(message_poll_against_push, .bound = 2, .deep_bound = 3, .random = 5000) {
  const Events events;
  MessageTest test({});
  {
    const Thread poller(
        [&] { check(take_all(test, events) == 2, "the end came before a message"); });
    test.send(1);
    test.send(2);
    test.queue().close();
  }
  test.finish();
}

// Somebody else takes what the poller was told of.
SCENARIO(message_poll_and_pop, .bound = 0, .deep_bound = 1, .random = 5000) {
  const Events events;
  MessageTest test({});
  {
    const Thread poller([&] { static_cast<void>(take_all(test, events)); });
    const Thread consumer([&] { Consumer(test).pop(); });
    test.send(1);
    test.send(2);
    test.queue().close();
  }
  test.finish();
}

}  // namespace
}  // namespace model
