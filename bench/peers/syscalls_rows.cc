// The system calls alone: what the protocol costs without a library.

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/graph_rows.h"
#include "bench/process_rows.h"
#include "bench/token_rows.h"

namespace {

// A blocking read of a byte, and a write of it.
class Tokens {
 public:
  using Token = char;

  Tokens() {
    if (pipe(ends_) != 0) bench::fail("pipe");
    for (std::size_t i = 0; i < bench::kTokens; ++i) release('+');
  }
  Tokens(const Tokens&) = delete;
  Tokens& operator=(const Tokens&) = delete;
  ~Tokens() {
    close(ends_[0]);
    close(ends_[1]);
  }

  Token acquire() {
    char token = 0;
    if (read(ends_[0], &token, 1) != 1) bench::fail("read");
    return token;
  }
  void release(Token token) {
    if (write(ends_[1], &token, 1) != 1) bench::fail("write");
  }

 private:
  int ends_[2];
};

pid_t start_process() {
  char program[] = "/bin/true";
  char* const arguments[] = {program, nullptr};
  pid_t child = 0;
  if (posix_spawn(&child, program, nullptr, nullptr, arguments, environ) != 0) {
    bench::fail("posix_spawn");
  }
  return child;
}

void run_process() {
  const pid_t child = start_process();
  int status = 0;
  if (waitpid(child, &status, 0) != child || status != 0) bench::fail("waitpid");
}

double run_commands(std::size_t commands) {
  const auto start = bench::Clock::now();
  std::size_t started = 0;
  while (started < bench::kInFlight) started += start_process() > 0 ? 1 : 0;
  for (std::size_t ended = 0; ended < commands; ++ended) {
    int status = 0;
    if (waitpid(-1, &status, 0) < 0 || status != 0) bench::fail("waitpid");
    if (started < commands) started += start_process() > 0 ? 1 : 0;
  }
  return bench::seconds_since(start);
}

}  // namespace

int main(int argc, char** argv) {
  bench::add_token_rows<Tokens>();
  bench::add_process_rows<run_process>();
  bench::add_row("dag-commands", bench::dag_commands<run_commands>);
  return bench::run(argc, argv);
}
