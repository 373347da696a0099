#include "core/sys/pages.h"

#include <unistd.h>

#include <cstdint>
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
  if (memory == MAP_FAILED) return nullptr;
  return memory;
}

void release(void* memory, std::size_t bytes) {
  if (bytes < kPagesFrom) {
    ::operator delete (memory, std::align_val_t{kCacheLine});
  } else {
    calls.munmap(memory, bytes);
  }
}

void discard(void* memory, std::size_t bytes) {
  const auto page = static_cast<std::uintptr_t>(calls.page_size(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(memory);
  const std::uintptr_t first = (begin + page - 1) / page * page;
  const std::uintptr_t last = (begin + bytes) / page * page;
  // The kernel would round the end up, over what follows.
  if (first < last) calls.madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
}

}  // namespace sched::sys
