#pragma once

#include "core/pool/current.h"
#include "core/pool/task.h"

namespace sched {

// Marks the calling thread as busy with a task, for as long as it lives.
class TaskScope {
 public:
  TaskScope(const Pool* pool, std::uint32_t worker, Level level)
      : here_(current()), task_{pool, worker, level, here_.task} {
    here_.task = &task_;
  }
  ~TaskScope() { here_.task = task_.outer; }
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;
  libsched_task* task() { return &task_; }

 private:
  Current& here_;
  libsched_task task_;
};

}  // namespace sched
