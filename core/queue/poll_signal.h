#pragma once

#include "core/base/status.h"
#include "core/sync/std_sync.h"
#include "core/sync/wait_line.h"

namespace sched {

struct PollSignalOrders {
  // Whoever sees the descriptor may use it.
  static constexpr std::memory_order kOpen = std::memory_order_release;  // pairs with kSee
  // Who opens looks at the descriptor and then for the close, and who closes looks for the descriptor after that: one sees
  // the other, if the close is seq_cst.
  static constexpr std::memory_order kSee = std::memory_order_seq_cst;  // pairs with kOpen
};

// A file descriptor that becomes readable when a line of waiters is told, once for each time it was armed. For threads that
// wait for several things with poll.
class PollSignal final : private WaitLine::Watcher {
  using Orders = StdSync::Traits<PollSignalOrders>;

 public:
  explicit PollSignal(WaitLine& line) : line_(line) {}
  ~PollSignal();
  PollSignal(const PollSignal&) = delete;
  PollSignal& operator=(const PollSignal&) = delete;

  // Makes the descriptor at the first call. LIBSCHED_OK or a negated errno.
  Status open(int& out);
  bool is_open() const { return fd_.load(Orders::kSee) >= 0; }

  // After it the descriptor is not readable, until the line is told of something or ended.
  void arm();
  void disarm() { line_.unwatch(*this); }
  // From now on it is readable.
  void raise();

 private:
  void told() override { raise(); }

  WaitLine& line_;
  StdSync::atomic<int> fd_{-1};
};

}  // namespace sched
