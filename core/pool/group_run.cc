#include <algorithm>
#include <new>
#include <utility>

#include "core/pool/batch.h"
#include "core/pool/group.h"
#include "core/pool/places.h"
#include "core/pool/worker.h"

namespace sched {

// --- queueing ---

Status Group::submit(Level level, const Kind& kind, void* user_data) {
  if (pool_.capacity_.limited()) {
    std::size_t accepted = 0;
    return submit_n(level, kind, &user_data, 1, Pool::Waiting{}, accepted, nullptr);
  }
  if (const Status status = pool_.open_for_submit(nullptr); status != LIBSCHED_OK) return status;
  const Task::Item item = Task{kind.what, user_data, kind.discard, Task::clock(), kind.kind}.pack();
  Pool::Pushed pushed;
  const Status status = add(level, &item, 1, pushed, nullptr);
  pool_.tell(pushed);
  return status;
}

Status Group::submit_n(Level level, const Kind& kind, void* const* user_data, std::size_t count,
                       const Pool::Waiting& waiting, std::size_t& accepted, Error* error) {
  constexpr std::size_t kSlice = 64;
  // Room that was taken and not used.
  struct Room {
    Capacity& capacity;
    std::size_t taken = 0;
    ~Room() {
      if (taken != 0) capacity.give_back(taken);
    }
  };
  accepted = 0;
  const sys::Deadline deadline(waiting.timeout_ns);
  Status status = pool_.open_for_submit(error);
  while (status == LIBSCHED_OK && accepted < count) {
    Room room{pool_.capacity_};
    status =
        pool_.take_room(std::min(count - accepted, kSlice), room.taken, waiting, deadline, error);
    if (status != LIBSCHED_OK) break;
    Task::Item items[kSlice];
    const std::uint32_t now = Task::clock();
    for (std::size_t i = 0; i < room.taken; ++i) {
      items[i] = Task{kind.what, user_data[accepted + i], kind.discard, now, kind.kind}.pack();
    }
    Pool::Pushed pushed;
    status = add(level, items, room.taken, pushed, error);
    if (status == LIBSCHED_OK) accepted += std::exchange(room.taken, 0);
    pool_.tell(pushed);
  }
  return accepted != 0 ? LIBSCHED_OK : status;
}

Status Group::add(Level level, const Task::Item* items, std::size_t count, Pool::Pushed& pushed,
                  Error* error) {
  const Locked locked(*this);
  if (const Status status = open_for_member(); status != LIBSCHED_OK) {
    return fail(error, status,
                status == LIBSCHED_E_CLOSED
                    ? "the group has completed: it takes no more tasks before a reset"
                    : "the group was cancelled: it takes no more tasks");
  }
  TaskRing& queue = queues_[index_of(level)];
  try {
    queue.reserve(count);
  } catch (const std::bad_alloc&) {
    return fail(error, -ENOMEM, "no memory to queue the task");
  }
  // Tickets first: if the first one is refused nothing has happened.
  const Level at = effective(level);
  const std::uint32_t& tickets = tickets_[index_of(at)];
  // A worker that submits is likely to wait and to do the work itself; whoever takes its one ticket issues the others.
  const std::size_t wanted = pool_.own_worker() != nullptr ? 1 : tickets_for(queued_at(at) + count);
  PushStatus status = PushStatus::kOk;
  while (tickets < wanted && status == PushStatus::kOk) status = publish_ticket(at, pushed);
  if (tickets == 0) return Pool::status_of(status, error);
  for (std::size_t i = 0; i < count; ++i) queue.push(items[i]);
  add_members(count);
  submitted_ += count;
  const Runner submitter = pool_.submitter();
  submitter.counters.level[index_of(level)].grouped.add(submitter.shared(), count);
  return LIBSCHED_OK;
}

std::size_t Group::queued() const {
  std::size_t sum = 0;
  for (const TaskRing& queue : queues_) sum += queue.size();
  return sum;
}

std::size_t Group::queued_at(Level effective_level) const {
  std::size_t sum = 0;
  for (const Level level : kAllLevels) {
    if (effective(level) == effective_level) sum += queues_[index_of(level)].size();
  }
  return sum;
}

// As many as there are workers: each may be held up with one in its hand, and one must be left for whoever looks whether
// work of the level waits.
std::size_t Group::tickets_for(std::size_t tasks) const {
  return std::min<std::size_t>(tasks, std::max(pool_.workers(), std::uint32_t{1}));
}

void Group::issue_tickets(Pool::Pushed& pushed, bool owed) {
  for (const Level at : kAllLevels) {
    const std::size_t wanted = tickets_for(queued_at(at));
    const std::uint32_t& tickets = tickets_[index_of(at)];
    while (tickets < wanted && publish_ticket(at, pushed, owed) == PushStatus::kOk) {
    }
  }
}

PushStatus Group::publish_ticket(Level at, Pool::Pushed& pushed, bool owed) {
  PushStatus status = PushStatus::kOk;
  Ticket* const ticket = pool_.publish_ticket(*this, at, pushed, status, owed);
  if (ticket != nullptr) {
    ++tickets_[index_of(at)];
    ticket->next = first_ticket_;
    first_ticket_ = ticket;
  }
  return status;
}

void Group::take_back_tickets(Worker& worker) {
  if (first_ticket_ == nullptr || queued() != 0) return;
  Ticket** link = &first_ticket_;
  while (Ticket* ticket = *link) {
    if (ticket->publisher() != &worker || !ticket->take_out(*this)) {
      link = &ticket->next;
      continue;
    }
    *link = ticket->next;
    --tickets_[index_of(ticket->level())];
    worker.keep_ticket(*ticket);
  }
}

// --- running ---

// A task of the group ends, however it is left.
class Group::TaskEnd {
 public:
  TaskEnd(Group& group, Locked& locked) : group_(group), locked_(locked), count_(&group.failed_) {}
  ~TaskEnd() {
    if (!booked_) book();
  }
  // nullptr: it is counted already.
  void counts_as(std::uint64_t* count) { count_ = count; }
  void book() {
    booked_ = true;
    locked_.resume();
    if (count_ != nullptr) ++*count_;
    --group_.members_;
    group_.settle(locked_);
  }

