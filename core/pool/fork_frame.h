#pragma once

#include <cstdint>

#include "core/base/status.h"
#include "core/pool/task.h"
#include "core/sync/std_sync.h"

namespace sched {

class Worker;

struct ForkOrders {
  // The thief's last access to a frame: the owner may be gone with it at once, having seen all that the branch did. That a
  // sleeping owner sees it is the business of Sleepers::rouse, a read-modify-write of the word by which it announced itself.
  static constexpr std::memory_order kFinish = std::memory_order_release;  // pairs with kLook
  static constexpr std::memory_order kLook = std::memory_order_acquire;    // pairs with kFinish
  // Who has it: whoever looks into that worker's deque sees the worker.
  static constexpr std::memory_order kBegin = std::memory_order_release;  // pairs with kLook
};

// A branch that was forked: in the caller's own storage, and known to the worker's deque by its address.
struct ForkFrame {
  using Orders = StdSync::Traits<ForkOrders>;

  static constexpr std::uint32_t kHere = 0;
  static constexpr std::uint32_t kEnded = 1;
  static constexpr std::uint32_t kWithThief = 2;  // and its index on top

  int code;  // what fn returned; the public struct begins with it
  StdSync::atomic<std::uint32_t> state{kHere};  // written by a thief
  TaskFn fn;
  void* user_data;
  Worker* owner;        // whose deque holds it; none: it runs in the join
  libsched_task* task;  // that forked it, if any; it lasts until the join

  Level level() const { return task != nullptr ? task->level : Level::kNormal; }
};

// What forks and joins a thread does, whatever it is. A branch that is forked on a worker may be taken by another one;
// elsewhere it runs in its join. Every fork must be joined, on the same thread, the last one first.
void fork(ForkFrame& frame, TaskFn fn, void* user_data);
// LIBSCHED_OK or LIBSCHED_E_FAILED; frame.code is what the branch returned, or LIBSCHED_E_EXCEPTION or LIBSCHED_E_UNWOUND.
Status join(ForkFrame& frame);

}  // namespace sched
