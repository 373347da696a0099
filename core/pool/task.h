#pragma once

#include <array>
#include <cstdint>

#include "core/queue/level.h"
#include "core/sys/clock.h"

namespace sched {
class Pool;
}

// One run of a task, on the stack of the thread that runs it: what the C ABI's opaque type of that name is.
struct libsched_task {
  const sched::Pool* pool;
  std::uint32_t worker;
  sched::Level level;
  libsched_task* outer;  // the run that this one is nested in, on this thread
};

namespace sched {

using TaskFn = int (*)(libsched_task*, void*);
using DiscardFn = void (*)(void*);

// A task as it lies in the queues: by value, in four words. The last word holds, from the lowest bit, 8 bits that belong
// to the injector, 24 that are free, and the time of the submit in units of 2^20 ns, modulo 2^32.
struct Task {
  TaskFn fn;
  void* user_data;
  DiscardFn discard;
  std::uint32_t submitted;

  using Item = std::array<std::uint64_t, 4>;

  static std::uint32_t clock() { return static_cast<std::uint32_t>(sys::coarse_now_ns() >> 20); }

  // How long ago a time of clock() was, in ns.
  static std::uint64_t age_ns(std::uint32_t then) {
    const auto age = static_cast<std::int32_t>(clock() - then);
    return age > 0 ? std::uint64_t{static_cast<std::uint32_t>(age)} << 20 : 0;
  }

  Item pack() const {
    return {reinterpret_cast<std::uint64_t>(fn), reinterpret_cast<std::uint64_t>(user_data),
            reinterpret_cast<std::uint64_t>(discard), std::uint64_t{submitted} << 32};
  }

  static Task unpack(const Item& item) {
    return {reinterpret_cast<TaskFn>(item[0]), reinterpret_cast<void*>(item[1]),
            reinterpret_cast<DiscardFn>(item[2]), static_cast<std::uint32_t>(item[3] >> 32)};
  }
};

}  // namespace sched
