#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/model/engine/arena.h"
#include "tests/model/engine/chooser.h"
#include "tests/model/engine/failure.h"
#include "tests/model/engine/fiber.h"
#include "tests/model/engine/hash.h"
#include "tests/model/engine/memory.h"
#include "tests/model/engine/table.h"
#include "tests/model/engine/trace.h"
#include "tests/model/engine/visited.h"

namespace model {

// What bounds an exploration.
struct Bounds {
  int preemptions = 2;  // exhaustive: how often a thread that could go on is stopped
  int spurious = 0;     // how often a weak CAS fails or a wait returns for no reason
  std::uint32_t stale_repeats =
      2;                       // how often in a row a thread reads one and the same outdated store
  std::size_t steps = 20'000;  // in one execution; more is a livelock
  int pct_depth = 3;           // PCT: the number of ordering constraints that a bug may have
};

enum class Outcome : std::uint8_t { kComplete, kRedundant, kFailed };

// Runs a scenario's threads as fibers, one at a time, and lets a Chooser decide all that the memory model and the
// scheduler leave open.
//
// In exhaustive runs a thread goes on until it ends, blocks, or stops in front of a read: it then waits for a store that
// is still to come, and when it goes on it reads such a store. Stores need no stop in front of them, since their place
// in the modification order and who reads them are choices of their own. So each execution of the memory model has a
// schedule with as few stops as it can have, and only such schedules are run.
class Execution {
 public:
  Execution(Chooser& chooser, const Bounds& bounds, bool exhaustive);
  ~Execution();
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;

  static Execution& current();
  static bool exists();

  Outcome run(const std::function<void()>& body);

  void record_trace(bool on) { tracing_ = on; }
  const std::vector<Event>& trace() const { return trace_; }
  Failure failure() const { return failure_; }
  const std::string& message() const { return message_; }
  std::size_t steps() const { return steps_; }

  // Whether a thread was seen to write where none was known to, so that earlier executions may have left out a stop
  // that matters. The exploration must begin again then.
  bool learned() const { return learned_; }
  void begin_exploration();

  // --- what a scenario's threads do; see sync.h ---

  std::uint64_t load(const void* address, std::size_t size, std::memory_order order, Where where);
  void store(void* address, std::size_t size, std::uint64_t value, std::memory_order order,
             Where where);
  using Operator = std::uint64_t (*)(std::uint64_t old, std::uint64_t operand);
  std::uint64_t update(void* address, std::size_t size, Operator apply, std::uint64_t operand,
                       std::memory_order order, const char* name, Where where);
  struct Exchange {
    std::uint64_t expected;
    std::uint64_t desired;
    std::memory_order success;
    std::memory_order failure;
    bool weak;
  };
  bool compare_exchange(void* address, std::size_t size, Exchange& exchange, Where where);
  void plain_read(const void* address, Where where);
  void plain_write(const void* address, Where where);
  void begin_plain(const void* address);
  void begin_atomic(const void* address, std::size_t size);

  void lock(void* mutex, Where where);
  bool try_lock(void* mutex, Where where);
  void unlock(void* mutex, Where where);

  // A futex. timeout_ns: negative = none.
  void wait(const void* word, std::uint32_t expected, std::int64_t timeout_ns, Where where);
  void wake(const void* word, int count, Where where);
  void pause();

  // twin: a thread with the same body that was spawned before, or -1. Which of the two begins first makes no difference,
  // so it is always that one.
  ThreadId spawn(std::function<void()> body, ThreadId twin = -1);
  void join(ThreadId thread);
  ThreadId self() const { return running_; }

  // A virtual clock. It moves when a wait times out.
  std::int64_t now_ns();
  // A choice of the scenario's own.
  std::uint32_t choose(std::uint32_t count);
  // Four words for each thread that are the scenario's own.
  void** local() { return threads_[index(running_)].local; }
  void name(const void* object, std::size_t size, std::string text);

