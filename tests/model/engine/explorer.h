#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "tests/model/engine/scenario.h"

namespace model {

// One way to run a scenario.
struct Plan {
  Strategy strategy = Strategy::kExhaustive;
  int bound = 2;                 // exhaustive: stops
  std::uint64_t executions = 0;  // at most; 0 = no limit
  double seconds = 0;            // at most; 0 = no limit
  std::uint64_t seed = 1;
};

struct Report {
  bool complete = false;  // exhaustive: nothing within the bound was left out
  std::uint64_t executions = 0;
  std::uint64_t redundant = 0;  // of these, given up since another one shows the same
  std::uint64_t steps = 0;
  double seconds = 0;
  Failure failure = Failure::kNone;
  std::string message;
  std::string replay;  // what to give to replay(), without the scenario's name
  std::string trace;
  std::set<std::string> outcomes;
};

Report explore(const Scenario& scenario, const Plan& plan);

// Runs the execution that a report's `replay` describes. False: the text is not one.
bool replay(const Scenario& scenario, const std::string& text, Report& report);

}  // namespace model
