// RefCount, OwnerFlag, Counter: small classes that hand memory from one thread to another.
#include <memory>

#include "core/pool/counters.h"
#include "core/queue/deque.h"
#include "core/queue/owner.h"
#include "core/sync/ref_count.h"
#include "tests/model/engine/policy.h"
#include "tests/model/engine/scenario.h"
#include "tests/model/scenarios/items.h"

namespace model {
namespace {

struct Shared {
  sched::RefCount<ModelSync> references;
  Plain<int> written[3];

  // A holder's last act.
  void leave(int holder) {
    written[holder] = 1;
    if (!references.drop()) return;
    check(written[0] + written[1] + written[2] == 3, "the last one does not see what was done");
    delete this;
  }
};

SCENARIO(ref_count_last_drop, .bound = 4, .deep_bound = 5, .kills = {"RefCountOrders"}) {
  auto* const object = new Shared;
  name(*object, "object");
  object->references.add();
  object->references.add();
  const Thread first([&] { object->leave(1); });
  const Thread second([&] {
    object->references.add();
    check(!object->references.drop(), "a reference was left");
    object->leave(2);
  });
  object->leave(0);
}

SCENARIO(owner_flag_in_turn, .bound = 4, .deep_bound = 6, .kills = {"OwnerOrders"}) {
  struct Owned {
    sched::OwnerFlag flag;
    Plain<int> value{0};
    int entered = 0;
  };
  Owned owned;
  name(owned, "owned");
  const auto body = [&owned] {
    const sched::OwnerFlag::Hold hold(owned.flag);
    if (!hold) return;
    ++owned.value;
    ++owned.entered;
  };
  {
    const Thread first(body);
    const Thread second(body, first);
    body();
  }
  check(owned.value == owned.entered, "an owner did not see what another one did");
  check(owned.entered != 0, "all were refused");
}

// The owner's side of a deque, used by two threads, while a third one steals.
SCENARIO(owner_flag_deque, .bound = 3, .deep_bound = 4) {
  Items items(2);
  sched::Deque<ModelSync, 2> deque(sched::Flavor::kLifo);
  sched::OwnerFlag flag;
  name(deque, "deque");
  name(flag, "flag");
  bool pushed[2] = {};
  const auto own = [&](std::size_t number) {
    const sched::OwnerFlag::Hold hold(flag);
    if (!hold) return;
    pushed[number - 1] = true;
    check(deque.push(items.make(number)) == sched::PushStatus::kOk, "a push failed");
    void* item = nullptr;
    if (number == 2 && deque.pop(item) == sched::StealStatus::kSuccess) items.take(item);
  };
  {
    const Thread first([&] { own(1); });
    const Thread second([&] { own(2); });
    void* item = nullptr;
    if (deque.steal(item) == sched::StealStatus::kSuccess) items.take(item);
  }
  void* item = nullptr;
  while (deque.pop(item) == sched::StealStatus::kSuccess) items.take(item);
  for (const std::size_t number : {1u, 2u}) {
    check(items.taken(number) == pushed[number - 1], "an item was lost");
  }
}

// Who sees something counted sees what was done before.

SCENARIO(counter_one_writer, .bound = 4, .deep_bound = 6, .kills = {"CounterOrders"}) {
  sched::Counter counter;
  Plain<int> done[2];
  name(counter, "counter");
  name(done, "done");
  const Thread writer([&] {
    for (auto& one : done) {
      one = 1;
      counter.add(false);
    }
  });
  const std::uint64_t count = counter.get();
  check(count <= 2, "more was counted than done");
  for (std::uint64_t i = 0; i < count; ++i) check(done[i] == 1, "what was counted was not done");
}

SCENARIO(counter_two_writers, .bound = 4, .deep_bound = 6, .kills = {"CounterOrders"}) {
  sched::Counter counter;
  Plain<int> done[2];
  name(counter, "counter");
  name(done, "done");
  const auto writer = [&](std::size_t i) {
    done[i] = 1;
    counter.add(true);
  };
  const Thread first([&] { writer(0); });
  const Thread second([&] { writer(1); });
  if (counter.get() == 2) check(done[0] + done[1] == 2, "what was counted was not done");
}

}  // namespace
}  // namespace model
