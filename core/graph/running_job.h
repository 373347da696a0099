#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "core/graph/job_body.h"
#include "core/process/process.h"
#include "core/queue/level.h"
#include "core/sync/std_sync.h"

namespace sched {
class ComputeRun;
class Run;
}  // namespace sched

// A job at work: what the C ABI's opaque type of that name is.
struct libsched_job {
  // That a job is to end, or its run, or that it has signalled: nobody learns anything else by it.
  struct Orders {
    static constexpr std::memory_order kFlag = std::memory_order_relaxed;
  };
  sched::Run* run = nullptr;             // either it belongs to this,
  sched::ComputeRun* compute = nullptr;  // or to this
  sched::JobIndex job = sched::kNoJob;
  sched::StdSync::atomic<bool> signalled{false};  // early, in a run that computes
  sched::StdSync::atomic<bool> cancelled{false};

  bool is_cancelled() const { return cancelled.load(Orders::kFlag); }
  bool has_signalled() const { return signalled.load(Orders::kFlag); }
};

namespace sched {

// A place for a job at work. Under the lock of its run, but for what its own thread alone uses.
struct Place : libsched_job {
  std::uint32_t attempt = 0;
  std::uint32_t weight = 0;  // slots that it has
  Level level = Level::kNormal;
  JobFn fn = nullptr;
  void* user_data = nullptr;
  const JobExtra* extra = nullptr;
  bool at_work = false;
  bool timed_out = false;
  bool replayed = false;  // a fresh job's function, in the thread of the handler
  std::int64_t start_ns = 0;
  std::int64_t deadline_ns = INT64_MAX;

  // Of a command
  bool is_command = false;
  bool launching = false;
  bool over = false;  // before its launch was
  bool stop_due = false;
  Process* process = nullptr;
  ProcessResult how;

  std::string text;       // why it has failed
  Place* next = nullptr;  // in the list where it is
};

}  // namespace sched
