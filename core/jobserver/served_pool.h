#pragma once

#include <cstdint>
#include <string>

#include "core/base/error.h"
#include "core/jobserver/token_ends.h"
#include "core/sys/file.h"

namespace sched {

// A pool of tokens that this process serves to its children: a pipe, a fifo in a directory of its own, or one fifo that is named
// in both ways. Its files are gone when it dies.
class ServedPool {
 public:
  enum class Style : std::uint8_t { kPipe, kFifo, kBoth };

  ServedPool() = default;
  ~ServedPool();
  ServedPool(const ServedPool&) = delete;
  ServedPool& operator=(const ServedPool&) = delete;

  // With one token less than slots, since every process has one of its own. `ends` become ours. Throws std::bad_alloc.
  Status create(Style style, std::uint32_t slots, TokenEnds& ends, Error* error);

  std::uint32_t slots() const { return slots_; }
  // What children are to find in MAKEFLAGS.
  const std::string& makeflags() const { return makeflags_; }
  // What they are to inherit under the same numbers; -1: nothing.
  int child_read_fd() const { return child_read_.fd(); }
  int child_write_fd() const { return child_write_.fd(); }

 private:
  Status make_pipe(TokenEnds& ends, Error* error);
  Status make_fifo(Style style, TokenEnds& ends, Error* error);
  Status make_directory(Error* error);
  Status fill(TokenEnds& ends, Error* error) const;

  std::uint32_t slots_ = 0;
  std::string directory_;
  std::string path_;
  std::string makeflags_;
  sys::File child_read_;   // may wait, as the protocol wants it
  sys::File child_write_;  // the same
};

}  // namespace sched
