#pragma once

#include <array>
#include <cstdint>

#include "core/queue/level.h"
#include "core/sys/clock.h"

namespace sched {
class Group;
class Pool;
class Service;
class BatchSlice;

// A run of a task that a service keeps.
struct TaskRun {
  TaskRun(const Service& owner, void* from) : service(owner), queue(from) {}
  virtual bool cancelled() const = 0;
  const Service& service;
  void* const
      queue;  // of the service, that the task comes from; nullptr: it is not run, but discarded

 protected:
  ~TaskRun() = default;
};
}  // namespace sched

// One run of a task, on the stack of the thread that runs it: what the C ABI's opaque type of that name is.
struct libsched_task {
  const sched::Pool* pool;
  sched::Group* group;  // nullptr: none
  std::uint32_t worker;
  sched::Level level;
  libsched_task* outer;       // the run that this one is nested in, on this thread
  sched::BatchSlice* slice;   // of a batch's call, else nullptr
  std::uint32_t blocking;     // blocking sections that were open when it began
  const sched::TaskRun* run;  // nullptr: its task is none of a service
};

namespace sched {

// Whether the task's pool or group has been cancelled.
bool cancelled(const libsched_task& task);
// Whether more urgent work waits, or, in a call that runs several tasks, others could take over the rest.
bool should_yield(const libsched_task& task);

using TaskFn = int (*)(libsched_task*, void*);
using DiscardFn = void (*)(void*);

// A task as it lies in the queues: by value, in four words. The last word holds, from the lowest bit, 8 bits that belong
// to the injector, 8 for the kind, 16 that are free, and the time of the submit in units of 2^20 ns, modulo 2^32.
struct Task {
  enum class Kind : std::uint8_t {
    kFunction,  // what: a TaskFn
    kBatch,     // what: the Batch that runs it with others
    kTicket,    // what: a Group that has tasks; no task itself
    kService,   // what: a Service that has tasks; no task itself
  };

  void* what;
  void* user_data;
  DiscardFn discard;
  std::uint32_t submitted;
  Kind kind;

  using Item = std::array<std::uint64_t, 4>;

  static std::uint32_t clock() { return static_cast<std::uint32_t>(sys::coarse_now_ns() >> 20); }

  // How long ago a time of clock() was, in ns.
  static std::uint64_t age_ns(std::uint32_t then) {
    const auto age = static_cast<std::int32_t>(clock() - then);
    return age > 0 ? std::uint64_t{static_cast<std::uint32_t>(age)} << 20 : 0;
  }

  static Task of(TaskFn fn, void* user_data, DiscardFn discard, std::uint32_t now) {
    return {reinterpret_cast<void*>(fn), user_data, discard, now, Kind::kFunction};
  }
  TaskFn fn() const { return reinterpret_cast<TaskFn>(what); }

  Item pack() const {
    return {reinterpret_cast<std::uint64_t>(what), reinterpret_cast<std::uint64_t>(user_data),
            reinterpret_cast<std::uint64_t>(discard),
            std::uint64_t{submitted} << 32 | std::uint64_t{static_cast<std::uint8_t>(kind)} << 8};
  }

  static Task unpack(const Item& item) {
    return {reinterpret_cast<void*>(item[0]), reinterpret_cast<void*>(item[1]),
            reinterpret_cast<DiscardFn>(item[2]), static_cast<std::uint32_t>(item[3] >> 32),
            static_cast<Kind>(item[3] >> 8 & 0xff)};
  }
};

}  // namespace sched
