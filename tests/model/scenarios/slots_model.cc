#include "core/pool/sleepers.h"
#include "core/pool/slots.h"
#include "tests/model/scenarios/parties.h"

namespace model {
namespace {

constexpr std::memory_order kSeqCst = std::memory_order_seq_cst;

// A pool of which nothing is left but who works and who stands in: the steps are those of core/pool/blocking.cc and
// pool_lifecycle.cc. All the threads that may be started have been.
class Crew {
 public:
  Crew(std::uint32_t count, std::uint32_t most)
      : count_(count), slots_(count, most), sleepers_(count, most) {
    name(slots_, "slots");
    name(sleepers_, "sleepers");
    for (std::uint32_t i = 0; i < most; ++i) slots_.take();
  }

  sched::Sleepers<ModelSync>& sleepers() { return sleepers_; }
  bool closed() { return closed_.load(kSeqCst); }

  bool step_aside() {
    if (!slots_.too_few(slots_.leave()) || stand_in()) return true;
    // With one slot only: whoever works has it, and nobody may retire while the caller has none.
    check(count_ != 1 || !sleepers_.any_retired(), "nobody stands in, though one has retired");
    slots_.take();
    return false;
  }
  void step_back() { slots_.take(); }

  bool too_many() { return slots_.too_many() && !closed(); }
  void retire(std::uint32_t worker) {
    sleepers_.retire(worker);
    if (closed() || !slots_.retire()) {
      if (!sleepers_.unretire(worker) && slots_.too_few(slots_.leave())) stand_in();
      return;
    }
    do {
      sleepers_.park_unannounced(worker);
    } while (sleepers_.still_retired(worker));
  }

  void close() {
    closed_.store(true, kSeqCst);
    do {
      slots_.take();
    } while (sleepers_.recall());
    slots_.leave();
  }

  // When all threads have ended: so many slots are taken.
  void check_taken(std::uint32_t expected) {
    slots_.take();
    check(slots_.leave() == expected, "the slots were not counted right");
  }

 private:
  bool stand_in() {
    do {
      slots_.take();
      if (sleepers_.recall()) return true;
      slots_.leave();
    } while (sleepers_.any_retired());
    return false;
  }

  const std::uint32_t count_;
  sched::Slots<ModelSync> slots_;
  sched::Sleepers<ModelSync> sleepers_;
  Atomic<bool> closed_{false};
};

// One slot, two workers: one of them retires while the other one steps aside, for something that only a worker can bring
// about. Neither do both go, nor is the one that steps aside refused, for there is another one.
SCENARIO(slots_retire_against_step_aside, .bound = 4, .deep_bound = 6,
         .kills = {"SlotsOrders", "SleepersOrders"}) {
  Crew crew(1, 2);
  Signal job;
  {
    Thread worker([&] {
      while (crew.too_many()) crew.retire(1);
      job.happen();
    });
    check(crew.step_aside(), "nobody stands in, though there is one");
    job.wait();
    crew.step_back();
  }
  crew.check_taken(2);
}

// The same, and the worker that retires has an old signal on its way: from a notifier that claimed it when it was idle.
SCENARIO(slots_recall_against_old_signal, .bound = 3, .deep_bound = 4, .spurious = 1,
         .kills = {"SleepersOrders"}) {
  Crew crew(1, 2);
  Signal job;
  {
    Thread notifier([&] { static_cast<void>(crew.sleepers().notify_one()); });
    Thread worker([&] {
      crew.sleepers().announce(1);
      if (!crew.sleepers().retract(1)) crew.sleepers().stop_search();
      while (crew.too_many()) crew.retire(1);
      job.happen();
    });
    check(crew.step_aside(), "nobody stands in, though there is one");
    job.wait();
    crew.step_back();
  }
  crew.check_taken(2);
}

// Two slots, three workers. Two step aside at once, and the third one, which may be about to retire, works on.
SCENARIO(slots_two_step_aside, .bound = 2, .deep_bound = 3, .kills = {"SlotsOrders"}) {
  Crew crew(2, 3);
  Signal job;
  {
    const auto blocks = [&] {
      if (!crew.step_aside()) return;
      job.wait();
      crew.step_back();
    };
    Thread first(blocks);
    Thread second(blocks, first);
    while (crew.too_many()) crew.retire(2);
    job.happen();
  }
  crew.check_taken(3);
}

// Two slots, four workers, of which two are one too many each. If two others block then, both come back: each of them waits
// for the other one.
SCENARIO(slots_two_recalls, .bound = 1, .deep_bound = 2, .random = 5000, .pct = 5000) {
  Crew crew(2, 4);
  Signal first_job;
  Signal second_job;
  {
    Thread first([&] {
      check(crew.step_aside(), "nobody stands in, though there are two");
      first_job.wait();
      second_job.wait();
      crew.step_back();
    });
    Thread second([&] {
      check(crew.step_aside(), "nobody stands in, though there are two");
      second_job.wait();
      first_job.wait();
      crew.step_back();
    });
    Thread third([&] {
      while (crew.too_many()) crew.retire(2);
      first_job.happen();
      second_job.wait();
    });
    while (crew.too_many()) crew.retire(3);
    second_job.happen();
    first_job.wait();
  }
  crew.check_taken(4);
}

// Two that step aside one after the other, while the first comes back: a recall that fails counts a slot for a moment, and
// who retires for that is found.
SCENARIO(slots_refused_against_retire, .bound = 3, .deep_bound = 4, .kills = {"SlotsOrders"}) {
  Crew crew(1, 2);
  Signal job;
  {
    Thread worker([&] {
      // The first one comes back: it is one too many if the second has not left, or is about to find nobody.
      if (crew.step_aside()) crew.step_back();
      while (crew.too_many()) crew.retire(1);
      job.happen();
    });
    if (crew.step_aside()) {
      job.wait();
      crew.step_back();
    }
    crew.close();
  }
  crew.check_taken(2);
}

// Workers that end against one that retires.
SCENARIO(slots_close_against_retire, .bound = 4, .deep_bound = 6, .kills = {"SleepersOrders"}) {
  Crew crew(1, 2);
  {
    Thread worker([&] {
      while (crew.too_many()) crew.retire(1);
    });
    crew.close();
  }
  crew.check_taken(2);
}

}  // namespace
}  // namespace model
