#include "core/pool/parallel_for.h"

#include <algorithm>
#include <memory>

#include "core/base/call.h"
#include "core/pool/blocking.h"
#include "core/pool/current.h"
#include "core/pool/fork_frame.h"
#include "core/pool/task_scope.h"
#include "core/sync/ref_count.h"
#include "core/sync/wait.h"

namespace sched {
namespace {

// Enough chunks for each worker that the slowest is small.
constexpr std::uint64_t kChunksPerWorker = 32;

class LoopRun {
 public:
  using Orders = StdSync::Traits<LoopOrders>;

  LoopRun(const Loop& loop, std::uint32_t workers, CancelSwitch* cancel)
      : loop_(loop), grain_(grain_of(loop, workers)), cancel_(cancel) {}

  // On the thread that joins the chunks.
  void run() { split(loop_.begin, loop_.end); }
  void stop() { stopped_.store(true, Orders::kStop); }

  Status result(int& code) const {
    code = code_.load(Orders::kCode);
    if (code != 0) return LIBSCHED_E_FAILED;
    return stopped_.load(Orders::kStop) ? LIBSCHED_E_CANCELLED : LIBSCHED_OK;
  }

 private:
  struct Half {
    LoopRun* run;
    std::uint64_t begin;
    std::uint64_t end;
  };

  static std::uint64_t grain_of(const Loop& loop, std::uint32_t workers) {
    if (loop.grain != 0) return loop.grain;
    return std::max<std::uint64_t>((loop.end - loop.begin) / (workers * kChunksPerWorker), 1);
  }

  static int run_half(libsched_task*, void* data) {
    const Half& half = *static_cast<Half*>(data);
    half.run->split(half.begin, half.end);
    return 0;
  }

  bool stopped() {
    if (cancel_ != nullptr && cancel_->triggered()) stop();
    return stopped_.load(Orders::kStop);
  }

  // No deeper than the range has bits.
  void split(std::uint64_t begin, std::uint64_t end) {
    if (stopped()) return;
    if (end - begin <= grain_) {
      chunk(begin, end);
      return;
    }
    const std::uint64_t middle = begin + (end - begin) / 2;
    Half right{this, middle, end};
    ForkFrame frame;
    fork(frame, &run_half, &right);
    split(begin, middle);
    join(frame);
  }

  void chunk(std::uint64_t begin, std::uint64_t end) {
    const int code = call_user(
        [&] { return loop_.fn(current().task, begin, end, loop_.user_data); });  // user code
    if (code == 0) return;
    int none = 0;
    code_.compare_exchange_strong(none, code, Orders::kCode);
    stop();
  }

  const Loop loop_;
  const std::uint64_t grain_;
  CancelSwitch* const cancel_;
  StdSync::atomic<bool> stopped_{false};
  StdSync::atomic<int> code_{0};
};

// A loop that another thread waits for. Both hold it: the waiter may be gone before the last notification is over.
struct AwaitedLoop {
  LoopRun run;
  RefCount<StdSync> holders;
  StdSync::atomic<bool> ended{false};
  StdSync::atomic<bool> discarded{false};
  EventCount<StdSync> event;

  AwaitedLoop(const Loop& loop, std::uint32_t workers, CancelSwitch* cancel)
      : run(loop, workers, cancel) {}

  void drop() {
    if (holders.drop()) delete this;
  }
  void end() {
    ended.store(true, LoopRun::Orders::kEnded);
    event.notify_all();
    drop();
  }
  static int run_task(libsched_task*, void* self) {
    auto* loop = static_cast<AwaitedLoop*>(self);
    loop->run.run();
    loop->end();
    return 0;
  }
  static void discard(void* self) {
    auto* loop = static_cast<AwaitedLoop*>(self);
    loop->discarded.store(true, LoopRun::Orders::kEnded);
    loop->end();
  }
  bool has_ended() const { return ended.load(LoopRun::Orders::kEnded); }
};

}  // namespace

Status parallel_for(Pool& pool, Level level, const Loop& loop, CancelSwitch* cancel, int& code,
                    Error* error) {
  code = 0;
  if (loop.begin >= loop.end) return LIBSCHED_OK;
  const std::uint32_t workers = std::max(pool.workers(), 1u);
  std::uint32_t index = 0;
  Status status = LIBSCHED_OK;
  if (pool.workers() == 0 || pool.current_worker(index) == LIBSCHED_OK) {
    LoopRun run(loop, workers, cancel);
    const libsched_task* outer = current().task;
    const TaskScope scope(&pool, outer != nullptr ? outer->group : nullptr, index, level);
    run.run();
    status = run.result(code);
  } else {
    auto* shared = new AwaitedLoop(loop, workers, cancel);
    shared->holders.add();
    status = pool.submit(level, &AwaitedLoop::run_task, shared, &AwaitedLoop::discard,
                         Pool::Waiting{Pool::Waiting::Mode::kBlock, -1, cancel}, error);
    if (status != LIBSCHED_OK) {
      delete shared;
      return status;
    }
    const sys::Deadline never(-1);
    const auto ended = [shared] { return shared->has_ended(); };
    if (pool.wait_outside(shared->event, never, cancel, ended) != LIBSCHED_OK) {
      shared->run.stop();
      pool.wait_outside(shared->event, never, nullptr, ended);
    }
    status = shared->run.result(code);
    if (shared->discarded.load(LoopRun::Orders::kEnded)) status = LIBSCHED_E_CLOSED;
    shared->drop();
  }
  if (status == LIBSCHED_E_FAILED)
    return fail(error, status, "a chunk of the loop failed with code %d", code);
  if (status == LIBSCHED_E_CANCELLED) return fail(error, status, "the loop was cancelled");
  if (status == LIBSCHED_E_CLOSED)
    return fail(error, status, "the pool was cancelled before the loop began");
  return status;
}

}  // namespace sched
