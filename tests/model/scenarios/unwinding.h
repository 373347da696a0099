#pragma once

#include <cxxabi.h>
#include <unwind.h>

#include <csetjmp>
#include <cstdint>
#include <cstdlib>

#include "tests/model/engine/execution.h"

namespace model {

// Lets a scenario's thread end as by pthread_exit: by an unwinding that cannot be stopped, up to the call of run(). One at a
// time, since the threads have one C++ runtime's state for exceptions together.
class Unwinding {
 public:
  // Calls body(), and returns when that returns or has called end().
  template <class Body>
  [[gnu::noinline]] static void run(Body body) {
    // Of an execution that was given up within a handler.
    *reinterpret_cast<void**>(abi::__cxa_get_globals()) = nullptr;
    if (setjmp(mine().here_) == 0) mine().call(body);
  }

  [[noreturn]] static void end() {
    mine().exception_ = {};
    _Unwind_ForcedUnwind(&mine().exception_, stop, &mine());
    std::abort();
  }

 private:
  static Unwinding& mine() {
    static Unwinding of[6];
    return of[Execution::current().self()];
  }

  template <class Body>
  [[gnu::noinline]] void call(Body& body) {
    const char frame = 0;
    frame_ = reinterpret_cast<std::uintptr_t>(&frame);
    body();
  }

  // Asked of each frame before it is left: the one of call() is the last.
  static _Unwind_Reason_Code stop(int, _Unwind_Action actions, _Unwind_Exception_Class,
                                  _Unwind_Exception*, _Unwind_Context* context, void* self) {
    auto& unwinding = *static_cast<Unwinding*>(self);
    if (_Unwind_GetCFA(context) > unwinding.frame_ || (actions & _UA_END_OF_STACK) != 0) {
      std::longjmp(unwinding.here_, 1);
    }
    return _URC_NO_REASON;
  }

  std::jmp_buf here_;
  std::uintptr_t frame_ = 0;
  _Unwind_Exception exception_;
};

}  // namespace model
