#pragma once

#include <bit>
#include <cstdint>
#include <memory>

#include "core/base/cache_line.h"
#include "core/sync/std_sync.h"

namespace sched {

struct SleepersOrders {
  // Announcing (a bit in the idle set, the end of a search, a nap) and the notifier's look for it, around the publishing
  // of work and the look for it: all seq_cst, so that the notifier sees the sleeper or the sleeper sees the work.
  static constexpr std::memory_order kAnnounce = std::memory_order_seq_cst;  // pairs with kLook
  static constexpr std::memory_order kLook = std::memory_order_seq_cst;      // pairs with kAnnounce
  // One claims a bit. Who is woken sees what the notifier did before, and the notifier's signal comes after the reset
  // that came before the announcement.
  static constexpr std::memory_order kClaim =
      std::memory_order_acq_rel;  // pairs with itself and kAnnounce
  // The word to sleep on: what matters is handed over by the bit, which is claimed before the signal and asked for after
  // it.
  static constexpr std::memory_order kSignal = std::memory_order_relaxed;
  static constexpr std::memory_order kCount = std::memory_order_relaxed;  // for statistics
  static constexpr std::memory_order kSpin = std::memory_order_relaxed;   // orders nothing else
};

// Where the workers of a pool sleep: an eventcount whose waiters have names. A set of idle workers, one bit each, and a
// word per worker to sleep on; a notifier claims a bit and wakes that worker, the lowest first, so that the others stay
// asleep. Beside it the number of workers that search: while one searches nobody else is woken, for it will find the
// work or look once more after it has announced itself. The limit on searchers is Go's and Tokio's.
// core/pool/README.md has the argument why no wake-up is lost.
template <class Sync = StdSync, class Orders = typename Sync::template Traits<SleepersOrders>>
class Sleepers {
  template <class T>
  using atomic = typename Sync::template atomic<T>;

 public:
  // Throws std::bad_alloc.
  explicit Sleepers(std::uint32_t workers)
      : workers_(workers),
        words_((workers + 63) / 64),
        idle_(std::make_unique<atomic<std::uint64_t>[]>(words_)),
        waiting_(std::make_unique<atomic<std::uint64_t>[]>(words_)),
        beds_(std::make_unique<Bed[]>(workers)) {}

  // --- a worker's side ---

  // Becomes a searcher, if at most half of the workers then are. The look is more than a guess: who was refused a nap has
  // stopped searching before, and whoever ends that nap must not be refused for it.
  bool start_search() {
    std::uint32_t searching = searching_.load(Orders::kLook);
    while (searching == 0 || 2 * (searching + 1) <= workers_) {
      if (searching_.compare_exchange_weak(searching, searching + 1, Orders::kAnnounce,
                                           Orders::kLook)) {
        return true;
      }
    }
    return false;
  }

  // True: nobody searches any more, and who called because it found work must look whether there is more.
  bool stop_search() { return searching_.fetch_sub(1, Orders::kAnnounce) == 1; }

  // From here on a notifier may claim the worker. It must look for work once more before it parks.
  void announce(std::uint32_t worker) {
    beds_[worker].signal.store(0, Orders::kSignal);
    idle_[worker / 64].fetch_or(bit(worker), Orders::kAnnounce);
  }

  // Ends the announcement. False: a notifier has claimed the worker, which is a searcher now.
  bool retract(std::uint32_t worker) {
    return (idle_[worker / 64].fetch_and(~bit(worker), Orders::kClaim) & bit(worker)) != 0;
  }

  // Sleeps until claimed, at most timeout_ns (negative: no limit), and retracts. True: claimed, so now a searcher.
  bool park(std::uint32_t worker, std::int64_t timeout_ns) {
    auto& signal = beds_[worker].signal;
    if (timeout_ns >= 0) {
      if (signal.load(Orders::kSignal) == 0) Sync::wait(signal, 0, timeout_ns);
    } else {
      while (signal.load(Orders::kSignal) == 0) Sync::wait(signal, 0, -1);
    }
    return !retract(worker);
  }

