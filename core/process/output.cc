#include "core/process/output.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/sys/clock.h"

namespace sched {
namespace {

constexpr std::size_t kHeader = sizeof(OutputHeader);
static_assert(kHeader == 16);

// What is read at a time, at least.
constexpr std::size_t kReadBytes = 16 * 1024;

}  // namespace

Status Output::open(const Command& command, std::uint32_t stream, ProcessQueue& queue,
                    Error* error) {
  tag_ = command.tag;
  stream_ = stream;
  lines_ = !command.chunks;
  longest_ = static_cast<std::size_t>(command.longest_line);
  const std::uint64_t bound = queue.byte_bound();
  if (bound != 0) longest_ = std::min<std::uint64_t>(longest_, bound - kHeader);
  capacity_ = kHeader + std::max(longest_ + 1, kReadBytes);
  buffer_ = std::make_unique_for_overwrite<char[]>(capacity_);
  first_ = last_ = searched_ = kHeader;

  int fds[2];
  Status status = sys::calls.pipe(fds);
  if (status == LIBSCHED_OK) {
    pipe_.reset(fds[0]);
    child_end_.reset(fds[1]);
    status = sys::stop_waiting(pipe_);
  }
  if (status != LIBSCHED_OK) {
    return fail(error, status, "%s: no pipe: %s",
                stream == OutputHeader::kOutput ? "stdout" : "stderr", std::strerror(-status));
  }
  reactor_->add(*this, pipe_.fd());
  queue.hold();
  queue_ = &queue;
  return LIBSCHED_OK;
}

void Output::begin() {
  child_end_.reset();
  if (reactor_->arm(*this, sys::Reactor::For::kReading) != LIBSCHED_OK) try_later();
}

Output::~Output() {
  close();
  if (queue_ != nullptr) queue_->drop();
}

void Output::close() {
  if (!pipe_.is_open()) return;
  if (queue_ != nullptr) queue_->give_up(*this);
  reactor_->remove(*this);
  pipe_.reset();
  buffer_.reset();
}

// In whatever thread makes room, under the queue's lock.
void Output::told() { reactor_->set_time(*this, sys::now_ns()); }

void Output::try_later() { reactor_->set_time(*this, sys::now_ns() + sys::kAgainNs); }

std::uint64_t Output::bytes_in_pipe() const {
  const int there = sys::calls.readable_bytes(pipe_.fd());
  return there > 0 ? static_cast<std::uint64_t>(there) : 0;
}

void Output::pass_bound() {
  if (over()) return;
  unbounded_ = (last_ - first_) + bytes_in_pipe();
  pump();
}

void Output::end_soon(bool passes_bound) {
  if (over() || ending_) return;
  ending_ = true;
  to_read_ = bytes_in_pipe();
  if (passes_bound) unbounded_ = ~std::uint64_t{0};
  pump();
}

void Output::pump() {
  if (over()) return;
  if (deliver() == Step::kWait) return;
  if (!ended_ && read() == Step::kWait) return;
  if (deliver() == Step::kWait) return;
  while (ending_ && !ended_) {
    if (read() == Step::kWait || deliver() == Step::kWait) return;
  }
  if (ended_) {
    close();
    owner_.output_over();
  } else if (reactor_->arm(*this, sys::Reactor::For::kReading) != LIBSCHED_OK) {
    try_later();
  }
}

Output::Step Output::read() {
  const ssize_t count = sys::calls.read(pipe_.fd(), buffer_.get() + last_, capacity_ - last_);
  if (count == -EINTR) return Step::kGoOn;
  if (count == -EAGAIN) {
    if (ending_) end_held();
    return Step::kGoOn;
  }
  if (count <= 0) {  // a pipe of ours cannot fail to be read
    ended_ = true;
    return Step::kGoOn;
  }
  const auto got = static_cast<std::size_t>(count);
  counts_.read += got;
  if (ending_) {
    to_read_ -= std::min<std::uint64_t>(to_read_, got);
    if (to_read_ == 0) end_held();
  }
  const std::size_t kept =
      cut_ || closed_ ? 0 : static_cast<std::size_t>(std::min<std::uint64_t>(got, counts_.left));
  counts_.left -= kept;
  counts_.dropped += got - kept;
  last_ += kept;
  if (kept < got && !cut_ && !closed_) {
    cut_ = true;
    owes_cut_ = true;
  }
  return Step::kGoOn;
}

void Output::end_held() {
  ended_ = true;
  counts_.held = true;
}

// Hands on what is complete.
Output::Step Output::deliver() {
  for (;;) {
    const char* const start = buffer_.get() + first_;
    const std::size_t there = last_ - first_;
    const bool all = ended_ || cut_;  // that will ever be there
    const char* newline = nullptr;
    if (lines_ && searched_ < last_) {
      newline =
          static_cast<const char*>(std::memchr(buffer_.get() + searched_, '\n', last_ - searched_));
    }
    std::size_t size = newline != nullptr ? static_cast<std::size_t>(newline - start) : there;
    searched_ = newline != nullptr ? first_ + size : last_;
    std::uint32_t flags = 0;
    std::size_t after = newline != nullptr ? 1 : 0;
    if (size > longest_) {
      size = longest_;
      after = 0;
      if (lines_) flags = OutputHeader::kContinues;
    } else if (newline == nullptr) {
      if (there == 0 && !owes_cut_) break;
      if (lines_ && !all) break;
      if (lines_) flags = OutputHeader::kUnfinished;
      if (owes_cut_) flags = OutputHeader::kCut;
    }
    if (push(size, flags) == Step::kWait) return Step::kWait;
    if (closed_) break;
    if ((flags & OutputHeader::kCut) != 0) owes_cut_ = false;
    first_ += size + after;
    searched_ = std::max(searched_, first_);
  }
  const std::size_t rest = last_ - first_;
  if (first_ != kHeader) std::memmove(buffer_.get() + kHeader, buffer_.get() + first_, rest);
  searched_ -= first_ - kHeader;
  first_ = kHeader;
  last_ = kHeader + rest;
  return Step::kGoOn;
}

// The header overwrites what was delivered before, or the room that is kept for it.
Output::Step Output::push(std::size_t size, std::uint32_t flags) {
  const OutputHeader header{tag_, stream_, flags};
  char* const message = buffer_.get() + first_ - kHeader;
  std::memcpy(message, &header, kHeader);
  const bool passes = unbounded_ != 0;
  if (passes) queue_->give_up(*this);
  const Status pushed =
      passes ? queue_->push_bytes(message, kHeader + size, {ProcessQueue::Way::kAnyway, 0, nullptr})
             : queue_->push_bytes(message, kHeader + size, *this);
  switch (pushed) {
    case LIBSCHED_OK:
      // A line has a newline, too.
      unbounded_ -= std::min<std::uint64_t>(unbounded_, std::max<std::size_t>(size, 1));
      return Step::kGoOn;
    case LIBSCHED_E_FULL:
      return Step::kWait;
    case LIBSCHED_E_CLOSED:
      drop_rest();
      return Step::kGoOn;
    default:
      try_later();
      return Step::kWait;
  }
}

void Output::drop_rest() {
  closed_ = true;
  owes_cut_ = false;
  counts_.dropped += last_ - first_;
  first_ = last_ = searched_ = kHeader;
}

}  // namespace sched
