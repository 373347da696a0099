#pragma once

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>

#include "core/sys/system_call.h"

namespace sched::sys {

int futex_wait(const std::uint32_t* word, std::uint32_t expected, const timespec* timeout);
int futex_wake(const std::uint32_t* word, int count);
const char* own_stack_end();
int open_file(const char* path);
int close_file(int fd);
inline ssize_t read_file(int fd, void* buffer, std::size_t size) {
  return system_call(SYS_read, fd, reinterpret_cast<long>(buffer), static_cast<long>(size));
}
int open_event();
int raise_event(int fd);
int lower_event(int fd);
int open_at(const char* path, int flags);
int create_file(const char* path);
inline ssize_t write_file(int fd, const void* buffer, std::size_t size) {
  return system_call(SYS_write, fd, reinterpret_cast<long>(buffer), static_cast<long>(size));
}
ssize_t write_quietly(int fd, const void* buffer, std::size_t size);
int control_file(int fd, int operation, int argument);
int stat_file(int fd, struct stat* out);
int open_pipe(int (&out)[2]);
ssize_t splice_file(int from, int to, std::size_t size);
int readable_bytes(int fd);
int poll_files(struct pollfd* files, unsigned long count, int timeout_ms);
int make_directory(char* name);
int make_fifo(const char* path);
int unlink_file(const char* path);
int remove_directory(const char* path);
int open_epoll();
int control_epoll(int epoll, int operation, int fd, epoll_event* event);
int wait_epoll(int epoll, epoll_event* events, int most, int timeout_ms);
int clone_child(int (*child)(void*), void* stack_end, void* argument, int* pidfd);
int group_of(int pid);
long call_in_child(long number, long a, long b, long c, long d);
void set_signal_mask(const std::uint64_t* mask, std::uint64_t* before);
int wait_for_child(int pidfd, siginfo_t* info, int options, struct rusage* usage);
int status_of_child(int pidfd, int* status);
int signal_by_pidfd(int pidfd, int signal, bool group);
int signal_by_number(pid_t pid, int signal);

// Every call into the system that the engine makes. Those that return int give 0 or more, or a negated errno, except
// where the type says otherwise.
struct Calls {
  int (*futex_wait)(const std::uint32_t*, std::uint32_t, const timespec*) = sys::futex_wait;
  int (*futex_wake)(const std::uint32_t*, int) = sys::futex_wake;
  int (*clock_gettime)(clockid_t, timespec*) = ::clock_gettime;
  void* (*mmap)(void*, std::size_t, int, int, int, off_t) = ::mmap;
  int (*munmap)(void*, std::size_t) = ::munmap;
  int (*madvise)(void*, std::size_t, int) = ::madvise;
  long (*page_size)(int) = ::sysconf;  // of _SC_PAGESIZE
  int (*getaffinity)(pid_t, std::size_t, cpu_set_t*) = ::sched_getaffinity;
  int (*open)(const char*) = sys::open_file;
  int (*close)(int) = sys::close_file;
  ssize_t (*read)(int, void*, std::size_t) = sys::read_file;
  int (*event_open)() = sys::open_event;  // an eventfd
  int (*event_raise)(int) = sys::raise_event;
  int (*event_lower)(int) = sys::lower_event;
  int (*open_at)(const char*, int) = sys::open_at;
  int (*create_file)(const char*) = sys::create_file;  // or makes it empty
  ssize_t (*write)(int, const void*, std::size_t) = sys::write_file;
  // Whether or not the reader is gone, no signal comes of it.
  ssize_t (*write_quietly)(int, const void*, std::size_t) = sys::write_quietly;
  int (*fcntl)(int, int, int) = sys::control_file;
  int (*fstat)(int, struct stat*) = sys::stat_file;
  int (*pipe)(int (&)[2]) = sys::open_pipe;                     // both closed on exec
  ssize_t (*splice)(int, int, std::size_t) = sys::splice_file;  // never waits
  int (*readable_bytes)(int) = sys::readable_bytes;
  int (*make_directory)(char*) = sys::make_directory;  // private; completes its template
  int (*mkfifo)(const char*) = sys::make_fifo;         // private
  int (*unlink)(const char*) = sys::unlink_file;
  int (*rmdir)(const char*) = sys::remove_directory;
  int (*poll)(struct pollfd*, unsigned long, int) = sys::poll_files;
  int (*epoll_create)() = sys::open_epoll;
  int (*epoll_ctl)(int, int, int, epoll_event*) = sys::control_epoll;
  int (*epoll_wait)(int, epoll_event*, int, int) = sys::wait_epoll;
  // A child that has this process' memory, while the calling thread waits until it is another program or gone. No signal is sent
  // if it ends before.
  int (*clone)(int (*)(void*), void*, void*, int*) = sys::clone_child;
  long (*in_child)(long, long, long, long, long) = sys::call_in_child;  // what such a child does
  void (*signal_mask)(const std::uint64_t*, std::uint64_t*) = sys::set_signal_mask;
  int (*wait_child)(int, siginfo_t*, int, struct rusage*) = sys::wait_for_child;
  int (*child_status)(int, int*) = sys::status_of_child;  // of one that was reaped
  int (*signal_pidfd)(int, int, bool) = sys::signal_by_pidfd;
  int (*kill)(pid_t, int) = sys::signal_by_number;
  int (*group_of)(int) = sys::group_of;
  int (*yield)() = ::sched_yield;
  int (*thread_create)(pthread_t*, const pthread_attr_t*, void* (*)(void*),
                       void*) = ::pthread_create;
  int (*thread_join)(pthread_t, void**) = ::pthread_join;
  int (*thread_detach)(pthread_t) = ::pthread_detach;
  const char* (*stack_end)() = sys::own_stack_end;  // of the calling thread
  // How long a thread stays that may be needed again: who runs short processes one after the other would begin one with each.
  std::int64_t linger_ns = 100'000'000;
};

#ifdef SCHED_REPLACEABLE_SYS
extern Calls calls;  // tests put their own functions here
#else
inline constexpr Calls calls{};  // the compiler calls through it directly
#endif

}  // namespace sched::sys
