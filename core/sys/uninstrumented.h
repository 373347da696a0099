#pragma once

// For code that runs in a child which shares this process' memory, and which never returns: sanitizers keep the state of the
// thread that waits for it up to date at the entry and the return of every function.
#if defined(__clang__)
#define SCHED_UNINSTRUMENTED __attribute__((disable_sanitizer_instrumentation))
#else
#define SCHED_UNINSTRUMENTED __attribute__((no_sanitize("address", "thread", "undefined")))
#endif
