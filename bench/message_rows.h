#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "bench/harness.h"

// The blocking-* and bounded-* workloads, for any side that has an adapter. peers/src/messages.rs is the same for
// crossbeam: a change here is a change there.
//
// A queue adapter Q holds at most kMessageBound items and has
//   void push(uint64_t)        std::uint64_t pop()              which wait
//   bool try_push(uint64_t)    bool try_pop(std::uint64_t&)     which do not
namespace bench {

inline constexpr std::size_t kMessages = 4'000'000;
inline constexpr std::size_t kMessageBound = 1024;

struct Waiting {
  template <class Q>
  static void push(Q& queue, std::uint64_t item) {
    queue.push(item);
  }
  template <class Q>
  static std::uint64_t pop(Q& queue) {
    return queue.pop();
  }
};

struct Yielding {
  template <class Q>
  static void push(Q& queue, std::uint64_t item) {
    while (!queue.try_push(item)) std::this_thread::yield();
  }
  template <class Q>
  static std::uint64_t pop(Q& queue) {
    std::uint64_t item = 0;
    while (!queue.try_pop(item)) std::this_thread::yield();
    return item;
  }
};

// Each consumer takes as many as each producer gives.
template <class Way, class Q>
double message_pass(Q& queue, int pairs, std::size_t items) {
  const std::size_t each = items / static_cast<std::size_t>(pairs);
  StartingLine line;
  std::atomic<std::uint64_t> total{0};
  std::vector<std::thread> threads;
  for (int pair = 0; pair < pairs; ++pair) {
    threads.emplace_back([&] {
      line.wait();
      for (std::size_t i = 0; i < each; ++i) Way::push(queue, i);
    });
    threads.emplace_back([&] {
      std::uint64_t sum = 0;
      line.wait();
      for (std::size_t i = 0; i < each; ++i) sum += Way::pop(queue);
      total += sum;
    });
  }
  const auto start = line.start(2 * pairs);
  for (std::thread& thread : threads) thread.join();
  const double seconds = seconds_since(start);
  check("messages", total, static_cast<std::uint64_t>(pairs) * sum_to(each));
  std::uint64_t item = 0;
  if (queue.try_pop(item)) fail("messages: more came out than went in");
  return seconds;
}

template <class Q, class Way, int kPairs>
Pass messages() {
  static_assert(kMessages % (4 * kPairs) == 0);
  Q queue;
  message_pass<Way>(queue, kPairs, kMessages / 4);
  return per_item(message_pass<Way>(queue, kPairs, kMessages), kMessages);
}

template <class Q>
void add_message_rows() {
  add_row("blocking-1p1c", messages<Q, Waiting, 1>);
  add_row("blocking-2p2c", messages<Q, Waiting, 2>);
  add_row("bounded-1p1c", messages<Q, Yielding, 1>);
  add_row("bounded-2p2c", messages<Q, Yielding, 2>);
}

}  // namespace bench
