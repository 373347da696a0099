#pragma once

#include <libsched.h>

#include <algorithm>
#include <cstdint>
#include <thread>
#include <vector>

#include "bench/abi/expect.h"
#include "bench/pool_rows.h"

// The rows of dispatchers and channels, which no peer has.
namespace abi {

inline constexpr unsigned kSenders = 8;  // and as many channels and workers
inline constexpr std::uint64_t kChannelBound = 1024;
inline constexpr int kIdleChannels = 10'000;

// A dispatcher on a pool of its own. Its tasks do nothing but that each is counted by finalize.
class Channels {
 public:
  explicit Channels(unsigned workers) {
    libsched_pool_options pool = LIBSCHED_POOL_OPTIONS_INIT;
    pool.workers = workers;
    pool.max_spare = LIBSCHED_NO_SPARE;
    expect_ok("libsched_pool_create", libsched_pool_create(&pool_, &pool, nullptr));
    counts_ = std::vector<Count>(workers);
    libsched_dispatcher_options options = LIBSCHED_DISPATCHER_OPTIONS_INIT;
    options.work = [](libsched_task*, void*) { return 0; };
    options.finalize = [](libsched_task* task, int, void* counts) {
      ++static_cast<Count*>(counts)[libsched_task_worker(task)].value;
    };
    expect_ok("libsched_dispatcher_create",
              libsched_dispatcher_create(&dispatcher_, pool_, &options, nullptr));
  }
  Channels(const Channels&) = delete;
  Channels& operator=(const Channels&) = delete;
  ~Channels() {
    std::uint64_t finalized = 0;
    for (const Count& count : counts_) finalized += count.value;
    bench::check("tasks finalized", finalized, sent_);
    set_idle(0);
    expect_ok("libsched_dispatcher_wait",
              libsched_dispatcher_wait(dispatcher_, LIBSCHED_FOREVER, nullptr, nullptr));
    libsched_dispatcher_unref(dispatcher_);
    expect_ok("libsched_pool_shutdown",
              libsched_pool_shutdown(pool_, LIBSCHED_DRAIN, LIBSCHED_FOREVER, nullptr, nullptr));
    libsched_pool_unref(pool_);
  }

  // How many channels it has beside those of run().
  void set_idle(int count) {
    for (libsched_channel* one : idle_) libsched_channel_unref(one);
    idle_.clear();
    for (int i = 0; i < count; ++i) idle_.push_back(channel(kChannelBound));
  }

  // From the first send to the end of the last task, in seconds. Each sender has a channel.
  double run(std::size_t tasks) {
    bench::StartingLine line;
    std::vector<std::thread> senders;
    for (unsigned i = 0; i < kSenders; ++i) {
      senders.emplace_back([this, &line, tasks, to = channel(kChannelBound)] {
        line.wait();
        send(to, tasks / kSenders);
        libsched_channel_unref(to);
      });
    }
    const auto start = line.start(kSenders);
    for (std::thread& sender : senders) sender.join();
    wait();
    sent_ += tasks;
    return bench::seconds_since(start);
  }

  // Resident bytes for each task that waits.
  double queued_bytes(std::size_t tasks) {
    std::vector<libsched_channel*> channels;
    for (unsigned i = 0; i < kSenders; ++i) channels.push_back(channel(0));
    expect_ok("libsched_dispatcher_pause", libsched_dispatcher_pause(dispatcher_));
    const std::size_t before = bench::resident_bytes();
    for (libsched_channel* to : channels) send(to, tasks / kSenders);
    const std::size_t after = bench::resident_bytes();
    expect_ok("libsched_dispatcher_resume", libsched_dispatcher_resume(dispatcher_));
    for (libsched_channel* one : channels) libsched_channel_unref(one);
    wait();
    sent_ += tasks;
    return (after > before ? static_cast<double>(after - before) : 0) / static_cast<double>(tasks);
  }

 private:
  struct alignas(64) Count {
    std::uint64_t value = 0;
  };

  libsched_channel* channel(std::uint64_t bound) {
    libsched_channel_options options = LIBSCHED_CHANNEL_OPTIONS_INIT;
    options.bound = bound;
    libsched_channel* made = nullptr;
    expect_ok("libsched_channel_create",
              libsched_channel_create(&made, dispatcher_, &options, nullptr));
    return made;
  }
  void send(libsched_channel* to, std::size_t tasks) {
    for (std::size_t i = 0; i < tasks; ++i) {
      const int status = libsched_channel_send(to, counts_.data(), LIBSCHED_FOREVER, nullptr);
      if (status != LIBSCHED_OK) expect_ok("libsched_channel_send", status);
    }
  }
  void wait() {
    expect_ok("libsched_pool_wait_idle",
              libsched_pool_wait_idle(pool_, LIBSCHED_FOREVER, nullptr, nullptr));
  }

  libsched_pool* pool_ = nullptr;
  libsched_dispatcher* dispatcher_ = nullptr;
  std::vector<libsched_channel*> idle_;
  std::vector<Count> counts_;  // of each worker
  std::uint64_t sent_ = 0;
};

inline bench::Pass channels() {
  Channels eight(kSenders);
  eight.run(bench::kSubmitted / 4);
  return bench::per_item(eight.run(bench::kSubmitted), bench::kSubmitted);
}

// By turns, many in one pass, so that the machine is the same for both; medians, since a turn may meet other programs.
inline bench::Pass channels_idle() {
  constexpr int kTurns = 100;
  constexpr std::size_t kTasks = bench::kSubmitted / 40;
  Channels eight(kSenders);
  eight.run(kTasks);
  const auto start = bench::Clock::now();
  std::vector<double> seconds[2];
  for (int turn = 0; turn < kTurns; ++turn) {
    for (const int which : {turn % 2, 1 - turn % 2}) {
      eight.set_idle(which == 0 ? 0 : kIdleChannels);
      seconds[which].push_back(eight.run(kTasks));
    }
  }
  const auto median = [](std::vector<double>& of) {
    std::nth_element(of.begin(), of.begin() + kTurns / 2, of.end());
    return of[kTurns / 2];
  };
  return {bench::seconds_since(start), median(seconds[1]) / median(seconds[0])};
}

inline bench::Pass channels_bytes() {
  Channels paused(bench::kWorkers);
  const auto start = bench::Clock::now();
  const double bytes = paused.queued_bytes(bench::kSubmitted);
  return {bench::seconds_since(start), bytes};
}

inline bench::Pass channels_cpu() {
  Channels idle(kSenders);
  idle.set_idle(kIdleChannels);
  idle.run(bench::kIdleTasks);
  const double before = bench::process_cpu();
  std::this_thread::sleep_for(bench::kIdle);
  const double milliseconds = (bench::process_cpu() - before) * 1e3;
  return {std::chrono::duration<double>(bench::kIdle).count(), milliseconds};
}

}  // namespace abi
