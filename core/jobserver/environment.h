#pragma once

#include <string>

namespace sched {

// A copy of an environment (nullptr: this process' own) in which make and what reads make's variables find that value of
// MAKEFLAGS, and no other one: an empty one changes nothing. One block, to be given to free_environment(). Throws
// std::bad_alloc.
char** make_environment(const std::string& makeflags, const char* const* base);
void free_environment(char** environment);

}  // namespace sched
