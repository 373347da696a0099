#pragma once

#include <cstdint>

struct libsched_task;

namespace sched {

class Worker;

// What the calling thread is to the pools: the worker it is, and the innermost task it runs. Plain data, so that the
// library has no thread-local destructors.
struct Current {
  Worker* worker;
  libsched_task* task;
  std::uint32_t blocking;  // blocking sections that are open
  const char* stack_end;   // of a thread that is no worker; nullptr: not asked for yet
};

Current& current();

}  // namespace sched
