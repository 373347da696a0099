// Replaces operator new of the whole program, so only one source file of a test may include this.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace sched::test {

// Allocations so far, and how many more succeed (negative: all do).
inline std::atomic<long> allocations{0};
inline std::atomic<long> allocations_left{-1};

inline void* allocate_or_fail(std::size_t size, std::size_t alignment) {
  allocations.fetch_add(1);
  if (allocations_left.load() == 0) return nullptr;
  if (allocations_left.load() > 0) allocations_left.fetch_sub(1);
  return std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

// Lets `left` more allocations succeed, for as long as it lives.
class ScarceMemory {
 public:
  explicit ScarceMemory(long left) { allocations_left.store(left); }
  ~ScarceMemory() { allocations_left.store(-1); }
  ScarceMemory(const ScarceMemory&) = delete;
  ScarceMemory& operator=(const ScarceMemory&) = delete;
};

}  // namespace sched::test

// Not inlined: the compiler would see free() take what operator new gave.
[[gnu::noinline]] void* operator new(std::size_t size) {
  void* memory = sched::test::allocate_or_fail(size, alignof(std::max_align_t));
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  void* memory = sched::test::allocate_or_fail(size, static_cast<std::size_t>(alignment));
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return sched::test::allocate_or_fail(size, alignof(std::max_align_t));
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment,
                                     const std::nothrow_t&) noexcept {
  return sched::test::allocate_or_fail(size, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
