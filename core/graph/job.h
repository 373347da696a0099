#pragma once

#include <cstdint>
#include <string_view>

#include "core/queue/level.h"

namespace sched {

// The place of a job in its graph, in the order in which they were added.
using JobIndex = std::uint32_t;
inline constexpr JobIndex kNoJob = (JobIndex{1} << 30) - 1;

// What a dependent waits for: the end of the other job, or what that one signals while it runs.
enum class EdgeKind : std::uint8_t { kFinished, kEarly };

inline constexpr std::uint64_t kWholeCost = UINT64_MAX;
inline constexpr std::uint32_t kNoLimitClass = UINT32_MAX;

struct Job {
  std::uint64_t cost = 1;
  std::uint64_t early_cost = kWholeCost;  // of it, until it signals
  std::uint32_t weight = 1;               // tokens that it needs
  std::uint32_t limit_class = kNoLimitClass;
  Level level = Level::kNormal;
  bool fresh = false;  // nothing is to be done
};

// One end of an edge: a job, or the name of one that may come later.
class JobRef {
 public:
  static JobRef of(JobIndex job) { return JobRef(job); }
  static JobRef named(std::uint32_t name) { return JobRef(name | kNamed); }
  bool is_named() const { return (value_ & kNamed) != 0; }
  std::uint32_t index() const { return value_ & ~kNamed; }  // of the job, or of the name

 private:
  static constexpr std::uint32_t kNamed = std::uint32_t{1} << 30;
  explicit JobRef(std::uint32_t value) : value_(value) {}
  std::uint32_t value_;
};

struct Dependency {
  JobRef job;
  EdgeKind kind = EdgeKind::kFinished;
};

// A dependent, as the list of what it depends on has it.
class Successor {
 public:
  Successor() = default;
  Successor(JobIndex job, EdgeKind kind) : word_(job | (kind == EdgeKind::kEarly ? kEarly : 0)) {}
  JobIndex job() const { return word_ & ~kEarly; }
  bool early() const { return (word_ & kEarly) != 0; }

 private:
  static constexpr std::uint32_t kEarly = std::uint32_t{1} << 31;
  std::uint32_t word_ = 0;
};

}  // namespace sched
