#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

#include "core/graph/run.h"
#include "core/sys/thread.h"

namespace sched {

// Goes along with a job's process.
class Run::Ended final : public Companion {
 public:
  Ended(Run& run, Place& job) : run_(run), job_(job) { run_.add_reference(); }
  ~Ended() override { run_.drop(); }
  void started() noexcept override {}
  void ended(const ProcessResult& how) noexcept override { run_.process_over(job_, how); }

 private:
  Run& run_;
  Place& job_;
};

// --- the thread that starts programs ---

// Without the lock.
Status Run::start_launcher() {
  sys::pin_own_code();
  return sys::start_thread(&launcher_thread_, sys::ThreadOptions{}, &launcher_main, this);
}

// With the lock.
void Run::launcher_failed(Status status) {
  launcher_ = Launcher::kNone;
  for (JobList* const list : {&launches_, &unsubmitted_}) {
    while (Place* const job = list->pop()) {
      end(*job, status, 0);
      drop();  // whoever is here has another reference
    }
  }
}

void* Run::launcher_main(void* run) {
  sys::name_current_thread("launch", 0);
  static_cast<Run*>(run)->run_launcher();
  return nullptr;
}

// The run's caller waits for it, and it holds no job when it ends. While it waits for room in the pool a launch interrupts it: what
// fills the pool may wait for that command.
void Run::run_launcher() {
  for (;;) {
    Place* job = nullptr;
    {
      std::unique_lock lock(mutex_);
      launch_event_.wait(lock, [this] {
        return launches_.first != nullptr || unsubmitted_.first != nullptr ||
               launcher_ == Launcher::kEnds;
      });
      job = launches_.pop();
      if (job == nullptr) {
        job = unsubmitted_.pop();
        if (mode_ != Mode::kKilled) launch_switch_.reset();
      }
    }
    if (job == nullptr) return;
    if (job->is_command) {
      launch(*job);
    } else {
      const Status status = submit(*job, true);
      Locked locked(*this);
      if (status != LIBSCHED_OK) refused(*job, status);
    }
  }
}

void Run::launch(Place& job) {
  Process* process = nullptr;
  std::string text;
  Status status = LIBSCHED_E_CANCELLED;
  if (!job.is_cancelled()) status = spawn(job, process, text);
  bool ends = status != LIBSCHED_OK;
  {
    Locked locked(*this);
    job.launching = false;
    job.process = process;
    if (status != LIBSCHED_OK) {
      job.text = std::move(text);
      end(job, status, 0);
    } else if (job.over) {
      end_process(job);
      ends = true;
    } else if (job.is_cancelled()) {
      job.stop_due = true;
      stops_due_ = true;
    }
  }
  if (!ends) return;
  if (process != nullptr) process->drop();
  drop();
}

Status Run::spawn(Place& job, Process*& process, std::string& text) {
  try {
    Command command;
    job.extra->command->describe(command);
    using Stream = Command::Stream;
    const bool heard = options_.handler != nullptr;
    const bool queued = heard && (options_.output == RunOptions::Output::kStream ||
                                  options_.output == RunOptions::Output::kGroup);
    command.output = queued                                            ? Stream::kQueue
                     : options_.output == RunOptions::Output::kNothing ? Stream::kNothing
                                                                       : Stream::kInherited;
    command.errors = command.output;
    if (queued) command.output_queue = command.error_queue = queue_.get();
    command.rest_is_unbounded = true;
    command.tag = tag_of(job);
    command.timeout_ns = job.extra->timeout_ns;
    command.grace_ns = options_.grace_ns;
    if (tokens_.needed()) {
      command.jobserver = tokens_.jobserver();
      command.brokered = options_.brokers && !command.jobserver->child_access().makeflags.empty();
    }
    command.companion = std::make_unique<Ended>(*this, job);
    job.start_ns = sys::now_ns();
    Error error;
    const Status status = Process::spawn(process, command, &error);
    if (status != LIBSCHED_OK) text = std::move(error.message);
    return status;
  } catch (const std::bad_alloc&) {
    return -ENOMEM;
  }
}

// --- its end ---

void Run::process_over(Place& job, const ProcessResult& how) {
  Process* process = nullptr;
  {
    Locked locked(*this);
    job.how = how;
    job.over = true;
    if (job.launching) return;  // launch() goes on with it
    process = job.process;
    end_process(job);
  }
  process->drop();
  drop();  // the companion has one too
}

void Run::end_process(Place& job) {
  const ProcessResult& how = job.how;
  job.timed_out = how.timed_out;
  int code = how.code;
  // Nobody knows how it has ended, so it is no success.
  if (how.state == ProcessResult::State::kUnknown) code = -ECHILD;
  end(job, code, how.signal);
}

}  // namespace sched
