// Ours, the C++ templates: what the engine itself uses, inlined.

#include "bench/message_rows.h"
#include "bench/order_rows.h"
#include "bench/queue_rows.h"
#include "core/queue/batch.h"
#include "core/queue/deque.h"
#include "core/queue/injector.h"
#include "core/queue/message_queue.h"
#include "core/sync/std_sync.h"

namespace {

using bench::Take;

Take take_of(sched::StealStatus status) {
  switch (status) {
    case sched::StealStatus::kSuccess:
      return Take::kOk;
    case sched::StealStatus::kEmpty:
      return Take::kEmpty;
    case sched::StealStatus::kRetry:
    case sched::StealStatus::kPending:
      return Take::kLost;
    case sched::StealStatus::kFull:
    case sched::StealStatus::kNoMemory:
      break;
  }
  bench::fail("core: a take had no room for what it took");
}

void* pointer(std::uint64_t item) { return reinterpret_cast<void*>(item); }
std::uint64_t number(void* item) { return reinterpret_cast<std::uint64_t>(item); }

template <sched::Flavor flavor>
struct Deque {
  sched::Deque<sched::StdSync> deque{flavor};

  void push(std::uint64_t item) {
    if (deque.push(pointer(item)) != sched::PushStatus::kOk) bench::fail("core: push failed");
  }
  void pop(std::uint64_t& item) {
    if (!try_pop(item)) bench::fail("core: the deque does not hold what was pushed");
  }
  bool try_pop(std::uint64_t& item) {
    void* out;
    if (deque.pop(out) != sched::StealStatus::kSuccess) return false;
    item = number(out);
    return true;
  }

  struct Stealer {
    explicit Stealer(Deque& d) : source(d.deque) {}
    Take steal(std::uint64_t& item) {
      void* out = nullptr;
      const Take result = take_of(source.steal(out));
      item = number(out);
      return result;
    }
    Take steal_batch_and_pop(Deque& destination, std::uint64_t& item) {
      void* out = nullptr;
      const Take result =
          take_of(sched::steal_batch_and_pop(source, destination.deque, sched::kMaxBatch + 1, out));
      item = number(out);
      return result;
    }
    sched::Deque<sched::StdSync>& source;
  };
};

struct Injector {
  using Queue = sched::Injector<sched::StdSync, 2>;
  Queue queue;

  // An element carries one word, as those of the peers do; the other one is the engine's.
  struct Producer {
    explicit Producer(Injector& i) : queue(i.queue) {}
    void push(std::uint64_t item) {
      if (queue.push({item, 0}) != sched::PushStatus::kOk) bench::fail("core: push failed");
    }
    void push_n(const std::uint64_t* items, std::size_t n) {
      Queue::Item bulk[bench::kBulk];
      for (std::size_t i = 0; i < n; ++i) bulk[i] = {items[i], 0};
      std::size_t accepted = 0;
      if (queue.push_n(bulk, n, accepted) != sched::PushStatus::kOk)
        bench::fail("core: push_n failed");
    }
    Queue& queue;
  };

  struct Consumer {
    explicit Consumer(Injector& i) : queue(i.queue) {}
    Take take(std::uint64_t& item) {
      Queue::Item out{};
      const Take result = take_of(queue.pop(out));
      item = result == Take::kOk ? out[0] : 0;
      return result;
    }
    Take take_n(std::uint64_t& sum) {
      Queue::Item bulk[bench::kBulk];
      std::size_t taken = 0;
      const Take result = take_of(queue.pop_n(bulk, bench::kBulk, taken));
      for (std::size_t i = 0; i < taken; ++i) sum += bulk[i][0];
      return result;
    }
    Queue& queue;
  };
};

// A thread that waits need not tell anybody.
struct NoSection {
  NoSection() {}
};

class Messages {
 public:
  void push(std::uint64_t item) {
    if (queue_.push_bounded({pointer(item), 0}, -1, nullptr) != LIBSCHED_OK)
      bench::fail("core: push_bounded failed");
  }
  std::uint64_t pop() {
    Queue::Message out{};
    if (queue_.pop(out, kAnySize, -1, nullptr) != LIBSCHED_OK) bench::fail("core: pop failed");
    return number(out.item);
  }
  bool try_push(std::uint64_t item) {
    const sched::Status status = queue_.try_push({pointer(item), 0});
    if (status != LIBSCHED_OK && status != LIBSCHED_E_FULL) bench::fail("core: try_push failed");
    return status == LIBSCHED_OK;
  }
  bool try_pop(std::uint64_t& item) {
    Queue::Message out{};
    const sched::Status status = queue_.try_pop(out, kAnySize);
    if (status != LIBSCHED_OK && status != LIBSCHED_E_EMPTY) bench::fail("core: try_pop failed");
    item = number(out.item);
    return status == LIBSCHED_OK;
  }

 private:
  using Queue = sched::MessageQueue<NoSection>;
  static constexpr std::uint64_t kAnySize = ~std::uint64_t{0};
  Queue queue_{{.bound = bench::kMessageBound}};
};

}  // namespace

int main(int argc, char** argv) {
  bench::add_deque_rows<Deque<sched::Flavor::kLifo>, Deque<sched::Flavor::kFifo>>();
  bench::add_injector_rows<Injector>();
  bench::add_injector_bulk_row<Injector>();
  bench::add_message_rows<Messages>();
  bench::add_order_rows();
  return bench::run(argc, argv);
}
