#include "upcalls.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <new>
#include <string>
#include <utility>

#include "_cgo_export.h"

struct libsched_failure {
  int code;
  int error;
  uint64_t offset;
  std::string text;
};

namespace {

thread_local int runs_task = 0;
thread_local const libsched_task *running_call = nullptr;
thread_local libsched_go_discards *collecting = nullptr;

uintptr_t number(const volatile void *pointer) { return reinterpret_cast<uintptr_t>(pointer); }

// A Go before 1.21 takes it that a thread that is not its own has 32 KiB of stack left when it first calls Go, whatever is true, and
// ends the process when calls within calls, such as those of a worker that works while it waits, come further down. It needs
// about half of that for itself.
std::atomic<size_t> most_stack = SIZE_MAX;
// Of that, what a wait has used when it runs tasks: the engine's frames above another call of Go.
constexpr size_t most_for_wait = 3 << 10;
thread_local uintptr_t outermost = 0;
thread_local bool nobody_stands_in = false;

bool stack_is_left(uintptr_t here, size_t most) {
  return outermost == 0 || outermost - here < most;
}

// Where the calling thread's stack ends; 0 if that is not known.
uintptr_t stack_end() {
  thread_local uintptr_t end = 0;
  thread_local bool known = false;
  pthread_attr_t attributes;
  if (!std::exchange(known, true) && pthread_getattr_np(pthread_self(), &attributes) == 0) {
    void *address = nullptr;
    size_t size = 0;
    if (pthread_attr_getstack(&attributes, &address, &size) == 0) end = number(address);
    pthread_attr_destroy(&attributes);
  }
  return end;
}

// Runs f on a thread of its own, while the worker counts as blocked. False if there can be none.
template <typename Function>
bool run_elsewhere(Function &f) {
  pthread_t thread;
  struct Call {
    Function &f;
    bool blocking;
  } elsewhere = {f, libsched_blocking_begin() == LIBSCHED_OK};
  auto call = [](void *argument) -> void * {
    const Call &call = *static_cast<Call *>(argument);
    nobody_stands_in = !call.blocking;
    call.f();
    return nullptr;
  };
  const bool made = pthread_create(&thread, nullptr, call, &elsewhere) == 0;
  if (made) pthread_join(thread, nullptr);
  if (elsewhere.blocking) libsched_blocking_end();
  return made;
}

// Runs f, which calls Go.
template <typename Function>
void call_go(Function f) {
  const uintptr_t here = number(__builtin_frame_address(0));
  if (!stack_is_left(here, most_stack) && run_elsewhere(f)) return;
  const uintptr_t outer = outermost;
  if (outer == 0) outermost = here;
  f();
  outermost = outer;
}

// The same for somebody's task.
template <typename Function>
void run_task(Function f) {
  call_go([&f] {
    const int outer = std::exchange(runs_task, 1);
    f();
    runs_task = outer;
  });
}

size_t run_many(libsched_task *task, void *const *user_data, size_t n, int *results) {
  size_t run = 0;
  run_task([&] {
    const libsched_task *outer = std::exchange(running_call, task);
    run = libschedGoRunMany(number(task), number(user_data), n, number(results));
    running_call = outer;
  });
  return run;
}

int run_chunk(libsched_task *task, uint64_t begin, uint64_t end, void *user_data) {
  int result = 0;
  run_task([&] { result = libschedGoRunChunk(number(task), begin, end, number(user_data)); });
  return result;
}

int work(libsched_task *task, void *user_data) {
  int result = 0;
  run_task([&] { result = libschedGoWork(number(task), number(user_data)); });
  return result;
}

void finalize(libsched_task *task, int result, void *user_data) {
  run_task([&] { libschedGoFinalize(number(task), result, number(user_data)); });
}

int job(libsched_job *job, void *user_data) {
  int result = 0;
  run_task([&] { result = libschedGoJob(number(job), number(user_data)); });
  return result;
}

int message(const libsched_run_message *message, void *user_data) {
  return libschedGoMessage(number(message), number(user_data));
}

void completed(int status, int code, void *user_data) {
  call_go([=] { libschedGoCompleted(status, code, number(user_data)); });
}

void discard(void *user_data) {
  if (libsched_go_discards *all = libsched_go_discards::current()) return all->add(user_data);
  uintptr_t slot = number(user_data);
  call_go([&slot] { libschedGoDiscard(number(&slot), 1); });
}

int64_t address_of(libsched_failure *failure, int status) {
  return failure != nullptr ? -static_cast<int64_t>(number(failure)) : status;
}

}  // namespace

