#include "core/pool/sleepers.h"
#include "tests/model/scenarios/items.h"

namespace model {
namespace {

constexpr std::memory_order kSeqCst = std::memory_order_seq_cst;

// A pool with everything left out but what decides who sleeps and who wakes: workers that go through the same steps as
// core/pool/worker.cc, and in place of the queues a place for each item.
//
// A worker that has taken its share is busy for ever: it has gone. So an item that waits while a worker sleeps is
// a deadlock in the end, even if the worker that took another one could have come back for it.
class Hall {
 public:
  struct Plan {
    std::uint32_t workers;
    std::uint32_t items;
    std::uint32_t run_next = 0;  // the items that lie in busy threads' run-next slots, one bit each
  };

  explicit Hall(Plan plan)
      : sleepers_(plan.workers),
        plan_(plan),
        items_(plan.items),
        places_(std::make_unique<Atomic<std::uint64_t>[]>(plan.items)) {
    name(sleepers_, "sleepers");
    for (std::uint32_t item = 0; item < plan.items; ++item) {
      name(places_[item], item == 0 ? "item 0" : "item 1");
    }
  }

  sched::Sleepers<ModelSync>& sleepers() { return sleepers_; }

  void publish(std::uint32_t item) { places_[item].store(items_.make_word(item + 1), kSeqCst); }
  void submit(std::uint32_t item) {
    publish(item);
    in_slot(item) ? sleepers_.notify_run_next() : sleepers_.notify_one();
  }

  void worker(std::uint32_t index, std::uint32_t share) {
    bool searching = sleepers_.start_search();
    bool settled = false;  // items in run-next slots were met before
    for (;;) {
      if (take(settled)) {
        if (searching && sleepers_.stop_search() && waits(true)) sleepers_.notify_one();
        searching = false;
        if (--share == 0) return;
      } else if (!searching && sleepers_.start_search()) {
        searching = true;
      } else {
        sleep(index, searching, settled);
      }
    }
  }

  // When all threads have ended.
  void check_end() {
    items_.check_all();
    check_counts();
  }

  void check_counts() {
    check(sleepers_.parked() == 0, "a worker that has gone is announced as idle");
    check(sleepers_.start_search() && sleepers_.stop_search(),
          "the searchers were not counted right");
  }

