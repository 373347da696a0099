#pragma once

#include <cstddef>

#if !defined(__x86_64__)
#include <ucontext.h>
#endif

namespace model {

// A stack of its own to run on. Switching costs some nanoseconds where we know the processor: ucontext makes a system call
// for each switch.
class Fiber {
 public:
  using Entry = void (*)();

  // A fiber that will call entry, which must not return.
  void start(char* stack, std::size_t bytes, Entry entry);
  // Leaves `from`, which is the caller, for this one.
  void resume(Fiber& from);

 private:
#if defined(__x86_64__)
  void* stack_pointer_ = nullptr;
#else
  ucontext_t context_{};
#endif
};

}  // namespace model
