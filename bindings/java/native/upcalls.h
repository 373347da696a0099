// The functions that libsched calls, each of which calls a method of org.libsched.Upcalls.
#ifndef LIBSCHED_BINDINGS_JAVA_NATIVE_UPCALLS_H
#define LIBSCHED_BINDINGS_JAVA_NATIVE_UPCALLS_H

#include <libsched.h>

libsched_batch_fn libsched_upcall_run_many();
libsched_chunk_fn libsched_upcall_run_chunk();
libsched_discard_fn libsched_upcall_discard();
libsched_task_fn libsched_upcall_work();
libsched_finalize_fn libsched_upcall_finalize();
libsched_job_fn libsched_upcall_job();
libsched_run_handler_fn libsched_upcall_message();
libsched_worker_hook_fn libsched_upcall_worker_start();
libsched_worker_hook_fn libsched_upcall_worker_stop();

// Whether a call that runs items should stop between two of them: one crossing for two questions.
int libsched_upcall_should_stop(const libsched_task *task);

#endif
