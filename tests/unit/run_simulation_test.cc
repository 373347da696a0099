// Runs of random graphs on simulated threads, processes, tokens and time: each seed is one run, or two, the same each time. What is
// promised is looked at whenever a thread gives way. SCHED_SIMULATION_SEED in the environment runs that seed alone, SCHED_SIMULATION_COUNT
// so many.
//
// Simulated: when threads run, the clock, sleeping and waking, files, epoll, processes, and the thieves of tokens. Real: the whole engine,
// its pool with workers and its reactor, threads and mutexes. What a thread does with atomics between two calls of the system or
// of a lock is one step here; the model checker and the sanitizers see to that.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core/graph/result.h"
#include "core/graph/run.h"
#include "core/jobserver/jobserver.h"
#include "core/pool/pool.h"
#include "tests/unit/simulated_system.h"
#include "tests/unit/simulated_threads.h"

namespace sched {
namespace {

using test::SimulatedSystem;
using test::SimulatedThreads;

constexpr std::int64_t kMs = 1'000'000;
constexpr int kHandlerEnds = 77;

class World;

struct OneJob {
  enum class Kind { kFunction, kFresh, kReplay, kNothing, kCommand };
  World* world = nullptr;
  JobIndex index = kNoJob;
  Kind kind = Kind::kFunction;
  JobSpec spec;
  std::vector<Dependency> waits;
  std::uint32_t weight = 1;  // as the run counts it
  int fails = 0;             // so many tries
  bool throws = false;
  bool signals = false;
  bool adds = false;
  bool stops = false;  // the run
  bool grows = false;
  int naps = 0;

  int tries = 0;
  bool at_work = false;
  bool succeeded = false;
  bool signalled = false;
};

// One random graph, its run, and what is seen of it.
class World {
 public:
  explicit World(std::uint64_t seed)
      : random_(seed * 0x9E3779B97F4A7C15u + 1),
        threads_(seed),
        system_(threads_, [this](const char* const* arguments) { return program(arguments); }) {}

  // Returns what tells two runs apart.
  std::uint64_t play() {
    make();
    threads_.on_step([this] { check_now(); });
    run();
    if (one_in(3)) {
      forget();
      run();
    }
    finish();
    return threads_.trace();
  }
  std::uint64_t steps() const { return threads_.steps(); }
  Status status() const { return status_; }
  const Result::Summary& summary() const { return summary_; }

 private:
  // Added to a run by a thread that is none of its jobs.
  struct Visitor {
    World* world;
    Run* run;
    pthread_t thread{};
  };

  static constexpr std::uint32_t kMostJobs = 40;
  static constexpr std::uint32_t kMostLate = 8;
  static constexpr std::uint32_t kMostVisitors = 4;

  std::uint32_t below(std::uint32_t limit) { return random_.below(limit); }
  bool one_in(std::uint32_t count) { return below(count) == 0; }
  void check(bool promised, const char* what) {
    if (!promised) threads_.fail(what);
  }

  // --- before

  void make() {
    PoolOptions pool;
    pool.workers = 1 + below(3);
    pool.seed = 1 + below(1000);
    if (one_in(6)) pool.capacity = 1 + below(3);
    pool_ = new Pool(pool);
    options_.slots = 1 + below(4);
    options_.max_failures = one_in(4) ? 1 : one_in(4) ? 2 : UINT32_MAX;
    options_.kill = one_in(3);
    options_.keep_tokens = one_in(2);
    options_.grace_ns = below(30) * kMs;
    options_.output = one_in(2) ? RunOptions::Output::kStream : RunOptions::Output::kGroup;
    options_.group_bytes = one_in(2) ? 100 : RunOptions::kGroupBytes;
    if (!one_in(4)) options_.handler = &hear;
    options_.handler_data = this;
    if (one_in(20)) handler_ends_at_ = 1 + below(60);
    slow_handler_ = one_in(4);
    if (!one_in(3)) serve();
    graph_ = new JobGraph(JobGraph::Order::kCriticalPath);
    for (std::uint32_t& most : most_in_class_) {
      most = 1 + below(2);
      graph_->limit(std::string("class ").append(std::to_string(&most - most_in_class_)), most);
    }
    jobs_.reserve(kMostJobs + kMostLate);
    visitors_.reserve(kMostVisitors);
    count_ = 1 + below(kMostJobs);
    for (std::uint32_t i = 0; i < count_; ++i) make_job();
  }

