#pragma once

#include <cxxabi.h>

#include <exception>

#include "core/base/status.h"

namespace sched {

// Calls `code`, which may leave by any way C++ or POSIX has: returns its result, or LIBSCHED_E_EXCEPTION. A forced unwind
// (pthread_exit, pthread_cancel) cannot be stopped and goes on.
//
// gcc binds the reference of that handler to null, since such an unwind is no object: hence the attributes, of which the
// second keeps the first in force.
template <class Code>
__attribute__((no_sanitize("null"), noinline)) int call_user(Code code) {
  try {
    return code();
  } catch (const abi::__forced_unwind&) {
    throw;
  } catch (...) {
    return LIBSCHED_E_EXCEPTION;
  }
}

// The same, and tells failed(status, text) about an exception or a forced unwind.
template <class Code, class Failed>
__attribute__((no_sanitize("null"), noinline)) int call_user(Code code, Failed failed) {
  std::exception_ptr thrown;  // keeps the text
  const char* text = "";
  try {
    return code();
  } catch (const abi::__forced_unwind&) {
    failed(LIBSCHED_E_UNWOUND, "");
    throw;
  } catch (const std::exception& exception) {
    thrown = std::current_exception();
    text = exception.what();
  } catch (...) {
  }
  // Out of the handlers: failed() may call user code too, which may end the thread.
  failed(LIBSCHED_E_EXCEPTION, text);
  return LIBSCHED_E_EXCEPTION;
}

}  // namespace sched
