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
  Chain(ComputeRun& run, std::uint32_t first)
      : run_(run), plan_(run.plan_), anchor_(first), level_(level(plan_[first])) {
    job_.compute = &run;
    if (does_nothing(plan_[first])) {
      idle_ = first;
      return;
    }
    next_ = first;
    for (std::uint32_t place = first; place != 0; place = plan_[place].next()) ++length_;
  }
  // A job that has ended its thread leaves the others to this.
  ~Chain() {
    if (run_.forked()) return;
    if (at_work_ != 0) {
      fail(at_work_, LIBSCHED_E_UNWOUND);
      take_left();
    }
    while (next_ != 0) hand_over(pop());
    next_ = take_back();
    while (next_ != 0) hand_over(pop());
    while (idle_ != 0) hand_over(pop_idle());
    if (was_open_) run_.note_anchor(anchor_);
    run_.ended_.fetch_add(ended_, Orders::kCount);
    run_.leave();
  }
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;

  void go() {
    int in_row = 0;
    while (!run_.stopped()) {
      if (idle_ != 0) {
        end(pop_idle(), JobState::kFresh);
        continue;
      }
      if (next_ == 0) next_ = take_back();
      if (next_ == 0) return;
      const std::uint32_t place = pop();
      const bool yields =
          ++in_row > kMostInRow || (in_row > 1 && run_.pool_.higher_waits(level(plan_[place])));
      if (yields && run_.submit(place) == LIBSCHED_OK) continue;
      if (!execute(place)) return;
    }
    next_ = idle_ = 0;  // they are cancelled
  }

 private:
  void push(std::uint32_t place) {
    plan_.prefetch_list(plan_[place]);
    plan_[place].set_next(next_);
    next_ = place;
    ++length_;
  }
  void push_idle(std::uint32_t place) {
    plan_[place].set_next(idle_);
    idle_ = place;
  }
  std::uint32_t pop() {
    --length_;
    return std::exchange(next_, plan_[next_].next());
  }
  std::uint32_t pop_idle() { return std::exchange(idle_, plan_[idle_].next()); }
  void hand_over(std::uint32_t place) {
    if (run_.stopped()) return;
    if (const Status status = run_.submit(place)) run_.break_off(status);
  }

  // Lays them open; what lies there has come before, and is behind them.
  void open() {
    if (next_ == 0) return;
    if (open_ != 0) {
      std::uint32_t last = next_;
      while (plan_[last].next() != 0) last = plan_[last].next();
      plan_[last].set_next(take_back());
    }
    StdSync::atomic<std::uint32_t>& word = plan_[anchor_].waits;
    if (!offered_) word.store(kTaken, Orders::kTakeBack);
    if (word.exchange(std::exchange(next_, 0), Orders::kOpen) == kTaken) {
      offered_ = run_.add_chain(anchor_, level_, &offer_main, run_.try_once()) == LIBSCHED_OK;
    }
    open_ = length_;
    was_open_ = true;
  }
  // What nobody has taken.
  std::uint32_t take_back() {
    if (open_ == 0) return 0;
    const std::uint32_t list = plan_[anchor_].waits.exchange(0, Orders::kTakeBack);
    const std::uint32_t count = std::exchange(open_, 0);
    if (list != kTaken) return list;
    offered_ = false;
    length_ -= count;
    return 0;
  }

  void take_left() {
    if (!run_.some_left_.load(Orders::kFlag)) return;
    const std::lock_guard lock(run_.mutex_);
    while (run_.left_ != 0) {
      const std::uint32_t place = std::exchange(run_.left_, plan_[run_.left_].next());
      does_nothing(plan_[place]) ? push_idle(place) : push(place);
    }
    run_.some_left_.store(false, Orders::kFlag);
  }

  // False: in a child, where nothing is ours.
  bool execute(std::uint32_t place) {
    const ComputeNode& node = plan_[place];
    job_.job = ComputePlan::job_at(place);
    job_.signalled.store(false, libsched_job::Orders::kFlag);
    std::uint32_t tries = 0;
    const std::uint32_t retries = node.has_extra() ? run_.graph_.body(job_.job).extra->retries : 0;
    int code = 0;
    plan_.prefetch_successors(node);
    plan_.prefetch_next(node);
    open();
    do {
      ++tries;
      at_work_ = place;
      code = call_user([&] { return node.fn(&job_, node.user_data); });  // user code
      if (run_.forked()) return false;
      at_work_ = 0;
    } while (code != 0 && tries <= retries && !job_.has_signalled() && !run_.stopped());
    if (tries != 1) run_.note_tries(job_.job, tries);
    take_left();
    if (code == 0) {
      end(place, JobState::kDone);
    } else {
      fail(place, code);
    }
    return true;
  }
  void fail(std::uint32_t place, int code) {
    run_.set_state(place, JobState::kFailed);
    run_.note_failure(ComputePlan::job_at(place), code);
  }

  // The most urgent of those that are ready by it goes on here: the last one.
  void end(std::uint32_t place, JobState state) {
    const JobIndex job = ComputePlan::job_at(place);
    ++ended_;
    if (state == JobState::kFresh && !run_.graph_.graph().job(job).fresh) state = JobState::kDone;
    run_.set_state(place, state);
    const bool signalled = state == JobState::kDone && job_.job == job && job_.has_signalled();
    bool some = false;
    for (const Successor successor : plan_.successors(plan_[place])) {
      const std::uint32_t ready = successor.job();
      if ((signalled && successor.early()) || !run_.satisfy(ready)) continue;
      if (does_nothing(plan_[ready])) {
        push_idle(ready);
        continue;
      }
      if (some) keep_less();
      push(ready);
      some = true;
    }
  }

  // Before one more is pushed: the first one goes to others, unless there are few enough.
  void keep_less() {
    if (length_ < kMostKept && level(plan_[next_]) == level_) return;
    const std::uint32_t place = pop();
    if (run_.submit(place) != LIBSCHED_OK) push(place);
  }

  ComputeRun& run_;
  ComputePlan& plan_;
  const std::uint32_t anchor_;  // its first job
  const Level level_;
  libsched_job job_;
  std::uint32_t at_work_ = 0;
  std::uint32_t next_ = 0;
  std::uint32_t length_ = 0;  // of that list, and of what lies open
  std::uint32_t open_ = 0;    // of these, that lie open or are taken
  bool was_open_ = false;
  bool offered_ = false;
  std::uint32_t idle_ = 0;  // jobs that do nothing
  std::uint64_t ended_ = 0;
};

