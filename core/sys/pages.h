#pragma once

#include <cstddef>

namespace sched::sys {

// Zeroed memory, aligned to at least a cache line; nullptr when there is none. From kPagesFrom bytes on it is made of
// whole pages that cost nothing until they are touched.
inline constexpr std::size_t kPagesFrom = 64 * 1024;
void* allocate(std::size_t bytes);
void release(void* memory, std::size_t bytes);

// Gives back the whole pages within a range: they stay readable and writable, and hold zeros afterwards.
void discard(void* memory, std::size_t bytes);

// An array of T in such memory. T must be valid when all its bytes are zero, and need no destructor.
template <class T>
class Slab {
 public:
  Slab() = default;
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;
  ~Slab() { reset(); }

  bool allocate(std::size_t count) {
    data_ = static_cast<T*>(sys::allocate(count * sizeof(T)));
    count_ = data_ != nullptr ? count : 0;
    return data_ != nullptr;
  }
  void reset() {
    if (data_ != nullptr) sys::release(data_, count_ * sizeof(T));
    data_ = nullptr;
    count_ = 0;
  }
  T* data() const { return data_; }
  std::size_t size() const { return count_; }

  // Only memory that came as whole pages can give some of them back.
  void discard(std::size_t first, std::size_t count) {
    if (count_ * sizeof(T) >= kPagesFrom) sys::discard(data_ + first, count * sizeof(T));
  }

 private:
  T* data_ = nullptr;
  std::size_t count_ = 0;
};

}  // namespace sched::sys
