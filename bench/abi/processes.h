#pragma once

#include <libsched.h>

#include "bench/abi/expect.h"
#include "bench/process_rows.h"

// A process as process_rows.h wants it.
namespace abi {

inline void run_process() {
  static const char* const arguments[] = {"/bin/true", nullptr};
  libsched_process_options options = LIBSCHED_PROCESS_OPTIONS_INIT;
  libsched_process_result result = LIBSCHED_PROCESS_RESULT_INIT;
  libsched_process* process = nullptr;
  options.argv = arguments;
  expect_ok("libsched_process_spawn", libsched_process_spawn(&process, &options, nullptr));
  expect_ok("libsched_process_wait",
            libsched_process_wait(&result, process, LIBSCHED_FOREVER, nullptr));
  bench::check("the state of a process", result.state, LIBSCHED_PROCESS_EXITED);
  libsched_process_unref(process);
}

}  // namespace abi
