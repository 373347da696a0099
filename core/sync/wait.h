#pragma once

#include "core/base/status.h"
#include "core/sync/cancel.h"
#include "core/sync/event_count.h"
#include "core/sys/clock.h"

namespace sched {

// Blocks until attempt() returns true: LIBSCHED_OK, or LIBSCHED_E_TIMEOUT or LIBSCHED_E_CANCELLED, and then attempt()
// was false after the wait had ended. attempt() may be called any number of times.
template <class Attempt>
Status wait_until(EventCount<StdSync>& event, const sys::Deadline& deadline, CancelSwitch* cancel,
                  Attempt attempt) {
  if (attempt()) return LIBSCHED_OK;
  const CancelSwitch::Registration registration(cancel, event);
  for (;;) {
    const EventCount<StdSync>::Key key = event.prepare();
    const bool cancelled = registration.triggered();
    const bool late = deadline.over();
    if (attempt()) {
      event.cancel();
      return LIBSCHED_OK;
    }
    if (cancelled || late) {
      event.cancel();
      return cancelled ? LIBSCHED_E_CANCELLED : LIBSCHED_E_TIMEOUT;
    }
    event.wait(key, deadline.remaining_ns());
  }
}

}  // namespace sched
