#pragma once

#include <cstdint>

#include "core/pool/awaited.h"
#include "core/sync/std_sync.h"

namespace sched {

class Group;

struct GroupWaitOrders {
  // The end is the condition of an eventcount, too.
  static constexpr std::memory_order kDone =
      std::memory_order_seq_cst;  // pairs with EventCount's look
};

// One wait for a group's completion; it lies on the waiting thread's stack. Whoever completes the group touches it no more
// after it has said so.
class GroupWait final : public Awaited {
  using Orders = StdSync::Traits<GroupWaitOrders>;

 public:
  static constexpr std::uint32_t kNoWorker = UINT32_MAX;

  // `worker`: which one of the group's pool waits.
  GroupWait(Group& group, std::uint32_t worker) : group_(group), worker_(worker) {}
  // Leaves the group, if it has not completed.
  ~GroupWait();
  GroupWait(const GroupWait&) = delete;
  GroupWait& operator=(const GroupWait&) = delete;

  bool ended() const override { return done_.load(Orders::kDone); }
  StealStatus help(Worker& worker) override;
  // After the end.
  int code() const { return code_; }

 private:
  friend class Group;

  Group& group_;
  const StdSync::Plain<std::uint32_t> worker_;
  bool one_at_a_time_ = false;  // help() runs no more than one task
  // Under the group's lock.
  bool linked_ = false;
  GroupWait* previous_ = nullptr;
  GroupWait* next_ = nullptr;
  StdSync::Plain<int> code_{0};
  StdSync::atomic<bool> done_{false};
};

}  // namespace sched
