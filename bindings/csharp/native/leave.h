// The end of the process.
#ifndef LIBSCHED_BINDINGS_CSHARP_NATIVE_LEAVE_H
#define LIBSCHED_BINDINGS_CSHARP_NATIVE_LEAVE_H

#include <cstdint>

// exit(), for a task that ends the process where the runtime would wait for the other workers of its pool.
void libsched_leave(std::int32_t code);

#endif
