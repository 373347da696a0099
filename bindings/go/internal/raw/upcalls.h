// What Go's raw layer needs besides the library: the functions that libsched calls, each of which calls an exported function
// of upcalls.go, and the failures on their way to Go.
#ifndef LIBSCHED_BINDINGS_GO_UPCALLS_H
#define LIBSCHED_BINDINGS_GO_UPCALLS_H

#include <libsched.h>

libsched_batch_fn libsched_upcall_run_many();
libsched_chunk_fn libsched_upcall_run_chunk();
libsched_task_fn libsched_upcall_work();
libsched_finalize_fn libsched_upcall_finalize();
libsched_job_fn libsched_upcall_job();
libsched_run_handler_fn libsched_upcall_message();
libsched_group_complete_fn libsched_upcall_completed();
libsched_discard_fn libsched_upcall_discard();

// Whether a call that runs items should stop between two of them: one crossing for two questions.
int libsched_upcall_should_stop(const libsched_task *task);

// Whether the calling thread runs a task of a pool. 2: in the place of a worker that waits for it, and nobody stands in for that.
int libsched_upcall_on_worker();

// The call that runs the caller's task among others; nullptr if there is none.
const libsched_task *libsched_upcall_call();

// Whether a wait may run tasks on the stack of the task that waits.
int libsched_upcall_may_help();

// How far down a thread's stack Go may be called, from where it was called first. Further down it is called on another thread.
void libsched_upcall_limit_stack(size_t most);

// An array for libsched_run_add, of numbers: a job and a kind for each. NULL without memory.
libsched_dependency *libsched_dependencies_new(const void *data, size_t size);
void libsched_dependencies_free(libsched_dependency *dependencies);

// What libsched_error said, for one reading.
struct libsched_failure;
int libsched_failure_code(libsched_failure *failure);
int libsched_failure_errno(libsched_failure *failure);
uint64_t libsched_failure_offset(libsched_failure *failure);
const char *libsched_failure_text(libsched_failure *failure);
void libsched_failure_free(libsched_failure *failure);

#ifndef SWIG
// Minus the address of a failure; the status alone where there is no memory for one.
int64_t libsched_failure_keep(const libsched_error *error);
int64_t libsched_failure_of_size(int status, size_t size);

// Discards that a call from Go brings about are told to Go together, when the call ends.
class libsched_go_discards {
 public:
  libsched_go_discards();
  ~libsched_go_discards();
  libsched_go_discards(const libsched_go_discards &) = delete;
  libsched_go_discards &operator=(const libsched_go_discards &) = delete;

  void add(void *user_data);
  // The one of the calling thread, or nullptr.
  static libsched_go_discards *current();

 private:
  void flush();

  libsched_go_discards *outer_;
  size_t count_ = 0;
  uintptr_t slots_[256];
};
#endif

#endif
