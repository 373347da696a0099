#pragma once

#include <cstdint>
#include <memory>

#include "core/base/status.h"
#include "core/queue/batch.h"
#include "core/queue/deque.h"
#include "core/queue/injector.h"
#include "core/queue/owner.h"
#include "core/queue/stealing_queue.h"
#include "core/sync/ref_count.h"

namespace sched {

using ItemDiscard = void (*)(void*);

// The queues as objects that threads share without further agreement: counted references, an owner's side that notices
// misuse, and a place for the items left at the end. Items are any pointers.

class SharedInjector;

class SharedDeque {
 public:
  // Throws std::bad_alloc.
  SharedDeque(Flavor flavor, std::uint64_t max_capacity, ItemDiscard discard)
      : deque_(flavor, max_capacity), discard_(discard) {}

  void ref() { references_.add(); }
  // The last one hands the items left to the discard function and deletes the deque.
  void unref();

  Status push(void* item);
  Status pop(void*& out);
  Status shrink();
  std::size_t size() const { return deque_.size(); }

  Status steal(void*& out);
  Status steal_batch(SharedDeque& destination, std::size_t limit);
  Status steal_batch_and_pop(SharedDeque& destination, std::size_t limit, void*& out);

 private:
  friend class SharedInjector;
  Deque<StdSync> deque_;
  OwnerFlag owner_;
  RefCount<StdSync> references_;
  const ItemDiscard discard_;
};

class SharedInjector {
 public:
  // Throws std::bad_alloc.
  explicit SharedInjector(ItemDiscard discard) : discard_(discard) {}

  // Hands the items left to the discard function.
  void clear();

  Status push(void* item);
  Status push_n(void* const* items, std::size_t count, std::size_t& accepted);
  Status steal(void*& out);
  Status steal_batch(SharedDeque& destination, std::size_t limit);
  Status steal_batch_and_pop(SharedDeque& destination, std::size_t limit, void*& out);
  std::size_t size() const { return injector_.size(); }

 private:
  Injector<StdSync> injector_;
  const ItemDiscard discard_;
};

class SharedStealingQueue {
 public:
  // Throws std::bad_alloc. The bounds must have been checked.
  SharedStealingQueue(std::uint32_t contexts, StarvationBounds bounds, std::uint64_t seed,
                      ItemDiscard discard)
      : queue_(contexts, bounds, seed),
        owners_(std::make_unique<OwnerFlag[]>(contexts)),
        discard_(discard) {}

  // Hands the items left to the discard function.
  void clear();

  std::uint32_t contexts() const { return queue_.contexts(); }
  Status submit(Level level, void* item);
  Status submit_local(std::uint32_t context, Level level, void* item);
  Status next(std::uint32_t context, void*& out, Level& level);
  std::size_t size(Level level) const { return queue_.size(level); }

 private:
  StealingQueue<StdSync> queue_;
  const std::unique_ptr<OwnerFlag[]> owners_;
  const ItemDiscard discard_;
};

}  // namespace sched
