#include "core/pool/fork_frame.h"
#include "core/pool/parallel_for.h"
#include "core/pool/pool.h"
#include "core/pool/sleepers.h"
#include "core/queue/split_deque.h"
#include "tests/model/engine/system.h"
#include "tests/model/scenarios/items.h"

namespace model {
namespace {

using sched::ForkFrame;
using sched::Level;
using sched::Pool;

// A thief ends a branch and rouses the owner, who announces that it waits and looks once more before it sleeps, as in
// core/pool/fork_join.cc. What the branch did is seen by the owner.
void end_against_wait(bool idle) {
  sched::Sleepers<ModelSync> sleepers(2);
  ForkFrame frame;
  name(sleepers, "sleepers");
  name(frame, "frame");
  Plain<int> result = 0;
  const auto ended = [&] {
    return frame.state.load(ForkFrame::Orders::kLook) == ForkFrame::kEnded;
  };
  {
    Thread thief([&] {
      result = 1;
      frame.state.store(ForkFrame::kEnded, ForkFrame::Orders::kFinish);
      sleepers.rouse(0);
    });
    while (!ended()) {
      sleepers.begin_wait(0, idle);
      if (!ended()) {
        idle ? static_cast<void>(sleepers.park(0, -1)) : sleepers.park_unannounced(0);
      } else if (idle) {
        static_cast<void>(sleepers.retract(0));
      }
      sleepers.end_wait(0);
    }
    check(result == 1, "the join has not seen what the branch did");
  }
}
SCENARIO(fork_join_end_against_wait, .bound = 4, .deep_bound = 6,
         .kills = {"ForkOrders", "SleepersOrders"}) {
  end_against_wait(false);
}
SCENARIO(fork_join_end_against_idle_wait, .bound = 4, .deep_bound = 6, .kills = {"ForkOrders"}) {
  end_against_wait(true);
}

// An owner that is being unwound looks at no frame any more: it takes back what it can, and waits until all that was stolen has
// come back. Then the frames go.
SCENARIO(fork_join_end_against_unwinding, .bound = 4, .deep_bound = 6,
         .kills = {"SplitDequeOrders"}) {
  sched::Sleepers<ModelSync> sleepers(2);
  auto branches = std::make_unique<sched::SplitDeque<ModelSync, 2>>();
  name(sleepers, "sleepers");
  name(*branches, "deque");
  auto frames = std::make_unique<ForkFrame[]>(2);
  branches->push(&frames[0]);
  branches->push(&frames[1]);
  Thread thief([&] {
    void* oldest = nullptr;
    std::int64_t position = 0;
    if (branches->steal(oldest, position) != sched::StealStatus::kSuccess) return;
    auto& frame = *static_cast<ForkFrame*>(oldest);
    frame.state.store(ForkFrame::kEnded, ForkFrame::Orders::kFinish);
    branches->done(position);
    sleepers.rouse(0);
  });
  while (branches->pop() != nullptr) {
  }
  for (;;) {
    sleepers.begin_wait(0, false);
    if (branches->all_done(0)) break;
    sleepers.park_unannounced(0);
  }
  sleepers.end_wait(0);
  frames.reset();
}

// An owner that learns who has its branch sees the worker that this is.
SCENARIO(fork_join_thief_is_known, .bound = 3, .kills = {"ForkOrders"}) {
  ForkFrame frame;
  Plain<int> worker = 0;
  Thread thief([&] {
    worker = 1;
    frame.state.store(ForkFrame::kWithThief, ForkFrame::Orders::kBegin);
  });
  if (frame.state.load(ForkFrame::Orders::kLook) == ForkFrame::kWithThief) {
    check(worker == 1, "the thief is known before it is there");
  }
}

// The shipping pool: a task that forks `branches` branches and joins them, the last one first.
struct Root {
  static constexpr int kMost = 2;
  struct Branch {
    Items* items;
    int number;
    Plain<int> result{0};
  };

  explicit Root(int count) : branches(count), items(kMost) {
    for (int i = 0; i < kMost; ++i) {
      branch[i].items = &items;
      branch[i].number = i + 1;
    }
  }

  static int run_branch(libsched_task*, void* data) {
    Branch& own = *static_cast<Branch*>(data);
    own.items->take_word(static_cast<std::uint64_t>(own.number));
    own.result = own.number;
    return own.number;
  }

  static int run(libsched_task*, void* data) {
    Root& root = *static_cast<Root*>(data);
    ForkFrame frames[kMost];
    for (int i = 0; i < root.branches; ++i) {
      root.items.make(static_cast<std::size_t>(i) + 1);
      sched::fork(frames[i], run_branch, &root.branch[i]);
    }
    for (int i = root.branches; i-- > 0;) {
      check(sched::join(frames[i]) == LIBSCHED_E_FAILED && frames[i].code == i + 1,
            "a join has returned something else than the branch");
      check(root.branch[i].result == i + 1, "a join has not seen what the branch did");
    }
    return 0;
  }

  const int branches;
  Items items;
  Branch branch[kMost];
};

void fork_on_a_pool(int branches) {
  install_system();
  Root root(branches);
  sched::PoolOptions options;
  options.workers = 2;
  Pool* pool = new Pool(options);
  name(*pool, "pool");
  check(pool->submit(Level::kNormal, Root::run, &root, nullptr, Pool::Waiting{}, nullptr) ==
            LIBSCHED_OK,
        "a submit failed");
  check(pool->shutdown(false, -1, nullptr, nullptr) == LIBSCHED_OK, "the shutdown failed");
  root.items.check_all(static_cast<std::size_t>(branches));
  pool->abandon();
}
SCENARIO(fork_join_one_branch, .bound = 0, .deep_bound = 1, .random = 5000, .pct = 5000,
         .limit = 5000) {
  fork_on_a_pool(1);
}
SCENARIO(fork_join_two_branches, .bound = -1, .random = 10000, .pct = 10000) { fork_on_a_pool(2); }

// A loop whose caller is no worker: it waits for the end, and sees what the chunks did.
SCENARIO(fork_join_awaited_loop, .bound = 1, .deep_bound = 2, .random = 3000, .pct = 3000,
         .kills = {"LoopOrders"}) {
  install_system();
  Plain<int> sum = 0;
  sched::PoolOptions options;
  options.workers = 1;
  Pool* pool = new Pool(options);
  name(*pool, "pool");
  const auto add = [](libsched_task*, std::uint64_t begin, std::uint64_t end, void* data) {
    *static_cast<Plain<int>*>(data) += static_cast<int>(end - begin);
    return 0;
  };
  int code = 1;
  check(sched::parallel_for(*pool, Level::kNormal, {5, 7, 1, add, &sum}, nullptr, code, nullptr) ==
                LIBSCHED_OK &&
            code == 0,
        "the loop failed");
  check(sum == 2, "the loop has not run all its indices");
  check(pool->shutdown(false, -1, nullptr, nullptr) == LIBSCHED_OK, "the shutdown failed");
  pool->abandon();
}

}  // namespace
}  // namespace model
