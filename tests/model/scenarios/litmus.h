#pragma once

#include <string>

#include "tests/model/engine/policy.h"
#include "tests/model/engine/scenario.h"

// Litmus tests: programs of a few operations, each with all that C++20 lets it observe. ../litmus.md is the table of them.
// An outcome is what the threads have read, one digit each, in the order of the threads and of their reads; where the
// test says so, the locations' last values follow.
namespace model::litmus {

inline constexpr std::memory_order relaxed = std::memory_order_relaxed;
inline constexpr std::memory_order acquire = std::memory_order_acquire;
inline constexpr std::memory_order release = std::memory_order_release;
inline constexpr std::memory_order acq_rel = std::memory_order_acq_rel;
inline constexpr std::memory_order seq_cst = std::memory_order_seq_cst;

using Location = Atomic<int>;

inline void together() {}

// Runs the bodies as threads and waits for their end.
template <class First, class... Rest>
void together(const First& first, const Rest&... rest) {
  Thread thread([&first] { first(); });
  together(rest...);
}

template <class... Values>
void outcome(Values... values) {
  observe(std::string{static_cast<char>('0' + values)...});
}

}  // namespace model::litmus

// The bound is higher than the number of stops that any of these programs can make.
#define LITMUS(name, ...) SCENARIO(name, .bound = 8, __VA_ARGS__)

// All that two, three, and four registers of one bit can hold.
#define LITMUS_ALL_2 "00", "01", "10", "11"
#define LITMUS_ALL_3 "000", "001", "010", "011", "100", "101", "110", "111"
