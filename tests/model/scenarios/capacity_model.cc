#include "core/pool/capacity.h"
#include "tests/model/engine/policy.h"
#include "tests/model/engine/scenario.h"
#include "tests/model/engine/system.h"

namespace model {
namespace {

using sched::CancelSwitch;
using sched::Capacity;
using sched::Status;
using sched::sys::Deadline;

constexpr std::int64_t kForEver = -1;
constexpr std::int64_t kSoon = 1000;

// A capacity and how much of it is in use, counted from outside.
class Rooms {
 public:
  explicit Rooms(std::uint64_t limit) : limit_(limit), capacity_(limit) {
    install_system();
    name(capacity_, "capacity");
  }

  Status wait(std::size_t wanted, std::size_t& taken, std::int64_t timeout_ns = kForEver,
              CancelSwitch* cancel = nullptr) {
    const Status status = capacity_.wait(wanted, taken, Deadline(timeout_ns), cancel, [this] {
      return closed_.load(std::memory_order_seq_cst);
    });
    check((status == LIBSCHED_OK) == (taken != 0), "the status and what was taken differ");
    check(taken <= wanted, "more was taken than wanted");
    use(taken);
    return status;
  }
  bool try_take(std::size_t wanted) {
    const std::size_t taken = capacity_.take(wanted);
    use(taken);
    return taken != 0;
  }
  void give_back(std::size_t count) {
    used_ -= count;
    capacity_.give_back(count);
  }
  // A submitter that waits as long as it takes, and whose task starts at once.
  void pass() {
    std::size_t taken = 0;
    check(wait(1, taken) == LIBSCHED_OK, "a wait without a limit failed");
    give_back(taken);
  }
  void close() {
    closed_.store(true, std::memory_order_seq_cst);
    capacity_.wake_all();
  }
  Capacity& capacity() { return capacity_; }

 private:
  void use(std::size_t count) {
    used_ += count;
    check(used_ <= limit_, "there was less room than was taken");
  }

  const std::uint64_t limit_;
  Capacity capacity_;
  Atomic<bool> closed_{false};
  std::uint64_t used_ = 0;
};

SCENARIO(capacity_give_back_against_wait, .bound = 4, .deep_bound = 6, .random = 2000, .pct = 2000,
         .kills = {"CapacityOrders"}) {
  Rooms rooms(1);
  check(rooms.try_take(1), "an empty pool has no room");
  const Thread submitter([&] { rooms.pass(); });
  rooms.give_back(1);
}

SCENARIO(capacity_two_submitters_one_room, .bound = 3, .deep_bound = 4, .spurious = 1) {
  Rooms rooms(1);
  check(rooms.try_take(1), "an empty pool has no room");
  const auto submitter = [&] { rooms.pass(); };
  const Thread first(submitter);
  const Thread second(submitter, first);
  rooms.give_back(1);
}

// Two rooms become free one by one, and one submitter could take both.
SCENARIO(capacity_room_one_by_one, .bound = 2, .deep_bound = 3) {
  Rooms rooms(2);
  check(rooms.try_take(2), "an empty pool has no room");
  const Thread first([&] {
    std::size_t taken = 0;
    check(rooms.wait(2, taken) == LIBSCHED_OK, "a wait without a limit failed");
    rooms.give_back(taken);
  });
  const Thread second([&] { rooms.pass(); });
  rooms.give_back(1);
  rooms.give_back(1);
}

SCENARIO(capacity_room_at_once, .bound = 3, .deep_bound = 4, .spurious = 1) {
  Rooms rooms(2);
  check(rooms.try_take(2), "an empty pool has no room");
  const auto submitter = [&] { rooms.pass(); };
  const Thread first(submitter);
  const Thread second(submitter, first);
  rooms.give_back(2);
}

// Of two that wait for one room one gives up. If it was the one that was woken, then the other must get the room all
// the same.
SCENARIO(capacity_timeout_of_one, .bound = 3, .deep_bound = 4) {
  Rooms rooms(1);
  check(rooms.try_take(1), "an empty pool has no room");
  const Thread patient([&] { rooms.pass(); });
  const Thread impatient([&] {
    std::size_t taken = 0;
    const Status status = rooms.wait(1, taken, kSoon);
    if (status == LIBSCHED_OK) return rooms.give_back(1);
    check(status == LIBSCHED_E_TIMEOUT, "a wait failed without a reason");
  });
  const Thread clock([] { sleep(kSoon); });
  rooms.give_back(1);
}

SCENARIO(capacity_cancel_of_one, .bound = 2, .deep_bound = 3) {
  Rooms rooms(1);
  CancelSwitch cancel;
  name(cancel, "cancel");
  check(rooms.try_take(1), "an empty pool has no room");
  const Thread patient([&] { rooms.pass(); });
  const Thread cancelled([&] {
    std::size_t taken = 0;
    const Status status = rooms.wait(1, taken, kForEver, &cancel);
    if (status == LIBSCHED_OK) return rooms.give_back(1);
    check(status == LIBSCHED_E_CANCELLED, "a wait failed without a reason");
  });
  const Thread canceller([&] { cancel.trigger(); });
  rooms.give_back(1);
}

// A submit that does not wait takes the room that a woken one was to have, and the woken one then times out.
SCENARIO(capacity_timeout_against_try, .bound = 2, .deep_bound = 3) {
  Rooms rooms(1);
  check(rooms.try_take(1), "an empty pool has no room");
  const Thread patient([&] { rooms.pass(); });
  const Thread impatient([&] {
    std::size_t taken = 0;
    if (rooms.wait(1, taken, kSoon) == LIBSCHED_OK) rooms.give_back(1);
  });
  const Thread clock([] { sleep(kSoon); });
  rooms.give_back(1);
  if (rooms.try_take(1)) rooms.give_back(1);
}

SCENARIO(capacity_closed_while_waiting, .bound = 3, .deep_bound = 4) {
  Rooms rooms(1);
  check(rooms.try_take(1), "an empty pool has no room");
  const auto submitter = [&] {
    std::size_t taken = 0;
    check(rooms.wait(1, taken) == LIBSCHED_E_CLOSED, "there is room in a closed pool");
  };
  const Thread first(submitter);
  const Thread second(submitter, first);
  rooms.close();
}

// A worker may exceed the limit; what it gives back then is no room yet.
SCENARIO(capacity_exceeded, .bound = 3, .deep_bound = 4) {
  Rooms rooms(1);
  Capacity& capacity = rooms.capacity();
  check(!capacity.take_anyway(), "the first room was there");
  const Thread worker([&] {
    static_cast<void>(capacity.take_anyway());
    capacity.give_back(1);
  });
  const Thread submitter([&] { rooms.pass(); });
  capacity.give_back(1);
}

}  // namespace
}  // namespace model