int ComputeRun::task_main(libsched_task*, void* data) {
  ComputeNode& node = *static_cast<ComputeNode*>(data);
  const std::uint32_t place = node.next();
  ComputeRun& run = ComputePlan::run_of(node);
  node.set_next(0);
  Chain chain(run, place);
  chain.go();
  return 0;
}

int ComputeRun::offer_main(libsched_task*, void* data) {
  ComputeNode& anchor = *static_cast<ComputeNode*>(data);
  ComputeRun& run = ComputePlan::run_of(anchor);
  const std::uint32_t list = anchor.waits.exchange(kTaken, Orders::kTake);
  if (list == 0) {
    run.leave();
  } else {
    Chain chain(run, list);
    chain.go();
  }
  return 0;
}

void ComputeRun::task_discard(void* data) {
  ComputeRun& run = ComputePlan::run_of(*static_cast<ComputeNode*>(data));
  run.break_off(LIBSCHED_E_CLOSED);
  run.leave();
}

Pool::Waiting ComputeRun::try_once() {
  Pool::Waiting waiting;
  waiting.mode = Pool::Waiting::Mode::kTry;
  return waiting;
}

Status ComputeRun::submit(std::uint32_t place) {
  return add_chain(place, level(plan_[place]), &task_main, try_once());
}

Status ComputeRun::add_chain(std::uint32_t place, Level level, TaskFn fn,
                             const Pool::Waiting& waiting) {
  ComputeNode& node = plan_[place];
  // By which it leads to this. A chain that makes one more offer has written it before, and the last one may just have read it.
  if (node.next() != place) node.set_next(place);
  chains_.fetch_add(1, Orders::kCount);
  const Status status = pool_.submit(level, fn, &node, &task_discard, waiting, nullptr);
  if (status != LIBSCHED_OK) chains_.fetch_sub(1, Orders::kCount);  // the caller's own is left
  return status;
}

Status ComputeRun::signal_early(libsched_job& job) {
  // Several threads of the job may come at once.
  if (job.signalled.exchange(true, libsched_job::Orders::kFlag)) return LIBSCHED_E_STATE;
  if (stopped()) return LIBSCHED_OK;
  for (const Successor successor : plan_.successors(plan_[ComputePlan::place_of(job.job)])) {
    const std::uint32_t ready = successor.job();
    if (!successor.early() || !satisfy(ready)) continue;
    if (submit(ready) == LIBSCHED_OK) continue;
    const std::lock_guard lock(mutex_);
    plan_[ready].set_next(std::exchange(left_, ready));
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

void ComputeRun::note_anchor(std::uint32_t place) {
  const std::lock_guard lock(mutex_);
  try {
    anchors_.push_back(place);
  } catch (const std::bad_alloc&) {
    forgets_anchors_ = true;
  }
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
      plan_(graph.compute_plan()) {
  if (options.wants_result) states_.assign(graph.graph().size(), JobState::kPending);
  plan_.set_run(*this);
  const bool was_ready = plan_.is_ready();
  plan_.set_ready(false);
  if (was_ready) return;
  for (std::uint32_t place = 1; place < plan_.end(); ++place) {
    plan_[place].waits.store(plan_.dependencies(place), Orders::kCount);
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
  for (const std::uint32_t place : plan_.roots()) {
    if (stopped()) break;
    if (submit(place) == LIBSCHED_OK) continue;
    // There is no room: this thread waits for it.
    Pool::Waiting waiting;
    waiting.cancel = cancel_;
    const Status status = add_chain(place, level(plan_[place]), &task_main, waiting);
    if (status == LIBSCHED_OK) continue;
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
  const JobIndex size = graph_.graph().frozen_size();
  const bool all = ended_.load(Orders::kCount) == size;
  if (all && !forgets_anchors_) {
    for (const std::uint32_t place : anchors_) {
      plan_[place].waits.store(plan_.dependencies(place), Orders::kCount);
    }
    plan_.set_ready(true);
  }
  if (failures_.empty()) {
    return all ? LIBSCHED_OK : fail(error, LIBSCHED_E_CANCELLED, "the run was cancelled");
  }
  const std::string name = graph_.graph().label(failures_[0].first);
  return fail(error, LIBSCHED_E_FAILED, "%zu of %zu jobs failed, the first was \"%s\": code %d",
              failures_.size(), std::size_t{size}, name.c_str(), failures_[0].second);
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
