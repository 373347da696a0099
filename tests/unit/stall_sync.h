#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <functional>
#include <semaphore>
#include <thread>
#include <utility>

#include "core/sync/std_sync.h"
#include "tests/unit/support.h"

namespace sched::test {

// Stops its thread before one of its atomic operations.
struct Stall {
  explicit Stall(int stop) : stop_at(stop) {}
  const int stop_at;
  int operations = 0;
  std::atomic<bool> stopped{false};
  std::binary_semaphore resume{0};
};
inline thread_local Stall* stall = nullptr;

inline void step() {
  Stall* own = stall;
  if (own == nullptr || own->operations++ != own->stop_at) return;
  own->stopped.store(true);
  own->resume.acquire();
}

// StdSync, with places to stall before every atomic operation.
struct StallSync : StdSync {
  template <class T>
  struct atomic : std::atomic<T> {
    using Base = std::atomic<T>;
    using Order = std::memory_order;
    using Base::Base;
    T load(Order order) const { return step(), Base::load(order); }
    void store(T value, Order order) { step(), Base::store(value, order); }
    T exchange(T value, Order order) { return step(), Base::exchange(value, order); }
    T fetch_add(T value, Order order) { return step(), Base::fetch_add(value, order); }
    T fetch_sub(T value, Order order) { return step(), Base::fetch_sub(value, order); }
    T fetch_or(T value, Order order) { return step(), Base::fetch_or(value, order); }
    T fetch_and(T value, Order order) { return step(), Base::fetch_and(value, order); }
    template <class... Orders>
    bool compare_exchange_strong(T& expected, T desired, Orders... orders) {
      return step(), Base::compare_exchange_strong(expected, desired, orders...);
    }
    template <class... Orders>
    bool compare_exchange_weak(T& expected, T desired, Orders... orders) {
      return step(), Base::compare_exchange_weak(expected, desired, orders...);
    }
  };
};

// A thread that does one thing and stops in the middle of it, before its atomic operation number `stop_at`.
class Actor {
 public:
  Actor(int stop_at, std::function<void()> body)
      : stall_(stop_at), thread_([this, body = std::move(body)] {
          stall = &stall_;
          body();
          stall = nullptr;
          done_.store(true);
        }) {
    while (!stall_.stopped.load() && !done_.load()) std::this_thread::yield();
  }
  ~Actor() {
    if (thread_.joinable()) finish();
  }
  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;

  // Whether it ended without reaching the place to stop.
  bool ended_early() const { return !stall_.stopped.load(); }

  // Lets it go on to its end. One that finds no end fails the whole program, since nothing can stop it.
  void finish() {
    if (stall_.stopped.load()) stall_.resume.release();
    if (!comes_true([&] { return done_.load(); })) {
      std::fprintf(stderr, "a thread that stopped at its operation %d found no end\n",
                   stall_.stop_at);
      ::_exit(1);
    }
    thread_.join();
  }

 private:
  Stall stall_;
  std::atomic<bool> done_{false};
  std::thread thread_;
};

// Calls scenario(k) for k = 0, 1, ... until it returns true, for there was no k-th operation to stop at.
template <class Scenario>
void at_every_operation(Scenario scenario) {
  int k = 0;
  while (k < 1000 && !::testing::Test::HasFatalFailure() && !scenario(k)) ++k;
  EXPECT_GT(k, 2) << "there is nothing to stop at";
  EXPECT_LT(k, 1000);
}

}  // namespace sched::test