 private:
  void sleep(std::uint32_t index, bool& searching, bool& settled) {
    sleepers_.announce(index);
    if (searching) sleepers_.stop_search();
    if (waits(false)) {
      searching = !sleepers_.retract(index) || sleepers_.start_search();
      return;
    }
    settled = waits(true);
    const bool nap = settled && sleepers_.start_nap();
    const bool claimed = sleepers_.park(index, nap ? 50'000 : -1);
    if (nap) sleepers_.stop_nap();
    searching = claimed || sleepers_.start_search();
  }

  bool in_slot(std::uint32_t item) const { return (plan_.run_next >> item & 1) != 0; }

  bool waits(bool run_next_too) {
    for (std::uint32_t item = 0; item < plan_.items; ++item) {
      if (in_slot(item) && !run_next_too) continue;
      if (places_[item].load(kSeqCst) != 0) return true;
    }
    return false;
  }

  bool take(bool run_next_too) {
    for (std::uint32_t item = 0; item < plan_.items; ++item) {
      if (in_slot(item) && !run_next_too) continue;
      std::uint64_t word = places_[item].load(kSeqCst);
      if (word != 0 && places_[item].compare_exchange_strong(word, 0, kSeqCst)) {
        items_.take_word(word);
        return true;
      }
    }
    return false;
  }

  sched::Sleepers<ModelSync> sleepers_;
  const Plan plan_;
  Items items_;
  const std::unique_ptr<Atomic<std::uint64_t>[]> places_;
};

// A worker that sleeps twice, so that a signal may come late.
SCENARIO(sleepers_one_worker, .bound = 5, .deep_bound = 7, .kills = {"SleepersOrders"}) {
  Hall hall({.workers = 1, .items = 2});
  {
    Thread worker([&] { hall.worker(0, 2); });
    hall.submit(0);
    hall.submit(1);
  }
  hall.check_end();
}

// Who is woken sees what the notifier did before, without any work between the two.
SCENARIO(sleepers_wake_hands_over, .bound = 5, .deep_bound = 7, .kills = {"SleepersOrders"}) {
  sched::Sleepers<ModelSync> sleepers(1);
  name(sleepers, "sleepers");
  Atomic<bool> told{false};
  Plain<int> message{0};
  Thread worker([&] {
    sleepers.announce(0);
    if (told.load(kSeqCst)) {
      sleepers.retract(0);
    } else {
      check(sleepers.park(0, -1), "a worker that slept without a limit was not claimed");
      check(message == 1, "a worker was woken by nobody");
    }
  });
  message = 1;
  told.store(true, kSeqCst);
  sleepers.notify_one();
}

// The claimed worker is counted as a searcher before it is claimed: it may be awake, and stop searching at once.
SCENARIO(sleepers_two_submitters, .bound = 4, .deep_bound = 5, .kills = {"SleepersOrders"}) {
  Hall hall({.workers = 1, .items = 2});
  {
    Thread worker([&] { hall.worker(0, 2); });
    Thread submitter([&] { hall.submit(0); });
    hall.submit(1);
  }
  hall.check_end();
}

// Waits that end for no reason.
SCENARIO(sleepers_spurious, .bound = 2, .deep_bound = 3, .spurious = 2) {
  Hall hall({.workers = 1, .items = 2});
  {
    Thread worker([&] { hall.worker(0, 2); });
    Thread submitter([&] { hall.submit(0); });
    hall.submit(1);
  }
  hall.check_end();
}

// Each item needs a worker of its own: one wake-up too few is a deadlock.
SCENARIO(sleepers_two_workers, .bound = 2, .deep_bound = 3, .kills = {"SleepersOrders"}) {
  Hall hall({.workers = 2, .items = 2});
  {
    Thread first([&] { hall.worker(0, 1); });
    Thread second([&] { hall.worker(1, 1); });
    hall.submit(0);
    hall.submit(1);
  }
  hall.check_end();
}

// The same with one notification for both.
SCENARIO(sleepers_notify_count, .bound = 2, .deep_bound = 3, .kills = {"SleepersOrders"}) {
  Hall hall({.workers = 2, .items = 2});
  {
    Thread first([&] { hall.worker(0, 1); });
    Thread second([&] { hall.worker(1, 1); });
    hall.publish(0);
    hall.publish(1);
    hall.sleepers().notify(2);
  }
  hall.check_end();
}

// Two that notify and two to be woken.
SCENARIO(sleepers_two_and_two, .bound = 1, .deep_bound = 2, .random = 5000, .pct = 5000) {
  Hall hall({.workers = 2, .items = 2});
  {
    Thread first([&] { hall.worker(0, 1); });
    Thread second([&] { hall.worker(1, 1); });
    Thread submitter([&] { hall.submit(0); });
    hall.submit(1);
  }
  hall.check_end();
}

// A busy thread's run-next slot is served after a nap, although whoever naps may take other work when it wakes.
SCENARIO(sleepers_nap, .bound = 2, .deep_bound = 3, .kills = {"SleepersOrders"}) {
  Hall hall({.workers = 2, .items = 2, .run_next = 1});
  {
    Thread first([&] { hall.worker(0, 1); });
    Thread second([&] { hall.worker(1, 1); });
    hall.submit(0);
    hall.submit(1);
  }
  hall.check_end();
}

// The same the other way round: the push into the slot comes while a worker naps no more, or not yet.
SCENARIO(sleepers_nap_last, .bound = 2, .deep_bound = 3, .kills = {"SleepersOrders"}) {
  Hall hall({.workers = 2, .items = 2, .run_next = 2});
  {
    Thread first([&] { hall.worker(0, 1); });
    Thread second([&] { hall.worker(1, 1); });
    hall.submit(0);
    hall.submit(1);
  }
  hall.check_end();
}

// A push into a slot wakes nobody while a worker naps. So who wakes from a nap is a searcher, and looks whether there is
// more than it takes.
SCENARIO(sleepers_two_slots, .bound = 2, .deep_bound = 3, .kills = {"SleepersOrders"}) {
  Hall hall({.workers = 2, .items = 2, .run_next = 3});
  {
    Thread first([&] { hall.worker(0, 1); });
    Thread second([&] { hall.worker(1, 1); });
    hall.submit(0);
    hall.submit(1);
  }
  hall.check_end();
}

// The end: all are told, and who has been told tells those that came to sleep later.
SCENARIO(sleepers_notify_all, .bound = 3, .deep_bound = 4, .kills = {"SleepersOrders"}) {
  sched::Sleepers<ModelSync> sleepers(2);
  name(sleepers, "sleepers");
  Atomic<bool> closed{false};
  const auto worker = [&](std::uint32_t index) {
    bool searching = sleepers.start_search();
    for (;;) {
      sleepers.announce(index);
      if (searching) sleepers.stop_search();
      if (closed.load(kSeqCst)) {
        if (!sleepers.retract(index)) sleepers.stop_search();
        return;
      }
      searching = sleepers.park(index, -1) || sleepers.start_search();
    }
  };
  {
    Thread first([&] { worker(0); });
    Thread second([&] { worker(1); });
    closed.store(true, kSeqCst);
    sleepers.notify_all();
  }
  check(sleepers.parked() == 0, "a worker that has gone is announced as idle");
  check(sleepers.start_search() && sleepers.stop_search(), "the searchers were not counted right");
}

}  // namespace
}  // namespace model
