#include "core/graph/compute_run.h"

#include <algorithm>
#include <new>
#include <string>

#include "core/base/call.h"

namespace sched {

// --- one task of the pool: a ready job, and what it leads to ---

// The jobs that it has made ready it keeps as a list. While one of them runs the others lie open, and one task in the pool, the
// offer, is for whoever has nothing to do: it takes all of them. So a job that is ready costs no task where nobody is idle. They
// lie open by their list's first job in the counter of the chain's own first job, which nobody else uses any more.
class ComputeRun::Chain {
 public:
  Chain(ComputeRun& run, JobIndex first)
      : run_(run), anchor_(run.nodes_[first]), level_(run.level(first)) {
    job_.compute = &run;
    if (run.does_nothing(first)) {
      idle_ = first;
      return;
    }
    next_ = first;
    for (JobIndex job = first; job != kNoJob; job = run.nodes_[job].next()) ++length_;
  }
  // A job that has ended its thread leaves the others to this.
  ~Chain() {
    if (run_.forked()) return;
    if (at_work_ != kNoJob) {
      run_.states_[at_work_] = JobState::kFailed;
      run_.note_failure(at_work_, LIBSCHED_E_UNWOUND);
      take_left();
    }
    while (next_ != kNoJob) hand_over(pop());
    next_ = take_back();
    while (next_ != kNoJob) hand_over(pop());
    while (idle_ != kNoJob) hand_over(pop_idle());
    run_.leave();
  }
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;

  void go() {
    int in_row = 0;
    while (!run_.stopped()) {
      if (idle_ != kNoJob) {
        end(pop_idle(), JobState::kFresh);
        continue;
      }
      if (next_ == kNoJob) next_ = take_back();
      if (next_ == kNoJob) return;
      const JobIndex job = pop();
      const bool yields =
          ++in_row > kMostInRow || (in_row > 1 && run_.pool_.higher_waits(run_.level(job)));
      if (yields && run_.submit(job) == LIBSCHED_OK) continue;
      if (!execute(job)) return;
    }
    next_ = idle_ = kNoJob;  // they are cancelled
  }

 private:
  void push(JobIndex job) {
    if (run_.does_nothing(job)) {
      run_.nodes_[job].set_next(idle_);
      idle_ = job;
    } else {
      run_.nodes_[job].set_next(next_);
      next_ = job;
      ++length_;
    }
  }
  JobIndex pop() {
    --length_;
    return std::exchange(next_, run_.nodes_[next_].next());
  }
  JobIndex pop_idle() { return std::exchange(idle_, run_.nodes_[idle_].next()); }
  void hand_over(JobIndex job) {
    if (run_.stopped()) return;
    if (const Status status = run_.submit(job)) run_.break_off(status);
  }

  // Lays them open; what lies there has come before, and is behind them.
  void open() {
    if (next_ == kNoJob) return;
    Node* last = &run_.nodes_[next_];
    while (last->next() != kNoJob) last = &run_.nodes_[last->next()];
    last->set_next(take_back());
    if (!offered_) anchor_.waits.store(kTaken, Orders::kTakeBack);
    if (anchor_.waits.exchange(std::exchange(next_, kNoJob), Orders::kOpen) == kTaken) {
      offered_ = run_.add_chain(level_, &offer_main, anchor_) == LIBSCHED_OK;
    }
    open_ = length_;
  }
  // What nobody has taken.
  JobIndex take_back() {
    if (open_ == 0) return kNoJob;
    const std::uint32_t list = anchor_.waits.exchange(kNoJob, Orders::kTakeBack);
    const std::uint32_t count = std::exchange(open_, 0);
    if (list != kTaken) return list;
    offered_ = false;
    length_ -= count;
    return kNoJob;
  }

  void take_left() {
    if (!run_.some_left_.load(Orders::kFlag)) return;
    const std::lock_guard lock(run_.mutex_);
    while (run_.left_ != kNoJob) {
      push(std::exchange(run_.left_, run_.nodes_[run_.left_].next()));
    }
    run_.some_left_.store(false, Orders::kFlag);
  }

