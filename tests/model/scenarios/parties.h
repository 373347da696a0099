#pragma once

#include <cstdint>

#include "core/pool/group.h"
#include "core/pool/pool.h"
#include "tests/model/engine/system.h"
#include "tests/model/scenarios/items.h"

namespace model {

// Plain cells where the frames of a wait lay, as the next call of its thread may put something else there: what is still
// used of them by somebody else is a race.
[[gnu::noinline]] inline void use_stack() {
  struct Cells {
    Plain<std::uint8_t> bytes[1024];
  };
  const Cells cells;
  check(cells.bytes[0] == 0, "the stack is somebody else's");
}

// Something that a thread sleeps for.
class Signal {
 public:
  void happen() {
    word_.store(1, std::memory_order_release);
    ModelSync::wake(word_, 8);
  }
  void wait() {
    while (word_.load(std::memory_order_acquire) == 0) ModelSync::wait(word_, 0, -1);
  }

 private:
  Atomic<std::uint32_t> word_{0};
};

// A shipping pool and a group on it, and tasks that each are run or discarded once. What their submitters wrote they see, and
// what they wrote is seen by who has waited for the group.
class Party {
 public:
  static constexpr int kTasks = 4;

  explicit Party(const sched::PoolOptions& options) : items_(kTasks) {
    install_system();
    pool_ = new sched::Pool(options);
    name(*pool_, "pool");
    for (int number = 0; number < kTasks; ++number) {
      tasks_[number].party = this;
      tasks_[number].number = number;
    }
  }
  ~Party() {
    if (group_ != nullptr) abandon_group();
    pool_->abandon();
  }
  Party(const Party&) = delete;
  Party& operator=(const Party&) = delete;

  sched::Pool& pool() { return *pool_; }
  Signal& signal(int number) { return signals_[number]; }
  sched::Group& group() { return *group_; }

  void make_group(const sched::GroupOptions& options = {}) { group_ = make(options); }
  sched::Group* make(const sched::GroupOptions& options) {
    sched::Group* group = nullptr;
    check(sched::Group::create(group, *pool_, options, nullptr) == LIBSCHED_OK,
          "a group could not be made");
    name(*group, options.parent != nullptr ? "child" : "group");
    return group;
  }
  void abandon_group() {
    group_->abandon();
    group_ = nullptr;
  }

  sched::Status try_submit(int number, sched::Group& group) {
    Task& task = tasks_[number];
    items_.make(static_cast<std::size_t>(number) + 1);
    void* data[] = {&task};
    std::size_t accepted = 0;
    const sched::Status status = group.submit_n(
        task.level, {reinterpret_cast<void*>(&run), discard, sched::Task::Kind::kFunction}, data, 1,
        {}, accepted, nullptr);
    check((status == LIBSCHED_OK) == (accepted == 1), "the status and what was accepted differ");
    task.accepted = status == LIBSCHED_OK;
    return status;
  }
  sched::Status try_submit(int number) { return try_submit(number, *group_); }
  void submit(int number, sched::Group& group) {
    check(try_submit(number, group) == LIBSCHED_OK, "a submit failed");
  }
  void submit(int number) { submit(number, *group_); }

  // Returns the code.
  int wait(sched::Group& group, bool isolated = false) {
    int code = 0;
    const sched::Status status = group.wait(code, isolated, -1, nullptr, nullptr);
    check(status == (code == 0 ? LIBSCHED_OK : LIBSCHED_E_FAILED), "a wait has failed");
    use_stack();
    return code;
  }
  int wait(bool isolated = false) { return wait(*group_, isolated); }

  void shut_down(bool discard_queued = false) {
    check(pool_->shutdown(discard_queued, -1, nullptr, nullptr) == LIBSCHED_OK,
          "a shutdown without a limit failed");
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
  // What a task does beside its end, and what it returns.
  using What = int (*)(Party& party, int number);
  void plan(int number, What what, sched::Level level = sched::Level::kNormal) {
    tasks_[number].what = what;
    tasks_[number].level = level;
  }

 private:
  enum Result : int { kNothing, kRan, kDiscarded };
  struct Task {
    Party* party = nullptr;
    int number = 0;
    bool accepted = false;
    int (*what)(Party& party, int number) = nullptr;
    sched::Level level = sched::Level::kNormal;
    Plain<int> result{kNothing};
  };

  static int run(libsched_task*, void* data) {
    Task& task = *static_cast<Task*>(data);
    task.party->items_.take_word(static_cast<std::uint64_t>(task.number) + 1);
    const int code = task.what != nullptr ? task.what(*task.party, task.number) : 0;
    task.result = kRan;
    return code;
  }
  static void discard(void* data) {
    Task& task = *static_cast<Task*>(data);
    task.party->items_.take_word(static_cast<std::uint64_t>(task.number) + 1);
    task.result = kDiscarded;
  }

  sched::Pool* pool_;
  sched::Group* group_ = nullptr;
  Items items_;
  Signal signals_[2];
  Task tasks_[kTasks];
};

inline sched::PoolOptions pool_of(std::uint32_t workers, std::uint32_t spare = 0) {
  sched::PoolOptions options;
  options.workers = workers;
  options.max_spare = spare;
  return options;
}

}  // namespace model
