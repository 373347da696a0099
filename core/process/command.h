#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/pool/blocking.h"
#include "core/queue/shared_message_queue.h"
#include "core/sys/spawn.h"

namespace sched {

using ProcessQueue = SharedMessageQueue<Blocking>;

struct ProcessResult;
class Jobserver;

// Somebody who goes along with a process, such as the jobserver of its own that it is given.
class Companion {
 public:
  Companion() = default;
  virtual ~Companion() = default;
  Companion(const Companion&) = delete;
  Companion& operator=(const Companion&) = delete;
  // In the thread that starts the process, once the program has begun.
  virtual void started() noexcept = 0;
  // On the reactor's thread, once the process is over, before anybody is told.
  virtual void ended(const ProcessResult& how) noexcept = 0;
};

// What is to be run, and what becomes of it. The pointers are the caller's until the process was started.
struct Command {
  enum class Stream : std::uint8_t { kInherited, kNothing, kQueue, kMerged };
  static constexpr std::uint64_t kLongestLine = 16 * 1024;
  static constexpr std::int64_t kGraceNs = 5'000'000'000;
  static constexpr std::int64_t kLingerNs = 1'000'000'000;

  // --- the program ---
  const char* const* arguments = nullptr;
  bool shell = false;  // arguments[0] is for /bin/sh -c, the others are its parameters
  const char* const* environment = nullptr;  // nullptr: that of this process
  const char* const* set = nullptr;          // NAME=value, after that
  const char* const* unset = nullptr;        // names that are left out
  const char* directory = nullptr;
  const int* inherited = nullptr;
  std::size_t inherited_count = 0;
  bool own_group = true;
  Jobserver* jobserver = nullptr;  // that it is to find in its environment,
  bool brokered = false;           // by a broker of its own
  std::uint64_t limits[sys::SpawnPlan::kLimits] = {
      sys::SpawnPlan::kNoLimit, sys::SpawnPlan::kNoLimit, sys::SpawnPlan::kNoLimit,
      sys::SpawnPlan::kNoLimit};

  // --- its streams ---
  bool inherits_input = false;
  Stream output = Stream::kInherited;
  Stream errors = Stream::kInherited;
  ProcessQueue* output_queue = nullptr;  // of bytes
  ProcessQueue* error_queue = nullptr;
  bool chunks = false;  // as they come, or lines
  std::uint64_t longest_line = kLongestLine;
  std::uint64_t most_output = ~std::uint64_t{0};
  // When the program has ended, what is still in its pipes goes past the bounds of the queues.
  bool rest_is_unbounded = false;

  // --- its life ---
  std::uint64_t tag = 0;
  ProcessQueue* done_queue = nullptr;  // of pointers
  std::int64_t timeout_ns = -1;        // negative: none
  std::int64_t grace_ns = kGraceNs;    // negative: it is not killed
  std::int64_t linger_ns = kLingerNs;  // negative: until its pipes are closed
  bool kill_on_abandon = false;
  std::unique_ptr<Companion> companion;
};

}  // namespace sched
