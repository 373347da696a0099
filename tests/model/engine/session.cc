#include "tests/model/engine/session.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>

namespace model {
namespace {

const char* name_of(Strategy strategy) {
  switch (strategy) {
    case Strategy::kExhaustive:
      return "exhaustive";
    case Strategy::kRandom:
      return "random";
    case Strategy::kPct:
      return "pct";
    default:
      return "replay";
  }
}

std::string joined(const std::set<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

void print_failure(const std::string& name, const Report& report) {
  std::printf("%s", report.trace.c_str());
  std::printf("FAILED: %s: %s\n", model::name_of(report.failure), report.message.c_str());
  std::printf("replay: model_tests replay '%s@%s'\n", name.c_str(), report.replay.c_str());
}

// The mutant of that name, if the name is one.
bool find_mutant(const std::string& name, Mutant& found) {
  for (const Mutant& mutant : mutants_of("")) {
    if (mutant.name() == name) return found = mutant, true;
  }
  return false;
}

// A group may have nothing that could be weaker.
bool known_group(const std::string& group) {
  const std::vector<Order> orders = all_orders();
  return std::any_of(orders.begin(), orders.end(),
                     [&](const Order& order) { return group == order.group; });
}

}  // namespace

std::vector<Scenario>& scenarios() {
  static std::vector<Scenario> all;
  return all;
}

const Scenario* find_scenario(const std::string& name) {
  for (const Scenario& scenario : scenarios()) {
    if (name == scenario.name) return &scenario;
  }
  return nullptr;
}

void Session::write_ledger(const std::string& line) const {
  if (options_.ledger.empty()) return;
  std::ofstream file(options_.ledger, std::ios::app);
  file << line << '\n';
}

int Session::list() const {
  for (const Scenario& scenario : scenarios()) std::printf("scenario %s\n", scenario.name);
  std::set<std::string> groups;
  for (const Order& order : all_orders()) groups.insert(order.group);
  for (const std::string& group : groups) std::printf("mutants %s\n", group.c_str());
  return 0;
}

// --- scenarios ---

bool Session::outcomes_right(const Scenario& scenario, const Report& report, bool all) const {
  const Settings& settings = scenario.settings;
  if (settings.allowed.empty()) return true;
  std::set<std::string> expected(settings.allowed.begin(), settings.allowed.end());
  for (const std::string& missing : settings.missing) expected.erase(missing);
  std::printf("    allowed by C++20: %s\n",
              joined({settings.allowed.begin(), settings.allowed.end()}).c_str());
  std::printf("    observed:         %s\n", joined(report.outcomes).c_str());
  if (all ? report.outcomes == expected
          : std::includes(expected.begin(), expected.end(), report.outcomes.begin(),
                          report.outcomes.end())) {
    return true;
  }
  std::printf("FAILED: the outcomes should have been %s\n", joined(expected).c_str());
  return false;
}

bool Session::run_once(const Scenario& scenario, const Plan& plan) {
  const Report report = explore(scenario, plan);
  const bool exhaustive = plan.strategy == Strategy::kExhaustive;
  const std::string bound = exhaustive ? std::to_string(plan.bound) : "-";
  const char* complete = !exhaustive ? "-" : report.complete ? "complete" : "cut";
  char line[256];
  std::snprintf(line, sizeof line, "%s\t%s\t%s\t%s\t%llu\t%llu\t%llu\t%.2f", scenario.name,
                name_of(plan.strategy), bound.c_str(), complete,
                static_cast<unsigned long long>(report.executions),
                static_cast<unsigned long long>(report.redundant),
                static_cast<unsigned long long>(report.steps), report.seconds);
  std::printf("%s: %s, bound %s, %s, %llu executions (%llu redundant), %llu steps, %.2f s\n",
              scenario.name, name_of(plan.strategy), bound.c_str(), complete,
              static_cast<unsigned long long>(report.executions),
              static_cast<unsigned long long>(report.redundant),
              static_cast<unsigned long long>(report.steps), report.seconds);
  const Failure expected = scenario.settings.fails;
  if (expected != Failure::kNone) {
    std::printf("    must find: %s; found: %s\n", model::name_of(expected),
                model::name_of(report.failure));
    if (report.failure == expected) return true;
  }
  if (report.failure != Failure::kNone) print_failure(scenario.name, report);
  if (report.failure != expected) return false;
  write_ledger(std::string("scenario\t") + line);
  if (!exhaustive) return outcomes_right(scenario, report, false);
  const bool cut_expected = scenario.settings.limit != 0 || options_.seconds != 0;
  if (!report.complete && !cut_expected) {
    std::printf("FAILED: the exploration was not complete\n");
    return false;
  }
  return outcomes_right(scenario, report, true);
}

bool Session::run(const std::string& name) {
  const Scenario* scenario = find_scenario(name);
  if (scenario == nullptr) {
    std::printf("there is no scenario \"%s\"; \"list\" names them\n", name.c_str());
    return false;
  }
  const Settings& settings = scenario->settings;
  bool good = true;
  Plan plan;
  plan.seed = options_.seed;
  plan.seconds = options_.seconds;
  if (settings.bound >= 0) {
    plan.bound = options_.deep ? std::max(settings.deep_bound, settings.bound) : settings.bound;
    plan.executions = options_.deep ? settings.limit * 5 : settings.limit;
    good &= run_once(*scenario, plan);
  }
  const std::uint64_t more = options_.deep ? 5 : 1;
  for (const Strategy strategy : {Strategy::kRandom, Strategy::kPct}) {
    plan.strategy = strategy;
    plan.executions = (strategy == Strategy::kRandom ? settings.random : settings.pct) * more;
    if (plan.executions != 0) good &= run_once(*scenario, plan);
  }
  std::fflush(stdout);
  return good;
}

// --- mutants ---

bool Session::kill(const Mutant& mutant, std::string& how, double& seconds) {
  const Weakened weakened(mutant);
  seconds = 0;
  bool cut = false;
  for (const Scenario& scenario : scenarios()) {
    const Settings& settings = scenario.settings;
    if (std::find(settings.kills.begin(), settings.kills.end(), mutant.order.group) ==
        settings.kills.end()) {
      continue;
    }
    for (const Strategy strategy : {Strategy::kExhaustive, Strategy::kRandom, Strategy::kPct}) {
      Plan plan;
      plan.strategy = strategy;
      plan.bound = settings.bound;
      plan.executions = strategy == Strategy::kExhaustive ? settings.limit
                        : strategy == Strategy::kRandom   ? settings.random
                                                          : settings.pct;
      plan.seconds = options_.seconds;
      plan.seed = options_.seed;
      if (strategy == Strategy::kExhaustive ? settings.bound < 0 : plan.executions == 0) continue;
      const Report report = explore(scenario, plan);
      seconds += report.seconds;
      if (report.failure != Failure::kNone) {
        how = std::string(model::name_of(report.failure)) + " at execution " +
              std::to_string(report.executions) + " of '" + scenario.name + "+" + mutant.name() +
              "@" + report.replay + "'";
        return true;
      }
      cut |= strategy == Strategy::kExhaustive && !report.complete;
    }
  }
  how = cut ? "not killed, and not all was explored" : "not killed";
  return false;
}

bool Session::may_survive(const std::string& mutant) const {
  std::ifstream file(options_.survivors);
  for (std::string line; std::getline(file, line);) {
    if (line.find("`" + mutant + "`") != std::string::npos) return true;
  }
  return false;
}

bool Session::mutants(const std::string& group) {
  int killed = 0;
  int argued = 0;
  int total = 0;
  bool good = true;
  double sum = 0;
  for (const Mutant& mutant : mutants_of(group)) {
    ++total;
    std::string how;
    double seconds = 0;
    const bool dead = kill(mutant, how, seconds);
    sum += seconds;
    const bool listed = may_survive(mutant.name());
    killed += dead ? 1 : 0;
    argued += !dead && listed ? 1 : 0;
    std::printf("%s %s: %s, %.2f s\n",
                dead     ? "killed  "
                : listed ? "argued  "
                         : "SURVIVED",
                mutant.name().c_str(), how.c_str(), seconds);
    if (dead && listed) {
      std::printf("FAILED: %s is killed, but stands in the table of survivors\n",
                  mutant.name().c_str());
    }
    good &= dead != listed;
    std::fflush(stdout);
  }
  std::printf("%s: %d of %d mutants killed, %d argued, %.2f s\n", group.c_str(), killed, total,
              argued, sum);
  char line[256];
  std::snprintf(line, sizeof line, "mutants\t%s\t%d\t%d\t%d\t%.2f", group.c_str(), killed, argued,
                total, sum);
  write_ledger(line);
  if (total == 0 && !known_group(group)) {
    std::printf("there are no orders \"%s\"; \"list\" names them\n", group.c_str());
    return false;
  }
  return good;
}

// --- recorded executions ---

namespace {

bool replay_text(const std::string& text, Report& report, std::string& error) {
  const std::size_t at = text.find('@');
  std::string name = text.substr(0, at);
  const std::size_t plus = name.find('+');
  const std::string mutant_name = plus == std::string::npos ? "" : name.substr(plus + 1);
  name = name.substr(0, plus);
  const Scenario* scenario = find_scenario(name);
  Mutant mutant{};
  if (at == std::string::npos || scenario == nullptr) {
    error = "\"" + name + "\" is no scenario, or \"@\" and the choices are missing";
    return false;
  }
  std::unique_ptr<Weakened> weakened;
  if (!mutant_name.empty()) {
    if (!find_mutant(mutant_name, mutant)) {
      error = "\"" + mutant_name + "\" is no mutant";
      return false;
    }
    weakened = std::make_unique<Weakened>(mutant);
  }
  if (model::replay(*scenario, text.substr(at + 1), report)) return true;
  error = "\"" + text.substr(at + 1) + "\" is no sequence of choices";
  return false;
}

}  // namespace

bool Session::replay(const std::string& text) {
  Report report;
  std::string error;
  if (!replay_text(text, report, error)) {
    std::printf("%s\n", error.c_str());
    return false;
  }
  std::printf("%s", report.trace.c_str());
  if (report.failure == Failure::kNone) {
    std::printf("passed\n");
    return true;
  }
  std::printf("FAILED: %s: %s\n", model::name_of(report.failure), report.message.c_str());
  return false;
}

bool Session::regress(const std::string& path) {
  std::ifstream file(path);
  bool good = true;
  int count = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    ++count;
    std::istringstream words(line);
    std::string expected;
    std::string text;
    words >> expected >> text;
    Report report;
    std::string error;
    if (!replay_text(text, report, error)) {
      std::printf("%s: %s\n", path.c_str(), error.c_str());
      good = false;
      continue;
    }
    const std::string found =
        report.failure == Failure::kNone ? "passes" : model::name_of(report.failure);
    std::printf("%s: %s, must be: %s\n", text.c_str(), found.c_str(), expected.c_str());
    good &= found == expected;
  }
  if (count == 0) std::printf("%s holds no schedule\n", path.c_str());
  return good && count != 0;
}

}  // namespace model
