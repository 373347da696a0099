#pragma once

#include <cstdint>
#include <string>

#include "core/base/error.h"
#include "core/jobserver/child_access.h"
#include "core/jobserver/private_fifo.h"
#include "core/jobserver/token_ends.h"
#include "core/sys/file.h"

namespace sched {

// A pool of tokens that this process serves to its children: a pipe, a fifo in a directory of its own, or one fifo that is named
// in both ways.
class ServedPool {
 public:
  enum class Style : std::uint8_t { kPipe, kFifo, kBoth };

  // With one token less than slots, since every process has one of its own. `ends` become ours. Throws std::bad_alloc.
  Status create(Style style, std::uint32_t slots, TokenEnds& ends, Error* error);

  std::uint32_t slots() const { return slots_; }
  const ChildAccess& child_access() const { return access_; }
  // Who has not opened the fifo yet will find none.
  void remove_files() { fifo_.remove(); }

 private:
  Status make_pipe(TokenEnds& ends, Error* error);
  Status make_fifo(Style style, TokenEnds& ends, Error* error);
  Status make_room(const TokenEnds& ends, Error* error) const;
  Status fill(TokenEnds& ends, Error* error) const;

  std::uint32_t slots_ = 0;
  PrivateFifo fifo_;
  ChildAccess access_;
  sys::File child_read_;   // may wait, as the protocol wants it
  sys::File child_write_;  // the same
};

}  // namespace sched
