#pragma once

#include <cstdint>
#include <string>

#include "tests/model/engine/explorer.h"
#include "tests/model/engine/orders.h"

namespace model {

struct SessionOptions {
  bool deep = false;
  std::string ledger;     // a file to append lines to
  std::string survivors;  // the table of mutants that may survive
  double seconds = 0;     // for each run; 0 = no limit
  std::uint64_t seed = 1;
};

// What the program's commands do. Each says on stdout what it has seen, and returns whether all was as it must be.
class Session {
 public:
  explicit Session(SessionOptions options) : options_(std::move(options)) {}

  int list() const;
  bool run(const std::string& name);
  bool mutants(const std::string& group);
  // "SCENARIO[+MUTANT]@CHOICES"
  bool replay(const std::string& text);
  // A file of lines "EXPECTED SCENARIO[+MUTANT]@CHOICES", where EXPECTED is "passes" or the name of a failure.
  bool regress(const std::string& path);

 private:
  bool run_once(const Scenario& scenario, const Plan& plan);
  // `all`: every outcome that is expected must have been seen.
  bool outcomes_right(const Scenario& scenario, const Report& report, bool all) const;
  bool kill(const Mutant& mutant, std::string& how, double& seconds);
  bool may_survive(const std::string& mutant) const;
  void write_ledger(const std::string& line) const;

  const SessionOptions options_;
};

}  // namespace model
