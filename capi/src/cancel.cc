#include "cancel.h"

#include "guard.h"

using sched::Status;
using sched::capi::Handle;

extern "C" {

int libsched_cancel_create(libsched_cancel** out) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  *out = new (std::nothrow) libsched_cancel;
  return *out != nullptr ? LIBSCHED_OK : -ENOMEM;
}

libsched_cancel* libsched_cancel_ref(libsched_cancel* cancel) {
  Handle::add(cancel, LIBSCHED_KIND_CANCEL);
  return cancel;
}

void libsched_cancel_unref(libsched_cancel* cancel) {
  if (Handle::drop(cancel, LIBSCHED_KIND_CANCEL)) delete cancel;
}

int libsched_cancel_trigger(libsched_cancel* cancel) {
  const Status status = Handle::check(cancel, LIBSCHED_KIND_CANCEL);
  if (status == LIBSCHED_OK) cancel->body.trigger();
  return status;
}

int libsched_cancel_reset(libsched_cancel* cancel) {
  const Status status = Handle::check(cancel, LIBSCHED_KIND_CANCEL);
  if (status == LIBSCHED_OK) cancel->body.reset();
  return status;
}

int libsched_cancel_is_triggered(libsched_cancel* cancel) {
  return Handle::check(cancel, LIBSCHED_KIND_CANCEL) == LIBSCHED_OK && cancel->body.triggered();
}

}  // extern "C"
