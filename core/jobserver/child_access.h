#pragma once

#include <string>

namespace sched {

// What a child process needs to reach a jobserver.
struct ChildAccess {
  std::string makeflags;  // the value of its MAKEFLAGS; empty: there is no jobserver for it
  // Descriptors that it is to inherit under the same numbers, which stay as they are here; -1: none.
  int read_fd = -1;
  int write_fd = -1;
};

}  // namespace sched
