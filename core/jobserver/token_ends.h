#pragma once

#include <cstdint>
#include <string>

#include "core/base/error.h"
#include "core/sys/file.h"

namespace sched {

// The pool that the processes of a build share, as this process reaches it: a pipe or fifo that holds a byte for each token. It
// is used through open file descriptions of our own, so that nothing changes for the others. See core/jobserver/README.md.
class TokenEnds {
 public:
  // Of descriptors that were inherited, which stay as they are. LIBSCHED_OK, or a negated errno, with why they cannot be used.
  Status open_pipe(int read_fd, int write_fd, Error* error);
  // The same for a fifo.
  Status open_fifo(const std::string& path, Error* error);
  // Of a pool of our own: a pipe whose reading end children have as well, which stays open; and whatever is open already.
  Status open_own(int read_fd, sys::File write, Error* error);
  void adopt(sys::File read, sys::File write) {
    read_ = std::move(read);
    write_ = std::move(write);
  }

  bool is_open() const { return read_.is_open() || shared_read_.is_open(); }
  // Whether the reading end is our own, and not one that must stay open elsewhere.
  bool is_own() const { return read_.is_open(); }

  // LIBSCHED_OK; LIBSCHED_E_EMPTY: there is none now; -EPIPE: there never will be, everybody else is gone; a negated errno.
  [[gnu::always_inline]] Status take(std::uint8_t& byte) {
    if (read_.is_open() && sys::calls.read(read_.fd(), &byte, 1) == 1) return LIBSCHED_OK;
    return take_otherwise(byte);
  }
  // LIBSCHED_OK; LIBSCHED_E_FULL: there is no room now; -EPIPE: nobody is left to have it; a negated errno.
  [[gnu::always_inline]] Status give(std::uint8_t byte) {
    if (one_pipe_ && write_.is_open() && sys::calls.write(write_.fd(), &byte, 1) == 1) {
      return LIBSCHED_OK;
    }
    return give_otherwise(byte);
  }

  // How many tokens lie there, or a negated errno.
  int available() const;

  // To wait on, for a token or for room.
  int read_fd() const { return read_.is_open() ? read_.fd() : shared_read_.fd(); }
  int write_fd() const { return write_.is_open() ? write_.fd() : shared_write_.fd(); }

 private:
  Status open_read(int fd, Error* error);
  // The same, for everything but the one call that all is well with.
  Status take_otherwise(std::uint8_t& byte);
  Status give_otherwise(std::uint8_t byte);
  Status read(std::uint8_t* bytes, std::size_t size, std::size_t& count);
  Status write(const std::uint8_t* bytes, std::size_t size);
  Status make_room(std::uint8_t byte);

  sys::File read_;        // never waits
  sys::File write_;       // never waits
  bool one_pipe_ = true;  // we can read what we write, so that a write always has a reader
  // Where there is no description of our own: the one that is shared, by descriptors of our own, and a pipe to bring a byte through without waiting.
  sys::File shared_read_;
  sys::File shared_write_;
  sys::File through_read_;
  sys::File through_write_;
};

}  // namespace sched
