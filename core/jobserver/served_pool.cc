#include "core/jobserver/served_pool.h"

#include <climits>
#include <cstring>
#include <utility>

namespace sched {
namespace {

constexpr char kToken = '+';  // what GNU make writes
// As many as the pipe of anybody may hold by default, with a page to spare.
constexpr std::uint32_t kMostSlots = (1u << 20) - 4096;

Status refused(Error* error, const char* what, int failed) {
  return fail(error, failed, "%s: %s", what, std::strerror(-failed));
}

Status open_fifo(const std::string& path, int flags, sys::File& out, Error* error) {
  out.reset(sys::calls.open_at(path.c_str(), flags));
  if (out.is_open()) return LIBSCHED_OK;
  return refused(error, "the jobserver's fifo cannot be opened", out.fd());
}

std::string numbers(const sys::File& read, const sys::File& write) {
  return std::to_string(read.fd()) + "," + std::to_string(write.fd());
}

}  // namespace

Status ServedPool::create(Style style, std::uint32_t slots, TokenEnds& ends, Error* error) {
  if (slots > kMostSlots) {
    return fail(error, LIBSCHED_E_RANGE, "%u slots are too many; %u are possible", slots,
                kMostSlots);
  }
  slots_ = slots;
  access_.makeflags = " -j" + std::to_string(slots) + " --jobserver-auth=";
  const Status made =
      style == Style::kPipe ? make_pipe(ends, error) : make_fifo(style, ends, error);
  if (made != LIBSCHED_OK) return made;
  access_.read_fd = child_read_.fd();
  access_.write_fd = child_write_.fd();
  return fill(ends, error);
}

Status ServedPool::make_pipe(TokenEnds& ends, Error* error) {
  int fds[2];
  if (const int failed = sys::calls.pipe(fds)) return refused(error, "no pipe can be made", failed);
  child_read_.reset(fds[0]);
  child_write_.reset(fds[1]);
  access_.makeflags += numbers(child_read_, child_write_);
  return ends.open_pipe(fds[0], fds[1], error);
}

Status ServedPool::make_fifo(Style style, TokenEnds& ends, Error* error) {
  if (const Status status = fifo_.create(error)) return status;
  const std::string& path = fifo_.path();
  // Kept open as long as the pool lives: what lies in a fifo is lost with its last descriptor.
  sys::File both;
  sys::File write;
  Status status = open_fifo(path, O_RDWR | O_NONBLOCK, both, error);
  if (status == LIBSCHED_OK) status = open_fifo(path, O_WRONLY | O_NONBLOCK, write, error);
  if (status != LIBSCHED_OK) return status;
  ends.adopt(std::move(both), std::move(write));
  access_.makeflags += "fifo:" + path;
  if (style != Style::kBoth) return LIBSCHED_OK;
  status = open_fifo(path, O_RDONLY, child_read_, error);
  if (status == LIBSCHED_OK) status = open_fifo(path, O_WRONLY, child_write_, error);
  // In this order: make 4.3 takes the last word, what knows fifos the first one.
  access_.makeflags += " --jobserver-fds=" + numbers(child_read_, child_write_);
  return status;
}

// A pipe takes a byte wherever it stands only if a page of it is to spare: one that was read from is not written to again before
// it is empty. Beyond what a pipe has anyway the system may refuse.
Status ServedPool::make_room(const TokenEnds& ends, Error* error) const {
  constexpr int kPage = 4096;
  const std::uint64_t needed = std::uint64_t{slots_} + kPage;
  int size = sys::calls.fcntl(ends.write_fd(), F_GETPIPE_SZ, 0);
  if (size >= 0 && static_cast<std::uint64_t>(size) < needed && needed <= INT_MAX) {
    size = sys::calls.fcntl(ends.write_fd(), F_SETPIPE_SZ, static_cast<int>(needed));
    if (size < 0) size = sys::calls.fcntl(ends.write_fd(), F_GETPIPE_SZ, 0);
  }
  // Two pages are what a user gets who has many pipes: what does not fit for a while makes room for itself (TokenEnds::make_room).
  if (size < 0 || static_cast<std::uint64_t>(size) >= needed || slots_ <= kPage / 2)
    return LIBSCHED_OK;
  return fail(error, LIBSCHED_E_RANGE,
              "%u slots are too many: the system refuses a pipe for them (fs.pipe-max-size)",
              slots_);
}

Status ServedPool::fill(TokenEnds& ends, Error* error) const {
  if (const Status status = make_room(ends, error)) return status;
  for (std::uint32_t left = slots_ - 1; left != 0; --left) {
    const Status status = ends.give(kToken);
    if (status == LIBSCHED_E_FULL) {
      return fail(error, LIBSCHED_E_RANGE,
                  "%u slots are too many: the system's pipe holds no more than %u tokens", slots_,
                  slots_ - 1 - left);
    }
    if (status != LIBSCHED_OK) return refused(error, "tokens cannot be written", status);
  }
  return LIBSCHED_OK;
}

}  // namespace sched
