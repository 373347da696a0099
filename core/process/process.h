#pragma once

#include <cstdint>
#include <memory>
#include <mutex>

#include "core/base/error.h"
#include "core/process/command.h"
#include "core/process/output.h"
#include "core/sync/cancel.h"
#include "core/sync/event_count.h"
#include "core/sync/ref_count.h"
#include "core/sync/wait.h"
#include "core/sys/file.h"
#include "core/sys/reactor.h"
#include "core/sys/spawn.h"

namespace sched {

// How a process has ended.
struct ProcessResult {
  enum class State : std::uint8_t { kUnknown, kExited, kSignaled };
  std::uint64_t tag = 0;
  State state = State::kUnknown;
  int code = 0;
  int signal = 0;
  bool core = false;
  bool timed_out = false;
  bool stopped = false;
  bool held = false;  // somebody kept its pipes open
  std::int64_t start_ns = 0;
  std::int64_t end_ns = 0;
  std::int64_t user_ns = 0;
  std::int64_t system_ns = 0;
  std::uint64_t most_memory = 0;
  std::uint64_t bytes_read = 0;
  std::uint64_t bytes_dropped = 0;
};

// A child of this process, from its start until it is over: until it has ended, and its output is in the queue. Whoever holds it,
// the reactor does so too until then. See core/process/README.md.
class Process final : private sys::Reactor::Watch, private Output::Owner {
 public:
  // Takes the command's companion. Throws std::bad_alloc.
  static Status spawn(Process*& out, Command& command, Error* error);
  void add() { references_.add(); }
  void drop() {
    if (references_.drop()) delete this;
  }
  // The last outside handle is gone.
  void abandon();

  int pid() const { return child_.pid; }
  // LIBSCHED_OK, LIBSCHED_E_TIMEOUT, LIBSCHED_E_CANCELLED. Section is what a thread makes that is about to sleep, and keeps until
  // it goes on.
  template <class Section>
  Status wait(ProcessResult& out, std::int64_t timeout_ns, CancelSwitch* cancel) {
    Status status = LIBSCHED_OK;
    if (!over_.load(Orders::kOver)) {
      if (timeout_ns == 0) return out_of_time(cancel);
      const Section section;
      const sys::Deadline deadline(timeout_ns);
      // Cancelling wakes who sleeps on the eventcount.
      if (cancel == nullptr) watch_end(deadline);
      status = wait_until(told_, deadline, cancel, [this] { return over_.load(Orders::kOver); });
    }
    if (status == LIBSCHED_OK) out = result_;
    return status;
  }

  // Both: LIBSCHED_E_STATE if it is over, or a negated errno.
  // Asks it to end, and kills it after the grace (0: at once, negative: never).
  Status stop(std::int64_t grace_ns);
  Status kill(int signal);

 private:
  struct Orders {
    static constexpr std::memory_order kOver =
        std::memory_order_seq_cst;  // the condition of an eventcount
  };
  static constexpr std::int64_t kNever = INT64_MAX;
  struct Drop {
    void operator()(Process* process) const { process->drop(); }
  };
  using Hold = std::unique_ptr<Process, Drop>;

  explicit Process(Command& command);
  ~Process();

  Status start(Command& command, Error* error);
  Status open_streams(const Command& command, Error* error);
  int source_of(Command::Stream stream, const Output& output) const;

  void ready() override;
  void late() override;
  void output_over() override { finish_if_over(); }
  void finish_if_over();
  void finish();
  void tell_done();
  void watch_end(const sys::Deadline& deadline);

  // With the lock held.
  void arm();
  bool begin_watching();
  void look();
  bool settle_if_over();
  bool is_quiet() const { return !heard_ || (output_.over() && errors_.over()); }
  void begin_stop(std::int64_t grace_ns);
  Status send(int signal);
  void set_time();
  void note_end(Status looked);

  sys::Reactor::Use reactor_;
  RefCount<StdSync> references_;
  OutputCounts counts_;
  Output output_{reactor_, *this, counts_};
  Output errors_{reactor_, *this, counts_};
  ProcessQueue* done_queue_ = nullptr;
  const bool own_group_;
  const bool kill_on_abandon_;
  const bool heard_;  // some of its output goes to a queue
  const std::int64_t grace_ns_;
  const std::int64_t linger_ns_;
  const bool rest_is_unbounded_;
  std::unique_ptr<Companion> companion_;
  sys::SpawnedChild child_;
  sys::File pidfd_;

  std::mutex mutex_;  // guards what follows
  sys::ChildEnd end_;
  bool watched_ = false;   // by a thread that waits, in place of the reactor
  bool ended_ = false;     // as the kernel says
  bool taken_ = false;     // its end was taken with the first look
  bool reaped_ = false;    // and its number may be somebody else's
  bool stopping_ = false;  // it was asked to end
  bool kills_ = false;     // and is killed then
  int recalls_ = 0;
  // When what is to be done next is due.
  std::int64_t timeout_at_ = kNever;
  std::int64_t kill_at_ = kNever;
  std::int64_t linger_at_ = kNever;
  std::int64_t again_at_ = kNever;

  ProcessResult result_;  // of who watches it, until it is over
  StdSync::atomic<bool> over_{false};
  EventCount<StdSync> told_;
};

}  // namespace sched
