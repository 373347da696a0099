#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sched {

// How a jobserver is reached, as one word of make's flags says it.
struct JobserverAuth {
  enum class Kind : std::uint8_t {
    kNone,         // there is no such word
    kPipe,         // R,W
    kFifo,         // fifo:PATH
    kDisabled,     // R,W with a negative number
    kUnsupported,  // another style
    kMalformed,
  };

  Kind kind = Kind::kNone;
  int read_fd = -1;
  int write_fd = -1;
  std::string path;
  std::string word;  // as it stands in the flags, without what quotes it

  bool reachable() const { return kind == Kind::kPipe || kind == Kind::kFifo; }
};

// What make's flags (MAKEFLAGS, MFLAGS, CARGO_MAKEFLAGS) say that concerns a jobserver.
struct MakeFlags {
  bool dry_run = false;     // -n: nothing is to be run
  bool jobs_given = false;  // -j or -jN
  std::uint32_t jobs = 0;   // N; 0: without limit
  // Of the words of each kind the last one, which is all that counts.
  JobserverAuth auth;  // --jobserver-auth, or -J of bmake
  JobserverAuth fds;   // --jobserver-fds, its name before make 4.2
  bool fds_later = false;
};

// Reads a value of one of those variables. Throws std::bad_alloc.
MakeFlags parse_makeflags(std::string_view text);

}  // namespace sched
