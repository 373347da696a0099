#pragma once

#include <libsched.h>

#include "bench/abi/expect.h"
#include "bench/pool_rows.h"

// The pool as pool_rows.h wants it.
namespace abi {

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
    wait();  // who waits for a loop may go on before its task is counted
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
  void submit_batched(libsched_batch* batch) {
    const int status = libsched_batch_submit(batch, nullptr, LIBSCHED_NORMAL, nullptr);
    if (status != LIBSCHED_OK) expect_ok("libsched_batch_submit", status);
    ++submitted_;
  }
  void wait() {
    expect_ok("libsched_pool_wait_idle",
              libsched_pool_wait_idle(pool_, LIBSCHED_FOREVER, nullptr, nullptr));
  }

  // Runs one task and waits for it.
  void run(libsched_task_fn fn, void* user_data) {
    submit(fn, user_data);
    wait();
  }
  // For what is submitted to it by other ways.
  libsched_pool* handle() const { return pool_; }
  void expect_tasks(std::uint64_t n) { submitted_ += n; }

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

}  // namespace abi
