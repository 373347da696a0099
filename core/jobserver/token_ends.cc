#include "core/jobserver/token_ends.h"

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <utility>

namespace sched {
namespace {

constexpr int kTries = 1000;

// Pipes, fifos, and the character devices that some servers are.
bool is_pool(int fd, struct stat& status, int& failed) {
  failed = sys::calls.fstat(fd, &status);
  return failed == 0 && (S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode));
}

Status check(int fd, int wanted_mode, const char* what, struct stat& status, Error* error) {
  const int flags = sys::calls.fcntl(fd, F_GETFL, 0);
  if (flags < 0) {
    return fail(error, flags,
                "descriptor %d, %s, is not open here: in the makefile, add '+' before the command "
                "that runs this process",
                fd, what);
  }
  int failed = 0;
  if (!is_pool(fd, status, failed)) {
    return fail(error, failed != 0 ? failed : -EBADF,
                "descriptor %d, %s, is no pipe: it was closed, and opened for another file", fd,
                what);
  }
  const int mode = flags & O_ACCMODE;
  if (mode != O_RDWR && mode != wanted_mode) {
    return fail(error, -EBADF, "descriptor %d, %s, is open for the other direction", fd, what);
  }
  return LIBSCHED_OK;
}

// The same pipe once more, with flags of its own. It fails where there is no /proc, or the pipe is another user's.
int reopen(int fd, int mode) {
  char path[32];
  std::snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  return sys::calls.open_at(path, mode | O_NONBLOCK);
}

// Whoever waits for a descriptor needs one that nobody else waits for.
Status duplicate(int fd, sys::File& out, Error* error) {
  out.reset(sys::calls.fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (out.is_open()) return LIBSCHED_OK;
  return fail(error, out.fd(), "descriptor %d cannot be used: %s", fd, std::strerror(-out.fd()));
}

}  // namespace

Status TokenEnds::open_read(int fd, Error* error) {
  read_.reset(reopen(fd, O_RDONLY));
  if (read_.is_open()) return LIBSCHED_OK;
  int ends[2];
  if (const int failed = sys::calls.pipe(ends)) {
    return fail(error, failed, "no pipe to take tokens through: %s", std::strerror(-failed));
  }
  through_read_.reset(ends[0]);
  through_write_.reset(ends[1]);
  return duplicate(fd, shared_read_, error);
}

Status TokenEnds::open_own(int read_fd, sys::File write, Error* error) {
  // The description is nobody else's, so its flags may change.
  if (const int failed = sys::calls.fcntl(write.fd(), F_SETFL, O_NONBLOCK)) {
    return fail(error, failed, "a pipe's end cannot be set up: %s", std::strerror(-failed));
  }
  write_ = std::move(write);
  return open_read(read_fd, error);
}

Status TokenEnds::open_pipe(int read_fd, int write_fd, Error* error) {
  struct stat read_stat {};
  struct stat write_stat {};
  Status status = check(read_fd, O_RDONLY, "which tokens are to be read from", read_stat, error);
  if (status != LIBSCHED_OK) return status;
  status = check(write_fd, O_WRONLY, "which tokens go back to", write_stat, error);
  if (status != LIBSCHED_OK) return status;
  one_pipe_ = read_stat.st_dev == write_stat.st_dev && read_stat.st_ino == write_stat.st_ino;
  status = open_read(read_fd, error);
  if (status != LIBSCHED_OK) return status;
  write_.reset(reopen(write_fd, O_WRONLY));
  return write_.is_open() ? LIBSCHED_OK : duplicate(write_fd, shared_write_, error);
}

Status TokenEnds::open_fifo(const std::string& path, Error* error) {
  // For writing first, which fails where nobody has it open: a server that is gone has left it.
  sys::File probe(sys::calls.open_at(path.c_str(), O_WRONLY | O_NONBLOCK));
  if (probe.fd() == -ENXIO) {
    return fail(error, -ENXIO, "nobody serves the fifo %s: its server has ended", path.c_str());
  }
  if (!probe.is_open()) {
    return fail(error, probe.fd(), "%s cannot be opened: %s", path.c_str(),
                std::strerror(-probe.fd()));
  }
  int failed = 0;
  struct stat status {};
  if (!is_pool(probe.fd(), status, failed)) {
    return fail(error, failed != 0 ? failed : -EINVAL, "%s is no fifo", path.c_str());
  }
  sys::File both(sys::calls.open_at(path.c_str(), O_RDWR | O_NONBLOCK));
  if (!both.is_open()) {
    return fail(error, both.fd(), "%s cannot be opened for reading: %s", path.c_str(),
                std::strerror(-both.fd()));
  }
  adopt(std::move(both), std::move(probe));
  return LIBSCHED_OK;
}

// What is there, up to size; LIBSCHED_E_EMPTY: nothing is. Without a description of our own it comes through a pipe, since a read of
// one that is shared may wait.
Status TokenEnds::read(std::uint8_t* bytes, std::size_t size, std::size_t& count) {
  for (;;) {
    ssize_t got = read_.is_open() ? sys::calls.read(read_.fd(), bytes, size)
                                  : sys::calls.splice(shared_read_.fd(), through_write_.fd(), size);
    if (got > 0 && !read_.is_open()) {
      const auto brought = static_cast<std::size_t>(got);
      do {
        got = sys::calls.read(through_read_.fd(), bytes, brought);
      } while (got == -EINTR);
    }
    if (got == -EINTR) continue;
    if (got > 0) {
      count = static_cast<std::size_t>(got);
      return LIBSCHED_OK;
    }
    return got == 0 ? -EPIPE : got == -EAGAIN ? LIBSCHED_E_EMPTY : static_cast<Status>(got);
  }
}

Status TokenEnds::take_otherwise(std::uint8_t& byte) {
  std::size_t count = 0;
  return read(&byte, 1, count);
}

// All of it at once, which PIPE_BUF bytes are in any case.
Status TokenEnds::write(const std::uint8_t* bytes, std::size_t size) {
  for (;;) {
    if (!write_.is_open()) {
      // The shared description may wait, so only where there is room.
      pollfd room{shared_write_.fd(), POLLOUT, 0};
      const int ready = sys::calls.poll(&room, 1, 0);
      if (ready == -EINTR) continue;
      if (ready < 0) return ready;
      if (ready == 0) return LIBSCHED_E_FULL;
    }
    const ssize_t count = one_pipe_ ? sys::calls.write(write_fd(), bytes, size)
                                    : sys::calls.write_quietly(write_fd(), bytes, size);
    if (count == static_cast<ssize_t>(size)) return LIBSCHED_OK;
    if (count == -EAGAIN) return LIBSCHED_E_FULL;
    if (count != -EINTR) return count < 0 ? static_cast<Status>(count) : -EIO;
  }
}

// A page of a pipe that was read from is written to again only when it is empty. So a byte may not fit where one came from. But when
// the first page has been read to its end all of it fits again, with this byte; a page that is full was never read from.
Status TokenEnds::make_room(std::uint8_t byte) {
  std::uint8_t bytes[PIPE_BUF];
  std::size_t held = 0;
  for (int tries = 0; tries < kTries; ++tries) {
    std::size_t more = 0;
    if (held < sizeof bytes && read(bytes + held, sizeof bytes - held, more) == LIBSCHED_OK) {
      held += more;
    }
    const bool fits = held < sizeof bytes;
    if (fits) bytes[held] = byte;
    const Status status = write(bytes, fits ? held + 1 : held);
    if (status == LIBSCHED_OK) return fits ? LIBSCHED_OK : write(&byte, 1);
    if (status != LIBSCHED_E_FULL) return status;
    sys::calls.yield();  // somebody was quicker
  }
  for (std::size_t i = 0; i < held; ++i) static_cast<void>(write(&bytes[i], 1));
  return LIBSCHED_E_FULL;
}

Status TokenEnds::give_otherwise(std::uint8_t byte) {
  const Status status = write(&byte, 1);
  return status == LIBSCHED_E_FULL && one_pipe_ ? make_room(byte) : status;
}

int TokenEnds::available() const { return sys::calls.readable_bytes(read_fd()); }

}  // namespace sched
