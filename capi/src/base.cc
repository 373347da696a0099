#include "core/base/status.h"
#include "core/sys/cpus.h"
#include "guard.h"
#include "handle.h"

extern "C" {

int libsched_live_objects(uint64_t* out, uint32_t kind) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  if (kind == 0 || kind > sched::capi::kLastKind) return LIBSCHED_E_RANGE;
  *out = sched::capi::Handle::live(kind);
  return LIBSCHED_OK;
}

uint32_t libsched_usable_cpus(void) {
  uint32_t cpus = 1;
  static_cast<void>(sched::capi::guarded([&] {
    cpus = sched::sys::usable_cpus();
    return LIBSCHED_OK;
  }));
  return cpus;
}

const char* libsched_status_name(int status) { return sched::status_name(status); }

const char* libsched_status_message(int status) { return sched::status_message(status); }

uint32_t libsched_version(void) { return LIBSCHED_VERSION_NUMBER; }

const char* libsched_version_string(void) { return LIBSCHED_VERSION_STRING; }

}  // extern "C"
