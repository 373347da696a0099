// Ours, through the C interface of the shared library: what every language sees.

#include <libsched.h>

#include "bench/pool_rows.h"
#include "bench/queue_rows.h"

namespace {

using bench::Take;

void expect_ok(const char* what, int status) {
  if (status != LIBSCHED_OK) bench::fail(std::string(what) + ": " + libsched_status_name(status));
}

Take take_of(int status) {
  if (status == LIBSCHED_OK) return Take::kOk;
  if (status == LIBSCHED_E_EMPTY) return Take::kEmpty;
  if (status != LIBSCHED_E_RETRY) expect_ok("take", status);
  return Take::kLost;
}

void* pointer(std::uint64_t item) { return reinterpret_cast<void*>(item); }
std::uint64_t number(void* item) { return reinterpret_cast<std::uint64_t>(item); }

template <std::uint32_t flavor>
struct Deque {
  libsched_deque* deque = nullptr;

  Deque() {
    libsched_deque_options options = LIBSCHED_DEQUE_OPTIONS_INIT;
    options.flavor = flavor;
    expect_ok("libsched_deque_create", libsched_deque_create(&deque, &options));
  }
  Deque(const Deque&) = delete;
  Deque& operator=(const Deque&) = delete;
  ~Deque() { libsched_deque_unref(deque); }

  void push(std::uint64_t item) {
    const int status = libsched_deque_push(deque, pointer(item));
    if (status != LIBSCHED_OK) expect_ok("libsched_deque_push", status);
  }
  void pop(std::uint64_t& item) {
    void* out;
    const int status = libsched_deque_pop(&out, deque);
    if (status != LIBSCHED_OK) expect_ok("libsched_deque_pop", status);
    item = number(out);
  }
  bool try_pop(std::uint64_t& item) {
    void* out;
    if (take_of(libsched_deque_pop(&out, deque)) != Take::kOk) return false;
    item = number(out);
    return true;
  }

  struct Stealer {
    explicit Stealer(Deque& source) {
      expect_ok("libsched_stealer_create", libsched_stealer_create(&stealer, source.deque));
    }
    Stealer(const Stealer&) = delete;
    Stealer& operator=(const Stealer&) = delete;
    ~Stealer() { libsched_stealer_unref(stealer); }

    Take steal(std::uint64_t& item) {
      void* out = nullptr;
      const Take result = take_of(libsched_stealer_steal(&out, stealer));
      item = number(out);
      return result;
    }
    Take steal_batch_and_pop(Deque& destination, std::uint64_t& item) {
      void* out = nullptr;
      const Take result =
          take_of(libsched_stealer_steal_batch_and_pop(&out, stealer, destination.deque, 0));
      item = number(out);
      return result;
    }
    libsched_stealer* stealer = nullptr;
  };
};

struct Injector {
  libsched_injector* injector = nullptr;

  Injector() {
    expect_ok("libsched_injector_create", libsched_injector_create(&injector, nullptr));
  }
  Injector(const Injector&) = delete;
  Injector& operator=(const Injector&) = delete;
  ~Injector() { libsched_injector_unref(injector); }

  struct Producer {
    explicit Producer(Injector& i) : injector(i.injector) {}
    void push(std::uint64_t item) {
      const int status = libsched_injector_push(injector, pointer(item));
      if (status != LIBSCHED_OK) expect_ok("libsched_injector_push", status);
    }
    void push_n(const std::uint64_t* items, std::size_t n) {
      void* bulk[bench::kBulk];
      for (std::size_t i = 0; i < n; ++i) bulk[i] = pointer(items[i]);
      std::size_t accepted = 0;
      const int status = libsched_injector_push_n(&accepted, injector, bulk, n);
      if (status != LIBSCHED_OK || accepted != n) expect_ok("libsched_injector_push_n", status);
    }
    libsched_injector* injector;
  };

