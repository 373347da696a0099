#pragma once

#include <cstdint>
#include <string>

#include "core/graph/job_body.h"
#include "core/pool/task.h"
#include "core/process/process.h"
#include "core/sync/std_sync.h"

// A place for a job at work: what the C ABI's opaque type of that name is. Under the lock of its run, but for what its own thread
// alone uses.
struct libsched_job {
  sched::Run* run = nullptr;
  sched::JobIndex job = sched::kNoJob;
  std::uint32_t attempt = 0;
  std::uint32_t weight = 0;  // slots that it has
  sched::Level level = sched::Level::kNormal;
  sched::JobFn fn = nullptr;
  void* user_data = nullptr;
  const sched::JobExtra* extra = nullptr;
  bool at_work = false;
  bool is_inline = false;  // a fresh job in the caller's thread
  bool timed_out = false;
  sched::StdSync::atomic<bool> cancelled{false};
  std::int64_t start_ns = 0;
  std::int64_t deadline_ns = INT64_MAX;

  // Of a command
  bool is_command = false;
  bool launching = false;
  bool over = false;  // before its launch was
  bool stop_due = false;
  sched::Process* process = nullptr;
  sched::ProcessResult how;

  std::string text;              // why it has failed
  libsched_job* next = nullptr;  // in the list where it is
};
