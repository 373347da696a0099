#pragma once

#include <utility>

#include "core/pool/awaited.h"
#include "core/pool/current.h"
#include "core/pool/fork_frame.h"
#include "core/pool/pool.h"
#include "core/pool/worker.h"

namespace sched {

// A task that a waiting worker runs may end its thread, and with it the tasks that wait below. What others still do for
// these lies on the stack that goes, so they must be through first: what is waited for without a limit, and the branches that
// were forked since the wait around this one began. Those from before lie deeper, and may be waiting for what lies above.
class Worker::Unwinding final : public Awaited {
 public:
  // `awaited`: nullptr if the wait may end before it.
  Unwinding(Worker& worker, const Awaited* awaited)
      : worker_(worker),
        awaited_(awaited),
        from_(worker.waits_from_),
        blocking_(std::exchange(current().blocking, 0)) {
    worker_.waits_from_ = worker_.branches_.end();
    ++worker_.help_depth_;
    // A blocking section is interrupted by a wait: who waits works.
    if (blocking_ != 0) worker_.step_back();
  }
  ~Unwinding();
  Unwinding(const Unwinding&) = delete;
  Unwinding& operator=(const Unwinding&) = delete;
  void done() {
    over_ = true;
    if (blocking_ == 0) return;
    static_cast<void>(worker_.step_aside());
    current().blocking = blocking_;
  }

  bool ended() const override;
  StealStatus help(Worker&) override { return StealStatus::kEmpty; }

 private:
  Worker& worker_;
  const Awaited* const awaited_;
  const std::int64_t from_;
  const std::uint32_t blocking_;
  bool over_ = false;
  bool alone_ = false;
};

template <class More>
void Worker::help_with(Awaited& awaited, More more) {
  Unwinding unwinding(*this, nullptr);
  while (has_stack() && !awaited.ended() && more() && awaited.help(*this) != StealStatus::kEmpty) {
  }
  unwinding.done();
}

}  // namespace sched
