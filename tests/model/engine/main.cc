// The program that runs scenarios. See tests/model/README.md.
//
//   model_tests list
//   model_tests run NAME... | mutants GROUP... | replay TEXT | regress FILE...
// Options, before the command: --deep, --ledger FILE, --survivors FILE, --seconds N, --seed N
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "tests/model/engine/session.h"

namespace {

int usage() {
  std::fputs(
      "usage: model_tests [--deep] [--ledger FILE] [--survivors FILE] [--seconds N] [--seed N]\n"
      "                   list | run NAME... | mutants GROUP... | replay TEXT | regress FILE...\n",
      stderr);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  model::SessionOptions options;
  int at = 1;
  for (; at < argc && std::strncmp(argv[at], "--", 2) == 0; ++at) {
    const std::string name = argv[at];
    if (name == "--deep") {
      options.deep = true;
      continue;
    }
    if (at + 1 >= argc) return usage();
    const char* value = argv[++at];
    if (name == "--ledger") {
      options.ledger = value;
    } else if (name == "--survivors") {
      options.survivors = value;
    } else if (name == "--seconds") {
      options.seconds = std::atof(value);
    } else if (name == "--seed") {
      options.seed = std::strtoull(value, nullptr, 10);
    } else {
      return usage();
    }
  }
  if (at >= argc) return usage();
  const std::string command = argv[at++];
  const std::vector<std::string> arguments(argv + at, argv + argc);
  model::Session session(options);
  if (command == "list") return session.list();
  if (arguments.empty()) return usage();
  bool good = true;
  for (const std::string& argument : arguments) {
    if (command == "run") {
      good &= session.run(argument);
    } else if (command == "mutants") {
      good &= session.mutants(argument);
    } else if (command == "replay") {
      good &= session.replay(argument);
    } else if (command == "regress") {
      good &= session.regress(argument);
    } else {
      return usage();
    }
  }
  return good ? 0 : 1;
}
