#include "core/pool/pool.h"

#include <algorithm>
#include <utility>

#include "core/base/call.h"
#include "core/pool/blocking.h"
#include "core/pool/current.h"
#include "core/pool/group.h"
#include "core/pool/service.h"
#include "core/pool/task_scope.h"
#include "core/pool/ticket.h"
#include "core/pool/worker.h"
#include "core/sys/cpus.h"

namespace sched {
namespace {

// Counts the end of a task, however its function is left, and after all that belongs to it.
struct CountedEnd {
  Counter* counter;
  const bool shared;
  ~CountedEnd() { counter->add(shared); }
};

}  // namespace

Pool::Pool(PoolOptions options)
    : options_(std::move(options)),
      process_(sys::ForkGuard::begin()),
      queue_(std::max(options_.workers, std::uint32_t{1}),
             std::max(options_.most_workers(), std::uint32_t{1}), options_.bounds, options_.seed),
      sleepers_(options_.workers, options_.most_workers()),
      slots_(options_.workers, options_.most_workers()),
      capacity_(options_.capacity),
      caps_(options_.caps),
      may_spin_(sys::usable_cpus() > 2),
      workers_(std::make_unique<std::unique_ptr<Worker>[]>(options_.most_workers())) {
  for (std::uint32_t i = 0; i < options_.workers; ++i) {
    workers_[i] = std::make_unique<Worker>(*this, i);
  }
}

Pool::~Pool() { drain_here(nullptr, nullptr); }

void Pool::drop() {
  if (!holders_.drop()) return;
  // A discard that ends its thread leaves the rest of the queue to the destructor.
  const std::unique_ptr<Pool, void (*)(Pool*)> last(this, [](Pool* pool) { delete pool; });
  join_threads();
  flags_.fetch_or(kClosed | kCancelling, Orders::kFlags);
  drain_here(nullptr, nullptr);
}

// --- who is asking ---

Worker* Pool::own_worker() const {
  Worker* worker = current().worker;
  return worker != nullptr && &worker->pool() == this ? worker : nullptr;
}

bool Pool::on_own_thread() const {
  for (const libsched_task* task = current().task; task != nullptr; task = task->outer) {
    if (task->pool == this) return true;
  }
  return own_worker() != nullptr;
}

Status Pool::current_worker(std::uint32_t& out) const {
  const Worker* worker = own_worker();
  if (worker == nullptr) return LIBSCHED_E_NOT_WORKER;
  out = worker->index();
  return LIBSCHED_OK;
}

// --- running ---

void Pool::process(const Task& task, Level level, const Runner& runner) {
  if (task.kind == Task::Kind::kService) {
    const CountedEnd end{&runner.counters.level[index_of(level)].tickets_ended, runner.shared()};
    auto* const service = static_cast<Service*>(task.what);
    const std::unique_ptr<Service, void (*)(Service*)> kept(service, [](Service* s) { s->drop(); });
    service->serve(level, runner);
    return;
  }
  if (task.kind == Task::Kind::kTicket) {
    const CountedEnd end{&runner.counters.level[index_of(level)].tickets_ended, runner.shared()};
    auto* const ticket = static_cast<Ticket*>(task.what);
    const std::unique_ptr<Ticket, void (*)(Ticket*)> kept(ticket, [](Ticket* t) { t->drop(); });
    if (Group* group = ticket->redeem()) group->serve(*ticket, runner);
    return;
  }
  capacity_.give_back(1);
  if (has(kCancelling)) {
    discard(task, nullptr, level, runner);
  } else {
    run(task, nullptr, level, level, runner);
  }
}

bool Pool::run(const Task& task, Group* group, Level level, Level at, const Runner& runner) {
  Counters::PerLevel& counts = runner.counters.level[index_of(level)];
  CountedEnd end{&counts.failed, runner.shared()};
  TaskScope scope(this, group, runner.index, at);
  counts.started.add(runner.shared());
  const auto failed = [&](int code, const char* message) {
    if (group != nullptr) group->note_failure(code);
    report_failure(code, message, task.user_data);
  };
  bool reported = false;
  const int code = call_user([&] { return task.fn()(scope.task(), task.user_data); },  // user code
                             [&](int status, const char* message) {
                               reported = true;
                               failed(status, message);
                             });
  end_if_forked(runner);
  if (code == 0) {
    end.counter = &counts.completed;
  } else if (!reported) {
    failed(code, "");
  }
  return code == 0;
}

void Pool::discard(const Task& task, Group* group, Level level, const Runner& runner) {
  const CountedEnd end{&runner.counters.level[index_of(level)].cancelled, runner.shared()};
  if (task.discard == nullptr) return;
  const TaskScope scope(this, group, runner.index, level);
  call_user([&] { return task.discard(task.user_data), 0; },  // user code
            [](int, const char*) {});
  end_if_forked(runner);
}

void Pool::report_failure(int code, const char* message, void* task_data) {
  if (options_.on_failure == nullptr) return;
  call_user(
      [&] {  // user code
        return options_.on_failure(code, message, task_data, options_.hook_data), 0;
      },
      [](int, const char*) {});
}

std::uint32_t Pool::credit(const Runner& runner, Level level) {
  if (runner.worker != nullptr) return queue_.credit(runner.index, level);
  const std::lock_guard lock(context_);
  return queue_.credit(0, level);
}

void Pool::charge(const Runner& runner, Level level, std::uint32_t count) {
  if (runner.worker != nullptr) {
    queue_.charge(runner.index, level, count);
  } else {
    const std::lock_guard lock(context_);
    queue_.charge(0, level, count);
  }
}

// What a run on a thread that is no worker ends with, however it is left.
struct Pool::Release {
  Pool* pool;
  bool ran = false;  // a caller that waits itself would be woken by what it tells, again and again
  ~Release() {
    if (ran) pool->tell_if_idle();
    pool->drop();
  }
};

Status Pool::run_one() {
  if (options_.workers != 0) return LIBSCHED_E_RANGE;
  holders_.add();  // the task may drop the last outside handle
  Release release{this};
  Task::Item item;
  Level level = Level::kNormal;
  StealStatus found = StealStatus::kRetry;
  {
    const std::lock_guard lock(context_);
    while (found == StealStatus::kRetry) {
      found = queue_.next(0, kEveryLevel, false, item, level);
    }
  }
  Status status = LIBSCHED_OK;
  if (found == StealStatus::kSuccess) {
    release.ran = true;
    process(Task::unpack(item), level, outsider());
  } else {
    status = has(kClosed) && quiescent() ? LIBSCHED_E_CLOSED : LIBSCHED_E_EMPTY;
  }
  return status;
}

// An item whose level's hint is still to be raised does not count: next() trusts the hints, so who counted it would look
// again and again for as long as its producer stands still. The producer tells of it after that.
Ready Pool::look(LevelMask allowed) {
  Ready found = Ready::kNothing;
  for (const Level level : kAllLevels) {
    if ((allowed & bit_of(level)) == 0) continue;
    const Ready here = queue_.look(bit_of(level));
    if (here != Ready::kNothing && queue_.hinted(level)) found = std::max(found, here);
  }
  return found;
}

// Takes everything that is queued, on a thread that is no worker: in a pool without workers, or after their end.
void Pool::drain_here(const sys::Deadline* deadline, CancelSwitch* cancel) {
  for (;;) {
    if (deadline != nullptr && deadline->over()) return;
    if (cancel != nullptr && cancel->triggered()) return;
    Task::Item item;
    Level level = Level::kNormal;
    {
      const std::lock_guard lock(context_);
      if (look(kEveryLevel) == Ready::kNothing) return;
      if (queue_.next(0, kEveryLevel, false, item, level) != StealStatus::kSuccess) continue;
    }
    process(Task::unpack(item), level, outsider());
    tell_if_idle();
  }
}

// --- idleness ---

bool Pool::quiescent() const {
  std::uint64_t ended = 0;
  const auto add = [&ended](const Counters& counters) {
    for (const auto& counts : counters.level) {
      ended += counts.completed.get() + counts.failed.get() + counts.cancelled.get() +
               counts.tickets_ended.get();
    }
  };
  // Ended first, submitted second: if they are equal then they were at the moment in between.
  add(outside_);
  for (std::uint32_t i = 0; i < crew(); ++i) add(workers_[i]->counters());
  std::uint64_t submitted = 0;
  const auto add_grouped = [&submitted](const Counters& counters) {
    for (const auto& counts : counters.level) submitted += counts.grouped.get();
  };
  for (const Level level : kAllLevels) submitted += queue_.submitted(level);
  add_grouped(outside_);
  for (std::uint32_t i = 0; i < crew(); ++i) add_grouped(workers_[i]->counters());
  return ended == submitted;
}

void Pool::tell_if_idle() {
  if (idle_.has_waiters() && quiescent()) idle_.notify_all();
}

void Pool::tell_if_over() {
  tell_if_idle();
  if (has(kClosed) && quiescent()) sleepers_.notify_all();
}

Status Pool::wait_idle(std::int64_t timeout_ns, CancelSwitch* cancel, Error* error) {
  if (on_own_thread()) {
    return fail(error, LIBSCHED_E_DEADLOCK,
                "wait_idle was called by a task of this pool, which it would wait for");
  }
  const sys::Deadline deadline(timeout_ns);
  const Status status = wait_blocking(idle_, deadline, cancel, [&] {
    if (options_.workers == 0) drain_here(&deadline, cancel);
    if (quiescent()) return true;
    start_if_lost();
    return false;
  });
  if (status == LIBSCHED_OK) return status;
  return fail(error, status, "the pool is still busy after %lld ns of waiting",
              static_cast<long long>(timeout_ns));
}

// --- asking ---

void Pool::stats(Stats& out) {
  out = Stats{};
  const auto add = [&out](const Counters& counters) {
    for (int i = 0; i < kLevels; ++i) {
      out.level[i].cancelled += counters.level[i].cancelled.get();
      out.level[i].completed += counters.level[i].completed.get();
      out.level[i].failed += counters.level[i].failed.get();
      out.level[i].started += counters.level[i].started.get();
      out.level[i].submitted += counters.level[i].grouped.get() - counters.level[i].tickets.get();
    }
    out.parks += counters.parks.get();
    out.wakes += counters.wakes.get();
  };
  add(outside_);
  for (std::uint32_t i = 0; i < crew(); ++i) add(workers_[i]->counters());
  const auto difference = [](std::uint64_t a, std::uint64_t b) { return a > b ? a - b : 0; };
  for (const Level level : kAllLevels) {
    LevelStats& here = out.level[index_of(level)];
    here.submitted += queue_.submitted(level);
    here.queued = difference(here.submitted, here.started + here.cancelled);
    here.active = difference(here.started, here.completed + here.failed);
    queue_.visit_heads(level, [&here](const Task::Item& item) {
      const std::uint64_t age = Task::age_ns(Task::unpack(item).submitted);
      here.oldest_wait_ns = std::max({here.oldest_wait_ns, age, std::uint64_t{1}});
    });
  }
  out.queue = queue_.counts();
  out.exceeded = exceeded_.get();
  out.workers = live_.load(Orders::kLive);
  out.parked = sleepers_.parked();
}

}  // namespace sched
