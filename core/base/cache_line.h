#pragma once

#include <cstddef>

namespace sched {

// Twice the usual 64: x86 fetches lines in pairs, and some arm64 cores have lines of 128 bytes.
inline constexpr std::size_t kCacheLine = 128;

}  // namespace sched
