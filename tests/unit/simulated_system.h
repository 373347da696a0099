#pragma once

#include <signal.h>
#include <sys/wait.h>

#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "core/sys/spawn.h"
#include "tests/unit/simulated_threads.h"
#include "tests/unit/support.h"

namespace sched::test {

// What the engine asks of the kernel, for the threads above: pipes, eventfds, epoll, processes that are nothing but an end at a time,
// and the clock. It takes the place of the system calls as long as it lives.
class SimulatedSystem {
 public:
  // What a process does.
  struct Program {
    std::int64_t lasts_ns = 0;
    int code = 0;
    int error = 0;  // it does not become a program
    bool ignores_terminate = false;
    std::string says;
    std::function<void()> begins;
    std::function<void(bool)> ends;  // well, or not
  };
  using Find = std::function<Program(const char* const* arguments)>;

  SimulatedSystem(SimulatedThreads& threads, Find find)
      : threads_(threads), find_(std::move(find)) {
    current() = this;
    sys::Calls& calls = sys::calls;
    calls.futex_wait = [](const std::uint32_t* word, std::uint32_t expected, const timespec* time) {
      return SimulatedThreads::here().futex_wait(word, expected, time);
    };
    calls.futex_wake = [](const std::uint32_t* word, int count) {
      SimulatedThreads::here().maybe_pause();
      return SimulatedThreads::here().wake(word, count);
    };
    calls.yield = [] { return SimulatedThreads::here().pause(), 0; };
    calls.clock_gettime = [](clockid_t, timespec* out) { return current()->time(*out); };
    calls.thread_create = [](pthread_t* out, const pthread_attr_t* attributes, void* (*body)(void*),
                             void* argument) {
      return SimulatedThreads::here().create(out, attributes, body, argument);
    };
    calls.thread_join = [](pthread_t thread, void**) {
      return SimulatedThreads::here().join(thread);
    };
    calls.thread_detach = [](pthread_t) { return 0; };
    calls.getaffinity = [](pid_t, std::size_t bytes, cpu_set_t* set) {
      CPU_ZERO_S(bytes, set);
      CPU_SET_S(0, bytes, set);
      CPU_SET_S(1, bytes, set);
      return static_cast<int>(bytes);
    };
    calls.open = [](const char*) { return -ENOENT; };
    calls.close = [](int fd) { return entered().close(fd); };
    calls.read = [](int fd, void* out, std::size_t size) { return entered().read(fd, out, size); };
    calls.write = [](int fd, const void* data, std::size_t size) {
      return entered().write(fd, data, size);
    };
    calls.write_quietly = calls.write;
    calls.event_open = [] { return current()->put(File{Kind::kEvent}); };
    calls.event_raise = [](int fd) { return entered().files_.at(fd).raised = true, 0; };
    calls.event_lower = [](int fd) { return current()->files_.at(fd).raised = false, 0; };
    calls.open_at = [](const char* path, int flags) { return current()->open_pipe(path, flags); };
    calls.fcntl = [](int fd, int operation, int) { return current()->control(fd, operation); };
    calls.fstat = [](int fd, struct stat* out) { return current()->status(fd, *out); };
    calls.pipe = [](int(&out)[2]) { return entered().make_pipe(out); };
    calls.splice = [](int, int, std::size_t) -> ssize_t { return -EINVAL; };
    calls.readable_bytes = [](int fd) {
      return static_cast<int>(current()->files_.at(fd).pipe->bytes.size());
    };
    calls.make_directory = [](char*) { return 0; };
    calls.mkfifo = [](const char* path) { return entered().make_fifo(path); };
    calls.unlink = [](const char* path) { return entered().fifos_.erase(path) != 0 ? 0 : -ENOENT; };
    calls.rmdir = [](const char*) { return 0; };
    calls.epoll_create = [] { return current()->put(File{Kind::kEpoll}); };
    calls.epoll_ctl = [](int epoll, int operation, int fd, epoll_event* event) {
      return entered().control_epoll(epoll, operation, fd, event);
    };
    calls.epoll_wait = [](int epoll, epoll_event* out, int, int timeout_ms) {
      return current()->wait_epoll(epoll, *out, timeout_ms);
    };
    calls.clone = [](int (*)(void*), void*, void* start, int* pidfd) {
      return current()->begin(*static_cast<sys::SpawnStart*>(start), *pidfd);
    };
    calls.signal_mask = [](const std::uint64_t*, std::uint64_t*) {};
    calls.wait_child = [](int pidfd, siginfo_t* info, int options, struct rusage*) {
      return entered().wait_child(pidfd, *info, options);
    };
    calls.child_status = [](int, int*) { return -ENODATA; };
    calls.signal_pidfd = [](int pidfd, int signal, bool) {
      return entered().send(*current()->files_.at(pidfd).process, signal);
    };
    calls.kill = [](pid_t, int) { return -ESRCH; };
  }
  ~SimulatedSystem() { current() = nullptr; }
  SimulatedSystem(const SimulatedSystem&) = delete;
  SimulatedSystem& operator=(const SimulatedSystem&) = delete;

