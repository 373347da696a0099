#pragma once

#include <cstdint>
#include <cstring>
#include <new>
#include <string>
#include <unordered_map>
#include <utility>

#include "core/graph/job.h"

namespace sched {

// Output of jobs that is kept until they have ended, within a bound for all of them. What is beyond goes on at once, and from then
// on so does all that the job says.
class GroupedOutput {
 public:
  explicit GroupedOutput(std::uint64_t bound) : bound_(bound) {}

  // False: it is not kept, since there is no room. Whatever was kept of the job goes first.
  bool keep(JobIndex job, const char* message, std::size_t size) noexcept {
    try {
      Group& group = groups_[job];
      if (group.streams || bytes_ + size > bound_) {
        group.streams = true;
        return false;
      }
      const auto length = static_cast<std::uint32_t>(size);
      group.text.append(reinterpret_cast<const char*>(&length), sizeof length);
      group.text.append(message, size);
      bytes_ += size;
      return true;
    } catch (const std::bad_alloc&) {
      return false;
    }
  }

  // Takes what is kept of the job: calls deliver(message, size) for each. One that has `ended` is forgotten.
  template <class Deliver>
  void flush(JobIndex job, bool ended, Deliver deliver) {
    const auto found = groups_.find(job);
    if (found == groups_.end()) return;
    const std::string text = std::exchange(found->second.text, std::string());
    if (ended) groups_.erase(found);
    for (std::size_t at = 0; at < text.size();) {
      std::uint32_t length = 0;
      std::memcpy(&length, text.data() + at, sizeof length);
      at += sizeof length;
      bytes_ -= length;
      deliver(text.data() + at, length);
      at += length;
    }
  }

 private:
  struct Group {
    std::string text;  // each message behind its length
    bool streams = false;
  };
  const std::uint64_t bound_;
  std::uint64_t bytes_ = 0;
  std::unordered_map<JobIndex, Group> groups_;
};

}  // namespace sched
