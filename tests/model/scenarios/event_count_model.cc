#include "core/sync/event_count.h"
#include "tests/model/engine/policy.h"
#include "tests/model/engine/scenario.h"

namespace model {
namespace {

using Event = sched::EventCount<ModelSync>;

// What the conditions of an eventcount are made of.
using Flag = Atomic<bool>;
void raise(Flag& flag) { flag.store(true, std::memory_order_seq_cst); }
bool raised(const Flag& flag) { return flag.load(std::memory_order_seq_cst); }

// A number of things, each for one thread.
class Stock {
 public:
  void put() { count_.fetch_add(1, std::memory_order_seq_cst); }
  bool take() {
    int present = count_.load(std::memory_order_seq_cst);
    while (present > 0) {
      if (count_.compare_exchange_weak(present, present - 1, std::memory_order_seq_cst)) {
        return true;
      }
    }
    return false;
  }

 private:
  Atomic<int> count_{0};
};

template <class Condition>
void await(Event& event, Condition condition) {
  for (;;) {
    const Event::Key key = event.prepare();
    if (condition()) return event.cancel();
    event.wait(key, -1);
  }
}

// Whatever is lost leaves somebody asleep: a deadlock.

SCENARIO(event_count_notify_against_wait, .bound = 4, .deep_bound = 6,
         .kills = {"EventCountOrders"}) {
  Event event;
  Flag flag;
  name(event, "event");
  name(flag, "flag");
  {
    const Thread waiter([&] { await(event, [&] { return raised(flag); }); });
    raise(flag);
    event.notify_one();
  }
  check(!event.has_waiters(), "a waiter has gone, and still counts");
}

// The condition is made of release writes: two threads end a task each, and the later one to ask whether somebody waits
// must see both counts, or the waiter must.
SCENARIO(event_count_release_writes, .bound = 4, .deep_bound = 5, .kills = {"EventCountOrders"}) {
  Event event;
  Atomic<int> ended[2];
  name(event, "event");
  name(ended, "ended");
  const auto idle = [&] {
    return ended[0].load(std::memory_order_acquire) + ended[1].load(std::memory_order_acquire) == 2;
  };
  const auto end = [&](int i) {
    ended[i].store(1, std::memory_order_release);
    if (event.has_waiters() && idle()) event.notify_all();
  };
  const Thread first([&] { end(0); });
  const Thread second([&] { end(1); });
  await(event, idle);
}

SCENARIO(event_count_two_conditions, .bound = 4, .deep_bound = 5, .kills = {"EventCountOrders"}) {
  Event event;
  Flag flags[2];
  name(event, "event");
  name(flags, "flags");
  const Thread first([&] { await(event, [&] { return raised(flags[0]); }); });
  const Thread second([&] { await(event, [&] { return raised(flags[1]); }); });
  raise(flags[0]);
  event.notify_all();
  raise(flags[1]);
  event.notify_all();
}

SCENARIO(event_count_one_notification_each, .bound = 4, .deep_bound = 5,
         .kills = {"EventCountOrders"}) {
  Event event;
  Stock stock;
  name(event, "event");
  name(stock, "stock");
  const auto taker = [&] { await(event, [&] { return stock.take(); }); };
  const Thread first(taker);
  const Thread second(taker, first);
  stock.put();
  event.notify_one();
  stock.put();
  event.notify_one();
}

// The same with two threads that bring something.
SCENARIO(event_count_two_notifiers, .bound = 4, .deep_bound = 5, .kills = {"EventCountOrders"}) {
  Event event;
  Stock stock;
  name(event, "event");
  name(stock, "stock");
  const auto giver = [&] {
    stock.put();
    event.notify_one();
  };
  const Thread first(giver);
  const Thread second(giver, first);
  await(event, [&] { return stock.take(); });
  await(event, [&] { return stock.take(); });
}

// Who announces itself and then does not sleep takes no notification from who does.
SCENARIO(event_count_cancel_against_notify, .bound = 4, .deep_bound = 5) {
  Event event;
  Flag flag;
  name(event, "event");
  name(flag, "flag");
  const Thread sleeper([&] { await(event, [&] { return raised(flag); }); });
  const Thread other([&] {
    static_cast<void>(event.prepare());
    event.cancel();
  });
  raise(flag);
  event.notify_one();
}

// Who gives up at a time of its own looks once more, since the notification may have come to it.
SCENARIO(event_count_timeout_against_notify, .bound = 4, .deep_bound = 5) {
  Event event;
  Stock stock;
  name(event, "event");
  name(stock, "stock");
  const Thread sleeper([&] { await(event, [&] { return stock.take(); }); });
  const Thread impatient([&] {
    const Event::Key key = event.prepare();
    if (stock.take()) return event.cancel();
    event.wait(key, 1000);
    static_cast<void>(event.prepare());
    static_cast<void>(stock.take());
    event.cancel();
  });
  stock.put();
  event.notify_one();
  stock.put();
  event.notify_one();
}

SCENARIO(event_count_spurious_wakes, .bound = 4, .deep_bound = 5, .spurious = 2) {
  Event event;
  Flag flags[2];
  name(event, "event");
  name(flags, "flags");
  const Thread waiter([&] {
    await(event, [&] { return raised(flags[0]); });
    await(event, [&] { return raised(flags[1]); });
  });
  raise(flags[0]);
  event.notify_one();
  raise(flags[1]);
  event.notify_one();
}

}  // namespace
}  // namespace model
