// Litmus tests of the four shapes that the engine's lock-free code is made of, each as it is used and one order weaker.
#include "tests/model/scenarios/litmus.h"

namespace model::litmus {
namespace {

using Order = std::memory_order;

// --- publish: a slot's contents, then its index; r1 = the index, r2 = the contents ---

void publish(Order set, Order look) {
  Location slot{0}, index{0};
  int r1 = 0, r2 = 0;
  together(
      [&] {
        slot.store(7, relaxed);
        index.store(1, set);
      },
      [&] {
        r1 = index.load(look);
        if (r1 == 1) r2 = slot.load(relaxed);
      });
  outcome(r1, r2);
}
LITMUS(litmus_publish, .allowed = {"00", "17"}) { publish(release, acquire); }
LITMUS(litmus_publish_store_relaxed, .allowed = {"00", "10", "17"}) { publish(relaxed, acquire); }
LITMUS(litmus_publish_load_relaxed, .allowed = {"00", "10", "17"}) { publish(release, relaxed); }

// --- reference count: r1 and r2 = what each drop has found, r3 = what the last owner sees of the other's work ---

void last_drop(Order drop) {
  Location work1{0}, work2{0}, count{2};
  int r1 = 0, r2 = 0, r3 = 0;
  together(
      [&] {
        work1.store(1, relaxed);
        r1 = count.fetch_sub(1, drop);
        if (r1 == 1) r3 = work2.load(relaxed);
      },
      [&] {
        work2.store(1, relaxed);
        r2 = count.fetch_sub(1, drop);
        if (r2 == 1) r3 = work1.load(relaxed);
      });
  outcome(r1, r2, r3);
}
LITMUS(litmus_last_drop, .allowed = {"121", "211"}) { last_drop(acq_rel); }
LITMUS(litmus_last_drop_release, .allowed = {"120", "121", "210", "211"}) { last_drop(release); }
LITMUS(litmus_last_drop_acquire, .allowed = {"120", "121", "210", "211"}) { last_drop(acquire); }

// --- eventcount: r1 = what the waiter sees of the condition, r2 = what the notifier sees of the waiter ---

// 00 is a lost wake-up.
void announce_and_look(Order announce, Order check, Order make_true, Order look) {
  Location waiters{0}, condition{0};
  int r1 = 0, r2 = 0;
  together(
      [&] {
        waiters.fetch_add(1, announce);
        r1 = condition.load(check);
      },
      [&] {
        condition.store(1, make_true);
        r2 = waiters.load(look);
      });
  outcome(r1, r2);
}
LITMUS(litmus_eventcount, .allowed = {"01", "10", "11"}) {
  announce_and_look(seq_cst, seq_cst, seq_cst, seq_cst);
}
LITMUS(litmus_eventcount_announce_acq_rel, .allowed = {LITMUS_ALL_2}) {
  announce_and_look(acq_rel, seq_cst, seq_cst, seq_cst);
}
LITMUS(litmus_eventcount_check_acquire, .allowed = {LITMUS_ALL_2}) {
  announce_and_look(seq_cst, acquire, seq_cst, seq_cst);
}
LITMUS(litmus_eventcount_condition_release, .allowed = {LITMUS_ALL_2}) {
  announce_and_look(seq_cst, seq_cst, release, seq_cst);
}
LITMUS(litmus_eventcount_look_acquire, .allowed = {LITMUS_ALL_2}) {
  announce_and_look(seq_cst, seq_cst, seq_cst, acquire);
}

// The notifier looks by an update of the word that the waiter updates: whichever is second has synchronized.
void announce_and_look_by_update(Order announce, Order look) {
  Location waiters{0}, condition{0};
  int r1 = 0, r2 = 0;
  together(
      [&] {
        waiters.fetch_add(1, announce);
        r1 = condition.load(relaxed);
      },
      [&] {
        condition.store(1, relaxed);
        r2 = waiters.fetch_add(0, look);
      });
  outcome(r1, r2);
}
LITMUS(litmus_eventcount_update, .allowed = {"01", "10", "11"}) {
  announce_and_look_by_update(acquire, release);
}
LITMUS(litmus_eventcount_update_look_relaxed, .allowed = {LITMUS_ALL_2}) {
  announce_and_look_by_update(acquire, relaxed);
}
LITMUS(litmus_eventcount_update_announce_relaxed, .allowed = {LITMUS_ALL_2}) {
  announce_and_look_by_update(relaxed, release);
}

// --- work stealing: the owner pops item 1 of two while two thieves steal; the outcome is how often item 1 was taken ---

struct DequeOrders {
  Order pop_bottom = seq_cst;
  Order pop_top = seq_cst;
  Order steal_top = seq_cst;
  Order steal_bottom = seq_cst;
  Order take = seq_cst;
};

void pop_and_steal(const DequeOrders& orders) {
  Location top{0}, bottom{2};
  int owner = 0, first = 0, second = 0;
  const auto thief = [&](int& taken) {
    int at = top.load(orders.steal_top);
    if (at >= bottom.load(orders.steal_bottom)) return;
    const int item = at;
    if (top.compare_exchange_strong(at, at + 1, orders.take, relaxed)) taken = item;
  };
  {
    Thread thief1([&] { thief(first); });
    Thread thief2([&] { thief(second); }, thief1);
    bottom.store(1, orders.pop_bottom);
    int at = top.load(orders.pop_top);
    if (at == 0) {
      owner = 1;
    } else if (at == 1 && top.compare_exchange_strong(at, 2, orders.take, relaxed)) {
      owner = 1;
    }
  }
  outcome(owner + first + second);
}
LITMUS(litmus_deque, .allowed = {"1"}) { pop_and_steal({}); }
// A double take: the second thief has the first one's `top` without its place in S, and the old `bottom`.
LITMUS(litmus_deque_steal_top_acquire, .allowed = {"1", "2"}) {
  pop_and_steal({.steal_top = acquire});
}
LITMUS(litmus_deque_steal_bottom_acquire, .allowed = {"1", "2"}) {
  pop_and_steal({.steal_bottom = acquire});
}
LITMUS(litmus_deque_pop_bottom_release, .allowed = {"1", "2"}) {
  pop_and_steal({.pop_bottom = release});
}
LITMUS(litmus_deque_pop_top_acquire, .allowed = {"1", "2"}) { pop_and_steal({.pop_top = acquire}); }
// The two loads of `top`, of which one misses the first steal and the other sees it, are in S by themselves.
LITMUS(litmus_deque_take_acq_rel, .allowed = {"1"}) { pop_and_steal({.take = acq_rel}); }

}  // namespace
}  // namespace model::litmus
