#pragma once

#include <unwind.h>

#include <csetjmp>
#include <cstdint>
#include <cstdlib>

namespace model {

// Ends a thread as pthread_exit does, by an unwinding that cannot be stopped, up to the call of run(). One thread of a
// scenario.
class Unwinding {
 public:
  // Calls body(), and returns when that returns or has called end().
  template <class Body>
  [[gnu::noinline]] void run(Body body) {
    if (setjmp(here_) == 0) call(body);
  }

  [[noreturn]] void end() {
    exception_ = {};
    _Unwind_ForcedUnwind(&exception_, stop, this);
    std::abort();
  }

 private:
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
