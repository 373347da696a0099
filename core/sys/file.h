#pragma once

#include "core/sys/calls.h"

namespace sched::sys {

// A file descriptor of our own; closed when this dies.
class File {
 public:
  File() = default;
  explicit File(int fd) : fd_(fd) {}
  ~File() { reset(); }
  File(File&& other) noexcept : fd_(other.release()) {}
  File& operator=(File&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }

  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  int release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }
  void reset(int fd = -1) {
    if (is_open()) calls.close(fd_);
    fd_ = fd;
  }

 private:
  int fd_ = -1;
};

}  // namespace sched::sys
