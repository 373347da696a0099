#include "core/base/status.h"

#include <cstring>

namespace sched {

const char* status_name(Status status) {
  switch (status) {
    case LIBSCHED_OK:
      return "LIBSCHED_OK";
#define SCHED_NAME(name, value, message) \
  case value:                            \
    return "LIBSCHED_" #name;
      LIBSCHED_STATUS_MAP(SCHED_NAME)
#undef SCHED_NAME
    default: {
      const char* name = status < 0 && status > -4096 ? strerrorname_np(-status) : nullptr;
      return name != nullptr ? name : "unknown";
    }
  }
}

const char* status_message(Status status) {
  switch (status) {
    case LIBSCHED_OK:
      return "success";
#define SCHED_MESSAGE(name, value, message) \
  case value:                               \
    return message;
      LIBSCHED_STATUS_MAP(SCHED_MESSAGE)
#undef SCHED_MESSAGE
    default: {
      const char* text = status < 0 && status > -4096 ? strerrordesc_np(-status) : nullptr;
      return text != nullptr ? text : "unknown status";
    }
  }
}

}  // namespace sched
