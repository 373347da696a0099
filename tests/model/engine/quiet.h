#pragma once

#include "tests/model/engine/execution.h"

namespace model {

// While it lives, the checker works, not the scenario: memory is the checker's own.
class Execution::Quiet {
 public:
  explicit Quiet(Execution& execution) : execution_(execution), before_(execution.in_scenario_) {
    execution_.in_scenario_ = false;
  }
  ~Quiet() { execution_.in_scenario_ = before_; }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;

 private:
  Execution& execution_;
  const bool before_;
};

}  // namespace model
