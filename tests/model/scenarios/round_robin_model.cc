#include <initializer_list>

#include "core/fair/round_robin.h"
#include "tests/model/scenarios/items.h"

namespace model {
namespace {

using sched::RoundRobin;
using sched::Turn;

// Some that take turns, which the checker adds, removes and takes in every order. One that waits without a break has its turn
// before any other has had more turns than its weight since; with equal weights, more than one.
template <std::size_t kCount>
void check_turns(Turn (&all)[kCount], const std::uint32_t (&most)[kCount], int operations) {
  RoundRobin turns;
  std::uint32_t passed[kCount][kCount] = {};  // the first, by the second, since it began to wait
  const auto add = [&](std::size_t index) {
    turns.add(all[index]);
    for (std::uint32_t& count : passed[index]) count = 0;
  };
  for (int i = 0; i < operations; ++i) {
    // One is added or removed; or a turn is taken, by one that has more to do or has not.
    const std::size_t chosen = Execution::current().choose(kCount + 2);
    if (chosen < kCount) {
      all[chosen].waits() ? turns.remove(all[chosen]) : add(chosen);
      continue;
    }
    if (turns.empty()) return;
    const auto taken = static_cast<std::size_t>(&turns.take() - all);
    check(!all[taken].waits(), "who has its turn waits");
    for (std::size_t other = 0; other < kCount; ++other) {
      if (!all[other].waits()) continue;
      check(++passed[other][taken] <= most[taken], "one has passed another too often");
    }
    if (chosen == kCount) add(taken);
  }
  bool empty = true;
  for (const Turn& turn : all) empty &= !turn.waits();
  check(turns.empty() == empty, "somebody was lost");
}

SCENARIO(round_robin_equal_weights, .bound = 0, .deep_bound = 0) {
  Turn all[] = {Turn(3), Turn(3)};
  check_turns(all, {1, 1}, 10);
}

SCENARIO(round_robin_weights, .bound = 0, .deep_bound = 0) {
  Turn all[] = {Turn(1), Turn(2), Turn(3)};
  check_turns(all, {1, 2, 3}, 8);
}

}  // namespace
}  // namespace model
