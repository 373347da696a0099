#pragma once

#include <cstdint>

#include "core/queue/level.h"
#include "core/sync/ref_count.h"
#include "core/sync/std_sync.h"

namespace sched {

class Group;
class Worker;

struct TicketOrders {
  // Who redeems a ticket sees the group as it was when it was put in.
  static constexpr std::memory_order kPut = std::memory_order_release;     // pairs with kRedeem
  static constexpr std::memory_order kRedeem = std::memory_order_acquire;  // pairs with kPut
  // The group has been taken out, or not: nobody learns anything else.
  static constexpr std::memory_order kTakeOut = std::memory_order_relaxed;
};

// What stands for a group in the pool's queues. A group that has no use for it any more leaves it there, empty, and the next
// group of the worker that has published it puts itself in: so the queues hold no more tickets than there were groups at once.
// Held by the queue, and by the group or the worker.
class Ticket {
  using Orders = StdSync::Traits<TicketOrders>;

 public:
  Ticket(Group& group, Worker* publisher, Level level)
      : publisher_(publisher), level_(level), group_(&group) {
    holders_.add();
  }

  Worker* publisher() const { return publisher_; }
  Level level() const { return level_; }

  // By the group, or for it. False: the ticket is no longer in a queue.
  bool put(Group& group) {
    Group* empty = nullptr;
    return group_.compare_exchange_strong(empty, &group, Orders::kPut, Orders::kTakeOut);
  }
  bool take_out(Group& group) {
    Group* here = &group;
    return group_.compare_exchange_strong(here, nullptr, Orders::kTakeOut, Orders::kTakeOut);
  }
  // By who has taken it out of a queue: the group that is to be served, or nullptr.
  Group* redeem() { return group_.exchange(redeemed(), Orders::kRedeem); }

  void drop() {
    if (holders_.drop()) delete this;
  }

  Ticket* next = nullptr;  // of the group's, or of the worker's

 private:
  ~Ticket() = default;
  Group* redeemed() { return reinterpret_cast<Group*>(this); }

  RefCount<StdSync> holders_;
  Worker* const publisher_;
  const Level level_;
  StdSync::atomic<Group*> group_;
};

}  // namespace sched
