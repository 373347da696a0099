#pragma once

#include <cstdint>
#include <string>

namespace model {

// Why an execution is wrong.
enum class Failure : std::uint8_t {
  kNone,
  kAssertion,
  kRace,
  kDeadlock,
  kLivelock,
  kUseAfterFree,
  kLeak,
  kTwice,             // something that must happen once happened twice
  kNonDeterministic,  // the scenario does not do the same again for the same choices
  kLimit,             // of the checker itself
};

const char* name_of(Failure failure);

// Ends the execution. Does not return when called by a scenario's thread.
[[noreturn]] void fail(Failure failure, const std::string& message);

}  // namespace model
