#include "core/sys/pages.h"

#include <cstring>
#include <new>

#include "core/base/cache_line.h"
#include "core/sys/calls.h"

namespace sched::sys {

void* allocate(std::size_t bytes) {
  if (bytes < kPagesFrom) {
    void* memory = ::operator new (bytes, std::align_val_t{kCacheLine}, std::nothrow);
    return memory != nullptr ? std::memset(memory, 0, bytes) : nullptr;
  }
  void* memory = calls.mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory != MAP_FAILED ? memory : nullptr;
}

void release(void* memory, std::size_t bytes) {
  if (bytes < kPagesFrom) {
    ::operator delete (memory, std::align_val_t{kCacheLine});
  } else {
    calls.munmap(memory, bytes);
  }
}

// The kernel refuses ranges that do not begin at a page, and then nothing is lost but the memory.
void discard(void* memory, std::size_t bytes) { calls.madvise(memory, bytes, MADV_DONTNEED); }

}  // namespace sched::sys
