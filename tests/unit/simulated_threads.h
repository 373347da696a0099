#pragma once

#include <pthread.h>
#include <semaphore.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "core/base/random.h"
#include "core/sys/calls.h"

namespace sched::test {

// Threads of the system of which only one goes on at a time, and a clock that stands unless all of them wait. Which thread goes on is
// drawn from a seed wherever one waits for a mutex, a futex, a condition, a file or a time, and often where it locks, unlocks, wakes
// or asks the system for anything: the same seed gives the same run. Between these a thread is not interrupted, so what it does
// with atomics alone is one step. Somebody who waits for what cannot come any more ends the program with the seed.
class SimulatedThreads {
 public:
  explicit SimulatedThreads(std::uint64_t seed) : seed_(seed), random_(seed + 1) {
    threads_.push_back(std::make_unique<Thread>(*this));
    current_ = threads_[0].get();
    current_->real = pthread_self();
    own() = current_;
  }
  ~SimulatedThreads() { own() = nullptr; }
  SimulatedThreads(const SimulatedThreads&) = delete;
  SimulatedThreads& operator=(const SimulatedThreads&) = delete;

  // Waits for all other threads; by the first one, before this goes.
  void end() {
    while (alive_ != 1) {
      current_->waits = Waits::kForEnds;
      give_way();
    }
    for (const auto& thread : threads_) {
      if (thread.get() != own() && !thread->joined) pthread_join(thread->real, nullptr);
      thread->joined = true;
    }
  }

  std::int64_t now() const { return now_; }
  std::uint64_t steps() const { return steps_; }
  // Of all that was decided: two runs with the same are the same run.
  std::uint64_t trace() const { return trace_; }
  std::uint32_t below(std::uint32_t limit) { return random_.below(limit); }
  // Called whenever a thread gives way.
  void on_step(std::function<void()> check) { check_ = std::move(check); }
  // Does something at a time, in no thread. It must neither wait nor call the engine.
  void at(std::int64_t when, std::function<void()> action) {
    actions_.emplace(when, std::move(action));
  }

  [[noreturn]] void fail(const char* what) const {
    std::fprintf(stderr, "seed %llu, step %llu, %lld ns: %s\nSCHED_SIMULATION_SEED=%llu shows it\n",
                 static_cast<unsigned long long>(seed_), static_cast<unsigned long long>(steps_),
                 static_cast<long long>(now_), what, static_cast<unsigned long long>(seed_));
    std::abort();
  }

  // --- what threads do

  void pause() { give_way(); }
  // Where others often come in between.
  void maybe_pause() {
    if (below(4) == 0) give_way();
  }
  void sleep(std::int64_t ns) { wait_until(now_ + ns, Waits::kForTime); }
  // Until ready() or the time; false: it was the time.
  bool wait_ready(std::function<bool()> ready, std::int64_t until) {
    own()->ready = std::move(ready);
    return wait_until(until, Waits::kForReady);
  }
  int futex_wait(const std::uint32_t* word, std::uint32_t expected, const timespec* timeout) {
    if (__atomic_load_n(word, __ATOMIC_SEQ_CST) != expected) return -EAGAIN;
    own()->object = word;
    const std::int64_t until =
        timeout == nullptr ? INT64_MAX : now_ + timeout->tv_sec * 1'000'000'000 + timeout->tv_nsec;
    return wait_until(until, Waits::kForObject) ? 0 : -ETIMEDOUT;
  }
  int wake(const void* object, int count) {
    int woken = 0;
    while (woken < count) {
      std::vector<Thread*> waiting;
      for (const auto& thread : threads_) {
        if (thread->waits == Waits::kForObject && thread->object == object) {
          waiting.push_back(thread.get());
        }
      }
      if (waiting.empty()) break;
      waiting[below(static_cast<std::uint32_t>(waiting.size()))]->waits = Waits::kNot;
      ++woken;
    }
    return woken;
  }
  void lock(const void* mutex) {
    maybe_pause();
    while (held_.contains(mutex)) {
      wait_ready([this, mutex] { return !held_.contains(mutex); }, INT64_MAX);
    }
    held_.insert(mutex);
  }
  void unlock(const void* mutex) { held_.erase(mutex); }
  // The mutex has been let go.
  void wait_for(const void* condition) {
    own()->object = condition;
    wait_until(INT64_MAX, Waits::kForObject);
  }
  int create(pthread_t* out, const pthread_attr_t* attributes, void* (*body)(void*),
             void* argument) {
    threads_.push_back(std::make_unique<Thread>(*this));
    Thread& made = *threads_.back();
    made.body = body;
    made.argument = argument;
    const int failed = pthread_create(&made.real, attributes, &main_of, &made);
    if (failed != 0) {
      threads_.pop_back();
      return failed;
    }
    ++alive_;
    *out = made.real;
    return 0;
  }
  int join(pthread_t real) {
    for (auto it = threads_.rbegin(); it != threads_.rend(); ++it) {
      Thread& thread = **it;
      if (thread.joined || pthread_equal(thread.real, real) == 0) continue;
      wait_ready([&thread] { return thread.waits == Waits::kGone; }, INT64_MAX);
      thread.joined = true;
      return pthread_join(real, nullptr);
    }
    fail("a thread is joined that does not exist");
  }

