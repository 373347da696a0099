// What the generated wrappers of all languages use.
#ifndef LIBSCHED_BINDINGS_COMMON_RAW_H
#define LIBSCHED_BINDINGS_COMMON_RAW_H

#include <libsched.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <type_traits>

// How a result is put where SWIG wants it; a language for which this is wrong says so first.
#ifndef LIBSCHED_GIVE
#define LIBSCHED_GIVE(place, value) place = (value)
#endif

// What a caller reckons with: the call came to nothing, and why is an answer rather than a mistake.
inline bool libsched_raw_is_outcome(int status) {
  switch (status) {
    case LIBSCHED_E_CLOSED:
    case LIBSCHED_E_CANCELLED:
    case LIBSCHED_E_TIMEOUT:
    case LIBSCHED_E_FULL:
    case LIBSCHED_E_EMPTY:
    case LIBSCHED_E_RETRY:
    case LIBSCHED_E_NOT_WORKER:
    case LIBSCHED_E_NO_SPARE:
    case LIBSCHED_E_FAILED:
      return true;
    default:
      return false;
  }
}

inline bool libsched_raw_is_failure(int status) {
  return status < 0 && !libsched_raw_is_outcome(status);
}

// Results are no negative numbers: addresses, counts, tokens, slots of a language's table.
template <typename T>
std::int64_t libsched_raw_given(T value) {
  if constexpr (std::is_pointer_v<T>) {
    return static_cast<std::int64_t>(reinterpret_cast<std::intptr_t>(value));
  } else {
    return static_cast<std::int64_t>(value);
  }
}

#endif
