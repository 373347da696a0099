#include "upcalls.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <new>
#include <string>

#include "_cgo_export.h"

struct libsched_failure {
  int code;
  int error;
  uint64_t offset;
  std::string text;
};

namespace {

thread_local int tasks_on_this_thread = 0;
thread_local libsched_go_discards *collecting = nullptr;

// On the stack of each call that runs somebody's task.
struct OnWorker {
  OnWorker() { ++tasks_on_this_thread; }
  ~OnWorker() { --tasks_on_this_thread; }
  OnWorker(const OnWorker &) = delete;
  OnWorker &operator=(const OnWorker &) = delete;
};

uintptr_t number(const volatile void *pointer) { return reinterpret_cast<uintptr_t>(pointer); }

size_t run_many(libsched_task *task, void *const *user_data, size_t n, int *results) {
  OnWorker here;
  return libschedGoRunMany(number(task), number(user_data), n, number(results));
}

int run_chunk(libsched_task *task, uint64_t begin, uint64_t end, void *user_data) {
  OnWorker here;
  return libschedGoRunChunk(number(task), begin, end, number(user_data));
}

int work(libsched_task *task, void *user_data) {
  OnWorker here;
  return libschedGoWork(number(task), number(user_data));
}

void finalize(libsched_task *task, int result, void *user_data) {
  OnWorker here;
  libschedGoFinalize(number(task), result, number(user_data));
}

int job(libsched_job *job, void *user_data) {
  OnWorker here;
  return libschedGoJob(number(job), number(user_data));
}

int message(const libsched_run_message *message, void *user_data) {
  return libschedGoMessage(number(message), number(user_data));
}

void completed(int status, int code, void *user_data) {
  libschedGoCompleted(status, code, number(user_data));
}

void discard(void *user_data) {
  if (libsched_go_discards *all = libsched_go_discards::current()) return all->add(user_data);
  uintptr_t slot = number(user_data);
  libschedGoDiscard(number(&slot), 1);
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

int libsched_upcall_on_worker() { return tasks_on_this_thread != 0 ? 1 : 0; }

char **libsched_texts_new(const void *data, size_t size) {
  const char *bytes = static_cast<const char *>(data);
  const size_t count = static_cast<size_t>(std::count(bytes, bytes + size, char()));
  auto **texts = static_cast<char **>(malloc((count + 1) * sizeof(char *) + size));
  if (texts == nullptr) return nullptr;
  char *copy = reinterpret_cast<char *>(texts + count + 1);
  for (size_t i = 0; i < count; i++) {
    texts[i] = copy;
    const size_t length = strlen(bytes) + 1;
    memcpy(copy, bytes, length);
    copy += length;
    bytes += length;
  }
  texts[count] = nullptr;
  return texts;
}

void libsched_texts_free(char **texts) { free(texts); }

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
