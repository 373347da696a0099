#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/process/process.h"
#include "tests/unit/failing_new.h"
#include "tests/unit/support.h"

namespace sched {
namespace {

using test::comes_true;
using test::kPatienceNs;

struct NoSection {
  NoSection() {}
};

int open_descriptors() {
  int count = 0;
  DIR* const folder = ::opendir("/proc/self/fd");
  while (::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  return count;
}

// One system call that fails, the nth time it is made, or every time from then on.
struct Fault {
  static inline std::atomic<int> site{0};
  static inline std::atomic<long> child_call{0};
  static inline std::atomic<int> error{0};
  static inline std::atomic<int> left{0};
  static inline std::atomic<bool> always{false};
  static inline std::atomic<bool> happened{false};
  // Beside it: a call of the child that fails once, and whether somebody reaps all children.
  static inline std::atomic<long> other_child_call{-1};
  static inline std::atomic<bool> stolen{false};

  static void set(int at, int with, int nth, bool for_ever = false, long number = 0) {
    site = at;
    child_call = number;
    error = with;
    always = for_ever;
    happened = false;
    left = nth;
  }
  static bool happens(int at) {
    if (at != site) return false;
    const int now = --left;
    if (now != 0 && !(always && now < 0)) return false;
    happened = true;
    return true;
  }
};

enum Site {
  kNowhere,
  kPipe,
  kFcntl,
  kMmap,
  kClone,
  kInChild,
  kWaitChild,
  kChildStatus,
  kSignalPidfd,
  kKill,
  kRead,
  kReadableBytes,
  kEpollCreate,
  kEventOpen,
  kEventRaise,
  kEventLower,
  kEpollCtl,
  kEpollWait,
  kPoll,
  kThreadCreate,
  kNew,
};

class ProcessFault : public ::testing::Test {
 protected:
  ProcessFault() {
    // Once, and for ever: the reactor's thread may make calls when a test is over.
    static const bool replaced = (replace_calls(), true);
    EXPECT_TRUE(replaced);
    Fault::set(kNowhere, 0, 0);
  }
  static void replace_calls() {
    sys::Calls& calls = sys::calls;
    calls.linger_ns = 0;
    calls.pipe = [](int(&out)[2]) {
      return Fault::happens(kPipe) ? -Fault::error : sys::open_pipe(out);
    };
    calls.fcntl = [](int fd, int what, int with) {
      return Fault::happens(kFcntl) ? -Fault::error : sys::control_file(fd, what, with);
    };
    calls.mmap = [](void* at, std::size_t size, int protection, int flags, int fd, off_t offset) {
      if ((flags & MAP_STACK) == 0 || !Fault::happens(kMmap))
        return ::mmap(at, size, protection, flags, fd, offset);
      errno = Fault::error;
      return MAP_FAILED;
    };
    calls.clone = [](int (*child)(void*), void* stack, void* argument, int* pidfd) {
      return Fault::happens(kClone) ? -Fault::error
                                    : sys::clone_child(child, stack, argument, pidfd);
    };
    calls.in_child = [](long number, long a, long b, long c, long d) -> long {
      if (number == Fault::other_child_call) return Fault::other_child_call = -1, -ENOENT;
      const bool it = number == Fault::child_call && Fault::happens(kInChild);
      return it ? -Fault::error : sys::call_in_child(number, a, b, c, d);
    };
    calls.wait_child = [](int pidfd, siginfo_t* info, int options, struct rusage* usage) {
      if (Fault::happens(kWaitChild)) return -Fault::error;
      if (!Fault::stolen) return sys::wait_for_child(pidfd, info, options, usage);
      const int failed = sys::wait_for_child(pidfd, info, options & ~WNOWAIT, usage);
      return failed == 0 && info->si_pid != 0 ? -ECHILD : failed;
    };
    calls.child_status = [](int pidfd, int* status) {
      return Fault::happens(kChildStatus) ? -Fault::error : sys::status_of_child(pidfd, status);
    };
    calls.signal_pidfd = [](int pidfd, int signal, bool group) {
      return Fault::happens(kSignalPidfd) ? -Fault::error
                                          : sys::signal_by_pidfd(pidfd, signal, group);
    };
    calls.kill = [](pid_t pid, int signal) {
      return Fault::happens(kKill) ? -Fault::error : sys::signal_by_number(pid, signal);
    };
    calls.read = [](int fd, void* buffer, std::size_t size) -> ssize_t {
      return Fault::happens(kRead) ? -Fault::error : sys::read_file(fd, buffer, size);
    };
    calls.readable_bytes = [](int fd) {
      return Fault::happens(kReadableBytes) ? -Fault::error : sys::readable_bytes(fd);
    };
    calls.epoll_create = [] {
      return Fault::happens(kEpollCreate) ? -Fault::error : sys::open_epoll();
    };
    calls.event_open = [] {
      return Fault::happens(kEventOpen) ? -Fault::error : sys::open_event();
    };
    calls.event_raise = [](int fd) {
      return Fault::happens(kEventRaise) ? -Fault::error : sys::raise_event(fd);
    };
    calls.event_lower = [](int fd) {
      return Fault::happens(kEventLower) ? -Fault::error : sys::lower_event(fd);
    };
    calls.epoll_ctl = [](int epoll, int what, int fd, epoll_event* event) {
      // What is removed was there.
      const bool it = what != EPOLL_CTL_DEL && Fault::happens(kEpollCtl);
      return it ? -Fault::error : sys::control_epoll(epoll, what, fd, event);
    };
    calls.epoll_wait = [](int epoll, epoll_event* events, int most, int timeout_ms) {
      return Fault::happens(kEpollWait) ? -Fault::error
                                        : sys::wait_epoll(epoll, events, most, timeout_ms);
    };
    calls.poll = [](struct pollfd* files, unsigned long count, int timeout_ms) {
      return Fault::happens(kPoll) ? -Fault::error : sys::poll_files(files, count, timeout_ms);
    };
    calls.thread_create = [](pthread_t* out, const pthread_attr_t* attributes, void* (*body)(void*),
                             void* argument) {
      return Fault::happens(kThreadCreate) ? Fault::error.load()
                                           : ::pthread_create(out, attributes, body, argument);
    };
  }
  ~ProcessFault() override {
    // The reactor's thread makes calls until it ends.
    EXPECT_TRUE(at_rest());
  }
  bool at_rest() const {
    return comes_true([this] { return open_descriptors() == before_; });
  }

  struct Outcome {
    Status status = LIBSCHED_E_INTERNAL;
    Error error;
    ProcessResult result;
    std::string out;
    std::string err;
  };

  // A process of every kind of option, whose output goes through a queue that holds one message at a time.
  Outcome run(const char* text, std::int64_t linger_ns, bool stop = false) {
    Outcome outcome;
    auto* const queue = new ProcessQueue({1, 0, true}, nullptr);
    auto* const done = new ProcessQueue({1, 0, false}, nullptr);
    const char* const arguments[] = {text, nullptr};
    const char* const set[] = {"FAULT=1", nullptr};
    Command command;
    command.arguments = arguments;
    command.shell = true;
    command.set = set;
    command.directory = "/";
    command.inherited = &inherited_;
    command.inherited_count = 1;
    command.limits[sys::SpawnPlan::kCoreSize] = 0;
    command.output = command.errors = Command::Stream::kQueue;
    command.output_queue = command.error_queue = queue;
    command.done_queue = done;
    command.tag = 5;
    command.linger_ns = linger_ns;
    command.timeout_ns = kPatienceNs;
    Process* process = nullptr;
    try {
      std::optional<test::ScarceMemory> scarce;
      if (memory_ >= 0) scarce.emplace(memory_);
      outcome.status = Process::spawn(process, command, &outcome.error);
    } catch (const std::bad_alloc&) {
      outcome.status = -ENOMEM;
    }
    if (outcome.status == LIBSCHED_OK) {
      if (starve_) starve(*process);
      if (stop) {
        EXPECT_EQ(take(*queue, outcome, kPatienceNs), LIBSCHED_OK);
        EXPECT_EQ(process->stop(0), LIBSCHED_OK);
      }
      finish(*process, *queue, *done, outcome);
      process->abandon();
    }
    queue->drop_receivers();
    done->drop_receivers();
    return outcome;
  }

  // Until some messages could not be made, of a process that stands still before it says anything.
  static void starve(Process& process) {
    siginfo_t info;
    EXPECT_EQ(::waitid(P_PID, static_cast<id_t>(process.pid()), &info, WSTOPPED | WNOWAIT), 0);
    const long before = test::allocations;
    const test::ScarceMemory none(0);
    EXPECT_EQ(process.kill(sys::kContinue), LIBSCHED_OK);
    EXPECT_TRUE(comes_true([before] { return test::allocations > before + 3; }));
  }

  static Status take(ProcessQueue& queue, Outcome& outcome, std::int64_t timeout_ns) {
    char message[256];
    std::size_t size = 0;
    const Status status = queue.pop_bytes(message, sizeof message,
                                          {ProcessQueue::Way::kWait, timeout_ns, nullptr}, size);
    if (status != LIBSCHED_OK) return status;
    OutputHeader header;
    std::memcpy(&header, message, sizeof header);
    EXPECT_EQ(header.tag, 5u);
    std::string& text = header.stream == OutputHeader::kOutput ? outcome.out : outcome.err;
    text.append(message + sizeof header, size - sizeof header).append("\n");
    return status;
  }

  static void finish(Process& process, ProcessQueue& queue, ProcessQueue& done, Outcome& outcome) {
    const sys::Deadline deadline(kPatienceNs);
    Status waited = LIBSCHED_E_TIMEOUT;
    while (waited != LIBSCHED_OK && !deadline.over()) {
      waited = process.wait<NoSection>(outcome.result, 0, nullptr);
      while (take(queue, outcome, waited == LIBSCHED_OK ? 0 : 1'000'000) == LIBSCHED_OK) {
      }
    }
    EXPECT_EQ(waited, LIBSCHED_OK) << "it is not over in time";
    void* tag = nullptr;
    EXPECT_EQ(done.pop(tag, {ProcessQueue::Way::kWait, kPatienceNs, nullptr}), LIBSCHED_OK);
    EXPECT_EQ(tag, reinterpret_cast<void*>(5));
  }

  // Of all processes that were ever started.
  static bool nobody_is_left() {
    return ::waitpid(-1, nullptr, WNOHANG | __WALL) == -1 && errno == ECHILD;
  }

  using Check = std::function<void(const Outcome&, int error)>;
  // Fails that call for the first, second ... time, with each of the errors, until it is not made as often.
  void fail_each(int site, std::initializer_list<int> errors, const Check& check,
                 const char* text = "echo out; echo err >&2; exit 3", bool stop = false,
                 long number = 0) {
    for (const int error : errors) {
      int times = 0;
      for (bool happened = true; happened; ++times) {
        SCOPED_TRACE(testing::Message() << "call " << times + 1 << ": " << std::strerror(error));
        ASSERT_LT(times, 400);
        Fault::set(site, error, times + 1, false, number);
        const Outcome outcome = run(text, kPatienceNs, stop);
        happened = Fault::happened;
        Fault::set(kNowhere, 0, 0);
        if (happened) check(outcome, error);
        if (!happened) expect_well(outcome);
        EXPECT_TRUE(nobody_is_left());
        EXPECT_TRUE(at_rest());  // so that each process has a reactor of its own
        if (testing::Test::HasFailure()) return;
      }
      EXPECT_GE(times, 2) << "the call is never made";
    }
  }

  static void expect_well(const Outcome& outcome) {
    EXPECT_EQ(outcome.status, LIBSCHED_OK) << outcome.error.message;
    if (outcome.result.stopped) return;
    EXPECT_EQ(outcome.result.state, ProcessResult::State::kExited);
    EXPECT_EQ(outcome.result.code, 3);
    EXPECT_EQ(outcome.out, "out\n");
    EXPECT_EQ(outcome.err, "err\n");
  }
  static void expect_refused(const Outcome& outcome, int error, const char* stage) {
    EXPECT_EQ(outcome.status, -error);
    EXPECT_EQ(outcome.error.status, -error);
    EXPECT_EQ(outcome.error.os_errno, error);
    EXPECT_EQ(outcome.error.message.find(stage), 0u) << outcome.error.message;
    EXPECT_NE(outcome.error.message.find(std::strerror(error)), std::string::npos)
        << outcome.error.message;
  }
  static Check refused(const char* stage) {
    return [stage](const Outcome& outcome, int error) { expect_refused(outcome, error, stage); };
  }
  static void well(const Outcome& outcome, int) { expect_well(outcome); }
  // Either: a call may be made before the start and after it.
  static void any(const Outcome& outcome, int error) {
    if (outcome.status == LIBSCHED_OK) return expect_well(outcome);
    EXPECT_EQ(outcome.status, -error);
    EXPECT_FALSE(outcome.error.message.empty());
  }

  void fail_in_child(long number, std::initializer_list<int> errors, const char* stage) {
    fail_each(kInChild, errors, refused(stage), "echo out; echo err >&2; exit 3", false, number);
  }

  long memory_ = -1;  // allocations that a start may make
  bool starve_ = false;

 private:
  const sys::File kept_{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  const int inherited_ = kept_.fd();
  const int before_ = open_descriptors();
  bool begins_anew_ = false;  // each process has a reactor of its own
};

TEST_F(ProcessFault, Nothing) { expect_well(run("echo out; echo err >&2; exit 3", kPatienceNs)); }

TEST_F(ProcessFault, Pipes) { fail_each(kPipe, {EMFILE, ENFILE, ENOMEM}, refused("std")); }

TEST_F(ProcessFault, Descriptors) {
  fail_each(kFcntl, {EBADF, EINVAL}, [](const Outcome& outcome, int error) {
    const bool named = outcome.error.message.find("inherit[0]") == 0;  // is looked at first
    expect_refused(outcome, named ? EBADF : error, named ? "inherit[0]" : "std");
  });
}

TEST_F(ProcessFault, Memory) { fail_each(kMmap, {ENOMEM}, refused("start:")); }

TEST_F(ProcessFault, Children) { fail_each(kClone, {EAGAIN, ENOMEM, EPERM}, refused("start:")); }

TEST_F(ProcessFault, EveryStepOfTheChild) {
  fail_in_child(SYS_setpgid, {EPERM, EACCES}, "group:");
  fail_in_child(SYS_dup3, {EBADF, EMFILE}, "std");
  fail_in_child(SYS_fcntl, {EBADF}, "descriptors:");
  fail_in_child(SYS_openat, {ENOENT, EACCES, EMFILE, ENFILE}, "stdin:");
  fail_in_child(SYS_chdir, {ENOENT, EACCES, ENOTDIR, EIO}, "chdir: /:");
  fail_in_child(SYS_prlimit64, {EPERM, EINVAL}, "limits: core bytes 0:");
  fail_in_child(SYS_rt_sigaction, {EINVAL}, "signals:");
  fail_in_child(SYS_rt_sigprocmask, {EINVAL}, "signals:");
  fail_in_child(SYS_execve, {ENOENT, EACCES, ENOEXEC, ENOMEM, E2BIG, ETXTBSY, EIO},
                "exec: /bin/sh:");
}

// A kernel without close_range, and one that forbids it.
TEST_F(ProcessFault, ClosingInOtherWays) {
  const sys::File open(::open("/dev/null", O_RDONLY));  // not closed on exec
  ASSERT_TRUE(open.is_open());
  const char* const list = "cd /proc/self/fd; echo *; exit 3";
  Fault::set(kNowhere, 0, 0);
  const Outcome wanted = run(list, kPatienceNs);
  ASSERT_EQ(wanted.status, LIBSCHED_OK);
  for (const int error : {ENOSYS, EPERM}) {
    Fault::set(kInChild, error, 1, true, SYS_close_range);
    EXPECT_EQ(run(list, kPatienceNs).out, wanted.out);
    EXPECT_TRUE(Fault::happened);
  }
  // And without /proc.
  for (const long number : {SYS_openat, SYS_getdents64}) {
    Fault::set(kInChild, ENOSYS, 1, true, SYS_close_range);
    Fault::other_child_call = number;
    EXPECT_EQ(run(list, kPatienceNs).out, wanted.out);
    EXPECT_EQ(Fault::other_child_call, -1) << "it was made";
  }
}

TEST_F(ProcessFault, Ends) {
  fail_each(kWaitChild, {EINTR}, well);
  using State = ProcessResult::State;
  // As if the kernel, or somebody, had reaped it: then it is asked in another way.
  Fault::set(kWaitChild, ECHILD, 1);
  Outcome outcome = run("echo out; echo err >&2; exit 3", kPatienceNs);
  EXPECT_TRUE(Fault::happened);
  expect_well(outcome);  // it was there still
  EXPECT_TRUE(nobody_is_left());
  // With nothing to ask.
  for (const int error : {ENOTTY, ENODATA, ESRCH, EINVAL}) {
    Fault::stolen = true;
    Fault::set(kChildStatus, error, 1, true);
    outcome = run("exit 0", kPatienceNs);
    EXPECT_EQ(outcome.status, LIBSCHED_OK);
    EXPECT_EQ(outcome.result.state, State::kUnknown) << "and no success";
    EXPECT_TRUE(nobody_is_left());
  }
  // With something to ask, where the kernel has it.
  Fault::set(kNowhere, 0, 0);
  outcome = run("exit 3", kPatienceNs);
  if (outcome.result.state != State::kUnknown) {
    EXPECT_EQ(outcome.result.code, 3);
  }
}

TEST_F(ProcessFault, Signals) {
  const char* const text = "echo out; exec sleep 1000";
  const Check killed = [](const Outcome& outcome, int) {
    EXPECT_EQ(outcome.status, LIBSCHED_OK);
    EXPECT_EQ(outcome.result.signal, SIGTERM);
  };
  // Before Linux 6.9, or where it is forbidden: by number.
  for (const int error : {EINVAL, ENOSYS}) {
    Fault::set(kSignalPidfd, error, 1, true);
    const Outcome outcome = run(text, kPatienceNs, true);
    EXPECT_TRUE(Fault::happened);
    EXPECT_NE(outcome.result.signal, 0);
  }
  fail_each(
      kSignalPidfd, {EPERM, ESRCH},
      [](const Outcome& outcome, int) {
        EXPECT_NE(outcome.result.signal, 0);  // of TERM and KILL one is left
      },
      text, true);
}

TEST_F(ProcessFault, Reading) {
  fail_each(kRead, {EINTR, EAGAIN}, well);
  // What is left over is read when nobody tells how much it is, too.
  Fault::set(kReadableBytes, ENOTTY, 1);
  const Outcome outcome = run("sleep 1000 & echo $!; exit 3", 1);
  EXPECT_TRUE(Fault::happened);
  EXPECT_TRUE(outcome.result.held);
  const int sleeper = std::atoi(outcome.out.c_str());
  ASSERT_GT(sleeper, 1);
  EXPECT_EQ(::kill(sleeper, SIGKILL), 0);
}

TEST_F(ProcessFault, Reactor) {
  fail_each(kEpollCreate, {EMFILE, ENFILE, ENOMEM}, refused("start:"));
  fail_each(kEventOpen, {EMFILE, ENFILE, ENOMEM}, refused("start:"));
  fail_each(kThreadCreate, {EAGAIN}, refused("start:"));
  fail_each(kEpollCtl, {ENOMEM, ENOSPC}, any);
  fail_each(kEpollWait, {EINTR}, well);
  fail_each(kEventLower, {EAGAIN}, well);
}

// Of a thread that waits: if it cannot, the reactor goes on.
TEST_F(ProcessFault, Watching) {
  for (const int error : {EINTR, ENOMEM}) {
    const char* const arguments[] = {"exit 3", nullptr};
    Command command;
    command.arguments = arguments;
    command.shell = true;
    Process* process = nullptr;
    ASSERT_EQ(Process::spawn(process, command, nullptr), LIBSCHED_OK);
    Fault::set(kPoll, error, 1);
    ProcessResult result;
    EXPECT_EQ(process->wait<NoSection>(result, kPatienceNs, nullptr), LIBSCHED_OK);
    EXPECT_EQ(result.code, 3);
    process->abandon();
    EXPECT_TRUE(nobody_is_left());
  }
}

TEST_F(ProcessFault, StartsWithoutMemory) {
  Status status = -ENOMEM;
  for (memory_ = 0; status == -ENOMEM; ++memory_) {
    ASSERT_LT(memory_, 400);
    const Outcome outcome = run("echo out; echo err >&2; exit 3", kPatienceNs);
    status = outcome.status;
    if (status != -ENOMEM) expect_well(outcome);
    EXPECT_TRUE(nobody_is_left());
    if (HasFailure()) return;
  }
  EXPECT_GT(memory_, 5);
}

TEST_F(ProcessFault, MessagesWithoutMemory) {
  starve_ = true;
  expect_well(run("kill -STOP $$; echo out; echo err >&2; exit 3", kPatienceNs));
}

}  // namespace
}  // namespace sched
