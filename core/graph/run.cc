#include "core/graph/run.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "core/base/call.h"
#include "core/graph/compute_run.h"
#include "core/graph/result.h"
#include "core/graph/room.h"
#include "core/sys/fork_guard.h"
#include "core/sys/thread.h"

namespace sched {
namespace {

// Longest message that has a place from the beginning.
constexpr std::size_t kUsualMessage = 32 * 1024;

// After so many messages in a row a task of a pool without workers gets its turn.
constexpr int kMostInRow = 64;

constexpr ProcessQueue::Waiting kAnyway{ProcessQueue::Way::kAnyway, 0, nullptr};

ProcessQueue::Options queue_options(const RunOptions& options) {
  ProcessQueue::Options out;
  out.byte_bound = std::max(options.message_bytes, std::uint64_t{kUsualMessage});
  out.counts_bytes = true;
  return out;
}

}  // namespace

Run::Run(JobGraph& graph, Pool* pool, const RunOptions& options, CancelSwitch* cancel)
    : graph_(graph),
      pool_(pool),
      options_(options),
      cancel_(cancel),
      process_(sys::ForkGuard::current()),
      queue_(new ProcessQueue(queue_options(options), nullptr)),
      buffer_(kUsualMessage, '\0'),
      groups_(options.group_bytes),
      progress_(graph.progress()),
      places_(new Place[options.slots]),
      tokens_(*this, options.jobserver, options.slots) {
  for (std::uint32_t i = options.slots; i-- > 0;) {
    places_[i].run = this;
    places_[i].next = free_;
    free_ = &places_[i];
  }
  most_functions_ = pool == nullptr ? 0 : pool->workers() == 0 ? options.slots : pool->workers();
}

Status Run::run(std::unique_ptr<Result>& out, JobGraph& graph, Pool* pool,
                const RunOptions& options, CancelSwitch* cancel, Error* error) {
  std::uint32_t worker = 0;
  if (pool != nullptr && pool->current_worker(worker) == LIBSCHED_OK) {
    return fail(error, LIBSCHED_E_DEADLOCK,
                "a worker of the pool cannot run a graph on it, which it would wait for");
  }
  if (!graph.begin_use()) return fail(error, LIBSCHED_E_BUSY, "the graph is being used");
  struct Use {
    JobGraph& graph;
    ~Use() { graph.end_use(); }
  } const use{graph};
  if (const Status status = graph.prepare(error)) return status;
  graph.reset();
  if (pool == nullptr && graph.functions() != 0) {
    return fail(error, LIBSCHED_E_NULL, "pool is NULL, and the graph has jobs with functions");
  }
  auto result = std::make_unique<Result>();
  if (options.compute) {
    if (const Status status = ComputeRun::check(graph, pool, options, error)) return status;
    const Status status = ComputeRun::run(*result, graph, *pool, options, cancel, error);
    if (options.wants_result) result->describe(graph);
    out = std::move(result);
    return status;
  }
  const std::unique_ptr<Run, void (*)(Run*)> made(new Run(graph, pool, options, cancel),
                                                  [](Run* unused) { unused->drop(); });
  made->reserve();
  if (const Status status = made->open_reactor(error)) return status;
  result->status = made->execute(error);
  made->take_result(*result);
  const Status status = result->status;
  if (options.wants_result) result->describe(graph);
  out = std::move(result);
  return status;
}

Status Run::open_reactor(Error* error) {
  const bool needed = graph_.commands() != 0 || graph_.has_timeouts() || tokens_.needed();
  if (!needed) return LIBSCHED_OK;
  reactor_.emplace();
  if (const Status status = reactor_->status()) {
    return fail(error, status, "no thread can be started that waits for processes and tokens");
  }
  (*reactor_)->add(*this, -1);
  return LIBSCHED_OK;
}

// Room for all that may become ready.
void Run::reserve() {
  const JobIndex jobs = graph_.graph().size();
  records_.resize(jobs);
  if (inline_jobs_.capacity() < jobs) make_room(inline_jobs_, jobs - inline_jobs_.size());
  ready_[kFunctions].reserve(graph_.functions());
  ready_[kCommands].reserve(graph_.commands());
  resting_.reserve(graph_.heavy());
  passing_.reserve(graph_.heavy());
  const auto& limits = graph_.limits();
  for (std::size_t i = limits_.size(); i < limits.size(); ++i) {
    limits_.push_back({ReadyQueue(), limits[i].most});
  }
  for (std::size_t i = 0; i < limits.size(); ++i) limits_[i].waiting.reserve(limits[i].count);
}

// --- the caller's thread ---

// However its caller leaves it, the run is over then.
class Run::Finishing {
 public:
  explicit Finishing(Run& run) : run_(run) {}
  ~Finishing() {
    if (run_.forked()) return;
    if (!is_closed()) {
      run_.handles_ = false;
      run_.stop();
      run_.pump();
    }
    if (run_.cancel_ != nullptr) run_.cancel_->forget(run_);
    if (run_.reactor_.has_value() && run_.reactor_->get() != nullptr) {
      (*run_.reactor_)->remove(run_);
    }
    bool joins = false;
    {
      const std::lock_guard lock(run_.mutex_);
      joins = run_.launcher_ == Launcher::kRuns;
      run_.launcher_ = Launcher::kEnds;
      run_.launch_event_.notify_one();
    }
    if (joins) sys::join_or_detach(run_.launcher_thread_);
  }
  Finishing(const Finishing&) = delete;
  Finishing& operator=(const Finishing&) = delete;

