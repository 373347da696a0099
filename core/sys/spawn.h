#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/status.h"

namespace sched::sys {

// How far a child has come when it could not become the program.
enum class SpawnStage : std::uint8_t {
  kNone,
  kStart,  // it could not even be made
  kGroup,
  kInput,
  kOutput,
  kErrors,
  kDescriptors,
  kDirectory,
  kLimits,
  kSignals,
  kProgram,
};

// What a child is to be. All that it points to lives until spawn() returns.
struct SpawnPlan {
  // What a child has as its descriptor 0, 1 or 2, if not one of ours, from 3 on.
  static constexpr int kInherited = -1;
  static constexpr int kNothing = -2;  // /dev/null
  static constexpr int kMerged = -3;   // of 2: what 1 is
  static constexpr std::uint64_t kNoLimit = ~std::uint64_t{0};
  enum Limit : std::uint8_t { kCpuSeconds, kMemory, kOpenFiles, kCoreSize, kLimits };

  const char* const* paths = nullptr;  // tried in order until one is there, which must be a program
  const char* const* arguments = nullptr;
  const char* const* environment = nullptr;
  const char* directory = nullptr;  // nullptr: ours
  int standard[3] = {kInherited, kInherited, kInherited};
  const int* inherited =
      nullptr;  // descriptors that it gets too, all from 3 on, in ascending order
  std::size_t inherited_count = 0;
  bool own_group = true;
  std::uint64_t limits[kLimits] = {kNoLimit, kNoLimit, kNoLimit, kNoLimit};
};

struct SpawnFailure {
  SpawnStage stage = SpawnStage::kNone;
  int error = 0;         // an errno
  std::size_t item = 0;  // which limit, descriptor or path
};

struct SpawnedChild {
  int pid = 0;
  int pidfd = -1;  // closed on exec
};

// Starts a program in a child that shares nothing with this process but what the plan says, and returns when the program has
// begun. Signals have their default action there, and none is blocked; but those that this process ignores are ignored there,
// other than SIGPIPE, SIGXFSZ and SIGCHLD, which a process may ignore for what it is itself. Until the program has begun
// neither the host's SIGCHLD handler nor its waitpid see the child. LIBSCHED_OK or a negated errno.
Status spawn(SpawnedChild& out, const SpawnPlan& plan, SpawnFailure& failure);

// What the child does, in spawn_child.cc, on a stack of its own while the parent's thread stands still. Returns what the process
// ends with if it does not become a program.
struct SpawnStart {
  const SpawnPlan* plan;
  SpawnFailure* failure;
};
int child_main(void* start);

// The environment of this process.
const char* const* environment();

// --- a child's life ---

struct ChildEnd {
  bool ended = false;
  bool exited = false;  // or was ended by a signal
  bool core = false;
  int value = 0;  // its exit code, or the signal
  std::int64_t user_ns = 0;
  std::int64_t system_ns = 0;
  std::uint64_t most_memory = 0;  // bytes
};

// Looks whether the child has ended, without waiting; reap: and forgets it then. -ECHILD: somebody else has reaped it, or the
// kernel has, as SIGCHLD is ignored.
Status look_at_child(ChildEnd& out, int pidfd, bool reap);
// Waits for its end and reaps it.
void reap_child(int pidfd);
// How one has ended that somebody else has reaped. A negated errno where the kernel does not tell, which it does from 6.15 on.
Status recall_child(ChildEnd& out, int pidfd);
// -ESRCH: it has ended.
Status signal_child(int pidfd, int signal);
// Those of the group that the child began, and itself if it has left it. It must not have been reaped, as far as this process knows.
Status signal_group(int pidfd, int pid, int signal);

inline constexpr int kTerminate = 15;
inline constexpr int kKill = 9;
inline constexpr int kContinue = 18;
inline constexpr int kLastSignal = 64;

}  // namespace sched::sys