  void serve() {
    tokens_ = 1 + below(5);
    // With a fifo there are descriptors, too, for thieves.
    const auto style = one_in(2) ? ServedPool::Style::kPipe : ServedPool::Style::kBoth;
    check(Jobserver::serve(server_, style, tokens_, false, nullptr) == LIBSCHED_OK,
          "there is no jobserver");
    token_fd_ = server_->child_access().read_fd;
    jobserver_ = server_;
    if (one_in(2)) {
      Jobserver::Options inherited;
      inherited.makeflags = server_->child_access().makeflags.c_str();
      check(Jobserver::inherit(jobserver_, inherited, nullptr) == LIBSCHED_OK &&
                jobserver_->slots() == tokens_,
            "a jobserver cannot be inherited");
    }
    options_.jobserver = jobserver_;
    thefts_left_ = one_in(2) ? static_cast<int>(below(40)) : 0;
    for (std::uint32_t i = 0; thefts_left_ != 0 && i < tokens_; ++i) {
      threads_.at(threads_.now() + below(3) * kMs, [this] { steal(); });
    }
  }

  // Another process takes tokens, and gives them back late.
  void steal() {
    if (thefts_left_ <= 0) return;
    --thefts_left_;
    if (!system_.take_byte(token_fd_)) {
      threads_.at(threads_.now() + 1 + below(4) * kMs, [this] { steal(); });
      return;
    }
    ++stolen_;
    threads_.at(threads_.now() + 1 + below(one_in(8) ? 300 : 20) * kMs, [this] {
      --stolen_;
      system_.put_byte(token_fd_);
      threads_.at(threads_.now() + below(2'000'000), [this] { steal(); });
    });
  }

  std::uint32_t weight_of(const JobSpec& spec) const {
    const std::uint32_t most = tokens_ == 0 ? options_.slots : std::min(tokens_, options_.slots);
    return std::min(spec.job.weight, most);
  }

  void describe(OneJob& it) {
    using Kind = OneJob::Kind;
    const std::uint32_t kind = below(10);
    it.world = this;
    it.kind = kind == 0   ? Kind::kFresh
              : kind == 1 ? (one_in(2) ? Kind::kNothing : Kind::kReplay)
              : kind <= 4 ? Kind::kCommand
                          : Kind::kFunction;
    it.naps = static_cast<int>(below(4));
    it.signals = one_in(4);
    it.throws = one_in(6);
    it.stops = one_in(300);
    it.grows = one_in(5);
    JobSpec& spec = it.spec;
    spec.job.cost = below(50);
    spec.job.level = static_cast<Level>(below(kLevels));
    spec.user_data = &it;
    if (it.kind == Kind::kFresh || it.kind == Kind::kReplay) spec.job.fresh = true;
    if (it.kind == Kind::kFunction || it.kind == Kind::kReplay) spec.fn = &run_job;
    if (it.kind != Kind::kFunction && it.kind != Kind::kCommand) return;
    spec.retries = one_in(3) ? below(3) : 0;
    it.fails = static_cast<int>(one_in(12) ? below(4) : below(spec.retries + 1));
    if (one_in(2)) spec.job.limit_class = below(2);
    if (one_in(5)) spec.job.weight = 1 + below(4);
    it.weight = weight_of(spec);
    if (one_in(6)) spec.timeout_ns = (1 + below(30)) * kMs;
  }

  void make_job() {
    first_jobs_.push_back(std::make_unique<OneJob>());
    OneJob& it = *first_jobs_.back();
    jobs_.push_back(&it);
    describe(it);
    it.adds = one_in(6);
    number(it);
    check(graph_->add(it.index, it.spec, nullptr) == LIBSCHED_OK, "a job cannot be added");
    for (std::uint32_t left = below(4); left != 0 && it.index != 0; --left) {
      const Dependency on{JobRef::of(below(it.index)),
                          one_in(2) ? EdgeKind::kEarly : EdgeKind::kFinished};
      it.waits.push_back(on);
      check(graph_->depend(JobRef::of(it.index), on, nullptr) == LIBSCHED_OK,
            "an edge cannot be added");
    }
  }

