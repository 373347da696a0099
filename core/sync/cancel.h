#pragma once

#include <mutex>

#include "core/base/status.h"
#include "core/sync/event_count.h"
#include "core/sync/std_sync.h"

namespace sched {

struct CancelOrders {
  // Store-buffering pair with a waiter's announcement in its eventcount.
  static constexpr std::memory_order kFlag = std::memory_order_seq_cst;  // pairs with itself
};

// A switch that ends waits. Waits register their eventcount; trigger() wakes all of them, and tells who listens.
class CancelSwitch {
  using Orders = StdSync::Traits<CancelOrders>;

 public:
  CancelSwitch() = default;
  CancelSwitch(const CancelSwitch&) = delete;
  CancelSwitch& operator=(const CancelSwitch&) = delete;

  // Is told in the thread that triggers the switch, under its lock: it neither waits nor registers there.
  class Listener {
   public:
    virtual void cancel_triggered() = 0;

   protected:
    Listener() = default;
    ~Listener() = default;

   private:
    friend class CancelSwitch;
    StdSync::Plain<Listener*> next_listener_{nullptr};
  };

  void trigger();
  // Not told of a trigger that comes before it.
  void listen(Listener& listener);
  // After it, it is not told.
  void forget(Listener& listener);
  void reset() { triggered_.store(false, Orders::kFlag); }
  bool triggered() const { return triggered_.load(Orders::kFlag); }

  // One wait's entry, for as long as it lives. The switch may be null.
  class Registration {
   public:
    Registration(CancelSwitch* owner, EventCount<StdSync>& event);
    ~Registration();
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;

    bool triggered() const { return owner_ != nullptr && owner_->triggered(); }

   private:
    friend class CancelSwitch;
    CancelSwitch* owner_;
    EventCount<StdSync>& event_;
    StdSync::Plain<Registration*> previous_{nullptr};
    StdSync::Plain<Registration*> next_{nullptr};
  };

 private:
  StdSync::Mutex mutex_;  // guards the lists; an entry cannot leave while trigger() wakes it
  StdSync::Plain<Registration*> first_{nullptr};
  StdSync::Plain<Listener*> first_listener_{nullptr};
  StdSync::atomic<bool> triggered_{false};
};

// What a wait ends with that has found nothing and may not sleep.
inline Status out_of_time(const CancelSwitch* cancel) {
  return cancel != nullptr && cancel->triggered() ? LIBSCHED_E_CANCELLED : LIBSCHED_E_TIMEOUT;
}

}  // namespace sched
