// Every system call that a jobserver makes fails once, with each error that it may have, at each place of its life: nobody
// hangs, no descriptor stays open, no token is lost that could be kept, and who called is told.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <ostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/jobserver/broker.h"
#include "core/jobserver/jobserver.h"
#include "tests/unit/support.h"

namespace sched {
namespace {

using Style = ServedPool::Style;

// Which call fails, and how.
struct Fault {
  std::atomic<const char*> call{nullptr};
  std::atomic<int> error{0};
  std::atomic<int> left{0};  // calls that go well before it
  std::atomic<bool> fired{false};
};
Fault fault;
std::atomic<bool> no_proc{false};  // descriptors cannot be opened once more

// 0, or the error that this call is to have.
int fails(const char* call) {
  const char* wanted = fault.call;
  if (wanted == nullptr || std::strcmp(wanted, call) != 0) return 0;
  if (fault.left.fetch_sub(1) != 0) return 0;
  fault.fired = true;
  return fault.error;
}

// Puts functions into the table that may fail.
class FaultyCalls {
 public:
  FaultyCalls() {
    sys::Calls& calls = sys::calls;
    calls.linger_ns = 0;
    calls.open_at = [](const char* path, int flags) {
      if (no_proc && std::strncmp(path, "/proc/self/fd/", 14) == 0) return -ENOENT;
      const int error = fails("open_at");
      return error != 0 ? -error : sys::open_at(path, flags);
    };
    calls.read = [](int fd, void* buffer, std::size_t size) -> ssize_t {
      const int error = fails("read");
      return error != 0 ? -error : sys::read_file(fd, buffer, size);
    };
    calls.write = [](int fd, const void* buffer, std::size_t size) -> ssize_t {
      const int error = fails("write");
      return error != 0 ? -error : sys::write_file(fd, buffer, size);
    };
    calls.fcntl = [](int fd, int operation, int argument) {
      const int error = fails("fcntl");
      return error != 0 ? -error : sys::control_file(fd, operation, argument);
    };
    calls.fstat = [](int fd, struct stat* out) {
      const int error = fails("fstat");
      return error != 0 ? -error : sys::stat_file(fd, out);
    };
    calls.pipe = [](int(&out)[2]) {
      const int error = fails("pipe");
      return error != 0 ? -error : sys::open_pipe(out);
    };
    calls.splice = [](int from, int to, std::size_t size) -> ssize_t {
      const int error = fails("splice");
      return error != 0 ? -error : sys::splice_file(from, to, size);
    };
    calls.poll = [](pollfd* files, unsigned long count, int timeout) {
      const int error = fails("poll");
      return error != 0 ? -error : sys::poll_files(files, count, timeout);
    };
    calls.readable_bytes = [](int fd) {
      const int error = fails("readable_bytes");
      return error != 0 ? -error : sys::readable_bytes(fd);
    };
    calls.make_directory = [](char* name) {
      const int error = fails("make_directory");
      return error != 0 ? -error : sys::make_directory(name);
    };
    calls.mkfifo = [](const char* path) {
      const int error = fails("mkfifo");
      return error != 0 ? -error : sys::make_fifo(path);
    };
    calls.epoll_create = [] {
      const int error = fails("epoll_create");
      return error != 0 ? -error : sys::open_epoll();
    };
    calls.epoll_ctl = [](int epoll, int operation, int fd, epoll_event* event) {
      const int error = fails("epoll_ctl");
      return error != 0 ? -error : sys::control_epoll(epoll, operation, fd, event);
    };
    calls.epoll_wait = [](int epoll, epoll_event* events, int most, int timeout) {
      const int error = fails("epoll_wait");
      return error != 0 ? -error : sys::wait_epoll(epoll, events, most, timeout);
    };
    calls.event_open = [] {
      const int error = fails("event_open");
      return error != 0 ? -error : sys::open_event();
    };
    calls.thread_create = [](pthread_t* out, const pthread_attr_t* attributes, void* (*body)(void*),
                             void* argument) {
      const int error = fails("thread_create");
      return error != 0 ? error : ::pthread_create(out, attributes, body, argument);
    };
    calls.close = [](int fd) {
      const int error = fails("close");  // which closes it all the same
      const int closed = sys::close_file(fd);
      return error != 0 ? -error : closed;
    };
  }
  FaultyCalls(const FaultyCalls&) = delete;
  FaultyCalls& operator=(const FaultyCalls&) = delete;
};

int open_files() {
  int count = 0;
  for (int fd = 0; fd < 256; ++fd) count += ::fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
  return count;
}

struct NoSection {
  NoSection() {}
};
constexpr std::uint32_t kSlots = 4;

void expect_told(Status status, const Error& error) {
  EXPECT_LT(status, 0);
  EXPECT_EQ(error.status, status);
  EXPECT_NE(error.message, "");
}

// A child of a broker, by its descriptors.
class Child {
 public:
  Child(int read_fd, int write_fd)
      : read_(::fcntl(read_fd, F_DUPFD_CLOEXEC, 0)),
        write_(::fcntl(write_fd, F_DUPFD_CLOEXEC, 0)) {}
  ~Child() {
    ::close(read_);
    ::close(write_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  // After a fault there may be none.
  void take() {
    pollfd one{read_, POLLIN, 0};
    const auto comes = [&] { return ::poll(&one, 1, 0) == 1; };
    const auto over = [] { return fault.fired.load(); };
    EXPECT_TRUE(test::comes_true([&] { return comes() || over(); }));
    char byte = 0;
    if (::poll(&one, 1, over() ? 20 : 0) == 1 && ::read(read_, &byte, 1) == 1) ++taken_;
  }
  void give() {
    if (taken_ == 0) return;
    --taken_;
    EXPECT_EQ(::write(write_, "+", 1), 1);
  }

 private:
  int read_;
  int write_;
  int taken_ = 0;
};

// A thread that waits for a token, while all are held.
void wait_for_a_token(Jobserver& jobserver) {
  std::vector<std::uint64_t> held;
  std::uint64_t token = 0;
  while (jobserver.try_acquire(token) == LIBSCHED_OK) held.push_back(token);
  std::atomic<bool> ended{false};
  Status status = LIBSCHED_OK;
  std::uint64_t got = 0;
  std::thread waiter([&] {
    status = jobserver.acquire<NoSection>(got, test::kPatienceNs, nullptr);
    ended = true;
  });
  test::comes_true([&] { return ended || jobserver.stats().waiting == 1; });
  while (!held.empty()) {
    EXPECT_EQ(jobserver.release(held.back()), LIBSCHED_OK);
    held.pop_back();
  }
  waiter.join();
  EXPECT_NE(status, LIBSCHED_E_TIMEOUT);
  if (status == LIBSCHED_OK) {
    EXPECT_EQ(jobserver.release(got), LIBSCHED_OK);
  }
}

void run_a_child(Jobserver& jobserver) {
  Broker* broker = nullptr;
  Error error;
  Status status = Broker::create(broker, jobserver, &error);
  if (status != LIBSCHED_OK) return expect_told(status, error);
  {
    Child child(broker->child_access().read_fd, broker->child_access().write_fd);
    status = broker->start();
    if (status == LIBSCHED_OK) {
      child.take();
      child.take();
      child.give();
      child.take();
    }
  }
  if (status == LIBSCHED_OK) {
    EXPECT_EQ(broker->wait<NoSection>(test::kPatienceNs, nullptr), LIBSCHED_OK);
  } else {
    EXPECT_LT(status, 0);
  }
  broker->drop();
}

void live(Style style) {
  Jobserver* jobserver = nullptr;
  Error error;
  const Status status = Jobserver::serve(jobserver, style, kSlots, true, &error);
  if (status != LIBSCHED_OK) return expect_told(status, error);
  wait_for_a_token(*jobserver);
  run_a_child(*jobserver);
  wait_for_a_token(*jobserver);
  fault.call = nullptr;
  Jobserver::Stats stats{};
  EXPECT_TRUE(test::comes_true([&] {
    stats = jobserver->stats();
    return stats.held == 0 && stats.brokered == 0 && stats.available + stats.lost == kSlots - 1;
  })) << stats.available
      << " " << stats.lost << " " << stats.held << " " << stats.brokered;
  EXPECT_EQ(stats.outstanding, stats.lost);
  jobserver->shutdown();
  jobserver->abandon();
}

struct Row {
  const char* call;
  std::vector<int> errors;
  bool without_proc = false;

  friend void PrintTo(const Row& row, std::ostream* out) { *out << row.call; }
};

class JobserverFault : public ::testing::TestWithParam<Row> {};
INSTANTIATE_TEST_SUITE_P(
    Calls, JobserverFault,
    ::testing::Values(Row{"open_at", {ENOENT, EACCES, EMFILE}}, Row{"read", {EINTR, EAGAIN, EIO}},
                      Row{"write", {EINTR, EAGAIN, EIO}}, Row{"fcntl", {EPERM, EBADF, EBUSY}},
                      Row{"fstat", {EBADF, EOVERFLOW}}, Row{"pipe", {EMFILE, ENFILE}},
                      Row{"readable_bytes", {EBADF}}, Row{"make_directory", {EACCES, ENOSPC}},
                      Row{"mkfifo", {EACCES, ENOSPC, EROFS}},
                      Row{"epoll_create", {EMFILE, ENFILE, ENOMEM}},
                      Row{"epoll_ctl", {ENOMEM, ENOSPC}}, Row{"epoll_wait", {EINTR}},
                      Row{"event_open", {EMFILE, ENFILE, ENOMEM}}, Row{"thread_create", {EAGAIN}},
                      Row{"close", {EINTR, EIO}}, Row{"splice", {EINTR, EAGAIN, ENOMEM}, true},
                      Row{"poll", {EINTR, ENOMEM}, true}, Row{"read", {EINTR}, true},
                      Row{"write", {EINTR, EAGAIN, EIO}, true}, Row{"pipe", {EMFILE}, true}),
    [](const auto& row) {
      return std::string(row.param.call) + (row.param.without_proc ? "_without_proc" : "");
    });

TEST_P(JobserverFault, OnceAtEachPlace) {
  constexpr int kMost = 200;
  // They stay, since the thread of a reactor may use the table a moment longer than the reactor has users.
  static const auto* const faulty = new FaultyCalls;
  ASSERT_NE(faulty, nullptr);
  no_proc = GetParam().without_proc;
  for (const Style style : {Style::kPipe, Style::kBoth}) {
    for (const int error : GetParam().errors) {
      bool fired = true;
      for (int place = 0; fired && place < kMost; ++place) {
        SCOPED_TRACE(std::string(GetParam().call) + " " + std::to_string(place) + " " +
                     std::strerror(error));
        const int files = open_files();
        fault.left = place;
        fault.error = error;
        fault.fired = false;
        fault.call = GetParam().call;
        live(style);
        fault.call = nullptr;
        fired = fault.fired;
        ASSERT_TRUE(test::comes_true([&] { return open_files() == files; }));
        if (HasFailure()) return;
      }
    }
  }
  no_proc = false;
}

}  // namespace
}  // namespace sched
