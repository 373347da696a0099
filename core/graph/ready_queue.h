#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/graph/job.h"
#include "core/graph/room.h"

namespace sched {

// Jobs that may start, the most urgent first: by level, by priority, and by the order in which they were added to the graph.
// A binary heap, 16 bytes for each.
class ReadyQueue {
 public:
  // Room for so many jobs in all; more than there is room for must not be pushed. Throws std::bad_alloc.
  void reserve(std::size_t jobs) {
    if (jobs > heap_.size()) make_room(heap_, jobs - heap_.size());
  }

  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }
  void clear() { heap_.clear(); }

  void push(JobIndex job, Level level, std::uint64_t priority) {
    heap_.push_back({priority, job | static_cast<std::uint32_t>(level) << kJobBits});
    std::push_heap(heap_.begin(), heap_.end(), Later{});
  }
  // There must be one.
  JobIndex top() const { return job_of(heap_.front()); }
  Level top_level() const { return static_cast<Level>(heap_.front().level_and_job >> kJobBits); }
  std::uint64_t top_priority() const { return heap_.front().priority; }
  JobIndex pop() {
    std::pop_heap(heap_.begin(), heap_.end(), Later{});
    const JobIndex job = job_of(heap_.back());
    heap_.pop_back();
    return job;
  }

 private:
  static constexpr int kJobBits = 30;
  struct Entry {
    std::uint64_t priority;
    std::uint32_t level_and_job;
  };
  struct Later {
    bool operator()(const Entry& a, const Entry& b) const {
      const std::uint32_t level_a = a.level_and_job >> kJobBits;
      const std::uint32_t level_b = b.level_and_job >> kJobBits;
      if (level_a != level_b) return level_a > level_b;
      if (a.priority != b.priority) return a.priority < b.priority;
      return a.level_and_job > b.level_and_job;
    }
  };
  static JobIndex job_of(const Entry& entry) { return entry.level_and_job & kNoJob; }

  std::vector<Entry> heap_;
};

}  // namespace sched
