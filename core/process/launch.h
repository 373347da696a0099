#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/process/command.h"
#include "core/sys/spawn.h"

namespace sched {

// What a child is started with, put together in this process, so that the child itself need only make system calls.
class Launch {
 public:
  // Checks the command. Throws std::bad_alloc. LIBSCHED_E_RANGE, or a negated errno.
  Status prepare(const Command& command, Error* error);
  // What the child gets as its descriptor 0, 1 or 2: one of ours, or one of SpawnPlan's constants.
  void set_standard(int target, int source) { plan_.standard[target] = source; }
  // LIBSCHED_OK or a negated errno, with the stage in the text.
  Status run(sys::SpawnedChild& out, Error* error) const;

 private:
  Status check_inherited(const Command& command, Error* error);
  Status merge_environment(const Command& command, Error* error);
  void find_program(const char* name);

  sys::SpawnPlan plan_;
  std::vector<const char*> arguments_;
  std::vector<const char*> environment_;
  std::vector<std::string> names_;
  std::vector<const char*> paths_;
  std::vector<int> inherited_;
};

}  // namespace sched
