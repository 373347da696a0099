#include "core/pool/task.h"

#include "core/pool/batch_slice.h"
#include "core/pool/group.h"
#include "core/pool/pool.h"

namespace sched {

bool cancelled(const libsched_task& task) {
  return (task.pool != nullptr && task.pool->cancelling()) ||
         (task.group != nullptr && task.group->cancelled()) ||
         (task.run != nullptr && task.run->cancelled());
}

bool should_yield(const libsched_task& task) {
  if (task.pool == nullptr) return false;
  if (task.pool->higher_waits(task.level)) return true;
  return task.slice != nullptr && task.pool->some_sleep() && task.slice->enough();
}

}  // namespace sched
