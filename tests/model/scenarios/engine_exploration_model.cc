// The checker's own tests of what it explores: executions that must not be lost, and its limits.
#include "tests/model/scenarios/litmus.h"

namespace model::litmus {
namespace {

using Word = Atomic<std::uint32_t>;

// --- bugs that need something special ---

void weak_exchange() {
  Location x{0};
  int expected = 0;
  check(x.compare_exchange_weak(expected, 1, relaxed), "the exchange has failed");
}
SCENARIO(engine_no_spurious_exchange) { weak_exchange(); }
SCENARIO(engine_finds_spurious_exchange, .spurious = 1, .fails = Failure::kAssertion) {
  weak_exchange();
}

void wait_once() {
  Word word{0};
  bool notified = false;  // not of the model: a wake orders nothing
  {
    Thread notifier([&] {
      notified = true;
      word.store(1, relaxed);
      ModelSync::wake(word, 1);
    });
    Thread waiter([&] {
      ModelSync::wait(word, 0, -1);
      check(notified, "woken for nothing");
    });
  }
}
SCENARIO(engine_no_spurious_wake, .bound = 6) { wait_once(); }
SCENARIO(engine_finds_spurious_wake, .spurious = 1, .fails = Failure::kAssertion) { wait_once(); }

// No interleaving of the four operations has it.
void stale_read() {
  Location message{0}, flag{0};
  together(
      [&] {
        message.store(1, relaxed);
        flag.store(1, relaxed);
      },
      [&] {
        if (flag.load(relaxed) == 1) check(message.load(relaxed) == 1, "the message is missing");
      });
}
SCENARIO(engine_finds_stale_read, .bound = 0, .fails = Failure::kAssertion) { stale_read(); }
SCENARIO(engine_finds_stale_read_at_random, .bound = -1, .random = 1000,
         .fails = Failure::kAssertion) {
  stale_read();
}
SCENARIO(engine_finds_stale_read_by_pct, .bound = -1, .pct = 1000, .fails = Failure::kAssertion) {
  stale_read();
}

// The first thread must stop before its load, and the second before its last one: each waits for the other's store.
void two_stops() {
  Location x{0}, y{0};
  int r1 = 0, r2 = 0;
  together(
      [&] {
        x.store(1, relaxed);
        r1 = y.load(relaxed);
        x.store(2, relaxed);
      },
      [&] {
        y.store(x.load(relaxed), relaxed);
        r2 = x.load(relaxed);
      });
  check(r1 != 1 || r2 != 2, "each has seen the other");
}
SCENARIO(engine_misses_two_stops_at_one, .bound = 1, .deep_bound = 1) { two_stops(); }
SCENARIO(engine_finds_two_stops_at_two, .bound = 2, .fails = Failure::kAssertion) { two_stops(); }
SCENARIO(engine_finds_two_stops_at_random, .bound = -1, .random = 10'000,
         .fails = Failure::kAssertion) {
  two_stops();
}
SCENARIO(engine_finds_two_stops_by_pct, .bound = -1, .pct = 10'000, .fails = Failure::kAssertion) {
  two_stops();
}

// --- executions that must not be lost ---

// Three equal threads: r1 to r3 in the order in which they have counted.
void three_equal_threads(bool twins) {
  Location count{0}, flag{0};
  int seen[3] = {};
  const auto body = [&] {
    const int place = count.fetch_add(1, relaxed);
    seen[place] = flag.load(acquire);
    flag.store(1, release);
  };
  if (twins) {
    Thread first(body);
    Thread second(body, first);
    Thread third(body, second);
  } else {
    together(body, body, body);
  }
  outcome(seen[0], seen[1], seen[2]);
}
LITMUS(engine_without_twins, .allowed = {"000", "001", "010", "011", "100", "101", "110"}) {
  three_equal_threads(false);
}
LITMUS(engine_with_twins, .allowed = {"000", "001", "010", "011", "100", "101", "110"}) {
  three_equal_threads(true);
}

// The lock's owner does not look at anything meanwhile, so it never stops in there.
LITMUS(engine_try_lock_of_held_mutex, .allowed = {"0", "1"}) {
  Location x{0};
  Mutex mutex;
  int r1 = 0;
  together(
      [&] {
        r1 = mutex.try_lock() ? 1 : 0;
        if (r1 == 1) mutex.unlock();
      },
      [&] {
        mutex.lock();
        x.store(1, relaxed);
        mutex.unlock();
      });
  outcome(r1);
}

// The initial value is one that a place in a thread could be mistaken for.
LITMUS(engine_initial_value_is_no_event, .allowed = {"0", "1"}) {
  Atomic<std::int64_t> x{-3};
  int r1 = 0;
  {
    Thread reader([&] { r1 = x.load(relaxed) == 5 ? 1 : 0; });
    x.store(5, relaxed);
  }
  outcome(r1);
}

// Two waits end by their timeouts, one after the other or at the same time.
LITMUS(engine_clock, .allowed = {"1", "2"}) {
  Word first{0}, second{0};
  const std::int64_t start = Execution::current().now_ns();
  together([&] { ModelSync::wait(first, 0, 100); }, [&] { ModelSync::wait(second, 0, 100); });
  outcome(static_cast<int>((Execution::current().now_ns() - start) / 100));
}

// A timed wait ends before the wake that comes too late, or is woken, or finds the new value: r1 = the value afterwards.
LITMUS(engine_timed_wait, .allowed = {"0", "1"}) {
  Word word{0};
  int r1 = 0;
  together(
      [&] {
        ModelSync::wait(word, 0, 100);
        r1 = static_cast<int>(word.load(relaxed));
      },
      [&] {
        word.store(1, relaxed);
        ModelSync::wake(word, 1);
      });
  outcome(r1);
}

// More seq_cst operations than fit into one word of a row.
LITMUS(engine_many_seq_cst, .allowed = {"01", "10", "11"}) {
  Location x{0}, y{0}, other{0};
  int r1 = 0, r2 = 0;
  for (int i = 0; i < 62; ++i) other.store(i, seq_cst);
  together(
      [&] {
        x.store(1, seq_cst);
        r1 = y.load(seq_cst);
      },
      [&] {
        y.store(1, seq_cst);
        r2 = x.load(seq_cst);
      });
  outcome(r1, r2);
}

SCENARIO(engine_long_outcome, .allowed = {"an outcome of more than sixteen letters"}) {
  observe("an outcome of more than sixteen letters");
}

// --- limits, and failures that come early ---

// The threads hold more than fits into a function object, and never begin.
SCENARIO(engine_fails_before_threads_begin, .fails = Failure::kAssertion) {
  Location a{0}, b{0}, c{0}, d{0};
  Thread thread([&a, &b, &c, &d] {
    a.store(1, relaxed);
    b.store(1, relaxed);
    c.store(1, relaxed);
    d.store(1, relaxed);
  });
  check(false, "before the thread has begun");
}

SCENARIO(engine_too_many_threads, .fails = Failure::kLimit) {
  const auto nothing = [] {};
  together(nothing, nothing, nothing, nothing, nothing, nothing);
}
SCENARIO(engine_too_many_seq_cst, .fails = Failure::kLimit) {
  Location x{0};
  for (int i = 0; i < 5000; ++i) x.store(i, seq_cst);
}
SCENARIO(engine_too_much_memory, .fails = Failure::kLimit) {
  for (int i = 0; i < 100; ++i) {
    void* memory = ::operator new(100'000);
    ::operator delete(memory);
  }
}
SCENARIO(engine_static_atomic, .fails = Failure::kLimit) {
  struct Elsewhere {
    alignas(8) unsigned char bytes[8];
  };
  static Elsewhere elsewhere;
  static_cast<void>(Execution::current().load(&elsewhere, 8, relaxed, {}));
}

}  // namespace
}  // namespace model::litmus
