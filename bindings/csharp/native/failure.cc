#include "bindings/csharp/native/failure.h"

#include <string>

namespace {

struct Failure {
  std::int64_t status = 0;
  std::int64_t error = 0;
  std::int64_t offset = 0;
  std::string text;
};

thread_local Failure failure;

}  // namespace

int64_t libsched_failure_take() {
  const int64_t status = failure.status;
  failure.status = 0;
  return status;
}

int64_t libsched_failure_errno() { return failure.error; }

int64_t libsched_failure_offset() { return failure.offset; }

const char *libsched_failure_text() { return failure.text.c_str(); }

std::uint32_t libsched_upcall_should_stop(const libsched_task *task) {
  return libsched_should_yield(task) != 0 || libsched_task_cancelled(task) != 0 ? 1 : 0;
}

namespace libsched_csharp {

void raise(std::int64_t status, const libsched_error *error) {
  if (failure.status != 0) return;  // with the details
  failure.status = status;
  failure.error = error == nullptr ? 0 : libsched_error_errno(error);
  failure.offset = error == nullptr ? 0 : static_cast<std::int64_t>(libsched_error_offset(error));
  const char *text = error == nullptr ? nullptr : libsched_error_message(error);
  failure.text = text == nullptr ? "" : text;
}

}  // namespace libsched_csharp
