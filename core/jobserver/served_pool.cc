#include "core/jobserver/served_pool.h"

#include <fcntl.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace sched {
namespace {

constexpr char kToken = '+';  // what GNU make writes

Status refused(Error* error, const char* what, int failed) {
  return fail(error, failed, "%s: %s", what, std::strerror(-failed));
}

// A second description of the same pipe or fifo.
Status open_again(int fd, int flags, sys::File& out, Error* error) {
  char path[32];
  std::snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  out.reset(sys::calls.open_at(path, flags));
  if (out.is_open()) return LIBSCHED_OK;
  return refused(error, "the jobserver's pipe cannot be opened through /proc/self/fd", out.fd());
}

// Nothing that ends a word of make's flags, or that make or a shell would change.
bool is_plain(const char* path) {
  return path != nullptr && path[0] == '/' &&
         path[std::strcspn(path, " \t\n\\$#,:;'\"`&|<>()[]{}*?~!=%")] == '\0';
}

}  // namespace

ServedPool::~ServedPool() {
  if (!path_.empty()) sys::calls.unlink(path_.c_str());
  if (!directory_.empty()) sys::calls.rmdir(directory_.c_str());
}

Status ServedPool::create(Style style, std::uint32_t slots, TokenEnds& ends, Error* error) {
  slots_ = slots;
  const Status made =
      style == Style::kPipe ? make_pipe(ends, error) : make_fifo(style, ends, error);
  return made != LIBSCHED_OK ? made : fill(ends, error);
}

Status ServedPool::make_pipe(TokenEnds& ends, Error* error) {
  int fds[2];
  if (const int failed = sys::calls.pipe(fds)) return refused(error, "no pipe can be made", failed);
  child_read_.reset(fds[0]);
  child_write_.reset(fds[1]);
  sys::File read;
  sys::File write;
  if (const Status status = open_again(fds[0], O_RDONLY | O_NONBLOCK, read, error)) return status;
  if (const Status status = open_again(fds[1], O_WRONLY | O_NONBLOCK, write, error)) return status;
  ends.adopt(std::move(read), std::move(write));
  const std::string auth = std::to_string(fds[0]) + "," + std::to_string(fds[1]);
  makeflags_ = " -j" + std::to_string(slots_) + " --jobserver-auth=" + auth;
  return LIBSCHED_OK;
}

Status ServedPool::make_directory(Error* error) {
  const char* parent = std::getenv("TMPDIR");
  if (!is_plain(parent)) parent = "/tmp";
  std::string name = std::string(parent) + "/libsched-XXXXXX";
  if (const int failed = sys::calls.make_directory(name.data())) {
    return fail(error, failed, "no directory for the jobserver's fifo can be made in %s: %s",
                parent, std::strerror(-failed));
  }
  directory_ = name;
  return LIBSCHED_OK;
}

Status ServedPool::make_fifo(Style style, TokenEnds& ends, Error* error) {
  if (const Status status = make_directory(error)) return status;
  std::string path = directory_ + "/jobserver";
  if (const int failed = sys::calls.mkfifo(path.c_str())) {
    return refused(error, "no fifo can be made", failed);
  }
  path_ = std::move(path);
  // Kept open as long as the pool lives: what lies in a fifo is lost with its last descriptor.
  sys::File both(sys::calls.open_at(path_.c_str(), O_RDWR | O_NONBLOCK));
  if (!both.is_open()) return refused(error, "the jobserver's fifo cannot be opened", both.fd());
  sys::File write(sys::calls.open_at(path_.c_str(), O_WRONLY | O_NONBLOCK));
  if (!write.is_open()) return refused(error, "the jobserver's fifo cannot be opened", write.fd());
  const int read_fd = both.fd();
  ends.adopt(std::move(both), std::move(write));
  makeflags_ = " -j" + std::to_string(slots_) + " --jobserver-auth=fifo:" + path_;
  if (style != Style::kBoth) return LIBSCHED_OK;
  if (const Status status = open_again(read_fd, O_RDONLY, child_read_, error)) return status;
  if (const Status status = open_again(read_fd, O_WRONLY, child_write_, error)) return status;
  // In this order: make 4.3 takes the last word, what knows fifos the first one.
  makeflags_ += " --jobserver-fds=" + std::to_string(child_read_.fd()) + "," +
                std::to_string(child_write_.fd());
  return LIBSCHED_OK;
}

Status ServedPool::fill(TokenEnds& ends, Error* error) const {
  bool enlarged = false;
  for (std::uint32_t left = slots_ - 1; left != 0;) {
    const Status status = ends.give(kToken);
    if (status == LIBSCHED_OK) {
      --left;
    } else if (status == LIBSCHED_E_FULL && !enlarged) {
      enlarged = true;  // where the system allows it
      static_cast<void>(sys::calls.fcntl(ends.write_fd(), F_SETPIPE_SZ, static_cast<int>(slots_)));
    } else if (status == LIBSCHED_E_FULL) {
      return fail(error, LIBSCHED_E_RANGE,
                  "%u slots are too many: the system's pipe holds no more than %u tokens", slots_,
                  slots_ - 1 - left);
    } else {
      return refused(error, "tokens cannot be written", status);
    }
  }
  return LIBSCHED_OK;
}

}  // namespace sched
