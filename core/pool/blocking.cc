#include "core/pool/blocking.h"

#include "core/pool/pool.h"
#include "core/pool/task.h"
#include "core/pool/worker.h"

namespace sched {

Status begin_blocking(Current& here) {
  if (here.worker == nullptr || here.task == nullptr) return LIBSCHED_E_NOT_WORKER;
  if (here.blocking == 0 && !here.worker->step_aside()) return LIBSCHED_E_NO_SPARE;
  ++here.blocking;
  return LIBSCHED_OK;
}

void end_blocking(Current& here) {
  if (--here.blocking == 0) here.worker->step_back();
}

Status end_own_blocking(Current& here) {
  if (here.task == nullptr || here.blocking == here.task->blocking) return LIBSCHED_E_UNBALANCED;
  end_blocking(here);
  return LIBSCHED_OK;
}

// --- the worker's part ---

bool Worker::step_aside() {
  stop_search();
  if (show_work()) pool_.sleepers_.notify_one();
  // One that stood in before may still be there.
  aside_ = !pool_.slots_.too_few(pool_.slots_.leave()) || pool_.stand_in();
  if (!aside_) pool_.slots_.take();
  return aside_;
}

void Worker::step_back() {
  if (aside_) pool_.slots_.take();
  aside_ = false;
}

bool Worker::show_work() {
  pool_.queue_.give_away(index_);
  branches_.share_all();
  return pool_.queue_.more_waits() || branches_wait();
}

void Worker::retire() {
  if (show_work()) pool_.sleepers_.notify_one();
  pool_.sleepers_.retire(index_);
  if (pool_.has(Pool::kClosed) || !pool_.slots_.retire()) {
    // Needed after all: to end, or since another one has stepped aside. Who has recalled this one has counted it again, and
    // may need one more than this.
    if (!pool_.sleepers_.unretire(index_) && pool_.slots_.too_few(pool_.slots_.leave())) {
      static_cast<void>(pool_.stand_in());
    }
    return;
  }
  stop_search();
  counters_.parks.add(false);
  pool_.tell_if_idle();
  do {
    pool_.sleepers_.park_unannounced(index_);
  } while (pool_.sleepers_.still_retired(index_));
  counters_.wakes.add(false);
  searching_ = pool_.sleepers_.start_search();
}

}  // namespace sched
