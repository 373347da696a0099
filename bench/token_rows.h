#pragma once

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

#include "bench/harness.h"

// The tokens-* workloads, for any side that has an adapter. peers/src/tokens.rs is the same for the jobserver crate: a change
// here is a change there.
//
// An adapter T serves kTokens tokens through a pipe and has
//   using Token = ...;   Token acquire();   void release(Token);   which waits for one, and gives it back
namespace bench {

inline constexpr std::size_t kTokens = 3;
inline constexpr std::size_t kTokenPairs = 300'000;
inline constexpr int kTokenThreads = 8;

template <class T>
Pass tokens_1t() {
  T tokens;
  const auto pass = [&](std::size_t pairs) {
    const auto start = Clock::now();
    for (std::size_t i = 0; i < pairs; ++i) tokens.release(tokens.acquire());
    return seconds_since(start);
  };
  pass(kTokenPairs / 4);
  return per_item(pass(kTokenPairs), kTokenPairs);
}

template <class T>
Pass tokens_8t() {
  T tokens;
  StartingLine line;
  std::atomic<std::size_t> most{0};
  std::atomic<std::size_t> now{0};
  std::vector<std::thread> threads;
  constexpr std::size_t kEach = kTokenPairs / 4 / kTokenThreads;
  for (int t = 0; t < kTokenThreads; ++t) {
    threads.emplace_back([&] {
      line.wait();
      for (std::size_t i = 0; i < kEach; ++i) {
        auto token = tokens.acquire();
        const std::size_t held = now.fetch_add(1) + 1;
        if (held > most.load()) most.store(held);
        now.fetch_sub(1);
        tokens.release(std::move(token));
      }
    });
  }
  const auto start = line.start(kTokenThreads);
  for (std::thread& thread : threads) thread.join();
  const double seconds = seconds_since(start);
  if (most.load() > kTokens) fail("tokens-8t: more tokens were held than there are");
  return per_item(seconds, kEach * kTokenThreads);
}

template <class T>
void add_token_rows() {
  add_row("tokens-1t", tokens_1t<T>);
  add_row("tokens-8t", tokens_8t<T>);
}

}  // namespace bench
