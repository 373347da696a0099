#include <string>
#include <utility>

#include "guard.h"

namespace sched::capi {

Status ErrorOut::done(Status status) {
  if (status == LIBSCHED_OK || out_ == nullptr) return status;
  if (detail_.status != status) fail(&detail_, status, "%s", status_message(status));
  *out_ = new (std::nothrow) libsched_error{std::move(detail_)};  // NULL when memory is out
  return status;
}

}  // namespace sched::capi

extern "C" {

int libsched_error_status(const libsched_error* error) {
  return error != nullptr ? error->detail.status : LIBSCHED_OK;
}

int libsched_error_errno(const libsched_error* error) {
  return error != nullptr ? error->detail.os_errno : 0;
}

uint64_t libsched_error_offset(const libsched_error* error) {
  return error != nullptr ? error->detail.offset : 0;
}

const char* libsched_error_message(const libsched_error* error) {
  return error != nullptr ? error->detail.message.c_str() : "";
}

void libsched_error_free(libsched_error* error) { delete error; }

}  // extern "C"
