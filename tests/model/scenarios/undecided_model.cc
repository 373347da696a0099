#include "core/fair/undecided.h"
#include "tests/model/scenarios/items.h"

namespace model {
namespace {

using sched::Undecided;

// A running task ends while its channel is cleared: one of the two decides how. Who is slower sees what the other did before.
SCENARIO(undecided_decide_against_clear, .bound = 4, .deep_bound = 6, .spurious = 1,
         .kills = {"UndecidedOrders"}) {
  Undecided undecided;
  name(undecided, "undecided");
  Plain<int> by_task = 0;
  Plain<int> by_clearer = 0;
  const Undecided::Generation generation = undecided.begin();
  bool finalized = false;
  std::uint32_t cancelled = 0;
  {
    Thread task([&] {
      by_task = 1;
      finalized = undecided.decide(generation);
      if (!finalized) check(by_clearer == 1, "the task has not seen what the clearer did");
    });
    by_clearer = 1;
    cancelled = undecided.clear();
    if (cancelled == 0) check(by_task == 1, "the clearer has not seen what the task did");
  }
  check(finalized == (cancelled == 0), "both have decided, or neither");
}

// Two tasks and two clearers: each task is decided once, and by the clearers together as many as were not finalized. One that
// begins afterwards is not concerned.
SCENARIO(undecided_two_tasks_two_clears, .bound = 3, .deep_bound = 4, .random = 2000) {
  Undecided undecided;
  name(undecided, "undecided");
  const Undecided::Generation generation = undecided.begin();
  check(undecided.begin() == generation, "nobody has cleared");
  Atomic<std::uint32_t> ended{0};
  {
    const auto task = [&] {
      if (undecided.decide(generation)) ended.fetch_add(1, std::memory_order_relaxed);
    };
    const auto clear = [&] { ended.fetch_add(undecided.clear(), std::memory_order_relaxed); };
    Thread first(task);
    Thread second(task, first);
    Thread clearer(clear);
    clear();
  }
  check(ended.load(std::memory_order_relaxed) == 2, "a task was decided twice, or not at all");
  check(undecided.cancelled(generation), "a cleared task does not know");
  const Undecided::Generation later = undecided.begin();
  check(!undecided.cancelled(later) && undecided.decide(later), "a later task was cancelled");
  check(undecided.clear() == 0, "a task has remained");
}

}  // namespace
}  // namespace model