libsched_batch_fn libsched_upcall_run_many() { return run_many; }
libsched_chunk_fn libsched_upcall_run_chunk() { return run_chunk; }
libsched_task_fn libsched_upcall_work() { return work; }
libsched_finalize_fn libsched_upcall_finalize() { return finalize; }
libsched_job_fn libsched_upcall_job() { return job; }
libsched_run_handler_fn libsched_upcall_message() { return message; }
libsched_group_complete_fn libsched_upcall_completed() { return completed; }
libsched_discard_fn libsched_upcall_discard() { return discard; }

int libsched_upcall_should_stop(const libsched_task *task) {
  return libsched_should_yield(task) != 0 || libsched_task_cancelled(task) != 0 ? 1 : 0;
}

int libsched_upcall_on_worker() { return runs_task + (nobody_stands_in ? 1 : 0); }

const libsched_task *libsched_upcall_call() { return running_call; }

int libsched_upcall_may_help() {
  const uintptr_t here = number(__builtin_frame_address(0));
  const bool go_can = most_stack == SIZE_MAX || stack_is_left(here, most_for_wait);
  return go_can && here - stack_end() > 256 * 1024 ? 1 : 0;
}

void libsched_upcall_limit_stack(size_t most) { most_stack = most; }

libsched_dependency *libsched_dependencies_new(const void *data, size_t size) {
  const size_t count = size / (2 * sizeof(uint64_t));
  const auto *numbers = static_cast<const uint64_t *>(data);
  auto *made = static_cast<libsched_dependency *>(calloc(count + 1, sizeof(libsched_dependency)));
  for (size_t i = 0; made != nullptr && i < count; i++) {
    made[i].job = numbers[2 * i];
    made[i].kind = static_cast<uint32_t>(numbers[2 * i + 1]);
  }
  return made;
}

void libsched_dependencies_free(libsched_dependency *dependencies) { free(dependencies); }

int libsched_failure_code(libsched_failure *failure) { return failure->code; }
int libsched_failure_errno(libsched_failure *failure) { return failure->error; }
uint64_t libsched_failure_offset(libsched_failure *failure) { return failure->offset; }
const char *libsched_failure_text(libsched_failure *failure) { return failure->text.c_str(); }
void libsched_failure_free(libsched_failure *failure) { delete failure; }

int64_t libsched_failure_keep(const libsched_error *error) {
  const int status = libsched_error_status(error);
  return address_of(new (std::nothrow) libsched_failure{status, libsched_error_errno(error),
                                                        libsched_error_offset(error),
                                                        libsched_error_message(error)},
                    status);
}

int64_t libsched_failure_of_size(int status, size_t size) {
  return address_of(new (std::nothrow) libsched_failure{status, 0, size, std::string()}, status);
}

libsched_go_discards::libsched_go_discards() : outer_(collecting) { collecting = this; }

libsched_go_discards::~libsched_go_discards() {
  collecting = outer_;
  flush();
}

void libsched_go_discards::add(void *user_data) {
  slots_[count_++] = number(user_data);
  if (count_ == std::size(slots_)) flush();
}

void libsched_go_discards::flush() {
  if (count_ != 0) libschedGoDiscard(number(slots_), count_);
  count_ = 0;
}

libsched_go_discards *libsched_go_discards::current() { return collecting; }
