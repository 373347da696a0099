#include "core/pool/worker.h"

#include <algorithm>
#include <cstdio>

#include "core/base/call.h"
#include "core/pool/current.h"
#include "core/pool/places.h"
#include "core/pool/pool.h"

namespace sched {
namespace {

// About 20 us of looking, by one worker at a time, before it sleeps.
constexpr int kSpins = 500;

}  // namespace

Worker::~Worker() {
  for (Ticket* first : tickets_) {
    while (Ticket* ticket = first) {
      first = ticket->next;
      ticket->drop();
    }
  }
}

Ticket* Worker::reuse_ticket(Group& group, Level level) {
  Ticket*& first = tickets_[index_of(level)];
  while (Ticket* ticket = first) {
    first = ticket->next;
    if (ticket->put(group)) return ticket;
    ticket->drop();
  }
  return nullptr;
}

void Worker::keep_ticket(Ticket& ticket) {
  Ticket*& first = tickets_[index_of(ticket.level())];
  ticket.next = first;
  first = &ticket;
}

int Worker::start() {
  sys::ThreadOptions options;
  options.stack_size = pool_.options_.stack_size;
  const int result = sys::start_thread(&thread_, options, &Worker::thread_main, this);
  joinable_ = result == 0;
  return result;
}

void Worker::join() {
  if (joinable_) sys::join_or_detach(thread_);
  joinable_ = false;
}

__attribute__((no_sanitize("null"))) void* Worker::thread_main(void* self) {
  Worker& worker = *static_cast<Worker*>(self);
  Pool& pool = worker.pool_;
  current().worker = &worker;
  const auto& affinity = pool.options_.affinity;
  if (!affinity.empty()) sys::pin_current_thread(affinity[worker.index_ % affinity.size()]);
  sys::name_current_thread(pool.options_.name.c_str(), worker.index_);
  bool looping = false;
  try {
    worker.call_hook(pool.options_.on_start);
    looping = true;
    worker.loop();
    if (pool.forked()) return nullptr;  // a task returned in a child, where nothing is ours
    looping = false;
    worker.call_hook(pool.options_.on_stop);
  } catch (const abi::__forced_unwind&) {
    // A task has ended this thread. Whatever it was counted in has been put right on the way here. A thread that a hook
    // has ended is not replaced: the next one would end in the same way.
    if (looping) worker.call_hook(pool.options_.on_stop);
    current() = {};
    looping ? worker.replace_thread() : pool.thread_ended();
    throw;
  }
  current() = {};
  pool.thread_ended();
  return nullptr;
}

void Worker::replace_thread() {
  bool replaced = false;
  {
    const std::lock_guard lock(pool_.lifecycle_);
    sys::calls.thread_detach(thread_);
    replaced = start() == 0;
  }
  if (!replaced) pool_.thread_ended();
}

void Worker::call_hook(WorkerHook hook) {
  if (hook == nullptr) return;
  call_user([&] { return hook(index_, pool_.options_.hook_data), 0; }, [](int, const char*) {});
}

void Worker::loop() {
  stack_end_ = sys::stack_end();
  searching_ = pool_.sleepers_.start_search();
  for (;;) {
    if (pool_.slots_.too_many() && !pool_.has(Pool::kClosed)) {
      retire();
      continue;
    }
    const StealStatus status = work(kEveryLevel);
    if (pool_.forked()) return;
    if (status == StealStatus::kSuccess || status == StealStatus::kRetry) continue;
    if (!searching_ && pool_.sleepers_.start_search()) {
      searching_ = true;
      spin();
    } else if (!sleep()) {
      return;
    }
  }
}

StealStatus Worker::work(LevelMask levels) {
  {
    Places places(*this);
    Task::Item item;
    Level level = Level::kNormal;
    const StealStatus status =
        pool_.queue_.next(index_, places.allowed() & levels, true, item, level);
    if (status == StealStatus::kSuccess) {
      places.keep(level);
      found_work();
      pool_.process(Task::unpack(item), level, runner());
      return status;
    }
    if (status == StealStatus::kRetry) return status;
  }
  return run_stolen_branch();
}

void Worker::found_work() {
  if (searching_) {
    // Pushes since the search began have relied on it to find them.
    searching_ = false;
    if (pool_.sleepers_.stop_search() && (pool_.queue_.more_waits() || branches_wait())) {
      pool_.sleepers_.notify_one();
    }
  } else if (pool_.queue_.kept_more(index_)) {
    pool_.sleepers_.notify_one();
  }
}

void Worker::give_back_places(LevelMask levels) {
  pool_.caps_.give_back(levels);
  // Another worker may have gone to sleep since it found no place at one of them.
  for (const Level level : kAllLevels) {
    if ((levels & bit_of(level)) != 0 && pool_.queue_.hinted(level)) {
      pool_.sleepers_.notify_one();
      return;
    }
  }
}

void Worker::spin() {
  if (!pool_.may_spin_ || !pool_.sleepers_.start_spin()) return;
  for (int i = 0; i < kSpins && !pool_.queue_.hinted_any(); ++i) StdSync::pause();
  pool_.sleepers_.stop_spin();
}

bool Worker::sleep() {
  Sleepers<StdSync>& sleepers = pool_.sleepers_;
  sleepers.announce(index_);
  if (searching_) sleepers.stop_search();
  searching_ = false;

  Ready ready = Ready::kNothing;
  {
    const Places places(*this);
    ready = pool_.look(places.allowed());
    if (ready == Ready::kNothing) pool_.tell_holders(places.allowed());
  }
  if (ready == Ready::kWork || branches_wait()) {
    // A searcher again, if it may: pushes have relied on it, and there may be more than it takes.
    searching_ = !sleepers.retract(index_) || sleepers.start_search();
    return true;
  }
  pool_.tell_if_idle();
  if (pool_.has(Pool::kClosed) && pool_.quiescent()) {
    if (!sleepers.retract(index_)) sleepers.stop_search();
    sleepers.notify_all();  // the others end too
    return false;
  }
  const bool nap = ready == Ready::kRunNext && sleepers.start_nap();
  counters_.parks.add(false);
  const bool claimed = sleepers.park(index_, nap ? kNapNs : -1);
  if (nap) sleepers.stop_nap();
  if (claimed) counters_.wakes.add(false);
  // After a nap too, so that whoever finds work then looks whether there is more.
  searching_ = claimed || sleepers.start_search();
  return true;
}

}  // namespace sched