  void* allocate(std::size_t bytes);
  void free(void* address);
  bool in_scenario() const { return in_scenario_; }
  bool owns(const void* address) const { return arena_.contains(address); }

  [[noreturn]] void failed(Failure failure, const std::string& message);

 private:
  enum class Status : std::uint8_t {
    kReady,
    kStopped,  // in front of a read, for a store to come
    kMutex,
    kWaiting,  // on a futex
    kJoining,
    kFinished,
  };
  struct Thread {
    Fiber fiber;
    std::function<void()> body;
    Status status;
    std::uint64_t hash;         // of all it has done
    LocationId location;        // stopped at, or the mutex
    LocationId other_location;  // stopped at as well; kNoId
    StoreId mark;               // stopped: only stores from this on count
    std::uint64_t known;        // stopped: which stores do not count, as a hash
    const void* word;           // waiting
    std::int64_t deadline_ns;   // waiting; negative: none
    bool timed_out;
    ThreadId target;  // joining
    ThreadId twin;
    bool begun;
    std::uint64_t priority;
    Where where;
    void* local[4];
  };
  struct Option {
    StoreId store;
    bool success;
  };
  // What a read may do.
  struct Reading {
    LocationId location;
    std::memory_order order;  // of the load, the update, or the successful exchange
    bool updates;
    const Exchange* exchange;
  };
  class Quiet;

  static std::size_t index(ThreadId thread) { return static_cast<std::size_t>(thread); }
  Thread& me() { return threads_[index(running_)]; }
  void begin();
  Outcome end();
  static void enter();
  void step(Where where);
  void remember(std::uint64_t what) { me().hash = mix(me().hash, what); }
  std::uint64_t state() const;
  std::uint64_t local_state();

  // --- scheduling ---
  bool can_run(const Thread& thread);
  bool has_new(ThreadId thread, LocationId location, StoreId mark) const;
  bool schedule();
  void to_scheduler();
  void maybe_switch();
  ThreadId by_priority(const std::vector<ThreadId>& ready);
  bool may_stop(LocationId location) const;
  void stop_at(LocationId location, LocationId other);
  std::uint64_t known_hash(LocationId location) const;
  void wrote(LocationId location);
  std::string describe_blocked() const;

  // --- reading ---
  void collect(const Reading& reading, StoreId since);
  Option choose_option(const Reading& reading);
  void maybe_stop(LocationId location, LocationId other);
  void update_newest(LocationId location, std::uint64_t value, std::memory_order order);

  // --- the trace ---
  Event* add_event(const char* operation, Where where);
  void add_access(const char* operation, LocationId location, std::memory_order order, StoreId from,
                  StoreId made, Where where);
  std::string location_name(std::size_t offset) const;

  Chooser& chooser_;
  const Bounds bounds_;
  const bool exhaustive_;
  Arena arena_;
  Memory memory_;
  std::vector<Thread> threads_;
  std::size_t thread_count_ = 0;
  ThreadId running_ = 0;
  ThreadId next_ = -1;
  Fiber scheduler_;
  bool in_scenario_ = false;
  bool in_fiber_ = false;
  int stops_ = 0;
  int spurious_ = 0;
  std::size_t steps_ = 0;
  std::int64_t now_ns_ = 0;
  bool redundant_ = false;
  Failure failure_ = Failure::kNone;
  std::string message_;

  std::vector<Option> options_;
  std::vector<ThreadId> ready_;
  Visited visited_;
  // For each byte of the arena: the threads that were seen to write there.
  Table<std::uint8_t> writers_{Arena::kBytes};
  bool learned_ = false;
  std::vector<std::size_t> change_points_;
  std::size_t longest_ = 64;
  std::uint64_t lowest_priority_ = 0;

  bool tracing_ = false;
  std::vector<Event> trace_;
  std::vector<std::uint32_t> step_of_store_;
  struct Name {
    std::size_t begin;
    std::size_t end;
    std::string text;
  };
  std::vector<Name> names_;
};

}  // namespace model
