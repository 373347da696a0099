#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>

namespace model {

// An array of zeros that takes memory only where it is written to.
template <class T>
class Table {
 public:
  explicit Table(std::size_t size) : bytes_(size * sizeof(T)) {
    void* memory = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) std::abort();
    data_ = static_cast<T*>(memory);
  }
  ~Table() { munmap(data_, bytes_); }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  T* data() const { return data_; }
  T& operator[](std::size_t index) const { return data_[index]; }

 private:
  const std::size_t bytes_;
  T* data_;
};

}  // namespace model
