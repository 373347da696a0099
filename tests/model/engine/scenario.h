#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/model/engine/execution.h"
#include "tests/model/engine/sync.h"

namespace model {

// How a scenario is explored, and what must come of it.
struct Settings {
  int bound = 2;       // of the exhaustive run: stops; negative = no exhaustive run
  int deep_bound = 3;  // the same in deep runs
  int spurious = 0;  // weak exchanges that fail, waits that return, for no reason, in one execution
  std::uint64_t random = 0;    // random executions
  std::uint64_t pct = 0;       // PCT executions
  std::uint64_t limit = 0;     // of the exhaustive run: executions after which it is cut; 0 = none
  std::size_t steps = 20'000;  // in one execution; more is a livelock
  // The groups of memory orders whose mutants it is to kill.
  std::vector<std::string> kills = {};
  // A planted bug: the failure that must be found.
  Failure fails = Failure::kNone;
  // Litmus tests: the outcomes that the standard allows, and which of them the checker does not produce. Every other
  // outcome observed is an error, and so is one that is missing.
  std::vector<std::string> allowed = {};
  std::vector<std::string> missing = {};
};

struct Scenario {
  const char* name;
  void (*body)();
  Settings settings;
};

std::vector<Scenario>& scenarios();
const Scenario* find_scenario(const std::string& name);

struct Registration {
  Registration(const char* name, void (*body)(), Settings settings) {
    scenarios().push_back({name, body, std::move(settings)});
  }
};

// SCENARIO(name, .bound = 3, ...) { the first thread's body }
#define SCENARIO(name, ...)                                                                       \
  static void scenario_##name();                                                                  \
  static const ::model::Registration registration_##name(#name, &scenario_##name, {__VA_ARGS__}); \
  static void scenario_##name()

// --- for the bodies ---

// A thread that is joined when this dies.
class Thread {
 public:
  template <class Body>
  explicit Thread(Body body) : id_(Execution::current().spawn(std::move(body))) {}
  // One that does the same as another one: only one of them need begin first.
  template <class Body>
  Thread(Body body, const Thread& twin)
      : id_(Execution::current().spawn(std::move(body), twin.id_)) {}
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;
  ~Thread() { join(); }
  void join() {
    if (!joined_) Execution::current().join(id_);
    joined_ = true;
  }

 private:
  const ThreadId id_;
  bool joined_ = false;
};

inline void check(bool condition, const char* message) {
  if (!condition) fail(Failure::kAssertion, message);
}

// What a litmus test has seen.
void observe(const std::string& outcome);

// How a failed execution's trace calls an object.
template <class T>
void name(const T& object, const char* text) {
  Execution::current().name(&object, sizeof object, text);
}

}  // namespace model
