#pragma once

#include "core/base/status.h"
#include "core/pool/current.h"
#include "core/sync/wait.h"

namespace sched {

// What the calling worker's task does until the end of the section, the pool cannot know: a spare worker stands in for it.
// LIBSCHED_OK, LIBSCHED_E_NOT_WORKER, or LIBSCHED_E_NO_SPARE, and then no section has begun.
Status begin_blocking(Current& here);
// One that has begun.
void end_blocking(Current& here);
// The same, by a task: LIBSCHED_OK, or LIBSCHED_E_UNBALANCED if it has begun none.
Status end_own_blocking(Current& here);

// A blocking section for as long as it lives, if one can begin.
class Blocking {
 public:
  Blocking() : here_(current()), begun_(begin_blocking(here_) == LIBSCHED_OK) {}
  // Whether a spare worker stands in for this one.
  bool begun() const { return begun_; }
  ~Blocking() {
    if (begun_) end_blocking(here_);
  }
  Blocking(const Blocking&) = delete;
  Blocking& operator=(const Blocking&) = delete;

 private:
  Current& here_;
  const bool begun_;
};

// As wait_until, for a wait of any thread: also of a worker, for what its own pool does not do.
template <class Attempt>
Status wait_blocking(EventCount<StdSync>& event, const sys::Deadline& deadline,
                     CancelSwitch* cancel, Attempt attempt) {
  if (attempt()) return LIBSCHED_OK;
  const Blocking blocking;
  return wait_until(event, deadline, cancel, attempt);
}

}  // namespace sched
