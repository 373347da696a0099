#include "core/sync/wait_line.h"
#include "tests/model/engine/policy.h"
#include "tests/model/engine/scenario.h"
#include "tests/model/engine/system.h"

namespace model {
namespace {

using sched::CancelSwitch;
using sched::Found;
using sched::Status;
using sched::WaitLine;
using sched::sys::Deadline;

constexpr std::int64_t kForEver = -1;
constexpr std::int64_t kSoon = 1000;

// A few things, each for one thread, and the line of those that wait for one. Each thing is a location of its own: who knows of
// one need not know of another.
class Counter {
 public:
  Counter() {
    install_system();
    name(line, "line");
    name(things_, "things");
  }

  void put(int thing) {
    things_[thing].store(true, std::memory_order_seq_cst);
    line.tell();
  }
  // One that is made while somebody looks, by a thread that looks for nobody.
  void put_slowly(int thing) {
    on_the_way_.store(true, std::memory_order_seq_cst);
    things_[thing].store(true, std::memory_order_release);
  }
  bool any() const {
    for (const auto& thing : things_) {
      if (thing.load(std::memory_order_seq_cst)) return true;
    }
    return false;
  }
  bool take() {
    for (auto& thing : things_) {
      if (thing.load(std::memory_order_seq_cst) &&
          thing.exchange(false, std::memory_order_seq_cst)) {
        return true;
      }
    }
    return false;
  }
  bool take_in_passing() {
    if (!line.may_pass() || !take()) return false;
    line.note_pass();
    return true;
  }

  Status wait(std::int64_t timeout_ns = kForEver, CancelSwitch* cancel = nullptr) {
    bool closed = false;
    const auto look = [&] {
      if (take()) return Found::kYes;
      closed = this->closed();
      if (closed) return Found::kYes;
      return on_the_way_.load(std::memory_order_seq_cst) ? Found::kSoon : Found::kNo;
    };
    const Status status = line.wait(Deadline(timeout_ns), cancel, look, [this] { return any(); });
    return closed ? LIBSCHED_E_CLOSED : status;
  }
  void get() { check(wait() == LIBSCHED_OK, "a wait without a limit failed"); }
  bool closed() const { return closed_.load(std::memory_order_seq_cst); }
  void close() {
    closed_.store(true, std::memory_order_seq_cst);
    line.end();
  }

  WaitLine line;

