#pragma once

#include <cxxabi.h>

#include <exception>
#include <new>
#include <string>

#include "core/base/status.h"

namespace sched {

// Calls `code`, which may leave by any way C++ or POSIX has: returns its result, or tells failed(status, text) about an
// exception and returns that status. A forced unwind (pthread_exit, pthread_cancel) cannot be stopped: failed() is told
// and it goes on.
//
// gcc binds the reference of that handler to null, since such an unwind is no object: hence the attributes, of which the
// second keeps the first in force.
template <class Code, class Failed>
__attribute__((no_sanitize("null"), noinline)) int call_user(Code code, Failed failed) {
  std::string message;
  try {
    return code();
  } catch (const abi::__forced_unwind&) {
    failed(LIBSCHED_E_UNWOUND, "");
    throw;
  } catch (const std::exception& exception) {
    try {
      message = exception.what();
    } catch (const std::bad_alloc&) {  // then without its text
    }
  } catch (...) {
  }
  // Out of the handlers: failed() may call user code too, which may end the thread.
  failed(LIBSCHED_E_EXCEPTION, message.c_str());
  return LIBSCHED_E_EXCEPTION;
}

}  // namespace sched
