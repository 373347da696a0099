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

// Sees to it that the file is none of the three standard ones, which a process may have closed. LIBSCHED_OK or a negated errno.
inline int move_above_standard(File& file) {
  if (file.fd() > STDERR_FILENO) return 0;
  const int moved = calls.fcntl(file.fd(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (moved < 0) return moved;
  file.reset(moved);
  return 0;
}

// Reads of it do not wait.
inline int stop_waiting(const File& file) {
  const int flags = calls.fcntl(file.fd(), F_GETFL, 0);
  if (flags < 0) return flags;
  const int failed = calls.fcntl(file.fd(), F_SETFL, flags | O_NONBLOCK);
  return failed < 0 ? failed : 0;
}

}  // namespace sched::sys
