#pragma once

#include <cstdint>

namespace sched {

// Ask for the line of the cache that the address is in; nothing need be there. In assembler, for gcc drops the call of a function
// that does nothing but __builtin_prefetch, and writes prefetchw only for CPUs that are known to have it: others take it for a nop.
#if defined(__x86_64__)
inline void prefetch(const void* address) { asm volatile("prefetcht0 (%0)" ::"r"(address)); }
// That many bytes behind it; not into the first cache, where it would take the place of what is needed sooner.
inline void prefetch_behind(const void* address, std::uintptr_t bytes) {
  asm volatile("prefetcht1 (%0)" ::"r"(reinterpret_cast<std::uintptr_t>(address) + bytes));
}
// For this CPU alone.
inline void prefetch_to_write(const void* address) {
  asm volatile("prefetchw (%0)" ::"r"(address));
}
#else
inline void prefetch(const void* address) { __builtin_prefetch(address); }
inline void prefetch_behind(const void* address, std::uintptr_t bytes) {
  __builtin_prefetch(
      reinterpret_cast<const void*>(reinterpret_cast<std::uintptr_t>(address) + bytes), 0, 2);
}
inline void prefetch_to_write(const void* address) { __builtin_prefetch(address, 1); }
#endif

}  // namespace sched