  // A worker that waits for something of its own, whose end rouse() tells; it must look for that after this. `idle`: it is
  // announced as well, so that notifiers may claim it.
  void begin_wait(std::uint32_t worker, bool idle) {
    beds_[worker].signal.store(0, Orders::kSignal);
    waiting_[worker / 64].fetch_or(bit(worker), Orders::kAnnounce);
    if (idle) idle_[worker / 64].fetch_or(bit(worker), Orders::kAnnounce);
  }
  void end_wait(std::uint32_t worker) {
    waiting_[worker / 64].fetch_and(~bit(worker), Orders::kClaim);
  }
  // As park(), for a worker that is not announced: until rouse().
  void park_waiting(std::uint32_t worker) {
    auto& signal = beds_[worker].signal;
    while (signal.load(Orders::kSignal) == 0) Sync::wait(signal, 0, -1);
  }
  // What the worker may be waiting for has happened. A read-modify-write: either it finds the worker waiting, or the worker,
  // who looks after begin_wait(), finds that it has happened.
  void rouse(std::uint32_t worker) {
    if ((waiting_[worker / 64].fetch_or(0, Orders::kClaim) & bit(worker)) == 0) return;
    auto& signal = beds_[worker].signal;
    signal.store(1, Orders::kSignal);
    Sync::wake(signal, 1);
  }

  // A nap is a park with a timeout, by a worker that waits to see whether another one's run-next slot moves. One is
  // enough: it keeps pushes to such slots from waking more.
  bool start_nap() { return naps_.exchange(1, Orders::kAnnounce) == 0; }
  void stop_nap() { naps_.store(0, Orders::kAnnounce); }

  // At most one worker spins before it sleeps.
  bool start_spin() { return !spinning_.exchange(true, Orders::kSpin); }
  void stop_spin() { spinning_.store(false, Orders::kSpin); }

  // --- the notifiers' side; the work must have been published by a seq_cst operation ---

  // Wakes one idle worker, unless a searcher is about to find the work. True: woken.
  bool notify_one() { return searching_.load(Orders::kLook) == 0 && wake_one(); }

  // For work in a run-next slot.
  bool notify_run_next() { return naps_.load(Orders::kLook) == 0 && notify_one(); }

  // For `count` items at once.
  void notify(std::size_t count) {
    for (std::size_t i = 0; i < count && wake_one(); ++i) {
    }
  }

  void notify_all() {
    while (wake_one()) {
    }
  }

  std::uint32_t parked() const {
    std::uint32_t sum = 0;
    for (std::uint32_t i = 0; i < words_; ++i) {
      sum += static_cast<std::uint32_t>(std::popcount(idle_[i].load(Orders::kCount)));
    }
    return sum;
  }

 private:
  struct alignas(kCacheLine) Bed {
    atomic<std::uint32_t> signal{0};
  };

  static std::uint64_t bit(std::uint32_t worker) { return std::uint64_t{1} << (worker % 64); }

  // The claimed worker is a searcher before it is claimed: it may be awake still, and stop searching at once. Who claims
  // none after all looks again, since others may have counted on that searcher; unless there is another one.
  bool wake_one() {
    while (any_idle()) {
      searching_.fetch_add(1, Orders::kAnnounce);
      if (claim_one()) return true;
      if (!stop_search()) return false;
    }
    return false;
  }

  bool any_idle() const {
    for (std::uint32_t i = 0; i < words_; ++i) {
      if (idle_[i].load(Orders::kLook) != 0) return true;
    }
    return false;
  }

  bool claim_one() {
    for (std::uint32_t i = 0; i < words_; ++i) {
      std::uint64_t idle = idle_[i].load(Orders::kLook);
      while (idle != 0) {
        const std::uint64_t lowest = idle & (~idle + 1);
        idle = idle_[i].fetch_and(~lowest, Orders::kClaim);
        if ((idle & lowest) == 0) continue;
        auto& signal = beds_[i * 64 + static_cast<std::uint32_t>(std::countr_zero(lowest))].signal;
        signal.store(1, Orders::kSignal);
        Sync::wake(signal, 1);
        return true;
      }
    }
    return false;
  }

  const std::uint32_t workers_;
  const std::uint32_t words_;
  alignas(kCacheLine) atomic<std::uint32_t> searching_{0};
  atomic<std::uint32_t> naps_{0};
  atomic<bool> spinning_{false};
  const std::unique_ptr<atomic<std::uint64_t>[]> idle_;
  const std::unique_ptr<atomic<std::uint64_t>[]> waiting_;
  const std::unique_ptr<Bed[]> beds_;
};

}  // namespace sched
