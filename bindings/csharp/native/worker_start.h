// The first thing on a worker thread.
#ifndef LIBSCHED_BINDINGS_CSHARP_NATIVE_WORKER_START_H
#define LIBSCHED_BINDINGS_CSHARP_NATIVE_WORKER_START_H

#include <libsched.h>

// A hook that lets the runtime's signals reach the thread, and then calls the managed hook whose address the pool's hook_data is.
// Workers block all signals, but .NET and Mono stop threads by signals, for the garbage collector among others, and would wait
// for such a worker for ever.
libsched_worker_hook_fn libsched_worker_start();

#endif
