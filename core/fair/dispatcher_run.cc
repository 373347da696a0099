#include <algorithm>

#include "core/base/call.h"
#include "core/fair/channel.h"
#include "core/fair/dispatcher.h"
#include "core/pool/slice_clock.h"
#include "core/pool/task_scope.h"

namespace sched {

// One task from its start to its end, which comes when this dies, however its functions are left.
class Dispatcher::Run final : public TaskRun {
 public:
  Run(Dispatcher& dispatcher, Locked& locked, Level at, const Runner& runner)
      : Run(dispatcher, locked, at, runner, static_cast<Channel&>(dispatcher.ready(at).take())) {}
  Run(Dispatcher& dispatcher, Locked& locked, Level at, const Runner& runner, Channel& channel)
      : TaskRun(dispatcher, &channel),
        dispatcher_(dispatcher),
        locked_(locked),
        level_(at),
        runner_(runner),
        channel_(channel),
        task_(channel_.tasks_.pop()),
        generation_(channel_.undecided_.begin()) {
    ++dispatcher_.running_;
    ++channel_.running_;
    --dispatcher_.queued_;
    ++channel_.turns_;
    channel_.longest_wait_ns_ = std::max(channel_.longest_wait_ns_, Task::age_ns(task_.sent));
    dispatcher_.place(channel_);
  }
  ~Run() {
    if (dispatcher_.forked()) return;
    if (!decided_) {  // the task has ended its thread
      decide(LIBSCHED_E_UNWOUND);
      const TaskScope scope(&dispatcher_.pool(), nullptr, runner_.index, level_, nullptr, this);
      discard();
    }
    locked_.acquire();
    --dispatcher_.running_;
    --channel_.running_;
    ++(cancelled_ ? dispatcher_.cancelled_ : code_ == 0 ? dispatcher_.done_ : dispatcher_.failed_);
    ++(cancelled_ ? channel_.cancelled_ : code_ == 0 ? channel_.done_ : channel_.failed_);
    dispatcher_.count_ended(level_, runner_, code_ == 0);
    dispatcher_.place(channel_);
    dispatcher_.remove_if_gone(locked_, channel_);
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  bool cancelled() const override { return channel_.undecided_.cancelled(generation_); }

  // Outside of the lock.
  void execute() {
    channel_.senders_.tell();
    dispatcher_.count_started(level_, runner_);
    TaskScope scope(&dispatcher_.pool(), nullptr, runner_.index, level_, nullptr, this);
    bool reported = false;
    const int code =
        call_user([&] { return task_.handlers.work(scope.task(), task_.user_data); },  // user code
                  [&](int status, const char* message) {
                    reported = true;
                    dispatcher_.report_failure(status, message, task_.user_data);
                  });
    dispatcher_.end_if_forked(runner_);
    decide(code);
    if (cancelled_) {
      discard();
    } else if (task_.handlers.finalize != nullptr) {
      call_user(
          [&] {  // user code
            return task_.handlers.finalize(scope.task(), code_, task_.user_data), 0;
          },
          [](int, const char*) {});
    }
    dispatcher_.end_if_forked(runner_);
    if (code_ != 0 && !reported) dispatcher_.report_failure(code_, "", task_.user_data);
  }

 private:
  void decide(int code) {
    code_ = code;
    cancelled_ = !channel_.undecided_.decide(generation_);
    decided_ = true;
  }
  // In place of finalize.
  void discard() {
    if (task_.handlers.finalize == nullptr || task_.handlers.discard == nullptr) return;
    call_user([&] { return task_.handlers.discard(task_.user_data), 0; },  // user code
              [](int, const char*) {});
  }

  Dispatcher& dispatcher_;
  Locked& locked_;
  const Level level_;
  const Runner& runner_;
  Channel& channel_;  // listed as long as a task of it runs
  const ChannelTask task_;
  const Undecided::Generation generation_;
  bool decided_ = false;
  bool cancelled_ = false;
  int code_ = 0;
};

// A thread in serve(), which leaves nothing behind that nobody comes for.
class Dispatcher::Serving {
 public:
  Serving(Dispatcher& dispatcher, Locked& locked) : dispatcher_(dispatcher), locked_(locked) {
    ++dispatcher_.serving_;
  }
  ~Serving() {
    if (dispatcher_.forked()) return;
    static_cast<void>(dispatcher_.call_all(locked_));
    --dispatcher_.serving_;
  }
  Serving(const Serving&) = delete;
  Serving& operator=(const Serving&) = delete;

 private:
  Dispatcher& dispatcher_;
  Locked& locked_;
};

// More urgent tasks that the limit alone has kept from being called for.
bool Dispatcher::higher_waits(Level at) const {
  return at != Level::kHigh &&
         (may_start(Level::kHigh) || (at == Level::kLow && may_start(Level::kNormal)));
}

Level Dispatcher::due(Level at) const {
  LevelMask lower = 0;
  for (const Level level : kAllLevels) {
    if (level > at && may_start(level)) lower |= bit_of(level);
  }
  starvation_.due(lower & ~capped(), at);
  return at;
}

void Dispatcher::note_start(Level started) {
  for (const Level level : {Level::kNormal, Level::kLow}) {
    if (level > started && !ready(level).empty()) {
      starvation_.passed_over(level);
    } else if (level >= started) {
      starvation_.reset(level);
    }
  }
}

bool Dispatcher::run_next(Locked& locked, Level level, const Runner& runner) {
  if (!may_start(level)) return false;
  note_start(level);
  Run run(*this, locked, level, runner);
  static_cast<void>(call(locked, level));
  locked.release();
  run.execute();
  return !forked();
}

void Dispatcher::serve(Level at, const Runner& runner) {
  Locked locked(*this);
  called_[index_of(at)] = false;
  const Serving serving(*this, locked);
  const std::size_t most = runner.worker != nullptr ? longest_row(at, runner) : 1;
  const SliceClock clock;
  std::size_t count = 0;
  while (count < most && run_next(locked, due(at), runner)) {
    ++count;
    if (pool().higher_waits(at) || higher_waits(at) || clock.enough()) break;
  }
  if (forked()) return;
  charge(at, runner, count);
  // Goes on for as long as nobody else can be called.
  for (bool more = true; more;) {
    more = false;
    for (const Level level : kAllLevels) {
      if (call(locked, level) != PushStatus::kOk) more |= run_next(locked, level, runner);
      if (forked()) return;
    }
  }
}

}  // namespace sched
