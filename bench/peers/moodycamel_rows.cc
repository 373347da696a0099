// moodycamel::ConcurrentQueue with tokens, which is its fastest use. It keeps the order of each producer only.

#include <concurrentqueue/concurrentqueue.h>

#include "bench/queue_rows.h"

namespace {

using Concurrent = moodycamel::ConcurrentQueue<std::uint64_t>;

struct Queue {
  Concurrent queue;

  struct Producer {
    explicit Producer(Queue& q) : queue(q.queue), token(q.queue) {}
    void push(std::uint64_t item) {
      if (!queue.enqueue(token, item)) bench::fail("moodycamel: out of memory");
    }
    void push_n(const std::uint64_t* items, std::size_t n) {
      if (!queue.enqueue_bulk(token, items, n)) bench::fail("moodycamel: out of memory");
    }
    Concurrent& queue;
    moodycamel::ProducerToken token;
  };

  struct Consumer {
    explicit Consumer(Queue& q) : queue(q.queue), token(q.queue) {}
    bench::Take take(std::uint64_t& item) {
      return queue.try_dequeue(token, item) ? bench::Take::kOk : bench::Take::kEmpty;
    }
    bench::Take take_n(std::uint64_t& sum) {
      std::uint64_t items[bench::kBulk];
      const std::size_t n = queue.try_dequeue_bulk(token, items, bench::kBulk);
      for (std::size_t i = 0; i < n; ++i) sum += items[i];
      return n > 0 ? bench::Take::kOk : bench::Take::kEmpty;
    }
    Concurrent& queue;
    moodycamel::ConsumerToken token;
  };
};

}  // namespace

int main(int argc, char** argv) {
  bench::add_injector_rows<Queue>();
  bench::add_injector_bulk_row<Queue>();
  return bench::run(argc, argv);
}
