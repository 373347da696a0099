#include "core/pool/service.h"

#include <algorithm>
#include <memory>
#include <mutex>

#include "core/pool/current.h"
#include "core/pool/task_scope.h"

namespace sched {

Status Service::attach(Error* error) {
  const std::lock_guard lock(pool_.services_mutex_);
  if (pool_.services_closed_) return Pool::status_of(PushStatus::kClosed, error);
  pool_.services_.push_back(this);
  add();
  return LIBSCHED_OK;
}

void Service::detach() {
  {
    const std::lock_guard lock(pool_.services_mutex_);
    std::erase(pool_.services_, this);
  }
  drop();
}

PushStatus Service::publish(Level at, Pool::Pushed& pushed) {
  const Task task{this, nullptr, nullptr, Task::clock(), Task::Kind::kService};
  add();
  const PushStatus status = pool_.publish_owed(at, task.pack(), pushed);
  if (status == PushStatus::kOk) {
    const Runner here = pool_.submitter();
    here.counters.level[index_of(at)].tickets.add(here.shared());
  } else {
    static_cast<void>(references_.drop());  // never the last: the caller has one
  }
  return status;
}

std::size_t Service::longest_row(Level level, const Runner& runner) {
  return std::min(std::size_t{pool_.credit(runner, level)} + 1, pool_.longest_row(level));
}

void Service::charge(Level level, const Runner& runner, std::size_t count) {
  if (count > 1) pool_.charge(runner, level, static_cast<std::uint32_t>(count - 1));
}

void Service::discard(Level level, void* user_data, DiscardFn on_discard) {
  struct Discarded final : TaskRun {
    explicit Discarded(const Service& owner) : TaskRun(owner, nullptr) {}
    bool cancelled() const override { return true; }
  };
  const Discarded run(*this);
  const Runner here = pool_.submitter();
  const TaskScope scope(&pool_, nullptr, here.index, level, nullptr, &run);
  pool_.discard(Task::of(nullptr, user_data, on_discard, 0), nullptr, level, here);
}

bool Service::runs_here() const {
  for (const libsched_task* task = current().task; task != nullptr; task = task->outer) {
    if (task->run != nullptr && &task->run->service == this) return true;
  }
  return false;
}

// --- the pool's part ---

// Out of the lock, since they may discard tasks. Each is told once of either way to end.
void Pool::close_services(bool cancelled) {
  const auto way = cancelled ? Service::Told::kCancelled : Service::Told::kClosed;
  for (;;) {
    Service* next = nullptr;
    {
      const std::lock_guard lock(services_mutex_);
      services_closed_ = true;
      const auto found = std::find_if(services_.begin(), services_.end(),
                                      [way](Service* service) { return service->told_ < way; });
      if (found == services_.end()) return;
      next = *found;
      next->told_ = way;
      next->add();
    }
    const std::unique_ptr<Service, void (*)(Service*)> kept(next, [](Service* s) { s->drop(); });
    next->pool_closes(cancelled);
  }
}

}  // namespace sched