  std::size_t open_files() const { return files_.size() + fifos_.size(); }
  std::size_t zombies() const { return zombies_; }
  std::size_t bytes_in(int fd) const { return files_.at(fd).pipe->bytes.size(); }
  // As another process would.
  bool take_byte(int fd) {
    auto& bytes = files_.at(fd).pipe->bytes;
    if (bytes.empty()) return false;
    bytes.pop_front();
    return true;
  }
  void put_byte(int fd) { files_.at(fd).pipe->bytes.push_back('+'); }

 private:
  enum class Kind { kEvent, kEpoll, kReading, kWriting, kProcess };
  struct Pipe {
    std::deque<char> bytes;
    int readers = 0;
    int writers = 0;
    std::uint64_t number = 0;
  };
  struct Child {
    int pid = 0;
    bool over = false;
    bool reaped = false;
    int code = 0;
    int signal = 0;
    Program program;
    std::vector<std::shared_ptr<Pipe>> holds;
  };
  struct File {
    Kind kind;
    bool raised = false;
    std::shared_ptr<Pipe> pipe{};
    std::shared_ptr<Child> process{};
    std::map<int, epoll_event> watched{};
  };
  static constexpr std::size_t kPipeBytes = 65536;

  static SimulatedSystem*& current() {
    static SimulatedSystem* system = nullptr;
    return system;
  }
  // Of a call, before which others may come.
  static SimulatedSystem& entered() {
    current()->threads_.maybe_pause();
    return *current();
  }

  int time(timespec& out) const {
    out.tv_sec = threads_.now() / 1'000'000'000;
    out.tv_nsec = threads_.now() % 1'000'000'000;
    return 0;
  }

  // --- files

  int put(File file) {
    if (file.kind == Kind::kReading) ++file.pipe->readers;
    if (file.kind == Kind::kWriting) ++file.pipe->writers;
    int fd = kFirst;
    while (files_.contains(fd)) ++fd;
    files_.emplace(fd, std::move(file));
    return fd;
  }
  int close(int fd) {
    const auto found = files_.find(fd);
    if (found == files_.end()) threads_.fail("a file is closed twice");
    if (found->second.kind == Kind::kReading) --found->second.pipe->readers;
    if (found->second.kind == Kind::kWriting) --found->second.pipe->writers;
    files_.erase(found);
    for (auto& [number, file] : files_) file.watched.erase(fd);
    return 0;
  }
  int make_pipe(int (&out)[2]) {
    auto pipe = std::make_shared<Pipe>();
    pipe->number = ++pipes_;
    out[0] = put(File{Kind::kReading, false, pipe});
    out[1] = put(File{Kind::kWriting, false, pipe});
    return 0;
  }
  int make_fifo(const char* path) {
    auto pipe = std::make_shared<Pipe>();
    pipe->number = ++pipes_;
    fifos_[path] = pipe;
    return 0;
  }
  std::shared_ptr<Pipe> find_pipe(const char* path) const {
    static constexpr char kOwn[] = "/proc/self/fd/";
    if (const auto fifo = fifos_.find(path); fifo != fifos_.end()) return fifo->second;
    if (std::strncmp(path, kOwn, sizeof kOwn - 1) != 0) return nullptr;
    const auto found = files_.find(std::atoi(path + sizeof kOwn - 1));
    return found != files_.end() ? found->second.pipe : nullptr;
  }
  // What is open for both is read from alone.
  int open_pipe(const char* path, int flags) {
    const std::shared_ptr<Pipe> pipe = find_pipe(path);
    if (pipe == nullptr) return -ENOENT;
    const bool writes = (flags & O_ACCMODE) == O_WRONLY;
    return put(File{writes ? Kind::kWriting : Kind::kReading, false, pipe});
  }
  int control(int fd, int operation) {
    const auto found = files_.find(fd);
    if (found == files_.end()) return -EBADF;
    if (operation == F_GETFL) return found->second.kind == Kind::kWriting ? O_WRONLY : O_RDONLY;
    if (operation == F_GETPIPE_SZ) return kPipeBytes;
    if (operation == F_DUPFD_CLOEXEC) return put(found->second);
    return 0;
  }
  int status(int fd, struct stat& out) {
    out = {};
    out.st_mode = S_IFIFO;
    out.st_ino = files_.at(fd).pipe->number;
    return 0;
  }
  ssize_t read(int fd, void* out, std::size_t size) {
    Pipe& pipe = *files_.at(fd).pipe;
    if (pipe.bytes.empty()) return pipe.writers == 0 ? 0 : -EAGAIN;
    const std::size_t count = std::min(size, pipe.bytes.size());
    for (std::size_t i = 0; i < count; ++i) {
      static_cast<char*>(out)[i] = pipe.bytes.front();
      pipe.bytes.pop_front();
    }
    return static_cast<ssize_t>(count);
  }
  ssize_t write(int fd, const void* data, std::size_t size) {
    Pipe& pipe = *files_.at(fd).pipe;
    if (pipe.readers == 0) return -EPIPE;
    if (pipe.bytes.size() + size > kPipeBytes) return -EAGAIN;
    const char* const bytes = static_cast<const char*>(data);
    pipe.bytes.insert(pipe.bytes.end(), bytes, bytes + size);
    return static_cast<ssize_t>(size);
  }

