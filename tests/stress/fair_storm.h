#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "core/fair/channel.h"
#include "core/fair/dispatcher.h"
#include "tests/unit/pool_support.h"

namespace sched::test {

// How many tasks run, and how many may: a raised limit is a ceiling from before the call on, a lowered one once it has
// returned and the number has come down to it.
class Ceiling {
 public:
  explicit Ceiling(std::uint32_t limit) : limit_(limit), ceiling_(limit) {}

  void enter() {
    const std::lock_guard lock(mutex_);
    ASSERT_LE(++running_, ceiling_);
  }
  void leave() {
    const std::lock_guard lock(mutex_);
    --running_;
  }

  // set() changes the limit, running() asks how many the engine counts.
  template <class Set, class Running>
  void change(std::uint32_t limit, Set set, Running running) {
    const std::lock_guard changing(changing_);
    if (limit > ceiling_now()) put(limit);
    set(limit);
    limit_ = limit;
    lower(running());
  }
  template <class Running>
  void follow(Running running) {
    const std::lock_guard changing(changing_);
    lower(running());
  }

 private:
  std::uint64_t ceiling_now() {
    const std::lock_guard lock(mutex_);
    return ceiling_;
  }
  void put(std::uint64_t ceiling) {
    const std::lock_guard lock(mutex_);
    ASSERT_LE(running_, ceiling);
    ceiling_ = ceiling;
  }
  void lower(std::uint64_t running) {
    put(std::min(ceiling_now(), std::max<std::uint64_t>(running, limit_)));
  }

  std::mutex changing_;
  std::uint64_t limit_;
  std::mutex mutex_;
  std::uint64_t running_ = 0;
  std::uint64_t ceiling_;
};

// Threads that do everything that can be done to a dispatcher and its channels, at random.
class FairStorm {
 public:
  FairStorm(std::uint32_t workers, std::uint32_t seed)
      : pool_(workers), seed_(seed), all_(workers), drain_(seed % 2 == 0) {
    EXPECT_EQ(Dispatcher::create(dispatcher_, *pool_, {&work, &finalize, &discard}, 0, nullptr),
              LIBSCHED_OK);
    std::mt19937 random(seed);
    for (Slot& slot : slots_) replace(slot, random);
  }
  ~FairStorm() {
    for (Slot& slot : slots_) slot.channel.reset();
    dispatcher_->abandon();
  }
  FairStorm(const FairStorm&) = delete;
  FairStorm& operator=(const FairStorm&) = delete;

  void play(std::uint32_t threads, int steps) {
    std::vector<std::thread> players;
    for (std::uint32_t t = 0; t < threads; ++t) {
      players.emplace_back([this, t, steps] {
        std::mt19937 random(seed_ * 64 + t);
        for (int i = 0; i < steps; ++i) step(random);
      });
    }
    for (std::thread& player : players) player.join();
  }

  ::testing::AssertionResult ends_well() {
    const Status status = dispatcher_->shutdown(!drain_, kPatienceNs, nullptr, nullptr);
    if (status != LIBSCHED_OK) return ::testing::AssertionFailure() << "shutdown: " << status;
    if (const Status idle = wait_idle(*pool_); idle != LIBSCHED_OK) {
      return ::testing::AssertionFailure() << "wait_idle: " << idle;
    }
    std::uint64_t finalized = 0;
    std::uint64_t cleared = 0;
    std::uint64_t dropped = 0;
    for (const Fate& fate : fates_) {
      const int ends = fate.finalizes + fate.discards;
      if (ends != (fate.accepted ? 1 : 0) || fate.works > 1 || fate.works < fate.finalizes) {
        return ::testing::AssertionFailure()
               << "a task was " << (fate.accepted ? "" : "not ") << "accepted, worked "
               << fate.works << ", finalized " << fate.finalizes << ", discarded " << fate.discards;
      }
      finalized += fate.finalizes == 1;
      cleared += fate.works == 1 && fate.discards == 1;
      dropped += fate.works == 0 && fate.discards == 1;
    }
    const Dispatcher::Stats stats = dispatcher_->stats();
    EXPECT_EQ(stats.channels + stats.queued + stats.running, 0u);
    EXPECT_EQ(stats.done + stats.failed, finalized);
    EXPECT_EQ(stats.cancelled, cleared + dropped);
    EXPECT_LE(dropped_ + cancelled_, cleared + dropped);
    if (drain_) {
      EXPECT_EQ(dropped_, dropped);
      EXPECT_EQ(cancelled_, cleared);
    }
    return ::testing::AssertionSuccess();
  }

