#include "core/process/process.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <utility>

#include "core/process/given_jobserver.h"
#include "core/process/launch.h"
#include "core/sys/calls.h"
#include "core/sys/clock.h"

namespace sched {
namespace {

constexpr std::int64_t kRecallNs = 1'000'000;
constexpr int kMostRecalls = 200;

int milliseconds(std::int64_t span_ns) {
  return span_ns < 0 ? -1
                     : static_cast<int>(std::min<std::int64_t>(span_ns / 1'000'000 + 1, INT_MAX));
}

std::int64_t after(std::int64_t from_ns, std::int64_t span_ns) {
  return span_ns < 0 || span_ns > INT64_MAX - from_ns ? INT64_MAX : from_ns + span_ns;
}

}  // namespace

// --- start ---

Process::Process(Command& command)
    : own_group_(command.own_group),
      kill_on_abandon_(command.kill_on_abandon),
      heard_(command.output == Command::Stream::kQueue ||
             command.errors == Command::Stream::kQueue),
      grace_ns_(command.grace_ns),
      linger_ns_(command.linger_ns),
      rest_is_unbounded_(command.rest_is_unbounded) {
  counts_.left = command.most_output;
  result_.tag = command.tag;
}

Process::~Process() {
  if (reactor_.status() == LIBSCHED_OK) reactor_->remove(*this);
  if (done_queue_ != nullptr) done_queue_->drop();
}

Status Process::spawn(Process*& out, Command& command, Error* error) {
  Hold made(new Process(command));
  if (const Status status = made->start(command, error)) return status;
  out = made.release();
  return LIBSCHED_OK;
}

Status Process::start(Command& command, Error* error) {
  if (const Status status = reactor_.status()) {
    return fail(error, status, "start: nothing can wait for a process: %s", std::strerror(-status));
  }
  GivenJobserver given;
  if (command.jobserver != nullptr) {
    if (const Status status = given.give(command, error)) return status;
  }
  Launch launch;
  if (const Status status = launch.prepare(command, error)) return status;
  if (const Status status = open_streams(command, error)) return status;
  if (!command.inherits_input) launch.set_standard(0, sys::SpawnPlan::kNothing);
  launch.set_standard(1, source_of(command.output, output_));
  launch.set_standard(2, source_of(command.errors, errors_));
  reactor_->reserve(*this);  // a child that has begun cannot be taken back
  result_.start_ns = sys::now_ns();
  if (const Status status = launch.run(child_, error)) return status;
  pidfd_.reset(child_.pidfd);
  reactor_->add(*this, pidfd_.fd());
  if (command.done_queue != nullptr) {
    command.done_queue->hold();
    done_queue_ = command.done_queue;
  }
  companion_ = std::move(command.companion);
  if (companion_ != nullptr) companion_->started();
  add();  // the reactor's
  if (!output_.over()) output_.begin();
  if (!errors_.over()) errors_.begin();
  const std::lock_guard lock(mutex_);
  if (command.timeout_ns >= 0) timeout_at_ = after(result_.start_ns, command.timeout_ns);
  arm();
  set_time();
  return LIBSCHED_OK;
}

Status Process::open_streams(const Command& command, Error* error) {
  using Stream = Command::Stream;
  if (command.output == Stream::kQueue) {
    const Status status =
        output_.open(command, OutputHeader::kOutput, *command.output_queue, error);
    if (status != LIBSCHED_OK) return status;
  }
  if (command.errors != Stream::kQueue) return LIBSCHED_OK;
  return errors_.open(command, OutputHeader::kErrors, *command.error_queue, error);
}

int Process::source_of(Command::Stream stream, const Output& output) const {
  switch (stream) {
    case Command::Stream::kNothing:
      return sys::SpawnPlan::kNothing;
    case Command::Stream::kQueue:
      return output.child_fd();
    case Command::Stream::kMerged:
      return sys::SpawnPlan::kMerged;
    case Command::Stream::kInherited:
      break;
  }
  return sys::SpawnPlan::kInherited;
}

// --- signals ---

Status Process::send(int signal) {
  if (reaped_) return LIBSCHED_E_STATE;
  const Status sent = own_group_ ? sys::signal_group(pidfd_.fd(), child_.pid, signal)
                                 : sys::signal_child(pidfd_.fd(), signal);
  return sent == -ESRCH ? LIBSCHED_E_STATE : sent;
}

void Process::begin_stop(std::int64_t grace_ns) {
  const std::int64_t kill_at = after(sys::now_ns(), grace_ns);
  kill_at_ = std::min(kill_at_, kill_at);
  kills_ = kills_ || grace_ns >= 0;
  if (stopping_) return;
  stopping_ = true;
  static_cast<void>(send(sys::kTerminate));
  static_cast<void>(send(sys::kContinue));  // one that stands still hears of it too
}

Status Process::stop(std::int64_t grace_ns) {
  const std::lock_guard lock(mutex_);
  if (reaped_) return LIBSCHED_E_STATE;
  result_.stopped = true;
  begin_stop(grace_ns);
  set_time();
  return LIBSCHED_OK;
}

Status Process::kill(int signal) {
  const std::lock_guard lock(mutex_);
  return send(signal);
}

void Process::abandon() {
  if (kill_on_abandon_) static_cast<void>(kill(sys::kKill));
  drop();
}

// --- the reactor's thread ---

void Process::set_time() {
  reactor_->set_time(*this, std::min({timeout_at_, kill_at_, linger_at_, again_at_}));
}

void Process::late() {
  const Hold hold((add(), this));
  bool end_streams = false;
  bool owes_done = false;
  {
    const std::lock_guard lock(mutex_);
    const std::int64_t now = sys::now_ns();
    const auto due = [now](std::int64_t& when) { return when <= now && (when = kNever, true); };
    if (due(timeout_at_) && !reaped_) {
      result_.timed_out = true;
      begin_stop(grace_ns_);
    }
    if (due(kill_at_)) {
      static_cast<void>(send(sys::kKill));
      if (ended_) linger_at_ = after(now, linger_ns_);
    }
    end_streams = due(linger_at_);
    if (due(again_at_)) {
      owes_done = reaped_;
      if (!ended_) arm();
    }
    set_time();
  }
  if (owes_done) return tell_done();
  if (!end_streams) return;
  output_.end_soon(rest_is_unbounded_);
  errors_.end_soon(rest_is_unbounded_);
}

void Process::arm() {
  if (reactor_->arm(*this, sys::Reactor::For::kReading) == LIBSCHED_OK) return;
  again_at_ = after(sys::now_ns(), sys::kAgainNs);
}

void Process::ready() {
  const Hold hold((add(), this));
  bool is_over = false;
  {
    const std::lock_guard lock(mutex_);
    if (ended_ || watched_) return;
    look();
    if (!ended_) return;
    is_over = settle_if_over();
  }
  if (is_over) return finish();
  if (rest_is_unbounded_) {
    output_.pass_bound();
    errors_.pass_bound();
  }
  finish_if_over();
}

// Whether it has ended; if not, it is waited for.
void Process::look() {
  // It stays a zombie until it is over, so that its group's number stays its own.
  const bool reaps = !kills_ && is_quiet();
  const Status looked = sys::look_at_child(end_, pidfd_.fd(), reaps);
  if (looked != LIBSCHED_OK || end_.ended) {
    taken_ = reaps && looked == LIBSCHED_OK;
    return note_end(looked);
  }
  arm();
  set_time();
}

void Process::note_end(Status looked) {
  Status known = looked;
  if (known != LIBSCHED_OK) known = sys::recall_child(end_, pidfd_.fd());
  if ((known == -ENODATA || known == -ESRCH) && ++recalls_ < kMostRecalls) {
    // Whoever has reaped it is not through with that: the kernel tells in a moment.
    again_at_ = after(sys::now_ns(), kRecallNs);
    set_time();
    return;
  }
  ended_ = true;
  result_.end_ns = sys::now_ns();
  using State = ProcessResult::State;
  if (known == LIBSCHED_OK) {
    result_.state = end_.exited ? State::kExited : State::kSignaled;
    (end_.exited ? result_.code : result_.signal) = end_.value;
    result_.core = end_.core;
    result_.user_ns = end_.user_ns;
    result_.system_ns = end_.system_ns;
    result_.most_memory = end_.most_memory;
  }
  if (is_quiet()) return;
  // Those that are to be killed yet get their time first.
  if (kill_at_ == kNever) linger_at_ = after(result_.end_ns, linger_ns_);
  set_time();
}

void Process::finish_if_over() {
  {
    const std::lock_guard lock(mutex_);
    if (!settle_if_over()) return;
  }
  finish();
}

void Process::finish() {
  if (companion_ != nullptr) companion_->ended(result_);
  over_.store(true, Orders::kOver);
  told_.notify_all();
  tell_done();
}

bool Process::settle_if_over() {
  if (!ended_ || reaped_ || !is_quiet()) return false;
  if (!taken_) {
    // What is left of a group that was asked to end.
    if (kills_ && own_group_) static_cast<void>(send(sys::kKill));
    sys::ChildEnd again;
    static_cast<void>(sys::look_at_child(again, pidfd_.fd(), true));
  }
  reaped_ = true;
  timeout_at_ = kill_at_ = linger_at_ = again_at_ = kNever;
  set_time();
  result_.held = counts_.held;
  result_.bytes_read = counts_.read;
  result_.bytes_dropped = counts_.dropped;
  return true;
}

void Process::tell_done() {
  if (done_queue_ != nullptr) {
    void* const message = reinterpret_cast<void*>(static_cast<std::uintptr_t>(result_.tag));
    const ProcessQueue::Waiting at_once{ProcessQueue::Way::kAnyway, 0, nullptr};
    if (done_queue_->push(message, at_once) == -ENOMEM) {
      const std::lock_guard lock(mutex_);
      again_at_ = after(sys::now_ns(), sys::kAgainNs);
      return set_time();
    }
  }
  reactor_->remove(*this);
  pidfd_.reset();  // after that, or somebody else's of this number would be removed
  drop();
}

// --- a thread that waits ---

// Where nothing but the end is to come the thread that waits looks for it, and nobody must wake it up.
bool Process::begin_watching() {
  if (ended_ || watched_ || again_at_ != kNever || heard_ || companion_ != nullptr) return false;
  reactor_->rest(*this);
  return watched_ = true;
}

void Process::watch_end(const sys::Deadline& deadline) {
  {
    const std::lock_guard lock(mutex_);
    if (!begin_watching()) return;
  }
  pollfd file{pidfd_.fd(), POLLIN, 0};
  while (sys::calls.poll(&file, 1, milliseconds(deadline.remaining_ns())) == -EINTR) {
  }
  {
    const std::lock_guard lock(mutex_);
    watched_ = false;
    look();
    if (!settle_if_over()) return;
  }
  finish();
}

}  // namespace sched
