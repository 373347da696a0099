#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "core/base/status.h"
#include "core/sync/cancel.h"
#include "core/sync/event_count.h"
#include "core/sync/std_sync.h"
#include "core/sys/clock.h"

namespace sched {

struct WaitLineOrders {
  // How many wait, against what they wait for: a store-buffering pair. So the operation that makes it true and the look for
  // it must be seq_cst as well.
  static constexpr std::memory_order kCount = std::memory_order_seq_cst;  // pairs with itself
  // Who finds the first one told already relies on the look that follows when this is taken back: what is to be seen then
  // came before.
  static constexpr std::memory_order kTold = std::memory_order_acq_rel;    // pairs with itself
  static constexpr std::memory_order kPassed = std::memory_order_relaxed;  // a number
  // Who stands first is told so by its eventcount, or finds it before it sleeps.
  static constexpr std::memory_order kFirst = std::memory_order_seq_cst;  // pairs with itself
  static constexpr std::memory_order kEnded = std::memory_order_seq_cst;  // pairs with itself
};

struct WaitLineSizes {
  static constexpr std::uint32_t kMostPasses = 1024;  // LIBSCHED_QUEUE_MAX_PASSES
  // How long one sleeps while what it waits for is on the way, and nobody may tell of it.
  static constexpr std::int64_t kSoonNs = 50'000;
};

// What a look for something awaited has found.
enum class Found : std::uint8_t {
  kYes,
  kNo,
  kSoon,  // it is being made, by somebody who may have looked for waiters already
};

// Threads that wait for one kind of thing, of which there may be several at a time: the first in line gets the next one.
// Those that come later pass the line while there is something, but each that stands first is passed a limited number
// of times. Only the first is woken, once until it has looked; on leaving it sees to the next one.
class WaitLine {
  using Orders = StdSync::Traits<WaitLineOrders>;
  using Sizes = StdSync::Traits<WaitLineSizes>;

 public:
  bool empty() const { return waiting_.load(Orders::kCount) == 0; }

  // Whether one who would take something now, without waiting, may; and that it has.
  // The limit is for those that stand; there may be watchers alone.
  bool may_pass() const {
    return empty() || passed_.load(Orders::kPassed) < Sizes::kMostPasses ||
           first_.load(Orders::kFirst) == nullptr;
  }
  void note_pass() {
    if (!empty()) passed_.fetch_add(1, Orders::kPassed);
  }

  // There is something, by a seq_cst operation.
  void tell() {
    if (!empty()) tell_first();
  }

  // Somebody who is told without standing in line, once for each watch(). Of several the first one is told, and those that stand
  // in line are not kept waiting by it: the first of them is told as well.
  class Watcher {
   public:
    virtual void told() = 0;

   protected:
    Watcher() = default;
    ~Watcher() = default;

   private:
    friend class WaitLine;
    StdSync::Plain<Watcher*> previous_{nullptr};
    StdSync::Plain<Watcher*> next_{nullptr};
    StdSync::Plain<bool> watching_{false};
  };
  // Who watches already keeps its place. It looks after that.
  void watch(Watcher& watcher) {
    const std::lock_guard lock(mutex_);
    if (!watcher.watching_) append(watcher);
    told_.exchange(false, Orders::kTold);  // it has not been, and will look
  }
  void unwatch(Watcher& watcher) {
    const std::lock_guard lock(mutex_);
    if (watcher.watching_) forget(watcher);
    told_.exchange(false, Orders::kTold);  // if it was it, the next one can be
  }
  // A watcher that may have been told is about to look. If there is more than it takes, it tells the next one.
  void note_look() { told_.exchange(false, Orders::kTold); }

  // For ever: nothing is waited for any longer.
  void end() {
    ended_.store(true, Orders::kEnded);
    const std::lock_guard lock(mutex_);
    while (tell_watcher()) {
    }
    for (Place* place = first_.load(Orders::kFirst); place != nullptr; place = place->next) {
      place->event.notify_one();
    }
  }

