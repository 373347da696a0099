#include "tests/model/engine/system.h"

#include <cerrno>

#include "core/sys/calls.h"
#include "tests/model/engine/sync.h"

namespace model {
namespace {

ThreadId id_of(pthread_t thread) { return static_cast<ThreadId>(thread - 1); }

int create(pthread_t* out, const pthread_attr_t*, void* (*body)(void*), void* argument) {
  *out = static_cast<pthread_t>(
      Execution::current().spawn([body, argument] { static_cast<void>(body(argument)); }) + 1);
  return 0;
}

// The engine asks the system which thread it is on, and so does not know itself here.
int join(pthread_t thread, void**) {
  Execution& execution = Execution::current();
  if (id_of(thread) != execution.self()) execution.join(id_of(thread));
  return 0;
}

int detach(pthread_t) { return 0; }

int time_of(clockid_t, timespec* out) {
  const bool virtual_time = Execution::exists() && Execution::current().in_scenario();
  const std::int64_t now = virtual_time ? Execution::current().now_ns() : 0;
  out->tv_sec = now / 1'000'000'000;
  out->tv_nsec = now % 1'000'000'000;
  return 0;
}

// With two CPUs no worker spins.
int affinity(pid_t, std::size_t bytes, cpu_set_t* set) {
  CPU_ZERO_S(bytes, set);
  CPU_SET_S(0, bytes, set);
  CPU_SET_S(1, bytes, set);
  return static_cast<int>(bytes);
}

// A fiber's stack is not the thread's: as if it were unknown.
const char* no_stack_end() { return nullptr; }

int no_file(const char*) { return -ENOENT; }

}  // namespace

void install_system() {
  sched::sys::Calls& calls = sched::sys::calls;
  calls.clock_gettime = time_of;
  calls.getaffinity = affinity;
  calls.open = no_file;
  calls.thread_create = create;
  calls.thread_join = join;
  calls.thread_detach = detach;
  calls.stack_end = no_stack_end;
}

void sleep(std::int64_t ns) {
  const Atomic<std::uint32_t> word{0};
  ModelSync::wait(word, 0, ns);
}

}  // namespace model
