#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <string_view>
#include <vector>

#include "core/graph/job.h"

namespace sched {

// Names, each stored once and numbered in the order in which they came, and which job has each. The texts stay where they
// are, with a 0 behind each. Nothing is allocated before the first name.
class Names {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  // Throws std::bad_alloc, and then nothing has changed.
  std::uint32_t intern(std::string_view text);
  // kNone: it is unknown.
  std::uint32_t find(std::string_view text) const;

  std::uint32_t size() const { return static_cast<std::uint32_t>(entries_.size()); }
  std::string_view text(std::uint32_t name) const {
    return {entries_[name].text, entries_[name].length};
  }
  // kNoJob: none has it yet.
  JobIndex job(std::uint32_t name) const { return entries_[name].job; }
  void set_job(std::uint32_t name, JobIndex job) { entries_[name].job = job; }

  // All names so far are kept by drop_new().
  void keep() { kept_ = size(); }
  // Forgets those that came after keep(), and that any name is one of a job from `first` on.
  void drop_new(JobIndex first);

 private:
  struct Entry {
    const char* text;
    std::uint32_t length;
    JobIndex job;
  };
  struct Slot {
    std::uint32_t hash;
    std::uint32_t name = kNone;
  };

  static std::uint32_t hash(std::string_view text);
  // Where the text is, or would be.
  std::size_t slot_of(std::string_view text, std::uint32_t hash) const;
  void grow_table();
  void put(std::uint32_t hash, std::uint32_t name);

  std::pmr::monotonic_buffer_resource kept_texts_;
  std::pmr::monotonic_buffer_resource new_texts_;
  std::vector<Entry> entries_;
  std::vector<Slot> table_;  // open addressing; its size is a power of two
  std::uint32_t kept_ = kNone;
};

}  // namespace sched
