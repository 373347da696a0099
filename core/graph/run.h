#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/graph/grouped_output.h"
#include "core/graph/job_graph.h"
#include "core/graph/ready_queue.h"
#include "core/graph/run_tokens.h"
#include "core/graph/run_types.h"
#include "core/graph/running_job.h"
#include "core/pool/pool.h"
#include "core/sync/cancel.h"
#include "core/sync/ref_count.h"
#include "core/sys/fork_guard.h"
#include "core/sys/reactor.h"

namespace sched {

struct Result;

// One run of a graph, in the caller's thread and on the pool's. One lock guards all that is decided; nothing is done to others
// under it but that messages are pushed. Held by the caller, and by each job at work. See core/graph/README.md.
class Run final : private sys::Reactor::Watch, private CancelSwitch::Listener {
 public:
  // Runs the graph once; `out` is filled if the run began, that is unless the status is one of these: LIBSCHED_E_BUSY, the graph
  // is in use; LIBSCHED_E_DEADLOCK, a worker of the pool calls; LIBSCHED_E_NULL, there is no pool for functions; or one of
  // JobGraph::prepare. Throws std::bad_alloc: it did not begin, or is over and there is no memory for what has become of it.
  static Status run(std::unique_ptr<Result>& out, JobGraph& graph, Pool* pool,
                    const RunOptions& options, CancelSwitch* cancel, Error* error);
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  void add_reference() { references_.add(); }
  void drop() {
    if (references_.drop()) delete this;
  }

  // --- For its jobs and its handler, in any thread, as long as it is not over

  // LIBSCHED_E_CLOSED: it is; LIBSCHED_E_CANCELLED: it starts no job any more. Otherwise as Progress::add. Throws std::bad_alloc.
  Status add(std::uint64_t& out, const JobSpec& spec, std::span<const Dependency> dependencies,
             Error* error);
  // LIBSCHED_E_STATE: it does not run, or has signalled before.
  Status signal_early(JobIndex job);
  // Starts nothing more and stops what runs: the run is cancelled.
  void stop();
  bool is_cancelled() const {
    return killed_.load(libsched_job::Orders::kFlag) ||
           (cancel_ != nullptr && cancel_->triggered());
  }
  // Of a job. LIBSCHED_E_CANCELLED: a bounded one, in a run that is cancelled or kills what is at work.
  Status tell(const libsched_job& from, const void* data, std::size_t size, bool bounded);
  // The run is not over before as many calls of release(). LIBSCHED_E_CLOSED: it is.
  Status hold();
  void release();
  // More slots for a job at work, with their tokens, if all are there now: else LIBSCHED_E_EMPTY. LIBSCHED_E_STATE: it is not at work.
  Status grow(libsched_job& job, std::uint32_t more);
  // Fewer of them. LIBSCHED_E_RANGE: it would have none.
  Status shrink(libsched_job& job, std::uint32_t fewer);
  const JobGraph& graph() const { return graph_; }
  // Jobs that exist by now have been named for good.
  JobIndex find(std::uint64_t id);
  JobIndex find(std::string_view name);
  bool forked() const { return sys::ForkGuard::current() != process_; }
  std::uint64_t id(JobIndex job) const { return graph_.graph().id(job); }

 private:
  enum class Mode : std::uint8_t { kGoing, kFinishing, kKilled };
  enum Kind : std::uint8_t { kFunctions, kCommands };
  struct Limit {
    ReadyQueue waiting;
    std::uint32_t most;
    std::uint32_t at_work = 0;
  };
  // Jobs that are handed over when the lock is let go.
  struct JobList {
    Place* first = nullptr;
    Place* last = nullptr;
    void push(Place& job) {
      job.next = nullptr;
      (last != nullptr ? last->next : first) = &job;
      last = &job;
    }
    Place* pop() {
      Place* const job = first;
      if (job != nullptr) first = job->next;
      if (first == nullptr) last = nullptr;
      return job;
    }
  };
  // The lock. When it is let go, all that has become possible is begun.
  class Locked {
   public:
    explicit Locked(Run& run) : run_(run), lock_(run.mutex_) { run.now_ = sys::now_ns(); }
    ~Locked() { run_.settle(lock_); }
    Locked(const Locked&) = delete;
    Locked& operator=(const Locked&) = delete;

   private:
    Run& run_;
    std::unique_lock<std::mutex> lock_;
  };
  friend class RunTokens;
  class Ended;
  class Finishing;

  // The graph is prepared, reset and in use. Throws std::bad_alloc.
  Run(JobGraph& graph, Pool* pool, const RunOptions& options, CancelSwitch* cancel);
  ~Run() = default;

  // --- run.cc: the caller's thread
  // LIBSCHED_OK; LIBSCHED_E_FAILED, some jobs have failed; LIBSCHED_E_CANCELLED; what the handler has returned; or why the run
  // could not go on.
  Status execute(Error* error);
  void begin();
  void pump();
  void cancel_triggered() override;
  void receive(const char* message, std::size_t size);
  void deliver(const char* message, std::size_t size);
  RunEvent said(std::uint32_t attempt) const;
  void call_handler(const RunMessage& message);
  void replay(JobIndex job);
  void reserve();
  Status open_reactor(Error* error);
  Status outcome(Error* error);
  void take_result(Result& out);