 private:
  static constexpr std::uint32_t kSlots = 5;

  struct Fate {
    Fate(FairStorm* owner, Ceiling* ceiling, std::uint32_t seed)
        : storm(owner), own(ceiling), random(seed) {}
    FairStorm* const storm;
    Ceiling* const own;
    const std::uint32_t random;
    bool accepted = false;
    std::atomic<int> works{0};
    std::atomic<int> finalizes{0};
    std::atomic<int> discards{0};
  };
  struct Slot {
    std::mutex mutex;
    std::shared_ptr<Channel> channel;
    Ceiling* ceiling = nullptr;
  };
  struct Picked {
    std::shared_ptr<Channel> channel;
    Ceiling* ceiling;
  };

  static constexpr std::uint32_t kNoLimit = 1'000'000;

  Picked pick(std::mt19937& random) {
    Slot& slot = slots_[below(random, kSlots)];
    const std::lock_guard lock(slot.mutex);
    return {slot.channel, slot.ceiling};
  }

  // Another channel, of the same name if that is free by now.
  void replace(Slot& slot, std::mt19937& random) {
    const std::string name = "slot " + std::to_string(&slot - slots_.data());
    const std::uint32_t limit = below(random, 4);
    Ceiling* ceiling = nullptr;
    {
      const std::lock_guard lock(fates_mutex_);
      ceiling = &ceilings_.emplace_back(limit != 0 ? limit : kNoLimit);
    }
    ChannelOptions options;
    options.name = name.c_str();
    options.bound = below(random, 6);
    options.weight = 1 + below(random, 7);
    options.limit = limit;
    options.level = kAllLevels[below(random, kLevels)];
    Channel* made = nullptr;
    const Status status = Channel::create(made, *dispatcher_, options, nullptr);
    if (status == -EEXIST) {
      options.name = nullptr;
      ASSERT_EQ(Channel::create(made, *dispatcher_, options, nullptr), LIBSCHED_OK);
    } else {
      ASSERT_EQ(status, LIBSCHED_OK);
    }
    std::shared_ptr<Channel> old(made, [](Channel* channel) { channel->abandon(); });
    const std::lock_guard lock(slot.mutex);
    slot.channel.swap(old);
    slot.ceiling = ceiling;
  }

  void send(std::mt19937& random, bool inside) {
    const Picked picked = pick(random);
    constexpr std::uint32_t kMost = 4;
    const std::uint32_t count = 1 + below(random, kMost);
    void* data[kMost];
    Fate* fates[kMost];
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::lock_guard lock(fates_mutex_);
      fates[i] = &fates_.emplace_back(this, picked.ceiling, below(random, 1'000'000));
      data[i] = fates[i];
    }
    Channel::Waiting waiting;
    const std::uint32_t way = below(random, 4);
    if (way == 0) waiting.way = Channel::Way::kTry;
    if (!inside || way == 1) waiting.timeout_ns = 200'000;
    std::size_t accepted = 0;
    const Status status =
        picked.channel->send(dispatcher_->handlers(), data, count, waiting, accepted);
    ASSERT_EQ(status == LIBSCHED_OK, accepted != 0);
    ASSERT_TRUE(status == LIBSCHED_OK || status == LIBSCHED_E_CLOSED ||
                status == (way == 0 ? LIBSCHED_E_FULL : LIBSCHED_E_TIMEOUT) ||
                (inside && status == LIBSCHED_E_DEADLOCK))
        << status;
    for (std::size_t i = 0; i < accepted; ++i) fates[i]->accepted = true;
  }

