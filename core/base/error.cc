#include "core/base/error.h"

#include <cstdarg>
#include <cstdio>
#include <new>

namespace sched {

Status fail(Error* error, Status status, const char* format, ...) {
  if (error == nullptr) return status;
  error->status = status;
  error->os_errno = status < 0 && status > -4096 ? -status : 0;
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  try {
    error->message = text;
  } catch (const std::bad_alloc&) {
    error->message.clear();
  }
  return status;
}

}  // namespace sched
