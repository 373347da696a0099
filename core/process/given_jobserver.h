#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/process/command.h"

namespace sched {

// What a command gets beside what it asks for when it is given a jobserver: a place in its environment, and descriptors. It must
// live until the process was started.
class GivenJobserver {
 public:
  // Makes a broker, if the command is to have one, which becomes its companion beside the one that it has. LIBSCHED_E_STATE: there is no jobserver to make
  // it from; or a negated errno. Throws std::bad_alloc.
  Status give(Command& command, Error* error);

 private:
  void add(Command& command);

  std::string makeflags_;
  std::vector<const char*> set_;
  std::vector<const char*> unset_;
  std::vector<int> inherited_;
};

}  // namespace sched
