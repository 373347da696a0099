// How a failure becomes an exception of C#: it is kept for the thread until C# takes it. No delegate is called for that, since one
// belongs to an AppDomain, and there may be several.
#ifndef LIBSCHED_BINDINGS_CSHARP_NATIVE_FAILURE_H
#define LIBSCHED_BINDINGS_CSHARP_NATIVE_FAILURE_H

#include <libsched.h>

#include <cstdint>

// The status of the calling thread's failure that was not taken; 0: there is none, and a negative result was an outcome.
int64_t libsched_failure_take();

// Of the failure that was taken last.
int64_t libsched_failure_errno();
int64_t libsched_failure_offset();
const char *libsched_failure_text();

// Whether a call that runs items should stop between two of them: one crossing for two questions.
std::uint32_t libsched_upcall_should_stop(const libsched_task *task);

#ifndef SWIG
namespace libsched_csharp {
void raise(std::int64_t status, const libsched_error *error);
}
#endif

#endif
