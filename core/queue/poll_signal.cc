#include "core/queue/poll_signal.h"

#include "core/sys/calls.h"

namespace sched {

PollSignal::~PollSignal() {
  if (is_open()) sys::calls.close(fd_.load(Orders::kSee));
}

Status PollSignal::open(int& out) {
  if (!is_open()) {
    const int made = sys::calls.event_open();
    if (made < 0) return made;
    int none = -1;
    if (!fd_.compare_exchange_strong(none, made, Orders::kOpen)) sys::calls.close(made);
  }
  out = fd_.load(Orders::kSee);
  return LIBSCHED_OK;
}

void PollSignal::arm() {
  sys::calls.event_lower(fd_.load(Orders::kSee));
  line_.watch(*this);
}

void PollSignal::raise() {
  if (is_open()) sys::calls.event_raise(fd_.load(Orders::kSee));
}

}  // namespace sched
