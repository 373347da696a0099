// How a failure becomes an exception of C#.
#ifndef LIBSCHED_BINDINGS_CSHARP_NATIVE_FAILURE_H
#define LIBSCHED_BINDINGS_CSHARP_NATIVE_FAILURE_H

#include <libsched.h>

#include <cstdint>

// Is told a failure; `text` is valid during the call, or NULL.
typedef void (*libsched_failure_hook_fn)(std::int32_t status, std::int32_t error,
                                         std::int64_t offset, const char *text);

void libsched_failure_hook(libsched_failure_hook_fn hook);

// Whether a call that runs items should stop between two of them: one crossing for two questions.
std::uint32_t libsched_upcall_should_stop(const libsched_task *task);

namespace libsched_csharp {
void raise(std::int64_t status, const libsched_error *error);
}

#endif