 private:
  Atomic<bool> things_[3];
  Atomic<bool> on_the_way_{false};
  Atomic<bool> closed_{false};
};

// What is lost leaves somebody asleep: a deadlock.

SCENARIO(line_tell_against_wait, .bound = 4, .deep_bound = 6, .kills = {"WaitLineOrders"}) {
  Counter counter;
  {
    const Thread waiter([&] { counter.get(); });
    counter.put(0);
  }
  check(counter.line.empty(), "a waiter has gone, and still counts");
}

// Both look only once they are first: the second one is told by the first one's end.
SCENARIO(line_end_against_two, .bound = 3, .deep_bound = 4, .kills = {"WaitLineOrders"}) {
  Counter counter;
  const auto wait = [&] { check(counter.wait() == LIBSCHED_E_CLOSED, "something was there"); };
  const Thread first(wait);
  const Thread second(wait, first);
  counter.close();
}

SCENARIO(line_two_things, .bound = 3, .deep_bound = 4, .kills = {"WaitLineOrders"}) {
  Counter counter;
  const auto get = [&] { counter.get(); };
  const Thread first(get);
  const Thread second(get, first);
  counter.put(0);
  counter.put(1);
}

// Who finds the first one told already leaves it to that one's look.
SCENARIO(line_two_tellers, .bound = 2, .deep_bound = 3, .kills = {"WaitLineOrders"}) {
  Counter counter;
  const auto get = [&] { counter.get(); };
  const Thread first(get);
  const Thread second(get, first);
  const Thread teller([&] { counter.put(0); });
  counter.put(1);
}

SCENARIO(line_one_waits_twice, .bound = 3, .deep_bound = 4, .spurious = 1) {
  Counter counter;
  const Thread waiter([&] {
    counter.get();
    counter.get();
  });
  const Thread teller([&] { counter.put(0); });
  counter.put(1);
}

// Of two one gives up, whether it is first or not. What it was told of is the other's.
SCENARIO(line_timeout_hands_on, .bound = 3, .deep_bound = 4) {
  Counter counter;
  const Thread patient([&] { counter.get(); });
  const Thread impatient([&] {
    const Status status = counter.wait(kSoon);
    if (status == LIBSCHED_OK) return counter.put(1);
    check(status == LIBSCHED_E_TIMEOUT, "a wait failed without a reason");
  });
  const Thread clock([] { sleep(kSoon); });
  counter.put(0);
}

SCENARIO(line_cancel_hands_on, .bound = 2, .deep_bound = 3) {
  Counter counter;
  CancelSwitch cancel;
  name(cancel, "cancel");
  const Thread patient([&] { counter.get(); });
  const Thread cancelled([&] {
    const Status status = counter.wait(kForEver, &cancel);
    if (status == LIBSCHED_OK) return counter.put(1);
    check(status == LIBSCHED_E_CANCELLED, "a wait failed without a reason");
  });
  const Thread canceller([&] { cancel.trigger(); });
  counter.put(0);
}

// What is taken in passing is told to the first one all the same.
SCENARIO(line_passed_while_told, .bound = 4, .deep_bound = 5) {
  Counter counter;
  const Thread waiter([&] { counter.get(); });
  const Thread passer([&] {
    if (counter.take_in_passing()) counter.put(1);
  });
  counter.put(0);
}

// Who is known to stand first is passed once at most by one that comes later, and gets the next thing.
SCENARIO(line_passing_is_bounded, .bound = 3, .deep_bound = 4) {
  Counter counter;
  Atomic<bool> stands{false};
  const Thread waiter([&] {
    const auto look = [&] {
      stands.store(true, std::memory_order_release);
      return counter.take() ? Found::kYes : Found::kNo;
    };
    const auto more = [&] { return counter.any(); };
    static_cast<void>(counter.line.wait(Deadline(kForEver), nullptr, look, more));
  });
  if (!stands.load(std::memory_order_acquire)) return counter.put(0);
  int passes = 0;
  for (int thing = 0; thing < 2; ++thing) {
    counter.put(thing);
    passes += counter.take_in_passing() ? 1 : 0;
  }
  check(passes <= 1, "the first in line was passed twice");
}

// What is on the way need not be told of.
SCENARIO(line_soon, .bound = 3, .deep_bound = 4) {
  Counter counter;
  const Thread waiter([&] { counter.get(); });
  counter.put_slowly(0);
  counter.line.tell();
}

// --- somebody who is told without standing in line ---

// As with poll: arms the bell, looks, and sleeps until it rings.
class Bell final : public WaitLine::Watcher {
 public:
  explicit Bell(Counter& counter) : counter_(counter) { name(*this, "bell"); }

  void get() {
    while (!counter_.take()) {
      arm();
      if (!counter_.any()) sleep();
    }
    counter_.line.unwatch(*this);
  }
  // As one of several, who does not keep what it leaves for the next one.
  void get_in_turn() {
    for (;;) {
      counter_.line.note_look();
      if (counter_.take()) break;
      arm();
      if (!counter_.any()) sleep();
    }
    give_up();
  }
  void give_up() {
    counter_.line.unwatch(*this);
    if (counter_.any()) counter_.line.tell();
  }
  void arm() {
    ringing_.store(false, std::memory_order_relaxed);
    ++watches_;
    counter_.line.watch(*this);
  }
  int rings() const { return rings_; }
  void sleep() {
    for (;;) {
      const auto key = event_.prepare();
      if (ringing_.load(std::memory_order_seq_cst)) return event_.cancel();
      event_.wait(key, kForEver);
    }
  }

 private:
  void told() override {
    check(++rings_ <= watches_, "the bell rang twice for one watch");
    ringing_.store(true, std::memory_order_seq_cst);
    event_.notify_one();
  }

