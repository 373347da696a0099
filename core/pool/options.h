#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/queue/level.h"
#include "core/queue/starvation.h"

namespace sched {

// A task that failed: code, text, the task's data, hook_data.
using FailureHook = void (*)(int, const char*, void*, void*);
// A worker that starts or stops: its index, hook_data.
using WorkerHook = void (*)(std::uint32_t, void*);

inline constexpr std::uint32_t kMaxWorkers = 1024;
inline constexpr std::uint32_t kDefaultSpare = 128;

struct PoolOptions {
  std::uint32_t workers = 0;    // 0 = none: the host runs the tasks
  std::uint32_t max_spare = 0;  // most that stand in for workers that block
  std::uint64_t capacity = 0;   // most tasks that wait to start, 0 = no limit
  bool worker_may_exceed = true;
  StarvationBounds bounds;
  std::uint32_t caps[kLevels] = {};  // most workers at a level, 0 = all
  std::uint64_t stack_size = 0;
  std::uint64_t seed = 0;
  std::vector<std::uint32_t> affinity;
  std::string name = "sched";
  WorkerHook on_start = nullptr;
  WorkerHook on_stop = nullptr;
  FailureHook on_failure = nullptr;
  void* hook_data = nullptr;

  // All workers, spare ones too.
  std::uint32_t most_workers() const { return workers == 0 ? 0 : workers + max_spare; }

  // LIBSCHED_OK or LIBSCHED_E_RANGE.
  Status check(Error* error) const;
};

// The number of workers when none is asked for: what the process may use, at least 2.
std::uint32_t default_workers();
// The number of contexts when none is asked for: what the process may use.
std::uint32_t default_contexts();

Status check_bounds(const StarvationBounds& bounds, Error* error);

}  // namespace sched
