#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "core/sys/calls.h"
#include "core/sys/spawn.h"
#include "core/sys/uninstrumented.h"

// Everything here runs in a child that has our memory, on a stack of its own, while the thread that made it stands still. So
// no function of the C library that keeps a state may be called: no allocation, no lock. All descriptors are the child's own,
// and none of ours.

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

namespace sched::sys {
namespace {

constexpr int kFirst = 3;  // after the standard ones
constexpr char kNull[] = "/dev/null";
constexpr char kOwnDescriptors[] = "/proc/self/fd";

template <class T>
SCHED_UNINSTRUMENTED long address(T* pointer) {
  return reinterpret_cast<long>(pointer);
}

SCHED_UNINSTRUMENTED long call(long number, long a = 0, long b = 0, long c = 0, long d = 0) {
  return calls.in_child(number, a, b, c, d);
}

SCHED_UNINSTRUMENTED long clear_close_on_exec(int fd) { return call(SYS_fcntl, fd, F_SETFD, 0); }

// --- descriptors ---

SCHED_UNINSTRUMENTED bool is_inherited(const SpawnPlan& plan, long fd) {
  for (std::size_t i = 0; i < plan.inherited_count; ++i) {
    if (plan.inherited[i] == fd) return true;
  }
  return false;
}

// A descriptor's name below /proc/self/fd; negative for another name.
SCHED_UNINSTRUMENTED long number_of(const char* name) {
  long number = 0;
  for (const char* digit = name; *digit != '\0'; ++digit) {
    if (*digit < '0' || *digit > '9') return -1;
    number = number * 10 + (*digit - '0');
  }
  return number;
}

struct DirectoryEntry {
  std::uint64_t node;
  std::int64_t offset;
  unsigned short length;
  unsigned char type;
  char name[1];
};

SCHED_UNINSTRUMENTED long close_listed(const SpawnPlan& plan) {
  const long directory =
      call(SYS_openat, AT_FDCWD, address(kOwnDescriptors), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (directory < 0) return directory;
  alignas(DirectoryEntry) char buffer[1024];
  long length = 0;
  while ((length = call(SYS_getdents64, directory, address(buffer), sizeof buffer)) > 0) {
    for (long at = 0; at < length;) {
      const auto* entry = reinterpret_cast<const DirectoryEntry*>(buffer + at);
      at += entry->length;
      const long fd = number_of(entry->name);
      if (fd >= kFirst && fd != directory && !is_inherited(plan, fd)) call(SYS_close, fd);
    }
  }
  call(SYS_close, directory);
  return length;
}

SCHED_UNINSTRUMENTED long close_up_to_limit(const SpawnPlan& plan) {
  rlimit limit{};
  const long failed = call(SYS_prlimit64, 0, RLIMIT_NOFILE, 0, address(&limit));
  if (failed < 0) return failed;
  for (long fd = kFirst; fd < static_cast<long>(limit.rlim_max); ++fd) {
    if (!is_inherited(plan, fd)) call(SYS_close, fd);
  }
  return 0;
}

SCHED_UNINSTRUMENTED long close_range(unsigned first, unsigned last) {
  return first <= last ? call(SYS_close_range, first, last, 0) : 0;
}

// All that the program is not to have, in whatever way this process has opened it.
SCHED_UNINSTRUMENTED long close_others(const SpawnPlan& plan) {
  unsigned first = kFirst;
  long failed = 0;
  for (std::size_t i = 0; i < plan.inherited_count && failed == 0; ++i) {
    const auto inherited = static_cast<unsigned>(plan.inherited[i]);
    failed = close_range(first, inherited - 1);
    first = inherited + 1;
  }
  if (failed == 0) failed = close_range(first, ~0u);
  if (failed == 0) return 0;
  // Before Linux 5.9, or where it is forbidden.
  failed = close_listed(plan);
  return failed < 0 ? close_up_to_limit(plan) : 0;
}

SCHED_UNINSTRUMENTED long place(const SpawnPlan& plan, int target) {
  const int source = plan.standard[target];
  if (source >= kFirst) return call(SYS_dup3, source, target, 0);
  if (source == SpawnPlan::kMerged && plan.standard[1] != SpawnPlan::kNothing) {
    return call(SYS_dup3, 1, target, 0);
  }
  if (source != SpawnPlan::kInherited) return 0;
  const long kept = clear_close_on_exec(target);
  return kept == -EBADF ? 0 : kept;  // where this process has none the child has none
}

// After the others are closed, since there may be no place for one more.
SCHED_UNINSTRUMENTED long place_nothing(const SpawnPlan& plan, int target) {
  const int source = plan.standard[target];
  const bool merged = source == SpawnPlan::kMerged && plan.standard[1] == SpawnPlan::kNothing;
  if (source != SpawnPlan::kNothing && !merged) return 0;
  const long fd = call(SYS_openat, AT_FDCWD, address(kNull), O_RDWR, 0);
  if (fd < 0 || fd == target) return fd;
  const long placed = call(SYS_dup3, fd, target, 0);
  call(SYS_close, fd);
  return placed;
}

// --- the rest ---

SCHED_UNINSTRUMENTED long limit(int resource, std::uint64_t value) {
  rlimit old{};
  long failed = call(SYS_prlimit64, 0, resource, 0, address(&old));
  if (failed < 0) return failed;
  // A process that has used up its time is told so first, by SIGXCPU.
  const rlim_t hard = resource == RLIMIT_CPU ? value + 1 : value;
  const rlimit wanted{value, value <= old.rlim_max && hard > old.rlim_max ? old.rlim_max : hard};
  return call(SYS_prlimit64, 0, resource, address(&wanted), 0);
}

struct KernelAction {
  long handler;
  unsigned long flags;
  long restorer;
  unsigned long mask;
};

SCHED_UNINSTRUMENTED long reset_signals() {
  constexpr long kDefault = 0;  // SIG_DFL
  constexpr long kIgnored = 1;  // SIG_IGN
  const KernelAction none{kDefault, 0, 0, 0};
  for (int signal = 1; signal <= kLastSignal; ++signal) {
    if (signal == SIGKILL || signal == SIGSTOP) continue;
    const bool own = signal == SIGPIPE || signal == SIGXFSZ || signal == SIGCHLD;
    KernelAction old{kDefault, 0, 0, 0};
    long failed = call(SYS_rt_sigaction, signal, 0, address(&old), sizeof old.mask);
    if (failed < 0) return failed;
    if (old.handler == kDefault || (old.handler == kIgnored && !own)) continue;
    failed = call(SYS_rt_sigaction, signal, address(&none), 0, sizeof none.mask);
    if (failed < 0) return failed;
  }
  const std::uint64_t nothing = 0;
  return call(SYS_rt_sigprocmask, SIG_SETMASK, address(&nothing), 0, sizeof nothing);
}

// As execvp, over names that were put together before.
SCHED_UNINSTRUMENTED long execute(const SpawnPlan& plan, std::size_t& item) {
  long result = -ENOENT;
  for (std::size_t i = 0; plan.paths[i] != nullptr; ++i) {
    const long failed = call(SYS_execve, address(plan.paths[i]), address(plan.arguments),
                             address(plan.environment));
    const bool absent = failed == -ENOENT || failed == -ENOTDIR;
    if (!absent || result == -ENOENT) {
      item = i;
      result = failed;
    }
    if (!absent && failed != -EACCES && failed != -ESTALE && failed != -ENODEV) break;
  }
  return result;
}

struct Failed {
  SpawnStage stage;
  long error;
};

SCHED_UNINSTRUMENTED Failed become(const SpawnPlan& plan, std::size_t& item) {
  static constexpr SpawnStage kStandard[] = {SpawnStage::kInput, SpawnStage::kOutput,
                                             SpawnStage::kErrors};
  static constexpr int kResources[] = {RLIMIT_CPU, RLIMIT_AS, RLIMIT_NOFILE, RLIMIT_CORE};
  long result = plan.own_group ? call(SYS_setpgid, 0, 0) : 0;
  if (result < 0) return {SpawnStage::kGroup, result};
  for (int target = 0; target < kFirst; ++target) {
    result = place(plan, target);
    if (result < 0) return {kStandard[target], result};
  }
  for (item = 0; item < plan.inherited_count; ++item) {
    result = clear_close_on_exec(plan.inherited[item]);
    if (result < 0) return {SpawnStage::kDescriptors, result};
  }
  item = 0;
  result = close_others(plan);
  if (result < 0) return {SpawnStage::kDescriptors, result};
  for (int target = 0; target < kFirst; ++target) {
    result = place_nothing(plan, target);
    if (result < 0) return {kStandard[target], result};
  }
  if (plan.directory != nullptr) result = call(SYS_chdir, address(plan.directory));
  if (result < 0) return {SpawnStage::kDirectory, result};
  for (; item < SpawnPlan::kLimits; ++item) {
    if (plan.limits[item] == SpawnPlan::kNoLimit) continue;
    result = limit(kResources[item], plan.limits[item]);
    if (result < 0) return {SpawnStage::kLimits, result};
  }
  item = 0;
  result = reset_signals();
  if (result < 0) return {SpawnStage::kSignals, result};
  return {SpawnStage::kProgram, execute(plan, item)};
}

}  // namespace

SCHED_UNINSTRUMENTED int child_main(void* argument) {
  const auto& start = *static_cast<const SpawnStart*>(argument);
  std::size_t item = 0;
  const Failed failed = become(*start.plan, item);
  start.failure->error = static_cast<int>(-failed.error);
  start.failure->item = item;
  start.failure->stage = failed.stage;
  return 127;
}

}  // namespace sched::sys