  // --- run_schedule.cc, with the lock held
  void settle(std::unique_lock<std::mutex>& lock);
  bool perform(std::unique_lock<std::mutex>& lock);
  void fill();
  bool start_next();
  void finish_inline();
  void drain_ready();
  void make_ready(JobIndex job);
  void queue_ready(JobIndex job);
  ReadyQueue* best();
  bool is_inline(JobIndex job) const;
  std::uint32_t weight_of(JobIndex job) const;
  void start(JobIndex job, Kind kind);
  void end(Place& job, int code, int signal);
  void fail_for_good(JobIndex job, const std::string& text);
  void free_place(Place& job);
  void call_waiting(std::uint32_t limit);
  void end_run(Mode mode);
  void break_off(Status status);
  void close_if_over();
  void event(MessageKind kind, JobIndex job, const std::string& text);
  // Of bytes: the job, and its try.
  static std::uint64_t tag_of(const Place& job) {
    return std::uint64_t{job.attempt} << 32 | job.job;
  }

  // --- run_weight.cc: tokens, and jobs that need several
  bool has_tokens(JobIndex job) const;
  void settle_tokens();
  // That jobs at work need; what some are still taking is not among them.
  std::uint32_t needed_tokens() const { return used_ - growing_; }
  void gather(bool gathers);
  void end_gathering();
  void rest(ReadyQueue& from, ReadyQueue& to);
  void end_rest(ReadyQueue& jobs, std::int64_t& until_ns);
  void token_came(RunTokens::Request& request);
  std::int64_t some_time();

  // --- run_function.cc
  Status submit(Place& job, bool may_wait);
  void refused(Place& job, Status status);
  static int task_main(libsched_task* task, void* job);
  static void task_discard(void* job);
  void late() override;
  void ready() override {}
  void set_timer();

  // --- run_command.cc
  Status start_launcher();
  void launcher_failed(Status status);
  static void* launcher_main(void* run);
  void run_launcher();
  void launch(Place& job);
  Status spawn(Place& job, Process*& process, std::string& text);
  void process_over(Place& job, const ProcessResult& how);
  void end_process(Place& job);

  JobGraph& graph_;
  Pool* const pool_;
  const RunOptions options_;
  CancelSwitch* const cancel_;
  const std::thread::id caller_ = std::this_thread::get_id();
  const std::uint64_t process_;
  RefCount<StdSync> references_;
  struct EndQueue {
    void operator()(ProcessQueue* queue) const { queue->drop_receivers(); }
  };
  const std::unique_ptr<ProcessQueue, EndQueue> queue_;
  CancelSwitch killed_switch_;  // ends the waits of messages
  CancelSwitch launch_switch_;  // ends the launcher's wait for room in the pool
  StdSync::atomic<bool> killed_{false};
  std::optional<sys::Reactor::Use> reactor_;

  // Of the caller's thread
  std::string buffer_;
  GroupedOutput groups_;
  RunEvent told_;  // the last one: what comes before the next one is of that time
  bool handles_ = true;
  bool drives_ = false;  // there may be tasks in a pool without workers
  Status handler_status_ = LIBSCHED_OK;

  std::mutex mutex_;  // guards what follows
  Progress& progress_;
  std::vector<JobRecord> records_;
  ReadyQueue ready_[2];
  std::vector<Limit> limits_;
  std::vector<JobIndex> inline_jobs_;  // that are ready, from next_inline_ on
  std::size_t next_inline_ = 0;
  const std::unique_ptr<Place[]> places_;
  Place* free_ = nullptr;
  RunTokens tokens_;
  JobIndex waiting_ = kNoJob;  // for a token, as was told
  ReadyQueue resting_;         // jobs that have not got their tokens in time,
  std::int64_t rest_until_ns_ = INT64_MAX;
  ReadyQueue passing_;  // others of several slots, which rest less long
  std::int64_t pass_until_ns_ = INT64_MAX;
  std::int64_t gather_until_ns_ = INT64_MAX;  // some of the tokens of the next job are held
  JobIndex clamped_ = kNoJob;                 // a job that starts with so many slots at most
  std::uint32_t clamped_to_ = 0;
  Random random_{static_cast<std::uint64_t>(sys::now_ns())};
  std::uint32_t used_ = 0;     // slots
  std::uint32_t growing_ = 0;  // of them, for which there may be no tokens
  std::uint64_t holds_ = 0;
  std::uint32_t at_work_ = 0;  // jobs
  std::uint32_t functions_ = 0;
  std::uint32_t most_functions_ = 0;
  std::uint32_t peak_ = 0;
  std::uint32_t ended_ = 0;
  std::uint64_t failures_ = 0;
  JobIndex first_failure_ = kNoJob;
  Mode mode_ = Mode::kGoing;
  bool cancelled_ = false;
  bool closed_ = false;
  Status broken_ = LIBSCHED_OK;
  std::uint64_t replays_ = 0;  // functions of fresh jobs that the caller's thread owes
  std::uint32_t effects_ = 0;  // threads that do what was decided
  JobList submits_;
  JobList launches_;
  JobList unsubmitted_;  // functions that a full pool has refused
  bool stops_due_ = false;
  bool wake_due_ = false;
  std::int64_t now_ = 0;
  std::int64_t start_ns_ = 0;
  std::int64_t end_ns_ = 0;

  enum class Launcher : std::uint8_t { kNone, kRuns, kEnds };
  Launcher launcher_ = Launcher::kNone;
  bool launcher_due_ = false;
  std::condition_variable launch_event_;
  pthread_t launcher_thread_{};
};

}  // namespace sched
