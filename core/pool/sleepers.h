#pragma once

#include <bit>
#include <cstdint>
#include <memory>

#include "core/base/cache_line.h"
#include "core/queue/level.h"
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
  // Which idle workers a claim takes first; any would do.
  static constexpr std::memory_order kPrefer = std::memory_order_relaxed;
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
  // `most` counts the spare workers too. Throws std::bad_alloc.
  Sleepers(std::uint32_t workers, std::uint32_t most)
      : workers_(workers),
        words_((most + 63) / 64),
        idle_(std::make_unique<atomic<std::uint64_t>[]>(words_)),
        waiting_(std::make_unique<atomic<std::uint64_t>[]>(words_)),
        limited_(std::make_unique<atomic<std::uint64_t>[]>(words_)),
        retired_(std::make_unique<atomic<std::uint64_t>[]>(words_)),
        beds_(std::make_unique<Bed[]>(most)) {
    for (Set& holders : holders_) holders = std::make_unique<atomic<std::uint64_t>[]>(words_);
  }
  explicit Sleepers(std::uint32_t workers) : Sleepers(workers, workers) {}

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

  // A worker that waits for something of its own, whose end rouse() tells; it must look for that after this. `claimable`: it
  // is announced as well, so that notifiers may claim it. If it may not do everything they do so for want of others only, for
  // it may be unable to do what they tell of. `holds`: capped levels at which it has a place, and may do what others may not.
  void begin_wait(std::uint32_t worker, bool claimable, bool may_do_all = false,
                  LevelMask holds = 0) {
    beds_[worker].signal.store(0, Orders::kSignal);
    waiting_[worker / 64].fetch_or(bit(worker), Orders::kAnnounce);
    if (!claimable) return;
    for_each(holds,
             [&](Set& holders) { holders[worker / 64].fetch_or(bit(worker), Orders::kAnnounce); });
    if (!may_do_all) limited_[worker / 64].fetch_or(bit(worker), Orders::kPrefer);
    idle_[worker / 64].fetch_or(bit(worker), Orders::kAnnounce);
  }
  void end_wait(std::uint32_t worker, LevelMask holds = 0) {
    for_each(holds,
             [&](Set& holders) { holders[worker / 64].fetch_and(~bit(worker), Orders::kPrefer); });
    limited_[worker / 64].fetch_and(~bit(worker), Orders::kPrefer);
    waiting_[worker / 64].fetch_and(~bit(worker), Orders::kClaim);
  }
  // The same for one that can do nothing but wait, or sleeps elsewhere. rouse_all() is not for it, but once its end has been told
  // others know that it is on its way.
  void begin_deaf_wait(std::uint32_t worker) {
    beds_[worker].signal.store(kDeaf, Orders::kSignal);
    waiting_[worker / 64].fetch_or(bit(worker), Orders::kAnnounce);
  }
  // As park(), for a worker that is not announced: until it is roused or recalled.
  void park_unannounced(std::uint32_t worker) {
    auto& signal = beds_[worker].signal;
    for (std::uint32_t now; (now = signal.load(Orders::kSignal)) != kWoken;) {
      Sync::wait(signal, now, -1);
    }
  }
  // What the worker may be waiting for has happened. A read-modify-write: either it finds the worker waiting, or the worker,
  // who looks after begin_wait(), finds that it has happened.
  void rouse(std::uint32_t worker) {
    if ((waiting_[worker / 64].fetch_or(0, Orders::kClaim) & bit(worker)) != 0) wake(worker);
  }

  // The same for all that wait: nobody may be left but them, so each must look what it can do, or be told that it waits in vain.
  void rouse_all() {
    for (std::uint32_t i = 0; i < words_; ++i) {
      std::uint64_t left = waiting_[i].fetch_or(0, Orders::kClaim);
      for (; left != 0; left &= left - 1) {
        const auto worker = i * 64 + static_cast<std::uint32_t>(std::countr_zero(left));
        if (beds_[worker].signal.load(Orders::kSignal) != kDeaf) wake(worker);
      }
    }
  }

  // Whether another worker that waits has been told, and has not gone on yet.
  bool others_roused(std::uint32_t self) const {
    for (std::uint32_t i = 0; i < words_; ++i) {
      for (std::uint64_t left = waiting_[i].load(Orders::kLook); left != 0; left &= left - 1) {
        const auto worker = i * 64 + static_cast<std::uint32_t>(std::countr_zero(left));
        if (worker != self && beds_[worker].signal.load(Orders::kSignal) == kWoken) return true;
      }
    }
    return false;
  }

  // A worker that is one too many. It is needed again when it is recalled; it must look for that after this.
  void retire(std::uint32_t worker) {
    beds_[worker].signal.store(0, Orders::kSignal);
    retired_[worker / 64].fetch_or(bit(worker), Orders::kAnnounce);
  }
  // Ends the retirement. False: it was recalled.
  bool unretire(std::uint32_t worker) {
    return (retired_[worker / 64].fetch_and(~bit(worker), Orders::kClaim) & bit(worker)) != 0;
  }
  // After a sleep: whether the worker was not recalled, and an old signal has woken it. A read-modify-write, so that a recall
  // that comes later gives its signal after this reset.
  bool still_retired(std::uint32_t worker) {
    beds_[worker].signal.store(0, Orders::kSignal);
    return (retired_[worker / 64].fetch_or(0, Orders::kClaim) & bit(worker)) != 0;
  }
  // Wakes a retired worker. False: there is none.
  bool recall() { return claim_one(retired_, nullptr); }
  bool any_retired() const {
    for (std::uint32_t i = 0; i < words_; ++i) {
      if (retired_[i].load(Orders::kLook) != 0) return true;
    }
    return false;
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
  bool notify_one() { return searching_.load(Orders::kLook) == 0 && wake_one(false); }

  // The same, by a worker that may not do the work itself: only who may do everything is asked.
  bool hand_on() { return searching_.load(Orders::kLook) == 0 && wake_one(true); }

  // For work in a run-next slot.
  bool notify_run_next() { return naps_.load(Orders::kLook) == 0 && notify_one(); }

  // Wakes all that wait with a place at the level, for work that nobody else may do.
  void notify_holders(Level level) { wake_each(holders_[index_of(level)].get()); }

  // For `count` items at once.
  void notify(std::size_t count) {
    for (std::size_t i = 0; i < count && wake_one(false); ++i) {
    }
  }

  void notify_all() { wake_each(nullptr); }

  std::uint32_t parked() const {
    std::uint32_t sum = 0;
    for (std::uint32_t i = 0; i < words_; ++i) {
      sum += static_cast<std::uint32_t>(std::popcount(idle_[i].load(Orders::kCount)));
    }
    return sum;
  }

 private:
  // Beside 0, what a bed's word says.
  static constexpr std::uint32_t kWoken = 1;
  static constexpr std::uint32_t kDeaf = 2;

  struct alignas(kCacheLine) Bed {
    atomic<std::uint32_t> signal{0};
  };

  static std::uint64_t bit(std::uint32_t worker) { return std::uint64_t{1} << (worker % 64); }

  using Set = std::unique_ptr<atomic<std::uint64_t>[]>;

  template <class Do>
  void for_each(LevelMask levels, Do what) {
    for (const Level level : kAllLevels) {
      if ((levels & bit_of(level)) != 0) what(holders_[index_of(level)]);
    }
  }

  // The claimed worker is a searcher before it is claimed: it may be awake still, and stop searching at once. Who claims
  // none after all looks again, since others may have counted on that searcher; unless there is another one.
  bool wake_one(bool free_only) {
    while (any_idle(free_only)) {
      searching_.fetch_add(1, Orders::kAnnounce);
      if (claim_one(idle_, limited_.get()) || (!free_only && claim_one(idle_, nullptr)))
        return true;
      if (!stop_search()) return false;
    }
    return false;
  }

  // All that are announced, or those of them that are in `among` too. Each only once: it may be back before the last is woken.
  void wake_each(const atomic<std::uint64_t>* among) {
    for (std::uint32_t i = 0; i < words_; ++i) {
      std::uint64_t left = idle_[i].load(Orders::kLook);
      if (among != nullptr) left &= among[i].load(Orders::kLook);
      for (; left != 0; left &= left - 1) {
        const std::uint64_t lowest = left & (~left + 1);
        searching_.fetch_add(1, Orders::kAnnounce);
        if ((idle_[i].fetch_and(~lowest, Orders::kClaim) & lowest) != 0) {
          wake(i * 64 + static_cast<std::uint32_t>(std::countr_zero(lowest)));
        } else if (stop_search()) {
          wake_one(false);
        }
      }
    }
  }

  bool any_idle(bool free_only) const {
    for (std::uint32_t i = 0; i < words_; ++i) {
      std::uint64_t idle = idle_[i].load(Orders::kLook);
      if (free_only) idle &= ~limited_[i].load(Orders::kPrefer);
      if (idle != 0) return true;
    }
    return false;
  }

  // Takes the lowest worker out of a set, but for those in `except`, and wakes it.
  bool claim_one(const Set& set, const atomic<std::uint64_t>* except) {
    for (std::uint32_t i = 0; i < words_; ++i) {
      const std::uint64_t left = except != nullptr ? except[i].load(Orders::kPrefer) : 0;
      std::uint64_t members = set[i].load(Orders::kLook) & ~left;
      while (members != 0) {
        const std::uint64_t lowest = members & (~members + 1);
        members = set[i].fetch_and(~lowest, Orders::kClaim) & ~left;
        if ((members & lowest) == 0) continue;
        wake(i * 64 + static_cast<std::uint32_t>(std::countr_zero(lowest)));
        return true;
      }
    }
    return false;
  }

  void wake(std::uint32_t worker) {
    auto& signal = beds_[worker].signal;
    signal.store(kWoken, Orders::kSignal);
    Sync::wake(signal, 1);
  }

  const std::uint32_t workers_;
  const std::uint32_t words_;
  alignas(kCacheLine) atomic<std::uint32_t> searching_{0};
  atomic<std::uint32_t> naps_{0};
  atomic<bool> spinning_{false};
  const Set idle_;
  const Set waiting_;
  const Set limited_;  // who waits, is announced, and may not do everything
  const Set retired_;
  Set holders_[kLevels];  // who waits, is announced, and has a place at the level
  const std::unique_ptr<Bed[]> beds_;
};

}  // namespace sched
