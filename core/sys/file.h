#pragma once

#include <fcntl.h>
#include <unistd.h>

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

// Of anybody.
inline bool is_open(int fd) { return calls.fcntl(fd, F_GETFD, 0) >= 0; }

// Reads of it do not wait.
inline int stop_waiting(const File& file) {
  const int flags = calls.fcntl(file.fd(), F_GETFL, 0);
  if (flags < 0) return flags;
  const int failed = calls.fcntl(file.fd(), F_SETFL, flags | O_NONBLOCK);
  return failed < 0 ? failed : 0;
}

}  // namespace sched::sys
