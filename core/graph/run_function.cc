#include <algorithm>

#include "core/base/call.h"
#include "core/graph/run.h"
#include "core/sys/fork_guard.h"

namespace sched {
// Without the lock. Where the pool is full only the launcher waits, until launch_switch_ ends that.
Status Run::submit(Place& job, bool may_wait) {
  Pool::Waiting waiting;
  waiting.mode = may_wait ? Pool::Waiting::Mode::kBlock : Pool::Waiting::Mode::kTry;
  waiting.cancel = &launch_switch_;
  const Status status =
      pool_->submit(job.level, &Run::task_main, &job, &Run::task_discard, waiting, nullptr);
  if ((status == LIBSCHED_OK || status == LIBSCHED_E_FULL) && pool_->workers() == 0) {
    const OutputHeader header{0, static_cast<std::uint32_t>(MessageKind::kNudge), 0};
    const Status pushed =
        queue_->push_bytes(&header, sizeof header, {ProcessQueue::Way::kAnyway, 0, nullptr});
    while (pushed != LIBSCHED_OK && pool_->run_one() == LIBSCHED_OK) {
    }
  }
  return status;
}

// With the lock: the pool has not taken the job.
void Run::refused(Place& job, Status status) {
  const bool interrupted = status == LIBSCHED_E_CANCELLED && mode_ != Mode::kKilled;
  if (status == LIBSCHED_E_FULL || interrupted) {
    unsubmitted_.push(job);
    launcher_due_ = true;
    return;
  }
  if (status == LIBSCHED_E_CLOSED) break_off(status);
  if (mode_ == Mode::kKilled) job.cancelled.store(true, libsched_job::Orders::kFlag);
  end(job, status, 0);
  drop();  // whoever is here has another reference
}

int Run::task_main(libsched_task*, void* data) {
  Place& job = *static_cast<Place*>(data);
  Run& run = *job.run;
  // Ends the job, also when its function ends the thread.
  struct Ending {
    Run& run;
    Place& job;
    int code = LIBSCHED_E_UNWOUND;
    ~Ending() {
      if (run.forked()) return;
      {
        Locked locked(run);
        run.end(job, code, 0);
      }
      run.drop();
    }
  } ending{run, job};
  job.start_ns = sys::now_ns();
  if (job.extra != nullptr && job.extra->timeout_ns >= 0) {
    Locked locked(run);
    const std::int64_t left = INT64_MAX - job.start_ns;
    job.deadline_ns = job.start_ns + std::min(job.extra->timeout_ns, left);
    run.set_timer();
  }
  ending.code = call_user([&] { return job.fn(&job, job.user_data); },  // user code
                          [&](int, const char* text) {
                            try {
                              job.text = text;
                            } catch (const std::bad_alloc&) {
                            }
                          });
  return 0;
}

void Run::task_discard(void* data) {
  Place& job = *static_cast<Place*>(data);
  Run& run = *job.run;
  {
    Locked locked(run);
    job.cancelled.store(true, libsched_job::Orders::kFlag);
    // The pool takes no more tasks.
    run.break_off(LIBSCHED_E_CLOSED);
    run.end(job, LIBSCHED_E_CLOSED, 0);
  }
  run.drop();
}

// --- timeouts of functions ---

void Run::set_timer() {
  if (!reactor_.has_value() || reactor_->get() == nullptr) return;
  std::int64_t next = std::min({gather_until_ns_, pass_until_ns_, rest_until_ns_});
  for (std::uint32_t i = 0; i < options_.slots; ++i) {
    const Place& job = places_[i];
    if (job.at_work && !job.timed_out) next = std::min(next, job.deadline_ns);
  }
  (*reactor_)->set_time(*this, next);
}

void Run::late() {
  Locked locked(*this);
  for (std::uint32_t i = 0; i < options_.slots; ++i) {
    Place& job = places_[i];
    if (!job.at_work || job.deadline_ns > now_) continue;
    job.timed_out = true;
    job.cancelled.store(true, libsched_job::Orders::kFlag);
  }
  end_gathering();
  set_timer();
}

}  // namespace sched
