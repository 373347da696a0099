#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "core/graph/run.h"

namespace sched {

// --- what a change of anything leads to ---

void Run::settle(std::unique_lock<std::mutex>& lock) {
  do {
    if (cancel_ != nullptr && mode_ != Mode::kKilled && !progress_.is_over() &&
        cancel_->triggered()) {
      cancelled_ = true;
      end_run(Mode::kKilled);
    }
    fill();
  } while (perform(lock));
  close_if_over();
}

// Lets the lock go and does to others what was decided. False: there was nothing to do.
bool Run::perform(std::unique_lock<std::mutex>& lock) {
  Place* const job = submits_.pop();
  Process* process = nullptr;
  if (stops_due_) {
    for (std::uint32_t i = 0; i < options_.slots && process == nullptr; ++i) {
      Place& place = places_[i];
      if (!place.stop_due || place.process == nullptr) continue;
      place.stop_due = false;
      process = place.process;
      process->add();
    }
    stops_due_ = process != nullptr;
  }
  const bool wake = wake_due_;
  wake_due_ = false;
  const bool start = launcher_due_ && launcher_ == Launcher::kNone;
  const bool interrupt = wake || (launcher_due_ && launches_.first != nullptr);
  if (launcher_due_) {
    launcher_due_ = false;
    if (start) launcher_ = Launcher::kRuns;
    launch_event_.notify_one();
  }
  RunTokens::Batch batch;
  tokens_.take_batch(batch);
  if (job == nullptr && process == nullptr && !interrupt && !start && batch.empty()) return false;

  ++effects_;
  lock.unlock();
  const Status submitted = job != nullptr ? submit(*job, false) : LIBSCHED_OK;
  if (process != nullptr) {
    static_cast<void>(process->stop(options_.grace_ns));
    process->drop();
  }
  if (wake) killed_switch_.trigger();
  if (interrupt) launch_switch_.trigger();
  if (!batch.empty()) tokens_.perform(batch);
  const Status started = start ? start_launcher() : LIBSCHED_OK;
  lock.lock();
  --effects_;
  tokens_.finish(batch);
  if (submitted != LIBSCHED_OK) refused(*job, submitted);
  if (started != LIBSCHED_OK) launcher_failed(started);
  return true;
}

void Run::close_if_over() {
  if (closed_ || at_work_ != 0 || holds_ != 0 || effects_ != 0 || replays_ != 0 || !tokens_.idle())
    return;
  if (mode_ == Mode::kGoing && progress_.unfinished() != 0) return;
  closed_ = true;
  end_ns_ = now_;
  queue_->close();
}

// --- what may start ---

bool Run::is_inline(JobIndex job) const {
  const JobBody& body = graph_.body(job);
  return graph_.graph().job(job).fresh || (body.fn == nullptr && !body.is_command());
}

std::uint32_t Run::weight_of(JobIndex job) const {
  const std::uint32_t tokens = tokens_.most();
  std::uint32_t most = tokens != 0 ? std::min(tokens, options_.slots) : options_.slots;
  if (job == clamped_) most = std::min(most, clamped_to_);
  return std::clamp(graph_.graph().job(job).weight, std::uint32_t{1}, most);
}

void Run::make_ready(JobIndex job) {
  records_[job].ready_ns = now_;
  if (is_inline(job)) {
    inline_jobs_.push_back(job);
  } else {
    queue_ready(job);
  }
}

void Run::queue_ready(JobIndex job) {
  const Kind kind = graph_.body(job).is_command() ? kCommands : kFunctions;
  ready_[kind].push(job, graph_.graph().job(job).level, graph_.priority(job));
}

ReadyQueue* Run::best() {
  ReadyQueue& functions = ready_[kFunctions];
  ReadyQueue& commands = ready_[kCommands];
  const bool may_call = !functions.empty() && functions_ < most_functions_;
  if (!may_call) return commands.empty() ? nullptr : &commands;
  if (commands.empty()) return &functions;
  if (commands.top_level() != functions.top_level()) {
    return commands.top_level() < functions.top_level() ? &commands : &functions;
  }
  if (commands.top_priority() != functions.top_priority()) {
    return commands.top_priority() > functions.top_priority() ? &commands : &functions;
  }
  return commands.top() < functions.top() ? &commands : &functions;
}

void Run::fill() {
  finish_inline();
  if (mode_ == Mode::kGoing) {
    while (start_next()) {
    }
  }
  settle_tokens();
  if (mode_ != Mode::kGoing) drain_ready();
}

// False: nothing may start.
bool Run::start_next() {
  ReadyQueue* const from = best();
  if (from == nullptr) return false;
  const JobIndex job = from->top();
  const Job& it = graph_.graph().job(job);
  const bool is_stale = progress_.state(job) != Progress::State::kReady && !records_[job].again;
  const bool has_limit = it.limit_class != kNoLimitClass;
  if (is_stale) {
    from->pop();  // it was skipped, and another one of its class may wait for it
    if (has_limit) call_waiting(it.limit_class);
  } else if (has_limit && limits_[it.limit_class].at_work >= limits_[it.limit_class].most) {
    from->pop();
    limits_[it.limit_class].waiting.push(job, it.level, graph_.priority(job));
  } else {
    // Nothing passes a job that needs more slots than are free: it would never get them.
    if (used_ + weight_of(job) > options_.slots || !has_tokens(job)) return false;
    from->pop();
    start(job, from == &ready_[kCommands] ? kCommands : kFunctions);
  }
  return true;
}

// One after the other, however long their chain is.
void Run::finish_inline() {
  while (mode_ == Mode::kGoing && next_inline_ < inline_jobs_.size()) {
    const JobIndex job = inline_jobs_[next_inline_++];
    if (progress_.state(job) != Progress::State::kReady) continue;
    JobRecord& record = records_[job];
    record.state = graph_.graph().job(job).fresh ? JobState::kFresh : JobState::kDone;
    record.end_ns = now_;
    ++ended_;
    if (graph_.body(job).fn != nullptr) {
      const OutputHeader header{job, static_cast<std::uint32_t>(MessageKind::kReplay), 0};
      const Status pushed =
          queue_->push_bytes(&header, sizeof header, {ProcessQueue::Way::kAnyway, 0, nullptr});
      if (pushed != LIBSCHED_OK) {
        break_off(pushed);
      } else {
        ++replays_;
        progress_.hold();
      }
    }
    progress_.finish(job, [this](JobIndex next) { make_ready(next); });
    event(MessageKind::kFinished, job, {});
  }
}

// Nothing starts any more: what has failed and would have been tried again has failed.
void Run::drain_ready() {
  const auto drain = [this](ReadyQueue& queue) {
    while (!queue.empty()) {
      const JobIndex job = queue.pop();
      if (!records_[job].again) continue;
      records_[job].again = false;
      fail_for_good(job, {});
    }
  };
  for (ReadyQueue& queue : ready_) drain(queue);
  for (Limit& limit : limits_) drain(limit.waiting);
  drain(resting_);
  drain(passing_);
}

void Run::start(JobIndex index, Kind kind) {
  static_cast<void>(progress_.start(index));
  JobRecord& record = records_[index];
  record.again = false;
  record.token_ns = now_;
  ++record.attempts;
  const Job& it = graph_.graph().job(index);
  const JobBody& body = graph_.body(index);

  Place& job = *free_;
  free_ = job.next;
  job.job = index;
  job.attempt = record.attempts;
  job.weight = weight_of(index);
  if (index == clamped_) clamped_ = kNoJob;
  job.level = it.level;
  job.fn = body.fn;
  job.user_data = body.user_data;
  job.extra = body.extra.get();
  job.at_work = true;
  job.timed_out = false;
  job.cancelled.store(false, libsched_job::Orders::kFlag);
  job.start_ns = now_;
  job.deadline_ns = INT64_MAX;
  job.is_command = kind == kCommands;
  job.launching = job.is_command;
  job.over = false;
  job.stop_due = false;
  job.text.clear();

  used_ += job.weight;
  peak_ = std::max(peak_, ++at_work_);
  if (it.limit_class != kNoLimitClass) ++limits_[it.limit_class].at_work;
  if (it.weight > job.weight) event(MessageKind::kClamped, index, {});
  event(MessageKind::kStarted, index, {});
  add_reference();
  if (job.is_command) {
    launches_.push(job);
    launcher_due_ = true;
  } else {
    ++functions_;
    submits_.push(job);
  }
}

// --- ends ---

void Run::free_place(Place& job) {
  const std::uint32_t limit = graph_.graph().job(job.job).limit_class;
  if (limit != kNoLimitClass) {
    --limits_[limit].at_work;
    call_waiting(limit);
  }
  if (!job.is_command) --functions_;
  used_ -= job.weight;
  if (!options_.keep_tokens && tokens_.broken() == LIBSCHED_OK) tokens_.give_back(job.weight);
  --at_work_;
  job.at_work = false;
  job.process = nullptr;
  job.stop_due = false;
  job.next = free_;
  free_ = &job;
}

// Lets one of those try again that have found the limit of their class reached.
void Run::call_waiting(std::uint32_t limit) {
  ReadyQueue& waiting = limits_[limit].waiting;
  if (!waiting.empty()) queue_ready(waiting.pop());
}

void Run::end(Place& job, int code, int signal) {
  const JobIndex index = job.job;
  JobRecord& record = records_[index];
  record.start_ns = job.start_ns;
  // The handler may have signalled for it when it was told of the start, which was decided before.
  if (record.early_ns != 0) record.early_ns = std::max(record.early_ns, record.start_ns);
  record.end_ns = now_;
  if (job.timed_out) code = LIBSCHED_E_TIMEOUT;
  record.code = code;
  record.signal = signal;
  const bool done = code == 0 && signal == 0;
  const std::uint32_t retries = job.extra != nullptr ? job.extra->retries : 0;
  const bool killed = job.is_cancelled() && !job.timed_out;
  const bool may_retry = mode_ == Mode::kGoing && record.attempts <= retries &&
                         progress_.state(index) == Progress::State::kRunning;
  if (done) {
    record.state = JobState::kDone;
    ++ended_;
    progress_.finish(index, [this](JobIndex next) { make_ready(next); });
    event(MessageKind::kFinished, index, {});
  } else if (killed) {
    record.state = JobState::kCancelled;
    ++ended_;
    event(MessageKind::kFinished, index, job.text);
  } else if (may_retry) {
    record.again = true;
    event(MessageKind::kAgain, index, job.text);
    queue_ready(index);
  } else {
    fail_for_good(index, job.text);
  }
  free_place(job);
}

void Run::fail_for_good(JobIndex job, const std::string& text) {
  records_[job].state = JobState::kFailed;
  ++ended_;
  ++failures_;
  if (first_failure_ == kNoJob) first_failure_ = job;
  event(MessageKind::kFinished, job, text);
  progress_.fail(job, [this, job](JobIndex blocked) {
    JobRecord& record = records_[blocked];
    record.blocked_by = job;
    if (progress_.state(blocked) != Progress::State::kSkipped) {
      record.tainted = true;
      return;
    }
    record.state = JobState::kSkipped;
    ++ended_;
    event(MessageKind::kFinished, blocked, {});
  });
  if (failures_ >= options_.max_failures) {
    end_run(options_.kill ? Mode::kKilled : Mode::kFinishing);
  }
}

void Run::end_run(Mode mode) {
  if (mode_ >= mode) return;
  mode_ = mode;
  if (mode != Mode::kKilled) return;
  killed_.store(true, libsched_job::Orders::kFlag);
  wake_due_ = true;
  for (std::uint32_t i = 0; i < options_.slots; ++i) {
    Place& job = places_[i];
    if (!job.at_work) continue;
    job.cancelled.store(true, libsched_job::Orders::kFlag);
    job.stop_due = job.is_command;
    stops_due_ = stops_due_ || job.stop_due;
  }
}

// The run itself cannot go on.
void Run::break_off(Status status) {
  if (broken_ == LIBSCHED_OK) broken_ = status;
  end_run(Mode::kKilled);
}

void Run::event(MessageKind kind, JobIndex job, const std::string& text) {
  if (options_.handler == nullptr) return;
  const JobRecord& record = records_[job];
  struct {
    OutputHeader header;
    RunEvent event;
    char text[400];
  } message;
  static_assert(sizeof(OutputHeader) + sizeof(RunEvent) == offsetof(decltype(message), text));
  message.header = {job, static_cast<std::uint32_t>(kind), 0};
  message.event.code = record.code;
  message.event.signal = record.signal;
  message.event.attempt = record.attempts;
  message.event.blocked_by = record.blocked_by;
  message.event.ended = ended_;
  message.event.total = graph_.graph().size();
  message.event.state = record.state;
  message.event.tainted = record.tainted;
  const std::size_t length = std::min(text.size(), sizeof message.text);
  std::memcpy(message.text, text.data(), length);
  const Status pushed = queue_->push_bytes(&message, offsetof(decltype(message), text) + length,
                                           {ProcessQueue::Way::kAnyway, 0, nullptr});
  if (pushed == -ENOMEM) break_off(pushed);
}

}  // namespace sched
