#pragma once

#include <libsched.h>

#include <chrono>
#include <thread>
#include <vector>

#include "bench/abi/expect.h"
#include "bench/token_rows.h"

// The jobserver as token_rows.h wants it, and how long a waiting acquire takes to notice that it is cancelled.
namespace abi {

class Tokens {
 public:
  using Token = std::uint64_t;

  Tokens() {
    expect_ok("libsched_jobserver_serve",
              libsched_jobserver_serve(&jobserver_, bench::kTokens + 1, LIBSCHED_JOBSERVER_PIPE,
                                       LIBSCHED_JOBSERVER_EXPLICIT, nullptr));
  }
  Tokens(const Tokens&) = delete;
  Tokens& operator=(const Tokens&) = delete;
  ~Tokens() { libsched_jobserver_unref(jobserver_); }

  Token acquire() {
    Token token = LIBSCHED_NO_TOKEN;
    const int status = libsched_jobserver_acquire(&token, jobserver_, LIBSCHED_FOREVER, nullptr);
    if (status != LIBSCHED_OK) expect_ok("libsched_jobserver_acquire", status);
    return token;
  }
  void release(Token token) {
    const int status = libsched_jobserver_release(jobserver_, token);
    if (status != LIBSCHED_OK) expect_ok("libsched_jobserver_release", status);
  }
  libsched_jobserver* get() const { return jobserver_; }

 private:
  libsched_jobserver* jobserver_ = nullptr;
};

inline bench::Pass tokens_cancel() {
  constexpr int kRounds = 300;
  Tokens tokens;
  for (std::size_t i = 0; i < bench::kTokens; ++i) tokens.acquire();
  std::vector<std::int64_t> ns;
  libsched_cancel* cancel = nullptr;
  expect_ok("libsched_cancel_create", libsched_cancel_create(&cancel));
  const auto begin = bench::Clock::now();
  for (int round = 0; round < kRounds; ++round) {
    bench::Clock::time_point told;
    std::thread waiter([&] {
      Tokens::Token token = 0;
      const int status = libsched_jobserver_acquire(&token, tokens.get(), LIBSCHED_FOREVER, cancel);
      ns.push_back((bench::Clock::now() - told).count());
      bench::check("tokens-cancel", static_cast<std::uint64_t>(-status),
                   static_cast<std::uint64_t>(-LIBSCHED_E_CANCELLED));
    });
    libsched_jobserver_stats stats = LIBSCHED_JOBSERVER_STATS_INIT;
    do {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));  // until it sleeps
      expect_ok("libsched_jobserver_get_stats", libsched_jobserver_get_stats(&stats, tokens.get()));
    } while (stats.waiting == 0);
    told = bench::Clock::now();
    expect_ok("libsched_cancel_trigger", libsched_cancel_trigger(cancel));
    waiter.join();
    expect_ok("libsched_cancel_reset", libsched_cancel_reset(cancel));
  }
  libsched_cancel_unref(cancel);
  return bench::latencies(bench::seconds_since(begin), ns);
}

}  // namespace abi
