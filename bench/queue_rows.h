#pragma once

#include <array>
#include <cstdint>
#include <thread>
#include <vector>

#include "bench/harness.h"

// The deque-* and injector-* workloads, for any side that has an adapter. peers/src/queues.rs is the same for
// crossbeam: a change here is a change there.
namespace bench {

inline constexpr std::size_t kAlternatingPairs = 20'000'000;
inline constexpr std::size_t kBurst = 1000;
inline constexpr std::size_t kBursts = 20'000;
inline constexpr std::size_t kThiefItems = 10'000'000;
inline constexpr std::size_t kInjected = 4'000'000;
inline constexpr std::size_t kBulk = 32;

enum class Take { kOk, kEmpty, kLost };

// A deque adapter D has two flavours as types, D = Lifo or Fifo, and
//   void push(uint64_t)      void pop(uint64_t&), fails the run when empty
//   bool try_pop(uint64_t&)
//   D::Stealer(D&)           Take steal(uint64_t&)      Take steal_batch_and_pop(D& destination, uint64_t&)

template <class D>
Pass deque_alternating() {
  D deque;
  const auto pass = [&](std::size_t pairs) {
    std::uint64_t sum = 0;
    const auto start = Clock::now();
    for (std::size_t i = 0; i < pairs; ++i) {
      std::uint64_t item;
      deque.push(i);
      deque.pop(item);
      sum += item;
    }
    const double seconds = seconds_since(start);
    check("deque-alt", sum, sum_to(pairs));
    return seconds;
  };
  pass(kAlternatingPairs / 10);
  return per_item(pass(kAlternatingPairs), kAlternatingPairs);
}

// kBurst pushes, then kBurst times take(), kBursts times.
template <class D, class T>
Pass deque_bursts(const char* row, D& deque, T take) {
  const auto pass = [&](std::size_t rounds) {
    std::uint64_t sum = 0;
    const auto start = Clock::now();
    for (std::size_t round = 0; round < rounds; ++round) {
      for (std::size_t i = 0; i < kBurst; ++i) deque.push(i);
      for (std::size_t i = 0; i < kBurst; ++i) sum += take();
    }
    const double seconds = seconds_since(start);
    check(row, sum, rounds * sum_to(kBurst));
    return seconds;
  };
  pass(kBursts / 10);
  return per_item(pass(kBursts), kBursts * kBurst);
}

template <class D>
Pass deque_1000() {
  D deque;
  return deque_bursts("deque-1000", deque, [&] {
    std::uint64_t item;
    deque.pop(item);
    return item;
  });
}

template <class D>
Pass deque_self_steal() {
  D deque;
  typename D::Stealer stealer(deque);
  return deque_bursts("deque-selfsteal", deque, [&] {
    std::uint64_t item = 0;
    if (stealer.steal(item) != Take::kOk) fail("deque-selfsteal: nothing to steal");
    return item;
  });
}

template <class D>
Pass deque_thief_takes_all() {
  D deque;
  const auto pass = [&](std::size_t items) {
    StartingLine line;
    std::uint64_t sum_of_thief = 0;
    std::thread thief([&] {
      typename D::Stealer stealer(deque);
      D local;
      Retry retry;
      std::uint64_t sum = 0;
      std::size_t taken = 0;
      line.wait();
      while (taken < items) {
        std::uint64_t item;
        switch (stealer.steal_batch_and_pop(local, item)) {
          case Take::kOk:
            retry.won();
            do {
              sum += item;
              ++taken;
            } while (local.try_pop(item));
            break;
          case Take::kEmpty:
            std::this_thread::yield();
            break;
          case Take::kLost:
            retry.lost();
            break;
        }
      }
      sum_of_thief = sum;
    });
    const auto start = line.start(1);
    for (std::size_t i = 0; i < items; ++i) deque.push(i);
    thief.join();
    const double seconds = seconds_since(start);
    check("deque-thief-all", sum_of_thief, sum_to(items));
    return seconds;
  };
  pass(kThiefItems / 10);
  return per_item(pass(kThiefItems), kThiefItems);
}

// A queue adapter Q has
//   Q::Producer(Q&)   void push(uint64_t)          void push_n(const uint64_t*, size_t), for the bulk row
//   Q::Consumer(Q&)   Take take(uint64_t&)         Take take_n(uint64_t& sum), up to kBulk, adds them to sum

// Takes until the queue is empty and no producer is left. `over` is looked at only when the queue was found empty,
// and then the queue is looked at once more, since the last item may have come in between.
template <class F>
std::uint64_t consume(const std::atomic<int>& producing, F take) {
  std::uint64_t sum = 0;
  Retry retry;
  bool over = false;
  for (;;) {
    switch (take(sum)) {
      case Take::kOk:
        retry.won();
        break;
      case Take::kLost:
        retry.lost();
        break;
      case Take::kEmpty:
        if (over) return sum;
        over = producing.load(std::memory_order_acquire) == 0;
        if (!over) std::this_thread::yield();
        break;
    }
  }
}

template <class Q, bool kInBulk>
double injector_pass(Q& queue, int pairs, std::size_t items) {
  const std::size_t each = items / static_cast<std::size_t>(pairs);
  StartingLine line;
  std::atomic<int> producing{pairs};
  std::atomic<std::uint64_t> total{0};
  std::vector<std::thread> threads;
  for (int pair = 0; pair < pairs; ++pair) {
    threads.emplace_back([&] {
      typename Q::Producer producer(queue);
      line.wait();
      if constexpr (kInBulk) {
        std::array<std::uint64_t, kBulk> bulk;
        for (std::size_t i = 0; i < each; i += kBulk) {
          for (std::size_t k = 0; k < kBulk; ++k) bulk[k] = i + k;
          producer.push_n(bulk.data(), kBulk);
        }
      } else {
        for (std::size_t i = 0; i < each; ++i) producer.push(i);
      }
      producing.fetch_sub(1, std::memory_order_release);
    });
    threads.emplace_back([&] {
      typename Q::Consumer consumer(queue);
      line.wait();
      total += consume(producing, [&](std::uint64_t& sum) {
        if constexpr (kInBulk) {
          return consumer.take_n(sum);
        } else {
          std::uint64_t item = 0;
          const Take result = consumer.take(item);
          sum += item;
          return result;
        }
      });
    });
  }
  const auto start = line.start(2 * pairs);
  for (std::thread& thread : threads) thread.join();
  const double seconds = seconds_since(start);
  check("injector", total, static_cast<std::uint64_t>(pairs) * sum_to(each));
  return seconds;
}

template <class Q, int kPairs, bool kInBulk>
Pass injector() {
  static_assert(kInjected % (4 * kBulk * kPairs) == 0);
  Q queue;
  injector_pass<Q, kInBulk>(queue, kPairs, kInjected / 4);
  return per_item(injector_pass<Q, kInBulk>(queue, kPairs, kInjected), kInjected);
}

template <class Lifo, class Fifo>
void add_deque_rows() {
  add_row("deque-alt-lifo", deque_alternating<Lifo>);
  add_row("deque-alt-fifo", deque_alternating<Fifo>);
  add_row("deque-1000", deque_1000<Lifo>);
  add_row("deque-selfsteal", deque_self_steal<Lifo>);
  add_row("deque-thief-all", deque_thief_takes_all<Fifo>);
}

template <class Q>
void add_injector_rows() {
  add_row("injector-1p1c", injector<Q, 1, false>);
  add_row("injector-2p2c", injector<Q, 2, false>);
}

template <class Q>
void add_injector_bulk_row() {
  add_row("injector-bulk32", injector<Q, 1, true>);
}

}  // namespace bench
