#include <vector>

#include "core/pool/batch_slice.h"
#include "tests/model/scenarios/parties.h"

namespace model {
namespace {

using sched::Batch;
using sched::Group;
using sched::Level;
using sched::Pool;

// A batch on a pool without workers. A call runs so many items at most, and leaves the rest.
class Bakery {
 public:
  static constexpr int kItems = 3;

  explicit Bakery(std::size_t per_call) : per_call_(per_call), items_(kItems) {
    install_system();
    pool_ = new Pool(pool_of(0));
    name(*pool_, "pool");
    for (int number = 0; number < kItems; ++number) {
      entries_[number].bakery = this;
      entries_[number].number = number;
    }
    check(Group::create(group_, *pool_, {}, nullptr) == LIBSCHED_OK, "a group could not be made");
    name(*group_, "group");
    batch_ = Batch::create(*pool_, &run_many, &discard, 4);
    name(*batch_, "batch");
  }
  ~Bakery() {
    drop_batch();
    group_->abandon();
    pool_->abandon();
  }
  Bakery(const Bakery&) = delete;
  Bakery& operator=(const Bakery&) = delete;

  Pool& pool() { return *pool_; }
  Group& group() { return *group_; }
  // A call gives back what it will not run before it runs the others.
  void give_back_at_once() { gives_back_ = true; }
  void drop_batch() {
    if (batch_ != nullptr) batch_->drop(1);
    batch_ = nullptr;
  }

  // Into the group, or into the batch's own.
  bool try_submit(int first, int count, bool own = false) {
    void* data[kItems];
    for (int i = 0; i < count; ++i) {
      items_.make(static_cast<std::size_t>(first + i) + 1);
      data[i] = &entries_[first + i];
    }
    std::size_t accepted = 0;
    const sched::Status status =
        batch_->submit_n(own ? nullptr : group_, Level::kNormal, data,
                         static_cast<std::size_t>(count), {}, accepted, nullptr);
    for (std::size_t i = 0; i < accepted; ++i) {
      entries_[static_cast<std::size_t>(first) + i].accepted = true;
    }
    return status == LIBSCHED_OK;
  }
  void submit(int first, int count, bool own = false) {
    check(try_submit(first, count, own), "a submit failed");
  }

  int wait() {
    int code = 0;
    const sched::Status status = group_->wait(code, false, -1, nullptr, nullptr);
    check(status == (code == 0 ? LIBSCHED_OK : LIBSCHED_E_FAILED), "a wait has failed");
    use_stack();
    return code;
  }

  // What the caller knows: all that was accepted has ended, and nothing else.
  void check_ended() {
    for (const Entry& entry : entries_) {
      check((entry.result != kNothing) == entry.accepted, "an item was lost");
    }
  }
  void check_order() const {
    for (int i = 0; i < kItems; ++i) check(order_[i] == i, "the items are out of order");
  }

 private:
  enum Result : int { kNothing, kRan, kDiscarded };
  struct Entry {
    Bakery* bakery = nullptr;
    int number = 0;
    bool accepted = false;
    Plain<int> result{kNothing};
  };

  static std::size_t run_many(libsched_task* task, void* const* data, std::size_t count, int*) {
    Bakery& bakery = *static_cast<Entry*>(data[0])->bakery;
    if (bakery.gives_back_ && count > bakery.per_call_) {
      check(task->slice->give_back(bakery.per_call_) == LIBSCHED_OK, "items were not taken back");
    }
    const std::size_t run = std::min(bakery.per_call_, count);
    for (std::size_t i = 0; i < run; ++i) bakery.end(*static_cast<Entry*>(data[i]), kRan);
    return run;
  }
  static void discard(void* data) {
    Entry& entry = *static_cast<Entry*>(data);
    entry.bakery->end(entry, kDiscarded);
  }
  void end(Entry& entry, Result result) {
    items_.take_word(static_cast<std::uint64_t>(entry.number) + 1);
    entry.result = result;
    order_[ended_++] = entry.number;
  }

  const std::size_t per_call_;
  bool gives_back_ = false;
  Items items_;
  Pool* pool_ = nullptr;
  Group* group_ = nullptr;
  Batch* batch_ = nullptr;
  Entry entries_[kItems];
  // By any thread: only one runs at a time.
  int order_[kItems] = {-1, -1, -1};
  int ended_ = 0;
};

// A call that returns early hands the rest back to the head of the queue, while somebody submits to its end. One thread runs
// them all, in the order of the submits.
SCENARIO(batch_hand_back_against_submit, .bound = 2, .deep_bound = 3, .random = 3000, .pct = 3000) {
  Bakery bakery(1);
  bakery.submit(0, 2);
  check(bakery.group().enter() == LIBSCHED_OK, "an open group takes no member");
  {
    Thread submitter([&] {
      bakery.submit(2, 1);
      check(bakery.group().leave(0) == LIBSCHED_OK, "a member could not leave");
    });
    check(bakery.wait() == 0, "nothing has failed");
  }
  bakery.check_ended();
  bakery.check_order();
}

// The same with two threads that run them: one waits, the other takes tickets.
SCENARIO(batch_hand_back_against_ticket, .bound = 2, .deep_bound = 3, .random = 3000, .pct = 3000) {
  Bakery bakery(1);
  bakery.submit(0, 3);
  Thread host([&] {
    while (bakery.pool().run_one() == LIBSCHED_OK) {
    }
  });
  check(bakery.wait() == 0, "nothing has failed");
  bakery.check_ended();
}

// What was handed back is discarded, when the group was cancelled meanwhile.
SCENARIO(batch_hand_back_against_cancel, .bound = 2, .deep_bound = 3, .random = 3000, .pct = 3000) {
  Bakery bakery(1);
  bakery.submit(0, 2);
  Thread canceller([&] { bakery.group().cancel(); });
  const bool third = bakery.try_submit(2, 1);
  const int code = bakery.wait();
  check(code == LIBSCHED_E_CANCELLED || (code == 0 && third), "the wait has another code");
  bakery.check_ended();
}

// What a call gives back while it runs is run by another thread meanwhile, or by the same after it; also in a pool that closes.
SCENARIO(batch_give_back_against_shutdown, .bound = 1, .deep_bound = 2, .random = 3000,
         .pct = 3000) {
  Bakery bakery(1);
  bakery.give_back_at_once();
  bakery.submit(0, 3);
  {
    Thread host([&] {
      while (bakery.pool().run_one() == LIBSCHED_OK) {
      }
    });
    check(bakery.pool().shutdown(false, -1, nullptr, nullptr) == LIBSCHED_OK, "no shutdown");
  }
  bakery.check_ended();
}

// The last that holds the batch is an item in the batch's own group, and is discarded, or run.
SCENARIO(batch_last_item, .bound = 2, .deep_bound = 3, .random = 2000, .pct = 2000) {
  Bakery bakery(1);
  bakery.submit(0, 2, true);
  bakery.drop_batch();
  {
    Thread host([&] { static_cast<void>(bakery.pool().run_one()); });
    check(bakery.pool().shutdown(true, -1, nullptr, nullptr) == LIBSCHED_OK, "no shutdown");
  }
  bakery.check_ended();
}

}  // namespace
}  // namespace model
