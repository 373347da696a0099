#include "core/pool/pool.h"
#include "core/pool/sleepers.h"
#include "tests/model/scenarios/items.h"

namespace model {
namespace {

constexpr std::memory_order kSeqCst = std::memory_order_seq_cst;

// Workers of which some wait, with the steps of core/pool/waiting.cc and worker.cc, and in place of the queues two places:
// a High item, that all may take, and a Low one, that only those may take who wait for nothing or at Low.
class Lounge {
 public:
  explicit Lounge(std::uint32_t workers) : sleepers_(workers), items_(2) {
    name(sleepers_, "sleepers");
    name(places_[kHigh], "high");
    name(places_[kLow], "low");
  }

  static constexpr std::uint32_t kHigh = 0;
  static constexpr std::uint32_t kLow = 1;

  void submit(std::uint32_t place) {
    places_[place].store(items_.make_word(place + 1), kSeqCst);
    sleepers_.notify_one();
  }
  // What worker 0 waits for.
  void end() {
    ended_.store(true, kSeqCst);
    sleepers_.rouse(0);
  }

  // A worker that waits until the end has come, and takes what it may meanwhile.
  void wait(std::uint32_t worker, bool low) {
    bool searching = false;
    while (!ended_.load(kSeqCst)) {
      if (take(low, searching)) continue;
      rest(worker, low, searching);
    }
    if (searching && sleepers_.stop_search() && waits(true)) sleepers_.notify_one();
  }

  // One that waits for nothing, and goes when it has had the Low item.
  void work(std::uint32_t worker) {
    bool searching = sleepers_.start_search();
    while (!ended_.load(kSeqCst)) {
      if (take(true, searching)) continue;
      sleepers_.announce(worker);
      if (searching) sleepers_.stop_search();
      if (waits(true)) {
        searching = !sleepers_.retract(worker) || sleepers_.start_search();
      } else {
        searching = sleepers_.park(worker, -1) || sleepers_.start_search();
      }
    }
  }

  // A High item that came last may be left.
  void check_end() {
    check(items_.taken(kLow + 1), "an item was lost");
    if (const std::uint64_t word = places_[kHigh].load(kSeqCst)) items_.take_word(word);
    check(sleepers_.parked() == 0, "a worker that has gone is announced as idle");
    check(sleepers_.start_search() && sleepers_.stop_search(),
          "the searchers were not counted right");
  }

 private:
  void rest(std::uint32_t worker, bool low, bool& searching) {
    sleepers_.begin_wait(worker, true, low);
    if (searching) sleepers_.stop_search();
    bool claimed = false;
    if (ended_.load(kSeqCst) || waits(low)) {
      claimed = !sleepers_.retract(worker);
    } else {
      if (!low && waits(true)) sleepers_.hand_on();
      claimed = sleepers_.park(worker, -1);
    }
    sleepers_.end_wait(worker);
    searching = claimed;
  }

  bool waits(bool low) {
    return places_[kHigh].load(kSeqCst) != 0 || (low && places_[kLow].load(kSeqCst) != 0);
  }

  bool take(bool low, bool& searching) {
    for (std::uint32_t place = kHigh; place <= (low ? kLow : kHigh); ++place) {
      std::uint64_t word = places_[place].load(kSeqCst);
      if (word == 0 || !places_[place].compare_exchange_strong(word, 0, kSeqCst)) continue;
      if (searching && sleepers_.stop_search() && waits(true)) sleepers_.notify_one();
      searching = false;
      items_.take_word(word);
      // The Low item is what the others wait for.
      if (place == kLow) end();
      return true;
    }
    return false;
  }

  sched::Sleepers<ModelSync> sleepers_;
  Items items_;
  Atomic<std::uint64_t> places_[2];
  Atomic<bool> ended_{false};
};

// A worker that waits may be claimed for what it may not do: it hands that on to one that sleeps, or comes to sleep.
SCENARIO(waiting_hands_on_to_sleeper, .bound = 3, .deep_bound = 4, .kills = {"SleepersOrders"}) {
  Lounge lounge(2);
  {
    Thread waiter([&] { lounge.wait(0, false); });
    Thread worker([&] { lounge.work(1); });
    lounge.submit(Lounge::kLow);
  }
  lounge.check_end();
}

// The same with a High item, which the waiter may take: then the worker is left for the Low one.
SCENARIO(waiting_takes_and_hands_on, .bound = 1, .deep_bound = 2, .random = 3000, .pct = 3000) {
  Lounge lounge(2);
  {
    Thread waiter([&] { lounge.wait(0, false); });
    Thread worker([&] { lounge.work(1); });
    Thread submitter([&] { lounge.submit(Lounge::kHigh); });
    lounge.submit(Lounge::kLow);
  }
  lounge.check_end();
}

// The one it hands it on to waits as well, but may do everything.
SCENARIO(waiting_hands_on_to_waiter, .bound = 3, .deep_bound = 4) {
  Lounge lounge(2);
  {
    Thread limited([&] { lounge.wait(0, false); });
    Thread waiter([&] { lounge.wait(1, true); });
    lounge.submit(Lounge::kLow);
  }
  lounge.check_end();
}

// The end comes while nothing else happens.
SCENARIO(waiting_end_against_wait, .bound = 4, .deep_bound = 6, .spurious = 1,
         .kills = {"SleepersOrders"}) {
  Lounge lounge(1);
  Thread waiter([&] { lounge.wait(0, false); });
  lounge.end();
}

// A worker that waits has the only place at the level of an item, so nobody else may take that. The one that is woken for it
// tells those that wait with such places, and sees them, or they see the item.
SCENARIO(waiting_holder_against_sleeper, .bound = 3, .deep_bound = 4, .kills = {"SleepersOrders"}) {
  constexpr sched::Level kLevel = sched::Level::kHigh;
  constexpr sched::LevelMask kHolds = sched::bit_of(kLevel);
  sched::Sleepers<ModelSync> sleepers(2);
  name(sleepers, "sleepers");
  Atomic<std::uint32_t> item{0};
  Atomic<bool> ended{false};
  Thread holder([&] {
    for (;;) {
      sleepers.begin_wait(0, true, true, kHolds);
      const bool found = item.load(kSeqCst) != 0;
      const bool claimed = found ? !sleepers.retract(0) : sleepers.park(0, -1);
      sleepers.end_wait(0, kHolds);
      if (claimed) sleepers.stop_search();
      if (found || item.load(kSeqCst) != 0) break;
    }
    ended.store(true, kSeqCst);
    sleepers.notify_all();
  });
  Thread sleeper([&] {
    for (bool searching = false;;) {
      sleepers.announce(1);
      if (searching) sleepers.stop_search();
      if (ended.load(kSeqCst)) {
        if (!sleepers.retract(1)) sleepers.stop_search();
        return;
      }
      if (item.load(kSeqCst) != 0) sleepers.notify_holders(kLevel);
      searching = sleepers.park(1, -1);
    }
  });
  item.store(1, kSeqCst);
  sleepers.notify_one();
}

}  // namespace
}  // namespace model