  // False: in a child, where nothing is ours.
  bool execute(JobIndex job) {
    const JobBody& body = run_.graph_.body(job);
    const std::uint32_t retries = body.extra != nullptr ? body.extra->retries : 0;
    std::uint32_t tries = 0;
    job_.job = job;
    job_.signalled.store(false, libsched_job::Orders::kFlag);
    int code = 0;
    open();
    do {
      ++tries;
      at_work_ = job;
      code = call_user([&] { return body.fn(&job_, body.user_data); });  // user code
      if (run_.forked()) return false;
      at_work_ = kNoJob;
    } while (code != 0 && tries <= retries && !job_.has_signalled() && !run_.stopped());
    if (tries != 1) run_.note_tries(job, tries);
    take_left();
    if (code == 0) {
      end(job, JobState::kDone);
    } else {
      run_.states_[job] = JobState::kFailed;
      run_.note_failure(job, code);
    }
    return true;
  }

  // The most urgent of those that are ready by it goes on here.
  void end(JobIndex job, JobState state) {
    const Graph& graph = run_.graph_.graph();
    if (state == JobState::kFresh && !graph.job(job).fresh) state = JobState::kDone;
    run_.states_[job] = state;
    const bool signalled = state == JobState::kDone && job_.job == job && job_.has_signalled();
    JobIndex first = kNoJob;  // of those
    for (const Successor successor : graph.successors(job)) {
      const JobIndex ready = successor.job();
      if ((signalled && successor.early()) || !run_.satisfy(ready)) continue;
      JobIndex other = ready;
      if (!run_.does_nothing(ready) &&
          (first == kNoJob || run_.graph_.priority(ready) > run_.graph_.priority(first))) {
        if (first != kNoJob) other = pop();
        push(ready);
        first = ready;
        if (other == ready) continue;
      }
      keep(other);
    }
  }

  // Behind the one that goes on here.
  void keep(JobIndex job) {
    if (run_.does_nothing(job)) return push(job);
    const bool is_kept = length_ < kMostKept && run_.level(job) == level_;
    if (!is_kept && run_.submit(job) == LIBSCHED_OK) return;
    Node& top = run_.nodes_[next_];
    run_.nodes_[job].set_next(top.next());
    top.set_next(job);
    ++length_;
  }

