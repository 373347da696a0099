#include "core/sys/calls.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

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

int open_at(const char* path, int flags) {
  const int fd = ::open(path, flags | O_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

ssize_t write_quietly(int fd, const void* buffer, std::size_t size) {
  sigset_t pipe_only;
  sigset_t before;
  sigemptyset(&pipe_only);
  sigaddset(&pipe_only, SIGPIPE);
  // One that was pending before is the host's and stays.
  sigset_t pending;
  sigpending(&pending);
  const bool was_pending = sigismember(&pending, SIGPIPE) == 1;
  pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
  const ssize_t count = ::write(fd, buffer, size);
  const int error = errno;
  if (count < 0 && error == EPIPE && !was_pending) {
    const timespec at_once{};
    while (sigtimedwait(&pipe_only, nullptr, &at_once) < 0 && errno == EINTR) {
    }
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return count < 0 ? -error : count;
}

int control_file(int fd, int operation, int argument) {
  const int result = ::fcntl(fd, operation, argument);
  return result < 0 ? -errno : result;
}

int stat_file(int fd, struct stat* out) { return ::fstat(fd, out) < 0 ? -errno : 0; }

int open_pipe(int (&out)[2]) { return ::pipe2(out, O_CLOEXEC) < 0 ? -errno : 0; }

ssize_t splice_byte(int from, int to) {
  const ssize_t count = ::splice(from, nullptr, to, nullptr, 1, SPLICE_F_NONBLOCK);
  return count < 0 ? -errno : count;
}

int readable_bytes(int fd) {
  int count = 0;
  return ::ioctl(fd, FIONREAD, &count) < 0 ? -errno : count;
}

int poll_files(pollfd* files, unsigned long count, int timeout_ms) {
  const int ready = ::poll(files, count, timeout_ms);
  return ready < 0 ? -errno : ready;
}

int make_directory(char* name) { return ::mkdtemp(name) == nullptr ? -errno : 0; }

int make_fifo(const char* path) { return ::mkfifo(path, 0600) < 0 ? -errno : 0; }

int unlink_file(const char* path) { return ::unlink(path) < 0 ? -errno : 0; }

int remove_directory(const char* path) { return ::rmdir(path) < 0 ? -errno : 0; }

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
