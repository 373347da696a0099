#pragma once

struct libsched_task;

namespace sched {

class Worker;

// What the calling thread is to the pools: the worker it is, and the innermost task it runs. Plain pointers, so that the
// library has no thread-local destructors.
struct Current {
  Worker* worker;
  libsched_task* task;
};

Current& current();

}  // namespace sched
