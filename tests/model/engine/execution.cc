#include "tests/model/engine/execution.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "tests/model/engine/hash.h"
#include "tests/model/engine/quiet.h"

namespace model {
namespace {

Execution* the_execution = nullptr;

struct Stop {};  // leaves the scheduler

}  // namespace

const char* name_of(Failure failure) {
  switch (failure) {
    case Failure::kNone:
      return "none";
    case Failure::kAssertion:
      return "assertion";
    case Failure::kRace:
      return "race";
    case Failure::kDeadlock:
      return "deadlock";
    case Failure::kLivelock:
      return "livelock";
    case Failure::kUseAfterFree:
      return "use-after-free";
    case Failure::kLeak:
      return "leak";
    case Failure::kTwice:
      return "twice";
    case Failure::kNonDeterministic:
      return "non-deterministic";
    case Failure::kLimit:
      return "limit";
  }
  return "?";
}

void fail(Failure failure, const std::string& message) {
  Execution::current().failed(failure, message);
}

Execution& Execution::current() { return *the_execution; }
bool Execution::exists() { return the_execution != nullptr; }

Execution::Execution(Chooser& chooser, const Bounds& bounds, bool exhaustive)
    : chooser_(chooser),
      bounds_(bounds),
      exhaustive_(exhaustive),
      memory_(arena_),
      threads_(kMaxThreads) {
  the_execution = this;
}

Execution::~Execution() {
  // What a thread that has not begun holds lay in the arena.
  for (Thread& thread : threads_) new (&thread.body) std::function<void()>();
  the_execution = nullptr;
}

void Execution::begin_exploration() {
  visited_.clear();
  learned_ = false;
}

void Execution::failed(Failure failure, const std::string& message) {
  in_scenario_ = false;
  failure_ = failure;
  message_ = message;
  if (in_fiber_) {
    in_fiber_ = false;
    scheduler_.resume(me().fiber);
  }
  throw Stop{};
}

// --- one execution ---

void Execution::begin() {
  memory_.reset();
  arena_.reset();
  chooser_.begin();
  thread_count_ = 0;
  stops_ = 0;
  spurious_ = 0;
  steps_ = 0;
  now_ns_ = 1'000'000'000;
  redundant_ = false;
  failure_ = Failure::kNone;
  message_.clear();
  trace_.clear();
  step_of_store_.clear();
  names_.clear();
  next_ = -1;
  if (chooser_.strategy() == Strategy::kPct) {
    change_points_.clear();
    for (int i = 1; i < bounds_.pct_depth; ++i)
      change_points_.push_back(chooser_.draw() % longest_);
    lowest_priority_ = static_cast<std::uint64_t>(bounds_.pct_depth);
  }
}

Outcome Execution::run(const std::function<void()>& body) {
  begin();
  try {
    running_ = 0;
    static_cast<void>(spawn([&body] { body(); }));
    while (schedule()) {
      Thread& thread = me();
      in_fiber_ = true;
      thread.fiber.resume(scheduler_);
      // Left by a switch to here, or by a failure.
      in_fiber_ = false;
      if (failure_ != Failure::kNone) break;
    }
    if (failure_ == Failure::kNone) return end();
  } catch (const Stop&) {
  }
  return Outcome::kFailed;
}

Outcome Execution::end() {
  longest_ = std::max(longest_, steps_);
  if (redundant_) return Outcome::kRedundant;
  bool blocked = false;
  for (std::size_t i = 0; i < thread_count_; ++i) {
    // Nothing comes that the thread could read: the same as if it had not stopped, which another execution shows.
    if (threads_[i].status == Status::kStopped) return Outcome::kRedundant;
    blocked |= threads_[i].status != Status::kFinished;
  }
  if (blocked) failed(Failure::kDeadlock, describe_blocked());
  if (const std::size_t leaked = memory_.leaked()) {
    failed(Failure::kLeak, std::to_string(leaked) + " blocks of memory were never freed");
  }
  return Outcome::kComplete;
}

std::string Execution::describe_blocked() const {
  std::string text = "no thread can go on:";
  for (std::size_t i = 0; i < thread_count_; ++i) {
    const Thread& thread = threads_[i];
    text += " T" + std::to_string(i);
    switch (thread.status) {
      case Status::kFinished:
        text += " has ended,";
        break;
      case Status::kMutex:
        text += " waits for a mutex,";
        break;
      case Status::kWaiting:
        text += " sleeps,";
        break;
      case Status::kJoining:
        text += " joins T" + std::to_string(thread.target) + ",";
        break;
      default:
        text += " is ready,";
        break;
    }
  }
  text.pop_back();
  return text;
}

// --- threads ---

void Execution::enter() {
  Execution& execution = current();
  {
    Thread& thread = execution.me();
    execution.in_scenario_ = true;
    const std::function<void()> body = std::move(thread.body);
    body();
  }
  execution.in_scenario_ = false;
  // The end is an event of its own: what the thread did before strongly happens before what follows its join.
  execution.memory_.tick(execution.running_);
  execution.me().status = Status::kFinished;
  execution.to_scheduler();
}

ThreadId Execution::spawn(std::function<void()> body, ThreadId twin) {
  const Quiet quiet(*this);
  const std::size_t id = thread_count_++;
  if (id >= kMaxThreads) fail(Failure::kLimit, "too many threads");
  Thread& thread = threads_[id];
  if (id != 0) {
    memory_.tick(running_);
    memory_.clock(static_cast<ThreadId>(id)) = memory_.clock(running_);
    remember(0x5A0 + id);
    add_event("spawn", {});
  }
  // What an abandoned execution has left here lay in memory that is gone.
  new (&thread.body) std::function<void()>(std::move(body));
  thread.status = Status::kReady;
  thread.hash = id;
  thread.timed_out = false;
  thread.twin = twin;
  thread.begun = false;
  thread.priority = chooser_.strategy() == Strategy::kPct ? (chooser_.draw() | 1ull << 40) : 0;
  thread.where = {};
  std::fill(std::begin(thread.local), std::end(thread.local), nullptr);
  thread.fiber.start(arena_.stack(static_cast<ThreadId>(id)) + 4096, Arena::kStackBytes - 4096,
                     &Execution::enter);
  return static_cast<ThreadId>(id);
}

void Execution::join(ThreadId target) {
  const Quiet quiet(*this);
  step({});
  Thread& other = threads_[index(target)];
  while (other.status != Status::kFinished) {
    me().status = Status::kJoining;
    me().target = target;
    to_scheduler();
  }
  memory_.clock(running_).join(memory_.clock(target));
  memory_.tick(running_);
  remember(other.hash);
  add_event("join", {});
}

void Execution::step(Where where) {
  if (++steps_ > bounds_.steps) {
    failed(Failure::kLivelock,
           "more than " + std::to_string(bounds_.steps) + " steps: the threads make no progress");
  }
  if (where.line != 0) me().where = where;
}

// --- scheduling ---

std::uint64_t Execution::local_state() { return mix(memory_.order_hash(), me().hash); }

std::uint64_t Execution::state() const {
  std::uint64_t hash = memory_.order_hash() + mix(static_cast<std::uint64_t>(spurious_), 7) +
                       mix(static_cast<std::uint64_t>(now_ns_), 13);
  for (std::size_t i = 0; i < thread_count_; ++i) {
    const Thread& thread = threads_[i];
    std::uint64_t own = mix(thread.hash, static_cast<std::uint64_t>(thread.status));
    if (thread.status == Status::kStopped) own = mix(own, thread.known);
    if (thread.status == Status::kWaiting)
      own = mix(own, static_cast<std::uint64_t>(thread.deadline_ns));
    hash += mix(own, i);
  }
  return hash;
}

bool Execution::has_new(ThreadId thread, LocationId location, StoreId mark) const {
  const StoreId floor = memory_.floor(thread, location);
  for (StoreId store = memory_.newest(location);; store = memory_.store(store).before) {
    if (store >= mark) return true;
    if (store == floor) return false;
  }
}

bool Execution::can_run(const Thread& thread) {
  const auto id = static_cast<ThreadId>(&thread - threads_.data());
  if (thread.twin >= 0 && exhaustive_ && !threads_[index(thread.twin)].begun) return false;
  switch (thread.status) {
    case Status::kReady:
      return true;
    case Status::kStopped:
      return has_new(id, thread.location, thread.mark) ||
             (thread.other_location != kNoId && has_new(id, thread.other_location, thread.mark));
    case Status::kMutex:
      return memory_.store(memory_.newest(thread.location)).value == 0;
    case Status::kJoining:
      return threads_[index(thread.target)].status == Status::kFinished;
    default:
      return false;
  }
}

// Says who runs next. False: the execution is over.
bool Execution::schedule() {
  if (next_ >= 0) {
    running_ = next_;
    next_ = -1;
    return true;
  }
  ready_.clear();
  for (std::size_t i = 0; i < thread_count_; ++i) {
    if (can_run(threads_[i])) ready_.push_back(static_cast<ThreadId>(i));
  }
  // A timeout ends a wait when nothing else happens, or, at the price of a stop, before that.
  const std::size_t others = ready_.size();
  if (others == 0 || !exhaustive_ || stops_ < bounds_.preemptions) {
    for (std::size_t i = 0; i < thread_count_; ++i) {
      if (threads_[i].status == Status::kWaiting && threads_[i].deadline_ns >= 0) {
        ready_.push_back(static_cast<ThreadId>(i));
      }
    }
  }
  if (ready_.empty()) return false;
  const std::uint64_t here = state();
  if (chooser_.strategy() == Strategy::kExhaustive && chooser_.fresh() &&
      !visited_.enter(here, stops_)) {
    redundant_ = true;
    return false;
  }
  const std::uint32_t chosen =
      chooser_.strategy() == Strategy::kPct
          ? chooser_.record(static_cast<std::uint32_t>(by_priority(ready_)))
          : chooser_.choose(Choice::kThread, static_cast<std::uint32_t>(ready_.size()), here);
  running_ = ready_[chosen];
  Thread& thread = me();
  if (thread.status == Status::kWaiting) {
    if (others != 0) ++stops_;
    thread.timed_out = true;
    now_ns_ = std::max(now_ns_, thread.deadline_ns);
  }
  thread.status = Status::kReady;
  thread.begun = true;
  return true;
}

void Execution::to_scheduler() {
  in_fiber_ = false;
  scheduler_.resume(me().fiber);
}

// The index of the ready thread with the highest priority.
ThreadId Execution::by_priority(const std::vector<ThreadId>& ready) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < ready.size(); ++i) {
    if (threads_[index(ready[i])].priority > threads_[index(ready[best])].priority) best = i;
  }
  return static_cast<ThreadId>(best);
}

