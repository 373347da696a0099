#pragma once

#include <cstdint>

#include "core/sys/calls.h"

namespace sched::sys {

struct ThreadOptions {
  std::uint64_t stack_size = 0;  // bytes, 0 = the system's default
};

// Starts a thread with all signals blocked, so that the host's handlers run on the host's threads. Returns 0 or a
// negated errno.
int start_thread(pthread_t* out, const ThreadOptions& options, void* (*body)(void*),
                 void* argument);

// Waits for a thread's end; if it is the calling one, sees to it that nobody needs to.
void join_or_detach(pthread_t thread);

// Keeps the calling thread on a CPU. One that the process may not use is no error: the thread then runs anywhere.
void pin_current_thread(std::uint32_t cpu);

// Names the calling thread prefix-number, with as much of the prefix as fits into the kernel's 15 bytes.
void name_current_thread(const char* prefix, std::uint32_t number);

// The lowest address of the calling thread's stack; nullptr where that is unknown.
const char* stack_end();

// Ends a forked child whose only thread this is, as the return of that thread's function would.
[[noreturn]] void end_child();

// Keeps the object file that holds this code loaded for ever: its threads must not lose their code to a dlclose. A
// shared libsched is linked so already; this is for a static one inside somebody's plugin.
void pin_own_code();

}  // namespace sched::sys
