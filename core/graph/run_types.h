#pragma once

#include <cstddef>
#include <cstdint>

#include "core/graph/job.h"
#include "core/process/command.h"
#include "core/process/output.h"

namespace sched {

class Jobserver;
class Run;

// What has become of a job.
enum class JobState : std::uint8_t { kPending, kDone, kFresh, kFailed, kSkipped, kCancelled };

// Times are those of sys::now_ns(); 0: that has not happened.
struct JobRecord {
  std::int64_t ready_ns = 0;
  std::int64_t token_ns = 0;  // it may start: it has a slot and its tokens
  std::int64_t start_ns = 0;
  std::int64_t early_ns = 0;
  std::int64_t end_ns = 0;
  std::int32_t code = 0;
  std::int32_t signal = 0;
  std::uint32_t attempts = 0;
  JobIndex blocked_by = kNoJob;  // a job that has failed, by which it is skipped or tainted
  JobState state = JobState::kPending;
  bool tainted = false;
  bool again = false;  // it has failed, and is tried again
};

// What the caller's thread is told, in order. Those of processes have the numbers that they have there.
enum class MessageKind : std::uint32_t {
  kOutput = OutputHeader::kOutput,
  kErrors = OutputHeader::kErrors,
  kStarted,
  kEarly,
  kFinished,
  kAgain,    // it has failed, and is tried again
  kOwn,      // of the job's own
  kWaits,    // it is the next one, and waits for tokens
  kClamped,  // its weight is more than all slots or tokens, and counts as these
  kReplay,   // for the run itself: the function of a fresh job is due
  kNudge,    // the same: there are tasks in a pool that has no workers
  kAdded,    // the same: there is one job more
};

struct RunEvent {
  std::int32_t code = 0;
  std::int32_t signal = 0;
  std::uint32_t attempt = 0;
  JobIndex blocked_by = kNoJob;
  std::uint32_t ended = 0;  // jobs, by then
  std::uint32_t total = 0;
  JobState state = JobState::kPending;
  bool tainted = false;
};

struct RunMessage {
  Run* run;
  MessageKind kind;
  JobIndex job;
  const char* name;     // "": it has none
  std::uint32_t flags;  // of output
  RunEvent event;
  const void* data;  // of output and own messages; why a job has failed
  std::size_t size;
};

// Anything but 0 ends the run.
using RunHandler = int (*)(const RunMessage& message, void* user_data);

struct RunOptions {
  enum class Output : std::uint8_t { kStream, kGroup, kInherit, kNothing };
  static constexpr std::uint32_t kMostSlots = 4096;
  static constexpr std::uint64_t kMessageBytes = std::uint64_t{1} << 20;
  static constexpr std::uint64_t kGroupBytes = std::uint64_t{16} << 20;

  std::uint32_t slots = 1;
  Jobserver* jobserver = nullptr;
  bool keep_tokens = false;
  bool brokers = false;  // one for each command
  bool compute = false;
  bool wants_result = true;
  std::uint32_t max_failures = 1;
  bool kill = false;  // those that run, when so many have failed
  std::int64_t grace_ns = Command::kGraceNs;
  Output output = Output::kStream;
  std::uint64_t message_bytes = kMessageBytes;  // of bounded messages that wait
  std::uint64_t group_bytes = kGroupBytes;      // of output that waits for the end of its job
  RunHandler handler = nullptr;
  void* handler_data = nullptr;
};

}  // namespace sched
