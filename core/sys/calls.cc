#include "core/sys/calls.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace sched::sys {

#ifdef SCHED_REPLACEABLE_SYS
Calls calls;
#endif

int futex_wait(const std::uint32_t* word, std::uint32_t expected, const timespec* timeout) {
  const long result = ::syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, timeout, nullptr, 0);
  return result < 0 ? -errno : 0;
}

int futex_wake(const std::uint32_t* word, int count) {
  const long result = ::syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, nullptr, nullptr, 0);
  return result < 0 ? -errno : static_cast<int>(result);
}

int open_file(const char* path) {
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

int close_file(int fd) { return ::close(fd) < 0 ? -errno : 0; }

ssize_t read_file(int fd, void* buffer, std::size_t size) {
  const ssize_t count = ::read(fd, buffer, size);
  return count < 0 ? -errno : count;
}

int open_event() {
  const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return fd < 0 ? -errno : fd;
}

int raise_event(int fd) {
  const std::uint64_t one = 1;
  return ::write(fd, &one, sizeof one) < 0 ? -errno : 0;
}

int lower_event(int fd) {
  std::uint64_t count = 0;
  return ::read(fd, &count, sizeof count) < 0 ? -errno : 0;
}

int open_epoll() {
  const int fd = ::epoll_create1(EPOLL_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

int control_epoll(int epoll, int operation, int fd, epoll_event* event) {
  return ::epoll_ctl(epoll, operation, fd, event) < 0 ? -errno : 0;
}

int wait_epoll(int epoll, epoll_event* events, int most, int timeout_ms) {
  const int count = ::epoll_wait(epoll, events, most, timeout_ms);
  return count < 0 ? -errno : count;
}

const char* own_stack_end() {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return nullptr;
  void* lowest = nullptr;
  std::size_t size = 0;
  pthread_attr_getstack(&attributes, &lowest, &size);
  pthread_attr_destroy(&attributes);
  return static_cast<const char*>(lowest);
}

}  // namespace sched::sys
