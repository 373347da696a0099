#include "tests/model/engine/explorer.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace model {
namespace {

std::array<char, 256> observed;  // of the checker, not of the scenario's memory

Bounds bounds_of(const Scenario& scenario, int bound) {
  Bounds bounds;
  bounds.preemptions = bound;
  bounds.spurious = scenario.settings.spurious;
  bounds.steps = scenario.settings.steps;
  return bounds;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void take_failure(const Execution& execution, Report& report) {
  report.failure = execution.failure();
  report.message = execution.message();
  if (!execution.trace().empty()) report.trace = table(execution.trace());
}

// The failed execution once more, with its trace.
void explain(const Scenario& scenario, Report& report) {
  Report again;
  if (!replay(scenario, report.replay, again)) return;
  report.trace = again.trace;
  if (again.failure != report.failure) {
    report.message += "; it did not fail in the same way again: the scenario is not deterministic";
    report.failure = Failure::kNonDeterministic;
  }
}

}  // namespace

void observe(const std::string& outcome) {
  std::snprintf(observed.data(), observed.size(), "%s", outcome.c_str());
}

Report explore(const Scenario& scenario, const Plan& plan) {
  Report report;
  const bool exhaustive = plan.strategy == Strategy::kExhaustive;
  const auto start = std::chrono::steady_clock::now();
  auto chooser = std::make_unique<Chooser>(plan.strategy, plan.seed);
  auto execution =
      std::make_unique<Execution>(*chooser, bounds_of(scenario, plan.bound), exhaustive);
  const std::function<void()> body = scenario.body;
  for (;;) {
    observed[0] = 0;
    const Outcome outcome = execution->run(body);
    ++report.executions;
    report.steps += execution->steps();
    if (outcome == Outcome::kFailed) {
      take_failure(*execution, report);
      report.replay = (exhaustive ? "d" + std::to_string(plan.bound) : std::string("r")) + ":" +
                      encode(chooser->made());
      break;
    }
    if (outcome == Outcome::kRedundant) ++report.redundant;
    if (outcome == Outcome::kComplete && observed[0] != 0) report.outcomes.insert(observed.data());
    if (execution->learned()) {
      // Earlier executions did not know that this thread writes there: begin again.
      chooser->restart();
      execution->begin_exploration();
      report.executions = report.redundant = report.steps = 0;
      continue;
    }
    if (!chooser->advance()) {
      report.complete = true;
      break;
    }
    if (plan.executions != 0 && report.executions >= plan.executions) break;
    if (plan.seconds != 0 && report.executions % 64 == 0 && seconds_since(start) > plan.seconds) {
      break;
    }
  }
  report.seconds = seconds_since(start);
  execution.reset();
  if (report.failure != Failure::kNone) explain(scenario, report);
  return report;
}

bool replay(const Scenario& scenario, const std::string& text, Report& report) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || (text[0] != 'd' && text[0] != 'r')) return false;
  std::vector<std::uint16_t> choices;
  if (!decode(text.substr(colon + 1), choices)) return false;
  const bool exhaustive = text[0] == 'd';
  const int bound = exhaustive ? std::atoi(text.c_str() + 1) : 0;
  Chooser chooser(Strategy::kReplay);
  chooser.load(std::move(choices));
  Execution execution(chooser, bounds_of(scenario, bound), exhaustive);
  execution.record_trace(true);
  execution.run(scenario.body);
  report.executions = 1;
  report.steps = execution.steps();
  report.replay = text;
  take_failure(execution, report);
  report.trace = table(execution.trace());
  return true;
}

}  // namespace model
