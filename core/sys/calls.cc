#include "core/sys/calls.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "core/sys/uncancelled.h"
#include "core/sys/uninstrumented.h"

// The C library's clone by the name that ThreadSanitizer does not replace: its own takes the child for a forked one.
extern "C" int __clone(int (*child)(void*), void* stack_end, int flags, void* argument, ...);

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

// Descriptors of ours are none of the three standard ones, which a process may have closed: what it prints would go there.
static int above_standard(int fd) {
  if (fd < 0) return -errno;
  if (fd > STDERR_FILENO) return fd;
  const int moved = ::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  const int error = errno;
  ::close(fd);
  return moved < 0 ? -error : moved;
}

int open_file(const char* path) { return above_standard(::open(path, O_RDONLY | O_CLOEXEC)); }

int close_file(int fd) {
  const Uncancelled uncancelled;
  return ::close(fd) < 0 ? -errno : 0;
}

int open_event() { return above_standard(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

int raise_event(int fd) {
  const Uncancelled uncancelled;
  const std::uint64_t one = 1;
  return ::write(fd, &one, sizeof one) < 0 ? -errno : 0;
}

int lower_event(int fd) {
  const Uncancelled uncancelled;
  std::uint64_t count = 0;
  return ::read(fd, &count, sizeof count) < 0 ? -errno : 0;
}

int open_at(const char* path, int flags) {
  return above_standard(::open(path, flags | O_CLOEXEC | O_NOCTTY));
}

int create_file(const char* path) {
  return above_standard(::open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
}

ssize_t write_quietly(int fd, const void* buffer, std::size_t size) {
  const Uncancelled uncancelled;
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

int open_pipe(int (&out)[2]) {
  if (::pipe2(out, O_CLOEXEC) < 0) return -errno;
  out[0] = above_standard(out[0]);
  out[1] = above_standard(out[1]);
  const int failed = std::min({out[0], out[1], 0});
  if (failed == 0) return 0;
  for (const int fd : out) {
    if (fd >= 0) ::close(fd);
  }
  return failed;
}

ssize_t splice_file(int from, int to, std::size_t size) {
  const Uncancelled uncancelled;
  const ssize_t count = ::splice(from, nullptr, to, nullptr, size, SPLICE_F_NONBLOCK);
  return count < 0 ? -errno : count;
}

int readable_bytes(int fd) {
  int count = 0;
  return ::ioctl(fd, FIONREAD, &count) < 0 ? -errno : count;
}

int poll_files(pollfd* files, unsigned long count, int timeout_ms) {
  const Uncancelled uncancelled;
  const int ready = ::poll(files, count, timeout_ms);
  return ready < 0 ? -errno : ready;
}

int make_directory(char* name) { return ::mkdtemp(name) == nullptr ? -errno : 0; }

int make_fifo(const char* path) { return ::mkfifo(path, 0600) < 0 ? -errno : 0; }

int unlink_file(const char* path) { return ::unlink(path) < 0 ? -errno : 0; }

int remove_directory(const char* path) { return ::rmdir(path) < 0 ? -errno : 0; }

int open_epoll() { return above_standard(::epoll_create1(EPOLL_CLOEXEC)); }

int control_epoll(int epoll, int operation, int fd, epoll_event* event) {
  return ::epoll_ctl(epoll, operation, fd, event) < 0 ? -errno : 0;
}

int wait_epoll(int epoll, epoll_event* events, int most, int timeout_ms) {
  const int count = ::epoll_wait(epoll, events, most, timeout_ms);
  return count < 0 ? -errno : count;
}

int clone_child(int (*child)(void*), void* stack_end, void* argument, int* pidfd) {
  const int pid = __clone(child, stack_end, CLONE_VM | CLONE_VFORK | CLONE_PIDFD, argument, pidfd);
  if (pid < 0) return -errno;
  if (*pidfd > STDERR_FILENO) return pid;
  const int moved = ::fcntl(*pidfd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (moved < 0) return pid;  // it must be good enough where it is
  ::close(*pidfd);
  *pidfd = moved;
  return pid;
}

int group_of(int pid) {
  const int group = ::getpgid(pid);
  return group < 0 ? -errno : group;
}

SCHED_UNINSTRUMENTED long call_in_child(long number, long a, long b, long c, long d) {
  const long result = ::syscall(number, a, b, c, d);
  return result < 0 ? -errno : result;
}

void set_signal_mask(const std::uint64_t* mask, std::uint64_t* before) {
  ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, mask, before, sizeof *mask);
}

int wait_for_child(int pidfd, siginfo_t* info, int options, struct rusage* usage) {
  return ::syscall(SYS_waitid, P_PIDFD, pidfd, info, options, usage) < 0 ? -errno : 0;
}

namespace {

// What the kernel's <linux/pidfd.h> defines from 6.13 on, and fills like this from 6.15 on.
struct PidfdInfo {
  std::uint64_t mask;
  std::uint64_t cgroup;
  std::uint32_t pid, group, parent;
  std::uint32_t users_and_groups[8];
  std::int32_t status;
};
constexpr std::uint64_t kPidfdExit = 8;
constexpr unsigned long kPidfdGetInfo = _IOWR(0xFF, 11, PidfdInfo);
constexpr unsigned kPidfdSignalGroup = 4;

}  // namespace

int status_of_child(int pidfd, int* status) {
  PidfdInfo info{};
  info.mask = kPidfdExit;
  if (::ioctl(pidfd, kPidfdGetInfo, &info) < 0) return -errno;
  if ((info.mask & kPidfdExit) == 0) return -ENODATA;
  *status = info.status;
  return 0;
}

int signal_by_pidfd(int pidfd, int signal, bool group) {
  const unsigned flags = group ? kPidfdSignalGroup : 0;
  return ::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, flags) < 0 ? -errno : 0;
}

int signal_by_number(pid_t pid, int signal) { return ::kill(pid, signal) < 0 ? -errno : 0; }

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
