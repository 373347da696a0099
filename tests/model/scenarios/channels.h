#pragma once

#include <cstdint>
#include <utility>

#include "core/fair/channel.h"
#include "core/fair/dispatcher.h"
#include "tests/model/scenarios/parties.h"

namespace model {

// A shipping dispatcher with its channels, and tasks that end each once: work and then finalize or discard, or discard alone.
// What their senders wrote they see, and what they wrote is seen by who has waited for the dispatcher.
class Office {
 public:
  static constexpr int kTasks = 5;
  static constexpr int kChannels = 2;

  explicit Office(const sched::PoolOptions& options, std::uint32_t limit = 0) : items_(kTasks) {
    install_system();
    pool_ = new sched::Pool(options);
    name(*pool_, "pool");
    check(sched::Dispatcher::create(dispatcher_, *pool_, {work, finalize, discard}, limit,
                                    nullptr) == LIBSCHED_OK,
          "a dispatcher could not be made");
    name(*dispatcher_, "dispatcher");
    for (int number = 0; number < kTasks; ++number) {
      tasks_[number].office = this;
      tasks_[number].number = number;
    }
  }
  ~Office() {
    for (int index = 0; index < kChannels; ++index) drop_channel(index);
    drop_dispatcher();
    drop_pool();
    for (const Task& task : tasks_) {
      check((task.ended != 0) == task.accepted,
            "a task has ended that was not accepted, or the other way round");
    }
  }
  Office(const Office&) = delete;
  Office& operator=(const Office&) = delete;

  sched::Pool& pool() { return *pool_; }
  sched::Dispatcher& dispatcher() { return *dispatcher_; }
  sched::Channel& channel(int index = 0) { return *channels_[index]; }
  Signal& signal(int index) { return signals_[index]; }

  void open(int index = 0, const sched::ChannelOptions& options = {}) {
    check(sched::Channel::create(channels_[index], *dispatcher_, options, nullptr) == LIBSCHED_OK,
          "a channel could not be made");
    name(*channels_[index], index == 0 ? "channel" : "other channel");
  }
  void drop_channel(int index = 0) {
    if (sched::Channel* const channel = std::exchange(channels_[index], nullptr))
      channel->abandon();
  }
  void drop_dispatcher() {
    if (sched::Dispatcher* const dispatcher = std::exchange(dispatcher_, nullptr)) {
      dispatcher->abandon();
    }
  }
  void drop_pool() {
    if (sched::Pool* const pool = std::exchange(pool_, nullptr)) pool->abandon();
  }

  // All of them, in any order.
  void drop_handles() {
    const std::uint32_t first = Execution::current().choose(3);
    const std::uint32_t second = (first + 1 + Execution::current().choose(2)) % 3;
    for (const std::uint32_t which : {first, second, 3 - first - second}) {
      which == 0 ? drop_channel() : which == 1 ? drop_dispatcher() : drop_pool();
    }
  }

  // What a task's work does, and what it returns.
  using What = int (*)(Office& office, int number);
  void plan(int number, What what) { tasks_[number].what = what; }

  // And what its discard does.
  void plan_discard(int number, void (*what)()) { tasks_[number].on_discard = what; }

  sched::Status try_send(int number, int channel = 0,
                         sched::Channel::Way way = sched::Channel::Way::kWait) {
    Task& task = tasks_[number];
    items_.make(static_cast<std::size_t>(number) + 1);
    void* data[] = {&task};
    std::size_t accepted = 0;
    const sched::Status status =
        channels_[channel]->send({work, finalize, discard}, data, 1, {.way = way}, accepted);
    check((status == LIBSCHED_OK) == (accepted == 1), "the status and what was accepted differ");
    task.accepted = status == LIBSCHED_OK;
    return status;
  }
  void send(int number, int channel = 0) {
    check(try_send(number, channel) == LIBSCHED_OK, "a send failed");
  }