  // Stands in line until look() says kYes: LIBSCHED_OK, or LIBSCHED_E_TIMEOUT or LIBSCHED_E_CANCELLED. After end() look() is
  // asked of everybody, and must say kYes. more(): whether there is something for the next one.
  template <class Look, class More>
  Status wait(const sys::Deadline& deadline, CancelSwitch* cancel, Look look, More more) {
    Place place;
    join(place);
    Status status = LIBSCHED_OK;
    {
      const CancelSwitch::Registration registration(cancel, place.event);
      status = stand(place, deadline, registration, look);
    }
    leave(place);
    if (more()) tell();
    return status;
  }

 private:
  struct Place {
    EventCount<StdSync> event;
    StdSync::Plain<Place*> previous{nullptr};
    StdSync::Plain<Place*> next{nullptr};
  };

  void join(Place& place) {
    const std::lock_guard lock(mutex_);
    place.previous = last_;
    if (last_ != nullptr) {
      last_->next = &place;
    } else {
      begin_first(&place);
    }
    last_ = &place;
    waiting_.fetch_add(1, Orders::kCount);
  }

  void leave(Place& place) {
    const std::lock_guard lock(mutex_);
    Place* const previous = place.previous;
    Place* const next = place.next;
    (next != nullptr ? next->previous : last_) = previous;
    if (previous != nullptr) {
      previous->next = next;
    } else {
      begin_first(next);
    }
    waiting_.fetch_sub(1, Orders::kCount);
  }

  void begin_first(Place* place) {
    first_.store(place, Orders::kFirst);
    passed_.store(0, Orders::kPassed);
    told_.exchange(false, Orders::kTold);
  }

  template <class Look>
  Status stand(Place& place, const sys::Deadline& deadline,
               const CancelSwitch::Registration& registration, Look look) {
    for (;;) {
      const auto key = place.event.prepare();
      const bool cancelled = registration.triggered();
      const bool late = deadline.over();
      Found found = Found::kNo;
      const bool first = first_.load(Orders::kFirst) == &place;
      if (first) told_.exchange(false, Orders::kTold);
      if (first || ended_.load(Orders::kEnded)) found = look();
      if (found == Found::kYes || cancelled || late) {
        place.event.cancel();
        return found == Found::kYes ? LIBSCHED_OK
               : cancelled          ? LIBSCHED_E_CANCELLED
                                    : LIBSCHED_E_TIMEOUT;
      }
      std::int64_t limit = deadline.remaining_ns();
      if (found == Found::kSoon && (limit < 0 || limit > Sizes::kSoonNs)) limit = Sizes::kSoonNs;
      place.event.wait(key, limit);
    }
  }

  void append(Watcher& watcher) {
    watcher.previous_ = last_watcher_;
    watcher.next_ = nullptr;
    if (last_watcher_ != nullptr) {
      last_watcher_->next_ = &watcher;
    } else {
      first_watcher_ = &watcher;
    }
    last_watcher_ = &watcher;
    watcher.watching_ = true;
    waiting_.fetch_add(1, Orders::kCount);
  }
  void forget(Watcher& watcher) {
    Watcher* const previous = watcher.previous_;
    Watcher* const next = watcher.next_;
    (next != nullptr ? next->previous_ : last_watcher_) = previous;
    (previous != nullptr ? previous->next_ : first_watcher_) = next;
    watcher.watching_ = false;
    waiting_.fetch_sub(1, Orders::kCount);
  }
  bool tell_watcher() {
    Watcher* const watcher = first_watcher_;
    if (watcher == nullptr) return false;
    forget(*watcher);
    watcher->told();
    return true;
  }

  void tell_first() {
    if (told_.exchange(true, Orders::kTold)) return;
    const std::lock_guard lock(mutex_);
    tell_watcher();
    Place* const first = first_.load(Orders::kFirst);
    if (first != nullptr) first->event.notify_one();
  }

  StdSync::atomic<std::uint32_t> waiting_{0};
  StdSync::atomic<std::uint32_t> passed_{0};  // by how many, since the first is it
  StdSync::atomic<bool> told_{false};         // the first one, which has not looked since
  StdSync::atomic<bool> ended_{false};
  StdSync::Mutex mutex_;  // guards the line, which nobody leaves while it is told
  StdSync::atomic<Place*> first_{nullptr};
  StdSync::Plain<Place*> last_{nullptr};
  StdSync::Plain<Watcher*> first_watcher_{nullptr};
  StdSync::Plain<Watcher*> last_watcher_{nullptr};
};

}  // namespace sched
