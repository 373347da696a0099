#include "core/sys/spawn.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "core/sys/calls.h"
#include "core/sys/file.h"

namespace sched::sys {
namespace {

constexpr std::size_t kStackBytes = 64 * 1024;

// All of them, those that the C library keeps for itself too: a handler that ran in the child would run on our memory.
class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    const std::uint64_t all = ~std::uint64_t{0};
    calls.signal_mask(&all, &before_);
  }
  ~AllSignalsBlocked() { calls.signal_mask(&before_, nullptr); }
  AllSignalsBlocked(const AllSignalsBlocked&) = delete;
  AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;

 private:
  std::uint64_t before_ = 0;
};

std::int64_t nanoseconds(const timeval& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + std::int64_t{time.tv_usec} * 1000;
}

int wait_for(siginfo_t& info, int pidfd, int options, rusage* usage) {
  info = {};
  int failed = 0;
  do {
    failed = calls.wait_child(pidfd, &info, options, usage);
  } while (failed == -EINTR);
  return failed;
}

}  // namespace

Status spawn(SpawnedChild& out, const SpawnPlan& plan, SpawnFailure& failure) {
  void* const stack = calls.mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) {
    failure = {SpawnStage::kStart, errno, 0};
    return -failure.error;
  }
  SpawnStart start{&plan, &failure};
  int pidfd = -1;
  int pid = 0;
  {
    const AllSignalsBlocked blocked;
    pid = calls.clone(child_main, static_cast<char*>(stack) + kStackBytes, &start, &pidfd);
  }
  calls.munmap(stack, kStackBytes);
  if (pid < 0) {
    failure = {SpawnStage::kStart, -pid, 0};
    return pid;
  }
  if (failure.stage != SpawnStage::kNone) {
    const File unused(pidfd);
    reap_child(pidfd);
    return -failure.error;
  }
  out = {pid, pidfd};
  return LIBSCHED_OK;
}

const char* const* environment() { return environ; }

Status look_at_child(ChildEnd& out, int pidfd, bool reap) {
  siginfo_t info;
  rusage usage{};
  const int options = WEXITED | WNOHANG | __WALL | (reap ? 0 : WNOWAIT);
  if (const int failed = wait_for(info, pidfd, options, &usage)) return failed;
  out.ended = info.si_pid != 0;
  if (!out.ended) return LIBSCHED_OK;
  out.exited = info.si_code == CLD_EXITED;
  out.core = info.si_code == CLD_DUMPED;
  out.value = info.si_status;
  out.user_ns = nanoseconds(usage.ru_utime);
  out.system_ns = nanoseconds(usage.ru_stime);
  out.most_memory = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  return LIBSCHED_OK;
}

void reap_child(int pidfd) {
  siginfo_t info;
  static_cast<void>(wait_for(info, pidfd, WEXITED | __WALL, nullptr));
}

Status recall_child(ChildEnd& out, int pidfd) {
  int status = 0;
  if (const int failed = calls.child_status(pidfd, &status)) return failed;
  out.ended = true;
  out.exited = WIFEXITED(status);
  out.core = !out.exited && WCOREDUMP(status);
  out.value = out.exited ? WEXITSTATUS(status) : WTERMSIG(status);
  return LIBSCHED_OK;
}

Status signal_child(int pidfd, int signal) { return calls.signal_pidfd(pidfd, signal, false); }

static Status signal_members(int pidfd, int pid, int signal) {
  // By its identity, from Linux 6.9 on; else by its number, which nobody else has as long as the child is there.
  const int sent = calls.signal_pidfd(pidfd, signal, true);
  if (sent != -EINVAL && sent != -ENOSYS) return sent;
  siginfo_t info;
  if (const int failed = wait_for(info, pidfd, WEXITED | WNOHANG | __WALL | WNOWAIT, nullptr)) {
    return failed == -ECHILD ? -ESRCH : failed;
  }
  return calls.kill(-pid, signal);
}

Status signal_group(int pidfd, int pid, int signal) {
  const Status sent = signal_members(pidfd, pid, signal);
  const int group = calls.group_of(pid);
  if (group < 0 || group == pid) return sent;
  const Status alone = signal_child(pidfd, signal);
  return sent == LIBSCHED_OK ? sent : alone;
}

static_assert(kTerminate == SIGTERM && kKill == SIGKILL && kContinue == SIGCONT);
static_assert(kLastSignal + 1 == _NSIG);

}  // namespace sched::sys