  // What the calling thread belongs to; nullptr: nothing.
  static SimulatedThreads* find() { return own() != nullptr ? &own()->all : nullptr; }
  static SimulatedThreads& here() { return own()->all; }

 private:
  enum class Waits { kNot, kForObject, kForReady, kForTime, kForEnds, kGone };
  struct Thread {
    explicit Thread(SimulatedThreads& owner) : all(owner) { sem_init(&turn, 0, 0); }
    ~Thread() { sem_destroy(&turn); }
    Thread(const Thread&) = delete;
    Thread& operator=(const Thread&) = delete;
    SimulatedThreads& all;
    sem_t turn;
    pthread_t real{};
    void* (*body)(void*) = nullptr;
    void* argument = nullptr;
    bool joined = false;
    Waits waits = Waits::kNot;
    std::int64_t until = INT64_MAX;
    bool late = false;
    const void* object = nullptr;
    std::function<bool()> ready;
  };
  static constexpr std::uint64_t kMostSteps = 2'000'000;

  static Thread*& own() {
    static thread_local Thread* thread = nullptr;
    return thread;
  }

  static void* main_of(void* data) {
    Thread& self = *static_cast<Thread*>(data);
    take_turn(self);
    own() = &self;
    self.body(self.argument);
    self.waits = Waits::kGone;
    --self.all.alive_;
    self.all.count_step();
    Thread& next = self.all.choose();
    own() = nullptr;  // what the system does at its end is none of ours
    sem_post(&next.turn);
    return nullptr;
  }
  static void take_turn(Thread& self) {
    while (sem_wait(&self.turn) != 0) {
    }
  }

  bool wait_until(std::int64_t until, Waits what) {
    Thread& self = *own();
    self.waits = what;
    self.until = until;
    self.late = false;
    give_way();
    self.until = INT64_MAX;
    return !self.late;
  }

  void give_way() {
    Thread& self = *own();
    count_step();
    Thread& next = choose();
    if (&next == &self) return;
    sem_post(&next.turn);
    take_turn(self);
  }

  void count_step() {
    if (check_) check_();
    if (++steps_ > kMostSteps) fail("it does not end");
    now_ += below(2'000);
  }

  bool may_run(Thread& thread) {
    if (thread.waits == Waits::kForReady && thread.ready()) thread.waits = Waits::kNot;
    if (thread.waits == Waits::kForEnds && alive_ == 1) thread.waits = Waits::kNot;
    const bool waits = thread.waits != Waits::kNot && thread.waits != Waits::kGone;
    if (waits && thread.until <= now_) {
      thread.waits = Waits::kNot;
      thread.late = true;
    }
    return thread.waits == Waits::kNot;
  }

  Thread& choose() {
    for (;;) {
      while (!actions_.empty() && actions_.begin()->first <= now_) {
        const auto action = actions_.extract(actions_.begin());
        action.mapped()();
      }
      std::vector<std::size_t> ready;
      std::int64_t next = actions_.empty() ? INT64_MAX : actions_.begin()->first;
      for (std::size_t i = 0; i < threads_.size(); ++i) {
        if (may_run(*threads_[i])) ready.push_back(i);
        if (threads_[i]->waits != Waits::kGone) next = std::min(next, threads_[i]->until);
      }
      if (!ready.empty()) {
        const std::size_t chosen = ready[below(static_cast<std::uint32_t>(ready.size()))];
        trace_ = (trace_ ^ (chosen + 1) ^ static_cast<std::uint64_t>(now_)) * 0x100000001B3u;
        current_ = threads_[chosen].get();
        return *current_;
      }
      if (next == INT64_MAX) fail("all threads wait, and nothing will come");
      now_ = std::max(now_, next);
    }
  }

  const std::uint64_t seed_;
  Random random_;
  std::vector<std::unique_ptr<Thread>> threads_;
  Thread* current_ = nullptr;
  std::set<const void*> held_;  // mutexes
  std::size_t alive_ = 1;
  std::int64_t now_ = 1'000'000'000;
  std::uint64_t steps_ = 0;
  std::uint64_t trace_ = 0xCBF29CE484222325u;
  std::multimap<std::int64_t, std::function<void()>> actions_;
  std::function<void()> check_;
};

}  // namespace sched::test
