// The system calls alone: what the protocol costs without a library.

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

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

void run_process() {
  char program[] = "/bin/true";
  char* const arguments[] = {program, nullptr};
  pid_t child = 0;
  int status = 0;
  if (posix_spawn(&child, program, nullptr, nullptr, arguments, environ) != 0) {
    bench::fail("posix_spawn");
  }
  if (waitpid(child, &status, 0) != child || status != 0) bench::fail("waitpid");
}

}  // namespace

int main(int argc, char** argv) {
  bench::add_token_rows<Tokens>();
  bench::add_process_rows<run_process>();
  return bench::run(argc, argv);
}