  void clear(const Picked& picked) {
    const Channel::Cleared cleared = picked.channel->clear();
    dropped_ += cleared.dropped;
    cancelled_ += cleared.cancelled;
  }

  void change_limit(const Picked& picked, std::uint32_t limit) {
    picked.ceiling->change(
        limit != 0 ? limit : kNoLimit, [&](std::uint32_t) { picked.channel->set_limit(limit); },
        [&] { return picked.channel->in_flight(); });
  }

  void step(std::mt19937& random) {
    const Picked picked = pick(random);
    switch (below(random, 24)) {
      case 0:
        return clear(picked);
      case 1:
        if (below(random, 4) == 0) picked.channel->close();
        return;
      case 2:
      case 3:
        return replace(slots_[below(random, kSlots)], random);
      case 4:
        if (below(random, 2) == 0) {
          ASSERT_EQ(picked.channel->pause(), LIBSCHED_OK);
        }
        return;
      case 5:
      case 6:
        ASSERT_EQ(picked.channel->resume(), LIBSCHED_OK);
        return;
      case 7:
        if (below(random, 4) == 0) {
          ASSERT_EQ(dispatcher_->pause(), LIBSCHED_OK);
        }
        return;
      case 8:
      case 9:
        ASSERT_EQ(dispatcher_->resume(), LIBSCHED_OK);
        return;
      case 10:
        return change_limit(picked, below(random, 4));
      case 11:
        return all_.change(
            1 + below(random, 18), [&](std::uint32_t limit) { dispatcher_->set_limit(limit); },
            [&] { return dispatcher_->stats().running; });
      case 12:
        all_.follow([&] { return dispatcher_->stats().running; });
        return picked.ceiling->follow([&] { return picked.channel->in_flight(); });
      case 13:
        static_cast<void>(dispatcher_->wait(0, nullptr, nullptr));
        return;
      default:
        return send(random, false);
    }
  }

  static int work(libsched_task* task, void* data) {
    Fate& fate = *static_cast<Fate*>(data);
    ++fate.works;
    fate.storm->all_.enter();
    fate.own->enter();
    const int result = fate.storm->work_on(task, fate);
    fate.own->leave();
    fate.storm->all_.leave();
    if (result == 3) throw std::runtime_error("thrown on purpose");
    return result;
  }
  int work_on(libsched_task* task, Fate& fate) {
    std::mt19937 random(fate.random);
    const std::uint32_t choice = below(random, 16);
    if (choice < 3) std::this_thread::yield();
    if (choice == 3) send(random, true);
    if (choice == 4) clear(pick(random));
    if (choice == 5) {
      EXPECT_EQ(dispatcher_->wait(0, nullptr, nullptr), LIBSCHED_E_DEADLOCK);
    }
    if (choice == 6) static_cast<void>(cancelled(*task));
    return choice < 14 ? 0 : static_cast<int>(choice) - 12;
  }
  static void finalize(libsched_task*, int, void* data) { ++static_cast<Fate*>(data)->finalizes; }
  static void discard(void* data) { ++static_cast<Fate*>(data)->discards; }

  TestPool pool_;
  Dispatcher* dispatcher_ = nullptr;
  const std::uint32_t seed_;
  Ceiling all_;
  const bool drain_;  // how it ends
  std::array<Slot, kSlots> slots_;
  std::mutex fates_mutex_;
  std::deque<Fate> fates_;
  std::deque<Ceiling> ceilings_;
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<std::uint64_t> cancelled_{0};
};

}  // namespace sched::test