 private:
  Group& group_;
  Locked& locked_;
  std::uint64_t* count_;
  bool booked_ = false;
};

bool Group::run_next(Locked& locked, const Runner& runner, const Choice& choice) {
  if (dropping()) {
    const bool any = queued() != 0;
    discard_queued(locked, runner);
    return any;
  }
  Level level = Level::kHigh;
  if (!pick(choice, level)) return false;
  if (choice.places != nullptr) choice.places->keep(effective(level));
  TaskRing& queue = queues_[index_of(level)];
  const Task task = Task::unpack(queue[0]);
  if (task.kind == Task::Kind::kBatch) {
    run_slice(locked, runner, level, choice.selected);
  } else {
    queue.pop();
    run_task(locked, runner, task, level, choice.selected);
  }
  return true;
}

// For a ticket a task of its very level, since it may have been taken for that level's sake.
bool Group::pick(const Choice& choice, Level& out) const {
  const LevelMask allowed = choice.places != nullptr ? choice.places->allowed() : kEveryLevel;
  bool found = false;
  for (const Level level : kAllLevels) {
    const Level at = effective(level);
    if (queues_[index_of(level)].empty() || at > choice.at || (allowed & bit_of(at)) == 0) continue;
    const bool exact = choice.selected && at == choice.at;
    // A ticket has brought a place at its own level only.
    if (choice.selected && !exact && (pool_.caps_.capped() & bit_of(at)) != 0) continue;
    if (!found || exact) out = level;
    found = true;
    if (exact) break;
  }
  return found;
}

void Group::run_task(Locked& locked, const Runner& runner, const Task& task, Level level,
                     bool selected) {
  ++started_;
  const Level runs_at = effective(level);
  Pool::Pushed pushed;
  if (selected) issue_tickets(pushed);
  locked.pause();
  pool_.tell(pushed);
  if (runner.worker != nullptr) runner.worker->stop_search();
  pool_.capacity_.give_back(1);
  TaskEnd end(*this, locked);
  if (pool_.run(task, this, level, runs_at, runner)) end.counts_as(&completed_);
  end.book();
}

void Group::discard_queued(Locked& locked, const Runner& runner) {
  for (const Level level : kAllLevels) {
    TaskRing& queue = queues_[index_of(level)];
    while (!queue.empty()) {
      const Task task = Task::unpack(queue.pop());
      discarded_ = true;
      ++cancelled_tasks_;
      locked.pause();
      if (runner.worker != nullptr) runner.worker->stop_search();
      pool_.capacity_.give_back(1);
      TaskEnd end(*this, locked);
      end.counts_as(nullptr);
      {
        // May let go the batch, and with it its group's last handle: so not under the lock.
        const Batch::Use use(task, 1);
        pool_.discard(task, this, level, runner);
      }
      end.book();
    }
  }
}

void Group::serve(Ticket& ticket, const Runner& runner) {
  const Level at = ticket.level();
  struct Serving {
    Group& group;
    ~Serving() {
      // A discard that has ended its thread leaves the rest to others.
      Pool::Pushed pushed;
      if (group.queued() != 0) group.issue_tickets(pushed);
      group.pool_.tell(pushed);
      --group.serving_;
    }
  };
  Locked locked(*this);
  --tickets_[index_of(at)];
  Ticket** link = &first_ticket_;
  while (*link != &ticket) link = &(*link)->next;
  *link = ticket.next;
  ticket.drop();
  ++serving_;
  const Serving serving{*this};
  run_next(locked, runner, {at, nullptr, true});
  // And again for as long as no ticket can be issued for what is left.
  for (Level without = at; lacks_ticket(without);) {
    if (!run_next(locked, runner, {without, nullptr, true})) break;
  }
}

bool Group::lacks_ticket(Level& out) const {
  for (const Level at : kAllLevels) {
    if (tickets_[index_of(at)] != 0 || queued_at(at) == 0) continue;
    out = at;
    return true;
  }
  return false;
}

bool Group::help(const Runner& runner, bool one) {
  {
    Locked locked(*this);
    const auto run = [&] {
      if (runner.worker == nullptr || pool_.caps_.capped() == 0) {
        return run_next(locked, runner, {Level::kLow, nullptr, false});
      }
      Worker::Places places(*runner.worker);
      return run_next(locked, runner, {Level::kLow, &places, false});
    };
    if (run()) {
      while (!one && (runner.worker == nullptr || runner.worker->has_stack()) && run()) {
      }
      return true;
    }
    if (groups_ == 0) return false;
  }
  return help_inside(runner);
}

}  // namespace sched
