#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "core/pool/pool.h"
#include "tests/unit/support.h"

namespace sched::test {

// A pool that ends with its scope, whatever state the test leaves it in.
class TestPool {
 public:
  explicit TestPool(PoolOptions options) : pool_(new Pool(std::move(options))) {}
  explicit TestPool(std::uint32_t workers) : TestPool(with_workers(workers)) {}
  ~TestPool() {
    if (pool_ == nullptr) return;
    EXPECT_EQ(pool_->shutdown(true, kPatienceNs, nullptr, nullptr), LIBSCHED_OK);
    pool_->abandon();
  }
  TestPool(const TestPool&) = delete;
  TestPool& operator=(const TestPool&) = delete;

  static PoolOptions with_workers(std::uint32_t workers) {
    PoolOptions options;
    options.workers = workers;
    return options;
  }

  Pool& operator*() const { return *pool_; }
  Pool* operator->() const { return pool_; }
  // The caller must see to the pool's end.
  Pool* release() { return std::exchange(pool_, nullptr); }

 private:
  Pool* pool_;
};

// A task with a body that can capture. Both bodies may be empty.
struct Job {
  std::function<int(libsched_task*)> run;
  std::function<void()> discarded;

  static int call(libsched_task* task, void* data) {
    const std::unique_ptr<Job> job(static_cast<Job*>(data));
    return job->run ? job->run(task) : 0;
  }
  static void drop(void* data) {
    const std::unique_ptr<Job> job(static_cast<Job*>(data));
    if (job->discarded) job->discarded();
  }
};

inline Status submit(Pool& pool, Level level, std::function<int(libsched_task*)> run,
                     std::function<void()> discarded = nullptr,
                     const Pool::Waiting& waiting = {Pool::Waiting::Mode::kBlock, kPatienceNs,
                                                     nullptr}) {
  auto job = std::make_unique<Job>(Job{std::move(run), std::move(discarded)});
  const Status status = pool.submit(level, &Job::call, job.get(), &Job::drop, waiting, nullptr);
  if (status == LIBSCHED_OK) static_cast<void>(job.release());
  return status;
}

inline Status wait_idle(Pool& pool) { return pool.wait_idle(kPatienceNs, nullptr, nullptr); }

inline Pool::Stats stats(Pool& pool) {
  Pool::Stats out;
  pool.stats(out);
  return out;
}

// A door that tasks wait behind.
class Gate {
 public:
  void open() {
    open_.store(true);
    open_.notify_all();
  }
  void pass() const { open_.wait(false); }

 private:
  std::atomic<bool> open_{false};
};

}  // namespace sched::test