  // A command is told which job it is.
  void number(OneJob& it) {
    if (it.kind != OneJob::Kind::kCommand) return;
    texts_.push_back(std::make_unique<std::string>(std::to_string(commands_.size())));
    commands_.push_back(&it);
    arguments_.push_back(std::make_unique<std::vector<const char*>>());
    *arguments_.back() = {"/simulated", texts_.back()->c_str(), nullptr};
    it.spec.arguments = arguments_.back()->data();
  }

  // --- meanwhile

  void check_now() {
    check(at_work_ <= options_.slots, "more is at work than there are slots");
    for (int i = 0; i < 2; ++i) {
      check(in_class_[i] <= most_in_class_[i], "more of a class is at work than may be");
    }
    if (token_fd_ < 0) return;
    const std::size_t lie = system_.bytes_in(token_fd_);
    check(lie + stolen_ <= tokens_ - 1, "there are more tokens than there were");
    check(at_work_ <= tokens_ - stolen_ - lie, "more is at work than there are tokens held");
  }

  bool is_over(const Dependency& on) const {
    const OneJob& it = *jobs_[on.job.index()];
    using Kind = OneJob::Kind;
    if (it.kind == Kind::kFunction || it.kind == Kind::kCommand) {
      return it.succeeded || (on.kind == EdgeKind::kEarly && it.signalled);
    }
    return std::all_of(it.waits.begin(), it.waits.end(),
                       [this](const Dependency& its) { return is_over(its); });
  }

  void begin(OneJob& it) {
    ++it.tries;
    check(!it.at_work, "a job runs twice at a time");
    // One that has ended well after its time was up has failed.
    const bool may_be_late = it.spec.timeout_ns >= 0;
    check(!it.succeeded || may_be_late, "a job runs again that has succeeded");
    check(it.tries <= static_cast<int>(it.spec.retries) + 1, "a job is tried too often");
    for (const Dependency& on : it.waits) check(is_over(on), "a job runs before its parents");
    it.at_work = true;
    at_work_ += it.weight;
    if (it.spec.job.limit_class != kNoLimitClass) ++in_class_[it.spec.job.limit_class];
    check_now();
  }
  void end(OneJob& it, bool succeeds) {
    it.succeeded = succeeds;
    it.at_work = false;
    at_work_ -= it.weight;
    if (it.spec.job.limit_class != kNoLimitClass) --in_class_[it.spec.job.limit_class];
  }

  void nap(libsched_job* job) {
    if (one_in(3)) return threads_.pause();
    std::int64_t left = one_in(4) ? below(40) * kMs : below(3'000'000);
    for (; left > 0 && !(job->is_cancelled() || job->run->is_cancelled()); left -= kMs) {
      threads_.sleep(std::min(left, kMs));
    }
  }

  // A job that waits for any others, in whatever state they are.
  void add_late(Run& run) {
    if (late_ == kMostLate) return;
    ++late_;
    late_jobs_.push_back(std::make_unique<OneJob>());
    OneJob& it = *late_jobs_.back();
    describe(it);
    number(it);
    it.adds = one_in(3);
    it.spec.timeout_ns = -1;
    for (std::uint32_t left = below(4); left != 0; --left) {
      const JobIndex on = below(static_cast<std::uint32_t>(jobs_.size()));
      // Another one may be on its way there.
      if (jobs_[on] == nullptr) continue;
      it.waits.push_back({JobRef::of(on), one_in(2) ? EdgeKind::kEarly : EdgeKind::kFinished});
    }
    std::uint64_t id = 0;
    const Status status = run.add(id, it.spec, it.waits, nullptr);
    check(status == LIBSCHED_OK || status == LIBSCHED_E_CANCELLED, "a late job cannot be added");
    if (status != LIBSCHED_OK) return;
    it.index = run.find(id);  // others may add jobs meanwhile
    if (jobs_.size() <= it.index) jobs_.resize(it.index + 1);
    jobs_[it.index] = &it;
  }

