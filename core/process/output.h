#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/base/error.h"
#include "core/process/command.h"
#include "core/sync/wait_line.h"
#include "core/sys/file.h"
#include "core/sys/reactor.h"

namespace sched {

// What goes before the bytes of each message.
struct OutputHeader {
  static constexpr std::uint32_t kOutput = 1;
  static constexpr std::uint32_t kErrors = 2;

  static constexpr std::uint32_t kContinues =
      1;  // the line goes on in the next message of the stream
  static constexpr std::uint32_t kUnfinished = 2;  // the stream ended without a newline
  static constexpr std::uint32_t kCut = 4;         // what follows was dropped

  std::uint64_t tag;
  std::uint32_t stream;
  std::uint32_t flags;
};

// What both streams of a process share. Used on the reactor's thread, and by others when the process is over.
struct OutputCounts {
  std::uint64_t left = 0;  // bytes that may still be delivered
  std::uint64_t read = 0;
  std::uint64_t dropped = 0;
  bool held = false;  // by somebody, when it was closed
};

// One stream of a process' output, on its way from a pipe into a queue. When the queue is full the pipe is not read, so that
// whoever writes must wait; nothing else waits for that.
class Output final : private sys::Reactor::Watch, private WaitLine::Watcher {
 public:
  // Who is told, on the reactor's thread, that the stream is over.
  class Owner {
   public:
    virtual void output_over() = 0;

   protected:
    ~Owner() = default;
  };

  Output(sys::Reactor::Use& reactor, Owner& owner, OutputCounts& counts)
      : reactor_(reactor), owner_(owner), counts_(counts) {}
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // Makes the pipe. Throws std::bad_alloc.
  Status open(const Command& command, std::uint32_t stream, ProcessQueue& queue, Error* error);
  // The child's end, ours until begin().
  int child_fd() const { return child_end_.fd(); }
  // The child has it.
  void begin();

  // The rest is for the reactor's thread.

  // What is in the pipe at this moment goes past the queue's bound: nobody who makes room is waited for.
  void pass_bound();
  // Somebody keeps the pipe open. Takes what is in it at this moment, and no more, also past the bound: then the stream is over.
  void end_soon(bool passes_bound);
  bool over() const { return !pipe_.is_open(); }

 private:
  enum class Step : std::uint8_t { kGoOn, kWait };

  void ready() override { pump(); }
  void late() override { pump(); }
  void told() override;

  void pump();
  Step read();
  void end_held();
  Step deliver();
  Step push(std::size_t size, std::uint32_t flags);
  void drop_rest();
  void try_later();
  void close();
  std::uint64_t bytes_in_pipe() const;

  sys::Reactor::Use& reactor_;
  Owner& owner_;
  OutputCounts& counts_;
  ProcessQueue* queue_ = nullptr;
  sys::File pipe_;
  sys::File child_end_;
  std::uint64_t tag_ = 0;
  std::uint32_t stream_ = 0;
  bool lines_ = true;

  // Room for a header, what was read before and is not delivered, and what is to be read next.
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t longest_ = 0;   // bytes of a message, without its header
  std::size_t first_ = 0;     // of what is not delivered
  std::size_t last_ = 0;      // behind it
  std::size_t searched_ = 0;  // up to here there is no newline

  bool cut_ = false;       // what comes is dropped, once what is there is delivered
  bool owes_cut_ = false;  // which no message tells of yet
  bool closed_ = false;    // nobody wants it: the same, at once
  bool ended_ = false;     // nothing comes any more
  bool ending_ = false;    // and only to_read_ bytes are awaited
  std::uint64_t to_read_ = 0;
  std::uint64_t unbounded_ = 0;  // bytes that may be pushed past the bound
};

}  // namespace sched
