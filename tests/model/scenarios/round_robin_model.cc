#include "core/fair/round_robin.h"
#include "tests/model/scenarios/items.h"

namespace model {
namespace {

using sched::RoundRobin;
using sched::Turn;

// Three that take turns, which the checker adds, removes and takes in every order. One that waits without a break has its
// turn before any other has had more turns than its weight since; with equal weights, more than one.
void check_turns(const std::uint32_t (&weights)[3], int operations) {
  RoundRobin turns;
  Turn all[] = {Turn(weights[0]), Turn(weights[1]), Turn(weights[2])};
  const bool equal = weights[0] == weights[1] && weights[1] == weights[2];
  std::uint32_t since[3][3] = {};  // turns of the second since the first began to wait
  const auto add = [&](int index) {
    turns.add(all[index]);
    for (std::uint32_t& count : since[index]) count = 0;
  };
  for (int i = 0; i < operations; ++i) {
    // Take, and add again at once; take; or add or remove one.
    const auto chosen = static_cast<int>(Execution::current().choose(5));
    if (chosen < 3) {
      all[chosen].waits() ? turns.remove(all[chosen]) : add(chosen);
      continue;
    }
    if (turns.empty()) return;
    const auto taken = static_cast<int>(&static_cast<Turn&>(turns.take()) - all);
    check(!all[taken].waits(), "who was taken waits");
    for (int other = 0; other < 3; ++other) {
      if (!all[other].waits()) continue;
      const std::uint32_t most = equal ? 1 : weights[taken];
      check(++since[other][taken] <= most, "one has passed another too often");
    }
    if (chosen == 3) add(taken);
  }
  const auto waits = [](const Turn& turn) { return turn.waits(); };
  check(turns.empty() == !(waits(all[0]) || waits(all[1]) || waits(all[2])),
        "somebody has been lost");
}

SCENARIO(round_robin_equal_weights, .bound = 0, .deep_bound = 0) { check_turns({2, 2, 2}, 8); }
SCENARIO(round_robin_weights, .bound = 0, .deep_bound = 0) { check_turns({1, 2, 3}, 8); }

}  // namespace
}  // namespace model