  static void* visitor_main(void* data) {
    Visitor& visitor = *static_cast<Visitor*>(data);
    World& world = *visitor.world;
    world.threads_.sleep(world.below(20) * kMs);
    world.add_late(*visitor.run);
    visitor.run->release();
    return nullptr;
  }
  void begin_visit(Run& run) {
    if (visitors_.size() == kMostVisitors) return;
    check(run.hold() == LIBSCHED_OK, "a run cannot be held");
    visitors_.push_back({this, &run});
    Visitor& visitor = visitors_.back();
    sys::calls.thread_create(&visitor.thread, nullptr, &visitor_main, &visitor);
  }

  static int run_job(libsched_job* job, void* data) {
    OneJob& it = *static_cast<OneJob*>(data);
    return it.kind == OneJob::Kind::kReplay ? 0 : it.world->run_function(job, it);
  }
  int run_function(libsched_job* job, OneJob& it) {
    begin(it);
    Run& run = *job->run;
    for (int i = 0; i < it.naps; ++i) nap(job);
    if (it.signals && it.tries > it.fails / 2) {
      it.signalled = true;
      check(run.signal_early(job->job) == LIBSCHED_OK, "a job cannot signal");
    }
    if (it.grows && run.grow(*job, 1) == LIBSCHED_OK) {
      ++at_work_;
      nap(job);
      --at_work_;
      check(run.shrink(*job, 1) == LIBSCHED_OK, "a job cannot give a slot back");
    }
    if (it.adds && it.tries == 1) one_in(3) ? begin_visit(run) : add_late(run);
    if (it.stops) run.stop();
    if (one_in(2)) {
      const std::string text(one_in(3) ? 15'000 : 3, 'x');
      const Status told = run.tell(*job, text.data(), text.size(), one_in(2));
      check(told == LIBSCHED_OK || told == LIBSCHED_E_CANCELLED, "a message is not taken");
    }
    threads_.pause();
    const bool succeeds = it.tries > it.fails;
    end(it, succeeds);
    if (!succeeds && it.throws) throw std::runtime_error("as it was to");
    return succeeds ? 0 : 5;
  }

  SimulatedSystem::Program program(const char* const* arguments) {
    OneJob& it = *commands_[static_cast<std::size_t>(std::atoi(arguments[1]))];
    SimulatedSystem::Program out;
    out.lasts_ns = one_in(4) ? below(60) * kMs : below(3'000'000);
    out.ignores_terminate = one_in(4);
    out.says = one_in(2) ? "line\n" : std::string(below(400), 'o');
    out.code = it.tries < it.fails ? 3 : 0;
    if (one_in(40)) {
      out.error = EACCES;
      ++it.tries;
      return out;
    }
    out.begins = [this, &it] { begin(it); };
    out.ends = [this, &it](bool well) { end(it, well); };
    return out;
  }

  static int hear(const RunMessage& message, void* data) {
    World& world = *static_cast<World*>(data);
    ++world.heard_;
    if (message.kind == MessageKind::kFinished) ++world.finished_;
    if (world.slow_handler_ && world.one_in(3)) {
      world.threads_.sleep(world.below(10) * kMs);
    } else {
      world.threads_.pause();
    }
    return world.heard_ == world.handler_ends_at_ ? kHandlerEnds : 0;
  }

  static void* cancel_main(void* data) {
    World& world = *static_cast<World*>(data);
    world.threads_.sleep(world.cancel_after_ns_);
    world.cancel_.trigger();
    return nullptr;
  }

  // --- the run, and after it

  void run() {
    pthread_t canceller{};
    const bool cancels = one_in(6);
    cancel_after_ns_ = below(60) * kMs;
    if (cancels) sys::calls.thread_create(&canceller, nullptr, &cancel_main, this);
    status_ = Run::run(result_, *graph_, pool_, options_, cancels || one_in(2) ? &cancel_ : nullptr,
                       nullptr);
    if (cancels) sys::calls.thread_join(canceller, nullptr);
    for (const Visitor& visitor : visitors_) sys::calls.thread_join(visitor.thread, nullptr);
    visitors_.clear();
    const bool known = status_ == LIBSCHED_OK || status_ == LIBSCHED_E_FAILED ||
                       status_ == LIBSCHED_E_CANCELLED || status_ == kHandlerEnds;
    check(known && result_ != nullptr, "the run has ended by something that was not to be");
    check(at_work_ == 0, "something is at work after the run");
    if (jobserver_ != nullptr) {
      const Jobserver::Stats stats = jobserver_->stats();
      check(stats.held == 0 && stats.waiting == 0, "the run has left something at the jobserver");
    }
    check_result();
  }

  // All of the run, so that the graph can be run again.
  void forget() {
    if (one_in(2)) graph_->reset();
    jobs_.resize(count_);
    for (OneJob* const it : jobs_) {
      it->tries = 0;
      it->succeeded = it->signalled = false;
    }
    late_ = 0;
    finished_ = 0;
    heard_ = 0;
    cancel_.reset();
    options_.slots = 1 + below(4);
    for (OneJob* const it : jobs_) it->weight = weight_of(it->spec);
  }

  void check_result() {
    summary_ = result_->summary();
    check(result_->size() == jobs_.size(), "jobs are missing in the result");
    for (const OneJob* const job : jobs_) {
      const JobRecord& record = result_->records[job->index];
      check(record.state != JobState::kPending, "a job has no state at the end");
      check(!record.again, "a job is still to be tried again");
      check(static_cast<int>(record.attempts) >= job->tries, "a try was not counted");
      const bool runs = job->kind == OneJob::Kind::kFunction || job->kind == OneJob::Kind::kCommand;
      if (record.state == JobState::kDone && runs) check(job->succeeded, "done without success");
      if (record.state == JobState::kSkipped) {
        check(result_->records[record.blocked_by].state == JobState::kFailed,
              "a job is skipped because of one that has not failed");
        check(job->tries == 0, "a job was skipped and runs");
      }
      if (record.state != JobState::kDone && record.state != JobState::kFresh) continue;
      for (const Dependency& on : job->waits) {
        const JobState parent = result_->records[on.job.index()].state;
        check(
            parent == JobState::kDone || parent == JobState::kFresh || on.kind == EdgeKind::kEarly,
            "a job is done whose parent is not");
      }
    }
    const std::uint64_t* const count = summary_.count;
    const auto of = [count](JobState state) { return count[static_cast<int>(state)]; };
    if (status_ == LIBSCHED_OK) {
      check(of(JobState::kDone) + of(JobState::kFresh) == jobs_.size(), "not all were done");
      if (options_.handler != nullptr) check(finished_ == jobs_.size(), "an end was not told");
    }
    if (status_ == LIBSCHED_E_FAILED) {
      check(of(JobState::kFailed) != 0, "nothing has failed in a run that has");
      if (options_.max_failures == UINT32_MAX) {
        check(of(JobState::kCancelled) == 0, "a run that keeps going leaves jobs");
      }
    }
  }

  void finish() {
    graph_->drop();
    static_cast<void>(pool_->shutdown(false, -1, nullptr, nullptr));
    pool_->abandon();
    thefts_left_ = 0;
    threads_.wait_ready([this] { return stolen_ == 0; }, INT64_MAX);
    if (jobserver_ != nullptr) {
      const Jobserver::Stats stats = jobserver_->stats();
      check(stats.held == 0 && stats.waiting == 0, "the run has left something at the jobserver");
      check(system_.bytes_in(token_fd_) == tokens_ - 1, "a token is lost");
      token_fd_ = -1;
      if (jobserver_ != server_) jobserver_->abandon();
      server_->abandon();
    }
    threads_.end();
    check(system_.zombies() == 0, "a process was not reaped");
    check(system_.open_files() == 0, "a file was left open");
  }

  Random random_;
  SimulatedThreads threads_;
  SimulatedSystem system_;
  std::vector<std::unique_ptr<OneJob>> first_jobs_;
  std::vector<std::unique_ptr<OneJob>> late_jobs_;  // of all runs
  std::vector<OneJob*> jobs_;                       // of this run, by their indices
  std::vector<OneJob*> commands_;                   // by their arguments
  std::uint32_t count_ = 0;
  std::vector<Visitor> visitors_;
  std::vector<std::unique_ptr<std::string>> texts_;
  std::vector<std::unique_ptr<std::vector<const char*>>> arguments_;
  RunOptions options_;
  Pool* pool_ = nullptr;
  JobGraph* graph_ = nullptr;
  Jobserver* server_ = nullptr;
  Jobserver* jobserver_ = nullptr;  // the same, or one that was inherited from it
  CancelSwitch cancel_;
  std::int64_t cancel_after_ns_ = 0;
  std::uint32_t most_in_class_[2] = {};
  std::uint32_t tokens_ = 0;
  int token_fd_ = -1;
  int thefts_left_ = 0;
  std::uint32_t stolen_ = 0;
  std::uint32_t late_ = 0;
  std::uint32_t at_work_ = 0;
  std::uint32_t in_class_[2] = {};
  std::uint64_t heard_ = 0;
  std::uint64_t finished_ = 0;
  std::uint64_t handler_ends_at_ = 0;
  bool slow_handler_ = false;
  Status status_ = LIBSCHED_OK;
  std::unique_ptr<Result> result_;
  Result::Summary summary_;
};

std::uint64_t play(std::uint64_t seed) {
  const auto world = std::make_unique<World>(seed);
  return world->play();
}

// Threads that take turns do so far faster on one CPU.
class RunSimulationTest : public testing::Test {
 protected:
  RunSimulationTest() {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(sched_getcpu()), &one);
    static_cast<void>(sched_setaffinity(0, sizeof one, &one));
  }
};

TEST_F(RunSimulationTest, RandomGraphsHoldWhatIsPromised) {
  if (const char* const seed = std::getenv("SCHED_SIMULATION_SEED")) {
    std::printf("trace %016llx\n",
                static_cast<unsigned long long>(play(std::strtoull(seed, nullptr, 10))));
    return;
  }
  std::uint64_t ends[3] = {};
  std::uint64_t steps = 0;
  const char* const more = std::getenv("SCHED_SIMULATION_COUNT");
  const std::uint64_t count =
      more != nullptr ? std::strtoull(more, nullptr, 10) : 6000 / SCHED_STRESS_DIVISOR;
  for (std::uint64_t seed = 1; seed <= count; ++seed) {
    const auto world = std::make_unique<World>(seed);
    world->play();
    steps += world->steps();
    const Status status = world->status();
    ++ends[status == LIBSCHED_OK ? 0 : status == LIBSCHED_E_FAILED ? 1 : 2];
  }
  std::printf("%llu steps; %llu runs were done, %llu failed, %llu were cancelled\n",
              static_cast<unsigned long long>(steps), static_cast<unsigned long long>(ends[0]),
              static_cast<unsigned long long>(ends[1]), static_cast<unsigned long long>(ends[2]));
  for (const std::uint64_t end : ends) EXPECT_GT(end, count / 50);
}

TEST_F(RunSimulationTest, ASeedIsOneRun) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) EXPECT_EQ(play(seed), play(seed)) << seed;
}

}  // namespace
}  // namespace sched

