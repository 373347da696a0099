#pragma once

#include <libsched.h>

#include "bench/abi/pool.h"

// The rows of calls that no peer has.
namespace abi {

// submit-1m in slices: what a binding does that collects tasks before it crosses the language border.
inline bench::Pass submit_n() {
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

// What a task costs beyond its submit: one worker, held until all are submitted, and the clock begins when it is let go.
template <class Submit>
bench::Pass run_queued(Pool& pool, Submit submit) {
  const auto queued = [&] {
    bench::Gate gate;
    pool.submit_gate(&gate);
    gate.wait_until_held(1);
    for (std::size_t i = 0; i < bench::kSubmitted; ++i) submit();
    const auto start = bench::Clock::now();
    gate.open();
    pool.wait();
    return bench::seconds_since(start);
  };
  queued();
  return bench::per_item(queued(), bench::kSubmitted);
}

inline bench::Pass run() {
  Pool pool(1);
  return run_queued(pool, [&pool] { pool.submit_empty(); });
}

// The same as items of a batch, 64 to a call.
inline bench::Pass run_batch() {
  Pool pool(1);
  const auto run_many = [](libsched_task*, void* const*, std::size_t n, int*) { return n; };
  libsched_batch* batch = nullptr;
  expect_ok("libsched_batch_create",
            libsched_batch_create(&batch, pool.handle(), run_many, nullptr, 64, nullptr));
  const bench::Pass pass = run_queued(pool, [&] { pool.submit_batched(batch); });
  libsched_batch_unref(batch);
  return pass;
}

}  // namespace abi
