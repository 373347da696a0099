#include "bindings/csharp/native/worker_start.h"

#include <csignal>
#include <cstdint>
#include <initializer_list>

namespace {

bool has_handler(int signal) {
  struct sigaction action = {};
  if (sigaction(signal, nullptr, &action) != 0) return false;
  return (action.sa_flags & SA_SIGINFO) != 0 ||
         (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN);
}

void worker_start(std::uint32_t worker, void *data) {
  sigset_t runtime;
  sigemptyset(&runtime);
  // Old versions of Mono use the first two, all others what real-time signals they find free.
  for (const int signal : {SIGPWR, SIGXCPU}) {
    if (has_handler(signal)) sigaddset(&runtime, signal);
  }
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal) {
    if (has_handler(signal)) sigaddset(&runtime, signal);
  }
  pthread_sigmask(SIG_UNBLOCK, &runtime, nullptr);
  reinterpret_cast<libsched_worker_hook_fn>(data)(worker, nullptr);
}

}  // namespace

libsched_worker_hook_fn libsched_worker_start() { return worker_start; }