// --- what the linker puts in the place of the C++ library's locks (tests/unit.cmake) ---

extern "C" {
int __real_pthread_mutex_lock(pthread_mutex_t* mutex);
int __real_pthread_mutex_unlock(pthread_mutex_t* mutex);

int __wrap_pthread_mutex_lock(pthread_mutex_t* mutex) {
  if (auto* const threads = sched::test::SimulatedThreads::find()) threads->lock(mutex);
  return __real_pthread_mutex_lock(mutex);
}
int __wrap_pthread_mutex_unlock(pthread_mutex_t* mutex) {
  auto* const threads = sched::test::SimulatedThreads::find();
  if (threads != nullptr) threads->unlock(mutex);
  const int failed = __real_pthread_mutex_unlock(mutex);
  if (threads != nullptr) threads->maybe_pause();
  return failed;
}

// std::condition_variable's wait, notify_one, notify_all.
void __wrap__ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE(
    std::condition_variable* condition, std::unique_lock<std::mutex>* lock) {
  auto& threads = sched::test::SimulatedThreads::here();
  pthread_mutex_t* const mutex = lock->mutex()->native_handle();
  threads.unlock(mutex);
  __real_pthread_mutex_unlock(mutex);
  threads.wait_for(condition);
  __wrap_pthread_mutex_lock(mutex);
}
void __wrap__ZNSt18condition_variable10notify_oneEv(std::condition_variable* condition) {
  sched::test::SimulatedThreads::here().wake(condition, 1);
}
void __wrap__ZNSt18condition_variable10notify_allEv(std::condition_variable* condition) {
  sched::test::SimulatedThreads::here().wake(condition, INT_MAX);
}
}
