#pragma once

#include <cstdint>

namespace sched {

// Priorities in the order in which they are served.
enum class Level : std::uint8_t { kHigh, kNormal, kLow };
inline constexpr int kLevels = 3;
inline constexpr Level kAllLevels[] = {Level::kHigh, Level::kNormal, Level::kLow};

inline constexpr int index_of(Level level) { return static_cast<int>(level); }

// A set of levels.
using LevelMask = std::uint32_t;
inline constexpr LevelMask kEveryLevel = 7;
inline constexpr LevelMask bit_of(Level level) { return LevelMask{1} << index_of(level); }

}  // namespace sched
