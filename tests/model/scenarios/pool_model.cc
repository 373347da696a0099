#include "core/pool/pool.h"
#include "tests/model/engine/system.h"
#include "tests/model/scenarios/items.h"

namespace model {
namespace {

using sched::Level;
using sched::Pool;
using sched::PoolOptions;
using sched::Status;

// Threads that count each other in. Who waits here goes on only when all have come, so the work of the others must be
// found by threads that do not wait here.
class Meeting {
 public:
  explicit Meeting(std::uint32_t expected) : missing_(expected) {}

  void come() {
    if (missing_.fetch_sub(1, std::memory_order_acq_rel) == 1) ModelSync::wake(missing_, 8);
  }
  void wait() {
    for (;;) {
      const std::uint32_t missing = missing_.load(std::memory_order_acquire);
      if (missing == 0) return;
      ModelSync::wait(missing_, missing, -1);
    }
  }

 private:
  Atomic<std::uint32_t> missing_;
};

// The shipping pool, and the tasks that are given to it. Each is run or discarded once; what its submitter wrote is seen
// by it, and what it wrote is seen by who has waited for its end.
class Plant {
 public:
  // What a task does beside that.
  struct Plan {
    int submits = -1;           // another task, by its number, from within
    Meeting* begins = nullptr;  // comes there when it begins
    Meeting* lasts = nullptr;   // waits there
    Meeting* ends = nullptr;    // comes there at its end
    Level level = Level::kNormal;
  };

  explicit Plant(const PoolOptions& options) : in_workers_(options.workers != 0), items_(kTasks) {
    install_system();
    pool_ = new Pool(options);
    name(*pool_, "pool");
    for (int number = 0; number < kTasks; ++number) {
      tasks_[number].plant = this;
      tasks_[number].number = number;
    }
  }
  ~Plant() {
    if (pool_ != nullptr) abandon();
  }
  Plant(const Plant&) = delete;
  Plant& operator=(const Plant&) = delete;

  Pool& pool() { return *pool_; }
  void plan(int number, const Plan& plan) { tasks_[number].plan = plan; }

  Status try_submit(int number) {
    Task& task = tasks_[number];
    items_.make(static_cast<std::size_t>(number) + 1);
    const Status status =
        pool_->submit(task.plan.level, run, &task, discard, Pool::Waiting{}, nullptr);
    task.accepted = status == LIBSCHED_OK;
    return status;
  }
  void submit(int number) { check(try_submit(number) == LIBSCHED_OK, "a submit failed"); }
  // Two at once.
  void submit_two(int number) {
    void* data[2];
    for (int i = 0; i < 2; ++i) {
      items_.make(static_cast<std::size_t>(number + i) + 1);
      data[i] = &tasks_[number + i];
      tasks_[number + i].accepted = true;
    }
    std::size_t accepted = 0;
    pool_->submit_n(Level::kNormal, run, data, 2, discard, Pool::Waiting{}, accepted, nullptr);
    check(accepted == 2, "a submit of two tasks accepted less");
  }

  void wait_idle() {
    check(pool_->wait_idle(-1, nullptr, nullptr) == LIBSCHED_OK, "a wait without a limit failed");
  }
  // Afterwards nothing runs any more.
  void shut_down(bool discard_queued) {
    check(pool_->shutdown(discard_queued, -1, nullptr, nullptr) == LIBSCHED_OK,
          "a shutdown without a limit failed");
    over_ = true;
  }
  void abandon() {
    Pool* pool = pool_;
    pool_ = nullptr;
    pool->abandon();
  }

  // What the caller knows: the tasks 0 .. count-1 have been run.
  void check_ran(int count) {
    for (int number = 0; number < count; ++number) {
      check(tasks_[number].result == kRan, "a task was not run");
    }
  }
  // Those that were accepted have been run or discarded, and no others.
  void check_ended(int count) {
    for (int number = 0; number < count; ++number) {
      check((tasks_[number].result != kNothing) == tasks_[number].accepted,
            "a task has ended that was not accepted, or the other way round");
    }
  }

 private:
  static constexpr int kTasks = 4;
  enum Result : int { kNothing, kRan, kDiscarded };
  struct Task {
    Plant* plant;
    int number;
    bool accepted = false;
    Plan plan;
    Plain<int> result{kNothing};
  };

  void end(Task& task, Result result) {
    check(!over_, "a task has ended after the pool");
    items_.take_word(static_cast<std::uint64_t>(task.number) + 1);
    task.result = result;
    if (task.plan.ends != nullptr) task.plan.ends->come();
  }

