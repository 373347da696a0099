#include "core/sys/thread.h"

#include <dlfcn.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "core/sys/uncancelled.h"

#if defined(__GLIBC__) && defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 32)
#define SCHED_HAS_MASK_OF_ATTRIBUTES
#endif
#endif

namespace sched::sys {
namespace {

#ifdef SCHED_HAS_MASK_OF_ATTRIBUTES
// The caller's signals stay as they are: pthread_create may wait for a lock, and a runtime that stops
// threads by a signal would wait for this one while it has stopped the thread that holds the lock.
int create(pthread_t* out, pthread_attr_t* attributes, void* (*body)(void*), void* argument) {
  sigset_t all;
  sigfillset(&all);
  if (const int error = pthread_attr_setsigmask_np(attributes, &all)) return error;
  return calls.thread_create(out, attributes, body, argument);
}
#else
int create(pthread_t* out, pthread_attr_t* attributes, void* (*body)(void*), void* argument) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const int error = calls.thread_create(out, attributes, body, argument);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return error;
}
#endif

}  // namespace

int start_thread(pthread_t* out, const ThreadOptions& options, void* (*body)(void*),
                 void* argument) {
  pthread_attr_t attributes;
  if (const int error = pthread_attr_init(&attributes)) return -error;
  if (options.stack_size != 0) {
    const auto least = static_cast<std::uint64_t>(sysconf(_SC_THREAD_STACK_MIN));
    pthread_attr_setstacksize(&attributes, std::max(options.stack_size, least));
  }
  const int error = create(out, &attributes, body, argument);
  pthread_attr_destroy(&attributes);
  return -error;
}

void pin_current_thread(std::uint32_t cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

void join_or_detach(pthread_t thread) {
  if (pthread_equal(thread, pthread_self()) != 0) {
    calls.thread_detach(thread);
  } else {
    const Uncancelled uncancelled;
    calls.thread_join(thread, nullptr);
  }
}

void name_current_thread(const char* prefix, std::uint32_t number) {
  char suffix[12];
  const int length = std::snprintf(suffix, sizeof suffix, "-%u", number);
  char name[16];
  std::snprintf(name, sizeof name, "%.*s%s", 15 - length, prefix, suffix);
  pthread_setname_np(pthread_self(), name);
}

const char* stack_end() { return calls.stack_end(); }

void end_child() { std::exit(0); }

void pin_own_code() {
  Dl_info own{};
  if (dladdr(reinterpret_cast<void*>(&pin_own_code), &own) != 0 && own.dli_fname != nullptr) {
    // The handle is left open on purpose.
    static_cast<void>(dlopen(own.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE));
  }
}

}  // namespace sched::sys