  ComputeRun& run_;
  Node& anchor_;
  const Level level_;
  libsched_job job_;
  JobIndex at_work_ = kNoJob;
  JobIndex next_ = kNoJob;
  std::uint32_t length_ = 0;  // of that list, and of what lies open
  std::uint32_t open_ = 0;    // of these, that lie open or are taken
  bool offered_ = false;
  JobIndex idle_ = kNoJob;  // jobs that do nothing
};

int ComputeRun::task_main(libsched_task*, void* data) {
  Node& node = *static_cast<Node*>(data);
  ComputeRun& run = *node.run;
  Chain chain(run, static_cast<JobIndex>(&node - run.nodes_.data()));
  chain.go();
  return 0;
}

int ComputeRun::offer_main(libsched_task*, void* data) {
  Node& anchor = *static_cast<Node*>(data);
  ComputeRun& run = *anchor.run;
  const std::uint32_t list = anchor.waits.exchange(kTaken, Orders::kTake);
  if (list == kNoJob) {
    run.leave();
  } else {
    Chain chain(run, list);
    chain.go();
  }
  return 0;
}

void ComputeRun::task_discard(void* data) {
  ComputeRun& run = *static_cast<Node*>(data)->run;
  run.break_off(LIBSCHED_E_CLOSED);
  run.leave();
}

Status ComputeRun::submit(JobIndex job) {
  nodes_[job].set_next(kNoJob);
  return add_chain(level(job), &task_main, nodes_[job]);
}

Status ComputeRun::add_chain(Level level, TaskFn fn, Node& node) {
  Pool::Waiting waiting;
  waiting.mode = Pool::Waiting::Mode::kTry;
  chains_.fetch_add(1, Orders::kCount);
  const Status status = pool_.submit(level, fn, &node, &task_discard, waiting, nullptr);
  if (status != LIBSCHED_OK) chains_.fetch_sub(1, Orders::kCount);  // the caller's own is left
  return status;
}

Status ComputeRun::signal_early(libsched_job& job) {
  // Several threads of the job may come at once.
  if (job.signalled.exchange(true, libsched_job::Orders::kFlag)) return LIBSCHED_E_STATE;
  if (stopped()) return LIBSCHED_OK;
  for (const Successor successor : graph_.graph().successors(job.job)) {
    if (!successor.early() || !satisfy(successor.job())) continue;
    if (submit(successor.job()) == LIBSCHED_OK) continue;
    const std::lock_guard lock(mutex_);
    nodes_[successor.job()].set_next(std::exchange(left_, successor.job()));
    some_left_.store(true, Orders::kFlag);
  }
  return LIBSCHED_OK;
}

void ComputeRun::leave() {
  if (chains_.fetch_sub(1, Orders::kLeave) != 1) return;
  done_.store(true, Orders::kDone);
  event_.notify_all();
  drop();
}

void ComputeRun::break_off(Status status) {
  const std::lock_guard lock(mutex_);
  if (broken_ == LIBSCHED_OK) broken_ = status;
  stopped_.store(true, Orders::kFlag);
  killed_.store(true, Orders::kFlag);
}

// With the lock held.
void ComputeRun::note(std::vector<std::pair<JobIndex, int>>& list, JobIndex job, int what) {
  try {
    list.emplace_back(job, what);
  } catch (const std::bad_alloc&) {
    if (broken_ == LIBSCHED_OK) broken_ = -ENOMEM;
    stopped_.store(true, Orders::kFlag);
  }
}

void ComputeRun::note_tries(JobIndex job, std::uint32_t tries) {
  const std::lock_guard lock(mutex_);
  note(repeated_, job, static_cast<int>(tries));
}

void ComputeRun::note_failure(JobIndex job, int code) {
  const std::lock_guard lock(mutex_);
  note(failures_, job, code);
  if (failures_.size() < options_.max_failures) return;
  stopped_.store(true, Orders::kFlag);
  if (options_.kill) killed_.store(true, Orders::kFlag);
}

// --- the caller's thread ---

ComputeRun::ComputeRun(JobGraph& graph, Pool& pool, const RunOptions& options, CancelSwitch* cancel)
    : graph_(graph),
      pool_(pool),
      options_(options),
      cancel_(cancel),
      process_(sys::ForkGuard::current()),
      nodes_(graph.graph().size()),
      states_(graph.graph().size(), JobState::kPending) {
  const auto counts = graph.graph().dependency_counts();
  for (JobIndex job = 0; job < nodes_.size(); ++job) {
    nodes_[job].waits.store(counts[job], Orders::kCount);
    nodes_[job].run = this;
    const Job& it = graph.graph().job(job);
    const bool is_idle = it.fresh || graph.body(job).fn == nullptr;
    nodes_[job].set_kind(is_idle ? kIdle : static_cast<std::uint32_t>(it.level));
  }
}

Status ComputeRun::check(const JobGraph& graph, const Pool* pool, const RunOptions& options,
                         Error* error) {
  const char* why = nullptr;
  if (pool == nullptr || pool->workers() == 0) why = "a pool without workers";
  if (options.handler != nullptr) why = "a handler";
  if (options.jobserver != nullptr) why = "a jobserver";
  if (pool != nullptr && options.slots < pool->workers()) why = "fewer slots than workers";
  if (graph.commands() != 0) why = "commands";
  if (graph.has_timeouts()) why = "timeouts";
  if (graph.replays() != 0) why = "functions of fresh jobs";
  if (graph.heavy() != 0) why = "jobs of several slots";
  for (const JobGraph::Limit& limit : graph.limits()) {
    if (limit.count != 0) why = "limit classes";
  }
  if (why == nullptr) return LIBSCHED_OK;
  return fail(error, LIBSCHED_E_STATE, "LIBSCHED_RUN_COMPUTE does not go with %s", why);
}

Status ComputeRun::run(Result& out, JobGraph& graph, Pool& pool, const RunOptions& options,
                       CancelSwitch* cancel, Error* error) {
  if (options.wants_result) out.records.resize(graph.graph().size());
  const std::unique_ptr<ComputeRun, void (*)(ComputeRun*)> made(
      new ComputeRun(graph, pool, options, cancel), [](ComputeRun* run) { run->drop(); });
  out.status = made->execute(error);
  if (options.wants_result) made->describe(out);
  return out.status;
}

Status ComputeRun::execute(Error* error) {
  references_.add();  // of all chains, of which the caller has one until all roots are submitted
  const auto counts = graph_.graph().dependency_counts();
  for (JobIndex job = 0; job < counts.size() && !stopped(); ++job) {
    if (counts[job] != 0 || submit(job) == LIBSCHED_OK) continue;
    // There is no room: this thread waits for it.
    Pool::Waiting waiting;
    waiting.cancel = cancel_;
    chains_.fetch_add(1, Orders::kCount);
    const Status status =
        pool_.submit(level(job), &task_main, &nodes_[job], &task_discard, waiting, nullptr);
    if (status == LIBSCHED_OK) continue;
    chains_.fetch_sub(1, Orders::kCount);
    if (status != LIBSCHED_E_CANCELLED) break_off(status);
  }
  leave();
  // Cancelled or not, it waits for what is at work, which looks at the switch by itself.
  static_cast<void>(pool_.wait_outside(event_, sys::Deadline(-1), nullptr,
                                       [this] { return done_.load(Orders::kDone); }));
  const std::lock_guard lock(mutex_);
  if (broken_ != LIBSCHED_OK) {
    return fail(error, broken_, "the run could not go on: %s", status_message(broken_));
  }
  const bool all = std::none_of(states_.begin(), states_.end(),
                                [](JobState state) { return state == JobState::kPending; });
  if (failures_.empty()) {
    return all ? LIBSCHED_OK : fail(error, LIBSCHED_E_CANCELLED, "the run was cancelled");
  }
  const std::string name = graph_.graph().label(failures_[0].first);
  return fail(error, LIBSCHED_E_FAILED, "%zu of %zu jobs failed, the first was \"%s\": code %d",
              failures_.size(), states_.size(), name.c_str(), failures_[0].second);
}

void ComputeRun::describe(Result& out) {
  const std::lock_guard lock(mutex_);
  for (JobIndex job = 0; job < states_.size(); ++job) {
    JobRecord& record = out.records[job];
    record.state = states_[job] == JobState::kPending ? JobState::kCancelled : states_[job];
    const bool has_run = states_[job] == JobState::kDone || states_[job] == JobState::kFailed;
    record.attempts = has_run && graph_.body(job).fn != nullptr ? 1 : 0;
  }
  for (const auto& [job, code] : failures_) out.records[job].code = code;
  for (const auto& [job, tries] : repeated_) {
    out.records[job].attempts = static_cast<std::uint32_t>(tries);
  }
  out.slots = options_.slots;
  skip_blocked(out);
}

// What has not started behind a job that has failed is skipped, what has is tainted.
void ComputeRun::skip_blocked(Result& out) const {
  std::vector<JobIndex> behind;
  for (const auto& [failed, code] : failures_) {
    behind.push_back(failed);
    while (!behind.empty()) {
      const JobIndex job = behind.back();
      behind.pop_back();
      for (const Successor successor : graph_.graph().successors(job)) {
        JobRecord& record = out.records[successor.job()];
        if (record.blocked_by != kNoJob) continue;
        record.blocked_by = failed;
        const bool is_done = record.state != JobState::kCancelled;
        record.tainted = is_done;
        if (!is_done) record.state = JobState::kSkipped;
        behind.push_back(successor.job());
      }
    }
  }
}

}  // namespace sched
