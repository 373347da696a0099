#pragma once

#include <cstdint>
#include <string>

#include "core/base/status.h"

namespace sched {

// Why a call failed, in words. Filled only when the caller asked for it.
struct Error {
  Status status = LIBSCHED_OK;
  int os_errno = 0;
  std::uint64_t offset = 0;
  std::string message;
};

// Returns `status`, having described it in *error if there is one. A text that cannot be allocated is left out.
Status fail(Error* error, Status status, const char* format, ...)
    __attribute__((format(printf, 3, 4)));

}  // namespace sched
