#include <algorithm>
#include <mutex>
#include <new>

#include "core/pool/current.h"
#include "core/pool/pool.h"
#include "core/pool/ticket.h"
#include "core/pool/worker.h"

namespace sched {

Status Pool::status_of(PushStatus pushed, Error* error) {
  switch (pushed) {
    case PushStatus::kOk:
      return LIBSCHED_OK;
    case PushStatus::kClosed:
      return fail(error, LIBSCHED_E_CLOSED, "the pool was shut down: it takes no more tasks");
    default:
      return fail(error, -ENOMEM, "no memory to queue the task");
  }
}

Status Pool::open_for_submit(Error* error) {
  const std::uint32_t flags = flags_.load(Orders::kFlags);
  if ((flags & kClosed) != 0) return status_of(PushStatus::kClosed, error);
  return (flags & kStarted) != 0 ? LIBSCHED_OK : start(error);
}

Status Pool::take_room(std::size_t wanted, std::size_t& taken, const Waiting& waiting,
                       const sys::Deadline& deadline, Error* error) {
  taken = wanted;
  if (!capacity_.limited()) return LIBSCHED_OK;
  taken = capacity_.take(wanted);
  if (taken != 0) return LIBSCHED_OK;

  const auto full = [&](Status status, const char* why) {
    return fail(error, status, "%llu tasks wait to start, which is the pool's capacity; %s",
                static_cast<unsigned long long>(options_.capacity), why);
  };
  if (waiting.mode == Waiting::Mode::kTry) return full(LIBSCHED_E_FULL, "try again later");
  if (on_own_thread()) {
    // Waiting here could wait for this very thread.
    if (!options_.worker_may_exceed) return full(LIBSCHED_E_FULL, "a worker does not wait");
    taken = 1;
    if (capacity_.take_anyway()) exceeded_.add(true);
    return LIBSCHED_OK;
  }
  const Status status = capacity_.wait(wanted, taken, deadline, waiting.cancel, [this] {
    start_if_lost();
    return has(kClosed);
  });
  if (status == LIBSCHED_E_CLOSED) return status_of(PushStatus::kClosed, error);
  if (status == LIBSCHED_E_TIMEOUT) return full(status, "none has started within the timeout");
  if (status == LIBSCHED_E_CANCELLED) return full(status, "the wait for room was cancelled");
  return status;
}

Status Pool::submit(Level level, TaskFn fn, void* user_data, DiscardFn on_discard,
                    const Waiting& waiting, Error* error) {
  if (const Status status = open_for_submit(error); status != LIBSCHED_OK) return status;
  if (capacity_.limited()) {
    std::size_t taken = 0;
    const sys::Deadline deadline(waiting.timeout_ns);
    const Status status = take_room(1, taken, waiting, deadline, error);
    if (status != LIBSCHED_OK) return status;
  }
  const PushStatus pushed = push(level, Task::of(fn, user_data, on_discard, Task::clock()).pack());
  if (pushed != PushStatus::kOk) capacity_.give_back(1);
  return status_of(pushed, error);
}

PushStatus Pool::push(Level level, const Task::Item& item) {
  Pushed pushed;
  const PushStatus status = publish(level, item, pushed);
  tell(pushed);
  return status;
}

// A worker that blocks would not get to what it has.
PushStatus Pool::publish(Level level, const Task::Item& item, Pushed& pushed) {
  bool run_next = false;
  const Worker* worker = own_worker();
  const PushStatus status = worker != nullptr && current().blocking == 0
                                ? queue_.submit_local(worker->index(), level, item, &run_next)
                                : queue_.submit(level, item);
  if (status == PushStatus::kOk) {
    ++pushed.count;
    pushed.run_next &= run_next;
  }
  return status;
}

PushStatus Pool::publish_owed(Level level, const Task::Item& item, Pushed& pushed) {
  PushStatus status = publish(level, item, pushed);
  if (status != PushStatus::kClosed || options_.workers != 0) return status;
  const std::lock_guard lock(context_);
  bool run_next = false;
  status = queue_.submit_local(0, level, item, &run_next);
  if (status == PushStatus::kOk) {
    ++pushed.count;
    pushed.run_next = false;
  }
  return status;
}

Ticket* Pool::publish_ticket(Group& group, Level level, Pushed& pushed, PushStatus& status,
                             bool owed) {
  Worker* const worker = own_worker();
  status = PushStatus::kOk;
  if (worker != nullptr && current().blocking == 0) {
    if (Ticket* ticket = worker->reuse_ticket(group, level)) {
      ++pushed.count;
      return ticket;
    }
  }
  auto* ticket = new (std::nothrow) Ticket(group, worker, level);
  if (ticket == nullptr) {
    status = PushStatus::kNoMemory;
    return nullptr;
  }
  const Task task{ticket, nullptr, nullptr, Task::clock(), Task::Kind::kTicket};
  status = publish(level, task.pack(), pushed);
  if (status == PushStatus::kClosed && owed) {
    status = queue_.submit_owed(level, task.pack());
    if (status == PushStatus::kOk) {
      ++pushed.count;
      pushed.run_next = false;
    }
  }
  if (status != PushStatus::kOk) {
    ticket->drop();
    ticket->drop();
    return nullptr;
  }
  const Runner here = submitter();
  here.counters.level[index_of(level)].tickets.add(here.shared());
  return ticket;
}

void Pool::tell(const Pushed& pushed) {
  if (pushed.count == 1 && pushed.run_next) {
    sleepers_.notify_run_next();
  } else if (pushed.count != 0) {
    wake_for(pushed.count);
  }
}

Runner Pool::submitter() {
  Worker* worker = own_worker();
  return worker != nullptr ? worker->runner() : outsider();
}

// Tells who can run tasks from outside that there are some.
void Pool::wake_for(std::size_t count) {
  if (options_.workers == 0 || !has(kStarted)) {
    idle_.notify_all();  // a thread in wait_idle or shutdown sees to them
  } else if (count == 1) {
    sleepers_.notify_one();
  } else {
    sleepers_.notify(count);
  }
}

Status Pool::submit_n(Level level, TaskFn fn, void* const* user_data, std::size_t count,
                      DiscardFn on_discard, const Waiting& waiting, std::size_t& accepted,
                      Error* error) {
  constexpr std::size_t kSlice = 64;
  accepted = 0;
  const sys::Deadline deadline(waiting.timeout_ns);
  Status status = open_for_submit(error);
  while (status == LIBSCHED_OK && accepted < count) {
    std::size_t room = 0;
    status = take_room(std::min(count - accepted, kSlice), room, waiting, deadline, error);
    if (status != LIBSCHED_OK) break;
    Task::Item items[kSlice];
    const std::uint32_t now = Task::clock();
    for (std::size_t i = 0; i < room; ++i) {
      items[i] = Task::of(fn, user_data[accepted + i], on_discard, now).pack();
    }
    std::size_t pushed = 0;
    status = status_of(push_n(level, items, room, pushed), error);
    if (pushed < room) capacity_.give_back(room - pushed);
    accepted += pushed;
  }
  return accepted != 0 ? LIBSCHED_OK : status;
}

PushStatus Pool::push_n(Level level, const Task::Item* items, std::size_t count,
                        std::size_t& pushed) {
  PushStatus status = PushStatus::kOk;
  if (own_worker() != nullptr) {
    for (pushed = 0; pushed < count && status == PushStatus::kOk;) {
      status = push(level, items[pushed]);
      if (status == PushStatus::kOk) ++pushed;
    }
    return status;
  }
  status = queue_.submit_n(level, items, count, pushed);
  wake_for(pushed);
  return status;
}

}  // namespace sched
