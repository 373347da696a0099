// Watches mmap and madvise through the table of system calls.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <vector>

#include "tests/unit/support.h"

namespace sched::test {

struct MemoryCalls {
  long maps = 0;
  long discards = 0;
  bool fail = false;
  std::map<char*, std::size_t> ranges;  // what is mapped

  std::size_t resident_bytes() const {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    std::size_t count = 0;
    for (const auto& [memory, bytes] : ranges) {
      std::vector<unsigned char> states((bytes + page - 1) / page);
      if (mincore(memory, bytes, states.data()) != 0) continue;
      for (const unsigned char state : states) count += state & 1u;
    }
    return count * page;
  }
};
inline MemoryCalls memory_calls;

// For tests with one thread.
class WatchMemory {
 public:
  WatchMemory() {
    memory_calls = MemoryCalls{};
    sys::calls.mmap = [](void* at, std::size_t bytes, int protection, int flags, int fd,
                         off_t offset) {
      if (memory_calls.fail) return errno = ENOMEM, MAP_FAILED;
      void* memory = ::mmap(at, bytes, protection, flags, fd, offset);
      ++memory_calls.maps;
      memory_calls.ranges[static_cast<char*>(memory)] = bytes;
      return memory;
    };
    sys::calls.munmap = [](void* memory, std::size_t bytes) {
      memory_calls.ranges.erase(static_cast<char*>(memory));
      return ::munmap(memory, bytes);
    };
    sys::calls.madvise = [](void* memory, std::size_t bytes, int advice) {
      if (advice == MADV_DONTNEED) ++memory_calls.discards;
      return ::madvise(memory, bytes, advice);
    };
  }
  WatchMemory(const WatchMemory&) = delete;
  WatchMemory& operator=(const WatchMemory&) = delete;

 private:
  RealCalls restore_;
};

}  // namespace sched::test
