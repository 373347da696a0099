#pragma once

#include <libsched.h>

#include <string>

#include "bench/harness.h"

namespace abi {

inline void expect_ok(const char* what, int status) {
  if (status != LIBSCHED_OK) bench::fail(std::string(what) + ": " + libsched_status_name(status));
}

}  // namespace abi