  // Many elements come out through a deque of the consumer's own.
  struct Consumer {
    explicit Consumer(Injector& i) : injector(i.injector) {}
    Take take(std::uint64_t& item) {
      void* out = nullptr;
      const Take result = take_of(libsched_injector_steal(&out, injector));
      item = number(out);
      return result;
    }
    Take take_n(std::uint64_t& sum) {
      void* out = nullptr;
      const Take result =
          take_of(libsched_injector_steal_batch_and_pop(&out, injector, local.deque, bench::kBulk));
      if (result != Take::kOk) return result;
      std::uint64_t item = number(out);
      do {
        sum += item;
      } while (local.try_pop(item));
      return result;
    }
    libsched_injector* injector;
    Deque<LIBSCHED_FIFO> local;
  };
};

class Pool {
 public:
  explicit Pool(unsigned workers) {
    libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
    options.workers = workers;
    expect_ok("libsched_pool_create", libsched_pool_create(&pool_, &options, nullptr));
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() {
    check_completed();
    expect_ok("libsched_pool_shutdown",
              libsched_pool_shutdown(pool_, LIBSCHED_DRAIN, LIBSCHED_FOREVER, nullptr, nullptr));
    libsched_pool_unref(pool_);
  }

  void begin(std::size_t) {}
  void submit_empty() { submit(run_empty, nullptr); }
  void submit_stamp(std::atomic<std::int64_t>* started) { submit(run_stamp, started); }
  void submit_gate(bench::Gate* gate) { submit(run_gate, gate); }
  void submit_many(void* const* user_data, std::size_t n) {
    std::size_t accepted = 0;
    const int status =
        libsched_pool_submit_n(&accepted, pool_, LIBSCHED_NORMAL, run_empty, user_data, n, nullptr,
                               LIBSCHED_FOREVER, nullptr, nullptr);
    if (status != LIBSCHED_OK) expect_ok("libsched_pool_submit_n", status);
    if (accepted != n) bench::check("libsched_pool_submit_n, accepted", accepted, n);
    submitted_ += n;
  }
  void wait() {
    expect_ok("libsched_pool_wait_idle",
              libsched_pool_wait_idle(pool_, LIBSCHED_FOREVER, nullptr, nullptr));
  }

 private:
  static int run_empty(libsched_task*, void*) { return 0; }
  static int run_stamp(libsched_task*, void* started) {
    bench::stamp(*static_cast<std::atomic<std::int64_t>*>(started));
    return 0;
  }
  static int run_gate(libsched_task*, void* gate) {
    static_cast<bench::Gate*>(gate)->hold();
    return 0;
  }

  void submit(libsched_task_fn fn, void* user_data) {
    const int status = libsched_pool_submit(pool_, LIBSCHED_NORMAL, fn, user_data, nullptr);
    if (status != LIBSCHED_OK) expect_ok("libsched_pool_submit", status);
    ++submitted_;
  }

  // A figure is worth nothing if a task was lost.
  void check_completed() {
    libsched_pool_stats stats = LIBSCHED_POOL_STATS_INIT;
    expect_ok("libsched_pool_get_stats", libsched_pool_get_stats(&stats, pool_));
    bench::check("tasks completed", stats.priority[LIBSCHED_NORMAL].completed, submitted_);
  }

  libsched_pool* pool_ = nullptr;
  std::uint64_t submitted_ = 0;
};

// submit-1m in slices: what a binding does that collects tasks before it crosses the language border.
bench::Pass submit_n() {
  constexpr std::size_t kSlice = 250;
  static_assert(bench::kSubmitted % kSlice == 0);
  void* const user_data[kSlice] = {};
  Pool pool(bench::kWorkers);
  const auto all = [&] {
    for (std::size_t i = 0; i < bench::kSubmitted; i += kSlice) pool.submit_many(user_data, kSlice);
    pool.wait();
  };
  all();
  const auto start = bench::Clock::now();
  all();
  return bench::per_item(bench::seconds_since(start), bench::kSubmitted);
}

struct Fib {
  int n;
  std::uint64_t result;
};

std::uint64_t fib(int n);

int fib_task(libsched_task*, void* data) {
  Fib& own = *static_cast<Fib*>(data);
  own.result = fib(own.n);
  return 0;
}

std::uint64_t fib(int n) {
  if (n < 2) return static_cast<std::uint64_t>(n);
  libsched_frame frame;
  Fib first{n - 1, 0};
  if (libsched_fork(&frame, fib_task, &first) != LIBSCHED_OK) std::abort();
  const std::uint64_t second = fib(n - 2);
  if (libsched_join(&frame) != LIBSCHED_OK) std::abort();
  return first.result + second;
}

template <unsigned workers>
bench::Pass fork_join() {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  options.workers = workers;
  libsched_pool* pool = nullptr;
  expect_ok("libsched_pool_create", libsched_pool_create(&pool, &options, nullptr));
  const bench::Pass pass = bench::fork_join([pool] {
    Fib root{bench::kFib, 0};
    expect_ok("libsched_pool_submit",
              libsched_pool_submit(pool, LIBSCHED_NORMAL, fib_task, &root, nullptr));
    expect_ok("libsched_pool_wait_idle",
              libsched_pool_wait_idle(pool, LIBSCHED_FOREVER, nullptr, nullptr));
    return root.result;
  });
  expect_ok("libsched_pool_shutdown",
            libsched_pool_shutdown(pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, nullptr, nullptr));
  libsched_pool_unref(pool);
  return pass;
}

}  // namespace

int main(int argc, char** argv) {
  bench::add_deque_rows<Deque<LIBSCHED_LIFO>, Deque<LIBSCHED_FIFO>>();
  bench::add_injector_rows<Injector>();
  bench::add_injector_bulk_row<Injector>();
  bench::add_row("submit-1m", bench::submit_1m<Pool>);
  bench::add_row("submit-n", submit_n);
  bench::add_row("wake", bench::wake<Pool>);
  bench::add_row("idle", bench::idle<Pool>);
  bench::add_row("queued-bytes", bench::queued_bytes<Pool>);
  bench::add_row("fork-join-1w", fork_join<1>);
  bench::add_row("fork-join-2w", fork_join<2>);
  return bench::run(argc, argv);
}