  static int run(libsched_task*, void* data) {
    Task& task = *static_cast<Task*>(data);
    Plant& plant = *task.plant;
    std::uint32_t worker = 0;
    check(!plant.in_workers_ || plant.pool_ == nullptr ||
              plant.pool_->current_worker(worker) == LIBSCHED_OK,
          "a task was run by a thread that is no worker");
    if (task.plan.submits >= 0) plant.submit(task.plan.submits);
    if (task.plan.begins != nullptr) task.plan.begins->come();
    if (task.plan.lasts != nullptr) task.plan.lasts->wait();
    plant.end(task, kRan);
    return 0;
  }
  static void discard(void* data) {
    Task& task = *static_cast<Task*>(data);
    task.plant->end(task, kDiscarded);
  }

  const bool in_workers_;
  Pool* pool_;
  Items items_;
  Task tasks_[kTasks];
  bool over_ = false;
};

PoolOptions workers(std::uint32_t count) {
  PoolOptions options;
  options.workers = count;
  return options;
}

SCENARIO(pool_one_task, .bound = 3, .deep_bound = 4, .random = 3000, .pct = 3000,
         .kills = {"PoolOrders"}) {
  Plant plant(workers(1));
  plant.submit(0);
  plant.shut_down(false);
  plant.check_ran(1);
}

// With a spare worker that is not needed: closing counts a slot for a moment, and the worker may retire for that, while the signal
// of an old wake-up is on its way.
SCENARIO(pool_close_against_retire, .bound = 2, .deep_bound = 4, .random = 3000, .pct = 3000) {
  PoolOptions options = workers(1);
  options.max_spare = 1;
  Plant plant(options);
  plant.submit(0);
  plant.shut_down(false);
  plant.check_ran(1);
}

SCENARIO(pool_wait_idle, .bound = 2, .deep_bound = 3, .random = 3000, .pct = 3000) {
  Plant plant(workers(1));
  plant.submit(0);
  plant.submit(1);
  plant.wait_idle();
  plant.check_ran(2);
}

// Either of two workers may end the last task.
SCENARIO(pool_wait_idle_two_workers, .bound = 0, .deep_bound = 1, .random = 3000, .pct = 3000,
         .limit = 10000) {
  Plant plant(workers(2));
  plant.submit(0);
  plant.submit(1);
  plant.wait_idle();
  plant.check_ran(2);
}

// Each task needs a worker of its own.
SCENARIO(pool_two_workers, .bound = 0, .deep_bound = 1, .random = 10000, .pct = 10000,
         .limit = 10000) {
  Meeting both(2);
  Plant plant(workers(2));
  plant.plan(0, {.begins = &both, .lasts = &both});
  plant.plan(1, {.begins = &both, .lasts = &both});
  plant.submit(0);
  plant.submit(1);
  plant.shut_down(false);
  plant.check_ran(2);
}

// A batch on its way into a worker's ring is seen by nobody. The worker that takes it searches no more, having run
// a task before.
SCENARIO(pool_batch, .bound = 0, .deep_bound = 1, .random = 5000, .pct = 5000, .limit = 5000) {
  Meeting first(1);
  Meeting both(2);
  Plant plant(workers(2));
  plant.plan(0, {.begins = &first});
  plant.plan(1, {.begins = &both, .lasts = &both});
  plant.plan(2, {.begins = &both, .lasts = &both});
  plant.submit(0);
  first.wait();
  plant.submit_two(1);
  plant.shut_down(false);
  plant.check_ran(3);
}

// A task in the run-next slot of a worker that is blocked is taken over after a nap.
SCENARIO(pool_run_next, .bound = 0, .deep_bound = 1, .random = 3000, .pct = 3000, .limit = 20000) {
  Meeting next(1);
  Plant plant(workers(2));
  plant.plan(0, {.submits = 1, .lasts = &next});
  plant.plan(1, {.begins = &next});
  plant.submit(0);
  plant.wait_idle();
  plant.check_ran(2);
}

// The same with two such workers, and the task that one slot holds waits for the other one's: whoever takes the first after its
// nap sees to it that another worker looks for the second, whose push has woken nobody.
SCENARIO(pool_two_slots, .bound = -1, .random = 3000, .pct = 3000) {
  Meeting both(1);
  Plant plant(workers(4));
  plant.plan(0, {.submits = 2, .lasts = &both});
  plant.plan(1, {.submits = 3, .lasts = &both});
  plant.plan(2, {.lasts = &both});
  plant.plan(3, {.begins = &both});
  plant.submit(0);
  plant.submit(1);
  plant.wait_idle();
  plant.check_ran(4);
}

// Who ends tells the others before its own last hook, which may wait for theirs.
SCENARIO(pool_stop_hooks, .bound = 0, .deep_bound = 1, .random = 3000, .pct = 3000,
         .limit = 20000) {
  Meeting stopped(2);
  PoolOptions options = workers(2);
  options.hook_data = &stopped;
  options.on_stop = [](std::uint32_t, void* data) {
    static_cast<Meeting*>(data)->come();
    static_cast<Meeting*>(data)->wait();
  };
  Plant plant(options);
  plant.submit(0);
  plant.shut_down(false);
  plant.check_ran(1);
}

// Accepted and not run is impossible, and so is a task that no worker runs.
SCENARIO(pool_close_against_submit, .bound = 1, .deep_bound = 2, .random = 3000, .pct = 3000) {
  Plant plant(workers(1));
  plant.submit(0);
  {
    Thread submitter([&] { static_cast<void>(plant.try_submit(1)); });
    plant.shut_down(false);
  }
  plant.check_ran(1);
  plant.check_ended(2);
}

// Accepted means run or discarded.
SCENARIO(pool_cancel_against_submit, .bound = 1, .deep_bound = 2, .random = 3000, .pct = 3000) {
  Plant plant(workers(1));
  plant.submit(0);
  {
    Thread submitter([&] { static_cast<void>(plant.try_submit(1)); });
    plant.shut_down(true);
  }
  plant.check_ended(2);
}

// The worker deletes the pool.
SCENARIO(pool_abandon, .bound = 2, .deep_bound = 3, .random = 3000, .pct = 3000) {
  Meeting ended(2);
  Plant plant(workers(1));
  plant.plan(0, {.ends = &ended});
  plant.plan(1, {.ends = &ended});
  plant.submit(0);
  plant.submit(1);
  plant.abandon();
  ended.wait();
}

// The second submitter waits for the first one's task to begin.
SCENARIO(pool_capacity, .bound = 1, .deep_bound = 2, .random = 3000, .pct = 3000, .limit = 20000) {
  PoolOptions options = workers(1);
  options.capacity = 1;
  Plant plant(options);
  {
    Thread submitter([&] { plant.submit(0); });
    plant.submit(1);
  }
  plant.shut_down(false);
  plant.check_ran(2);
}

// Two submitters wait for room while the pool is closed: each gets it, or learns of the end.
SCENARIO(pool_capacity_against_close, .bound = 0, .deep_bound = 1, .random = 3000, .pct = 3000,
         .limit = 20000) {
  PoolOptions options = workers(1);
  options.capacity = 1;
  Plant plant(options);
  plant.submit(0);
  {
    Thread first([&] { static_cast<void>(plant.try_submit(1)); });
    Thread second([&] { static_cast<void>(plant.try_submit(2)); });
    plant.shut_down(false);
  }
  plant.check_ran(1);
  plant.check_ended(3);
}

// A worker that selects a Normal task has the only place at High meanwhile. Another one finds none, sleeps, and must be
// woken for the High task, since the Normal one waits for that.
SCENARIO(pool_level_cap, .bound = 0, .deep_bound = 1, .random = 10000, .pct = 10000, .limit = 5000,
         .kills = {"LevelCapsOrders"}) {
  Meeting first(1);
  Meeting high(1);
  PoolOptions options = workers(2);
  options.caps[sched::index_of(Level::kHigh)] = 1;
  Plant plant(options);
  plant.plan(0, {.submits = 1, .begins = &first});
  plant.plan(1, {.lasts = &high});
  plant.plan(2, {.begins = &high, .level = Level::kHigh});
  plant.submit(0);
  first.wait();
  plant.submit(2);
  plant.shut_down(false);
  plant.check_ran(3);
}

// Threads of the host take the tasks.
SCENARIO(pool_without_workers, .bound = 2, .deep_bound = 3, .random = 3000, .pct = 3000) {
  Plant plant(workers(0));
  {
    const auto host = [&] { static_cast<void>(plant.pool().run_one()); };
    Thread first(host);
    Thread second(host, first);
    plant.submit(0);
    plant.submit(1);
    plant.wait_idle();
    plant.check_ran(2);
  }
  plant.shut_down(false);
}

}  // namespace
}  // namespace model
