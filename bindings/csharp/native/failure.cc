#include "bindings/csharp/native/failure.h"

#include <atomic>

namespace {
std::atomic<libsched_failure_hook_fn> failure_hook = nullptr;
}

void libsched_failure_hook(libsched_failure_hook_fn hook) { failure_hook = hook; }

std::uint32_t libsched_upcall_should_stop(const libsched_task *task) {
  return libsched_should_yield(task) != 0 || libsched_task_cancelled(task) != 0 ? 1 : 0;
}

namespace libsched_csharp {

void raise(std::int64_t status, const libsched_error *error) {
  const libsched_failure_hook_fn hook = failure_hook;
  if (hook == nullptr) return;
  if (error == nullptr) return hook(static_cast<std::int32_t>(status), 0, 0, nullptr);
  hook(static_cast<std::int32_t>(status), libsched_error_errno(error),
       static_cast<std::int64_t>(libsched_error_offset(error)), libsched_error_message(error));
}

}  // namespace libsched_csharp