 private:
  bool is_closed() const {
    const std::lock_guard lock(run_.mutex_);
    return run_.closed_;
  }

  Run& run_;
};

Status Run::execute(Error* error) {
  {
    const Finishing finishing(*this);
    begin();
    pump();
  }
  return outcome(error);
}

void Run::begin() {
  {
    Locked locked(*this);
    start_ns_ = now_;
    told_.total = graph_.graph().size();
    progress_.begin([this](JobIndex job) { make_ready(job); });
  }
  if (cancel_ == nullptr) return;
  cancel_->listen(*this);
  cancel_triggered();  // it may have been, in between
}

// Takes messages until nothing more can come. In a pool without workers it runs all tasks, as others may stand before those of
// the run.
void Run::pump() {
  int in_row = 0;
  for (;;) {
    std::size_t size = 0;
    const ProcessQueue::Waiting waiting{
        drives_ ? ProcessQueue::Way::kTry : ProcessQueue::Way::kWait, -1, nullptr};
    const Status status = queue_->pop_bytes(buffer_.data(), buffer_.size(), waiting, size);
    if (status == LIBSCHED_E_CLOSED) return;
    if (status == LIBSCHED_OK) {
      receive(buffer_.data(), size);
    } else if (status == LIBSCHED_E_RANGE) {
      try {
        buffer_.resize(size);
      } catch (const std::bad_alloc&) {
        void* lost = nullptr;
        static_cast<void>(queue_->pop(lost, {ProcessQueue::Way::kTry, 0, nullptr}));
        ::operator delete(lost);
        Locked locked(*this);
        break_off(-ENOMEM);
      }
    }
    in_row = status == LIBSCHED_OK ? in_row + 1 : 0;
    if (drives_ && in_row % kMostInRow == 0) drives_ = pool_->run_one() == LIBSCHED_OK;
  }
}

void Run::receive(const char* message, std::size_t size) {
  OutputHeader header;
  std::memcpy(&header, message, sizeof header);
  const auto job = static_cast<JobIndex>(header.tag);
  switch (static_cast<MessageKind>(header.stream)) {
    case MessageKind::kReplay:
      return replay(job);
    case MessageKind::kNudge:
      drives_ = true;
      return;
    case MessageKind::kAdded:
      std::memcpy(&told_, message + sizeof header, sizeof told_);
      return;
    case MessageKind::kOutput:
    case MessageKind::kErrors:
      if (options_.output == RunOptions::Output::kGroup) {
        if (groups_.keep(job, message, size)) return;
        groups_.flush(job, false,
                      [this](const char* kept, std::size_t length) { deliver(kept, length); });
      }
      break;
    case MessageKind::kFinished:
    case MessageKind::kAgain:
      groups_.flush(job, true,
                    [this](const char* kept, std::size_t length) { deliver(kept, length); });
      break;
    default:
      break;
  }
  deliver(message, size);
}

void Run::deliver(const char* message, std::size_t size) {
  if (!handles_) return;
  OutputHeader header;
  std::memcpy(&header, message, sizeof header);
  RunMessage out{};
  out.run = this;
  out.kind = static_cast<MessageKind>(header.stream);
  out.job = static_cast<JobIndex>(header.tag);
  out.flags = header.flags;
  std::size_t at = sizeof header;
  const bool is_bytes = out.kind == MessageKind::kOutput || out.kind == MessageKind::kErrors ||
                        out.kind == MessageKind::kOwn;
  if (is_bytes) {
    out.event = said(static_cast<std::uint32_t>(header.tag >> 32));
  } else {
    std::memcpy(&out.event, message + at, sizeof out.event);
    told_ = out.event;
    at += sizeof out.event;
  }
  out.data = message + at;
  out.size = size - at;
  call_handler(out);
}

// What goes with bytes.
RunEvent Run::said(std::uint32_t attempt) const {
  RunEvent out;
  out.attempt = attempt;
  out.ended = told_.ended;
  out.total = told_.total;
  return out;
}

void Run::call_handler(const RunMessage& given) {
  if (!handles_ || options_.handler == nullptr) return;
  RunMessage message = given;
  {
    const std::lock_guard lock(mutex_);  // others may add jobs
    const std::string_view name = graph_.graph().name(message.job);
    message.name = name.empty() ? "" : name.data();
  }
  const int code = call_user([&] { return options_.handler(message, options_.handler_data); });
  if (code == 0) return;
  handler_status_ = code;
  handles_ = false;
  Locked locked(*this);
  end_run(Mode::kKilled);
}

// The function of a fresh job, which shows again what was said the last time.
void Run::replay(JobIndex index) {
  struct Owed {
    Run& run;
    ~Owed() {
      Locked locked(run);
      --run.replays_;
      run.progress_.release();
    }
  } const owed{*this};
  if (!handles_ || killed_.load(libsched_job::Orders::kFlag)) return;
  Place job;
  {
    const std::lock_guard lock(mutex_);
    const JobBody& body = graph_.body(index);
    job.fn = body.fn;
    job.user_data = body.user_data;
  }
  job.run = this;
  job.job = index;
  job.replayed = true;
  const int code = call_user([&] { return job.fn(&job, job.user_data); });
  if (code == 0) return;
  handler_status_ = code;
  handles_ = false;
  Locked locked(*this);
  end_run(Mode::kKilled);
}

Status Run::outcome(Error* error) {
  const std::lock_guard lock(mutex_);
  for (JobRecord& record : records_) {
    if (record.state == JobState::kPending) record.state = JobState::kCancelled;
  }
  if (handler_status_ != LIBSCHED_OK) {
    return fail(error, handler_status_, "the handler of messages, or the function of a fresh job, has ended the run");
  }
  if (broken_ != LIBSCHED_OK) {
    return fail(error, broken_, "the run could not go on: %s", status_message(broken_));
  }
  if (cancelled_) return fail(error, LIBSCHED_E_CANCELLED, "the run was cancelled");
  if (failures_ == 0) return LIBSCHED_OK;
  const std::string name = graph_.graph().label(first_failure_);
  const JobRecord& first = records_[first_failure_];
  return fail(error, LIBSCHED_E_FAILED, "%llu of %u jobs failed, the first was \"%s\": %s %d",
              static_cast<unsigned long long>(failures_), graph_.graph().size(), name.c_str(),
              first.signal != 0 ? "signal" : "code", first.signal != 0 ? first.signal : first.code);
}

// --- any thread ---

// It is looked at whenever the lock is let go.
void Run::cancel_triggered() { Locked locked(*this); }

void Run::stop() {
  Locked locked(*this);
  if (closed_ || progress_.is_over()) return;
  cancelled_ = true;
  end_run(Mode::kKilled);
}

Status Run::hold() {
  Locked locked(*this);
  if (closed_) return LIBSCHED_E_CLOSED;
  ++holds_;
  progress_.hold();
  add_reference();
  return LIBSCHED_OK;
}

void Run::release() {
  {
    Locked locked(*this);
    --holds_;
    progress_.release();
  }
  drop();
}

Status Run::signal_early(JobIndex job) {
  Locked locked(*this);
  if (closed_ || job >= records_.size() || records_[job].again ||
      !progress_.signal_early(job, [this](JobIndex next) { make_ready(next); })) {
    return LIBSCHED_E_STATE;
  }
  records_[job].early_ns = now_;
  event(MessageKind::kEarly, job, {});
  return LIBSCHED_OK;
}

Status Run::add(std::uint64_t& out, const JobSpec& spec, std::span<const Dependency> dependencies,
                Error* error) {
  const bool is_function = spec.fn != nullptr && spec.arguments == nullptr && !spec.job.fresh;
  if (pool_ == nullptr && is_function) {
    return fail(error, LIBSCHED_E_NULL, "a job with a function needs a pool");
  }
  Locked locked(*this);
  if (closed_) return fail(error, LIBSCHED_E_CLOSED, "the run is over");
  if (mode_ != Mode::kGoing) {
    return fail(error, LIBSCHED_E_CANCELLED, "the run starts no job any more");
  }
  if (is_function && spec.timeout_ns >= 0 && !reactor_.has_value()) {
    return fail(error, LIBSCHED_E_STATE, "no job with a timeout was there when the run began");
  }
  // So that nothing fails when it is added.
  make_room(records_);
  make_room(inline_jobs_, records_.size() + 1 - inline_jobs_.size());
  resting_.reserve(graph_.heavy() + 1);
  passing_.reserve(graph_.heavy() + 1);
  for (const Kind kind : {kFunctions, kCommands}) {
    ready_[kind].reserve((kind == kFunctions ? graph_.functions() : graph_.commands()) + 1);
  }
  const std::uint32_t limit = spec.job.limit_class;
  if (limit < limits_.size()) limits_[limit].waiting.reserve(graph_.limits()[limit].count + 1);
  JobIndex job = kNoJob;
  const Status status = graph_.add_later(job, spec, dependencies, error);
  if (status != LIBSCHED_OK) return status;
  records_.emplace_back();
  out = graph_.graph().id(job);
  event(MessageKind::kAdded, job, {});
  if (progress_.state(job) == Progress::State::kReady) make_ready(job);
  if (progress_.state(job) == Progress::State::kSkipped) {
    records_[job].state = JobState::kSkipped;
    records_[job].blocked_by = progress_.blocked_by(job);
    ++ended_;
    event(MessageKind::kFinished, job, {});
  }
  return LIBSCHED_OK;
}

JobIndex Run::find(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  return graph_.graph().find(id);
}

JobIndex Run::find(std::string_view name) {
  const std::lock_guard lock(mutex_);
  return graph_.graph().find(name);
}

Status Run::tell(const libsched_job& from, const void* data, std::size_t size, bool bounded) {
  if (bounded && is_cancelled()) return LIBSCHED_E_CANCELLED;
  if (options_.handler == nullptr) return LIBSCHED_OK;
  const auto& place = static_cast<const Place&>(from);
  const bool is_here = std::this_thread::get_id() == caller_;
  if (is_here && place.replayed) {
    RunMessage message{};
    message.run = this;
    message.kind = MessageKind::kOwn;
    message.job = place.job;
    message.event = said(place.attempt);
    message.data = data;
    message.size = size;
    call_handler(message);
    return LIBSCHED_OK;
  }
  const OutputHeader header{tag_of(place), static_cast<std::uint32_t>(MessageKind::kOwn), 0};
  std::string text;
  if (size > text.max_size() - sizeof header) return -ENOMEM;
  text.reserve(sizeof header + size);
  text.append(reinterpret_cast<const char*>(&header), sizeof header);
  text.append(static_cast<const char*>(data), size);
  if (bounded && is_here) {
    const Status status =
        queue_->push_bytes(text.data(), text.size(), {ProcessQueue::Way::kTry, 0, nullptr});
    if (status != LIBSCHED_E_FULL) return status;
    bounded = false;  // this thread would wait for itself
  }
  if (!bounded) return queue_->push_bytes(text.data(), text.size(), kAnyway);
  return queue_->push_bytes(text.data(), text.size(),
                            {ProcessQueue::Way::kWait, -1, &killed_switch_});
}

void Run::take_result(Result& out) {
  const std::lock_guard lock(mutex_);
  out.records = std::move(records_);
  out.slots = options_.slots;
  out.peak = peak_;
  out.start_ns = start_ns_;
  out.end_ns = end_ns_;
}

}  // namespace sched
