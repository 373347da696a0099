#pragma once

#include <cxxabi.h>

#include <exception>

#include "core/base/status.h"

namespace sched {

// Calls `code`, which may leave by any way C++ or POSIX has: returns its result, or tells failed(status, text) about an
// exception and returns that status. A forced unwind (pthread_exit, pthread_cancel) cannot be stopped: failed() is told
// and it goes on.
template <class Code, class Failed>
int call_user(Code code, Failed failed) {
  try {
    return code();
  } catch (const abi::__forced_unwind&) {
    failed(LIBSCHED_E_UNWOUND, "");
    throw;
  } catch (const std::exception& exception) {
    failed(LIBSCHED_E_EXCEPTION, exception.what());
  } catch (...) {
    failed(LIBSCHED_E_EXCEPTION, "");
  }
  return LIBSCHED_E_EXCEPTION;
}

}  // namespace sched
