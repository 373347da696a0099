#pragma once

#include <cstddef>
#include <cstdint>

#include "core/pool/group.h"
#include "core/pool/slice_clock.h"
#include "core/pool/task.h"
#include "core/sync/ref_count.h"
#include "core/sync/std_sync.h"

namespace sched {

using BatchFn = std::size_t (*)(libsched_task*, void* const*, std::size_t, int*);

inline constexpr std::uint32_t kMaxBatchItems = 256;

struct BatchOrders {
  static constexpr std::memory_order kCost = std::memory_order_relaxed;  // an estimate
};

// A kind of tasks of which one call runs many. Its items lie in a group's queue: in one of the batch's own if the submitter
// names none. Held by its outside handles together and by each item.
class Batch {
  using Orders = StdSync::Traits<BatchOrders>;

 public:
  // Throws std::bad_alloc.
  static Batch* create(Pool& pool, BatchFn run_many, DiscardFn on_discard, std::uint32_t max);
  void drop(std::uint32_t count);

  // LIBSCHED_OK when at least one was accepted. Throws std::bad_alloc when none was.
  Status submit_n(Group* group, Level level, void* const* user_data, std::size_t count,
                  const Pool::Waiting& waiting, std::size_t& accepted, Error* error);

  std::uint32_t max() const { return max_; }
  // How many items take about as long as one call should.
  std::size_t items_per_call() const;
  // Calls the function for that many items. Returns how many it has run.
  std::size_t call(libsched_task* task, void* const* user_data, std::size_t count, int* results);
  void note_cost(const SliceClock& clock, std::size_t items);

  // An item's reference, given back at the end of the scope; nothing for other tasks.
  class Use {
   public:
    Use(const Task& task, std::uint32_t count)
        : batch_(task.kind == Task::Kind::kBatch ? static_cast<Batch*>(task.what) : nullptr),
          count_(count) {}
    ~Use() {
      if (batch_ != nullptr) batch_->drop(count_);
    }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

   private:
    Batch* const batch_;
    const std::uint32_t count_;
  };

 private:
  Batch(Group* own, BatchFn run_many, DiscardFn on_discard, std::uint32_t max)
      : own_(own), run_many_(run_many), discard_(on_discard), max_(max) {}

  Group* const own_;
  const BatchFn run_many_;
  const DiscardFn discard_;
  const std::uint32_t max_;
  RefCount<StdSync> references_;
  StdSync::atomic<std::uint32_t> item_ns_{1000};  // what an item has cost lately
};

}  // namespace sched
