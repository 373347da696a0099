#pragma once

#include "core/pool/blocking.h"
#include "core/pool/current.h"
#include "core/pool/task.h"

namespace sched {

// Marks the calling thread as busy with a task, for as long as it lives. Blocking sections that the task has left open end
// with it.
class TaskScope {
 public:
  TaskScope(const Pool* pool, Group* group, std::uint32_t worker, Level level,
            BatchSlice* slice = nullptr, const TaskRun* run = nullptr)
      : here_(current()), task_{pool,       group, worker,         level,
                                here_.task, slice, here_.blocking, run} {
    here_.task = &task_;
  }
  ~TaskScope() {
    while (here_.blocking != task_.blocking) end_blocking(here_);
    here_.task = task_.outer;
  }
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;
  libsched_task* task() { return &task_; }

 private:
  Current& here_;
  libsched_task task_;
};

}  // namespace sched