  // Runs what there are calls for.
  void serve() {
    while (pool_->run_one() == LIBSCHED_OK) {
    }
  }
  void wait() {
    check(dispatcher_->wait(-1, nullptr, nullptr) == LIBSCHED_OK, "a wait has failed");
    use_stack();
  }
  void shut_down(bool clear_all) {
    check(dispatcher_->shutdown(clear_all, -1, nullptr, nullptr) == LIBSCHED_OK,
          "a shutdown without a limit failed");
  }
  void shut_pool_down(bool discard_queued) {
    check(pool_->shutdown(discard_queued, -1, nullptr, nullptr) == LIBSCHED_OK,
          "a shutdown without a limit failed");
  }

  bool accepted(int number) const { return tasks_[number].accepted; }
  std::uint64_t discarded(int count) const {
    std::uint64_t discarded = 0;
    for (int number = 0; number < count; ++number) {
      discarded += tasks_[number].ended == kDiscarded ? 1 : 0;
    }
    return discarded;
  }
  // What the caller knows of the tasks 0 .. count-1.
  void check_ran(int count) {
    for (int number = 0; number < count; ++number) {
      check(tasks_[number].ended == kFinalized, "a task was not run to its end");
    }
  }
  // Those that were accepted have ended, and the dispatcher and its channels have counted them right.
  // Of the discarded ones so many have failed, since they have ended their threads.
  void check_counts(std::uint64_t unwound = 0) {
    std::uint64_t finalized = 0;
    std::uint64_t cancelled = 0;
    for (const Task& task : tasks_) {
      check((task.ended != 0) == task.accepted, "a task was accepted and has not ended");
      finalized += task.ended == kFinalized ? 1 : 0;
      cancelled += task.ended == kDiscarded ? 1 : 0;
    }
    const sched::Dispatcher::Stats stats = dispatcher_->stats();
    check(stats.done == finalized && stats.failed == unwound &&
              stats.cancelled == cancelled - unwound,
          "the dispatcher has counted wrong");
    check(stats.queued == 0 && stats.running == 0 && stats.channels == 0,
          "the dispatcher has something left");
    sched::Pool::Stats pool;
    pool_->stats(pool);
    std::uint64_t submitted = 0;
    std::uint64_t ended = 0;
    for (const auto& level : pool.level) {
      submitted += level.submitted;
      ended += level.completed + level.failed;
    }
    check(submitted == finalized + cancelled && ended >= finalized, "the pool has counted wrong");
  }

  // For works: what somebody else has done before.
  void say() { said_.store(1, std::memory_order_release); }
  bool said() const { return said_.load(std::memory_order_acquire) != 0; }

  // One that runs beside others.
  void begin_run(std::uint32_t most) {
    check(running_.fetch_add(1, std::memory_order_relaxed) < most, "more run than may");
  }
  void end_run() { running_.fetch_sub(1, std::memory_order_relaxed); }

 private:
  enum End : int { kNotYet, kFinalized, kDiscarded };
  struct Task {
    Office* office = nullptr;
    int number = 0;
    bool accepted = false;
    What what = nullptr;
    void (*on_discard)() = nullptr;
    Plain<int> worked{0};
    Plain<int> ended{kNotYet};
  };

  static int work(libsched_task*, void* data) {
    Task& task = *static_cast<Task*>(data);
    check(task.worked == 0 && task.ended == kNotYet, "a task was run twice, or after its end");
    task.worked = 1;
    return task.what != nullptr ? task.what(*task.office, task.number) : 0;
  }
  static void finalize(libsched_task*, int, void* data) {
    Task& task = *static_cast<Task*>(data);
    check(task.worked == 1, "a task was finalized that was not run");
    task.office->end(task, kFinalized);
  }
  static void discard(void* data) {
    Task& task = *static_cast<Task*>(data);
    task.office->end(task, kDiscarded);
    if (task.on_discard != nullptr) task.on_discard();
  }
  void end(Task& task, End how) {
    items_.take_word(static_cast<std::uint64_t>(task.number) + 1);
    task.ended = how;
  }

  sched::Pool* pool_ = nullptr;
  sched::Dispatcher* dispatcher_ = nullptr;
  sched::Channel* channels_[kChannels] = {};
  Items items_;
  Signal signals_[3];
  Atomic<std::uint32_t> running_{0};
  Atomic<std::uint32_t> said_{0};
  Task tasks_[kTasks];
};

}  // namespace model