// Random strategies may run another thread in front of any read.
void Execution::maybe_switch() {
  if (exhaustive_) return;
  if (chooser_.strategy() == Strategy::kPct &&
      std::find(change_points_.begin(), change_points_.end(), steps_) != change_points_.end()) {
    me().priority = lowest_priority_ > 0 ? --lowest_priority_ : 0;
  }
  ready_.assign(1, running_);
  for (std::size_t i = 0; i < thread_count_; ++i) {
    if (static_cast<ThreadId>(i) != running_ && can_run(threads_[i])) {
      ready_.push_back(static_cast<ThreadId>(i));
    }
  }
  const std::uint32_t chosen =
      chooser_.strategy() == Strategy::kPct
          ? chooser_.record(static_cast<std::uint32_t>(by_priority(ready_)))
          : chooser_.choose(Choice::kSwitch, static_cast<std::uint32_t>(ready_.size()), 0);
  if (chosen == 0) return;
  next_ = ready_[chosen];
  threads_[index(next_)].status = Status::kReady;
  to_scheduler();
}

// --- stops, in exhaustive runs ---

bool Execution::may_stop(LocationId location) const {
  if (!exhaustive_) return false;
  const bool replay = chooser_.strategy() == Strategy::kReplay;
  if (!replay && stops_ >= bounds_.preemptions) return false;
  const std::size_t offset = memory_.offset_of(location);
  const unsigned writers = writers_[offset];
  for (std::size_t i = 0; i < thread_count_; ++i) {
    if (static_cast<ThreadId>(i) == running_ || threads_[i].status == Status::kFinished) continue;
    if (replay || (writers >> i & 1) != 0) return true;
  }
  // A thread that does not run yet may write as well.
  return (writers >> thread_count_) != 0;
}

void Execution::wrote(LocationId location) {
  if (chooser_.strategy() != Strategy::kExhaustive) return;
  const std::size_t offset = memory_.offset_of(location);
  const auto bit = static_cast<std::uint8_t>(1u << running_);
  if ((writers_[offset] & bit) != 0) return;
  writers_[offset] = static_cast<std::uint8_t>(writers_[offset] | bit);
  learned_ = true;
}

std::uint64_t Execution::known_hash(LocationId location) const {
  std::uint64_t hash = 0;
  for (StoreId store = memory_.newest(location); store != kNoId;
       store = memory_.store(store).before) {
    hash += memory_.store(store).key;
  }
  return mix(hash, memory_.key(location));
}

void Execution::stop_at(LocationId location, LocationId other) {
  Thread& thread = me();
  thread.status = Status::kStopped;
  thread.location = location;
  thread.other_location = other;
  thread.mark = memory_.next_store();
  thread.known = known_hash(location) + (other != kNoId ? known_hash(other) : 0);
  to_scheduler();
}

}  // namespace model
