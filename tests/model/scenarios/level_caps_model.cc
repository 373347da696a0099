#include "core/pool/level_caps.h"
#include "core/pool/sleepers.h"
#include "tests/model/scenarios/items.h"

namespace model {
namespace {

using sched::bit_of;
using sched::Level;
using sched::LevelCaps;
using sched::LevelMask;

constexpr std::memory_order kSeqCst = std::memory_order_seq_cst;
constexpr std::uint32_t kOneAtHigh[] = {1, 0, 0};

bool may_run_high(LevelMask allowed) { return (allowed & bit_of(Level::kHigh)) != 0; }

// A worker gives the only place back and is busy for ever; another one, that found no place, sleeps or is about to.
// Whichever comes second sees the other, as in core/pool/worker.cc.
SCENARIO(level_caps_give_back, .bound = 4, .deep_bound = 5, .kills = {"LevelCapsOrders"}) {
  LevelCaps caps(kOneAtHigh);
  sched::Sleepers<ModelSync> sleepers(2);
  name(caps, "caps");
  name(sleepers, "sleepers");
  Items items(1);
  Atomic<std::uint64_t> high{0};

  const auto take = [&](LevelMask allowed) {
    std::uint64_t word = may_run_high(allowed) ? high.load(kSeqCst) : 0;
    if (word == 0 || !high.compare_exchange_strong(word, 0, kSeqCst)) return false;
    items.take_word(word);
    return true;
  };
  const auto give_back = [&](LevelMask allowed) {
    if (!may_run_high(allowed)) return;
    caps.give_back(bit_of(Level::kHigh));
    if (high.load(kSeqCst) != 0) sleepers.notify_one();
  };

  check(caps.take() == sched::kEveryLevel, "the first worker found no place");
  {
    Thread sleeper([&] {
      for (;;) {
        const LevelMask allowed = caps.take();
        const bool taken = take(allowed);
        give_back(allowed);
        if (taken) return;
        sleepers.announce(1);
        const LevelMask again = caps.take();
        const bool work = may_run_high(again) && high.load(kSeqCst) != 0;
        give_back(again);
        if (work) {
          if (!sleepers.retract(1)) sleepers.stop_search();
        } else if (sleepers.park(1, -1)) {
          sleepers.stop_search();
        }
      }
    });
    Thread submitter([&] {
      high.store(items.make_word(1), kSeqCst);
      sleepers.notify_one();
    });
    give_back(bit_of(Level::kHigh));
  }
  items.check_all();
}

// At most as many as the cap hold a place, and the next one sees what the one before did.
SCENARIO(level_caps_at_most, .bound = 4, .deep_bound = 5) {
  constexpr std::uint32_t kCaps[] = {1, 0, 2};
  LevelCaps caps(kCaps);
  name(caps, "caps");
  Plain<int> held{0};
  int low = 0;
  const auto worker = [&] {
    const LevelMask allowed = caps.take();
    check((allowed & bit_of(Level::kNormal)) != 0, "a level without a cap is not allowed");
    if ((allowed & bit_of(Level::kLow)) != 0) check(++low <= 2, "three hold two places");
    if (may_run_high(allowed)) held += 1;
    if ((allowed & bit_of(Level::kLow)) != 0) --low;
    caps.give_back(allowed & caps.capped());
  };
  {
    Thread first(worker);
    Thread second(worker, first);
    worker();
  }
  check(caps.take() == sched::kEveryLevel, "a place was not given back");
}

}  // namespace
}  // namespace model