  Counter& counter_;
  sched::EventCount<ModelSync> event_;
  Atomic<bool> ringing_{false};
  Plain<int> rings_{0};  // by the line's lock
  int watches_ = 0;      // begun
};

SCENARIO(line_tell_against_watch, .bound = 4, .deep_bound = 5, .kills = {"WaitLineOrders"}) {
  Counter counter;
  Bell bell(counter);
  {
    const Thread watcher([&] { bell.get(); });
    counter.put(0);
  }
  check(counter.line.empty(), "a watcher has gone, and still counts");
}

// Each watch is told of something, though nobody stands in line.
SCENARIO(line_watch_again, .bound = 4, .deep_bound = 5) {
  Counter counter;
  Bell bell(counter);
  bell.arm();
  counter.put(0);
  const Thread watcher([&] {
    bell.get();
    bell.get();
  });
  counter.put(1);
}

SCENARIO(line_watch_two_tellers, .bound = 3, .deep_bound = 4) {
  Counter counter;
  Bell bell(counter);
  const Thread watcher([&] {
    bell.get();
    bell.get();
  });
  const Thread teller([&] { counter.put(0); });
  counter.put(1);
}

// One stands in line, another watches, and each gets a thing.
SCENARIO(line_watcher_and_waiter, .bound = 3, .deep_bound = 4) {
  Counter counter;
  Bell bell(counter);
  const Thread watcher([&] { bell.get(); });
  const Thread waiter([&] { counter.get(); });
  counter.put(0);
  counter.put(1);
}

SCENARIO(line_watch_against_end, .bound = 4, .deep_bound = 5) {
  Counter counter;
  Bell bell(counter);
  const Thread watcher([&] {
    bell.arm();
    if (counter.closed()) return counter.line.unwatch(bell);
    bell.sleep();
  });
  counter.close();
}

// --- several who are told ---

SCENARIO(line_two_watchers, .bound = 3, .deep_bound = 4, .kills = {"WaitLineOrders"}) {
  Counter counter;
  Bell first(counter);
  Bell second(counter);
  {
    const Thread one([&] { first.get_in_turn(); });
    const Thread two([&] { second.get_in_turn(); });
    counter.put(0);
    counter.put(1);
  }
  check(counter.line.empty(), "a watcher has gone, and still counts");
}

SCENARIO(line_two_watchers_two_tellers, .bound = 2, .deep_bound = 3) {
  Counter counter;
  Bell first(counter);
  Bell second(counter);
  const Thread one([&] { first.get_in_turn(); });
  const Thread two([&] { second.get_in_turn(); });
  const Thread teller([&] { counter.put(0); });
  counter.put(1);
}

// What one was told of that does not take it is the other's.
SCENARIO(line_watcher_gives_up, .bound = 3, .deep_bound = 4) {
  Counter counter;
  Bell first(counter);
  Bell second(counter);
  first.arm();
  const Thread patient([&] { second.get_in_turn(); });
  const Thread impatient([&] { first.give_up(); });
  counter.put(0);
}

SCENARIO(line_watcher_and_waiter_in_turn, .bound = 2, .deep_bound = 3) {
  Counter counter;
  Bell bell(counter);
  const Thread watcher([&] { bell.get_in_turn(); });
  const Thread waiter([&] { counter.get(); });
  counter.put(0);
  counter.put(1);
}

SCENARIO(line_two_watchers_against_end, .bound = 3, .deep_bound = 4) {
  Counter counter;
  Bell first(counter);
  Bell second(counter);
  const auto watch = [&](Bell& bell) {
    bell.arm();
    if (counter.closed()) return counter.line.unwatch(bell);
    bell.sleep();
  };
  const Thread one([&] { watch(first); });
  const Thread two([&] { watch(second); });
  counter.close();
}

// They stand at the end of the line of those that are told, and in their order.
SCENARIO(line_watchers_in_order, .bound = 2, .deep_bound = 3) {
  Counter counter;
  Bell first(counter);
  Bell second(counter);
  first.arm();
  second.arm();
  first.arm();
  counter.put(0);
  check(first.rings() == 1 && second.rings() == 0, "the first watcher is not the first");
  counter.line.note_look();
  counter.put(1);
  check(first.rings() == 1 && second.rings() == 1, "the second watcher is not the next");
}

}  // namespace
}  // namespace model