  // --- epoll

  int control_epoll(int epoll, int operation, int fd, epoll_event* event) {
    auto& watched = files_.at(epoll).watched;
    if (!files_.contains(fd)) return -EBADF;
    if (operation == EPOLL_CTL_DEL) return watched.erase(fd) != 0 ? 0 : -ENOENT;
    if (watched.contains(fd) == (operation == EPOLL_CTL_ADD)) {
      return operation == EPOLL_CTL_ADD ? -EEXIST : -ENOENT;
    }
    watched[fd] = *event;
    return 0;
  }
  bool is_ready(int fd, std::uint32_t events) const {
    const File& file = files_.at(fd);
    if (file.kind == Kind::kEvent) return file.raised && (events & EPOLLIN) != 0;
    if (file.kind == Kind::kProcess) return file.process->over && (events & EPOLLIN) != 0;
    const Pipe& pipe = *file.pipe;
    if (file.kind == Kind::kReading) {
      return (events & (EPOLLIN | EPOLLOUT)) != 0 && (!pipe.bytes.empty() || pipe.writers == 0);
    }
    return (events & EPOLLOUT) != 0 && (pipe.bytes.size() < kPipeBytes || pipe.readers == 0);
  }
  int wait_epoll(int epoll, epoll_event& out, int timeout_ms) {
    const auto find = [this, epoll] {
      std::vector<int> ready;
      for (const auto& [fd, event] : files_.at(epoll).watched) {
        if (is_ready(fd, event.events)) ready.push_back(fd);
      }
      return ready;
    };
    const std::int64_t until =
        timeout_ms < 0 ? INT64_MAX : threads_.now() + std::int64_t{timeout_ms} * 1'000'000;
    threads_.wait_ready([find] { return !find().empty(); }, until);
    const std::vector<int> ready = find();
    if (ready.empty()) return 0;
    epoll_event& event = files_.at(epoll).watched.at(
        ready[threads_.below(static_cast<std::uint32_t>(ready.size()))]);
    out = event;
    if ((event.events & EPOLLONESHOT) != 0) event.events = EPOLLONESHOT;
    return 1;
  }

  // --- processes

  int begin(const sys::SpawnStart& start, int& pidfd) {
    threads_.pause();
    auto child = std::make_shared<Child>();
    child->pid = ++pids_;
    child->program = find_(start.plan->arguments);
    ++zombies_;
    pidfd = put(File{Kind::kProcess, false, nullptr, child});
    const Program& program = child->program;
    if (program.error != 0) {
      *start.failure = {sys::SpawnStage::kProgram, program.error, 0};
      child->over = true;
      return child->pid;
    }
    for (const int fd : {start.plan->standard[1], start.plan->standard[2]}) {
      if (fd < kFirst) continue;
      child->holds.push_back(files_.at(fd).pipe);
      ++child->holds.back()->writers;
    }
    if (program.begins) program.begins();
    threads_.at(threads_.now() + program.lasts_ns / 2, [child] {
      if (child->over || child->holds.empty()) return;
      auto& bytes = child->holds[0]->bytes;
      bytes.insert(bytes.end(), child->program.says.begin(), child->program.says.end());
    });
    threads_.at(threads_.now() + program.lasts_ns,
                [this, child] { end(*child, child->program.code, 0); });
    return child->pid;
  }
  void end(Child& child, int code, int signal) {
    if (child.over) return;
    child.over = true;
    child.code = code;
    child.signal = signal;
    for (const auto& pipe : child.holds) --pipe->writers;
    if (child.program.ends) child.program.ends(code == 0 && signal == 0);
  }
  int wait_child(int pidfd, siginfo_t& info, int options) {
    Child& child = *files_.at(pidfd).process;
    if (child.reaped) return -ECHILD;
    if (!child.over) return 0;
    info.si_pid = child.pid;
    info.si_code = child.signal != 0 ? CLD_KILLED : CLD_EXITED;
    info.si_status = child.signal != 0 ? child.signal : child.code;
    if ((options & WNOWAIT) == 0) {
      child.reaped = true;
      --zombies_;
    }
    return 0;
  }
  int send(Child& child, int signal) {
    if (child.reaped) return -ESRCH;
    if (signal == SIGKILL || (signal == SIGTERM && !child.program.ignores_terminate)) {
      end(child, 0, signal);
    }
    return 0;
  }

  static constexpr int kFirst = 1000;  // none that exists
  SimulatedThreads& threads_;
  const Find find_;
  const RealCalls real_;
  std::map<int, File> files_;
  std::map<std::string, std::shared_ptr<Pipe>> fifos_;
  std::uint64_t pipes_ = 0;
  std::size_t zombies_ = 0;
  int pids_ = 100'000;
};

}  // namespace sched::test
