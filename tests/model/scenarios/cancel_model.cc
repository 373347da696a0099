#include <memory>

#include "core/sync/cancel.h"
#include "core/sync/wait.h"
#include "tests/model/engine/policy.h"
#include "tests/model/engine/scenario.h"
#include "tests/model/engine/system.h"

namespace model {
namespace {

using sched::CancelSwitch;
using sched::Status;
using sched::sys::Deadline;
using Event = sched::EventCount<ModelSync>;

constexpr std::int64_t kForEver = -1;
constexpr std::int64_t kSoon = 1000;

// A thing that one thread can have, and where to wait for it.
struct Offer {
  Event event;
  Atomic<bool> there{false};

  bool take() {
    return there.load(std::memory_order_seq_cst) &&
           there.exchange(false, std::memory_order_seq_cst);
  }
  void put() {
    there.store(true, std::memory_order_seq_cst);
    event.notify_one();
  }
  Status wait(std::int64_t timeout_ns, CancelSwitch* cancel) {
    return wait_until(event, Deadline(timeout_ns), cancel, [this] { return take(); });
  }
};

// One wait for an offer that a switch can end.
struct Waiting {
  CancelSwitch cancel;
  Offer offer;
  Status status = LIBSCHED_OK;

  Waiting() {
    install_system();
    name(cancel, "cancel");
    name(offer, "offer");
  }
  void run(std::int64_t timeout_ns) { status = offer.wait(timeout_ns, &cancel); }
  // What attempt() takes belongs to who waited: nothing is taken by a wait that ends for another reason.
  void check_end() {
    check(offer.take() == (status != LIBSCHED_OK), "the wait's status and what it took differ");
    check(!offer.event.has_waiters(), "a wait has ended, and still counts");
  }
};

// Waits for what never comes, at an eventcount that ends with the wait: a trigger that uses it afterwards is found out.
void wait_for_cancel(CancelSwitch& cancel) {
  const auto offer = std::make_unique<Offer>();
  name(*offer, "offer");
  check(offer->wait(kForEver, &cancel) == LIBSCHED_E_CANCELLED, "the wait was not cancelled");
}

// The trigger reaches a wait whenever it begins, and does not touch one that has ended.
SCENARIO(cancel_trigger_against_wait, .bound = 4, .deep_bound = 6, .kills = {"CancelOrders"}) {
  install_system();
  CancelSwitch cancel;
  name(cancel, "cancel");
  const Thread waiter([&] { wait_for_cancel(cancel); });
  cancel.trigger();
}

SCENARIO(cancel_two_waiters, .bound = 3, .deep_bound = 4) {
  install_system();
  CancelSwitch cancel;
  name(cancel, "cancel");
  const auto body = [&] { wait_for_cancel(cancel); };
  const Thread first(body);
  const Thread second(body, first);
  cancel.trigger();
}

SCENARIO(cancel_two_triggers, .bound = 3, .deep_bound = 4) {
  install_system();
  CancelSwitch cancel;
  name(cancel, "cancel");
  const Thread first([&] { wait_for_cancel(cancel); });
  const Thread second([&] { cancel.trigger(); });
  cancel.trigger();
}

// A reset may come before the wait has seen the trigger, and then the wait goes on.
SCENARIO(cancel_trigger_then_reset, .bound = 4, .deep_bound = 5, .spurious = 1) {
  Waiting waiting;
  {
    const Thread waiter([&] { waiting.run(kForEver); });
    waiting.cancel.trigger();
    waiting.cancel.reset();
    waiting.offer.put();
  }
  check(!waiting.cancel.triggered(), "a reset switch is triggered");
  check(waiting.status == LIBSCHED_OK || waiting.status == LIBSCHED_E_CANCELLED,
        "the wait ended for no reason");
  waiting.check_end();
}

SCENARIO(cancel_against_condition, .bound = 4, .deep_bound = 5, .spurious = 1) {
  Waiting waiting;
  {
    const Thread waiter([&] { waiting.run(kForEver); });
    const Thread canceller([&] { waiting.cancel.trigger(); });
    waiting.offer.put();
  }
  check(waiting.status == LIBSCHED_OK || waiting.status == LIBSCHED_E_CANCELLED,
        "the wait ended for no reason");
  waiting.check_end();
}

SCENARIO(cancel_timeout_against_condition, .bound = 4, .deep_bound = 6, .spurious = 1) {
  Waiting waiting;
  {
    const Thread waiter([&] { waiting.run(kSoon); });
    const Thread clock([] { sleep(kSoon); });
    waiting.offer.put();
  }
  check(waiting.status == LIBSCHED_OK || waiting.status == LIBSCHED_E_TIMEOUT,
        "the wait ended for no reason");
  waiting.check_end();
}

SCENARIO(cancel_against_timeout_and_condition, .bound = 3, .deep_bound = 4) {
  Waiting waiting;
  {
    const Thread waiter([&] { waiting.run(kSoon); });
    const Thread canceller([&] { waiting.cancel.trigger(); });
    const Thread clock([] { sleep(kSoon); });
    waiting.offer.put();
  }
  waiting.check_end();
}

// A timeout of 0 is one look.
SCENARIO(cancel_look_once, .bound = 4, .deep_bound = 6) {
  Waiting waiting;
  {
    const Thread waiter([&] { waiting.run(0); });
    waiting.offer.put();
  }
  waiting.check_end();
}

// Who waits without a limit at the same eventcount is not harmed by one that gives up.
SCENARIO(cancel_one_of_two, .bound = 3, .deep_bound = 4) {
  Waiting waiting;
  const Thread patient([&] {
    check(waiting.offer.wait(kForEver, nullptr) == LIBSCHED_OK, "a wait without a limit ended");
  });
  const Thread cancelled([&] {
    waiting.run(kForEver);
    if (waiting.status == LIBSCHED_OK) waiting.offer.put();
  });
  waiting.cancel.trigger();
  waiting.offer.put();
}

}  // namespace
}  // namespace model
