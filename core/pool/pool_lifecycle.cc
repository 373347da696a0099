#include <cstring>
#include <mutex>

#include "core/pool/blocking.h"
#include "core/pool/pool.h"
#include "core/pool/worker.h"
#include "core/sys/thread.h"

namespace sched {

// At the first submit, and again when all threads were lost. With fewer threads than asked for the pool works all the
// same; stats say how many there are.
Status Pool::start(Error* error) {
  const std::lock_guard lock(lifecycle_);
  if (has(kClosed)) {
    return fail(error, LIBSCHED_E_CLOSED, "the pool was shut down: it takes no more tasks");
  }
  if (has(kStarted)) return LIBSCHED_OK;
  if (options_.workers != 0) sys::pin_own_code();
  for (std::uint32_t i = 0; i < options_.workers; ++i) {
    slots_.take();
    const int result = start_worker(*workers_[i]);
    if (result == 0) continue;
    slots_.leave();
    if (i == 0) {
      return fail(error, result, "no worker thread could be started: %s", std::strerror(-result));
    }
    break;
  }
  lost_.reset();
  flags_.fetch_or(kStarted, Orders::kFlags);
  return LIBSCHED_OK;
}

// Under the lifecycle lock.
int Pool::start_worker(Worker& worker) {
  holders_.add();
  live_.fetch_add(1, Orders::kLive);
  const int result = worker.start();
  if (result == 0) return 0;
  live_.fetch_sub(1, Orders::kLive);
  static_cast<void>(holders_.drop());  // never the last: the caller has one
  return result;
}

// Its slot is counted before anybody has it, so another worker may retire for it meanwhile.
bool Pool::stand_in(bool may_start) {
  do {
    slots_.take();
    if (sleepers_.recall() || (may_start && start_spare())) return true;
    slots_.leave();
  } while (sleepers_.any_retired());
  return false;
}

bool Pool::start_spare() {
  const std::lock_guard lock(lifecycle_);
  Worker* spare = nullptr;
  const std::uint32_t count = crew();
  for (std::uint32_t i = 0; i < count && spare == nullptr; ++i) {
    if (!workers_[i]->started()) spare = workers_[i].get();
  }
  if (spare == nullptr && count < options_.most_workers()) {
    try {
      workers_[count] = std::make_unique<Worker>(*this, count);
      queue_.add_context();
      spare = workers_[count].get();
    } catch (const std::bad_alloc&) {  // then there is none
    }
  }
  return spare != nullptr && start_worker(*spare) == 0;
}

void Pool::close(bool discard_queued) {
  close_services(discard_queued);
  // The queue first: workers end when they see the flag and nothing is left, and nothing may come after that.
  queue_.close();
  {
    // Under the lock, so that no thread is started afterwards but to replace one.
    const std::lock_guard lock(lifecycle_);
    flags_.fetch_or(discard_queued ? kClosed | kCancelling : kClosed, Orders::kFlags);
  }
  capacity_.wake_all();
  sleepers_.notify_all();
  recall_all();
}

// Retired workers end too.
void Pool::recall_all() {
  if (options_.max_spare == 0) return;
  do {
    slots_.take();
  } while (sleepers_.recall());
  slots_.leave();
}

Status Pool::shutdown(bool discard_queued, std::int64_t timeout_ns, CancelSwitch* cancel,
                      Error* error) {
  if (on_own_thread()) {
    return fail(error, LIBSCHED_E_DEADLOCK,
                "shutdown was called by a task of this pool, which it would wait for");
  }
  const sys::Deadline deadline(timeout_ns);
  close(discard_queued);
  Status status =
      wait_blocking(ended_, deadline, cancel, [this] { return live_.load(Orders::kLive) == 0; });
  if (status == LIBSCHED_OK) {
    join_threads();
    // What there is no worker for, or no more. Discarding is not waiting: it goes on whatever the timeout.
    status = wait_until(idle_, deadline, cancel, [&] {
      drain_here(discard_queued ? nullptr : &deadline, cancel);
      return quiescent();
    });
  }
  if (status == LIBSCHED_OK) return status;
  return fail(error, status,
              "tasks are still running after %lld ns of waiting; the pool takes no more, and "
              "shutdown may be called again",
              static_cast<long long>(timeout_ns));
}

void Pool::abandon() {
  close(true);
  // Groups with queued tasks hold the pool, and nobody else would discard these.
  if (live_.load(Orders::kLive) == 0) drain_here(nullptr, nullptr);
  drop();
}

void Pool::join_threads() {
  const std::lock_guard lock(lifecycle_);
  for (std::uint32_t i = 0; i < crew(); ++i) workers_[i]->join();
}

void Pool::thread_ended() {
  const std::uint32_t left = slots_.leave();
  const bool replaced = !has(kClosed) && slots_.too_few(left) && stand_in(false);
  // Those that wait can do some work, or must be told that nobody is left.
  if (left == 0 && !replaced) sleepers_.rouse_all();
  tell_if_over();  // its last task may have been what the others waited for
  bool last = false;
  {
    const std::lock_guard lock(lifecycle_);
    last = live_.fetch_sub(1, Orders::kLive) == 1;
    // Lost for want of a new one, perhaps: then the next submit, or who waits outside, starts all anew.
    if (last) flags_.fetch_and(~kStarted, Orders::kFlags);
  }
  // Groups with queued tasks hold the pool, and nobody else would discard these.
  if (last && has(kCancelling)) drain_here(nullptr, nullptr);
  if (last) {
    lost_.trigger();  // before the others, which look at it
    idle_.notify_all();
    capacity_.wake_all();
  }
  ended_.notify_all();
  drop();
}

}  // namespace sched
