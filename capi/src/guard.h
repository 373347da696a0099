#pragma once

#include <libsched.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <new>

#include "core/base/error.h"
#include "core/queue/level.h"

// As the body of a libsched_error: created only for a caller that asked.
struct libsched_error {
  sched::Error detail;
};

namespace sched::capi {

// Runs what may allocate. Nothing but std::bad_alloc comes out of the engine on its own account.
template <class Code>
Status guarded(Code code) {
  try {
    return code();
  } catch (const std::bad_alloc&) {
    return -ENOMEM;
  }
}

// No struct of any version is larger; a size beyond it is a mistake, and nothing is read on its word.
inline constexpr std::size_t kMaxStruct = 4096;

// Copies options of the caller, of whatever version, over defaults that are all zero.
template <class Options>
Status read_options(const Options* given, Options& out, Error* error = nullptr) {
  std::memset(&out, 0, sizeof out);
  out.struct_size = sizeof out;
  if (given == nullptr) return LIBSCHED_OK;
  if (given->struct_size < sizeof out) {  // the first release is the shortest
    return fail(error, LIBSCHED_E_STRUCT_SHORT,
                "struct_size is %zu; at least %zu is needed, which the _INIT macro sets",
                given->struct_size, sizeof out);
  }
  if (given->struct_size > kMaxStruct) {
    return fail(error, LIBSCHED_E_STRUCT_LONG, "struct_size is %zu; no options are over %zu bytes",
                given->struct_size, kMaxStruct);
  }
  const char* bytes = reinterpret_cast<const char*>(given);
  for (std::size_t i = sizeof out; i < given->struct_size; ++i) {
    if (bytes[i] == 0) continue;
    return fail(
        error, LIBSCHED_E_STRUCT_LONG,
        "struct_size is %zu, of which this version knows %zu bytes; byte %zu beyond is not 0",
        given->struct_size, sizeof out, i);
  }
  std::memcpy(&out, given, sizeof out);
  out.struct_size = sizeof out;
  return LIBSCHED_OK;
}

template <class Options>
void init_options(Options* options) {
  if (options == nullptr) return;
  std::memset(options, 0, sizeof *options);
  options->struct_size = sizeof *options;
}

template <class Output>
Status check_output(const Output& out) {
  if (out.struct_size < sizeof out) return LIBSCHED_E_STRUCT_SHORT;
  return out.struct_size > kMaxStruct ? LIBSCHED_E_STRUCT_LONG : LIBSCHED_OK;
}

// Makes an output struct of the caller, of whatever version, all zero: what we do not know of a later one is zero.
template <class Output>
Status begin_output(Output* out) {
  const std::size_t size = out->struct_size;
  if (const Status status = check_output(*out)) return status;
  std::memset(static_cast<void*>(out), 0, size);
  out->struct_size = size;
  return LIBSCHED_OK;
}

// LIBSCHED_E_FLAGS if something is set in options that define no flags.
inline Status check_unused(std::uint64_t flags, std::uint32_t reserved, Error* error) {
  if (flags != 0) {
    return fail(error, LIBSCHED_E_FLAGS, "flags is 0x%llx; none is defined",
                static_cast<unsigned long long>(flags));
  }
  if (reserved != 0) {
    return fail(error, LIBSCHED_E_FLAGS, "reserved is 0x%x; it must be 0", reserved);
  }
  return LIBSCHED_OK;
}

// LIBSCHED_E_RANGE for a number that is no way to shut down.
inline Status check_mode(std::uint32_t mode, Error* error) {
  if (mode == LIBSCHED_DRAIN || mode == LIBSCHED_CANCEL) return LIBSCHED_OK;
  return fail(error, LIBSCHED_E_RANGE,
              "mode is %u; LIBSCHED_DRAIN and LIBSCHED_CANCEL are possible", mode);
}

// LIBSCHED_E_RANGE for a number that is no priority.
inline Status read_priority(std::uint32_t priority, Level& out, Error* error = nullptr) {
  switch (priority) {
    case LIBSCHED_NORMAL:
      out = Level::kNormal;
      return LIBSCHED_OK;
    case LIBSCHED_HIGH:
      out = Level::kHigh;
      return LIBSCHED_OK;
    case LIBSCHED_LOW:
      out = Level::kLow;
      return LIBSCHED_OK;
    default:
      return fail(error, LIBSCHED_E_RANGE,
                  "priority is %u; LIBSCHED_NORMAL (0), LIBSCHED_HIGH (1) and LIBSCHED_LOW (2) are "
                  "possible",
                  priority);
  }
}

inline std::uint32_t priority_of(Level level) {
  switch (level) {
    case Level::kHigh:
      return LIBSCHED_HIGH;
    case Level::kLow:
      return LIBSCHED_LOW;
    case Level::kNormal:
      break;
  }
  return LIBSCHED_NORMAL;
}

// The details of one call's failure, on their way to the caller's `libsched_error **`.
class ErrorOut {
 public:
  explicit ErrorOut(libsched_error** out) : out_(out) {
    if (out_ != nullptr) *out_ = nullptr;
  }

  // Where the engine writes to, or nullptr if nobody wants to know.
  Error* sink() { return out_ != nullptr ? &detail_ : nullptr; }

  // Passes a status on, with the details that were written, or else the status' own message.
  Status done(Status status);

 private:
  libsched_error** out_;
  Error detail_;
};

}  // namespace sched::capi
